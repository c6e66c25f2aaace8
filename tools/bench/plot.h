// Pictures by gnuplot: what a measurement is for, at a glance.
#pragma once

#include "tools/bench/measure.h"

enum { PLOT_POINTS_MAX = 32 };

// One measurement more, at x of what was swept.
struct plot_point {
	double x;
	double rate; // messages/s
	double ns;   // a message
	double p50_us, p99_us;
};

struct plot {
	const char *file; // .svg or .png
	const char *title, *x_label;
	bool cost; // ns a message and rate over x; else latency over rate
	bool log_x;
	unsigned n;
	struct plot_point point[PLOT_POINTS_MAX];
};

// -1 when there is no gnuplot on this machine.
int plot_check(struct error *e);
int plot_draw(const struct plot *p, struct error *e);
