/*
 * Explains an answer: walks the ladder for the name of a question with a trace.
 * Called in the thread of the pages and by meridianctl; allocates as it likes,
 * and no worker waits for it.
 */
#include "node/explain.h"

#include <string.h>

#include "config/subdivision.h"
#include "dns/wire/protocol.h"
#include "node/explain_hand.h"
#include "node/explain_load.h"
#include "node/explain_name.h"
#include "node/page_json.h"
#include "node/status_items.h"
#include "steering/geo/cities.h"
#include "steering/geo/ranking.h"
#include "steering/ladder.h"
#include "steering/reasons.h"

/* Networks of one address that are shown. */
#define NETWORKS PLACE_NETWORKS

/* Add what ${more}, which is given up, has to ${object}. */
static void
add_all(json_t *object, json_t *more)
{
	(void)json_object_update_new(object, more);
}

static const char *const step_names[] = {
    [STEP_FENCE] = "fence",
    [STEP_USABLE] = "usable",
    [STEP_SPLIT] = "split",
    [STEP_SPILL] = "spill",
    [STEP_RANK] = "rank",
    [STEP_PICK] = "pick",
    [STEP_RESORT] = "last resort",
    [STEP_FAMILY] = "family",
    [STEP_SCOPE] = "scope",
    [STEP_TTL] = "ttl",
};

/* Steered names. */

/* "US-CA" and what it lies in, the widest first. */
static json_t *
subdivisions_array(const struct place *place)
{
	json_t *list = json_array();

	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++) {
		char code[SUBDIVISION_TEXT];

		if (place->subdivisions[i] != 0)
			json_array_append_new(list,
			    json_sprintf("%s-%s", place->country,
				subdivision_format(
				    place->subdivisions[i], code)));
	}
	return list;
}

/* What geography and networks know of the client. */
static json_t *
place_object(const struct generation *g, const struct steering_config *config,
    const struct address *client)
{
	uint32_t networks[NETWORKS];
	struct place place;
	json_t *list = json_array();
	size_t n =
	    map_place(g->geography, config, client, &place, networks, NETWORKS);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
		    list, json_string(config->networks[networks[i]].name));
	return json_pack("{ss? ss? so so so so so so so sb so}", "continent",
	    place.continent[0] ? place.continent : NULL, "country",
	    place.country[0] ? place.country : NULL, "subdivisions",
	    subdivisions_array(&place), "city",
	    place.city != NULL && place.city->name[0] != '\0'
		? page_json_string(place.city->name)
		: json_null(),
	    "geoname",
	    place.city != NULL && place.city->geoname != 0
		? json_integer(place.city->geoname)
		: json_null(),
	    "latitude",
	    place.has_position ? json_real(place.latitude) : json_null(),
	    "longitude",
	    place.has_position ? json_real(place.longitude) : json_null(),
	    "accuracy_km",
	    place.accuracy_km != 0 ? json_integer(place.accuracy_km)
				   : json_null(),
	    "asn", place.asn ? json_integer(place.asn) : json_null(), "located",
	    (int)place.located, "networks", list);
}

/* The addresses of a set. */
static void
append_addresses(json_t *list, const struct answer_set *set)
{
	const uint8_t *at = set->image;

	for (unsigned i = 0; i < set->count; i++) {
		unsigned len = (unsigned)at[10] << 8 | at[11];
		struct address a = {.family = len == 4 ? 4 : 6};
		char text[ADDRESS_TEXT];

		memcpy(a.bytes, at + 12, len);
		json_array_append_new(
		    list, json_string(address_format(&a, text)));
		at += 12 + len;
	}
}

/* What clients are given of the endpoint: the target of a CNAME, addresses, or
 * the address hints of a record of the service. */
static void
add_given(json_t *o, const struct generation *g, const struct live *live,
    uint32_t e, enum answer_form form)
{
	char name[NAME_TEXT];
	json_t *list;

	if (form == FORM_CNAME) {
		name_format(
		    live_set(live, g->policy, e, form)->image + RECORD_FIXED,
		    name);
		json_object_set_new(o, "cname", json_string(name));
		return;
	}
	list = json_array();
	if (form < ENDPOINT_FORMS) {
		append_addresses(list, live_set(live, g->policy, e, form));
		json_object_set_new(o, "addresses", list);
		return;
	}
	append_addresses(list, live_set(live, g->policy, e, FORM_IPV4));
	append_addresses(list, live_set(live, g->policy, e, FORM_IPV6));
	json_object_set_new(o, "hints", list);
}

static json_t *
endpoint_list(const struct generation *g, const struct live *live,
    enum answer_form form, const struct decision *d)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->n; i++) {
		const struct policy_endpoint *e =
		    &g->policy->endpoints[d->endpoint[i]];
		json_t *o = json_pack("{ss ss ss sb}", "endpoint",
		    e->key.endpoint, "pool", e->key.pool, "region",
		    g->policy->regions[e->region].name, "standby",
		    (int)e->standby);

		add_given(o, g, live, d->endpoint[i], form);
		if (e->resolved != STEERING_NONE)
			json_object_set_new(o, "known",
			    status_item_addresses(
				g->policy, live, d->endpoint[i]));
		json_array_append_new(list, o);
	}
	return list;
}

/* Whether the answer is a record of the service that names no endpoint. */
static bool
is_bare(const struct explain_name *l, enum answer_form form)
{
	return form >= ENDPOINT_FORMS &&
	    !explain_name_service(l)->bindings[form - ENDPOINT_FORMS]->hinted;
}

static json_t *
answer_object(const struct explain_name *l, const struct live *live,
    const struct decision *d)
{
	static const char *const kinds[] = {
	    [ANSWER_RECORDS] = "endpoints",
	    [ANSWER_NODATA] = "nodata",
	    [ANSWER_STATIC] = "records of the zone file",
	    [ANSWER_SERVFAIL] = "servfail",
	};
	const struct explain_question *q = l->q;
	const enum answer_form form = answer_form(l->node, q->type);
	enum answer_kind kind = d->kind;
	const char *words = NULL;
	unsigned scope = d->scope;
	json_t *list = NULL;

	/* The last resort `records`, and the zone file has none. */
	if (kind == ANSWER_STATIC &&
	    zone_node_rrset(l->node, policy_forms[form].type) == NULL)
		kind = ANSWER_NODATA;
	if (kind == ANSWER_NODATA || q->subnet.length == 0)
		scope = 0;
	if (kind == ANSWER_RECORDS && is_bare(l, form))
		words = "a record of another host, without hints";
	else if (kind == ANSWER_RECORDS)
		list = endpoint_list(l->g, live, form, d);
	return json_pack("{ss so* so so sb sb ss ss}", "kind",
	    words != NULL ? words : kinds[kind], "endpoints", list, "ttl",
	    d->ttl_s != UINT32_MAX ? json_integer(d->ttl_s) : json_null(),
	    "scope", q->has_subnet ? json_integer(scope) : json_null(), "stale",
	    (int)d->stale, "last_resort", (int)d->resort, "reason",
	    reason_name(d->reason), "why", reason_words(d->reason));
}

/* The client that decides: the subnet, or without one the resolver. */
static struct client
client_of(const struct explain_question *q)
{
	struct client client = {q->subnet.address, q->subnet.length};

	if (!q->has_subnet || q->subnet.length == 0)
		client = (struct client){
		    q->resolver, (uint8_t)address_bits(&q->resolver)};
	return client;
}

/* What the ladder came to for one client. */
struct explained {
	const struct steering_config *config;
	const struct policy_service *service;
	json_t *steps;
	struct address subject; /* whom they are decided for */
	bool by_sender;         /* that is the sender */
	uint8_t rule;           /* of the fence, or MAP_NO_RULE */
	uint8_t order;          /* of the rank, or MAP_NO_RULE */
	struct decision decision;
	/* While the ladder is walked: the services it is inside of, from the
	 * first one inside ${service} on, and what the steps of the last one
	 * are explained with. */
	const struct generation *g;
	const struct policy_service *way[STEERING_MAX_DEPTH];
	unsigned depth;
	struct ladder_trace trace;
	struct ranking ranking;
	bool failed; /* no memory */
};

/* The name of a service as its file has it. */
static const char *
name_of(const struct policy_service *service)
{
	return service->config->services[service->config_index].name;
}

/* The names of the services that the steps are inside of. */
static json_t *
way_array(const struct explained *e)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < e->depth; i++)
		json_array_append_new(list, json_string(name_of(e->way[i])));
	return list;
}

/* The service whose steps are taken: the last one inside, or the first. */
static const struct policy_service *
innermost(const struct explained *e)
{
	return e->depth > 0 ? e->way[e->depth - 1] : e->service;
}

/* Find what the steps of ${service} are explained with.  0, or -1 without
 * memory. */
static int
look_up(struct explained *e, const struct policy_service *service)
{
	struct map_key key;

	policy_map_key(service, map_set_latency(e->g->maps), &key);
	if (map_rule(e->g->geography, &key, &e->subject, &e->trace.rule,
		&e->trace.order) != 0)
		return -1;
	if (key.service->rank != RANK_RULES)
		e->trace.order = MAP_NO_RULE;
	return map_ranking(e->g->geography, &key, &e->subject, &e->ranking);
}

/* The ladder goes into a service inside the last one, or back to the first. */
static void
take_level(void *context, unsigned depth, const struct policy_service *service)
{
	struct explained *e = context;

	e->depth = depth;
	if (depth > 0)
		e->way[depth - 1] = service;
	if (look_up(e, service) != 0)
		e->failed = true;
}

static void
take_step(void *context, enum ladder_step step, const char *text)
{
	struct explained *e = context;
	json_t *o =
	    json_pack("{ss ss}", "step", step_names[step], "text", text);

	if (e->depth > 0)
		json_object_set_new(o, "inside", way_array(e));
	json_array_append_new(e->steps, o);
}

/* A position as a fraction of 1. */
static double
fraction(uint64_t position)
{
	return (double)position / 18446744073709551616.0;
}

/* The numbers of the deal that the last step is about. */
static void
take_deal(void *context, const struct ladder_deal *deal)
{
	struct explained *e = context;
	const struct policy_member *members = innermost(e)->members;
	json_t *step = json_array_get(e->steps, json_array_size(e->steps) - 1);
	json_t *shares = json_array();
	char block[ADDRESS_TEXT];

	for (unsigned i = 0; i < deal->n; i++)
		json_array_append_new(shares,
		    json_pack("{ss sf sf}", "pool",
			members[deal->share[i].member].pool.name, "from",
			fraction(deal->share[i].first), "to",
			i + 1 < deal->n ? fraction(deal->share[i + 1].first)
					: 1.0));
	json_object_set_new(step, "deal",
	    json_pack("{si ss sf ss sb so}", "number", (int)deal->round + 1,
		"block", prefix_format(&deal->block, block), "position",
		fraction(deal->position), "pool",
		members[deal->member].pool.name, "usable", (int)deal->usable,
		"shares", shares));
}

/* What is known of one region of the order that the last step is about. */
static json_t *
standing_object(const struct explained *e, const struct ranking *ranking,
    const struct standing *s)
{
	const struct region_config *region = &e->config->regions[s->region];
	const struct service_config *service =
	    &e->config->services[innermost(e)->config_index];
	json_t *o = json_pack(
	    "{ss sI}", "region", region->name, "band", (json_int_t)s->band + 1);
	char row[LATENCY_TEXT];

	if (s->measured)
		add_all(o,
		    json_pack("{sf sf ss sI sI}", "rtt_ms",
			(double)s->cell.rtt_us / 1000, "counts_ms",
			(double)s->counts / 100000, "from",
			latency_show(ranking->latency, s->row, row), "samples",
			(json_int_t)s->cell.samples, "measured_at",
			(json_int_t)s->cell.measured_s));
	else if (s->located)
		add_all(o,
		    json_pack("{sI sf}", "km", (json_int_t)s->km, "counts_km",
			(double)s->counts / 100));
	if (s->measured || s->located)
		add_all(o, json_pack("{si}", "bias", region->bias));
	if (service->near_kind != NEAR_NONE)
		add_all(o,
		    json_pack(
			"{sf}", "cost", (double)s->cost / STEERING_COST_UNIT));
	return o;
}

/* The order that the last step is about. */
static void
take_rank(void *context, const struct ranking *ranking)
{
	struct explained *e = context;
	json_t *step = json_array_get(e->steps, json_array_size(e->steps) - 1);
	json_t *order = json_array();

	for (unsigned i = 0; i < ranking->n; i++)
		json_array_append_new(
		    order, standing_object(e, ranking, &ranking->regions[i]));
	json_object_set_new(step, "order", order);
}

/* Walk the ladder for a service.  0, or -1 without memory. */
static int
walk(const struct explain_name *l, const struct live *live,
    struct explained *out)
{
	const struct generation *g = l->g;
	const struct policy_zone *pz = &g->policy->zones[l->number];
	const struct policy_service *s = &pz->services[l->node->service];
	const struct client client = client_of(l->q);
	const struct answer_request request = {.zone = l->number,
	    .service = l->node->service,
	    .form = answer_form(l->node, l->q->type),
	    .owner = l->name,
	    .owner_len = (uint8_t)l->len,
	    .client = &client,
	    .sender = &l->q->resolver};

	out->g = g;
	out->service = s;
	out->config = pz->config;
	out->trace = (struct ladder_trace){.step = take_step,
	    .deal = take_deal,
	    .rank = take_rank,
	    .level = take_level,
	    .context = out,
	    .ranking = &out->ranking};
	out->by_sender = ladder_subject(s, &request, &out->subject);
	if (look_up(out, s) != 0)
		return -1;
	out->rule = out->trace.rule;
	out->order = out->trace.order;
	ladder_decide(
	    s, g->policy, live, &request, &out->trace, &out->decision);
	return out->failed ? -1 : 0;
}

static bool
explain_service(const struct explain_name *l, const struct live *live,
    const struct loads_look *look, json_t *root)
{
	const struct policy_zone *pz = &l->g->policy->zones[l->number];
	struct explained e = {.steps = json_array()};

	if (e.steps == NULL || walk(l, live, &e) != 0) {
		json_decref(e.steps);
		add_all(root, json_pack("{ss}", "error", "no memory"));
		return false;
	}
	add_all(root,
	    json_pack("{ss sb so so so so so}", "service",
		pz->services[l->node->service].name, "by_sender",
		(int)e.by_sender, "place",
		place_object(l->g, pz->config, &e.subject), "rule",
		e.rule != MAP_NO_RULE ? json_integer(e.rule + 1) : json_null(),
		"rank_rule",
		e.order != MAP_NO_RULE ? json_integer(e.order + 1)
				       : json_null(),
		"steps", e.steps, "answer",
		answer_object(l, live, &e.decision)));
	json_object_set_new(root, "said",
	    explain_hand_list(
		l->g->policy, live, &pz->services[l->node->service]));
	if (look != NULL)
		json_object_set_new(root, "load",
		    explain_load_list(l->g->policy, look, &e.decision));
	return true;
}

/* Other names. */

/* What the zone file says at a name that no service steers for this type. */
static json_t *
static_answer(const struct explain_name *l)
{
	const struct zone_node *node = l->node;
	const struct rrset *set = zone_node_rrset(node, l->q->type);
	json_t *o;
	const char *text;

	if (l->kind == LOOKUP_NXDOMAIN)
		text = "nxdomain";
	else if (l->kind == LOOKUP_CUT)
		text = "referral";
	else if (l->kind == LOOKUP_DNAME)
		text = "dname";
	else if (set != NULL)
		text = "records of the zone file";
	else if (node->flags & NODE_HAS_CNAME)
		text = "cname";
	else if (l->q->type == TYPE_ANY &&
	    (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE))
		text = "one record that says no (RFC 8482)";
	else
		text = "nodata";
	o = json_pack("{ss si}", "kind", text, "scope", 0);
	if (set != NULL)
		add_all(o,
		    json_pack("{sI sI}", "count", (json_int_t)set->count, "ttl",
			(json_int_t)set->ttl_s));
	return o;
}

bool
explain_answer(const struct generation *g, const struct live *live,
    const struct loads_look *look, const struct explain_question *q,
    json_t *root)
{
	struct explain_name l;

	if (!explain_name_find(g, q, root, &l))
		return false;
	if (!zone_available(l.zone)) {
		add_all(root,
		    json_pack("{s{ss si}}", "answer", "kind",
			"servfail: the records of the zone have errors",
			"scope", 0));
		return true;
	}
	if (explain_name_service(&l) != NULL)
		return explain_service(&l, live, look, root);
	add_all(root, json_pack("{so}", "answer", static_answer(&l)));
	explain_name_suggest(&l, root);
	return true;
}
