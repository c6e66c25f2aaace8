// sendmmsg and recvmmsg in turn: see blast.h.
#include "tools/bench/blast.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "tools/bench/blast_message.h"

enum {
	BATCH = 32,
	POOL = 65536, // distinct messages; more than any cache of a peer
	BUFFER = 8 << 20,
	WINDOW = 256, // REGISTERs not answered yet
	RETRY_MS = 300,
};

struct burst {
	struct mmsghdr header[BATCH];
	struct iovec piece[BATCH];
	char bytes[BATCH][2048];
};

struct blast {
	int sender, sink;
	uint32_t users;
	uint32_t next; // of the pool
	char (*pool)[BLAST_MESSAGE_MAX];
	struct burst out, in;
};

volatile sig_atomic_t blast_stop;

static int open_socket(uint16_t port, struct error *e)
{
	const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = BUFFER;
	const struct sockaddr_in here = {.sin_family = AF_INET,
	        .sin_port = htons(port),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (s < 0)
		return error_set(e, "socket: %s", strerror(errno));
	// beyond the machine's limit where we may
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (bind(s, (const struct sockaddr *)&here, sizeof(here)) == 0)
		return s;
	error_set(e, "127.0.0.1:%u: %s", port, strerror(errno));
	close(s);
	return -1;
}

static void burst_init(struct burst *b)
{
	for (unsigned i = 0; i < BATCH; i++) {
		b->piece[i] = (struct iovec){b->bytes[i], sizeof(b->bytes[i])};
		b->header[i].msg_hdr = (struct msghdr){.msg_iov = &b->piece[i], .msg_iovlen = 1};
	}
}

struct blast *blast_create(uint32_t users, struct error *e)
{
	const struct sockaddr_in there = {.sin_family = AF_INET,
	        .sin_port = htons(BLAST_LISTEN_PORT),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct blast *b = calloc(1, sizeof(*b));
	uint32_t random = 12345;

	if (b == NULL || (b->pool = calloc(POOL, sizeof(*b->pool))) == NULL)
		abort();
	burst_init(&b->out);
	burst_init(&b->in);
	b->users = users;
	for (uint32_t i = 0; i < POOL; i++) {
		random = random * 1664525 + 1013904223;
		blast_invite(b->pool[i], i, (uint32_t)((uint64_t)random * users >> 32));
	}
	b->sender = open_socket(BLAST_SEND_PORT, e);
	b->sink = b->sender < 0 ? -1 : open_socket(BLAST_SINK_PORT, e);
	if (b->sink >= 0 && connect(b->sender, (const struct sockaddr *)&there, sizeof(there)) == 0)
		return b;
	if (b->sink >= 0)
		error_set(e, "connect: %s", strerror(errno));
	blast_destroy(b);
	return NULL;
}

void blast_destroy(struct blast *b)
{
	if (b == NULL)
		return;
	if (b->sender >= 0)
		close(b->sender);
	if (b->sink >= 0)
		close(b->sink);
	free(b->pool);
	free(b);
}

// The next of the pool; how many went.
static unsigned send_invites(struct blast *b, unsigned n)
{
	int sent;

	for (unsigned i = 0; i < n; i++)
		b->out.piece[i] = (struct iovec){b->pool[(b->next + i) % POOL], BLAST_INVITE_LEN};
	sent = sendmmsg(b->sender, b->out.header, n, MSG_DONTWAIT);
	if (sent <= 0) // also ECONNREFUSED, while nobody listens
		return 0;
	b->next += (unsigned)sent;
	return (unsigned)sent;
}

// What waits at a socket, at most BATCH messages, in b->in.
static unsigned receive(struct blast *b, int socket)
{
	const int n = recvmmsg(socket, b->in.header, BATCH, MSG_DONTWAIT, NULL);

	return n < 0 ? 0 : (unsigned)n;
}

static struct str received(const struct blast *b, unsigned i)
{
	return (struct str){b->in.bytes[i], b->in.header[i].msg_len};
}

static void judge(const struct blast *b, unsigned n, unsigned expect, struct blast_result *out)
{
	out->received += n;
	for (unsigned i = 0; i < n; i++) {
		uint32_t index;
		const char *why = "it is none of ours";

		if (blast_index(received(b, i), &index) && index < POOL)
			why = blast_check(received(b, i),
			        (struct str){b->pool[index], BLAST_INVITE_LEN}, expect);
		if (why == NULL)
			continue;
		out->wrong++;
		out->why = out->why != NULL ? out->why : why;
	}
}

static void take(struct blast *b, unsigned expect, struct blast_result *out)
{
	unsigned n;

	do {
		n = receive(b, b->sink);
		judge(b, n, expect, out);
	} while (n == BATCH);
	while ((n = receive(b, b->sender)) > 0) {
		const struct str first = str_head(received(b, 0), str_find(received(b, 0), '\r'));

		if (out->answer[0] == '\0')
			snprintf(out->answer, sizeof(out->answer), "%.*s", STR_ARG(first));
		out->answered += n;
	}
}

// How many are due at `now`, of a sender that began at `since`.
static unsigned due(const struct blast_plan *plan, uint64_t since, uint64_t now, uint64_t sent)
{
	const double late =
	        plan->rate <= 0 ? BATCH : (double)(now - since) * 1e-9 * plan->rate - (double)sent;

	return late >= BATCH ? BATCH : late < 0 ? 0 : (unsigned)late;
}

void blast_run(struct blast *b, const struct blast_plan *plan, struct blast_result *out)
{
	const uint64_t start = now_ns(), begin = start + (uint64_t)(plan->warm_s * 1e9);
	uint64_t now, measured = 0, sent = 0;

	*out = (struct blast_result){0};
	while ((now = now_ns()) < begin + (uint64_t)(plan->measure_s * 1e9) && !blast_stop) {
		if (measured == 0 && now >= begin) {
			plan->mark(plan->arg, true);
			*out = (struct blast_result){0};
			measured = now_ns();
		}
		const unsigned n = send_invites(b, due(plan, start, now, sent));
		sent += n;
		out->sent += n;
		take(b, plan->expect, out);
	}
	plan->mark(plan->arg, false);
	out->seconds = measured > 0 ? (double)(now_ns() - measured) * 1e-9 : 0;
}

bool blast_wait(struct blast *b, double seconds)
{
	const uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
	struct pollfd sockets[2] = {
	        {.fd = b->sink, .events = POLLIN}, {.fd = b->sender, .events = POLLIN}};

	while (now_ns() < until && !blast_stop) {
		struct blast_result r = {0};

		send_invites(b, 1);
		poll(sockets, 2, 20);
		take(b, 0, &r);
		if (r.received + r.answered > 0)
			return true;
	}
	return false;
}

// Sends the REGISTERs from *at on that have no answer, at most a batch.
static unsigned send_registers(struct blast *b, const uint8_t *done, uint32_t *at, uint32_t cseq)
{
	unsigned n = 0;

	for (; *at < b->users && n < BATCH; (*at)++) {
		if (done[*at])
			continue;
		b->out.piece[n] =
		        (struct iovec){b->out.bytes[n], blast_register(b->out.bytes[n], *at, cseq)};
		n++;
	}
	const int sent = n > 0 ? sendmmsg(b->sender, b->out.header, n, MSG_DONTWAIT) : 0;
	return sent > 0 ? (unsigned)sent : 0; // what did not go has its turn in the next round
}

// Marks what is answered by 200; how many were not before.
static uint32_t take_answers(struct blast *b, uint8_t *done)
{
	uint32_t fresh = 0, user;

	for (unsigned n; (n = receive(b, b->sender)) > 0;) {
		for (unsigned i = 0; i < n; i++) {
			if (!str_eq(str_head(received(b, i), 11), STR("SIP/2.0 200")) ||
			        !blast_index(received(b, i), &user) || user >= b->users ||
			        done[user])
				continue;
			done[user] = 1;
			fresh++;
		}
	}
	return fresh;
}

bool blast_register_all(struct blast *b, double seconds)
{
	const uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
	uint8_t *done = calloc(b->users, 1);
	uint32_t n_done = 0;

	if (done == NULL)
		abort();
	for (uint32_t round = 1; n_done < b->users && now_ns() < until && !blast_stop; round++) {
		struct pollfd p = {.fd = b->sender, .events = POLLIN};
		uint32_t at = 0, waiting = 0;

		do {
			if (waiting < WINDOW)
				waiting += send_registers(b, done, &at, round);
			const uint32_t fresh = take_answers(b, done);
			n_done += fresh;
			waiting -= fresh < waiting ? fresh : waiting;
			// all sent, or the window is full: nothing for a while is a loss
			if (fresh == 0 && (at == b->users || waiting >= WINDOW) &&
			        poll(&p, 1, RETRY_MS) <= 0)
				waiting = 0;
		} while ((at < b->users || waiting > 0) && n_done < b->users && now_ns() < until &&
		         !blast_stop);
	}
	free(done);
	return n_done == b->users;
}
