// publish: acknowledged, refused, unanswered; going back; taking over after a crash. The test plays
// the dataplane on the root page.
#include "tests/unit/config/trees.h"

#include <unistd.h>

#include "control/publish.h"
#include "dataplane/base/now.h"
#include "dataplane/table/nexthop.h"

static char dir[] = "/tmp/spry-test-publish-XXXXXX";

struct rig {
	struct event_base *base;
	struct region region;
	struct publish publish;
	unsigned n; // times done was called
	enum publish_result result;
	char why[480];
};

static void done(void *arg, enum publish_result result, const char *why)
{
	struct rig *r = arg;

	r->n++;
	r->result = result;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

static int rig_open(struct rig *r)
{
	struct error e = {0};

	*r = (struct rig){.base = event_base_new()};
	if (region_create(&r->region, dir, false, NULL, &e) != 0 ||
	        publish_init(&r->publish, r->base, &r->region, &e) != 0)
		fail_msg("%s", e.text);
	return 0;
}

static void rig_close(struct rig *r)
{
	publish_fini(&r->publish);
	event_base_free(r->base);
	region_detach(&r->region);
}

// A table with one link of that mtu; 1 published, 0 nothing new.
static int offer(struct rig *r, uint32_t mtu)
{
	struct link_row link = {.ifname = "spry-a", .ifindex = 5, .up = 1, .mtu = mtu};
	struct table_builder b;
	struct error e = {0};
	int rc;

	table_begin(&b, r->publish.chain[ROOT_NEXTHOP].key);
	nexthop_add_link(&b, &link);
	nexthop_index(&b);
	rc = publish_offer(&r->publish, ROOT_NEXTHOP, &b, done, r, &e);
	if (rc < 0)
		fail_msg("%s", e.text);
	return rc;
}

static uint32_t mtu_now(const struct rig *r)
{
	const struct table_view *v = publish_view(&r->publish, ROOT_NEXTHOP);

	return ((const struct link_row *)v->rows[TABLE_LINKS])->mtu;
}

static void dataplane_lives(struct rig *r)
{
	atomic_store(&r->region.root->dataplane_pid, (uint32_t)getpid());
	atomic_store(&r->region.root->dataplane_beat_ns, now_ns());
}

static uint64_t wanted(const struct rig *r)
{
	return atomic_load(&r->region.root->wanted[ROOT_NEXTHOP]);
}

// Turns the loop until the offer is settled.
static void settle(struct rig *r)
{
	uint64_t until = now_ns() + 5000000000ull;

	while (publish_in_flight(&r->publish, ROOT_NEXTHOP) && now_ns() < until)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_false(publish_in_flight(&r->publish, ROOT_NEXTHOP));
}

static bool generation_is_there(uint64_t n)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/gen-%d-%llu", dir, ROOT_NEXTHOP, (unsigned long long)n);
	return access(path, R_OK) == 0;
}

static void alone_it_is_settled_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	assert_int_equal(offer(&r, 1500), 1);
	settle(&r);
	assert_int_equal(r.result, PUBLISH_ALONE);
	assert_int_equal(r.n, 1);
	assert_int_equal(offer(&r, 1500), 0); // the same again is nothing
	assert_int_equal(wanted(&r), 1);
	rig_close(&r);
}

static void acknowledged(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	dataplane_lives(&r);
	assert_int_equal(offer(&r, 1400), 1);
	event_base_loop(r.base, EVLOOP_ONCE);
	assert_int_equal(r.n, 0);
	assert_true(generation_is_there(wanted(&r) - 1)); // still in use
	atomic_store(&r.region.root->acknowledged[ROOT_NEXTHOP], wanted(&r));
	settle(&r);
	assert_int_equal(r.result, PUBLISH_ACKNOWLEDGED);
	assert_false(generation_is_there(wanted(&r) - 1));
	assert_true(generation_is_there(wanted(&r)));
	rig_close(&r);
}

static void refused_goes_back(void **state)
{
	struct error e = {0};
	struct rig r;

	(void)state;
	rig_open(&r);
	dataplane_lives(&r);
	assert_int_equal(mtu_now(&r), 1400); // taken over from the spryd before
	assert_int_equal(offer(&r, 1300), 1);
	snprintf(r.region.root->refused_text[ROOT_NEXTHOP], 480, "no room");
	atomic_store(&r.region.root->refused[ROOT_NEXTHOP], wanted(&r));
	settle(&r);
	assert_int_equal(r.result, PUBLISH_REFUSED);
	assert_string_equal(r.why, "no room");
	assert_int_equal(publish_back(&r.publish, ROOT_NEXTHOP, &e), 0);
	assert_int_equal(mtu_now(&r), 1400);
	assert_int_equal(wanted(&r), 4);
	rig_close(&r);
}

static void unanswered_is_given_up(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	dataplane_lives(&r);
	r.publish.timeout_ns = 20000000;
	assert_int_equal(offer(&r, 1200), 1);
	settle(&r);
	assert_int_equal(r.result, PUBLISH_TIMEOUT);
	assert_true(r.why[0] != '\0');
	rig_close(&r);
}

static void takes_over(void **state)
{
	struct rig r;
	uint64_t before;

	(void)state;
	rig_open(&r);
	before = wanted(&r);
	assert_int_equal(offer(&r, 1200), 0); // what the last one published: nothing is disturbed
	assert_int_equal(offer(&r, 1100), 1);
	assert_int_equal(wanted(&r), before + 1);
	rig_close(&r);
}

static void damaged_image_is_made_anew(void **state)
{
	char path[128];
	struct rig r;
	FILE *f;

	(void)state;
	rig_open(&r);
	snprintf(path, sizeof(path), "%s/gen-%d-%llu", dir, ROOT_NEXTHOP,
	        (unsigned long long)wanted(&r));
	rig_close(&r);
	f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, 200, SEEK_SET);
	fputs("damage", f);
	fclose(f);
	rig_open(&r);
	assert_null(publish_view(&r.publish, ROOT_NEXTHOP));
	assert_int_equal(offer(&r, 1100), 1);
	rig_close(&r);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct region r;
	struct error e = {0};

	(void)state;
	if (region_attach(&r, dir, &e) == 0)
		region_remove(&r);
	return access(dir, F_OK) == 0 ? rmdir(dir) : 0;
}

int main(void)
{
	// Each goes on with the region the one before left.
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(alone_it_is_settled_at_once),
	        cmocka_unit_test(acknowledged),
	        cmocka_unit_test(refused_goes_back),
	        cmocka_unit_test(unanswered_is_given_up),
	        cmocka_unit_test(takes_over),
	        cmocka_unit_test(damaged_image_is_made_anew),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
