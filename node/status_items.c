/*
 * Makes the items of a status.  Called in the thread of the pages and by
 * meridianctl; keeps nothing.
 */
#include "node/status_items.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "node/labels.h"
#include "node/load_items.h"
#include "node/page_json.h"
#include "node/vantages.h"
#include "node/vote_items.h"

/* Of what is said of one service: the pools of a split and rules of a fence,
 * of which a service has far fewer. */
#define TEXT_MAX 65536

json_t *
status_item_zone(const struct generation *g, size_t i)
{
	return json_pack("{ss sI sb sI sI}", "name", g->config->zones[i].name,
	    "serial", (json_int_t)zone_serial(g->zone[i]), "held", g->held[i],
	    "records", (json_int_t)zone_records(g->zone[i]), "services",
	    (json_int_t)g->policy->zones[i].n_services);
}

static json_t *
text_object(struct text *t)
{
	json_t *string =
	    t->failed ? NULL : json_string(t->data != NULL ? t->data : "");

	text_finish(t);
	return string;
}

/* For whom nothing healthy is left, and what they get; null when for nobody. */
static json_t *
resort_object(const struct outlook *outlook,
    const struct policy_service *service, const struct outlook_service *how)
{
	struct text clients, answer;

	if (how->state != OUTLOOK_LAST_RESORT)
		return json_null();
	text_init(&clients, TEXT_MAX);
	text_init(&answer, TEXT_MAX);
	outlook_resorts(outlook, service, &clients);
	outlook_answer(service, &how->worst_class, &answer);
	return json_pack("{so so}", "clients", text_object(&clients), "answer",
	    text_object(&answer));
}

/* The name of the origin of member ${m}; NULL when it has none. */
static const char *
origin_of(const struct policy_service *service, unsigned m)
{
	const struct policy_member *member = &service->members[m];

	for (unsigned k = 0; k < member->n_alternates; k++)
		if (strcmp(member->alternates[k].pool.name,
			member->pool.name) != 0)
			return member->alternates[k].pool.name;
	return NULL;
}

/* The pools of the split, which of them answer, and which of these from what
 * takes their place. */
static json_t *
pool_list(const struct policy_service *service,
    const struct outlook_service *how, uint32_t answer)
{
	json_t *list = json_array();

	for (unsigned m = 0; m < service->n_members; m++)
		json_array_append_new(list,
		    json_pack("{ss sI sb sb ss?}", "pool",
			service->members[m].pool.name, "weight",
			(json_int_t)service->members[m].weight, "in_use",
			(int)(answer >> m & 1), "standby",
			(int)(how->standby >> m & 1), "origin",
			how->origin >> m & 1 ? origin_of(service, m) : NULL));
	return list;
}

/* The fingerprint of its ramp, by which rows of it are known; or null. */
static json_t *
ramp_of(const struct policy_service *service)
{
	const struct ramp_config *ramp =
	    service->config->services[service->config_index].ramp;

	return ramp != NULL ? page_json_string(ramp->made_for) : json_null();
}

json_t *
status_item_service(const struct outlook *outlook,
    const struct policy_zone *zone, const struct policy_service *service)
{
	struct outlook_service how;
	char name[NAME_TEXT];
	uint32_t answer;

	outlook_service(outlook, service, &how);
	answer = how.members;
	if (how.state == OUTLOOK_LAST_RESORT)
		answer |= how.worst_class.members;
	return json_pack("{ss ss ss sb so so sI sI sI sI sI so}", "service",
	    labels_name(service->name, name), "zone", zone->name, "state",
	    outlook_word(how.state), "stale", (int)how.stale, "pools",
	    pool_list(service, &how, answer), "last_resort",
	    resort_object(outlook, service, &how), "endpoints",
	    (json_int_t)how.endpoints, "up", (json_int_t)how.up, "unchecked",
	    (json_int_t)how.unchecked, "regions", (json_int_t)how.regions,
	    "regions_usable", (json_int_t)how.regions_usable, "ramp",
	    ramp_of(service));
}

const char *
status_item_usable(int usable)
{
	static const char *const words[] = {
	    [USABLE_DRAINED] = "drained",
	    [USABLE_NO] = "down", /* and what has no address */
	    [USABLE_UNCHECKED] = "unchecked",
	    [USABLE_YES] = "up",
	};

	return words[usable != USABLE_EMPTY ? usable : USABLE_NO];
}

json_t *
status_item_addresses(
    const struct policy *policy, const struct live *live, size_t i)
{
	const struct live_resolved *r;
	json_t *list;

	if (policy->endpoints[i].resolved == STEERING_NONE)
		return NULL;
	r = &live->resolved[policy->endpoints[i].resolved];
	list = json_array();
	for (size_t k = 0; k < r->n; k++) {
		const struct live_address *a = &r->known[k];
		char text[ADDRESS_TEXT];

		json_array_append_new(list,
		    json_pack("{ss ss}", "address",
			address_format(&a->address, text), "usable",
			status_item_usable(
			    a->presumed ? USABLE_UNCHECKED : a->usable)));
	}
	return list;
}

/* Which share of its clients the region of endpoint number ${e} keeps, where
 * that is not all. */
static void
add_keep(json_t *item, const struct policy *policy, const struct live *live,
    uint32_t e)
{
	uint32_t g = policy_group_of(policy, e);

	if (g != STEERING_NONE && live->group[g].keep != POLICY_KEEP_ALL)
		json_object_set_new(item, "region_keeps",
		    json_real((double)live->group[g].keep / 0x1p64));
}

/* Where all count, the views say the same; a large node has many of these. */
static void
add_votes(json_t *item, const struct loads_look *look,
    const struct policy *policy, size_t i)
{
	json_t *votes = vote_items_object(look, policy, i);

	if (json_object_size(json_object_get(votes, "aside")) > 0)
		json_object_set(item, "votes", votes);
	json_decref(votes);
}

json_t *
status_item_endpoint(const struct policy *policy, const struct live *live,
    const struct loads_look *look, size_t i)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	json_t *item = json_pack("{ss ss ss ss ss sI sb sb ss* so*}", "zone",
	    e->key.zone, "pool", e->key.pool, "endpoint", e->key.endpoint,
	    "region", policy->regions[e->region].name, "usable",
	    status_item_usable(live_told(live, i)), "weight",
	    (json_int_t)e->weight, "checked", (int)(e->check != STEERING_NONE),
	    "standby", (int)e->standby, "resolve",
	    e->resolved != STEERING_NONE ? policy->names[e->resolved] : NULL,
	    "addresses", status_item_addresses(policy, live, i));

	if (live->factor[i] != UINT32_C(1) << LIVE_FACTOR_BITS)
		json_object_set_new(item, "weight_share",
		    json_real(
			(double)live->factor[i] / (1 << LIVE_FACTOR_BITS)));
	add_keep(item, policy, live, (uint32_t)i);
	load_items_add(item, look, policy, i);
	add_votes(item, look, policy, i);
	return item;
}

const char *
status_item_vantage_state(const struct health_vantage *v)
{
	static const char *const words[] = {
	    [VANTAGE_STALE] = "stale",
	    [VANTAGE_KNOWN] = "known",
	    [VANTAGE_FRESH] = "fresh",
	};

	return words[v->state];
}

json_t *
status_item_vantage(const struct health_vantage *v, int64_t mono_ms)
{
	int64_t age = vantages_age_ms(v, mono_ms);
	char when[CLOCK_TEXT];

	return json_pack("{so so so so ss sb sb sI sI so ss sI}", "vantage",
	    page_json_string(v->name), "version", page_json_string(v->version),
	    "region",
	    v->region[0] != '\0' ? page_json_string(v->region) : json_null(),
	    "node",
	    v->node[0] != '\0' ? page_json_string(v->node) : json_null(),
	    "state", status_item_vantage_state(v), "ended", (int)v->ended,
	    "blind", (int)v->blind, "compared", (json_int_t)v->compared,
	    "missed", (json_int_t)v->missed, "age_ms",
	    age >= 0 ? json_integer(age) : json_null(), "heartbeat",
	    clock_format(v->heartbeat_ms, when), "clock_ahead_ms",
	    (json_int_t)v->ahead_ms);
}

json_t *
status_item_disk(const struct room *room)
{
	const char *words = room_words(room->state);

	return json_pack("{sI sb so}", "free_bytes",
	    (json_int_t)room->free_bytes, "writable",
	    room_writable(room->state), "trouble",
	    words[0] != '\0' ? json_string(words) : json_null());
}
