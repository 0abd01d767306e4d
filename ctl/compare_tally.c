/* Judges answers side by side and counts those that differ.  Called by
 * meridianctl compare. */
#include "ctl/compare_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/u64map.h"
#include "base/hash.h"
#include "dns/wire/protocol.h"
#include "steering/diff_space.h"

/* Services by countries; more are not listed. */
#define ROWS_MAX 100000

struct row {
	const struct policy_service *service;
	uint16_t country;
	uint64_t n;
	json_t *client, *answers; /* of one of them */
};

struct compare_tally {
	const struct policy *policy;
	struct u64map regions; /* of policies, by a hash of a record */
	struct row *rows;
	size_t n, size;
};

/* --- records and regions --- */

static uint64_t
hash_of(uint16_t type, const uint8_t *data, size_t len)
{
	return hash_bytes(data, len, type);
}

/* All records of the endpoint ${e}. */
static int
add_endpoint(struct compare_tally *t, const struct policy_endpoint *e)
{
	static const uint16_t types[ENDPOINT_FORMS] = {
	    TYPE_A, TYPE_AAAA, TYPE_CNAME};

	for (size_t f = 0; f < ENDPOINT_FORMS; f++) {
		const struct answer_set *set = &e->sets[f];
		size_t size = set->size;
		size_t each = set->count > 0 ? size / set->count : 0;

		for (size_t i = 0; i < set->count; i++) {
			const uint8_t *record = set->image + i * each;
			uint64_t hash = hash_of(types[f], record + RECORD_FIXED,
			    each - RECORD_FIXED);

			if (u64map_get(&t->regions, hash) == U64MAP_NONE &&
			    u64map_add(&t->regions, hash, e->region) != 0)
				return -1;
		}
	}
	return 0;
}

struct compare_tally *
compare_tally_create(const struct policy *policy)
{
	struct compare_tally *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->policy = policy;
	u64map_init(&t->regions);
	for (size_t i = 0; i < policy->n_endpoints; i++)
		if (add_endpoint(t, &policy->endpoints[i]) != 0) {
			compare_tally_destroy(t);
			return NULL;
		}
	return t;
}

void
compare_tally_destroy(struct compare_tally *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++) {
		json_decref(t->rows[i].client);
		json_decref(t->rows[i].answers);
	}
	free(t->rows);
	u64map_finish(&t->regions);
	free(t);
}

/* --- judging --- */

static bool
same_record(const struct compare_record *a, const struct compare_record *b)
{
	return a->type == b->type && a->len == b->len &&
	    memcmp(a->data, b->data, a->len) == 0;
}

/* Its own endpoint counts for nobody: it takes turns, or a service inside it
 * does. */
static bool
takes_turns(const struct policy_service *service)
{
	const struct steering_config *config = service->config;

	if (service->affinity == AFFINITY_NONE)
		return true;
	for (size_t i = 0; service->nests && i < config->n_services; i++)
		if (config->services[i].affinity == AFFINITY_NONE)
			return true;
	return false;
}

/* The regions of its records, whichever and however many of each: a sum of
 * what each region is, once. */
static uint64_t
regions_of(const struct compare_tally *t, const struct compare_answer *answer)
{
	uint32_t seen[COMPARE_RECORDS];
	uint64_t sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < answer->n; i++) {
		const struct compare_record *r = &answer->records[i];
		uint32_t region =
		    u64map_get(&t->regions, hash_of(r->type, r->data, r->len));
		size_t k = 0;

		while (k < n && seen[k] != region)
			k++;
		if (k < n)
			continue;
		seen[n++] = region;
		sum += hash_mix(region, 1);
	}
	return sum;
}

static bool
same(const struct compare_tally *t, bool by_turn,
    const struct compare_answer *a, const struct compare_answer *b)
{
	if (a->rcode != b->rcode)
		return false;
	if (by_turn)
		return regions_of(t, a) == regions_of(t, b);
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_record(&a->records[i], &b->records[i]))
			return false;
	return true;
}

bool
compare_tally_differ(const struct compare_tally *t,
    const struct policy_service *service, const struct compare_answer *answers,
    size_t n)
{
	const struct compare_answer *first = NULL;
	bool by_turn = takes_turns(service);

	for (size_t i = 0; i < n; i++) {
		if (!answers[i].came)
			continue;
		if (first == NULL)
			first = &answers[i];
		else if (!same(t, by_turn, first, &answers[i]))
			return true;
	}
	return false;
}

/* --- what is shown --- */

static json_t *
record_text(const struct compare_tally *t, const struct compare_record *r)
{
	char name[NAME_TEXT], text[NAME_TEXT + STATE_NAME + 4];
	struct address address = {.family = r->type == TYPE_A ? 4 : 6};
	uint32_t region =
	    u64map_get(&t->regions, hash_of(r->type, r->data, r->len));

	if (r->type == TYPE_CNAME) {
		(void)name_format(r->data, name);
	} else {
		memcpy(address.bytes, r->data, r->len);
		(void)address_format(&address, name);
	}
	if (region == U64MAP_NONE)
		return json_string(name);
	(void)snprintf(text, sizeof(text), "%s (%s)", name,
	    t->policy->regions[region].name);
	return json_string(text);
}

/* A list of records, or the rcode where there are none. */
static json_t *
answer_object(const struct compare_tally *t, const struct compare_answer *a)
{
	json_t *list = json_array();
	char rcode[24];

	for (size_t i = 0; i < a->n; i++)
		json_array_append_new(list, record_text(t, &a->records[i]));
	if (a->n > 0 || !a->came)
		return list;
	(void)snprintf(rcode, sizeof(rcode), "rcode %u", (unsigned)a->rcode);
	json_array_append_new(list,
	    json_string(a->rcode == 0 ? "no records"
		    : a->rcode == 2   ? "SERVFAIL"
		    : a->rcode == 3   ? "NXDOMAIN"
		    : a->rcode == 5   ? "REFUSED"
				      : rcode));
	return list;
}

static struct row *
row_of(struct compare_tally *t, const struct policy_service *service,
    uint16_t country)
{
	struct row *grown;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].service == service &&
		    t->rows[i].country == country)
			return &t->rows[i];
	grown = array_grow(t->rows, t->n, &t->size, sizeof(*t->rows), ROWS_MAX);
	if (grown == NULL)
		return NULL;
	t->rows = grown;
	t->rows[t->n] = (struct row){.service = service, .country = country};
	return &t->rows[t->n++];
}

void
compare_tally_add(struct compare_tally *t, const struct policy_service *service,
    uint16_t country, const struct prefix *client,
    const struct compare_node *nodes, const struct compare_answer *answers,
    size_t n)
{
	struct row *row = row_of(t, service, country);
	char text[ADDRESS_TEXT];

	if (row == NULL || ++row->n > 1)
		return;
	row->client = json_string(prefix_format(client, text));
	row->answers = json_object();
	for (size_t i = 0; i < n; i++)
		if (answers[i].came)
			json_object_set_new(row->answers, nodes[i].name,
			    answer_object(t, &answers[i]));
}

static int
most_first(const void *left, const void *right)
{
	const struct row *const *a = left, *const *b = right;

	if ((*a)->n != (*b)->n)
		return (*a)->n > (*b)->n ? -1 : 1;
	return (*a)->country < (*b)->country ? -1 : 1;
}

json_t *
compare_tally_countries(
    const struct compare_tally *t, const struct policy_service *service)
{
	const struct row **sorted =
	    calloc(t->n + 1, sizeof(const struct row *));
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; sorted != NULL && i < t->n; i++)
		if (t->rows[i].service == service)
			sorted[n++] = &t->rows[i];
	if (n > 1)
		qsort(sorted, n, sizeof(const struct row *), most_first);
	for (size_t i = 0; i < n; i++) {
		char name[16];

		json_array_append_new(list,
		    json_pack("{ss sI sO sO}", "country",
			diff_space_name(sorted[i]->country, name), "differ",
			(json_int_t)sorted[i]->n, "client", sorted[i]->client,
			"answers", sorted[i]->answers));
	}
	free(sorted);
	return list;
}
