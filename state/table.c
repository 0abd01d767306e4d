/*
 * Rows by the descriptor of their table: to and from statements and frames.
 * Called by the reader, the writer and both ends of the helper processes;
 * decides nothing but whether a value can be what its column says.
 */
#include "state/table.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "state/rows.h"

static bool
is_text(const struct column *c)
{
	return c->type == COLUMN_NAME || c->type == COLUMN_WORDS;
}

bool
column_may_be_null(const struct column *c)
{
	return c->null || c->type == COLUMN_LATENCY || c->type == COLUMN_NUMBER;
}

/* What stands for NULL in a row. */
static int64_t
null_number(const struct column *c)
{
	if (c->type == COLUMN_COUNT)
		return UINT32_MAX;
	return c->type == COLUMN_HEALTH ? HEALTH_UNKNOWN : -1;
}

/* Whether ${number} of a row is written as NULL: any below 0 is. */
static bool
is_null(const struct column *c, int64_t number)
{
	return column_may_be_null(c) &&
	    (number < 0 || number == null_number(c));
}

/* The number in the column at ${p}, of any of the types that hold one. */
static int64_t
get_number(const struct column *c, const void *p)
{
	enum state_health health;
	uint32_t count;
	int64_t number;

	switch (c->type) {
	case COLUMN_HEALTH:
		memcpy(&health, p, sizeof(health));
		return (int64_t)health;
	case COLUMN_COUNT:
		memcpy(&count, p, sizeof(count));
		return count;
	case COLUMN_TIME:
	case COLUMN_LATENCY:
	case COLUMN_SEQUENCE:
	case COLUMN_NAME:
	case COLUMN_WORDS:
	case COLUMN_NUMBER:
		break;
	}
	memcpy(&number, p, sizeof(number));
	return number;
}

/* Put ${number} to the column at ${p}; false when it is out of its range. */
static bool
set_number(const struct column *c, void *p, int64_t number)
{
	int64_t max = INT64_MAX;
	enum state_health health;
	uint32_t count;

	switch (c->type) {
	case COLUMN_HEALTH:
		/* Events, and what is told, are not checked, and alone have the
		 * last one. */
		max = c->check != NULL ? HEALTH_DOWN : HEALTH_DEGRADED;
		break;
	case COLUMN_COUNT:
		max = UINT32_MAX;
		break;
	case COLUMN_TIME:
		max = COLUMN_TIME_MAX;
		break;
	case COLUMN_SEQUENCE:
		max = COLUMN_SEQUENCE_MAX;
		break;
	case COLUMN_LATENCY:
	case COLUMN_NAME:
	case COLUMN_WORDS:
	case COLUMN_NUMBER:
		break;
	}
	if ((number < 0 || number > max) &&
	    !(column_may_be_null(c) && number == null_number(c)))
		return false;
	if (c->type == COLUMN_HEALTH) {
		health = (enum state_health)number;
		memcpy(p, &health, sizeof(health));
	} else if (c->type == COLUMN_COUNT) {
		count = (uint32_t)number;
		memcpy(p, &count, sizeof(count));
	} else {
		memcpy(p, &number, sizeof(number));
	}
	return true;
}

/* The same of a double.  One that is no number is none that anybody knows. */
static bool
set_real(void *p, double real)
{
	if (isinf(real) || real < 0)
		return false;
	memcpy(p, &real, sizeof(real));
	return true;
}

static double
get_real(const void *p)
{
	double real;

	memcpy(&real, p, sizeof(real));
	return real;
}

/* Copy ${len} bytes to the text at ${p}; false when they cannot be it. */
static bool
set_text(const struct column *c, char *p, const unsigned char *text, size_t len)
{
	bool name = c->type == COLUMN_NAME;

	if (len >= c->size) {
		if (name)
			return false;
		len = c->size - 1;
	}
	if (name && len == 0 && !c->null)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool odd = text[i] < ' ' || text[i] > '~';

		if (odd && name)
			return false;
		p[i] = odd ? '?' : (char)text[i];
	}
	p[len] = '\0';
	return true;
}

static int
bind_column(const struct column *c, const char *p, sqlite3_stmt *stmt, int at)
{
	int64_t number;

	if (is_text(c) && c->null && *p == '\0')
		return sqlite3_bind_null(stmt, at);
	if (is_text(c))
		return sqlite3_bind_text(
		    stmt, at, p, (int)strnlen(p, c->size - 1), SQLITE_STATIC);
	/* SQLite makes NULL of a NaN. */
	if (c->type == COLUMN_NUMBER)
		return sqlite3_bind_double(stmt, at, get_real(p));
	number = get_number(c, p);
	if (is_null(c, number))
		return sqlite3_bind_null(stmt, at);
	if (c->type == COLUMN_HEALTH)
		return sqlite3_bind_text(stmt, at,
		    state_health_name((enum state_health)number), -1,
		    SQLITE_STATIC);
	return sqlite3_bind_int64(stmt, at, number);
}

static int
bind(const struct table *table, const void *row, sqlite3_stmt *stmt, bool key)
{
	int code = SQLITE_OK, at = 0;

	for (size_t i = 0; i < table->n && code == SQLITE_OK; i++) {
		const struct column *c = &table->column[i];

		if (c->size != 0 && (c->key || !key))
			code = bind_column(
			    c, (const char *)row + c->offset, stmt, ++at);
	}
	return code;
}

int
table_bind(const struct table *table, const void *row, sqlite3_stmt *stmt)
{
	return bind(table, row, stmt, false);
}

int
table_bind_key(const struct table *table, const void *row, sqlite3_stmt *stmt)
{
	return bind(table, row, stmt, true);
}

void
table_stamp(const struct table *table, void *row, const char *vantage,
    uint64_t sequence)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		char *p = (char *)row + c->offset;

		if (c->size == 0)
			continue;
		if (strcmp(c->name, "vantage") == 0)
			snprintf(p, c->size, "%s", vantage);
		else if (strcmp(c->name, "sequence") == 0)
			memcpy(p, &sequence, sizeof(sequence));
	}
}

static bool
read_column(const struct column *c, sqlite3_stmt *stmt, int at, char *p)
{
	int type = sqlite3_column_type(stmt, at);
	const unsigned char *text;
	enum state_health health;
	int64_t number;

	if (c->type == COLUMN_NUMBER)
		return (type == SQLITE_NULL || type == SQLITE_FLOAT) &&
		    set_real(p,
			type == SQLITE_NULL ? (double)NAN
					    : sqlite3_column_double(stmt, at));
	if (type == SQLITE_NULL)
		return column_may_be_null(c) &&
		    (is_text(c) || set_number(c, p, null_number(c)));
	if (!is_text(c) && c->type != COLUMN_HEALTH) {
		/* -1 in a row stands for NULL, so a stored negative is refused,
		 * as is a count that stands for it. */
		number = sqlite3_column_int64(stmt, at);
		return type == SQLITE_INTEGER && number >= 0 &&
		    !is_null(c, number) && set_number(c, p, number);
	}
	if (type != SQLITE_TEXT)
		return false;
	text = sqlite3_column_text(stmt, at);
	if (text == NULL)
		return false;
	if (is_text(c))
		return set_text(
		    c, p, text, (size_t)sqlite3_column_bytes(stmt, at));
	return state_health_parse((const char *)text, &health) == 0 &&
	    set_number(c, p, (int64_t)health);
}

const char *
table_read(const struct table *table, sqlite3_stmt *stmt, void *row)
{
	int at = 0;

	memset(row, 0, table->size);
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (c->size != 0 &&
		    !read_column(c, stmt, at++, (char *)row + c->offset))
			return c->name;
	}
	return NULL;
}

size_t
table_pack(const struct table *table, const void *row, unsigned char *out)
{
	unsigned char *p = out;

	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		const char *from = (const char *)row + c->offset;
		int64_t number;

		if (c->size == 0)
			continue;
		/* The longest text has 255 bytes: one for its length. */
		if (is_text(c)) {
			size_t len = strnlen(from, c->size - 1);

			*p++ = (unsigned char)len;
			memcpy(p, from, len);
			p += len;
		} else {
			number = get_number(c, from);
			memcpy(p, &number, sizeof(number));
			p += sizeof(number);
		}
	}
	return (size_t)(p - out);
}

int
table_put(const struct table *table, const void *row, uint32_t kind,
    struct frame_buffer *out)
{
	unsigned char packed[FRAME_MAX];

	return frame_put(out, kind, packed, table_pack(table, row, packed));
}

int
table_take(const struct table *table, const struct frame *frame, void *row)
{
	const unsigned char *p = frame->data, *end = p + frame->len;

	memset(row, 0, table->size);
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		char *to = (char *)row + c->offset;
		int64_t number;

		if (c->size == 0)
			continue;
		if (is_text(c)) {
			if (p == end || (size_t)(end - p) - 1 < *p ||
			    !set_text(c, to, p + 1, *p))
				return -1;
			p += 1 + *p;
			continue;
		}
		if ((size_t)(end - p) < sizeof(number))
			return -1;
		memcpy(&number, p, sizeof(number));
		if (c->type == COLUMN_NUMBER ? !set_real(to, get_real(p))
					     : !set_number(c, to, number))
			return -1;
		p += sizeof(number);
	}
	return p == end ? 0 : -1;
}
