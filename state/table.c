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

static int
bind_column(const struct column *c, const char *p, sqlite3_stmt *stmt, int at)
{
	int64_t number;

	if (column_is_text(c) && c->null && *p == '\0')
		return sqlite3_bind_null(stmt, at);
	if (column_is_text(c))
		return sqlite3_bind_text(
		    stmt, at, p, (int)strnlen(p, c->size - 1), SQLITE_STATIC);
	/* SQLite makes NULL of a NaN. */
	if (c->type == COLUMN_NUMBER)
		return sqlite3_bind_double(stmt, at, column_real(p));
	number = column_number(c, p);
	if (column_is_null(c, number))
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
		if (c->type == COLUMN_SEQUENCE &&
		    strcmp(c->name, "sequence") == 0)
			memcpy(p, &sequence, sizeof(sequence));
		else if (vantage != NULL && !table->common &&
		    strcmp(c->name, "vantage") == 0)
			snprintf(p, c->size, "%s", vantage);
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
		    column_set_real(p,
			type == SQLITE_NULL ? (double)NAN
					    : sqlite3_column_double(stmt, at));
	if (type == SQLITE_NULL)
		return column_may_be_null(c) &&
		    (column_is_text(c) ||
			column_set_number(c, p, column_null_number(c)));
	if (!column_is_text(c) && c->type != COLUMN_HEALTH) {
		/* -1 in a row stands for NULL, so a stored negative is refused,
		 * as is a count that stands for it. */
		number = sqlite3_column_int64(stmt, at);
		return type == SQLITE_INTEGER && number >= 0 &&
		    !column_is_null(c, number) &&
		    column_set_number(c, p, number);
	}
	if (type != SQLITE_TEXT)
		return false;
	text = sqlite3_column_text(stmt, at);
	if (text == NULL)
		return false;
	if (column_is_text(c))
		return column_set_text(
		    c, p, text, (size_t)sqlite3_column_bytes(stmt, at));
	return state_health_parse((const char *)text, &health) == 0 &&
	    column_set_number(c, p, (int64_t)health);
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

/* Of a text: one octet where that holds that of the longest, else two, the
 * lower one first. */
static unsigned char *
pack_length(const struct column *c, size_t len, unsigned char *p)
{
	*p++ = (unsigned char)(len & UINT8_MAX);
	if (c->size - 1 > UINT8_MAX)
		*p++ = (unsigned char)(len >> 8);
	return p;
}

/* What follows it; NULL: it ends before. */
static const unsigned char *
take_length(const struct column *c, const unsigned char *p,
    const unsigned char *end, size_t *len)
{
	size_t n = c->size - 1 > UINT8_MAX ? 2 : 1;

	if ((size_t)(end - p) < n)
		return NULL;
	*len = n == 2 ? p[0] | (size_t)p[1] << 8 : p[0];
	return p + n;
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
		if (column_is_text(c)) {
			size_t len = strnlen(from, c->size - 1);

			p = pack_length(c, len, p);
			memcpy(p, from, len);
			p += len;
		} else {
			number = column_number(c, from);
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
		if (column_is_text(c)) {
			size_t len = 0;

			p = take_length(c, p, end, &len);
			if (p == NULL || (size_t)(end - p) < len ||
			    !column_set_text(c, to, p, len))
				return -1;
			p += len;
			continue;
		}
		if ((size_t)(end - p) < sizeof(number))
			return -1;
		memcpy(&number, p, sizeof(number));
		if (c->type == COLUMN_NUMBER
			? !column_set_real(to, column_real(p))
			: !column_set_number(c, to, number))
			return -1;
		p += sizeof(number);
	}
	return p == end ? 0 : -1;
}
