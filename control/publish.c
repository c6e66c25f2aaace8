// Publishing generations to the dataplane: see publish.h. An image that does not pass the checks
// the dataplane makes (table_open) is never published.
#include "control/publish.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

#define SECOND_NS 1000000000ull
#define HEART_DEAD_NS (10 * SECOND_NS)    // longer than a dataplane's restart
#define USERS_TIMEOUT_NS (60 * SECOND_NS) // millions take their time
#define POLL_US 1000

static void *aligned_copy(const void *image, size_t len)
{
	void *copy = aligned_alloc(64, (len + 63) & ~(size_t)63);

	if (copy != NULL)
		memcpy(copy, image, len);
	return copy;
}

bool publish_dataplane_lives(const struct publish *p)
{
	const struct root *root = p->region->root;
	uint32_t pid = atomic_load(&root->dataplane_pid);
	uint64_t beat = atomic_load(&root->dataplane_beat_ns), now = now_ns();

	if (pid == 0 || pid > INT32_MAX || (kill((pid_t)pid, 0) != 0 && errno != EPERM))
		return false;
	return beat != 0 && (beat > now || now - beat < HEART_DEAD_NS);
}

bool publish_in_flight(const struct publish *p, enum root_chain chain)
{
	return p->chain[chain].done != NULL;
}

const struct table_view *publish_view(const struct publish *p, enum root_chain chain)
{
	return p->chain[chain].image != NULL ? &p->chain[chain].view : NULL;
}

static void settle(struct publish *p, enum root_chain c, enum publish_result result)
{
	struct publish_chain *ch = &p->chain[c];
	publish_done_fn done = ch->done;
	char why[sizeof(p->region->root->refused_text[0]) + 1] = "";

	ch->done = NULL;
	if (result == PUBLISH_ACKNOWLEDGED || result == PUBLISH_ALONE) {
		region_drop_generations(p->region, c, ch->generation);
		ch->settled = ch->generation;
	} else if (result == PUBLISH_REFUSED) {
		memcpy(why, p->region->root->refused_text[c], sizeof(why) - 1);
		why[sizeof(why) - 1] = '\0';
	} else {
		snprintf(why, sizeof(why), "no answer from the dataplane within %u s",
		        (unsigned)(p->timeout_ns / SECOND_NS));
	}
	done(ch->arg, result, why);
}

static void poll_chain(struct publish *p, enum root_chain c)
{
	struct publish_chain *ch = &p->chain[c];
	struct root *root = p->region->root;

	if (ch->done == NULL)
		return;
	if (atomic_load(&root->acknowledged[c]) == ch->generation)
		settle(p, c, PUBLISH_ACKNOWLEDGED);
	else if (atomic_load(&root->refused[c]) == ch->generation)
		settle(p, c, PUBLISH_REFUSED);
	else if (!ch->lived && !publish_dataplane_lives(p))
		settle(p, c, PUBLISH_ALONE);
	else if (now_ns() > ch->deadline_ns)
		settle(p, c, publish_dataplane_lives(p) ? PUBLISH_TIMEOUT : PUBLISH_ALONE);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct publish *p = arg;
	struct timeval tick = {0, POLL_US};

	(void)fd, (void)what;
	for (int c = 0; c < ROOT_CHAINS; c++)
		poll_chain(p, (enum root_chain)c);
	for (int c = 0; c < ROOT_CHAINS; c++)
		if (p->chain[c].done != NULL) {
			evtimer_add(p->timer, &tick);
			return;
		}
}

// Of users only the number is taken over: there may be millions of them.
static void adopt_users(struct publish_chain *ch, const struct root *root)
{
	uint64_t refused = atomic_load(&root->refused[ROOT_USERS]);

	ch->settled = ch->generation;
	ch->generation = refused > ch->generation ? refused : ch->generation;
}

static int adopt(struct publish *p, enum root_chain c)
{
	struct publish_chain *ch = &p->chain[c];
	struct error e = {0};
	size_t len;
	void *raw;

	ch->generation = atomic_load(&p->region->root->wanted[c]);
	if (getrandom(&ch->key, sizeof(ch->key), 0) != sizeof(ch->key))
		return -1;
	if (c == ROOT_USERS)
		adopt_users(ch, p->region->root);
	if (ch->generation == 0 || c == ROOT_USERS)
		return 0;
	raw = region_read_generation(p->region, c, ch->generation, &len, &e);
	if (raw == NULL) {
		log_warning("generation %llu cannot be read, making a new one: %s",
		        (unsigned long long)ch->generation, e.text);
		return 0;
	}
	ch->image = aligned_copy(raw, len);
	free(raw);
	if (ch->image == NULL || table_open(&ch->view, ch->image, len, c, &e) != 0) {
		log_warning("generation %llu is damaged, making a new one: %s",
		        (unsigned long long)ch->generation, e.text);
		free(ch->image);
		ch->image = NULL;
		return 0;
	}
	ch->len = len;
	ch->key = ch->view.header->hash_key;
	return 0;
}

int publish_init(struct publish *p, struct event_base *base, struct region *region, struct error *e)
{
	*p = (struct publish){.region = region, .timeout_ns = 5 * SECOND_NS};
	p->timer = evtimer_new(base, on_timer, p);
	if (p->timer == NULL)
		return error_set(e, "out of memory");
	for (int c = 0; c < ROOT_CHAINS; c++)
		if (adopt(p, (enum root_chain)c) != 0)
			return error_set(e, "no random numbers from the kernel");
	return 0;
}

void publish_fini(struct publish *p)
{
	if (p->timer != NULL)
		event_free(p->timer);
	for (int c = 0; c < ROOT_CHAINS; c++) {
		free(p->chain[c].image);
		free(p->chain[c].previous);
	}
	*p = (struct publish){0};
}

// Everything but generation number and checksum.
static bool same_tables(const struct publish_chain *ch, const void *image, size_t len)
{
	const struct table_header *a = ch->image, *b = image;

	return ch->image != NULL && ch->len == len && a->layout == b->layout &&
	       memcmp(&a->hash_key, &b->hash_key, len - offsetof(struct table_header, hash_key)) ==
	               0;
}

// Makes `image` (64-byte aligned, taken over) the newest of the chain and visible to the dataplane.
static int put(struct publish *p, enum root_chain c, void *image, size_t len, struct error *e)
{
	struct publish_chain *ch = &p->chain[c];
	uint64_t n = ((const struct table_header *)image)->generation;
	struct table_view view;

	if (table_open(&view, image, len, c, e) != 0 ||
	        region_write_generation(p->region, c, n, image, len, e) != 0) {
		free(image);
		return -1;
	}
	free(ch->previous);
	ch->previous = ch->image;
	ch->previous_len = ch->len;
	ch->image = image;
	ch->len = len;
	ch->view = view;
	ch->generation = n;
	atomic_store(&p->region->root->wanted[c], n);
	return 0;
}

static void wait_for_answer(
        struct publish *p, enum root_chain chain, publish_done_fn done, void *arg)
{
	struct publish_chain *ch = &p->chain[chain];
	struct timeval tick = {0, POLL_US};

	ch->done = done;
	ch->arg = arg;
	ch->deadline_ns = now_ns() + p->timeout_ns;
	ch->lived = publish_dataplane_lives(p);
	evtimer_add(p->timer, &tick);
}

int publish_offer(struct publish *p, enum root_chain chain, struct table_builder *b,
        publish_done_fn done, void *arg, struct error *e)
{
	struct publish_chain *ch = &p->chain[chain];
	void *image;
	size_t len;

	if (ch->done != NULL) {
		table_abandon(b);
		return error_set(e, "another publish is in flight");
	}
	image = table_finish(b, chain, ch->generation + 1, &len, e);
	if (image == NULL)
		return -1;
	if (same_tables(ch, image, len)) {
		free(image);
		return 0;
	}
	if (put(p, chain, image, len, e) != 0)
		return -1;
	wait_for_answer(p, chain, done, arg);
	return 1;
}

void publish_users(struct publish *p, uint64_t generation, publish_done_fn done, void *arg)
{
	struct publish_chain *ch = &p->chain[ROOT_USERS];

	ch->generation = generation;
	atomic_store(&p->region->root->wanted[ROOT_USERS], generation);
	wait_for_answer(p, ROOT_USERS, done, arg);
	ch->deadline_ns = now_ns() + USERS_TIMEOUT_NS;
}

void publish_users_back(struct publish *p)
{
	struct publish_chain *ch = &p->chain[ROOT_USERS];

	atomic_store(&p->region->root->wanted[ROOT_USERS], ch->settled);
	region_remove_generation(p->region, ROOT_USERS, ch->generation);
}

int publish_back(struct publish *p, enum root_chain chain, struct error *e)
{
	struct publish_chain *ch = &p->chain[chain];
	struct table_header *h;

	if (ch->previous == NULL)
		return error_set(e, "there is no generation before this one");
	h = aligned_copy(ch->previous, ch->previous_len);
	if (h == NULL)
		return error_set(e, "out of memory");
	h->generation = ch->generation + 1;
	h->checksum = 0;
	h->checksum = hash_24((struct hash_key){0, 0}, h, ch->previous_len);
	return put(p, chain, h, ch->previous_len, e);
}
