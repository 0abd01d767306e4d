/*
 * Rows to the JSON of a block.  Called by who says what this node knows;
 * changes no row.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/block.h"
#include "share/block_column.h"
#include "state/column.h"
#include "state/rows.h"

static const char *
place(const void *row, const struct column *c)
{
	return (const char *)row + c->offset;
}

/* Texts of rows are printable ASCII. */
static void
add_string(struct text *t, const char *s)
{
	const char *from = s;

	text_bytes(t, "\"", 1);
	for (; *s != '\0'; s++) {
		if (*s != '"' && *s != '\\')
			continue;
		text_bytes(t, from, (size_t)(s - from));
		text_bytes(t, "\\", 1);
		from = s;
	}
	text_bytes(t, from, (size_t)(s - from));
	text_bytes(t, "\"", 1);
}

/* As short as it can be and still be the same number. */
static void
add_real(struct text *t, double real)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.15g", real);
	if (strtod(digits, NULL) < real || strtod(digits, NULL) > real)
		snprintf(digits, sizeof(digits), "%.17g", real);
	text_bytes(t, digits, strlen(digits));
}

static void
add_whole(struct text *t, int64_t number)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

	text_bytes(t, digits, (size_t)len);
}

static void
add_value(struct text *t, const struct column *c, const char *p)
{
	int64_t number;

	if (column_is_text(c)) {
		add_string(t, p);
		return;
	}
	if (c->type == COLUMN_NUMBER) {
		if (isnan(column_real(p)))
			text_bytes(t, "null", 4);
		else
			add_real(t, column_real(p));
		return;
	}
	number = column_number(c, p);
	if (c->type == COLUMN_HEALTH)
		add_string(t, state_health_name((enum state_health)number));
	else if (column_is_null(c, number))
		text_bytes(t, "null", 4);
	else
		add_whole(t, number);
}

/* Whether all rows have in ${c} what they get where it is left out. */
static bool
is_needless(
    const struct column *c, const void *const *rows, size_t n, int64_t at_ms)
{
	char initial[COLUMN_TEXT_MAX] = "";

	if (c->key || !block_column_initial(c, at_ms, initial))
		return false;
	for (size_t i = 0; i < n; i++)
		if (column_is_text(c)
			? strcmp(place(rows[i], c), initial) != 0
			: memcmp(place(rows[i], c), initial, c->size) != 0)
			return false;
	return true;
}

struct columns {
	const struct column *of[BLOCK_COLUMNS];
	size_t n;
};

static void
choose(const struct table *table, const void *const *rows, size_t n,
    int64_t at_ms, struct columns *out)
{
	out->n = 0;
	for (size_t i = 0; i < table->n && out->n < BLOCK_COLUMNS; i++) {
		const struct column *c = &table->column[i];

		if (block_column_place(c) == BLOCK_IN_ROW &&
		    !is_needless(c, rows, n, at_ms))
			out->of[out->n++] = c;
	}
}

static bool
same_pool(const struct table *table, const void *a, const void *b)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (block_column_place(c) == BLOCK_IN_POOL &&
		    strcmp(place(a, c), place(b, c)) != 0)
			return false;
	}
	return true;
}

static void
begin_pool(const struct table *table, const void *row, struct text *out)
{
	text_bytes(out, "[", 1);
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (block_column_place(c) != BLOCK_IN_POOL)
			continue;
		add_string(out, place(row, c));
		text_bytes(out, ",", 1);
	}
	text_bytes(out, "[", 1);
}

static void
add_row(const struct columns *columns, const void *row, struct text *out)
{
	for (size_t i = 0; i < columns->n; i++) {
		text_bytes(out, i == 0 ? "[" : ",", 1);
		add_value(out, columns->of[i], place(row, columns->of[i]));
	}
	text_bytes(out, columns->n == 0 ? "[]" : "]", columns->n == 0 ? 2 : 1);
}

void
block_write(const struct table *table, const void *const *rows, size_t n,
    int64_t at_ms, struct text *out)
{
	block_write_by(table, rows, n, at_ms, NULL, out);
}

void
block_write_by(const struct table *table, const void *const *rows, size_t n,
    int64_t at_ms, const char *writer, struct text *out)
{
	struct columns columns;

	choose(table, rows, n, at_ms, &columns);
	text_add(out, "{\"at\":%" PRId64 ",", at_ms);
	if (writer != NULL) {
		text_add(out, "\"by\":");
		add_string(out, writer);
		text_add(out, ",");
	}
	text_add(out, "\"columns\":[");
	for (size_t i = 0; i < columns.n; i++) {
		if (i > 0)
			text_bytes(out, ",", 1);
		add_string(out, columns.of[i]->name);
	}
	text_add(out, "],\"pools\":[");
	for (size_t i = 0; i < n; i++) {
		bool first = i == 0 || !same_pool(table, rows[i - 1], rows[i]);

		if (first && i > 0)
			text_add(out, "]],");
		if (first)
			begin_pool(table, rows[i], out);
		else
			text_bytes(out, ",", 1);
		add_row(&columns, rows[i], out);
	}
	text_add(out, n > 0 ? "]]]}" : "]}");
}
