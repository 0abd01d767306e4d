/*
 * Fuzz target: any octets as a value from etcd, as a block of each table; the
 * first octet says of which.  Rows that come out can be carried, and written as
 * blocks they are read as the same again.  Then the same as the value of keys
 * of another node, which a picture is fed with, as what that node counted, and
 * as what it decided of pools.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "share/block.h"
#include "share/controls.h"
#include "share/others_demand.h"
#include "share/picture.h"
#include "share/row_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A clock of the same time: what was turned stays. */
static const struct block_clock same = {.known = true};

struct rows {
	const struct table *table;
	union schema_row row[BLOCK_ROWS];
	size_t n;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
take(void *context, const void *row)
{
	struct rows *rows = context;

	require(rows->n < BLOCK_ROWS);
	memcpy(&rows->row[rows->n++], row, rows->table->size);
}

static int
read_block(struct rows *rows, const struct table *table, const char *value,
    size_t len, int64_t now_ms)
{
	const struct block_of of = {
	    .table = table, .owner = "v", .clock = &same, .now_ms = now_ms};
	struct block_found found;
	int status;

	rows->table = table;
	rows->n = 0;
	status = block_read(&of, value, len, take, rows, &found);
	require(found.rows == rows->n);
	require(status == 0 || (rows->n == 0 && found.why[0] != '\0'));
	require((found.bad > 0) <= (found.why[0] != '\0'));
	return status;
}

/* Packed, which leaves out what lies behind the end of a text. */
static bool
same_row(const struct table *table, const void *a, const void *b)
{
	unsigned char x[FRAME_MAX], y[FRAME_MAX];
	size_t len = table_pack(table, a, x);

	return table_pack(table, b, y) == len && memcmp(x, y, len) == 0;
}

static void
check_block(const struct table *table, const char *value, size_t len)
{
	static struct rows rows, again;
	const void *row[BLOCK_ROWS];
	int64_t at_ms;
	struct text text;

	if (read_block(&rows, table, value, len, COLUMN_TIME_MAX) != 0 ||
	    !block_at(value, len, &at_ms))
		return;
	for (size_t i = 0; i < rows.n; i++)
		row[i] = &rows.row[i];
	text_init(&text, BLOCK_BYTES);
	block_write(table, row, rows.n, at_ms, &text);
	require(!text.failed);
	require(read_block(
		    &again, table, text.data, text.len, COLUMN_TIME_MAX) == 0);
	require(again.n == rows.n);
	for (size_t i = 0; i < rows.n; i++)
		require(same_row(table, &rows.row[i], &again.row[i]));
	text_finish(&text);
}

/* --- a picture --- */

static void
on_begin(void *context, bool full)
{
	(void)full;
	require(!*(bool *)context);
	*(bool *)context = true;
}

static void
on_row(void *context, enum state_table table, const union schema_row *row)
{
	unsigned char packed[FRAME_MAX];
	union schema_row copy;
	struct frame frame = {.data = packed};

	require(*(bool *)context);
	frame.len = (uint32_t)table_pack(schema_table(table), row, packed);
	require(table_take(schema_table(table), &frame, &copy) == 0);
}

static void
on_commit(void *context, bool urgent)
{
	(void)urgent;
	require(*(bool *)context);
	*(bool *)context = false;
}

static void
on_own(void *context, const struct key *key, const char *value, size_t len,
    int64_t revision)
{
	(void)context;
	(void)key;
	(void)value;
	(void)len;
	(void)revision;
	abort();
}

static void
on_odd(void *context, const char *vantage, const char *words)
{
	(void)context;
	require(vantage[0] != '\0' && words[0] != '\0');
}

static void
feed(struct picture *p, enum key_kind kind, const char *value, size_t len,
    int64_t revision)
{
	const struct key key = {.kind = kind, .name = {"v"}, .number = 1};

	picture_put(p, &key, value, len, revision);
}

static void
check_picture(const char *value, size_t len)
{
	static const enum key_kind kinds[] = {
	    KEY_LIVE, KEY_VANTAGE, KEY_VERDICT, KEY_ADDRESS, KEY_LOAD};
	static const struct picture_calls calls = {
	    on_begin, on_row, on_row, on_commit, on_own, on_odd};
	const int64_t now = INT64_C(1764400000000);
	bool open = false;
	struct picture *p = picture_create("here", &calls, &open);
	struct picture_figures figures;

	require(p != NULL);
	for (int64_t round = 1; round <= 3; round++) {
		picture_begin(p, round != 2);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			feed(p, kinds[i], value, round == 2 ? len / 2 : len,
			    round);
		require(picture_end(p, now, round) == 0);
		require(!open);
	}
	picture_again(p, now);
	picture_begin(p, true);
	require(picture_end(p, now, 4) == 0);
	picture_figures(p, &figures);
	require(figures.rows == 0 && figures.bytes == 0 && figures.blocks == 0);
	picture_destroy(p);
}

/* --- demand --- */

static void
on_demand(void *context, const struct state_demand *row)
{
	size_t *n = context;

	require(++*n <= BLOCK_ROWS);
	require(strcmp(row->node, "v") == 0 && strcmp(row->zone, "z") == 0 &&
	    strcmp(row->pool, "p") == 0);
	require(row->window_ms > 0 && !(row->answers < 0) &&
	    !isinf(row->answers) && row->at_ms == 5);
}

static void
check_demand(const char *value, size_t len)
{
	const struct key key = {.kind = KEY_DEMAND, .name = {"v", "z", "p"}};
	struct others_demand *d = others_demand_create();
	char why[BLOCK_WHY] = "";
	size_t n = 0;

	require(d != NULL);
	require((others_demand_take(d, &key, value, len, why) != 0) ==
	    (why[0] != '\0'));
	others_demand_give(d, 1, 5, on_demand, &n);
	(void)others_demand_take(d, &key, value, len / 2, why);
	others_demand_begin(d);
	others_demand_end(d);
	n = 0;
	others_demand_again(d);
	others_demand_give(d, 1, 5, on_demand, &n);
	require(n == 0);
	others_demand_destroy(d);
}

/* --- what controllers decided --- */

static void
on_control(void *context, enum state_table table, const union schema_row *row)
{
	size_t *n = context;

	require(++*n <= 3 * 4 * BLOCK_ROWS);
	if (table == TABLE_KEEP)
		require(row->keep.keep >= 0 && row->keep.keep <= 1 &&
		    strcmp(row->keep.pool, "p") == 0);
	else if (table == TABLE_FACTOR)
		require(row->factor.sixteenths >= 1 &&
		    row->factor.sixteenths <= 16);
	else
		require(table == TABLE_RAMP && row->ramp.share >= 0 &&
		    row->ramp.share <= 1);
}

static void
on_odd_key(void *context, const struct key *key, const char *words)
{
	(void)context;
	require(key->kind < KEY_KINDS && words[0] != '\0');
}

static void
check_controls(const char *value, size_t len)
{
	static const enum key_kind kinds[] = {KEY_KEEP, KEY_FACTOR, KEY_RAMP};
	static const struct controls_calls calls = {
	    on_control, on_control, on_odd_key};
	struct locks *locks = locks_create("here");
	struct nodes *nodes = nodes_create();
	size_t n = 0;
	struct controls *c = controls_create(locks, nodes, &calls, &n);

	require(locks != NULL && nodes != NULL && c != NULL);
	controls_reading(c);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct key key = {.kind = kinds[i], .name = {"z", "p"}};

		controls_put(c, &key, value, len, COLUMN_TIME_MAX);
		controls_settle(c, 1000);
		controls_put(c, &key, value, len / 2, COLUMN_TIME_MAX);
		controls_settle(c, 2000);
	}
	controls_read(c);
	require(controls_next(c, 3000, 3000) == NULL);
	controls_destroy(c);
	nodes_destroy(nodes);
	locks_destroy(locks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check_block(schema_table((enum state_table)(data[0] % STATE_TABLES)),
	    (const char *)data + 1, size - 1);
	check_picture((const char *)data + 1, size - 1);
	check_demand((const char *)data + 1, size - 1);
	check_controls((const char *)data + 1, size - 1);
	return 0;
}
