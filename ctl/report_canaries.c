/*
 * Canaries beside the pool that each is to follow: share, availability,
 * latency.  Called by report_table.c.
 */
#include <math.h>

#include "ctl/report_table.h"

struct side {
	double watched_ms, down_ms, measured, latency_ms;
};

static struct side
sum_side(const struct advice_pool *pool)
{
	struct side side = {0, 0, 0, 0};

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];

		if (e->weight == 0)
			continue;
		side.watched_ms += (double)e->watched_ms;
		side.down_ms += (double)e->down_ms;
		if (isnan(e->latency_ms))
			continue;
		side.measured++;
		side.latency_ms += e->latency_ms;
	}
	return side;
}

static void
add_member(struct report *report, struct report_table *t,
    const struct advice_service *s, size_t m)
{
	const struct facts *facts = report->facts;
	const struct advice_pool *pool = &facts->pools[s->members[m].pool];
	double answered = s->answers - s->resort;
	struct side side = sum_side(pool);
	struct report_row *row = report_row(report, t);

	if (row == NULL)
		return;
	row->cell[0] = s->name;
	row->cell[1] = pool->name;
	row->cell[2] = m == s->canary ? "canary" : "stable";
	row->cell[3] = report_cell(report, "%.2f %%", 100 * s->members[m].set);
	if (answered > 0)
		row->cell[4] = report_cell(
		    report, "%.2f %%", 100 * s->members[m].answers / answered);
	if (side.watched_ms > 0 && facts->knows_events)
		row->cell[5] = report_cell(report, "%.3f %%",
		    100 - 100 * side.down_ms / side.watched_ms);
	if (side.measured > 0)
		row->cell[6] = report_cell(
		    report, "%.0f", side.latency_ms / side.measured);
}

void
report_canaries(struct report *report)
{
	const struct advice_facts *a = &report->facts->advice;
	struct report_table *t = report_table(report);

	*t = (struct report_table){.name = "Canaries",
	    .key = "canaries",
	    .about = "Pools of services with a canary: the share in the file "
		     "and the share of the answers, availability, and the time "
		     "to the first token, or else to the first byte, as "
		     "measured last.",
	    .empty = "no service has a canary",
	    .columns = {{"service", "service", false}, {"pool", "pool", false},
		{"role", "role", false}, {"set", "set", true},
		{"got", "got", true}, {"up", "up", true},
		{"ms", "first_token_ms", true}},
	    .n_columns = 7};
	for (size_t i = 0; i < a->n_services; i++)
		for (size_t m = 0; a->services[i].canary != ADVICE_NONE &&
		     m < a->services[i].n_members;
		     m++)
			add_member(report, t, &a->services[i], m);
}
