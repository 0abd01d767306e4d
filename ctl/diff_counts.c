/*
 * Adds up a tally by region and by pool.  Called by diff_report.c for each
 * service that was walked.
 */
#include "ctl/diff_counts.h"

#include <stdlib.h>
#include <string.h>

enum { IPV4, IPV6, FAMILIES };

/* Regions or pools of both policies, and the three that are none. */
#define ROWS (2 * STEERING_MAX_REGIONS + 3)

/* What outcomes are summed up to. */
enum axis { BY_REGION, BY_POOL };

struct row {
	const char *name;
	uint64_t before[FAMILIES], after[FAMILIES], stay[FAMILIES];
	uint64_t other; /* of those that stay */
};

/* From one row to another. */
struct shift {
	size_t from, to; /* rows */
	uint64_t n[FAMILIES];
	uint64_t (*countries)[FAMILIES]; /* by their numbers */
};

struct sums {
	enum axis axis;
	const struct policy_service *old, *new;
	struct row rows[ROWS];
	size_t n_rows;
	struct shift shifts[ROWS * ROWS];
	size_t n_shifts;
};

static const char *
outcome_name(
    enum axis axis, const struct policy_service *service, unsigned outcome)
{
	if (outcome == DIFF_ABSENT)
		return DIFF_COUNTS_ABSENT;
	if (outcome == DIFF_RECORDS)
		return DIFF_COUNTS_RECORDS;
	if (outcome == DIFF_SERVFAIL)
		return DIFF_COUNTS_SERVFAIL;
	return axis == BY_REGION
	    ? service->config->regions[diff_region(outcome)].name
	    : service->members[diff_member(outcome)].pool.name;
}

/* The number of the row of that name. */
static size_t
find_row(struct sums *s, const char *name)
{
	size_t i = 0;

	while (i < s->n_rows && strcmp(s->rows[i].name, name) != 0)
		i++;
	if (i == s->n_rows)
		s->rows[s->n_rows++].name = name;
	return i;
}

/* NULL without memory. */
static struct shift *
find_shift(struct sums *s, size_t from, size_t to)
{
	struct shift *shift = s->shifts;

	for (size_t i = 0; i < s->n_shifts; i++, shift++)
		if (shift->from == from && shift->to == to)
			return shift;
	shift->from = from;
	shift->to = to;
	shift->countries =
	    calloc(DIFF_SPACE_COUNTRIES, sizeof(*shift->countries));
	if (shift->countries == NULL)
		return NULL;
	s->n_shifts++;
	return shift;
}

static int
add_move(struct sums *s, const struct diff_move *m)
{
	const uint64_t n[FAMILIES] = {m->ipv4, m->ipv6};
	size_t from = find_row(s, outcome_name(s->axis, s->old, m->from));
	size_t to = find_row(s, outcome_name(s->axis, s->new, m->to));
	struct shift *shift;

	for (unsigned f = 0; f < FAMILIES; f++) {
		s->rows[from].before[f] += n[f];
		s->rows[to].after[f] += n[f];
		if (from == to)
			s->rows[from].stay[f] += n[f];
	}
	if (from == to) {
		s->rows[from].other += m->other;
		return 0;
	}
	shift = find_shift(s, from, to);
	if (shift == NULL)
		return -1;
	for (unsigned f = 0; f < FAMILIES; f++) {
		shift->n[f] += n[f];
		shift->countries[m->country][f] += n[f];
	}
	return 0;
}

static json_t *
row_family(const struct row *row, unsigned family)
{
	json_t *o = json_pack("{sI sI sI sI sI}", "before",
	    (json_int_t)row->before[family], "after",
	    (json_int_t)row->after[family], "stay",
	    (json_int_t)row->stay[family], "leave",
	    (json_int_t)(row->before[family] - row->stay[family]), "arrive",
	    (json_int_t)(row->after[family] - row->stay[family]));

	if (family == IPV4)
		json_object_set_new(
		    o, "other_endpoint", json_integer((json_int_t)row->other));
	return o;
}

static int
by_name(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static json_t *
rows_array(const struct sums *s)
{
	json_t *list = json_array();
	struct row rows[ROWS];

	memcpy(rows, s->rows, s->n_rows * sizeof(*rows));
	qsort(rows, s->n_rows, sizeof(*rows), by_name);
	for (size_t i = 0; i < s->n_rows; i++)
		json_array_append_new(list,
		    json_pack("{ss so so}", "name", rows[i].name, "ipv4",
			row_family(&rows[i], IPV4), "ipv6",
			row_family(&rows[i], IPV6)));
	return list;
}

static json_t *
family_counts(const uint64_t n[FAMILIES])
{
	return json_pack("{sI sI}", "ipv4", (json_int_t)n[IPV4], "ipv6",
	    (json_int_t)n[IPV6]);
}

static json_t *
countries_object(const struct shift *shift)
{
	json_t *o = json_object();

	for (uint32_t i = 0; i < DIFF_SPACE_COUNTRIES; i++) {
		char name[16];

		if (shift->countries[i][IPV4] > 0 ||
		    shift->countries[i][IPV6] > 0)
			json_object_set_new(o, diff_space_name(i, name),
			    family_counts(shift->countries[i]));
	}
	return o;
}

static int
by_size(const void *a, const void *b)
{
	const struct shift *left = a, *right = b;

	for (unsigned f = 0; f < FAMILIES; f++)
		if (left->n[f] != right->n[f])
			return left->n[f] < right->n[f] ? 1 : -1;
	return 0;
}

static json_t *
shifts_array(struct sums *s)
{
	json_t *list = json_array();

	qsort(s->shifts, s->n_shifts, sizeof(*s->shifts), by_size);
	for (size_t i = 0; i < s->n_shifts; i++) {
		const struct shift *shift = &s->shifts[i];
		json_t *o = family_counts(shift->n);

		json_object_set_new(
		    o, "from", json_string(s->rows[shift->from].name));
		json_object_set_new(
		    o, "to", json_string(s->rows[shift->to].name));
		json_object_set_new(o, "countries", countries_object(shift));
		json_array_append_new(list, o);
	}
	return list;
}

/* Put the sums along ${axis} into ${out} as ${rows} and ${moves}.  0, or -1. */
static int
sum_up(struct sums *s, const struct diff_tally *tally, const char *rows,
    const char *moves, json_t *out)
{
	int status = 0;

	for (size_t i = 0; i < tally->n && status == 0; i++)
		status = add_move(s, &tally->moves[i]);
	if (status == 0) {
		json_object_set_new(out, rows, rows_array(s));
		json_object_set_new(out, moves, shifts_array(s));
	}
	for (size_t i = 0; i < s->n_shifts; i++)
		free(s->shifts[i].countries);
	s->n_rows = s->n_shifts = 0;
	memset(s->rows, 0, sizeof(s->rows));
	memset(s->shifts, 0, sizeof(s->shifts));
	return status;
}

/* All that was counted, and what of it stays as it is in every way. */
static json_t *
totals(const struct policy_service *old, const struct policy_service *new,
    const struct diff_tally *tally)
{
	uint64_t counted[FAMILIES] = {0}, region[FAMILIES] = {0};
	uint64_t pool[FAMILIES] = {0}, other[FAMILIES] = {0};

	for (size_t i = 0; i < tally->n; i++) {
		const struct diff_move *m = &tally->moves[i];
		const uint64_t n[FAMILIES] = {m->ipv4, m->ipv6};

		for (unsigned f = 0; f < FAMILIES; f++) {
			counted[f] += n[f];
			if (strcmp(outcome_name(BY_REGION, old, m->from),
				outcome_name(BY_REGION, new, m->to)) != 0)
				region[f] += n[f];
			else if (strcmp(outcome_name(BY_POOL, old, m->from),
				     outcome_name(BY_POOL, new, m->to)) != 0)
				pool[f] += n[f];
		}
		other[IPV4] += m->other;
	}
	return json_pack("{so so so so}", "counted", family_counts(counted),
	    "other_region", family_counts(region), "other_pool",
	    family_counts(pool), "other_endpoint",
	    json_pack("{sI}", "ipv4", (json_int_t)other[IPV4]));
}

json_t *
diff_counts_object(const struct policy_service *old,
    const struct policy_service *new, const struct diff_tally *tally)
{
	struct sums *s = calloc(1, sizeof(*s));
	json_t *out = totals(old, new, tally);

	if (s == NULL || out == NULL)
		goto fail;
	s->old = old;
	s->new = new;
	s->axis = BY_REGION;
	if (sum_up(s, tally, "regions", "region_moves", out) != 0)
		goto fail;
	s->axis = BY_POOL;
	if (sum_up(s, tally, "pools", "pool_moves", out) != 0)
		goto fail;
	free(s);
	return out;
fail:
	free(s);
	json_decref(out);
	return NULL;
}
