// Was a message that came back altered, other than a proxy has to? Compared with what was sent,
// line by line, by code of its own: nothing of the parser under test is used. Pure text: no DPDK.
#pragma once

#include "dataplane/table/bench.h"

struct verify {
	const struct bench_order *order;
	enum bench_side_id side; // it came to
	struct str sent;         // the request as it left the caller, without Routes
	struct addr from;        // address and port it was sent from
	bool in_dialog; // ACK, BYE: any number of Record-Routes, Request-URI the callee's Contact
	bool callee_contact; // response: has the callee's Contact
	struct addr uri;     // BENCH_URI_BINDING: host and port of the user's Contact
};

// BENCH_FAULTS when nothing is wrong.
enum bench_fault verify_request(const struct verify *v, struct str got);
enum bench_fault verify_response(const struct verify *v, struct str got);
