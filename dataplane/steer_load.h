// When a worker steers, and how much: what steer.c and steer_load.c know together.
#pragma once

#include "dataplane/steer.h"

enum {
	STEER_TIME_SHIFT = 10, // TSC to the spread's unit of time: it wraps after half an hour
	STEER_EXEMPT = 0x100,  // in the mbuf's port: policy_source() exempted it
};

// Takes up which legs' messages stay in this worker, of the running configuration.
void steer_legs(const struct worker *w, struct steer *s);
