// Signals that end the program: what waits looks here, so that everything is cleaned up in order.
#pragma once

#include <stdbool.h>

void interrupt_init(void);
bool interrupt_seen(void);
// Sleeps; false when it was interrupted.
bool interrupt_nap(unsigned ms);
// The next line of the prompt begins anew: ^C there ends what runs, not the program.
void interrupt_forget(void);
