// Types of settings: what a word must look like, its canonical form, and what to say when it is
// wrong.
#pragma once

#include "dataplane/base/addr.h"
#include "dataplane/base/error.h"

enum type {
	TYPE_FLAG,       // no value: present or not
	TYPE_SWITCH,     // on | off
	TYPE_CHOICE,     // one of the row's words
	TYPE_NUMBER,     // decimal in the row's range
	TYPE_NAME,       // 1..row's max of letters, digits, - and _
	TYPE_REF,        // name of an object that must exist at commit
	TYPE_DEVICE,     // PCI address or DPDK devargs
	TYPE_PREFIX,     // address/len
	TYPE_IP,         // address
	TYPE_HOSTPORT,   // address:port (IPv6 in brackets), port optional = 5060
	TYPE_SENTBY,     // host name or address, optional port
	TYPE_DOMAIN,     // host name, *.host name, IPv4 address, [IPv6], or "default"
	TYPE_DIGITS,     // number prefix: 0-9 + * #, or "any"
	TYPE_CORES,      // "2-5,7"
	TYPE_STATUS,     // 300..699
	TYPE_SECRET,     // 32..128 hex digits; exactly max, where the row says it
	TYPE_USER,       // name@realm
	TYPE_REALM,      // what user agents show who asks for a password
	TYPE_ALGORITHMS, // "sha-256,md5": digest algorithms, best first
	TYPE_PATH,       // absolute file name
	TYPE_NETWORK,    // address[/len]: of hosts, the address of the network
	TYPE_REGEX,      // 1..255 printable bytes
	TYPE_HEADER,     // name of a header field
	TYPE_METHOD,     // name of a SIP method
	TYPE_PORTS,      // port or first-last
};

struct schema_row;
// Checks a word and writes its canonical form to out (room bytes, NUL-terminated). -1 with error
// text that says what would fit ("expected a number from 0 to 1000").
int type_check(enum type t, const struct schema_row *row, struct str word, char *out, size_t room,
        struct error *e);
// What stands for a value of that type in help and completion: "<0-1000>", "on|off",
// "<address/len>".
size_t type_placeholder(enum type t, const struct schema_row *row, char *out, size_t room);

// "2-5,7" as numbers, sorted, each once. Returns how many, -1 when it is no such list or more than
// max. Also reads the kernel's lists (/sys/devices/system/cpu/isolated).
int type_cores(struct str word, uint16_t *cores, unsigned max);
// "192.0.2.1/24": address and length.
bool type_prefix(struct str word, struct addr *out, unsigned *len);
// "192.0.2.0/24", "192.0.2.1": a network and its length, host bits zeroed.
bool type_network(struct str word, struct addr *out, unsigned *len);
// "5060", "1024-65535".
bool type_ports(struct str word, uint16_t *first, uint16_t *last);
