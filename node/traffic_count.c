/*
 * Exact counts of traffic: what the counters of the workers have grown by.
 * Called by traffic.c; sums only.
 */
#include "node/traffic_private.h"
#include "steering/reasons.h"

/* Add what slot ${slot}, which is of ${name}, has counted since. */
static void
add_slot(struct traffic *t, uint32_t slot, const struct outcome_name *name)
{
	uint64_t cells[COUNTER_CELLS];
	uint64_t *before = t->counted[slot];

	server_sum_outcome(t->server, slot, cells);
	for (unsigned i = 0; i < COUNTER_CELLS; i++) {
		struct history_traffic row = {.service = name->service,
		    .pool = name->pool,
		    .region = name->region,
		    .reason = reason_name(i / 2),
		    .subnet = i % 2 == 1,
		    .answers = cells[i] - before[i]};

		if (cells[i] == before[i])
			continue;
		before[i] = cells[i];
		if (t->open != NULL)
			traffic_batch_traffic(t->open, &row);
	}
}

static void
add_scopes(struct traffic *t, uint32_t slot, const char *service)
{
	uint64_t cells[COUNTER_SCOPES];
	uint64_t *before = t->counted_scopes[slot];

	server_sum_scope(t->server, slot, cells);
	for (unsigned i = 0; i < COUNTER_SCOPES; i++) {
		bool ipv4 = i < COUNTER_SCOPES_IPV4;
		struct history_scope row = {.service = service,
		    .family = ipv4 ? 4 : 6,
		    .length = ipv4 ? i : i - COUNTER_SCOPES_IPV4,
		    .answers = cells[i] - before[i]};

		if (cells[i] == before[i])
			continue;
		before[i] = cells[i];
		if (t->open != NULL)
			traffic_batch_scope(t->open, &row);
	}
}

void
traffic_count_all(struct traffic *t)
{
	uint32_t n = outcomes_count(t->outcomes);
	struct outcome_name name;

	for (uint32_t i = 0; i < n; i++) {
		if (outcomes_name(t->outcomes, i, &name))
			add_slot(t, i, &name);
		traffic_let_others(t);
	}
	n = outcomes_count(t->scopes);
	for (uint32_t i = 0; i < n; i++) {
		if (outcomes_name(t->scopes, i, &name))
			add_scopes(t, i, name.service);
		traffic_let_others(t);
	}
	/* Services that have no counters of their own. */
	add_scopes(t, COUNTER_SERVICES, "");
}

/* The others keep their slots and names, and wait for the end of the interval.
 */
bool
traffic_count_leaving(struct traffic *t)
{
	struct outcome_name name;
	bool any = false;
	uint32_t slot;

	for (uint32_t i = 0;
	     (slot = outcomes_leaving(t->outcomes, i, &name)) != OUTCOMES_NONE;
	     i = slot + 1) {
		add_slot(t, slot, &name);
		any = true;
	}
	for (uint32_t i = 0;
	     (slot = outcomes_leaving(t->scopes, i, &name)) != OUTCOMES_NONE;
	     i = slot + 1) {
		add_scopes(t, slot, name.service);
		any = true;
	}
	return any;
}
