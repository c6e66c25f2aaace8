// A line of `location import`: what is taken is written and read again as the same.
#include "control/binding_text.h"
#include "tests/fuzz/oracle.h"

enum { OFFSET = 1795000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char text[BINDING_TEXT_MAX], again[BINDING_TEXT_MAX], rooms[2][BINDING_TEXT_MAX];
	struct location_contact a, b;
	struct error e;
	size_t n;

	if (len > BINDING_TEXT_MAX || binding_text_read((struct str){(const char *)data, len},
	                                      OFFSET, &a, rooms[0], &e) != 0)
		return 0;
	n = binding_text_write(&a, NULL, OFFSET, text);
	oracle(n > 0);
	oracle(binding_text_read((struct str){text, n}, OFFSET, &b, rooms[1], &e) == 0);
	oracle(str_eq(a.aor, b.aor) && str_eq(a.uri, b.uri) && str_eq(a.path, b.path));
	oracle(a.leg == b.leg && a.q == b.q && a.flags == b.flags && a.cseq == b.cseq);
	oracle(binding_text_write(&b, NULL, OFFSET, again) == n && memcmp(text, again, n) == 0);
	return 0;
}
