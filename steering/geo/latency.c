/*
 * Collects round trips by row, and sorts the rows once all have come: prefixes
 * by address, the wider first, then AS numbers, then countries.  Called when
 * the table in the state database has changed; never by a worker.
 */
#include "steering/geo/latency.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/intern.h"

/* Whose a row is.  Its numbers are the order of rows. */
enum row_kind { ROW_IPV4, ROW_IPV6, ROW_ASN, ROW_COUNTRY };

/* No padding, so that rows and cells are compared as bytes. */
struct row_key {
	/* Of a prefix the first 64 bits, in which it ends; the AS number; the
	 * letters of the country. */
	uint64_t hi;
	uint32_t kind, depth;
};

struct row {
	struct row_key key;
	uint32_t first; /* of its cells */
	uint32_t wider; /* row, or LATENCY_NONE */
};

struct latency {
	char *names;      /* SIZE bytes each */
	struct row *rows; /* and one after the last, for its first cell */
	struct latency_cell *cells;
	size_t n_names, n_rows, n_cells;
	uint64_t hash;
};

/* A name of a region is at most 63 bytes long. */
#define NAME_SIZE 64

struct region_name {
	char text[NAME_SIZE]; /* zeros after its end */
};

/* A cell that waits for the order of rows and regions. */
struct pending {
	uint32_t row;
	struct latency_cell cell;
};

struct latency_builder {
	struct intern rows;    /* struct row_key */
	struct intern regions; /* struct region_name */
	struct pending *pending;
	size_t n, size;
};

static uint64_t
hash_row(const void *member)
{
	return hash_bytes(member, sizeof(struct row_key), 0);
}

static bool
equal_rows(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct row_key)) == 0;
}

static const struct intern_kind kind_row = {
    .size = sizeof(struct row_key),
    .max = LATENCY_MAX,
    .hash = hash_row,
    .equal = equal_rows,
};

static uint64_t
hash_name(const void *member)
{
	return hash_bytes(member, NAME_SIZE, 0);
}

static bool
equal_names(const void *a, const void *b)
{
	return memcmp(a, b, NAME_SIZE) == 0;
}

static const struct intern_kind kind_name = {
    .size = sizeof(struct region_name),
    .max = LATENCY_MAX_REGIONS,
    .hash = hash_name,
    .equal = equal_names,
};

struct latency_builder *
latency_begin(void)
{
	struct latency_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	intern_init(&b->rows, &kind_row);
	intern_init(&b->regions, &kind_name);
	return b;
}

void
latency_abandon(struct latency_builder *b)
{
	if (b == NULL)
		return;
	intern_finish(&b->rows);
	intern_finish(&b->regions);
	free(b->pending);
	free(b);
}

static struct row_key
asn_key(uint32_t asn)
{
	return (struct row_key){.hi = asn, .kind = ROW_ASN};
}

static struct row_key
country_key(const char *country)
{
	uint64_t letters = 0;

	for (unsigned i = 0; i < 2 && country[i] != '\0'; i++)
		letters = letters << 8 | (uint8_t)country[i];
	return (struct row_key){.hi = letters, .kind = ROW_COUNTRY};
}

static struct row_key
prefix_key(const struct prefix *prefix)
{
	bool ipv4 = prefix->address.family == 4;
	uint8_t finest = ipv4 ? PLACE_FINEST_IPV4 : PLACE_FINEST_IPV6;
	struct row_key key = {.kind = ipv4 ? ROW_IPV4 : ROW_IPV6,
	    .depth = prefix->length < finest ? prefix->length : finest};
	struct address address = prefix->address;
	uint64_t lo;

	address_mask(&address, key.depth);
	cover_key(&address, &key.hi, &lo);
	return key;
}

static struct row_key
key_of(const struct latency_entry *entry)
{
	switch (entry->kind) {
	case LATENCY_PREFIX:
		break;
	case LATENCY_ASN:
		return asn_key(entry->asn);
	case LATENCY_COUNTRY:
		return country_key(entry->country);
	}
	return prefix_key(&entry->prefix);
}

int
latency_add(struct latency_builder *b, const struct latency_entry *entry)
{
	struct row_key key = key_of(entry);
	struct region_name name = {.text = ""};
	struct pending next = {
	    .cell = {.rtt_us = entry->rtt_us, .samples = entry->samples}};
	struct pending *grown;

	snprintf(name.text, sizeof(name.text), "%s", entry->region);
	if (entry->measured_ms > 0)
		next.cell.measured_s = (uint32_t)(entry->measured_ms / 1000);
	next.row = intern_number(&b->rows, &key);
	next.cell.region = intern_number(&b->regions, &name);
	if (next.row == INTERN_NONE || next.cell.region == INTERN_NONE)
		return -1;
	grown =
	    array_grow(b->pending, b->n, &b->size, sizeof(*grown), LATENCY_MAX);
	if (grown == NULL)
		return -1;
	b->pending = grown;
	b->pending[b->n++] = next;
	return 0;
}

static int
compare_keys(const struct row_key *a, const struct row_key *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return (a->depth > b->depth) - (a->depth < b->depth);
}

/* A row or a region while it is sorted: where it was. */
struct sorted {
	const void *member;
	uint32_t was;
};

static int
by_key(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;

	return compare_keys(a->member, b->member);
}

static int
by_name(const void *left, const void *right)
{
	const struct sorted *a = left, *b = right;

	return memcmp(a->member, b->member, NAME_SIZE);
}

/* The members of ${table} in their order; NULL without memory. */
static struct sorted *
sort_members(const struct intern *table,
    int (*compare)(const void *left, const void *right))
{
	struct sorted *sorted = calloc(table->n + 1, sizeof(*sorted));

	for (uint32_t i = 0; sorted != NULL && i < table->n; i++)
		sorted[i] = (struct sorted){
		    (char *)table->members + i * table->kind->size, i};
	if (sorted != NULL && table->n > 1)
		qsort(sorted, table->n, sizeof(*sorted), compare);
	return sorted;
}

/* Copy the names of regions in their order, and give the cells its numbers. */
static int
take_regions(struct latency *l, struct latency_builder *b)
{
	struct sorted *sorted = sort_members(&b->regions, by_name);
	uint32_t *now = calloc(b->regions.n + 1, sizeof(*now));

	l->n_names = b->regions.n;
	l->names = calloc(l->n_names + 1, NAME_SIZE);
	if (sorted == NULL || now == NULL || l->names == NULL) {
		free(sorted);
		free(now);
		return -1;
	}
	for (uint32_t i = 0; i < l->n_names; i++) {
		memcpy(l->names + i * NAME_SIZE, sorted[i].member, NAME_SIZE);
		now[sorted[i].was] = i;
	}
	for (size_t i = 0; i < b->n; i++)
		b->pending[i].cell.region = now[b->pending[i].cell.region];
	free(sorted);
	free(now);
	return 0;
}

static bool
holds(const struct row_key *wide, const struct row_key *key)
{
	return wide->kind == key->kind && wide->kind <= ROW_IPV6 &&
	    wide->depth <= key->depth &&
	    (wide->depth == 0 ||
		(wide->hi ^ key->hi) >> (64 - wide->depth) == 0);
}

/* The rows in their order, each with the prefix around it; ${now} has the new
 * number of each. */
static int
take_rows(struct latency *l, struct latency_builder *b, uint32_t *now)
{
	struct sorted *sorted = sort_members(&b->rows, by_key);

	l->n_rows = b->rows.n;
	l->rows = calloc(l->n_rows + 1, sizeof(*l->rows));
	if (sorted == NULL || l->rows == NULL) {
		free(sorted);
		return -1;
	}
	for (uint32_t i = 0; i < l->n_rows; i++) {
		struct row *row = &l->rows[i];
		uint32_t wider = i > 0 ? i - 1 : LATENCY_NONE;

		memcpy(&row->key, sorted[i].member, sizeof(row->key));
		while (wider != LATENCY_NONE &&
		    !holds(&l->rows[wider].key, &row->key))
			wider = l->rows[wider].wider;
		row->wider = wider;
		now[sorted[i].was] = i;
	}
	free(sorted);
	return 0;
}

static int
by_region(const void *left, const void *right)
{
	const struct latency_cell *a = left, *b = right;

	return (a->region > b->region) - (a->region < b->region);
}

/* What a round trip counts beside others of its row and region. */
static uint64_t
weight_of(const struct latency_cell *cell)
{
	return cell->samples > 0 ? cell->samples : 1;
}

/* Make ${n} cells of one region one: the mean by samples, of which each has one
 * at least. */
static struct latency_cell
join_cells(const struct latency_cell *cells, size_t n)
{
	uint64_t weights = weight_of(&cells[0]), samples = cells[0].samples;
	__extension__ unsigned __int128 sum = weights * cells[0].rtt_us;
	struct latency_cell one = cells[0];

	for (size_t i = 1; i < n; i++) {
		sum += weight_of(&cells[i]) * cells[i].rtt_us;
		weights += weight_of(&cells[i]);
		samples += cells[i].samples;
		if (cells[i].measured_s > one.measured_s)
			one.measured_s = cells[i].measured_s;
	}
	one.rtt_us = (uint32_t)((sum + weights / 2) / weights);
	one.samples = samples < UINT32_MAX ? (uint32_t)samples : UINT32_MAX;
	return one;
}

/* Write the ${n} cells of one row to ${out}, by region.  Returns how many are
 * left. */
static size_t
settle_row(struct latency_cell *cells, size_t n, struct latency_cell *out)
{
	size_t written = 0, same;

	if (n > 1)
		qsort(cells, n, sizeof(*cells), by_region);
	for (size_t i = 0; i < n; i += same) {
		for (same = 1;
		     i + same < n && cells[i + same].region == cells[i].region;)
			same++;
		out[written++] =
		    same > 1 ? join_cells(&cells[i], same) : cells[i];
	}
	return written;
}

/* Put the cells into their rows, whose new numbers are ${now}. */
static int
take_cells(
    struct latency *l, const struct latency_builder *b, const uint32_t *now)
{
	size_t *next = calloc(l->n_rows + 2, sizeof(*next));

	l->cells = calloc(b->n + 1, sizeof(*l->cells));
	if (next == NULL || l->cells == NULL) {
		free(next);
		return -1;
	}
	for (size_t i = 0; i < b->n; i++)
		next[now[b->pending[i].row] + 2]++;
	for (size_t i = 2; i < l->n_rows + 2; i++)
		next[i] += next[i - 1];
	/* Now next[r + 1] is where row r begins, and at last where it ends. */
	for (size_t i = 0; i < b->n; i++)
		l->cells[next[now[b->pending[i].row] + 1]++] =
		    b->pending[i].cell;
	for (size_t r = 0; r < l->n_rows; r++) {
		l->rows[r].first = (uint32_t)l->n_cells;
		l->n_cells += settle_row(&l->cells[next[r]],
		    next[r + 1] - next[r], &l->cells[l->n_cells]);
	}
	l->rows[l->n_rows].first = (uint32_t)l->n_cells;
	free(next);
	return 0;
}

/* Of all that latency_equal() compares. */
static uint64_t
hash_table(const struct latency *l)
{
	uint64_t h = hash_bytes(l->names, l->n_names * NAME_SIZE, l->n_rows);

	h = hash_bytes(l->rows, l->n_rows * sizeof(*l->rows), h);
	for (size_t i = 0; i < l->n_cells; i++)
		h = hash_mix(
		    h, (uint64_t)l->cells[i].region << 32 | l->cells[i].rtt_us);
	return h;
}

struct latency *
latency_end(struct latency_builder *b)
{
	struct latency *l = calloc(1, sizeof(*l));
	uint32_t *now = calloc(b->rows.n + 1, sizeof(*now));

	if (l == NULL || now == NULL || take_regions(l, b) != 0 ||
	    take_rows(l, b, now) != 0 || take_cells(l, b, now) != 0) {
		latency_destroy(l);
		l = NULL;
	} else {
		l->hash = hash_table(l);
	}
	free(now);
	latency_abandon(b);
	return l;
}

void
latency_destroy(struct latency *l)
{
	if (l == NULL)
		return;
	free(l->names);
	free(l->rows);
	free(l->cells);
	free(l);
}

uint64_t
latency_hash(const struct latency *l)
{
	return l != NULL && l->n_cells > 0 ? l->hash : 0;
}

/* The round trips of two tables of the same rows. */
static bool
same_cells(const struct latency *a, const struct latency *b)
{
	for (size_t i = 0; i < a->n_cells; i++)
		if (a->cells[i].region != b->cells[i].region ||
		    a->cells[i].rtt_us != b->cells[i].rtt_us)
			return false;
	return true;
}

bool
latency_equal(const struct latency *a, const struct latency *b)
{
	size_t n_a = a != NULL ? a->n_cells : 0;
	size_t n_b = b != NULL ? b->n_cells : 0;

	if (a == b || n_a != n_b || n_a == 0)
		return n_a == n_b;
	return a->hash == b->hash && a->n_names == b->n_names &&
	    a->n_rows == b->n_rows &&
	    memcmp(a->names, b->names, a->n_names * NAME_SIZE) == 0 &&
	    memcmp(a->rows, b->rows, a->n_rows * sizeof(*a->rows)) == 0 &&
	    same_cells(a, b);
}

struct latency_size
latency_size(const struct latency *l)
{
	struct latency_size size = {.rows = l->n_rows,
	    .cells = l->n_cells,
	    .regions = l->n_names,
	    .bytes = sizeof(*l) + l->n_names * NAME_SIZE +
		l->n_rows * sizeof(*l->rows) + l->n_cells * sizeof(*l->cells)};

	while (size.prefixes < l->n_rows &&
	    l->rows[size.prefixes].key.kind <= ROW_IPV6)
		size.prefixes++;
	return size;
}

const char *
latency_region(const struct latency *l, uint32_t number)
{
	return number < l->n_names ? l->names + number * NAME_SIZE : NULL;
}

bool
latency_has_region(const struct latency *l, const char *name)
{
	for (uint32_t i = 0; i < l->n_names; i++)
		if (strcmp(latency_region(l, i), name) == 0)
			return true;
	return false;
}

/* The last row that is not after ${key}, or LATENCY_NONE. */
static uint32_t
row_before(const struct latency *l, const struct row_key *key)
{
	size_t low = 0, high = l->n_rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_keys(&l->rows[middle].key, key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? (uint32_t)(low - 1) : LATENCY_NONE;
}

/* The prefix before an address, or one around that, holds the address, if any
 * does: prefixes are apart or inside one another. */
uint32_t
latency_around(const struct latency *l, const struct address *address)
{
	struct row_key key = prefix_key(&(struct prefix){
	    .address = *address, .length = (uint8_t)address_bits(address)});
	uint32_t row = row_before(l, &key);

	while (row != LATENCY_NONE && !holds(&l->rows[row].key, &key))
		row = l->rows[row].wider;
	return row;
}

static uint32_t
row_at(const struct latency *l, struct row_key key)
{
	uint32_t row = row_before(l, &key);

	return row != LATENCY_NONE && compare_keys(&l->rows[row].key, &key) == 0
	    ? row
	    : LATENCY_NONE;
}

uint32_t
latency_of_asn(const struct latency *l, uint32_t asn)
{
	return row_at(l, asn_key(asn));
}

uint32_t
latency_of_country(const struct latency *l, const char *country)
{
	return row_at(l, country_key(country));
}

uint32_t
latency_wider(const struct latency *l, uint32_t row)
{
	return l->rows[row].wider;
}

const struct latency_cell *
latency_cells(const struct latency *l, uint32_t row, size_t *n)
{
	*n = l->rows[row + 1].first - l->rows[row].first;
	return &l->cells[l->rows[row].first];
}

/* The prefix of a row. */
static struct prefix
prefix_of(const struct row_key *key)
{
	struct prefix p = {.length = (uint8_t)key->depth};

	p.address.family = key->kind == ROW_IPV4 ? 4 : 6;
	for (unsigned i = 0; i < 8; i++)
		p.address.bytes[i] = (uint8_t)(key->hi >> (56 - 8 * i));
	return p;
}

const char *
latency_show(const struct latency *l, uint32_t row, char out[LATENCY_TEXT])
{
	const struct row_key *key = &l->rows[row].key;
	char text[ADDRESS_TEXT];
	struct prefix prefix;

	switch ((enum row_kind)key->kind) {
	case ROW_ASN:
		snprintf(out, LATENCY_TEXT, "AS%" PRIu64, key->hi);
		return out;
	case ROW_COUNTRY:
		snprintf(out, LATENCY_TEXT, "country %c%c",
		    (char)(key->hi >> 8), (char)key->hi);
		return out;
	case ROW_IPV4:
	case ROW_IPV6:
		break;
	}
	prefix = prefix_of(key);
	snprintf(out, LATENCY_TEXT, "prefix %s", prefix_format(&prefix, text));
	return out;
}

static uint32_t
enter_row(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	(void)around;
	return value;
}

int
latency_cover(const struct latency *l, int family, struct cover *out)
{
	uint32_t kind = family == 4 ? ROW_IPV4 : ROW_IPV6;
	struct cover_leaf *prefixes = calloc(l->n_rows + 1, sizeof(*prefixes));
	size_t n = 0;
	int status;

	if (prefixes == NULL)
		return -1;
	for (uint32_t i = 0; i < l->n_rows; i++) {
		const struct row_key *key = &l->rows[i].key;

		if (key->kind == kind)
			prefixes[n++] = (struct cover_leaf){.hi = key->hi,
			    .value = i + 1,
			    .depth = (uint8_t)key->depth};
	}
	status = cover_nest(prefixes, n, 0, enter_row, NULL, out);
	free(prefixes);
	return status;
}
