// Reads and writes `received` and `rport` of a Via.
#include "dataplane/sip/received.h"

// Where ";name=value" goes: in place of the parameter, or behind the Via when it has none yet.
static struct str place_of(const struct via *v, const struct param *old)
{
	return old->name.len > 0 ? old->all : (struct str){str_end(v->all), 0};
}

static char *put_received(char *at, const struct addr *src)
{
	at = str_put(at, STR(";received="));
	return at + addr_format_ip(src, at);
}

static char *put_rport(char *at, const struct addr *src)
{
	return str_put_decimal(str_put(at, STR(";rport=")), src->port);
}

static void set(struct edit_list *l, const char *base, struct str place, const char *text,
        const char *text_end)
{
	edit_add(l, (size_t)(place.p - base), place.len,
	        edit_text_end(l, text, (size_t)(text_end - text)));
}

void received_edit(
        struct edit_list *l, const char *base, const struct via *v, const struct addr *src)
{
	enum { RPORT_ROOM = 16, ROOM = RPORT_ROOM + sizeof(";received=") + ADDR_TEXT_MAX };
	const struct str received = place_of(v, &v->received), rport = place_of(v, &v->rport);
	const bool wanted = v->rport.name.len > 0;
	char *text;

	if (!wanted && v->received.name.len == 0 && addr_eq_ip(&v->addr, src))
		return;
	text = edit_text(l, ROOM);
	if (text == NULL)
		return;
	if (!wanted) {
		set(l, base, received, text, put_received(text, src));
	} else if (str_end(rport) == received.p) { // nearly always: both are one edit
		set(l, base, (struct str){rport.p, rport.len + received.len}, text,
		        put_received(put_rport(text, src), src));
	} else {
		set(l, base, received, text, put_received(text, src));
		text = edit_text(l, RPORT_ROOM);
		if (text != NULL)
			set(l, base, rport, text, put_rport(text, src));
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
