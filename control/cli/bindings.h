// `spry location export|import`: bindings as lines of text (control/binding_text.h).
#pragma once

#include <stdbool.h>

// Whether the words are one of these.
bool bindings_command_is(int argc, char **argv);
// Words behind `location`; exit status.
int bindings_command(const char *run_dir, int argc, char **argv);
