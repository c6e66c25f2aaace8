// A network of our own with nothing but a loopback, so that ports are free and nobody else's
// packets, firewall or routes count.
#pragma once

// Moves the process (and what it starts) into a new network with its loopback up. What to give
// loopback_leave, or -1 when it is not allowed: then 127.0.0.1 is the machine's.
int loopback_enter(void);
void loopback_leave(int before);
