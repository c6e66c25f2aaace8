// text: words of a line, places of errors, round trip, completion.
#include "tests/unit/config/trees.h"

static int split(const char *line, struct str *words, int *columns, char *room, struct error *e)
{
	return text_words(str_of(line), words, columns, 8, room, e);
}

static void words(void **state)
{
	struct str w[8];
	int column[8];
	char room[128];

	(void)state;
	assert_int_equal(split("  set\tport  a ", w, column, room, NULL), 3);
	unit_str(w[0], "set");
	unit_str(w[2], "a");
	assert_int_equal(column[0], 3);
	assert_int_equal(column[1], 7);
	assert_int_equal(column[2], 13);
	assert_int_equal(split("", w, column, room, NULL), 0);
	assert_int_equal(split(" # set", w, column, room, NULL), 0);
	assert_int_equal(split("a#b #c d", w, column, room, NULL), 1);
	unit_str(w[0], "a#b");
	assert_int_equal(split("set\r", w, column, room, NULL), 1);
	unit_str(w[0], "set");
}

static void quotes(void **state)
{
	struct str w[8];
	int column[8];
	char room[128];

	(void)state;
	assert_int_equal(split("'a b' \"c \\\" \\\\ '\" d'e'\"f\"", w, column, room, NULL), 3);
	unit_str(w[0], "a b");
	unit_str(w[1], "c \" \\ '");
	unit_str(w[2], "def");
	assert_int_equal(column[1], 7);
	assert_int_equal(split("'' '#x'", w, column, room, NULL), 2);
	unit_str(w[0], "");
	unit_str(w[1], "#x");
	assert_int_equal(split("'a\\' b", w, column, room, NULL), 2);
	unit_str(w[0], "a\\");
}

static void bad_lines(void **state)
{
	struct str w[8];
	int column[8];
	char room[128];
	struct error e = {0};

	(void)state;
	assert_int_equal(split("set 'a b", w, column, room, &e), -1);
	assert_int_equal(e.column, 5);
	assert_string_equal(e.text, "quote ' is not closed");
	assert_int_equal(split("set a\"b\\", w, column, room, &e), -1);
	assert_int_equal(e.column, 6);
	assert_int_equal(split("1 2 3 4 5 6 7 8 9", w, column, room, &e), -1);
	assert_int_equal(e.column, 17);
	assert_string_equal(e.text, "more than 8 words in one line");
	assert_int_equal(split("1 2 3 4 5 6 7 8 # 9", w, column, room, &e), 8);
}

#define TOP \
	"acl auth domain group leg limit location log memory overload pattern port prefix reply sanity token trust user worker"

static void errors(void **state)
{
	struct tree *t = tree_create();

	(void)state;
	tree_refuses(t, "# first\n\n  set port access adress 192.0.2.1/24",
	        "x:3:19: unknown word 'adress' after 'port access'; expected one of: address device "
	        "gateway mtu promiscuous vlan");
	tree_refuses(t, "show port",
	        "x:1:1: a line begins with 'set' or 'delete'; expected one of: "
	        "commit delete set");
	tree_refuses(t, "commit now",
	        "x:1:1: a line begins with 'set' or 'delete'; expected one of: "
	        "commit delete set");
	tree_refuses(t, "set prot access", "x:1:5: unknown word 'prot'; expected one of: " TOP);
	tree_refuses(t, "set  # nothing", "x:1:4: line ends; expected one of: " TOP);
	tree_refuses(t, "set port access mtu # none",
	        "x:1:20: line ends after 'port access mtu'; expected a number from 68 to 9600");
	tree_refuses(t, "set port access mtu '15 00'",
	        "x:1:21: bad value '15 00' after 'port access mtu'; expected a number from 68 to "
	        "9600");
	tree_refuses(t, "set port an-access-port-01 mtu 1500",
	        "x:1:10: bad value 'an-access-port-01' after 'port'; expected a name of up to 10 "
	        "letters, digits, - and _");
	tree_refuses(t, "set token key 1 secret 0011",
	        "x:1:24: bad value '***' after 'token key 1 secret'; expected an even number, 32 to "
	        "128, of hex digits");
	tree_refuses(t, "set port \"acc", "x:1:10: quote \" is not closed");
	tree_refuses(t, "set \x01\xff", "x:1:5: unknown word '\\x01\\xff'; expected one of: " TOP);
	tree_is(t, "");
	tree_destroy(t);
}

static void error_fields(void **state)
{
	struct tree *t = tree_create();
	struct error e = {0};

	(void)state;
	assert_int_equal(text_read(t, STR("set port a mtu 1500\nset port b mtu 1"), NULL, &e), -1);
	assert_int_equal(e.line, 2);
	assert_int_equal(e.column, 16);
	assert_string_equal(e.text,
	        "line 2, column 16: bad value '1' after 'port b mtu'; expected a "
	        "number from 68 to 9600");
	assert_int_equal(text_read(t, STR("nonsense"), NULL, NULL), -1);
	tree_destroy(t);
}

static void too_many_words(void **state)
{
	char line[512] = "set port a";
	struct tree *t = tree_create();
	struct error e = {0};

	(void)state;
	for (int i = 0; i < 31; i++)
		strcat(line, " mtu 99");
	assert_int_equal(text_read(t, str_of(line), NULL, &e), 0);
	strcat(line, " mtu 99");
	assert_int_equal(text_read(t, str_of(line), NULL, &e), -1);
	assert_non_null(strstr(e.text, "more than 65 words in one line"));
	tree_destroy(t);
}

static void script(void **state)
{
	struct tree *t = tree_of("set port a mtu 1500\r\nset port b mtu 1500\r\n"
	                         "delete port a\r\n commit # it\r\n");

	(void)state;
	tree_is(t, "set port b mtu 1500\n");
	tree_destroy(t);
}

static void round_trip(void **state)
{
	static const char text[] = "set port access device 0000:3b:00.0\n"
	                           "set port access address 192.0.2.1/24\n"
	                           "set port access address 2001:db8::1/64\n"
	                           "set port access gateway fe80::1\n"
	                           "set port access promiscuous on\n"
	                           "set port access vlan 9 address 192.0.3.1/24\n"
	                           "set port access vlan 100 gateway 192.0.4.1\n"
	                           "set port core device net_af_packet0,iface=eth1\n"
	                           "set leg a port access\n"
	                           "set leg a vlan 9\n"
	                           "set leg a udp [2001:db8::1]:5060\n"
	                           "set leg a sent-by sip.example.com\n"
	                           "set group g leg a\n"
	                           "set group g member 192.0.2.9:5060\n"
	                           "set group g member 192.0.2.10:5060 weight 0\n"
	                           "set domain *.example.com prefix\n"
	                           "set domain default reject 404\n"
	                           "set prefix \"#31\" group g\n"
	                           "set prefix +49 group g\n"
	                           "set prefix any group g\n"
	                           "set worker cores 2-5,7\n"
	                           "set token seal 4\n"
	                           "set token key 4 secret 00112233445566778899aabbccddeeff\n"
	                           "set log level debug\n";
	struct tree *t = tree_of(text);

	(void)state;
	tree_is(t, text);
	tree_destroy(t);
}

static void secrets(void **state)
{
	struct tree *t = tree_of("set token key 4 secret 00112233445566778899aabbccddeeff\n");
	char *text = text_write(t, false);

	(void)state;
	assert_string_equal(text, "set token key 4 secret ***\n");
	free(text);
	tree_destroy(t);
}

// Completion: what was found as "word word <placeholder> ".
static void collect(void *arg, const char *word, const char *help, bool placeholder)
{
	char *out = arg;

	assert_non_null(help);
	assert_true(placeholder || strchr(word, '<') == NULL);
	strcat(strcat(out, word), " ");
}

struct complete_row {
	const char *line;
	int column;
	const char *found;
};

static const struct complete_row complete_rows[] = {
        {"", 1, ""},
        {"se", 1, ""},
        {"set", 1, ""},
        {"show p", 6, ""},
        {"set ", 5,
                "port leg group domain prefix acl limit pattern trust sanity reply overload worker memory token location auth user log "},
        {"set p", 5, "port prefix pattern "},
        {"  set  po", 8, "port "},
        {"set port ", 10, "access core <name> "},
        {"set port a", 10, "access <name> "},
        {"set port access ", 17, "device address gateway mtu promiscuous vlan "},
        {"set port new m", 14, "mtu "},
        {"set port access vlan ", 22, "7 <1-4094> "},
        {"set leg x port ", 16, "access core <port> "},
        {"set leg x contact-rewrite ", 27, "off on user "},
        {"set leg x contact-rewrite o", 27, "off on "},
        {"set leg x record-route ", 24, "on off "},
        {"set leg x port core u", 21, "udp "},
        {"set leg x dscp ", 16, "<0-63> "},
        {"set leg x dscp 99 ", 19, ""},
        {"set nothing ", 13, ""},
        {"set port access # ", 19, ""},
        {"set port 'acc", 14, ""},
        {"set group g member ", 20, "<address:port> "},
        {"set domain d ", 14,
                "group prefix forward reject registrar default-expires min-expires max-expires "
                "max-contacts third-party foreign-contact service-route "},
        {"set domain d prefix ", 21,
                "group prefix forward reject registrar default-expires min-expires max-expires "
                "max-contacts third-party foreign-contact service-route "},
        {"set token ", 11, "seal key "},
        {"delete ", 8, "port worker token "},
        {"delete port ", 13, "access core "},
        {"delete port access ", 20, "device address vlan "},
        {"delete port access a", 20, "address "},
        {"delete port access address ", 28, "192.0.2.1/24 192.0.2.2/24 "},
        {"delete port access address 192.0.2.1/24 ", 41, ""},
        {"delete port nowhere ", 21, ""},
        {"delete worker ", 15, "idle "},
        {"delete token key 2 secret ", 27, ""},
};

static void complete(void **state)
{
	struct tree *t = tree_of("set port access device net_a address 192.0.2.1/24\n"
	                         "set port access address 192.0.2.2/24\n"
	                         "set port access vlan 7 address 192.0.3.1/24\n"
	                         "set port core device net_b\nset worker idle poll\n"
	                         "set token key 2 secret 00112233445566778899aabbccddeeff\n");

	(void)state;
	for (size_t i = 0; i < unit_rows(complete_rows); i++) {
		const struct complete_row *row = &complete_rows[i];
		char found[512] = "";
		int column = text_complete(t, str_of(row->line), collect, found);

		if (column != row->column || strcmp(found, row->found) != 0)
			fail_msg("'%s': %d '%s'", row->line, column, found);
	}
	tree_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words),
	        cmocka_unit_test(quotes),
	        cmocka_unit_test(bad_lines),
	        cmocka_unit_test(errors),
	        cmocka_unit_test(error_fields),
	        cmocka_unit_test(too_many_words),
	        cmocka_unit_test(script),
	        cmocka_unit_test(round_trip),
	        cmocka_unit_test(secrets),
	        cmocka_unit_test(complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
