// A file of `spry user import`: fields lie in their line, reading comes to its end, and a row that
// is taken, written with all fields quoted, is taken as the same.
#include "control/cli/csv.h"
#include "tests/fuzz/oracle.h"

enum { LINE_MAX_BYTES = 65536 };

static void put_quoted(FILE *f, struct str field)
{
	fputc('"', f);
	for (size_t i = 0; i < field.len; i++) {
		if (field.p[i] == '"')
			fputc('"', f);
		fputc(field.p[i], f);
	}
	fputc('"', f);
}

static void check_again(const struct str *field, int n)
{
	struct str again[CSV_FIELDS];
	struct error e = {0};
	struct csv c = {0};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (int i = 0; i < n; i++) {
		if (i > 0)
			fputc(',', f);
		put_quoted(f, field[i]);
	}
	fclose(f);
	if (len <= LINE_MAX_BYTES) {
		c.f = fmemopen(text, len, "r");
		oracle(csv_row(&c, again, &e) == n);
		for (int i = 0; i < n; i++)
			oracle(str_eq(field[i], again[i]));
		oracle(csv_row(&c, again, &e) == 0);
		fclose(c.f);
		csv_clear(&c);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv c = {.f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL};
	struct str field[CSV_FIELDS];
	struct error e;
	int n = 0;

	if (c.f == NULL)
		return 0;
	do {
		const unsigned long long line = c.number;

		e = (struct error){0};
		n = csv_row(&c, field, &e);
		oracle(n >= -1 && n <= CSV_FIELDS && c.bytes <= size);
		oracle(n == 0 || c.number > line);
		oracle(n >= 0 || e.text[0] != '\0');
		for (int i = 0; i < n; i++)
			oracle(oracle_inside(field[i], (struct str){c.line, c.room}));
		if (n > 0)
			check_again(field, n);
	} while (n != 0);
	fclose(c.f);
	csv_clear(&c);
	return 0;
}
