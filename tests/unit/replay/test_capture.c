// Captures: both formats, both byte orders, every way of being damaged.
#include "tools/replay/capture.h"

#include "tests/unit/unit.h"

enum { FILE_MAX = 512 };

// A file made byte by byte.
struct maker {
	char byte[FILE_MAX];
	size_t len;
	bool swapped;
};

static void put(struct maker *m, const void *p, size_t n)
{
	memcpy(m->byte + m->len, p, n);
	m->len += n;
}

static void put32(struct maker *m, uint32_t n)
{
	n = m->swapped ? __builtin_bswap32(n) : n;
	put(m, &n, 4);
}

static void put16(struct maker *m, uint16_t n)
{
	n = m->swapped ? __builtin_bswap16(n) : n;
	put(m, &n, 2);
}

static void pcap_header(struct maker *m, uint32_t magic, uint32_t link)
{
	put32(m, magic);
	put16(m, 2);
	put16(m, 4);
	put32(m, 0);
	put32(m, 0);
	put32(m, 65535);
	put32(m, link);
}

static void pcap_record(struct maker *m, const char *bytes, uint32_t original)
{
	put32(m, 1);
	put32(m, 2);
	put32(m, (uint32_t)strlen(bytes));
	put32(m, original);
	put(m, bytes, strlen(bytes));
}

static void ng_section(struct maker *m)
{
	put32(m, 0x0a0d0d0a);
	put32(m, 28);
	put32(m, 0x1a2b3c4d);
	put16(m, 1);
	put16(m, 0);
	put32(m, UINT32_MAX);
	put32(m, UINT32_MAX);
	put32(m, 28);
}

static void ng_interface(struct maker *m, uint16_t link)
{
	put32(m, 1);
	put32(m, 20);
	put16(m, link);
	put16(m, 0);
	put32(m, 65535);
	put32(m, 20);
}

// `bytes` of a length that is a multiple of 4 or not: padded.
static void ng_packet(struct maker *m, uint32_t interface, const char *bytes)
{
	const uint32_t n = (uint32_t)strlen(bytes), padded = (n + 3) & ~3u;

	put32(m, 6);
	put32(m, 32 + padded);
	put32(m, interface);
	put32(m, 0);
	put32(m, 0);
	put32(m, n);
	put32(m, n);
	put(m, bytes, n);
	put(m, "\0\0\0", padded - n);
	put32(m, 32 + padded);
}

struct seen {
	unsigned n;
	char text[64];
};

static bool on_frame(void *arg, struct str frame)
{
	struct seen *s = arg;
	size_t len = strlen(s->text);

	s->n++;
	snprintf(s->text + len, sizeof(s->text) - len, "%.*s,", STR_ARG(frame));
	return true;
}

// Reads a copy of exactly that size, so that ASan sees the byte after it.
static int read_back(const struct maker *m, size_t len, struct seen *s, struct error *e)
{
	char *copy = malloc(len > 0 ? len : 1);
	unsigned cut = 0;
	int rc;

	memset(s, 0, sizeof(*s));
	memset(e, 0, sizeof(*e));
	memcpy(copy, m->byte, len);
	rc = capture_read((struct str){copy, len}, on_frame, s, &cut, e);
	free(copy);
	return rc == 0 ? (int)cut : rc;
}

static void test_pcap(void **state)
{
	static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct maker m = {.swapped = i % 2 == 1};
		struct seen s;
		struct error e;

		pcap_header(&m, magics[i / 2], 1);
		pcap_record(&m, "one", 3);
		pcap_record(&m, "", 0);
		pcap_record(&m, "three", 5);
		assert_true(capture_is((struct str){m.byte, m.len}));
		assert_int_equal(read_back(&m, m.len, &s, &e), 0);
		assert_string_equal(s.text, "one,,three,");
	}
}

static void test_pcapng(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct maker m = {.swapped = i == 1};
		struct seen s;
		struct error e;

		ng_section(&m);
		ng_interface(&m, 1);
		ng_packet(&m, 0, "one");
		put32(&m, 5); // interface statistics: none of ours
		put32(&m, 12);
		put32(&m, 12);
		ng_packet(&m, 0, "four");
		put32(&m, 3); // simple packet
		put32(&m, 20);
		put32(&m, 2);
		put(&m, "no\0\0", 4);
		put32(&m, 20);
		ng_section(&m); // interfaces begin anew
		ng_interface(&m, 1);
		ng_packet(&m, 0, "x");
		assert_true(capture_is((struct str){m.byte, m.len}));
		assert_int_equal(read_back(&m, m.len, &s, &e), 0);
		assert_string_equal(s.text, "one,four,no,x,");
	}
}

static void test_cut(void **state)
{
	struct maker m = {.swapped = false}, ng = {.swapped = false};
	struct seen s;
	struct error e;

	(void)state;
	pcap_header(&m, 0xa1b2c3d4, 1);
	pcap_record(&m, "one", 3);
	ng_section(&ng);
	ng_interface(&ng, 1);
	ng_packet(&ng, 0, "one");
	for (size_t len = 4; len < m.len; len++)
		assert_int_equal(read_back(&m, len, &s, &e), len == 24 ? 0 : -1);
	for (size_t len = 4; len < ng.len; len++) {
		const int rc = read_back(&ng, len, &s, &e);

		assert_int_equal(rc, len == 28 || len == 48 ? 0 : -1);
		assert_int_equal(s.n, 0);
	}
	assert_non_null(strstr(e.text, "at byte 48"));
}

static void test_damaged(void **state)
{
	struct seen s;
	struct error e;
	struct maker m = {.swapped = false}, n = {.swapped = false}, o = {.swapped = false};

	(void)state;
	pcap_header(&m, 0xa1b2c3d4, 113);
	assert_int_equal(read_back(&m, m.len, &s, &e), -1);
	assert_non_null(strstr(e.text, "link type 113"));
	m.len = 0;
	pcap_header(&m, 0xa1b2c3d4, 1);
	put32(&m, 0);
	put32(&m, 0);
	put32(&m, UINT32_MAX);
	put32(&m, 1);
	assert_int_equal(read_back(&m, m.len, &s, &e), -1);
	assert_non_null(strstr(e.text, "longer than the file"));

	ng_section(&n);
	ng_interface(&n, 1);
	ng_packet(&n, 1, "x");
	assert_int_equal(read_back(&n, n.len, &s, &e), -1);
	assert_non_null(strstr(e.text, "interface there is not"));

	ng_section(&o);
	ng_interface(&o, 1);
	put32(&o, 6);
	put32(&o, 32);
	for (unsigned i = 0; i < 3; i++)
		put32(&o, 0);
	put32(&o, 4000);
	put32(&o, 4000);
	put32(&o, 32);
	assert_int_equal(read_back(&o, o.len, &s, &e), -1);
	assert_non_null(strstr(e.text, "longer than its block"));
	assert_false(capture_is(STR("INVITE sip:a@b SIP/2.0")));
	assert_false(capture_is(STR("")));
}

static void test_snapped(void **state)
{
	struct maker m = {.swapped = false};
	struct seen s;
	struct error e;

	(void)state;
	pcap_header(&m, 0xa1b2c3d4, 1);
	pcap_record(&m, "one", 1500);
	pcap_record(&m, "two", 3);
	assert_int_equal(read_back(&m, m.len, &s, &e), 1);
	assert_int_equal(s.n, 2);
}

static void test_written(void **state)
{
	struct maker m = {.swapped = false};
	FILE *f = tmpfile();
	struct seen s;
	struct error e;

	(void)state;
	assert_non_null(f);
	assert_true(capture_begin(f));
	assert_true(capture_write(f, 1, STR("one")));
	assert_true(capture_write(f, 2, STR("two")));
	rewind(f);
	m.len = fread(m.byte, 1, sizeof(m.byte), f);
	fclose(f);
	assert_int_equal(read_back(&m, m.len, &s, &e), 0);
	assert_string_equal(s.text, "one,two,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_pcap),
	        cmocka_unit_test(test_pcapng),
	        cmocka_unit_test(test_cut),
	        cmocka_unit_test(test_damaged),
	        cmocka_unit_test(test_snapped),
	        cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
