// spry-replay: runs messages and captured frames through the real stages, without NIC, root or
// other processes, and says what would become of each.
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/storage.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "tools/replay/bed.h"
#include "tools/replay/capture.h"
#include "tools/replay/inspect.h"
#include "tools/replay/report.h"

static const char usage[] =
        "usage: spry-replay [-c FILE] [-l LEG] [--from IP:PORT] [-o OUT.pcap] [-v] [--json] INPUT...\n"
        "Runs each input through the stages of spry-dp (and the registrar of spryd) and prints\n"
        "    NAME verdict STATUS-or-'-' → leg transport address    (or → - when nothing leaves)\n"
        "INPUT is a file with one message, a capture (pcap or pcapng, Ethernet: each frame is an\n"
        "input, named FILE#N), or a directory of both. No NIC, no root, no running spry is needed.\n"
        "  -c FILE         configuration (default: --bed); besides its own lines,\n"
        "                  `route PREFIX/LEN PORT [via ADDRESS]` for what the kernel would know\n"
        "  -l LEG          leg the messages come to, port of it for frames (default: the first one)\n"
        "  --from IP:PORT  who sends the messages (default: host 99 of the leg's network, port 5060)\n"
        "  -o OUT.pcap     writes the frames that leave\n"
        "  -v              prints why, and the bytes that leave too\n"
        "  --json          one JSON object a line\n"
        "  --bed           prints the configuration used without -c\n"
        "Every output is checked: what a proxy may not do, and bytes it may not touch, are told as\n"
        "BROKEN. Exit status: 0 all were processed, 1 some were not or something was broken, 2 the\n"
        "command line or the configuration is wrong. SPRY_SCAN=scalar|avx2|avx512 forces a scanner.\n";

struct run {
	const char *config, *out_name, *leg;
	struct addr from;
	bool has_from;
	struct report report;
	struct rig *rig;
	FILE *out;
	unsigned taken, failed, frames_out, no_way;
	struct rig_result result;
};

static int fail(const char *format, const char *what)
{
	fprintf(stderr, "spry-replay: ");
	fprintf(stderr, format, what);
	fputc('\n', stderr);
	return 2;
}

// 0 = run, else exit with status - 1.
static int options(struct run *r, int argc, char **argv)
{
	static const struct option longs[] = {{"from", required_argument, NULL, 'f'},
	        {"json", no_argument, NULL, 'j'}, {"bed", no_argument, NULL, 'b'},
	        {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'},
	        {NULL, 0, NULL, 0}};
	int o;

	while ((o = getopt_long(argc, argv, "c:l:o:vh", longs, NULL)) != -1) {
		switch (o) {
		case 'c':
			r->config = optarg;
			break;
		case 'l':
			r->leg = optarg;
			break;
		case 'o':
			r->out_name = optarg;
			break;
		case 'v':
			r->report.verbose = true;
			break;
		case 'j':
			r->report.json = true;
			break;
		case 'f':
			r->has_from = addr_parse(str_of(optarg), &r->from) && r->from.port != 0;
			if (!r->has_from)
				return 1 + fail("--from %s: expected IP:PORT", optarg);
			break;
		case 'b':
			return 1 + (fputs(bed_config, stdout) < 0);
		case 'h':
			return 1 + (fputs(usage, stdout) < 0);
		case 'V':
			return 1 + (puts("spry-replay " SPRY_VERSION) < 0);
		default:
			fputs(usage, stderr);
			return 3;
		}
	}
	if (optind < argc)
		return 0;
	fputs(usage, stderr);
	return 3;
}

static void on_frame_out(void *arg, struct str frame)
{
	struct run *r = arg;

	if (r->out != NULL && !capture_write(r->out, ++r->frames_out, frame)) {
		fail("%s: cannot be written", r->out_name);
		r->failed++;
		fclose(r->out);
		r->out = NULL;
	}
}

static int start(struct run *r)
{
	const char *name = r->config != NULL ? r->config : "bed";
	struct error e = {0};
	char *text = NULL;
	size_t len;

	if (r->config != NULL && (text = storage_read(r->config, &len, &e)) == NULL)
		return fail("%s", e.text);
	r->rig = rig_create(str_of(text != NULL ? text : bed_config), name, &e);
	free(text);
	if (r->rig == NULL)
		return fail("%s", e.text);
	if (r->leg == NULL)
		r->leg = rig_first_leg(r->rig).p;
	if (r->leg == NULL)
		return fail("%s: there is no leg in it", name);
	struct addr beside;
	if (!rig_beside(r->rig, str_of(r->leg), &beside))
		return fail("-l %s: there is no such leg", r->leg);
	if (!r->has_from)
		r->from = beside;
	if (r->from.family != beside.family)
		return fail("--from: not of the address family of leg %s", r->leg);
	if (r->out_name == NULL)
		return 0;
	r->out = fopen(r->out_name, "wb");
	if (r->out == NULL || !capture_begin(r->out))
		return fail("%s: cannot be written", r->out_name);
	rig_watch(r->rig, on_frame_out, r);
	return 0;
}

// The datagram of a frame, as far as it is one.
static void look_inside(const struct input *in, struct report_input *out)
{
	const uint8_t *at = (const uint8_t *)in->bytes.p;
	struct ip_header ip;
	struct eth eth;
	struct udp udp;

	if (!eth_parse(at, in->bytes.len, &eth) || (eth.type != ETH_IPV4 && eth.type != ETH_IPV6) ||
	        ip_parse(at + eth.header_len, in->bytes.len - eth.header_len, false, &ip) != IP_OK)
		return;
	out->from = ip.src;
	at += eth.header_len + ip.header_len;
	if (ip.fragment || ip.protocol != IP_UDP || !udp_parse(at, ip.payload_len, &udp))
		return;
	out->from.port = udp.src_port;
	out->bytes = (struct str){(const char *)at + UDP_HEADER, udp.payload_len};
}

static void on_input(void *arg, const struct input *in)
{
	struct run *r = arg;
	struct report_input it = {.input = in, .leg = r->leg};
	const struct str leg = str_of(r->leg);
	const char *broken;

	if (in->frame) {
		look_inside(in, &it);
		rig_frame(r->rig, leg, in->bytes, &r->result);
	} else {
		it.from = r->from;
		it.bytes = in->bytes;
		rig_send(r->rig, leg, &r->from, in->bytes, &r->result);
	}
	broken = inspect(it.bytes, &it.from, &r->result);
	r->taken++;
	r->failed += broken != NULL;
	r->no_way += strcmp(r->result.verdict, "no-nexthop") == 0;
	report_line(&r->report, &it, &r->result, broken);
}

static void on_failed(void *arg, const char *line)
{
	struct run *r = arg;

	r->failed++;
	fail("%s", line);
}

int main(int argc, char **argv)
{
	static struct run run;
	struct run *r = &run;
	const struct input_to to = {on_input, on_failed, r};
	int rc = options(r, argc, argv);

	if (rc != 0)
		return rc - 1;
	rc = start(r);
	for (int i = optind; i < argc && rc == 0; i++)
		input_read(argv[i], &to);
	if (rc == 0 && r->taken == 0)
		r->failed += fail("%s", "there was nothing to process") != 0;
	if (r->no_way > 0)
		fprintf(stderr,
		        "spry-replay: %u had no route: see `set port NAME gateway`, or `route` "
		        "lines (--help)\n",
		        r->no_way);
	if (r->out != NULL && fclose(r->out) != 0)
		rc = fail("%s: cannot be written", r->out_name);
	if (r->rig != NULL)
		rig_destroy(r->rig);
	if (fflush(stdout) != 0)
		rc = fail("%s", "standard output cannot be written");
	return rc != 0 ? rc : r->failed > 0;
}
