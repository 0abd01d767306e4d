/*
 * Measured round trips: how far, in time, the clients of a prefix, of an AS
 * number or of a country are from regions.  A table is made from the rows of
 * the state database, or from a file, and is immutable then.  Read while maps
 * are made and by explain, never for a query.
 */
#ifndef STEERING_GEO_LATENCY_H
#define STEERING_GEO_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "steering/geo/cover.h"
#include "steering/geo/place.h"

/* No row, no region. */
#define LATENCY_NONE UINT32_MAX
/* Round trips of one table; it takes some 20 bytes for each. */
#define LATENCY_MAX 16000000
/* Regions of all that one table names. */
#define LATENCY_MAX_REGIONS 4096

/* Whose clients a round trip is of, the most specific first. */
enum latency_kind { LATENCY_PREFIX, LATENCY_ASN, LATENCY_COUNTRY };

/* One round trip, as it is stored. */
struct latency_entry {
	enum latency_kind kind;
	struct prefix prefix; /* LATENCY_PREFIX */
	uint32_t asn;         /* LATENCY_ASN */
	char country[3];      /* LATENCY_COUNTRY: ISO 3166-1, upper case */
	const char *region;   /* its name */
	uint32_t rtt_us;      /* that counts */
	uint32_t samples;     /* that it was made from; 0: not known */
	int64_t measured_ms;  /* since 1970; 0: not known */
};

/* The same of one region in a row of the table: all round trips of a prefix, an
 * AS number or a country. */
struct latency_cell {
	uint32_t region; /* number in the table */
	uint32_t rtt_us;
	uint32_t samples;
	uint32_t measured_s; /* since 1970 */
};

struct latency;
struct latency_builder;

/* builder = latency_begin(): of a table without entries.  NULL without memory.
 */
struct latency_builder *latency_begin(void);

/*
 * latency_add(builder, entry): one more, in any order; its texts are copied.
 * Prefixes longer than /24 (IPv6: /48) count to theirs, and entries of the same
 * row and region are one: the mean by samples.  0, or -1 without memory or
 * above LATENCY_MAX or LATENCY_MAX_REGIONS.
 */
int latency_add(
    struct latency_builder *builder, const struct latency_entry *entry);

/* latency = latency_end(builder): the table of what was added; the builder is
 * freed in any case.  NULL without memory. */
struct latency *latency_end(struct latency_builder *builder);

/* latency_abandon(builder): free it without a table.  NULL is fine. */
void latency_abandon(struct latency_builder *builder);

/* latency_destroy(latency): free it.  NULL is fine. */
void latency_destroy(struct latency *latency);

/*
 * equal = latency_equal(a, b): whether both have the same round trips for the
 * same clients and regions, so that the same maps are made of them.  Samples
 * and times make no difference.  NULL is a table without entries.
 * latency_hash() is equal where tables are.
 */
bool latency_equal(const struct latency *a, const struct latency *b);
uint64_t latency_hash(const struct latency *latency);

/* What a table came to. */
struct latency_size {
	size_t rows, prefixes; /* rows of all kinds, and of prefixes */
	size_t cells;          /* round trips */
	size_t regions;
	size_t bytes;
};
struct latency_size latency_size(const struct latency *latency);

/* name = latency_region(latency, number): of region number 0.. in the order of
 * their names; NULL after the last. */
const char *latency_region(const struct latency *latency, uint32_t number);

/* named = latency_has_region(latency, name): some round trip is to the region
 * of that name. */
bool latency_has_region(const struct latency *latency, const char *name);

/* row = latency_around(latency, address), latency_of_asn(latency, asn),
 * latency_of_country(latency, country): the number of the row of the longest
 * prefix around an address, and of the others; or LATENCY_NONE. */
uint32_t latency_around(
    const struct latency *latency, const struct address *address);
uint32_t latency_of_asn(const struct latency *latency, uint32_t asn);
uint32_t latency_of_country(const struct latency *latency, const char *country);

/* wider = latency_wider(latency, row): the row of the longest prefix that holds
 * the one of ${row}, or LATENCY_NONE. */
uint32_t latency_wider(const struct latency *latency, uint32_t row);

/* cells = latency_cells(latency, row, n): its ${n} round trips, by region. */
const struct latency_cell *latency_cells(
    const struct latency *latency, uint32_t row, size_t *n);

/* text = latency_show(latency, row, out): "prefix 192.0.2.0/24", "AS64500",
 * "country DE". */
#define LATENCY_TEXT (ADDRESS_TEXT + 8)
const char *latency_show(
    const struct latency *latency, uint32_t row, char out[LATENCY_TEXT]);

/*
 * latency_cover(latency, family, out): which row of a prefix each address has:
 * the number of the longest one and 1, or 0, as values of the cover ${out}
 * (empty, initialised).  0, or -1 as cover_append().
 */
int latency_cover(const struct latency *latency, int family, struct cover *out);

#endif
