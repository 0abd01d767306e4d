/*
 * The fields of each row, once: how they are bound to a statement, read from
 * one and checked, and carried between processes.  For the files of state/.
 */
#ifndef STATE_FIELDS_H
#define STATE_FIELDS_H

#include <stddef.h>

#include "base/frame.h"

struct sqlite3_stmt;

enum field_type {
	FIELD_NAME,    /* char[]: printable ASCII, not empty */
	FIELD_WORDS,   /* char[]: may be empty; odd characters read as '?' */
	FIELD_TIME,    /* int64_t: wall clock, ms */
	FIELD_LATENCY, /* int64_t: microseconds; -1 is NULL */
	FIELD_COUNT,   /* uint32_t */
	FIELD_HEALTH,  /* enum state_health, stored as its name */
	FIELD_SEQUENCE /* uint64_t */
};

struct field {
	const char *column;
	enum field_type type;
	size_t offset, size; /* in the struct; of a text, the NUL counted */
};

/* Columns stand in this order in every statement that has them all. */
struct fields {
	const struct field *field;
	size_t n;
	size_t size; /* of the struct */
};

extern const struct fields fields_vantage;  /* struct state_vantage */
extern const struct fields fields_endpoint; /* struct state_endpoint */
extern const struct fields fields_event;    /* struct state_event */

/* Past these a number makes no sense: 9999-12-31, and what a double holds. */
#define FIELD_TIME_MAX INT64_C(253402300799999)
#define FIELD_SEQUENCE_MAX INT64_C(9007199254740991)

/* fields_bind(fields, row, stmt): bind ${row} to the parameters 1, 2, ...  An
 * SQLite code.  The texts of ${row} have to live until the step. */
int fields_bind(
    const struct fields *fields, const void *row, struct sqlite3_stmt *stmt);

/*
 * column = fields_read(fields, stmt, row): fill ${row} from the columns of
 * ${stmt}, which may hold anything.  NULL, or the name of the first column that
 * makes no sense.
 */
const char *fields_read(
    const struct fields *fields, struct sqlite3_stmt *stmt, void *row);

/* fields_put(fields, row, kind, out): append ${row} to ${out} as a frame.  0,
 * or -1 as frame_put(). */
int fields_put(const struct fields *fields, const void *row, uint32_t kind,
    struct frame_buffer *out);

/* n = fields_pack(fields, row, out): the same without a buffer, to FRAME_MAX
 * bytes at ${out}. */
size_t fields_pack(
    const struct fields *fields, const void *row, unsigned char *out);

/* fields_take(fields, frame, row): fill ${row} from what fields_pack() made.
 * 0, or -1 when it is not that. */
int fields_take(
    const struct fields *fields, const struct frame *frame, void *row);

#endif
