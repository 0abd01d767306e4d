/*
 * The client of etcd (share/etcd/) and an endpoint that is none, or means harm:
 * what it answers is bounded and told in words, and another one is asked.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/system/etcd_client.h"
#include "tests/system/etcd_hostile.h"

struct place {
	struct harness *h;
	struct script *script;
	pid_t server;
	char url[64];
	struct user u;
};

static void
begin(struct place *x)
{
	uint16_t port;

	memset(x, 0, sizeof(*x));
	x->h = harness_create();
	port = harness_port(x->h);
	x->script = mmap(NULL, sizeof(*x->script), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(x->script, MAP_FAILED);
	x->script->cluster = 5;
	x->script->revision = 10;
	x->script->term = 3;
	x->server = hostile_etcd(port, x->script);
	snprintf(x->url, sizeof(x->url), "http://127.0.0.1:%u", (unsigned)port);
}

static void
finish(struct place *x)
{
	kill(x->server, SIGKILL);
	harness_destroy(x->h);
}

static void
create(struct place *x, const char *other)
{
	const char *urls[] = {x->url, other};
	struct etcd_options o = {.endpoints = urls,
	    .n_endpoints = other != NULL ? 2 : 1,
	    .attempt_ms = 1000,
	    .deadline_ms = 20000,
	    .answer_max = 1 << 20};

	user_create(&x->u, &o);
}

/* What a write comes to when the first endpoint does this to it. */
static const enum etcd_outcome of_write[DEEDS] = {
    [GARBAGE] = ETCD_UNCERTAIN,
    [PAGE] = ETCD_UNCERTAIN,
    [NOBODY] = ETCD_OK,
    [CLOSE] = ETCD_UNCERTAIN,
    [SILENCE] = ETCD_UNCERTAIN,
    [DRIP] = ETCD_UNCERTAIN,
    [FLOOD] = ETCD_UNCERTAIN,
    [LEADERLESS] = ETCD_OK,
};

START_TEST(another_endpoint_is_asked)
{
	static struct place x;
	struct etcd_cluster c = {.option = NULL};
	const struct said *said;

	begin(&x);
	etcd_start(&c, x.h, 1, false);
	for (int deed = 0; deed < DEEDS; deed++) {
		x.script->deed = deed;
		create(&x, c.members[0].url);
		said = user_get(&x.u, "/t/");
		/* So much that nobody should send it is no reason to ask. */
		ck_assert_int_eq(said->answer.outcome,
		    deed == FLOOD ? ETCD_TOO_LARGE : ETCD_OK);
		user_finish(&x.u);
		create(&x, c.members[0].url);
		said = user_try(&x.u, "/t/a", "x");
		ck_assert_msg(said->answer.outcome == of_write[deed],
		    "deed %d: outcome %d: %s", deed, (int)said->answer.outcome,
		    said->words);
		user_finish(&x.u);
	}
	etcd_finish(&c);
	finish(&x);
}
END_TEST

START_TEST(another_history_is_told_once)
{
	static struct place x;
	static const struct {
		long cluster, revision, term;
		int histories; /* until then */
	} steps[] = {{5, 10, 3, 0}, {5, 12, 3, 0}, {5, 11, 3, 1}, {5, 11, 3, 1},
	    {5, 20, 4, 1}, {5, 30, 2, 2}, {6, 40, 9, 3}, {6, 41, 9, 3}};

	begin(&x);
	x.script->deed = RIGHT;
	create(&x, NULL);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		x.script->cluster = steps[i].cluster;
		x.script->revision = steps[i].revision;
		x.script->term = steps[i].term;
		user_put(&x.u, "/t/a", "x");
		ck_assert_int_eq(x.u.histories, steps[i].histories);
	}
	user_finish(&x.u);
	finish(&x);
}
END_TEST

START_TEST(a_stream_is_not_trusted)
{
	static struct place x;
	static struct seen seen;

	begin(&x);
	x.script->deed = WATCH_DRIP;
	create(&x, NULL);
	user_watch(&x.u, "a", 10, &seen);
	USER_WAIT(&x.u, seen.n == 2);
	ck_assert_str_eq(seen.events[1].key, "b");
	x.script->revision = 12;
	/* It answers no sign of life: the next stream repeats what was told,
	 * and is not told. */
	USER_WAIT(&x.u, seen.links >= 3);
	ck_assert_uint_eq(seen.n, 2);
	user_finish(&x.u);
	for (int deed = WATCH_GARBAGE; deed <= WATCH_DISORDER; deed++) {
		x.script->deed = deed;
		create(&x, NULL);
		user_watch(&x.u, "a", 10, &seen);
		USER_WAIT(&x.u, seen.links >= 4);
		ck_assert(!seen.ended);
		ck_assert_uint_eq(seen.n, 0);
		user_finish(&x.u);
	}
	for (int deed = WATCH_ENDLESS; deed <= WATCH_OTHER; deed++) {
		x.script->deed = deed;
		create(&x, NULL);
		user_watch(&x.u, "a", 10, &seen);
		USER_WAIT(&x.u, seen.ended);
		ck_assert_int_eq(seen.why,
		    deed == WATCH_ENDLESS ? ETCD_WATCH_TOO_LARGE
					  : ETCD_WATCH_HISTORY);
		user_finish(&x.u);
	}
	finish(&x);
}
END_TEST

/* Each has a turn of the loop, and none is lost when the stream ends first. */
START_TEST(long_messages_at_once_are_told_each)
{
	static struct place x;
	static struct seen seen;

	begin(&x);
	x.script->deed = WATCH_BURST;
	create(&x, NULL);
	user_watch(&x.u, "a", 10, &seen);
	USER_WAIT(&x.u, seen.n == 3);
	ck_assert_uint_eq(seen.bytes, 3 * 131072 / 4 * 3);
	ck_assert_str_eq(seen.events[0].key, "a");
	ck_assert_str_eq(seen.events[1].key, "b");
	ck_assert_str_eq(seen.events[2].key, "c");
	x.script->revision = 13;
	USER_WAIT(&x.u, seen.links >= 3);
	ck_assert_uint_eq(seen.n, 3);
	ck_assert(!seen.ended);
	user_finish(&x.u);
	finish(&x);
}
END_TEST

/* Close it from within a callback, while others are under way. */
static void
close_all(void *context, const struct etcd_answer *answer)
{
	struct user *u = context;

	(void)answer;
	ck_assert_ptr_nonnull(u->etcd);
	etcd_close(u->etcd);
	u->etcd = NULL;
}

START_TEST(it_may_be_closed_at_any_time)
{
	static struct place x;
	static struct seen seen;
	struct etcd_range range = {.key = etcd_text("a")};

	begin(&x);
	for (int deed = 0; deed <= WATCH_DRIP; deed++) {
		x.script->deed = RIGHT;
		create(&x, NULL);
		user_watch(&x.u, "a", 10, &seen);
		USER_WAIT(&x.u, seen.live);
		x.script->deed = deed;
		/* The first that ends closes all; no other is told. */
		for (int i = 0; i < 5; i++)
			etcd_within(
			    etcd_range(x.u.etcd, &range, close_all, &x.u),
			    200 + 50 * i);
		USER_WAIT(&x.u, x.u.etcd == NULL);
		ck_assert(!seen.ended);
		user_finish(&x.u);
	}
	finish(&x);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"another_endpoint_is_asked", another_endpoint_is_asked, 0},
	    {"another_history_is_told_once", another_history_is_told_once, 0},
	    {"a_stream_is_not_trusted", a_stream_is_not_trusted, 0},
	    {"long_messages_at_once_are_told_each",
		long_messages_at_once_are_told_each, 0},
	    {"it_may_be_closed_at_any_time", it_may_be_closed_at_any_time, 0},
	};

	return harness_main(
	    "etcd_hostile", cases, sizeof(cases) / sizeof(cases[0]));
}
