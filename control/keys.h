// The key ring of the sealed tokens when the configuration names none: random keys made once and
// kept in STATEDIR/token.keys, so that dialogs outlive a restart.
#pragma once

#include "dataplane/base/error.h"
#include "dataplane/sip/token.h"

// Reads the file, or makes one key and the file. A file that is there but damaged is an error:
// nothing guesses about keys. *n = rows filled.
int keys_load(const char *dir, struct token_key keys[TOKEN_KEYS_MAX], unsigned *n, struct error *e);
