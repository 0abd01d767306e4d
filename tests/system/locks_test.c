/*
 * One controller for each pool of two nodes: what it decides is the same on
 * both, and when its node loses meridian-share or meridian-probe the other one
 * takes over within the lease, and goes on from the same value.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/locked.h"

/* A lease, and what it takes a busy machine to see its end. */
#define TAKEOVER_MS (LOCKED_LEASE_MS + 20000)

/* Both have the same but for what moves while it is looked at, which is less
 * than ${most}. */
static bool
both_keep(struct locked *l, double most)
{
	double a = locked_kept(l, 0), b = locked_kept(l, 1);

	return a >= 0 && a < most && fabs(a - b) <= 3 * LOCKED_STEP;
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
is_taken(struct locked *l, int from, double before, const char *how)
{
	int64_t began = harness_ms();
	double after;

	HARNESS_WAIT(TAKEOVER_MS, locked_holder(l, 1 - from, "v1") == 1 - from);
	printf("measured: the lock %s was taken after %lld ms, lease %d\n", how,
	    (long long)(harness_ms() - began), LOCKED_LEASE_MS);
	after = locked_kept(l, 1 - from);
	/* A holder that is killed may alone know its last steps. */
	ck_assert_double_le(after, before + 3 * LOCKED_STEP);
	ck_assert_double_ge(after, before - 0.3);
	/* And on, unless it came to the least meanwhile. */
	HARNESS_WAIT(40000, locked_kept(l, 1 - from) < after || after < 0.02);
}

/* The page of node ${i} has the lock of pool v1 beside node ${holder}. */
static bool
page_says(struct locked *l, int i, int holder)
{
	char url[64], name[32];
	const char *out, *at, *lock, *next;

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/api/v1/nodes",
	    l->node[i].http);
	(void)snprintf(name, sizeof(name), "{\"node\":\"%c\",\"this\"",
	    l->node[holder].name);
	(void)harness_http(l->h, "GET", url, &out);
	at = strstr(out, name);
	if (at == NULL)
		return false;
	lock = strstr(at, "\"pool\":\"v1\"");
	next = strstr(at + 1, "{\"node\":");
	return lock != NULL && (next == NULL || lock < next);
}

#define EVENTS "SELECT count(*) FROM event WHERE reason"

#define RAMP "SELECT service, share > 0.05, state FROM ramp"

START_TEST(one_controls_and_the_other_takes_over)
{
	static struct locked l;
	const char *token = "SELECT token FROM lock WHERE pool = 'v1'";
	const char *const ends[] = {"", "-wal", "-shm"};
	const char *first;
	char file[32];
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
	/* Both tell of it, once. */
	HARNESS_WAIT(30000,
	    both_say(
		&l, EVENTS " like 'two: ramp begins at 0%, to 40%'", "1\n") &&
		both_say(&l, EVENTS " like 'two: ramp from 0% to 10%'", "1\n"));
	/* The pages of both say who it is. */
	for (int i = 0; i < 2; i++)
		HARNESS_WAIT(10000, page_says(&l, i, holder));

	/* A state database that is made anew has what was decided. */
	before = locked_kept(&l, other);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(file, sizeof(file), "%c.db%s",
		    l.node[holder].name, ends[i]);
		(void)unlink(harness_path(l.h, file));
	}
	HARNESS_WAIT(30000, both_keep(&l, before + LOCKED_STEP));
	/* The other may have taken the lock meanwhile. */
	HARNESS_WAIT(30000,
	    locked_holder(&l, 0, "v1") >= 0 &&
		locked_holder(&l, 0, "v1") == locked_holder(&l, 1, "v1"));
	holder = locked_holder(&l, 0, "v1");
	other = 1 - holder;
	first = locked_sql(&l, 0, token);

	/* When meridian-share ends, the lock goes on at once. */
	before = locked_kept(&l, other);
	harness_stop(l.h, l.node[holder].share);
	is_taken(&l, holder, before, "after its end");
	ck_assert_str_ne(locked_sql(&l, other, token), first);
	/* It comes back, follows, and takes nothing away. */
	locked_share(&l, holder);
	HARNESS_WAIT(30000,
	    locked_holder(&l, holder, "v1") == other &&
		both_keep(&l, before + LOCKED_STEP));

	/* Killed, its node freezes, and the other goes on after the lease. */
	before = locked_kept(&l, holder);
	harness_kill(l.h, l.node[other].share);
	is_taken(&l, other, before, "of meridian-share killed");
	locked_share(&l, other);
	HARNESS_WAIT(30000,
	    locked_holder(&l, other, "v1") == holder &&
		both_keep(&l, before + LOCKED_STEP));

	/* The same without meridian-probe. */
	before = locked_kept(&l, other);
	harness_kill(l.h, l.node[holder].probe);
	l.node[holder].probe = 0;
	is_taken(&l, holder, before, "of meridian-probe killed");
	HARNESS_WAIT(20000, both_keep(&l, before + LOCKED_STEP));

	/* What no file has any more is forgotten, everywhere. */
	locked_steer(&l, "min_up: 50%");
	harness_signal(l.h, l.node[other].probe, SIGHUP);
	HARNESS_WAIT(30000,
	    both_say(&l, "SELECT count(*) FROM keep", "0\n") &&
		both_say(&l, "SELECT pool FROM lock", "new\n"));
	ck_assert_ptr_null(
	    strstr(etcd_post(&l.etcd, 0, "/v3/kv/range",
		       "{\"key\": \"%s\", \"range_end\": \"%s\"}",
		       "L21lcmlkaWFuL2tlZXAv" /* /meridian/keep/ */,
		       "L21lcmlkaWFuL2tlZXAw" /* /meridian/keep0 */),
		"kvs"));
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
