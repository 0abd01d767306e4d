/*
 * Rules of what resolvers tell and keep: queries without a client subnet,
 * answers that hold for few clients, families that no endpoint has.  Called by
 * advice.c; changes nothing.
 */
#include <math.h>

#include "advice/run.h"

/* A scope this long or longer holds for 1024 addresses at most. */
#define NARROW 22

/* Of the sticky prefix: where the file is silent, and what is proposed. */
#define STICKY 20

static void
look_at_subnets(struct advice_run *run, const struct advice_service *s)
{
	struct advice_text text = advice_text_of(run, s->zone);
	double without = s->answers - s->subnet;
	struct advice_finding *f;

	/* One region is everybody's, wherever they are. */
	if (!s->ranks_by_place || (s->regions & (s->regions - 1)) == 0)
		return;
	f = advice_offer(run, ADVISE_NO_SUBNET,
	    advice_percent(without, s->answers), s->answers, "%s", s->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_NOTE;
	advice_evidence(f,
	    "%.0f of %.0f answers (%.1f %%) went by the place of the "
	    "resolver%s",
	    without, s->answers, f->value,
	    s->ecs == ECS_ON
		? ": its query named no client subnet"
		: ": the file does not hear client subnets, or not "
		  "those of all");
	if (s->ecs != ECS_ON) {
		advice_gain(f,
		    "%.1f %% of the answers may go by the place of the client",
		    f->value);
		advice_edit_value(&f->edit, &text, &s->at, "ecs", "on");
	} else {
		advice_gain(f,
		    "public resolvers send it to name servers that they know "
		    "to understand it: ask them, for up to %.1f %% of the "
		    "answers",
		    f->value);
		advice_edit_add(&f->edit, &s->at,
		    "# nothing to change here: have the resolvers send client "
		    "subnets");
	}
}

/* Entries that a resolver keeps of a /16 full of clients, on average. */
static double
entries(const struct advice_service *s, unsigned longest)
{
	double sum = 0, all = 0;

	for (unsigned n = 0; n <= 32; n++) {
		unsigned length = n < longest ? n : longest;

		all += s->scopes[n];
		sum += s->scopes[n] *
		    (length > 16 ? pow(2, (double)length - 16) : 1);
	}
	return all > 0 ? sum / all : 0;
}

static void
look_at_scopes(struct advice_run *run, const struct advice_service *s)
{
	struct advice_text text = advice_text_of(run, s->zone);
	struct advice_finding *f;
	double narrow = 0, all = 0;

	for (unsigned n = 0; n <= 32; n++) {
		all += s->scopes[n];
		narrow += n >= NARROW ? s->scopes[n] : 0;
	}
	f = advice_offer(run, ADVISE_NARROW_SCOPES, advice_percent(narrow, all),
	    all, "%s", s->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "%.1f %% of the answers hold for a /%d or less: a resolver keeps "
	    "%.0f of them for the clients of a /16",
	    f->value, NARROW, entries(s, 32));
	advice_gain(f,
	    "with scopes of /%d at most it keeps %.0f, and asks so much more "
	    "seldom",
	    STICKY, entries(s, STICKY));
	if (s->sticky_ipv4 > STICKY)
		advice_edit_value(&f->edit, &text, &s->at, "sticky.ipv4", "20");
	else
		advice_edit_add(&f->edit, &s->at,
		    "# name countries or networks in its rules, not cities "
		    "or circles");
}

static void
look_at_families(struct advice_run *run, const struct advice_service *s)
{
	const struct advice_pool *pool;
	struct advice_finding *f;

	if (s->n_members == 0)
		return;
	f = advice_offer(run, ADVISE_NO_FAMILY,
	    advice_percent(s->nodata, s->answers), s->answers, "%s", s->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_NOTE;
	pool = &run->facts->pools[s->members[0].pool];
	advice_evidence(f,
	    "%.1f %% of its answers say that there is no address of the family "
	    "asked for",
	    f->value);
	advice_gain(f,
	    "with addresses of both families %.1f %% of the answers have one",
	    f->value);
	advice_edit_add(&f->edit,
	    pool->n_endpoints > 0 ? &pool->endpoints[0].at : &pool->at,
	    "address: [IPV4, \"IPV6\"]   # of each endpoint");
}

void
rule_cache(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++) {
		look_at_subnets(run, &run->facts->services[i]);
		look_at_scopes(run, &run->facts->services[i]);
		look_at_families(run, &run->facts->services[i]);
	}
}
