/*
 * Finds what an override reaches, and what a target may have been meant to be
 * that is none.  Called by the subcommands that say and list overrides.
 */
#include "ctl/override_reach.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "ctl/override_text.h"
#include "steering/override_target.h"

/* Names that are listed where none is near. */
#define LISTED 8
#define LIST_MAX 2048

static void
count_endpoints(const struct policy *policy, struct override_reach *out)
{
	const struct policy_endpoint *last = NULL;

	for (size_t i = 0; i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];

		if (!out->endpoint[i])
			continue;
		out->endpoints++;
		out->regions += !out->region[e->region];
		out->region[e->region] = true;
		/* Those of a pool, and pools of a zone, follow each other. */
		out->zones += last == NULL || last->key.zone != e->key.zone;
		out->pools += last == NULL || last->key.zone != e->key.zone ||
		    last->key.pool != e->key.pool;
		last = e;
	}
}

static size_t
count_services(const struct policy *policy, const char *target)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			n += override_target_service(
			    target, &policy->zones[i].services[k]);
	return n;
}

int
override_reach_find(const struct policy *policy,
    const struct state_override *row, struct override_reach *out)
{
	enum target_kind kind = override_target_kind(row->kind);

	*out = (struct override_reach){
	    .endpoint = calloc(policy->n_endpoints + 1, sizeof(bool)),
	    .region = calloc(policy->n_regions + 1, sizeof(bool))};
	if (out->endpoint == NULL || out->region == NULL) {
		override_reach_finish(out);
		return -1;
	}
	(void)override_target_endpoints(
	    policy, kind, row->target, out->endpoint);
	count_endpoints(policy, out);
	if (kind == TARGET_SERVICE)
		out->services = count_services(policy, row->target);
	return 0;
}

void
override_reach_finish(struct override_reach *reach)
{
	free(reach->endpoint);
	free(reach->region);
}

void
override_reach_words(struct text *t, const struct state_override *row,
    const struct override_reach *reach)
{
	if (strcmp(row->kind, "service") == 0)
		text_add(t, "%zu service%s, ", reach->services,
		    text_plural(reach->services));
	text_add(t, "%zu endpoint%s", reach->endpoints,
	    text_plural(reach->endpoints));
	if (strcmp(row->kind, "endpoint") != 0 || reach->pools > 1)
		text_add(t, " of %zu pool%s", reach->pools,
		    text_plural(reach->pools));
	text_add(t, " in %zu zone%s", reach->zones, text_plural(reach->zones));
}

void
override_reach_zones(struct text *t, const struct policy *policy,
    const struct override_reach *reach)
{
	const char *last = NULL;

	if (reach->zones < 2)
		return;
	for (size_t i = 0; i < policy->n_endpoints; i++) {
		const char *zone = policy->endpoints[i].key.zone;

		if (!reach->endpoint[i] || zone == last)
			continue;
		text_add(t, "%s%s", last == NULL ? " (" : ", ", zone);
		last = zone;
	}
	text_add(t, ")");
}

bool
override_reach_all(
    const struct policy *policy, const struct override_reach *reach)
{
	for (size_t i = 0; i < policy->n_groups; i++) {
		const struct policy_group *g = &policy->groups[i];
		uint32_t n = 0;

		for (uint32_t e = g->first; e < g->first + g->n; e++)
			n += reach->endpoint[e];
		if (n != 0 && n != g->n)
			return false;
	}
	return true;
}

/* Names of a kind, for a target that is none of them. */
struct names {
	const char *target;
	struct nearest nearest;
	const char *longer; /* a service that begins with the target */
	struct text list;
	size_t n;
};

/* The same name may be of several zones, or pools. */
static void
offer(struct names *names, const char *name)
{
	size_t len = strlen(names->target);

	nearest_offer(&names->nearest, name);
	if (strncasecmp(name, names->target, len) == 0 && name[len] == '.')
		names->longer = name;
	if (names->n++ < LISTED)
		text_add(&names->list, "%s%s", names->n > 1 ? ", " : "", name);
}

static void
offer_all(
    const struct policy *policy, enum target_kind kind, struct names *names)
{
	for (size_t i = 0; kind == TARGET_REGION && i < policy->n_regions; i++)
		offer(names, policy->regions[i].name);
	for (size_t i = 0; kind == TARGET_POOL && i < policy->n_pools; i++)
		if (!policy->pools[i].is_standby &&
		    policy->pools[i].nested == NULL)
			offer(names, policy->pools[i].name);
	for (size_t i = 0; kind == TARGET_ENDPOINT && i < policy->n_endpoints;
	     i++)
		offer(names, policy->endpoints[i].key.endpoint);
	for (size_t i = 0; kind == TARGET_SERVICE && i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			offer(names, policy->zones[i].services[k].name);
}

/* What else was meant, perhaps. */
static void
say_near(struct text *t, const struct policy *policy, enum target_kind kind,
    const char *target)
{
	struct names names = {.target = target};
	const char *best;

	nearest_init(&names.nearest, target);
	text_init(&names.list, LIST_MAX);
	offer_all(policy, kind, &names);
	best = names.longer != NULL ? names.longer : names.nearest.best;
	if (best != NULL) {
		text_add(t, ", did you mean ");
		text_add(t, "%.*s",
		    (int)(strlen(best) - (kind == TARGET_SERVICE)), best);
		text_add(t, "?");
	} else if (names.n > 0) {
		text_add(t, "; there %s %s%s", names.n > 1 ? "are" : "is",
		    names.list.data, names.n > LISTED ? ", ..." : "");
	}
	text_finish(&names.list);
}

/* The kind of which ${target} is a name; TARGET_KINDS when there is none. */
static enum target_kind
kind_of(const struct policy *policy, const char *target)
{
	unsigned kind = 0;
	bool *scratch = calloc(policy->n_endpoints + 1, sizeof(bool));

	while (scratch != NULL && kind < TARGET_KINDS &&
	    override_target_endpoints(
		policy, (enum target_kind)kind, target, scratch) == 0)
		kind++;
	free(scratch);
	return scratch != NULL ? (enum target_kind)kind : TARGET_KINDS;
}

void
override_reach_nothing(struct text *t, const struct policy *policy,
    const struct state_override *row)
{
	enum target_kind kind = override_target_kind(row->kind), other;

	if (strpbrk(row->target, "*?[") != NULL) {
		text_add(t, "\"");
		override_text_add(t, row->target);
		text_add(t, "\" matches no %s", row->kind);
		say_near(t, policy, kind, row->target);
		return;
	}
	text_add(t, "there is no %s \"", row->kind);
	override_text_add(t, row->target);
	text_add(t, "\"");
	other = kind_of(policy, row->target);
	if (other != TARGET_KINDS)
		text_add(t, ", but there is a %s of that name: say %s %s",
		    override_target_word(other), override_target_word(other),
		    row->target);
	else
		say_near(t, policy, kind, row->target);
}
