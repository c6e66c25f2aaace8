// What the tests of hostile frames share: two sides of either family, a good INVITE as a frame to
// spoil, and what the real worker said of it.
#pragma once

#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "tools/replay/rig.h"

enum {
	IP = ETH_HEADER,
	UDP4 = IP + IP_V4_HEADER,
	UDP6 = IP + IP_V6_HEADER,
	HEAD = 480, // bytes of the INVITE
};

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port access address 2001:db8:a::1/64\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set port core address 2001:db8:c::1/64\n"
                             "set leg access port access udp 192.0.2.1:5060\n"
                             "set leg access6 port access udp [2001:db8:a::1]:5060\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set leg core6 port core udp [2001:db8:c::1]:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set group switches6 member [2001:db8:c::10]:5060\n"
                             "set domain example.com group switches\n"
                             "set domain six.example.com group switches6\n";

static const char *const phone[2] = {"192.0.2.10:5062", "[2001:db8:a::10]:5062"};
static const char *const own[2] = {"192.0.2.1:5060", "[2001:db8:a::1]:5060"};
static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
static struct rig *rig;
static struct rig_result result;

// An INVITE of HEAD bytes, the last 4 its body.
static inline const char *invite(bool v6)
{
	static char text[1024];
	const int head = snprintf(text, sizeof(text),
	        "INVITE sip:bob@%s SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP %s;branch=z9hG4bK1\r\n"
	        "Max-Forwards: 70\r\n"
	        "From: <sip:alice@example.com>;tag=a1\r\n"
	        "To: <sip:bob@example.com>\r\n"
	        "Call-ID: c1\r\n"
	        "CSeq: 1 INVITE\r\n"
	        "Content-Length: 4\r\n"
	        "X-Pad: ",
	        v6 ? "six.example.com" : "example.com", phone[v6]);

	snprintf(text + head, sizeof(text) - (size_t)head, "%0*d\r\n\r\nbody", HEAD - 8 - head, 0);
	return text;
}

static inline struct frame frame_of(bool v6, const char *from, const char *to)
{
	const struct addr a = frame_addr(from), b = frame_addr(to);
	const char *text = invite(v6);
	const unsigned n = (unsigned)strlen(text);
	struct frame f = {0};

	frame_ethernet(&f, mac, mac, 0, v6 ? ETH_IPV6 : ETH_IPV4);
	if (v6)
		frame_ipv6(&f, &a, &b, n + UDP_HEADER, IP_UDP);
	else
		frame_ipv4(&f, &a, &b, n + UDP_HEADER, 0);
	frame_udp(&f, &a, &b, text, n);
	return f;
}

static inline void set16(struct frame *f, size_t at, unsigned v)
{
	f->byte[at] = (uint8_t)(v >> 8);
	f->byte[at + 1] = (uint8_t)v;
}

// The IPv4 header's checksum made right again.
static inline void sum_ip(struct frame *f)
{
	set16(f, IP + 10, 0);
	set16(f, IP + 10, (uint16_t)~frame_sum(f->byte + IP, (f->byte[IP] & 15u) * 4, 0));
}

static inline const char *take(const char *leg, const struct frame *f)
{
	if (!rig_frame(rig, str_of(leg), (struct str){(const char *)f->byte, f->len}, &result))
		fail_msg("%s", result.fault);
	if (strcmp(result.way, "forwarded") != 0 && strcmp(result.way, "replied") != 0)
		assert_int_equal(result.len, 0);
	return result.verdict;
}

static inline int start(void **state)
{
	struct error e = {0};

	(void)state;
	rig = rig_create(str_of(config), "frames", &e);
	if (rig == NULL)
		print_error("%s\n", e.text);
	return rig != NULL ? 0 : -1;
}

static inline int stop(void **state)
{
	(void)state;
	if (rig != NULL)
		rig_destroy(rig);
	return 0;
}
