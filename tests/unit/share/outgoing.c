/*
 * Tests of what a node has to say: a verdict at once, load on a budget, the
 * rest when there is time; etcd ends up holding it whatever fails on the way,
 * and a reader of it never misses a row.
 */
#include <time.h>

#include "base/number.h"
#include "share/outgoing.h"
#include "share/row_set.h"
#include "tests/unit/share/made.h"

#define P "/m/"
#define WALL INT64_C(1764400000000)
#define SILENT_MS 10000

static struct outgoing *outgoing;
static const struct state_sink *sink = &outgoing_sink;
static int64_t now;
static int64_t revision;

/* What etcd holds. */
#define HELD 1024
static struct held {
	char key[64];
	char *value;
	int64_t revision;
	bool leased;
} held[HELD];
static size_t n_held;

static struct held *
find_held(const char *key)
{
	for (size_t i = 0; i < n_held; i++)
		if (strcmp(held[i].key, key) == 0)
			return &held[i];
	return NULL;
}

static const struct held *
the(const char *key)
{
	const struct held *h = find_held(key);

	if (h != NULL)
		return h;
	ck_abort_msg("%s is not held", key);
	exit(1);
}

static void
at(int64_t ms)
{
	now = ms;
	outgoing_time(outgoing, now, WALL + now);
}

static void
setup(void)
{
	outgoing = outgoing_create(P, "here", SILENT_MS);
	ck_assert_ptr_nonnull(outgoing);
	revision = 100;
	n_held = 0;
	at(1000000);
}

static void
teardown(void)
{
	outgoing_destroy(outgoing);
	for (size_t i = 0; i < n_held; i++)
		free(held[i].value);
	n_held = 0;
}

/* --- the local database --- */

static void
say_vantage(const char *name, int64_t heartbeat_ms)
{
	struct state_vantage row = made_vantage(name, "");

	row.heartbeat_ms = heartbeat_ms;
	row.lease_until_ms = heartbeat_ms + 5000;
	row.sequence = 7;
	sink->vantage(outgoing, &row);
}

/* The vantage v, whose heartbeat moves; of ${n} endpoints all are up. */
static void
start_with(int n)
{
	struct state_endpoint row;
	char name[16];

	sink->begin(outgoing, true);
	say_vantage("v", 1);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		row = made_endpoint("v", name, WALL);
		sink->endpoint(outgoing, &row);
	}
	sink->commit(outgoing);
	sink->begin(outgoing, false);
	say_vantage("v", 2);
	sink->commit(outgoing);
}

static void
beat(void)
{
	sink->begin(outgoing, false);
	say_vantage("v", now);
	sink->commit(outgoing);
}

static void
say(const struct state_endpoint *row)
{
	sink->begin(outgoing, false);
	sink->endpoint(outgoing, row);
	sink->commit(outgoing);
}

static void
say_load(const struct state_load *row)
{
	sink->begin(outgoing, false);
	sink->load(outgoing, row);
	sink->commit(outgoing);
}

/* Time passes in which the vantage lives. */
static void
pass(int64_t ms)
{
	for (int64_t end = now + ms; now < end;) {
		at(now + 5000 < end ? now + 5000 : end);
		beat();
	}
}

/* --- etcd --- */

static void
carry_out(const struct outgoing_batch *batch)
{
	revision++;
	for (size_t i = 0; i < batch->n; i++) {
		const struct outgoing_op *op = &batch->op[i];
		struct held *h = find_held(op->key);

		ck_assert_uint_eq(op->key_len, strlen(op->key));
		if (op->value == NULL) {
			if (h == NULL)
				continue;
			free(h->value);
			*h = held[--n_held];
			continue;
		}
		if (h == NULL) {
			ck_assert_uint_lt(n_held, HELD);
			h = &held[n_held++];
			h->value = NULL;
			snprintf(h->key, sizeof(h->key), "%s", op->key);
		}
		free(h->value);
		h->value = strndup(op->value, op->len);
		h->revision = revision;
		h->leased = op->leased;
	}
}

/* Carry out what is due; how many operations that were. */
static size_t
write_out(void)
{
	struct outgoing_batch *batch;
	size_t n = 0;

	while ((batch = outgoing_next(outgoing)) != NULL) {
		ck_assert_uint_gt(batch->n, 0);
		ck_assert_uint_le(batch->n, OUTGOING_OPS);
		ck_assert_uint_le(batch->bytes, OUTGOING_BYTES);
		n += batch->n;
		carry_out(batch);
		outgoing_done(outgoing, batch, true, revision);
	}
	ck_assert_int_gt(outgoing_due_ms(outgoing), now);
	return n;
}

static struct {
	union schema_row rows[40000];
	size_t n;
	enum state_table table;
} heard;

static void
take(void *context, const void *row)
{
	(void)context;
	ck_assert_uint_lt(heard.n, 40000);
	memcpy(&heard.rows[heard.n++], row, schema_table(heard.table)->size);
}

/* What a reader of etcd finds of ${table}, in its own order. */
static size_t
hear(enum state_table table, const char *word)
{
	const struct block_clock clock = {.known = true};
	const struct block_of of = {.table = schema_table(table),
	    .owner = "v",
	    .clock = &clock,
	    .now_ms = INT64_MAX};
	char begin[32];

	snprintf(begin, sizeof(begin), P "%s/v/", word);
	heard.n = 0;
	heard.table = table;
	for (size_t i = 0; i < n_held; i++) {
		struct block_found found;

		if (strncmp(held[i].key, begin, strlen(begin)) != 0)
			continue;
		ck_assert_int_eq(block_read(&of, held[i].value,
				     strlen(held[i].value), take, NULL, &found),
		    0);
		ck_assert_uint_eq(found.bad, 0);
	}
	return heard.n;
}

/* The endpoint of that name. */
static const struct state_endpoint *
hear_endpoint(const char *name)
{
	(void)hear(TABLE_ENDPOINT, "verdict");
	for (size_t i = 0; i < heard.n; i++)
		if (strcmp(heard.rows[i].endpoint.endpoint, name) == 0)
			return &heard.rows[i].endpoint;
	ck_abort_msg("%s is not heard", name);
	exit(1);
}

static const struct state_load *
hear_load(const char *name)
{
	(void)hear(TABLE_LOAD, "load");
	for (size_t i = 0; i < heard.n; i++)
		if (strcmp(heard.rows[i].load.endpoint, name) == 0)
			return &heard.rows[i].load;
	ck_abort_msg("%s is not heard", name);
	exit(1);
}

/* --- what is due when --- */

START_TEST(test_nothing_is_said_before_all_is_known)
{
	struct state_endpoint row = made_endpoint("v", "e", WALL);

	ck_assert_ptr_null(outgoing_next(outgoing));
	sink->begin(outgoing, false);
	say_vantage("v", 1);
	sink->endpoint(outgoing, &row);
	sink->commit(outgoing);
	ck_assert_ptr_null(outgoing_next(outgoing));
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
}
END_TEST

START_TEST(test_all_is_said_at_first)
{
	start_with(3);
	ck_assert_int_le(outgoing_due_ms(outgoing), now);
	ck_assert_uint_eq(write_out(), 3);
	ck_assert_ptr_nonnull(find_held(P "verdict/v/00"));
	ck_assert(!the(P "verdict/v/00")->leased);
	ck_assert(the(P "live/v")->leased);
	ck_assert(!the(P "vantage/v")->leased);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 3);
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
}
END_TEST

START_TEST(test_the_key_of_a_vantage_says_whose_it_is)
{
	struct outgoing_batch *batch;

	start_with(1);
	batch = outgoing_next(outgoing);
	ck_assert(batch->claims);
	ck_assert_str_eq(batch->vantage, "v");
	ck_assert_str_eq(batch->op[0].key, P "live/v");
	ck_assert_ptr_nonnull(strstr(batch->op[0].value, "\"here\""));
	ck_assert_ptr_null(strstr(batch->op[0].value, "_ms"));
	outgoing_done(outgoing, batch, true, 1);
}
END_TEST

START_TEST(test_vantages_of_other_nodes_are_not_ours_to_say)
{
	struct state_vantage row = made_vantage("w", "there");
	struct state_endpoint endpoint = made_endpoint("w", "e", WALL);

	sink->begin(outgoing, true);
	sink->vantage(outgoing, &row);
	sink->endpoint(outgoing, &endpoint);
	sink->commit(outgoing);
	ck_assert_ptr_null(outgoing_next(outgoing));
}
END_TEST

START_TEST(test_a_verdict_is_due_at_once)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);

	start_with(3);
	write_out();
	at(now + 5000);
	beat();
	row.health = HEALTH_DOWN;
	say(&row);
	ck_assert_int_le(outgoing_due_ms(outgoing), now);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_int_eq(hear_endpoint("e1")->health, HEALTH_DOWN);
}
END_TEST

START_TEST(test_a_block_is_not_written_twice_within_200_ms)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);

	start_with(3);
	write_out();
	row.health = HEALTH_DOWN;
	at(now + 199);
	say(&row);
	ck_assert_int_eq(outgoing_due_ms(outgoing), now + 1);
	ck_assert_uint_eq(write_out(), 0);
	at(now + 1);
	ck_assert_uint_eq(write_out(), 1);
}
END_TEST

static const struct {
	const char *what;
	size_t offset;
	enum { TEXT, TIME, COUNT } kind;
	bool due; /* at once */
} changes[] = {
    {"a reason", offsetof(struct state_endpoint, reason), TEXT, true},
    {"why it is not as it should be", offsetof(struct state_endpoint, degraded),
	TEXT, true},
    {"maintenance", offsetof(struct state_endpoint, maintenance), TEXT, true},
    {"its end", offsetof(struct state_endpoint, maintenance_ms), TIME, true},
    {"since when", offsetof(struct state_endpoint, since_ms), TIME, true},
    {"it is held down", offsetof(struct state_endpoint, held_ms), TIME, true},
    {"for how long", offsetof(struct state_endpoint, hold_ms), TIME, true},
    {"it begins to fail", offsetof(struct state_endpoint, fails), COUNT, true},
    {"a longer streak", offsetof(struct state_endpoint, passes), COUNT, false},
    {"a check", offsetof(struct state_endpoint, checked_ms), TIME, false},
    {"a latency", offsetof(struct state_endpoint, connect_us), TIME, false},
    {"another", offsetof(struct state_endpoint, first_byte_us), TIME, false},
    {"of generations", offsetof(struct state_endpoint, first_token_us), TIME,
	false},
    {"a certificate", offsetof(struct state_endpoint, certificate_ms), TIME,
	false},
    {"hooks were told", offsetof(struct state_endpoint, told), COUNT, false},
};

START_TEST(test_what_answers_are_made_by_is_due_at_once)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);
	const int64_t time = WALL + 12345;
	const uint32_t count = 2;
	char *p = (char *)&row + changes[_i].offset;
	int64_t due;

	start_with(3);
	write_out();
	at(now + 5000);
	beat();
	if (changes[_i].kind == TEXT)
		memcpy(p, "new", 4);
	else if (changes[_i].kind == TIME)
		memcpy(p, &time, sizeof(time));
	else
		memcpy(p, &count, sizeof(count));
	say(&row);
	due = outgoing_due_ms(outgoing);
	ck_assert_msg((due <= now) == changes[_i].due, "%s: in %lld ms",
	    changes[_i].what, (long long)(due - now));
	/* If not at once, then after half of the time or more. */
	if (due > now)
		ck_assert(due >= now + OUTGOING_MINOR_MS / 2 &&
		    due <= now + OUTGOING_MINOR_MS);
	pass(due - now);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_mem_eq(hear_endpoint("e1"), &row, sizeof(row));
}
END_TEST

START_TEST(test_a_streak_that_goes_on_is_no_news)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);

	row.health = HEALTH_DOWN;
	row.passes = 0;
	row.fails = 3;
	start_with(3);
	say(&row);
	write_out();
	at(now + 1000);
	row.fails = 4;
	say(&row);
	ck_assert_int_gt(outgoing_due_ms(outgoing), now);
	/* It passes again. */
	row.fails = 0;
	row.passes = 15;
	say(&row);
	ck_assert_int_le(outgoing_due_ms(outgoing), now);
	write_out();
	at(now + 1000);
	row.passes = 16;
	say(&row);
	ck_assert_int_le(outgoing_due_ms(outgoing), now);
	write_out();
	at(now + 1000);
	row.passes = 17;
	say(&row);
	ck_assert_int_gt(outgoing_due_ms(outgoing), now);
}
END_TEST

START_TEST(test_of_a_block_only_what_is_news_is_said)
{
	struct state_endpoint row, other = made_endpoint("v", "e2", WALL);

	start_with(3);
	write_out();
	pass(5000);
	row = made_endpoint("v", "e1", WALL + 5000);
	row.since_ms = WALL - 60000;
	say(&row);
	other.health = HEALTH_DOWN;
	other.checked_ms += 5000;
	say(&other);
	ck_assert_uint_eq(write_out(), 1);
	/* The one was checked again, which is no news. */
	ck_assert_int_eq(hear_endpoint("e1")->checked_ms, WALL - 1000);
	ck_assert_int_eq(hear_endpoint("e2")->checked_ms, WALL + 4000);
	/* When there is time, that is said, too. */
	pass(OUTGOING_MINOR_MS);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_int_eq(hear_endpoint("e1")->checked_ms, WALL + 4000);
}
END_TEST

START_TEST(test_rows_of_a_pool_are_said_together)
{
	const char *value, *first;

	sink->begin(outgoing, true);
	say_vantage("v", 1);
	for (int i = 0; i < 20; i++) {
		struct state_endpoint row;
		char name[16];

		snprintf(name, sizeof(name), "e%d", i);
		row = made_endpoint("v", name, WALL);
		snprintf(row.pool, sizeof(row.pool), "pool-%d", i % 2);
		sink->endpoint(outgoing, &row);
	}
	sink->commit(outgoing);
	write_out();
	value = the(P "verdict/v/00")->value;
	first = strstr(value, "\"pool-0\"");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, "\"pool-0\""));
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 20);
}
END_TEST

START_TEST(test_a_row_that_is_as_it_was_is_no_write)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);

	start_with(3);
	write_out();
	row.sequence = 99;
	say(&row);
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
}
END_TEST

/* --- load --- */

static const struct {
	const char *what;
	double before, after;
	bool due;
} loads[] = {
    {"less than a 32nd is noise", 0.5, 0.53, false},
    {"down, too", 0.5, 0.47, false},
    {"a 32nd is not", 0.5, 0.53125, true},
    {"down, too", 0.5, 0.46875, true},
    {"unknown now", 0.5, (double)NAN, true},
    {"known now", (double)NAN, 0, true},
};

/* Canaries are judged by the share of requests that fail. */
START_TEST(test_errors_are_news)
{
	struct state_load load = made_load("v", "e1", WALL, 0.5);

	start_with(1);
	load.requests = 100;
	load.errors = 0;
	say_load(&load);
	write_out();
	at(now + 5000);
	beat();
	load.requests = 140;
	load.errors = 1;
	say_load(&load);
	ck_assert_uint_eq(write_out(), 0);
	load.errors = 14;
	say_load(&load);
	ck_assert_uint_eq(write_out(), 1);
}
END_TEST

START_TEST(test_load_that_moved_by_more_than_noise_is_said)
{
	struct state_load load = made_load("v", "e1", WALL, loads[_i].before);

	start_with(1);
	say_load(&load);
	write_out();
	at(now + 5000);
	beat();
	load.saturation = loads[_i].after;
	say_load(&load);
	ck_assert_msg((outgoing_due_ms(outgoing) <= now) == loads[_i].due, "%s",
	    loads[_i].what);
	ck_assert_uint_eq(write_out(), loads[_i].due);
}
END_TEST

START_TEST(test_noise_is_measured_from_what_was_said)
{
	struct state_load load = made_load("v", "e1", WALL, 0.5);
	size_t n = 0;

	start_with(1);
	say_load(&load);
	write_out();
	/* Half a percent each second. */
	for (int i = 0; i < 20; i++) {
		at(now + 1000);
		beat();
		load.saturation += 0.005;
		say_load(&load);
		n += write_out();
	}
	ck_assert_uint_eq(n, 2);
	ck_assert_double_gt(hear_load("e1")->saturation, 0.55);
}
END_TEST

START_TEST(test_load_is_written_once_a_second_and_within_30_s)
{
	static struct state_load load[9000];
	size_t writes = 0, ops = 0;
	struct outgoing_batch *batch;
	int64_t began;

	start_with(1);
	sink->begin(outgoing, false);
	for (int i = 0; i < 9000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "e%d", i);
		load[i] = made_load("v", name, WALL, 0.25);
		sink->load(outgoing, &load[i]);
	}
	sink->commit(outgoing);
	write_out();
	at(now + 2000);
	beat();
	sink->begin(outgoing, false);
	for (int i = 0; i < 9000; i++) {
		load[i].saturation = 0.75;
		sink->load(outgoing, &load[i]);
	}
	sink->commit(outgoing);
	began = now;
	while (outgoing_due_ms(outgoing) < INT64_MAX) {
		at(now + 100);
		beat();
		while ((batch = outgoing_next(outgoing)) != NULL) {
			writes++;
			ops += batch->n;
			ck_assert_uint_le(batch->n, 5);
			carry_out(batch);
			outgoing_done(outgoing, batch, true, revision);
		}
		ck_assert_int_le(now - began, OUTGOING_LOAD_MS);
	}
	ck_assert_uint_eq(ops, 128);
	ck_assert_uint_ge(writes, 25);
	ck_assert_uint_eq(hear(TABLE_LOAD, "load"), 9000);
	for (size_t i = 0; i < heard.n; i++)
		ck_assert_double_eq(heard.rows[i].load.saturation, 0.75);
}
END_TEST

START_TEST(test_a_quiet_minute_costs_next_to_nothing)
{
	static struct state_endpoint rows[10000];
	struct outgoing_figures figures;
	uint64_t before;
	size_t ops = 0;
	clock_t began = clock();
	double first, rest;

	start_with(10000);
	write_out();
	first = (double)(clock() - began) / CLOCKS_PER_SEC;
	outgoing_figures(outgoing, &figures);
	before = figures.batches;
	/* A quarter of an hour of checks every 5 s, none of it news. */
	began = clock();
	for (int t = 0; t < OUTGOING_MINOR_MS / 5000; t++) {
		at(now + 5000);
		beat();
		sink->begin(outgoing, false);
		for (int i = 0; i < 10000; i++) {
			char name[16];

			snprintf(name, sizeof(name), "e%d", i);
			rows[i] = made_endpoint("v", name, WALL + t * 5000);
			rows[i].since_ms = WALL - 60000;
			rows[i].connect_us = 1000 + t;
			sink->endpoint(outgoing, &rows[i]);
		}
		sink->commit(outgoing);
		ops += write_out();
	}
	outgoing_figures(outgoing, &figures);
	rest = (double)(clock() - began) / CLOCKS_PER_SEC;
	printf("measured: 10,000 endpoints: said at first in %.2f s of CPU; "
	       "checked every 5 s for 15 min with no news: %zu blocks in %llu "
	       "writes, %.1f %% of a core\n",
	    first, ops, (unsigned long long)(figures.batches - before),
	    rest * 1000 / OUTGOING_MINOR_MS * 100);
	ck_assert_uint_le(ops, 256);
	ck_assert_uint_gt(ops, 64);
}
END_TEST

/* --- how many blocks --- */

static size_t
number_of(const char *name)
{
	uint64_t number;

	ck_assert_int_eq(
	    number_parse(name + 1, strlen(name + 1), 0, 39999, &number), 0);
	return (size_t)number;
}

/* All endpoints from ${from} to before ${to} are there; more rows of blocks
 * than there should be are none. */
static void
check_heard(int from, int to)
{
	static bool seen[40000];

	memset(seen, 0, sizeof(seen));
	(void)hear(TABLE_ENDPOINT, "verdict");
	for (size_t i = 0; i < heard.n; i++)
		seen[number_of(heard.rows[i].endpoint.endpoint)] = true;
	for (int i = from; i < to; i++)
		ck_assert_msg(seen[i], "e%d is lost", i);
}

/* The vantage v with the endpoints from ${from} to before ${to}, as full. */
static void
list(int from, int to)
{
	sink->begin(outgoing, true);
	say_vantage("v", now);
	for (int i = from; i < to; i++) {
		struct state_endpoint row;
		char name[16];

		snprintf(name, sizeof(name), "e%d", i);
		row = made_endpoint("v", name, WALL);
		sink->endpoint(outgoing, &row);
	}
	sink->commit(outgoing);
}

START_TEST(test_blocks_are_as_many_as_a_power_of_two)
{
	static const int numbers[][2] = {
	    {1, 1}, {128, 1}, {129, 2}, {257, 4}, {10000, 128}};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		at(now + 1000);
		list(0, numbers[i][0]);
		write_out();
		at(now + 1000);
		write_out();
		ck_assert_uint_eq(
		    hear(TABLE_ENDPOINT, "verdict"), (size_t)numbers[i][0]);
		ck_assert_uint_eq(
		    n_held, (size_t)numbers[i][1] + (i > 0 ? 2 : 0));
	}
}
END_TEST

/* Write a batch at a time, each checked as a reader sees it; some fail. */
static void
write_step_by_step(int from, int to)
{
	int64_t end = now + 10000;
	uint32_t luck = 1;

	while (now < end) {
		struct outgoing_batch *batch = outgoing_next(outgoing);

		if (batch == NULL) {
			at(now + 50);
			beat();
			continue;
		}
		/* Some fail, and some are carried out and nobody says so. */
		luck = luck * 1103515245 + 12345;
		if ((luck >> 16) % 4 != 1)
			carry_out(batch);
		outgoing_done(outgoing, batch, (luck >> 16) % 4 > 1, revision);
		check_heard(from, to);
	}
}

START_TEST(test_no_row_is_lost_while_blocks_become_more)
{
	list(0, 100);
	write_out();
	at(now + 1000);
	/* More than fit into one batch. */
	list(0, 12000);
	write_step_by_step(0, 100);
	check_heard(0, 12000);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 12000);
}
END_TEST

START_TEST(test_no_row_is_lost_while_blocks_become_fewer)
{
	list(0, 5000);
	write_out();
	at(now + 1000);
	write_out();
	list(0, 100);
	write_step_by_step(0, 100);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 100);
	ck_assert_ptr_nonnull(find_held(P "verdict/v/01"));
	ck_assert_ptr_null(find_held(P "verdict/v/02"));
	/* Not at the first row less: one must not move all of them. */
	list(0, 65);
	write_step_by_step(0, 65);
	ck_assert_ptr_nonnull(find_held(P "verdict/v/01"));
	list(0, 64);
	write_step_by_step(0, 64);
	ck_assert_ptr_null(find_held(P "verdict/v/01"));
}
END_TEST

START_TEST(test_more_and_fewer_before_any_of_it_is_written)
{
	list(0, 100);
	write_out();
	at(now + 1000);
	list(0, 5000);
	list(0, 300);
	write_step_by_step(0, 100);
	check_heard(0, 300);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 300);
}
END_TEST

START_TEST(test_what_vanished_is_deleted)
{
	struct state_load load = made_load("v", "e1", WALL, 0.5);

	start_with(3);
	say_load(&load);
	write_out();
	at(now + 1000);
	list(2, 3);
	write_out();
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 1);
	/* The last load is gone, and its block with it. */
	ck_assert_ptr_null(find_held(P "load/v/00"));
	ck_assert_ptr_nonnull(find_held(P "verdict/v/00"));
}
END_TEST

START_TEST(test_a_vantage_that_is_gone_is_deleted)
{
	struct outgoing_figures figures;

	start_with(300);
	write_out();
	at(now + 1000);
	sink->begin(outgoing, true);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 6);
	ck_assert_uint_eq(n_held, 0);
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.vantages, 0);
	ck_assert_uint_eq(figures.waiting, 0);
}
END_TEST

START_TEST(test_a_vantage_is_gone_when_etcd_says_so)
{
	struct outgoing_batch *batch;
	struct outgoing_figures figures;

	start_with(300);
	write_out();
	pass(1000);
	sink->begin(outgoing, true);
	sink->commit(outgoing);
	batch = outgoing_next(outgoing);
	ck_assert_ptr_nonnull(batch);
	outgoing_done(outgoing, batch, false, 0);
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.vantages, 1);
	ck_assert_uint_eq(figures.waiting, 5);
	at(now + 1000);
	ck_assert_uint_eq(write_out(), 6);
	ck_assert_uint_eq(n_held, 0);
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.vantages, 0);
}
END_TEST

START_TEST(test_one_vantage_goes_and_another_stays)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);
	struct outgoing_figures figures;

	start_with(3);
	sink->begin(outgoing, false);
	say_vantage("w", 1);
	sink->commit(outgoing);
	sink->begin(outgoing, false);
	say_vantage("w", 2);
	sink->commit(outgoing);
	write_out();
	ck_assert_ptr_nonnull(find_held(P "live/w"));
	at(now + 1000);
	sink->begin(outgoing, true);
	say_vantage("w", now);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 3);
	ck_assert_ptr_null(find_held(P "live/v"));
	ck_assert_ptr_null(find_held(P "vantage/v"));
	ck_assert_ptr_nonnull(find_held(P "live/w"));
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.vantages, 1);
	/* What comes of the one that is gone is nobody's. */
	say(&row);
	ck_assert_uint_eq(write_out(), 0);
}
END_TEST

START_TEST(test_what_can_wait_is_not_written_with_what_cannot)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);
	struct state_load load = made_load("v", "e1", WALL, 0.5);
	struct outgoing_figures figures;

	start_with(3);
	say_load(&load);
	write_out();
	pass(5000);
	row.checked_ms += 5000;
	say(&row);
	load.saturation = 0.75;
	say_load(&load);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_double_eq(hear_load("e1")->saturation, 0.75);
	/* Nor does anybody wait for it. */
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.waiting, 0);
}
END_TEST

/* --- batches --- */

START_TEST(test_a_batch_has_at_most_128_writes_and_a_mebibyte)
{
	size_t n = 0;
	struct outgoing_batch *batch;

	list(0, 30000);
	while ((batch = outgoing_next(outgoing)) != NULL) {
		ck_assert_uint_le(batch->n, OUTGOING_OPS);
		ck_assert_uint_le(batch->bytes, OUTGOING_BYTES);
		n++;
		carry_out(batch);
		outgoing_done(outgoing, batch, true, revision);
	}
	ck_assert_uint_ge(n, 2);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 30000);
}
END_TEST

START_TEST(test_what_is_in_a_batch_is_not_given_again)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);
	struct outgoing_batch *batch, *next;

	start_with(3);
	batch = outgoing_next(outgoing);
	ck_assert_ptr_nonnull(batch);
	ck_assert_ptr_null(outgoing_next(outgoing));
	row.health = HEALTH_DOWN;
	say(&row);
	at(now + 1000);
	ck_assert_ptr_null(outgoing_next(outgoing));
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
	carry_out(batch);
	outgoing_done(outgoing, batch, true, revision);
	/* What changed meanwhile is said then. */
	next = outgoing_next(outgoing);
	ck_assert_ptr_nonnull(next);
	carry_out(next);
	outgoing_done(outgoing, next, true, revision);
	ck_assert_int_eq(hear_endpoint("e1")->health, HEALTH_DOWN);
}
END_TEST

START_TEST(test_what_failed_is_due_again)
{
	struct outgoing_batch *batch;
	struct outgoing_figures figures;

	start_with(3);
	batch = outgoing_next(outgoing);
	outgoing_done(outgoing, batch, false, 0);
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.failed, 1);
	ck_assert_uint_eq(figures.waiting, 2);
	ck_assert_int_eq(outgoing_due_ms(outgoing), now + OUTGOING_VERDICT_MS);
	ck_assert_uint_eq(write_out(), 0);
	at(now + OUTGOING_VERDICT_MS);
	ck_assert_uint_eq(write_out(), 3);
	outgoing_figures(outgoing, &figures);
	ck_assert_uint_eq(figures.waiting, 0);
	ck_assert_uint_eq(figures.blocks, 2);
	ck_assert_uint_eq(figures.rows, 3);
	ck_assert_uint_eq(figures.batches, 1);
	ck_assert_uint_eq(figures.ops, 3);
}
END_TEST

/* --- whether the heartbeat moves --- */

START_TEST(test_a_heartbeat_that_was_not_seen_to_move_is_no_life)
{
	sink->begin(outgoing, true);
	say_vantage("v", 1);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 0);
	beat();
	ck_assert_uint_eq(write_out(), 2);
	ck_assert_ptr_nonnull(find_held(P "live/v"));
}
END_TEST

START_TEST(test_the_key_of_a_silent_vantage_is_deleted)
{
	start_with(1);
	write_out();
	at(now + SILENT_MS - 1);
	ck_assert_uint_eq(write_out(), 0);
	at(now + 1);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_ptr_null(find_held(P "live/v"));
	/* What it is stays. */
	ck_assert_ptr_nonnull(find_held(P "vantage/v"));
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 1);
	at(now + 1000);
	beat();
	ck_assert_uint_eq(write_out(), 2);
	ck_assert_ptr_nonnull(find_held(P "live/v"));
}
END_TEST

START_TEST(test_a_vantage_that_ended_in_good_order_is_gone_at_once)
{
	struct state_vantage row = made_vantage("v", "");

	start_with(1);
	write_out();
	at(now + 1000);
	sink->begin(outgoing, false);
	row.heartbeat_ms = 99;
	sink->vantage(outgoing, &row);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_ptr_null(find_held(P "live/v"));
}
END_TEST

START_TEST(test_what_a_vantage_is_is_said_when_it_changes)
{
	struct state_vantage row = made_vantage("v", "");

	start_with(1);
	write_out();
	at(now + 1000);
	sink->begin(outgoing, false);
	row.heartbeat_ms = 99;
	row.lease_until_ms = 100;
	snprintf(row.region, sizeof(row.region), "eu-west");
	sink->vantage(outgoing, &row);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 2);
	ck_assert_ptr_nonnull(strstr(the(P "live/v")->value, "eu-west"));
}
END_TEST

START_TEST(test_another_lease_gets_the_key_again)
{
	start_with(1);
	write_out();
	at(now + 1000);
	beat();
	outgoing_unleased(outgoing);
	ck_assert_uint_eq(write_out(), 2);
}
END_TEST

/* --- what etcd holds --- */

static void
found(
    enum key_kind kind, uint64_t number, const char *value, int64_t at_revision)
{
	struct key key = {.kind = kind, .name = {"v"}, .number = number};

	outgoing_found(outgoing, &key, value, value != NULL ? strlen(value) : 0,
	    at_revision);
}

/* A clean reading that finds all that is held. */
static void
read_all(bool anew)
{
	outgoing_reading(outgoing, anew);
	for (size_t i = 0; i < n_held; i++) {
		struct key key;

		ck_assert_int_eq(
		    key_parse(P, held[i].key, strlen(held[i].key), &key), 0);
		outgoing_found(outgoing, &key, held[i].value,
		    strlen(held[i].value), held[i].revision);
	}
	outgoing_read(outgoing, revision);
}

START_TEST(test_what_is_as_it_was_said_is_not_written_again)
{
	start_with(300);
	write_out();
	at(now + 1000);
	beat();
	read_all(false);
	ck_assert_uint_eq(write_out(), 0);
	/* The watch tells what we wrote. */
	found(KEY_VERDICT, 0, the(P "verdict/v/00")->value, revision);
	ck_assert_uint_eq(write_out(), 0);
}
END_TEST

START_TEST(test_what_a_reading_lacks_is_written_again)
{
	start_with(300);
	write_out();
	at(now + 1000);
	beat();
	n_held--;
	free(held[n_held].value);
	read_all(false);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 300);
	/* All of it. */
	at(now + 1000);
	beat();
	while (n_held > 0)
		free(held[--n_held].value);
	revision = 3;
	read_all(true);
	ck_assert_uint_eq(write_out(), 6);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 300);
}
END_TEST

START_TEST(test_a_reading_from_before_a_write_takes_nothing_back)
{
	start_with(3);
	write_out();
	at(now + 1000);
	beat();
	outgoing_reading(outgoing, false);
	outgoing_read(outgoing, revision - 1);
	ck_assert_uint_eq(write_out(), 0);
	/* Of another history, it is the truth. */
	outgoing_reading(outgoing, true);
	outgoing_read(outgoing, revision - 1);
	ck_assert_uint_eq(write_out(), 3);
}
END_TEST

START_TEST(test_what_others_wrote_is_written_over)
{
	start_with(3);
	write_out();
	at(now + 1000);
	beat();
	found(KEY_VERDICT, 0, "{\"at\":1}", revision + 1);
	ck_assert_uint_eq(write_out(), 1);
	at(now + 1000);
	beat();
	found(KEY_VERDICT, 0, NULL, revision + 5);
	ck_assert_uint_eq(write_out(), 1);
	/* What is from before our last write is over. */
	at(now + 1000);
	beat();
	revision += 5;
	found(KEY_VERDICT, 0, NULL, revision - 6);
	ck_assert_uint_eq(write_out(), 0);
}
END_TEST

START_TEST(test_a_block_that_is_not_ours_any_more_is_deleted)
{
	start_with(3);
	write_out();
	at(now + 1000);
	beat();
	found(KEY_VERDICT, 7, "{\"at\":1}", revision + 1);
	found(KEY_LOAD, 0, "{\"at\":1}", revision + 1);
	ck_assert_uint_eq(write_out(), 2);
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
	/* Nor are keys of other kinds, and numbers that no block has. */
	found(KEY_NODE, 0, "{}", revision + 1);
	found(KEY_VERDICT, KEY_BLOCKS, "{}", revision + 1);
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
	/* One that somebody else deleted is no work. */
	pass(1000);
	revision += 2;
	found(KEY_VERDICT, 1, "{\"at\":1}", revision);
	found(KEY_VERDICT, 1, NULL, revision + 1);
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
}
END_TEST

START_TEST(test_what_was_said_by_a_run_before_stays_until_all_is_known)
{
	say_vantage("v", 1);
	outgoing_reading(outgoing, false);
	found(KEY_VERDICT, 1, "{\"at\":1}", 5);
	outgoing_read(outgoing, 9);
	ck_assert_ptr_null(outgoing_next(outgoing));
	start_with(200);
	ck_assert_uint_eq(write_out(), 4);
	ck_assert_uint_eq(hear(TABLE_ENDPOINT, "verdict"), 200);
}
END_TEST

START_TEST(test_a_write_that_is_heard_before_its_answer_is_ours)
{
	struct outgoing_batch *batch;

	start_with(3);
	batch = outgoing_next(outgoing);
	carry_out(batch);
	found(KEY_VERDICT, 0, the(P "verdict/v/00")->value, revision);
	outgoing_done(outgoing, batch, true, revision);
	at(now + 1000);
	beat();
	ck_assert_uint_eq(write_out(), 0);
}
END_TEST

static const char theirs[] =
    "{\"at\":1764400000000,\"columns\":[\"version\",\"node\"],"
    "\"pools\":[[[[\"1\",\"there\"]]]]}";

START_TEST(test_of_a_vantage_that_another_node_claims_nothing_is_said)
{
	struct state_endpoint row = made_endpoint("v", "e1", WALL);

	start_with(3);
	write_out();
	ck_assert_ptr_null(outgoing_claimed(outgoing, "v"));
	at(now + 1000);
	beat();
	found(KEY_LIVE, 0, theirs, revision + 1);
	ck_assert_str_eq(outgoing_claimed(outgoing, "v"), "there");
	row.health = HEALTH_DOWN;
	say(&row);
	ck_assert_ptr_null(outgoing_next(outgoing));
	ck_assert_int_eq(outgoing_due_ms(outgoing), INT64_MAX);
	/* Its lease ended. */
	found(KEY_LIVE, 0, NULL, revision + 2);
	ck_assert_ptr_null(outgoing_claimed(outgoing, "v"));
	ck_assert_uint_eq(write_out(), 3);
	/* A late word of before changes nothing. */
	revision += 10;
	found(KEY_LIVE, 0, theirs, 50);
	ck_assert_ptr_null(outgoing_claimed(outgoing, "v"));
}
END_TEST

START_TEST(test_addresses_are_said_too)
{
	struct state_address row = {.vantage = "v",
	    .zone = "z",
	    .pool = "p",
	    .endpoint = "e",
	    .address = "192.0.2.1",
	    .health = HEALTH_UP,
	    .connect_us = -1,
	    .first_byte_us = -1,
	    .held_ms = -1,
	    .hold_ms = -1};

	start_with(1);
	write_out();
	at(now + 1000);
	beat();
	sink->begin(outgoing, false);
	sink->address(outgoing, &row);
	sink->commit(outgoing);
	ck_assert_uint_eq(write_out(), 1);
	row.checked_ms = WALL;
	row.resolved_ms = WALL;
	sink->address(outgoing, &row);
	ck_assert_uint_eq(write_out(), 0);
	at(now + 1000);
	row.health = HEALTH_DOWN;
	sink->address(outgoing, &row);
	ck_assert_uint_eq(write_out(), 1);
	ck_assert_uint_eq(hear(TABLE_ADDRESS, "address"), 1);
	ck_assert_mem_eq(&heard.rows[0].address, &row, sizeof(row));
}
END_TEST

START_TEST(test_a_prefix_has_its_bound)
{
	char prefix[KEY_PREFIX_MAX + 2] = "";

	memset(prefix, 'p', KEY_PREFIX_MAX + 1);
	ck_assert_ptr_null(outgoing_create(prefix, "here", 1));
	prefix[KEY_PREFIX_MAX] = '\0';
	outgoing_destroy(outgoing);
	outgoing = outgoing_create(prefix, "here", 1);
	ck_assert_ptr_nonnull(outgoing);
}
END_TEST

#define ADD(name) tcase_add_test(tc, name)

int
main(void)
{
	Suite *suite = suite_create("outgoing");
	TCase *tc = tcase_create("outgoing");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	ADD(test_nothing_is_said_before_all_is_known);
	ADD(test_all_is_said_at_first);
	ADD(test_the_key_of_a_vantage_says_whose_it_is);
	ADD(test_vantages_of_other_nodes_are_not_ours_to_say);
	ADD(test_a_verdict_is_due_at_once);
	ADD(test_a_block_is_not_written_twice_within_200_ms);
	tcase_add_loop_test(tc, test_what_answers_are_made_by_is_due_at_once, 0,
	    (int)(sizeof(changes) / sizeof(changes[0])));
	ADD(test_a_streak_that_goes_on_is_no_news);
	ADD(test_errors_are_news);
	ADD(test_of_a_block_only_what_is_news_is_said);
	ADD(test_rows_of_a_pool_are_said_together);
	ADD(test_a_row_that_is_as_it_was_is_no_write);
	tcase_add_loop_test(tc, test_load_that_moved_by_more_than_noise_is_said,
	    0, (int)(sizeof(loads) / sizeof(loads[0])));
	ADD(test_noise_is_measured_from_what_was_said);
	ADD(test_load_is_written_once_a_second_and_within_30_s);
	ADD(test_a_quiet_minute_costs_next_to_nothing);
	ADD(test_blocks_are_as_many_as_a_power_of_two);
	ADD(test_no_row_is_lost_while_blocks_become_more);
	ADD(test_no_row_is_lost_while_blocks_become_fewer);
	ADD(test_more_and_fewer_before_any_of_it_is_written);
	ADD(test_what_vanished_is_deleted);
	ADD(test_a_vantage_that_is_gone_is_deleted);
	ADD(test_a_vantage_is_gone_when_etcd_says_so);
	ADD(test_one_vantage_goes_and_another_stays);
	ADD(test_what_can_wait_is_not_written_with_what_cannot);
	ADD(test_a_batch_has_at_most_128_writes_and_a_mebibyte);
	ADD(test_what_is_in_a_batch_is_not_given_again);
	ADD(test_what_failed_is_due_again);
	ADD(test_a_heartbeat_that_was_not_seen_to_move_is_no_life);
	ADD(test_the_key_of_a_silent_vantage_is_deleted);
	ADD(test_a_vantage_that_ended_in_good_order_is_gone_at_once);
	ADD(test_what_a_vantage_is_is_said_when_it_changes);
	ADD(test_another_lease_gets_the_key_again);
	ADD(test_what_is_as_it_was_said_is_not_written_again);
	ADD(test_what_a_reading_lacks_is_written_again);
	ADD(test_a_reading_from_before_a_write_takes_nothing_back);
	ADD(test_what_others_wrote_is_written_over);
	ADD(test_a_block_that_is_not_ours_any_more_is_deleted);
	ADD(test_what_was_said_by_a_run_before_stays_until_all_is_known);
	ADD(test_a_write_that_is_heard_before_its_answer_is_ours);
	ADD(test_of_a_vantage_that_another_node_claims_nothing_is_said);
	ADD(test_addresses_are_said_too);
	ADD(test_a_prefix_has_its_bound);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
