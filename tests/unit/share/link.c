/*
 * Tests of the link to etcd, against a stand-in for its client: readings come
 * to their ends whatever is doubted meanwhile, and each end of a call lets the
 * next one begin.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "share/claim.h"
#include "share/etcd/etcd_txn.h"
#include "share/link.h"
#include "state/rows.h"

/* So long that a busy machine does not seem cut off. */
#define LEASE_MS 4000
#define PATIENCE_MS 20000

/* Longer than it takes until somebody doubts again. */
#define ANSWER_MS 150
#define DOUBT_MS 50

#define SITE_HERE "0123456789abcdef0123456789abcdef"
#define SITE_ELSEWHERE "fedcba9876543210fedcba9876543210"

/* The site key was written at it. */
#define SITE_REVISION 7

/* --- the stand-in --- */

enum asked { NOTHING, GRANT, KEEP, SITE, FOUND, RANGE, WRITE, KINDS };

struct etcd_call {
	bool pending;
	int64_t asked_ms;
	etcd_done done;
	void *context;
};

struct etcd {
	etcd_told told;
	void *context;
	bool answers;            /* or each call ends as unreachable */
	bool keeps, knows_lease; /* else a kept one is not answered */
	bool refused[KINDS];     /* these are, whatever else is answered */
	int64_t range_ms;        /* that a page takes */
	int64_t lease, revision, revoked;
	/* The lease of the key that is claimed, and with which it was tried. */
	int64_t holder, expected;
	bool claims;
	/* The site of etcd, "" none; that it has a trail; and the revision of
	 * the key of the site that is expected there. */
	char site[64];
	bool trail;
	int64_t site_expected;
	bool asks_trail, founds;
	bool races;                    /* another node writes it just before */
	struct etcd_call calls[KINDS]; /* the link has one of each */
	struct etcd_watch_use watch;
	unsigned asked[KINDS], cancelled, watches;
};

static struct etcd etcd;

/* What a member of it has. */
static char trouble[64];

void
etcd_trouble(const struct etcd *e, char *out, size_t size)
{
	(void)e;
	(void)snprintf(out, size, "%s", trouble);
}

struct etcd *
etcd_create(uv_loop_t *loop, const struct etcd_options *options)
{
	(void)loop;
	etcd = (struct etcd){.told = options->told,
	    .context = options->context,
	    .answers = true,
	    .keeps = true,
	    .knows_lease = true,
	    .site = SITE_HERE,
	    .revision = 10};
	return &etcd;
}

void
etcd_close(struct etcd *e)
{
	memset(e->calls, 0, sizeof(e->calls));
}

static struct etcd_call *
ask(enum asked what, etcd_done done, void *context)
{
	struct etcd_call *call = &etcd.calls[what];

	ck_assert(!call->pending);
	etcd.asked[what]++;
	*call = (struct etcd_call){true, clock_mono_ms(), done, context};
	return call;
}

struct etcd_call *
etcd_range(struct etcd *e, const struct etcd_range *range, etcd_done done,
    void *context)
{
	(void)e;
	if (range->end.len > 0)
		return ask(RANGE, done, context);
	etcd.asks_trail = memcmp(range->key.data, "/meridian/g", 11) == 0;
	return ask(SITE, done, context);
}

struct etcd_call *
etcd_lease_grant(struct etcd *e, int64_t ttl_s, etcd_done done, void *context)
{
	(void)e;
	(void)ttl_s;
	return ask(GRANT, done, context);
}

struct etcd_call *
etcd_lease_keep(struct etcd *e, int64_t lease, etcd_done done, void *context)
{
	(void)e;
	(void)lease;
	return ask(KEEP, done, context);
}

struct etcd_call *
etcd_lease_revoke(struct etcd *e, int64_t lease, etcd_done done, void *context)
{
	(void)e;
	(void)done;
	(void)context;
	etcd.revoked = lease;
	return NULL;
}

void
etcd_within(struct etcd_call *call, int64_t ms)
{
	(void)call;
	(void)ms;
}

void
etcd_cancel(struct etcd_call *call)
{
	if (call == NULL)
		return;
	ck_assert(call->pending);
	call->pending = false;
	etcd.cancelled++;
}

struct etcd_txn {
	size_t n;
};

static struct etcd_txn txn;
static char written[64]; /* as the site, last */

struct etcd_txn *
etcd_txn_create(void)
{
	txn.n = 0;
	etcd.founds = false;
	return &txn;
}

void
etcd_txn_destroy(struct etcd_txn *t)
{
	(void)t;
}

size_t
etcd_txn_ops(const struct etcd_txn *t)
{
	return t->n;
}

void
etcd_txn_put(struct etcd_txn *t, struct etcd_bytes key, struct etcd_bytes value,
    int64_t lease)
{
	if (etcd.founds) {
		ck_assert_int_eq(lease, 0);
		ck_assert_uint_eq(key.len, strlen("/meridian/site"));
		(void)snprintf(written, sizeof(written), "%.*s", (int)value.len,
		    value.data);
	} else {
		ck_assert(lease != 0);
	}
	t->n++;
}

void
etcd_txn_if_modified(struct etcd_txn *t, struct etcd_bytes key, enum etcd_is is,
    int64_t revision)
{
	(void)t;
	(void)key;
	(void)is;
	etcd.founds = true;
	etcd.site_expected = revision;
}

void
etcd_txn_if_leased(
    struct etcd_txn *t, struct etcd_bytes key, enum etcd_is is, int64_t lease)
{
	(void)t;
	(void)key;
	(void)is;
	etcd.expected = lease;
}

void
etcd_txn_else(struct etcd_txn *t)
{
	(void)t;
}

void
etcd_txn_get(struct etcd_txn *t, const struct etcd_range *range)
{
	(void)t;
	(void)range;
}

struct etcd_call *
etcd_txn_send(struct etcd *e, struct etcd_txn *t, etcd_done done, void *context)
{
	(void)e;
	(void)t;
	return ask(etcd.founds ? FOUND : WRITE, done, context);
}

struct etcd_watch *
etcd_watch_begin(struct etcd *e, struct etcd_bytes key, struct etcd_bytes end,
    const struct etcd_header *read, const struct etcd_watch_use *use)
{
	(void)key;
	(void)end;
	ck_assert_int_eq(read->revision, e->revision);
	e->watch = *use;
	e->watches++;
	return (struct etcd_watch *)&e->watch;
}

void
etcd_watch_stop(struct etcd_watch *watch)
{
	ck_assert_ptr_eq(watch, &etcd.watch);
}

static bool
is_id(const char *text)
{
	return strlen(text) == 32 &&
	    strspn(text, "0123456789abcdef") == strlen(text);
}

/* What etcd says of the site; an id that was written is there from now on. */
static void
answer_site(enum asked what, struct etcd_pair *pair, struct etcd_answer *a)
{
	int64_t at;

	if (what == FOUND && etcd.races)
		memcpy(etcd.site, SITE_ELSEWHERE, sizeof(SITE_ELSEWHERE));
	at = etcd.site[0] != '\0' ? SITE_REVISION : 0;
	if (what == FOUND && etcd.answers) {
		a->succeeded = etcd.site_expected == at;
		ck_assert(is_id(written));
		if (a->succeeded)
			memcpy(etcd.site, written, sizeof(written));
		return;
	}
	pair->value = etcd_text(etcd.site);
	pair->mod_revision = at;
	a->found.pairs = pair;
	a->found.n = etcd.asks_trail ? etcd.trail : at != 0;
}

static void
answer(enum asked what)
{
	struct etcd_call call = etcd.calls[what];
	struct etcd_pair pair = {.lease = 0};
	struct etcd_op op = {.kind = ETCD_GET, .found = {.pairs = &pair}};
	struct etcd_answer a = {.outcome = ETCD_OK,
	    .words = "",
	    .header = {1, 1, etcd.revision, 1},
	    .succeeded = true,
	    .ttl_s = 1};

	if (what == GRANT) {
		etcd.knows_lease = true;
		a.lease = ++etcd.lease;
	} else if (what == KEEP) {
		a.lease = etcd.lease;
	}
	if (what == WRITE) {
		a.succeeded = etcd.expected == etcd.holder;
		pair.lease = etcd.holder;
		op.found.n = etcd.holder != 0;
		a.ops = &op;
		a.n_ops = a.succeeded ? 0 : 1;
		if (a.succeeded && etcd.answers && etcd.claims)
			etcd.holder = etcd.lease;
	}
	if (what == SITE || what == FOUND)
		answer_site(what, &pair, &a);
	if (!etcd.answers)
		a.outcome = ETCD_UNREACHABLE;
	else if ((what == KEEP || what == WRITE) && !etcd.knows_lease)
		a.outcome = ETCD_NO_LEASE;
	else if (etcd.refused[what])
		a.outcome = ETCD_REFUSED;
	if (a.outcome != ETCD_OK)
		a.words = "it is so";
	etcd.calls[what].pending = false;
	call.done(call.context, &a);
}

/* --- who listens --- */

static unsigned begun, anew, ended, cut, doubts;
static char why[STATE_LINK];  /* it was cut first */
static char said[STATE_LINK]; /* last */

static void
on_begin(void *context, bool is_anew)
{
	(void)context;
	begun++;
	anew += is_anew;
}

static void
on_keys(void *context, const struct etcd_found *found)
{
	(void)context;
	(void)found;
}

static bool
on_end(void *context, int64_t revision)
{
	(void)context;
	ck_assert_int_eq(revision, etcd.revision);
	ended++;
	return true;
}

static void
on_events(void *context, const struct etcd_event *events, size_t n)
{
	(void)context;
	(void)events;
	(void)n;
}

static void
on_state(void *context, enum link_state state, const char *words)
{
	(void)context;
	(void)snprintf(said, sizeof(said), "%s", words);
	if (state == LINK_CUT && cut++ == 0)
		(void)snprintf(why, sizeof(why), "%s", words);
}

static const struct link_calls calls = {.begin = on_begin,
    .keys = on_keys,
    .end = on_end,
    .events = on_events,
    .state = on_state};

/* --- the loop --- */

static uv_loop_t loop;
static uv_timer_t tick;
static struct link *link_of_test;
static bool doubting;
static int64_t doubted_ms;

static void
on_tick(uv_timer_t *timer)
{
	int64_t now_ms = clock_mono_ms();

	(void)timer;
	if (doubting && now_ms - doubted_ms >= DOUBT_MS) {
		doubted_ms = now_ms;
		doubts++;
		link_read_again(link_of_test);
	}
	for (enum asked i = GRANT; i < KINDS; i++)
		if (etcd.calls[i].pending && (i != KEEP || etcd.keeps) &&
		    now_ms - etcd.calls[i].asked_ms >=
			(i == RANGE ? etcd.range_ms : 0))
			answer(i);
}

static void
setup(void)
{
	static const char *const urls[] = {"http://10.0.0.1:2379"};
	const struct share_config config = {.etcd = urls,
	    .n_etcd = 1,
	    .prefix = "/meridian/",
	    .lease_ms = LEASE_MS};

	begun = anew = ended = cut = doubts = 0;
	why[0] = said[0] = trouble[0] = '\0';
	doubting = false;
	uv_loop_init(&loop);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	link_of_test = link_start(&loop, &config, &calls, NULL);
	ck_assert_ptr_nonnull(link_of_test);
	ck_assert_int_eq(
	    link_hold_site(link_of_test, "/var/lib/state.db", SITE_HERE), 0);
}

static void
teardown(void)
{
	link_stop(link_of_test);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* Run until ${holds}, a condition. */
#define RUN_UNTIL(holds)                                          \
	do {                                                      \
		int64_t until_ms = clock_mono_ms() + PATIENCE_MS; \
                                                                  \
		while (!(holds) && clock_mono_ms() < until_ms)    \
			uv_run(&loop, UV_RUN_ONCE);               \
		ck_assert_msg((holds), "not in time: " #holds);   \
	} while (0)

static bool
is_live(void)
{
	return link_state(link_of_test) == LINK_LIVE;
}

START_TEST(doubts_keep_no_reading_from_its_end)
{
	RUN_UNTIL(is_live());
	etcd.range_ms = ANSWER_MS;
	doubting = true;
	RUN_UNTIL(ended >= 3);
	/* None of them was broken off. */
	ck_assert_uint_eq(begun, ended);
	ck_assert_uint_gt(doubts, ended);
	doubting = false;
	RUN_UNTIL(is_live());
}
END_TEST

START_TEST(doubts_while_cut_off_do_no_harm)
{
	RUN_UNTIL(is_live());
	etcd.answers = false;
	doubting = true;
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	doubts = 0;
	RUN_UNTIL(doubts > 1000 / DOUBT_MS);
	etcd.answers = true;
	etcd.range_ms = ANSWER_MS;
	ended = 0;
	RUN_UNTIL(ended >= 1);
	RUN_UNTIL(is_live());
}
END_TEST

START_TEST(another_history_breaks_a_reading_off)
{
	unsigned cancelled;

	etcd.range_ms = PATIENCE_MS;
	RUN_UNTIL(etcd.asked[RANGE] == 1);
	cancelled = etcd.cancelled;
	etcd.told(etcd.context, ETCD_NEWS_HISTORY, "a backup was restored");
	RUN_UNTIL(etcd.asked[RANGE] == 2);
	ck_assert_uint_eq(etcd.cancelled, cancelled + 1);
	etcd.range_ms = 0;
	RUN_UNTIL(is_live());
	ck_assert_uint_eq(anew, 1);
	/* And what is followed. */
	etcd.told(etcd.context, ETCD_NEWS_HISTORY, "a backup was restored");
	RUN_UNTIL(anew == 2 && etcd.watches == 2);
	RUN_UNTIL(is_live());
}
END_TEST

START_TEST(a_watch_that_ended_is_read_after)
{
	RUN_UNTIL(etcd.watches == 1 && is_live());
	etcd.watch.ended(
	    etcd.watch.context, ETCD_WATCH_COMPACTED, "too far back");
	RUN_UNTIL(etcd.watches == 2 && is_live());
	ck_assert_uint_eq(anew, 1);
}
END_TEST

/* A backup that was restored, and written to since, looks like the same. */
START_TEST(a_watch_whose_stream_broke_is_read_after)
{
	RUN_UNTIL(etcd.watches == 1 && is_live());
	etcd.watch.link(etcd.watch.context, true, "");
	ck_assert_uint_eq(begun, 1);
	etcd.watch.link(etcd.watch.context, false, "the connection was lost");
	etcd.watch.link(etcd.watch.context, true, "");
	RUN_UNTIL(begun == 2 && anew == 2);
	RUN_UNTIL(etcd.watches == 2 && is_live());
}
END_TEST

/* A link lives with one member, whatever another one has: until that is well,
 * it is said, and no longer. */
START_TEST(what_a_member_has_is_said_until_it_is_well)
{
	RUN_UNTIL(is_live());
	(void)snprintf(trouble, sizeof(trouble), "https://b: no connection");
	etcd.told(etcd.context, ETCD_NEWS_FAILED, trouble);
	ck_assert_str_eq(said, trouble);
	/* What was followed has a gap, and is read again. */
	etcd.watch.link(etcd.watch.context, false, "the connection was lost");
	etcd.watch.link(etcd.watch.context, true, "");
	RUN_UNTIL(begun == 2 && is_live());
	ck_assert_str_eq(said, trouble);
	trouble[0] = '\0';
	etcd.told(etcd.context, ETCD_NEWS_ANSWERS, trouble);
	ck_assert_str_eq(said, "");
	ck_assert(is_live());
}
END_TEST

/* --- the site --- */

static const char name[] = "/meridian/node/a";

static void
claim_name(void)
{
	etcd.claims = true;
	ck_assert_int_eq(link_bind(link_of_test, name, "{}"), 0);
	ck_assert_int_eq(link_claim(link_of_test, name), 0);
}

/* As when the state database of ${id} is read at a start. */
static void
begin_as(const char *id)
{
	ck_assert_str_eq(link_site(link_of_test), "");
	ck_assert_int_eq(link_hold_site(link_of_test, "/s.db", id), 0);
}

START_TEST(nothing_is_shared_with_another_site)
{
	begin_as(SITE_ELSEWHERE);
	claim_name();
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	ck_assert_msg(strstr(why, "of another site") != NULL &&
		strstr(why, "/s.db*") != NULL,
	    "%s", why);
	/* Neither is it read nor written, however long; and that stays said. */
	etcd.told(etcd.context, ETCD_NEWS_ANSWERS, "");
	RUN_UNTIL(etcd.asked[SITE] > 2 && etcd.asked[KEEP] > 1);
	ck_assert(link_state(link_of_test) == LINK_CUT);
	ck_assert_str_eq(said, why);
	ck_assert_uint_eq(begun, 0);
	ck_assert_uint_eq(etcd.asked[RANGE], 0);
	ck_assert_uint_eq(etcd.asked[WRITE], 0);
	ck_assert_uint_eq(etcd.asked[FOUND], 0);
	ck_assert(!link_may_write(link_of_test));
	ck_assert_str_eq(link_site(link_of_test), "");
	/* Somebody says that it is the same. */
	memcpy(etcd.site, SITE_ELSEWHERE, sizeof(SITE_ELSEWHERE));
	RUN_UNTIL(is_live() && link_may_write(link_of_test));
	ck_assert_str_eq(link_site(link_of_test), SITE_ELSEWHERE);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(what_is_followed_becomes_another_site)
{
	claim_name();
	RUN_UNTIL(is_live() && link_may_write(link_of_test));
	memcpy(etcd.site, SITE_ELSEWHERE, sizeof(SITE_ELSEWHERE));
	link_read_again(link_of_test);
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	/* What was bound is gone for the others. */
	ck_assert_int_ne(etcd.revoked, 0);
	ck_assert(!link_may_write(link_of_test));
	ck_assert_uint_eq(begun, 1);
}
END_TEST

START_TEST(a_database_without_a_site_takes_that_of_etcd)
{
	begin_as("");
	RUN_UNTIL(is_live());
	ck_assert_str_eq(link_site(link_of_test), SITE_HERE);
	ck_assert_str_eq(link_held_site(link_of_test), SITE_HERE);
	ck_assert(!link_founded(link_of_test));
	ck_assert_uint_eq(etcd.asked[FOUND], 0);
}
END_TEST

START_TEST(an_etcd_that_was_wiped_gets_its_site_back)
{
	RUN_UNTIL(is_live());
	etcd.site[0] = '\0';
	link_read_again(link_of_test);
	RUN_UNTIL(begun == 2 && is_live());
	ck_assert_str_eq(etcd.site, SITE_HERE);
	ck_assert(!link_founded(link_of_test));
	/* Nor does it stay another word. */
	memcpy(etcd.site, "nonsense", sizeof("nonsense"));
	link_read_again(link_of_test);
	RUN_UNTIL(begun == 3 && is_live());
	ck_assert_str_eq(etcd.site, SITE_HERE);
	ck_assert_uint_eq(cut, 0);
}
END_TEST

START_TEST(who_holds_no_site_waits_for_those_that_do)
{
	int64_t from_ms = clock_mono_ms();

	begin_as("");
	etcd.site[0] = '\0';
	RUN_UNTIL(clock_mono_ms() - from_ms > LEASE_MS / 2);
	ck_assert_uint_eq(etcd.asked[FOUND], 0);
	ck_assert_uint_gt(etcd.asked[SITE], 6);
	memcpy(etcd.site, SITE_ELSEWHERE, sizeof(SITE_ELSEWHERE));
	RUN_UNTIL(is_live());
	ck_assert_str_eq(link_site(link_of_test), SITE_ELSEWHERE);
	ck_assert_uint_eq(cut, 0);
}
END_TEST

START_TEST(where_nobody_holds_a_site_one_is_made)
{
	int64_t from_ms = clock_mono_ms();

	begin_as("");
	etcd.site[0] = '\0';
	RUN_UNTIL(is_live());
	ck_assert_int_ge(clock_mono_ms() - from_ms, LEASE_MS);
	ck_assert(is_id(etcd.site));
	ck_assert_str_eq(link_site(link_of_test), etcd.site);
	ck_assert(link_founded(link_of_test));
}
END_TEST

/* As of a release before there were sites. */
START_TEST(a_trail_without_a_site_gets_one_at_once)
{
	int64_t from_ms = clock_mono_ms();

	begin_as("");
	etcd.site[0] = '\0';
	etcd.trail = true;
	RUN_UNTIL(is_live());
	ck_assert_int_lt(clock_mono_ms() - from_ms, LEASE_MS);
	ck_assert(link_founded(link_of_test));
}
END_TEST

START_TEST(of_two_that_make_a_site_the_faster_is_right)
{
	begin_as("");
	etcd.site[0] = '\0';
	etcd.trail = true;
	etcd.races = true;
	RUN_UNTIL(is_live());
	ck_assert_uint_eq(etcd.asked[FOUND], 1);
	ck_assert_str_eq(etcd.site, SITE_ELSEWHERE);
	ck_assert_str_eq(link_site(link_of_test), SITE_ELSEWHERE);
	ck_assert(!link_founded(link_of_test));
}
END_TEST

START_TEST(an_id_that_makes_no_sense_is_not_taken)
{
	begin_as("");
	memcpy(etcd.site, "nonsense", sizeof("nonsense"));
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	ck_assert_msg(strstr(why, "no id of a site") != NULL, "%s", why);
	ck_assert_str_eq(etcd.site, "nonsense");
	ck_assert_uint_eq(begun, 0);
}
END_TEST

START_TEST(who_may_not_ask_for_the_site_is_cut_off)
{
	etcd.refused[SITE] = true;
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	ck_assert_str_eq(why, "etcd refuses what this node reads: it is so");
	ck_assert_uint_eq(begun, 0);
}
END_TEST

/* --- the name --- */

/* Whoever began before has the name until it ends. */
START_TEST(one_of_two_with_a_name_writes)
{
	etcd.holder = 1000;
	claim_name();
	RUN_UNTIL(link_other(link_of_test) == 1000);
	ck_assert(!link_may_write(link_of_test));
	ck_assert_uint_eq(cut, 0);
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	ck_assert_msg(strstr(why, "another process") != NULL, "%s", why);
	ck_assert_int_eq(etcd.holder, 1000);
	etcd.holder = 0;
	RUN_UNTIL(is_live() && link_may_write(link_of_test));
	ck_assert_int_eq(link_other(link_of_test), 0);
}
END_TEST

/* The lease of the process before this one need not end. */
START_TEST(what_began_again_has_its_name_at_once)
{
	etcd.holder = 77;
	link_began(link_of_test, 77);
	claim_name();
	RUN_UNTIL(link_may_write(link_of_test));
	ck_assert_uint_eq(cut, 0);
	/* Somebody else writes it all the same: it is his. */
	etcd.holder = 1000;
	link_doubt_claim(link_of_test);
	ck_assert(!link_may_write(link_of_test));
	RUN_UNTIL(link_other(link_of_test) == 1000);
}
END_TEST

/* An etcd that is put back from a backup has the key with an older lease. */
START_TEST(a_lease_of_long_ago_is_ours)
{
	int64_t first;

	claim_name();
	RUN_UNTIL(link_may_write(link_of_test));
	first = etcd.holder;
	for (int64_t i = 1; i < CLAIM_HAD; i++) {
		etcd.knows_lease = false;
		RUN_UNTIL(link_lease(link_of_test) == first + i);
	}
	etcd.knows_lease = false;
	etcd.holder = first;
	RUN_UNTIL(etcd.holder == first + CLAIM_HAD);
	ck_assert(link_may_write(link_of_test));
	ck_assert_uint_eq(cut, 0);
}
END_TEST

/* A key that is gone is written again. */
START_TEST(a_name_that_went_is_taken_again)
{
	claim_name();
	RUN_UNTIL(link_may_write(link_of_test));
	etcd.holder = 0;
	link_doubt_claim(link_of_test);
	RUN_UNTIL(link_may_write(link_of_test));
	ck_assert_int_eq(etcd.holder, etcd.lease);
}
END_TEST

/* A write finds that the lease has gone, while it is being kept. */
START_TEST(a_lease_that_went_cuts_nobody_off)
{
	RUN_UNTIL(is_live() && link_lease(link_of_test) == 1);
	etcd.keeps = false;
	RUN_UNTIL(etcd.calls[KEEP].pending);
	etcd.knows_lease = false;
	ck_assert_int_eq(link_bind(link_of_test, "/meridian/node/a", "{}"), 0);
	RUN_UNTIL(link_lease(link_of_test) == 2);
	etcd.keeps = true;
	RUN_UNTIL(etcd.asked[WRITE] >= 2 && !etcd.calls[WRITE].pending);
	RUN_UNTIL(etcd.asked[KEEP] >= 2);
	ck_assert_uint_eq(cut, 0);
}
END_TEST

/* Etcd without space, or for a user without a role: it renews leases. */
static void
expect_cut(enum asked what, const char *words)
{
	RUN_UNTIL(is_live() && etcd.lease == 1);
	etcd.refused[what] = true;
	if (what == WRITE)
		ck_assert_int_eq(
		    link_bind(link_of_test, "/meridian/node/a", "{}"), 0);
	else
		link_read_again(link_of_test);
	RUN_UNTIL(link_state(link_of_test) == LINK_CUT);
	ck_assert_str_eq(why, words);
	ck_assert_int_eq(etcd.revoked, 1);
	/* It goes on trying, and is cut off once. */
	RUN_UNTIL(etcd.asked[KEEP] > 8);
	ck_assert(link_state(link_of_test) == LINK_CUT);
	ck_assert_str_eq(why, words);
	etcd.refused[what] = false;
	RUN_UNTIL(is_live());
	ck_assert_int_eq(link_lease(link_of_test), 2);
}

START_TEST(who_may_write_nothing_is_cut_off)
{
	expect_cut(WRITE, "etcd refuses what this node writes: it is so");
}
END_TEST

START_TEST(who_may_read_nothing_is_cut_off)
{
	expect_cut(RANGE, "etcd refuses what this node reads: it is so");
}
END_TEST

/* One that is refused, and others that are not. */
START_TEST(one_refusal_cuts_nobody_off)
{
	const struct etcd_answer refused = {
	    .outcome = ETCD_FAILED, .words = "it is so"};
	int64_t from_ms;

	RUN_UNTIL(is_live());
	link_wrote(link_of_test, &refused);
	from_ms = clock_mono_ms();
	RUN_UNTIL(clock_mono_ms() - from_ms > 2 * LEASE_MS);
	ck_assert(is_live());
	ck_assert_uint_eq(cut, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("link");
	Suite *suite = suite_create("link");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 6.0 * PATIENCE_MS / 1000);
	tcase_add_test(tc, what_a_member_has_is_said_until_it_is_well);
	tcase_add_test(tc, one_of_two_with_a_name_writes);
	tcase_add_test(tc, what_began_again_has_its_name_at_once);
	tcase_add_test(tc, a_lease_of_long_ago_is_ours);
	tcase_add_test(tc, a_name_that_went_is_taken_again);
	tcase_add_test(tc, doubts_keep_no_reading_from_its_end);
	tcase_add_test(tc, doubts_while_cut_off_do_no_harm);
	tcase_add_test(tc, another_history_breaks_a_reading_off);
	tcase_add_test(tc, a_watch_that_ended_is_read_after);
	tcase_add_test(tc, a_watch_whose_stream_broke_is_read_after);
	tcase_add_test(tc, a_lease_that_went_cuts_nobody_off);
	tcase_add_test(tc, who_may_write_nothing_is_cut_off);
	tcase_add_test(tc, who_may_read_nothing_is_cut_off);
	tcase_add_test(tc, one_refusal_cuts_nobody_off);
	tcase_add_test(tc, nothing_is_shared_with_another_site);
	tcase_add_test(tc, what_is_followed_becomes_another_site);
	tcase_add_test(tc, a_database_without_a_site_takes_that_of_etcd);
	tcase_add_test(tc, an_etcd_that_was_wiped_gets_its_site_back);
	tcase_add_test(tc, who_holds_no_site_waits_for_those_that_do);
	tcase_add_test(tc, where_nobody_holds_a_site_one_is_made);
	tcase_add_test(tc, a_trail_without_a_site_gets_one_at_once);
	tcase_add_test(tc, of_two_that_make_a_site_the_faster_is_right);
	tcase_add_test(tc, an_id_that_makes_no_sense_is_not_taken);
	tcase_add_test(tc, who_may_not_ask_for_the_site_is_cut_off);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
