/*
 * Tests of the locks of pools, with nodes and an etcd of a few lines each: of
 * those that want a lock one gets it, it is taken by no other one while it is
 * held, and it goes on to the next when its holder gives it up or is gone.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/locks.h"

#define ZONE "inference.example"
#define NODES 3
#define POOLS 40

/* What etcd has of the lock of a pool. */
struct held {
	char node[STATE_NAME]; /* "": no key */
	uint64_t token;
	int64_t lease;
};

static struct held etcd[POOLS];
static uint64_t revision;

static const char *
pool_of(size_t i)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "p%zu", i);
	return name;
}

static size_t
number_of(const char *pool)
{
	size_t i = 0;

	while (i < POOLS && strcmp(pool_of(i), pool) != 0)
		i++;
	ck_assert_uint_lt(i, POOLS);
	return i;
}

/* A node that wants all pools, and may have them. */
static struct locks *
node_of(const char *name)
{
	struct locks *l = locks_create(name);

	ck_assert_ptr_nonnull(l);
	locks_time(l, 1000);
	locks_want_begin(l);
	for (size_t i = 0; i < POOLS; i++)
		locks_want(l, ZONE, pool_of(i), 5);
	locks_want_end(l);
	locks_may(l, true);
	return l;
}

/* All of the keys as they are now. */
static void
read_all(struct locks *l)
{
	locks_reading(l);
	for (size_t i = 0; i < POOLS; i++)
		if (etcd[i].node[0] != '\0')
			locks_put(l, ZONE, pool_of(i), etcd[i].node,
			    etcd[i].token, etcd[i].lease);
	locks_read(l);
}

/* What etcd makes of a write by ${name}. */
static void
carry_out(const char *name, int64_t lease, const struct locks_op *op)
{
	struct held *held = &etcd[number_of(op->pool)];

	ck_assert_str_eq(op->zone, ZONE);
	if (op->what == LOCKS_TAKE
		? held->node[0] != '\0'
		: held->node[0] == '\0' || held->token != op->token)
		return;
	revision++;
	if (op->what == LOCKS_GIVE) {
		held->node[0] = '\0';
		return;
	}
	if (op->what == LOCKS_TAKE)
		held->token = revision;
	held->lease = lease;
	(void)snprintf(held->node, sizeof(held->node), "%s", name);
}

/* ${l}, of node ${name}, writes what is due at ${at_ms}; how many. */
static size_t
write_due(struct locks *l, const char *name, int64_t lease, int64_t at_ms)
{
	struct locks_op op;
	size_t n = 0;

	locks_time(l, at_ms);
	while (locks_next(l, lease, &op)) {
		carry_out(name, lease, &op);
		locks_done(l, &op);
		n++;
	}
	return n;
}

static size_t
held_by(const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < POOLS; i++)
		n += strcmp(etcd[i].node, name) == 0;
	return n;
}

static void
begin(void)
{
	memset(etcd, 0, sizeof(etcd));
	revision = 100;
}

START_TEST(each_is_held_by_one_and_nobody_takes_it_away)
{
	const char *const names[NODES] = {"a", "b", "c"};
	struct locks *nodes[NODES];
	struct held before[POOLS];

	begin();
	for (size_t i = 0; i < NODES; i++) {
		nodes[i] = node_of(names[i]);
		read_all(nodes[i]);
	}
	/* Each waits some time of its own. */
	for (int64_t ms = 1000; ms < 1000 + LOCKS_SPREAD_MS + 10; ms += 10)
		for (size_t i = 0; i < NODES; i++) {
			(void)write_due(nodes[i], names[i], 7 + (int64_t)i, ms);
			for (size_t k = 0; k < NODES; k++)
				read_all(nodes[k]);
		}
	for (size_t i = 0; i < NODES; i++)
		ck_assert_uint_ge(held_by(names[i]), POOLS / NODES / 3);
	ck_assert_uint_eq(held_by("a") + held_by("b") + held_by("c"), POOLS);
	memcpy(before, etcd, sizeof(before));
	for (size_t i = 0; i < NODES; i++)
		ck_assert_uint_eq(
		    write_due(nodes[i], names[i], 7 + (int64_t)i, 60000), 0);
	ck_assert_mem_eq(before, etcd, sizeof(before));
	/* One is gone with its lease: the others share what it had. */
	for (size_t i = 0; i < POOLS; i++)
		if (strcmp(etcd[i].node, "a") == 0)
			etcd[i].node[0] = '\0';
	for (size_t i = 1; i < NODES; i++)
		read_all(nodes[i]);
	for (int64_t ms = 60000; ms < 60000 + LOCKS_SPREAD_MS + 10; ms += 10)
		for (size_t i = 1; i < NODES; i++) {
			(void)write_due(nodes[i], names[i], 7 + (int64_t)i, ms);
			for (size_t k = 1; k < NODES; k++)
				read_all(nodes[k]);
		}
	ck_assert_uint_eq(held_by("b") + held_by("c"), POOLS);
	for (size_t i = 0; i < POOLS; i++)
		ck_assert(strcmp(before[i].node, "a") == 0
			? etcd[i].token > before[i].token
			: memcmp(&etcd[i], &before[i], sizeof(etcd[i])) == 0);
	for (size_t i = 0; i < NODES; i++)
		locks_destroy(nodes[i]);
}
END_TEST

/* A node "a" that holds all. */
static struct locks *
holder_of_all(void)
{
	struct locks *l = node_of("a");

	begin();
	read_all(l);
	ck_assert_uint_eq(write_due(l, "a", 7, 2000), POOLS);
	read_all(l);
	ck_assert_uint_eq(held_by("a"), POOLS);
	return l;
}

START_TEST(what_no_file_has_is_given_up)
{
	struct locks *l = holder_of_all();
	struct locks_op op;
	uint32_t step_s;

	locks_want_begin(l);
	for (size_t i = 1; i < POOLS; i++)
		locks_want(l, ZONE, pool_of(i), 5);
	locks_want_end(l);
	locks_time(l, 9000);
	ck_assert(locks_next(l, 7, &op));
	ck_assert_int_eq(op.what, LOCKS_GIVE);
	ck_assert_str_eq(op.pool, "p0");
	ck_assert_uint_eq(op.token, etcd[0].token);
	ck_assert(op.over);
	ck_assert(!locks_next(l, 7, &(struct locks_op){.over = false}));
	ck_assert(!locks_wanted(l, ZONE, "p0", &step_s));
	ck_assert(locks_wanted(l, ZONE, "p1", &step_s));
	ck_assert_uint_eq(step_s, 5);
	locks_destroy(l);
}
END_TEST

START_TEST(who_steps_for_nobody_gives_all_up_and_takes_none)
{
	struct locks *l = holder_of_all();
	struct locks_op op;

	locks_may(l, false);
	locks_time(l, 9000);
	ck_assert(locks_next(l, 7, &op));
	ck_assert_int_eq(op.what, LOCKS_GIVE);
	ck_assert(!op.over);
	locks_done(l, &op);
	(void)write_due(l, "a", 7, 20000);
	read_all(l);
	ck_assert_uint_eq(held_by("a"), 0);
	ck_assert_uint_eq(write_due(l, "a", 7, 60000), 0);
	locks_may(l, true);
	ck_assert_uint_eq(write_due(l, "a", 7, 60000), POOLS);
	locks_destroy(l);
}
END_TEST

START_TEST(another_lease_gets_what_is_held)
{
	struct locks *l = holder_of_all();
	uint64_t token = etcd[3].token;

	ck_assert_uint_eq(write_due(l, "a", 8, 9000), POOLS);
	read_all(l);
	ck_assert_int_eq(etcd[3].lease, 8);
	ck_assert_uint_eq(etcd[3].token, token);
	ck_assert_uint_eq(write_due(l, "a", 8, 60000), 0);
	locks_destroy(l);
}
END_TEST

START_TEST(a_write_that_nobody_saw_is_made_again)
{
	struct locks *l = node_of("a");
	struct locks_op op;

	begin();
	/* Before the files were read, and before etcd was, nothing is due. */
	read_all(l);
	locks_time(l, 2000);
	for (size_t i = 0; i < POOLS; i++)
		ck_assert(locks_next(l, 7, &op));
	/* It is under way. */
	ck_assert(!locks_next(l, 7, &op));
	locks_done(l, &op);
	ck_assert(!locks_next(l, 7, &op));
	locks_time(l, 2000 + LOCKS_PAUSE_MS);
	ck_assert(locks_next(l, 7, &op));
	ck_assert_int_eq(op.what, LOCKS_TAKE);
	locks_destroy(l);
}
END_TEST

START_TEST(rows_are_ours_from_when_they_are_there)
{
	struct locks *l = locks_create("a");
	struct state_lock row;
	uint32_t step_s;
	bool gone;

	locks_time(l, 1000);
	/* Until the files were read nobody knows. */
	ck_assert(locks_wanted(l, ZONE, "p", &step_s));
	locks_want_begin(l);
	locks_want(l, ZONE, "p", 1);
	locks_want_end(l);
	locks_put(l, ZONE, "p", "b", 40, 1);
	ck_assert_str_eq(locks_holder(l, ZONE, "p"), "b");
	ck_assert(!locks_row(l, true, &row, &gone));
	ck_assert(locks_row(l, false, &row, &gone));
	ck_assert_str_eq(row.node, "b");
	ck_assert_uint_eq(row.token, 40);
	ck_assert(!gone && !locks_row(l, false, &row, &gone));
	locks_put(l, ZONE, "p", "a", 50, 2);
	/* Told, and read again. */
	ck_assert(!locks_ours(l, ZONE, "p"));
	ck_assert(locks_row(l, true, &row, &gone));
	ck_assert(locks_ours(l, ZONE, "p"));
	ck_assert_uint_eq(locks_token(l, ZONE, "p"), 0);
	locks_local(l, &row);
	ck_assert_uint_eq(locks_token(l, ZONE, "p"), 50);
	/* An older row of ours is of a lock that was lost meanwhile. */
	row.token = 30;
	locks_local(l, &row);
	ck_assert_uint_eq(locks_token(l, ZONE, "p"), 0);
	/* The database was replaced. */
	locks_again(l);
	ck_assert(!locks_ours(l, ZONE, "p"));
	ck_assert(locks_row(l, true, &row, &gone));
	/* Free, and wanted no more: no row. */
	locks_gone(l, ZONE, "p");
	ck_assert(locks_row(l, false, &row, &gone));
	ck_assert_str_eq(row.node, "");
	ck_assert(!gone);
	locks_want_begin(l);
	locks_want_end(l);
	ck_assert(locks_row(l, false, &row, &gone));
	ck_assert(gone);
	ck_assert(!locks_row(l, false, &row, &gone));
	locks_destroy(l);
}
END_TEST

/* Another process of our name holds one: it is not we. */
START_TEST(a_lock_of_another_of_our_name_is_not_ours)
{
	struct locks *l = node_of("a");
	struct state_lock row;
	bool gone;

	locks_other(l, 9);
	locks_reading(l);
	locks_put(l, ZONE, pool_of(0), "a", 40, 9);
	locks_read(l);
	ck_assert(!locks_row(l, true, &row, &gone));
	ck_assert(locks_row(l, false, &row, &gone));
	ck_assert_str_eq(row.node, "?");
	ck_assert(!locks_ours(l, ZONE, pool_of(0)));
	/* It was the process before this one. */
	locks_other(l, 0);
	ck_assert(locks_row(l, true, &row, &gone));
	ck_assert_str_eq(row.node, "a");
	ck_assert(locks_ours(l, ZONE, pool_of(0)));
	locks_destroy(l);
}
END_TEST

/* A key that no lease ends holds nothing: it goes, as it was read, and then the
 * lock is taken. */
START_TEST(a_key_without_a_lease_holds_nothing)
{
	struct locks *l = node_of("a");
	struct locks_op op;

	locks_reading(l);
	for (size_t i = 1; i < POOLS; i++)
		locks_put(l, ZONE, pool_of(i), "b", 30, 3);
	locks_put_unbound(l, ZONE, pool_of(0), 41);
	locks_read(l);
	ck_assert_str_eq(locks_holder(l, ZONE, pool_of(0)), "");
	locks_time(l, 1000 + LOCKS_SPREAD_MS);
	ck_assert(locks_next(l, 5, &op));
	ck_assert_int_eq(op.what, LOCKS_CLEAR);
	ck_assert_int_eq(op.unbound, 41);
	locks_gone(l, ZONE, pool_of(0));
	locks_done(l, &op);
	locks_time(l, 1000 + 2 * (LOCKS_SPREAD_MS + LOCKS_PAUSE_MS));
	ck_assert(locks_next(l, 5, &op));
	ck_assert_int_eq(op.what, LOCKS_TAKE);
	locks_done(l, &op);
	/* One that another node has bound meanwhile is his. */
	locks_put(l, ZONE, pool_of(0), "b", 50, 3);
	locks_time(l, 1000 + 4 * (LOCKS_SPREAD_MS + LOCKS_PAUSE_MS));
	ck_assert(!locks_next(l, 5, &op));
	locks_destroy(l);
}
END_TEST

/* Keys of others that fill the table are no silent end of ours. */
START_TEST(a_pool_that_finds_no_place_is_told)
{
	struct locks *l = locks_create("a");
	char pool[24];

	ck_assert_ptr_nonnull(l);
	locks_reading(l);
	for (int i = 0; i < LOCKS_MAX; i++) {
		(void)snprintf(pool, sizeof(pool), "p%d", i);
		locks_put(l, ZONE, pool, "b", 30, 3);
	}
	locks_read(l);
	locks_want_begin(l);
	ck_assert_int_eq(locks_want(l, ZONE, "p7", 5), 0);
	ck_assert_int_eq(locks_want(l, ZONE, "ours", 5), -1);
	locks_want_end(l);
	locks_destroy(l);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("locks");
	Suite *suite = suite_create("locks");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, each_is_held_by_one_and_nobody_takes_it_away);
	tcase_add_test(tc, what_no_file_has_is_given_up);
	tcase_add_test(tc, who_steps_for_nobody_gives_all_up_and_takes_none);
	tcase_add_test(tc, another_lease_gets_what_is_held);
	tcase_add_test(tc, a_write_that_nobody_saw_is_made_again);
	tcase_add_test(tc, a_lock_of_another_of_our_name_is_not_ours);
	tcase_add_test(tc, a_key_without_a_lease_holds_nothing);
	tcase_add_test(tc, a_pool_that_finds_no_place_is_told);
	tcase_add_test(tc, rows_are_ours_from_when_they_are_there);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
