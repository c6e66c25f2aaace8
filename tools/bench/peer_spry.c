// spry itself: `spry-bench run SCENARIO --json`, a program of its own with all it starts, so that
// it is measured as a person measures it.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dataplane/base/now.h"
#include "tools/bench/blast.h"
#include "tools/bench/child.h"
#include "tools/bench/peer.h"

enum { LIMIT_S = 240, END_MS = 5000, WORDS_MAX = 20 };

static bool wait_for(struct child *c)
{
	const uint64_t until = now_ns() + LIMIT_S * 1000000000ull;

	while (child_alive(c) && now_ns() < until && !blast_stop)
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	return !child_alive(c);
}

static double real_of(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static int failed(const char *log, struct error *e)
{
	char last[200];

	child_last_words(log, last);
	return error_set(e, "%s", last[0] != '\0' ? last : "spry-bench run printed no JSON");
}

static int read_figure(const char *path, const char *log, struct figure *out, struct error *e)
{
	json_t *o = json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
	int rc = 0;

	*out = (struct figure){
	        .rate = real_of(o, "rate"), .per_core = real_of(o, "rate"), .ns = real_of(o, "ns")};
	if (o == NULL)
		rc = failed(log, e);
	else if (out->rate <= 0)
		rc = error_set(e, "spry-bench run found no rate without loss");
	json_decref(o);
	return rc;
}

int peer_spry(
        const struct peer *peer, const struct peer_plan *plan, struct figure *out, struct error *e)
{
	char json[300], errors[300], seconds[16], bindings[16], cores[2][16];
	const char *words[WORDS_MAX] = {"/proc/self/exe", "run", peer->variant, "--json", "--quiet",
	        "--runs", "1", "--seconds", seconds, "--generator-cores", cores[0], "--proxy-cores",
	        cores[1], peer->kind == PEER_LOOKUP ? "--bindings" : NULL, bindings, NULL};
	struct child c;
	int rc = -1;

	snprintf(json, sizeof(json), "%s/%s.json", plan->scratch, peer->name);
	snprintf(errors, sizeof(errors), "%s/%s.log", plan->scratch, peer->name);
	snprintf(bindings, sizeof(bindings), "%u", plan->bindings);
	snprintf(seconds, sizeof(seconds), "%.0f", plan->measure_s);
	snprintf(cores[0], sizeof(cores[0]), "%d", plan->load_core);
	snprintf(cores[1], sizeof(cores[1]), "%d", plan->peer_core);
	if (child_start(&c,
	            &(struct child_plan){.argv = words, .core = -1, .log = json, .errors = errors},
	            e) < 0)
		return -1;
	if (wait_for(&c))
		rc = read_figure(json, errors, out, e);
	else
		error_set(
		        e, blast_stop ? "stopped" : "spry-bench run takes more than %d s", LIMIT_S);
	child_end(&c, END_MS);
	return rc;
}
