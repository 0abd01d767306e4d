/*
 * Tests of decisions as properties of random policies, databases of networks
 * and states of health: clients of one announced scope get one answer and
 * announced scopes never overlap; scopes are as wide as what was looked at;
 * A and AAAA are one choice; explain tells what is served; what fails, rises or
 * is weighed anew moves only its own clients; and every process and build comes
 * to the same.  What holds is checked in 10^5 cases at full size.
 */
#include "steering/ladder.h"

#include <limits.h>

#include "tests/full.h"
#include "tests/unit/steering_rich.h"

#define STATES 3     /* of health, of a policy */
#define CLIENTS 20   /* of a state */
#define NEIGHBOURS 8 /* of each client, inside its announced prefix */

/* Policies: a few seconds of them, or all. */
static uint64_t
cases(void)
{
	return full_size(400, 100000);
}

/* The service of case number ${i}: every second one has all that a file may ask
 * for, the others are plain ones. */
static struct fixture *
draw(uint64_t i)
{
	if (i % 2 == 1)
		return rich_fixture(i / 2);
	random_case(i);
	return random_fixture();
}

static void
say_measured(const char *what, uint64_t n)
{
	printf("measured: %s: %llu cases from seed %llu\n", what,
	    (unsigned long long)n, (unsigned long long)RANDOM_SEED);
}

/* Whom the policy decides for in place of a client. */
static bool
by_sender(const struct fixture *f, const struct address *client)
{
	const struct client c = {*client, (uint8_t)address_bits(client)};
	const struct answer_request request = {
	    .client = &c, .sender = &f->sender};
	struct address subject;

	return ladder_subject(f->policy->zones[0].services, &request, &subject);
}

/* What the cases met, so that a test can say that it has met all. */
struct met {
	uint64_t narrow, wide, hashed, private, resorts, shared;
	uint64_t standby, named, measured;
};

/* What of the features of a rich service ${d} came from. */
static void
meet(const struct fixture *f, const struct decision *d, struct met *met)
{
	met->standby += d->alternate > 0;
	met->measured += f->latency != NULL;
	for (unsigned i = 0; i < d->n; i++)
		met->named += f->policy->endpoints[d->endpoint[i]].resolved !=
		    STEERING_NONE;
}

/* All addresses of the prefix that is announced for ${a} announce the same one
 * and get the same answer. */
static void
check_scope(
    struct fixture *f, uint64_t number, enum answer_form form, struct met *met)
{
	struct address a = random_client(f), b;
	struct decision d, other;

	fixture_decide_traced(f, 0, &a, form, NULL, &d);
	ck_assert_uint_le(d.scope, address_bits(&a));
	met->narrow += d.scope > 8;
	met->wide += d.scope > 0 && d.scope < 20;
	met->hashed += d.hashed;
	met->resorts += d.resort;
	met->private += by_sender(f, &a);
	meet(f, &d, met);
	/* A NODATA that others do not get is no answer of a prefix: resolvers
	 * give it to all (RFC 7871, 7.4), and for a moment only. */
	if (d.kind == ANSWER_NODATA) {
		ck_assert_uint_eq(d.scope, 0);
		if (f->policy->zones[0].services[0].has[form])
			ck_assert_uint_le(d.ttl_s, f->services[0].ttl_min_s);
		else
			ck_assert_uint_eq(d.ttl_s, UINT32_MAX);
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

/*
 * If all addresses of each announced prefix announce the same prefix and get
 * the same answer, then announced prefixes cannot overlap: an address in two of
 * them would announce both.  All queries of a state have one sender.
 */
START_TEST(one_scope_one_answer)
{
	struct met met = {0};
	uint64_t n = cases();

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;
		enum answer_form form;

		f = draw(i);
		form = fixture_below(3) == 0 ? FORM_IPV6 : FORM_IPV4;
		if (f->services[0].https != NULL && fixture_below(4) == 0)
			form = FORM_HTTPS;
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			rich_health(f);
			f->sender = random_client(f);
			for (unsigned j = 0; j < CLIENTS; j++)
				check_scope(f, i, form, &met);
		}
		fixture_destroy(f);
	}
	/* The clients and policies met what they are to show. */
	n *= STATES * CLIENTS;
	ck_assert_uint_gt(met.narrow, n / 8);
	ck_assert_uint_gt(met.wide, n / 20);
	ck_assert_uint_gt(met.hashed, n / 20);
	ck_assert_uint_gt(met.private, n / 10);
	ck_assert_uint_gt(met.resorts, n / 50);
	ck_assert_uint_gt(met.shared, n);
	ck_assert_uint_gt(met.standby, n / 50);
	ck_assert_uint_gt(met.named, n / 50);
	ck_assert_uint_gt(met.measured, n / 10);
	say_measured("one scope, one answer", n);
}
END_TEST

/* Of one decision in two forms: whether the endpoints of ${a} that have
 * ${form} are those of ${b}, in their order. */
static bool
same_choice(const struct fixture *f, const struct decision *a,
    const struct decision *b, enum answer_form form)
{
	unsigned n = 0;

	for (unsigned i = 0; i < a->n; i++) {
		if (live_set(f->live, f->policy, a->endpoint[i], form)->count ==
		    0)
			continue;
		/* Those between may lack the form of ${a}. */
		while (n < b->n && b->endpoint[n] != a->endpoint[i])
			n++;
		if (n++ == b->n)
			return false;
	}
	return true;
}

/* The hints of HTTPS are of the endpoints of A and AAAA, with their scope and
 * TTL; 1. */
static unsigned
check_hints(struct fixture *f, const struct address *client,
    const struct decision *a, const struct decision *aaaa)
{
	struct decision d;

	fixture_decide_traced(f, 0, client, FORM_HTTPS, NULL, &d);
	ck_assert(same_choice(f, &d, a, FORM_IPV4));
	ck_assert(same_choice(f, &d, aaaa, FORM_IPV6));
	ck_assert(same_choice(f, a, &d, FORM_IPV4));
	ck_assert(same_choice(f, aaaa, &d, FORM_IPV6));
	ck_assert_uint_eq(d.region, a->region);
	if (a->kind != ANSWER_NODATA) {
		ck_assert(d.kind == a->kind && d.scope == a->scope &&
		    d.ttl_s == a->ttl_s);
	}
	return 1;
}

/* Whatever is down, fenced or dealt to a canary, for each client A and AAAA
 * come from one choice, with one scope and one TTL. */
START_TEST(a_and_aaaa_of_one_client_name_the_same_endpoints)
{
	uint64_t both = 0, one = 0, hinted = 0, n = cases();

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;
		const bool *has;

		f = draw(i);
		fixture_build(f);
		rich_health(f);
		has = f->policy->zones[0].services[0].has;
		for (unsigned j = 0;
		     j < CLIENTS && has[FORM_IPV4] && has[FORM_IPV6]; j++) {
			struct address client = random_client(f);
			struct decision a, b;

			fixture_decide_traced(
			    f, 0, &client, FORM_IPV4, NULL, &a);
			fixture_decide_traced(
			    f, 0, &client, FORM_IPV6, NULL, &b);
			ck_assert(a.region == b.region &&
			    a.member == b.member && a.resort == b.resort &&
			    a.hashed == b.hashed);
			ck_assert(same_choice(f, &a, &b, FORM_IPV6));
			ck_assert(same_choice(f, &b, &a, FORM_IPV4));
			if (has[FORM_HTTPS])
				hinted += check_hints(f, &client, &a, &b);
			if (a.kind == ANSWER_NODATA ||
			    b.kind == ANSWER_NODATA) {
				ck_assert(a.kind == ANSWER_RECORDS ||
				    b.kind == ANSWER_RECORDS);
				one++;
				continue;
			}
			ck_assert(a.kind == b.kind && a.scope == b.scope &&
			    a.ttl_s == b.ttl_s);
			both += a.kind == ANSWER_RECORDS;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(both, n * CLIENTS / 2);
	ck_assert_uint_gt(one, n * CLIENTS / 100);
	ck_assert_uint_gt(hinted, n * CLIENTS / 8);
	say_measured("A and AAAA are one choice", n * CLIENTS);
}
END_TEST

/* How many bits the set of regions inside the fence, or the share of its
 * position, tell of a client of the service, where all are up. */
static unsigned
bits_of_split(const struct fixture *f, const struct address *client,
    const struct map_leaf *leaf, unsigned *member)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	unsigned usable = 0, weighted = 0, only = 0, share;

	for (unsigned m = 0; m < s->n_members; m++) {
		if (s->members[m].weight == 0)
			continue;
		weighted++;
		if (s->members[m].pool.regions & leaf->class->inside) {
			usable++;
			only = m;
		}
	}
	*member = only;
	if (weighted == 1 || usable == 0)
		return 0;
	*member = dealt_to(f, client);
	share = share_length(f, client);
	if (usable > 1)
		return share;
	/* The others are outside the fence: the fence tells, or the position
	 * does. */
	if (*member != only)
		share = UINT_MAX;
	*member = only;
	return share < leaf->set ? share : leaf->set;
}

/* Of a service that is all up and has one answer: the scope that follows from
 * what must be looked at.  0: this client is none that the test is of. */
static unsigned
least_scope(const struct fixture *f, const struct address *client,
    const struct map_leaf *leaf)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	const struct client_class *class = leaf->class;
	unsigned member, bits = bits_of_split(f, client, leaf, &member);
	uint64_t usable = s->members[member].pool.regions & class->inside;
	unsigned order, places = 0, i = 0;
	const struct policy_group *g;

	if (usable == 0)
		return 0;
	for (; !(usable >> class->order[i] & 1); i++)
		places += (class->inside >> class->order[i] & 1) != 0;
	order = map_leaf_depth(leaf, places + 1);
	if ((usable & (usable - 1)) == 0 && leaf->set < order)
		order = leaf->set;
	g = &f->policy->groups[s->members[member].pool.group[class->order[i]]];
	if (order > bits)
		bits = order;
	if (g->n > 1 && s->affinity == AFFINITY_CLIENT) {
		unsigned sticky =
		    client->family == 4 ? s->sticky_ipv4 : s->sticky_ipv6;

		bits = sticky > bits ? sticky : bits;
	} else if (bits == order && s->one_class) {
		bits = 0;
	}
	return bits;
}

/*
 * The scope is that of the first place of the order, of the share of the split
 * and of the sticky prefix, as far as each was looked at, and not a bit longer.
 * The leaf's own depth takes no part.
 */
START_TEST(scopes_are_as_wide_as_what_was_looked_at)
{
	uint64_t n = cases(), first = 0, looked = 0, wider = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;
		const struct policy_service *s;

		random_case(i);
		f = random_fixture();
		if (i % 2 == 1)
			rich_add(f, false);
		f->services[0].answers = 1;
		/* The length of a share is looked for one by one. */
		f->services[0].block_ipv4 = (uint8_t)(16 + fixture_below(9));
		f->services[0].block_ipv6 = (uint8_t)(40 + fixture_below(9));
		fixture_build(f);
		s = &f->policy->zones[0].services[0];
		for (unsigned j = 0; j < CLIENTS; j++) {
			struct address a = random_client(f), inside;
			unsigned offset = ladder_client(&a, &inside), bits;
			char text[ADDRESS_TEXT];
			struct map_leaf leaf;
			struct decision d;

			map_lookup(s->map, &inside, &leaf);
			bits = least_scope(f, &inside, &leaf);
			if (leaf.private_length > 0 || bits == 0)
				continue;
			fixture_decide(f, 0, &a, &d);
			if (d.kind == ANSWER_NODATA)
				continue;
			ck_assert_msg(d.scope == offset + bits,
			    "policy %llu: %s: /%u, not /%u",
			    (unsigned long long)i, address_format(&a, text),
			    d.scope, offset + bits);
			looked++;
			first += bits == leaf.places[0];
			wider += bits < leaf.depth;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(looked, n * CLIENTS / 4);
	ck_assert_uint_gt(first, looked / 5);
	ck_assert_uint_gt(wider, looked / 20);
	say_measured("scopes as wide as what was looked at", looked);
}
END_TEST

/* One endpoint of ${f} fails: of ${clients}, those that had others keep them.
 * How many had it. */
static unsigned
check_failure(struct fixture *f, uint64_t number, const struct address *clients)
{
	uint32_t failed = fixture_below((uint32_t)f->policy->n_endpoints);
	struct decision before[CLIENTS], after;
	unsigned moved = 0;

	for (unsigned j = 0; j < CLIENTS; j++)
		fixture_decide(f, 0, &clients[j], &before[j]);
	/* Of a name, all its addresses fail. */
	f->live->endpoint[failed] = USABLE_NO;
	live_judge(f->live, f->policy);
	for (unsigned j = 0; j < CLIENTS; j++) {
		const struct decision *d = &before[j];
		char text[ADDRESS_TEXT];

		if (d->kind != ANSWER_RECORDS || d->resort)
			continue;
		if (d->endpoint[0] == failed) {
			moved++;
			continue;
		}
		fixture_decide(f, 0, &clients[j], &after);
		ck_assert_msg(after.endpoint[0] == d->endpoint[0] &&
			after.n == d->n && !after.resort,
		    "policy %llu: %s moves from endpoint %u to %u when %u "
		    "fails",
		    (unsigned long long)number,
		    address_format(&clients[j], text), d->endpoint[0],
		    after.endpoint[0], failed);
	}
	return moved;
}

/* Standby, its trickle, the order of regions and the deals of a split: none
 * moves a client whose endpoint goes on. */
START_TEST(what_fails_moves_only_its_own_clients)
{
	uint64_t n = cases(), moved = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct address clients[CLIENTS];
		struct fixture *f = draw(i);

		f->services[0].answers = 1;
		/* Below min_up a region fails as a whole. */
		for (size_t p = 0; p < f->config.n_pools; p++)
			f->pools[p].min_up_ppm = 0;
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			rich_health(f);
			f->sender = random_client(f);
			for (unsigned j = 0; j < CLIENTS; j++)
				clients[j] = random_client(f);
			moved += check_failure(f, i, clients);
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n);
	say_measured(
	    "what fails moves only its own clients", n * STATES * CLIENTS);
}
END_TEST

struct story {
	unsigned steps;
	char scope[1024];
};

static void
keep_story(void *context, enum ladder_step step, const char *text)
{
	struct story *story = context;

	story->steps |= 1u << step;
	if (step == STEP_SCOPE)
		snprintf(story->scope, sizeof(story->scope), "%s", text);
}

/* With a trace the decision is the same, to the last field, and the scope that
 * it tells of is the one that is served. */
START_TEST(explain_tells_what_is_served)
{
	uint64_t n = cases(), told = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		f = draw(i);
		fixture_build(f);
		rich_health(f);
		f->sender = random_client(f);
		for (unsigned j = 0; j < CLIENTS / 4; j++) {
			struct address a = random_client(f);
			struct story story = {0};
			struct ladder_trace trace = {.step = keep_story,
			    .context = &story,
			    .rule = MAP_NO_RULE};
			struct decision quiet, loud;
			char scope[16];

			fixture_decide(f, 0, &a, &quiet);
			fixture_decide_traced(
			    f, 0, &a, FORM_IPV4, &trace, &loud);
			ck_assert_mem_eq(&quiet, &loud, sizeof(quiet));
			if (!(story.steps & 1u << STEP_SCOPE))
				continue;
			snprintf(scope, sizeof(scope), "/%u: ", quiet.scope);
			ck_assert_msg(
			    strncmp(story.scope, scope, strlen(scope)) == 0,
			    "policy %llu: %s is no %s", (unsigned long long)i,
			    story.scope, scope);
			told++;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(told, n * CLIENTS / 8);
	say_measured("explain tells what is served", told);
}
END_TEST

/* What a decision says, for a digest that is the same on every machine. */
static uint64_t
digest(uint64_t h, const struct decision *d)
{
	uint64_t words[] = {(uint64_t)d->kind, d->scope, d->hashed, d->resort,
	    d->region, d->n, d->member, d->ttl_s};

	h = hash_bytes(words, sizeof(words), h);
	return hash_bytes(d->endpoint, d->n * sizeof(d->endpoint[0]), h);
}

/* All decisions of ${n} cases, of plain services or of all others. */
static uint64_t
digest_cases(uint64_t n, bool rich)
{
	uint64_t h = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		random_case(i);
		f = rich ? rich_fixture(i) : random_fixture();
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			rich_health(f);
			f->sender = random_client(f);
			for (unsigned j = 0; j < CLIENTS; j++) {
				struct address a = random_client(f);
				struct decision d;

				fixture_decide(f, 0, &a, &d);
				h = digest(h, &d);
			}
		}
		fixture_destroy(f);
	}
	return h;
}

/* Decisions as this process of this build makes them, against what was written
 * down of another: all processes and all builds must come to the same, as all
 * name servers of a zone must send a client to one place. */
START_TEST(every_process_and_build_decides_alike)
{
	const uint64_t written = full_size(
	    UINT64_C(0xbc0294d872459b89), UINT64_C(0xac2ccac36b73d7db));
	uint64_t n = full_size(200, 10000), h = digest_cases(n, false);

	ck_assert_msg(h == written, "0x%llx", (unsigned long long)h);
	say_measured("every build decides alike", n * STATES * CLIENTS);
}
END_TEST

/* The same of services with all that a file may ask for. */
START_TEST(every_build_decides_alike_whatever_a_file_asks_for)
{
	const uint64_t written = full_size(
	    UINT64_C(0xa08ad50efd45c975), UINT64_C(0x4fa258f0a4df4321));
	uint64_t n = full_size(200, 10000), h = digest_cases(n, true);

	ck_assert_msg(h == written, "0x%llx", (unsigned long long)h);
	say_measured("every build decides alike, with all there is",
	    n * STATES * CLIENTS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: properties");
	TCase *tc = tcase_create("properties");
	TCase *builds = tcase_create("builds");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, one_scope_one_answer);
	tcase_add_test(tc, a_and_aaaa_of_one_client_name_the_same_endpoints);
	tcase_add_test(tc, scopes_are_as_wide_as_what_was_looked_at);
	tcase_add_test(tc, what_fails_moves_only_its_own_clients);
	tcase_add_test(tc, explain_tells_what_is_served);
	suite_add_tcase(suite, tc);
	tcase_set_timeout(builds, 120);
	tcase_add_test(builds, every_process_and_build_decides_alike);
	tcase_add_test(
	    builds, every_build_decides_alike_whatever_a_file_asks_for);
	suite_add_tcase(suite, builds);
	return fixture_run(suite);
}
