/*
 * What the rules of advice say of regions, shares and fences, in numbers that
 * are reckoned by hand; and what they do not count.
 */
#include "tests/unit/advice_words.h"

#define N(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* --- the loss of a region --- */

/* us has 60 of 200, and its clients go to eu, which has 150 of 200; ap has
 * room. */
static void
loss(struct fixture *f)
{
	f->stable[2].saturation = f->stable[3].saturation = 0.75;
	f->stable[4].capacity = f->stable[5].capacity = 1000;
	f->stable[4].saturation = f->stable[5].saturation = 0.01;
}

static void
loss_at_the_busiest_hour(struct fixture *f)
{
	loss(f);
	f->stable[2].saturation = f->stable[3].saturation = 0.4;
	f->services[CHAT].peak = 1.5;
	/* That of others is not its own; how full those are nobody knows. */
	f->services[IMG].peak = 9;
	f->caches[0].saturation = (double)NAN;
}

/* What takes no clients has no part in it, known or not. */
static void
loss_beside_spares(struct fixture *f)
{
	static struct advice_endpoint more[9];

	loss(f);
	memcpy(more, f->stable, sizeof(f->stable));
	for (size_t i = 6; i < 9; i++) {
		more[i] = more[2];
		more[i].saturation = (double)NAN;
	}
	more[6].weight = 0;
	more[7].standby = true;
	more[8].drained = true;
	f->pools[STABLE].endpoints = more;
	f->pools[STABLE].n_endpoints = 9;
}

/* Half of the clients in us may not go to eu, and ap is next for them. */
static void
loss_inside_a_fence(struct fixture *f)
{
	struct advice_country *c = &f->countries[CHAT][IN_US];

	loss(f);
	f->stable[2].saturation = f->stable[3].saturation = 0.9;
	c->n_spots = 2;
	c->spots[1] = c->spots[0];
	c->spots[1].inside = 1 << US | 1 << AP;
}

/* eu has no endpoint of the pool any more: all go on to ap. */
static void
loss_where_the_next_has_none(struct fixture *f)
{
	loss(f);
	f->stable[2].drained = f->stable[3].drained = true;
	f->stable[4].capacity = f->stable[5].capacity = 0;
	f->stable[4].max_running = f->stable[5].max_running = 50;
	f->stable[4].saturation = f->stable[5].saturation = 0.5;
}

/* --- single points --- */

/* Of 1000 answers 600 are of clients who have ap alone, and of its endpoints
 * one without a weight, and one that is drained. */
static void
one_endpoint(struct fixture *f)
{
	struct advice_country *c = f->countries[CHAT];

	c[IN_IN].spots[0].inside = 1 << AP;
	c[IN_IN].answers = 600;
	c[IN_US].answers = c[IN_IE].answers = 200;
	c[UNKNOWN].answers = 0;
	f->stable[4].weight = 0;
	f->canary[2].drained = true;
}

/* Another pool of its split has one there too: two endpoints, one region. */
static void
one_region(struct fixture *f)
{
	one_endpoint(f);
	f->canary[2].drained = false;
}

/* Nothing is known of countries. */
static void
one_endpoint_for_all(struct fixture *f)
{
	f->services[IMG].n_countries = 0;
	for (size_t i = 1; i < 6; i++)
		f->caches[i].drained = true;
}

static void
one_region_for_all(struct fixture *f)
{
	one_endpoint_for_all(f);
	f->caches[1].drained = false;
}

static void
no_vantage(struct fixture *f)
{
	f->facts.vantages = 0;
	f->canary[0].checked = false;
}

static void
one_vantage(struct fixture *f)
{
	f->facts.vantages = 1;
}

/* --- shares --- */

/* us-a has half of the weight and a fifth of the room. */
static void
too_much_weight(struct fixture *f)
{
	f->stable[0].max_running = 25;
	f->stable[0].weight = f->stable[1].weight = 8;
}

/* No whole number is as little. */
static void
too_coarse_weight(struct fixture *f)
{
	f->stable[0].max_running = 25;
}

/* Two of three caches have it: with three each has 30 % and two thirds of the
 * 60 % that are more. */
static void
hot(struct fixture *f)
{
	f->config.threshold[ADVISE_N1] = 1000;
	f->caches[0].saturation = 0.9;
	f->caches[1].saturation = 0.2;
	f->caches[2].saturation = 0.4;
	f->pools[CACHES].spread = 2;
}

static void
unused(struct fixture *f)
{
	f->answered[CHAT][AP] = 300;
	/* A service without endpoints there says nothing of it. */
	f->services[IMG].regions = 1 << US | 1 << EU;
	f->answered[IMG][AP] = 200;
}

/* --- caches of resolvers --- */

static void
no_subnets(struct fixture *f)
{
	f->services[CHAT].subnet = 0.1 * FIXTURE_ANSWERS;
	f->services[CHAT].ecs = ECS_ON;
}

static void
subnets_not_heard(struct fixture *f)
{
	f->services[CHAT].subnet = 0;
	f->services[CHAT].ecs = ECS_OFF;
}

/* Three of six at /8, and one each at /20, /22 and /32: 1, 16, 64 and 65536
 * entries. */
static void
narrow(struct fixture *f)
{
	struct advice_service *s = &f->services[CHAT];

	f->config.threshold[ADVISE_NARROW_SCOPES] = 30;
	s->scopes[16] = 0;
	s->scopes[8] = 300000;
	s->scopes[20] = s->scopes[22] = s->scopes[32] = 100000;
	s->sticky_ipv4 = 24;
}

/* --- fences --- */

/* Two countries of 5 % each, and no endpoint in eu. */
static void
countries_without_a_rule(struct fixture *f)
{
	struct advice_country *c = f->countries[CHAT];

	f->services[CHAT].fenced = true;
	f->services[CHAT].regions = 1 << US | 1 << AP;
	c[IN_US].ruled = true;
	c[IN_US].answers = 0.9 * FIXTURE_ANSWERS;
	c[IN_IE].answers = c[IN_IN].answers = 0.05 * FIXTURE_ANSWERS;
	/* One that never asked needs none. */
	memcpy(c[UNKNOWN].code, "BR", 3);
	f->config.threshold[ADVISE_FAR_CLIENTS] = 20000;
}

/* Seven of 1 % each, of which the first five are named. */
static void
many_countries_without_a_rule(struct fixture *f)
{
	static const char codes[][3] = {
	    "AR", "BR", "CL", "PE", "UY", "VE", "ZA"};
	static struct advice_country many[8];
	static double from[8][FIXTURE_REGIONS];

	countries_without_a_rule(f);
	for (size_t i = 0; i < 8; i++) {
		many[i] = f->countries[CHAT][IN_US];
		many[i].region = from[i];
	}
	many[0].answers = 0.93 * FIXTURE_ANSWERS;
	for (size_t i = 1; i < 8; i++) {
		memcpy(many[i].code, codes[i - 1], 3);
		many[i].ruled = false;
		many[i].answers = 0.01 * FIXTURE_ANSWERS;
	}
	f->services[CHAT].countries = many;
	f->services[CHAT].n_countries = 8;
}

/* --- places --- */

/* 30 degrees north of ap, 3336 km from it, is half of the traffic; of us it is
 * 10 degrees, 1112 km.  Who may go to eu alone is where the fence says, and
 * where the unknown are nobody can say. */
static void
far(struct fixture *f)
{
	struct advice_country *c = f->countries[CHAT];

	c[IN_US].latitude = 49;
	c[IN_US].longitude = -77;
	c[IN_US].answers = 0.3 * FIXTURE_ANSWERS;
	c[IN_IE].latitude = 49;
	c[IN_IE].longitude = 73;
	c[IN_IE].spots[0].inside = 1 << EU;
	c[IN_IE].answers = 0.2 * FIXTURE_ANSWERS;
	c[UNKNOWN].answers = 0.1 * FIXTURE_ANSWERS;
	c[IN_IN].latitude = 49;
	c[IN_IN].longitude = 73;
	c[IN_IN].answers = 0.5 * FIXTURE_ANSWERS;
}

static void
unknown_through_a_fence(struct fixture *f)
{
	struct advice_country *c = f->countries[CHAT];

	f->services[CHAT].fenced = f->services[CHAT].hard = true;
	c[IN_US].ruled = c[IN_IE].ruled = c[IN_IN].ruled = true;
	c[UNKNOWN].answers = 0.02 * FIXTURE_ANSWERS;
	c[IN_US].answers = 0.38 * FIXTURE_ANSWERS;
}

/* --- what is no finding --- */

static void
loss_of_unknown_load(struct fixture *f)
{
	loss(f);
	f->stable[4].saturation = (double)NAN;
}

static void
loss_of_unknown_capacity(struct fixture *f)
{
	loss(f);
	f->stable[4].capacity = 0;
	f->stable[4].max_running = 0;
}

/* The clients of us may go nowhere else: that is another rule's. */
static void
loss_that_goes_nowhere(struct fixture *f)
{
	loss(f);
	f->countries[CHAT][IN_US].spots[0].inside = 1 << US;
}

/* ap has too much, and gets none of those of us or eu. */
static void
full_without_a_loss(struct fixture *f)
{
	f->stable[2].saturation = f->stable[3].saturation = 0.4;
	f->stable[4].capacity = f->stable[5].capacity = 10;
	f->stable[4].saturation = f->stable[5].saturation = 1.2;
	f->countries[CHAT][IN_IE].spots[0].inside = 1 << US | 1 << EU;
}

/* There is nothing to compare with. */
static void
hot_alone(struct fixture *f)
{
	f->config.threshold[ADVISE_N1] = 1000;
	f->caches[0].saturation = 0.9;
	f->caches[1].saturation = f->caches[2].saturation = 0;
}

static void
unused_spare(struct fixture *f)
{
	unused(f);
	f->regions[AP].standby = true;
}

static void
unused_drained(struct fixture *f)
{
	unused(f);
	f->regions[AP].drained = true;
}

/* Nothing there takes clients. */
static void
unused_without_endpoints(struct fixture *f)
{
	unused(f);
	f->stable[4].drained = true;
	f->stable[5].standby = true;
	f->canary[2].weight = 0;
	f->caches[5].drained = true;
	f->config.threshold[ADVISE_N1] = 1000;
}

static void
no_subnets_for_one_region(struct fixture *f)
{
	no_subnets(f);
	f->services[CHAT].regions = 1 << US;
}

static void
no_subnets_as_listed(struct fixture *f)
{
	no_subnets(f);
	f->services[CHAT].ranks_by_place = false;
}

static void
unknown_through_a_soft_fence(struct fixture *f)
{
	unknown_through_a_fence(f);
	f->services[CHAT].hard = false;
}

static void
unknown_by_a_rule(struct fixture *f)
{
	unknown_through_a_fence(f);
	f->services[CHAT].rules_unknown = true;
}

/* Most countries have none: the file does not mean to have all. */
static void
few_countries_with_a_rule(struct fixture *f)
{
	countries_without_a_rule(f);
	f->countries[CHAT][IN_US].answers = 0.3 * FIXTURE_ANSWERS;
}

static void
state_that_nobody_reads(struct fixture *f)
{
	f->facts.knows_state = false;
	f->facts.vantages = 0;
}

static const struct words_row rows[] = {
    {"a region is lost", loss, ADVISE_N1, ADVICE_CRITICAL,
	"without us, eu has 210 for a capacity of 200 (105 %): 150 of its own "
	"at the busiest hour and 60 that us leaves to it",
	"10 more in eu, and it stays at 100 % of its capacity",
	"- {name: NEW, region: eu, address: [ADDRESS], capacity: 10}"},
    {"at its busiest hour", loss_at_the_busiest_hour, ADVISE_N1,
	ADVICE_CRITICAL,
	"without us, eu has 210 for a capacity of 200 (105 %): 120 of its own "
	"at the busiest hour and 90 that us leaves to it",
	"10 more in eu, and it stays at 100 % of its capacity",
	"- {name: NEW, region: eu, address: [ADDRESS], capacity: 10}"},
    {"spares are no capacity", loss_beside_spares, ADVISE_N1, ADVICE_CRITICAL,
	"without us, eu has 210 for a capacity of 200 (105 %): 150 of its own "
	"at the busiest hour and 60 that us leaves to it",
	"10 more in eu, and it stays at 100 % of its capacity",
	"- {name: NEW, region: eu, address: [ADDRESS], capacity: 10}"},
    {"half of them may not go there", loss_inside_a_fence, ADVISE_N1,
	ADVICE_CRITICAL,
	"without us, eu has 210 for a capacity of 200 (105 %): 180 of its own "
	"at the busiest hour and 30 that us leaves to it",
	"10 more in eu, and it stays at 100 % of its capacity",
	"- {name: NEW, region: eu, address: [ADDRESS], capacity: 10}"},
    {"the next one has no endpoint", loss_where_the_next_has_none, ADVISE_N1,
	ADVICE_CRITICAL,
	"without us, ap has 110 for a capacity of 100 (110 %): 50 of its own "
	"at the busiest hour and 60 that us leaves to it",
	"10 more in ap, and it stays at 100 % of its capacity",
	"- {name: NEW, region: ap, address: [ADDRESS], capacity: 10}"},
    {"one endpoint for some", one_endpoint, ADVISE_SINGLE_ENDPOINT,
	ADVICE_CRITICAL,
	"60 % of the clients have one endpoint inside their fence, and get the "
	"last resort without it",
	"a second one serves 60 % of the clients when the first is lost",
	"- {name: NEW, region: REGION, address: [ADDRESS]}"},
    {"one region for some", one_region, ADVISE_SINGLE_REGION, ADVICE_WARNING,
	"60 % of the clients have endpoints in one region alone",
	"one in another region serves 60 % of the clients when the first is "
	"lost",
	"- {name: NEW, region: OTHER, address: [ADDRESS]}"},
    {"one endpoint for all", one_endpoint_for_all, ADVISE_SINGLE_ENDPOINT,
	ADVICE_CRITICAL,
	"100 % of the clients have one endpoint inside their fence, and get "
	"the last resort without it",
	"a second one serves 100 % of the clients when the first is lost",
	"- {name: NEW, region: REGION, address: [ADDRESS]}"},
    {"one region for all", one_region_for_all, ADVISE_SINGLE_REGION,
	ADVICE_WARNING,
	"100 % of the clients have endpoints in one region alone",
	"one in another region serves 100 % of the clients when the first is "
	"lost",
	"- {name: NEW, region: OTHER, address: [ADDRESS]}"},
    {"no vantage", no_vantage, ADVISE_SINGLE_VANTAGE, ADVICE_WARNING,
	"no vantage is alive: nobody sees whether 14 checked endpoints are up",
	"with one there are verdicts again, and with two nothing goes down "
	"that only one of them cannot reach",
	"# in the file of another machine: vantage: {name: NEW, region: "
	"REGION}"},
    {"one vantage", one_vantage, ADVISE_SINGLE_VANTAGE, ADVICE_WARNING,
	"1 vantage is alive, for 15 checked endpoints: its own trouble with "
	"the network looks like theirs",
	"with one more, nothing goes down that only one of them cannot reach",
	"# in the file of another machine: vantage: {name: NEW, region: "
	"REGION}"},
    {"too much weight", too_much_weight, ADVISE_WEIGHTS, ADVICE_WARNING,
	"it gets 50 % of the clients of us and has 25 of 125 requests at once "
	"(20 %)",
	"it would get 20 % of the clients, as it can take",
	"- {name: us-a, region: us, weight: 2}"},
    {"weights too coarse for it", too_coarse_weight, ADVISE_WEIGHTS,
	ADVICE_WARNING,
	"it gets 50 % of the clients of us and has 25 of 125 requests at once "
	"(20 %)",
	"it would get 20 % of the clients, as it can take",
	"- {name: us-a, region: us, weight: 25}"},
    {"a hot name", hot, ADVISE_HOT_NAME, ADVICE_WARNING,
	"it has a load of 90 %, the others of us 30 %: a name that many ask "
	"for lives on 2 of its 3 caches",
	"with a spread of 3 the hot name's load comes to about 70 % on each of "
	"its caches",
	"caches: {kind: edge, spread: 3}"},
    {"a region that hardly anybody gets", unused, ADVISE_UNUSED_REGION,
	ADVICE_NOTE,
	"300 of 1000000 answers (0.03 %) of the services that have endpoints "
	"there",
	"as a spare it says what it is, and its endpoints serve when no other "
	"does; or take them out",
	"ap: {at: [19, 73], standby: true}"},
    {"queries without a subnet", no_subnets, ADVISE_NO_SUBNET, ADVICE_NOTE,
	"900000 of 1000000 answers (90.0 %) went by the place of the resolver: "
	"its query named no client subnet",
	"public resolvers send it to name servers that they know to understand "
	"it: ask them, for up to 90.0 % of the answers",
	"# nothing to change here: have the resolvers send client subnets"},
    {"subnets that are not heard", subnets_not_heard, ADVISE_NO_SUBNET,
	ADVICE_NOTE,
	"1000000 of 1000000 answers (100.0 %) went by the place of the "
	"resolver: the file does not hear client subnets, or not those of all",
	"100.0 % of the answers may go by the place of the client", "ecs: on"},
    {"narrow scopes", narrow, ADVISE_NARROW_SCOPES, ADVICE_WARNING,
	"33.3 % of the answers hold for a /22 or less: a resolver keeps 10936 "
	"of them for the clients of a /16",
	"with scopes of /20 at most it keeps 8, and asks so much more seldom",
	"sticky: {ipv4: 20}"},
    {"countries without a rule", countries_without_a_rule, ADVISE_NO_RULE,
	ADVICE_WARNING,
	"rules of the fence have 90.0 % of the clients; 10 % are of countries "
	"that none has: IE, IN",
	"10 % of the clients go where a rule says, and no more to any region",
	"- {clients: {countries: [IE, IN]}, regions: [us, ap], hard: true}"},
    {"many countries without a rule", many_countries_without_a_rule,
	ADVISE_NO_RULE, ADVICE_WARNING,
	"rules of the fence have 93.0 % of the clients; 7 % are of countries "
	"that none has: AR, BR, CL, PE, UY",
	"7 % of the clients go where a rule says, and no more to any region",
	"- {clients: {countries: [AR, BR, CL, PE, UY]}, regions: [us, ap], "
	"hard: true}"},
    {"far clients", far, ADVISE_FAR_CLIENTS, ADVICE_WARNING,
	"clients are 2502 km from their region on average; those of IN, 62.5 % "
	"of the answers, 3336 km",
	"a region in IN makes that 417 km on average, and saves these clients "
	"some 33 ms each round trip",
	"NEW: {at: [49.0, 73.0]}"},
    {"unknown clients", unknown_through_a_fence, ADVISE_UNKNOWN_CLIENTS,
	ADVICE_CRITICAL,
	"the fence is hard, and 2 % of the clients are of no known country: "
	"none of its rules has them, and they may go anywhere",
	"2 % of the clients stay where you say",
	"- {clients: unknown, regions: [us, eu, ap], hard: true}"},
};

static const struct words_silence silent[] = {
    {"a load is not known", loss_of_unknown_load},
    {"a capacity is not known", loss_of_unknown_capacity},
    {"nobody takes over", loss_that_goes_nowhere},
    {"it is full before any loss", full_without_a_loss},
    {"the other caches are idle", hot_alone},
    {"a spare region without clients", unused_spare},
    {"a drained region without clients", unused_drained},
    {"a region without endpoints", unused_without_endpoints},
    {"one region is everybody's", no_subnets_for_one_region},
    {"regions as listed", no_subnets_as_listed},
    {"a soft fence", unknown_through_a_soft_fence},
    {"a rule for unknown clients", unknown_by_a_rule},
    {"a fence for some countries", few_countries_with_a_rule},
    {"a state that is not there", state_that_nobody_reads},
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

int
main(void)
{
	Suite *suite = suite_create("advice/words");
	TCase *tcase = tcase_create("words");

	tcase_add_loop_test(tcase, a_rule_says_what_it_reckoned, 0, N(rows));
	tcase_add_loop_test(tcase, nothing_is_said_of_it, 0, N(silent));
	suite_add_tcase(suite, tcase);
	return words_run(suite);
}
