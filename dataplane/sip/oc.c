// The oc parameters of a Via: read, replaced, taken out.
#include "dataplane/sip/oc.h"

static bool named(const struct param *p, struct str name)
{
	return p->name.len == name.len && str_eq_nocase(p->name, name);
}

static bool offers_loss(struct str algorithms)
{
	struct str rest = algorithms;

	if (rest.len >= 2 && rest.p[0] == '"')
		rest = (struct str){rest.p + 1, rest.len - 2};
	while (rest.len > 0) {
		const struct str one = str_head(rest, str_find(rest, ','));

		if (str_eq_nocase(str_trim(one), STR("loss")))
			return true;
		rest = str_skip(rest, one.len + 1);
	}
	return false;
}

static bool asks(const struct via *v)
{
	struct param p;

	return v->oc && params_find(v->params, PARAMS_HEADER, STR("oc-algo"), &p) &&
	       offers_loss(p.value);
}

static char *put(char *at, struct str s)
{
	memcpy(at, s.p, s.len);
	return at + s.len;
}

// Without load the validity is 0: the client forgets what it was told before (§5.7).
static struct str write_load(struct edit_list *l, const struct oc *load)
{
	enum { ROOM = 96 };
	const uint32_t ms = (uint32_t)(load->ms % 1000);
	char *text = edit_text(l, ROOM), *at = text;

	if (text == NULL)
		return STR_NONE;
	at = str_put_decimal(put(at, STR(";oc=")), load->loss);
	at = put(at, STR(";oc-algo=\"loss\";oc-validity="));
	at = str_put_decimal(at, load->loss > 0 ? OC_VALIDITY_MS : 0);
	at = str_put_decimal(put(at, STR(";oc-seq=")), (uint32_t)(load->ms / 1000));
	*at++ = '.';
	for (uint32_t unit = 100; unit > 0; unit /= 10)
		*at++ = (char)('0' + ms / unit % 10);
	return edit_text_end(l, text, (size_t)(at - text));
}

void oc_edit(struct edit_list *l, const char *base, const struct via *v, const struct oc *load)
{
	struct params_iter it = params_start(v->params, PARAMS_HEADER);
	const bool tell = load != NULL && asks(v);
	struct str text = tell ? write_load(l, load) : STR_NONE;
	struct param p;

	while (params_next(&it, &p)) {
		const bool oc = named(&p, STR("oc"));

		if ((oc && (tell || p.value.p != NULL)) || (tell && named(&p, STR("oc-algo"))) ||
		        named(&p, STR("oc-validity")) || named(&p, STR("oc-seq"))) {
			edit_add(l, (size_t)(p.all.p - base), p.all.len, oc ? text : STR_NONE);
			if (oc)
				text = STR_NONE;
		}
	}
}
