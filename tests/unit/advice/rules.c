/*
 * Each rule of advice a little under its threshold, at it, and a little above;
 * with too few samples and with enough; what it says and which line it changes.
 */
#include "tests/unit/advice_fixture.h"

#include <stdlib.h>

#define EPSILON 1e-6
#define DAY 86400000.0

/* Change ${f} so that the rule's value is ${value}, and no other rule finds
 * anything. */
typedef void plant(struct fixture *f, double value);

static int64_t spells[1000];

static void
n1(struct fixture *f, double value)
{
	/* Without us, its clients are eu's: it has 200 in eu and us gives 60;
	 * eu's own is 60. */
	f->config.threshold[ADVISE_WEIGHTS] = 100;
	for (size_t i = 2; i < 4; i++)
		f->stable[i].capacity = 100;
	/* eu: value % of 200 = own + 60 */
	f->stable[2].saturation = f->stable[3].saturation =
	    (value * 2 - 60) / 200;
	/* ap's loss goes to us: far from it; eu's to ap: make room. */
	f->stable[4].capacity = f->stable[5].capacity = 1000;
	f->stable[4].saturation = f->stable[5].saturation = 0.01;
	f->stable[4].max_running = f->stable[5].max_running = 1000;
}

static void
weights(struct fixture *f, double value)
{
	/* us-a has half of the weight, and 1 / (2 value) of the capacity. */
	f->stable[0].max_running = 100;
	f->stable[1].max_running = 100 * (2 * value - 1);
}

static void
hot_name(struct fixture *f, double value)
{
	f->caches[0].saturation = 0.3 * value;
}

static void
unused_region(struct fixture *f, double value)
{
	for (size_t s = 0; s < FIXTURE_SERVICES; s++)
		f->answered[s][AP] = value / 100 * FIXTURE_ANSWERS;
}

static void
far_clients(struct fixture *f, double value)
{
	/* Only the distance of India counts: the others are near.  One more
	 * region there saves its distance times its share. */
	struct advice_country *c;
	double km = 0, low = -70, high = 70;

	for (size_t s = 0; s < FIXTURE_SERVICES; s++)
		for (size_t i = 0; i < FIXTURE_COUNTRIES; i++) {
			c = &f->countries[s][i];
			c->latitude = f->regions[i % 3].latitude;
			c->longitude = f->regions[i % 3].longitude;
		}
	c = &f->countries[CHAT][IN_IN];
	c->longitude = f->regions[AP].longitude;
	c->answers = f->from[CHAT][IN_IN][AP] = FIXTURE_ANSWERS;
	f->countries[CHAT][IN_US].answers = 0;
	f->countries[CHAT][IN_IE].answers = 0;
	/* A degree along the meridian is the same everywhere. */
	low = f->regions[AP].latitude;
	high = 89;
	for (int i = 0; i < 60; i++) {
		c->latitude = (low + high) / 2;
		km =
		    (c->latitude - f->regions[AP].latitude) * 6371 * M_PI / 180;
		if (km < value)
			low = c->latitude;
		else
			high = c->latitude;
	}
	/* Distances are whole kilometres: step by one. */
	c->latitude += value > 1000 + EPSILON / 2 ? 0.009
	    : value < 1000 - EPSILON / 2          ? -0.009
						  : 0;
}

static void
no_rule(struct fixture *f, double value)
{
	struct advice_country *c = f->countries[CHAT];

	f->services[CHAT].fenced = true;
	c[IN_US].ruled = c[IN_IE].ruled = true;
	c[IN_IN].answers = value / 100;
	c[IN_US].answers = 1 - value / 100;
	c[IN_IE].answers = 0;
	f->config.threshold[ADVISE_FAR_CLIENTS] = 20000;
}

static void
unknown_clients(struct fixture *f, double value)
{
	struct advice_country *c = f->countries[CHAT];

	f->services[CHAT].fenced = f->services[CHAT].hard = true;
	c[IN_US].ruled = c[IN_IE].ruled = c[IN_IN].ruled = true;
	c[UNKNOWN].answers = value / 100 * FIXTURE_ANSWERS;
	c[IN_US].answers = FIXTURE_ANSWERS * (0.4 - value / 100);
}

static void
single_region(struct fixture *f, double value)
{
	struct advice_country *c = f->countries[CHAT];

	c[IN_US].spots[0].inside = 1 << US;
	c[IN_US].answers = value / 100;
	c[IN_IE].answers = 1 - value / 100;
	c[IN_IN].answers = 0;
}

static void
single_endpoint(struct fixture *f, double value)
{
	struct advice_country *c = f->countries[IMG];

	c[IN_IN].spots[0].inside = 1 << AP;
	c[IN_IN].answers = value / 100;
	c[IN_IE].answers = 1 - value / 100;
	c[IN_US].answers = 0;
}

static void
single_vantage(struct fixture *f, double value)
{
	f->facts.vantages = value < 2 ? 1 : 2;
}

static void
failover_time(struct fixture *f, double value)
{
	/* Seen within 17 s. */
	f->services[CHAT].n_failovers = 3;
	f->services[CHAT].failover_s = value - 60;
}

static void
flapping(struct fixture *f, double value)
{
	double days = 120 / value;

	for (size_t i = 0; i < 120; i++)
		spells[i] = 15000;
	f->stable[3].spell_ms = spells;
	f->stable[3].n_spells = 120;
	/* Milliseconds are whole. */
	f->stable[3].watched_ms =
	    (int64_t)(days * DAY) - 10 * (value > 4) + 10 * (value < 4);
}

static void
availability(struct fixture *f, double value)
{
	f->stable[0].down_ms = (int64_t)llround(value / 100 * 30 * DAY) +
	    (value > 1) - (value < 1);
}

static void
certificate(struct fixture *f, double value)
{
	f->stable[0].certificate_ms = f->facts.now_ms +
	    (int64_t)llround(value * DAY) - (value < 21) + (value > 21);
}

static void
canary_share(struct fixture *f, double value)
{
	f->chat[1].answers = 0.05 * (1 + value / 100) * FIXTURE_ANSWERS;
}

static void
canary_health(struct fixture *f, double value)
{
	f->config.threshold[ADVISE_AVAILABILITY] = 50;
	f->canary[1].down_ms = (int64_t)llround(value / 100 * 3 * 30 * DAY) +
	    3 * (value > 1) - 3 * (value < 1);
}

static void
canary_latency(struct fixture *f, double value)
{
	for (size_t i = 0; i < 3; i++)
		f->canary[i].latency_ms = 50 * value;
}

static void
no_subnet(struct fixture *f, double value)
{
	f->services[CHAT].subnet = (1 - value / 100) * FIXTURE_ANSWERS;
}

static void
narrow_scopes(struct fixture *f, double value)
{
	f->services[CHAT].scopes[22] = value / 100 * FIXTURE_ANSWERS;
	f->services[CHAT].scopes[16] = (1 - value / 100) * FIXTURE_ANSWERS;
}

static void
no_family(struct fixture *f, double value)
{
	f->services[CHAT].nodata = value / 100 * FIXTURE_ANSWERS;
}

static void
last_resort(struct fixture *f, double value)
{
	f->services[CHAT].resort = value / 100 * FIXTURE_ANSWERS;
}

static void
elsewhere(struct fixture *f, double value)
{
	f->services[CHAT].elsewhere = value / 100 * FIXTURE_ANSWERS;
}

static void
override(struct fixture *f, double value)
{
	f->override.endless = true;
	f->override.at_ms = f->facts.now_ms - (int64_t)llround(value * DAY) -
	    (value > 7) + (value < 7);
}

static const struct row {
	enum advise_rule rule;
	plant *plant;
	const char *subject;
	unsigned line; /* 0: none */
	const char *old, *new;
	double step; /* just above; 0: EPSILON of the threshold */
} rows[] = {
    {ADVISE_N1, n1, "stable without us", 16, "",
	"- {name: NEW, region: eu, address: [ADDRESS], capacity: ", 0},
    {ADVISE_WEIGHTS, weights, "stable/us-a", LINE_ENDPOINT,
	"- {name: us-a, region: us, weight: 1}",
	"- {name: us-a, region: us, weight: ", 0},
    {ADVISE_HOT_NAME, hot_name, "caches/us-1", LINE_CACHES,
	"caches: {kind: edge, spread: 1}", "caches: {kind: edge, spread: 2}",
	0},
    {ADVISE_UNUSED_REGION, unused_region, "ap", 4, "ap: {at: [19, 73]}",
	"ap: {at: [19, 73], standby: true}", 0},
    {ADVISE_FAR_CLIENTS, far_clients, "chat.example", 4, "", "NEW: {at: [", 0},
    {ADVISE_NO_RULE, no_rule, "chat.example", LINE_CHAT, "",
	"- {clients: {countries: [IN]}, regions: [us, eu, ap], hard: true}", 0},
    {ADVISE_UNKNOWN_CLIENTS, unknown_clients, "chat.example", LINE_CHAT, "",
	"- {clients: unknown, regions: [us, eu, ap], hard: true}", 0},
    {ADVISE_SINGLE_REGION, single_region, "chat.example", 16, "",
	"- {name: NEW, region: OTHER", 0},
    {ADVISE_SINGLE_ENDPOINT, single_endpoint, "img.example", LINE_CACHES, "",
	"- {name: NEW, region: REGION", 0},
    {ADVISE_SINGLE_VANTAGE, single_vantage, "vantages", 4, "",
	"# in the file of another machine: vantage: {name: NEW", 1},
    {ADVISE_FAILOVER_TIME, failover_time, "chat.example", 22,
	"ttl: {max: 60s, min: 5s}", "ttl: {max: 103s, min: 5s}", 0},
    {ADVISE_FLAPPING, flapping, "stable/eu-b", LINE_CHECK,
	"alive: {path: /health, every: 5s, timeout: 2s, fall: 3, rise: 2}",
	"alive: {path: /health, every: 5s, timeout: 2s, fall: 5, rise: 2}", 0},
    {ADVISE_AVAILABILITY, availability, "stable/us-a", LINE_ENDPOINT,
	"- {name: us-a, region: us, weight: 1}",
	"- {name: us-a, region: us, weight: 1, drained: true}", 0},
    {ADVISE_CERTIFICATE, certificate, "stable/us-a", LINE_ENDPOINT, "",
	"# renew", 0},
    {ADVISE_CANARY_SHARE, canary_share, "chat.example", 21,
	"split: {stable: 95, canary: 5}", "split: {stable: 95, canary: 4}", 0},
    {ADVISE_CANARY_HEALTH, canary_health, "chat.example", 21,
	"split: {stable: 95, canary: 5}", "split: {stable: 95, canary: 0}", 0},
    {ADVISE_CANARY_LATENCY, canary_latency, "chat.example", 21,
	"split: {stable: 95, canary: 5}", "split: {stable: 95, canary: 0}", 0},
    {ADVISE_NO_SUBNET, no_subnet, "chat.example", LINE_CHAT, "", "# ", 0},
    {ADVISE_NARROW_SCOPES, narrow_scopes, "chat.example", LINE_CHAT, "", "# ",
	0},
    {ADVISE_NO_FAMILY, no_family, "chat.example", LINE_ENDPOINT, "",
	"address: [IPV4", 0},
    {ADVISE_LAST_RESORT, last_resort, "chat.example", 16, "", "- {name: NEW",
	0},
    {ADVISE_ELSEWHERE, elsewhere, "chat.example", LINE_CHAT, "", "# ", 0},
    {ADVISE_OVERRIDE, override, "drain region us", 0, "", "# ", 0},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS == ADVISE_RULES, "a row for each rule");

/* ${parts} steps beyond the threshold, in the direction in which it finds. */
static void
plant_at(struct fixture *f, const struct row *row, int parts)
{
	const struct advise_rule_row *rule = &advise_rules[row->rule];
	double step = row->step > 0 ? row->step : EPSILON * rule->threshold;

	fixture_begin(f);
	row->plant(f, rule->threshold + parts * step * (rule->below ? -1 : 1));
	advice_find(&f->facts, &f->config, &f->advice);
}

static void
is_silent(const struct fixture *f, const struct row *row, const char *when)
{
	for (size_t i = 0; i < f->advice.n; i++)
		ck_abort_msg("%s %s: %s of %s: %s",
		    advise_rules[row->rule].name, when,
		    advise_rules[f->advice.findings[i].rule].name,
		    f->advice.findings[i].subject,
		    f->advice.findings[i].evidence);
}

START_TEST(a_healthy_node_needs_no_advice)
{
	struct fixture f;

	fixture_begin(&f);
	advice_find(&f.facts, &f.config, &f.advice);
	is_silent(&f, &rows[0], "of a healthy node");
	ck_assert_uint_eq(f.advice.few, 0);
	ck_assert_uint_eq(f.advice.silenced, 0);
	fixture_end(&f);
}
END_TEST

START_TEST(just_under_a_threshold_it_is_silent)
{
	struct fixture f;

	plant_at(&f, &rows[_i], -1);
	is_silent(&f, &rows[_i], "just under");
	fixture_end(&f);
}
END_TEST

START_TEST(just_above_it_the_rule_finds_it_and_no_other_does)
{
	const struct row *row = &rows[_i];
	const struct advice_finding *found;
	struct fixture f;

	plant_at(&f, row, 1);
	found = fixture_found(&f, row->rule);
	ck_assert_msg(found != NULL, "%s", advise_rules[row->rule].name);
	ck_assert_uint_eq(f.advice.n, 1);
	ck_assert_str_eq(found->subject, row->subject);
	ck_assert_uint_eq(found->edit.line, row->line);
	ck_assert_str_eq(found->edit.old, row->old);
	ck_assert_msg(strncmp(found->edit.new, row->new, strlen(row->new)) == 0,
	    "%s: %s", advise_rules[row->rule].name, found->edit.new);
	ck_assert_uint_gt(strlen(found->evidence), 0);
	ck_assert_uint_gt(strlen(found->gain), 0);
	fixture_end(&f);
}
END_TEST

/* What failed is checked again every 200 ms while it counts as up: no `fall`
 * outlasts 15 s of that. */
START_TEST(a_fall_that_would_not_stop_it_is_not_proposed)
{
	const struct row *row = &rows[ADVISE_FLAPPING];
	const struct advice_finding *found;
	struct fixture f;

	ck_assert_uint_eq(row->rule, ADVISE_FLAPPING);
	fixture_begin(&f);
	f.check.again_ms = 200;
	row->plant(&f, 5);
	advice_find(&f.facts, &f.config, &f.advice);
	found = fixture_found(&f, ADVISE_FLAPPING);
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->edit.new,
	    "alive: {path: /health, every: 5s, timeout: 2s, fall: 3, rise: 2, "
	    "flap: {hold: 5m}}");
	fixture_end(&f);
}
END_TEST

/* Exactly what it is, where doubles can say it. */
START_TEST(at_its_threshold_it_is_silent)
{
	static const enum advise_rule exact[] = {ADVISE_SINGLE_VANTAGE,
	    ADVISE_FAILOVER_TIME, ADVISE_FLAPPING, ADVISE_AVAILABILITY,
	    ADVISE_CERTIFICATE, ADVISE_CANARY_HEALTH, ADVISE_NO_FAMILY,
	    ADVISE_ELSEWHERE, ADVISE_OVERRIDE, ADVISE_FAR_CLIENTS,
	    ADVISE_HOT_NAME, ADVISE_WEIGHTS, ADVISE_N1};
	const struct row *row = &rows[exact[_i]];
	struct fixture f;

	ck_assert_uint_eq(row->rule, exact[_i]);
	plant_at(&f, row, 0);
	is_silent(&f, row, "at its threshold");
	fixture_end(&f);
}
END_TEST

/* Rules that are about few things, which are all there. */
static bool
needs_samples(const struct row *row)
{
	return advise_rules[row->rule].samples > 0 &&
	    row->rule != ADVISE_CERTIFICATE && row->rule != ADVISE_OVERRIDE;
}

START_TEST(with_too_few_samples_it_is_counted_and_not_said)
{
	const struct row *row = &rows[_i];
	const struct advice_finding *found;
	struct fixture f;
	double samples;

	if (!needs_samples(row))
		return;
	plant_at(&f, row, 1);
	found = fixture_found(&f, row->rule);
	ck_assert_ptr_nonnull(found);
	samples = found->samples;
	fixture_end(&f);
	fixture_begin(&f);
	row->plant(&f,
	    advise_rules[row->rule].threshold +
		(row->step > 0 ? row->step
			       : EPSILON * advise_rules[row->rule].threshold) *
		    (advise_rules[row->rule].below ? -1 : 1));
	f.config.samples[row->rule] = samples;
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_ptr_nonnull(fixture_found(&f, row->rule));
	advice_finish(&f.advice);
	f.config.samples[row->rule] = samples + 1;
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_ptr_null(fixture_found(&f, row->rule));
	ck_assert_uint_eq(f.advice.few, 1);
	fixture_end(&f);
}
END_TEST

START_TEST(what_is_silenced_is_counted_and_not_said)
{
	const struct row *row = &rows[_i];
	struct advise_silence silence = {.rule = row->rule};
	struct fixture f;

	plant_at(&f, row, 1);
	f.config.silence = &silence;
	f.config.n_silence = 1;
	advice_finish(&f.advice);
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_uint_eq(f.advice.n, 0);
	ck_assert_uint_eq(f.advice.silenced, 1);
	advice_finish(&f.advice);
	silence.pattern = row->subject;
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_uint_eq(f.advice.silenced, 1);
	advice_finish(&f.advice);
	silence.pattern = "another.*";
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_uint_eq(f.advice.n, 1);
	ck_assert_uint_eq(f.advice.silenced, 0);
	fixture_end(&f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("advice/rules");
	TCase *tcase = tcase_create("rules");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, a_healthy_node_needs_no_advice);
	tcase_add_loop_test(
	    tcase, just_under_a_threshold_it_is_silent, 0, ROWS);
	tcase_add_loop_test(
	    tcase, just_above_it_the_rule_finds_it_and_no_other_does, 0, ROWS);
	tcase_add_test(tcase, a_fall_that_would_not_stop_it_is_not_proposed);
	tcase_add_loop_test(tcase, at_its_threshold_it_is_silent, 0, 13);
	tcase_add_loop_test(
	    tcase, with_too_few_samples_it_is_counted_and_not_said, 0, ROWS);
	tcase_add_loop_test(
	    tcase, what_is_silenced_is_counted_and_not_said, 0, ROWS);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
