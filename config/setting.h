// The values of one setting: for the files of this folder only.
#pragma once

#include <stdbool.h>

#include "config/node.h"

bool setting_has(const struct setting *s, const char *value);
// One more value, at the end; false when there is no memory. Not for one it has.
bool setting_add(struct setting *s, const char *value);
// False when it is not there.
bool setting_remove(struct setting *s, const char *value);
void setting_clear(struct setting *s);
// `to` is empty: all values of `from`, in their order.
bool setting_copy(struct setting *to, const struct setting *from);
