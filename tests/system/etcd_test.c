/*
 * The client of etcd (share/etcd/) and one member of etcd: what is written,
 * read and watched, and what has gone.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/etcd_client.h"

/* One member, and a client of it. */
struct one {
	struct harness *h;
	struct etcd_cluster c;
	struct user u;
};

static void
begin(struct one *x)
{
	memset(x, 0, sizeof(*x));
	x->h = harness_create();
	etcd_start(&x->c, x->h, 1, false);
	user_of(&x->u, &x->c);
}

static void
finish(struct one *x)
{
	user_finish(&x->u);
	etcd_finish(&x->c);
	harness_destroy(x->h);
}

static void
expect(const struct said *said, enum etcd_outcome outcome)
{
	ck_assert_msg(said->answer.outcome == outcome, "outcome %d: %s",
	    (int)said->answer.outcome, said->words);
}

START_TEST(a_key_is_put_read_and_watched)
{
	struct one x;
	static struct seen seen;
	const struct said *said;
	int64_t revision;

	begin(&x);
	revision = user_put(&x.u, "/t/a", "one");
	said = user_get(&x.u, "/t/");
	ck_assert_uint_eq(said->n, 1);
	ck_assert_str_eq(said->pairs[0].key, "/t/a");
	ck_assert_str_eq(said->pairs[0].value, "one");
	ck_assert_int_eq(said->pairs[0].mod, revision);
	user_watch(&x.u, "/t/", revision, &seen);
	USER_WAIT(&x.u, seen.live);
	user_put(&x.u, "/t/b", "two");
	user_put(&x.u, "/u/c", "elsewhere");
	user_put(&x.u, "/t/b", "three");
	USER_WAIT(&x.u, seen.n == 2);
	ck_assert_str_eq(seen.events[1].value, "three");
	ck_assert_int_eq(seen.events[0].revision, revision + 1);
	ck_assert_int_eq(seen.events[1].revision, revision + 3);
	said = user_wait(&x.u, etcd_status(x.u.etcd, 0, user_done, &x.u));
	expect(said, ETCD_OK);
	ck_assert_int_eq(said->token[0], '3');
	finish(&x);
}
END_TEST

/* Send ${txn}; did its compares hold? */
static bool
holds(struct one *x, struct etcd_txn *txn)
{
	const struct said *said;

	etcd_txn_put(txn, etcd_text("/t/then"), etcd_text("x"), 0);
	etcd_txn_delete(txn, etcd_text("/t/none"), (struct etcd_bytes){"", 0});
	etcd_txn_else(txn);
	etcd_txn_get(txn, &(struct etcd_range){.key = etcd_text("/t/a")});
	said =
	    user_wait(&x->u, etcd_txn_send(x->u.etcd, txn, user_done, &x->u));
	expect(said, ETCD_OK);
	if (said->answer.succeeded) {
		ck_assert_uint_eq(said->answer.n_ops, 2);
		return true;
	}
	ck_assert_uint_eq(said->answer.n_ops, 1);
	ck_assert_uint_eq(said->n, 1);
	return false;
}

START_TEST(a_transaction_compares)
{
	struct one x;
	struct etcd_bytes a = etcd_text("/t/a"), b = etcd_text("/t/b");
	struct etcd_txn *txn;
	int64_t revision;

	begin(&x);
	revision = user_put(&x.u, "/t/a", "one");
	for (int i = 0; i < 7; i++) {
		txn = etcd_txn_create();
		if (i == 0)
			etcd_txn_if_created(txn, b, ETCD_EQUAL, 0);
		else if (i == 1)
			etcd_txn_if_created(txn, a, ETCD_EQUAL, 0);
		else if (i == 2)
			etcd_txn_if_modified(txn, a, ETCD_EQUAL, revision);
		else if (i == 3)
			etcd_txn_if_modified(txn, a, ETCD_LESS, revision);
		else if (i == 4)
			etcd_txn_if_value(txn, a, ETCD_EQUAL, etcd_text("one"));
		else if (i == 5)
			etcd_txn_if_value(txn, b, ETCD_EQUAL, etcd_text("one"));
		else
			etcd_txn_if_created(txn, a, ETCD_GREATER, 0);
		ck_assert_int_eq(holds(&x, txn), i % 2 == 0);
	}
	finish(&x);
}
END_TEST

START_TEST(a_transaction_has_bounds)
{
	struct one x;
	struct etcd_txn *txn;
	char key[16];
	char *large = calloc(1, ETCD_TXN_BYTES + 1);

	begin(&x);
	ck_assert_ptr_nonnull(large);
	for (int n = ETCD_TXN_OPS; n <= ETCD_TXN_OPS + 1; n++) {
		txn = etcd_txn_create();
		for (int i = 0; i < n; i++) {
			snprintf(key, sizeof(key), "/t/%d", i);
			etcd_txn_put(txn, etcd_text(key), etcd_text("x"), 0);
		}
		expect(user_wait(
			   &x.u, etcd_txn_send(x.u.etcd, txn, user_done, &x.u)),
		    n > ETCD_TXN_OPS ? ETCD_TOO_LARGE : ETCD_OK);
	}
	/* Over our bound, and over etcd's. */
	for (size_t n = ETCD_TXN_BYTES; n > ETCD_TXN_BYTES - 10; n -= 9) {
		txn = etcd_txn_create();
		etcd_txn_put(
		    txn, etcd_text("/t/b"), (struct etcd_bytes){large, n}, 0);
		expect(user_wait(
			   &x.u, etcd_txn_send(x.u.etcd, txn, user_done, &x.u)),
		    ETCD_TOO_LARGE);
	}
	free(large);
	finish(&x);
}
END_TEST

START_TEST(pages_are_of_one_revision)
{
	struct one x;
	const struct said *said;
	char key[32], end[ETCD_KEY_MAX], from[65] = "/t/";
	struct etcd_range range = {.limit = 7};
	size_t n = 0;

	begin(&x);
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof(key), "/t/%02d", i);
		user_put(&x.u, key, "x");
	}
	range.end = etcd_prefix_end(etcd_text("/t/"), end);
	range.key = etcd_text(from);
	do {
		said = user_wait(
		    &x.u, etcd_range(x.u.etcd, &range, user_done, &x.u));
		expect(said, ETCD_OK);
		for (size_t i = 0; i < said->n; i++, n++) {
			snprintf(key, sizeof(key), "/t/%02zu", n);
			ck_assert_str_eq(said->pairs[i].key, key);
		}
		if (range.revision == 0)
			range.revision = said->answer.header.revision;
		snprintf(
		    from, sizeof(from), "%s", said->pairs[said->n - 1].key);
		range.key = (struct etcd_bytes){from, strlen(from) + 1};
		if (!said->more)
			break;
		/* Not in the picture. */
		user_put(&x.u, "/t/05a", "late");
		user_put(&x.u, "/t/15a", "late");
	} while (true);
	ck_assert_uint_eq(n, 20);
	finish(&x);
}
END_TEST

START_TEST(a_lease_ends_with_its_keys)
{
	struct one x;
	static struct seen seen;
	const struct said *said;
	struct etcd_txn *txn = etcd_txn_create();
	int64_t lease;

	begin(&x);
	said = user_wait(&x.u, etcd_lease_grant(x.u.etcd, 4, user_done, &x.u));
	expect(said, ETCD_OK);
	lease = said->answer.lease;
	ck_assert_int_ne(lease, 0);
	etcd_txn_put(txn, etcd_text("/t/l"), etcd_text("x"), lease);
	said = user_wait(&x.u, etcd_txn_send(x.u.etcd, txn, user_done, &x.u));
	expect(said, ETCD_OK);
	user_watch(&x.u, "/t/", said->answer.header.revision, &seen);
	/* Longer than it lives without. */
	for (int i = 0; i < 12; i++) {
		expect(user_wait(&x.u,
			   etcd_lease_keep(x.u.etcd, lease, user_done, &x.u)),
		    ETCD_OK);
		for (int64_t end = harness_ms() + 400; harness_ms() < end;)
			user_run(&x.u);
	}
	ck_assert_uint_eq(seen.n, 0);
	said = user_get(&x.u, "/t/l");
	ck_assert_int_eq(said->pairs[0].lease, lease);
	USER_WAIT(&x.u, seen.n == 1);
	ck_assert(seen.events[0].deleted);
	expect(
	    user_wait(&x.u, etcd_lease_keep(x.u.etcd, lease, user_done, &x.u)),
	    ETCD_NO_LEASE);
	said = user_wait(&x.u, etcd_lease_grant(x.u.etcd, 60, user_done, &x.u));
	lease = said->answer.lease;
	for (int i = 0; i < 2; i++)
		expect(user_wait(&x.u,
			   etcd_lease_revoke(x.u.etcd, lease, user_done, &x.u)),
		    i == 0 ? ETCD_OK : ETCD_NO_LEASE);
	finish(&x);
}
END_TEST

START_TEST(what_was_compacted_is_told)
{
	struct one x;
	static struct seen seen;
	struct etcd_range range = {.key = etcd_text("/t/a")};
	int64_t first, last = 0;

	begin(&x);
	first = user_put(&x.u, "/t/a", "0");
	for (int i = 0; i < 5; i++)
		last = user_put(&x.u, "/t/a", "1");
	etcd_post(&x.c, 0, "/v3/kv/compaction", "{\"revision\":\"%lld\"}",
	    (long long)last);
	range.revision = first;
	expect(user_wait(&x.u, etcd_range(x.u.etcd, &range, user_done, &x.u)),
	    ETCD_COMPACTED);
	range.revision = last + 100;
	expect(user_wait(&x.u, etcd_range(x.u.etcd, &range, user_done, &x.u)),
	    ETCD_FUTURE);
	user_watch(&x.u, "/t/", first, &seen);
	USER_WAIT(&x.u, seen.ended);
	ck_assert_int_eq(seen.why, ETCD_WATCH_COMPACTED);
	ck_assert_ptr_nonnull(strstr(seen.words, "compacted"));
	/* Right after it nothing is lost. */
	user_watch(&x.u, "/t/", last, &seen);
	user_put(&x.u, "/t/a", "2");
	USER_WAIT(&x.u, seen.n == 1);
	finish(&x);
}
END_TEST

START_TEST(an_etcd_that_was_wiped_is_another_one)
{
	struct one x;
	static struct seen seen;
	int64_t revision;

	begin(&x);
	for (int i = 0; i < 5; i++)
		revision = user_put(&x.u, "/t/a", "0");
	user_watch(&x.u, "/t/", revision, &seen);
	USER_WAIT(&x.u, seen.live);
	etcd_wipe(&x.c, 0);
	etcd_run(&x.c, 0);
	USER_WAIT(&x.u, seen.ended);
	ck_assert_int_eq(seen.why, ETCD_WATCH_HISTORY);
	ck_assert_int_eq(x.u.histories, 1);
	/* Said once; it is used as it is. */
	ck_assert_int_lt(user_put(&x.u, "/t/a", "1"), revision);
	ck_assert_int_eq(x.u.histories, 1);
	finish(&x);
}
END_TEST

#define BIG 900000

/* Ten values of 900 kB: more than etcd sends at once. */
START_TEST(what_is_large_comes_in_pieces_or_is_told)
{
	struct one x;
	static struct seen seen;
	struct etcd_txn *txn;
	char *value = malloc(BIG);
	char end[ETCD_KEY_MAX], key[16];
	int64_t revision;
	struct etcd_range range = {.key = etcd_text("/t/")};

	begin(&x);
	ck_assert_ptr_nonnull(value);
	memset(value, 'x', BIG);
	revision = user_put(&x.u, "/t/a", "0");
	for (int i = 0; i < 10; i++) {
		txn = etcd_txn_create();
		snprintf(key, sizeof(key), "/t/%d", i);
		etcd_txn_put(
		    txn, etcd_text(key), (struct etcd_bytes){value, BIG}, 0);
		expect(user_wait(
			   &x.u, etcd_txn_send(x.u.etcd, txn, user_done, &x.u)),
		    ETCD_OK);
	}
	range.end = etcd_prefix_end(range.key, end);
	expect(user_wait(&x.u, etcd_range(x.u.etcd, &range, user_done, &x.u)),
	    ETCD_TOO_LARGE);
	range.limit = 4;
	expect(user_wait(&x.u, etcd_range(x.u.etcd, &range, user_done, &x.u)),
	    ETCD_OK);
	user_watch(&x.u, "/t/", revision, &seen);
	USER_WAIT(&x.u, seen.n == 10 || seen.ended);
	ck_assert_msg(!seen.ended, "%s", seen.words);
	ck_assert_uint_eq(seen.bytes, 10 * BIG);
	free(value);
	finish(&x);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a_key_is_put_read_and_watched", a_key_is_put_read_and_watched, 0},
	    {"a_transaction_compares", a_transaction_compares, 0},
	    {"a_transaction_has_bounds", a_transaction_has_bounds, 0},
	    {"pages_are_of_one_revision", pages_are_of_one_revision, 0},
	    {"a_lease_ends_with_its_keys", a_lease_ends_with_its_keys, 0},
	    {"what_was_compacted_is_told", what_was_compacted_is_told, 0},
	    {"an_etcd_that_was_wiped_is_another_one",
		an_etcd_that_was_wiped_is_another_one, 0},
	    {"what_is_large_comes_in_pieces_or_is_told",
		what_is_large_comes_in_pieces_or_is_told, 0},
	};

	return harness_main("etcd", cases, sizeof(cases) / sizeof(cases[0]));
}
