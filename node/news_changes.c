/*
 * Compares views.  Called by the page of the stream, a few times a second;
 * keeps nothing.
 */
#include "node/news_changes.h"

#include <string.h>

#include "node/labels.h"
#include "node/page_json.h"
#include "node/status_items.h"

struct saying {
	struct news *news;
	json_int_t at_ms;
};

static void
say(const struct saying *s, const char *what)
{
	news_say(s->news, "change",
	    json_pack("{sI ss}", "at_ms", s->at_ms, "what", what));
}

/* ${n} of ${what} changed, of which the first were named. */
static void
say_more(const struct saying *s, const char *what, size_t n)
{
	if (n > NEWS_CHANGES_NAMED)
		news_say(s->news, "change",
		    json_pack("{sI ss sI}", "at_ms", s->at_ms, "what", what,
			"more", (json_int_t)(n - NEWS_CHANGES_NAMED)));
}

static void
say_endpoint(const struct saying *s, const struct policy *policy, size_t i,
    int before, int after)
{
	const struct policy_endpoint *e = &policy->endpoints[i];

	news_say(s->news, "change",
	    json_pack("{sI ss ss ss ss ss ss ss}", "at_ms", s->at_ms, "what",
		"endpoint", "zone", e->key.zone, "pool", e->key.pool,
		"endpoint", e->key.endpoint, "region",
		policy->regions[e->region].name, "before",
		status_item_usable(before), "after",
		status_item_usable(after)));
}

static void
compare_endpoints(const struct saying *s, const struct policy *policy,
    const struct live *before, const struct live *now)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_endpoints; i++) {
		int was = live_told(before, i), is = live_told(now, i);

		if (was == is ||
		    status_item_usable(was) == status_item_usable(is))
			continue;
		if (n++ < NEWS_CHANGES_NAMED)
			say_endpoint(s, policy, i, was, is);
	}
	say_more(s, "endpoints", n);
}

static void
say_service(const struct saying *s, const struct policy_zone *zone,
    const struct policy_service *service, enum outlook_state before,
    enum outlook_state after)
{
	char name[NAME_TEXT];

	news_say(s->news, "change",
	    json_pack("{sI ss ss ss ss ss}", "at_ms", s->at_ms, "what",
		"service", "service", labels_name(service->name, name), "zone",
		zone->name, "before", outlook_word(before), "after",
		outlook_word(after)));
}

static void
compare_services(const struct saying *s, const struct served *before,
    const struct served *now)
{
	const struct policy *policy = now->generation->policy;
	struct outlook_service was, is;
	size_t n = 0;

	for (size_t z = 0; z < policy->n_zones; z++) {
		const struct policy_zone *zone = &policy->zones[z];

		for (size_t k = 0; k < zone->n_services; k++) {
			outlook_service(
			    before->outlook, &zone->services[k], &was);
			outlook_service(now->outlook, &zone->services[k], &is);
			if (was.state != is.state && n++ < NEWS_CHANGES_NAMED)
				say_service(s, zone, &zone->services[k],
				    was.state, is.state);
		}
	}
	say_more(s, "services", n);
}

static void
compare_served(const struct saying *s, const struct served *before,
    const struct served *now)
{
	if (before == now)
		return;
	if (before->generation->policy != now->generation->policy) {
		say(s, "files");
		return;
	}
	compare_endpoints(s, now->generation->policy, before->live, now->live);
	compare_services(s, before, now);
}

static const struct health_vantage *
find_vantage(const struct vantages *all, const char *name)
{
	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (strcmp(all->of[i].name, name) == 0)
			return &all->of[i];
	return NULL;
}

static json_t *
vantage_word(const struct health_vantage *v)
{
	if (v == NULL)
		return json_null();
	return json_string(v->blind ? "blind"
		: v->ended          ? "ended"
				    : status_item_vantage_state(v));
}

/* Those of ${list}; with ${gone} those that are not in ${others} alone. */
static void
compare_vantages(const struct saying *s, const struct vantages *list,
    const struct vantages *others, bool gone)
{
	for (size_t i = 0; list != NULL && i < list->n; i++) {
		const struct health_vantage *v = &list->of[i];
		const struct health_vantage *o = find_vantage(others, v->name);
		json_t *is = vantage_word(v), *was = vantage_word(o);

		if (gone ? o == NULL : json_equal(is, was) == 0)
			news_say(s->news, "change",
			    json_pack("{sI ss so sO sO}", "at_ms", s->at_ms,
				"what", "vantage", "vantage",
				page_json_string(v->name), "before",
				gone ? is : was, "after", gone ? was : is));
		json_decref(is);
		json_decref(was);
	}
}

void
news_changes(struct news *news, const struct view *before,
    const struct view *now, int64_t wall_ms)
{
	const struct saying s = {.news = news, .at_ms = wall_ms};
	const struct laid *a = before->health.laid, *b = now->health.laid;
	const struct vantages *v = before->health.vantages;
	const struct vantages *w = now->health.vantages;

	if (a != b && (a == NULL || b == NULL || a->version != b->version))
		say(&s, "overrides");
	compare_served(&s, before->served, now->served);
	if (v == w)
		return;
	compare_vantages(&s, w, v, false);
	compare_vantages(&s, v, w, true);
}
