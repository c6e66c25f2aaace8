// policy_pattern: one scan of all values as lines says no less than one of each value. The same
// patterns are scanned in both ways (one more, which asks for an end of the text, forbids the
// first) in messages made of a few pieces.
#include "tests/unit/table/image.h"

#include "control/build_pattern.h"
#include "dataplane/policy_pattern.h"
#include "dataplane/table/pattern.h"

static const struct {
	const char *regex;
	enum header_id header;
	const char *name; // of OTHER
} patterns[] = {
        {"^ab", HEADER_FROM, ""}, {"ab$", HEADER_FROM, ""}, {"^ab$", HEADER_TO, ""},
        {"(?i)x{2,}y", HEADER_SUBJECT, ""}, {"\\bab\\b", HEADER_SUBJECT, ""},
        {"\\Bb\\B", HEADER_CONTACT, ""}, {"b\\s+x", HEADER_CONTACT, ""},
        {"[^a-z]", HEADER_USER_AGENT, ""}, {"^(?:ab|x)+$", HEADER_USER_AGENT, ""},
        {"^b", HEADER_OTHER, "X-Kind"}, {"y\nab", HEADER_OTHER, "X-Kind"}, // over two values: never
        {"\\x61b\\.", HEADER_OTHER, "X-Other"},
        {"\\Anever\\z", HEADER_OTHER, "X-Never"}, // only in the second set
};

enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]), MESSAGES = 20000 };

struct bed {
	struct image image;
	struct generation tables;
	struct worker w;
};

static struct bed fast, plain;

static void bed_start(struct bed *bed, unsigned n)
{
	const char *text[PATTERNS];
	unsigned id[PATTERNS], bad;
	struct str databases[PATTERN_PLACES] = {{NULL, 0}};
	struct table_builder b;
	struct error e = {0};

	table_begin(&b, image_key);
	for (unsigned i = 0; i < n; i++) {
		const struct pattern row = {.place = PATTERN_IN_HEADER,
		        .action = PATTERN_REJECT,
		        .status = (uint16_t)(400 + i),
		        .header = (uint16_t)patterns[i].header};
		const struct str texts[3] = {
		        STR("p"), str_of(patterns[i].regex), str_of(patterns[i].name)};

		text[i] = patterns[i].regex;
		id[i] = i;
		assert_int_equal(pattern_add(&b, row, texts, &e), i);
	}
	const struct pattern_source source = {text, id, n};
	if (build_pattern_database(
	            PATTERN_IN_HEADER, &source, &databases[PATTERN_IN_HEADER], &bad, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(pattern_set_databases(&b, databases, &e), 0);
	bed->image = image_of(&b, ROOT_CONFIG);
	bed->tables = (struct generation){.number = 1, .view = bed->image.view};
	assert_int_equal(pattern_set_create(&bed->tables.patterns, &bed->image.view, 1, &e), 0);
	bed->w = (struct worker){.config = &bed->tables};
}

static void bed_stop(struct bed *bed)
{
	pattern_set_destroy(bed->tables.patterns, 1);
	image_free(&bed->image);
}

static struct str make_message(uint64_t *random, char *out)
{
	static const char *const names[] = {
	        "From", "To", "Subject", "Contact", "User-Agent", "X-Kind", "X-Other"};
	static const char *const pieces[] = {
	        "ab", "b", "x", "XX", "y", " ", "\n ", ".", "\t", "AB", "1"};
	char *at = out + sprintf(out, "OPTIONS sip:a@b SIP/2.0\r\n");

	for (unsigned h = (unsigned)next_random(random) % 8; h > 0; h--) {
		at += sprintf(at,
		        "%s: ", names[next_random(random) % (sizeof(names) / sizeof(names[0]))]);
		for (unsigned k = (unsigned)next_random(random) % 6; k > 0; k--)
			at += sprintf(at, "%s",
			        pieces[next_random(random) % (sizeof(pieces) / sizeof(pieces[0]))]);
		at += sprintf(at, "\r\n");
	}
	at += sprintf(at, "\r\n");
	return str_from(out, at);
}

static uint16_t status_of(struct bed *bed, struct packet *p)
{
	p->reply_status = 0;
	(void)policy_pattern(&bed->w, p);
	return p->reply_status;
}

static void both_ways_find_the_same(void **state)
{
	static struct packet p;
	unsigned found[PATTERNS] = {0}, none = 0;
	uint64_t random = 88172645463325252u;
	char text[1024];

	(void)state;
	bed_start(&plain, PATTERNS);
	bed_start(&fast, PATTERNS - 1);
	for (unsigned i = 0; i < MESSAGES; i++) {
		uint16_t status;

		(void)message_parse(make_message(&random, text), &p.message, NULL);
		status = status_of(&plain, &p);
		if (status_of(&fast, &p) != status)
			fail_msg("%u, not %u: %s", p.reply_status, status, text);
		if (status == 0)
			none++;
		else
			found[status - 400]++;
	}
	assert_true(none > MESSAGES / 20);
	for (unsigned i = 0; i < PATTERNS - 1; i++)
		assert_int_equal(found[i] > 0, patterns[i].regex[1] != '\n');
	bed_stop(&fast);
	bed_stop(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(both_ways_find_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
