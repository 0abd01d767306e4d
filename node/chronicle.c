/*
 * Compares how services and vantages do with how they did, and puts the
 * difference into the log.  Called by the control thread after each change.
 */
#include "node/chronicle.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/u64map.h"
#include "node/labels.h"

/* A line with the longest names and all regions. */
#define CHRONICLE_LINE_MAX ((size_t)16384)

/* What was said of a service last. */
struct story {
	int64_t since_ms; /* wall clock */
	int64_t ill_ms;   /* wall clock, when it was healthy last */
	uint64_t down;    /* regions, as in its outlook */
	uint64_t hash;    /* of its name */
	uint8_t state;    /* enum outlook_state */
	uint8_t answer;   /* enum last_resort, on its last resort */
	bool changed;
};

/* Services that had no line of their own. */
struct left_out {
	unsigned by_state[OUTLOOK_LAST_RESORT + 1];
};

struct chronicle {
	struct served *last; /* what the stories are of; NULL at first */
	struct story *stories;
	size_t n;
	struct vantages *vantages; /* as they were */
	int64_t window_ms;         /* monotonic clock, when it began */
	unsigned lines;            /* in the window */
	struct left_out left_out;
	bool begun; /* health is known */
};

struct chronicle *
chronicle_create(void)
{
	return calloc(1, sizeof(struct chronicle));
}

void
chronicle_destroy(struct chronicle *c)
{
	if (c == NULL)
		return;
	served_release(c->last);
	vantages_release(c->vantages);
	free(c->stories);
	free(c);
}

/* May another line be written?  Else it is to be counted. */
static bool
may_say(struct chronicle *c)
{
	int64_t now = clock_mono_ms();

	if (now - c->window_ms >= CHRONICLE_WINDOW_MS) {
		chronicle_tick(c, now);
		c->window_ms = now;
		c->lines = 0;
	}
	if (c->lines >= CHRONICLE_LINES)
		return false;
	c->lines++;
	return true;
}

void
chronicle_tick(struct chronicle *c, int64_t mono_ms)
{
	const unsigned *n = c->left_out.by_state;

	if (mono_ms - c->window_ms < CHRONICLE_WINDOW_MS ||
	    n[OUTLOOK_HEALTHY] + n[OUTLOOK_DEGRADED] + n[OUTLOOK_LAST_RESORT] ==
		0)
		return;
	log_warn("and of more services, %u went to their last resort, %u are "
		 "degraded and %u are healthy again; see meridianctl status",
	    n[OUTLOOK_LAST_RESORT], n[OUTLOOK_DEGRADED], n[OUTLOOK_HEALTHY]);
	c->left_out = (struct left_out){{0}};
}

/* The node. */

/* "3 h 5 min", as far as two units show it. */
static void
add_time(struct text *t, int64_t ms)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	if (s < 60)
		text_add(t, "%lld s", (long long)s);
	else if (s < 3600)
		text_add(
		    t, "%lld min %lld s", (long long)s / 60, (long long)s % 60);
	else
		text_add(t, "%lld h %lld min", (long long)s / 3600,
		    (long long)s / 60 % 60);
}

static void
add_geography(struct text *t, const struct generation *g)
{
	const struct server_config *config = g->config;
	char when[CLOCK_TEXT];

	if (config->n_geo == 0) {
		text_add(t, "none, no client's place is known");
		return;
	}
	for (size_t i = 0; i < config->n_geo; i++)
		text_add(t, "%s%s", i > 0 ? ", " : "", config->geo[i]);
	clock_format(geography_built_s(g->geography) * 1000, when);
	text_add(t, " (%s%.10s)", config->n_geo > 1 ? "the oldest of " : "of ",
	    when);
}

void
chronicle_start(const struct generation *g)
{
	const struct server_config *config = g->config;
	char name[ADDRESS_TEXT];
	struct text t;

	text_init(&t, CHRONICLE_LINE_MAX);
	text_add(&t, "meridiand %s starts with %s: listens on ",
	    MERIDIAN_VERSION, config->path);
	for (size_t i = 0; i < config->n_listen; i++)
		text_add(&t, "%s%s", i > 0 ? ", " : "",
		    endpoint_address_format(&config->listen[i], name));
	text_add(&t, "; http ");
	text_add(&t, "%s",
	    config->http.port != 0
		? endpoint_address_format(&config->http, name)
		: "none");
	text_add(&t, "; state %s; geography ", config->state);
	add_geography(&t, g);
	log_info("%s", t.data != NULL ? t.data : "no memory");
	text_finish(&t);
}

void
chronicle_end(int64_t started_ms, int number)
{
	struct text t;

	text_init(&t, CHRONICLE_LINE_MAX);
	add_time(&t, clock_mono_ms() - started_ms);
	log_info("meridiand ends on %s, after %s",
	    number == SIGINT ? "SIGINT" : "SIGTERM",
	    t.data != NULL ? t.data : "a while");
	text_finish(&t);
}

/* Services. */

static void
add_counts(struct text *t, const struct policy_service *service,
    const struct outlook_service *now)
{
	text_add(t, "%u of %u endpoints up", (unsigned)now->up,
	    (unsigned)now->endpoints);
	if (now->unchecked > 0)
		text_add(t, ", %u not checked yet", (unsigned)now->unchecked);
	if (now->down != 0) {
		text_add(t, ", nothing usable in ");
		outlook_regions(service, now->down, t);
	}
}

/* The line of a service: what happened to it, and where to look. */
static void
say_service(const struct served *served, const struct policy_service *service,
    const struct outlook_service *now, const struct story *before)
{
	char name[NAME_TEXT];
	struct text t;

	labels_name(service->name, name);
	text_init(&t, CHRONICLE_LINE_MAX);
	text_add(&t, "service %s ", name);
	switch (now->state) {
	case OUTLOOK_LAST_RESORT:
		text_add(&t, "has nothing healthy left for ");
		outlook_resorts(served->outlook, service, &t);
		text_add(&t, ": last resort ");
		outlook_answer(service, &now->worst_class, &t);
		text_add(&t, " in use (");
		break;
	case OUTLOOK_DEGRADED:
		text_add(&t,
		    before->state == OUTLOOK_LAST_RESORT
			? "has left its last resort, and is degraded ("
			: "is degraded (");
		break;
	case OUTLOOK_HEALTHY:
		text_add(&t, "is healthy again, after ");
		add_time(&t, clock_wall_ms() - before->ill_ms);
		text_add(&t, " (");
		break;
	}
	add_counts(&t, service, now);
	if (now->state == OUTLOOK_HEALTHY)
		text_add(&t, ")");
	else
		text_add(&t, "); why: meridianctl status %s", name);
	(now->state == OUTLOOK_HEALTHY ? log_info : log_warn)(
	    "%s", t.data != NULL ? t.data : "no memory");
	text_finish(&t);
}

/* Compare ${story} with ${now}, and bring it up to date; how it was to
 * ${before}. */
static void
compare(struct story *story, const struct outlook_service *now, int64_t wall_ms,
    struct story *before)
{
	uint8_t answer = now->state == OUTLOOK_LAST_RESORT
	    ? (uint8_t)now->worst_class.answer
	    : 0;

	*before = *story;
	story->changed = story->state != (uint8_t)now->state ||
	    story->answer != answer ||
	    (now->state != OUTLOOK_HEALTHY && story->down != now->down);
	if (story->state != (uint8_t)now->state || story->since_ms == 0)
		story->since_ms = wall_ms;
	if (story->state == OUTLOOK_HEALTHY)
		story->ill_ms = wall_ms;
	story->state = (uint8_t)now->state;
	story->answer = answer;
	story->down = now->down;
}

/* All services that changed and are ${state} now.  The worst are told first, as
 * there may be more than lines. */
static void
look_at(struct chronicle *c, struct served *served, const struct story *before,
    enum outlook_state state)
{
	const struct policy *policy = served->generation->policy;
	size_t i = 0;

	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t s = 0; s < policy->zones[z].n_services; s++, i++) {
			const struct policy_service *service =
			    &policy->zones[z].services[s];
			struct outlook_service now;

			if (!c->stories[i].changed ||
			    c->stories[i].state != (uint8_t)state)
				continue;
			if (!may_say(c)) {
				c->left_out.by_state[state]++;
				continue;
			}
			outlook_service(served->outlook, service, &now);
			say_service(served, service, &now, &before[i]);
		}
}

/* Room for the stories of ${served}, named each; NULL without memory. */
static struct story *
new_stories(const struct served *served, size_t n)
{
	const struct policy *policy = served->generation->policy;
	struct story *stories = calloc(n + 1, sizeof(*stories));
	size_t i = 0;

	for (size_t z = 0; z < policy->n_zones && stories != NULL; z++)
		for (size_t s = 0; s < policy->zones[z].n_services; s++, i++) {
			const char *name = policy->zones[z].services[s].name;

			stories[i].hash = hash_bytes(name, strlen(name), 0);
		}
	return stories;
}

/* After a reload services have other numbers: find what was said of each by the
 * hash of its name; two of 64 bits that are the same would cost a line.  Those
 * that are new have no story.  -1 without memory. */
static int
renumber(struct chronicle *c, const struct served *served)
{
	size_t n = generation_services(served->generation);
	struct story *stories = new_stories(served, n);
	struct u64map index;
	int status = stories != NULL ? 0 : -1;

	u64map_init(&index);
	for (size_t i = 0; i < c->n && status == 0; i++)
		status = u64map_add(&index, c->stories[i].hash, (uint32_t)i);
	for (size_t i = 0; i < n && status == 0; i++) {
		uint32_t was = u64map_get(&index, stories[i].hash);

		if (was != U64MAP_NONE)
			stories[i] = c->stories[was];
	}
	u64map_finish(&index);
	if (status != 0) {
		free(stories);
		return -1;
	}
	free(c->stories);
	c->stories = stories;
	c->n = n;
	return 0;
}

void
chronicle_begin(struct chronicle *c)
{
	c->begun = true;
}

/* What was seen of ${story} is not to be said, now or later. */
static void
take_for_healthy(struct story *story)
{
	*story = (struct story){.since_ms = story->since_ms,
	    .ill_ms = story->since_ms,
	    .hash = story->hash};
}

/* Compare all stories with ${served}; how they were to ${before}.  True when
 * one of them changed. */
static bool
compare_all(struct chronicle *c, struct served *served, struct story *before)
{
	const struct policy *policy = served->generation->policy;
	int64_t wall_ms = clock_wall_ms();
	bool changed = false;
	size_t i = 0;

	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t s = 0; s < policy->zones[z].n_services; s++, i++) {
			struct outlook_service now;

			outlook_service(served->outlook,
			    &policy->zones[z].services[s], &now);
			compare(&c->stories[i], &now, wall_ms, &before[i]);
			if (!c->begun)
				take_for_healthy(&c->stories[i]);
			changed = changed || c->stories[i].changed;
			served->since_ms[i] = c->stories[i].since_ms;
		}
	return changed;
}

void
chronicle_services(struct chronicle *c, struct served *served)
{
	struct story *before;

	if ((c->last == NULL ||
		c->last->generation->policy != served->generation->policy) &&
	    renumber(c, served) != 0)
		return;
	served_share(served);
	served_release(c->last);
	c->last = served;
	before = calloc(c->n + 1, sizeof(*before));
	if (before == NULL)
		return;
	if (compare_all(c, served, before)) {
		look_at(c, served, before, OUTLOOK_LAST_RESORT);
		look_at(c, served, before, OUTLOOK_DEGRADED);
		look_at(c, served, before, OUTLOOK_HEALTHY);
	}
	free(before);
}

/* Vantages. */

static bool
has_vote(const struct health_vantage *v)
{
	return v->state == VANTAGE_FRESH && !v->ended;
}

/* Its lease has ended: by its own probe in good order; or, when its rows come
 * from another node, because that one's lease at etcd ended, for whatever
 * reason. */
static void
say_ended(const struct health_vantage *v)
{
	if (v->node[0] == '\0')
		log_warn("vantage %s: its meridian-probe has ended, it has no "
			 "vote any more: start it again if that was not meant "
			 "(systemctl status meridian-probe)",
		    v->name);
	else
		log_warn("vantage %s: its node %s is not heard any more, or "
			 "its meridian-probe has ended; it has no vote any "
			 "more: see meridianctl status --all, here and there",
		    v->name, v->node);
}

/* One that is known only since now, and was not heard, is no news. */
static void
say_vantage(struct chronicle *c, const struct health_vantage *v,
    const struct health_vantage *before, const struct server_config *config)
{
	bool had_one = before != NULL && has_vote(before);

	if (before != NULL && v->ended && !before->ended) {
		if (may_say(c))
			say_ended(v);
	} else if (had_one && v->state == VANTAGE_STALE) {
		if (may_say(c))
			log_warn("vantage %s: not heard for %llu s, it has no "
				 "vote any more: see on its host whether "
				 "meridian-probe runs (systemctl status "
				 "meridian-probe) and what it logs",
			    v->name,
			    (unsigned long long)config->stale_after_ms / 1000);
	} else if (has_vote(v) && !had_one) {
		if (may_say(c))
			log_info("vantage %s: heard%s", v->name,
			    before != NULL && before->arrived_ms >= 0 ? " again"
								      : "");
	}
}

/* One that is blind is said to be so once, and once when it is not any more. */
static void
say_blind(struct chronicle *c, const struct health_vantage *v, bool was)
{
	if (v->blind && !was && may_say(c))
		log_warn("vantage %s: blind: it finds down %u of %u endpoints "
			 "outside its region that other vantages find up; what "
			 "it says counts %s: see whether its host reaches "
			 "them",
		    v->name, v->missed, v->compared,
		    v->region[0] != '\0' ? "in its region alone"
					 : "nowhere, as it has no region");
	else if (was && !v->blind && may_say(c))
		log_info("vantage %s: %s", v->name,
		    v->state == VANTAGE_STALE
			? "it was blind, and is silent now"
			: "sees again: what it says counts everywhere");
}

void
chronicle_vantages(struct chronicle *c, const struct health_report *health,
    const struct server_config *config)
{
	const struct vantages *was = c->vantages, *now = health->vantages;
	size_t k = 0;

	if (now == was || now == NULL)
		return;
	/* Both are in the order of their names. */
	for (size_t i = 0; i < now->n; i++) {
		const struct health_vantage *v = &now->of[i], *before = NULL;

		while (was != NULL && k < was->n &&
		    strcmp(was->of[k].name, v->name) < 0)
			k++;
		if (was != NULL && k < was->n &&
		    strcmp(was->of[k].name, v->name) == 0)
			before = &was->of[k];
		say_vantage(c, v, before, config);
		say_blind(c, v, before != NULL && before->blind);
	}
	vantages_release(c->vantages);
	c->vantages = vantages_share(health->vantages);
}
