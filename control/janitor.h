// A child that stays root to do one thing after spryd dropped its privileges: unmount the region's
// huge pages at a clean stop. It reads one byte and ends; it ends without doing anything when spryd
// died, because the pages then hold what the dataplane and the next spryd go on with.
#pragma once

#include <sys/types.h>

#include "dataplane/table/root.h"

struct janitor {
	int fd; // writing one byte is the order; 0 = there is none
	pid_t pid;
};

int janitor_start(struct janitor *j, struct region *r, struct error *e);
// Gives the order and waits until it is carried out. Nothing without a janitor.
void janitor_clean(struct janitor *j);
