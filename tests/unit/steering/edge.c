/*
 * Tests of the edge tier: each name lives on one site of a region, or on a few,
 * load is even, what fails moves only its own, and origins take over and give
 * back.
 */
#include "steering/pick.h"

#include "base/text.h"
#include "tests/full.h"
#include "tests/unit/steering_random.h"

#define SITES 12
#define NAMES 10000

static struct fixture *
sites(unsigned spread)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	uint32_t pool;

	fixture_region(f, "north", 50);
	pool = fixture_pool(f, "edge");
	f->pools[pool].edge = true;
	f->pools[pool].spread = spread;
	for (uint32_t i = 0; i < SITES; i++)
		fixture_endpoint(f, pool, 0, 1 + i % 4);
	fixture_split(f, s, pool, 1);
	s->affinity = AFFINITY_NAME;
	fixture_build(f);
	return f;
}

/* What ${a} is given for name number ${name}: a number in the policy. */
static struct decision
ask_traced(struct fixture *f, const struct address *a, unsigned name,
    const struct ladder_trace *trace)
{
	struct client c = {*a, (uint8_t)address_bits(a)};
	struct decision d;
	char owner[32];
	int n = snprintf(
	    owner, sizeof(owner), "%c%05u%s", 5, name, "\3img\4test\7example");
	struct answer_request request = {.form = FORM_IPV4,
	    .owner = (const uint8_t *)owner,
	    .owner_len = (uint8_t)(n + 1),
	    .client = &c,
	    .sender = f->sender.family != 0 ? &f->sender : a,
	    .turn = f->turn++};

	ladder_decide(&f->policy->zones[0].services[0], f->policy, f->live,
	    &request, trace, &d);
	return d;
}

static struct decision
ask(struct fixture *f, const struct address *a, unsigned name)
{
	return ask_traced(f, a, name, NULL);
}

/* A client anywhere. */
static struct address
client(uint32_t i)
{
	return fixture_ipv4((uint32_t)(hash_mix(i, 11) >> 32));
}

/* How much more than its share of the weights the busiest of the endpoints has
 * of ${count}, of which there are ${all}. */
static double
busiest(const struct fixture *f, const unsigned count[SITES], unsigned all)
{
	double most = 0, sum = 0;

	for (uint32_t e = 0; e < SITES; e++)
		sum += f->policy->endpoints[e].weight;
	for (uint32_t e = 0; e < SITES; e++) {
		double share = f->policy->endpoints[e].weight / sum;
		double has = count[e] / (double)all / share;

		most = has > most ? has : most;
	}
	return most;
}

START_TEST(names_are_spread_over_sites_by_weight)
{
	struct fixture *f = sites(1);
	struct address a = client(1), b = client(2);
	unsigned count[SITES] = {0};
	double most;

	for (unsigned name = 0; name < NAMES; name++) {
		struct decision d = ask(f, &a, name), other = ask(f, &b, name);

		/* A name lives on one site, for all clients: so the scope is
		 * as wide as can be. */
		ck_assert_uint_eq(d.endpoint[0], other.endpoint[0]);
		ck_assert_uint_eq(d.scope, 0);
		count[d.endpoint[0]]++;
	}
	most = busiest(f, count, NAMES);
	printf("measured: %u names over %u sites of weights 1 to 4: the "
	       "busiest has %.3f times its share\n",
	    NAMES, SITES, most);
	ck_assert(most <= 1.25);
	fixture_destroy(f);
}
END_TEST

START_TEST(losing_a_site_moves_only_its_names)
{
	struct fixture *f = sites(1);
	static uint32_t before[NAMES];
	struct address a = client(1);
	unsigned moved = 0, onto[SITES] = {0}, sites_hit = 0;
	uint32_t lost = 7;

	for (unsigned name = 0; name < NAMES; name++)
		before[name] = ask(f, &a, name).endpoint[0];
	f->live->endpoint[lost] = USABLE_NO;
	live_judge(f->live, f->policy);
	for (unsigned name = 0; name < NAMES; name++) {
		uint32_t now = ask(f, &a, name).endpoint[0];

		ck_assert_uint_ne(now, lost);
		if (before[name] == lost) {
			onto[now]++;
			moved++;
		} else {
			ck_assert_uint_eq(now, before[name]);
		}
	}
	/* Its names go to all the others. */
	for (uint32_t e = 0; e < SITES; e++)
		sites_hit += onto[e] > 0;
	ck_assert_uint_gt(moved, 100);
	ck_assert_uint_eq(sites_hit, SITES - 1);
	fixture_destroy(f);
}
END_TEST

#define REQUESTS 40000

/* The sites of a name, as clients are given them, and what each gets. */
static unsigned
homes_of(struct fixture *f, unsigned name, unsigned count[SITES])
{
	unsigned n = 0;

	memset(count, 0, SITES * sizeof(count[0]));
	for (uint32_t i = 0; i < REQUESTS; i++) {
		struct address a = client(i);

		count[ask(f, &a, name).endpoint[0]]++;
	}
	for (uint32_t e = 0; e < SITES; e++)
		n += count[e] > 0;
	return n;
}

START_TEST(a_hot_name_loads_no_site_above_its_share)
{
	struct fixture *f = sites(3);
	unsigned count[SITES], worst_name = 0;
	double worst = 0;

	/* Each name has three, and each of them its weight's part of it. */
	for (unsigned name = 0; name < 20; name++) {
		uint64_t sum = 0;

		ck_assert_uint_eq(homes_of(f, name, count), 3);
		for (uint32_t e = 0; e < SITES; e++)
			if (count[e] > 0)
				sum += f->policy->endpoints[e].weight;
		for (uint32_t e = 0; e < SITES; e++) {
			double share =
			    f->policy->endpoints[e].weight / (double)sum;
			double load = count[e] / (double)REQUESTS / share;

			if (load > worst) {
				worst = load;
				worst_name = name;
			}
		}
	}
	printf("measured: names with spread 3: the busiest of their sites has "
	       "%.3f times its part, name %u\n",
	    worst, worst_name);
	ck_assert(worst <= 1.25);
	fixture_destroy(f);
}
END_TEST

/* The name of 30 % of the requests, on sites that are as large as that name
 * needs; all other names have the rest. */
START_TEST(a_name_of_30_per_cent_with_spread_3)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	unsigned count[10] = {0};
	double most = 0;
	uint32_t pool;

	fixture_region(f, "north", 50);
	pool = fixture_pool(f, "edge");
	f->pools[pool].edge = true;
	f->pools[pool].spread = 3;
	for (uint32_t i = 0; i < 10; i++)
		fixture_endpoint(f, pool, 0, 1);
	fixture_split(f, s, pool, 1);
	s->affinity = AFFINITY_NAME;
	fixture_build(f);
	/* The sites of the hot name have a tenth of all requests by it alone:
	 * what it adds to each is even, whatever its clients are. */
	for (uint32_t i = 0; i < REQUESTS; i++) {
		struct address a = client(i);

		if (i % 10 < 3)
			count[ask(f, &a, 99999).endpoint[0]]++;
	}
	for (unsigned e = 0; e < 10; e++)
		if (count[e] > most)
			most = count[e];
	most /= REQUESTS * 0.1;
	printf("measured: a name of 30 %% with spread 3 over 10 sites: the "
	       "busiest has %.3f times a tenth by it\n",
	    most);
	ck_assert(most <= 1.25);
	fixture_destroy(f);
}
END_TEST

START_TEST(losing_a_home_moves_only_its_clients_to_one_other_site)
{
	static uint32_t before[REQUESTS], now[REQUESTS];
	struct fixture *f = sites(3);

	for (unsigned name = 0; name < 40; name++) {
		uint32_t lost, next = UINT32_MAX;
		bool was_home = false;

		for (uint32_t i = 0; i < 2000; i++) {
			struct address a = client(i);

			before[i] = ask(f, &a, name).endpoint[0];
		}
		lost = before[name];
		f->live->endpoint[lost] = USABLE_NO;
		live_judge(f->live, f->policy);
		for (uint32_t i = 0; i < 2000; i++) {
			struct address a = client(i);

			now[i] = ask(f, &a, name).endpoint[0];
			if (before[i] != lost) {
				ck_assert_uint_eq(now[i], before[i]);
				continue;
			}
			ck_assert(next == UINT32_MAX || next == now[i]);
			next = now[i];
		}
		/* It is none of the homes, which would have twice as much. */
		for (uint32_t i = 0; i < 2000; i++)
			was_home |= before[i] == next;
		ck_assert(!was_home && next != lost);
		f->live->endpoint[lost] = USABLE_YES;
		live_judge(f->live, f->policy);
	}
	fixture_destroy(f);
}
END_TEST

/* What is drained little by little and what begins slowly: each of its clients
 * goes once, to one other site, and comes back once. */
START_TEST(a_home_that_shrinks_moves_each_of_its_clients_once)
{
	/* Of 2^LIVE_FACTOR_BITS. */
	static const uint32_t steps[] = {1000000, 600000, 300000, 40000, 1, 0};
	static uint32_t before[REQUESTS], now[REQUESTS];
	struct fixture *f = sites(3);

	for (unsigned name = 0; name < 40; name++) {
		uint32_t home, next = UINT32_MAX;

		for (uint32_t i = 0; i < 2000; i++) {
			struct address a = client(i);

			before[i] = now[i] = ask(f, &a, name).endpoint[0];
		}
		home = before[name];
		for (unsigned step = 0; step < 6; step++) {
			f->live->factor[home] = steps[step];
			live_judge(f->live, f->policy);
			for (uint32_t i = 0; i < 2000; i++) {
				struct address a = client(i);
				uint32_t is = ask(f, &a, name).endpoint[0];

				if (is == now[i])
					continue;
				ck_assert_uint_eq(now[i], home);
				ck_assert(next == UINT32_MAX || next == is);
				next = now[i] = is;
			}
		}
		for (uint32_t i = 0; i < 2000; i++)
			ck_assert((now[i] == next) == (before[i] == home));
		f->live->factor[home] = UINT32_C(1) << LIVE_FACTOR_BITS;
		live_judge(f->live, f->policy);
	}
	fixture_destroy(f);
}
END_TEST

/* The position that name number ${name} gives ${a}. */
static uint64_t
position_of(const struct fixture *f, const struct address *a, unsigned name)
{
	const struct policy_service *service = &f->policy->zones[0].services[0];
	struct position p;
	char owner[32];
	int n = snprintf(
	    owner, sizeof(owner), "%c%05u%s", 5, name, "\3img\4test\7example");

	position_find(a, service->block_ipv4,
	    hash_bytes(owner, (size_t)n + 1, service->salt_spread), &p);
	return p.value;
}

/* The homes of a name lie in [0,1) in the order of the file, each with its
 * weight's part, so that another home moves the borders beside it. */
START_TEST(homes_share_positions_in_the_order_of_the_file)
{
	struct fixture *f = sites(3);
	unsigned count[SITES];

	for (unsigned name = 0; name < 5; name++) {
		uint64_t whole = 0;

		homes_of(f, name, count);
		for (uint32_t e = 0; e < SITES; e++)
			whole +=
			    count[e] > 0 ? f->policy->endpoints[e].weight : 0;
		for (uint32_t i = 0; i < 2000; i++) {
			struct address a = client(i);
			uint64_t position = position_of(f, &a, name);
			uint64_t before = 0;
			uint32_t e = 0;

			for (;; e++) {
				if (count[e] == 0)
					continue;
				before += f->policy->endpoints[e].weight;
				if (before == whole ||
				    position <
					position_threshold(before, whole))
					break;
			}
			ck_assert_uint_eq(ask(f, &a, name).endpoint[0], e);
		}
	}
	fixture_destroy(f);
}
END_TEST

START_TEST(homes_that_fail_together_are_replaced_by_several)
{
	struct fixture *f = sites(4);
	unsigned count[SITES], names = 0, several = 0;

	for (unsigned name = 0; name < 20; name++) {
		unsigned left = 3, replaced = 0, before[SITES];

		homes_of(f, name, before);
		for (uint32_t e = 0; e < SITES && left > 0; e++)
			if (before[e] > 0) {
				f->live->endpoint[e] = USABLE_NO;
				left--;
			}
		live_judge(f->live, f->policy);
		homes_of(f, name, count);
		for (uint32_t e = 0; e < SITES; e++) {
			replaced += before[e] == 0 && count[e] > 0;
			/* The home that is left has what it had. */
			if (f->live->endpoint[e] == USABLE_YES && before[e] > 0)
				ck_assert_uint_eq(count[e], before[e]);
		}
		names++;
		several += replaced > 1;
		memset(f->live->endpoint, USABLE_YES, f->live->n_endpoints);
		live_judge(f->live, f->policy);
	}
	ck_assert_uint_gt(several, names / 2);
	fixture_destroy(f);
}
END_TEST

/* With nothing but homes left they take the clients of those that failed. */
START_TEST(a_name_is_served_as_long_as_any_site_is)
{
	struct fixture *f = sites(3);
	struct address a = client(5);

	for (uint32_t left = SITES; left > 1; left--) {
		struct decision d = ask(f, &a, 17);

		ck_assert_int_eq(d.kind, ANSWER_RECORDS);
		ck_assert(!d.resort);
		ck_assert_int_eq(f->live->endpoint[d.endpoint[0]], USABLE_YES);
		f->live->endpoint[d.endpoint[0]] = USABLE_NO;
		live_judge(f->live, f->policy);
	}
	ck_assert(!ask(f, &a, 17).resort);
	fixture_destroy(f);
}
END_TEST

START_TEST(several_answers_of_a_name_begin_with_its_clients_own_home)
{
	struct fixture *one = sites(4), *two = sites(4);
	uint32_t first[2000];

	for (uint32_t i = 0; i < 2000; i++) {
		struct address a = client(i);

		first[i] = ask(one, &a, 3).endpoint[0];
	}
	fixture_destroy(one);
	/* The same service, but that it answers with two. */
	policy_destroy(two->policy);
	live_destroy(two->live);
	map_set_destroy(two->maps);
	geography_destroy(two->geography);
	two->services[0].answers = 2;
	fixture_build(two);
	for (uint32_t i = 0; i < 2000; i++) {
		struct address a = client(i);
		struct decision d = ask(two, &a, 3);

		ck_assert_uint_eq(d.n, 2);
		ck_assert_uint_eq(d.endpoint[0], first[i]);
		ck_assert_uint_ne(d.endpoint[1], first[i]);
	}
	fixture_destroy(two);
}
END_TEST

/* Whatever is down, an answer has as many sites as it may have, each once, all
 * usable and of one region. */
START_TEST(answers_of_spread_names_are_full)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	unsigned down_some = 0;
	uint32_t pool;

	fixture_region(f, "north", 50);
	fixture_region(f, "south", 10);
	pool = fixture_pool(f, "edge");
	f->pools[pool].edge = true;
	f->pools[pool].spread = 4;
	for (uint32_t i = 0; i < 2 * SITES; i++)
		fixture_endpoint(f, pool, i / SITES, 1 + i % 3);
	fixture_split(f, s, pool, 1);
	s->affinity = AFFINITY_NAME;
	s->answers = 3;
	fixture_build(f);
	random_case(1);
	for (unsigned i = 0; i < 3000; i++) {
		struct address a = client(i);
		unsigned up = 0, region = i % 2, want;
		struct decision d;

		/* South serves where all of north is down. */
		for (uint32_t e = 0; e < 2 * SITES; e++) {
			bool usable =
			    e / SITES >= region && fixture_below(3) == 0;

			f->live->endpoint[e] = usable ? USABLE_YES : USABLE_NO;
			up += usable && e / SITES == region;
		}
		live_judge(f->live, f->policy);
		if (up == 0)
			continue;
		d = ask(f, &a, i);
		want = up < 3 ? up : 3;
		down_some += up > 3;
		ck_assert_uint_eq(d.n, want);
		for (unsigned k = 0; k < d.n; k++) {
			ck_assert_uint_eq(d.endpoint[k] / SITES, region);
			ck_assert_int_eq(
			    f->live->endpoint[d.endpoint[k]], USABLE_YES);
			for (unsigned j = 0; j < k; j++)
				ck_assert_uint_ne(d.endpoint[j], d.endpoint[k]);
		}
	}
	ck_assert_uint_gt(down_some, 500);
	/* With all of them up the next homes follow in the order of the file,
	 * the first after the last. */
	memset(f->live->endpoint, USABLE_YES, f->live->n_endpoints);
	live_judge(f->live, f->policy);
	for (unsigned i = 0; i < 100; i++) {
		struct address a = client(i);
		struct decision d = ask(f, &a, i);

		ck_assert_int_le((d.endpoint[1] < d.endpoint[0]) +
			(d.endpoint[2] < d.endpoint[1]),
		    1);
	}
	fixture_destroy(f);
}
END_TEST

/* Edges in north and south, the origin in south and, standby, in north. */
static struct fixture *
with_origin(void)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	uint32_t edge, origin;

	fixture_region(f, "north", 50);
	fixture_region(f, "south", 10);
	edge = fixture_pool(f, "edge");
	origin = fixture_pool(f, "origin");
	f->pools[edge].edge = true;
	f->pools[edge].origin = origin;
	for (uint32_t region = 0; region < 2; region++) {
		fixture_endpoint(f, edge, region, 1);
		fixture_endpoint(f, edge, region, 1);
	}
	fixture_endpoint(f, origin, 1, 1);
	fixture_endpoint(f, origin, 0, 1)->standby = true;
	fixture_split(f, s, edge, 1);
	s->affinity = AFFINITY_KIND;
	fixture_network(f, "office", "20.1.0.0/16", 50);
	fixture_fence(f, s, 0, 1, true);
	fixture_build(f);
	return f;
}

static const char *
pool_of(const struct fixture *f, const struct decision *d)
{
	return f->policy->endpoints[d->endpoint[0]].key.pool;
}

START_TEST(an_origin_takes_over_inside_the_fence_and_gives_back)
{
	struct fixture *f = with_origin();
	struct address office = fixture_ipv4(0x14010203);
	struct address other = fixture_ipv4(0x15010203);
	struct decision d;

	d = ask(f, &office, 1);
	ck_assert_str_eq(pool_of(f, &d), "edge");
	/* North fails: the office may not go south, and gets the origin's
	 * standby endpoint, for that is the only one in north. */
	fixture_set(f, 0, 0, USABLE_NO);
	fixture_set(f, 0, 1, USABLE_NO);
	d = ask(f, &office, 1);
	ck_assert_str_eq(pool_of(f, &d), "origin");
	ck_assert_uint_eq(d.alternate, 2);
	ck_assert_uint_eq(d.region, 0);
	ck_assert(!d.resort);
	ck_assert_uint_eq(d.ttl_s, 60);
	d = ask(f, &other, 1);
	ck_assert_str_eq(pool_of(f, &d), "edge");
	ck_assert_uint_eq(d.region, 1);
	/* All edges fail. */
	fixture_set(f, 0, 2, USABLE_NO);
	fixture_set(f, 0, 3, USABLE_NO);
	d = ask(f, &other, 1);
	ck_assert_str_eq(pool_of(f, &d), "origin");
	ck_assert_uint_eq(d.alternate, 1);
	ck_assert(!d.resort);
	/* One comes back. */
	fixture_set(f, 0, 2, USABLE_YES);
	d = ask(f, &other, 1);
	ck_assert_str_eq(pool_of(f, &d), "edge");
	d = ask(f, &office, 1);
	ck_assert_str_eq(pool_of(f, &d), "origin");
	/* With the origin, too, nothing is left but a last resort. */
	fixture_set_all(f, USABLE_NO);
	d = ask(f, &other, 1);
	ck_assert(d.resort);
	ck_assert_str_eq(pool_of(f, &d), "edge");
	fixture_destroy(f);
}
END_TEST

/* By the name in edge pools, and by the client in others. */
START_TEST(edges_pick_by_name_and_their_origins_by_client)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "*.img");
	unsigned by_client = 0, by_name = 0;
	uint32_t edge, origin, first = 0;

	fixture_region(f, "north", 50);
	edge = fixture_pool(f, "edge");
	origin = fixture_pool(f, "origin");
	f->pools[edge].edge = true;
	f->pools[edge].origin = origin;
	for (unsigned i = 0; i < 8; i++) {
		fixture_endpoint(f, edge, 0, 1);
		fixture_endpoint(f, origin, 0, 1);
	}
	fixture_split(f, s, edge, 1);
	s->affinity = AFFINITY_KIND;
	fixture_build(f);
	for (unsigned pass = 0; pass < 2; pass++) {
		unsigned *moved = pass == 0 ? &by_name : &by_client;

		for (uint32_t i = 0; i < 100; i++) {
			struct address a = client(i);
			struct decision d = ask(f, &a, 1);

			ck_assert_uint_eq(d.scope > 0, pass == 1);
			if (i == 0)
				first = d.endpoint[0];
			*moved += d.endpoint[0] != first;
		}
		for (size_t i = 0; i < 8; i++)
			fixture_set(f, edge, i, USABLE_NO);
	}
	ck_assert_uint_eq(by_name, 0);
	ck_assert_uint_gt(by_client, 50);
	fixture_destroy(f);
}
END_TEST

/* The steps, a line each. */
static void
keep_step(void *context, enum ladder_step step, const char *text)
{
	struct text *t = context;

	(void)step;
	text_add(t, "%s\n", text);
}

/* What explain says of ${a} has the line ${want}. */
static void
says(struct fixture *f, const struct address *a, const char *want)
{
	struct text t;
	struct ladder_trace trace = {.step = keep_step,
	    .context = &t,
	    .rule = MAP_NO_RULE,
	    .order = MAP_NO_RULE};
	char line[256];

	snprintf(line, sizeof(line), "\n%s\n", want);
	text_init(&t, 65536);
	text_add(&t, "\n");
	ask_traced(f, a, 1, &trace);
	ck_assert_msg(
	    strstr(t.data, line) != NULL, "no line %s in %s", want, t.data);
	text_finish(&t);
}

START_TEST(explain_says_which_pool_serves_and_why)
{
	struct fixture *f = with_origin();
	struct address office = fixture_ipv4(0x14010203);
	struct address other = fixture_ipv4(0x15010203);

	says(f, &other, "origin (standby): north 1 of 1 up");
	says(f, &other, "edge: the only pool");
	fixture_set(f, 0, 0, USABLE_NO);
	fixture_set(f, 0, 1, USABLE_NO);
	says(f, &office,
	    "edge: nothing is usable for this client: its origin origin, and "
	    "of that the standby endpoints");
	fixture_set(f, 0, 2, USABLE_NO);
	fixture_set(f, 0, 3, USABLE_NO);
	says(f, &other,
	    "edge: nothing is usable for this client: its origin origin");
	fixture_destroy(f);
}
END_TEST

START_TEST(explain_says_where_a_name_lives)
{
	struct fixture *f = sites(1);
	struct address a = fixture_ipv4(0x15010203);
	unsigned homes[SITES];
	char want[256];
	struct decision d = ask(f, &a, 1);

	snprintf(want, sizeof(want),
	    "%s: 1 of 12 usable, by the hash of the "
	    "name",
	    f->policy->endpoints[d.endpoint[0]].key.endpoint);
	says(f, &a, want);
	fixture_destroy(f);
	f = sites(2);
	ck_assert_uint_eq(homes_of(f, 1, homes), 2);
	d = ask(f, &a, 1);
	snprintf(want, sizeof(want),
	    "%s: 1 of 12 usable, by the client's "
	    "position among those of the name",
	    f->policy->endpoints[d.endpoint[0]].key.endpoint);
	says(f, &a, want);
	fixture_destroy(f);
}
END_TEST

/* Some pools are edges, with standby endpoints, trickles, spread names and an
 * origin that is no edge. */
static void
add_edges(struct fixture *f)
{
	size_t n = f->config.n_pools;

	for (size_t p = 0; p < n; p++) {
		struct pool_config *pool = &f->pools[p];

		for (size_t e = 0; e < pool->n_endpoints; e++)
			f->endpoints[p][e].standby = fixture_below(4) == 0;
		if (fixture_below(3) == 0)
			pool->trickle_ppm = fixture_below(500000);
		pool->edge = p + 1 < n;
		if (!pool->edge)
			continue;
		pool->spread = 1 + fixture_below(4);
		if (fixture_below(2) == 0)
			pool->origin = (uint32_t)n - 1;
	}
	f->services[0].affinity =
	    fixture_below(2) == 0 ? AFFINITY_NAME : AFFINITY_KIND;
}

/* One client and some of those that its announced prefix has. */
static void
check_scope(struct fixture *f, uint64_t number, uint64_t met[4])
{
	struct address a = random_client(f);
	unsigned name = fixture_below(1000);
	struct decision d = ask(f, &a, name), other;

	met[d.alternate]++;
	if (d.kind == ANSWER_NODATA)
		return;
	for (unsigned k = 0; k < 8; k++) {
		struct address b = neighbour(a, d.scope, k);
		char text[2][ADDRESS_TEXT];

		other = ask(f, &b, name);
		ck_assert_msg(decision_equal(&d, &other) &&
			d.alternate == other.alternate,
		    "policy %llu: %s and %s share a /%u but not the answer "
		    "(/%u)",
		    (unsigned long long)number, address_format(&a, text[0]),
		    address_format(&b, text[1]), d.scope, other.scope);
	}
}

START_TEST(one_scope_one_answer_for_each_name)
{
	uint64_t n = full_size(600, 100000), met[4] = {0};

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		random_case(i);
		f = random_fixture();
		add_edges(f);
		fixture_build(f);
		for (unsigned state = 0; state < 3; state++) {
			random_health(f);
			f->sender = random_client(f);
			for (unsigned k = 0; k < 20; k++)
				check_scope(f, i, met);
		}
		fixture_destroy(f);
	}
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_gt(met[i], n / 20);
	printf("measured: one scope, one answer, with edges and origins: %llu "
	       "cases\n",
	    (unsigned long long)n * 60);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: edge");
	TCase *tc = tcase_create("edge");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, names_are_spread_over_sites_by_weight);
	tcase_add_test(tc, losing_a_site_moves_only_its_names);
	tcase_add_test(tc, a_hot_name_loads_no_site_above_its_share);
	tcase_add_test(tc, a_name_of_30_per_cent_with_spread_3);
	tcase_add_test(
	    tc, losing_a_home_moves_only_its_clients_to_one_other_site);
	tcase_add_test(tc, a_home_that_shrinks_moves_each_of_its_clients_once);
	tcase_add_test(tc, homes_share_positions_in_the_order_of_the_file);
	tcase_add_test(tc, homes_that_fail_together_are_replaced_by_several);
	tcase_add_test(tc, answers_of_spread_names_are_full);
	tcase_add_test(tc, a_name_is_served_as_long_as_any_site_is);
	tcase_add_test(
	    tc, several_answers_of_a_name_begin_with_its_clients_own_home);
	tcase_add_test(
	    tc, an_origin_takes_over_inside_the_fence_and_gives_back);
	tcase_add_test(tc, edges_pick_by_name_and_their_origins_by_client);
	tcase_add_test(tc, explain_says_which_pool_serves_and_why);
	tcase_add_test(tc, explain_says_where_a_name_lives);
	tcase_add_test(tc, one_scope_one_answer_for_each_name);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
