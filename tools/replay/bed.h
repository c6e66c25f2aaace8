// The configuration spry-replay has when none is given.
#pragma once

extern const char bed_config[];
