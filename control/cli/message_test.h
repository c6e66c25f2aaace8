// `test message FILE`: what the running configuration would make of a message, and why.
#pragma once

#include "control/cli/connection.h"

// Runs a line as connection_command does, but for `test message FILE [leg LEG] [from IP:PORT]`:
// that one asks spryd for its configuration and runs spry-replay with it, beside what runs.
int message_test_command(struct connection *c, const char *line, FILE *out);
