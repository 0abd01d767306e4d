/*
 * Who is in which group: the table, and what follows from it, worked out the
 * slow and plain way.  Called by resolver_test.c; asks no server.
 */
#include "tests/system/groups.h"

#include <check.h>
#include <string.h>

/*
 * Networks in networks, of most lengths, with neighbours and nested ones of one
 * region among them, which merge.  A fence rule is made of each run of one
 * region, in this order, so that the last of a family lie behind wider ones
 * that match first; the service that goes by places takes the longest instead.
 */
const struct group_network group_networks[GROUPS_NETWORKS] = {
    {"127.64.17.16/28", 3},
    {"127.64.17.96/28", 5},
    {"127.64.17.240/28", 6},
    {"127.64.17.0/24", 4},
    {"127.64.16.0/20", 3},
    {"127.64.200.0/24", 2},
    {"127.64.0.0/16", 2},
    {"127.1.2.5/32", 7},
    {"127.1.2.4/30", 1},
    {"127.201.7.192/26", 1},
    {"127.201.7.128/25", 6},
    {"127.200.0.0/13", 5},
    {"127.40.8.0/24", 4},
    {"127.40.0.0/14", 4},
    {"127.44.0.0/14", 4},
    {"127.128.0.0/9", 6},
    {"127.0.0.0/10", 1},
    {"127.130.0.0/15", 7},
    {"127.40.77.64/27", 2},
    {"2001:db8:1:80:1::/80", 3},
    {"2001:db8:1:80::7/128", 5},
    {"2001:db8:1:80::/57", 6},
    {"2001:db8:1:2::/64", 7},
    {"2001:db8:1::/48", 2},
    {"2001:db8:0:ff00::/56", 4},
    {"2001:db8::/33", 1},
    {"2001:db8:8000::/33", 6},
    {"2001:db8:8123:4500::/56", 7},
};

uint32_t
groups_draw(struct groups *g, uint32_t below)
{
	g->random ^= g->random << 13;
	g->random ^= g->random >> 7;
	g->random ^= g->random << 17;
	return (uint32_t)(g->random >> 32) % below;
}

/* The class of whom no network holds: the first region is his. */
#define NOWHERE GROUPS_NETWORKS

int
groups_run(int i)
{
	while (
	    i > 0 && group_networks[i - 1].region == group_networks[i].region)
		i--;
	return i;
}

/* The class of an address: the first network of its region. */
static int
class_of(const struct groups *g, enum group_rule rule, const struct address *a)
{
	int best = NOWHERE;

	for (int i = 0; i < GROUPS_NETWORKS; i++) {
		if (!prefix_contains(&g->networks[i], a))
			continue;
		if (best == NOWHERE ||
		    (rule == GROUP_RANKED &&
			g->networks[i].length > g->networks[best].length))
			best = i;
	}
	for (int i = 0; best != NOWHERE && i < best; i++)
		if (group_networks[i].region == group_networks[best].region)
			return i;
	return best;
}

int
groups_region(
    const struct groups *g, enum group_rule rule, const struct address *a)
{
	int class = class_of(g, rule, a);

	return class == NOWHERE ? 0 : group_networks[class].region;
}

static bool
crossed(const struct groups *g, const struct prefix *p)
{
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		if (g->networks[i].length > p->length &&
		    prefix_contains(p, &g->networks[i].address))
			return true;
	return false;
}

/* The class of all of ${p}, or -1 when it has several. */
static int
class_of_all(
    const struct groups *g, enum group_rule rule, const struct prefix *p)
{
	struct prefix half = *p;
	int low, high;

	if (!crossed(g, p))
		return class_of(g, rule, &p->address);
	half.length++;
	low = class_of_all(g, rule, &half);
	half.address.bytes[p->length / 8] |= (uint8_t)(0x80 >> p->length % 8);
	high = class_of_all(g, rule, &half);
	return low == high ? low : -1;
}

struct prefix
groups_leaf(
    const struct groups *g, enum group_rule rule, const struct address *a)
{
	struct prefix p = {*a, 0};

	for (;; p.length++) {
		p.address = *a;
		address_mask(&p.address, p.length);
		if (class_of_all(g, rule, &p) >= 0)
			return p;
	}
}

/* An address with the prefix of ${p} and the rest by chance. */
static struct address
inside(struct groups *g, const struct prefix *p)
{
	struct address a = p->address;

	for (unsigned bit = p->length; bit < address_bits(&a); bit++)
		if (groups_draw(g, 2) != 0)
			a.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return a;
}

/* The address before the first one of ${p}, or behind the last. */
static struct address
beside(const struct prefix *p, bool behind)
{
	struct address a = p->address;
	unsigned octets = address_bits(&a) / 8;

	if (behind)
		for (unsigned bit = p->length; bit < 8 * octets; bit++)
			a.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	for (unsigned i = octets; i-- > 0;) {
		a.bytes[i] = (uint8_t)(a.bytes[i] + (behind ? 1 : -1));
		if (a.bytes[i] != (behind ? 0 : 255))
			break;
	}
	return a;
}

/* An address that can be used: of the family's space, and no broadcast. */
static bool
usable(const struct groups *g, int family, const struct address *a, int n)
{
	static const uint8_t first[4] = {127}, last[4] = {127, 255, 255, 255};
	struct prefix space;

	prefix_parse(family == 4 ? "127.0.0.0/8" : "2001:db8::/32", &space);
	if (!prefix_contains(&space, a) ||
	    (family == 4 &&
		(memcmp(a->bytes, first, 4) == 0 ||
		    memcmp(a->bytes, last, 4) == 0)))
		return false;
	for (int i = 0; i < n; i++)
		if (address_equal(&g->clients[i].self.address, a))
			return false;
	return true;
}

/* Clients on both sides of every edge, and by chance in every network. */
static void
make_clients(struct groups *g, int family)
{
	struct prefix space;

	prefix_parse(family == 4 ? "127.0.0.0/8" : "2001:db8::/32", &space);
	for (int n = 0, turn = 0; n < GROUPS_CLIENTS; turn++) {
		const struct prefix *p = &g->networks[turn % GROUPS_NETWORKS];
		struct group_client *c = &g->clients[n];
		struct address a;

		if (turn < 2 * GROUPS_NETWORKS)
			a = beside(p, turn < GROUPS_NETWORKS);
		else if (turn < 3 * GROUPS_NETWORKS)
			a = p->address;
		else
			a = inside(g, groups_draw(g, 4) == 0 ? &space : p);
		if (a.family != family || !usable(g, family, &a, n))
			continue;
		c->self = (struct prefix){a, (uint8_t)address_bits(&a)};
		address_format(&a, c->text);
		n++;
	}
}

struct address
group_client_told(const struct group_client *c, unsigned limit)
{
	struct address a = c->self.address;

	address_mask(&a, limit);
	return a;
}

void
groups_shuffle(struct groups *g, int *order, int n)
{
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = n - 1; i > 0; i--) {
		int k = (int)groups_draw(g, (uint32_t)i + 1), was = order[i];

		order[i] = order[k];
		order[k] = was;
	}
}

int
groups_distinct(struct prefix *list, int n, const struct prefix *p)
{
	for (int i = 0; i < n; i++)
		if (list[i].length == p->length &&
		    address_equal(&list[i].address, &p->address))
			return n;
	list[n] = *p;
	return n + 1;
}

int
groups_leaves(const struct groups *g, enum group_rule rule, unsigned limit,
    unsigned sticky)
{
	static struct prefix list[GROUPS_CLIENTS];
	int n = 0;

	for (int i = 0; i < GROUPS_CLIENTS; i++) {
		struct address a = group_client_told(&g->clients[i], limit);
		struct prefix p = groups_leaf(g, rule, &a);

		if (p.length < sticky)
			p.length = (uint8_t)sticky;
		if (p.length > limit)
			p.length = (uint8_t)limit;
		p.address = a;
		address_mask(&p.address, p.length);
		n = groups_distinct(list, n, &p);
	}
	return n;
}

void
groups_init(struct groups *g, int family)
{
	memset(g, 0, sizeof(*g));
	g->random = 0x9e3779b97f4a7c15;
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		ck_assert_int_eq(
		    prefix_parse(group_networks[i].prefix, &g->networks[i]), 0);
	make_clients(g, family);
}
