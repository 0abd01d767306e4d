/*
 * Tests of what a change moves: a dozen changes of a steering file or its
 * databases, whose numbers are those of a count that asks the ladder for every
 * /24 (for every address where a network is finer): all 16.7 million under
 * `make check-long`, a cut of a few /8 else; and of IPv6 for every /48 of a
 * /28.
 */
#include "steering/diff_walk.h"

#include <unistd.h>

#include "steering/ladder.h"
#include "tests/full.h"
#include "tests/unit/mmdb_writer.h"
#include "tests/unit/steering_fixture.h"

/* The address space in /24, and addresses in each. */
#define BLOCKS (UINT64_C(1) << 24)
#define BLOCK 256
/* Regions and pools of a test, and one more for what is none. */
#define NAMES 16

/* The /24 with networks that are finer. */
static const char fine_block[] = "198.18.5.0";

/* Where the cut looks: Europe and both Americas, private, networks, unused. */
static const uint8_t cut[] = {10, 24, 81, 189, 198, 240};

/* Of IPv6: 2a02::/28, which has many countries, in /48. */
#define IPV6_HI (UINT64_C(0x2a02) << 48)
#define IPV6_LENGTH 28
#define IPV6_BLOCKS (UINT64_C(1) << (48 - IPV6_LENGTH))

/* A steering file that changes are made to. */
static const char base[] =
    "networks:\n"
    "  office: [198.18.0.0/16, 10.20.0.0/16]\n"
    "  desk: [198.18.5.64/26]\n"
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3]}\n"
    "  ap: {at: [19.1, 72.9]}\n"
    "pools:\n"
    "  one:\n"
    "    endpoints:\n"
    "      - {name: us-a, region: us, address: 192.0.2.1, weight: 3}\n"
    "      - {name: us-b, region: us, address: 192.0.2.2}\n"
    "      - {name: us-c, region: us, address: 192.0.2.3}\n"
    "      - {name: eu-a, region: eu, address: 192.0.2.4}\n"
    "      - {name: ap-a, region: ap, address: 192.0.2.5}\n"
    "      - {name: ap-b, region: ap, address: 192.0.2.6}\n"
    "  two:\n"
    "    endpoints:\n"
    "      - {name: us-2, region: us, address: 192.0.2.7}\n"
    "      - {name: eu-2, region: eu, address: 192.0.2.8}\n"
    "services:\n"
    "  chat:\n"
    "    split: {one: 95, two: 5}\n"
    "    fence:\n"
    "      - {clients: {unions: [EU], networks: [office]}, regions: [eu], "
    "hard: true}\n"
    "      - {clients: {countries: [BR]}, regions: [us, ap]}\n"
    "    rank: nearest\n";

struct change {
	const char *says;
	/* What is replaced in the file. */
	const char *from, *to;
	const char *end;     /* what is added at its end, or NULL */
	bool measured;       /* the new side knows round trips */
	bool other_database; /* the new side has one more, on top */
	/* What has to move, so that a row shows what it says. */
	bool region, pool, endpoint;
};

static const struct change changes[] = {
    {"nothing moves where only the order of networks changes",
	"  office: [198.18.0.0/16, 10.20.0.0/16]\n  desk: [198.18.5.64/26]\n",
	"  desk: [198.18.5.64/26]\n  office: [198.18.0.0/16, 10.20.0.0/16]\n",
	.region = false},
    {"a region is added, with an endpoint", "pools:\n  one:\n    endpoints:\n",
	"  sa: {at: [-23.5, -46.6]}\npools:\n  one:\n    endpoints:\n"
	"      - {name: sa-a, region: sa, address: 192.0.2.9}\n",
	.region = true},
    {"a region is removed from a pool, whose clients go elsewhere",
	"      - {name: ap-a, region: ap, address: 192.0.2.5}\n"
	"      - {name: ap-b, region: ap, address: 192.0.2.6}\n",
	"", .region = true},
    {"a bias of a region attracts clients", "eu: {at: [53.3, -6.3]}",
	"eu: {at: [53.3, -6.3], bias: 25}", .region = true},
    {"the weight of a pool moves clients to another pool", "one: 95, two: 5",
	"one: 90, two: 10", .pool = true, .region = true},
    {"the weight of an endpoint moves clients inside its region", "weight: 3",
	"weight: 2", .endpoint = true},
    {"an endpoint that is added takes some of its region's clients",
	"      - {name: eu-a, region: eu, address: 192.0.2.4}\n",
	"      - {name: eu-a, region: eu, address: 192.0.2.4}\n"
	"      - {name: eu-b, region: eu, address: 192.0.2.10}\n",
	.endpoint = true},
    {"an endpoint with another address is another one",
	"region: eu, address: 192.0.2.4", "region: eu, address: 192.0.2.44",
	.endpoint = true},
    {"a fence that is added keeps its clients in a region",
	"    rank: nearest\n",
	"      - {clients: {countries: [US]}, regions: [us]}\n"
	"      - {clients: {continents: [AS]}, regions: [eu], hard: true}\n"
	"    rank: nearest\n",
	.region = true},
    {"a soft fence that turns hard moves nobody while all is up",
	"regions: [us, ap]}", "regions: [us, ap], hard: true}",
	.region = false},
    {"a database on top moves the clients it has elsewhere", "", "",
	.other_database = true, .region = true},
    {"a network that grows, and one that moves", "198.18.0.0/16, 10.20.0.0/16",
	"198.18.0.0/15, 10.20.0.0/16, 24.7.0.0/17", .region = true},
    {"a fence of a network finer than a /24 moves addresses of it",
	"      - {clients: {unions: [EU], ",
	"      - {clients: {networks: [desk]}, regions: [ap], hard: true}\n"
	"      - {clients: {unions: [EU], ",
	.region = true},
    {"a shorter sticky prefix picks endpoints anew", "    rank: nearest\n",
	"    rank: nearest\n    sticky: {ipv4: 16}\n", .endpoint = true},
    {"other blocks deal clients of the split anew", "    rank: nearest\n",
	"    rank: nearest\n    split_block: {ipv4: 12}\n", .region = true,
	.pool = true},
    {"what a region keeps moves the others to their next region",
	"  one:\n    endpoints:\n",
	"  one:\n    keep: {us: 60%}\n    endpoints:\n", .region = true},
    {"an endpoint that is drained leaves its clients to its region",
	"address: 192.0.2.4}",
	"address: 192.0.2.4}\n"
	"      - {name: eu-b, region: eu, address: 192.0.2.10, drained: true}",
	.region = false},
    {"a region that is drained leaves all of its clients to others",
	"us: {at: [39.0, -77.5]}", "us: {at: [39.0, -77.5], drained: true}",
	.region = true},
    {"regions in a listed order", "rank: nearest",
	"rank: {listed: [ap, eu, us]}", .region = true},
    {"an answer from two regions names one of the next", "    rank: nearest\n",
	"    rank: nearest\n    answers: {count: 2, from: regions}\n",
	.endpoint = true},
    {"clients are counted one by one where no client subnet counts",
	"    rank: nearest\n",
	"    rank: nearest\n    split_block: {ipv4: 19}\n    ecs: off\n",
	.region = true, .pool = true},
    {"two answers name one more", "    rank: nearest\n",
	"    rank: nearest\n    answers: 2\n", .endpoint = true},
    {"a cost alone moves nobody", "us: {at: [39.0, -77.5]}",
	"us: {at: [39.0, -77.5], cost: 9}", .region = false},
    {"near equal regions without a cost go by name", "    rank: nearest\n",
	"    rank: nearest\n    near_equal: 50%\n", .region = true},
    {"of near equal regions the cheaper one is first",
	"us: {at: [39.0, -77.5]}\n"
	"  eu: {at: [53.3, -6.3]}\n"
	"  ap: {at: [19.1, 72.9]}\n"
	"pools:\n",
	"us: {at: [39.0, -77.5], cost: 3}\n"
	"  eu: {at: [53.3, -6.3], cost: 2}\n"
	"  ap: {at: [19.1, 72.9], cost: 1}\n"
	"pools:\n",
	.end = "    near_equal: 3000km\n", .region = true},
    {"measured round trips go before distances", "rank: nearest",
	"rank: latency", .measured = true, .region = true},
    {"measured, and near equal by time", "rank: nearest",
	"rank: latency\n    near_equal: 20ms", .measured = true,
	.region = true},
    {"an order by round trips of which none is known moves nobody",
	"rank: nearest", "rank: latency", .region = false},
    {"an endpoint that turns to standby gives its clients to others",
	"address: 192.0.2.2}", "address: 192.0.2.2, standby: true}",
	.endpoint = true},
    {"the only endpoint of a region that turns to standby gives them to others",
	"address: 192.0.2.4}", "address: 192.0.2.4, standby: true}",
	.region = true},
    {"a region that turns to standby", "ap: {at: [19.1, 72.9]}",
	"ap: {at: [19.1, 72.9], standby: true}", .region = true},
    {"a region that keeps less passes on the others", "  one:\n",
	"  one:\n    keep: {us: 60%, eu: 30%}\n", .region = true},
    {"a trickle goes to the standby endpoint",
	"  one:\n    endpoints:\n"
	"      - {name: us-a, region: us, address: 192.0.2.1, weight: 3}\n",
	"  one:\n    trickle: 10%\n    endpoints:\n"
	"      - {name: us-a, region: us, address: 192.0.2.1, weight: 3, "
	"standby: true}\n",
	.region = true, .endpoint = true},
    {"a service inside takes the place of a pool",
	"services:\n  chat:\n    split: {one: 95, two: 5}",
	"  in: {service: inner}\n"
	"services:\n  chat:\n    split: {one: 95, in: 5}",
	.end = "  inner: {split: {one: 1, two: 1}, rank: {listed: [ap, us, "
	       "eu]}}\n",
	.region = true, .pool = true},
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

/* One side of a change. */
struct side {
	struct steering_config *config;
	struct geography *geography;
	struct map_set *maps;
	struct policy *policy;
	struct live *live;
};

/* Addresses by region and pool, from old to new; those that change the endpoint
 * alone; and by country those that change the region. */
struct count {
	uint64_t region[NAMES][NAMES], pool[NAMES][NAMES], endpoint;
	uint64_t country[DIFF_SPACE_COUNTRIES];
	uint64_t region6[NAMES][NAMES], pool6[NAMES][NAMES]; /* of IPv6 */
};

static const char *
shipped(void)
{
	static char path[256];
	const char *build = getenv("B");

	snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
	    build != NULL ? build : "build");
	return path;
}

/* A database that knows two networks to be elsewhere. */
static const char *
small_database(void)
{
	static char path[64];
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t data;

	snprintf(
	    path, sizeof(path), "/tmp/meridian-diff-%d.mmdb", (int)getpid());
	data = mmdb_flat_country(w, "IN");
	mmdb_insert(w, "24.0.0.0/10", data);
	data = mmdb_flat_country(w, "DE");
	mmdb_insert(w, "189.32.0.0/11", data);
	mmdb_save(w, path);
	return path;
}

/* What is shipped, and what is changed, made once for all tests. */
static struct geography *geography;
static struct side old;

static void
make_side(struct side *s, const char *text, const char *more,
    const struct latency *latency)
{
	static struct errbuf eb;
	const char *paths[] = {more, shipped()};
	const struct mark at[2] = {{"meridian.yaml", 1, 1}};
	struct policy_input input = {.zone = "test.example"};

	errbuf_init(&eb);
	s->config = steering_config_parse("test.yaml", text, strlen(text), &eb);
	ck_assert_msg(s->config != NULL, "%s", eb.text);
	s->geography = geography;
	if (more != NULL)
		s->geography = geography_load(paths, at, 2, NULL, &eb);
	ck_assert_msg(s->geography != NULL, "%s", eb.text);
	s->maps = map_set_create(s->geography);
	map_set_measure(s->maps, latency);
	input.config = s->config;
	s->policy = policy_build(&input, 1, s->maps, NULL, &eb);
	ck_assert_msg(s->policy != NULL, "%s", eb.text);
	s->live = live_create(s->policy);
	memset(s->live->endpoint, USABLE_YES, s->live->n_endpoints);
	live_judge(s->live, s->policy);
}

static void
drop_side(struct side *s)
{
	live_destroy(s->live);
	policy_destroy(s->policy);
	map_set_destroy(s->maps);
	if (s->geography != geography)
		geography_destroy(s->geography);
	steering_config_destroy(s->config);
}

static void
make_old(void)
{
	static struct errbuf eb;
	const char *path = shipped();
	const struct mark at = {"meridian.yaml", 1, 1};

	errbuf_init(&eb);
	geography = geography_load(&path, &at, 1, NULL, &eb);
	make_side(&old, base, NULL, NULL);
}

static void
drop_old(void)
{
	drop_side(&old);
	geography_destroy(geography);
}

/* ${base} as ${c} changes it, to be freed. */
static char *
change_text(const struct change *c)
{
	const char *at = strstr(base, c->from);
	char *text;

	ck_assert_ptr_nonnull(at);
	ck_assert_int_gt(
	    asprintf(&text, "%.*s%s%s%s", (int)(at - base), base, c->to,
		at + strlen(c->from), c->end != NULL ? c->end : ""),
	    0);
	return text;
}

/* Round trips of countries and networks that no distance would give. */
static struct latency *
measure(void)
{
	static const struct {
		const char *whose, *region;
		uint32_t rtt_us;
	} rows[] = {{"GB", "us", 70000}, {"GB", "ap", 80000},
	    {"BR", "ap", 90000}, {"US", "eu", 60000}, {"US", "us", 70000},
	    {"81.128.0.0/20", "ap", 5000}, {"24.7.0.0/16", "eu", 9000},
	    {"2a02:1::/32", "ap", 9000}};
	struct latency_builder *b = latency_begin();

	ck_assert_ptr_nonnull(b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct latency_entry e = latency_entry_of(
		    rows[i].whose, rows[i].region, rows[i].rtt_us, 3);

		ck_assert_int_eq(latency_add(b, &e), 0);
	}
	return latency_end(b);
}

/* Names of both sides as numbers. */
static size_t
number_of(const char *name)
{
	static const char *const names[] = {
	    "us", "eu", "ap", "sa", "one", "two", "in", NULL};
	size_t i = 0;

	while (names[i] != NULL && strcmp(names[i], name) != 0)
		i++;
	if (names[i] == NULL)
		ck_abort_msg("%s is no name of these tests", name);
	return i;
}

static void
ask(const struct side *s, const struct address *a, struct decision *d)
{
	struct client client = {*a, (uint8_t)address_bits(a)};
	struct answer_request request = {
	    .form = FORM_IPV4, .client = &client, .sender = a};

	ladder_decide(&s->policy->zones[0].services[0], s->policy, s->live,
	    &request, NULL, d);
	if (d->kind != ANSWER_RECORDS)
		ck_abort_msg("a last resort, with all up");
}

static bool
names_endpoint(const struct side *s, const struct decision *d,
    const struct policy_endpoint *e)
{
	for (unsigned i = 0; i < d->n; i++) {
		const struct policy_endpoint *other =
		    &s->policy->endpoints[d->endpoint[i]];

		if (strcmp(other->key.endpoint, e->key.endpoint) == 0 &&
		    memcmp(other->sets[FORM_IPV4].image,
			e->sets[FORM_IPV4].image, e->sets[FORM_IPV4].size) == 0)
			return true;
	}
	return false;
}

static bool
same_answers(
    const struct decision *a, const struct side *new, const struct decision *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!names_endpoint(
			new, b, &old.policy->endpoints[a->endpoint[i]]))
			return false;
	return a->n == b->n;
}

/* Count ${n} addresses that all get what ${a} gets. */
static void
count_client(const struct side *new, const struct address *a, uint64_t n,
    struct count *out)
{
	const struct policy_service *from = &old.policy->zones[0].services[0];
	const struct policy_service *to = &new->policy->zones[0].services[0];
	struct client client = {*a, 32};
	struct answer_request request = {.client = &client, .sender = a};
	/* Clients that ask themselves, whether client subnets count or not. */
	struct policy_service heard = *to;
	struct address subject;
	struct decision x, y;
	struct place place;
	size_t i, k, p, q;

	heard.senders = NULL;
	if (ladder_subject(from, &request, &subject) ||
	    ladder_subject(&heard, &request, &subject))
		return;
	ask(&old, a, &x);
	ask(new, a, &y);
	i = number_of(old.config->regions[x.region].name);
	k = number_of(new->config->regions[y.region].name);
	p = number_of(from->members[x.member].pool.name);
	q = number_of(to->members[y.member].pool.name);
	out->region[i][k] += n;
	out->pool[p][q] += n;
	if (i == k && p == q && !same_answers(&x, new, &y))
		out->endpoint += n;
	if (i == k)
		return;
	map_place(new->geography, &(struct steering_config){.n_networks = 0}, a,
	    &place, NULL, 0);
	if (place.country[0] != '\0')
		out->country[1 + (place.country[0] - 'A') * 26 +
		    place.country[1] - 'A'] += n;
	else if (place.continent[0] != '\0')
		out->country[DIFF_SPACE_CONTINENT +
		    (place.continent[0] - 'A') * 26 + place.continent[1] -
		    'A'] += n;
	else
		out->country[DIFF_SPACE_UNKNOWN] += n;
}

/* Is the /24 number ${i} looked at? */
static bool
in_cut(uint64_t i)
{
	if (full_size(0, 1) == 1)
		return true;
	for (size_t k = 0; k < sizeof(cut); k++)
		if (i >> 16 == cut[k])
			return true;
	return false;
}

/* All that is looked at, one by one. */
static void
count_all(const struct side *new, struct count *out)
{
	struct address fine;

	ck_assert_int_eq(address_parse(fine_block, &fine), 0);
	for (uint64_t i = 0; i < BLOCKS; i++) {
		struct address a = fixture_ipv4((uint32_t)(i << 8));

		if (!in_cut(i))
			i |= 0xffff;
		else if (!address_equal(&a, &fine))
			count_client(new, &a, BLOCK, out);
		else
			for (uint32_t k = 0; k < BLOCK; k++) {
				a.bytes[3] = (uint8_t)k;
				count_client(new, &a, 1, out);
			}
	}
}

static struct address
ipv6(uint64_t hi)
{
	struct address a = {.family = 6};

	for (unsigned i = 0; i < 8; i++)
		a.bytes[i] = (uint8_t)(hi >> (56 - 8 * i));
	return a;
}

/* Are clients at ${a} of the class of those of whom nothing is known? */
static bool
is_unknown(const struct map *map, const struct address *a)
{
	const struct address nowhere = {.family = 6, .bytes = {0x3f, 0xff}};
	struct map_leaf leaf, other;

	map_lookup(map, a, &leaf);
	map_lookup(map, &nowhere, &other);
	return leaf.class == other.class;
}

/* The same of the /48 of IPv6 of which ${space} knows a place, or a network or
 * a round trip something else. */
static void
count_all_ipv6(
    const struct side *new, const struct diff_space *space, struct count *out)
{
	const struct policy_service *from = &old.policy->zones[0].services[0];
	const struct policy_service *to = &new->policy->zones[0].services[0];

	for (uint64_t i = 0; i < IPV6_BLOCKS; i++) {
		uint64_t hi = IPV6_HI | i << 16;
		struct address a = ipv6(hi);
		struct decision x, y;

		if (cover_find(&space->ipv6, hi, 0)->value ==
			DIFF_SPACE_UNKNOWN &&
		    is_unknown(from->map, &a) && is_unknown(to->map, &a))
			continue;
		ask(&old, &a, &x);
		ask(new, &a, &y);
		out->region6[number_of(old.config->regions[x.region].name)]
			    [number_of(new->config->regions[y.region].name)]++;
		out->pool6[number_of(from->members[x.member].pool.name)]
			  [number_of(to->members[y.member].pool.name)]++;
	}
}

static uint32_t
join(void *context, uint32_t country, uint32_t outside)
{
	(void)context;
	return outside != 0 ? outside : country;
}

static uint32_t
enter(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	(void)around;
	return value;
}

/* Leave of ${space} what is looked at. */
static void
cut_space(struct diff_space *space)
{
	struct cover_leaf ipv6 = {.hi = IPV6_HI, .depth = IPV6_LENGTH};
	struct cover mask, out, out6;

	cover_init(&mask, 1000);
	cover_init(&out, space->ipv4.max);
	for (uint64_t i = 0; i < 256; i++) {
		struct cover_leaf leaf = {.hi = i << 56,
		    .depth = 8,
		    .value = in_cut(i << 16) ? 0 : DIFF_SPACE_OUTSIDE};

		ck_assert_int_eq(cover_append(&mask, &leaf), 0);
	}
	ck_assert_int_eq(
	    cover_overlay(&space->ipv4, &mask, join, NULL, &out), 0);
	cover_finish(&mask);
	cover_init(&out6, space->ipv6.max);
	ck_assert_int_eq(
	    cover_nest(&ipv6, 1, DIFF_SPACE_OUTSIDE, enter, NULL, &mask), 0);
	ck_assert_int_eq(
	    cover_overlay(&space->ipv6, &mask, join, NULL, &out6), 0);
	cover_finish(&mask);
	diff_space_finish(space);
	space->ipv4 = out;
	space->ipv6 = out6;
}

static uint64_t
moved(uint64_t n[NAMES][NAMES])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < NAMES; i++)
		for (size_t k = 0; k < NAMES; k++)
			sum += i != k ? n[i][k] : 0;
	return sum;
}

/* What the walk counts, in the same way; and IPv6 one by one. */
static void
count_walk(const struct side *new, struct count *out, struct count *counted,
    uint64_t *steps)
{
	const struct policy_service *from = &old.policy->zones[0].services[0];
	const struct policy_service *to = &new->policy->zones[0].services[0];
	struct diff_space space;
	struct diff_tally tally;
	struct diff_pair pair;

	ck_assert_int_eq(
	    diff_pair_init(&pair, old.policy, old.live, new->policy, new->live),
	    0);
	ck_assert_int_eq(diff_space_init(&space, new->geography), 0);
	cut_space(&space);
	ck_assert_int_eq(diff_walk(&pair, &space, from, to, &tally), 0);
	for (size_t i = 0; i < tally.n; i++) {
		const struct diff_move *m = &tally.moves[i];
		size_t x, y;

		x = number_of(old.config->regions[diff_region(m->from)].name);
		y = number_of(new->config->regions[diff_region(m->to)].name);
		out->region[x][y] += m->ipv4;
		out->region6[x][y] += m->ipv6;
		if (x != y)
			out->country[m->country] += m->ipv4;
		x = number_of(from->members[diff_member(m->from)].pool.name);
		y = number_of(to->members[diff_member(m->to)].pool.name);
		out->pool[x][y] += m->ipv4;
		out->pool6[x][y] += m->ipv6;
		out->endpoint += m->other;
	}
	*steps = tally.steps;
	count_all_ipv6(new, &space, counted);
	if (diff_pair_same(&pair, from, to) &&
	    diff_pair_same_maps(from->map, to->map))
		ck_assert_uint_eq(
		    out->endpoint + moved(out->region) + moved(out->pool), 0);
	diff_tally_finish(&tally);
	diff_space_finish(&space);
	diff_pair_finish(&pair);
}

START_TEST(test_changes)
{
	const struct change *c = &changes[_i];
	char *text = change_text(c);
	struct latency *latency = c->measured ? measure() : NULL;
	struct count *walked = calloc(1, sizeof(*walked));
	struct count *counted = calloc(1, sizeof(*counted));
	const char *more = c->other_database ? small_database() : NULL;
	struct side new;
	uint64_t steps;

	make_side(&new, text, more, latency);
	if (more != NULL)
		unlink(more);
	count_walk(&new, walked, counted, &steps);
	count_all(&new, counted);
	for (size_t i = 0; i < NAMES; i++)
		for (size_t k = 0; k < NAMES; k++)
			ck_assert_msg(
			    walked->region6[i][k] == counted->region6[i][k] &&
				walked->pool6[i][k] == counted->pool6[i][k],
			    "%s: IPv6, %zu to %zu: %ju, not %ju regions; %ju, "
			    "not %ju pools",
			    c->says, i, k, (uintmax_t)walked->region6[i][k],
			    (uintmax_t)counted->region6[i][k],
			    (uintmax_t)walked->pool6[i][k],
			    (uintmax_t)counted->pool6[i][k]);
	for (size_t i = 0; i < NAMES; i++)
		for (size_t k = 0; k < NAMES; k++) {
			ck_assert_msg(
			    walked->region[i][k] == counted->region[i][k],
			    "%s: regions %zu to %zu: %ju, not %ju", c->says, i,
			    k, (uintmax_t)walked->region[i][k],
			    (uintmax_t)counted->region[i][k]);
			ck_assert_msg(walked->pool[i][k] == counted->pool[i][k],
			    "%s: pools %zu to %zu: %ju, not %ju", c->says, i, k,
			    (uintmax_t)walked->pool[i][k],
			    (uintmax_t)counted->pool[i][k]);
		}
	for (size_t i = 0; i < DIFF_SPACE_COUNTRIES; i++)
		ck_assert_msg(walked->country[i] == counted->country[i],
		    "%s: country %zu: %ju, not %ju", c->says, i,
		    (uintmax_t)walked->country[i],
		    (uintmax_t)counted->country[i]);
	ck_assert_msg(walked->endpoint == counted->endpoint,
	    "%s: %ju other endpoints, not %ju", c->says,
	    (uintmax_t)walked->endpoint, (uintmax_t)counted->endpoint);
	ck_assert_msg((moved(walked->region) > 0) == c->region &&
		(moved(walked->pool) > 0 || !c->pool) &&
		(walked->endpoint > 0 || !c->endpoint),
	    "%s: %ju regions, %ju pools, %ju endpoints", c->says,
	    (uintmax_t)moved(walked->region), (uintmax_t)moved(walked->pool),
	    (uintmax_t)walked->endpoint);
	printf("measured: %s: %ju, %ju and %ju addresses get another region, "
	       "pool, endpoint; %ju steps\n",
	    c->says, (uintmax_t)moved(walked->region),
	    (uintmax_t)moved(walked->pool), (uintmax_t)walked->endpoint,
	    (uintmax_t)steps);
	drop_side(&new);
	latency_destroy(latency);
	free(walked);
	free(counted);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tc = tcase_create("changes");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, make_old, drop_old);
	tcase_add_loop_test(tc, test_changes, 0, CHANGES);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
