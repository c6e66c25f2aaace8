// Carries out a plan in the kernel: see kernel.h.
#include "control/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control/deaf.h"
#include "control/link.h"
#include "control/netlink.h"
#include "control/storage.h"
#include "dataplane/base/log.h"

int kernel_init(struct kernel *k, const char *run_dir, struct error *e)
{
	size_t len;
	char *text;

	*k = (struct kernel){.first = true};
	snprintf(k->file, sizeof(k->file), "%s/twin.plan", run_dir);
	k->netlink = netlink_open(e);
	if (k->netlink == NULL)
		return -1;
	text = storage_read(k->file, &len, NULL);
	if (text == NULL)
		return 0; // the first one here
	if (plan_read(&k->have, (struct str){text, len}) != 0) {
		free(text);
		return error_set(e, "out of memory");
	}
	free(text);
	return 0;
}

void kernel_fini(struct kernel *k)
{
	plan_clear(&k->have);
	plan_clear(&k->want);
	plan_clear(&k->added);
	nl_socket_free(k->netlink);
	*k = (struct kernel){0};
}

static int item_add(struct kernel *k, const struct plan_item *i, struct error *e)
{
	struct error why = {0};

	switch ((enum plan_kind)i->kind) {
	case PLAN_DEAF:
		// Without it spry works, but the kernel answers too: worth a loud line, not an end.
		if (deaf_on(i->parent, i->ifname, &why) != 0)
			log_warning(
			        "%s: the kernel will see its packets too: %s", i->ifname, why.text);
		return 0;
	case PLAN_TWIN:
		return link_add_tap(i->ifname, e);
	case PLAN_VLAN:
		return link_add_vlan(k->netlink, i, e);
	case PLAN_ADDRESS:
		return link_address(k->netlink, i, true, e);
	case PLAN_GATEWAY:
		return link_gateway(k->netlink, i, true, e);
	case PLAN_KINDS:
		break;
	}
	return 0;
}

// The table that makes deaf bears the twin's name: it stays when the port only changed interfaces.
static bool deaf_replaced(const struct plan *stays, const struct plan_item *i)
{
	for (size_t n = 0; n < stays->n; n++)
		if (stays->items[n].kind == PLAN_DEAF &&
		        strcmp(stays->items[n].parent, i->parent) == 0)
			return true;
	return false;
}

static void item_remove(struct kernel *k, const struct plan *stays, const struct plan_item *i)
{
	struct error e = {0};
	int rc = 0;

	switch ((enum plan_kind)i->kind) {
	case PLAN_DEAF:
		rc = deaf_replaced(stays, i) ? 0 : deaf_off(i->parent, &e);
		break;
	case PLAN_TWIN:
	case PLAN_VLAN:
		rc = link_delete(k->netlink, i->ifname, &e);
		break;
	case PLAN_ADDRESS:
		rc = link_address(k->netlink, i, false, &e);
		break;
	case PLAN_GATEWAY:
		rc = link_gateway(k->netlink, i, false, &e);
		break;
	case PLAN_KINDS:
		break;
	}
	if (rc != 0)
		log_warning("%s", e.text);
}

static void items_remove(struct kernel *k, const struct plan *stays, const struct plan *gone)
{
	for (size_t n = gone->n; n > 0; n--)
		item_remove(k, stays, &gone->items[n - 1]);
}

// A failure costs a later spryd only the knowledge of what to take away.
static void write_down(struct kernel *k, const struct plan *a, const struct plan *b)
{
	struct plan both = {0};
	struct error e = {0};
	char *text;

	for (size_t i = 0; i < a->n; i++)
		if (plan_add(&both, &a->items[i]) != 0)
			break;
	for (size_t i = 0; b != NULL && i < b->n; i++)
		if (!plan_has(a, &b->items[i]) && plan_add(&both, &b->items[i]) != 0)
			break;
	text = plan_write(&both);
	plan_clear(&both);
	if (text == NULL || storage_write(k->file, text, strlen(text), 0640, &e) != 0)
		log_warning("%s", text == NULL ? "out of memory" : e.text);
	free(text);
}

int kernel_prepare(struct kernel *k, struct plan *want, struct error *e)
{
	struct plan nothing = {0}, todo;

	k->want = *want;
	*want = (struct plan){0};
	if (plan_minus(&k->want, &k->have, &k->added) != 0 ||
	        plan_minus(&k->want, k->first ? &nothing : &k->have, &todo) != 0)
		return error_set(e, "out of memory");
	if (k->added.n > 0)
		write_down(k, &k->have, &k->added);
	for (size_t i = 0; i < todo.n; i++)
		if (item_add(k, &todo.items[i], e) != 0) {
			plan_clear(&todo);
			kernel_undo(k);
			return -1;
		}
	plan_clear(&todo);
	k->first = false;
	return 0;
}

void kernel_finish(struct kernel *k)
{
	struct plan gone;

	if (plan_minus(&k->have, &k->want, &gone) == 0) {
		items_remove(k, &k->want, &gone);
		plan_clear(&gone);
	}
	plan_clear(&k->have);
	plan_clear(&k->added);
	k->have = k->want;
	k->want = (struct plan){0};
	write_down(k, &k->have, NULL);
}

void kernel_undo(struct kernel *k)
{
	struct error e = {0};

	items_remove(k, &k->have, &k->added);
	// A deaf table that was replaced must name the old interface again.
	for (size_t i = 0; i < k->have.n && k->have.items[i].kind == PLAN_DEAF; i++)
		(void)item_add(k, &k->have.items[i], &e);
	plan_clear(&k->added);
	plan_clear(&k->want);
	write_down(k, &k->have, NULL);
}

void kernel_stop(struct kernel *k, bool all)
{
	struct plan nothing = {0}, stays = {0}, gone = {0};

	for (size_t i = 0; i < k->have.n; i++)
		if (plan_add(all || k->have.items[i].kind == PLAN_DEAF ? &gone : &stays,
		            &k->have.items[i]) != 0)
			return;
	items_remove(k, &nothing, &gone);
	if (stays.n > 0)
		write_down(k, &stays, NULL);
	else
		(void)unlink(k->file);
	plan_clear(&gone);
	plan_clear(&stays);
}
