// Everything an operator can set is one row: path, type, range, default, help. Grammar, completion,
// checks, the saved file, help and the reference manual derive from the rows (schema.c).
//
// A path is keywords with <key>s in between. Examples of rows:
//   "port <name> device"               TYPE_DEVICE
//   "port <name> address"              TYPE_PREFIX     SCHEMA_LIST
//   "group <name> member <hostport> weight"  TYPE_NUMBER 0..1000 default 1
//   "domain <domain> forward"          TYPE_FLAG       (no value; one of a choice)
#pragma once

#include "config/type.h"

enum schema_flag {
	SCHEMA_LIST = 1,   // may have several values
	SCHEMA_SECRET = 2, // never printed: shown as ***, saved to the file only
	SCHEMA_RESTART =
	        4,         // takes effect when the dataplane restarts (which commit does by itself)
	SCHEMA_NEEDED = 8, // its object is incomplete without it
};

struct schema_row {
	const char *path;
	enum type type;
	int64_t min, max; // TYPE_NUMBER, TYPE_STATUS: the range; TYPE_NAME: the longest in max
	const char *
	        values; // TYPE_CHOICE: "poll|adaptive"; TYPE_REF: the keyword it refers to ("port")
	const char *fallback; // default, as text; NULL = none
	unsigned flags;       // enum schema_flag
	const char *choice; // rows of one object with the same word here exclude each other; NULL =
	                    // none
	const char *help;   // one line
};
extern const struct schema_row schema_rows[]; // ended by path NULL

// Help of a keyword that opens an object ("port", "group <name> member"): one line each.
struct schema_object {
	const char *path; // "port <name>", "group <name> member <hostport>"
	enum type key;    // type of the last key; TYPE_FLAG = a keyword without one ("worker")
	int64_t min, max; // of the key, as in schema_row
	const char *help;
};
extern const struct schema_object schema_objects[]; // ended by path NULL

// The object opened, the setting made by `keyword` below `parent` (NULL = the top), or NULL.
const struct schema_object *schema_child(const struct schema_object *parent, struct str keyword);
const struct schema_row *schema_setting(const struct schema_object *parent, struct str keyword);
// Iterate what is below `parent`: NULL to start, NULL at the end.
const struct schema_object *schema_next_child(
        const struct schema_object *parent, const struct schema_object *previous);
const struct schema_row *schema_next_setting(
        const struct schema_object *parent, const struct schema_row *previous);
// The last keyword of a path: "vlan" of "port <name> vlan <1-4094>".
struct str schema_keyword(const char *path);
// An object's key as a row, for type_check and type_placeholder.
struct schema_row schema_key_row(const struct schema_object *o);
