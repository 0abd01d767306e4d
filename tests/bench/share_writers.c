/*
 * Nodes that have much to say: what each has goes to etcd by the project's own
 * outgoing code and client, from rows that are made here instead of checks.
 * Called by the benchmark tests/bench/share.c; reads nothing of what others
 * say.
 *
 * Each writer is a node with one vantage that checks all endpoints every
 * EVERY_MS, so that times and latencies of 1/50 of its rows move every
 * STEP_MS.  SIGUSR1: the endpoints of region 0 go down for all writers,
 * or with one writer told by SIGUSR2 for the first of them alone; the next one
 * brings them up.  A line on stdout when all that was news is in etcd:
 *   settled MONOTONIC_MS transactions N keys N bytes N
 *
 * Usage: share-writers URL WRITERS ENDPOINTS ADVANCE_MS
 * After the first time that all is settled, the clock by which writers decide
 * what is due goes forward by ADVANCE_MS at once.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/clock.h"
#include "base/text.h"
#include "share/block.h"
#include "share/etcd/etcd.h"
#include "share/etcd/etcd_txn.h"
#include "share/nodes.h"
#include "share/outgoing.h"
#include "tests/bench/share_rows.h"

#define WRITERS 64
#define STEP_MS 100
#define EVERY_MS 5000
#define STEPS (EVERY_MS / STEP_MS)
#define TICK_MS 50
#define LEASE_S 10
#define RENEW_MS 2500
#define SILENT_MS 60000

struct writer {
	unsigned number;
	struct etcd *etcd;
	struct outgoing *outgoing;
	struct outgoing_batch *batch;
	int64_t lease;
	bool renewing;
	uint64_t random;
};

static struct writer writers[WRITERS];
static unsigned n_writers, n_endpoints, step;
static unsigned down_from = WRITERS; /* writers below see region 0 down */
static int64_t advance_ms, advanced_ms, down_ms;
static bool settled;

static int64_t
now_ms(void)
{
	return clock_mono_ms() + advanced_ms;
}

static uint64_t
random_of(struct writer *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

/* --- rows --- */

static void
feed_vantage(struct writer *w)
{
	struct state_vantage row = {
	    .heartbeat_ms = clock_wall_ms(), .lease_until_ms = INT64_MAX};

	snprintf(row.name, sizeof(row.name), SHARE_VANTAGE, w->number);
	snprintf(row.region, sizeof(row.region), "r%u", w->number % 4);
	snprintf(row.version, sizeof(row.version), "%s", MERIDIAN_VERSION);
	outgoing_sink.vantage(w->outgoing, &row);
}

static void
feed_endpoint(struct writer *w, unsigned i)
{
	int64_t wall_ms = clock_wall_ms();
	bool down =
	    down_ms != 0 && w->number < down_from && share_row_region(i) == 0;
	struct state_endpoint row = {.health = down ? HEALTH_DOWN : HEALTH_UP,
	    .since_ms = down ? down_ms : 1700000000000,
	    .checked_ms = wall_ms,
	    .passes = down ? 0 : 100 + step,
	    .fails = down ? 20 : 0,
	    .connect_us = 20000 + (int64_t)(random_of(w) % 2000),
	    .first_byte_us = 60000 + (int64_t)(random_of(w) % 9000),
	    .certificate_ms = -1,
	    .first_token_us = -1,
	    .maintenance_ms = -1,
	    .held_ms = -1,
	    .hold_ms = -1};

	snprintf(row.vantage, sizeof(row.vantage), SHARE_VANTAGE, w->number);
	snprintf(row.zone, sizeof(row.zone), "%s", SHARE_ZONE);
	snprintf(row.pool, sizeof(row.pool), SHARE_POOL, share_row_pool(i));
	snprintf(row.endpoint, sizeof(row.endpoint), SHARE_ENDPOINT, i);
	if (down)
		snprintf(row.reason, sizeof(row.reason), "timeout");
	outgoing_sink.endpoint(w->outgoing, &row);
}

static void
feed_some(struct writer *w, bool full, bool changed)
{
	outgoing_sink.begin(w->outgoing, full);
	if (full || step % (1000 / STEP_MS) == 0)
		feed_vantage(w);
	for (unsigned i = 0; i < n_endpoints; i++)
		if (full || i % STEPS == step % STEPS ||
		    (changed && share_row_region(i) == 0))
			feed_endpoint(w, i);
	outgoing_sink.commit(w->outgoing);
}

/* --- etcd --- */

static void send_next(struct writer *w);

static void
on_batch(void *context, const struct etcd_answer *answer)
{
	struct writer *w = context;
	bool done = answer->outcome == ETCD_OK && answer->succeeded;

	if (!done)
		fprintf(stderr, "writer %u: %s\n", w->number, answer->words);
	outgoing_time(w->outgoing, now_ms(), clock_wall_ms());
	outgoing_done(w->outgoing, w->batch, done, answer->header.revision);
	w->batch = NULL;
	send_next(w);
}

static void
send_next(struct writer *w)
{
	struct etcd_txn *txn;

	if (w->batch != NULL || w->lease == 0)
		return;
	outgoing_time(w->outgoing, now_ms(), clock_wall_ms());
	w->batch = outgoing_next(w->outgoing);
	if (w->batch == NULL)
		return;
	txn = etcd_txn_create();
	for (size_t i = 0; txn != NULL && i < w->batch->n; i++) {
		const struct outgoing_op *op = &w->batch->op[i];
		struct etcd_bytes key = {op->key, op->key_len};
		struct etcd_bytes value = {op->value, op->len}, none = {0};

		if (op->value != NULL)
			etcd_txn_put(
			    txn, key, value, op->leased ? w->lease : 0);
		else
			etcd_txn_delete(txn, key, none);
	}
	if (etcd_txn_send(w->etcd, txn, on_batch, w) == NULL)
		abort();
}

static void
on_said(void *context, const struct etcd_answer *answer)
{
	(void)context;
	(void)answer;
}

/* As the sharer does: a node says every ten seconds that it is there. */
static void
say_node(struct writer *w)
{
	struct state_node row = {.cut_ms = -1};
	struct key key = {.kind = KEY_NODE};
	struct etcd_txn *txn = etcd_txn_create();
	char name[KEY_TEXT];
	struct text value;

	snprintf(row.name, sizeof(row.name), SHARE_NODE, w->number);
	snprintf(row.vantage, sizeof(row.vantage), SHARE_VANTAGE, w->number);
	snprintf(row.region, sizeof(row.region), "r%u", w->number % 4);
	snprintf(row.version, sizeof(row.version), "%s", MERIDIAN_VERSION);
	snprintf(key.name[0], sizeof(key.name[0]), "%s", row.name);
	text_init(&value, BLOCK_BYTES);
	nodes_say(&row, clock_wall_ms(), &value);
	if (txn == NULL || value.data == NULL ||
	    key_build(SHARE_PREFIX, &key, name) == 0)
		abort();
	etcd_txn_put(txn, etcd_text(name),
	    (struct etcd_bytes){value.data, value.len}, w->lease);
	(void)etcd_txn_send(w->etcd, txn, on_said, w);
	text_finish(&value);
}

static void
on_lease(void *context, const struct etcd_answer *answer)
{
	struct writer *w = context;
	bool first = w->lease == 0;

	w->renewing = false;
	if (answer->outcome == ETCD_NO_LEASE ||
	    (answer->outcome == ETCD_OK && answer->ttl_s <= 0))
		w->lease = 0;
	if (answer->outcome != ETCD_OK || answer->ttl_s <= 0) {
		fprintf(stderr, "writer %u: %s\n", w->number, answer->words);
		return;
	}
	w->lease = answer->lease;
	if (!first)
		return;
	outgoing_unleased(w->outgoing);
	say_node(w);
}

static void
renew(struct writer *w)
{
	if (w->renewing)
		return;
	w->renewing = true;
	if (w->lease == 0)
		(void)etcd_lease_grant(w->etcd, LEASE_S, on_lease, w);
	else
		(void)etcd_lease_keep(w->etcd, w->lease, on_lease, w);
}

/* --- time --- */

static void
look_whether_settled(void)
{
	struct outgoing_figures sum = {0};

	for (unsigned i = 0; i < n_writers; i++) {
		struct outgoing_figures f;

		outgoing_figures(writers[i].outgoing, &f);
		if (f.waiting > 0 || writers[i].lease == 0)
			return;
		sum.batches += f.batches;
		sum.ops += f.ops;
		sum.bytes += f.bytes;
	}
	if (settled)
		return;
	settled = true;
	advanced_ms = advance_ms;
	printf("settled %lld transactions %llu keys %llu bytes %llu\n",
	    (long long)clock_mono_ms(), (unsigned long long)sum.batches,
	    (unsigned long long)sum.ops, (unsigned long long)sum.bytes);
	(void)fflush(stdout);
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
	for (unsigned i = 0; i < n_writers; i++)
		send_next(&writers[i]);
	look_whether_settled();
}

static void
on_step(uv_timer_t *timer)
{
	(void)timer;
	step++;
	for (unsigned i = 0; i < n_writers; i++) {
		struct writer *w = &writers[i];

		/* Not all of them at once. */
		if ((step + i) % (RENEW_MS / STEP_MS) == 0)
			renew(w);
		if ((step + 5 * i) % (NODES_SAY_MS / STEP_MS) == 0 &&
		    w->lease != 0)
			say_node(w);
		outgoing_time(w->outgoing, now_ms(), clock_wall_ms());
		feed_some(w, false, false);
	}
}

static void
on_order(uv_signal_t *handle, int signal_number)
{
	(void)handle;
	if (down_ms == 0)
		down_from = signal_number == SIGUSR1 ? n_writers : 1;
	down_ms = down_ms == 0 ? clock_wall_ms() : 0;
	settled = false;
	printf("ordered %lld\n", (long long)clock_mono_ms());
	(void)fflush(stdout);
	for (unsigned i = 0; i < n_writers && i < down_from; i++) {
		outgoing_time(writers[i].outgoing, now_ms(), clock_wall_ms());
		feed_some(&writers[i], false, true);
		send_next(&writers[i]);
	}
}

static void
begin_writer(uv_loop_t *loop, struct writer *w, const char *url)
{
	const struct etcd_options options = {.endpoints = &url,
	    .n_endpoints = 1,
	    .deadline_ms = 60000,
	    .attempt_ms = 30000};
	char node[STATE_NAME];

	snprintf(node, sizeof(node), SHARE_NODE, w->number);
	w->random = w->number + 1;
	w->etcd = etcd_create(loop, &options);
	w->outgoing = outgoing_create(SHARE_PREFIX, node, SILENT_MS);
	if (w->etcd == NULL || w->outgoing == NULL)
		abort();
	renew(w);
	outgoing_time(w->outgoing, now_ms(), clock_wall_ms());
	feed_some(w, true, false);
}

int
main(int argc, char **argv)
{
	static const int orders[] = {SIGUSR1, SIGUSR2};
	uv_signal_t signals[2];
	uv_timer_t timers[2];
	uv_loop_t loop;

	if (argc != 5 || uv_loop_init(&loop) != 0)
		return 2;
	n_writers = (unsigned)strtoul(argv[2], NULL, 10);
	n_endpoints = (unsigned)strtoul(argv[3], NULL, 10);
	advance_ms = strtoll(argv[4], NULL, 10);
	if (n_writers > WRITERS)
		return 2;
	for (unsigned i = 0; i < n_writers; i++) {
		writers[i].number = i;
		begin_writer(&loop, &writers[i], argv[1]);
	}
	for (int i = 0; i < 2; i++) {
		uv_signal_init(&loop, &signals[i]);
		uv_signal_start(&signals[i], on_order, orders[i]);
		uv_timer_init(&loop, &timers[i]);
	}
	uv_timer_start(&timers[0], on_tick, TICK_MS, TICK_MS);
	uv_timer_start(&timers[1], on_step, STEP_MS, STEP_MS);
	return uv_run(&loop, UV_RUN_DEFAULT);
}
