/*
 * Tests of services inside services: what clients get where something on the
 * way fails, is fenced off or about to change, case by case; and as properties
 * of random services to depth 4, against a model that knows nothing of scopes.
 */
#include "steering/ladder.h"

#include "tests/full.h"
#include "tests/unit/steering_nested.h"

#define STATES 3
#define CLIENTS 20
#define NEIGHBOURS 8

static uint64_t
cases(void)
{
	return full_size(600, 50000);
}

/* Stories. */

/*
 * chat: 90 % of it is the service eu, 10 % the pool far.  eu is the pool main
 * and a canary of 5 %.  Regions: west and east have one endpoint of main each,
 * east the canary, south the far one.
 */
struct story {
	struct fixture *f;
	uint32_t west, east, south;
	uint32_t main, canary, far, eu_pool;
	struct service_config *chat, *eu;
};

static struct story
story_begin(void)
{
	struct story t = {.f = fixture_create()};
	struct fixture *f = t.f;

	t.west = fixture_region(f, "west", 10);
	t.east = fixture_region(f, "east", 20);
	t.south = fixture_region(f, "south", 30);
	t.main = fixture_pool(f, "main");
	t.canary = fixture_pool(f, "canary");
	t.far = fixture_pool(f, "far");
	fixture_endpoint(f, t.main, t.west, 1);
	fixture_endpoint(f, t.main, t.east, 1);
	fixture_endpoint(f, t.canary, t.east, 1);
	fixture_endpoint(f, t.far, t.south, 1);
	t.chat = fixture_service(f, "chat");
	t.eu = fixture_service(f, "eu");
	t.eu_pool = fixture_nested(f, "europe", t.eu);
	fixture_split(f, t.chat, t.eu_pool, 90);
	fixture_split(f, t.chat, t.far, 10);
	fixture_split(f, t.eu, t.main, 95);
	fixture_split(f, t.eu, t.canary, 5);
	return t;
}

/* Of 4096 clients of ${service}, how many get each pool, by the letter that its
 * name begins with. */
struct count {
	unsigned main, canary, far, none, resort;
};

static const char *
pool_of(const struct fixture *f, const struct decision *d)
{
	if (d->n == 0)
		return "";
	return f->policy->endpoints[d->endpoint[0]].key.pool;
}

static struct count
count_of(struct fixture *f, size_t service)
{
	struct count c = {0};

	for (uint32_t i = 0; i < 4096; i++) {
		struct address a = fixture_ipv4((i << 20) + (i << 8));
		struct decision d;
		const char *pool;

		fixture_decide(f, service, &a, &d);
		pool = pool_of(f, &d);
		c.main += pool[0] == 'm';
		c.canary += pool[0] == 'c';
		c.far += pool[0] == 'f';
		c.none += pool[0] == '\0';
		c.resort += d.resort;
	}
	return c;
}

static void
down(struct fixture *f, uint32_t pool)
{
	for (size_t i = 0; i < f->pools[pool].n_endpoints; i++)
		fixture_set(f, pool, i, USABLE_NO);
}

START_TEST(each_service_splits_its_own_clients)
{
	struct story t = story_begin();
	struct count c;

	fixture_build(t.f);
	c = count_of(t.f, 0);
	/* 85.5 %, 4.5 % and 10 % of 4096. */
	ck_assert(c.main > 3350 && c.main < 3650);
	ck_assert(c.canary > 120 && c.canary < 260);
	ck_assert(c.far > 300 && c.far < 520);
	ck_assert_uint_eq(c.none + c.resort, 0);
	/* As itself it has no other pool. */
	c = count_of(t.f, 1);
	ck_assert_uint_eq(c.far, 0);
	ck_assert(c.canary > 130 && c.canary < 280);
	fixture_destroy(t.f);
}
END_TEST

START_TEST(clients_fail_over_level_by_level)
{
	struct story t = story_begin();
	struct count all, c;

	fixture_build(t.f);
	all = count_of(t.f, 0);
	/* The canary inside fails: its clients stay inside. */
	down(t.f, t.canary);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.main, all.main + all.canary);
	ck_assert_uint_eq(c.far, all.far);
	/* The inner service fails: the outer split has another. */
	down(t.f, t.main);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.far, 4096);
	ck_assert_uint_eq(c.resort, 0);
	/* Nothing is left: the last resort takes all as if they were up. */
	down(t.f, t.far);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.resort, 4096);
	ck_assert_uint_eq(c.main, all.main);
	ck_assert_uint_eq(c.canary, all.canary);
	/* And back, to where each was. */
	fixture_set_all(t.f, USABLE_YES);
	c = count_of(t.f, 0);
	ck_assert_mem_eq(&c, &all, sizeof(c));
	fixture_destroy(t.f);
}
END_TEST

START_TEST(what_was_checked_goes_before_what_was_not_on_all_levels)
{
	struct story t = story_begin();
	struct count c;

	fixture_build(t.f);
	fixture_set_all(t.f, USABLE_UNCHECKED);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.resort, 0);
	ck_assert_uint_gt(c.main, 3000);
	/* One that is up, deep inside, serves everyone. */
	fixture_set(t.f, t.canary, 0, USABLE_YES);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.canary, 4096);
	fixture_destroy(t.f);
}
END_TEST

/* The pools of weight 0 of a service inside are no one's last resort but its
 * own. */
START_TEST(pools_without_a_weight_inside_are_never_used)
{
	struct story t = story_begin();
	struct count c;

	t.f->split[1][1].weight = 0;
	t.f->split[0][1].weight = 0;
	t.chat->resorts[0] = RESORT_SERVFAIL;
	t.chat->n_resorts = 1;
	t.eu->resorts[0] = RESORT_POOLS;
	t.eu->n_resorts = 1;
	fixture_build(t.f);
	down(t.f, t.main);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.none, 4096);
	c = count_of(t.f, 1);
	ck_assert_uint_eq(c.canary, 4096);
	fixture_destroy(t.f);
}
END_TEST

START_TEST(the_outermost_last_resort_alone_is_taken)
{
	struct story t = story_begin();
	struct decision d;

	t.eu->resorts[0] = RESORT_SERVFAIL;
	t.eu->n_resorts = 1;
	t.chat->resorts[0] = RESORT_RECORDS;
	t.chat->n_resorts = 1;
	t.chat->n_split = 1;
	t.eu->ttl_min_s = 1;
	fixture_build(t.f);
	fixture_set_all(t.f, USABLE_NO);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_int_eq(d.kind, ANSWER_STATIC);
	/* Nothing inside had a part in it. */
	ck_assert_uint_eq(d.ttl_s, 5);
	fixture_destroy(t.f);
}
END_TEST

/* A pool of weight 0 that is a service is the outermost one's last resort. */
START_TEST(a_service_may_be_the_last_resort_of_another)
{
	struct story t = story_begin();
	struct count c;

	t.f->split[0][0].weight = 0;
	t.chat->resorts[0] = RESORT_POOLS;
	t.chat->n_resorts = 1;
	fixture_build(t.f);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.far, 4096);
	down(t.f, t.far);
	c = count_of(t.f, 0);
	ck_assert_uint_eq(c.resort, 4096);
	ck_assert(c.canary > 130 && c.canary < 280);
	fixture_destroy(t.f);
}
END_TEST

/* Fences. */

/* Fences of the office, 20.1.0.0/16, outside and inside, and where its clients
 * go; "" is a SERVFAIL. */
START_TEST(fences_hold_on_the_whole_way)
{
	enum { WEST = 1, EAST = 2, SOUTH = 4 };
	static const struct {
		const char *what;
		unsigned outer, inner; /* regions; 0: no fence */
		bool outer_hard, inner_hard;
		unsigned down; /* pools, as bits: main, canary, far */
		const char *pool, *region;
		bool resort;
	} rows[] = {
	    {"no fence: the first region as listed", 0, 0, false, false, 6,
		"main", "west", false},
	    {"an outer fence holds inside", EAST, 0, false, false, 6, "main",
		"east", false},
	    {"an inner one too", 0, EAST, false, false, 6, "main", "east",
		false},
	    {"both together", WEST | EAST, EAST | SOUTH, false, false, 6,
		"main", "east", false},
	    {"nothing is left inside: the other pool", SOUTH, 0, false, false,
		0, "far", "south", false},
	    {"the inner fence leaves nothing: the other pool", 0, SOUTH, false,
		false, 0, "far", "south", false},
	    {"nothing anywhere: soft fences are lifted, the inner one too",
		WEST | SOUTH, EAST, false, false, 4, "main", "west", true},
	    {"an inner hard one holds then", WEST, EAST, false, true, 4, "main",
		"east", true},
	    {"an outer hard one too", WEST, EAST, true, false, 4, "main",
		"west", true},
	    {"only the inner one is there to be lifted", 0, SOUTH, false, false,
		4, "main", "west", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct story t = story_begin();
		uint32_t office =
		    fixture_network(t.f, "office", "20.1.0.0/16", 0);
		struct decision d;

		t.chat->resorts[0] = RESORT_UNFENCED;
		t.chat->n_resorts = 1;
		if (rows[i].outer != 0)
			fixture_fence(t.f, t.chat, office, rows[i].outer,
			    rows[i].outer_hard);
		if (rows[i].inner != 0)
			fixture_fence(t.f, t.eu, office, rows[i].inner,
			    rows[i].inner_hard);
		fixture_build(t.f);
		for (unsigned k = 0; k < 3; k++)
			if (rows[i].down >> k & 1)
				down(t.f, k);
		d = fixture_ask(t.f, "20.1.2.3");
		ck_assert_msg(d.n == 1 &&
			strcmp(pool_of(t.f, &d), rows[i].pool) == 0 &&
			strcmp(fixture_region_name(t.f, d.endpoint[0]),
			    rows[i].region) == 0 &&
			d.resort == rows[i].resort,
		    "%s: %s", rows[i].what, pool_of(t.f, &d));
		/* Counted is the region of the choice. */
		ck_assert_str_eq(t.f->regions[d.region].name, rows[i].region);
		ck_assert_uint_eq(d.member, rows[i].pool[0] == 'f');
		fixture_destroy(t.f);
	}
}
END_TEST

/* What hard fences of two services leave nobody is said when it is loaded. */
START_TEST(fences_that_contradict_each_other_are_refused)
{
	static const struct {
		const char *what;
		const char *outer, *inner; /* networks, or NULL: all */
		bool outer_hard, inner_hard;
		bool other; /* the other pool is in the outer fence */
		const char *said;
	} rows[] = {
	    {"of one network", "n0", "n0", true, true, false,
		"test.yaml:1:1: error: hard fences leave service 'chat' no "
		"region for clients of the network n0: rule 1 of 'chat', rule "
		"1 of 'eu'\n"},
	    {"of networks apart: no client meets both", "n0", "n1", true, true,
		false, ""},
	    {"of everyone and one network", NULL, "n1", true, true, false,
		"test.yaml:1:1: error: hard fences leave service 'chat' no "
		"region for clients of the network n1: rule 1 of 'chat', rule "
		"1 of 'eu'\n"},
	    {"of everyone", NULL, NULL, true, true, false,
		"test.yaml:1:1: error: hard fences leave service 'chat' no "
		"region for clients of whom nothing is known: rule 1 of "
		"'chat', rule 1 of 'eu'\n"},
	    {"one is soft: the last resort lifts it", "n0", "n0", true, false,
		false,
		"test.yaml:1:1: warning: fences leave service 'chat' no region "
		"for clients of the network n0, who always get the last "
		"resort: rule 1 of 'chat', rule 1 of 'eu'\n"},
	    {"another pool is left", "n0", "n0", true, true, true, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct story t = story_begin();
		bool refused = strstr(rows[i].said, "error") != NULL;

		fixture_network(t.f, "n0", "20.1.0.0/16", 0);
		fixture_network(t.f, "n1", "20.2.0.0/16", 0);
		fixture_fence(t.f, t.chat, rows[i].outer != NULL ? 0 : 1,
		    rows[i].other ? 1 | 4 : 1, rows[i].outer_hard);
		fixture_fence(t.f, t.eu,
		    rows[i].inner != NULL && rows[i].inner[1] == '0' ? 0 : 1, 2,
		    rows[i].inner_hard);
		t.f->fences[0][0].clients.everyone = rows[i].outer == NULL;
		t.f->fences[1][0].clients.everyone = rows[i].inner == NULL;
		ck_assert_msg((fixture_compile(t.f) == NULL) == refused,
		    "%s: %s", rows[i].what, t.f->eb.text);
		ck_assert_msg(strcmp(t.f->eb.text, rows[i].said) == 0, "%s: %s",
		    rows[i].what, t.f->eb.text);
		fixture_destroy(t.f);
	}
}
END_TEST

/* TTLs. */

START_TEST(the_ttl_is_the_least_on_the_way)
{
	struct story t = story_begin();
	struct decision d;

	t.chat->ttl_max_s = 60;
	t.eu->ttl_max_s = 30;
	t.chat->ttl_min_s = 2;
	t.eu->ttl_min_s = 10;
	t.chat->n_split = 1;
	t.eu->n_split = 1;
	fixture_build(t.f);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.ttl_s, 30);
	/* A change is at hand deep inside. */
	fixture_pending(t.f, t.f->policy->pools[t.main].group[t.west], 1);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.ttl_s, 2);
	fixture_pending(t.f, t.f->policy->pools[t.main].group[t.west], 45);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert(d.ttl_s <= 30 && d.ttl_s >= 24);
	/* A client that is not served there does not mind. */
	fixture_pending(
	    t.f, t.f->policy->pools[t.main].group[t.west], LIVE_NOT_PENDING);
	fixture_pending(t.f, t.f->policy->pools[t.main].group[t.east], 1);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.ttl_s, 30);
	/* As itself the inner one has its own. */
	fixture_pending(t.f, t.f->policy->pools[t.main].group[t.west], 1);
	{
		struct address a;

		ck_assert_int_eq(address_parse("20.1.2.3", &a), 0);
		fixture_decide(t.f, 1, &a, &d);
	}
	ck_assert_uint_eq(d.ttl_s, 10);
	fixture_destroy(t.f);
}
END_TEST

/* A client of the far pool whose own service inside is about to come back: its
 * answer is not to outlive that. */
START_TEST(a_service_that_comes_back_bounds_the_ttl)
{
	struct story t = story_begin();
	struct decision d;
	uint32_t i = 0;

	t.eu->n_split = 1;
	fixture_build(t.f);
	/* One that is dealt to the service inside. */
	do {
		struct address a = fixture_ipv4(i++ << 18);

		fixture_decide(t.f, 0, &a, &d);
	} while (d.member != 0);
	down(t.f, t.main);
	{
		struct address a = fixture_ipv4((i - 1) << 18);

		fixture_decide(t.f, 0, &a, &d);
		ck_assert_str_eq(pool_of(t.f, &d), "far");
		ck_assert_uint_eq(d.ttl_s, 60);
		fixture_pending(
		    t.f, t.f->policy->pools[t.main].group[t.east], 10);
		fixture_decide(t.f, 0, &a, &d);
		ck_assert_str_eq(pool_of(t.f, &d), "far");
		ck_assert(d.ttl_s <= 10 && d.ttl_s >= 8);
	}
	fixture_destroy(t.f);
}
END_TEST

/* What is of the outermost. */

START_TEST(answers_are_as_many_as_the_outermost_says)
{
	struct story t = story_begin();
	struct decision d;

	t.eu->answers = 3;
	t.chat->n_split = 1;
	t.eu->n_split = 1;
	t.chat->answers = 2;
	t.chat->answers_from = ANSWERS_REGIONS;
	fixture_build(t.f);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.n, 2);
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[0]), "west");
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[1]), "east");
	fixture_destroy(t.f);
}
END_TEST

/* The inner fence has a rule for private clients of the office: they have a
 * place for the outer service too.  Others are decided for by their sender. */
START_TEST(networks_of_services_inside_make_private_clients_known)
{
	struct story t = story_begin();
	uint32_t office = fixture_network(t.f, "office", "10.1.0.0/16", 0);
	struct decision d;

	t.f->networks[office].has_position = false;
	t.chat->n_split = 1;
	t.eu->n_split = 1;
	fixture_fence(t.f, t.eu, office, 2, true);
	fixture_build(t.f);
	ck_assert_int_eq(address_parse("30.1.2.3", &t.f->sender), 0);
	d = fixture_ask(t.f, "10.1.2.3");
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[0]), "east");
	ck_assert_uint_eq(d.scope, 16);
	d = fixture_ask(t.f, "10.2.2.3");
	ck_assert_str_eq(fixture_region_name(t.f, d.endpoint[0]), "west");
	ck_assert_uint_eq(d.scope, 15);
	fixture_destroy(t.f);
}
END_TEST

/* An endpoint inside that lacks the family is NODATA, not another choice. */
START_TEST(families_are_of_the_choice_inside)
{
	struct story t = story_begin();
	struct address a;
	struct decision d;

	t.f->endpoints[t.main][0].n_ipv6 = 0;
	t.chat->n_split = 1;
	t.eu->n_split = 1;
	fixture_build(t.f);
	ck_assert(t.f->policy->zones[0].services[0].has[FORM_IPV6]);
	ck_assert_int_eq(address_parse("20.1.2.3", &a), 0);
	fixture_decide_traced(t.f, 0, &a, FORM_IPV6, NULL, &d);
	ck_assert_int_eq(d.kind, ANSWER_NODATA);
	ck_assert_uint_eq(d.scope, 0);
	fixture_destroy(t.f);
}
END_TEST

/* No endpoint inside has the family, but for a pool that is never used there:
 * that is NODATA for everyone. */
START_TEST(families_of_pools_that_are_not_used_inside_do_not_count)
{
	struct story t = story_begin();

	for (unsigned i = 0; i < 2; i++)
		t.f->endpoints[t.main][i].n_ipv6 = 0;
	t.f->split[1][1].weight = 0;
	t.chat->n_split = 1;
	fixture_build(t.f);
	ck_assert(!t.f->policy->zones[0].services[0].has[FORM_IPV6]);
	ck_assert(t.f->policy->zones[0].services[1].has[FORM_IPV6]);
	fixture_destroy(t.f);
}
END_TEST

/* Standby. */

START_TEST(standby_endpoints_inside_serve_before_anything_outside)
{
	struct story t = story_begin();
	struct count all, c;
	struct decision d;

	fixture_endpoint(t.f, t.main, t.south, 1)->standby = true;
	fixture_build(t.f);
	all = count_of(t.f, 0);
	fixture_set(t.f, t.main, 0, USABLE_NO);
	fixture_set(t.f, t.main, 1, USABLE_NO);
	c = count_of(t.f, 0);
	ck_assert_mem_eq(&c, &all, sizeof(c));
	/* It is a pool of the member outside, whatever it is inside. */
	fixture_set(t.f, t.canary, 0, USABLE_NO);
	fixture_set(t.f, t.far, 0, USABLE_NO);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.alternate, 0);
	ck_assert_uint_eq(d.member, 0);
	ck_assert_uint_eq(d.region, t.south);
	ck_assert(!d.resort);
	/* And when it comes back, its clients hear of it. */
	fixture_pending(t.f, t.f->policy->pools[t.main].group[t.west], 10);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_le(d.ttl_s, 10);
	fixture_destroy(t.f);
}
END_TEST

/* Nothing inside but a standby endpoint that the fence inside holds: it makes
 * the service usable for those whom the fence lets there. */
START_TEST(standby_endpoints_inside_stay_inside_the_fence)
{
	struct story t = story_begin();
	uint32_t office = fixture_network(t.f, "office", "20.1.0.0/16", 0);
	struct decision d;

	fixture_endpoint(t.f, t.main, t.south, 1)->standby = true;
	t.eu->n_split = 1;
	t.f->split[0][0].weight = STEERING_MAX_WEIGHT;
	t.f->split[0][1].weight = 1;
	fixture_fence(t.f, t.eu, office, 3, true);
	fixture_build(t.f);
	fixture_set(t.f, t.main, 0, USABLE_NO);
	fixture_set(t.f, t.main, 1, USABLE_NO);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_str_eq(pool_of(t.f, &d), "far");
	d = fixture_ask(t.f, "20.2.2.3");
	ck_assert_str_eq(pool_of(t.f, &d), "main");
	/* One whose standby endpoint is about to come back waits for it. */
	fixture_set(t.f, t.main, 2, USABLE_NO);
	d = fixture_ask(t.f, "20.2.2.3");
	ck_assert_str_eq(pool_of(t.f, &d), "far");
	ck_assert_uint_eq(d.ttl_s, 60);
	for (uint32_t i = 0; i < t.f->live->n_groups; i++)
		if (t.f->policy->groups[i].first ==
		    fixture_number(t.f, t.main, 2))
			fixture_pending(t.f, i, 10);
	d = fixture_ask(t.f, "20.2.2.3");
	ck_assert_uint_le(d.ttl_s, 10);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.ttl_s, 60);
	fixture_destroy(t.f);
}
END_TEST

/* Scopes. */

/* Where the outer service tells no client from others, its scope is that of the
 * one inside it: not a bit longer. */
START_TEST(a_service_around_another_costs_no_scope)
{
	static const char *const clients[] = {"20.1.2.3", "20.0.2.3",
	    "20.4.2.3", "20.5.2.3", "20.128.0.1", "140.0.2.1", "192.0.2.1",
	    "192.168.2.1", "2001:db8::1", "4000::1", "2002:1401:0203::1"};
	struct story t = story_begin();
	uint32_t office = fixture_network(t.f, "office", "20.1.0.0/16", 10);

	/* The first region of both is the same, the second is not. */
	fixture_network(t.f, "this", "20.4.0.0/16", 19);
	fixture_network(t.f, "that", "20.5.0.0/16", 21);
	t.chat->n_split = 1;
	t.chat->rank = t.eu->rank = RANK_NEAREST;
	fixture_fence(t.f, t.eu, office, 2, false);
	fixture_build(t.f);
	for (unsigned split = 0; split < 2; split++) {
		if (split == 0)
			down(t.f, t.canary);
		else
			fixture_set_all(t.f, USABLE_YES);
		for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]);
		     i++) {
			struct decision outer, inner;
			struct address a;

			ck_assert_int_eq(address_parse(clients[i], &a), 0);
			fixture_decide(t.f, 0, &a, &outer);
			fixture_decide(t.f, 1, &a, &inner);
			ck_assert_msg(decision_equal(&outer, &inner),
			    "%s: /%u, not /%u", clients[i], outer.scope,
			    inner.scope);
		}
	}
	fixture_destroy(t.f);
}
END_TEST

START_TEST(one_answer_for_everyone_has_no_scope)
{
	struct story t = story_begin();
	struct decision d;

	t.chat->n_split = 1;
	t.eu->n_split = 1;
	fixture_build(t.f);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.scope, 0);
	fixture_destroy(t.f);
}
END_TEST

/* The fence of a service outside tells its clients from others, however deep
 * they are served. */
START_TEST(an_outer_fence_is_in_the_scope)
{
	struct story t = story_begin();
	uint32_t office = fixture_network(t.f, "office", "20.1.0.0/16", 10);
	struct decision d;

	t.chat->n_split = 1;
	t.eu->n_split = 1;
	fixture_fence(t.f, t.chat, office, 2, true);
	fixture_build(t.f);
	d = fixture_ask(t.f, "20.1.2.3");
	ck_assert_uint_eq(d.scope, 16);
	ck_assert_uint_eq(d.region, t.east);
	d = fixture_ask(t.f, "20.0.2.3");
	ck_assert_uint_eq(d.scope, 16);
	ck_assert_uint_eq(d.region, t.west);
	d = fixture_ask(t.f, "20.128.2.3");
	ck_assert_uint_eq(d.scope, 9);
	fixture_destroy(t.f);
}
END_TEST

/* A client to whom nothing inside is usable, because of a fence there, shares
 * with none that the fence lets in: whether it gets another pool or a last
 * resort, and also where nobody has checked what is inside. */
START_TEST(a_fence_inside_that_passes_a_client_over_is_in_the_scope)
{
	for (unsigned kind = 0; kind < 3; kind++) {
		struct story t = story_begin();
		uint32_t office =
		    fixture_network(t.f, "office", "20.1.0.0/16", 10);
		struct decision d;

		t.eu->n_split = 1;
		t.f->split[0][0].weight = STEERING_MAX_WEIGHT;
		t.f->split[0][1].weight = 1;
		if (kind > 0)
			t.chat->n_split = 1;
		t.chat->resorts[0] = RESORT_RECORDS;
		t.chat->n_resorts = 1;
		fixture_fence(t.f, t.eu, office, 4, true);
		t.f->endpoints[t.far][0].region = t.west;
		fixture_endpoint(t.f, t.main, t.south, 1);
		fixture_build(t.f);
		if (kind == 2)
			fixture_set_all(t.f, USABLE_UNCHECKED);
		fixture_set(t.f, t.main, 2, USABLE_NO);
		d = fixture_ask(t.f, "20.1.2.3");
		ck_assert_msg(d.scope == 16, "%u: /%u", kind, d.scope);
		if (kind == 0)
			ck_assert_str_eq(pool_of(t.f, &d), "far");
		else
			ck_assert_int_eq(d.kind, ANSWER_STATIC);
		d = fixture_ask(t.f, "20.0.2.3");
		ck_assert_uint_eq(d.scope, 16);
		ck_assert_str_eq(pool_of(t.f, &d), "main");
		fixture_destroy(t.f);
	}
}
END_TEST

/* A service that is never used inside another, since it has no weight there,
 * makes no scope longer. */
START_TEST(fences_of_services_without_a_weight_inside_are_not_looked_at)
{
	struct story t = story_begin();
	uint32_t office = fixture_network(t.f, "office", "20.1.0.0/16", 10);
	uint32_t lab = fixture_network(t.f, "lab", "20.1.2.0/24", 10);
	struct service_config *more = fixture_service(t.f, "more");
	struct decision d;

	fixture_split(t.f, more, t.main, 1);
	fixture_fence(t.f, more, lab, 2, true);
	t.eu->n_split = 1;
	fixture_split(t.f, t.eu, fixture_nested(t.f, "none", more), 0);
	fixture_fence(t.f, t.chat, office, 4, true);
	fixture_build(t.f);
	d = fixture_ask(t.f, "20.1.3.4");
	ck_assert_str_eq(pool_of(t.f, &d), "far");
	ck_assert_uint_eq(d.scope, 16);
	fixture_destroy(t.f);
}
END_TEST

/* Random services. */

struct met {
	uint64_t narrow, wide, hashed, private, resorts, shared;
	uint64_t depth[STEERING_MAX_DEPTH + 1];
};

static bool
by_sender(const struct fixture *f, const struct address *client)
{
	const struct client c = {*client, (uint8_t)address_bits(client)};
	const struct answer_request request = {
	    .client = &c, .sender = &f->sender};
	struct address subject;

	return ladder_subject(f->policy->zones[0].services, &request, &subject);
}

/* Whom the steps decide for. */
static struct address
subject_of(const struct fixture *f, const struct address *client)
{
	const struct client c = {*client, (uint8_t)address_bits(client)};
	const struct answer_request request = {
	    .client = &c, .sender = &f->sender};
	struct address subject;

	ladder_subject(f->policy->zones[0].services, &request, &subject);
	return subject;
}

static void
take_level(void *context, unsigned depth, const struct policy_service *service)
{
	unsigned *deepest = context;

	ck_assert_uint_eq(depth, service->depth);
	if (depth > *deepest)
		*deepest = depth;
}

static void
take_step(void *context, enum ladder_step step, const char *text)
{
	(void)context;
	(void)step;
	ck_assert_ptr_nonnull(text);
}

static void
check_scope(
    struct fixture *f, uint64_t number, enum answer_form form, struct met *met)
{
	struct address a = random_client(f), b;
	struct decision d, other;
	unsigned deepest = 0;
	struct ladder_trace trace = {.step = take_step,
	    .level = take_level,
	    .context = &deepest,
	    .rule = MAP_NO_RULE,
	    .order = MAP_NO_RULE};

	fixture_decide_traced(f, 0, &a, form, NULL, &d);
	fixture_decide_traced(f, 0, &a, form, &trace, &other);
	ck_assert_mem_eq(&d, &other, sizeof(d));
	met->depth[deepest]++;
	met->narrow += d.scope > 8;
	met->wide += d.scope > 0 && d.scope < 20;
	met->hashed += d.hashed;
	met->resorts += d.resort;
	met->private += by_sender(f, &a);
	if (d.kind == ANSWER_NODATA) {
		ck_assert_uint_eq(d.scope, 0);
		return;
	}
	for (unsigned k = 0; k < NEIGHBOURS; k++) {
		char text[2][ADDRESS_TEXT];

		b = neighbour(a, d.scope, k);
		fixture_decide_traced(f, 0, &b, form, NULL, &other);
		met->shared += !address_equal(&a, &b);
		ck_assert_msg(decision_equal(&d, &other),
		    "policy %llu: %s and %s share a /%u but not the answer "
		    "(/%u)",
		    (unsigned long long)number, address_format(&a, text[0]),
		    address_format(&b, text[1]), d.scope, other.scope);
	}
}

START_TEST(one_scope_one_answer)
{
	struct met met = {0};
	uint64_t n = cases();

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;
		enum answer_form form;

		random_case(i);
		f = nested_fixture();
		form = fixture_below(3) == 0 ? FORM_IPV6 : FORM_IPV4;
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			random_health(f);
			f->sender = random_client(f);
			for (unsigned j = 0; j < CLIENTS; j++)
				check_scope(f, i, form, &met);
		}
		fixture_destroy(f);
	}
	n *= STATES * CLIENTS;
	ck_assert_uint_gt(met.narrow, n / 8);
	ck_assert_uint_gt(met.wide, n / 40);
	ck_assert_uint_gt(met.hashed, n / 20);
	ck_assert_uint_gt(met.private, n / 10);
	ck_assert_uint_gt(met.resorts, n / 50);
	ck_assert_uint_gt(met.shared, n);
	for (unsigned i = 0; i <= STEERING_MAX_DEPTH; i++)
		ck_assert_uint_gt(met.depth[i], n / 50);
	printf("measured: services inside services: one scope, one answer: "
	       "%llu cases\n",
	    (unsigned long long)n);
}
END_TEST

/* The regions where ${service} has something of the least usability ${tier} for
 * ${a}, on any way and inside all fences on it: found without the ladder. */
static uint64_t
model_regions(const struct fixture *f, const struct service_config *service,
    const struct address *a, uint64_t inside, bool lifted, unsigned tier,
    uint64_t pool_regions[FIXTURE_POOLS])
{
	const struct policy_service *s =
	    &f->policy->zones[0].services[service - f->services];
	struct map_leaf leaf;
	uint64_t all = 0;

	map_lookup(s->map, a, &leaf);
	inside &= lifted ? leaf.class->lifted : leaf.class->inside;
	for (size_t i = 0; i < service->n_split; i++) {
		uint32_t pool = service->split[i].pool;
		uint64_t has;

		if (service->split[i].weight == 0)
			continue;
		if (f->pools[pool].service != NULL) {
			all |= model_regions(f, f->pools[pool].service, a,
			    inside, lifted, tier, pool_regions);
			continue;
		}
		has = f->live->pool[pool].usable[tier];
		for (uint32_t k = 0; k < s->members[i].n_alternates; k++)
			has |=
			    f->live
				->pool[s->members[i].alternates[k].pool.number]
				.usable[tier];
		has &= inside;
		pool_regions[pool] |= has;
		all |= has;
	}
	return all;
}

/* Whoever can be served inside all fences on some way is, by a pool and in a
 * region that lie on one; and nobody else but by a last resort, which leaves no
 * hard fence. */
START_TEST(clients_are_served_where_any_way_leads)
{
	uint64_t n = cases(), served = 0, resorts = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		random_case(i);
		f = nested_fixture();
		f->services[0].answers_from = ANSWERS_REGION;
		for (unsigned k = 0; k < f->services[0].n_split; k++)
			f->split[0][k].weight = 1;
		fixture_build(f);
		random_health(f);
		f->sender = random_client(f);
		for (unsigned j = 0; j < CLIENTS; j++) {
			uint64_t pools[FIXTURE_POOLS] = {0};
			struct address a = random_client(f), whom;
			unsigned tier = USABLE_YES;
			const char *pool;
			struct decision d;

			fixture_decide(f, 0, &a, &d);
			whom = subject_of(f, &a);
			if (model_regions(f, &f->services[0], &whom, UINT64_MAX,
				false, tier, pools) == 0)
				model_regions(f, &f->services[0], &whom,
				    UINT64_MAX, false, --tier, pools);
			ck_assert_msg(d.resort ==
				(model_regions(f, &f->services[0], &whom,
				     UINT64_MAX, false, USABLE_UNCHECKED,
				     (uint64_t[FIXTURE_POOLS]){0}) == 0),
			    "policy %llu", (unsigned long long)i);
			if (d.kind != ANSWER_RECORDS)
				continue;
			if (d.resort)
				model_regions(f, &f->services[0], &whom,
				    UINT64_MAX, true, USABLE_NO, pools);
			pool = pool_of(f, &d);
			ck_assert_msg(pools[pool[1] - '0'] >> d.region & 1,
			    "policy %llu: %s", (unsigned long long)i, pool);
			served += !d.resort;
			resorts += d.resort;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(served, n * CLIENTS / 2);
	ck_assert_uint_gt(resorts, n * CLIENTS / 50);
}
END_TEST

/* On whatever level an endpoint fails, who was not sent to it stays where it
 * is; and comes back with it. */
START_TEST(losing_an_endpoint_moves_only_its_clients)
{
	uint64_t n = cases(), moved = 0, stayed = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct decision before[CLIENTS], d;
		struct address a[CLIENTS];
		struct fixture *f;
		uint32_t lost;

		random_case(i);
		f = nested_fixture();
		f->services[0].answers = 1;
		fixture_build(f);
		for (unsigned j = 0; j < CLIENTS; j++) {
			a[j] = random_client(f);
			fixture_decide(f, 0, &a[j], &before[j]);
		}
		lost = before[0].n > 0 ? before[0].endpoint[0] : 0;
		f->live->endpoint[lost] = USABLE_NO;
		live_judge(f->live, f->policy);
		for (unsigned j = 0; j < CLIENTS; j++) {
			fixture_decide(f, 0, &a[j], &d);
			if (before[j].n == 0 || before[j].resort)
				continue;
			if (before[j].endpoint[0] == lost) {
				ck_assert(d.n == 0 || d.endpoint[0] != lost ||
				    d.resort);
				moved++;
				continue;
			}
			ck_assert(
			    d.n == 1 && d.endpoint[0] == before[j].endpoint[0]);
			stayed++;
		}
		fixture_set_all(f, USABLE_YES);
		for (unsigned j = 0; j < CLIENTS; j++) {
			fixture_decide(f, 0, &a[j], &d);
			ck_assert(decision_equal(&d, &before[j]));
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n);
	ck_assert_uint_gt(stayed, n);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: nest");
	TCase *tc = tcase_create("stories"), *random = tcase_create("random");

	tcase_add_test(tc, each_service_splits_its_own_clients);
	tcase_add_test(tc, clients_fail_over_level_by_level);
	tcase_add_test(
	    tc, what_was_checked_goes_before_what_was_not_on_all_levels);
	tcase_add_test(tc, pools_without_a_weight_inside_are_never_used);
	tcase_add_test(tc, the_outermost_last_resort_alone_is_taken);
	tcase_add_test(tc, a_service_may_be_the_last_resort_of_another);
	tcase_add_test(tc, fences_hold_on_the_whole_way);
	tcase_add_test(tc, fences_that_contradict_each_other_are_refused);
	tcase_add_test(tc, the_ttl_is_the_least_on_the_way);
	tcase_add_test(tc, a_service_that_comes_back_bounds_the_ttl);
	tcase_add_test(tc, answers_are_as_many_as_the_outermost_says);
	tcase_add_test(
	    tc, networks_of_services_inside_make_private_clients_known);
	tcase_add_test(tc, families_are_of_the_choice_inside);
	tcase_add_test(
	    tc, families_of_pools_that_are_not_used_inside_do_not_count);
	tcase_add_test(
	    tc, standby_endpoints_inside_serve_before_anything_outside);
	tcase_add_test(tc, standby_endpoints_inside_stay_inside_the_fence);
	tcase_add_test(tc, a_service_around_another_costs_no_scope);
	tcase_add_test(tc, one_answer_for_everyone_has_no_scope);
	tcase_add_test(tc, an_outer_fence_is_in_the_scope);
	tcase_add_test(
	    tc, a_fence_inside_that_passes_a_client_over_is_in_the_scope);
	tcase_add_test(
	    tc, fences_of_services_without_a_weight_inside_are_not_looked_at);
	suite_add_tcase(suite, tc);
	tcase_set_timeout(random, 120);
	tcase_add_test(random, one_scope_one_answer);
	tcase_add_test(random, clients_are_served_where_any_way_leads);
	tcase_add_test(random, losing_an_endpoint_moves_only_its_clients);
	suite_add_tcase(suite, random);
	return fixture_run(suite);
}
