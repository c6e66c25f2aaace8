// Reads and writes `received` and `rport` of a Via.
#include "dataplane/sip/received.h"

// Puts ";name=value" in place of the parameter, or behind the Via when it has none yet.
static void set_param(struct edit_list *l, const char *base, const struct via *v,
        const struct param *old, struct str text)
{
	struct str place = old->name.len > 0 ? old->all : (struct str){str_end(v->all), 0};

	edit_add(l, (size_t)(place.p - base), place.len, text);
}

void received_edit(
        struct edit_list *l, const char *base, const struct via *v, const struct addr *src)
{
	bool rport = v->rport.name.len > 0;
	char *text;
	size_t n;

	if (rport || v->received.name.len > 0 || !addr_eq_ip(&v->addr, src)) {
		text = edit_text(l, sizeof(";received=") + ADDR_TEXT_MAX);
		if (text == NULL)
			return;
		memcpy(text, ";received=", 10);
		n = 10 + addr_format_ip(src, text + 10);
		set_param(l, base, v, &v->received, edit_text_end(l, text, n));
	}
	if (rport) {
		text = edit_text(l, 16);
		if (text == NULL)
			return;
		memcpy(text, ";rport=", 7);
		n = (size_t)(str_put_decimal(text + 7, src->port) - text);
		set_param(l, base, v, &v->rport, edit_text_end(l, text, n));
	}
}

static uint16_t sent_by_port(const struct via *v)
{
	return v->port != 0 ? v->port : transport_port(TRANSPORT_UDP);
}

bool received_reply_to(const struct via *v, const struct addr *src, struct addr *out)
{
	*out = *src;
	if (v->rport.name.len == 0)
		out->port = sent_by_port(v);
	return addr_is_unicast(out) && out->port != 0;
}

bool received_next(const struct via *v, struct addr *out)
{
	if (v->received.name.len > 0)
		*out = v->received_addr;
	else
		*out = v->addr;
	out->port = v->rport_value != 0 ? v->rport_value : sent_by_port(v);
	return out->family != ADDR_NONE && addr_is_unicast(out);
}
