// The location table's part of fuzz_shm.
#pragma once

#include "dataplane/table/root.h"

// A sound table with changes (8 bytes each: section, width, offset, value): readers, then recovery
// and the writer. `root` may say anything.
void shm_location(const uint8_t *data, size_t size, const struct root *root);
