/*
 * The JSON of a block to rows, with all that it says checked.  Called by who
 * hears what other nodes say; keeps nothing.
 */
#include "share/block.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "share/block_column.h"
#include "state/column.h"
#include "state/schema.h"

/* A watch brings what is new within a second, or within some more where the
 * link is poor; what seems older than this was written by a clock that was set.
 */
#define CLOCK_SLACK_MS 60000

/* What comes faster by less than this changes nothing: else all times of a
 * writer would move by a millisecond with each better connection, and all of
 * its rows would seem to have changed. */
#define CLOCK_STEP_MS 1000

/* What follows ${word}, with which ${value} begins; NULL: with another. */
static const char *
after(const char *value, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - value) >= len && memcmp(value, word, len) == 0
	    ? value + len
	    : NULL;
}

/* The end of the moment with which a block begins; NULL: it has none. */
static const char *
read_at(const char *value, size_t len, int64_t *at_ms)
{
	const char *end = value + len, *from = after(value, end, "{\"at\":");
	const char *p = from;
	uint64_t at;

	while (p != NULL && p < end && *p >= '0' && *p <= '9')
		p++;
	if (p == NULL ||
	    number_parse(from, (size_t)(p - from), 1, COLUMN_TIME_MAX, &at) !=
		0)
		return NULL;
	*at_ms = (int64_t)at;
	return p;
}

bool
block_at(const char *value, size_t len, int64_t *at_ms)
{
	return read_at(value, len, at_ms) != NULL;
}

bool
block_by(const char *value, size_t len, char out[STATE_NAME])
{
	const char *end = value + len, *p, *quote;
	int64_t at_ms;

	p = read_at(value, len, &at_ms);
	if (p == NULL || (p = after(p, end, ",\"by\":\"")) == NULL)
		return false;
	/* Names of nodes have nothing that JSON writes in another way. */
	for (quote = p; quote < end && *quote != '"'; quote++)
		if (*quote <= ' ' || *quote > '~' || *quote == '\\')
			return false;
	if (quote == end || quote == p || quote - p >= STATE_NAME)
		return false;
	memcpy(out, p, (size_t)(quote - p));
	out[quote - p] = '\0';
	return true;
}

void
block_clock_hear(
    struct block_clock *clock, int64_t at_ms, int64_t arrival_ms, bool fresh)
{
	int64_t offset_ms = arrival_ms - at_ms;

	if (clock->known && offset_ms > clock->offset_ms - CLOCK_STEP_MS &&
	    !(fresh && offset_ms - clock->offset_ms > CLOCK_SLACK_MS))
		return;
	clock->known = true;
	clock->offset_ms = offset_ms;
}

/* What is being read. */
struct reading {
	const struct block_of *of;
	int64_t at_ms;
	/* By their place in a row; NULL: a column that we do not know. */
	const struct column *column[BLOCK_COLUMNS];
	size_t n_columns;
	union schema_row first; /* what all rows begin as */
	struct block_found *found;
};

__attribute__((format(printf, 2, 3))) static int
refuse(struct block_found *found, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (found->why[0] == '\0')
		vsnprintf(found->why, sizeof(found->why), fmt, args);
	va_end(args);
	return -1;
}

static char *
place(union schema_row *row, const struct column *c)
{
	return (char *)row + c->offset;
}

/* A moment of the writer's clock by ours; 0 is none, and stays so. */
static int64_t
turn(const struct block_of *of, const struct column *c, int64_t ms)
{
	if (ms <= 0 || of->clock == NULL)
		return ms;
	ms += of->clock->offset_ms;
	/* One that is always there is of what was; others may be yet to come.
	 */
	if (!c->null && ms > of->now_ms)
		ms = of->now_ms;
	return ms < 1 ? 1 : ms > COLUMN_TIME_MAX ? COLUMN_TIME_MAX : ms;
}

static bool
is_turned(const struct column *c)
{
	return c->type == COLUMN_TIME && !c->steady;
}

void
block_turn(const struct block_of *of, void *row)
{
	for (size_t i = 0; i < of->table->n; i++) {
		const struct column *c = &of->table->column[i];
		char *p = (char *)row + c->offset;

		if (is_turned(c) && block_column_place(c) == BLOCK_IN_ROW)
			(void)column_set_number(
			    c, p, turn(of, c, column_number(c, p)));
	}
}

static bool
set_whole(const struct reading *r, const struct column *c, char *p,
    const json_t *value)
{
	int64_t number;

	if (!json_is_integer(value))
		return false;
	number = json_integer_value(value);
	if (number < 0 || column_is_null(c, number) ||
	    !column_set_number(c, p, number))
		return false;
	return !is_turned(c) || column_set_number(c, p, turn(r->of, c, number));
}

static bool
set_value(const struct reading *r, const struct column *c, char *p,
    const json_t *value)
{
	enum state_health health;

	if (column_is_text(c))
		return json_is_string(value) &&
		    column_set_text(c, p, json_string_value(value),
			json_string_length(value));
	if (c->type == COLUMN_HEALTH)
		return json_is_string(value) &&
		    state_health_parse(json_string_value(value), &health) ==
		    0 &&
		    column_set_number(c, p, (int64_t)health);
	if (json_is_null(value))
		return column_set_null(c, p);
	if (c->type == COLUMN_NUMBER)
		return json_is_number(value) &&
		    column_set_real(p, json_number_value(value));
	return set_whole(r, c, p, value);
}

static const struct column *
find_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (block_column_place(&table->column[i]) == BLOCK_IN_ROW &&
		    strcmp(table->column[i].name, name) == 0)
			return &table->column[i];
	return NULL;
}

static bool
is_given(const struct reading *r, const struct column *c)
{
	for (size_t i = 0; i < r->n_columns; i++)
		if (r->column[i] == c)
			return true;
	return false;
}

static int
read_columns(struct reading *r, const json_t *names)
{
	size_t n = json_array_size(names);

	if (!json_is_array(names) || n > BLOCK_COLUMNS)
		return refuse(r->found, "\"columns\" is no list of at most %d",
		    BLOCK_COLUMNS);
	for (size_t i = 0; i < n; i++) {
		const json_t *name = json_array_get(names, i);
		const struct column *c;

		if (!json_is_string(name))
			return refuse(r->found, "a column has no name");
		c = find_column(r->of->table, json_string_value(name));
		if (c != NULL && is_given(r, c))
			return refuse(r->found, "column %s twice", c->name);
		r->column[r->n_columns++] = c;
	}
	return 0;
}

/* What columns are in all rows that are not in "columns". */
static int
begin_rows(struct reading *r)
{
	const struct table *table = r->of->table;

	memset(&r->first, 0, sizeof(r->first));
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		char *p = place(&r->first, c);
		enum block_place where = block_column_place(c);

		if (where == BLOCK_IN_KEY &&
		    !column_set_text(c, p, r->of->owner, strlen(r->of->owner)))
			return refuse(
			    r->found, "%s is no %s", r->of->owner, c->name);
		if (where != BLOCK_IN_ROW || is_given(r, c))
			continue;
		if (!block_column_initial(c, r->at_ms, p))
			return refuse(
			    r->found, "column %s is missing", c->name);
		if (is_turned(c))
			(void)column_set_number(
			    c, p, turn(r->of, c, column_number(c, p)));
	}
	return 0;
}

/* The column that makes no sense, or NULL with all of them in ${row}. */
static const char *
read_row(const struct reading *r, const json_t *values, union schema_row *row)
{
	if (!json_is_array(values) || json_array_size(values) != r->n_columns)
		return "columns";
	for (size_t i = 0; i < r->n_columns; i++) {
		const struct column *c = r->column[i];

		if (c != NULL &&
		    !set_value(r, c, place(row, c), json_array_get(values, i)))
			return c->name;
	}
	return NULL;
}

/* Put the names before the rows of a pool to ${row}; the column that makes no
 * sense, or NULL. */
static const char *
read_pool(const struct reading *r, const json_t *pool, union schema_row *row)
{
	const struct table *table = r->of->table;
	size_t at = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (block_column_place(c) == BLOCK_IN_POOL &&
		    !set_value(r, c, place(row, c), json_array_get(pool, at++)))
			return c->name;
	}
	return NULL;
}

static const json_t *
rows_of(const json_t *pool)
{
	return json_array_get(pool, json_array_size(pool) - 1);
}

static void
read_rows(const struct reading *r, const json_t *pool,
    void (*take)(void *context, const void *row), void *context)
{
	const json_t *rows = rows_of(pool);
	union schema_row first = r->first, row;
	const char *odd = read_pool(r, pool, &first);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const char *column = odd;

		row = first;
		if (column == NULL)
			column = read_row(r, json_array_get(rows, i), &row);
		if (column != NULL) {
			(void)refuse(
			    r->found, "%s of a row makes no sense", column);
			r->found->bad++;
			continue;
		}
		r->found->rows++;
		take(context, &row);
	}
}

/* Whether "pools" has the form that it should have, and how many rows. */
static int
check_pools(const struct reading *r, const json_t *pools)
{
	size_t heads = 0, rows = 0;

	for (size_t i = 0; i < r->of->table->n; i++)
		heads += block_column_place(&r->of->table->column[i]) ==
		    BLOCK_IN_POOL;
	if (!json_is_array(pools))
		return refuse(r->found, "\"pools\" is no list");
	for (size_t i = 0; i < json_array_size(pools); i++) {
		const json_t *pool = json_array_get(pools, i);

		if (json_array_size(pool) != heads + 1 ||
		    !json_is_array(rows_of(pool)))
			return refuse(r->found,
			    "a pool is no list of names "
			    "and rows");
		rows += json_array_size(rows_of(pool));
	}
	if (rows > BLOCK_ROWS)
		return refuse(r->found, "%zu rows, which is more than %d", rows,
		    BLOCK_ROWS);
	return 0;
}

int
block_read(const struct block_of *of, const char *value, size_t len,
    void (*take)(void *context, const void *row), void *context,
    struct block_found *found)
{
	struct reading r = {.of = of, .found = found};
	json_t *root = NULL;
	const json_t *pools;
	int status = -1;

	*found = (struct block_found){.rows = 0};
	if (len > BLOCK_BYTES)
		return refuse(found, "%zu bytes, which is too much", len);
	if (!block_at(value, len, &r.at_ms))
		return refuse(found, "it does not begin with \"at\"");
	root = json_loadb(value, len, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL)
		return refuse(found, "it is no JSON");
	pools = json_object_get(root, "pools");
	if (read_columns(&r, json_object_get(root, "columns")) != 0 ||
	    begin_rows(&r) != 0 || check_pools(&r, pools) != 0)
		goto out;
	for (size_t i = 0; i < json_array_size(pools); i++)
		read_rows(&r, json_array_get(pools, i), take, context);
	status = 0;
out:
	json_decref(root);
	return status;
}
