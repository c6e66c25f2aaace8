// Makes and opens GRUUs.
#include "dataplane/table/gruu.h"

#include "dataplane/sip/charset.h"

static const struct hash_key public_key; // names a binding, hides nothing: the token does

// Of a temporary GRUU: it is of one instance as long as that one's Call-ID stays.
static uint64_t gruu_id(const struct location_contact *c)
{
	struct hash_state h;

	hash_start_13(&h, public_key);
	hash_add_str(&h, c->instance);
	hash_add_str(&h, c->call_id);
	return hash_end(&h);
}

// The instance as the value of a `gr` parameter: without <>. Empty when it can't be one.
static struct str urn_of(struct str instance)
{
	struct str urn;

	if (instance.len <= 2 || instance.p[0] != '<' || instance.p[instance.len - 1] != '>')
		return STR_NONE;
	urn = (struct str){instance.p + 1, instance.len - 2};
	return charset_span_escaped(urn, CHARSET_PARAM) == urn.len ? urn : STR_NONE;
}

static void write_temporary(
        struct writer *out, const struct location_contact *c, struct token_ring *ring)
{
	const size_t host = str_find(c->aor, '@');
	struct token t = {.kind = TOKEN_GRUU, .branch = gruu_id(c), .loop = c->cseq};
	char text[TOKEN_TEXT_MAX];

	if (c->aor.len > TOKEN_AOR_MAX)
		return;
	t.name_len = (uint8_t)c->aor.len;
	memcpy(t.name, c->aor.p, c->aor.len);
	writer_str(out, STR(";temp-gruu=\"sip:" GRUU_USER));
	writer_str(out, (struct str){text, token_seal(ring, &t, STR_NONE, text)});
	writer_str(out, str_skip(c->aor, host));
	writer_str(out, STR(";gr\""));
}

void gruu_write(struct writer *out, const struct location_contact *c, struct token_ring *ring)
{
	const struct str urn = urn_of(c->instance);

	if (urn.len == 0 || str_find(c->aor, '@') == c->aor.len)
		return;
	writer_str(out, STR(";pub-gruu=\"sip:"));
	writer_str(out, c->aor);
	writer_str(out, STR(";gr="));
	writer_str(out, urn);
	writer_str(out, STR("\""));
	write_temporary(out, c, ring);
}

enum gruu_found gruu_open(struct token_ring *ring, const struct uri *u, struct gruu *out)
{
	const struct str prefix = STR(GRUU_USER);
	struct token t;

	if (!uri_param(u, STR("gr"), &out->instance))
		return GRUU_ABSENT;
	if (out->instance.len > 0)
		return GRUU_PUBLIC;
	if (!str_eq_nocase(str_head(u->user, prefix.len), prefix))
		return GRUU_ABSENT;
	if (!token_open(ring, TOKEN_GRUU, str_skip(u->user, prefix.len), STR_NONE, &t))
		return GRUU_FORGED;
	out->id = t.branch;
	out->aor_len = t.name_len;
	memcpy(out->aor, t.name, t.name_len);
	return GRUU_TEMPORARY;
}

bool gruu_is(enum gruu_found kind, const struct gruu *g, const struct location_contact *c)
{
	switch (kind) {
	case GRUU_PUBLIC:
		return charset_eq_escaped(urn_of(c->instance), g->instance, true);
	case GRUU_TEMPORARY:
		return c->instance.len > 0 && gruu_id(c) == g->id;
	case GRUU_ABSENT:
	case GRUU_FORGED:
		break;
	}
	return kind == GRUU_ABSENT;
}
