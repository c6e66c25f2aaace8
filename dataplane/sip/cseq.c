// CSeq: a number and a method.
#include "dataplane/sip/cseq.h"

#include "dataplane/sip/charset.h"

bool cseq_parse(struct str value, struct cseq *out)
{
	struct str text = str_trim(value), name;
	size_t digits = 0;
	uint64_t number;

	while (digits < text.len && char_is_digit(text.p[digits]))
		digits++;
	if (!str_decimal(str_head(text, digits), 0x7fffffff, &number))
		return false;
	name = str_trim(str_skip(text, digits));
	// Something must stand between number and method, and the method must be one token.
	if (name.len == 0 || digits + name.len == text.len ||
	        charset_span(name, CHARSET_TOKEN) != name.len)
		return false;
	*out = (struct cseq){(uint32_t)number, name, method_parse(name)};
	return true;
}
