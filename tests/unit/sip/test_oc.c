// oc: who asks gets the load, in place of what stood there; nobody else's load is passed on.
#include "dataplane/sip/oc.h"
#include "dataplane/sip/response.h"
#include "tests/unit/sip/view.h"

#define NEW ";oc=20;oc-algo=\"loss\";oc-validity=500;oc-seq=1282321615.078"
#define ALL_CLEAR ";oc=0;oc-algo=\"loss\";oc-validity=0;oc-seq=1282321615.078"

static const struct oc busy = {20, 1282321615078}, idle = {0, 1282321615078};

static const struct {
	const char *value, *told, *not_told; // NULL = as it came
} rows[] = {
        {"SIP/2.0/UDP a;branch=b;oc;oc-algo=\"loss\"", "SIP/2.0/UDP a;branch=b" NEW, NULL},
        {"SIP/2.0/UDP a;oc-algo=\"loss\";oc;branch=b", "SIP/2.0/UDP a" NEW ";branch=b", NULL},
        {"SIP/2.0/UDP a ; OC ; OC-Algo = \"A , LOSS\" ; branch=b",
                "SIP/2.0/UDP a " NEW "  ; branch=b", NULL},
        {"SIP/2.0/UDP a;oc;oc-algo=loss", "SIP/2.0/UDP a" NEW, NULL},
        {"SIP/2.0/UDP a;oc=90;oc-algo=\"loss\";oc-validity=9;oc-seq=1.1;branch=b",
                "SIP/2.0/UDP a" NEW ";branch=b", "SIP/2.0/UDP a;oc-algo=\"loss\";branch=b"},
        {"SIP/2.0/UDP a;oc;oc-algo=\"loss\";oc=3;oc-algo=\"x\"", "SIP/2.0/UDP a" NEW,
                "SIP/2.0/UDP a;oc;oc-algo=\"loss\";oc-algo=\"x\""},
        // who does not say that it knows the algorithm
        {"SIP/2.0/UDP a;oc", NULL, NULL},
        {"SIP/2.0/UDP a;oc;oc-algo", NULL, NULL},
        {"SIP/2.0/UDP a;oc;oc-algo=\"\"", NULL, NULL},
        {"SIP/2.0/UDP a;oc;oc-algo=\"rate,lossy,gloss\"", NULL, NULL},
        {"SIP/2.0/UDP a;oc=100", "SIP/2.0/UDP a", "SIP/2.0/UDP a"},
        {"SIP/2.0/UDP a;oc-algo=\"loss\";branch=b", NULL, NULL},
        {"SIP/2.0/UDP a;ocx;oc-=1;x=oc;branch=oc", NULL, NULL},
};

static struct str told(struct str value, const struct oc *load, char *out, size_t room)
{
	static struct edit_list l;
	struct via v;

	assert_true(via_parse(value, &v));
	edit_start(&l);
	if (v.oc)
		oc_edit(&l, value.p, &v, load);
	return (struct str){out, edit_apply(&l, value, out, room)};
}

static void tells_who_asks(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const struct str value = view_at_edge(0, str_of(rows[i].value));
		const char *with = rows[i].told != NULL ? rows[i].told : rows[i].value;
		const char *without = rows[i].not_told != NULL ? rows[i].not_told : rows[i].value;

		unit_str(told(value, &busy, out, sizeof(out)), with);
		unit_str(told(value, NULL, out, sizeof(out)), without);
	}
}

static void all_clear(void **state)
{
	char out[512];

	(void)state;
	unit_str(told(STR("SIP/2.0/UDP a;oc;oc-algo=\"loss\";branch=b"), &idle, out, sizeof(out)),
	        "SIP/2.0/UDP a" ALL_CLEAR ";branch=b");
}

// Of the topmost Via only, beside the source noted there.
static void in_a_reply(void **state)
{
	static const char request[] = "OPTIONS sip:a SIP/2.0\r\n"
	                              "Via: SIP/2.0/UDP h;rport;oc;oc-algo=\"loss\";branch=b,"
	                              "SIP/2.0/UDP i;oc;oc-algo=\"loss\"\r\n"
	                              "Via: SIP/2.0/UDP j;oc;oc-algo=\"loss\"\r\n\r\n";
	static struct message m;
	struct via via;
	char text[1024];
	struct writer out = {text, text + sizeof(text), false};
	struct response r = {.request = &m, .via = &via, .load = &busy};
	struct value_iter it;

	(void)state;
	(void)message_parse(STR(request), &m, NULL);
	value_iter_start(&it, &m, HEADER_VIA);
	assert_true(value_iter_next(&it) && via_parse(it.value, &via));
	assert_true(addr_parse(STR("192.0.2.9:5070"), &r.src));
	response_write(&out, &r, (struct hash_key){0}, 200, STR_NONE);
	assert_false(out.full);
	unit_str(str_from(text, out.at),
	        "SIP/2.0 200 OK\r\n"
	        "Via: SIP/2.0/UDP h;rport=5070" NEW ";branch=b;received=192.0.2.9,"
	        "SIP/2.0/UDP i;oc;oc-algo=\"loss\"\r\n"
	        "Via: SIP/2.0/UDP j;oc;oc-algo=\"loss\"\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tells_who_asks),
	        cmocka_unit_test(all_clear), cmocka_unit_test(in_a_reply)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
