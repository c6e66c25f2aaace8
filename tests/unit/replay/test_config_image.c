// Images of configuration text: all chains open, next hops are where the lines say, errors name the
// line.
#include "tools/replay/config_image.h"

#include "dataplane/table/nexthop.h"
#include "tests/unit/unit.h"

#define PORTS                                             \
	"set port access device net_null0\n"              \
	"set port access address 192.0.2.1/24\n"          \
	"set port core device net_null1\n"                \
	"set port core address 198.51.100.1/24\n"         \
	"set leg access port access udp 192.0.2.1:5060\n" \
	"set leg core port core udp 198.51.100.1:5060\n"

static void make(const char *text, uint64_t n, struct config_image out[ROOT_CHAINS])
{
	struct error e = {0};

	if (!config_image_make(str_of(text), "test", n, out, &e))
		fail_msg("%s", e.text);
}

static struct nexthop lookup(const struct config_image *image, const char *to)
{
	struct nexthop hop;
	struct table_view v;
	struct error e = {0};
	struct addr a;

	assert_true(addr_parse_ip(str_of(to), &a));
	assert_int_equal(table_open(&v, image->bytes, image->len, ROOT_NEXTHOP, &e), 0);
	assert_int_equal(nexthop_lookup(&v, &a, &hop), NEXTHOP_OK);
	return hop;
}

static void hosts_have_the_usual_link_address(void **state)
{
	struct config_image image[ROOT_CHAINS];
	struct nexthop hop;

	(void)state;
	make(PORTS, 1, image);
	hop = lookup(&image[ROOT_NEXTHOP], "198.51.100.7");
	assert_memory_equal(hop.mac, ((uint8_t[]){2, 0, 0, 0, 0, 9}), 6);
	assert_int_equal(hop.port, 1);
	config_image_clear(image);
	assert_null(image[ROOT_CONFIG].bytes);
}

static void a_neighbour_line_gives_another(void **state)
{
	struct config_image image[ROOT_CHAINS];
	struct nexthop hop;

	(void)state;
	make(PORTS "neighbour core 02:00:00:00:01:ff\nroute 203.0.113.0/24 core via 198.51.100.9\n",
	        7, image);
	hop = lookup(&image[ROOT_NEXTHOP], "203.0.113.5");
	assert_memory_equal(hop.mac, ((uint8_t[]){2, 0, 0, 0, 1, 255}), 6);
	assert_int_equal(hop.port, 1);
	hop = lookup(&image[ROOT_NEXTHOP], "192.0.2.9");
	assert_memory_equal(hop.mac, ((uint8_t[]){2, 0, 0, 0, 0, 9}), 6);
	assert_int_equal(hop.port, 0);
	for (unsigned chain = 0; chain < ROOT_CHAINS; chain++)
		assert_int_equal(((const struct table_header *)image[chain].bytes)->generation, 7);
	config_image_clear(image);
}

static void bad_lines_are_named(void **state)
{
	static const char *const texts[] = {PORTS "neighbour core 02:00:00\n",
	        PORTS "neighbour nowhere 02:00:00:00:00:01\n", PORTS "route 1.2.3.4/99 core\n",
	        PORTS "set leg core nonsense\n"};
	struct config_image image[ROOT_CHAINS];

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error e = {0};

		assert_false(config_image_make(str_of(texts[i]), "test", 1, image, &e));
		assert_string_not_equal(e.text, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(hosts_have_the_usual_link_address),
	        cmocka_unit_test(a_neighbour_line_gives_another),
	        cmocka_unit_test(bad_lines_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
