#include "tests/unit/unit.h"

#include "dataplane/generator/call.h"

static struct call_table *t;

static int start(void **state)
{
	(void)state;
	t = call_table_create();
	return t != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	call_table_destroy(t);
	return 0;
}

static void slots(void **state)
{
	(void)state;
	struct call *c = call_open(t, 5);

	assert_non_null(c);
	assert_null(call_open(t, 5 + CALLS_MAX)); // its slot is taken
	assert_ptr_equal(call_find(t, 5), c);
	assert_null(call_find(t, 5 + CALLS_MAX));
	assert_int_equal(t->n_open, 1);
	call_close(t, c);
	assert_null(call_find(t, 5));
	assert_non_null(call_open(t, 5 + CALLS_MAX));
	call_table_clear(t);
	assert_int_equal(t->n_open, 0);
	assert_null(call_find(t, 5 + CALLS_MAX));
}

static void what_an_answer_says(void **state)
{
	(void)state;
	struct call *c = call_open(t, 1);

	assert_true(call_answered(c, STR("SIP/2.0 200 OK\r\nVia: x\r\n"
	                                 "Record-Route: <sip:a;lr>, <sip:b;lr;x=\">\">\r\n"
	                                 "record-route: <sip:c;lr>\r\n"
	                                 "Contact: \"N\" <sip:u@h:5070>;expires=3\r\n\r\n"
	                                 "Contact: <sip:no>\r\n")));
	assert_int_equal(c->target_len, strlen("sip:u@h:5070"));
	assert_memory_equal(c->text, "sip:u@h:5070", c->target_len);
	// the route set is the other way round
	static const char route[] = "Route: <sip:c;lr>\r\nRoute: <sip:b;lr;x=\">\">\r\n"
	                            "Route: <sip:a;lr>\r\n";
	assert_int_equal(c->route_len, strlen(route));
	assert_memory_equal(c->text + c->target_len, route, c->route_len);
	assert_false(call_answered(c, STR("SIP/2.0 200 OK\r\nVia: x\r\n\r\n"))); // no Contact
	call_table_clear(t);
}

static void no_room(void **state)
{
	static char big[1200] = "SIP/2.0 200 OK\r\nContact: <sip:u@h>\r\nRecord-Route: <";
	const size_t begin = strlen(big);

	(void)state;
	memset(big + begin, 'a', CALL_TEXT_MAX);
	strcpy(big + begin + CALL_TEXT_MAX, ">\r\n\r\n");
	assert_false(call_answered(call_open(t, 1), str_of(big)));
	call_table_clear(t);
}

static void holds_end_in_turn(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		call_hold(t, call_open(t, i), 100 + i);
	assert_null(call_unhold(t, 99));
	assert_int_equal(call_unhold(t, 101)->number, 0);
	call_find(t, 0)->state = CALL_ENDING;
	call_close(t, call_find(t, 1)); // gone meanwhile
	assert_int_equal(call_unhold(t, 102)->number, 2);
	assert_null(call_unhold(t, 1000));
	call_table_clear(t);
}

static void patience(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		call_open(t, i)->until_tsc = i < 40 ? 50 : 500;
	for (unsigned i = 0; i < CALLS_MAX; i++)
		n += call_sweep(t, 100);
	assert_int_equal(n, 40);
	assert_int_equal(t->n_open, 60);
	assert_null(call_find(t, 39));
	assert_non_null(call_find(t, 40));
	call_table_clear(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(slots),
	        cmocka_unit_test(what_an_answer_says),
	        cmocka_unit_test(no_room),
	        cmocka_unit_test(holds_end_in_turn),
	        cmocka_unit_test(patience),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
