/*
 * Explains an answer: finds the name as respond() does, follows aliases of this
 * node, and walks the ladder with a trace.  Called in the thread of the pages
 * and by meridianctl; allocates as it likes, and no worker waits for it.
 */
#include "node/explain.h"

#include <string.h>

#include "base/text.h"
#include "dns/wire/protocol.h"
#include "dns/zone/lookup.h"
#include "node/labels.h"
#include "node/page_json.h"
#include "node/suggest.h"
#include "steering/ladder.h"

/* Networks of one address that are shown. */
#define NETWORKS PLACE_NETWORKS

/* Names of one chain, as many as an answer follows. */
#define MAX_CHAIN 11

/* A name that is looked up: the question's, or one that an alias leads to. */
struct lookup {
	const struct generation *g;
	const struct explain_question *q;
	const struct zone *zone;
	const struct zone_node *node;
	uint32_t number; /* of the zone */
	enum lookup_kind kind;
	const uint8_t *name; /* lower case */
	size_t len;
};

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
    [STEP_RANK] = "rank",
    [STEP_PICK] = "pick",
    [STEP_RESORT] = "last resort",
    [STEP_FAMILY] = "family",
    [STEP_SCOPE] = "scope",
    [STEP_TTL] = "ttl",
};

static void
take_step(void *context, enum ladder_step step, const char *text)
{
	json_array_append_new(context,
	    json_pack("{ss ss}", "step", step_names[step], "text", text));
}

static json_t *
name_object(const uint8_t *wire)
{
	char text[NAME_TEXT];

	return json_string(name_format(wire, text));
}

static json_t *
prefix_object(const struct prefix *p)
{
	char text[ADDRESS_TEXT];

	return json_string(prefix_format(p, text));
}

/* The question, as it was understood. */
static void
add_question(json_t *root, const struct explain_question *q)
{
	char text[ADDRESS_TEXT];

	add_all(root,
	    json_pack("{so ss so so}", "name", name_object(q->name), "type",
		q->type_text, "client",
		q->has_subnet ? prefix_object(&q->subnet) : json_null(),
		"resolver",
		q->has_resolver
		    ? json_string(address_format(&q->resolver, text))
		    : json_null()));
}

/* Steered names. */

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
	return json_pack("{ss? ss? so so so so}", "continent",
	    place.continent[0] ? place.continent : NULL, "country",
	    place.country[0] ? place.country : NULL, "latitude",
	    place.has_position ? json_real(place.latitude) : json_null(),
	    "longitude",
	    place.has_position ? json_real(place.longitude) : json_null(),
	    "asn", place.asn ? json_integer(place.asn) : json_null(),
	    "networks", list);
}

/* The addresses of a prebuilt set. */
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

static json_t *
endpoint_list(
    const struct generation *g, enum answer_form form, const struct decision *d)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->n; i++) {
		const struct policy_endpoint *e =
		    &g->policy->endpoints[d->endpoint[i]];
		json_t *addresses = json_array();

		append_addresses(addresses, &e->sets[form]);
		json_array_append_new(list,
		    json_pack("{ss ss ss so}", "endpoint", e->key.endpoint,
			"pool", e->key.pool, "region",
			g->policy->regions[e->region].name, "addresses",
			addresses));
	}
	return list;
}

static json_t *
answer_object(const struct lookup *l, const struct decision *d)
{
	static const char *const kinds[] = {
	    [ANSWER_RECORDS] = "endpoints",
	    [ANSWER_NODATA] = "nodata",
	    [ANSWER_STATIC] = "records of the zone file",
	    [ANSWER_SERVFAIL] = "servfail",
	};
	const struct explain_question *q = l->q;
	enum answer_kind kind = d->kind;
	unsigned scope = d->scope;
	json_t *list = NULL;

	/* The last resort `records`, and the zone file has none. */
	if (kind == ANSWER_STATIC && zone_node_rrset(l->node, q->type) == NULL)
		kind = ANSWER_NODATA;
	if (kind == ANSWER_NODATA || q->subnet.length == 0)
		scope = 0;
	if (kind == ANSWER_RECORDS)
		list = endpoint_list(l->g, answer_form(q->type), d);
	return json_pack("{ss so* so so sb sb}", "kind", kinds[kind],
	    "endpoints", list, "ttl",
	    d->ttl_s != UINT32_MAX ? json_integer(d->ttl_s) : json_null(),
	    "scope", q->has_subnet ? json_integer(scope) : json_null(), "stale",
	    (int)d->stale, "last_resort", (int)d->resort);
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

/* Walk the ladder for a service, write down its ${steps} and for whom they are
 * decided, ${subject}, and whether that is the sender: 0, or -1 without memory.
 */
static int
walk(const struct lookup *l, const struct live *live, json_t *steps,
    struct address *subject, bool *by_sender, struct decision *out)
{
	const struct generation *g = l->g;
	const struct policy_zone *pz = &g->policy->zones[l->number];
	const struct policy_service *s = &pz->services[l->node->service];
	const struct client client = client_of(l->q);
	const struct answer_request request = {.zone = l->number,
	    .service = l->node->service,
	    .form = answer_form(l->q->type),
	    .owner = l->name,
	    .owner_len = (uint8_t)l->len,
	    .client = &client,
	    .sender = &l->q->resolver};
	const struct map_key key = {
	    .config = pz->config,
	    .service = &pz->config->services[s->config_index],
	};
	struct ladder_trace trace = {.step = take_step, .context = steps};

	*by_sender = ladder_subject(s, &request, subject);
	map_place(g->geography, pz->config, subject, &trace.place, NULL, 0);
	if (map_rule(g->geography, &key, subject, &trace.rule) != 0)
		return -1;
	ladder_decide(s, g->policy, live, &request, &trace, out);
	return 0;
}

static bool
explain_service(const struct lookup *l, const struct live *live, json_t *root)
{
	const struct policy_zone *pz = &l->g->policy->zones[l->number];
	json_t *steps = json_array();
	struct decision decision;
	struct address subject;
	bool by_sender;

	if (steps == NULL ||
	    walk(l, live, steps, &subject, &by_sender, &decision) != 0) {
		json_decref(steps);
		add_all(root, json_pack("{ss}", "error", "no memory"));
		return false;
	}
	add_all(root,
	    json_pack("{ss sb so so so}", "service",
		pz->services[l->node->service].name, "by_sender",
		(int)by_sender, "place",
		place_object(l->g, pz->config, &subject), "steps", steps,
		"answer", answer_object(l, &decision)));
	return true;
}

/* Other names. */

/* What the zone file says at a name that no service steers for this type. */
static json_t *
static_answer(const struct lookup *l)
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

static const char *
match_text(enum lookup_kind kind)
{
	static const char *const texts[] = {
	    [LOOKUP_FOUND] = "exact",
	    [LOOKUP_WILDCARD] = "wildcard",
	    [LOOKUP_CUT] = "below a delegation",
	    [LOOKUP_DNAME] = "below a DNAME",
	    [LOOKUP_NXDOMAIN] = "no such name",
	};

	return texts[kind];
}

/* Find the name in the zones of the node; false when it is in none. */
static bool
find(struct lookup *l)
{
	l->zone = zone_table_find(l->g->zones, l->name, l->len, &l->number);
	if (l->zone == NULL)
		return false;
	l->kind = lookup_name(l->zone, l->name, l->len, &l->node);
	return true;
}

/* The target of the CNAME that answers the question; NULL when none does. */
static const uint8_t *
alias(const struct lookup *l)
{
	const struct rrset *cname;

	if ((l->kind != LOOKUP_FOUND && l->kind != LOOKUP_WILDCARD) ||
	    l->q->type == TYPE_CNAME || l->q->type == TYPE_ANY ||
	    zone_node_rrset(l->node, l->q->type) != NULL)
		return NULL;
	cname = zone_node_rrset(l->node, TYPE_CNAME);
	/* After owner, type, class, TTL and length. */
	return cname != NULL ? cname->image + 12 : NULL;
}

/*
 * Follow aliases to the last name of this node, and list in ${via} where they
 * lead.  ${room} keeps the name that is looked up.
 */
static void
follow(struct lookup *l, json_t *via, uint8_t room[NAME_MAX_WIRE])
{
	for (unsigned i = 0; i < MAX_CHAIN; i++) {
		const uint8_t *target = alias(l);
		struct lookup next = *l;

		if (target == NULL)
			return;
		json_array_append_new(via, name_object(target));
		next.len = name_length(target);
		name_lower(room, target, next.len);
		next.name = room;
		if (!find(&next))
			return;
		*l = next;
	}
}

static void
add_suggestion(json_t *root, const char *service)
{
	char name[NAME_TEXT];

	add_all(
	    root, json_pack("{ss}", "suggestion", labels_name(service, name)));
}

/* It is in no zone. */
static void
refuse(const struct lookup *l, json_t *root)
{
	char text[NAME_TEXT], near[NAME_TEXT];

	/* As people write it: without the last dot, but for the root's. */
	name_format(l->name, text);
	if (l->len > 1)
		text[strlen(text) - 1] = '\0';
	add_all(root,
	    json_pack("{so}", "error",
		json_sprintf("%s is in no zone of this node: REFUSED", text)));
	if (suggest_service(l->g, UINT32_MAX, l->name, near))
		add_suggestion(root, near);
}

static bool
answer(const struct lookup *l, const struct live *live, json_t *root)
{
	char near[NAME_TEXT];

	if (!zone_available(l->zone)) {
		add_all(root,
		    json_pack("{s{ss si}}", "answer", "kind",
			"servfail: the records of the zone have errors",
			"scope", 0));
		return true;
	}
	if ((l->kind == LOOKUP_FOUND || l->kind == LOOKUP_WILDCARD) &&
	    l->node->service != ZONE_NO_SERVICE &&
	    answer_form(l->q->type) != FORMS)
		return explain_service(l, live, root);
	add_all(root, json_pack("{so}", "answer", static_answer(l)));
	if (l->kind == LOOKUP_NXDOMAIN &&
	    suggest_service(l->g, l->number, l->name, near))
		add_suggestion(root, near);
	return true;
}

bool
explain_answer(const struct generation *g, const struct live *live,
    const struct explain_question *q, json_t *root)
{
	const char *changed;
	struct lookup l = {.g = g, .q = q, .name = q->name, .len = q->len};
	uint8_t room[NAME_MAX_WIRE];
	json_t *via = json_array();

	add_question(root, q);
	if (!find(&l)) {
		json_decref(via);
		refuse(&l, root);
		return false;
	}
	follow(&l, via, room);
	changed = generation_changed(g, l.number);
	add_all(root,
	    json_pack("{so so so sI ss so}", "changed",
		changed != NULL ? page_json_string(changed) : json_null(),
		"aliases", via, "zone", name_object(zone_apex(l.zone)),
		"serial", (json_int_t)zone_serial(l.zone), "match",
		match_text(l.kind), "owner", name_object(l.node->name)));
	return answer(&l, live, root);
}
