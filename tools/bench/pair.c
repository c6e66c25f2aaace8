// Regions, tables, bindings, then the processes.
#include "tools/bench/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/type.h"
#include "dataplane/base/now.h"
#include "tools/bench/interrupt.h"
#include "tools/bench/pages.h"
#include "tools/bench/phones.h"

enum {
	PAIR_LINK_MS = 10000,
	PAIR_END_MS = 3000,
	PAIR_SLOTS_LEAST = 100000,
};
#define PAIR_PHONE_DOMAIN "phones.example.com"

// The twins of the two processes must not meet the machine's interfaces, nor be left there.
static int own_namespace(struct error *e)
{
	static bool done;
	int fd;

	if (done)
		return 0;
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
		return error_set(e,
		        "no network namespace of its own: %s (run it as root, or name real ports)",
		        strerror(errno));
	done = true;
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL); // a hugetlbfs of the region
	// what the kernel would say there (router solicitations) is no load
	fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!write(fd, "1", 1);
		close(fd);
	}
	return 0;
}

static int make_base(struct pair *p, struct error *e)
{
	const char *const places[] = {getenv("SPRY_RUN"), "/dev/shm", "/run", "/tmp"};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i] == NULL)
			continue;
		snprintf(p->base, sizeof(p->base), "%.96s/spry-bench.XXXXXX", places[i]);
		if (mkdtemp(p->base) != NULL)
			return 0;
	}
	p->base[0] = '\0';
	return error_set(e, "no directory can be made in $SPRY_RUN, /dev/shm, /run or /tmp");
}

// Both ends of an abstract socket in our network namespace. The proxy is the client: only that side
// can go without copying.
static void memif_ports(struct pair *p, const struct pair_wish *w)
{
	struct scenario_ports *to = &p->ports;

	for (unsigned i = 0; i < SCENARIO_PORTS; i++) {
		snprintf(to->generator[i], sizeof(to->generator[i]),
		        "net_memif%u,role=server,socket=spry-bench%u,mac=" SCENARIO_MAC, i, i);
		snprintf(to->proxy[i], sizeof(to->proxy[i]),
		        "net_memif%u,role=client,socket=spry-bench%u,mac=" SCENARIO_MAC "%s", i, i,
		        w->copy ? "" : ",zero-copy=yes");
		strcpy(to->proxy_mac[i], SCENARIO_MAC);
		strcpy(to->generator_mac[i], SCENARIO_MAC);
	}
}

static int take_ports(struct pair *p, const struct pair_wish *w, struct error *e)
{
	p->memif = w->n_ports == 0;
	if (p->memif) {
		memif_ports(p, w);
		return own_namespace(e);
	}
	for (unsigned i = 0; i < SCENARIO_PORTS; i++) {
		snprintf(p->ports.generator[i], sizeof(p->ports.generator[i]), "%s",
		        w->generator_port[i]);
		snprintf(p->ports.proxy[i], sizeof(p->ports.proxy[i]), "%s", w->proxy_port[i]);
		strcpy(p->ports.proxy_mac[i], SCENARIO_MAC); // until they run
		strcpy(p->ports.generator_mac[i], SCENARIO_MAC);
	}
	return 0;
}

static int take_cores(struct device *d, const char *cores, struct error *e)
{
	const int n = type_cores(str_of(cores), d->core, SETUP_CORES_MAX);

	if (n < 1)
		return error_set(e, "%s: \"%s\" is no list of cores", d->name, cores);
	d->n_cores = (unsigned)n;
	return 0;
}

static uint64_t slots(const struct scenario *s, uint64_t bindings)
{
	const uint64_t n = bindings > s->users ? bindings : s->users;

	return n + n / 4 > PAIR_SLOTS_LEAST ? n + n / 4 : PAIR_SLOTS_LEAST;
}

static int publish_proxy(
        struct pair *p, const struct scenario *s, const struct pair_wish *w, struct error *e)
{
	struct user_list users = {NULL, 0};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = -1;

	scenario_proxy_text(s, &p->ports, w->proxy_cores, slots(s, p->bindings), f);
	if (w->no_huge)
		fputs("set memory huge off\n", f);
	fclose(f);
	if ((s->flags & SCENARIO_DIGEST) == 0 ||
	        phones_password(&users, s->users, PAIR_PHONE_DOMAIN, SCENARIO_PASSWORD, e) == 0)
		rc = device_publish(&p->proxy, text, users.n > 0 ? &users : NULL, e);
	user_list_clear(&users);
	free(text);
	return rc;
}

static int publish_generator(struct pair *p, const struct pair_wish *w, struct error *e)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc;

	scenario_generator_text(&p->ports, w->engine, w->generator_cores, f);
	if (w->no_huge)
		fputs("set memory huge off\n", f);
	fclose(f);
	rc = device_publish(&p->generator, text, NULL, e);
	free(text);
	return rc;
}

static int make_location(struct pair *p, const struct scenario *s, struct error *e)
{
	if ((s->flags & (SCENARIO_PHONES | SCENARIO_REGISTER)) == 0)
		return 0;
	if (device_make_location(&p->proxy, slots(s, p->bindings), e) != 0)
		return -1;
	if ((s->flags & SCENARIO_PHONES) == 0)
		return 0;
	return phones_register(
	        p->proxy.location, p->bindings, PAIR_PHONE_DOMAIN, "198.51.100.10:5060", "core", e);
}

static bool links_up(const struct device *d)
{
	const struct root *root = d->region.root;

	for (unsigned i = 0; i < SCENARIO_PORTS; i++)
		if (!root->port[i].link_up)
			return false;
	return true;
}

static int wait_links(struct pair *p, struct error *e)
{
	const uint64_t deadline = now_ns() + PAIR_LINK_MS * UINT64_C(1000000);

	while (!links_up(&p->generator) || !links_up(&p->proxy)) {
		if (!pair_lives(p, e))
			return -1;
		if (now_ns() > deadline)
			return error_set(e, "no link between generator and proxy after %d s",
			        PAIR_LINK_MS / 1000);
		if (!interrupt_nap(20))
			return error_set(e, "interrupted");
	}
	return 0;
}

// Real ports have addresses of their own.
static int learn_macs(
        struct pair *p, const struct scenario *s, const struct pair_wish *w, struct error *e)
{
	for (unsigned i = 0; i < SCENARIO_PORTS; i++) {
		const uint8_t *a = p->proxy.region.root->port[i].mac;
		const uint8_t *b = p->generator.region.root->port[i].mac;

		snprintf(p->ports.proxy_mac[i], sizeof(p->ports.proxy_mac[i]),
		        "%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
		snprintf(p->ports.generator_mac[i], sizeof(p->ports.generator_mac[i]),
		        "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
	}
	return publish_proxy(p, s, w, e) != 0 || device_wait(&p->proxy, e) != 0 ? -1 : 0;
}

static int start(
        struct pair *p, const struct scenario *s, const struct pair_wish *w, struct error *e)
{
	struct device *const both[] = {&p->generator, &p->proxy};

	if (device_create(&p->generator, p->base, "generator", false, e) != 0 ||
	        device_create(&p->proxy, p->base, "proxy", !w->no_huge, e) != 0 ||
	        take_cores(&p->generator, w->generator_cores, e) != 0 ||
	        take_cores(&p->proxy, w->proxy_cores, e) != 0)
		return -1;
	p->n_generators = p->generator.n_cores;
	p->bench = bench_create(p->generator.dir, e);
	if (p->bench == NULL || publish_generator(p, w, e) != 0 || publish_proxy(p, s, w, e) != 0 ||
	        make_location(p, s, e) != 0)
		return -1;
	p->deputy = deputy_start(both, 2, e);
	// net_memif's client wants its server to be there
	if (p->deputy == NULL || device_spawn(&p->generator, e) != 0 ||
	        device_wait(&p->generator, e) != 0 || device_spawn(&p->proxy, e) != 0 ||
	        device_wait(&p->proxy, e) != 0 || wait_links(p, e) != 0)
		return -1;
	if (!p->memif && learn_macs(p, s, w, e) != 0)
		return -1;
	return (s->flags & SCENARIO_REGISTER) != 0 ? deputy_serve(p->deputy, &p->proxy, e) : 0;
}

int pair_start(struct pair *p, const struct scenario *s, const struct pair_wish *w,
        uint64_t bindings, struct error *e)
{
	*p = (struct pair){.bindings = bindings, .same_run = (s->flags & SCENARIO_REGISTER) != 0};
	if (take_ports(p, w, e) != 0 || make_base(p, e) != 0)
		return -1;
	if ((w->huge_mb == 0 || pages_take(w->huge_mb, e) == 0) && start(p, s, w, e) == 0)
		return 0;
	pair_stop(p);
	return -1;
}

bool pair_lives(struct pair *p, struct error *e)
{
	return device_lives(&p->generator, e) && device_lives(&p->proxy, e);
}

// The generator is frozen first: the proxy ends in order, with a peer that is still there, and what
// then is left of the generator is nobody's.
static void end_processes(struct pair *p)
{
	const uint64_t deadline = now_ns() + PAIR_END_MS * UINT64_C(1000000);

	if (p->generator.pid > 0)
		kill(p->generator.pid, SIGSTOP);
	if (p->proxy.pid <= 0)
		return;
	kill(p->proxy.pid, SIGTERM);
	while (waitpid(p->proxy.pid, NULL, WNOHANG) == 0) {
		if (now_ns() > deadline)
			return; // device_destroy() kills it
		usleep(2000);
	}
	p->proxy.pid = 0;
}

void pair_stop(struct pair *p)
{
	if (p->base[0] == '\0')
		return;
	end_processes(p);
	deputy_stop(p->deputy);
	p->deputy = NULL;
	if (p->bench != NULL)
		bench_detach(p->bench);
	p->bench = NULL;
	device_destroy(&p->proxy);
	device_destroy(&p->generator);
	rmdir(p->base);
	p->base[0] = '\0';
	pages_give_back();
}
