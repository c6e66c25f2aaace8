// Writes the Contact fields of an answer to a REGISTER.
#include "dataplane/table/binding.h"

enum { Q_ONE = 1000 };

static void write_q(struct writer *out, unsigned q)
{
	const char text[3] = {
	        (char)('0' + q / 100 % 10), (char)('0' + q / 10 % 10), (char)('0' + q % 10)};
	size_t n = 3;

	if (q >= Q_ONE) // what it means when it is not said
		return;
	while (n > 1 && text[n - 1] == '0')
		n--;
	writer_str(out, STR(";q=0."));
	writer_str(out, (struct str){text, n});
}

void binding_write(struct writer *out, const struct location_contact *c, uint32_t now_s,
        struct token_ring *gruu)
{
	writer_str(out, STR("Contact: <"));
	writer_str(out, c->uri);
	writer_str(out, STR(">;expires="));
	writer_decimal(out, c->expires_s > now_s ? c->expires_s - now_s : 0);
	write_q(out, c->q);
	if (c->instance.len > 0) {
		writer_str(out, STR(";+sip.instance=\""));
		writer_str(out, c->instance);
		writer_str(out, STR("\""));
	}
	if (c->reg_id != 0) {
		writer_str(out, STR(";reg-id="));
		writer_decimal(out, c->reg_id);
	}
	writer_str(out, c->params);
	if (gruu != NULL)
		gruu_write(out, c, gruu);
	writer_str(out, STR("\r\n"));
}

uint64_t binding_id(const struct location_contact *c)
{
	struct hash_state h;

	hash_start_13(&h, (struct hash_key){0, 0});
	hash_add_str(&h, c->uri);
	hash_add_str(&h, c->call_id);
	return hash_end(&h);
}

static bool comes_before(const struct location_contact *a, const struct location_contact *b)
{
	return a->q != b->q ? a->q > b->q : a->registered_s > b->registered_s;
}

void binding_sort(struct location_contact *contacts, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		struct location_contact c = contacts[i];
		unsigned at = i;

		for (; at > 0 && comes_before(&c, &contacts[at - 1]); at--)
			contacts[at] = contacts[at - 1];
		contacts[at] = c;
	}
}
