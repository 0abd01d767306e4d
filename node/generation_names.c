/*
 * Names in the node's own file that nothing in the other files has: of services
 * that are logged, of pools that a hook is told of, of what advice is silenced
 * about, of the region of the vantage.  Called by generation_check(); warns,
 * because a name may be removed from one file before the other.
 */
#include "node/generation.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "node/labels.h"

/* A name in the steering files: "POOL without REGION" and POOL/ENDPOINT are of
 * two names, the rest is not longer than a service. */
#define KNOWN_TEXT (NAME_TEXT + 64)
/* The names of a list for which the nearest is looked for.  Each is compared
 * with all names of all files, which in a reload must not take long; whoever
 * has more wrong has another list than he thinks. */
#define MAX_NEAREST 8

/* What is looked for among the names of the files. */
struct search {
	const char *wanted; /* a name, or a pattern of fnmatch(3) */
	bool pattern;
	bool found;
	char name[KNOWN_TEXT]; /* the one that is looked at */
	char best[KNOWN_TEXT];
	struct nearest nearest;
	size_t told; /* names for which the nearest was looked for */
};

static bool
fits(const struct search *s, const char *name)
{
	return s->pattern ? fnmatch(s->wanted, name, 0) == 0
			  : strcmp(s->wanted, name) == 0;
}

/* A service is often written without its zone: that is nearer than any slip. */
static bool
is_begin(const char *wanted, const char *name)
{
	size_t len = strlen(wanted);

	return strncmp(name, wanted, len) == 0 && name[len] == '.';
}

static void
offer(struct search *s, const char *name)
{
	if (s->nearest.best != NULL && is_begin(s->wanted, s->best))
		return;
	if (is_begin(s->wanted, name))
		s->nearest.best = name;
	else
		nearest_offer(&s->nearest, name);
	if (s->nearest.best != name)
		return;
	snprintf(s->best, sizeof(s->best), "%s", name);
	s->nearest.best = s->best;
}

/* Look at s->name; the nearest is of interest while nothing fits. */
static void
look(struct search *s)
{
	if (s->found)
		return;
	s->found = fits(s, s->name);
	if (!s->found && s->told < MAX_NEAREST)
		offer(s, s->name);
}

static void
look_at(struct search *s, const char *name)
{
	snprintf(s->name, sizeof(s->name), "%s", name);
	look(s);
}

static void
look_at_services(struct search *s, const struct generation *g)
{
	char name[NAME_TEXT];

	for (size_t z = 0; z < g->policy->n_zones; z++) {
		const struct policy_zone *zone = &g->policy->zones[z];

		for (size_t i = 0; i < zone->n_services && !s->found; i++)
			look_at(s, labels_name(zone->services[i].name, name));
	}
}

static void
look_at_regions(struct search *s, const struct generation *g)
{
	for (size_t i = 0; i < g->policy->n_regions && !s->found; i++)
		look_at(s, g->policy->regions[i].name);
}

/* What is said of ${pool}: its name, or that with each endpoint or region. */
static void
look_at_pool(struct search *s, const struct steering_config *c,
    const struct pool_config *pool, enum advise_subject subject)
{
	for (size_t i = 0; subject == ADVISE_OF_ENDPOINT && !s->found &&
	     i < pool->n_endpoints;
	     i++) {
		snprintf(s->name, sizeof(s->name), "%s/%s", pool->name,
		    pool->endpoints[i].name);
		look(s);
	}
	for (size_t i = 0;
	     subject == ADVISE_OF_LOSS && !s->found && i < c->n_regions; i++) {
		snprintf(s->name, sizeof(s->name), "%s without %s", pool->name,
		    c->regions[i].name);
		look(s);
	}
}

static void
look_at_pools(
    struct search *s, const struct generation *g, enum advise_subject subject)
{
	for (size_t z = 0; z < g->n_zones; z++) {
		const struct steering_config *c = g->steering[z];

		for (size_t p = 0; c != NULL && p < c->n_pools; p++) {
			if (subject == ADVISE_OF_OTHERS)
				look_at(s, c->pools[p].name);
			else
				look_at_pool(s, c, &c->pools[p], subject);
		}
	}
}

static void
begin(struct search *s, const char *wanted, bool pattern)
{
	s->wanted = wanted;
	s->pattern = pattern;
	s->found = false;
	nearest_init(&s->nearest, wanted);
}

/* Nothing has the name that was looked for: what that is, and what comes of it.
 */
static void
warn(struct search *s, const struct mark *at, const char *what,
    const char *follows, struct errbuf *eb)
{
	const char *best = s->nearest.best;

	s->told++;
	errbuf_warn(eb, at, "%s \"%s\"%s%s%s: %s", what, s->wanted,
	    best != NULL ? ", did you mean \"" : "", best != NULL ? best : "",
	    best != NULL ? "\"?" : "", follows);
}

/* Regions are compared by their names: one that no file has is a slip. */
static void
check_vantage(const struct generation *g, struct errbuf *eb)
{
	struct search s = {.wanted = g->config->vantage_region};

	if (s.wanted == NULL)
		return;
	begin(&s, s.wanted, false);
	look_at_regions(&s, g);
	if (!s.found)
		warn(&s, &g->config->vantage_at,
		    "vantage: no steering file has the region",
		    "no endpoint is in the region of this vantage", eb);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of all services, sorted, with their text in one piece: to be freed
 * both.  NULL without memory. */
static const char **
sort_services(const struct generation *g, char **text)
{
	size_t n = generation_services(g), i = 0;
	const char **names = calloc(n + 1, sizeof(names[0]));

	*text = calloc(n + 1, NAME_TEXT);
	if (names == NULL || *text == NULL) {
		free(names);
		free(*text);
		return NULL;
	}
	for (size_t z = 0; z < g->policy->n_zones; z++) {
		const struct policy_zone *zone = &g->policy->zones[z];

		for (size_t k = 0; k < zone->n_services; k++, i++)
			names[i] = labels_name(
			    zone->services[k].name, *text + i * NAME_TEXT);
	}
	qsort(names, n, sizeof(names[0]), compare);
	return names;
}

/* A list may be as long as that of the services is. */
static void
check_query_log(const struct generation *g, struct errbuf *eb)
{
	const struct query_log_config *log = &g->config->query_log;
	size_t n = generation_services(g);
	struct search s = {.told = 0};
	const char **names;
	char *text;

	if (log->n_services == 0)
		return;
	names = sort_services(g, &text);
	if (names == NULL)
		return;
	for (size_t i = 0; i < log->n_services; i++) {
		if (bsearch(&log->services[i], names, n, sizeof(names[0]),
			compare) != NULL)
			continue;
		begin(&s, log->services[i], false);
		if (s.told < MAX_NEAREST)
			look_at_services(&s, g);
		warn(&s, &log->services_at[i],
		    "query_log: no zone has the service",
		    "nothing is logged for it", eb);
	}
	free(text);
	free(names);
}

static void
check_hooks(const struct generation *g, struct errbuf *eb)
{
	struct search s = {.told = 0};

	for (size_t i = 0; i < g->config->n_hooks; i++) {
		const struct hook_config *hook = &g->config->hooks[i];

		for (size_t k = 0; k < hook->n_pools; k++) {
			begin(&s, hook->pools[k], true);
			look_at_pools(&s, g, ADVISE_OF_OTHERS);
			if (!s.found)
				warn(&s, &hook->pools_at[k],
				    "hooks: no steering file has a pool",
				    "the hook is told nothing for it", eb);
		}
	}
}

static void
check_silence(const struct generation *g, struct errbuf *eb)
{
	const struct advise_config *advise = &g->config->advise;
	struct search s = {.told = 0};

	for (size_t i = 0; i < advise->n_silence; i++) {
		const struct advise_silence *silence = &advise->silence[i];
		enum advise_subject subject = advise_subject_of(silence->rule);

		if (silence->pattern == NULL || subject == ADVISE_OF_OTHERS)
			continue;
		begin(&s, silence->pattern, true);
		if (subject == ADVISE_OF_SERVICE)
			look_at_services(&s, g);
		else if (subject == ADVISE_OF_REGION)
			look_at_regions(&s, g);
		else
			look_at_pools(&s, g, subject);
		if (!s.found)
			warn(&s, &silence->at,
			    "advise: no steering file has anything like",
			    "nothing is silenced by it", eb);
	}
}

void
generation_check_names(const struct generation *g, struct errbuf *eb)
{
	check_vantage(g, eb);
	check_query_log(g, eb);
	check_hooks(g, eb);
	check_silence(g, eb);
}
