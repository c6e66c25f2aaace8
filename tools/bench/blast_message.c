// INVITE and REGISTER with fields of fixed width: see blast_message.h.
#include "tools/bench/blast_message.h"

#include <stdio.h>

#define CALL_ID "\r\nCall-ID: "
#define FROM "\r\nFrom: "

// The last header line is filled up to the length wanted.
static size_t fill(char *out, size_t len, size_t want)
{
	static const char end[] = "\r\nContent-Length: 0\r\n\r\n";
	const size_t n_end = sizeof(end) - 1;

	while (len + n_end < want)
		out[len++] = 'x';
	memcpy(out + len, end, n_end + 1);
	return len + n_end;
}

// Numbers that look random, the same ones each time.
static uint32_t mix(uint32_t n)
{
	n = (n ^ (n >> 16)) * 0x85ebca6bu;
	n = (n ^ (n >> 13)) * 0xc2b2ae35u;
	return n ^ (n >> 16);
}

size_t blast_invite(char out[static BLAST_MESSAGE_MAX], uint32_t index, uint32_t user)
{
	const int n = snprintf(out, BLAST_MESSAGE_MAX,
	        "INVITE sip:u%08u@example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%08x%08x;rport\r\n"
	        "Max-Forwards: 70" FROM "\"Alice\" <sip:a%08u@example.com>;tag=%08x\r\n"
	        "To: <sip:u%08u@example.com>" CALL_ID "%08x-%08x@127.0.0.1\r\n"
	        "CSeq: 1 INVITE\r\n"
	        "Contact: <sip:a%08u@127.0.0.1:%d>\r\n"
	        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY\r\n"
	        "Supported: replaces, timer, 100rel\r\n"
	        "Session-Expires: 1800\r\n"
	        "User-Agent: spry-bench/",
	        user, BLAST_SEND_PORT, mix(index), mix(~index), user, mix(index + 77), user, index,
	        mix(index + 99), user, BLAST_SEND_PORT);

	return fill(out, (size_t)n, BLAST_INVITE_LEN);
}

size_t blast_register(char out[static BLAST_MESSAGE_MAX], uint32_t user, uint32_t cseq)
{
	const int n = snprintf(out, BLAST_MESSAGE_MAX,
	        "REGISTER sip:example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%08x%08x;rport\r\n"
	        "Max-Forwards: 70" FROM "<sip:u%08u@example.com>;tag=%08x\r\n"
	        "To: <sip:u%08u@example.com>" CALL_ID "%08x-%08x@127.0.0.1\r\n"
	        "CSeq: %u REGISTER\r\n"
	        "Contact: <sip:u%08u@127.0.0.1:%d>\r\n"
	        "Expires: 3600\r\n"
	        "User-Agent: spry-bench/",
	        BLAST_SEND_PORT, mix(user), cseq, user, mix(user), user, user, mix(user + 99), cseq,
	        user, BLAST_SINK_PORT);

	return fill(out, (size_t)n, 0);
}

static const char *find(struct str in, const char *word)
{
	return in.len > 0 ? memmem(in.p, in.len, word, strlen(word)) : NULL;
}

bool blast_index(struct str message, uint32_t *index)
{
	const char *at = find(message, CALL_ID);
	const size_t skip = sizeof(CALL_ID) - 1;
	uint32_t n = 0;

	if (at == NULL || str_end(message) - at < (ptrdiff_t)skip + 9 || at[skip + 8] != '-')
		return false;
	for (size_t i = 0; i < 8; i++) {
		const char c = at[skip + i];

		if (!char_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		n = n << 4 | (uint32_t)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	*index = n;
	return true;
}

// Header lines that begin like this (case does not matter: Net::SIP writes its own).
static unsigned count(struct str in, struct str line)
{
	unsigned n = 0;

	while (in.len > 0) {
		n += str_eq_nocase(str_head(in, line.len), line);
		in = str_skip(in, str_find(in, '\n') + 1);
	}
	return n;
}

// "sip:u00000042@127.0.0.1:5090", the Request-URI with the user of `sent`.
static bool at_binding(struct str got, struct str sent)
{
	char want[64];
	const int n = snprintf(want, sizeof(want), "%.*s@127.0.0.1:%d",
	        (int)(str_find(sent, '@') < 40 ? str_find(sent, '@') : 0), sent.p, BLAST_SINK_PORT);

	return str_eq(str_head(got, (size_t)n), (struct str){want, (size_t)n});
}

const char *blast_check(struct str got, struct str sent, unsigned expect)
{
	const char *from = find(sent, FROM);
	const struct str rest = from != NULL ? str_from(from, str_end(sent)) : STR_NONE;

	if (expect & BLAST_SAME)
		return str_eq(got, sent) ? NULL : "bytes were changed";
	if (!str_eq(str_head(got, 11), STR("INVITE sip:")))
		return "it is not an INVITE";
	if ((expect & BLAST_FORWARDED) && count(got, STR("Via: ")) != 2)
		return "there are not two Vias";
	if ((expect & BLAST_FORWARDED) && count(got, STR("Max-Forwards: 69\r\n")) != 1)
		return "Max-Forwards is not less by one";
	if ((expect & BLAST_RECORD_ROUTE) && count(got, STR("Record-Route: ")) != 1)
		return "there is no Record-Route";
	if ((expect & BLAST_BINDING) && !at_binding(got, sent))
		return "the Request-URI is not what the user registered";
	if ((expect & BLAST_REST) &&
	        (got.len < rest.len || memcmp(str_end(got) - rest.len, rest.p, rest.len) != 0))
		return "what follows From was changed";
	return NULL;
}
