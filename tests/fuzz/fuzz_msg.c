// A datagram: parsed by every scanner (parsed.h), then through the stages to bytes out: what leaves
// is well-formed, goes where it may, is the input but for what a proxy changes, is not much longer,
// is the same every time; and the response to what was forwarded finds back to the sender.
#include "tests/fuzz/parsed.h"

#include <string.h>

#include "tools/replay/inspect.h"

static const char config[] =
        "set port access device net_null0\n"
        "set port access address 192.0.2.1/24\n"
        "set port core device net_null1\n"
        "set port core address 198.51.100.1/24\n"
        "set leg access port access udp 192.0.2.1:5060 contact-rewrite on trusted on\n"
        "set leg core port core udp 198.51.100.1:5060 contact-rewrite user\n"
        "set group switches member 198.51.100.10:5060 weight 1\n"
        "set group phones member 192.0.2.20:5060 weight 1\n"
        "set domain example.com group switches\n"
        "set domain phones.example.com group phones\n"
        "set domain numbers.example.com prefix\n"
        "set domain closed.example.com reject 603\n"
        "set domain default forward\n"
        "set prefix + group switches\n"
        "route 0.0.0.0/0 core via 198.51.100.254\n";

static const char *const sides[2] = {"access", "core"};
static const char *const sources[2] = {"192.0.2.10:5062", "198.51.100.10:5060"};

// What was forwarded, answered by who got it: it must come back to where the request came from.
static void check_answered(struct rig *rig, const struct addr *from, const struct rig_result *sent)
{
	static struct message request;
	static struct rig_result back;
	static char answer[70000];
	size_t head = 0;

	// With what was added it may have more fields than spry takes.
	if (message_parse((struct str){sent->bytes, sent->len}, &request, NULL) != MESSAGE_NONE ||
	        !request.is_request)
		return;
	head = (size_t)snprintf(answer, sizeof(answer), "SIP/2.0 200 OK\r\n");
	memcpy(answer + head, sent->bytes + request.header_start, sent->len - request.header_start);
	head += sent->len - request.header_start;
	if (head > MESSAGE_BYTES_MAX)
		return;
	oracle(rig_send(rig, str_of(sent->leg), &sent->to, (struct str){answer, head}, &back));
	// Contacts the other side's leg must rewrite, and could not.
	if (strcmp(back.verdict, "bad-response") == 0 ||
	        strcmp(back.verdict, "too-many-edits") == 0)
		return;
	oracle(strcmp(back.verdict, "forwarded") == 0 && addr_eq_ip(&back.to, from));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rig *rig;
	static struct rig_result first, second;
	struct str bytes = {(const char *)data, size};
	struct addr from;

	if (rig == NULL) {
		struct error e = {0};
		rig = rig_create(str_of(config), "fuzz", &e);
		oracle(rig != NULL);
	}
	parsed_check(bytes);
	for (unsigned side = 0; side < 2; side++) {
		oracle(addr_parse(str_of(sources[side]), &from));
		oracle(rig_send(rig, str_of(sides[side]), &from, bytes, &first));
		oracle(rig_send(rig, str_of(sides[side]), &from, bytes, &second));
		oracle(first.len == second.len &&
		        memcmp(first.bytes, second.bytes, first.len) == 0);
		oracle(strcmp(first.verdict, second.verdict) == 0);
		if (strcmp(first.way, "forwarded") == 0) {
			oracle_nothing(inspect_forwarded(bytes, &first));
			check_answered(rig, &from, &first);
		} else if (strcmp(first.way, "replied") == 0) {
			oracle_nothing(inspect_reply(bytes, &from, &first));
		} else {
			oracle(first.len == 0);
		}
	}
	return 0;
}
