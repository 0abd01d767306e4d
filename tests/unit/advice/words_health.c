/*
 * What the rules of advice say of endpoints, canaries and failovers, in numbers
 * that are reckoned by hand; and in what order.
 */
#include "tests/unit/advice_words.h"

#define N(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define DAY 86400000
#define HOUR 3600000

/* --- endpoints --- */

static const int64_t spells[] = {5000, 5000, 8000, 8000, 10000, 10000, 10000,
    10000, 12000, 12000, 15000, 15000, 15000, 15000, 15000, 15000, 15000, 20000,
    25000, 600000};

/* Twenty times in half a day: of 20 s four checks in a row failed before it
 * passed one, and maybe a fifth: with a fall of 6 it would have stayed up. */
static void
flaps(struct fixture *f)
{
	struct advice_endpoint *e = &f->stable[3];

	e->spell_ms = spells;
	e->n_spells = 20;
	e->watched_ms = DAY / 2;
}

/* In a day. */
static void
flaps_for_a_day(struct fixture *f)
{
	flaps(f);
	f->stable[3].watched_ms = DAY;
}

/* Eight turns of 5 s each, less the two of `rise`: nine checks in a row. */
static void
flaps_for_long(struct fixture *f)
{
	static const int64_t five[] = {40000, 40000, 40000, 40000, 40000};

	f->stable[3].spell_ms = five;
	f->stable[3].n_spells = 5;
	f->stable[3].watched_ms = DAY / 2;
}

static void
down_for_long(struct fixture *f)
{
	static const int64_t two[] = {2 * HOUR, 10 * HOUR};

	f->stable[0].watched_ms = 20 * (int64_t)DAY;
	f->stable[0].down_ms = 12 * HOUR;
	f->stable[0].spell_ms = two;
	f->stable[0].n_spells = 2;
}

/* Since before the period. */
static void
down_all_the_time(struct fixture *f)
{
	f->stable[0].watched_ms = f->stable[0].down_ms = 20 * (int64_t)DAY;
}

static void
certificate_ends(struct fixture *f)
{
	f->stable[0].certificate_ms = f->facts.now_ms + 10 * (int64_t)DAY;
	/* Of this one nothing is known. */
	f->stable[1].certificate_ms = -1;
}

static void
certificate_ends_in_a_week(struct fixture *f)
{
	f->stable[0].certificate_ms = f->facts.now_ms + 7 * (int64_t)DAY;
}

static void
certificate_ended(struct fixture *f)
{
	f->stable[0].certificate_ms = f->facts.now_ms - 3 * (int64_t)DAY;
}

/* --- a canary --- */

/* Half of its 5 %, of those that are no last resort. */
static void
canary_gets_less(struct fixture *f)
{
	f->services[CHAT].resort = 500;
	f->chat[1].answers = 0.025 * (FIXTURE_ANSWERS - 500);
}

static void
canary_gets_more(struct fixture *f)
{
	f->chat[1].answers = 0.14 * FIXTURE_ANSWERS;
}

/* Less than one is none, and it is to go on. */
static void
canary_gets_half(struct fixture *f)
{
	f->chat[1].answers = 0.5 * FIXTURE_ANSWERS;
}

/* Two days of 90; the stable ones half a day of 150. */
static void
canary_is_down(struct fixture *f)
{
	f->config.threshold[ADVISE_AVAILABILITY] = 50;
	f->canary[1].down_ms = 2 * (int64_t)DAY;
	f->stable[1].down_ms = DAY / 2;
	/* What takes no clients is not compared. */
	f->stable[0].weight = 0;
	f->stable[0].down_ms = 10 * (int64_t)DAY;
	f->config.threshold[ADVISE_WEIGHTS] = 100;
}

static void
canary_is_slow(struct fixture *f)
{
	/* It is more than what it is to follow. */
	f->chat[0].set = 0.4;
	f->chat[1].set = 0.6;
	f->chat[1].answers = 0.6 * FIXTURE_ANSWERS;
	f->canary[0].latency_ms = 100;
	f->canary[1].latency_ms = 120;
	/* Not known: the mean is of two. */
	f->canary[2].latency_ms = (double)NAN;
	f->stable[0].latency_ms = 80;
	for (size_t i = 1; i < 6; i++)
		f->stable[i].latency_ms = 44;
}

/* --- failover --- */

/* 5 s, 2 times 5 s and 2 s are 17 s. */
static void
slow_failover(struct fixture *f)
{
	f->services[CHAT].ttl_max_s = 300;
}

static void
slow_failover_measured(struct fixture *f)
{
	f->services[CHAT].n_failovers = 2;
	f->services[CHAT].failover_s = 500;
	f->services[CHAT].ttl_max_s = 110;
}

/* The shortest that the file allows is short enough. */
static void
slow_failover_at_the_least_ttl(struct fixture *f)
{
	slow_failover(f);
	f->services[CHAT].ttl_min_s = 103;
}

/* A check each minute: no TTL is short enough, and 19 s, three times, with 2 s
 * and the TTL of 60 s are 119 s. */
static void
slow_check(struct fixture *f)
{
	f->check.every_ms = f->check.again_ms = 60000;
}

/* A check each 39 s takes 119 s: a TTL of 1 s is what is left. */
static void
check_that_leaves_a_second(struct fixture *f)
{
	f->check.every_ms = f->check.again_ms = 39000;
}

static void
check_that_leaves_the_least(struct fixture *f)
{
	check_that_leaves_a_second(f);
	f->services[CHAT].ttl_min_s = 1;
}

/* The TTL alone is too long, and even the shortest is not enough. */
static void
slow_check_and_ttl(struct fixture *f)
{
	slow_check(f);
	f->services[CHAT].ttl_max_s = 120;
}

/* --- what people said --- */

static void
old_override(struct fixture *f)
{
	f->override = (struct advice_override){.action = "weight",
	    .kind = "endpoint",
	    .target = "stable/us-a",
	    .value = "50%",
	    .author = "",
	    .endless = true,
	    .at_ms = f->facts.now_ms - 10 * (int64_t)DAY};
}

/* --- what is no finding --- */

static void
flaps_without_a_check(struct fixture *f)
{
	flaps(f);
	f->pools[STABLE].check = NULL;
}

static void
flaps_unwatched(struct fixture *f)
{
	flaps(f);
	f->stable[3].watched_ms = 0;
}

static void
canary_that_was_moved(struct fixture *f)
{
	canary_gets_less(f);
	f->services[CHAT].canary_moved = true;
}

static void
canary_without_a_share(struct fixture *f)
{
	canary_gets_more(f);
	f->chat[1].set = 0;
}

/* There is nothing that it is to follow. */
static void
canary_alone(struct fixture *f)
{
	canary_is_down(f);
	f->pools[STABLE].n_endpoints = 0;
}

/* All answers are of the last resort, of which a canary has no share. */
static void
canary_without_answers(struct fixture *f)
{
	canary_gets_more(f);
	f->services[CHAT].resort = FIXTURE_ANSWERS;
	f->config.threshold[ADVISE_LAST_RESORT] = 100;
}

static void
canary_of_nothing_that_is_measured(struct fixture *f)
{
	canary_is_slow(f);
	for (size_t i = 0; i < 6; i++)
		f->stable[i].latency_ms = 0;
}

static const struct words_row rows[] = {
    {"it flaps by the hour", flaps, ADVISE_FLAPPING, ADVICE_WARNING,
	"down 20 times in 12.0 hours, half of them for at most 15 s; check "
	"alive: fall 3, every 5 s",
	"18 of 20 times it would not have gone down; a real failure is seen 15 "
	"s later",
	"alive: {path: /health, every: 5s, timeout: 2s, fall: 6, rise: 2}"},
    {"it flaps by the day", flaps_for_a_day, ADVISE_FLAPPING, ADVICE_WARNING,
	"down 20 times in 1.0 days, half of them for at most 15 s; check "
	"alive: fall 3, every 5 s",
	"18 of 20 times it would not have gone down; a real failure is seen 15 "
	"s later",
	"alive: {path: /health, every: 5s, timeout: 2s, fall: 6, rise: 2}"},
    {"as long as a fall may be", flaps_for_long, ADVISE_FLAPPING,
	ADVICE_WARNING,
	"down 5 times in 12.0 hours, half of them for at most 40 s; check "
	"alive: fall 3, every 5 s",
	"5 of 5 times it would not have gone down; a real failure is seen 35 s "
	"later",
	"alive: {path: /health, every: 5s, timeout: 2s, fall: 10, rise: 2}"},
    {"it was down for long", down_for_long, ADVISE_AVAILABILITY, ADVICE_WARNING,
	"down 12.0 h of 20.0 days (2.50 %), 2 times, at the longest 10.0 h",
	"drained until it is mended, it takes nobody with it when it fails: "
	"12.0 h in such a period",
	"- {name: us-a, region: us, weight: 1, drained: true}"},
    {"it was down all the time", down_all_the_time, ADVISE_AVAILABILITY,
	ADVICE_WARNING,
	"down 480.0 h of 20.0 days (100.00 %), 0 times, at the longest 480.0 h",
	"drained until it is mended, it takes nobody with it when it fails: "
	"480.0 h in such a period",
	"- {name: us-a, region: us, weight: 1, drained: true}"},
    {"a certificate ends", certificate_ends, ADVISE_CERTIFICATE, ADVICE_WARNING,
	"its certificate ends in 10.0 days",
	"clients go on without an error, and its check does not fail",
	"# renew the certificate of stable/us-a"},
    {"in a week it is not urgent yet", certificate_ends_in_a_week,
	ADVISE_CERTIFICATE, ADVICE_WARNING, "its certificate ends in 7.0 days",
	"clients go on without an error, and its check does not fail",
	"# renew the certificate of stable/us-a"},
    {"it has ended", certificate_ended, ADVISE_CERTIFICATE, ADVICE_CRITICAL,
	"its certificate ended 3.0 days ago",
	"clients go on without an error, and its check does not fail",
	"# renew the certificate of stable/us-a"},
    {"a canary gets less", canary_gets_less, ADVISE_CANARY_SHARE,
	ADVICE_WARNING,
	"canary is to have 5 % of the clients and had 2.5 % of 999500 answers",
	"what is measured of it is of the 5 % that were meant: look where it "
	"has nothing usable (meridianctl explain)",
	"split: {stable: 95, canary: 10}"},
    {"a canary gets more", canary_gets_more, ADVISE_CANARY_SHARE,
	ADVICE_WARNING,
	"canary is to have 5 % of the clients and had 14 % of 1000000 answers",
	"what is measured of it is of the 5 % that were meant",
	"split: {stable: 95, canary: 2}"},
    {"a canary gets half of all", canary_gets_half, ADVISE_CANARY_SHARE,
	ADVICE_WARNING,
	"canary is to have 5 % of the clients and had 50 % of 1000000 answers",
	"what is measured of it is of the 5 % that were meant",
	"split: {stable: 95, canary: 1}"},
    {"a canary is down", canary_is_down, ADVISE_CANARY_HEALTH, ADVICE_CRITICAL,
	"its canary was down 2.22 % of the time, 0.33 % what it is to follow",
	"1.89 points of availability for 5 % of the clients",
	"split: {stable: 95, canary: 0}"},
    {"a canary is slow", canary_is_slow, ADVISE_CANARY_LATENCY, ADVICE_WARNING,
	"its canary takes 110 ms to answer, and what it is to follow 50 ms",
	"60 ms for 60 % of the clients", "split: {stable: 95, canary: 0}"},
    {"a long TTL", slow_failover, ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 17 s to see a failure, and caches keep an "
	"answer 300 s more: 317 s",
	"120 s at most in place of 317 s", "ttl: {max: 103s, min: 5s}"},
    {"two failovers are no measure", slow_failover_measured,
	ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 17 s to see a failure, and caches keep an "
	"answer 110 s more; measured without these: 500 s, the median of 2 "
	"failovers",
	"120 s at most in place of 127 s", "ttl: {max: 103s, min: 5s}"},
    {"the least TTL will do", slow_failover_at_the_least_ttl,
	ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 17 s to see a failure, and caches keep an "
	"answer 300 s more: 317 s",
	"120 s at most in place of 317 s", "ttl: {max: 103s, min: 5s}"},
    {"a slow check", slow_check, ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 182 s to see a failure, and caches keep "
	"an answer 60 s more: 242 s",
	"what is down is seen 19s apart in place of 60 s, so that 120 s can be "
	"kept",
	"alive: {path: /health, every: 19s, timeout: 2s, fall: 3, rise: 2}"},
    {"it leaves less than the least TTL", check_that_leaves_a_second,
	ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 119 s to see a failure, and caches keep "
	"an answer 60 s more: 179 s",
	"what is down is seen 19s apart in place of 39 s, so that 120 s can be "
	"kept",
	"alive: {path: /health, every: 19s, timeout: 2s, fall: 3, rise: 2}"},
    {"it leaves the least TTL", check_that_leaves_the_least,
	ADVISE_FAILOVER_TIME, ADVICE_WARNING,
	"the check alive takes up to 119 s to see a failure, and caches keep "
	"an answer 60 s more: 179 s",
	"120 s at most in place of 179 s", "ttl: {max: 1s, min: 5s}"},
    {"a slow check and a long TTL", slow_check_and_ttl, ADVISE_FAILOVER_TIME,
	ADVICE_WARNING,
	"the check alive takes up to 182 s to see a failure, and caches keep "
	"an answer 120 s more: 302 s",
	"what is down is seen 37s apart in place of 60 s, so that 120 s can be "
	"kept with a ttl of at most 5 s",
	"alive: {path: /health, every: 37s, timeout: 2s, fall: 3, rise: 2}"},
    {"what somebody said long ago", old_override, ADVISE_OVERRIDE,
	ADVICE_WARNING,
	"somebody said \"weight endpoint stable/us-a 50%\" 10 days ago, "
	"without an end",
	"the files say again what is served: end it, or write it into the "
	"steering file",
	"# meridianctl overrides shows it; undrain, off or a file ends it"},
};

static const struct words_silence silent[] = {
    {"what is not checked does not flap", flaps_without_a_check},
    {"a canary without a share", canary_without_a_share},
    {"a canary without answers", canary_without_answers},
    {"a canary that follows nothing", canary_alone},
    {"a canary of what is not measured", canary_of_nothing_that_is_measured},
    {"for no time is its health known", flaps_unwatched},
    {"a canary whose share was another", canary_that_was_moved},
};

START_TEST(a_rule_says_what_it_reckoned)
{
	words_found(&rows[_i]);
}
END_TEST

START_TEST(nothing_is_said_of_it)
{
	words_none(&silent[_i]);
}
END_TEST

/* --- in what order --- */

START_TEST(the_worst_comes_first_then_rules_then_names)
{
	static const struct {
		enum advise_rule rule;
		const char *subject;
	} order[] = {
	    {ADVISE_CERTIFICATE, "stable/us-b"},
	    {ADVISE_AVAILABILITY, "stable/us-a"},
	    {ADVISE_CERTIFICATE, "stable/eu-a"},
	    {ADVISE_CERTIFICATE, "stable/us-a"},
	};
	struct fixture f;

	fixture_begin(&f);
	down_for_long(&f);
	f.stable[0].certificate_ms = f.stable[2].certificate_ms =
	    f.facts.now_ms + 10 * (int64_t)DAY;
	f.stable[1].certificate_ms = f.facts.now_ms + DAY;
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_uint_eq(f.advice.n, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(f.advice.findings[i].rule, order[i].rule);
		ck_assert_str_eq(
		    f.advice.findings[i].subject, order[i].subject);
	}
	fixture_end(&f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("advice/words_health");
	TCase *tcase = tcase_create("words");

	tcase_add_loop_test(tcase, a_rule_says_what_it_reckoned, 0, N(rows));
	tcase_add_loop_test(tcase, nothing_is_said_of_it, 0, N(silent));
	tcase_add_test(tcase, the_worst_comes_first_then_rules_then_names);
	suite_add_tcase(suite, tcase);
	return words_run(suite);
}
