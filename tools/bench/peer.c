// The table of peers: see peer.h.
#include "tools/bench/peer.h"

#include "tools/bench/blast_message.h"

enum {
	PROXY = BLAST_FORWARDED | BLAST_RECORD_ROUTE | BLAST_REST,
	// it writes headers its own way
	NETSIP = BLAST_FORWARDED | BLAST_RECORD_ROUTE,
	NETSIP_RATE = 10000,
};

#define KAMAILIO "kamailio", "kamailio"
#define TESTPMD "dpdk-testpmd", "dpdk-dev"

// clang-format off
const struct peer peer_row[] = {
	{"spry-invite", true, PEER_FORWARD, "Via, Record-Route, Contact rewriting",
		NULL, NULL, peer_spry, NULL, "invite", 0, 0},
	{"spry-location", true, PEER_LOOKUP, "and the user's binding",
		NULL, NULL, peer_spry, NULL, "invite-location", 0, 0},
	{"testpmd-io", false, PEER_WIRE, "packets as they are, memif",
		TESTPMD, peer_testpmd, NULL, "io", 0, 0},
	{"testpmd-5tswap", false, PEER_WIRE, "addresses and ports swapped, memif",
		TESTPMD, peer_testpmd, NULL, "5tswap", 0, 0},
	{"kernel", false, PEER_FORWARD, "recvmmsg, sendmmsg, no SIP",
		NULL, NULL, peer_socket, NULL, NULL, 0, BLAST_SAME},
	{"kamailio-tlsf", false, PEER_FORWARD, "Via, Record-Route; allocator tlsf",
		KAMAILIO, peer_socket, "kamailio-forward.cfg", "tlsf", 0, PROXY},
	{"kamailio-qm", false, PEER_FORWARD, "the same as installed: allocator qm",
		KAMAILIO, peer_socket, "kamailio-forward.cfg", "qm", 0, PROXY},
	{"kamailio-location-tlsf", false, PEER_LOOKUP, "and usrloc; allocator tlsf",
		KAMAILIO, peer_socket, "kamailio-location.cfg", "tlsf", 0, PROXY | BLAST_BINDING},
	{"kamailio-location-qm", false, PEER_LOOKUP, "the same as installed: allocator qm",
		KAMAILIO, peer_socket, "kamailio-location.cfg", "qm", 0, PROXY | BLAST_BINDING},
	{"netsip", false, PEER_FORWARD, "Via, Record-Route; Net::SIP StatelessProxy",
		"perl", "libnet-sip-perl", peer_socket, "netsip.pl", NULL, NETSIP_RATE, NETSIP},
};
// clang-format on
const unsigned peer_rows = sizeof(peer_row) / sizeof(peer_row[0]);

const struct peer *peer_find(struct str name)
{
	for (unsigned i = 0; i < peer_rows; i++)
		if (str_eq(str_of(peer_row[i].name), name))
			return &peer_row[i];
	return NULL;
}
