// Settings as lines of text: for the files of this folder only.
#pragma once

#include <stdio.h>

#include "config/node.h"

enum { LINE_PATH_MAX = 1024 };

// "port access vlan 100" from the parent's "port access".
void line_path(char out[LINE_PATH_MAX], const char *parent, const struct node *n);
// The lines of one setting, of all there is in an object. `start` is "set " or "+ set "; secrets
// are
// *** unless `secrets`.
void line_setting(
        FILE *f, const char *start, const char *path, const struct setting *s, bool secrets);
void line_object(FILE *f, const char *start, const char *path, const struct node *n, bool secrets);
