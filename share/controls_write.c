/* What goes to etcd of rows of controllers.  Called by the sharer. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "share/controls_private.h"

/* A sheet is written no more often than this. */
#define WRITE_MS 200

/* After a write that failed it waits for longer: all of etcd is read
 * meanwhile. */
#define FAILED_MS 2000

void
controls_write_destroy(struct controls_write *write)
{
	for (size_t i = 0; i < write->n; i++)
		free(write->op[i].value);
	free(write);
}

static bool
differs(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->n; i++)
		if (!packed_row_same(sheet->rows[i].here, sheet->rows[i].there))
			return true;
	return false;
}

/* --- making one --- */

static struct controls_op *
add_op(struct controls_write *write, const struct sheet *sheet, uint64_t number)
{
	struct controls_op *op = &write->op[write->n++];

	*op = (struct controls_op){
	    .key = {.kind = sheet->kind, .number = number}};
	memcpy(op->key.name[0], sheet->zone, sizeof(sheet->zone));
	memcpy(op->key.name[1], sheet->name, sizeof(sheet->name));
	return op;
}

/* Rows ${*at} and what follows, as many as a block has.  -1 without memory. */
static int
add_block(struct controls_write *write, const struct sheet *sheet,
    uint64_t number, size_t *at, int64_t wall_ms)
{
	const struct table *of = schema_table(sheet->table);
	union schema_row *rows = calloc(CONTROLS_BLOCK_ROWS, sizeof(*rows));
	const void *list[CONTROLS_BLOCK_ROWS];
	struct controls_op *op;
	struct text value;
	size_t n = 0;

	if (rows == NULL)
		return -1;
	for (; *at < sheet->n && n < CONTROLS_BLOCK_ROWS; ++*at) {
		if (sheet->rows[*at].here == NULL)
			continue;
		packed_row_take(of, sheet->rows[*at].here, &rows[n]);
		list[n] = &rows[n];
		sheet->rows[*at].number = (uint32_t)number;
		n++;
	}
	text_init(&value, BLOCK_BYTES);
	block_write(of, list, n, wall_ms, &value);
	free(rows);
	if (value.failed) {
		text_finish(&value);
		return -1;
	}
	op = add_op(write, sheet, number);
	op->value = value.data;
	op->len = value.len;
	return 0;
}

static bool
has_rows(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->n; i++)
		if (sheet->rows[i].here != NULL)
			return true;
	return false;
}

/* What is written counts as what etcd has: its answer and its news come later,
 * and what they say of it is no news. */
static void
note_row(struct sheet *sheet, struct sheet_row *row)
{
	union schema_row copy;

	free(row->there);
	row->there = NULL;
	if (row->here == NULL)
		return;
	packed_row_take(schema_table(sheet->table), row->here, &copy);
	row->there = packed_row_make(schema_table(sheet->table), &copy);
}

static void
note(struct sheet *sheet, const struct controls_write *write)
{
	for (size_t i = 0; i < sheet->n; i++)
		note_row(sheet, &sheet->rows[i]);
	sheet->n_blocks = 0;
	for (size_t i = 0; i < write->n; i++)
		if (write->op[i].value != NULL)
			sheet->blocks[sheet->n_blocks++] = (struct sheet_block){
			    .number = (uint32_t)write->op[i].key.number,
			    .hash = hash_bytes(
				write->op[i].value, write->op[i].len, 0),
			    .seen = true};
}

static int
fill(struct controls_write *write, const struct sheet *sheet, int64_t wall_ms)
{
	size_t at = 0, n = 0;

	/* One without rows says that there are none. */
	do {
		if (n == CONTROLS_BLOCKS ||
		    add_block(write, sheet, n++, &at, wall_ms) != 0)
			return -1;
	} while (at < sheet->n);
	for (size_t i = 0; i < sheet->n_blocks; i++)
		if (sheet->blocks[i].number >= n)
			(void)add_op(write, sheet, sheet->blocks[i].number);
	return 0;
}

static struct controls_write *
make(struct sheet *sheet, uint64_t token, int64_t wall_ms)
{
	struct controls_write *write = calloc(1, sizeof(*write));

	if (write == NULL)
		return NULL;
	memcpy(write->zone, sheet->zone, sizeof(write->zone));
	memcpy(write->pool, sheet->pool, sizeof(write->pool));
	write->token = token;
	write->sheet = sheet;
	if (fill(write, sheet, wall_ms) == 0)
		return write;
	controls_write_destroy(write);
	return NULL;
}

struct controls_write *
controls_next(struct controls *c, int64_t mono_ms, int64_t wall_ms)
{
	for (size_t i = 0; i < c->n; i++) {
		struct sheet *sheet = c->sheets[c->turn++ % c->n];
		struct controls_write *write;
		uint64_t token;

		if (!sheet->due || sheet->flying ||
		    mono_ms - sheet->given_ms < WRITE_MS)
			continue;
		token = locks_token(c->locks, sheet->zone, sheet->pool);
		if (token == 0)
			continue;
		sheet->due = false;
		if (!differs(sheet) ||
		    (sheet->n_blocks == 0 && !has_rows(sheet)))
			continue;
		write = make(sheet, token, wall_ms);
		if (write == NULL)
			continue;
		note(sheet, write);
		sheet->flying = true;
		sheet->given_ms = mono_ms;
		return write;
	}
	return NULL;
}

void
controls_done(struct controls_write *write, bool done)
{
	struct sheet *sheet = write->sheet;

	sheet->flying = false;
	if (!done) {
		/* What etcd has is not what it was taken for: until it is read
		 * again nothing is known of it. */
		sheet->n_blocks = 0;
		for (size_t i = 0; i < sheet->n; i++) {
			free(sheet->rows[i].there);
			sheet->rows[i].there = NULL;
		}
		sheet->given_ms += FAILED_MS;
		sheet->due = true;
	}
	controls_write_destroy(write);
}
