// Walks the lines of a head by their line feeds and looks at the first byte of each: most are told
// apart by that. Ends at the empty line, so that a body never counts.
#include "dataplane/sip/callid.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

// What stands behind the name and colon of the field, when it is ours; NULL when it is not.
static const char *behind_name(const char *at, const char *end)
{
	const struct str line = str_from(at, end);
	const size_t len = (*at | 0x20) == 'i' ? 1 : sizeof("call-id") - 1;

	if (len > 1 && !str_eq_nocase(str_head(line, len), STR("call-id")))
		return NULL;
	at = skip_blanks(at + len, end);
	return at < end && *at == ':' ? at + 1 : NULL;
}

static struct str value_of(const char *at, const char *end)
{
	const char *to;

	at = skip_blanks(at, end);
	while (end - at > 2 && at[0] == '\r' && at[1] == '\n' && is_blank(at[2]))
		at = skip_blanks(at + 3, end);
	to = at;
	while (to < end && *to != '\r' && *to != '\n')
		to++;
	while (to > at && is_blank(to[-1]))
		to--;
	return to > at ? str_from(at, to) : STR_NONE;
}

struct str callid_find(struct str datagram)
{
	const char *at = datagram.p, *end = str_end(datagram), *value;

	while (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
		at += 2;
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end) {
		switch (*at) {
		case 'C':
		case 'c':
		case 'I':
		case 'i':
			value = behind_name(at, end);
			if (value != NULL)
				return value_of(value, end);
			break;
		case '\r':
		case '\n':
			return STR_NONE;
		default:
			break;
		}
	}
	return STR_NONE;
}
