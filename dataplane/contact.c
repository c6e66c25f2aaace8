// Hides Contacts, and restores them. Only a host name too long for a token stays as it is.
#include "dataplane/contact.h"

#include "dataplane/seal.h"

static size_t put(char *at, struct str s)
{
	return (size_t)(str_put(at, s) - at);
}

enum { HOSTPORT_MAX = TOKEN_NAME_MAX + ADDR_TEXT_MAX };

// The host and port a token hid, at most HOSTPORT_MAX bytes.
static size_t put_hidden(char *at, const struct token *t)
{
	char *end = at + t->name_len;

	if (t->addr.family != ADDR_NONE)
		return addr_format(&t->addr, at);
	memcpy(at, t->name, t->name_len);
	if (t->addr.port != 0) {
		*end++ = ':';
		end = str_put_decimal(end, t->addr.port);
	}
	return (size_t)(end - at);
}

struct str contact_restored(
        struct edit_list *l, const struct uri *u, const struct token *t, struct str cut)
{
	const char *cut_end = str_end(cut), *host_end = str_end(u->hostport);
	char *place = edit_text(l, u->all.len + HOSTPORT_MAX);
	bool before = cut.p < u->hostport.p;
	size_t n = 0;

	if (place == NULL)
		return STR_NONE;
	n += put(place, str_from(u->all.p, before ? cut.p : u->hostport.p));
	if (before)
		n += put(place + n, str_from(cut_end, u->hostport.p));
	n += put_hidden(place + n, t);
	n += put(place + n, str_from(host_end, before ? str_end(u->all) : cut.p));
	if (!before)
		n += put(place + n, str_from(cut_end, str_end(u->all)));
	return edit_text_end(l, place, n);
}

static void edit_at(struct packet *p, const char *at, size_t cut, struct str text)
{
	edit_add(&p->edits, (size_t)(at - p->message.bytes.p), cut, text);
}

static void set_hostport(struct packet *p, const struct uri *u, struct str text)
{
	edit_at(p, u->hostport.p, u->hostport.len, text);
}

// It is ours and holds a token: home on the leg it was hidden for, else only told where to find us.
static void restore(struct packet *p, const struct uri *u, const struct token *t, struct str cut)
{
	char text[HOSTPORT_MAX];
	size_t n;

	if (t->leg_in == p->leg_out->id) {
		n = put_hidden(text, t);
		set_hostport(p, u, edit_copy(&p->edits, (struct str){text, n}));
		edit_at(p, cut.p, cut.len, STR_NONE);
	} else if (p->leg_in != p->leg_out) {
		set_hostport(p, u, leg_sent_by(p->leg_out));
	}
}

// ";spry=TOKEN" stands first among the parameters: where two proxies hide a Contact, each finds its
// own. False when it can't be sealed.
static bool hide_in_param(
        struct worker *w, struct packet *p, const struct nameaddr *n, const struct uri *u)
{
	enum { ROOM = sizeof(((struct leg *)NULL)->sent_by) + sizeof(SEAL_PARAM) + 3 };
	char *text = edit_text(&p->edits, ROOM + TOKEN_TEXT_MAX), *at = text;
	size_t len;

	if (text == NULL)
		return false;
	at = leg_put_sent_by(at, p->leg_out);
	at = str_put(at, STR(";" SEAL_PARAM "="));
	len = seal_contact(w, p->leg_in->id, u, at);
	at += len;
	// An addr-spec has no place for parameters of its own (RFC 3261 §20.10).
	if (!n->bracketed) {
		edit_at(p, u->all.p, 0, STR("<"));
		*at++ = '>';
	}
	set_hostport(p, u, edit_text_end(&p->edits, text, (size_t)(at - text)));
	return len > 0;
}

static bool hide_in_user(struct worker *w, struct packet *p, const struct uri *u)
{
	char *text = edit_text(&p->edits, sizeof(SEAL_USER) + TOKEN_TEXT_MAX + 1), *at = text;
	const bool user = u->userinfo.p != NULL;
	size_t len;

	if (text == NULL)
		return false;
	at = str_put(at, STR(SEAL_USER));
	len = seal_contact(w, p->leg_in->id, u, at);
	at += len;
	*at++ = user ? '.' : '@';
	edit_at(p, user ? u->userinfo.p : u->hostport.p, 0,
	        edit_text_end(&p->edits, text, (size_t)(at - text)));
	set_hostport(p, u, leg_sent_by(p->leg_out));
	return len > 0;
}

static void hide(struct worker *w, struct packet *p, const struct nameaddr *n, const struct uri *u)
{
	const bool in_param = (p->leg_in->flags & LEG_CONTACT_PARAM) != 0;

	if (u->addr.family == ADDR_NONE && u->host.len > TOKEN_NAME_MAX)
		return;
	if (u->n_params > PARAMS_MAX - PARAMS_OWN ||
	        !(in_param ? hide_in_param(w, p, n, u) : hide_in_user(w, p, u)))
		p->edits.overflow = true;
}

// parse() has read the name where Contacts may be hidden.
static bool read_first(struct packet *p)
{
	struct value_iter it;

	if (message_first(&p->message, HEADER_CONTACT) == NULL)
		return false;
	if (p->contact.all.p == NULL) {
		value_iter_start(&it, &p->message, HEADER_CONTACT);
		if (!value_iter_next(&it) || !nameaddr_parse(it.value, &p->contact)) {
			memset(&p->contact, 0, sizeof(p->contact));
			return false;
		}
	}
	return !p->contact.star && uri_parse(p->contact.uri, &p->contact_uri);
}

const struct uri *contact_first(struct packet *p)
{
	if (p->contact_state == CONTACT_UNREAD)
		p->contact_state = read_first(p) ? CONTACT_URI : CONTACT_NONE;
	return p->contact_state == CONTACT_URI ? &p->contact_uri : NULL;
}

static void rewrite_one_contact(
        struct worker *w, struct packet *p, const struct nameaddr *n, const struct uri *u)
{
	const bool hiding = p->leg_in != p->leg_out &&
	                    (p->leg_in->flags & (LEG_CONTACT_PARAM | LEG_CONTACT_USER)) != 0;
	struct token t;
	struct str cut;

	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return;
	if (seal_own_uri(w, u, NULL)) {
		if (seal_open_contact(w, u, &t, &cut) == SEAL_OPEN)
			restore(p, u, &t, cut);
	} else if (hiding) {
		hide(w, p, n, u);
	}
}

// Nearly every message has one Contact, all of its field.
static bool is_only_contact(const struct packet *p, const struct header *h)
{
	return h->next == HEADER_NONE && p->contact.all.p == p->message.bytes.p + h->value &&
	       p->contact.all.len == h->value_len;
}

void contact_rewrite(struct worker *w, struct packet *p)
{
	const struct header *h = message_first(&p->message, HEADER_CONTACT);
	struct nameaddr other;
	struct value_iter it;
	struct uri u;

	if (h == NULL)
		return;
	if (contact_first(p) != NULL)
		rewrite_one_contact(w, p, &p->contact, &p->contact_uri);
	if (is_only_contact(p, h))
		return;
	value_iter_start(&it, &p->message, HEADER_CONTACT);
	while (value_iter_next(&it))
		if (it.index > 0 && nameaddr_parse(it.value, &other) && !other.star &&
		        uri_parse(other.uri, &u))
			rewrite_one_contact(w, p, &other, &u);
}
