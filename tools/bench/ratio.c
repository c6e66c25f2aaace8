// Table and JSON: see ratio.h.
#include "tools/bench/ratio.h"

#include <stdlib.h>

static int by_core(const void *a, const void *b)
{
	const struct figure *x = a, *y = b;

	return x->per_core < y->per_core ? -1 : x->per_core > y->per_core;
}

void ratio_sort(struct ratio_table *t)
{
	for (unsigned i = 0; i < t->n; i++)
		qsort(t->row[i].run, t->row[i].n, sizeof(t->row[i].run[0]), by_core);
}

const struct figure *ratio_figure(const struct ratio_table *t, const struct ratio_row *row)
{
	if (row->n == 0)
		return NULL;
	return &row->run[t->best ? row->n - 1 : row->n / 2];
}

// Our row for that work; the limit of I/O is compared with the plain INVITE.
static const struct figure *ours(const struct ratio_table *t, enum peer_kind kind)
{
	const enum peer_kind same = kind == PEER_WIRE ? PEER_FORWARD : kind;

	for (unsigned i = 0; i < t->n; i++)
		if (t->row[i].peer->ours && t->row[i].peer->kind == same)
			return ratio_figure(t, &t->row[i]);
	return NULL;
}

double ratio_of(const struct ratio_table *t, const struct ratio_row *row)
{
	const struct figure *us = ours(t, row->peer->kind), *it = ratio_figure(t, row);

	if (us == NULL || it == NULL || it->per_core <= 0 || row->peer->ours)
		return 0;
	return us->per_core / it->per_core;
}

void ratio_format(double n, char out[static 16])
{
	const char *unit = "";

	if (n >= 999500) {
		n /= 1e6;
		unit = " M";
	} else if (n >= 9995) {
		n /= 1e3;
		unit = " k";
	}
	snprintf(out, 16, "%.*f%s", n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2, n, unit);
}

static void print_row(const struct ratio_table *t, const struct ratio_row *row, FILE *out)
{
	const struct figure *f = ratio_figure(t, row);
	const double ratio = ratio_of(t, row);
	char core[16], least[16], most[16], times[16] = "-", split[32] = "";

	if (f == NULL) {
		fprintf(out, "%-23s %s%s\n", row->peer->name,
		        row->absent ? "not installed: " : "no figure: ",
		        row->absent ? row->peer->package : row->why.text);
		return;
	}
	ratio_format(f->per_core, core);
	ratio_format(row->run[0].per_core, least);
	ratio_format(row->run[row->n - 1].per_core, most);
	if (ratio > 0)
		snprintf(times, sizeof(times), ratio < 1 ? "%.2f" : "%.1f", ratio);
	if (f->user_ns + f->kernel_ns > 0)
		snprintf(split, sizeof(split), " (%.0f + %.0f)", f->user_ns, f->kernel_ns);
	fprintf(out, "%-23s %8s  %8s to %-8s %9.0f%-17s %7s  %s\n", row->peer->name, core, least,
	        most, f->ns, split, times, row->peer->what);
}

void ratio_print(const struct ratio_table *t, FILE *out)
{
	fprintf(out, "%-23s %8s  %-20s %9s%-17s %7s  %s\n", "", "msg/s", "least to most", "ns/msg",
	        " (user + kernel)", "spry is", "");
	fprintf(out, "%-23s %8s  %-20s %9s%-17s %7s  %s\n", "peer", "a core", "of the runs", "", "",
	        "times", "what it does");
	for (unsigned i = 0; i < t->n; i++)
		print_row(t, &t->row[i], out);
}

static json_t *row_json(const struct ratio_table *t, const struct ratio_row *row)
{
	static const char *const kinds[] = {
	        [PEER_FORWARD] = "forward", [PEER_LOOKUP] = "lookup", [PEER_WIRE] = "wire"};
	const struct figure *f = ratio_figure(t, row);
	const double ratio = ratio_of(t, row);
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(row->peer->name));
	json_object_set_new(o, "kind", json_string(kinds[row->peer->kind]));
	json_object_set_new(o, "what", json_string(row->peer->what));
	json_object_set_new(o, "runs", json_integer(row->n));
	if (f == NULL) {
		json_object_set_new(o, "error",
		        row->absent ? json_sprintf("not installed: %s", row->peer->package)
		                    : json_string(row->why.text));
		return o;
	}
	json_object_set_new(o, "per_core", json_real(f->per_core));
	json_object_set_new(o, "per_core_min", json_real(row->run[0].per_core));
	json_object_set_new(o, "per_core_max", json_real(row->run[row->n - 1].per_core));
	json_object_set_new(o, "rate", json_real(f->rate));
	json_object_set_new(o, "ns", json_real(f->ns));
	json_object_set_new(o, "user_ns", json_real(f->user_ns));
	json_object_set_new(o, "kernel_ns", json_real(f->kernel_ns));
	json_object_set_new(o, "lost", json_real(f->lost));
	json_object_set_new(o, "ratio", ratio > 0 ? json_real(ratio) : json_null());
	return o;
}

json_t *ratio_json(const struct ratio_table *t)
{
	json_t *rows = json_array();

	for (unsigned i = 0; i < t->n; i++)
		json_array_append_new(rows, row_json(t, &t->row[i]));
	return json_pack("{s:b, s:o}", "best", t->best, "peers", rows);
}
