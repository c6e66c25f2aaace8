#include "tests/unit/table/image.h"

#include "dataplane/table/setup.h"

static struct setup good(void)
{
	struct setup s = {.n_ports = 2, .n_cores = 2, .core = {2, 3}};

	strcpy(s.port[0].name, "access");
	strcpy(s.port[0].device, "net_af_packet0,iface=veth-access");
	strcpy(s.port[1].name, "core");
	strcpy(s.port[1].device, "0000:3b:00.1");
	return s;
}

static void one_row(void **state)
{
	struct table_builder b;
	struct setup s = good();

	(void)state;
	table_begin(&b, image_key);
	table_append(&b, TABLE_SETUP, &s, 1, sizeof(s));
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_memory_equal(setup_get(&image.view), &s, sizeof(s));
	image_free(&image);
	table_begin(&b, image_key);
	image = image_of(&b, ROOT_CONFIG);
	assert_null(setup_get(&image.view));
	image_free(&image);
}

static void damaged_setups_do_not_open(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 6; damage++) {
		struct setup s = good();
		struct table_builder b;

		if (damage == 0)
			s.n_ports = SETUP_PORTS_MAX + 1;
		else if (damage == 1)
			s.n_cores = SETUP_CORES_MAX + 1;
		else if (damage == 2)
			s.core[1] = 2;
		else if (damage == 3)
			memset(s.port[1].name, 'x', sizeof(s.port[1].name));
		else if (damage == 4)
			memset(s.port[0].device, 'x', sizeof(s.port[0].device));
		table_begin(&b, image_key);
		table_append(&b, TABLE_SETUP, &s, 1, sizeof(s));
		if (damage == 5)
			table_append(&b, TABLE_SETUP, &s, 1, sizeof(s));
		image_refused(&b, ROOT_CONFIG, "setup");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_row),
	        cmocka_unit_test(damaged_setups_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
