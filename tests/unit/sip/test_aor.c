// aor: spellings that are one user, and those that are not.
#include "tests/unit/unit.h"

#include "dataplane/sip/aor.h"

static void canonical(void **state)
{
	static const struct {
		const char *uri, *want; // "" = none
	} rows[] = {
	        {"sip:alice@example.com", "alice@example.com"},
	        {"sips:alice@example.com:5061", "alice@example.com"},
	        {"sips:alice@example.com:5060", "alice@example.com:5060"},
	        {"sip:alice@example.com:5060", "alice@example.com"},
	        {"sip:alice@example.com:5061", "alice@example.com:5061"},
	        {"sip:alice:secret@EXAMPLE.com.;x=y?h=v", "alice@example.com"},
	        {"sip:Alice@example.com", "Alice@example.com"},
	        {"sip:%61%6C%69ce@example.com", "alice@example.com"},
	        {"sip:a%2fb@example.com", "a%2Fb@example.com"},
	        {"sip:null-%00-null@example.com", "null-%00-null@example.com"},
	        {"sip:a%40b@example.com", "a%40b@example.com"},
	        {"sip:a@[2001:DB8:0::1]", "a@[2001:db8::1]"},
	        {"sip:a@192.0.2.1:5070", "a@192.0.2.1:5070"},
	        {"sip:+49-(89)-1234;ext=5@example.com;user=phone", "+49891234@example.com"},
	        {"sip:+49-89@example.com", "+49-89@example.com"},
	        {"tel:+49-89-12.34;phone-context=x", "+49891234"},
	        {"sip:example.com", ""},
	        {"mailto:alice@example.com", ""},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		char text[AOR_MAX];
		struct uri u;

		assert_true(uri_parse(str_of(rows[i].uri), &u));
		unit_str(aor_write(&u, text), rows[i].want);
	}
}

static void too_long(void **state)
{
	char uri[AOR_MAX + 64] = "sip:", text[AOR_MAX];
	struct uri u;

	(void)state;
	for (size_t users = AOR_MAX - 6; users < AOR_MAX + 4; users++) {
		memset(uri + 4, 'u', users);
		strcpy(uri + 4 + users, "@a.b");
		assert_true(uri_parse(str_of(uri), &u));
		assert_int_equal(aor_write(&u, text).len, users + 4 <= AOR_MAX ? users + 4 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(canonical), cmocka_unit_test(too_long)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
