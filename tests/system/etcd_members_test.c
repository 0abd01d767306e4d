/*
 * The client of etcd (share/etcd/) and three members, of which some are gone,
 * hang, have no leader, or another certificate: it goes on with the others, and
 * a watch tells each change once.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/certificates.h"
#include "tests/system/etcd_client.h"

/* Three members, a client of them, and a watch of what it writes. */
struct three {
	struct harness *h;
	struct etcd_cluster c;
	struct user u;
	struct seen seen;
	int written;     /* numbers, from 1 on, that etcd has accepted */
	int64_t longest; /* ms that one took */
};

static void
begin(struct three *x)
{
	x->h = harness_create();
	etcd_start(&x->c, x->h, ETCD_MEMBERS, false);
	user_of(&x->u, &x->c);
	user_watch(&x->u, "/t/", user_put(&x->u, "/t/n", "0"), &x->seen);
	USER_WAIT(&x->u, x->seen.live);
}

static void
finish(struct three *x)
{
	/* An attempt, an election, and a busy machine. */
	ck_assert_int_lt(x->longest, 15000);
	user_finish(&x->u);
	etcd_finish(&x->c);
	harness_destroy(x->h);
}

/* Write the next number if the last one is there: what was not answered is
 * looked up, as a caller has to.  A transaction is sufficient for that. */
static void
write_number(struct three *x)
{
	int64_t began = harness_ms();
	char before[16], number[16];

	snprintf(before, sizeof(before), "%d", x->written);
	snprintf(number, sizeof(number), "%d", x->written + 1);
	for (;;) {
		struct etcd_txn *txn = etcd_txn_create();
		const struct said *said;

		etcd_txn_if_value(
		    txn, etcd_text("/t/n"), ETCD_EQUAL, etcd_text(before));
		etcd_txn_put(txn, etcd_text("/t/n"), etcd_text(number), 0);
		etcd_txn_else(txn);
		etcd_txn_get(
		    txn, &(struct etcd_range){.key = etcd_text("/t/n")});
		said = user_wait(
		    &x->u, etcd_txn_send(x->u.etcd, txn, user_done, &x->u));
		if (said->answer.outcome == ETCD_OK) {
			if (!said->answer.succeeded)
				ck_assert_str_eq(said->pairs[0].value, number);
			break;
		}
		ck_assert(said->answer.outcome == ETCD_UNCERTAIN ||
		    said->answer.outcome == ETCD_UNREACHABLE);
		ck_assert_int_lt(harness_ms(), began + PATIENCE_MS);
	}
	x->written++;
	if (harness_ms() - began > x->longest)
		x->longest = harness_ms() - began;
}

/* Each number was told, once, in order. */
static void
check_told(struct three *x)
{
	USER_WAIT(&x->u, x->seen.n >= (size_t)x->written || x->seen.ended);
	ck_assert_msg(!x->seen.ended, "%s", x->seen.words);
	ck_assert_uint_eq(x->seen.n, (size_t)x->written);
	for (size_t i = 0; i < x->seen.n; i++)
		ck_assert_int_eq(
		    strtol(x->seen.events[i].value, NULL, 10), (long)i + 1);
	ck_assert_int_eq(x->u.histories, 0);
}

static void
write_numbers(struct three *x, int n)
{
	for (int i = 0; i < n; i++)
		write_number(x);
}

START_TEST(members_that_are_killed_lose_and_repeat_nothing)
{
	static struct three x;

	begin(&x);
	for (int round = 0; round < 3; round++) {
		write_numbers(&x, 20);
		etcd_kill(&x.c, round);
		write_numbers(&x, 20);
		etcd_run(&x.c, round);
		etcd_await(&x.c, round);
	}
	check_told(&x);
	ck_assert_int_ge(x.u.failed, 1);
	finish(&x);
}
END_TEST

START_TEST(a_member_that_hangs_is_left)
{
	static struct three x;

	begin(&x);
	write_numbers(&x, 5);
	harness_signal(x.h, x.c.members[0].pid, SIGSTOP);
	write_numbers(&x, 20);
	check_told(&x);
	ck_assert_ptr_nonnull(strstr(x.u.news, x.c.members[0].url));
	/* Nothing is asked of it, and what is said of it is true. */
	harness_signal(x.h, x.c.members[0].pid, SIGCONT);
	USER_WAIT(&x.u, x.u.news[0] == '\0');
	write_numbers(&x, 5);
	check_told(&x);
	finish(&x);
}
END_TEST

START_TEST(a_stream_that_died_silently_is_noticed)
{
	static struct three x;
	int64_t began;

	begin(&x);
	/* Nothing is asked but the watch itself. */
	harness_signal(x.h, x.c.members[0].pid, SIGSTOP);
	began = harness_ms();
	USER_WAIT(&x.u, !x.seen.live);
	ck_assert_int_ge(harness_ms() - began, 1000);
	USER_WAIT(&x.u, x.seen.live);
	harness_signal(x.h, x.c.members[0].pid, SIGCONT);
	write_numbers(&x, 5);
	check_told(&x);
	finish(&x);
}
END_TEST

START_TEST(a_member_that_was_wiped_comes_back)
{
	static struct three x;

	begin(&x);
	write_numbers(&x, 10);
	etcd_wipe(&x.c, 0);
	write_numbers(&x, 10);
	etcd_run(&x.c, 0);
	etcd_await(&x.c, 0);
	/* From now on it is the one that is asked. */
	etcd_kill(&x.c, 1);
	write_numbers(&x, 10);
	check_told(&x);
	finish(&x);
}
END_TEST

START_TEST(without_a_majority_nothing_is_answered_in_bounded_time)
{
	static struct three x;
	const struct etcd_range known = {
	    .key = etcd_text("/t/n"), .serializable = true};
	const struct said *said;
	int64_t began;

	begin(&x);
	write_numbers(&x, 3);
	etcd_kill(&x.c, 1);
	etcd_kill(&x.c, 2);
	began = harness_ms();
	said = user_try(&x.u, "/t/x", "lost");
	ck_assert_msg(said->answer.outcome == ETCD_UNREACHABLE ||
		said->answer.outcome == ETCD_UNCERTAIN,
	    "outcome %d", (int)said->answer.outcome);
	ck_assert_int_lt(harness_ms() - began, 12000);
	USER_WAIT(&x.u, !x.seen.live);
	/* But what the member that is left knows. */
	said = user_wait(&x.u, etcd_status(x.u.etcd, 0, user_done, &x.u));
	ck_assert_int_eq(said->answer.outcome, ETCD_OK);
	ck_assert(said->answer.leader == 0);
	said = user_wait(&x.u, etcd_range(x.u.etcd, &known, user_done, &x.u));
	ck_assert_int_eq(said->answer.outcome, ETCD_OK);
	ck_assert_str_eq(said->pairs[0].value, "3");
	etcd_run(&x.c, 1);
	etcd_await(&x.c, 1);
	USER_WAIT(&x.u, x.seen.live);
	write_numbers(&x, 3);
	/* What was not answered may have been carried out. */
	USER_WAIT(&x.u, x.seen.n >= 6);
	ck_assert(!x.seen.ended);
	finish(&x);
}
END_TEST

/* Two endpoints that cannot be used, before one that can. */
START_TEST(a_wrong_certificate_is_named_and_another_endpoint_asked)
{
	struct harness *h = harness_create();
	struct etcd_cluster c = {.option = NULL};
	struct user u;
	char refused[64], strange[64];
	const char *urls[] = {strange, refused, NULL};
	struct etcd_options o = {.endpoints = urls, .n_endpoints = 3};
	uint16_t port = harness_port(h);
	int64_t end = harness_ms() + PATIENCE_MS;
	pid_t server;

	certificates_make(h);
	etcd_start(&c, h, 1, true);
	snprintf(refused, sizeof(refused), "https://127.0.0.1:%u",
	    (unsigned)harness_port(h));
	snprintf(
	    strange, sizeof(strange), "https://127.0.0.1:%u", (unsigned)port);
	urls[2] = c.members[0].url;
	harness_write(h, "port", "%u", (unsigned)port);
	server = harness_start(h, "s_server.log", OPENSSL, "s_server", "-quiet",
	    "-accept", harness_read(h, harness_path(h, "port")), "-cert",
	    harness_path(h, "stranger.pem"), "-key",
	    harness_path(h, "stranger.key"), NULL);
	o.ca = harness_path(h, "ca.pem");
	o.certificate = harness_path(h, ETCD_CLIENT ".pem");
	o.key = harness_path(h, ETCD_CLIENT ".key");
	o.n_endpoints = 1;
	user_create(&u, &o);
	do {
		ck_assert_int_lt(harness_ms(), end);
		ck_assert_int_eq(user_try(&u, "/t/a", "one")->answer.outcome,
		    ETCD_UNREACHABLE);
	} while (strstr(u.said.words, "its certificate is no good") == NULL);
	user_finish(&u);
	o.n_endpoints = 3;
	user_create(&u, &o);
	user_put(&u, "/t/a", "one");
	ck_assert_int_eq(u.failed, 2);
	user_finish(&u);
	harness_kill(h, server);
	etcd_finish(&c);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"members_that_are_killed_lose_and_repeat_nothing",
		members_that_are_killed_lose_and_repeat_nothing, 0},
	    {"a_member_that_hangs_is_left", a_member_that_hangs_is_left, 0},
	    {"a_stream_that_died_silently_is_noticed",
		a_stream_that_died_silently_is_noticed, 0},
	    {"a_member_that_was_wiped_comes_back",
		a_member_that_was_wiped_comes_back, 0},
	    {"without_a_majority_nothing_is_answered_in_bounded_time",
		without_a_majority_nothing_is_answered_in_bounded_time, 0},
	    {"a_wrong_certificate_is_named_and_another_endpoint_asked",
		a_wrong_certificate_is_named_and_another_endpoint_asked, 0},
	};

	return harness_main(
	    "etcd_members", cases, sizeof(cases) / sizeof(cases[0]));
}
