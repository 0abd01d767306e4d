/*
 * The tables of health: availability of endpoints and regions, the times that
 * cost it, and how long failovers took.  Called by report_table.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/report_table.h"

/* The share of the time that something was watched in which it was up. */
static const char *
up_of(struct report *report, double down_ms, double watched_ms)
{
	if (watched_ms <= 0)
		return "";
	return report_cell(report, "%.3f %%", 100 - 100 * down_ms / watched_ms);
}

static const char *
when(struct report *report, int64_t ms)
{
	char text[CLOCK_TEXT];

	return report_cell(report, "%s", clock_format(ms, text));
}

/* Of an endpoint: its pool, and the zone where there are several. */
static const char *
pool_of(struct report *report, const struct facts *facts, uint32_t pool)
{
	const struct advice_pool *p = &facts->pools[pool];

	return facts->advice.n_zones > 1
	    ? report_cell(
		  report, "%s (%s)", p->name, facts->advice.zones[p->zone].name)
	    : p->name;
}

/* A pool that no service of the report has is left out. */
static bool
is_used(const struct facts *facts, uint32_t pool)
{
	for (size_t i = 0; i < facts->advice.n_services; i++)
		for (size_t m = 0; m < facts->services[i].n_members; m++)
			if (facts->services[i].members[m].pool == pool)
				return true;
	return false;
}

static void
add_endpoint(struct report *report, struct report_table *t, uint32_t pool,
    const struct advice_endpoint *e)
{
	const struct facts *facts = report->facts;
	struct report_row *row = report_row(report, t);

	if (row == NULL)
		return;
	row->cell[0] = pool_of(report, facts, pool);
	row->cell[1] = e->name;
	row->cell[2] = facts->advice.zones[facts->pools[pool].zone]
			   .regions[e->region]
			   .name;
	if (!facts->knows_events)
		return;
	row->cell[3] = up_of(report, (double)e->down_ms, (double)e->watched_ms);
	row->cell[4] = report_cell(report, "%zu", e->n_spells);
	row->cell[5] = report_cell(report, "%.0f", (double)e->down_ms / 1000);
	row->cell[6] = e->n_spells > 0
	    ? report_cell(
		  report, "%.0f", (double)e->spell_ms[e->n_spells - 1] / 1000)
	    : "0";
}

static void
add_endpoints(struct report *report, const bool *used)
{
	const struct facts *facts = report->facts;
	struct report_table *t = report_table(report);

	*t = (struct report_table){.name = "Availability by endpoint",
	    .key = "endpoints",
	    .about = "Up in the eyes of the majority of the vantages that "
		     "check it, of the time that its health is known; "
		     "maintenance is not counted.",
	    .empty = "no endpoint is checked",
	    .columns = {{"pool", "pool", false},
		{"endpoint", "endpoint", false}, {"region", "region", false},
		{"up", "up", true}, {"times down", "times_down", true},
		{"down, s", "down_s", true}, {"longest, s", "longest_s", true}},
	    .n_columns = 7};
	for (uint32_t p = 0; p < facts->advice.n_pools; p++)
		for (size_t e = 0; used[p] && e < facts->pools[p].n_endpoints;
		     e++)
			if (facts->pools[p].endpoints[e].checked)
				add_endpoint(report, t, p,
				    &facts->pools[p].endpoints[e]);
}

struct region {
	uint32_t n;
	double watched_ms, down_ms;
};

static void
add_region(struct report *report, struct report_table *t, uint32_t zone,
    uint32_t r, const bool *used)
{
	const struct facts *facts = report->facts;
	struct region sum = {0, 0, 0};
	struct report_row *row;

	for (uint32_t p = 0; p < facts->advice.n_pools; p++)
		for (size_t i = 0; used[p] && facts->pools[p].zone == zone &&
		     i < facts->pools[p].n_endpoints;
		     i++) {
			const struct advice_endpoint *e =
			    &facts->pools[p].endpoints[i];

			if (!e->checked || e->region != r)
				continue;
			sum.n++;
			sum.watched_ms += (double)e->watched_ms;
			sum.down_ms += (double)e->down_ms;
		}
	row = sum.n > 0 ? report_row(report, t) : NULL;
	if (row == NULL)
		return;
	row->cell[0] = facts->advice.zones[zone].name;
	row->cell[1] = facts->advice.zones[zone].regions[r].name;
	row->cell[2] = report_cell(report, "%u", sum.n);
	if (facts->knows_events)
		row->cell[3] = up_of(report, sum.down_ms, sum.watched_ms);
}

static void
add_regions(struct report *report, const bool *used)
{
	struct report_table *t = report_table(report);
	const struct advice_facts *a = &report->facts->advice;

	*t = (struct report_table){.name = "Availability by region",
	    .key = "availability",
	    .about = "The mean of its checked endpoints.",
	    .empty = "no endpoint is checked",
	    .columns = {{"zone", "zone", false}, {"region", "region", false},
		{"endpoints", "endpoints", true}, {"up", "up", true}},
	    .n_columns = 4};
	for (uint32_t z = 0; z < a->n_zones; z++)
		for (uint32_t r = 0; r < a->zones[z].n_regions; r++)
			add_region(report, t, z, r, used);
}

static void
add_spells(struct report *report, const bool *used)
{
	const struct facts *facts = report->facts;
	struct report_table *t = report_table(report);

	*t = (struct report_table){.name = "What cost availability",
	    .key = "downs",
	    .about = "Each time that an endpoint was down, and what was found "
		     "first.",
	    .empty = "nothing was down",
	    .columns = {{"from", "from", false}, {"to", "to", false},
		{"s", "seconds", true}, {"pool", "pool", false},
		{"endpoint", "endpoint", false}, {"reason", "reason", false}},
	    .n_columns = 6};
	for (size_t i = 0; i < facts->n_spells; i++) {
		const struct facts_spell *s = &facts->spells[i];
		struct report_row *row =
		    used[s->ref.pool] ? report_row(report, t) : NULL;

		if (row == NULL)
			continue;
		row->cell[0] = when(report, s->from_ms);
		row->cell[1] = when(report, s->to_ms);
		row->cell[2] = report_cell(
		    report, "%.0f", (double)(s->to_ms - s->from_ms) / 1000);
		row->cell[3] = pool_of(report, facts, s->ref.pool);
		row->cell[4] = facts_endpoint(facts, s->ref)->name;
		row->cell[5] = s->reason != NULL ? s->reason : "";
	}
}

static void
add_failovers(struct report *report)
{
	const struct facts *facts = report->facts;
	struct report_table *t = report_table(report);

	*t = (struct report_table){.name = "Failovers",
	    .key = "failovers",
	    .about = "From the first check that failed to the last answer that "
		     "named the endpoint; caches keep answers for the TTL "
		     "after that.",
	    .empty = "none was measured",
	    .columns = {{"first failed", "first_failed", false},
		{"last answer", "last_answer", false}, {"s", "seconds", true},
		{"service", "service", false}, {"pool", "pool", false},
		{"endpoint", "endpoint", false}},
	    .n_columns = 6};
	for (size_t i = 0; i < facts->n_failovers; i++) {
		const struct facts_failover *f = &facts->failovers[i];
		struct report_row *row = report_row(report, t);

		if (row == NULL)
			return;
		row->cell[0] = when(report, f->failed_ms);
		row->cell[1] = when(report, f->left_ms);
		row->cell[2] = report_cell(
		    report, "%.1f", (double)(f->left_ms - f->failed_ms) / 1000);
		row->cell[3] = f->service;
		row->cell[4] = pool_of(report, facts, f->ref.pool);
		row->cell[5] = facts_endpoint(facts, f->ref)->name;
	}
}

void
report_health(struct report *report)
{
	struct facts *facts = report->facts;
	bool *used = facts_array(facts, facts->advice.n_pools, sizeof(*used));

	if (used == NULL)
		return;
	for (uint32_t p = 0; p < facts->advice.n_pools; p++)
		used[p] = is_used(facts, p);
	add_regions(report, used);
	add_endpoints(report, used);
	add_spells(report, used);
	add_failovers(report);
}
