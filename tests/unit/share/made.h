/*
 * Rows and values for tests of what nodes share.  Included by tests of share/
 * only.
 */
#ifndef TESTS_UNIT_SHARE_MADE_H
#define TESTS_UNIT_SHARE_MADE_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/block.h"
#include "state/schema.h"

/* row = made_endpoint(vantage, name, at_ms): up, for a minute at ${at_ms}. */
static inline struct state_endpoint
made_endpoint(const char *vantage, const char *name, int64_t at_ms)
{
	struct state_endpoint row = {.zone = "inference.example",
	    .pool = "chat-v1",
	    .health = HEALTH_UP,
	    .since_ms = at_ms - 60000,
	    .checked_ms = at_ms - 1000,
	    .passes = 7,
	    .connect_us = 1200,
	    .first_byte_us = 3400,
	    .certificate_ms = -1,
	    .first_token_us = -1,
	    .maintenance_ms = -1,
	    .held_ms = -1,
	    .hold_ms = -1};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", name);
	return row;
}

/* row = made_load(vantage, name, at_ms, saturation) */
static inline struct state_load
made_load(const char *vantage, const char *name, int64_t at_ms, double full)
{
	const double none = (double)NAN;
	struct state_load row = {.zone = "inference.example",
	    .pool = "chat-v1",
	    .measured_ms = at_ms - 1000,
	    .saturation = full,
	    .waiting = 0,
	    .running = 7,
	    .max_running = 64,
	    .kv_cache = none,
	    .utilization = none,
	    .preemptions = none,
	    .requests = none,
	    .errors = none,
	    .tokens = none,
	    .busy = none,
	    .first_token_us = -1,
	    .first_token_95_us = -1,
	    .token_us = -1,
	    .source = "metrics"};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", name);
	return row;
}

/* row = made_vantage(name, node): of ${node}, "": of this one. */
static inline struct state_vantage
made_vantage(const char *name, const char *node)
{
	struct state_vantage row = {.version = "1.0", .region = "us-east"};

	snprintf(row.name, sizeof(row.name), "%s", name);
	snprintf(row.node, sizeof(row.node), "%s", node);
	return row;
}

/* value = made_block(table, rows, n, size, at_ms): a block of the array ${rows}
 * of ${n} rows of ${size} bytes; the caller's to free. */
static inline char *
made_block(enum state_table table, const void *rows, size_t n, size_t size,
    int64_t at_ms)
{
	const void *row[BLOCK_ROWS];
	struct text text;

	ck_assert_uint_le(n, BLOCK_ROWS);
	for (size_t i = 0; i < n; i++)
		row[i] = (const char *)rows + i * size;
	text_init(&text, BLOCK_BYTES);
	block_write(schema_table(table), row, n, at_ms, &text);
	ck_assert(!text.failed);
	return text.data;
}

#endif
