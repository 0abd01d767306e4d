/*
 * The City-sized database: cities around where the people of each country
 * live, and networks of cities inside the allocations of countries.  Called by
 * make-city.c; reads no real City database and pretends to none: what it has in
 * common with one is size, layout, and how networks lie.
 *
 * An allocation is cut in halves until it has as many networks as it is to
 * have; at each cut one half keeps the city it has and the other moves: far in
 * wide prefixes, as providers give their towns, and next door or not at all
 * (but with another radius) in narrow ones.
 */
#include "tests/bench/city.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "config/country.h"
#include "tests/unit/mmdb_writer.h"

/* Of a MaxMind City database: two thirds of 3.7 million networks are IPv4. */
#define IPV4_NETWORKS 2410000.0
#define IPV6_NETWORKS 1195000.0
#define CITIES 53000
#define MAX_COUNTRIES 320
#define VARIANTS 4 /* radii (in a real one also postal codes) of a city */
#define MAX_NODES 16000000
#define MAX_DATA ((size_t)64 << 20)

/* One town. */
struct city {
	double latitude, longitude;
	uint32_t subdivision; /* of its country */
	uint32_t data;        /* its map of names, once it is written, else 0 */
	uint32_t record[VARIANTS]; /* the same of its records */
};

/* A country: its cities from west to east, in groups around metropoles. */
struct land {
	const struct country *country;
	uint32_t first, n; /* cities */
	uint32_t metros;
	double space; /* allocated to it, in /24 */
	uint32_t data, continent;
	uint32_t *subdivisions; /* data of each */
};

struct maker {
	const struct geography *geo;
	struct mmdb_writer *writer;
	struct city_counts *counts;
	uint64_t random; /* state */
	struct land lands[MAX_COUNTRIES];
	size_t n_lands;
	struct city *cities;
	size_t n_cities;
};

/* How far a country reaches from its middle, in degrees, where it is large; the
 * others reach as far as DEFAULT_REACH. */
static const struct reach {
	char code[3];
	float latitude, longitude;
} reaches[] = {{"US", 9, 24}, {"CA", 5, 28}, {"RU", 7, 45}, {"CN", 10, 16},
    {"BR", 13, 10}, {"AU", 9, 18}, {"IN", 9, 7}, {"AR", 10, 5}, {"MX", 6, 9},
    {"ID", 5, 15}, {"KZ", 5, 14}, {"JP", 5, 6}, {"GB", 3, 2.5F}, {"FR", 4, 4},
    {"DE", 3, 3.5F}, {"ES", 4, 5}, {"IT", 4, 4}, {"SE", 6, 3}, {"NO", 6, 4},
    {"FI", 4, 3}, {"TR", 2, 7}, {"IR", 5, 7}, {"SA", 6, 6}, {"ZA", 5, 5},
    {"NG", 4, 4}, {"EG", 3, 2}, {"PK", 5, 4}, {"CL", 13, 1.5F}, {"CO", 5, 3},
    {"PE", 6, 3}, {"VE", 3, 4}, {"UA", 3, 7}, {"PL", 2.5F, 4}, {"VN", 6, 2},
    {"TH", 5, 2.5F}, {"PH", 6, 3}, {"MY", 2, 8}, {"NZ", 5, 3}, {"CD", 6, 7},
    {"DZ", 4, 5}, {"LY", 3, 6}, {"MN", 3, 10}, {"SD", 5, 5}};
#define DEFAULT_REACH 1.2

static const uint16_t radii[] = {1, 5, 10, 20, 50, 100, 200, 500};

static uint64_t
draw(struct maker *m)
{
	return hash_mix(m->random++, UINT64_C(0xc17b));
}

/* A number in [0, 1). */
static double
draw_unit(struct maker *m)
{
	return (double)(draw(m) >> 11) * 0x1p-53;
}

static uint32_t
draw_below(struct maker *m, uint32_t n)
{
	return (uint32_t)((draw(m) >> 32) * n >> 32);
}

/* Countries and cities. */

static struct land *
land_of(struct maker *m, const char *code)
{
	const struct country *country = country_find(code);

	if (country == NULL)
		return NULL;
	for (size_t i = 0; i < m->n_lands; i++)
		if (m->lands[i].country == country)
			return &m->lands[i];
	mmdb_require(m->n_lands < MAX_COUNTRIES, "too many countries");
	m->lands[m->n_lands] = (struct land){.country = country};
	return &m->lands[m->n_lands++];
}

/* Count what is allocated to each country. */
static void
find_lands(struct maker *m)
{
	const struct cover *cover = geography_cover(m->geo, 4);

	for (size_t i = 0; i < cover->n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];
		const struct place *place =
		    geography_place(m->geo, leaf->value);
		struct land *land = land_of(m, place->country);

		if (land != NULL)
			land->space += ldexp(1, 24 - leaf->depth);
	}
}

static int
west_to_east(const void *a, const void *b)
{
	const struct city *x = a, *y = b;

	return (x->longitude > y->longitude) - (x->longitude < y->longitude);
}

static double
clamp(double x, double limit)
{
	return x > limit ? limit : x < -limit ? -limit : x;
}

/* A place around ${middle}, more often near it than far. */
static double
scatter(struct maker *m, double middle, double reach)
{
	return middle + (draw_unit(m) + draw_unit(m) - 1) * reach;
}

/* Put the metropoles of a country where they are, then towns around them. */
static void
found_cities(struct maker *m, struct land *land)
{
	struct city *cities = m->cities + land->first, *metros;
	double north = DEFAULT_REACH, east = DEFAULT_REACH;

	for (size_t i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++)
		if (strcmp(reaches[i].code, land->country->code) == 0) {
			north = (double)reaches[i].latitude;
			east = (double)reaches[i].longitude;
		}
	land->metros = (uint32_t)ceil(sqrt(land->n) / 2);
	metros = calloc(land->metros, sizeof(*metros));
	mmdb_require(metros != NULL, "no memory");
	for (uint32_t i = 0; i < land->metros; i++) {
		metros[i].latitude =
		    scatter(m, (double)land->country->latitude, north);
		metros[i].longitude =
		    scatter(m, (double)land->country->longitude, east);
	}
	qsort(metros, land->metros, sizeof(*metros), west_to_east);
	for (uint32_t i = 0; i < land->n; i++) {
		uint32_t metro =
		    (uint32_t)((uint64_t)i * land->metros / land->n);

		cities[i] = (struct city){
		    .latitude =
			clamp(scatter(m, metros[metro].latitude, 0.8), 89),
		    .longitude =
			clamp(scatter(m, metros[metro].longitude, 0.8), 179),
		    .subdivision = metro / 2};
	}
	free(metros);
}

/* Cities grow slower than what is allocated. */
static void
populate(struct maker *m)
{
	double sum = 0;

	for (size_t i = 0; i < m->n_lands; i++)
		sum += pow(m->lands[i].space + 1, 0.7);
	m->cities = calloc(CITIES + MAX_COUNTRIES, sizeof(*m->cities));
	mmdb_require(m->cities != NULL, "no memory");
	for (size_t i = 0; i < m->n_lands; i++) {
		struct land *land = &m->lands[i];

		land->first = (uint32_t)m->n_cities;
		land->n =
		    1 + (uint32_t)(CITIES * pow(land->space + 1, 0.7) / sum);
		found_cities(m, land);
		m->n_cities += land->n;
		land->subdivisions =
		    calloc(land->metros / 2 + 1, sizeof(uint32_t));
		mmdb_require(land->subdivisions != NULL, "no memory");
	}
}

/* Records. */

static void
put_id(struct maker *m, size_t id)
{
	mmdb_string(m->writer, "geoname_id");
	mmdb_uint32(m->writer, (uint32_t)id);
}

static void
put_names(struct maker *m, const char *name)
{
	mmdb_string(m->writer, "names");
	mmdb_map(m->writer, 1);
	mmdb_string(m->writer, "en");
	mmdb_string(m->writer, name);
}

/* The map of a continent or a country: a code under ${key}, and a name. */
static uint32_t
put_coded(struct maker *m, const char *key, const char *code, size_t id)
{
	uint32_t at = mmdb_here(m->writer);

	mmdb_map(m->writer, 3);
	mmdb_string(m->writer, key);
	mmdb_string(m->writer, code);
	put_id(m, id);
	put_names(m, code);
	return at;
}

static void
put_land(struct maker *m, struct land *land)
{
	char code[16];

	land->continent = put_coded(m, "code", land->country->continent,
	    6255146 + (size_t)land->country->continent[0]);
	land->data = put_coded(m, "iso_code", land->country->code,
	    6000000 + (size_t)(land - m->lands));
	for (uint32_t i = 0; i <= land->metros / 2; i++) {
		snprintf(code, sizeof(code), "%c%c%.0u", 'A' + i % 26,
		    'A' + i / 26 % 26, i / 676);
		land->subdivisions[i] = put_coded(m, "iso_code", code,
		    5000000 + (size_t)(land - m->lands) * 1000 + i);
	}
}

static void
put_city(struct maker *m, const struct land *land, struct city *city)
{
	size_t number = (size_t)(city - m->cities);
	char name[32];

	snprintf(name, sizeof(name), "%s City %zu", land->country->code,
	    number - land->first);
	city->data = mmdb_here(m->writer);
	mmdb_map(m->writer, 2);
	put_id(m, 1000000 + number);
	put_names(m, name);
}

/* The record of ${city} with one of its radii, written when first wanted. */
static uint32_t
record(struct maker *m, struct land *land, struct city *city, uint32_t variant)
{
	struct mmdb_writer *w = m->writer;
	size_t radius = (size_t)(city - m->cities) % 3 + variant;

	if (city->record[variant] != 0)
		return city->record[variant];
	if (land->data == 0)
		put_land(m, land);
	if (city->data == 0)
		put_city(m, land, city);
	city->record[variant] = mmdb_here(w);
	mmdb_map(w, 6);
	mmdb_string(w, "city");
	mmdb_pointer(w, city->data);
	mmdb_string(w, "continent");
	mmdb_pointer(w, land->continent);
	mmdb_string(w, "country");
	mmdb_pointer(w, land->data);
	mmdb_string(w, "location");
	mmdb_map(w, 3);
	mmdb_string(w, "accuracy_radius");
	mmdb_uint16(w, radii[radius]);
	mmdb_string(w, "latitude");
	/* As MaxMind does, in four digits. */
	mmdb_double(w, round(city->latitude * 1e4) / 1e4);
	mmdb_string(w, "longitude");
	mmdb_double(w, round(city->longitude * 1e4) / 1e4);
	mmdb_string(w, "registered_country");
	mmdb_pointer(w, land->data);
	mmdb_string(w, "subdivisions");
	mmdb_control(w, 11, 1);
	mmdb_pointer(w, land->subdivisions[city->subdivision]);
	m->counts->records++;
	return city->record[variant];
}

/* Networks. */

/* A prefix that is to have ${networks} networks, at one city to begin with. */
struct part {
	uint64_t hi;
	unsigned depth;
	double networks;
	uint32_t city, variant; /* of its land */
};

/* One that people live in: some cities have most of the networks. */
static uint32_t
any_city(struct maker *m, const struct land *land)
{
	double u = draw_unit(m);
	uint32_t metro = (uint32_t)(u * u * u * land->metros);
	uint32_t first, last;

	mmdb_require(land->metros > 0, "a country without cities");
	/* Which metropoles are the large ones is no matter of longitude. */
	metro = (uint32_t)(hash_mix(metro, land->first) % land->metros);
	first = (uint32_t)((uint64_t)metro * land->n / land->metros);
	last = (uint32_t)((uint64_t)(metro + 1) * land->n / land->metros);
	u = draw_unit(m);
	return first + (uint32_t)(u * u * (last - first));
}

/* One of the towns beside it. */
static uint32_t
near_city(struct maker *m, const struct land *land, uint32_t city)
{
	int64_t near = (int64_t)city + draw_below(m, 15) - 7;

	return near < 0 || near >= land->n ? city : (uint32_t)near;
}

/* Move ${half}: to anywhere in its country, next door, or to another radius. */
static void
move(struct maker *m, const struct land *land, int family, struct part *half)
{
	double u = draw_unit(m);
	unsigned depth = family == 6 ? half->depth / 2 : half->depth;
	double far = depth <= 12 ? 0.8
	    : depth <= 16        ? 0.3
	    : depth <= 20        ? 0.05
				 : 0.01;

	if (u < far)
		half->city = any_city(m, land);
	else if (u < far + 0.6)
		half->city = near_city(m, land, half->city);
	half->variant =
	    (half->variant + 1 + draw_below(m, VARIANTS - 1)) % VARIANTS;
}

static void
put_network(
    struct maker *m, struct land *land, int family, const struct part *part)
{
	struct prefix p = {
	    .address.family = (uint8_t)family, .length = (uint8_t)part->depth};
	struct city *city = &m->cities[land->first + part->city];

	for (unsigned i = 0; i < 8; i++)
		p.address.bytes[i] = (uint8_t)(part->hi >> (56 - 8 * i));
	*mmdb_at_prefix(m->writer, &p) = (struct mmdb_record){
	    MMDB_DATA, record(m, land, city, part->variant)};
	m->counts->networks[family == 6]++;
}

/* Whether ${part} is one network: some /24 are cut further. */
static bool
is_whole(struct maker *m, int family, const struct part *part)
{
	unsigned finest = family == 4 ? 24 : 48;

	return part->networks < 1.5 || part->depth >= finest + 4 ||
	    (part->depth >= finest && draw_unit(m) > 0.3);
}

/* Cut ${top} into networks, in address order. */
static void
cut(struct maker *m, struct land *land, int family, struct part top)
{
	struct part stack[64], part, *left, *right;
	size_t n = 0;

	stack[n++] = top;
	while (n > 0) {
		double share;

		part = stack[--n];
		if (is_whole(m, family, &part)) {
			put_network(m, land, family, &part);
			continue;
		}
		share = 0.25 + 0.5 * draw_unit(m);
		right = &stack[n++];
		left = &stack[n++];
		part.depth++;
		*left = *right = part;
		right->hi |= UINT64_C(1) << (64 - part.depth);
		left->networks = fmax(1, part.networks * share);
		right->networks = fmax(1, part.networks - left->networks);
		move(m, land, family, draw(m) & 1 ? left : right);
	}
}

/* All networks of one family: an allocation has as many as its size wants,
 * ${each} a unit on average, some many more than others. */
static void
fill(struct maker *m, int family, double each, double power, double unit)
{
	const struct cover *cover = geography_cover(m->geo, family);

	for (size_t i = 0; i < cover->n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];
		const struct place *place =
		    geography_place(m->geo, leaf->value);
		struct land *land = land_of(m, place->country);
		double size = exp2((unit - leaf->depth) * power);

		if (land == NULL || leaf->depth > (family == 4 ? 24 : 48))
			continue;
		cut(m, land, family,
		    (struct part){.hi = leaf->hi,
			.depth = leaf->depth,
			.networks = size * each * (0.3 + 1.4 * draw_unit(m)),
			.city = any_city(m, land),
			.variant = draw_below(m, VARIANTS)});
	}
}

static double
units(const struct maker *m, int family, double power, double unit)
{
	const struct cover *cover = geography_cover(m->geo, family);
	double sum = 0;

	for (size_t i = 0; i < cover->n; i++)
		if (cover->leaves[i].value != PLACE_UNKNOWN)
			sum += exp2((unit - cover->leaves[i].depth) * power);
	return sum;
}

void
city_write(const struct geography *countries, uint64_t seed, const char *path,
    struct city_counts *counts)
{
	struct maker *m = calloc(1, sizeof(*m));

	mmdb_require(m != NULL, "no memory");
	memset(counts, 0, sizeof(*counts));
	m->geo = countries;
	m->counts = counts;
	m->random = hash_mix(seed, 1);
	m->writer = mmdb_create_sized(6, 28, MAX_NODES, MAX_DATA);
	m->writer->type = "Made-City";
	m->writer->built_s = (uint64_t)geography_built_s(countries);
	find_lands(m);
	populate(m);
	/* Offset 0 stands for a record that is not written yet. */
	mmdb_byte(m->writer, 0);
	fill(m, 4, IPV4_NETWORKS / units(m, 4, 1, 24), 1, 24);
	fill(m, 6, IPV6_NETWORKS / units(m, 6, 0.4, 48), 0.4, 48);
	mmdb_alias(m->writer, "::ffff:0:0/96");
	mmdb_alias(m->writer, "2002::/16");
	counts->cities = m->n_cities;
	counts->nodes = m->writer->n_nodes;
	mmdb_finish(m->writer);
	counts->bytes = m->writer->n_file;
	mmdb_save_bytes(path, m->writer->file, m->writer->n_file);
	mmdb_destroy(m->writer);
	for (size_t i = 0; i < m->n_lands; i++)
		free(m->lands[i].subdivisions);
	free(m->cities);
	free(m);
}
