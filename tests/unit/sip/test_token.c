// Sealed tokens: what was sealed comes back, and nothing else opens.
#include "dataplane/sip/token.h"

#include "dataplane/base/aes.h"
#include "tests/unit/sip/view.h"

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

static const struct token_key keys[] = {
        {.epoch = 3, .usable = 1, .mac = {1, 2}, .cipher = "0123456789abcde"},
        {.epoch = 0},
        {.epoch = 15, .usable = 1, .mac = {3, 4}, .cipher = "fedcba987654321"},
};

static struct addr address(const char *text)
{
	struct addr a;

	assert_true(addr_parse(str_of(text), &a));
	return a;
}

// One of each layout, and the length of its text.
static const struct sample {
	struct token token;
	const char *addr;
	size_t len;
} samples[] = {
        {{.kind = TOKEN_VIA,
                 .leg_in = 1,
                 .leg_out = 0xfffe,
                 .branch = 0x0123456789abcdef,
                 .loop = 0xdeadbeef},
                NULL, 40},
        {{.kind = TOKEN_VIA}, NULL, 40},
        {{.kind = TOKEN_RECORD_ROUTE, .leg_in = 0x8000, .leg_out = 7}, NULL, 21},
        {{.kind = TOKEN_RECORD_ROUTE, .leg_in = 1, .leg_out = 2}, "192.0.2.200:40000", 31},
        {{.kind = TOKEN_RECORD_ROUTE, .leg_in = 1, .leg_out = 2}, "[2001:db8::99]:65535", 50},
        {{.kind = TOKEN_GRUU, .branch = 7, .loop = 9, .name_len = 3, .name = "a@b"}, NULL, 66},
        {{.kind = TOKEN_GRUU,
                 .branch = 0x0123456789abcdef,
                 .loop = 0xffffffff,
                 .name_len = TOKEN_AOR_MAX,
                 .name = {"0123456789abcdef0123456789abcdef0123456789abcdef012345"}},
                NULL, 120},
        {{.kind = TOKEN_CONTACT, .leg_in = 99}, "192.0.2.200:5060", 28},
        {{.kind = TOKEN_CONTACT, .leg_in = 99}, "192.0.2.200", 28},
        {{.kind = TOKEN_CONTACT, .leg_in = 0xffff}, "[2001:db8::99]:65535", 47},
        {{.kind = TOKEN_CONTACT, .leg_in = 5, .name_len = 1, .name = "a"}, NULL, 48},
        {{.kind = TOKEN_CONTACT,
                 .leg_in = 5,
                 .addr = {.port = 5066},
                 .name_len = 20,
                 .name = "sbc.edge.example.com"},
                NULL, 53},
        {{.kind = TOKEN_CONTACT,
                 .leg_in = 5,
                 .name_len = 64,
                 .name = {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},
                NULL, 124},
};
enum { N_SAMPLES = unit_rows(samples) };

static struct token sample(unsigned i)
{
	struct token t = samples[i].token;

	if (samples[i].addr != NULL)
		t.addr = address(samples[i].addr);
	return t;
}

static bool token_eq(const struct token *a, const struct token *b)
{
	return a->kind == b->kind && a->leg_in == b->leg_in && a->leg_out == b->leg_out &&
	       a->branch == b->branch && a->loop == b->loop && addr_eq(&a->addr, &b->addr) &&
	       a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

static int setup(void **state)
{
	*state = token_ring_create(keys, 3);
	return *state == NULL;
}

static int teardown(void **state)
{
	token_ring_destroy(*state);
	return 0;
}

static void comes_back(void **state)
{
	for (unsigned i = 0; i < N_SAMPLES; i++) {
		struct token t = sample(i), got;
		char text[TOKEN_TEXT_MAX], again[TOKEN_TEXT_MAX];
		size_t len = token_seal(*state, &t, STR("call-1"), text);
		struct str sealed = view_at_edge(0, (struct str){text, len});

		assert_int_equal(len, samples[i].len);
		for (size_t c = 0; c < len; c++)
			assert_non_null(memchr(digits, text[c], 32));
		assert_true(token_open(*state, t.kind, sealed, STR("call-1"), &got));
		assert_true(token_eq(&t, &got));
		assert_int_equal(token_seal(*state, &t, STR("call-1"), again), len);
		assert_memory_equal(text, again, len);
		for (size_t c = 0; c < len; c++) {
			if (again[c] >= 'a')
				again[c] = (char)(again[c] - 32);
		}
		assert_true(
		        token_open(*state, t.kind, (struct str){again, len}, STR("call-1"), &got));
		assert_true(token_eq(&t, &got));
	}
}

static void other_context_or_kind_does_not_open(void **state)
{
	static const enum token_kind kinds[] = {
	        0, TOKEN_VIA, TOKEN_RECORD_ROUTE, TOKEN_CONTACT, TOKEN_GRUU, 5};

	for (unsigned i = 0; i < N_SAMPLES; i++) {
		struct token t = sample(i), got;
		char text[TOKEN_TEXT_MAX];
		struct str sealed = {text, token_seal(*state, &t, STR("call-1"), text)};

		assert_false(token_open(*state, t.kind, sealed, STR("call-2"), &got));
		assert_false(token_open(*state, t.kind, sealed, STR("call-1x"), &got));
		assert_false(token_open(*state, t.kind, sealed, STR_NONE, &got));
		for (unsigned k = 0; k < unit_rows(kinds); k++) {
			if (kinds[k] != t.kind)
				assert_false(
				        token_open(*state, kinds[k], sealed, STR("call-1"), &got));
		}
	}
}

static void no_altered_text_opens(void **state)
{
	for (unsigned i = 0; i < N_SAMPLES; i++) {
		struct token t = sample(i), got;
		char text[TOKEN_TEXT_MAX + 2];
		size_t len = token_seal(*state, &t, STR("c"), text);

		for (size_t at = 0; at < len; at++) {
			char kept = text[at];

			for (int c = 0; c < 256; c++) {
				text[at] = (char)c;
				if (char_lower((char)c) == kept)
					continue;
				assert_false(token_open(
				        *state, t.kind, (struct str){text, len}, STR("c"), &got));
			}
			text[at] = kept;
		}
		for (size_t n = 0; n < len; n++)
			assert_false(
			        token_open(*state, t.kind, (struct str){text, n}, STR("c"), &got));
		for (unsigned d = 0; d < 32; d++) {
			text[len] = text[len + 1] = digits[d];
			assert_false(token_open(
			        *state, t.kind, (struct str){text, len + 1}, STR("c"), &got));
			assert_false(token_open(
			        *state, t.kind, (struct str){text, len + 2}, STR("c"), &got));
		}
	}
}

static void random_text_does_not_open(void **state)
{
	static const size_t lens[] = {40, 21, 28, 47};
	unsigned seed = 3;

	for (int i = 0; i < 50000; i++) {
		char text[TOKEN_TEXT_MAX];
		struct str s = {text, lens[i % 4]};
		struct token got;

		for (size_t c = 0; c < s.len; c++)
			text[c] = digits[rand_r(&seed) & 31];
		for (int kind = TOKEN_VIA; kind <= TOKEN_CONTACT; kind++) {
			// the first byte right: kind and epoch 3
			text[0] = digits[kind << 1];
			text[1] = digits[3 << 2 | (rand_r(&seed) & 3)];
			assert_false(token_open(*state, (enum token_kind)kind, s, STR("c"), &got));
		}
	}
	assert_false(token_open(
	        *state, TOKEN_VIA, view_repeat("", "a", 60000, ""), STR("c"), &(struct token){0}));
	assert_false(token_open(*state, TOKEN_VIA, STR_NONE, STR("c"), &(struct token){0}));
}

static void a_contact_is_hidden(void **state)
{
	struct token a = sample(3), b = a;
	char x[TOKEN_TEXT_MAX], y[TOKEN_TEXT_MAX];
	size_t same = 0, len;

	// one bit of the address changes the whole text but its first digit and a half
	b.addr.ip[3] ^= 1;
	len = token_seal(*state, &a, STR("c"), x);
	assert_int_equal(token_seal(*state, &b, STR("c"), y), len);
	for (size_t i = 0; i < len; i++)
		same += x[i] == y[i];
	assert_in_range(same, 1, 8);
}

static void keys_rotate(void **state)
{
	struct token_key next[] = {keys[2], keys[0]};
	struct token_ring *newer = token_ring_create(next, 2);
	struct token_ring *only = token_ring_create(next, 1);
	struct token t = sample(0), got;
	char old_text[TOKEN_TEXT_MAX], new_text[TOKEN_TEXT_MAX];
	struct str old_sealed, new_sealed;

	assert_non_null(newer);
	assert_non_null(only);
	old_sealed = (struct str){old_text, token_seal(*state, &t, STR("c"), old_text)};
	new_sealed = (struct str){new_text, token_seal(newer, &t, STR("c"), new_text)};
	assert_false(str_eq(old_sealed, new_sealed));
	assert_true(token_open(newer, TOKEN_VIA, old_sealed, STR("c"), &got));
	assert_true(token_open(*state, TOKEN_VIA, new_sealed, STR("c"), &got));
	assert_false(token_open(only, TOKEN_VIA, old_sealed, STR("c"), &got));
	token_ring_destroy(newer);
	token_ring_destroy(only);
	// the same epoch with another secret
	next[0].epoch = keys[0].epoch;
	newer = token_ring_create(next, 1);
	assert_non_null(newer);
	assert_false(token_open(newer, TOKEN_VIA, old_sealed, STR("c"), &got));
	token_ring_destroy(newer);
}

static void refuses_bad_rings_and_tokens(void **state)
{
	struct token_key odd[] = {{.epoch = 16, .usable = 1}, {.epoch = 1}};
	struct token t = {.kind = TOKEN_CONTACT};
	char text[TOKEN_TEXT_MAX];

	assert_null(token_ring_create(NULL, 0));
	assert_null(token_ring_create(odd, 2));
	token_ring_destroy(NULL);
	assert_int_equal(token_seal(*state, &t, STR("c"), text), 0);
	t.kind = 0;
	assert_int_equal(token_seal(*state, &t, STR("c"), text), 0);
}

// Many at once, more than there is room for at a time, are what each is alone: with every variant
// of AES, and whatever its context.
static void together_as_alone(void **state)
{
	enum { MANY = 3 * TOKEN_JOBS_MAX + 7, LONGEST = 300 };
	static char text[2][MANY][TOKEN_TEXT_MAX], all[LONGEST];
	size_t len[MANY];

	(void)state;
	memset(all, 'x', sizeof(all));
	for (const struct aes_variant *v = aes_variants; v->name != NULL; v++) {
		const unsigned by = v == aes_variants ? 0 : 1;
		struct token_ring *ring;

		if (!v->usable())
			continue;
		setenv("SPRY_AES", v->name, 1);
		ring = token_ring_create(keys, 3);
		for (unsigned i = 0; i < MANY; i++) {
			const struct token t = sample(i % N_SAMPLES);
			const struct str context = {all, i * 7 % LONGEST};

			len[i] = token_seal_later(ring, &t, context, text[by][i]);
			assert_int_equal(len[i], samples[i % N_SAMPLES].len);
		}
		assert_true(token_seal_all(ring));
		assert_true(token_seal_all(ring));
		for (unsigned i = 0; i < MANY; i++) {
			const struct token t = sample(i % N_SAMPLES);
			const struct str context = {all, i * 7 % LONGEST};
			const struct str sealed = {text[by][i], len[i]};
			char alone[TOKEN_TEXT_MAX];
			struct token got;

			assert_int_equal(token_seal(ring, &t, context, alone), len[i]);
			assert_memory_equal(alone, text[by][i], len[i]);
			assert_memory_equal(text[0][i], text[by][i], len[i]);
			assert_true(token_open(ring, t.kind, sealed, context, &got));
			assert_true(token_eq(&t, &got));
			assert_false(token_open(
			        ring, t.kind, sealed, (struct str){all, context.len + 1}, &got));
		}
		token_ring_destroy(ring);
	}
	unsetenv("SPRY_AES");
}

// What follows a token stands there before its text does.
static void nothing_behind_is_touched(void **state)
{
	for (unsigned i = 0; i < N_SAMPLES; i++) {
		char text[TOKEN_TEXT_MAX + 16];
		const struct token t = sample(i);

		memset(text, '#', sizeof(text));
		const size_t len = token_seal(*state, &t, STR("c"), text);
		for (size_t at = len; at < sizeof(text); at++)
			assert_int_equal(text[at], '#');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(comes_back),
	        cmocka_unit_test(other_context_or_kind_does_not_open),
	        cmocka_unit_test(no_altered_text_opens),
	        cmocka_unit_test(random_text_does_not_open),
	        cmocka_unit_test(a_contact_is_hidden),
	        cmocka_unit_test(keys_rotate),
	        cmocka_unit_test(refuses_bad_rings_and_tokens),
	        cmocka_unit_test(together_as_alone),
	        cmocka_unit_test(nothing_behind_is_touched),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
