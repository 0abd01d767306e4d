/*
 * Rows of the table of the ladder's steps (tests/unit/steering/steps.c): what
 * they are made of, and how each is decided and compared.  Included by tests
 * only.
 */
#ifndef TESTS_STEERING_STEPS_H
#define TESTS_STEERING_STEPS_H

#include "steering/geo/ranking.h"
#include "tests/unit/steering_fixture.h"

/*
 * What the services of the table are made of.  Clients of the office are
 * nearest to the north, those of the branch to the south, and of others nobody
 * knows where they are: for them the order of the file counts.
 */
static const char steps_file[] =
    "networks:\n"
    "  office: {prefixes: [20.1.0.0/16, '2001:db8::/32'], at: [50, 0]}\n"
    "  branch: {prefixes: [20.2.0.0/16], at: [1, 0]}\n"
    "regions:\n"
    "  south: {at: [0, 0], cost: 3}\n"
    "  north: {at: [50, 0], cost: 1.5}\n"
    "  far: {at: [50, 90], cost: 2}\n"
    "checks:\n"
    "  web: {every: 5s}\n"
    "pools:\n"
    "  v1:\n"
    "    check: web\n"
    "    endpoints:\n"
    "      - {name: s1, region: south, address: [192.0.2.1, '2001:db8::1']}\n"
    "      - {name: n1, region: north, address: [192.0.2.2, '2001:db8::2']}\n"
    "      - {name: f1, region: far, address: [192.0.2.3, '2001:db8::3']}\n"
    "  v2:\n"
    "    check: web\n"
    "    endpoints:\n"
    "      - {name: s2, region: south, address: [192.0.2.4, '2001:db8::4']}\n"
    "  spare:\n"
    "    check: web\n"
    "    endpoints:\n"
    "      - {name: f3, region: far, address: [192.0.2.5, '2001:db8::5']}\n"
    "  big:\n"
    "    check: web\n"
    "    min_up: 50%\n"
    "    endpoints:\n"
    "      - {name: b1, region: south, address: 192.0.2.11, weight: 3}\n"
    "      - {name: b2, region: south, address: 192.0.2.12}\n"
    "      - {name: b3, region: south, address: 192.0.2.13}\n"
    "      - {name: b4, region: south, address: 192.0.2.14}\n"
    "      - {name: b0, region: south, address: 192.0.2.10, weight: 0}\n"
    "      - {name: bn, region: north, address: 192.0.2.15}\n"
    "  mixed:\n"
    "    families: mixed\n"
    "    endpoints:\n"
    "      - {name: m4, region: south, address: 192.0.2.21}\n"
    "      - {name: mm, region: south, address: [192.0.2.22, '2001:db8::22']}\n"
    "      - {name: m6, region: north, address: '2001:db8::23'}\n"
    "  free:\n"
    "    endpoints:\n"
    "      - {name: free, region: south, address: 192.0.2.31}\n"
    "  warm:\n"
    "    check: web\n"
    "    trickle: 50%\n"
    "    endpoints:\n"
    "      - {name: w1, region: south, address: 192.0.2.41}\n"
    "      - {name: w2, region: north, address: 192.0.2.42, standby: true}\n"
    "      - {name: w3, region: far, address: 192.0.2.43, standby: true}\n"
    "  cold:\n"
    "    check: web\n"
    "    endpoints:\n"
    "      - {name: c1, region: south, address: 192.0.2.51}\n"
    "      - {name: c2, region: far, address: 192.0.2.52, standby: true}\n"
    "  sites:\n"
    "    kind: edge\n"
    "    check: web\n"
    "    origin: spare\n"
    "    endpoints:\n"
    "      - {name: e1, region: south, address: 192.0.2.61}\n"
    "      - {name: e2, region: south, address: 192.0.2.62}\n"
    "      - {name: e3, region: south, address: 192.0.2.63}\n"
    "  hot:\n"
    "    kind: edge\n"
    "    check: web\n"
    "    spread: 2\n"
    "    endpoints:\n"
    "      - {name: h1, region: south, address: 192.0.2.71}\n"
    "      - {name: h2, region: south, address: 192.0.2.72}\n"
    "      - {name: h3, region: south, address: 192.0.2.73}\n"
    "  balanced:\n"
    "    check: web\n"
    "    families: mixed\n"
    "    endpoints:\n"
    "      - {name: ls, region: south, resolve: lb.south.example.net}\n"
    "      - {name: ln, region: north, resolve: lb.north.example.net}\n"
    "  cdn:\n"
    "    endpoints:\n"
    "      - {name: x1, region: south, cname: south.example.net}\n"
    "      - {name: x2, region: north, cname: north.example.net}\n"
    "  nested: {service: inside}\n"
    "  deep: {service: deeper}\n"
    "services:\n"
    "  chat: ";

/* What pools of the file are, besides. */
static const char steps_services[] =
    "  inside:\n"
    "    split: {v1: 1, v2: 0}\n"
    "    rank: {listed: [far, north, south]}\n"
    "    fence: [{clients: {networks: branch}, regions: [south], hard: true}]\n"
    "    ttl: {max: 40s, min: 3s}\n"
    "  deeper:\n"
    "    split: {nested: 3, spare: 1}\n"
    "    fence: [{clients: {networks: office}, regions: [north, far]}]\n";

/* Rows give what they say; the rest is a client of the office that asks for A
 * while all are up, and an answer of records. */
struct row {
	const char *what;
	const char *service; /* of the file */
	/* "b1 down", "b1 unchecked", "b1 presumed" (not checked yet, and
	 * counted as up), "b1 in 12" (a change of its region is at hand in 12
	 * seconds), "ls has 2 of 3" (addresses of its name are up), "all
	 * down"; "b1 drained", "b1 weighs 512" (of 1024), "b1 keeps 40 moves
	 * -5" (its region does, and so much a minute, in per cent), "s2 shifts
	 * 5 to 10 in 20" (the share of its pool, in so many seconds); with a
	 * comma between. */
	const char *health;
	const char *client;
	const char *sender;    /* NULL: the client */
	enum answer_form form; /* FORM_IPV4 is 0 */
	/* The way from the office to the south takes 20 ms, to the north 25 and
	 * to the far region 60. */
	bool measured;
	/* "n1 /16 60 s": endpoints, or NODATA, records or SERVFAIL; the scope;
	 * the TTL, which is left away where the zone says it. */
	const char *gets;
	enum ladder_step step; /* the one that decides */
	const char *says;      /* one of its texts, whole */
};

#define OFFICE "20.1.2.3"
#define BRANCH "20.2.3.4"
#define OTHER "80.1.2.3"

/* A service as operators load it. */
struct loaded {
	struct steering_config *config;
	struct geography *geography;
	struct latency *latency; /* or NULL */
	struct map_set *maps;
	struct policy *policy;
	struct live *live;
};

/* What explain says of one decision: a line a step. */
struct story {
	char text[8192];
	size_t len;
	/* A step of this kind said this, whole. */
	enum ladder_step step;
	const char *says;
	bool said;
	/* What the ladder goes through. */
	const struct loaded *l;
	struct address subject;
	struct ladder_trace trace;
	struct ranking ranking;
};

static inline void
keep_story(void *context, enum ladder_step step, const char *text)
{
	struct story *story = context;

	story->len += (size_t)snprintf(story->text + story->len,
	    sizeof(story->text) - story->len, "  step %d: %s\n", (int)step,
	    text);
	ck_assert_uint_lt(story->len, sizeof(story->text));
	story->said = story->said ||
	    (step == story->step && strcmp(text, story->says) == 0);
}

static inline struct latency *
measure(void)
{
	static const struct {
		const char *region;
		uint32_t rtt_us;
	} ways[] = {{"south", 20000}, {"north", 25000}, {"far", 60000}};
	struct latency_builder *b = latency_begin();

	ck_assert_ptr_nonnull(b);
	for (size_t i = 0; i < 3; i++) {
		struct latency_entry e = latency_entry_of(
		    "20.1.0.0/16", ways[i].region, ways[i].rtt_us, 7);

		ck_assert_int_eq(latency_add(b, &e), 0);
	}
	return latency_end(b);
}

static inline void
load(struct loaded *l, const char *service, bool measured)
{
	struct policy_input input = {"test.example", NULL};
	char text[8192];
	struct errbuf eb;

	errbuf_init(&eb);
	snprintf(text, sizeof(text), "%s%s\n%s", steps_file, service,
	    steps_services);
	l->config =
	    steering_config_parse("steps.yaml", text, strlen(text), &eb);
	ck_assert_msg(l->config != NULL, "%s", eb.text);
	l->geography = geography_load(NULL, NULL, 0, NULL, &eb);
	ck_assert_ptr_nonnull(l->geography);
	l->maps = map_set_create(l->geography);
	ck_assert_ptr_nonnull(l->maps);
	l->latency = measured ? measure() : NULL;
	map_set_measure(l->maps, l->latency);
	input.config = l->config;
	l->policy = policy_build(&input, 1, l->maps, NULL, &eb);
	ck_assert_msg(l->policy != NULL, "%s", eb.text);
	l->live = live_create(l->policy);
	ck_assert_ptr_nonnull(l->live);
	ck_assert_int_eq(live_room(l->live, 64), 0);
	memset(l->live->endpoint, USABLE_YES, l->live->n_endpoints);
}

static inline void
unload(struct loaded *l)
{
	live_destroy(l->live);
	policy_destroy(l->policy);
	map_set_destroy(l->maps);
	latency_destroy(l->latency);
	geography_destroy(l->geography);
	steering_config_destroy(l->config);
}

static inline void
set_pending(struct loaded *l, size_t e, uint32_t seconds)
{
	for (size_t g = 0; g < l->policy->n_groups; g++) {
		const struct policy_group *group = &l->policy->groups[g];

		if (e >= group->first && e < group->first + group->n)
			l->live->group[g].pending_s = seconds;
	}
}

/* The name of endpoint ${e} has ${n} addresses, the first ${up} of them up. */
static inline void
set_addresses(struct loaded *l, size_t e, unsigned up, unsigned n)
{
	struct live_address known[16];

	ck_assert_uint_le(n, 16);
	for (unsigned i = 0; i < n; i++) {
		known[i] = (struct live_address){
		    .usable = i < up ? USABLE_YES : USABLE_NO};
		address_parse("198.51.100.0", &known[i].address);
		known[i].address.bytes[3] = (uint8_t)i;
	}
	live_resolve(l->live, l->policy, e, known, n);
}

/* Its group keeps so many per cent, which move by so many a minute. */
static inline void
set_keep(struct loaded *l, size_t e, unsigned percent, int by)
{
	for (size_t g = 0; g < l->policy->n_groups; g++) {
		const struct policy_group *group = &l->policy->groups[g];

		if (e >= group->first && e < group->first + group->n)
			live_thin(l->live, g, UINT64_MAX / 100 * percent,
			    (int64_t)(UINT64_MAX / 6000) * by);
	}
}

/* The member whose pool the endpoint is of. */
static inline unsigned
member_of_endpoint(const struct loaded *l, size_t e)
{
	const struct policy_service *s = &l->policy->zones[0].services[0];
	unsigned m = 0;

	while (strcmp(s->members[m].pool.name,
		   l->policy->endpoints[e].key.pool) != 0)
		m++;
	return m;
}

static inline void
set_endpoint(struct loaded *l, size_t e, const char *state)
{
	unsigned seconds, up, n;
	int by;

	if (strcmp(state, "down") == 0)
		l->live->endpoint[e] = USABLE_NO;
	else if (strcmp(state, "unchecked") == 0)
		l->live->endpoint[e] = USABLE_UNCHECKED;
	else if (strcmp(state, "presumed") == 0)
		l->live->presumed[e] = 1;
	else if (strcmp(state, "drained") == 0)
		live_drain(l->live, e);
	else if (sscanf(state, "weighs %u", &n) == 1)
		live_weigh(l->live, e, n);
	else if (sscanf(state, "keeps %u moves %d", &n, &by) == 2)
		set_keep(l, e, n, by);
	else if (sscanf(state, "shifts %u to %u in %u", &up, &n, &seconds) == 3)
		live_shift(l->live, l->policy->zones[0].services,
		    member_of_endpoint(l, e), up * 10000, n * 10000, seconds);
	else if (sscanf(state, "in %u", &seconds) == 1)
		set_pending(l, e, seconds);
	else if (sscanf(state, "has %u of %u", &up, &n) == 2)
		set_addresses(l, e, up, n);
	else
		ck_abort_msg("no such state: %s", state);
}

static inline void
set_health(struct loaded *l, const char *health)
{
	char list[256], *left = list, *one;

	snprintf(list, sizeof(list), "%s", health);
	while ((one = strsep(&left, ",")) != NULL) {
		char *state = strchr(one += strspn(one, " "), ' ');
		unsigned found = 0;

		ck_assert_ptr_nonnull(state);
		*state++ = '\0';
		for (size_t e = 0; e < l->live->n_endpoints; e++) {
			const char *name = l->policy->endpoints[e].key.endpoint;

			if (strcmp(one, "all") != 0 && strcmp(one, name) != 0)
				continue;
			set_endpoint(l, e, state);
			found++;
		}
		ck_assert_msg(found > 0, "no endpoint %s", one);
	}
}

/* What the steps of ${service} are explained with. */
static inline void
look_up(void *context, unsigned depth, const struct policy_service *service)
{
	struct story *story = context;
	struct map_key key;

	(void)depth;
	policy_map_key(service, story->l->latency, &key);
	ck_assert_int_eq(map_rule(story->l->geography, &key, &story->subject,
			     &story->trace.rule, &story->trace.order),
	    0);
	ck_assert_int_eq(map_ranking(story->l->geography, &key, &story->subject,
			     &story->ranking),
	    0);
}

/* The decision for a row, as explain and queries have it. */
static inline void
decide(const struct loaded *l, const struct row *row, struct story *story,
    struct decision *d)
{
	static const uint8_t owner[] = "\4chat\4test\7example";
	const struct policy_service *s = &l->policy->zones[0].services[0];
	struct address client, sender;
	struct client c;
	struct answer_request request = {.form = row->form,
	    .owner = owner,
	    .owner_len = sizeof(owner),
	    .client = &c,
	    .sender = &sender};

	ck_assert_int_eq(
	    address_parse(row->client != NULL ? row->client : OFFICE, &client),
	    0);
	sender = client;
	if (row->sender != NULL)
		ck_assert_int_eq(address_parse(row->sender, &sender), 0);
	c = (struct client){client, (uint8_t)address_bits(&client)};
	ladder_subject(s, &request, &story->subject);
	story->l = l;
	story->trace = (struct ladder_trace){.step = keep_story,
	    .level = look_up,
	    .context = story,
	    .ranking = &story->ranking};
	look_up(story, 0, s);
	ladder_decide(s, l->policy, l->live, &request, &story->trace, d);
}

/* The endpoints of a decision, or what it has in place of them. */
static inline size_t
name_endpoints(
    const struct loaded *l, const struct decision *d, char *text, size_t size)
{
	static const char *const kinds[] = {[ANSWER_NODATA] = "NODATA",
	    [ANSWER_STATIC] = "records",
	    [ANSWER_SERVFAIL] = "SERVFAIL"};
	size_t n = 0;

	if (d->kind != ANSWER_RECORDS)
		return (size_t)snprintf(text, size, "%s", kinds[d->kind]);
	for (unsigned i = 0; i < d->n; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%s",
		    i > 0 ? " " : "",
		    l->policy->endpoints[d->endpoint[i]].key.endpoint);
	return n;
}

static inline void
check_row(const struct row *row)
{
	struct story story = {.step = row->step, .says = row->says};
	struct loaded l;
	struct decision d;
	char text[256];
	size_t n;

	load(&l, row->service, row->measured);
	if (row->health != NULL)
		set_health(&l, row->health);
	live_judge(l.live, l.policy);
	decide(&l, row, &story, &d);
	n = name_endpoints(&l, &d, text, sizeof(text));
	n += (size_t)snprintf(text + n, sizeof(text) - n, " /%u", d.scope);
	if (d.ttl_s != UINT32_MAX)
		snprintf(text + n, sizeof(text) - n, " %u s", d.ttl_s);
	ck_assert_msg(strcmp(text, row->gets) == 0 && story.said,
	    "%s: %s, not %s by step %d: %s\n%s", row->what, text, row->gets,
	    (int)row->step, row->says, story.text);
	unload(&l);
}

#endif
