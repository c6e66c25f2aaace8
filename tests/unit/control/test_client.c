// client: a command that goes through all bindings and writes nothing lets the loop turn meanwhile.
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control/client.h"
#include "control/control.h"
#include "control/registrar.h"
#include "tests/unit/table/location_fixture.h"

enum { SLOTS = 200000, TURNS_MAX = 100000 };

static struct control control;
static struct location_fixture fixture;
static char path[120], got[4096];

static void fill(void)
{
	struct error e = {0};

	for (unsigned i = 0; i < SLOTS; i++) {
		struct location_contact c = {.uri = STR("sip:a@192.0.2.7"),
		        .call_id = STR("1"),
		        .expires_s = UINT32_MAX,
		        .transport = TRANSPORT_UDP};
		struct location_key key;
		char aor[32];

		c.aor = (struct str){aor, (size_t)snprintf(aor, sizeof(aor), "a%u@example.com", i)};
		location_make_key(fixture.writer, c.aor, &key);
		assert_int_equal(location_put(fixture.writer, &key, &c, 1, &e), 0);
	}
}

static int connected(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.100s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

// What comes in one turn of the loop that has something.
static size_t next_bytes(int fd, char *out, size_t room)
{
	ssize_t n = -1;

	for (int i = 0; i < TURNS_MAX && n <= 0; i++) {
		event_base_loop(control.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		n = recv(fd, out, room - 1, 0);
	}
	assert_true(n > 0);
	out[n] = '\0';
	return (size_t)n;
}

static void lets_others_work(void **state)
{
	static const char line[] = "{\"line\": \"show location nobody\"}\n";
	const int fd = connected();
	size_t n;

	(void)state;
	assert_int_equal(send(fd, line, sizeof(line) - 1, 0), sizeof(line) - 1);
	n = next_bytes(fd, got, sizeof(got));
	assert_non_null(strstr(got, "CONTACT"));
	assert_null(strstr(got, "\"done\"")); // not all in one turn
	while (strstr(got, "\"done\": 0") == NULL)
		n += next_bytes(fd, got + n, sizeof(got) - n);
	close(fd);
}

static void may_leave_meanwhile(void **state)
{
	static const char line[] = "{\"line\": \"show location nobody\"}\n";
	const int fd = connected();

	(void)state;
	assert_int_equal(send(fd, line, sizeof(line) - 1, 0), sizeof(line) - 1);
	(void)next_bytes(fd, got, sizeof(got));
	close(fd);
	for (int i = 0; i < 100; i++)
		event_base_loop(control.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

// Whether the candidate differs is looked up for who asks: not after each line of a script.
static void says_differs_when_asked(void **state)
{
	static const struct {
		const char *line, *answer;
	} rows[] = {
	        {"{\"line\": \"\", \"differs\": true}\n", "{\"done\": 0, \"differs\": false}\n"},
	        {"{\"line\": \"set log level debug\"}\n", "{\"done\": 0}\n"},
	        {"{\"line\": \"\", \"differs\": true}\n", "{\"done\": 0, \"differs\": true}\n"},
	        {"{\"line\": \"discard\"}\n", "{\"done\": 0}\n"},
	        {"{\"line\": \"\", \"differs\": true}\n", "{\"done\": 0, \"differs\": false}\n"},
	};
	const int fd = connected();

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const size_t len = strlen(rows[i].line);

		assert_int_equal(send(fd, rows[i].line, len, 0), len);
		(void)next_bytes(fd, got, sizeof(got));
		assert_string_equal(got, rows[i].answer);
	}
	close(fd);
}

static int setup(void **state)
{
	struct error e = {0};

	(void)state;
	if (location_fixture_init(&fixture, SLOTS) != 0)
		return -1;
	fill();
	snprintf(path, sizeof(path), "%s/test.sock", fixture.base);
	control.base = event_base_new();
	control.state.running = tree_create();
	control.state.candidate = tree_create();
	control.registrar =
	        registrar_create(control.base, fixture.writer, fixture.region.root, NULL, NULL, &e);
	control.clients = client_listen(&control, path, &e);
	return control.registrar != NULL && control.clients != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	client_close(control.clients);
	registrar_destroy(control.registrar);
	state_fini(&control.state);
	event_base_free(control.base);
	return location_fixture_fini(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lets_others_work),
	        cmocka_unit_test(may_leave_meanwhile),
	        cmocka_unit_test(says_differs_when_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
