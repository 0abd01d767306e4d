/*
 * One controller for each pool of two nodes: what it decides is the same on
 * both, and when its node loses meridian-share or meridian-probe the other one
 * takes over within the lease, and goes on from the same value.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/locked.h"

/* A lease, and what it takes a busy machine to see its end. */
#define TAKEOVER_MS (LOCKED_LEASE_MS + 20000)

/* Both have the same, which is less than ${most}. */
static bool
both_keep(struct locked *l, double most)
{
	double a = locked_kept(l, 0), b = locked_kept(l, 1);

	return a >= 0 && a < most && fabs(a - b) <= LOCKED_STEP;
}

static bool
both_say(struct locked *l, const char *query, const char *want)
{
	return strcmp(locked_sql(l, 0, query), want) == 0 &&
	    strcmp(locked_sql(l, 1, query), want) == 0;
}

/* The other node takes the lock of pool v1 from node ${from}, and goes on from
 * ${before}: it never went back to all. */
static void
is_taken(struct locked *l, int from, double before)
{
	int64_t began = harness_ms();
	double after;

	HARNESS_WAIT(TAKEOVER_MS, locked_holder(l, 1 - from, "v1") == 1 - from);
	printf("measured: the lock was taken after %lld ms, of a lease of %d\n",
	    (long long)(harness_ms() - began), LOCKED_LEASE_MS);
	after = locked_kept(l, 1 - from);
	ck_assert_double_le(after, before + LOCKED_STEP);
	ck_assert_double_ge(after, before - 0.3);
	/* And on. */
	HARNESS_WAIT(40000, locked_kept(l, 1 - from) < after);
}

#define RAMP "SELECT service, share > 0.05, state FROM ramp"

START_TEST(one_controls_and_the_other_takes_over)
{
	static struct locked l;
	const char *token = "SELECT token FROM lock WHERE pool = 'v1'";
	const char *first;
	int holder, other;
	double before;

	locked_start(&l);
	holder = locked_holder(&l, 0, "v1");
	other = 1 - holder;
	HARNESS_WAIT(60000, both_keep(&l, 0.98));
	HARNESS_WAIT(60000, both_say(&l, RAMP, "two|1|walking\n"));
	ck_assert_int_eq(
	    locked_holder(&l, 0, "new"), locked_holder(&l, 1, "new"));
	ck_assert_str_eq(locked_sql(&l, 0, token), locked_sql(&l, 1, token));
	first = locked_sql(&l, 0, token);

	/* Without meridian-share its node freezes, and the other goes on. */
	harness_kill(l.h, l.node[holder].share);
	before = locked_kept(&l, other);
	is_taken(&l, holder, before);
	ck_assert_str_ne(locked_sql(&l, other, token), first);
	/* It comes back, follows, and takes nothing away. */
	locked_share(&l, holder);
	HARNESS_WAIT(30000,
	    locked_holder(&l, holder, "v1") == other &&
		both_keep(&l, before + LOCKED_STEP));

	/* The same without meridian-probe. */
	harness_kill(l.h, l.node[other].probe);
	before = locked_kept(&l, holder);
	is_taken(&l, other, before);
	HARNESS_WAIT(20000, both_keep(&l, before + LOCKED_STEP));
	l.node[other].probe = 0;
	locked_stop(&l);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"one_controls_and_the_other_takes_over",
		one_controls_and_the_other_takes_over, 240}};

	return harness_main("locks", cases, 1);
}
