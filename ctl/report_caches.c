/*
 * What resolvers can keep: from the scopes that were announced and the TTL.
 * Called by report_table.c.
 */
#include <math.h>

#include "ctl/report_table.h"

/* The prefix whose clients are thought to share a resolver. */
#define SHARED 16

/* Sums over the answers with an IPv4 subnet. */
struct scopes {
	double answers, bits, entries;
};

static struct scopes
sum_scopes(const struct advice_service *s)
{
	struct scopes sum = {0, 0, 0};

	for (unsigned n = 0; n <= 32; n++) {
		sum.answers += s->scopes[n];
		sum.bits += s->scopes[n] * n;
		sum.entries +=
		    s->scopes[n] * (n > SHARED ? exp2((double)n - SHARED) : 1);
	}
	return sum;
}

static void
add_service(struct report *report, struct report_table *t,
    const struct advice_service *s)
{
	struct scopes sum = sum_scopes(s);
	struct report_row *row = report_row(report, t);

	if (row == NULL)
		return;
	row->cell[0] = s->name;
	row->cell[1] =
	    report_cell(report, "%.1f %%", 100 * s->subnet / s->answers);
	row->cell[2] = report_cell(report, "%u", s->ttl_max_s);
	if (sum.answers <= 0)
		return;
	row->cell[3] = report_cell(report, "/%.1f", sum.bits / sum.answers);
	row->cell[4] = report_cell(report, "%.1f", sum.entries / sum.answers);
	row->cell[5] = report_cell(
	    report, "%.2f", sum.entries / sum.answers / fmax(s->ttl_max_s, 1));
}

void
report_caches(struct report *report)
{
	const struct advice_facts *a = &report->facts->advice;
	struct report_table *t = report_table(report);

	*t = (struct report_table){.name = "Resolver caches",
	    .key = "caches",
	    .about =
		"How many answers of a service a resolver keeps for the "
		"clients of an IPv4 /16, by the scopes that were "
		"announced, and how many queries a second it sends at most "
		"for all of them, by the TTL.",
	    .empty = "no traffic was counted",
	    .columns = {{"service", "service", false},
		{"with a subnet", "subnet", true}, {"TTL, s", "ttl_s", true},
		{"mean scope", "scope", true}, {"kept of a /16", "kept", true},
		{"queries/s at most", "queries_per_second", true}},
	    .n_columns = 6};
	for (size_t i = 0; i < a->n_services; i++)
		if (a->services[i].answers > 0)
			add_service(report, t, &a->services[i]);
}
