/*
 * Health that changes while unbound serves 500 clients: none is given what
 * another one should have.  A set of endpoints, as resolver.h numbers them, is
 * what an answer names, or what is down.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/resolver.h"

#define STEERED 2
#define ALL_DOWN 0xffff
#define HEALTH_TTL_MS 2000

static const char *const steered[STEERED] = {"canary", "halves"};

/* What meridiand itself says of each client. */
struct told {
	uint16_t endpoints[STEERED][GROUPS_CLIENTS];
	uint8_t scope[STEERED][GROUPS_CLIENTS];
};

/* Pools that are checked; each network may be sent to its own region and the
 * next, and is answered with both where they are up. */
static void
write_checked(struct resolver *w)
{
	struct text t;

	text_init(&t, RESOLVER_STEERING);
	resolver_places(&t);
	text_add(&t,
	    "checks:\n"
	    "  c: {port: 9, every: 1h, timeout: 1s, fall: 1, rise: 1}\n");
	resolver_pools(&t, "    check: c\n", -1);
	text_add(&t,
	    "services:\n"
	    "  canary: {split: {v1: 95, v2: 5}, ttl: {max: 2s, min: 1s}}\n"
	    "  halves:\n"
	    "    split: {v1: 1, v2: 1}\n"
	    "    answers: {count: 2, from: regions}\n"
	    "    ttl: {max: 2s, min: 1s}\n"
	    "    fence:\n");
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		text_add(&t,
		    "      - {clients: {networks: [n%d]}, regions: [r%d, "
		    "r%d]}\n",
		    i, group_networks[i].region,
		    (group_networks[i].region + 1) % GROUPS_REGIONS);
	resolver_write(w, &t);
}

/* The endpoints of an answer, whose records are in any order. */
static uint16_t
endpoints_of(const struct reply *reply)
{
	unsigned set = 0;

	for (size_t i = 0; i < reply->n_answer; i++) {
		unsigned long octet = strtoul(
		    reply->answer[i].data + strlen("192.0.2."), NULL, 10);

		ck_assert_uint_ge(octet, 100);
		ck_assert_uint_lt(octet % 100, GROUPS_REGIONS);
		set |= 1U << ((octet / 100 - 1) * 8 + octet % 100);
	}
	return (uint16_t)set;
}

/*
 * Ask meridiand for each client.  Nothing that is down is named while anything
 * is up; and clients in one scope have one answer and one scope, so that no two
 * scopes overlap.
 */
static void
ask_meridiand(struct resolver *w, unsigned down, struct told *out)
{
	static struct reply reply;

	for (int i = 0; i < STEERED * GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[i / STEERED];
		int s = i % STEERED, n = i / STEERED;
		char subnet[ADDRESS_TEXT], owner[64];

		prefix_format(&c->self, subnet);
		snprintf(
		    owner, sizeof(owner), "%s.inference.example.", steered[s]);
		ck_assert(node_reply(&w->node, owner, "A", subnet, &reply));
		out->endpoints[s][n] = endpoints_of(&reply);
		out->scope[s][n] = reply.scope;
		ck_assert_uint_ne(out->endpoints[s][n], 0);
		ck_assert_msg(
		    down == ALL_DOWN || (out->endpoints[s][n] & down) == 0,
		    "%s of %s: %x, of which %x are down", owner, c->text,
		    out->endpoints[s][n], down);
	}
	for (int s = 0; s < STEERED; s++)
		for (int i = 0; i < GROUPS_CLIENTS * GROUPS_CLIENTS; i++) {
			int a = i / GROUPS_CLIENTS, b = i % GROUPS_CLIENTS;
			struct prefix p = {w->groups.clients[a].self.address,
			    out->scope[s][a]};

			address_mask(&p.address, p.length);
			ck_assert_msg(!prefix_contains(&p,
					  &w->groups.clients[b].self.address) ||
				(out->endpoints[s][a] == out->endpoints[s][b] &&
				    out->scope[s][a] == out->scope[s][b]),
			    "%s: %s and %s, down are %x", steered[s],
			    w->groups.clients[a].text,
			    w->groups.clients[b].text, down);
		}
}

/* Ask unbound for all clients: each is given what meridiand tells of it, now
 * or, if it is not NULL, ${before}. */
static void
ask_unbound(
    struct resolver *w, const struct told *now, const struct told *before)
{
	static int order[STEERED * GROUPS_CLIENTS];

	groups_shuffle(&w->groups, order, STEERED * GROUPS_CLIENTS);
	for (int i = 0; i < STEERED * GROUPS_CLIENTS; i++) {
		int s = order[i] % STEERED, n = order[i] / STEERED;
		const struct group_client *c = &w->groups.clients[n];
		uint16_t got =
		    endpoints_of(resolver_ask(w, c, steered[s], "A"));

		ck_assert_msg(got == now->endpoints[s][n] ||
			(before != NULL && got == before->endpoints[s][n]),
		    "%s of %s: %x, not %x", steered[s], c->text, got,
		    now->endpoints[s][n]);
	}
}

/*
 * Endpoints of two split services fail and come back: until the TTL is over
 * each client has the answer of its own of before or of now, and from then on
 * that of now; never that of another client.
 */
START_TEST(test_health_changes)
{
	static const unsigned firsts[] = {
	    0, 1U << 6, 0xff00, 0x0202, ALL_DOWN, 0x00ff};
	unsigned changes = (unsigned)full_size(6, 100);
	static struct told told[2];
	struct resolver *w =
	    resolver_create(4, "stale: {after: 1h, then: keep}\n");
	int before, fetched;

	harness_write(w->h, "inference.zone", "%s", node_zone);
	write_checked(w);
	resolver_health(w);
	node_serve(&w->node);
	resolver_unbound(w, 32, 56, "");
	before = w->asked;
	fetched = 0;
	for (unsigned i = 0; i < changes; i++) {
		struct told *now = &told[i % 2];
		unsigned down = i < 6 ? firsts[i]
				      : groups_draw(&w->groups, 0x10000) &
			groups_draw(&w->groups, 0x10000);
		int arrivals;
		int64_t changed;

		resolver_change(w, down);
		changed = harness_ms();
		ask_meridiand(w, down, now);
		arrivals = resolver_arrived(w);
		ask_unbound(w, now, i > 0 ? &told[1 - i % 2] : NULL);
		/* The resolver counts whole seconds. */
		HARNESS_WAIT(
		    20000, harness_ms() > changed + HEALTH_TTL_MS + 1100);
		ask_unbound(w, now, NULL);
		ask_unbound(w, now, NULL);
		fetched += resolver_arrived(w) - arrivals;
	}
	printf("measured: health changes, %u times: %d questions, %d fetched, "
	       "%.1f %% from the cache\n",
	    changes, w->asked - before, fetched,
	    100.0 * (w->asked - before - fetched) / (w->asked - before));
	/* Most, although all lives for two seconds only. */
	ck_assert_int_lt(fetched * 2, w->asked - before);
	resolver_finish(w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"health changes", test_health_changes, 240},
	};

	return harness_main(
	    "resolver_health", cases, sizeof(cases) / sizeof(cases[0]));
}
