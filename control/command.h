// The operational commands: rows of words, help and function (command.c). To add one: a row there.
#pragma once

#include <event2/buffer.h>

#include "config/text.h"
#include "control/control.h"

enum { COMMAND_WORDS = 256 };

enum command_end {
	COMMAND_DONE, // status and error say how
	COMMAND_MORE, // call command_more when the output went
	COMMAND_WAIT, // `finished` will be called
};

struct command_row;

// One command on its way. The caller fills control, who, out, finished; the rest is the command's.
struct command_call {
	struct control *control;
	const char *who;      // "root (uid 0, pid 17)"
	struct evbuffer *out; // text for the operator
	void (*finished)(struct command_call *call);

	const struct command_row *row;
	struct str *words; // behind the command's own words; valid in the first call only
	unsigned n_words;
	bool json;
	int status;         // 0 = well
	struct error error; // when not; column as the operator counts
	uint64_t cursor;    // of a listing that streams
	bool listed;        // it has rows already
	char kept[256];     // what it was asked for
	bool ended;         // a command that waits was finished already
};

typedef enum command_end (*command_fn)(struct command_call *call);

struct command_row {
	const char *words; // "show config"
	const char *args;  // shown in help; words in it ("candidate|running") are completed
	bool json;         // takes "json" as its last word
	command_fn run;
	const char *help;
};
extern const struct command_row command_rows[]; // ended by words NULL

enum command_end command_run(struct command_call *call, struct str line);
enum command_end command_more(struct command_call *call);

// What fits next in a partial line, also inside set and delete. Returns the column where the word
// being completed starts.
int command_complete(struct control *c, struct str line, text_found_fn found, void *arg);

// Ends a command with an error.
enum command_end command_fail(struct command_call *call, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
// The same at a word of the call's (0 = the first behind the command).
enum command_end command_fail_at(struct command_call *call, unsigned word, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
