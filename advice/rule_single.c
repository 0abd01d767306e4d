/*
 * Single points: clients who have one region or one endpoint and no other, and
 * a single vantage that decides what is up.  Called by advice.c; changes
 * nothing.
 */
#include "advice/run.h"

static bool
takes_clients(const struct advice_endpoint *e)
{
	return e->weight > 0 && !e->drained;
}

/* Of all pools of the split: endpoints inside, and their regions. */
static size_t
count_inside(const struct advice_facts *facts, const struct advice_service *s,
    uint64_t inside, size_t *regions)
{
	uint64_t found = 0;
	size_t n = 0;

	for (size_t m = 0; m < s->n_members; m++) {
		const struct advice_pool *pool =
		    &facts->pools[s->members[m].pool];

		for (size_t e = 0; e < pool->n_endpoints; e++) {
			uint32_t r = pool->endpoints[e].region;

			if (!takes_clients(&pool->endpoints[e]) ||
			    (inside >> r & 1) == 0)
				continue;
			found |= UINT64_C(1) << r;
			n++;
		}
	}
	*regions = (size_t)__builtin_popcountll(found);
	return n;
}

/* Shares of the clients, in per cent. */
struct shares {
	double region, endpoint;
};

static struct shares
sum_shares(const struct advice_facts *facts, const struct advice_service *s)
{
	struct shares one = {0, 0};
	double all = 0, part;
	size_t regions, n;

	for (size_t i = 0; i < s->n_countries; i++) {
		const struct advice_country *c = &s->countries[i];

		for (size_t k = 0; k < c->n_spots; k++) {
			part = c->answers / (double)c->n_spots;
			n = count_inside(
			    facts, s, c->spots[k].inside, &regions);
			all += part;
			one.endpoint += n == 1 ? part : 0;
			one.region += n > 1 && regions == 1 ? part : 0;
		}
	}
	if (all > 0)
		return (struct shares){advice_percent(one.region, all),
		    advice_percent(one.endpoint, all)};
	/* Nothing is known of countries: all may go anywhere. */
	n = count_inside(facts, s, s->regions, &regions);
	return (struct shares){
	    n > 1 && regions == 1 ? 100 : 0, n == 1 ? 100 : 0};
}

static void
look_at_service(struct advice_run *run, const struct advice_service *s)
{
	struct shares one = sum_shares(run->facts, s);
	const struct advice_pool *pool = &run->facts->pools[s->members[0].pool];
	struct advice_text text = advice_text_of(run, pool->zone);
	struct advice_finding *f;

	f = advice_offer(run, ADVISE_SINGLE_ENDPOINT, one.endpoint, s->answers,
	    "%s", s->name);
	if (f != NULL) {
		f->severity = ADVICE_CRITICAL;
		advice_evidence(f,
		    "%.0f %% of the clients have one endpoint inside their "
		    "fence, and get the last resort without it",
		    one.endpoint);
		advice_gain(f,
		    "a second one serves %.0f %% of the clients when the first "
		    "is lost",
		    one.endpoint);
		advice_edit_item(&f->edit, &text, &pool->at, "endpoints",
		    "{name: NEW, region: REGION, address: [ADDRESS]}");
	}
	f = advice_offer(
	    run, ADVISE_SINGLE_REGION, one.region, s->answers, "%s", s->name);
	if (f != NULL) {
		advice_evidence(f,
		    "%.0f %% of the clients have endpoints in one region alone",
		    one.region);
		advice_gain(f,
		    "one in another region serves %.0f %% of the clients when "
		    "the first is lost",
		    one.region);
		advice_edit_item(&f->edit, &text, &pool->at, "endpoints",
		    "{name: NEW, region: OTHER, address: [ADDRESS]}");
	}
}

static void
look_at_vantages(struct advice_run *run)
{
	const struct advice_facts *facts = run->facts;
	struct advice_finding *f;
	double checked = 0;

	if (!facts->knows_state)
		return;
	for (size_t p = 0; p < facts->n_pools; p++)
		for (size_t e = 0; e < facts->pools[p].n_endpoints; e++)
			checked += facts->pools[p].endpoints[e].checked;
	f = advice_offer(run, ADVISE_SINGLE_VANTAGE, (double)facts->vantages,
	    checked, "vantages");
	if (f == NULL)
		return;
	if (facts->vantages == 0) {
		advice_evidence(f,
		    "no vantage is alive: nobody sees whether %.0f checked "
		    "endpoints are up",
		    checked);
		advice_gain(f,
		    "with one there are verdicts again, and with two nothing "
		    "goes down that only one of them cannot reach");
	} else {
		advice_evidence(f,
		    "%zu vantage%s alive, for %.0f checked endpoints: its own "
		    "trouble with the network looks like theirs",
		    facts->vantages, facts->vantages == 1 ? " is" : "s are",
		    checked);
		advice_gain(f,
		    "with one more, nothing goes down that only one of them "
		    "cannot reach");
	}
	advice_edit_add(&f->edit, &facts->vantage_at,
	    "# in the file of another machine: vantage: {name: NEW, region: "
	    "REGION}");
}

void
rule_single(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++)
		if (run->facts->services[i].n_members > 0)
			look_at_service(run, &run->facts->services[i]);
	look_at_vantages(run);
}
