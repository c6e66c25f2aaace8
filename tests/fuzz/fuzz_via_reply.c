// Any bytes as a Via: views stay inside, an edit made with it changes what it should. As the Via of
// a request that is refused: the answer goes to the source and no one else. As the Via below ours
// in a response whose branch is right: the response goes where that Via says, nowhere special, and
// is the response but for our Via.
#include <string.h>

#include "dataplane/sip/edit.h"
#include "dataplane/sip/oc.h"
#include "dataplane/sip/received.h"
#include "tests/fuzz/oracle.h"
#include "tools/replay/inspect.h"

enum { VIA_MAX = 60000 };

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060 overload-control on\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set domain example.com group switches\n"
                             "set domain closed.example.com reject 603\n"
                             "route 0.0.0.0/0 access via 192.0.2.254\n";

static const char request_head[] = "OPTIONS sip:a@%s SIP/2.0\r\nVia: ";
static const char rest[] = "\r\nMax-Forwards: 70\r\n"
                           "From: <sip:a@example.net>;tag=1\r\n"
                           "To: <sip:a@example.com>;tag=2\r\n"
                           "Call-ID: 1\r\n"
                           "CSeq: 1 OPTIONS\r\n"
                           "Content-Length: 0\r\n"
                           "\r\n";

static struct rig *rig;
static struct rig_result result;
static struct addr phone, peer;
static char our_via[2048];
static size_t our_via_len;
static char text[VIA_MAX + sizeof(rest) + 4096];

static struct str message(const char *start, const char *host, struct str via)
{
	size_t n = (size_t)snprintf(text, sizeof(text), start, host);

	memcpy(text + n, via.p, via.len);
	n += via.len;
	memcpy(text + n, rest, sizeof(rest) - 1);
	return (struct str){text, n + sizeof(rest) - 1};
}

// A good request goes out once: its Via of ours is good for responses to it.
static void start(void)
{
	struct error e = {0};
	struct str out, line;

	rig = rig_create(str_of(config), "fuzz", &e);
	oracle(rig != NULL);
	oracle(addr_parse(STR("192.0.2.10:5062"), &phone));
	oracle(addr_parse(STR("198.51.100.10:5060"), &peer));
	oracle(rig_send(rig, STR("access"), &phone,
	        message(request_head, "example.com",
	                STR("SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1")),
	        &result));
	oracle(strcmp(result.verdict, "forwarded") == 0);
	out = (struct str){result.bytes, result.len};
	line = str_skip(out, str_find(out, '\n') + 1);
	our_via_len = str_find(line, '\r') + 2;
	oracle(our_via_len < sizeof(our_via));
	memcpy(our_via, line.p, our_via_len);
	our_via[our_via_len] = '\0';
}

static void check_views(struct str in, const struct via *v)
{
	static struct edit_list l;
	static char out[1 << 16];
	struct via again;

	oracle(oracle_inside(v->host, in) && oracle_inside(v->sent_by, in));
	oracle(oracle_inside(v->params, in) && oracle_inside(v->branch, in));
	oracle(oracle_inside(v->maddr, in) && oracle_inside(v->rport.all, in));
	oracle(oracle_inside(v->received.all, in));
	if (v->oc && v->n_params <= PARAMS_MAX - PARAMS_OWN) {
		edit_start(&l);
		oc_edit(&l, in.p, v, &(struct oc){50, 1});
		const size_t len = edit_apply(&l, in, out, sizeof(out));
		oracle(l.overflow || via_parse((struct str){out, len}, &again));
	}
	if (v->n_params > PARAMS_MAX - PARAMS_OWN)
		return; // not taken of a request
	edit_start(&l);
	received_edit(&l, in.p, v, &phone);
	if (v->received.name.len > 0 || v->rport.name.len > 0 || !addr_eq_ip(&v->addr, &phone))
		oracle(via_parse((struct str){out, edit_apply(&l, in, out, sizeof(out))}, &again) &&
		        addr_eq_ip(&again.received_addr, &phone) &&
		        (v->rport.name.len == 0 || again.rport_value == phone.port));
}

static void check_refused(struct str in)
{
	const struct str request = message(request_head, "closed.example.com", in);
	const char *wrong;

	oracle(rig_send(rig, STR("access"), &phone, request, &result));
	wrong = inspect(request, &phone, &result);
	if (wrong != NULL)
		fprintf(stderr, "%s %s: %s\n", result.way, result.verdict, wrong);
	oracle(wrong == NULL && strcmp(result.way, "forwarded") != 0);
}

static void check_response(struct str in)
{
	static char start_line[sizeof(our_via) + 64];
	struct str response;
	struct addr to;
	struct via v;

	snprintf(start_line, sizeof(start_line), "SIP/2.0 200 OK\r\n%sVia: ", our_via);
	response = message(start_line, "", in);
	oracle(rig_send(rig, STR("core"), &peer, response, &result));
	if (strcmp(result.way, "forwarded") != 0) {
		oracle(result.len == 0 && strcmp(result.way, "replied") != 0);
		return;
	}
	oracle(inspect(response, &peer, &result) == NULL && addr_is_unicast(&result.to));
	// The input may hold several values, and more header fields.
	if (memchr(in.p, ',', in.len) == NULL && memchr(in.p, '\n', in.len) == NULL)
		oracle(via_parse(in, &v) && received_next(&v, &to) && addr_eq(&to, &result.to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size < VIA_MAX ? size : VIA_MAX};
	struct via v;

	if (rig == NULL)
		start();
	if (via_parse(in, &v))
		check_views(in, &v);
	check_refused(in);
	check_response(in);
	return 0;
}
