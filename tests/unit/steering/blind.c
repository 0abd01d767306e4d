/*
 * Blind vantages: which are set aside, when they are, where their votes still
 * count, and that nothing flaps while they come and go.
 */
#include "steering/blind.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/health_fixture.h"

/* Two endpoints in each of three regions, and a vantage in each. */
static struct plan plan;
static const char *const regions[] = {"us", "eu", "ap"};
static const char *const vantages[] = {"x", "y", "z"};

static struct model
three_regions(enum quorum_kind quorum)
{
	plan_init(&plan);
	plan_pool(&plan, "v1", "abcdef")->quorum = quorum;
	for (uint32_t i = 0; i < 6; i++) {
		plan.regions[i].name = regions[i / 2];
		plan.endpoints[i].region = i;
	}
	return model_create(&plan.policy);
}

/* A vantage in ${region} finds the endpoints as ${signs} has them: + - ?, f for
 * one that is up and whose last check failed, p for one that is down and whose
 * last check passed; a space: nothing new of that one. */
static void
tell(struct model *m, bool full, const char *vantage, const char *region,
    const char *signs)
{
	struct state_vantage row = {.version = "v",
	    .heartbeat_ms = m->wall,
	    .lease_until_ms = m->wall + 5000,
	    .sequence = (uint64_t)m->wall};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	snprintf(row.region, sizeof(row.region), "%s", region);
	health_begin(m->health, full);
	health_vantage(m->health, &row, m->mono, m->wall);
	for (size_t i = 0; signs[i] != '\0'; i++) {
		const char name[2] = {(char)('a' + i), '\0'};
		struct state_endpoint e;

		if (signs[i] == ' ')
			continue;
		e = row_of(m, vantage, "v1", name,
		    strchr("+f", signs[i]) != NULL       ? HEALTH_UP
			: strchr("-p", signs[i]) != NULL ? HEALTH_DOWN
							 : HEALTH_UNKNOWN);

		e.fails = signs[i] == '-' || signs[i] == 'f';
		e.passes = signs[i] == '+' || signs[i] == 'p';
		health_endpoint(m->health, &e);
	}
	health_commit(m->health, m->mono);
}

/* All three tell; NULL: that one does not. */
static void
all_tell(struct model *m, const char *x, const char *y, const char *z)
{
	const char *const signs[] = {x, y, z};

	for (size_t i = 0; i < 3; i++)
		if (signs[i] != NULL)
			tell(m, false, vantages[i], regions[i], signs[i]);
}

/* So for ${ms}, each second. */
static void
for_a_while(
    struct model *m, int64_t ms, const char *x, const char *y, const char *z)
{
	for (; ms > 0; ms -= 1000) {
		all_tell(m, x, y, z);
		pass(m, ms < 1000 ? ms : 1000);
	}
	all_tell(m, x, y, z);
}

/* The vantages that are blind. */
static const char *
blind(const struct model *m)
{
	static char text[4];
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (vantage_of(m, vantages[i]).blind)
			text[n++] = vantages[i][0];
	text[n] = '\0';
	return text;
}

START_TEST(a_vantage_that_misses_what_others_find_is_blind)
{
	static const struct {
		const char *what;
		const char *x, *y, *z; /* what they find, of us, eu and ap */
		const char *blind, *usable;
	} rows[] = {
	    {"all see", "++++++", "++++++", "++++++", "", "++++++"},
	    {"one sees nothing outside its region", "++----", "++++++",
		"++++++", "x", "++++++"},
	    {"nor inside: there it is believed", "------", "++++++", "++++++",
		"x", "--++++"},
	    {"half is not more than half", "++--++", "++++++", "++++++", "",
		"++--++"},
	    {"more than half is", "++--+-", "++++++", "++++++", "x", "++++++"},
	    {"a last check that failed is missed too", "++ffff", "++++++",
		"++++++", "x", "++++++"},
	    {"and one that passed is not enough to be found", "++pppp",
		"++++++", "++++++", "x", "++++++"},
	    {"its own region alone says nothing of it", "--++++", "++++++",
		"++++++", "", "--++++"},
	    {"what others miss too is no sign", "++--++", "++--++", "++++++",
		"", "++--++"},
	    {"a region that is cut off is down for the others", "++++--",
		"++++--", "----++", "z", "++++--"},
	    {"what it does not know it does not miss", "++????", "++++++",
		"++++++", "", "++++++"},
	    {"one endpoint is no sign", "++-???", "++++++", "++++++", "",
		"++-+++"},
	    {"two are, where they are all", "++--??", "++++++", "++++++", "x",
		"++++++"},
	    {"one that others look at and fail is not found", "++----",
		"++++++", "++ffff", "", "++----"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = three_regions(QUORUM_ALL);

		for_a_while(&m, 2 * ROUND, rows[i].x, rows[i].y, rows[i].z);
		ck_assert_msg(strcmp(blind(&m), rows[i].blind) == 0, "%s: %s",
		    rows[i].what, blind(&m));
		ck_assert_msg(strcmp(said(&m), rows[i].usable) == 0, "%s: %s",
		    rows[i].what, said(&m));
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(the_share_is_that_of_the_file)
{
	static const struct {
		uint32_t ppm;
		const char *x;
		bool blind;
	} rows[] = {{500000, "++--++", false}, {490000, "++--++", true},
	    {750000, "++---+", false}, {740000, "++---+", true},
	    {1000000, "++---+", false}, {1000000, "++----", true},
	    {0, "++-+++", false}, {0, "++--++", true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = three_regions(QUORUM_ALL);

		health_allow_missed(m.health, rows[i].ppm);
		for_a_while(&m, 2 * ROUND, rows[i].x, "++++++", "++++++");
		ck_assert_msg(vantage_of(&m, "x").blind == rows[i].blind,
		    "%u: %s", rows[i].ppm, rows[i].x);
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(it_says_what_it_misses)
{
	struct model m = three_regions(QUORUM_ALL);
	struct health_vantage x;

	for_a_while(&m, 2 * ROUND, "++--+-", "++++++", "++++++");
	x = vantage_of(&m, "x");
	ck_assert(x.blind);
	ck_assert_str_eq(x.region, "us");
	ck_assert_uint_eq(x.compared, 4);
	ck_assert_uint_eq(x.missed, 3);
	ck_assert(!vantage_of(&m, "y").blind);
	ck_assert_uint_eq(vantage_of(&m, "y").compared, 3);
	ck_assert_uint_eq(vantage_of(&m, "y").missed, 0);
	health_destroy(m.health);
}
END_TEST

/* Where it says of no region that it is its own, nothing it says counts. */
START_TEST(without_a_region_it_counts_nowhere)
{
	static const char *const where[] = {"", "mars", "us"};

	for (size_t i = 0; i < 3; i++) {
		struct model m = three_regions(QUORUM_ALL);

		for (int64_t ms = 0; ms <= 2 * ROUND; ms += 1000) {
			tell(&m, false, "x", where[i], "------");
			all_tell(&m, NULL, "++++++", "++++++");
			pass(&m, 1000);
		}
		ck_assert_str_eq(blind(&m), "x");
		ck_assert_str_eq(said(&m), i == 2 ? "--++++" : "++++++");
		ck_assert_uint_eq(vantage_of(&m, "x").compared, i == 2 ? 4 : 6);
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(it_is_set_aside_at_once_and_blind_after_a_round)
{
	struct model m = three_regions(QUORUM_ALL);

	all_tell(&m, "++++++", "++++++", "++++++");
	pass(&m, 10000);
	/* The first that it misses is one endpoint: it is believed. */
	all_tell(&m, "++f+++", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "++++++");
	all_tell(&m, "++fff+", "++++++", "++++++");
	for_a_while(&m, ROUND - 1, "++----", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "++++++");
	ck_assert_str_eq(blind(&m), "");
	for_a_while(&m, 1, "++----", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	ck_assert_str_eq(said(&m), "++++++");
	/* It sees again: for a round it is not believed yet. */
	for_a_while(&m, ROUND - 1, "++++++", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, 1, "++++++", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "");
	/* And then it is. */
	all_tell(&m, "++-+++", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "++-+++");
	health_destroy(m.health);
}
END_TEST

/* Without news all are compared once a second; what turns in between does not
 * wait for that. */
START_TEST(a_vote_that_turns_counts_at_once)
{
	static const struct {
		const char *what, *before, *usable_before;
		const char *news, *usable;
	} rows[] = {
	    {"it begins to miss: all that it misses is set aside", "+++++-",
		"+++++-", "  fff ", "++++++"},
	    {"it finds again what it missed, and is believed", "++ppp-",
		"++++++", "  +++ ", "+++++-"},
	    {"what failed once passes, and it is believed", "++fff-", "++++++",
		"  +++ ", "+++++-"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = three_regions(QUORUM_ALL);

		for_a_while(&m, ROUND, "++++++", "++++++", "++++++");
		for_a_while(&m, 2000, rows[i].before, "++++++", "++++++");
		ck_assert_msg(strcmp(said(&m), rows[i].usable_before) == 0,
		    "%s: before, %s", rows[i].what, said(&m));
		pass(&m, 500);
		all_tell(&m, rows[i].news, NULL, NULL);
		ck_assert_msg(strcmp(said(&m), rows[i].usable) == 0, "%s: %s",
		    rows[i].what, said(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* At the border nothing comes and goes. */
START_TEST(it_sees_again_when_it_misses_half_of_the_share)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, 2 * ROUND, "++---+", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	for (unsigned i = 0; i < 6; i++) {
		for_a_while(&m, ROUND, i % 2 == 0 ? "++--++" : "++---+",
		    "++++++", "++++++");
		ck_assert_str_eq(blind(&m), "x");
		ck_assert_str_eq(said(&m), "++++++");
	}
	/* A look that it misses begins the round anew. */
	for_a_while(&m, ROUND - 1000, "++-+++", "++++++", "++++++");
	all_tell(&m, "++--++", "++++++", "++++++");
	for_a_while(&m, ROUND - 1000, "++-+++", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, 1000, "++-+++", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "");
	ck_assert_str_eq(said(&m), "++-+++");
	health_destroy(m.health);
}
END_TEST

START_TEST(it_sees_again_at_half_of_the_share_or_with_less_than_two)
{
	static const struct {
		const char *x;
		bool blind;
	} rows[] = {{"---+++++", true}, {"--++++++", false}, {"--+++++?", true},
	    {"-???????", false}, {"????????", false}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m;

		plan_init(&plan);
		(void)plan_pool(&plan, "v1", "abcdefgh");
		m = model_create(&plan.policy);
		for (int64_t ms = 0; ms < 4 * ROUND; ms += 1000) {
			tell(&m, false, "x", "mars",
			    ms < 2 * ROUND ? "--------" : rows[i].x);
			tell(&m, false, "y", "eu", "++++++++");
			pass(&m, 1000);
			ck_assert(
			    ms != 2 * ROUND - 1000 || blind(&m)[0] == 'x');
		}
		ck_assert_msg(
		    (blind(&m)[0] == 'x') == rows[i].blind, "%s", rows[i].x);
		health_destroy(m.health);
	}
}
END_TEST

/* What others found before their checks stopped is compared with nothing. */
START_TEST(checks_that_are_overdue_are_not_compared)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, 2 * ROUND, "++----", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, STALE, "++----", "", "");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, ROUND + 2000, "++----", "", "");
	ck_assert_str_eq(blind(&m), "");
	ck_assert_str_eq(said(&m), "++----");
	health_destroy(m.health);
}
END_TEST

/* Who finds a region dead first is not blind: the others find it too. */
START_TEST(the_first_to_see_an_outage_is_not_blind)
{
	struct model m = three_regions(QUORUM_MAJORITY);

	for_a_while(&m, ROUND, "++++++", "++++++", "++++++");
	for_a_while(&m, ROUND - 1000, "++--++", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "++++++");
	for_a_while(&m, ROUND, "++--++", "++++++", "++--++");
	ck_assert_str_eq(blind(&m), "");
	ck_assert_str_eq(said(&m), "++--++");
	health_destroy(m.health);
}
END_TEST

/* Each judges its own region; what neither is in is up when one finds it so,
 * and stays what it was when none does. */
START_TEST(two_that_contradict_each_other_judge_their_own_regions)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, ROUND, "+++++-", "+++++-", NULL);
	ck_assert_str_eq(said(&m), "+++++-");
	for_a_while(&m, 2 * ROUND, "++----", "--+++-", NULL);
	ck_assert_str_eq(blind(&m), "xy");
	ck_assert_str_eq(said(&m), "+++++-");
	for (unsigned i = 0; i < 4; i++) {
		for_a_while(&m, ROUND, "++----",
		    i % 2 == 0 ? "--++--" : "--+++-", NULL);
		ck_assert_str_eq(said(&m), "+++++-");
	}
	/* What is in the region of one is as that one says. */
	all_tell(&m, "+-----", "--+++-", NULL);
	ck_assert_str_eq(said(&m), "+-+++-");
	/* One finds what was down up: who sees it is not cut off from it. */
	all_tell(&m, "++---+", "--+++-", NULL);
	ck_assert_str_eq(said(&m), "++++++");
	health_destroy(m.health);
}
END_TEST

/* With nothing decided before, what all who are blind say is all there is. */
START_TEST(without_a_verdict_before_the_blind_decide)
{
	struct model m = three_regions(QUORUM_MAJORITY);

	for_a_while(&m, 2 * ROUND, "++--+-", "--+++-", NULL);
	ck_assert_str_eq(blind(&m), "xy");
	ck_assert_str_eq(said(&m), "+++++-");
	health_destroy(m.health);
}
END_TEST

START_TEST(who_looks_alone_is_not_blind)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, 2 * ROUND, "++----", NULL, NULL);
	ck_assert_str_eq(blind(&m), "");
	ck_assert_str_eq(said(&m), "++----");
	health_destroy(m.health);
}
END_TEST

/* Who cannot see knows nothing of the rest of the world, whether or not there
 * is somebody to say so. */
START_TEST(the_blind_stay_so_when_the_others_fall_silent)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, 2 * ROUND, "++----", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	ck_assert_str_eq(said(&m), "++++++");
	for_a_while(&m, 2 * STALE, "++----", NULL, NULL);
	ck_assert_str_eq(blind(&m), "x");
	ck_assert_str_eq(said(&m), "++++++");
	/* Its own region it judges. */
	for_a_while(&m, ROUND, "+-----", NULL, NULL);
	ck_assert_str_eq(said(&m), "+-++++");
	/* It sees again, after a round. */
	tell(&m, false, "x", "us", "+-+++-");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, 2 * ROUND, "+-+++-", NULL, NULL);
	ck_assert_str_eq(blind(&m), "");
	ck_assert_str_eq(said(&m), "+-+++-");
	health_destroy(m.health);
}
END_TEST

/* A node that starts while one is cut off does not take its word first. */
START_TEST(a_start_does_not_believe_the_blind)
{
	struct model m = three_regions(QUORUM_ALL);

	tell(&m, true, "y", "eu", "++++++");
	tell(&m, true, "z", "ap", "++++++");
	tell(&m, true, "x", "us", "++----");
	ck_assert_str_eq(said(&m), "++++++");
	for_a_while(&m, 2 * ROUND, "++----", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "++++++");
	ck_assert_str_eq(blind(&m), "x");
	health_destroy(m.health);
}
END_TEST

/* The votes of one that is silent are compared with nobody's. */
START_TEST(one_that_is_silent_is_stale_not_blind)
{
	struct model m = three_regions(QUORUM_ALL);

	for_a_while(&m, 2 * ROUND, "++----", "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "x");
	for_a_while(&m, STALE + 2000, NULL, "++++++", "++++++");
	ck_assert_str_eq(blind(&m), "");
	ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_STALE);
	ck_assert_uint_eq(vantage_of(&m, "x").compared, 0);
	health_destroy(m.health);
}
END_TEST

/* Nor is what it said last weighed against those that are heard. */
START_TEST(the_silent_have_no_word_on_who_is_blind)
{
	struct model m = three_regions(QUORUM_ALL);

	all_tell(&m, NULL, NULL, "++----");
	for_a_while(&m, STALE + 2 * ROUND, "++----", "++++++", NULL);
	ck_assert_str_eq(blind(&m), "x");
	health_destroy(m.health);
}
END_TEST

/* A streak of one that is set aside alters no answer. */
START_TEST(no_change_is_pending_by_the_blind)
{
	struct model m = three_regions(QUORUM_ALL);
	struct live *live;

	for_a_while(&m, ROUND, "++++++", "++++++", "++++++");
	all_tell(&m, "ffffff", "++++++", "++++++");
	live = live_of(&m);
	for (size_t i = 0; i < 6; i++)
		ck_assert_msg(
		    (live->group[i].pending_s == LIVE_NOT_PENDING) == (i >= 2),
		    "%zu", i);
	live_destroy(live);
	health_destroy(m.health);
}
END_TEST

/* What it finds while it is set aside is no result of a first round. */
START_TEST(the_blind_end_no_round)
{
	struct model m = three_regions(QUORUM_ALL);

	all_tell(&m, "------", "++++++", "++++++");
	plan_pool(&plan, "v2", "a");
	plan.regions[6].name = "eu";
	plan.endpoints[6].region = 6;
	model_adopt(&m, &plan.policy);
	all_tell(&m, "------", "++++++", "++++++");
	ck_assert_str_eq(said(&m), "--++++!");
	/* By this row it is in no region any more. */
	report(&m, "x", "v2", "a-");
	ck_assert_str_eq(said(&m), "++++++!");
	pass(&m, ROUND);
	report(&m, "x", "v2", "a-");
	ck_assert_str_eq(said(&m), "++++++-");
	health_destroy(m.health);
}
END_TEST

/* --- a node that is cut off --- */

/* ${vantage} came from ${node}, "" for this one. */
static void
tell_from(struct model *m, const char *vantage, const char *region,
    const char *node, const char *signs)
{
	struct state_vantage row = {.version = "v",
	    .heartbeat_ms = m->wall,
	    .lease_until_ms = m->wall + 5000,
	    .sequence = (uint64_t)m->wall};

	tell(m, false, vantage, region, signs);
	row.heartbeat_ms++;
	snprintf(row.name, sizeof(row.name), "%s", vantage);
	snprintf(row.region, sizeof(row.region), "%s", region);
	snprintf(row.node, sizeof(row.node), "%s", node);
	health_begin(m->health, false);
	health_vantage(m->health, &row, m->mono, m->wall);
	health_commit(m->health, m->mono);
}

static void
give_node(struct model *m, const char *name, int64_t cut_ms)
{
	static uint64_t sequence;
	struct state_node row = {.cut_ms = cut_ms, .sequence = ++sequence};

	snprintf(row.name, sizeof(row.name), "%s", name);
	health_begin(m->health, false);
	health_node(m->health, &row, m->mono);
	health_commit(m->health, m->mono);
}

/* Here are us and vantage x. */
static struct model
shared(enum stale_then then)
{
	struct model m = three_regions(QUORUM_MAJORITY);

	health_configure(m.health, STALE, then);
	health_share(m.health, "here", m.mono);
	give_node(&m, "here", -1);
	give_node(&m, "here", -1);
	tell_from(&m, "x", "us", "", "++++++");
	tell_from(&m, "y", "eu", "there", "++-+++");
	tell_from(&m, "z", "ap", "far", "++-+++");
	ck_assert(!health_cut(m.health, m.mono));
	ck_assert_str_eq(said(&m), "++-+++");
	return m;
}

/* Its own vantage decides in its own region; elsewhere the last verdict stays,
 * whatever `then` says and that vantage finds, for as long as it takes. */
START_TEST(a_node_that_is_cut_off_judges_its_own_region)
{
	static const enum stale_then thens[] = {
	    STALE_KEEP, STALE_UP, STALE_DOWN};

	for (size_t i = 0; i < 3; i++) {
		struct model m = shared(thens[i]);

		give_node(&m, "here", m.wall);
		ck_assert(health_cut(m.health, m.mono));
		for (int k = 0; k < 100; k++) {
			tell_from(&m, "x", "us", "", "+-+---");
			ck_assert_str_eq(said(&m), "+--+++");
			pass(&m, 1000);
		}
		/* The link is back. */
		give_node(&m, "here", -1);
		tell_from(&m, "y", "eu", "there", "+++-++");
		tell_from(&m, "z", "ap", "far", "+++-++");
		ck_assert(!health_cut(m.health, m.mono));
		ck_assert_str_eq(said(&m), "+++-++");
		health_destroy(m.health);
	}
}
END_TEST

/* Nobody carries rows any more, and so nobody says that it is cut off. */
START_TEST(a_node_whose_row_stands_still_is_cut_off)
{
	struct model m = shared(STALE_DOWN);

	for (int k = 0; k < 60; k++) {
		give_node(&m, "there", -1);
		tell_from(&m, "x", "us", "", "++++++");
		ck_assert(health_cut(m.health, m.mono) == (k > 30));
		pass(&m, 1000);
	}
	ck_assert_str_eq(said(&m), "++-+++");
	give_node(&m, "here", -1);
	ck_assert(!health_cut(m.health, m.mono));
	/* And one that shares with nobody never is. */
	health_share(m.health, NULL, m.mono);
	pass(&m, 10 * STALE);
	ck_assert(!health_cut(m.health, m.mono));
	health_destroy(m.health);
}
END_TEST

/* After a start nothing was decided before. */
START_TEST(with_nothing_before_all_that_was_said_decides)
{
	struct model m = three_regions(QUORUM_MAJORITY);

	health_configure(m.health, STALE, STALE_DOWN);
	health_share(m.health, "here", m.mono);
	health_begin(m.health, false);
	health_commit(m.health, m.mono);
	give_node(&m, "here", 1);
	tell_from(&m, "x", "us", "", "-+----");
	tell_from(&m, "y", "eu", "there", "+++-++");
	tell_from(&m, "z", "ap", "far", "++-+++");
	ck_assert_str_eq(said(&m), "-+--++");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: blind");
	TCase *tc = tcase_create("blind");

	tcase_add_test(tc, a_node_that_is_cut_off_judges_its_own_region);
	tcase_add_test(tc, a_node_whose_row_stands_still_is_cut_off);
	tcase_add_test(tc, with_nothing_before_all_that_was_said_decides);
	tcase_add_test(tc, a_vantage_that_misses_what_others_find_is_blind);
	tcase_add_test(tc, the_share_is_that_of_the_file);
	tcase_add_test(tc, it_says_what_it_misses);
	tcase_add_test(tc, without_a_region_it_counts_nowhere);
	tcase_add_test(tc, it_is_set_aside_at_once_and_blind_after_a_round);
	tcase_add_test(tc, a_vote_that_turns_counts_at_once);
	tcase_add_test(tc, it_sees_again_when_it_misses_half_of_the_share);
	tcase_add_test(
	    tc, it_sees_again_at_half_of_the_share_or_with_less_than_two);
	tcase_add_test(tc, checks_that_are_overdue_are_not_compared);
	tcase_add_test(tc, the_first_to_see_an_outage_is_not_blind);
	tcase_add_test(
	    tc, two_that_contradict_each_other_judge_their_own_regions);
	tcase_add_test(tc, without_a_verdict_before_the_blind_decide);
	tcase_add_test(tc, who_looks_alone_is_not_blind);
	tcase_add_test(tc, the_blind_stay_so_when_the_others_fall_silent);
	tcase_add_test(tc, a_start_does_not_believe_the_blind);
	tcase_add_test(tc, one_that_is_silent_is_stale_not_blind);
	tcase_add_test(tc, the_silent_have_no_word_on_who_is_blind);
	tcase_add_test(tc, no_change_is_pending_by_the_blind);
	tcase_add_test(tc, the_blind_end_no_round);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
