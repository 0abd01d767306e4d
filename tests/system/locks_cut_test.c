/*
 * What a region keeps when its controller is lost: a node that is cut off
 * freezes it, says so, and after a while goes back to all; with the link it
 * comes to what the others have without a jump; and when all are cut off, all
 * do the same.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/locked.h"
#include "tests/system/output.h"

#define REASON \
	"SELECT reason FROM keep WHERE pool = 'v1' AND region = 'us-east'"
#define STAYS "cut off from other nodes: stays\n"
#define FADES "cut off from other nodes: goes back to all\n"

/* What a node keeps, at some moment between two. */
struct moment {
	double keep;
	int64_t from_ms, to_ms;
};

static struct moment
now_at(struct locked *l, int i)
{
	struct moment now = {.from_ms = harness_ms()};

	now.keep = locked_kept(l, i);
	now.to_ms = harness_ms();
	ck_assert_double_ge(now.keep, 0);
	return now;
}

/* It moved from ${was} by no more than a controller may meanwhile, and two
 * steps as both may lie just inside. */
static void
moves_by_steps(struct locked *l, int i, struct moment *was)
{
	struct moment now = now_at(l, i);
	int64_t ms = now.to_ms - was->from_ms;
	double most = LOCKED_STEP * (2 + 1.5 * (double)ms / 1000);

	ck_assert_msg(fabs(now.keep - was->keep) <= most,
	    "node %d: from %.3f to %.3f within %lld ms", i, was->keep, now.keep,
	    (long long)ms);
	*was = now;
}

static bool
same(struct locked *l)
{
	return fabs(locked_kept(l, 0) - locked_kept(l, 1)) <= 3 * LOCKED_STEP &&
	    locked_holder(l, 0, "v1") >= 0 &&
	    locked_holder(l, 0, "v1") == locked_holder(l, 1, "v1");
}

static bool
status_says(struct locked *l, int i, const char *words)
{
	const char *out;

	return locked_ctl(l, i, &out, "status") == 0 &&
	    output_tells(out, words);
}

/* Both come to the same, step by step. */
static void
heals(struct locked *l)
{
	struct moment was[2];
	int64_t began = harness_ms();

	for (int i = 0; i < 2; i++)
		was[i] = now_at(l, i);
	do {
		ck_assert_int_le(harness_ms() - began, 60000);
		moves_by_steps(l, 0, &was[0]);
		moves_by_steps(l, 1, &was[1]);
	} while (!same(l));
	printf("measured: the same again after %lld ms\n",
	    (long long)(harness_ms() - began));
}

START_TEST(cut_off_it_freezes_and_fades)
{
	static struct locked l;
	int holder, other;
	double frozen;

	locked_start(&l);
	holder = locked_holder(&l, 0, "v1");
	other = 1 - holder;
	HARNESS_WAIT(60000,
	    locked_kept(&l, other) >= 0 && locked_kept(&l, other) < 0.97 &&
		same(&l));

	/* The holder alone is cut off: the other controls. */
	harness_signal(l.h, l.node[holder].share, SIGSTOP);
	HARNESS_WAIT(30000, strcmp(locked_sql(&l, holder, REASON), STAYS) == 0);
	frozen = locked_kept(&l, holder);
	ck_assert_double_lt(frozen, 0.98);
	HARNESS_WAIT(
	    30000, status_says(&l, holder, "cut off from other nodes"));
	HARNESS_WAIT(30000, locked_holder(&l, other, "v1") == other);
	/* From here on it is as full as it may be, and keeps what it keeps. */
	node_order(&l.files, 2, "running=50");
	HARNESS_WAIT(30000, strcmp(locked_sql(&l, holder, REASON), FADES) == 0);
	HARNESS_WAIT(30000, locked_kept(&l, holder) > frozen + 0.015);
	harness_signal(l.h, l.node[holder].share, SIGCONT);
	heals(&l);

	/* Both are: both do the same. */
	etcd_kill(&l.etcd, 0);
	HARNESS_WAIT(40000,
	    strcmp(locked_sql(&l, 0, REASON), FADES) == 0 &&
		strcmp(locked_sql(&l, 1, REASON), FADES) == 0);
	ck_assert_double_eq_tol(
	    locked_kept(&l, 0), locked_kept(&l, 1), 15 * LOCKED_STEP);
	etcd_run(&l.etcd, 0);
	etcd_await(&l.etcd, 0);
	heals(&l);
	locked_stop(&l);
}
END_TEST

/* What somebody wrote there by hand ends with no node. */
START_TEST(a_lock_without_a_lease_is_taken)
{
	static const char key[] =
	    "L21lcmlkaWFuL2xvY2svaW5mZXJlbmNlLmV4YW1wbGUvdjE=";
	static struct locked l;

	locked_start(&l);
	(void)etcd_post(&l.etcd, 0, "/v3/kv/put",
	    "{\"key\":\"%s\",\"value\":\"Z2FyYmFnZQ==\"}", key);
	HARNESS_WAIT(40000,
	    strstr(
		etcd_post(&l.etcd, 0, "/v3/kv/range", "{\"key\":\"%s\"}", key),
		"\"lease\":\"") != NULL);
	HARNESS_WAIT(20000,
	    locked_holder(&l, 0, "v1") >= 0 &&
		locked_holder(&l, 0, "v1") == locked_holder(&l, 1, "v1"));
	locked_stop(&l);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"cut_off_it_freezes_and_fades", cut_off_it_freezes_and_fades, 240},
	    {"a_lock_without_a_lease_is_taken", a_lock_without_a_lease_is_taken,
		120}};

	return harness_main("locks_cut", cases, 2);
}
