// Lines for the interactive mode: by libedit on a terminal (history, TAB), else as they come.
#pragma once

#include "tools/bench/session.h"

// Until the end of the input or `quit`. From a pipe or a file the first command that fails ends it.
// The exit status.
int console_run(struct session *s);
