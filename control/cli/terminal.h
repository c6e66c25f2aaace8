// The interactive client: line editing by libedit, TAB completes and ? helps with what spryd says.
#pragma once

#include "control/cli/connection.h"

// Until quit, end of input, or spryd goes away. Exit status.
int terminal_run(struct connection *c);
