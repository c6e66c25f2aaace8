// The client's end of spryd's socket (protocol: control/client.h). Blocking.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct connection {
	FILE *f;
	bool prompts; // ask for this:
	bool differs; // candidate from running, after the last command
	char error[600];
	int column;
};

// 0, or -1 with one line in c->error.
int connection_open(struct connection *c, const char *run_dir);
void connection_close(struct connection *c);

// Runs a command, printing its text to `out` as it comes. Status of the command (1 with error and
// column set), 2 when spryd went away.
int connection_command(struct connection *c, const char *line, FILE *out);

typedef void (*connection_word_fn)(void *arg, const char *word, const char *help, bool placeholder);
// What fits next; returns the column where the word being completed starts, -1 when spryd went
// away.
int connection_complete(
        struct connection *c, const char *line, connection_word_fn found, void *arg);
