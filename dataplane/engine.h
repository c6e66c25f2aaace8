// Engines: what a worker does with its ports, as test-pmd's forwarding modes. One row an engine.
#pragma once

struct worker;

struct engine {
	const char *name;
	unsigned (*turn)(struct worker *w); // one burst from every port and ring; packets handled
};
extern const struct engine engines[]; // by enum setup_engine, ended by name NULL
