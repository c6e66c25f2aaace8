// gnuplot gets its commands by a pipe, data in them: no temporary file.
#include "tools/bench/plot.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int plot_check(struct error *e)
{
	const char *path = getenv("PATH");
	char name[512];

	while (path != NULL && *path != '\0') {
		const size_t len = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/gnuplot", (int)len, path);
		if (access(name, X_OK) == 0)
			return 0;
		path += len + (path[len] == ':');
	}
	return error_set(e, "there is no gnuplot; `tools/install bench` installs it");
}

// Within single quotes of gnuplot.
static void quoted(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputc('\'', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void data(const struct plot *p, FILE *out)
{
	fputs("$d << end\n", out);
	for (unsigned i = 0; i < p->n; i++)
		fprintf(out, "%g %g %g %g %g\n", p->point[i].x, p->point[i].rate / 1e6,
		        p->point[i].ns, p->point[i].p50_us, p->point[i].p99_us);
	fputs("end\n", out);
}

static void commands(const struct plot *p, FILE *out)
{
	const bool svg = strcmp(p->file + strlen(p->file) - 4, ".svg") == 0;

	data(p, out);
	fprintf(out, "set terminal %s size 800,480\nset output ", svg ? "svg" : "png");
	quoted(p->file, out);
	fputs("\nset title ", out);
	quoted(p->title, out);
	fputs("\nset xlabel ", out);
	quoted(p->x_label, out);
	fprintf(out, "\nset grid\nset key top left\nset yrange [0:*]\n%s",
	        p->log_x ? "set logscale x\n" : "");
	if (p->cost)
		fputs("set ylabel 'ns a message'\nset y2label 'million messages/s'\n"
		      "set y2tics\nset y2range [0:*]\n"
		      "plot $d using 1:3 with linespoints title 'ns a message', "
		      "$d using 1:2 axes x1y2 with linespoints title 'loss-free rate'\n",
		        out);
	else
		fputs("set ylabel 'latency, us'\nset logscale y\nset yrange [*:*]\n"
		      "plot $d using 2:4 with linespoints title 'p50', "
		      "$d using 2:5 with linespoints title 'p99'\n",
		        out);
}

int plot_draw(const struct plot *p, struct error *e)
{
	int status;
	FILE *out;

	if (plot_check(e) != 0)
		return -1;
	out = popen("gnuplot", "we");
	if (out == NULL)
		return error_set(e, "gnuplot cannot be started");
	commands(p, out);
	status = pclose(out);
	if (status != 0)
		return error_set(e, "gnuplot could not draw %s (status %d)", p->file,
		        WIFEXITED(status) ? WEXITSTATUS(status) : status);
	return 0;
}
