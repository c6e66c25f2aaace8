// Any bytes as a token: none opens. Any bytes as the context and fields of one: it opens again. And
// an empty edit list copies any bytes as they are.
#include "dataplane/sip/edit.h"
#include "dataplane/sip/token.h"
#include "tests/fuzz/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct token_key key = {.usable = 1, .mac = {1, 2}, .cipher = "fuzz"};
	static struct token_ring *ring;
	static struct edit_list l;
	static char out[1 << 16];
	struct str in = {(const char *)data, size < sizeof(out) ? size : sizeof(out)};
	struct token t, sealed = {.kind = TOKEN_VIA};
	char text[TOKEN_TEXT_MAX];
	struct str sealed_text;

	if (ring == NULL)
		ring = token_ring_create(&key, 1);
	for (int kind = TOKEN_VIA; kind <= TOKEN_CONTACT; kind++)
		oracle(!token_open(ring, (enum token_kind)kind, in, STR("fuzz"), &t));
	memcpy(&sealed.branch, data, size < 8 ? size : 8);
	sealed_text = (struct str){text, token_seal(ring, &sealed, in, text)};
	oracle(token_open(ring, TOKEN_VIA, sealed_text, in, &t) && t.branch == sealed.branch);
	edit_start(&l);
	oracle(edit_apply(&l, in, out, sizeof(out)) == in.len && memcmp(out, data, in.len) == 0);
	return 0;
}
