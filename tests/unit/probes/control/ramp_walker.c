/*
 * A ramp as the daemon walks it: what rows of vantages come to, what is stored,
 * that it goes on from there, and what operators say.
 */
#include "probes/control/ramp_walker.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/judged_fixture.h"

static const struct ramp_endpoint endpoints[] = {
    {.name = "a", .weight = 3, .checked = true, .stale_ms = 5000},
    {.name = "b", .weight = 1, .checked = true, .stale_ms = 5000}};

static const struct ramp_plan plan = {.zone = "z.test",
    .service = "chat",
    .name = "chat.z.test",
    .config = {.pool = "v2",
	.from = "v1",
	.both_ppm = 1000000,
	.to_ppm = 200000,
	.step_ppm = 100000,
	.every_ms = 10000,
	.hold_ms = 5000,
	.down_ppm = 300000,
	.degraded_ppm = RAMP_OFF,
	.errors_ppm = RAMP_OFF,
	.first_token_ppm = RAMP_OFF,
	.samples = 100,
	.made_for = "0123456789abcdef"},
    .side = {{"v2", endpoints, 2}, {"v1", endpoints, 2}}};

static struct judged_fixture judged;

/* The walker, with all that it is given, at a moment. */
struct world {
	struct ramp_walker *w;
	struct seers seers;
	struct overrides overrides;
	struct ramp_now now;
	uint32_t seer;
	char words[STATE_REASON];
	struct state_ramp row; /* the last that was written */
	int rows;
};

static void
beat(struct world *x, const char *vantage)
{
	struct state_vantage row = {
	    .heartbeat_ms = x->now.wall_ms, .lease_until_ms = 1};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	seers_begin(&x->seers, false);
	seers_take(&x->seers, &row, x->now.mono_ms, x->now.wall_ms);
	seers_commit(&x->seers, x->now.mono_ms);
}

/* ${row} comes. */
static void
take(struct world *x, struct ramp_view *view, const char *vantage,
    struct state_endpoint row)
{
	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	seers_begin(&x->seers, false);
	seers_endpoint(&x->seers, &row);
	seers_commit(&x->seers, x->now.mono_ms);
	ramp_view_endpoint(view, seers_find(&x->seers, vantage), &row);
}

static void
see(struct world *x, const char *pool, const char *endpoint,
    enum state_health health)
{
	struct state_endpoint row = {.zone = "z.test", .health = health};

	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	take(x, x->w->view, "v", row);
}

static void
see_all(struct world *x)
{
	see(x, "v1", "a", HEALTH_UP);
	see(x, "v1", "b", HEALTH_UP);
	see(x, "v2", "a", HEALTH_UP);
	see(x, "v2", "b", HEALTH_UP);
}

/* A new process, which knows what is stored. */
static void
begin(struct world *x, const struct state_ramp *stored)
{
	x->w = ramp_walker_create(&plan);
	ck_assert_ptr_nonnull(x->w);
	ck_assert_int_eq(
	    seers_init(&x->seers, &judged.judged, x->now.mono_ms), 0);
	overrides_init(&x->overrides);
	x->rows = 0;
	x->words[0] = '\0';
	beat(x, "v");
	x->now.wall_ms++;
	beat(x, "v");
	x->seer = seers_find(&x->seers, "v");
	see_all(x);
	if (stored == NULL)
		return;
	x->w->stored = *stored;
	x->w->known = true;
}

static void
end(struct world *x)
{
	ramp_walker_destroy(x->w);
	overrides_finish(&x->overrides);
	seers_finish(&x->seers);
}

/* ${s} seconds, a step each; stops where something is said of it. */
static void
go(struct world *x, int s)
{
	x->words[0] = '\0';
	while (s-- > 0 && x->words[0] == '\0') {
		x->now.mono_ms += 1000;
		x->now.wall_ms += 1000;
		beat(x, "v");
		seers_sit(&x->seers, x->now.mono_ms);
		if (!ramp_walker_step(
			x->w, &x->seers, &x->overrides, x->now, x->words))
			continue;
		ramp_walker_row(x->w, x->now, &x->row);
		x->rows++;
	}
}

static struct world
fresh(void)
{
	struct world x = {.now = {5000, 1700000000000}};

	judged_init(&judged);
	for (int side = 0; side < RAMP_SIDES; side++)
		for (size_t e = 0; e < plan.side[side].n; e++)
			(void)judged_add(&judged, plan.zone,
			    plan.side[side].pool, endpoints[e].name, "here");
	begin(&x, NULL);
	return x;
}

START_TEST(it_begins_walks_and_is_done)
{
	struct world x = fresh();

	go(&x, 1);
	ck_assert_str_eq(x.words, "ramp begins at 0%, to 20%");
	ck_assert_str_eq(x.row.zone, "z.test");
	ck_assert_str_eq(x.row.service, "chat");
	ck_assert_str_eq(x.row.pool, "v2");
	ck_assert_str_eq(x.row.made_for, "0123456789abcdef");
	ck_assert_str_eq(x.row.state, "walking");
	ck_assert_double_eq(x.row.share, 0);
	ck_assert_double_eq(x.row.next, 0.1);
	ck_assert_int_eq(x.row.next_ms, x.now.wall_ms + 10000);
	ck_assert_int_eq(x.row.since_ms, x.now.wall_ms);
	ck_assert_int_eq(x.row.at_ms, x.now.wall_ms);
	go(&x, 9);
	ck_assert_str_eq(x.words, "");
	go(&x, 1);
	ck_assert_str_eq(x.words, "ramp from 0% to 10%");
	ck_assert_double_eq(x.row.share, 0.1);
	ck_assert_double_eq(x.row.next, 0.2);
	ck_assert_int_eq(x.row.since_ms, x.now.wall_ms);
	go(&x, 10);
	ck_assert_str_eq(x.words, "ramp from 10% to 20%, its end");
	ck_assert_str_eq(x.row.state, "holding");
	ck_assert(isnan(x.row.next));
	ck_assert_int_eq(x.row.next_ms, x.now.wall_ms + 5000);
	go(&x, 5);
	ck_assert_str_eq(x.words, "ramp done, at 20%");
	ck_assert_str_eq(x.row.state, "done");
	ck_assert_int_eq(x.row.next_ms, -1);
	/* And nothing is written any more. */
	x.rows = 0;
	go(&x, 100);
	ck_assert_int_eq(x.rows, 0);
	end(&x);
}
END_TEST

/* A row each second, a tenth of the ten between two steps: an end that nobody
 * saw coming loses no more. */
START_TEST(it_goes_on_from_what_is_stored)
{
	struct world x = fresh();
	struct state_ramp stored;
	int64_t since_ms;

	go(&x, 1);
	go(&x, 14);
	go(&x, 5);
	stored = x.row;
	since_ms = stored.since_ms;
	ck_assert_double_eq(stored.share, 0.1);
	ck_assert_int_eq(stored.next_ms - stored.at_ms, 5000);
	end(&x);
	/* An hour in which nobody saw anything, and a clock that was set. */
	x.now.mono_ms = 77;
	x.now.wall_ms += 3600 * 1000 + 12345;
	begin(&x, &stored);
	go(&x, 1);
	ck_assert_str_eq(x.words, "");
	ck_assert_double_eq(x.row.share, 0.1);
	ck_assert_int_eq(x.row.since_ms, since_ms);
	go(&x, 4);
	ck_assert_str_eq(x.words, "");
	go(&x, 1);
	ck_assert_str_eq(x.words, "ramp from 10% to 20%, its end");
	end(&x);
}
END_TEST

START_TEST(another_ramp_begins_anew)
{
	static const char *const made_for[] = {"fedcba9876543210", ""};
	struct world x = fresh();
	struct state_ramp stored;

	go(&x, 1);
	go(&x, 20);
	stored = x.row;
	end(&x);
	for (int i = 0; i < 3; i++) {
		struct state_ramp other = stored;

		if (i < 2)
			snprintf(other.made_for, sizeof(other.made_for), "%s",
			    made_for[i]);
		else
			snprintf(other.state, sizeof(other.state), "resting");
		begin(&x, &other);
		go(&x, 1);
		ck_assert_str_eq(x.words,
		    "ramp begins anew, as it is another one, at 0%, to 20%");
		ck_assert_double_eq(x.row.share, 0);
		end(&x);
	}
}
END_TEST

START_TEST(it_goes_back_and_begins_again_when_somebody_says_so)
{
	struct world x = fresh();
	struct state_ramp stored;
	struct state_override again = {.number = 1,
	    .action = "canary",
	    .kind = "service",
	    .target = "chat.z.test",
	    .value = OVERRIDE_AGAIN,
	    .length_ms = -1};

	go(&x, 1);
	go(&x, 10);
	see(&x, "v2", "a", HEALTH_DOWN);
	go(&x, 1);
	ck_assert_str_eq(
	    x.words, "ramp back from 10% to 0%: 75% down against 0%");
	ck_assert_str_eq(x.row.state, "back");
	ck_assert_str_eq(x.row.reason, "75% down against 0%");
	ck_assert_double_eq(x.row.share, 0);
	see_all(&x);
	x.rows = 0;
	go(&x, 100);
	ck_assert_int_eq(x.rows, 0);
	/* After a restart, too; what was said before it went back is over. */
	stored = x.row;
	end(&x);
	begin(&x, &stored);
	again.at_ms = stored.since_ms - 1;
	overrides_take(&x.overrides, &again, x.now.mono_ms, x.now.wall_ms);
	go(&x, 20);
	ck_assert_str_eq(x.words, "");
	ck_assert_str_eq(x.row.state, "back");
	ck_assert_str_eq(x.row.reason, "75% down against 0%");
	again.number = 2;
	again.at_ms = stored.since_ms + 1;
	overrides_take(&x.overrides, &again, x.now.mono_ms, x.now.wall_ms);
	go(&x, 1);
	ck_assert_str_eq(x.words, "ramp begins again at 0%");
	ck_assert_str_eq(x.row.state, "walking");
	go(&x, 10);
	ck_assert_str_eq(x.words, "ramp from 0% to 10%");
	end(&x);
}
END_TEST

START_TEST(it_waits_while_somebody_says_so)
{
	struct world x = fresh();
	struct state_override said = {.number = 1,
	    .action = "freeze",
	    .kind = "service",
	    .target = "*.z.test",
	    .value = "on",
	    .author = "ada",
	    .length_ms = 30000};

	go(&x, 1);
	go(&x, 5);
	said.at_ms = x.now.wall_ms;
	overrides_take(&x.overrides, &said, x.now.mono_ms, x.now.wall_ms);
	go(&x, 20);
	ck_assert_str_eq(x.row.reason, "waits: frozen by hand, ada");
	ck_assert(isnan(x.row.next));
	ck_assert_int_eq(x.row.next_ms - x.row.at_ms, 5000);
	/* Its length is over. */
	go(&x, 10);
	ck_assert_str_eq(x.row.reason, "");
	go(&x, 10);
	ck_assert_str_eq(x.words, "ramp from 0% to 10%");
	snprintf(said.action, sizeof(said.action), "canary");
	snprintf(said.value, sizeof(said.value), "v2 50%%");
	said.number = 2;
	said.at_ms = x.now.wall_ms;
	overrides_take(&x.overrides, &said, x.now.mono_ms, x.now.wall_ms);
	go(&x, 20);
	ck_assert_str_eq(x.row.reason, "waits: v2 50% by hand, ada");
	ck_assert_double_eq(x.row.share, 0.1);
	end(&x);
}
END_TEST

/* --- what is seen --- */

static void
tell(struct world *x, uint32_t seer, int64_t measured_ms, double requests,
    double errors, int64_t first_token_us)
{
	struct state_load row = {.zone = "z.test",
	    .pool = "v2",
	    .endpoint = "a",
	    .measured_ms = measured_ms,
	    .requests = requests,
	    .errors = errors,
	    .first_token_us = first_token_us};

	ramp_view_load(x->w->view, &x->seers, seer, &row, x->now.mono_ms);
}

static struct ramp_look
look(struct world *x)
{
	struct ramp_look looks[RAMP_SIDES];

	seers_sit(&x->seers, x->now.mono_ms);
	ramp_view_look(x->w->view, &x->seers, x->now.mono_ms, looks);
	return looks[RAMP_CANARY];
}

START_TEST(rates_become_counts)
{
	struct world x = fresh();
	struct ramp_look is;

	/* The first reading is of a time that nobody knows. */
	tell(&x, x.seer, 1000, 10, 1, 200000);
	is = look(&x);
	ck_assert_double_eq(is.requests, 0);
	ck_assert_double_eq(is.counted, 0);
	tell(&x, x.seer, 3000, 10, 1, 200000);
	tell(&x, x.seer, 4000, 20, 0, 400000);
	/* The same again. */
	tell(&x, x.seer, 4000, 20, 0, 400000);
	is = look(&x);
	ck_assert_double_eq(is.requests, 40);
	ck_assert_double_eq(is.errors, 2);
	ck_assert_double_eq(is.timed_requests, 40);
	ck_assert_double_eq_tol(
	    is.log_us, (log(200000) + log(400000)) / 2, 1e-9);
	ck_assert_double_eq(is.counted, 3);
	ck_assert_double_eq(is.timed, 3);
	/* Each is counted once. */
	is = look(&x);
	ck_assert_double_eq(is.requests, 0);
	ck_assert_double_eq(is.timed_requests, 0);
	ck_assert_double_eq(is.counted, 3);
	/* After a gap no more than counts; what is unknown is no number. */
	tell(&x, x.seer, 100000, 1, 0, -1);
	tell(&x, x.seer, 101000, (double)NAN, 0, -1);
	is = look(&x);
	ck_assert_double_eq(is.requests, 5);
	x.now.mono_ms += 5001;
	is = look(&x);
	ck_assert_double_eq(is.counted, 0);
	ck_assert_double_eq(is.timed, 0);
	end(&x);
}
END_TEST

START_TEST(one_vantage_counts)
{
	struct world x = fresh();
	uint32_t other = seers_find(&x.seers, "w");

	tell(&x, x.seer, 1000, 10, 0, -1);
	tell(&x, other, 1000, 10, 0, -1);
	tell(&x, x.seer, 2000, 10, 0, -1);
	tell(&x, other, 2000, 10, 0, -1);
	ck_assert_double_eq(look(&x).requests, 10);
	/* Until it is silent. */
	x.now.mono_ms += 5000;
	tell(&x, other, 7000, 10, 0, -1);
	tell(&x, other, 8000, 10, 0, -1);
	ck_assert_double_eq(look(&x).requests, 10);
	end(&x);
}
END_TEST

static void
beat_elsewhere(struct world *x, const char *vantage)
{
	struct state_vantage row = {
	    .heartbeat_ms = x->now.wall_ms, .lease_until_ms = 1, .node = "b"};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	seers_begin(&x->seers, false);
	seers_take(&x->seers, &row, x->now.mono_ms, x->now.wall_ms);
	seers_commit(&x->seers, x->now.mono_ms);
}

/* What a vantage of another node counts comes when it changes, and goes on
 * until then; what one of this node counts goes before it. */
START_TEST(what_another_node_counts_goes_on)
{
	struct world x = fresh();
	struct ramp_look is;
	uint32_t other;

	beat_elsewhere(&x, "w");
	other = seers_find(&x.seers, "w");
	tell(&x, other, 1000, 10, 1, -1);
	for (int i = 0; i < 600; i++) {
		x.now.mono_ms += 1000;
		x.now.wall_ms += 1000;
		beat(&x, "v");
		beat_elsewhere(&x, "w");
		is = look(&x);
		ck_assert_double_eq(is.requests, 10);
		ck_assert_double_eq(is.errors, 1);
		ck_assert_double_eq(is.counted, 3);
	}
	tell(&x, other, 5000, 20, 1, -1);
	x.now.mono_ms += 1000;
	ck_assert_double_eq(look(&x).requests, 20);
	/* It is silent. */
	x.now.mono_ms += SEERS_FRESH_MS;
	ck_assert_double_eq(look(&x).requests, 0);
	ck_assert_double_eq(look(&x).counted, 0);
	x.now.wall_ms += 1000;
	beat_elsewhere(&x, "w");
	x.now.mono_ms += 1000;
	ck_assert_double_eq(look(&x).requests, 20);
	tell(&x, x.seer, 1000, 5, 0, -1);
	tell(&x, x.seer, 2000, 5, 0, -1);
	tell(&x, other, 7000, 30, 1, -1);
	ck_assert_double_eq(look(&x).requests, 5);
	x.now.mono_ms += 1000;
	ck_assert_double_eq(look(&x).requests, 0);
	end(&x);
}
END_TEST

START_TEST(most_vantages_say_what_is_up)
{
	struct world x = fresh();
	struct state_endpoint row = {.zone = "z.test",
	    .pool = "v2",
	    .endpoint = "a",
	    .health = HEALTH_DOWN};

	beat(&x, "w");
	ck_assert_double_eq(look(&x).weight, 4);
	ck_assert_double_eq(look(&x).judged, 4);
	ck_assert_double_eq(look(&x).down, 0);
	/* One of two is no majority. */
	take(&x, x.w->view, "w", row);
	ck_assert_double_eq(look(&x).down, 0);
	see(&x, "v2", "a", HEALTH_UNKNOWN);
	ck_assert_double_eq(look(&x).down, 3);
	snprintf(row.degraded, sizeof(row.degraded), "slow");
	row.health = HEALTH_UP;
	take(&x, x.w->view, "w", row);
	ck_assert_double_eq(look(&x).degraded, 3);
	ck_assert_double_eq(look(&x).down, 0);
	/* What the silent said is not known. */
	x.now.mono_ms += JUDGED_STALE_MS + 1;
	ck_assert_double_eq(look(&x).judged, 0);
	end(&x);
}
END_TEST

/* Nor what a full change lacks. */
START_TEST(what_a_full_change_lacks_is_not_known)
{
	struct world x = fresh();
	const struct state_vantage v = {
	    .name = "v", .heartbeat_ms = x.now.wall_ms, .lease_until_ms = 1};
	const struct state_endpoint row = {.vantage = "v",
	    .zone = "z.test",
	    .pool = "v2",
	    .endpoint = "b",
	    .health = HEALTH_UP};

	seers_begin(&x.seers, true);
	ramp_view_begin(x.w->view);
	seers_take(&x.seers, &v, x.now.mono_ms, x.now.wall_ms);
	seers_endpoint(&x.seers, &row);
	ramp_view_endpoint(x.w->view, x.seer, &row);
	seers_commit(&x.seers, x.now.mono_ms);
	ramp_view_commit(x.w->view);
	ck_assert_double_eq(look(&x).judged, 1);
	end(&x);
}
END_TEST

START_TEST(a_check_may_ask_for_more_vantages)
{
	struct world x = fresh();
	struct state_endpoint row = {.zone = "z.test",
	    .pool = "v2",
	    .endpoint = "a",
	    .health = HEALTH_DOWN};

	for (size_t i = 0; i < judged.policy.n_checks; i++)
		judged.checks[i].quorum = QUORUM_ALL;
	beat(&x, "w");
	ck_assert_double_eq(look(&x).down, 0);
	take(&x, x.w->view, "w", row);
	ck_assert_double_eq(look(&x).down, 3);
	end(&x);
}
END_TEST

/* Each endpoint as vantage "w" of a region of its own finds it, of those of
 * both pools; checks ask all vantages to find it up. */
static void
see_from_far(struct world *x, const char *pool, size_t n)
{
	struct state_vantage w = {.name = "w",
	    .region = "far",
	    .heartbeat_ms = x->now.wall_ms,
	    .lease_until_ms = 1};
	struct state_endpoint row = {.zone = "z.test", .health = HEALTH_DOWN};

	seers_begin(&x->seers, false);
	seers_take(&x->seers, &w, x->now.mono_ms, x->now.wall_ms);
	seers_commit(&x->seers, x->now.mono_ms);
	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	for (size_t i = 0; i < n; i++) {
		snprintf(row.endpoint, sizeof(row.endpoint), "%s",
		    endpoints[i].name);
		take(x, x->w->view, "w", row);
	}
}

/* The same vantage, with as little of the canary: blind it moves nothing; that
 * one endpoint is down for it makes it no blind one. */
START_TEST(a_blind_vantage_takes_no_ramp_back)
{
	struct world x = fresh();

	for (size_t i = 0; i < judged.policy.n_checks; i++)
		judged.checks[i].quorum = QUORUM_ALL;
	go(&x, 1);
	go(&x, 10);
	ck_assert_str_eq(x.words, "ramp from 0% to 10%");
	see_from_far(&x, "v2", 2);
	ck_assert_double_eq(look(&x).down, 0);
	go(&x, 10);
	ck_assert_str_eq(x.words, "ramp from 10% to 20%, its end");
	end(&x);

	x = fresh();
	for (size_t i = 0; i < judged.policy.n_checks; i++)
		judged.checks[i].quorum = QUORUM_ALL;
	go(&x, 1);
	go(&x, 10);
	see_from_far(&x, "v2", 1);
	go(&x, 1);
	ck_assert_str_eq(
	    x.words, "ramp back from 10% to 0%: 75% down against 0%");
	end(&x);
}
END_TEST

/* Nor does it count: who sees takes over at once. */
START_TEST(a_blind_vantage_counts_nothing)
{
	struct world x = fresh();
	uint32_t other = seers_find(&x.seers, "w");
	struct ramp_look is;

	tell(&x, other, 1000, 10, 0, -1);
	tell(&x, other, 2000, 10, 9, -1);
	ck_assert_double_eq(look(&x).errors, 9);
	see_from_far(&x, "v2", 2);
	see_from_far(&x, "v1", 2);
	tell(&x, other, 3000, 10, 9, -1);
	tell(&x, x.seer, 1000, 10, 0, -1);
	tell(&x, x.seer, 2000, 10, 0, -1);
	is = look(&x);
	ck_assert_double_eq(is.requests, 10);
	ck_assert_double_eq(is.errors, 0);
	end(&x);
}
END_TEST

START_TEST(the_first_that_lives_leads)
{
	struct world x = fresh();

	ck_assert(seers_lead(&x.seers, "v", x.now.mono_ms));
	ck_assert(!seers_lead(&x.seers, "u", x.now.mono_ms));
	beat(&x, "u");
	ck_assert(seers_lead(&x.seers, "v", x.now.mono_ms));
	x.now.wall_ms++;
	beat(&x, "u");
	ck_assert(!seers_lead(&x.seers, "v", x.now.mono_ms));
	ck_assert(seers_lead(&x.seers, "u", x.now.mono_ms));
	x.now.mono_ms += SEERS_FRESH_MS;
	ck_assert(!seers_lead(&x.seers, "u", x.now.mono_ms));
	end(&x);
}
END_TEST

/* Rows of another node, one after the other, and what is told of each. */
static const struct {
	const char *state;
	double share;
	int64_t since_ms;
	const char *made_for, *reason, *words;
} heard[] = {
    {"walking", 0, 1000, "0123456789abcdef", "", "ramp begins at 0%, to 20%"},
    /* Each heartbeat writes the row again. */
    {"walking", 0, 1000, "0123456789abcdef", "waits", ""},
    {"walking", 0.1, 2000, "0123456789abcdef", "", "ramp from 0% to 10%"},
    /* An older row comes late, and it is again as it was. */
    {"walking", 0, 1000, "0123456789abcdef", "", ""},
    {"walking", 0.1, 2000, "0123456789abcdef", "", ""},
    {"holding", 0.2, 3000, "0123456789abcdef", "",
	"ramp from 10% to 20%, its end"},
    {"back", 0, 4000, "0123456789abcdef", "it is down",
	"ramp back from 20% to 0%: it is down"},
    {"walking", 0.1, 2000, "0123456789abcdef", "", ""},
    {"back", 0, 4000, "0123456789abcdef", "it is down", ""},
    {"walking", 0, 5000, "0123456789abcdef", "", "ramp begins again at 0%"},
    {"done", 0.2, 6000, "0123456789abcdef", "", "ramp done, at 20%"},
    /* Of other files than ours. */
    {"walking", 0.3, 7000, "ffffffffffffffff", "", ""},
    {"walking", 0, 8000, "0123456789abcdef", "", "ramp begins again at 0%"},
    {"nonsense", 0.2, 9000, "0123456789abcdef", "", ""},
};

START_TEST(what_another_node_does_is_told)
{
	struct ramp_walker *w = ramp_walker_create(&plan);
	char words[STATE_REASON];

	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		struct state_ramp row = {
		    .share = heard[i].share, .since_ms = heard[i].since_ms};
		bool back;

		snprintf(row.state, sizeof(row.state), "%s", heard[i].state);
		snprintf(row.reason, sizeof(row.reason), "%s", heard[i].reason);
		snprintf(row.made_for, sizeof(row.made_for), "%s",
		    heard[i].made_for);
		back = ramp_walker_hear(w, &row, words);
		ck_assert_msg(
		    strcmp(words, heard[i].words) == 0, "%zu: %s", i, words);
		ck_assert_int_eq(back, strcmp(heard[i].state, "back") == 0);
	}
	ramp_walker_destroy(w);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ramp_walker");
	TCase *tcase = tcase_create("walker");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, it_begins_walks_and_is_done);
	tcase_add_test(tcase, it_goes_on_from_what_is_stored);
	tcase_add_test(tcase, another_ramp_begins_anew);
	tcase_add_test(
	    tcase, it_goes_back_and_begins_again_when_somebody_says_so);
	tcase_add_test(tcase, it_waits_while_somebody_says_so);
	tcase_add_test(tcase, rates_become_counts);
	tcase_add_test(tcase, one_vantage_counts);
	tcase_add_test(tcase, what_another_node_counts_goes_on);
	tcase_add_test(tcase, most_vantages_say_what_is_up);
	tcase_add_test(tcase, what_a_full_change_lacks_is_not_known);
	tcase_add_test(tcase, a_check_may_ask_for_more_vantages);
	tcase_add_test(tcase, a_blind_vantage_takes_no_ramp_back);
	tcase_add_test(tcase, a_blind_vantage_counts_nothing);
	tcase_add_test(tcase, what_another_node_does_is_told);
	tcase_add_test(tcase, the_first_that_lives_leads);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
