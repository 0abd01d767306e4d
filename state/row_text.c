/*
 * Rows as lines of text.  Called by the mirror; trusts no text.
 */
#include "state/row_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "state/column.h"

/* Of a number: 17 digits, a point, a sign, an exponent. */
#define REAL_MAX 32

/* It is of one file. */
static bool
is_left_out(const struct column *c)
{
	return c->size == 0 || strcmp(c->name, "sequence") == 0;
}

static void
add_text(struct text *t, const char *text, size_t size)
{
	text_add(t, "\"");
	for (size_t i = 0; i < size && text[i] != '\0'; i++)
		text_add(t, text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c",
		    text[i]);
	text_add(t, "\"");
}

static void
add_column(struct text *t, const struct column *c, const char *p)
{
	int64_t number;
	double real;

	if (column_is_text(c)) {
		text_add(t, " %s=", c->name);
		add_text(t, p, c->size);
	} else if (c->type == COLUMN_NUMBER) {
		memcpy(&real, p, sizeof(real));
		if (!isnan(real))
			text_add(t, " %s=%.17g", c->name, real);
	} else {
		number = column_number(c, p);
		if (number >= 0 && !column_is_null(c, number))
			text_add(t, " %s=%lld", c->name, (long long)number);
	}
}

void
row_text_add(struct text *t, const struct table *table, const void *row)
{
	for (size_t i = 0; i < table->n; i++)
		if (!is_left_out(&table->column[i]))
			add_column(t, &table->column[i],
			    (const char *)row + table->column[i].offset);
}

/* What is left of a line. */
struct line {
	const char *at, *end;
};

/* The text in quotes that ${l} begins with, to ${size} bytes of ${out}. */
static int
read_text(struct line *l, char *out, size_t size)
{
	size_t n = 0;

	for (l->at++; l->at < l->end && *l->at != '"'; l->at++) {
		if (*l->at == '\\' && ++l->at == l->end)
			return -1;
		if (n + 1 >= size || *l->at < ' ' || *l->at > '~')
			return -1;
		out[n++] = *l->at;
	}
	out[n] = '\0';
	return l->at++ < l->end ? 0 : -1;
}

static int
read_real(const char *text, size_t len, char *out)
{
	char digits[REAL_MAX], *end;
	double real;

	if (len == 0 || len >= sizeof(digits))
		return -1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	real = strtod(digits, &end);
	if (*end != '\0' || !isfinite(real))
		return -1;
	memcpy(out, &real, sizeof(real));
	return 0;
}

/* The value that ${l} begins with, to the column at ${p}. */
static int
read_value(struct line *l, const struct column *c, char *p)
{
	uint64_t number, max = INT64_MAX;
	const char *text = l->at;
	uint32_t count;
	size_t len;

	if (column_is_text(c))
		return l->at < l->end && *l->at == '"'
		    ? read_text(l, p, c->size)
		    : -1;
	while (l->at < l->end && *l->at != ' ')
		l->at++;
	len = (size_t)(l->at - text);
	if (c->type == COLUMN_NUMBER)
		return read_real(text, len, p);
	if (c->type == COLUMN_COUNT)
		max = UINT32_MAX - 1;
	if (number_parse(text, len, 0, max, &number) != 0)
		return -1;
	count = (uint32_t)number;
	if (c->type == COLUMN_COUNT)
		memcpy(p, &count, sizeof(count));
	else
		memcpy(p, &number, sizeof(number));
	return 0;
}

/* Step over a value of a name that nobody knows. */
static int
skip_value(struct line *l)
{
	char text[COLUMN_TEXT_MAX];

	if (l->at < l->end && *l->at == '"')
		return read_text(l, text, sizeof(text));
	while (l->at < l->end && *l->at != ' ')
		l->at++;
	return 0;
}

static const struct column *
find_column(const struct table *table, const char *name, size_t len)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (!is_left_out(c) && strlen(c->name) == len &&
		    memcmp(c->name, name, len) == 0)
			return c;
	}
	return NULL;
}

/* One NAME=VALUE, with the space before it; ${given} is a set of columns. */
static int
read_pair(struct line *l, const struct table *table, char *row, uint64_t *given)
{
	const struct column *c;
	const char *name;

	if (*l->at++ != ' ')
		return -1;
	name = l->at;
	while (l->at < l->end && *l->at != '=')
		l->at++;
	if (l->at == l->end)
		return -1;
	c = find_column(table, name, (size_t)(l->at - name));
	l->at++;
	if (c == NULL)
		return skip_value(l);
	*given |= UINT64_C(1) << (c - table->column);
	return read_value(l, c, row + c->offset);
}

/* A column that is not given is NULL, or what it began with, if ${table} was
 * there without it. */
static bool
set_missing(const struct table *table, const struct column *c, char *p)
{
	return column_set_null(c, p) ||
	    (c->since > table->since && column_set_initial(c, p));
}

/* Whether all that was read can be what its columns say: as it would be
 * carried. */
static int
check(const struct table *table, void *row)
{
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.data = packed};

	frame.len = (uint32_t)table_pack(table, row, packed);
	return table_take(table, &frame, row);
}

int
row_text_read(
    const char *text, size_t len, const struct table *table, void *row)
{
	struct line l = {.at = text, .end = text + len};
	uint64_t given = 0;

	memset(row, 0, table->size);
	while (l.at < l.end)
		if (read_pair(&l, table, row, &given) != 0)
			return -1;
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (!is_left_out(c) && (given >> i & 1) == 0 &&
		    !set_missing(table, c, (char *)row + c->offset))
			return -1;
	}
	return check(table, row);
}
