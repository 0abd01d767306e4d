/* The factors inside a region: single steps by hand, and a model of uneven
 * networks and a slow machine, whose clients the ladder itself picks for. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steering/even.h"
#include "tests/full.h"
#include "tests/unit/steering_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* --- single steps --- */

#define MOST 12

/* Clients follow at once, so that what is said counts at once. */
static const struct even_settings at_once = {0};

/* A region of endpoints that hold still. */
struct still {
	struct even even;
	struct even_endpoint e[MOST];
	size_t n;
};

static void
still_init(struct still *s, size_t n)
{
	memset(s, 0, sizeof(*s));
	even_init(&s->even);
	s->n = n;
	for (size_t i = 0; i < n; i++) {
		even_endpoint_init(&s->e[i], EVEN_FULL);
		s->e[i].usable = true;
		s->e[i].weight = 1;
		s->e[i].saturation = 0.6;
	}
}

/* ${s} seconds; how many steps were made. */
static size_t
still_for(struct still *s, uint32_t length_s, bool frozen)
{
	size_t moved = 0;

	for (uint32_t i = 0; i < length_s; i += 5)
		moved += even_step(&s->even, &at_once, s->e, s->n, 5, frozen);
	return moved;
}

/* What each of three endpoints says, and what the first has in the end. */
static const struct {
	const char *says;
	uint32_t had;
	double saturation[3];
	bool unusable, frozen;
	uint32_t sixteenths;
} rows[] = {
    {"as full as the others", 16, {0.6, 0.6, 0.6}, false, false, 16},
    {"a little fuller, within the band", 16, {0.63, 0.58, 0.58}, false, false,
	16},
    {"fuller than the band is wide", 16, {0.7, 0.55, 0.55}, false, false, 15},
    {"far fuller, and others are less so for it", 16, {2, 0.6, 0.6}, false,
	false, 15},
    {"never less than a quarter", 4, {9, 0.5, 0.5}, false, false, 4},
    {"idle, and it had less weight", 10, {0.3, 0.6, 0.6}, false, false, 11},
    {"a little idle: it would sink again", 10, {0.55, 0.6, 0.6}, false, false,
	10},
    {"idle, but another is further from the mean", 10, {0.45, 0.95, 0.55},
	false, false, 10},
    {"idle, and no other is further from the mean", 10, {0.3, 0.75, 0.6}, false,
	false, 11},
    {"never more than all", 16, {0.1, 0.3, 0.3}, false, false, 16},
    {"frozen by hand", 16, {2, 0.6, 0.6}, false, true, 16},
    {"down, and full when it was seen last", 12, {2, 0.6, 0.6}, true, false,
	12},
    {"not known", 12, {NAN, 0.6, 0.6}, false, false, 12},
    {"no number at all", 12, {INFINITY, 0.6, 0.6}, false, false, 12},
    {"known, of the others nothing", 16, {2, NAN, NAN}, false, false, 16},
    {"a region that is idle", 16, {0.15, 0.03, 0.03}, false, false, 16},
    {"a region where one is full, and the others idle", 16, {0.9, 0, 0}, false,
	false, 15},
};

START_TEST(a_step_of_the_first_of_three)
{
	struct still s;

	still_init(&s, 3);
	even_endpoint_init(&s.e[0], rows[_i].had);
	s.e[0].usable = !rows[_i].unusable;
	s.e[0].weight = 1;
	for (size_t i = 0; i < 3; i++)
		s.e[i].saturation = rows[_i].saturation[i];
	/* Until it has learned, nothing. */
	ck_assert_uint_eq(still_for(&s, EVEN_LEARN_S, rows[_i].frozen), 0);
	still_for(&s, 10, rows[_i].frozen);
	ck_assert_msg(s.e[0].sixteenths == rows[_i].sixteenths, "%s: %u",
	    rows[_i].says, s.e[0].sixteenths);
}
END_TEST

/* Of twelve endpoints one step moves up to 1 % of the clients, of two 3 %. */
START_TEST(the_fewer_endpoints_the_slower_the_steps)
{
	static const struct {
		size_t n;
		size_t in_5_min; /* after it has learned */
	} cases[] = {{2, 2}, {3, 2}, {4, 2}, {12, 5}};
	struct still s;

	for (size_t k = 0; k < N(cases); k++) {
		still_init(&s, cases[k].n);
		s.e[0].saturation = 20;
		still_for(&s, EVEN_LEARN_S + 5, true);
		ck_assert_uint_eq(still_for(&s, 295, false), cases[k].in_5_min);
	}
}
END_TEST

/* Where a step moves few clients, several are made at once, of one each. */
START_TEST(large_regions_take_several_steps_at_once)
{
	static struct even_endpoint e[100];
	struct even even;
	size_t moved = 0;

	even_init(&even);
	for (size_t i = 0; i < N(e); i++) {
		even_endpoint_init(&e[i], EVEN_FULL);
		e[i].usable = true;
		e[i].weight = 1;
		e[i].saturation = i < 30 ? 0.9 : 0.5;
	}
	for (uint32_t i = 0; i < 70; i += 5)
		moved += even_step(&even, &at_once, e, N(e), 5, false);
	ck_assert_uint_eq(moved, 11);
	for (size_t i = 0; i < N(e); i++)
		ck_assert_uint_ge(e[i].sixteenths, 15);
}
END_TEST

/* The only one that has all of its weight is too full: another rises. */
START_TEST(one_endpoint_keeps_all_of_its_weight)
{
	struct still s;

	still_init(&s, 3);
	for (size_t i = 0; i < 2; i++) {
		even_endpoint_init(&s.e[i], 12);
		s.e[i].usable = true;
		s.e[i].weight = 1;
		s.e[i].saturation = 0.5 + (double)i / 100;
	}
	s.e[2].saturation = 0.65;
	still_for(&s, EVEN_LEARN_S + 10, false);
	ck_assert_uint_eq(s.e[0].sixteenths, 13);
	ck_assert_uint_eq(s.e[1].sixteenths, 12);
	ck_assert_uint_eq(s.e[2].sixteenths, 16);
	/* It went: the fullest of the others is not left to sink, and they
	 * come to all of their weight again. */
	s.e[2].usable = false;
	still_for(&s, 3600, false);
	ck_assert_uint_eq(s.e[0].sixteenths, 16);
}
END_TEST

/* The one with all of its weight is not the fullest: that may sink. */
START_TEST(the_fullest_sinks_beside_the_only_whole_one)
{
	struct still s;

	still_init(&s, 3);
	for (size_t i = 0; i < 2; i++) {
		even_endpoint_init(&s.e[i], 12);
		s.e[i].usable = true;
		s.e[i].weight = 1;
		s.e[i].saturation = 0.6;
	}
	s.e[0].saturation = 1.2;
	still_for(&s, EVEN_LEARN_S + 10, false);
	ck_assert_uint_eq(s.e[0].sixteenths, 11);
	ck_assert_uint_eq(s.e[1].sixteenths, 12);
	ck_assert_uint_eq(s.e[2].sixteenths, 16);
}
END_TEST

/* Who was away may be another machine by now. */
START_TEST(what_came_back_is_learned_anew)
{
	struct still s;

	still_init(&s, 3);
	still_for(&s, 120, false);
	s.e[0].usable = false;
	s.e[0].saturation = 2;
	still_for(&s, 120, false);
	s.e[0].usable = true;
	ck_assert_uint_eq(still_for(&s, EVEN_LEARN_S, false), 0);
	ck_assert_uint_eq(still_for(&s, 10, false), 1);
}
END_TEST

/* Two of five say nothing of the region, three do. */
START_TEST(most_must_be_known)
{
	struct still s;

	still_init(&s, 5);
	s.e[0].saturation = 2;
	s.e[2].saturation = s.e[3].saturation = s.e[4].saturation = NAN;
	ck_assert_uint_eq(still_for(&s, 300, false), 0);
	s.e[2].saturation = 0.6;
	ck_assert_uint_gt(still_for(&s, 300, false), 0);
}
END_TEST

/* A program that starts anew has nothing but what was stored. */
/* After an hour without need rounds come as often as after none. */
START_TEST(calm_leaves_nothing_behind)
{
	struct still calm, frozen;

	still_init(&calm, 12);
	still_init(&frozen, 12);
	ck_assert_uint_eq(still_for(&calm, 3600, false), 0);
	ck_assert_uint_eq(still_for(&frozen, 3600, true), 0);
	calm.e[0].saturation = frozen.e[0].saturation = 20;
	for (int i = 0; i < 120; i++)
		ck_assert_uint_eq(
		    still_for(&calm, 5, false), still_for(&frozen, 5, false));
	ck_assert_uint_lt(calm.e[0].sixteenths, EVEN_FULL);
}
END_TEST

/* An hour in which the first gets fuller by and by, as no step helps: one that
 * is down beside them changes nothing. */
START_TEST(one_that_is_down_is_no_part_of_it)
{
	struct still up, down;

	still_init(&up, 3);
	still_init(&down, 4);
	down.e[3].usable = false;
	for (int i = 0; i < 36; i++) {
		up.e[0].saturation = down.e[0].saturation = 1 + 0.1 * i;
		for (int k = 0; k < 20; k++)
			ck_assert_uint_eq(still_for(&up, 5, false),
			    still_for(&down, 5, false));
	}
	ck_assert_uint_lt(up.e[0].sixteenths, EVEN_FULL);
}
END_TEST

START_TEST(it_goes_on_from_what_was_stored)
{
	static const struct {
		uint32_t stored, sixteenths;
	} cases[] = {{0, 4}, {3, 4}, {4, 4}, {9, 9}, {16, 16}, {17, 16}};
	struct even_endpoint e;

	for (size_t i = 0; i < N(cases); i++) {
		even_endpoint_init(&e, cases[i].stored);
		ck_assert_uint_eq(e.sixteenths, cases[i].sixteenths);
		ck_assert_double_eq(e.felt, cases[i].sixteenths);
		ck_assert(isnan(e.heat));
	}
}
END_TEST

/* --- a model of one region --- */

#define STEP_S 5
#define LATE 64 /* steps that metrics may be late */
#define SMOOTH_S 20

/* Loads come to rest before anything is judged. */
#define SETTLES_MIN 5

struct model_config {
	uint32_t blocks; /* /16 with clients in all of their /24 */
	uint32_t ttl_s, late_s;
	double speed;    /* of the first endpoint, beside that of others */
	double requests; /* that an endpoint works on at a time when full */
};

/* The clients of one sticky prefix. */
struct part {
	struct address at;
	double demand; /* of 1 */
	uint8_t chosen, felt;
	uint32_t asks_s; /* when, in its TTL */
};

struct model {
	const struct model_config *config;
	struct fixture *f;
	uint32_t number[MOST];  /* of its endpoints in the policy */
	uint8_t endpoint[MOST]; /* by that number */
	struct part *parts;
	size_t n;
	struct even even;
	struct even_endpoint e[MOST];
	double speed[MOST];
	double load[MOST], seen[MOST]; /* of all it can work on */
	double late[LATE][MOST];
	uint32_t at_s;
	double moved; /* in this minute */
};

/* 0 to 1, never 1. */
static double
draw_unit(void)
{
	return (double)(fixture_random() >> 11) * 0x1p-53;
}

/* Of the normal distribution (Box and Muller). */
static double
draw_normal(void)
{
	double angle = 2 * 3.14159265358979 * draw_unit();

	return sqrt(-2 * log(1 - draw_unit())) * cos(angle);
}

/* Pick for all clients, with the factors of now. */
static void
choose(struct model *m)
{
	struct live *live = live_create(m->f->policy);
	struct decision d;

	ck_assert_ptr_nonnull(live);
	live_destroy(m->f->live);
	m->f->live = live;
	memset(live->endpoint, USABLE_YES, live->n_endpoints);
	for (unsigned i = 0; i < MOST; i++)
		live_weigh(live, m->number[i],
		    m->e[i].sixteenths * LIVE_FACTOR_ONE / EVEN_FULL);
	live_judge(live, m->f->policy);
	for (size_t i = 0; i < m->n; i++) {
		struct part *p = &m->parts[i];

		fixture_decide(m->f, 0, &p->at, &d);
		if (p->chosen != m->endpoint[d.endpoint[0]])
			m->moved += p->demand;
		p->chosen = m->endpoint[d.endpoint[0]];
	}
}

/* A /16 and its sticky prefixes. */
static double
draw_block(struct model *m, struct part *parts)
{
	double size = exp(2 * draw_normal()), sum = 0;
	uint32_t block = fixture_below(1 << 16);

	for (uint32_t i = 0; i < 16; i++) {
		struct part *p = &parts[i];

		p->at = fixture_ipv4(block << 16 | i << 12);
		for (int k = 0; k < 16; k++)
			p->demand += size * exp(draw_normal());
		p->asks_s = fixture_below(m->config->ttl_s);
		sum += p->demand;
	}
	return sum;
}

static void
model_begin(struct model *m, const struct model_config *config, uint64_t seed)
{
	struct fixture *f = fixture_create();
	uint32_t region = fixture_region(f, "here", 0);
	uint32_t pool = fixture_pool(f, "pool");
	double sum = 0;

	memset(m, 0, sizeof(*m));
	m->config = config;
	m->f = f;
	for (unsigned i = 0; i < MOST; i++)
		fixture_endpoint(f, pool, region, 3);
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	even_init(&m->even);
	for (unsigned i = 0; i < MOST; i++) {
		m->number[i] = fixture_number(f, pool, i);
		m->endpoint[m->number[i]] = (uint8_t)i;
		even_endpoint_init(&m->e[i], EVEN_FULL);
		m->speed[i] = i == 0 ? config->speed : 1;
	}
	fixture_random_state = seed << 32;
	m->n = config->blocks * 16;
	m->parts = calloc(m->n, sizeof(*m->parts));
	ck_assert_ptr_nonnull(m->parts);
	for (size_t i = 0; i < m->n; i += 16)
		sum += draw_block(m, &m->parts[i]);
	for (size_t i = 0; i < m->n; i++)
		m->parts[i].demand /= sum;
	choose(m);
	for (size_t i = 0; i < m->n; i++)
		m->parts[i].felt = m->parts[i].chosen;
}

static void
model_end(struct model *m)
{
	free(m->parts);
	fixture_destroy(m->f);
}

/* Where clients go now; each follows when its answer is over. */
static void
follow(struct model *m, double come[MOST])
{
	uint32_t ttl_s = m->config->ttl_s;

	memset(come, 0, MOST * sizeof(*come));
	for (size_t i = 0; i < m->n; i++) {
		struct part *p = &m->parts[i];

		if ((m->at_s + p->asks_s) % ttl_s < STEP_S)
			p->felt = p->chosen;
		come[p->felt] += p->demand;
	}
}

/* Requests are worked on for 20 s at full speed; 70 % of all machines. */
static void
model_step(struct model *m)
{
	const struct model_config *c = m->config;
	const struct even_settings settings = {c->ttl_s, 20, SMOOTH_S};
	uint32_t at = m->at_s / STEP_S, shown = at - c->late_s / STEP_S;
	double come[MOST];

	follow(m, come);
	for (unsigned i = 0; i < MOST; i++) {
		double goal = come[i] * 0.7 * MOST / m->speed[i];

		m->load[i] +=
		    (goal - m->load[i]) * (1 - exp(-STEP_S * m->speed[i] / 20));
		m->late[at % LATE][i] = fmax(0,
		    m->load[i] +
			draw_normal() * sqrt(m->load[i] / c->requests));
		m->seen[i] += (m->late[shown % LATE][i] - m->seen[i]) *
		    (1 - exp(-(double)STEP_S / SMOOTH_S));
		m->e[i].usable = true;
		m->e[i].weight = 3;
		m->e[i].saturation = m->seen[i];
	}
	if (even_step(&m->even, &settings, m->e, MOST, STEP_S,
		m->at_s < SETTLES_MIN * 60) > 0)
		choose(m);
	m->at_s += STEP_S;
}

static void
model_minute(struct model *m)
{
	m->moved = 0;
	for (int i = 0; i < 60; i += STEP_S)
		model_step(m);
}

/* How full the fullest is in the end with the clients it has, beside the mean.
 */
static double
busiest(const struct model *m)
{
	double full[MOST] = {0}, sum = 0, most = 0;

	for (size_t i = 0; i < m->n; i++)
		full[m->parts[i].felt] += m->parts[i].demand;
	for (unsigned i = 0; i < MOST; i++) {
		full[i] /= m->speed[i];
		sum += full[i];
		most = fmax(most, full[i]);
	}
	return most / sum * MOST;
}

/* The largest sticky prefix: nothing divides its clients. */
static double
find_largest(const struct model *m)
{
	double most = 0;

	for (size_t i = 0; i < m->n; i++)
		most = fmax(most, m->parts[i].demand);
	return most;
}

/* What came of one run. */
struct course {
	double before;       /* busiest over mean */
	int below_min;       /* first minute with less than 1.2 */
	double at_15, worst; /* after 15 min; the most from then on */
	double moved, later; /* the most in a minute; the mean later */
};

static void
run(struct model *m, int minutes, struct course *c)
{
	*c = (struct course){.below_min = -1};
	for (int i = 0; i < SETTLES_MIN; i++)
		model_minute(m);
	c->before = busiest(m);
	for (int i = 1; i <= minutes; i++) {
		double now;

		model_minute(m);
		now = busiest(m);
		c->moved = fmax(c->moved, m->moved);
		if (now < 1.2 && c->below_min < 0)
			c->below_min = i;
		if (i == 15)
			c->at_15 = now;
		if (i < 15)
			continue;
		c->worst = fmax(c->worst, now);
		c->later += m->moved / (minutes - 14);
	}
}

static const struct {
	const char *says;
	struct model_config config;
} worlds[] = {
    {"usual", {8000, 30, 5, 0.5, 100}},
    {"late metrics", {8000, 60, 30, 0.5, 100}},
    {"answers kept long", {8000, 300, 30, 0.5, 100}},
    {"few requests at a time", {8000, 30, 5, 0.5, 20}},
    {"networks alone", {8000, 30, 5, 1, 100}},
};

/*
 * Twelve endpoints, one half as fast, networks of a lognormal distribution,
 * sigma 2 over /16 and 1 over /24: the busiest is below 1.2 times the mean
 * within 15 minutes, and stays so; 2 % of the clients move a minute at most.
 */
START_TEST(uneven_networks_and_a_slow_machine_even_out)
{
	uint64_t seeds = full_size(2, 20);
	int minutes = (int)full_size(20, 60);
	struct course c, most = {0};
	double largest = 0;
	struct model m;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		model_begin(&m, &worlds[_i].config, seed);
		run(&m, minutes, &c);
		ck_assert_msg(c.below_min > 0 && c.below_min <= 15 &&
			c.worst < 1.2 && c.moved <= 0.02,
		    "%s, seed %u: below in minute %d, %.3f after 15, at most "
		    "%.3f later; %.4f moved",
		    worlds[_i].says, (unsigned)seed, c.below_min, c.at_15,
		    c.worst, c.moved);
		most.before = fmax(most.before, c.before);
		most.at_15 = fmax(most.at_15, c.at_15);
		most.worst = fmax(most.worst, c.worst);
		most.moved = fmax(most.moved, c.moved);
		most.later = fmax(most.later, c.later);
		if (c.below_min > most.below_min)
			most.below_min = c.below_min;
		largest = fmax(largest, find_largest(&m));
		model_end(&m);
	}
	printf("measured: %s: busiest over mean %.2f, below 1.2 in %d min, "
	       "%.3f after 15, at most %.3f later; moved a minute at most "
	       "%.2f %%, later %.2f %% on average; the largest prefix has "
	       "%.2f %%\n",
	    worlds[_i].says, most.before, most.below_min, most.at_15,
	    most.worst, 100 * most.moved, 100 * most.later, 100 * largest);
}
END_TEST

/* The slow machine is as fast as others again: it gets its clients back. */
START_TEST(a_machine_that_recovers_rises)
{
	static const struct model_config config = {8000, 30, 5, 0.5, 100};
	struct course c;
	struct model m;

	model_begin(&m, &config, 1);
	run(&m, 20, &c);
	ck_assert_uint_le(m.e[0].sixteenths, 10);
	m.speed[0] = 1;
	for (int i = 0; i < 20; i++)
		model_minute(&m);
	ck_assert_uint_ge(m.e[0].sixteenths, 13);
	ck_assert_double_lt(busiest(&m), 1.2);
	model_end(&m);
}
END_TEST

/* One program ends, the next knows the sixteenths alone. */
START_TEST(a_restart_changes_little)
{
	static const struct model_config config = {8000, 30, 5, 0.5, 100};
	struct course c;
	struct model m;

	model_begin(&m, &config, 1);
	for (int i = 0; i < SETTLES_MIN + 3; i++)
		model_minute(&m);
	for (int k = 0; k < 4; k++) {
		even_init(&m.even);
		for (unsigned i = 0; i < MOST; i++)
			even_endpoint_init(&m.e[i], m.e[i].sixteenths);
		model_minute(&m);
		ck_assert_double_le(m.moved, 0.02);
	}
	run(&m, 15, &c);
	ck_assert_double_lt(c.at_15, 1.2);
	ck_assert_double_le(c.moved, 0.02);
	model_end(&m);
}
END_TEST

/* Sticky prefixes with more clients than an endpoint has room for: they make
 * full whoever has them, and nothing helps; then rounds become seldom. */
START_TEST(what_nothing_helps_against_is_left_alone)
{
	static const struct model_config config = {200, 30, 5, 1, 100};
	double moved = 0;
	struct course c;
	struct model m;

	model_begin(&m, &config, 1);
	for (size_t i = 0; i < m.n; i++)
		m.parts[i].demand *= 0.5;
	for (size_t i = 0; i < 4; i++)
		m.parts[i * m.n / 4].demand += 0.125;
	run(&m, 60, &c);
	for (int i = 0; i < 60; i++) {
		model_minute(&m);
		moved += m.moved / 60;
	}
	ck_assert_double_gt(busiest(&m), 1.4);
	ck_assert_msg(moved < 0.01, "%.4f", moved);
	model_end(&m);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_even");
	TCase *tcase = tcase_create("steps");
	TCase *model = tcase_create("model");

	tcase_set_timeout(model, 60);
	tcase_add_loop_test(
	    tcase, a_step_of_the_first_of_three, 0, (int)N(rows));
	tcase_add_test(tcase, the_fewer_endpoints_the_slower_the_steps);
	tcase_add_test(tcase, large_regions_take_several_steps_at_once);
	tcase_add_test(tcase, one_endpoint_keeps_all_of_its_weight);
	tcase_add_test(tcase, the_fullest_sinks_beside_the_only_whole_one);
	tcase_add_test(tcase, what_came_back_is_learned_anew);
	tcase_add_test(tcase, most_must_be_known);
	tcase_add_test(tcase, calm_leaves_nothing_behind);
	tcase_add_test(tcase, one_that_is_down_is_no_part_of_it);
	tcase_add_test(tcase, it_goes_on_from_what_was_stored);
	tcase_add_loop_test(model, uneven_networks_and_a_slow_machine_even_out,
	    0, (int)N(worlds));
	tcase_add_test(model, a_machine_that_recovers_rises);
	tcase_add_test(model, a_restart_changes_little);
	tcase_add_test(model, what_nothing_helps_against_is_left_alone);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, model);
	return fixture_run(suite);
}
