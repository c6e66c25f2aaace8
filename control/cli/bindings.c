// Bindings to a file and back: see bindings.h. Both go through spryd, whose table is the
// truth: an import into its journal would be under the feet of a running one, and unchecked. Only
// an export can also read the journal by itself (-j), for when spryd does not run or what is left
// is a damaged file.
#include "control/cli/bindings.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/binding_text.h"
#include "control/cli/connection.h"
#include "control/cli/progress.h"
#include "control/store.h"
#include "control/store_record.h"
#include "control/store_scan.h"

enum {
	BATCH = 100,
	BATCH_BYTES = 24 << 10,
	QUEUED_MAX = 100000, // spryd's disk is behind: wait for it
	PATIENCE = 500,      // times 10 ms that it may stand still
};

static const char usage[] =
        "usage: spry [-r RUNDIR] location export [-j JOURNAL] [FILE]   all bindings, one a line\n"
        "       spry [-r RUNDIR] location import [FILE]                adds what export wrote\n"
        "  -j JOURNAL   without spryd: /var/lib/spry/location.mdb, or location.mdb.damaged\n"
        "  FILE         - or none: standard output, standard input\n";

static int fault(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	return 2;
}

struct dump {
	FILE *out;
	struct progress progress;
	unsigned long long n, damaged;
	uint64_t pages; // of the journal, so far
	int64_t offset_s;
	struct store_scan scan;
};

// --- through spryd
// --------------------------------------------------------------------------------

static ssize_t count_lines(void *cookie, const char *text, size_t len)
{
	struct dump *x = cookie;

	for (const char *p = text; (p = memchr(p, '\n', (size_t)(text + len - p))) != NULL; p++)
		progress_at(&x->progress, 0, ++x->n);
	return fwrite(text, 1, len, x->out) == len ? (ssize_t)len : 0;
}

static int export_table(struct dump *x, const char *run_dir)
{
	struct connection c;
	FILE *f;
	int rc;

	if (connection_open(&c, run_dir) != 0) {
		fprintf(stderr, "%s\n", c.error);
		return 2;
	}
	f = fopencookie(x, "w", (cookie_io_functions_t){.write = count_lines});
	if (f == NULL) {
		connection_close(&c);
		return fault("export", strerror(errno));
	}
	rc = connection_command(&c, "location export", f);
	if (fclose(f) != 0 && rc == 0)
		rc = fault("export", strerror(errno));
	else if (rc != 0)
		fprintf(stderr, "%s\n", c.error);
	connection_close(&c);
	return rc;
}

// --- from the journal
// -----------------------------------------------------------------------------

static bool write_record(void *arg, struct str key, struct str value)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];
	char line[BINDING_TEXT_MAX + 1];
	struct dump *x = arg;
	unsigned n;

	(void)key;
	if (store_record_check(value) != STORE_SOUND) {
		x->damaged++;
		return true;
	}
	n = store_record_read(value, x->offset_s, store_now_s(), c);
	for (unsigned i = 0; i < n; i++) {
		const size_t len = binding_text_write(&c[i], NULL, x->offset_s, line);

		line[len] = '\n';
		if (len > 0 && fwrite(line, 1, len + 1, x->out) != len + 1)
			return false;
		x->n += len > 0;
		progress_at(&x->progress, x->scan.pages * x->progress.total / (x->scan.total + 1),
		        x->n);
	}
	return true;
}

// spryd changes the file in place: what is read beside it would be of no moment at all.
static bool in_use(const char *journal)
{
	const char *slash = strrchr(journal, '/');
	char lock[512];
	int fd;
	bool used;

	if (strcmp(slash != NULL ? slash + 1 : journal, "location.mdb") != 0)
		return false;
	snprintf(lock, sizeof(lock), "%.*sspryd.lock",
	        slash != NULL ? (int)(slash + 1 - journal) : 0, journal);
	fd = open(lock, O_RDONLY | O_CLOEXEC);
	used = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (fd >= 0)
		close(fd);
	return used;
}

static int export_journal(struct dump *x, const char *journal)
{
	int fd, rc;

	if (in_use(journal))
		return fault(journal, "spryd works with it: export without -j");
	fd = open(journal, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault(journal, strerror(errno));
	x->offset_s = store_offset_s();
	rc = store_scan(fd, write_record, x, &x->scan);
	close(fd);
	if (rc != 0)
		fprintf(stderr, "%s: damaged: %s; what could be read is there\n", journal,
		        x->scan.why.text);
	if (x->damaged > 0)
		fprintf(stderr, "%s: %llu records are damaged\n", journal, x->damaged);
	return rc != 0 || x->damaged > 0;
}

// --- export
// ---------------------------------------------------------------------------------------

// A file gets its name when all is in it and on the disk.
static int finish(struct dump *x, const char *temporary, const char *file, int rc)
{
	if (ferror(x->out) || fflush(x->out) != 0)
		rc = fault(file != NULL ? file : "standard output", strerror(errno));
	if (file == NULL)
		return rc;
	if (rc != 2 && fsync(fileno(x->out)) != 0)
		rc = fault(file, strerror(errno));
	fclose(x->out);
	if (rc != 2 && rename(temporary, file) != 0)
		rc = fault(file, strerror(errno));
	if (rc == 2)
		(void)unlink(temporary);
	return rc;
}

static int export(const char *run_dir, const char *journal, const char *file)
{
	struct dump x = {.out = stdout};
	char temporary[512];
	double seconds;
	int rc;

	if (file != NULL && strcmp(file, "-") == 0)
		file = NULL;
	if (file != NULL) {
		if (snprintf(temporary, sizeof(temporary), "%s.part", file) >=
		        (int)sizeof(temporary))
			return fault(file, strerror(ENAMETOOLONG));
		x.out = fopen(temporary, "we");
		if (x.out == NULL)
			return fault(temporary, strerror(errno));
	}
	progress_begin(&x.progress, "bindings", journal != NULL ? 1000 : 0);
	rc = journal != NULL ? export_journal(&x, journal) : export_table(&x, run_dir);
	seconds = progress_end(&x.progress);
	rc = finish(&x, temporary, file, journal == NULL && rc == 1 ? 2 : rc);
	if (rc != 2)
		fprintf(stderr, "%llu bindings in %.1f s\n", x.n, seconds);
	return rc;
}

// --- import
// ---------------------------------------------------------------------------------------

struct feed {
	struct connection connection;
	const char *name;
	char *command; // being made
	size_t len;
	FILE *f;
	unsigned n;                // bindings in it
	unsigned long line[BATCH]; // where they stand
	unsigned long long taken;
};

static bool batch_begin(struct feed *m)
{
	m->n = 0;
	m->f = open_memstream(&m->command, &m->len);
	if (m->f != NULL)
		fputs("location import", m->f);
	return m->f != NULL;
}

// How many spryd says it took; *queued wait for its disk.
static unsigned taken(const char *said, const struct feed *m, unsigned long *queued)
{
	char *rest = NULL;
	const unsigned long n = said != NULL ? strtoul(said, &rest, 10) : 0;

	*queued = said != NULL ? strtoul(rest, NULL, 10) : 0;
	return n < m->n ? (unsigned)n : m->n;
}

// Waits until no more than max records wait for the disk. False: it does not get on.
static bool await_disk(struct feed *m, unsigned long max)
{
	const struct timespec pause = {0, 10000000};
	unsigned long queued = ULONG_MAX, least = ULONG_MAX;

	for (int left = PATIENCE; queued > max && left > 0; left--) {
		char *said = NULL;
		size_t len;
		FILE *out = open_memstream(&said, &len);
		bool answered;

		if (out == NULL)
			return false;
		answered = connection_command(&m->connection, "location import", out) == 0;
		fclose(out);
		(void)taken(said, m, &queued);
		free(said);
		if (!answered)
			return false;
		if (queued > max)
			nanosleep(&pause, NULL);
		left = queued < least ? PATIENCE : left;
		least = queued < least ? queued : least;
	}
	return queued <= max;
}

static int batch_send(struct feed *m)
{
	unsigned long queued = 0;
	char *said = NULL;
	unsigned n;
	size_t len;
	FILE *out;
	int rc = 2;

	if (fclose(m->f) != 0)
		return fault("import", strerror(errno));
	m->f = NULL;
	out = m->n > 0 ? open_memstream(&said, &len) : NULL;
	if (out != NULL) {
		rc = connection_command(&m->connection, m->command, out);
		fclose(out);
		n = taken(said, m, &queued);
		m->taken += n;
		if (rc != 0)
			fprintf(stderr, "%s:%lu: %s\n", m->name, m->line[n < m->n ? n : m->n - 1],
			        m->connection.error);
	} else {
		rc = m->n > 0 ? 2 : 0;
	}
	free(said);
	free(m->command);
	m->command = NULL;
	if (rc == 0 && queued > QUEUED_MAX)
		(void)await_disk(m, QUEUED_MAX / 2);
	return rc;
}

// One word of the command: in quotes, its backslashes twice.
static void batch_add(struct feed *m, const char *binding, unsigned long line)
{
	fputs(" \"", m->f);
	for (const char *p = binding; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', m->f);
		fputc(*p, m->f);
	}
	fputc('"', m->f);
	m->line[m->n++] = line;
}

static int import_lines(struct feed *m, FILE *in, struct progress *progress)
{
	unsigned long number = 0;
	uint64_t bytes = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = batch_begin(m) ? 0 : 2;

	while (rc == 0 && (n = getline(&line, &room, in)) >= 0) {
		number++;
		bytes += (uint64_t)n;
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		batch_add(m, line, number);
		if (m->n == BATCH || ftell(m->f) > BATCH_BYTES) {
			rc = batch_send(m);
			if (rc == 0 && !batch_begin(m))
				rc = 2;
		}
		progress_at(progress, bytes, m->taken & ~255ull);
	}
	free(line);
	if (rc == 0 && ferror(in))
		rc = fault(m->name, strerror(errno));
	if (m->f != NULL && rc == 0)
		rc = batch_send(m);
	else if (m->f != NULL)
		fclose(m->f);
	free(m->command);
	return rc;
}

static int import(const char *run_dir, const char *file)
{
	const bool standard = file == NULL || strcmp(file, "-") == 0;
	struct feed m = {.name = standard ? "standard input" : file};
	FILE *in = standard ? stdin : fopen(file, "re");
	struct progress progress;
	struct stat st = {0};
	double seconds;
	int rc;

	if (in == NULL)
		return fault(file, strerror(errno));
	if (connection_open(&m.connection, run_dir) != 0) {
		fprintf(stderr, "%s\n", m.connection.error);
		rc = 2;
	} else {
		(void)fstat(fileno(in), &st);
		progress_begin(&progress, "bindings", (uint64_t)st.st_size);
		rc = import_lines(&m, in, &progress);
		if (m.connection.f != NULL && !await_disk(&m, 0))
			fprintf(stderr, "not all is on disk yet: see `show store`\n");
		seconds = progress_end(&progress);
		fprintf(stderr, "%llu bindings in %.1f s\n", m.taken, seconds);
		connection_close(&m.connection);
	}
	if (in != stdin)
		fclose(in);
	return rc;
}

bool bindings_command_is(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[0], "location") == 0 &&
	       (strcmp(argv[1], "export") == 0 || strcmp(argv[1], "import") == 0);
}

int bindings_command(const char *run_dir, int argc, char **argv)
{
	const bool to_file = strcmp(argv[0], "export") == 0;
	const char *journal = NULL;
	int o;

	optind = 0; // anew (glibc)
	while ((o = getopt(argc, argv, "j:h")) != -1) {
		if (o == 'j' && to_file)
			journal = optarg;
		else
			return fputs(usage, o == 'h' ? stdout : stderr), o == 'h' ? 0 : 2;
	}
	if (argc - optind > 1)
		return fputs(usage, stderr), 2;
	return to_file ? export(run_dir, journal, argv[optind]) : import(run_dir, argv[optind]);
}
