// CSeq: a number and a method.
#include "dataplane/sip/cseq.h"

#include "dataplane/sip/charset.h"

bool cseq_parse(struct str value, struct cseq *out)
{
	struct str text = str_trim(value), name;
	size_t digits = 0;
	uint64_t number = 0;
	enum method method;

	// One more than there may be can't overflow.
	for (; digits < text.len && digits <= 10 && char_is_digit(text.p[digits]); digits++)
		number = 10 * number + (uint8_t)(text.p[digits] - '0');
	if (digits == 0 || digits > 10 || number > 0x7fffffff)
		return false;
	name = str_skip(text, digits);
	name = str_trim(name.len > 0 && name.p[0] == ' ' ? str_skip(name, 1) : name);
	method = method_parse(name);
	// Something must stand between number and method, and the method must be one token: those
	// with a row are.
	if (name.len == 0 || digits + name.len == text.len ||
	        (method == METHOD_OTHER && charset_span(name, CHARSET_TOKEN) != name.len))
		return false;
	*out = (struct cseq){(uint32_t)number, name, method};
	return true;
}
