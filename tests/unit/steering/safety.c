/*
 * Tests of the safety rule: what may be taken out by hand, and for whom it is
 * said that nothing would be left.
 */
#include "steering/safety.h"

#include "tests/unit/failing_memory.h"
#include "tests/unit/steering_fixture.h"

#define OFFICE "10.0.0.0/8"
#define LAB "172.16.0.0/12"
#define DOWN(f, pool, i) fixture_set(f, pool, i, USABLE_NO)

/* What is taken out, on top of what a test has set before. */
struct change {
	struct fixture *f;
	struct live *after;
	struct safety_breach breach;
	char words[512];
};

static struct fixture *
create(void)
{
	struct fixture *f = fixture_create();

	f->config.safety.least = 1;
	return f;
}

static void
copy_live(struct change *c)
{
	const struct live *now = c->f->live;

	c->after = live_create(c->f->policy);
	ck_assert_ptr_nonnull(c->after);
	memcpy(c->after->endpoint, now->endpoint, now->n_endpoints);
	memcpy(c->after->presumed, now->presumed, now->n_endpoints);
}

/* Begin a change of what ${f} is now. */
static struct change
begin(struct fixture *f)
{
	struct change c = {.f = f};

	copy_live(&c);
	return c;
}

static void
take(struct change *c, uint32_t pool, size_t i)
{
	c->after->endpoint[fixture_number(c->f, pool, i)] = USABLE_NO;
}

static void
take_region(struct change *c, const char *region)
{
	for (uint32_t e = 0; e < c->f->policy->n_endpoints; e++)
		if (strcmp(fixture_region_name(c->f, e), region) == 0)
			c->after->endpoint[e] = USABLE_NO;
}

/* What is said of the change, or "". */
static const char *
said(struct change *c)
{
	struct text words;
	int status;

	live_judge(c->after, c->f->policy);
	text_init(&words, sizeof(c->words) - 1);
	status = safety_check(
	    c->f->policy, c->f->live, c->after, &c->breach, &words);
	ck_assert_int_ge(status, 0);
	ck_assert_int_eq(status == 1, c->breach.classes > 0);
	ck_assert_int_eq(status == 1, words.len > 0);
	ck_assert_int_eq(status == 1, c->breach.service != NULL);
	snprintf(c->words, sizeof(c->words), "%s",
	    words.data != NULL ? words.data : "");
	text_finish(&words);
	live_destroy(c->after);
	c->after = NULL;
	return c->words;
}

/* What is said when all of ${region} is taken out. */
static const char *
without(struct fixture *f, const char *region)
{
	static struct change c;

	c = begin(f);
	take_region(&c, region);
	return said(&c);
}

enum { EAST_A, EAST_B, WEST };

struct steered {
	struct fixture *f;
	struct service_config *s;
	uint32_t v1, v2;
};

/* Two endpoints in the east and one in the west of v1. */
static struct steered
steered(void)
{
	struct fixture *f = create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct steered it = {.f = f, .s = fixture_service(f, "chat")};

	it.v1 = fixture_pool(f, "v1");
	fixture_endpoint(f, it.v1, east, 1);
	fixture_endpoint(f, it.v1, east, 1);
	fixture_endpoint(f, it.v1, west, 2);
	fixture_split(f, it.s, it.v1, 90);
	return it;
}

START_TEST(a_region_may_go_while_another_is_up)
{
	struct steered it = steered();
	struct change c;

	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"), "");
	ck_assert_str_eq(without(it.f, "west"), "");
	c = begin(it.f);
	take_region(&c, "east");
	take_region(&c, "west");
	ck_assert_str_eq(said(&c),
	    "all clients of chat.test.example would be left with nothing: "
	    "east, west are the last regions up and not drained");
	ck_assert_uint_eq(c.breach.classes, 1);
	ck_assert_uint_eq(c.breach.services, 1);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(the_last_region_is_kept)
{
	struct steered it = steered();

	fixture_build(it.f);
	DOWN(it.f, it.v1, WEST);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with nothing: "
	    "east is the last region up and not drained (west is not)");
	ck_assert_str_eq(without(it.f, "west"), "");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(the_last_endpoint_is_named)
{
	struct steered it = steered();

	fixture_build(it.f);
	DOWN(it.f, it.v1, WEST);
	DOWN(it.f, it.v1, EAST_A);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with nothing: "
	    "e1 of pool v1 in east is the last endpoint up and not drained "
	    "(west is not)");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(what_had_nothing_before_refuses_nothing)
{
	struct steered it = steered();

	fixture_build(it.f);
	fixture_set_all(it.f, USABLE_NO);
	ck_assert_str_eq(without(it.f, "east"), "");
	fixture_destroy(it.f);
}
END_TEST

/* Too few before, too: it is what takes from them that is refused. */
START_TEST(what_takes_nothing_is_not_refused)
{
	struct steered it = steered();
	struct change c;

	it.f->config.safety.least = 3;
	fixture_build(it.f);
	DOWN(it.f, it.v1, WEST);
	c = begin(it.f);
	ck_assert_str_eq(said(&c), "");
	ck_assert_str_eq(without(it.f, "west"), "");
	c = begin(it.f);
	take(&c, it.v1, EAST_A);
	ck_assert_str_ne(said(&c), "");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(least_counts_endpoints)
{
	struct steered it = steered();
	struct change c;

	it.f->config.safety.least = 2;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with 1 endpoint, "
	    "and safety asks for 2 (least)");
	/* Two are left: as many as are asked for. */
	ck_assert_str_eq(without(it.f, "west"), "");
	it.f->config.safety.least = 3;
	c = begin(it.f);
	take(&c, it.v1, WEST);
	ck_assert_str_eq(said(&c),
	    "all clients of chat.test.example would be left with 2 endpoints, "
	    "and safety asks for 3 (least)");
	fixture_destroy(it.f);
}
END_TEST

/* East and west weigh 2 each. */
START_TEST(share_is_of_all_in_the_file)
{
	struct steered it = steered();
	struct change c;

	it.f->config.safety.share_ppm = 500000;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"), "");
	it.f->config.safety.share_ppm = 500001;
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with 1 endpoint, "
	    "50% of the weight that they have in the file, and safety asks "
	    "for 50.0001% (share)");
	/* What is down is missing before and after. */
	it.f->config.safety.share_ppm = 400000;
	DOWN(it.f, it.v1, WEST);
	c = begin(it.f);
	take(&c, it.v1, EAST_A);
	ck_assert_str_eq(said(&c),
	    "all clients of chat.test.example would be left with 1 endpoint, "
	    "25% of the weight that they have in the file, and safety asks "
	    "for 40% (share)");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(share_is_of_capacity_where_all_say_one)
{
	struct steered it = steered();

	it.f->config.safety.share_ppm = 500000;
	it.f->endpoints[it.v1][EAST_A].capacity = 10;
	it.f->endpoints[it.v1][EAST_B].capacity = 10;
	it.f->endpoints[it.v1][WEST].capacity = 5;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "west"), "");
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with 1 endpoint, "
	    "20% of the capacity that they have in the file, and safety asks "
	    "for 50% (share)");
	fixture_destroy(it.f);

	it = steered();
	it.f->config.safety.share_ppm = 500000;
	it.f->endpoints[it.v1][EAST_A].capacity = 10;
	it.f->endpoints[it.v1][WEST].capacity = 1;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"), "");
	fixture_destroy(it.f);
}
END_TEST

/* The office may be sent to the east only, the lab to the west only. */
static struct steered
fenced(bool hard)
{
	struct steered it = steered();
	uint32_t office = fixture_network(it.f, "office", OFFICE, 0);
	uint32_t lab = fixture_network(it.f, "lab", LAB, 50);

	fixture_fence(it.f, it.s, office, 1, hard);
	fixture_fence(it.f, it.s, lab, 2, hard);
	return it;
}

START_TEST(a_class_inside_a_hard_fence_is_named)
{
	struct steered it = fenced(true);
	struct change c;

	it.s->resorts[it.s->n_resorts++] = RESORT_UNFENCED;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "west"),
	    "clients of rule 2 (networks lab) of chat.test.example would be "
	    "left with nothing: e2 of pool v1 in west is the last endpoint up "
	    "and not drained");
	c = begin(it.f);
	take(&c, it.v1, EAST_A);
	ck_assert_str_eq(said(&c), "");
	c = begin(it.f);
	take_region(&c, "east");
	take_region(&c, "west");
	ck_assert_str_eq(said(&c),
	    "clients of rule 1 (networks office) of chat.test.example would "
	    "be left with nothing: east is the last region up and not "
	    "drained");
	ck_assert_uint_eq(c.breach.classes, 3);
	ck_assert_uint_eq(c.breach.services, 1);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(a_soft_fence_counts_too)
{
	struct steered it = fenced(false);

	it.s->resorts[it.s->n_resorts++] = RESORT_POOLS;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"),
	    "clients of rule 1 (networks office) of chat.test.example would "
	    "be left with nothing: east is the last region up and not "
	    "drained");
	it.s->resorts[it.s->n_resorts++] = RESORT_UNFENCED;
	ck_assert_str_eq(without(it.f, "east"),
	    "clients of rule 1 (networks office) of chat.test.example would "
	    "be left with nothing: east is the last region up and not drained; "
	    "their fence is soft: they would be sent out of it");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(clients_of_no_rule_are_a_class)
{
	struct steered it = steered();
	uint32_t lab = fixture_network(it.f, "lab", LAB, 50);

	fixture_fence(it.f, it.s, lab, 2, true);
	/* They have no fence that this could lift. */
	it.s->resorts[it.s->n_resorts++] = RESORT_UNFENCED;
	fixture_build(it.f);
	DOWN(it.f, it.v1, WEST);
	ck_assert_str_eq(without(it.f, "east"),
	    "clients of no rule of chat.test.example would be left with "
	    "nothing: east is the last region up and not drained (west is "
	    "not)");
	fixture_destroy(it.f);
}
END_TEST

/* Behind a rule that has everyone nobody is left. */
START_TEST(after_everyone_there_is_no_class)
{
	struct steered it = steered();
	uint32_t lab = fixture_network(it.f, "lab", LAB, 50);
	struct change c;

	fixture_fence(it.f, it.s, lab, 2, true);
	fixture_fence(it.f, it.s, lab, 3, true);
	fixture_fence(it.f, it.s, lab, 3, true);
	it.f->fences[0][1].clients = (struct clients_config){.everyone = true};
	fixture_build(it.f);
	c = begin(it.f);
	take_region(&c, "east");
	take_region(&c, "west");
	said(&c);
	ck_assert_uint_eq(c.breach.classes, 2);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(a_region_below_min_up_has_nothing)
{
	struct steered it = steered();
	struct change c;

	it.f->pools[it.v1].min_up_ppm = 1000000;
	fixture_build(it.f);
	/* One of two in the east takes the other with it. */
	DOWN(it.f, it.v1, EAST_A);
	ck_assert_str_ne(without(it.f, "west"), "");
	fixture_set(it.f, it.v1, EAST_A, USABLE_YES);
	DOWN(it.f, it.v1, WEST);
	c = begin(it.f);
	take(&c, it.v1, EAST_B);
	ck_assert_str_ne(said(&c), "");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(what_is_not_checked_yet_is_no_reason_to_take_what_is_up)
{
	struct steered it = steered();

	fixture_build(it.f);
	fixture_set(it.f, it.v1, WEST, USABLE_UNCHECKED);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with nothing: "
	    "east is the last region up and not drained (west is not)");
	ck_assert_str_eq(without(it.f, "west"), "");
	/* Presumed to be up is not found up. */
	fixture_set(it.f, it.v1, WEST, USABLE_YES);
	it.f->live->presumed[fixture_number(it.f, it.v1, WEST)] = 1;
	ck_assert_str_ne(without(it.f, "east"), "");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(where_nothing_is_checked_yet_it_counts)
{
	struct steered it = steered();
	struct change c;

	fixture_build(it.f);
	fixture_set_all(it.f, USABLE_UNCHECKED);
	ck_assert_str_eq(without(it.f, "east"), "");
	c = begin(it.f);
	take_region(&c, "east");
	take_region(&c, "west");
	ck_assert_str_eq(said(&c),
	    "all clients of chat.test.example would be left with nothing: "
	    "east, west are the last regions not drained, and none is checked "
	    "yet");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(members_of_a_split_count_together)
{
	struct steered it = steered();
	uint32_t backup;

	it.v2 = fixture_pool(it.f, "v2");
	fixture_endpoint(it.f, it.v2, 0, 1);
	fixture_split(it.f, it.s, it.v2, 10);
	/* Without a weight it is for the last resort alone. */
	backup = fixture_pool(it.f, "backup");
	fixture_endpoint(it.f, backup, 1, 1);
	fixture_split(it.f, it.s, backup, 0);
	/* So is an endpoint without one. */
	fixture_endpoint(it.f, it.v1, 1, 0);
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "west"), "");
	DOWN(it.f, it.v1, EAST_A);
	DOWN(it.f, it.v1, EAST_B);
	ck_assert_str_eq(without(it.f, "west"), "");
	DOWN(it.f, it.v2, 0);
	ck_assert_str_eq(without(it.f, "west"),
	    "all clients of chat.test.example would be left with nothing: "
	    "e2 of pool v1 in west is the last endpoint up and not drained "
	    "(east is not)");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(standby_endpoints_and_an_origin_are_left)
{
	struct steered it = steered();

	it.v2 = fixture_pool(it.f, "origin");
	fixture_endpoint(it.f, it.v2, 1, 1);
	it.f->endpoints[it.v1][WEST].standby = true;
	it.f->pools[it.v1].edge = true;
	it.f->pools[it.v1].origin = it.v2;
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"), "");
	DOWN(it.f, it.v1, WEST);
	ck_assert_str_eq(without(it.f, "east"), "");
	DOWN(it.f, it.v2, 0);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with nothing: "
	    "east is the last region up and not drained (west is not)");
	fixture_destroy(it.f);
}
END_TEST

/* Counted once: what two members share is one endpoint. */
START_TEST(an_origin_of_two_members_is_one)
{
	struct steered it = steered();
	uint32_t origin;

	it.f->config.safety.least = 2;
	it.v2 = fixture_pool(it.f, "v2");
	fixture_endpoint(it.f, it.v2, 0, 1);
	fixture_split(it.f, it.s, it.v2, 10);
	origin = fixture_pool(it.f, "origin");
	fixture_endpoint(it.f, origin, 1, 1);
	it.f->endpoints[it.v1][WEST].weight = 0;
	for (uint32_t p = it.v1; p <= it.v2; p++) {
		it.f->pools[p].edge = true;
		it.f->pools[p].origin = origin;
	}
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "east"),
	    "all clients of chat.test.example would be left with 1 endpoint, "
	    "and safety asks for 2 (least)");
	fixture_destroy(it.f);
}
END_TEST

START_TEST(the_first_service_is_named_and_all_are_counted)
{
	struct steered it = steered();
	struct service_config *other = fixture_service(it.f, "embed");
	struct service_config *third = fixture_service(it.f, "rerank");
	struct change c;

	it.v2 = fixture_pool(it.f, "v2");
	fixture_endpoint(it.f, it.v2, 0, 1);
	fixture_split(it.f, other, it.v2, 1);
	fixture_split(it.f, third, it.v2, 1);
	fixture_build(it.f);
	c = begin(it.f);
	take(&c, it.v2, 0);
	ck_assert_str_eq(said(&c),
	    "all clients of embed.test.example would be left with nothing: "
	    "e0 of pool v2 in east is the last endpoint up and not drained");
	ck_assert_str_eq(c.breach.service->name, "embed.test.example.");
	ck_assert_uint_eq(c.breach.services, 2);
	ck_assert_uint_eq(c.breach.classes, 2);
	fixture_destroy(it.f);
}
END_TEST

/* A service "outer" of one member, the service chat. */
static struct service_config *
nested(struct steered *it)
{
	uint32_t inner = fixture_nested(it->f, "inner", it->s);
	struct service_config *outer = fixture_service(it->f, "outer");

	fixture_split(it->f, outer, inner, 1);
	return outer;
}

START_TEST(rules_of_services_inside_each_other_count_together)
{
	struct steered it = steered();
	uint32_t office = fixture_network(it.f, "office", OFFICE, 0);
	uint32_t south = fixture_region(it.f, "south", 70);
	struct service_config *outer = nested(&it);
	struct change c;

	fixture_endpoint(it.f, it.v1, south, 1);
	it.s->n_listed = outer->n_listed = it.f->config.n_regions;
	/* chat: east or west; outer: west or south: west alone is in both. */
	fixture_fence(it.f, it.s, office, 3, true);
	fixture_fence(it.f, outer, office, 6, true);
	fixture_build(it.f);
	ck_assert_str_eq(without(it.f, "south"), "");
	ck_assert_str_eq(without(it.f, "west"),
	    "clients of rule 1 (networks office) of outer.test.example and of "
	    "rule 1 (networks office) of chat would be left with nothing: e2 "
	    "of pool v1 in west is the last endpoint up and not drained");
	c = begin(it.f);
	take_region(&c, "west");
	said(&c);
	ck_assert_uint_eq(c.breach.classes, 1);
	fixture_destroy(it.f);
}
END_TEST

START_TEST(a_rule_inside_a_service_without_one_is_said_so)
{
	struct fixture *f = create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *outer = fixture_service(f, "outer");
	struct service_config *chat = fixture_service(f, "chat");
	uint32_t lab = fixture_network(f, "lab", LAB, 50);
	uint32_t pool = fixture_pool(f, "v1");
	struct change c;

	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, west, 1);
	fixture_split(f, chat, pool, 1);
	fixture_fence(f, chat, lab, 2, true);
	fixture_split(f, outer, fixture_nested(f, "inner", chat), 1);
	fixture_build(f);
	c = begin(f);
	take_region(&c, "west");
	ck_assert_str_eq(said(&c),
	    "clients of rule 1 (networks lab) of chat, in outer.test.example, "
	    "would be left with nothing: e1 of pool v1 in west is the last "
	    "endpoint up and not drained");
	ck_assert_uint_eq(c.breach.services, 2);
	fixture_destroy(f);
}
END_TEST

/* What is not above: rules that no client meets together. */
START_TEST(rules_that_no_country_has_in_common_make_no_class)
{
	static char europe[1][3] = {"EU"}, german[1][3] = {"DE"},
		    american[1][3] = {"US"};
	static const struct subdivision_config california = {.country = "US"};
	static const struct city_config paris = {
	    .geoname = 2988507, .name = ""};
	static const struct circle_config circle = {.km = 100};
	static const uint32_t provider = 64496;
	struct {
		const char *what;
		struct clients_config clients;
		unsigned classes;
	} rows[] = {
	    {"of another continent", {.countries = american, .n_countries = 1},
		0},
	    {"of the continent", {.countries = german, .n_countries = 1}, 1},
	    {"of a network, which may be anywhere",
		{.countries = american, .n_countries = 1, .n_networks = 1}, 1},
	    {"of a subdivision",
		{.countries = american,
		    .n_countries = 1,
		    .subdivisions = &california,
		    .n_subdivisions = 1},
		1},
	    {"of a city",
		{.countries = american,
		    .n_countries = 1,
		    .cities = &paris,
		    .n_cities = 1},
		1},
	    {"of a circle",
		{.countries = american,
		    .n_countries = 1,
		    .near = &circle,
		    .n_near = 1},
		1},
	    {"of a provider",
		{.countries = american,
		    .n_countries = 1,
		    .asns = &provider,
		    .n_asns = 1},
		1},
	    {"of whom nothing is known",
		{.countries = american, .n_countries = 1, .unknown = true}, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct steered it = steered();
		uint32_t lab = fixture_network(it.f, "lab", LAB, 50);
		uint32_t south = fixture_region(it.f, "south", 70);
		struct service_config *outer = nested(&it);
		struct change c;

		fixture_endpoint(it.f, it.v1, south, 1);
		it.s->n_listed = outer->n_listed = it.f->config.n_regions;
		fixture_fence(it.f, it.s, lab, 3, true);
		fixture_fence(it.f, outer, lab, 6, true);
		rows[i].clients.networks = it.f->fences[0][0].clients.networks;
		it.f->fences[0][0].clients = rows[i].clients;
		it.f->fences[1][0].clients = (struct clients_config){
		    .continents = europe, .n_continents = 1};
		fixture_build(it.f);
		c = begin(it.f);
		take_region(&c, "west");
		said(&c);
		ck_assert_msg(c.breach.classes == rows[i].classes, "%s: %u %s",
		    rows[i].what, c.breach.classes, c.words);
		fixture_destroy(it.f);
	}
}
END_TEST

/* One that an earlier rule leaves no country has no clients. */
START_TEST(a_rule_that_is_never_met_is_no_class)
{
	static char europe[1][3] = {"EU"}, german[1][3] = {"DE"};
	const struct {
		const char *what;
		struct clients_config first, second;
		unsigned classes;
	} rows[] = {
	    {"the continent before its country",
		{.continents = europe, .n_continents = 1},
		{.countries = german, .n_countries = 1}, 0},
	    {"the country before its continent",
		{.countries = german, .n_countries = 1},
		{.continents = europe, .n_continents = 1}, 1},
	    {"a country and a network, which may be anywhere",
		{.continents = europe, .n_continents = 1},
		{.countries = german, .n_countries = 1, .n_networks = 1}, 1},
	    {"those of whom nothing is known",
		{.continents = europe, .n_continents = 1}, {.unknown = true},
		1},
	    {"everyone else", {.continents = europe, .n_continents = 1},
		{.everyone = true}, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct steered it = steered();
		uint32_t lab = fixture_network(it.f, "lab", LAB, 50);
		struct clients_config second = rows[i].second;
		struct change c;

		fixture_fence(it.f, it.s, lab, 1, true);
		fixture_fence(it.f, it.s, lab, 2, true);
		second.networks = it.f->fences[0][0].clients.networks;
		it.f->fences[0][0].clients = rows[i].first;
		it.f->fences[0][1].clients = second;
		fixture_build(it.f);
		c = begin(it.f);
		take_region(&c, "west");
		said(&c);
		ck_assert_msg(c.breach.classes == rows[i].classes, "%s: %u %s",
		    rows[i].what, c.breach.classes, c.words);
		fixture_destroy(it.f);
	}
}
END_TEST

/* Where all countries are in rules, those of no country are left. */
START_TEST(clients_of_whom_nothing_is_known_are_a_class)
{
	static char all[7][3] = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
	struct steered it = steered();
	uint32_t lab = fixture_network(it.f, "lab", LAB, 50);

	fixture_fence(it.f, it.s, lab, 1, true);
	it.f->fences[0][0].clients =
	    (struct clients_config){.continents = all, .n_continents = 7};
	fixture_build(it.f);
	DOWN(it.f, it.v1, EAST_A);
	DOWN(it.f, it.v1, EAST_B);
	ck_assert_str_eq(without(it.f, "west"),
	    "clients of no rule of chat.test.example would be left with "
	    "nothing: e2 of pool v1 in west is the last endpoint up and not "
	    "drained (east is not)");
	fixture_destroy(it.f);
}
END_TEST

/* And those of no rule are none then, when they are in one, too. */
START_TEST(where_rules_have_everybody_there_are_no_others)
{
	static char all[7][3] = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
	struct steered it = steered();
	uint32_t lab = fixture_network(it.f, "lab", LAB, 50);
	struct change c;

	fixture_fence(it.f, it.s, lab, 1, true);
	fixture_fence(it.f, it.s, lab, 1, true);
	it.f->fences[0][0].clients =
	    (struct clients_config){.continents = all, .n_continents = 7};
	it.f->fences[0][1].clients = (struct clients_config){.unknown = true};
	fixture_build(it.f);
	c = begin(it.f);
	take_region(&c, "east");
	take_region(&c, "west");
	said(&c);
	ck_assert_uint_eq(c.breach.classes, 2);
	fixture_destroy(it.f);
}
END_TEST

/* More classes than are looked at one by one: those of the service itself are,
 * as if those inside it had no fence. */
#define MANY 60
START_TEST(of_too_many_classes_those_of_the_service_are_looked_at)
{
	static struct fence_config many[3][MANY];
	struct fixture *f = create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *outer = fixture_service(f, "outer");
	struct service_config *middle = fixture_service(f, "middle");
	struct service_config *chat = fixture_service(f, "chat");
	uint32_t lab = fixture_network(f, "lab", LAB, 50);
	uint32_t office = fixture_network(f, "office", OFFICE, 50);
	uint32_t pool = fixture_pool(f, "v1");
	struct change c;

	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, west, 1);
	fixture_split(f, chat, pool, 1);
	fixture_split(f, middle, fixture_nested(f, "inner", chat), 1);
	fixture_split(f, outer, fixture_nested(f, "within", middle), 1);
	fixture_fence(f, outer, lab, 3, false);
	fixture_fence(f, outer, office, 2, false);
	fixture_fence(f, middle, lab, 1, false);
	fixture_fence(f, middle, lab, 3, false);
	fixture_fence(f, chat, lab, 3, false);
	for (size_t i = 0; i < MANY; i++) {
		many[0][i] = f->fences[0][0];
		many[1][i] = f->fences[1][i > 0];
		many[2][i] = f->fences[2][0];
	}
	many[0][MANY - 1] = f->fences[0][1];
	outer->fences = many[0];
	middle->fences = many[1];
	chat->fences = many[2];
	outer->n_fences = middle->n_fences = chat->n_fences = MANY;
	fixture_build(f);
	c = begin(f);
	take_region(&c, "west");
	ck_assert_str_eq(said(&c),
	    "clients of rule 60 (networks office) of outer.test.example and "
	    "of no rule of middle and of no rule of chat would be left with "
	    "nothing: e1 of pool v1 in west is the last endpoint up and not "
	    "drained");
	ck_assert_uint_eq(c.breach.classes, 1);
	fixture_destroy(f);
}
END_TEST

START_TEST(members_of_an_inner_service_without_a_weight_do_not_count)
{
	struct steered it = steered();
	struct service_config *outer = nested(&it);
	uint32_t spare = fixture_pool(it.f, "spare");
	struct change c;

	fixture_endpoint(it.f, spare, 1, 1);
	fixture_split(it.f, it.s, spare, 0);
	fixture_build(it.f);
	DOWN(it.f, it.v1, WEST);
	c = begin(it.f);
	take_region(&c, "east");
	said(&c);
	ck_assert_uint_eq(c.breach.services, 2);
	/* And to take the spare alone takes nothing. */
	c = begin(it.f);
	take(&c, spare, 0);
	ck_assert_str_eq(said(&c), "");
	ck_assert_ptr_nonnull(outer);
	fixture_destroy(it.f);
}
END_TEST

/* Whichever allocation fails, nothing is said to be safe; and nothing is held
 * after it. */
START_TEST(without_memory_no_answer_is_given)
{
	struct steered it = fenced(true);
	struct change c;
	struct text words;
	int status = -1;

	fixture_build(it.f);
	c = begin(it.f);
	take_region(&c, "west");
	live_judge(c.after, it.f->policy);
	for (long n = 0; status == -1; n++) {
		long before = held;

		text_init(&words, sizeof(c.words));
		until_failure = n;
		failed = false;
		status = safety_check(
		    it.f->policy, it.f->live, c.after, &c.breach, &words);
		until_failure = -1;
		text_finish(&words);
		ck_assert_int_eq(held, before);
		ck_assert_int_ne(status, 0);
		ck_assert(status == 1 || failed);
	}
	live_destroy(c.after);
	fixture_destroy(it.f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_safety");
	TCase *tc = tcase_create("safety");

	tcase_add_test(tc, a_region_may_go_while_another_is_up);
	tcase_add_test(tc, the_last_region_is_kept);
	tcase_add_test(tc, the_last_endpoint_is_named);
	tcase_add_test(tc, what_had_nothing_before_refuses_nothing);
	tcase_add_test(tc, what_takes_nothing_is_not_refused);
	tcase_add_test(tc, least_counts_endpoints);
	tcase_add_test(tc, share_is_of_all_in_the_file);
	tcase_add_test(tc, share_is_of_capacity_where_all_say_one);
	tcase_add_test(tc, a_class_inside_a_hard_fence_is_named);
	tcase_add_test(tc, a_soft_fence_counts_too);
	tcase_add_test(tc, clients_of_no_rule_are_a_class);
	tcase_add_test(tc, after_everyone_there_is_no_class);
	tcase_add_test(tc, a_region_below_min_up_has_nothing);
	tcase_add_test(
	    tc, what_is_not_checked_yet_is_no_reason_to_take_what_is_up);
	tcase_add_test(tc, where_nothing_is_checked_yet_it_counts);
	tcase_add_test(tc, members_of_a_split_count_together);
	tcase_add_test(tc, standby_endpoints_and_an_origin_are_left);
	tcase_add_test(tc, an_origin_of_two_members_is_one);
	tcase_add_test(tc, the_first_service_is_named_and_all_are_counted);
	tcase_add_test(tc, rules_of_services_inside_each_other_count_together);
	tcase_add_test(tc, a_rule_inside_a_service_without_one_is_said_so);
	tcase_add_test(tc, rules_that_no_country_has_in_common_make_no_class);
	tcase_add_test(tc, a_rule_that_is_never_met_is_no_class);
	tcase_add_test(tc, clients_of_whom_nothing_is_known_are_a_class);
	tcase_add_test(tc, where_rules_have_everybody_there_are_no_others);
	tcase_add_test(
	    tc, of_too_many_classes_those_of_the_service_are_looked_at);
	tcase_add_test(
	    tc, members_of_an_inner_service_without_a_weight_do_not_count);
	tcase_add_test(tc, without_memory_no_answer_is_given);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
