// Digest: the examples of RFC 7616 §3.9, RFC 2617 and RFC 2069, what is and is not well-formed, and
// challenges.
#include "dataplane/sip/digest.h"
#include "tests/unit/sip/view.h"

static int setup(void **state)
{
	*state = digest_create();
	return *state == NULL;
}

static int teardown(void **state)
{
	digest_destroy(*state);
	return 0;
}

static const struct {
	const char *field;
	enum digest_algorithm algorithm;
	const char *user, *realm, *password;
} examples[] = {
        {"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
         "algorithm=MD5, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
         "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
         "response=\"8ca523f5e9506fed4657c9700eebdbec\", "
         "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                DIGEST_MD5, "Mufasa", "http-auth@example.org", "Circle of Life"},
        {"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
         "algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
         "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
         "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
         "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                DIGEST_SHA256, "Mufasa", "http-auth@example.org", "Circle of Life"},
        // §3.9.2 as corrected by erratum 4897
        {"Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", "
         "realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, "
         "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
         "cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v\", qop=auth, "
         "response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", "
         "userhash=true",
                DIGEST_SHA512_256, "J\303\244s\303\270n Doe", "api@example.org", "Secret, or not?"},
        // RFC 2617 §3.5; the algorithm is MD5 where none is named
        {"Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
         "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",uri=\"/dir/index.html\",qop=auth,"
         "nc=00000001,cnonce=\"0a4f113b\",response=\"6629fae49393a05397450978507c4ef1\"",
                DIGEST_MD5, "Mufasa", "testrealm@host.com", "Circle Of Life"},
        // RFC 2069 §2.4 as corrected by erratum 749: no qop
        {"DIGEST username=\"Mufasa\", realm=\"testrealm@host.com\", "
         "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
         "response=\"1949323746FE6A43EF61F9606E7FEBEA\"",
                DIGEST_MD5, "Mufasa", "testrealm@host.com", "CircleOfLife"},
};

static void the_examples_of_the_rfcs(void **state)
{
	for (unsigned i = 0; i < unit_rows(examples); i++) {
		struct str who[3] = {str_of(examples[i].user), str_of(examples[i].realm),
		        str_of(examples[i].password)};
		struct str field = view_at_edge(0, str_of(examples[i].field));
		struct digest_credentials c;
		uint8_t ha1[DIGEST_BYTES_MAX];

		assert_true(digest_parse(field, &c));
		assert_int_equal(c.algorithm, examples[i].algorithm);
		assert_true(view_inside(c.username, field) && view_inside(c.response, field));
		assert_true(digest_ha1(*state, c.algorithm, who, ha1));
		assert_true(digest_check(*state, &c, STR("GET"), ha1));
		assert_false(digest_check(*state, &c, STR("POST"), ha1));
		ha1[digest_bytes(c.algorithm) - 1] ^= 1;
		assert_false(digest_check(*state, &c, STR("GET"), ha1));
	}
}

#define WHO \
	"Digest username=\"bob\", realm=\"b.com\", nonce=\"n\", uri=\"sip:b.com\", response=\"r\""

static void what_credentials_may_look_like(void **state)
{
	struct digest_credentials c;

	(void)state;
	assert_true(
	        digest_parse(STR("  Digest\r\n username = bob ,realm=\"b, \\\"c\\\"\",\tNONCE=n, "
	                         "uri=\"sip:b\" , response=\"\", qop=\"auth\", nc=\"0000000a\", "
	                         "cnonce=\"x\", x-new=\"1\", algorithm=\"sha-256\" "),
	                &c));
	unit_str(c.username, "bob");
	unit_str(c.realm, "b, \\\"c\\\"");
	unit_str(c.nonce, "n");
	unit_str(c.uri, "sip:b");
	unit_str(c.response, "");
	assert_int_equal(c.count, 10);
	assert_int_equal(c.algorithm, DIGEST_SHA256);
	assert_true(digest_parse(STR(WHO ",opaque=\"\",opaque=\"\""), &c));
	assert_true(
	        digest_parse(STR(WHO ",qop=AUTH,nc=fFFFFFff,cnonce=y,algorithm=\"MD5-sess\""), &c));
	assert_int_equal(c.count, UINT32_MAX);
	assert_int_equal(c.algorithm, DIGEST_ALGORITHMS);
	// without qop, nc means nothing
	assert_true(digest_parse(STR(WHO ",nc=00000001"), &c));
	assert_int_equal(c.count, 0);
	assert_int_equal(c.nc.len, 0);
}

static void what_is_refused(void **state)
{
	static const char *const bad[] = {"", "Digest", "Digest ",
	        "Basic dXNlcg==", "DigestX username=\"bob\"", "Digest username=\"bob\"", WHO ",",
	        WHO ",,opaque=\"\"", "Digest ," WHO, WHO ", username=\"eve\"",
	        WHO ", URI=\"sip:x\"", WHO " opaque=\"\"", WHO ", opaque",
	        WHO ", opaque=", WHO ", opaque=\"", WHO ", opaque=\"\\", WHO ", =\"1\"",
	        WHO ", qop=auth", WHO ", qop=auth, nc=00000001", WHO ", qop=auth, nc=1, cnonce=x",
	        WHO ", qop=auth, nc=00000000, cnonce=x", WHO ", qop=auth, nc=0000000g, cnonce=x",
	        WHO ", qop=auth, nc=00000001, cnonce=\"\"",
	        WHO ", qop=auth-int, nc=00000001, cnonce=x",
	        WHO ", qop=\"\", nc=00000001, cnonce=x", WHO ", algorithm=SHA-256"};
	struct digest_credentials c;

	(void)state;
	for (unsigned i = 0; i < unit_rows(bad); i++) {
		if (digest_parse(view_at_edge(0, str_of(bad[i])), &c))
			fail_msg("taken: %s", bad[i]);
	}
}

static void a_response_of_another_length_is_wrong(void **state)
{
	uint8_t ha1[DIGEST_BYTES_MAX] = {0}, want[DIGEST_BYTES_MAX];
	struct digest_credentials c;
	char hex[2 * DIGEST_BYTES_MAX];

	assert_true(digest_parse(STR(WHO), &c));
	assert_true(digest_response(*state, &c, STR("REGISTER"), ha1, want));
	digest_hex(want, 16, hex);
	for (size_t len = 0; len <= 32; len++) {
		c.response = (struct str){hex, len};
		assert_int_equal(digest_check(*state, &c, STR("REGISTER"), ha1), len == 32);
	}
	hex[31] = 'x';
	assert_false(digest_check(*state, &c, STR("REGISTER"), ha1));
}

static void names(void **state)
{
	(void)state;
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		assert_int_equal(digest_find(digest_name((enum digest_algorithm)a)), a);
	assert_int_equal(digest_find(STR("sha-512-256")), DIGEST_SHA512_256);
	assert_int_equal(digest_find(STR("MD5-sess")), DIGEST_ALGORITHMS);
	assert_int_equal(digest_find(STR("")), DIGEST_ALGORITHMS);
}

static void challenges(void **state)
{
	struct digest_challenge c = {STR("example.com"), STR("abc"), DIGEST_SHA512_256, false};
	char out[DIGEST_CHALLENGE_MAX], realm[1000];

	(void)state;
	unit_str(((struct str){out, digest_challenge(&c, out)}),
	        "Digest realm=\"example.com\", nonce=\"abc\", algorithm=SHA-512-256, qop=\"auth\"");
	c.algorithm = DIGEST_MD5;
	c.stale = true;
	unit_str(((struct str){out, digest_challenge(&c, out)}),
	        "Digest realm=\"example.com\", nonce=\"abc\", algorithm=MD5, qop=\"auth\", stale=true");
	memset(realm, 'r', sizeof(realm));
	c.realm = c.nonce = (struct str){realm, sizeof(realm)};
	assert_true(digest_challenge(&c, out) <= sizeof(out));
}

// What it remembers of the one before changes nothing.
static void responses_do_not_depend_on_the_last_one(void **state)
{
	static const struct str methods[] = {{"REGISTER", 8}, {"INVITE", 6}, {"", 0}};
	static char long_uri[600];
	uint8_t ha1[DIGEST_BYTES_MAX] = {1, 2, 3}, got[DIGEST_BYTES_MAX], want[DIGEST_BYTES_MAX];
	static const size_t lens[] = {15, 183, 184, 185, 503, 504, 505, 599, 0};

	memset(long_uri, 'u', sizeof(long_uri));
	for (unsigned i = 0; i < 3 * 3 * 9 * 2; i++) {
		struct digest_credentials c = {.nonce = STR("n"),
		        .uri = {long_uri, lens[i / 2 % 9]},
		        .cnonce = STR("c"),
		        .nc = STR("00000001"),
		        .qop = STR("auth"),
		        .algorithm = (enum digest_algorithm)(i / 18 % 3)};
		struct digest *fresh = digest_create();

		assert_true(digest_response(*state, &c, methods[i / 54], ha1, got));
		assert_true(digest_response(fresh, &c, methods[i / 54], ha1, want));
		assert_memory_equal(got, want, digest_bytes(c.algorithm));
		digest_destroy(fresh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_examples_of_the_rfcs),
	        cmocka_unit_test(what_credentials_may_look_like),
	        cmocka_unit_test(what_is_refused),
	        cmocka_unit_test(a_response_of_another_length_is_wrong),
	        cmocka_unit_test(names),
	        cmocka_unit_test(challenges),
	        cmocka_unit_test(responses_do_not_depend_on_the_last_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
