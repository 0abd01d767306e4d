/*
 * Tests of what controllers decided: of a pool whose lock a node holds it goes
 * out with the token of that lock, of all others it comes in, by no more than a
 * step at a time, and what nobody has any more is taken away.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/controls.h"
#include "tests/unit/share/made.h"

#define ZONE "inference.example"
#define NOW_MS INT64_C(1795961110000)
#define HOUR_MS INT64_C(3600000)

/* A node, and what its state database got last. */
struct side {
	struct locks *locks;
	struct nodes *nodes;
	struct controls *controls;
	size_t put, taken, odd;
	union schema_row last;
	int64_t ms;
};

static void
on_put(void *context, enum state_table table, const union schema_row *row)
{
	struct side *s = context;

	(void)table;
	s->put++;
	s->last = *row;
}

static void
on_take(void *context, enum state_table table, const union schema_row *row)
{
	struct side *s = context;

	(void)table;
	s->taken++;
	s->last = *row;
}

static void
on_odd(void *context, const struct key *key, const char *words)
{
	struct side *s = context;

	(void)key;
	ck_assert_str_ne(words, "");
	s->odd++;
}

static const struct controls_calls calls = {on_put, on_take, on_odd};

/* Node "a", whose files have the pool "p", with a step each second. */
static void
begin(struct side *s)
{
	memset(s, 0, sizeof(*s));
	s->locks = locks_create("a");
	s->nodes = nodes_create();
	ck_assert_ptr_nonnull(s->locks);
	ck_assert_ptr_nonnull(s->nodes);
	s->controls = controls_create(s->locks, s->nodes, &calls, s);
	ck_assert_ptr_nonnull(s->controls);
	s->ms = 10000;
	locks_want_begin(s->locks);
	locks_want(s->locks, ZONE, "p", 1);
	locks_want_end(s->locks);
	controls_reading(s->controls);
	controls_read(s->controls);
}

static void
end(struct side *s)
{
	controls_destroy(s->controls);
	nodes_destroy(s->nodes);
	locks_destroy(s->locks);
}

/* The lock of "p" is held by ${node}, which is told and read again. */
static void
lock(struct side *s, const char *node, uint64_t token)
{
	struct state_lock row;
	bool gone;

	locks_put(s->locks, ZONE, "p", node, token, 1);
	while (locks_row(s->locks, false, &row, &gone) ||
	    locks_row(s->locks, true, &row, &gone))
		locks_local(s->locks, &row);
}

static struct state_keep
keep_of(double keep)
{
	struct state_keep row = {.zone = ZONE,
	    .pool = "p",
	    .region = "us-east",
	    .keep = keep,
	    .reason = "a test",
	    .at_ms = NOW_MS};

	return row;
}

/* What the state database of this node has. */
static void
is_here(struct side *s, double keep)
{
	struct state_keep row = keep_of(keep);

	controls_sink.begin(s->controls, false);
	controls_sink.keep(s->controls, &row);
	controls_sink.commit(s->controls);
}

static struct key
key_of(enum key_kind kind, uint64_t number)
{
	struct key key = {kind, {ZONE, "p"}, number};

	return key;
}

/* What etcd has. */
static void
is_there(struct side *s, const struct state_keep *rows, size_t n)
{
	const struct key key = key_of(KEY_KEEP, 0);
	char *value = made_block(TABLE_KEEP, rows, n, sizeof(*rows), NOW_MS);

	controls_put(s->controls, &key, value, strlen(value), NOW_MS);
	free(value);
}

static struct controls_write *
next(struct side *s)
{
	s->ms += 1000;
	return controls_next(s->controls, s->ms, NOW_MS + s->ms);
}

static void
settle(struct side *s)
{
	s->put = s->taken = 0;
	s->ms += 1000;
	controls_settle(s->controls, s->ms);
}

START_TEST(what_the_holder_decides_goes_out_with_its_token)
{
	struct controls_write *write;
	struct state_lock row;
	struct side s;
	bool gone;

	begin(&s);
	is_here(&s, 0.7);
	ck_assert_ptr_null(next(&s));
	lock(&s, "b", 40);
	ck_assert_ptr_null(next(&s));
	/* Not before the state database says that it is ours: what it has may
	 * be older than what the holder before us wrote. */
	locks_put(s.locks, ZONE, "p", "a", 50, 1);
	ck_assert_ptr_null(next(&s));
	ck_assert(locks_row(s.locks, true, &row, &gone));
	ck_assert_ptr_null(next(&s));
	locks_local(s.locks, &row);
	is_here(&s, 0.6);
	write = next(&s);
	ck_assert_ptr_nonnull(write);
	ck_assert_str_eq(write->zone, ZONE);
	ck_assert_str_eq(write->pool, "p");
	ck_assert_uint_eq(write->token, 50);
	ck_assert_uint_eq(write->n, 1);
	ck_assert_int_eq(write->op[0].key.kind, KEY_KEEP);
	ck_assert_ptr_nonnull(strstr(write->op[0].value, "0.6"));
	/* One at a time, and none without news. */
	is_here(&s, 0.5);
	ck_assert_ptr_null(next(&s));
	controls_done(write, true);
	write = next(&s);
	ck_assert_ptr_nonnull(write);
	controls_done(write, true);
	ck_assert_ptr_null(next(&s));
	/* And nothing comes in meanwhile. */
	settle(&s);
	ck_assert_uint_eq(s.put + s.taken, 0);
	end(&s);
}
END_TEST

START_TEST(what_failed_is_written_again)
{
	struct controls_write *write;
	struct side s;

	begin(&s);
	lock(&s, "a", 50);
	is_here(&s, 0.7);
	write = next(&s);
	ck_assert_ptr_nonnull(write);
	controls_done(write, false);
	/* Not at once. */
	ck_assert_ptr_null(next(&s));
	s.ms += 2000;
	write = next(&s);
	ck_assert_ptr_nonnull(write);
	/* Who lost the lock writes nothing, and takes nothing away. */
	controls_done(write, false);
	lock(&s, "b", 60);
	ck_assert_ptr_null(next(&s));
	settle(&s);
	ck_assert_uint_eq(s.put + s.taken, 0);
	end(&s);
}
END_TEST

START_TEST(what_another_one_decides_comes_in_by_steps)
{
	struct state_keep row = keep_of(0.7);
	struct side s;

	begin(&s);
	lock(&s, "b", 40);
	is_there(&s, &row, 1);
	settle(&s);
	/* Of what was never there it is all. */
	ck_assert_uint_eq(s.put, 1);
	ck_assert_double_eq(s.last.keep.keep, 0.7);
	ck_assert_str_eq(s.last.keep.reason, "a test");
	settle(&s);
	ck_assert_uint_eq(s.put, 0);
	/* As after a cut: this node went back to all meanwhile. */
	is_here(&s, 1);
	ck_assert(!controls_settled(s.controls, ZONE, "p"));
	for (int i = 1; i <= 29; i++) {
		settle(&s);
		ck_assert_uint_eq(s.put, 1);
		ck_assert_double_eq_tol(s.last.keep.keep, 1 - i * 0.01, 1e-6);
	}
	ck_assert(controls_settled(s.controls, ZONE, "p"));
	settle(&s);
	ck_assert_double_eq(s.last.keep.keep, 0.7);
	settle(&s);
	ck_assert_uint_eq(s.put, 0);
	/* In less than a step's time there is no other step. */
	is_here(&s, 0.9);
	controls_settle(s.controls, s.ms);
	controls_settle(s.controls, s.ms + 100);
	ck_assert_uint_eq(s.put, 1);
	end(&s);
}
END_TEST

START_TEST(no_key_says_nothing_and_no_rows_say_none)
{
	const struct key key = key_of(KEY_KEEP, 0);
	struct state_keep row = keep_of(0.7);
	struct side s;

	begin(&s);
	lock(&s, "b", 40);
	is_here(&s, 0.7);
	settle(&s);
	ck_assert_uint_eq(s.put + s.taken, 0);
	is_there(&s, &row, 1);
	settle(&s);
	controls_gone(s.controls, &key);
	settle(&s);
	ck_assert_uint_eq(s.put + s.taken, 0);
	is_there(&s, NULL, 0);
	settle(&s);
	ck_assert_uint_eq(s.taken, 1);
	ck_assert_str_eq(s.last.keep.region, "us-east");
	end(&s);
}
END_TEST

static void
count_key(void *context, const struct key *key)
{
	size_t *n = context;

	ck_assert_str_eq(key->name[1], "p");
	++*n;
}

START_TEST(what_nobody_has_any_more_goes)
{
	const struct key key = key_of(KEY_KEEP, 0);
	struct state_keep row = keep_of(0.7);
	struct side s;
	size_t n = 0;

	begin(&s);
	lock(&s, "b", 40);
	is_there(&s, &row, 1);
	settle(&s);
	controls_keys(s.controls, ZONE, "p", count_key, &n);
	ck_assert_uint_eq(n, 1);
	/* Our files have it not, another node does. */
	locks_want_begin(s.locks);
	locks_want_end(s.locks);
	settle(&s);
	ck_assert_uint_eq(s.taken, 0);
	controls_gone(s.controls, &key);
	settle(&s);
	ck_assert_uint_eq(s.taken, 0);
	locks_gone(s.locks, ZONE, "p");
	settle(&s);
	ck_assert_uint_eq(s.taken, 1);
	settle(&s);
	ck_assert_uint_eq(s.taken, 0);
	end(&s);
}
END_TEST

static void
factors_are_here(struct side *s, size_t n)
{
	struct state_factor row = {
	    .zone = ZONE, .pool = "p", .sixteenths = 12, .at_ms = NOW_MS};

	controls_sink.begin(s->controls, true);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(row.endpoint, sizeof(row.endpoint), "e%zu", i);
		controls_sink.factor(s->controls, &row);
	}
	controls_sink.commit(s->controls);
}

/* Give ${to} what ${write} writes. */
static void
carry(const struct controls_write *write, struct side *to)
{
	for (size_t i = 0; i < write->n; i++)
		if (write->op[i].value != NULL)
			controls_put(to->controls, &write->op[i].key,
			    write->op[i].value, write->op[i].len, NOW_MS);
		else
			controls_gone(to->controls, &write->op[i].key);
}

START_TEST(many_rows_are_blocks_of_one_write)
{
	struct controls_write *write;
	struct side a, b;

	begin(&a);
	begin(&b);
	lock(&a, "a", 50);
	lock(&b, "c", 50);
	factors_are_here(&a, 2 * CONTROLS_BLOCK_ROWS + 50);
	write = next(&a);
	ck_assert_ptr_nonnull(write);
	ck_assert_uint_eq(write->n, 3);
	carry(write, &b);
	controls_done(write, true);
	settle(&b);
	ck_assert_uint_eq(b.put, 2 * CONTROLS_BLOCK_ROWS + 50);
	/* What it reads of itself is no news. */
	ck_assert_ptr_null(next(&a));
	factors_are_here(&a, 3);
	write = next(&a);
	ck_assert_ptr_nonnull(write);
	ck_assert_uint_eq(write->n, 3);
	ck_assert_ptr_null(write->op[1].value);
	ck_assert_ptr_null(write->op[2].value);
	carry(write, &b);
	controls_done(write, true);
	settle(&b);
	ck_assert_uint_eq(b.put, 0);
	ck_assert_uint_eq(b.taken, 2 * CONTROLS_BLOCK_ROWS + 47);
	ck_assert_uint_eq(a.odd + b.odd, 0);
	end(&a);
	end(&b);
}
END_TEST

START_TEST(what_makes_no_sense_is_left_out)
{
	const struct key key = key_of(KEY_KEEP, 0);
	struct state_keep rows[3] = {keep_of(0.7), keep_of(0.8), keep_of(1)};
	struct side s;

	begin(&s);
	lock(&s, "b", 40);
	controls_put(s.controls, &key, "{", 1, NOW_MS);
	ck_assert_uint_eq(s.odd, 1);
	/* Another pool's, and what cannot be. */
	(void)snprintf(rows[0].pool, sizeof(rows[0].pool), "q");
	(void)snprintf(rows[1].region, sizeof(rows[1].region), "eu-west");
	rows[2].keep = (double)NAN;
	is_there(&s, rows, 3);
	ck_assert_uint_eq(s.odd, 2);
	settle(&s);
	ck_assert_uint_eq(s.put, 1);
	ck_assert_str_eq(s.last.keep.region, "eu-west");
	/* Of a value that makes no sense at all nothing changes. */
	controls_put(s.controls, &key, "{", 1, NOW_MS);
	ck_assert_uint_eq(s.odd, 3);
	settle(&s);
	ck_assert_uint_eq(s.put + s.taken, 0);
	end(&s);
}
END_TEST

START_TEST(a_ramp_follows_the_lock_of_its_canary)
{
	struct state_ramp row = {.zone = ZONE,
	    .service = "one",
	    .made_for = "0123456789abcdef",
	    .pool = "p",
	    .state = "walking",
	    .share = 0.1,
	    .next = 0.2,
	    .next_ms = NOW_MS + 5000,
	    .since_ms = NOW_MS,
	    .at_ms = NOW_MS};
	struct controls_write *write;
	struct side a, b;

	begin(&a);
	begin(&b);
	lock(&a, "a", 50);
	lock(&b, "c", 50);
	controls_sink.begin(a.controls, true);
	controls_sink.ramp(a.controls, &row);
	controls_sink.commit(a.controls);
	write = next(&a);
	ck_assert_ptr_nonnull(write);
	ck_assert_str_eq(write->pool, "p");
	ck_assert_int_eq(write->op[0].key.kind, KEY_RAMP);
	ck_assert_str_eq(write->op[0].key.name[1], "one");
	carry(write, &b);
	controls_done(write, true);
	settle(&b);
	ck_assert_uint_eq(b.put, 1);
	ck_assert_str_eq(b.last.ramp.service, "one");
	ck_assert_str_eq(b.last.ramp.state, "walking");
	ck_assert_double_eq(b.last.ramp.share, 0.1);
	ck_assert_int_eq(b.last.ramp.next_ms, NOW_MS + 5000);
	end(&a);
	end(&b);
}
END_TEST

/* A step is counted by clocks that differ: when a ramp came to where it is is
 * told by ours. */
START_TEST(times_are_those_of_the_holder)
{
	struct state_ramp row = {.zone = ZONE,
	    .service = "one",
	    .made_for = "0123456789abcdef",
	    .pool = "p",
	    .state = "back",
	    .share = 0,
	    .next = (double)NAN,
	    .next_ms = -1,
	    .since_ms = NOW_MS - HOUR_MS,
	    .at_ms = NOW_MS - HOUR_MS};
	struct state_node node = {.name = "b", .cut_ms = -1};
	const struct key key = {KEY_RAMP, {ZONE, "one"}, 0};
	struct text said;
	struct side s;
	char *value =
	    made_block(TABLE_RAMP, &row, 1, sizeof(row), NOW_MS - HOUR_MS);

	begin(&s);
	text_init(&said, BLOCK_BYTES);
	nodes_say(&node, NOW_MS - HOUR_MS, &said);
	ck_assert_ptr_nonnull(
	    nodes_take(s.nodes, "b", said.data, said.len, NOW_MS, true));
	lock(&s, "b", 40);
	controls_put(s.controls, &key, value, strlen(value), NOW_MS);
	settle(&s);
	ck_assert_uint_eq(s.put, 1);
	ck_assert_int_eq(s.last.ramp.since_ms, NOW_MS);
	free(value);
	text_finish(&said);
	end(&s);
}
END_TEST

/* What etcd has of ${kind} ${name}, written at ${revision}; a ramp is of pool
 * "q". */
static void
is_there_of(
    struct side *s, enum key_kind kind, const char *name, int64_t revision)
{
	const struct state_ramp ramp = {
	    .zone = ZONE, .service = "chat", .pool = "q", .state = "done"};
	struct key of = {.kind = kind, .name = {ZONE, ""}};
	char *value = kind == KEY_RAMP
	    ? made_block(TABLE_RAMP, &ramp, 1, sizeof(ramp), NOW_MS)
	    : made_block(TABLE_KEEP, NULL, 0, 0, NOW_MS);

	(void)snprintf(of.name[1], sizeof(of.name[1]), "%s", name);
	controls_put(s->controls, &of, value, strlen(value), NOW_MS);
	controls_written(s->controls, &of, revision);
	free(value);
}

/* The sheet that is left of revision ${before} or earlier: "keep p of p@7". */
static const char *
left_before(struct side *s, int64_t before)
{
	static char out[512];
	struct controls_left left;

	if (!controls_left(s->controls, before, &left))
		return "nothing";
	ck_assert_uint_eq(left.n, 1);
	ck_assert_str_eq(left.zone, ZONE);
	ck_assert_str_eq(left.key[0].name[0], ZONE);
	(void)snprintf(out, sizeof(out), "%s %s of %s@%d",
	    left.key[0].kind == KEY_KEEP ? "keep" : "ramp", left.key[0].name[1],
	    left.pool, (int)left.revision[0]);
	return out;
}

START_TEST(what_nobody_controls_any_more_is_found)
{
	struct side s;

	begin(&s);
	/* The files have it. */
	is_there_of(&s, KEY_KEEP, "p", 7);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	is_there_of(&s, KEY_KEEP, "q", 9);
	ck_assert_str_eq(left_before(&s, 8), "nothing");
	ck_assert_str_eq(left_before(&s, 9), "keep q of q@9");
	/* Another node has it. */
	locks_put(s.locks, ZONE, "q", "b", 3, 1);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	locks_gone(s.locks, ZONE, "q");
	ck_assert_str_eq(left_before(&s, 9), "keep q of q@9");
	/* It is written again, and when is not heard yet. */
	is_there_of(&s, KEY_KEEP, "q", 0);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	is_there_of(&s, KEY_KEEP, "q", 11);
	ck_assert_str_eq(left_before(&s, 10), "nothing");
	controls_gone(s.controls,
	    &(const struct key){.kind = KEY_KEEP, .name = {ZONE, "q"}});
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	/* A ramp is of the pool that its row names. */
	is_there_of(&s, KEY_RAMP, "chat", 12);
	ck_assert_str_eq(left_before(&s, 12), "ramp chat of q@12");
	locks_put(s.locks, ZONE, "q", "b", 4, 1);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	/* Before etcd was read nobody knows who has it. */
	end(&s);
	memset(&s, 0, sizeof(s));
	s.locks = locks_create("a");
	s.nodes = nodes_create();
	s.controls = controls_create(s.locks, s.nodes, &calls, &s);
	locks_want_begin(s.locks);
	locks_want_end(s.locks);
	is_there_of(&s, KEY_KEEP, "q", 9);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	controls_reading(s.controls);
	is_there_of(&s, KEY_KEEP, "q", 9);
	controls_read(s.controls);
	ck_assert_str_eq(left_before(&s, 100), "keep q of q@9");
	end(&s);
}
END_TEST

START_TEST(before_the_files_were_read_nothing_is_left)
{
	struct side s;

	memset(&s, 0, sizeof(s));
	s.locks = locks_create("a");
	s.nodes = nodes_create();
	s.controls = controls_create(s.locks, s.nodes, &calls, &s);
	controls_reading(s.controls);
	is_there_of(&s, KEY_KEEP, "q", 9);
	controls_read(s.controls);
	ck_assert_str_eq(left_before(&s, 100), "nothing");
	end(&s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("controls");
	Suite *suite = suite_create("controls");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, what_the_holder_decides_goes_out_with_its_token);
	tcase_add_test(tc, what_failed_is_written_again);
	tcase_add_test(tc, what_another_one_decides_comes_in_by_steps);
	tcase_add_test(tc, no_key_says_nothing_and_no_rows_say_none);
	tcase_add_test(tc, what_nobody_has_any_more_goes);
	tcase_add_test(tc, many_rows_are_blocks_of_one_write);
	tcase_add_test(tc, what_makes_no_sense_is_left_out);
	tcase_add_test(tc, a_ramp_follows_the_lock_of_its_canary);
	tcase_add_test(tc, times_are_those_of_the_holder);
	tcase_add_test(tc, what_nobody_controls_any_more_is_found);
	tcase_add_test(tc, before_the_files_were_read_nothing_is_left);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
