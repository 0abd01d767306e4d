/*
 * Finds the name of a question as respond() does, follows aliases of this node,
 * and says which service was perhaps meant by a name that is none.  Called by
 * the files that explain answers.
 */
#include "node/explain_name.h"

#include <string.h>

#include "dns/wire/protocol.h"
#include "node/labels.h"
#include "node/page_json.h"
#include "node/suggest.h"

/* Names of one chain, as many as an answer follows. */
#define MAX_CHAIN 11

/* Add what ${more}, which is given up, has to ${object}. */
static void
add_all(json_t *object, json_t *more)
{
	(void)json_object_update_new(object, more);
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
find(struct explain_name *l)
{
	l->zone = zone_table_find(l->g->zones, l->name, l->len, &l->number);
	if (l->zone == NULL)
		return false;
	l->kind = lookup_name(l->zone, l->name, l->len, &l->node);
	return true;
}

/* The target of the CNAME that answers the question; NULL when none does. */
static const uint8_t *
alias(const struct explain_name *l)
{
	const struct rrset *cname;

	if ((l->kind != LOOKUP_FOUND && l->kind != LOOKUP_WILDCARD) ||
	    answer_form(l->node, l->q->type) != FORMS ||
	    l->q->type == TYPE_CNAME || l->q->type == TYPE_ANY ||
	    zone_node_rrset(l->node, l->q->type) != NULL)
		return NULL;
	cname = zone_node_rrset(l->node, TYPE_CNAME);
	/* After owner, type, class, TTL and length. */
	return cname != NULL ? cname->image + 12 : NULL;
}

/* Follow aliases to the last name of this node, and list in ${via} where they
 * lead. */
static void
follow(struct explain_name *l, json_t *via)
{
	for (unsigned i = 0; i < MAX_CHAIN; i++) {
		const uint8_t *target = alias(l);
		struct explain_name next = *l;

		if (target == NULL)
			return;
		json_array_append_new(via, name_object(target));
		next.len = name_length(target);
		name_lower(next.name, target, next.len);
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
refuse(const struct explain_name *l, json_t *root)
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

bool
explain_name_find(const struct generation *g, const struct explain_question *q,
    json_t *root, struct explain_name *l)
{
	json_t *via = json_array();
	const char *changed;

	l->g = g;
	l->q = q;
	l->len = q->len;
	memcpy(l->name, q->name, q->len);
	add_question(root, q);
	if (!find(l)) {
		json_decref(via);
		refuse(l, root);
		return false;
	}
	follow(l, via);
	changed = generation_changed(g, l->number);
	add_all(root,
	    json_pack("{so so so sI ss so}", "changed",
		changed != NULL ? page_json_string(changed) : json_null(),
		"aliases", via, "zone", name_object(zone_apex(l->zone)),
		"serial", (json_int_t)zone_serial(l->zone), "match",
		match_text(l->kind), "owner", name_object(l->node->name)));
	return true;
}

const struct policy_service *
explain_name_service(const struct explain_name *l)
{
	if ((l->kind != LOOKUP_FOUND && l->kind != LOOKUP_WILDCARD) ||
	    answer_form(l->node, l->q->type) == FORMS)
		return NULL;
	return &l->g->policy->zones[l->number].services[l->node->service];
}

void
explain_name_suggest(const struct explain_name *l, json_t *root)
{
	char near[NAME_TEXT];

	if (l->kind == LOOKUP_NXDOMAIN &&
	    suggest_service(l->g, l->number, l->name, near))
		add_suggestion(root, near);
}
