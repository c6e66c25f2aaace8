// What takes seconds in building a configuration (compiling a thousand patterns) is done on a
// thread before, so that the loop goes on: heartbeats, registrar and operators don't wait.
#pragma once

#include <event2/event.h>

#include "config/tree.h"

struct compile;

// Starts for a tree that passed check() and stays as it is until `done` is called, from the loop.
// NULL when there is nothing to wait for (or no thread can be had): `done` is not called. One at a
// time.
struct compile *compile_start(
        struct event_base *base, const struct tree *t, void (*done)(void *arg), void *arg);
// In `done`, or before it: then it waits for the thread, and `done` is not called.
void compile_end(struct compile *c);
