/*
 * Verdicts that stand: a health model that counts again only what may have
 * changed says at every moment what one says that counts everything each time.
 */
#include "steering/basis.h"

#include <stdio.h>
#include <string.h>

#include "tests/full.h"
#include "tests/unit/draw.h"
#include "tests/unit/health_fixture.h"

#define SEED 20261130
#define VANTAGES 5

static const char *const regions[] = {"us", "eu", "ap"};
static const char *const vantages[VANTAGES] = {"v", "w", "x", "y", "z"};
/* The last two are of other nodes. */
static const char *const nodes[VANTAGES] = {"", "", "", "n", "m"};

/* What a vantage says of each endpoint of both pools now. */
static struct state_endpoint rows[VANTAGES][2 * MODEL_ENDPOINTS];
static struct plan plan;
static struct draw draw;

static uint32_t
below(uint32_t n)
{
	return (uint32_t)draw_below(&draw, n);
}

static void
draw_policy(void)
{
	static const char *const pools[] = {"v1", "v2"};

	plan_init(&plan);
	for (size_t i = 0; i < 2; i++) {
		struct policy_check *check =
		    plan_pool(&plan, pools[i], "abcdefgh");

		check->quorum = (enum quorum_kind)below(4);
		check->quorum_count = 1 + below(3);
		check->quorum_regions = below(3) == 0;
		check->quorum_near = below(3) == 0 ? 2 : 0;
	}
	for (uint32_t i = 0; i < MODEL_ENDPOINTS; i++)
		plan.regions[i].name = regions[i % 3];
	for (size_t i = 0; i < plan.policy.n_endpoints; i++) {
		plan.endpoints[i].region = (uint32_t)i % MODEL_ENDPOINTS;
		plan.endpoints[i].slow = below(2) == 0;
	}
}

static void
draw_row(const struct model *m, unsigned v, size_t e)
{
	struct state_endpoint *row = &rows[v][e];
	const struct endpoint_key *key = &plan.endpoints[e].key;
	enum state_health before = row->health;
	bool well;

	if (below(8) == 0)
		row->health = (enum state_health)below(3);
	well = row->health == HEALTH_UP;
	if (row->zone[0] == '\0' || row->health != before) {
		*row = row_of(
		    m, vantages[v], key->pool, key->endpoint, row->health);
		/* Clocks differ. */
		row->since_ms = m->wall + 3000 - below(20000);
	}
	row->checked_ms = m->wall;
	row->fails = well ? below(6) == 0 : 3;
	row->passes = well ? 3 : below(6) == 0;
}

/* What some vantages say, to both. */
static void
change(struct model *a, struct model *b)
{
	struct model *both[] = {a, b};
	bool full = below(12) == 0, silent[VANTAGES];

	for (unsigned v = 0; v < VANTAGES; v++) {
		silent[v] = below(5) == 0;
		for (size_t e = 0; !silent[v] && e < plan.policy.n_endpoints;
		     e++)
			if (below(3) == 0)
				draw_row(a, v, e);
	}
	for (size_t i = 0; i < 2; i++) {
		struct model *m = both[i];

		health_begin(m->health, full);
		for (unsigned v = 0; v < VANTAGES; v++) {
			struct state_vantage row = {.heartbeat_ms = a->wall,
			    .sequence = (uint64_t)a->wall,
			    .lease_until_ms = a->wall + 5000};

			if (silent[v])
				continue;
			snprintf(row.name, sizeof(row.name), "%s", vantages[v]);
			snprintf(row.node, sizeof(row.node), "%s", nodes[v]);
			snprintf(row.region, sizeof(row.region), "%s",
			    regions[v % 3]);
			health_vantage(m->health, &row, m->mono, m->wall);
		}
		for (unsigned v = 0; v < VANTAGES; v++)
			for (size_t e = 0; e < plan.policy.n_endpoints; e++)
				if (!silent[v] && rows[v][e].zone[0] != '\0' &&
				    (full || rows[v][e].checked_ms == a->wall))
					health_endpoint(m->health, &rows[v][e]);
		health_commit(m->health, m->mono);
	}
}

static void
compare_both(const struct model *a, const struct model *b, unsigned step)
{
	struct live *x = live_of(a), *y;
	size_t n = plan.policy.n_endpoints;

	/* Nothing that was decided counts. */
	ck_assert_int_eq(health_adopt(b->health, &plan.policy, b->mono), 0);
	y = live_of(b);
	ck_assert_msg(live_equal(x, y), "step %u: they differ", step);
	ck_assert_mem_eq(x->pending_s, y->pending_s, n * sizeof(uint32_t));
	ck_assert_mem_eq(x->up_ms, y->up_ms, n * sizeof(*x->up_ms));
	for (unsigned v = 0; v < VANTAGES; v++) {
		struct health_vantage s = vantage_of(a, vantages[v]);
		struct health_vantage t = vantage_of(b, vantages[v]);

		ck_assert_int_eq(s.blind, t.blind);
		ck_assert_uint_eq(s.compared, t.compared);
		ck_assert_uint_eq(s.missed, t.missed);
	}
	live_destroy(x);
	live_destroy(y);
}

static void
go_through(unsigned number)
{
	struct model a, b;

	draw = draw_of(SEED, number);
	memset(rows, 0, sizeof(rows));
	draw_policy();
	a = model_create(&plan.policy);
	b = model_create(&plan.policy);
	for (unsigned step = 0; step < 100; step++) {
		enum stale_then then = (enum stale_then)below(3);

		if (below(20) == 0) {
			health_configure(a.health, STALE, then);
			health_configure(b.health, STALE, then);
		}
		/* Blind ones are looked for once a second. */
		for (int64_t ms = 1000 + below(3000); ms > 0; ms -= 700) {
			pass(&a, ms < 700 ? ms : 700);
			pass(&b, ms < 700 ? ms : 700);
			compare_both(&a, &b, step);
		}
		if (below(15) == 0) {
			pass(&a, 40000);
			pass(&b, 40000);
		}
		if (below(4) != 0)
			change(&a, &b);
		compare_both(&a, &b, step);
	}
	health_destroy(a.health);
	health_destroy(b.health);
}

START_TEST(what_stands_is_what_would_be_counted)
{
	for (unsigned i = 0; i < full_size(60, 2000); i++)
		go_through(i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: verdicts");
	TCase *tcase = tcase_create("verdicts");

	tcase_add_test(tcase, what_stands_is_what_would_be_counted);
	suite_add_tcase(suite, tcase);
	return fixture_run(suite);
}
