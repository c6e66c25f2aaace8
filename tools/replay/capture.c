// Packet captures: see capture.h. Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
#include "tools/replay/capture.h"

enum {
	PCAP_MICRO = 0xa1b2c3d4,
	PCAP_NANO = 0xa1b23c4d,
	PCAP_HEADER = 24,
	PCAP_RECORD = 16,
	NG_SECTION = 0x0a0d0d0a,
	NG_ORDER = 0x1a2b3c4d,
	NG_INTERFACE = 1,
	NG_SIMPLE = 3,
	NG_ENHANCED = 6,
	NG_INTERFACES_MAX = 256,
	LINK_ETHERNET = 1,
	SNAP_MAX = 262144,
};

struct reader {
	struct str file;
	size_t at;
	bool swapped;
	unsigned n;            // frames so far
	unsigned n_interfaces; // pcapng: of the section
	uint16_t link[NG_INTERFACES_MAX];
	unsigned short_frames;
	capture_fn fn;
	void *arg;
	bool done;
};

static uint32_t word(const struct reader *r, size_t at)
{
	uint32_t n;

	memcpy(&n, r->file.p + at, 4);
	return r->swapped ? __builtin_bswap32(n) : n;
}

static uint16_t half(const struct reader *r, size_t at)
{
	uint16_t n;

	memcpy(&n, r->file.p + at, 2);
	return r->swapped ? __builtin_bswap16(n) : n;
}

static int bad(const struct reader *r, const char *what, struct error *e)
{
	return error_set(e, "after frame %u, at byte %zu: %s", r->n, r->at, what);
}

static int check_link(const struct reader *r, unsigned link, struct error *e)
{
	if (link == LINK_ETHERNET)
		return 0;
	return error_set(
	        e, "after frame %u: link type %u, only Ethernet (1) can be replayed", r->n, link);
}

static void give(struct reader *r, size_t at, size_t captured, size_t original)
{
	r->n++;
	r->short_frames += captured < original;
	r->done = !r->fn(r->arg, (struct str){r->file.p + at, captured});
}

static int read_pcap(struct reader *r, struct error *e)
{
	if (r->file.len < PCAP_HEADER)
		return bad(r, "the file header is cut short", e);
	// The upper bits say whether a checksum follows each frame.
	if (check_link(r, word(r, 20) & 0xffff, e) != 0)
		return -1;
	for (r->at = PCAP_HEADER; r->at < r->file.len && !r->done;) {
		size_t left = r->file.len - r->at;

		if (left < PCAP_RECORD)
			return bad(r, "a record header is cut short", e);
		uint32_t captured = word(r, r->at + 8), original = word(r, r->at + 12);
		if (captured > SNAP_MAX || captured > left - PCAP_RECORD)
			return bad(r, "a record is longer than the file", e);
		give(r, r->at + PCAP_RECORD, captured, original);
		r->at += PCAP_RECORD + captured;
	}
	return 0;
}

// The length a block's header says, checked; 0 = error.
static uint32_t block_length(const struct reader *r, struct error *e)
{
	size_t left = r->file.len - r->at;
	uint32_t len;

	if (left < 12) {
		bad(r, "a block is cut short", e);
		return 0;
	}
	len = word(r, r->at + 4);
	if (len < 12 || len % 4 != 0 || len > left) {
		bad(r, "a block is longer than the file, or has no sane length", e);
		return 0;
	}
	return len;
}

static int read_packet(struct reader *r, uint32_t len, bool simple, struct error *e)
{
	const size_t head = simple ? 12 : 28;
	size_t captured, original;
	uint32_t interface = 0;

	if (len < head + 4)
		return bad(r, "a packet block is cut short", e);
	if (!simple)
		interface = word(r, r->at + 8);
	if (interface >= r->n_interfaces)
		return bad(r, "a packet block names an interface there is not", e);
	if (check_link(r, r->link[interface], e) != 0)
		return -1;
	original = word(r, r->at + (simple ? 8 : 24));
	captured = simple ? original : word(r, r->at + 20);
	if (simple && captured > len - head - 4)
		captured = len - head - 4;
	if (captured > len - head - 4)
		return bad(r, "a packet is longer than its block", e);
	give(r, r->at + head, captured, original);
	return 0;
}

static int read_interface(struct reader *r, uint32_t len, struct error *e)
{
	if (len < 20 || r->n_interfaces == NG_INTERFACES_MAX)
		return bad(r, "an interface block is cut short, or there are too many", e);
	r->link[r->n_interfaces++] = half(r, r->at + 8);
	return 0;
}

static int start_section(struct reader *r, struct error *e)
{
	uint32_t order;

	if (r->file.len - r->at < 28)
		return bad(r, "a section header is cut short", e);
	memcpy(&order, r->file.p + r->at + 8, 4);
	r->swapped = order != NG_ORDER;
	r->n_interfaces = 0;
	if (r->swapped && order != __builtin_bswap32(NG_ORDER))
		return bad(r, "a section header without byte order", e);
	return 0;
}

static int read_pcapng(struct reader *r, struct error *e)
{
	while (r->at < r->file.len && !r->done) {
		uint32_t type, len;
		int rc = 0;

		type = r->file.len - r->at >= 4 ? word(r, r->at) : 0;
		if (type == NG_SECTION && start_section(r, e) != 0)
			return -1;
		len = block_length(r, e);
		if (len == 0)
			return -1;
		if (type == NG_INTERFACE)
			rc = read_interface(r, len, e);
		else if (type == NG_ENHANCED || type == NG_SIMPLE)
			rc = read_packet(r, len, type == NG_SIMPLE, e);
		if (rc != 0)
			return -1;
		r->at += len;
	}
	return 0;
}

static uint32_t magic(struct str file)
{
	uint32_t n = 0;

	if (file.len >= 4)
		memcpy(&n, file.p, 4);
	return n;
}

static bool is_pcap(uint32_t m)
{
	return m == PCAP_MICRO || m == PCAP_NANO;
}

bool capture_is(struct str file)
{
	const uint32_t m = magic(file);

	return is_pcap(m) || is_pcap(__builtin_bswap32(m)) || m == NG_SECTION;
}

int capture_read(struct str file, capture_fn fn, void *arg, unsigned *short_frames, struct error *e)
{
	const uint32_t m = magic(file);
	struct reader r = {.file = file, .fn = fn, .arg = arg};
	int rc;

	r.swapped = is_pcap(__builtin_bswap32(m));
	rc = m == NG_SECTION ? read_pcapng(&r, e) : read_pcap(&r, e);
	if (short_frames != NULL)
		*short_frames = r.short_frames;
	return rc;
}

bool capture_begin(FILE *f)
{
	const uint32_t head[6] = {PCAP_MICRO, 2 | 4 << 16, 0, 0, SNAP_MAX, LINK_ETHERNET};

	return fwrite(head, sizeof(head), 1, f) == 1;
}

bool capture_write(FILE *f, unsigned number, struct str frame)
{
	const uint32_t head[4] = {number, 0, (uint32_t)frame.len, (uint32_t)frame.len};

	return fwrite(head, sizeof(head), 1, f) == 1 && fwrite(frame.p, frame.len, 1, f) == 1;
}
