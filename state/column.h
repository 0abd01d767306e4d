/*
 * A column of a table of the state database: what may stand there in a row, and
 * what stands for NULL.  For whatever carries rows in another form: statements
 * and frames (table.h), and what goes to other nodes.
 */
#ifndef STATE_COLUMN_H
#define STATE_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum column_type {
	COLUMN_NAME,    /* char[]: printable ASCII, not empty */
	COLUMN_WORDS,   /* char[]: may be empty; odd characters read as '?' */
	COLUMN_TIME,    /* int64_t: wall clock, ms */
	COLUMN_LATENCY, /* int64_t: microseconds; may always be NULL */
	COLUMN_COUNT,   /* uint32_t */
	COLUMN_HEALTH,  /* enum state_health, stored as its name */
	COLUMN_NUMBER,  /* double, not less than 0; may always be NULL */
	COLUMN_SEQUENCE /* uint64_t */
};

struct column {
	const char *name;
	enum column_type type;
	bool key; /* part of the primary key */
	/* May be NULL, where nothing is said.  In a row NULL is "" of a text,
	 * unknown of a health, UINT32_MAX of a count, NaN of a double, -1 of
	 * other numbers. */
	bool null;
	/* In SQL, what a row gets that was made without it; NULL: it has to be
	 * given.  A column that came after its table needs one, or null: the
	 * last release does not know it. */
	const char *initial;
	const char *check; /* in SQL, what has to follow the name; or NULL */
	unsigned since;    /* the schema version that added it */
	/* Of a time: no moment of the writer's clock, but a length, or a date
	 * that others set.  It is the same on every machine. */
	bool steady;
	bool local; /* it means nothing on another machine */
	/* In the struct; of a text, the NUL counted.  Size 0: not in the struct
	 * and in no statement made from it. */
	size_t offset, size;
};

/* Past these a number makes no sense: 9999-12-31, and what a double holds. */
#define COLUMN_TIME_MAX INT64_C(253402300799999)
#define COLUMN_SEQUENCE_MAX INT64_C(9007199254740991)

/* Longest text of a column, the NUL counted. */
#define COLUMN_TEXT_MAX 512

/* Below, ${p} is the place of a value: the row and the offset of the column. */

/* text = column_is_text(column): a text, not a number of some kind. */
bool column_is_text(const struct column *column);

/* may = column_may_be_null(column): its `null`, or that of its type. */
bool column_may_be_null(const struct column *column);

/* number = column_null_number(column): what stands for NULL in a row. */
int64_t column_null_number(const struct column *column);

/* null = column_is_null(column, number): whether ${number} of a row is written
 * as NULL: any below 0 is. */
bool column_is_null(const struct column *column, int64_t number);

/* number = column_number(column, p), real = column_real(p): the value, of a
 * type that holds a whole number, or of COLUMN_NUMBER. */
int64_t column_number(const struct column *column, const void *p);
double column_real(const void *p);

/*
 * Each puts a value to ${p}, or returns false when the column cannot hold it.
 *
 * column_set_number(column, p, number): what stands for NULL where it may.
 * column_set_real(p, real): NaN, which stands for NULL, too.
 * column_set_text(column, p, text, len): words are cut to their room, and odd
 * characters become '?'; a name has to be as it should be.
 * column_set_null(column, p): NULL.
 * column_set_initial(column, p): what a row gets that was made without it.
 */
bool column_set_number(const struct column *column, void *p, int64_t number);
bool column_set_real(void *p, double real);
bool column_set_text(
    const struct column *column, void *p, const void *text, size_t len);
bool column_set_null(const struct column *column, void *p);
bool column_set_initial(const struct column *column, void *p);

#endif
