// The highest rate a device passes, by trials (RFC 2544 §26.1: binary search).
#pragma once

#include <stdbool.h>

enum search_answer {
	SEARCH_PASS,
	SEARCH_FAIL,
	SEARCH_STOP, // no more trials: interrupted, or something broke
};
typedef enum search_answer (*search_fn)(void *arg, double rate);

struct search {
	double guess;      // first rate tried
	double most;       // none above is tried
	double resolution; // ends when passed and failed rate are that near, part of the rate
	unsigned max_trials;
};

struct search_result {
	double rate;   // highest passed, 0 = none did
	double failed; // lowest failed, 0 = none did: the device may do more than `most`
	unsigned trials;
	bool stopped;
};

struct search_result search_run(const struct search *s, search_fn try, void *arg);
