/*
 * A health model that is fed by hand, with the clocks of both sides: for tests
 * of what it says.
 */
#ifndef TESTS_UNIT_HEALTH_FIXTURE_H
#define TESTS_UNIT_HEALTH_FIXTURE_H

#include "steering/health.h"
#include "tests/unit/steering_fixture.h"

#define WALL 1700000000000 /* when a test begins */
#define STALE 30000
#define ROUND 7000 /* a period and a timeout of the check */

#define MODEL_POOLS 4
#define MODEL_ENDPOINTS 8 /* a pool */

/* A policy written down by hand: pools with a check each, and a region for each
 * endpoint. */
struct plan {
	struct policy policy;
	struct policy_endpoint endpoints[MODEL_POOLS * MODEL_ENDPOINTS];
	struct policy_group groups[MODEL_POOLS * MODEL_ENDPOINTS];
	struct policy_pool pools[MODEL_POOLS];
	struct policy_check checks[MODEL_POOLS];
	struct policy_region regions[MODEL_ENDPOINTS];
	uint32_t group[MODEL_POOLS][MODEL_ENDPOINTS];
};

struct model {
	struct health *health;
	const struct policy *policy;
	int64_t mono, wall;
};

static inline void
plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->policy.endpoints = plan->endpoints;
	plan->policy.groups = plan->groups;
	plan->policy.pools = plan->pools;
	plan->policy.checks = plan->checks;
	plan->policy.regions = plan->regions;
	plan->policy.n_regions = MODEL_ENDPOINTS;
	for (size_t i = 0; i < MODEL_ENDPOINTS; i++)
		plan->regions[i].name = "region";
}

/* One more pool with the endpoints ${names}, a letter each. */
static inline struct policy_check *
plan_pool(struct plan *plan, const char *pool, const char *names)
{
	static const char *const letters[] = {
	    "a", "b", "c", "d", "e", "f", "g", "h"};
	static const char zone[] = "test.example";
	struct policy *p = &plan->policy;
	uint32_t number = (uint32_t)p->n_pools++;
	struct policy_check *check = &plan->checks[p->n_checks++];

	*check = (struct policy_check){
	    .every_ms = 5000, .timeout_ms = 2000, .fall = 3, .rise = 2};
	plan->pools[number].name = pool;
	plan->pools[number].number = number;
	plan->pools[number].group = plan->group[number];
	for (size_t i = 0; names[i] != '\0'; i++) {
		struct policy_endpoint *e = &plan->endpoints[p->n_endpoints];
		struct policy_group *g = &plan->groups[p->n_groups];

		e->key = (struct endpoint_key){.zone = zone,
		    .pool = pool,
		    .endpoint = letters[names[i] - 'a']};
		e->hash = endpoint_key_hash(&e->key);
		e->weight = 1;
		e->resolved = STEERING_NONE;
		e->check = number;
		g->first = (uint32_t)p->n_endpoints++;
		g->n = 1;
		plan->group[number][i] = (uint32_t)p->n_groups++;
		plan->pools[number].regions |= UINT64_C(1) << i;
	}
	return check;
}

static inline void
model_adopt(struct model *m, const struct policy *policy)
{
	m->policy = policy;
	ck_assert_int_eq(health_adopt(m->health, policy, m->mono), 0);
}

static inline struct model
model_create(const struct policy *policy)
{
	struct model m = {
	    .health = health_create(), .mono = 5000, .wall = WALL};

	ck_assert_ptr_nonnull(m.health);
	health_configure(m.health, STALE, STALE_KEEP);
	model_adopt(&m, policy);
	return m;
}

/* Let ${ms} go by. */
static inline void
pass(struct model *m, int64_t ms)
{
	m->mono += ms;
	m->wall += ms;
}

static inline void
give_vantage(struct model *m, const char *name, int64_t heartbeat_ms, bool ends)
{
	struct state_vantage row = {.version = "v",
	    .heartbeat_ms = heartbeat_ms,
	    .lease_until_ms = ends ? 0 : heartbeat_ms + 5000,
	    .sequence = (uint64_t)(heartbeat_ms - WALL + 1000000000)};

	snprintf(row.name, sizeof(row.name), "%s", name);
	health_vantage(m->health, &row, m->mono, m->wall);
}

/* A row of ${vantage}, whose last check was now. */
static inline struct state_endpoint
row_of(const struct model *m, const char *vantage, const char *pool,
    const char *endpoint, enum state_health health)
{
	struct state_endpoint row = {.zone = "Test.example",
	    .health = health,
	    .checked_ms = m->wall,
	    .connect_us = -1,
	    .first_byte_us = -1};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	return row;
}

/* What ${vantage} says of endpoints of ${pool}: "a+ b- c?" by a check of now,
 * "df" of one that failed once at its start; in a change that is open. */
static inline void
give(struct model *m, const char *vantage, const char *pool, const char *words)
{
	for (const char *p = words; *p != '\0'; p += p[2] == ' ' ? 3 : 2) {
		const char name[2] = {p[0], '\0'};
		struct state_endpoint row = row_of(m, vantage, pool, name,
		    p[1] == '+'       ? HEALTH_UP
			: p[1] == '-' ? HEALTH_DOWN
				      : HEALTH_UNKNOWN);

		if (p[1] == '?')
			row.checked_ms = 0;
		if (p[1] == 'f')
			row.fails = 1;
		health_endpoint(m->health, &row);
	}
}

/* A change with a heartbeat of ${vantage} of now, and what it says. */
static inline void
report(
    struct model *m, const char *vantage, const char *pool, const char *words)
{
	health_begin(m->health, false);
	give_vantage(m, vantage, m->wall, false);
	give(m, vantage, pool, words);
	health_commit(m->health, m->mono);
}

static inline void
beat(struct model *m, const char *vantage)
{
	report(m, vantage, "", "");
}

/* The same of the whole database. */
static inline void
report_all(struct model *m, const char *vantage, int64_t heartbeat_ms,
    const char *pool, const char *words)
{
	health_begin(m->health, true);
	give_vantage(m, vantage, heartbeat_ms, false);
	give(m, vantage, pool, words);
	health_commit(m->health, m->mono);
}

static inline struct live *
live_of(const struct model *m)
{
	struct live *live = health_live(m->health, m->policy, m->mono);

	ck_assert_ptr_nonnull(live);
	return live;
}

/*
 * All endpoints as a text: + up, - down, ? unchecked, and ! up because nobody
 * has judged it yet, which is told as unchecked.
 */
static inline const char *
said(const struct model *m)
{
	static char text[MODEL_POOLS * MODEL_ENDPOINTS + 1];
	struct live *live = live_of(m);
	size_t i;

	for (i = 0; i < live->n_endpoints; i++) {
		text[i] = "x-?+"[live->endpoint[i]];
		if (!live->presumed[i])
			continue;
		ck_assert_int_eq(text[i], '+');
		ck_assert_int_eq(live_told(live, i), USABLE_UNCHECKED);
		text[i] = '!';
	}
	text[i] = '\0';
	live_destroy(live);
	return text;
}

/* How long until a change that has begun, in the first group. */
static inline uint32_t
pending_of(const struct model *m)
{
	struct live *live = live_of(m);
	uint32_t pending_s = live->group[0].pending_s;

	live_destroy(live);
	return pending_s;
}

static inline bool
is_stale(const struct model *m)
{
	struct live *live = live_of(m);
	bool is = live->stale;

	live_destroy(live);
	return is;
}

/* What is known of a vantage; an empty name when it is not listed. */
static inline struct health_vantage
vantage_of(const struct model *m, const char *name)
{
	static struct health_vantage all[VANTAGE_MAX];
	size_t n = health_vantages(m->health, m->mono, all, VANTAGE_MAX);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i];
	return (struct health_vantage){0};
}

#endif
