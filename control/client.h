// Clients on the Unix socket. One JSON object a line.
//
//   {"line": "show leg", "format": "json", "differs": true}   a command (the line alone will do)
//   {"complete": "show le"}                                   what fits next
//
// Answers to a command: any number of {"text": "..."}, at most one {"error": "...", "column": 6},
// and at the end {"done": 0, "differs": false}: the status (1 = refused), and, for who asked,
// whether the candidate differs from what runs. Answers to a completion: any number of {"word":
// "leg", "help": "...", "placeholder": false}, and at the end {"done": 0, "from": 6}: the column
// where the word starts.
//
// A client that does not read stops only itself: what it asked for is made as it reads.
#pragma once

#include "control/control.h"

struct client_list *client_listen(struct control *c, const char *path, struct error *e);
void client_close(struct client_list *l);
