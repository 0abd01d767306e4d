/*
 * Walks the IPv4 addresses by the prefixes that share an answer, and adds up
 * addresses by country and outcome.  Called in the thread of the pages, some
 * prefixes at a time, and by meridianctl.
 *
 * The scope of an answer is a prefix all of which gets that answer (RFC 7871,
 * 7.2.1), so that one decision is enough for it; where a country or a network
 * ends inside, the rest of it is counted elsewhere.  Private blocks, 0.0.0.0/8
 * and what is multicast or reserved, 224.0.0.0/3, have no clients of their own
 * and are left out.
 */
#include "node/explain_countries.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "node/explain_name.h"
#include "node/explain_spots.h"
#include "base/private.h"
#include "steering/ladder.h"

/* One after the last IPv4 address. */
#define END (UINT64_C(1) << 32)
/* Rows, times what a service can come to: seldom more than a few each. */
#define MAX_OUTCOMES ((size_t)1 << 20)
/* Blocks without clients: those of private.c, and two. */
#define MAX_GAPS 16
/* In place of a region or pool: there is none. */
#define NOTHING 0xff

struct gap {
	uint64_t first, end;
};

/* What clients of one row get, for one reason. */
struct outcome {
	uint64_t addresses;
	uint32_t first; /* of them */
	uint16_t row;
	uint8_t rule;      /* of the fence, or MAP_NO_RULE */
	uint8_t order;     /* of the rank, or MAP_NO_RULE */
	uint8_t region;    /* of the zone, or NOTHING */
	uint8_t member;    /* of the service, or NOTHING */
	uint8_t alternate; /* pool of the member, as policy_chosen() counts */
	uint8_t kind;      /* enum answer_kind */
	bool resort;
	uint8_t scope_min, scope_max;
};

struct explain_countries {
	const struct generation *g;
	const struct policy_service *service;
	/* The same that hears the client subnets of all senders: a client that
	 * is its own sender gets the same answer, with its scope. */
	struct policy_service heard;
	const struct live *live;
	struct answer_request request;
	uint8_t owner[NAME_MAX_WIRE];
	struct explain_spots spots;
	struct gap gaps[MAX_GAPS];
	size_t n_gaps, gap;
	uint64_t at;
	/* The decision for the prefix around ${at}, which ends before
	 * ${decided_end}. */
	struct decision decision;
	uint8_t scope; /* that is announced */
	uint64_t decided_end;
	struct u64map numbers; /* of outcomes */
	struct outcome *outcomes;
	size_t n, size;
};

static void
add_gap(struct explain_countries *t, uint64_t first, unsigned length)
{
	struct gap gap = {first, first + (UINT64_C(1) << (32 - length))};
	size_t i = t->n_gaps;

	if (i == MAX_GAPS)
		return;
	for (; i > 0 && t->gaps[i - 1].first > first; i--)
		t->gaps[i] = t->gaps[i - 1];
	t->gaps[i] = gap;
	t->n_gaps++;
}

static void
fill_gaps(struct explain_countries *t)
{
	const struct prefix *block;
	uint64_t hi, lo;

	for (size_t i = 0; (block = private_block(i)) != NULL; i++) {
		if (block->address.family != 4)
			continue;
		cover_key(&block->address, &hi, &lo);
		add_gap(t, hi >> 32, block->length);
	}
	add_gap(t, 0, 8);
	add_gap(t, UINT64_C(224) << 24, 3);
}

/* NULL without memory. */
static struct explain_countries *
create(const struct explain_name *name, const struct policy_service *service,
    const struct live *live)
{
	const struct policy_zone *zone = &name->g->policy->zones[name->number];
	const struct map_key key = {.config = zone->config,
	    .service = &zone->config->services[service->config_index]};
	struct explain_countries *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->g = name->g;
	t->service = service;
	t->heard = *service;
	t->heard.senders = NULL;
	t->live = live;
	memcpy(t->owner, name->name, name->len);
	t->request = (struct answer_request){.zone = name->number,
	    .service = name->node->service,
	    .form = answer_form(name->node, name->q->type),
	    .owner = t->owner,
	    .owner_len = (uint8_t)name->len};
	u64map_init(&t->numbers);
	fill_gaps(t);
	if (explain_spots_init(&t->spots, name->g->geography, &key) == 0)
		return t;
	explain_countries_destroy(t);
	return NULL;
}

struct explain_countries *
explain_countries_begin(const struct generation *generation,
    const struct live *live, const struct explain_question *question,
    json_t *root)
{
	const struct policy_service *service;
	struct explain_countries *t;
	struct explain_name name;

	if (!explain_name_find(generation, question, root, &name))
		return NULL;
	service = explain_name_service(&name);
	if (service == NULL || !zone_available(name.zone)) {
		json_object_set_new(root, "error",
		    json_sprintf("%s: no service answers for type %s there, so "
				 "that all countries get the same",
			json_string_value(json_object_get(root, "owner")),
			question->type_text));
		explain_name_suggest(&name, root);
		return NULL;
	}
	t = create(&name, service, live);
	if (t == NULL)
		json_object_set_new(root, "error", json_string("no memory"));
	else
		json_object_set_new(
		    root, "service", json_string(service->name));
	return t;
}

void
explain_countries_destroy(struct explain_countries *t)
{
	if (t == NULL)
		return;
	explain_spots_finish(&t->spots);
	u64map_finish(&t->numbers);
	free(t->outcomes);
	free(t);
}

/*
 * Decide for the client at t->at.  The endpoints of a client may lack the form
 * that is asked for: that NODATA has scope 0, for it is given to everyone, and
 * the other form, for which the same endpoints are chosen, has the prefix that
 * shares the choice.
 */
static void
decide(struct explain_countries *t)
{
	const struct policy *policy = t->g->policy;
	struct client client = {
	    {.family = 4,
		.bytes = {(uint8_t)(t->at >> 24), (uint8_t)(t->at >> 16),
		    (uint8_t)(t->at >> 8), (uint8_t)t->at}},
	    32};
	struct answer_request request = t->request;
	struct decision other;
	unsigned bits;

	request.client = &client;
	request.sender = &client.address;
	ladder_decide(&t->heard, policy, t->live, &request, NULL, &t->decision);
	bits = t->decision.scope;
	t->scope = t->service->senders == NULL ? t->decision.scope : 0;
	if (t->decision.kind == ANSWER_NODATA &&
	    t->service->has[request.form]) {
		request.form =
		    request.form == FORM_IPV4 ? FORM_IPV6 : FORM_IPV4;
		ladder_decide(
		    &t->heard, policy, t->live, &request, NULL, &other);
		bits = other.scope;
	}
	t->decided_end = (t->at >> (32 - bits) << (32 - bits)) +
	    (UINT64_C(1) << (32 - bits));
}

/* The number of the outcome of clients at ${spot}; U64MAP_NONE without memory.
 */
static uint32_t
number_of(struct explain_countries *t, const struct explain_spot *spot)
{
	const struct decision *d = &t->decision;
	bool chosen = d->kind == ANSWER_RECORDS ||
	    (d->kind == ANSWER_NODATA && t->service->has[t->request.form]);
	struct outcome o = {.first = (uint32_t)t->at,
	    .row = spot->row,
	    .rule = spot->rule,
	    .order = spot->order,
	    .region = chosen ? d->region : NOTHING,
	    .member = chosen ? (uint8_t)d->member : NOTHING,
	    .alternate = chosen ? d->alternate : 0,
	    .kind = (uint8_t)d->kind,
	    .resort = d->resort,
	    .scope_min = UINT8_MAX};
	uint64_t key = (uint64_t)o.row << 48 | (uint64_t)o.order << 40 |
	    (uint64_t)o.rule << 32 | (uint64_t)o.region << 24 |
	    (uint64_t)o.member << 16 | (uint64_t)o.kind << 8 |
	    (uint64_t)o.alternate << 1 | o.resort;
	uint32_t number = u64map_get(&t->numbers, key);
	struct outcome *outcomes;

	if (number != U64MAP_NONE)
		return number;
	outcomes = array_grow(
	    t->outcomes, t->n, &t->size, sizeof(*outcomes), MAX_OUTCOMES);
	if (outcomes == NULL)
		return U64MAP_NONE;
	t->outcomes = outcomes;
	if (u64map_add(&t->numbers, key, (uint32_t)t->n) != 0)
		return U64MAP_NONE;
	t->outcomes[t->n] = o;
	return (uint32_t)t->n++;
}

/* Count the addresses from t->at up to the next one that differs in anything.
 * 0, or -1 without memory. */
static int
count(struct explain_countries *t)
{
	const struct explain_spot *spot;
	struct outcome *o;
	uint64_t end;
	uint32_t number;

	if (t->at >= t->decided_end)
		decide(t);
	spot = explain_spots_at(&t->spots, t->at, &end);
	number = spot != NULL ? number_of(t, spot) : U64MAP_NONE;
	if (number == U64MAP_NONE)
		return -1;
	if (end > t->decided_end)
		end = t->decided_end;
	if (t->gap < t->n_gaps && end > t->gaps[t->gap].first)
		end = t->gaps[t->gap].first;
	o = &t->outcomes[number];
	o->addresses += end - t->at;
	if (o->scope_min > t->scope)
		o->scope_min = t->scope;
	if (o->scope_max < t->scope)
		o->scope_max = t->scope;
	t->at = end;
	return 0;
}

int
explain_countries_go(struct explain_countries *t, size_t n)
{
	for (size_t i = 0; i < n && t->at < END; i++) {
		if (t->gap < t->n_gaps && t->at == t->gaps[t->gap].first)
			t->at = t->gaps[t->gap++].end;
		else if (count(t) != 0)
			return -1;
	}
	return t->at >= END ? 1 : 0;
}

/* Rows. */

/* By country, those without one last, then by addresses. */
static int
compare(const void *a, const void *b, void *context)
{
	const struct explain_countries *t = context;
	const struct outcome *x = a, *y = b;
	const char *p = t->spots.rows[x->row], *q = t->spots.rows[y->row];
	bool p_known = p[0] >= 'A', q_known = q[0] >= 'A';

	if (p_known != q_known)
		return p_known ? -1 : 1;
	if (x->row != y->row)
		return strcmp(p, q);
	return (x->addresses < y->addresses) - (x->addresses > y->addresses);
}

/* The pool that answers. */
static const struct policy_pool *
pool_of(const struct explain_countries *t, const struct outcome *o)
{
	return policy_chosen(t->service, o->member, o->alternate);
}

/* Endpoints that are as usable as the best of them. */
struct best {
	int usable;
	unsigned n;
};

/* Add those of ${pool} in ${region}; of a service those of the pools inside it
 * that have a weight, or of what is taken in their place: at most
 * STEERING_MAX_DEPTH deep. */
static void
add_best(const struct explain_countries *t, const struct policy_pool *pool,
    uint8_t region, struct best *best)
{
	const struct policy_service *inner = pool->nested;
	const struct policy_group *group;

	for (unsigned m = 0; inner != NULL && m < inner->n_members; m++) {
		const struct policy_member *member = &inner->members[m];
		unsigned k = 0;

		while (k < member->n_alternates &&
		    t->live->pool[policy_chosen(inner, m, k)->number]
			    .usable[USABLE_UNCHECKED] == 0)
			k++;
		if (member->weight > 0)
			add_best(t, policy_chosen(inner, m, k), region, best);
	}
	if (pool->group[region] == STEERING_NONE)
		return;
	group = &t->g->policy->groups[pool->group[region]];
	for (uint32_t e = group->first; e < group->first + group->n; e++) {
		enum usable usable = (enum usable)t->live->endpoint[e];

		if (usable > best->usable)
			*best = (struct best){.usable = usable};
		best->n += usable == best->usable;
	}
}

/* How many endpoints share what goes to a pool in a region. */
static unsigned
endpoints_of(const struct explain_countries *t, const struct outcome *o)
{
	struct best best = {.usable = USABLE_DRAINED};

	add_best(t, pool_of(t, o), o->region, &best);
	return best.n;
}

static json_t *
rule_number(uint8_t rule)
{
	return rule != MAP_NO_RULE ? json_integer(rule + 1) : json_null();
}

static json_t *
outcome_object(
    const struct explain_countries *t, const struct outcome *o, uint64_t all)
{
	static const char *const kinds[] = {
	    [ANSWER_RECORDS] = "endpoints",
	    [ANSWER_NODATA] = "nodata",
	    [ANSWER_STATIC] = "records of the zone file",
	    [ANSWER_SERVFAIL] = "servfail",
	};
	const struct address first = {.family = 4,
	    .bytes = {(uint8_t)(o->first >> 24), (uint8_t)(o->first >> 16),
		(uint8_t)(o->first >> 8), (uint8_t)o->first}};
	bool chosen = o->region != NOTHING;
	const struct steering_config *config = t->service->config;
	char client[ADDRESS_TEXT];

	return json_pack("{ss sI sf ss? ss? sb si s[ii] so so sb ss}", "kind",
	    kinds[o->kind], "addresses", (json_int_t)o->addresses, "share",
	    (double)o->addresses / (double)all, "region",
	    chosen ? config->regions[o->region].name : NULL, "pool",
	    chosen ? pool_of(t, o)->name : NULL, "standby",
	    (int)(chosen && pool_of(t, o)->is_standby), "endpoints",
	    chosen && o->kind == ANSWER_RECORDS ? (int)endpoints_of(t, o) : 0,
	    "scope", o->scope_min, o->scope_max, "rule", rule_number(o->rule),
	    "rank_rule", rule_number(o->order), "last_resort", (int)o->resort,
	    "client", address_format(&first, client));
}

/* The object of the row that begins at the ${n} sorted outcomes ${o}; how many
 * are its. */
static size_t
add_row(const struct explain_countries *t, const struct outcome *o, size_t n,
    json_t *rows)
{
	const char *name = t->spots.rows[o->row];
	json_t *list = json_array();
	uint64_t all = 0;
	size_t len = 0;

	while (len < n && o[len].row == o->row)
		all += o[len++].addresses;
	for (size_t i = 0; i < len; i++)
		json_array_append_new(list, outcome_object(t, &o[i], all));
	json_array_append_new(rows,
	    json_pack("{so so sI so}", "country",
		name[0] >= 'A' ? json_string(name) : json_null(), "continent",
		name[0] == '(' ? json_stringn(name + 1, strlen(name) - 2)
			       : json_null(),
		"addresses", (json_int_t)all, "outcomes", list));
	return len;
}

/* All rows; NULL without memory. */
static json_t *
rows_array(const struct explain_countries *t)
{
	struct outcome *sorted = calloc(t->n + 1, sizeof(*sorted));
	json_t *rows = json_array();

	if (sorted == NULL || rows == NULL) {
		free(sorted);
		json_decref(rows);
		return NULL;
	}
	if (t->n > 0)
		memcpy(sorted, t->outcomes, t->n * sizeof(*sorted));
	qsort_r(sorted, t->n, sizeof(*sorted), compare, (void *)(uintptr_t)t);
	for (size_t i = 0; i < t->n;)
		i += add_row(t, &sorted[i], t->n - i, rows);
	free(sorted);
	return rows;
}

void
explain_countries_end(
    const struct explain_countries *t, int status, json_t *root)
{
	json_t *rows = status > 0 ? rows_array(t) : NULL;

	if (rows != NULL)
		json_object_set_new(root, "rows", rows);
	else
		json_object_set_new(root, "error", json_string("no memory"));
}
