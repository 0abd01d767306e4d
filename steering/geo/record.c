/*
 * The layouts of records: the keys that they use, in one pass over the record,
 * and what each says.  Called by geography.c; knows no tree and no file.
 */
#include "steering/geo/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "config/country.h"
#include "config/subdivision.h"

/* Keys of a record.  Where several say the same thing, those before count. */
enum key {
	KEY_COUNTRY,
	KEY_COUNTRY_CODE,
	KEY_REGISTERED,
	KEY_CONTINENT,
	KEY_CONTINENT_CODE,
	KEY_LOCATION,
	KEY_LATITUDE,
	KEY_LAT,
	KEY_LONGITUDE,
	KEY_LNG,
	KEY_LOC,
	KEY_ACCURACY,
	KEY_RADIUS,
	KEY_SUBDIVISIONS,
	KEY_REGION_CODE,
	KEY_REGION,
	KEY_CITY,
	KEY_GEONAME,
	KEY_AS_NUMBER,
	KEY_ASN,
	KEYS
};

#define NAME(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct {
	const char *text;
	uint32_t len;
} names[KEYS] = {
    [KEY_COUNTRY] = NAME("country"),
    [KEY_COUNTRY_CODE] = NAME("country_code"),
    [KEY_REGISTERED] = NAME("registered_country"),
    [KEY_CONTINENT] = NAME("continent"),
    [KEY_CONTINENT_CODE] = NAME("continent_code"),
    [KEY_LOCATION] = NAME("location"),
    [KEY_LATITUDE] = NAME("latitude"),
    [KEY_LAT] = NAME("lat"),
    [KEY_LONGITUDE] = NAME("longitude"),
    [KEY_LNG] = NAME("lng"),
    [KEY_LOC] = NAME("loc"),
    [KEY_ACCURACY] = NAME("accuracy_radius"),
    [KEY_RADIUS] = NAME("radius"),
    [KEY_SUBDIVISIONS] = NAME("subdivisions"),
    [KEY_REGION_CODE] = NAME("region_code"),
    [KEY_REGION] = NAME("region"),
    [KEY_CITY] = NAME("city"),
    [KEY_GEONAME] = NAME("geoname_id"),
    [KEY_AS_NUMBER] = NAME("autonomous_system_number"),
    [KEY_ASN] = NAME("asn"),
};

/* In place of the number of a city: the record names none. */
#define NO_CITY (INTERN_NONE - 1)

/* A record while it is read. */
struct record {
	struct record_reader *reader;
	const struct mmdb_section *section;
	struct mmdb_value at[KEYS]; /* MMDB_NONE: it does not have that key */
	bool broken;
};

/* The values of the keys that we know, in a map; of other records none. */
static int
find_keys(struct record *r, size_t at)
{
	struct mmdb_value map, key, value;
	size_t next;

	if (mmdb_read(r->section, &at, &map) != 0)
		return -1;
	next = map.payload;
	for (uint32_t i = 0; map.type == MMDB_MAP && i < map.size; i++) {
		const char *text;

		if (mmdb_read(r->section, &next, &key) != 0 ||
		    mmdb_read(r->section, &next, &value) != 0)
			return -1;
		text = mmdb_text(r->section, &key);
		if (text == NULL)
			return -1;
		for (size_t k = 0; k < KEYS; k++)
			if (names[k].len == key.size &&
			    memcmp(names[k].text, text, key.size) == 0)
				r->at[k] = value;
	}
	return 0;
}

/* The value of ${key} in the map that is the value of ${outer}. */
static struct mmdb_value
inside(struct record *r, enum key outer, const char *key)
{
	struct mmdb_value value;

	if (mmdb_find(r->section, &r->at[outer], key, &value) == 0)
		return value;
	r->broken = true;
	return (struct mmdb_value){.type = MMDB_NONE};
}

/* A text of up to ${size} - 1 bytes, NUL-terminated. */
static bool
read_text(const struct record *r, const struct mmdb_value *value, char *out,
    size_t size)
{
	const char *text = mmdb_text(r->section, value);

	if (text == NULL || value->size >= size ||
	    memchr(text, '\0', value->size) != NULL)
		return false;
	memcpy(out, text, value->size);
	out[value->size] = '\0';
	return true;
}

/* A whole number, or the digits of one. */
static bool
read_number(const struct record *r, const struct mmdb_value *value,
    const char *prefix, uint64_t *n)
{
	char text[16];
	const char *digits = text;

	if (mmdb_unsigned(r->section, value, n))
		return true;
	if (!read_text(r, value, text, sizeof(text)))
		return false;
	if (strncmp(text, prefix, strlen(prefix)) == 0)
		digits += strlen(prefix);
	return number_parse(digits, strlen(digits), 0, UINT32_MAX, n) == 0;
}

/* Countries. */

/* Two letters, in upper case. */
static bool
read_code(const struct record *r, const struct mmdb_value *value, char code[3])
{
	const char *text = mmdb_text(r->section, value);

	return text != NULL && country_code(text, value->size, code);
}

/* A2, O1 and other codes that say nothing are as good as none.  What stands for
 * a continent says only that. */
static bool
read_country(
    const struct record *r, const struct mmdb_value *value, struct place *place)
{
	char code[3];

	return read_code(r, value, code) &&
	    country_of_database(code, place->country, place->continent);
}

static bool
read_continent(
    const struct record *r, const struct mmdb_value *value, struct place *place)
{
	char code[3];

	if (!read_code(r, value, code) || country_continent(code) == NULL)
		return false;
	memcpy(place->continent, code, sizeof(code));
	return true;
}

/* The country where the network is registered, unless the record says of its
 * clients that they are on another continent. */
static void
take_registered(struct record *r, struct place *place)
{
	const struct mmdb_value code = inside(r, KEY_REGISTERED, "iso_code");
	struct place registered = {0};

	read_country(r, &code, &registered);
	place_complete(&registered);
	if (place->continent[0] != '\0' &&
	    strcmp(place->continent, registered.continent) != 0)
		return;
	memcpy(place->country, registered.country, sizeof(place->country));
	memcpy(
	    place->continent, registered.continent, sizeof(place->continent));
}

/* Returns whether the country is that of the client. */
static bool
take_country(struct record *r, struct place *place)
{
	const struct mmdb_value code = inside(r, KEY_COUNTRY, "iso_code");
	const struct mmdb_value continent = inside(r, KEY_CONTINENT, "code");
	bool found = read_country(r, &code, place) ||
	    read_country(r, &r->at[KEY_COUNTRY_CODE], place) ||
	    read_country(r, &r->at[KEY_COUNTRY], place);

	if (!read_continent(r, &continent, place) &&
	    !read_continent(r, &r->at[KEY_CONTINENT_CODE], place))
		read_continent(r, &r->at[KEY_CONTINENT], place);
	if (!found)
		take_registered(r, place);
	return found && place->country[0] != '\0';
}

/* Positions. */

/* Degrees at ${text}, all of it, at most ${limit} off zero. */
static bool
parse_degrees(const char *text, double limit, double *out)
{
	char *end;
	/* Databases print doubles: in full, or with an exponent. */
	double degrees = strtod(text, &end);

	/* Written so that NaN fails. */
	if (end == text || *end != '\0' ||
	    !(degrees >= -limit && degrees <= limit))
		return false;
	*out = degrees + 0.0; /* no negative zero */
	return true;
}

/* Degrees as a double, a float or a text. */
static bool
read_degrees(const struct record *r, const struct mmdb_value *value,
    double limit, double *out)
{
	char text[32];
	double degrees;

	if (read_text(r, value, text, sizeof(text)))
		return parse_degrees(text, limit, out);
	if (!mmdb_real(r->section, value, &degrees) ||
	    !(degrees >= -limit && degrees <= limit))
		return false;
	*out = degrees + 0.0;
	return true;
}

/* "37.77,-122.41": latitude and longitude in one text. */
static bool
read_loc(const struct record *r, struct place *place)
{
	char text[64], *comma;

	if (!read_text(r, &r->at[KEY_LOC], text, sizeof(text)))
		return false;
	comma = strchr(text, ',');
	if (comma == NULL)
		return false;
	*comma = '\0';
	return parse_degrees(text, 90, &place->latitude) &&
	    parse_degrees(comma + 1, 180, &place->longitude);
}

/* Kilometres, whole ones and at least one; 0 where nothing says so. */
static uint16_t
read_accuracy(const struct record *r, const struct mmdb_value *value)
{
	uint64_t n = 0;
	double km = 0;

	if (!read_number(r, value, "", &n) &&
	    mmdb_real(r->section, value, &km) && km > 0 && km < PLACE_MAX_KM)
		n = (uint64_t)ceil(km);
	return (uint16_t)(n < PLACE_MAX_KM ? n : PLACE_MAX_KM);
}

/* 0, 0 lies in the sea: it is what databases write when they know no position.
 */
static void
take_position(struct record *r, struct place *place)
{
	const struct mmdb_value latitude = inside(r, KEY_LOCATION, "latitude");
	const struct mmdb_value longitude =
	    inside(r, KEY_LOCATION, "longitude");
	const struct mmdb_value radius =
	    inside(r, KEY_LOCATION, "accuracy_radius");
	bool found =
	    (read_degrees(r, &latitude, 90, &place->latitude) ||
		read_degrees(r, &r->at[KEY_LATITUDE], 90, &place->latitude) ||
		read_degrees(r, &r->at[KEY_LAT], 90, &place->latitude)) &&
	    (read_degrees(r, &longitude, 180, &place->longitude) ||
		read_degrees(
		    r, &r->at[KEY_LONGITUDE], 180, &place->longitude) ||
		read_degrees(r, &r->at[KEY_LNG], 180, &place->longitude));

	if (!found)
		found = read_loc(r, place);
	if (!found || (place->latitude == 0 && place->longitude == 0)) {
		place->latitude = place->longitude = 0;
		return;
	}
	place->has_position = place->located = true;
	place->accuracy_km = read_accuracy(r, &radius);
	if (place->accuracy_km == 0)
		place->accuracy_km = read_accuracy(r, &r->at[KEY_ACCURACY]);
	if (place->accuracy_km == 0)
		place->accuracy_km = read_accuracy(r, &r->at[KEY_RADIUS]);
}

/* Subdivisions and cities. */

/* "CA", or "US-CA" of the country of the place. */
static uint16_t
read_subdivision(const struct record *r, const struct mmdb_value *value,
    const struct place *place)
{
	const char *text = mmdb_text(r->section, value);
	size_t len = value->size;

	if (text == NULL)
		return 0;
	if (len > 3 && text[2] == '-' && memcmp(text, place->country, 2) == 0) {
		text += 3;
		len -= 3;
	}
	return subdivision_parse(text, len);
}

/* All levels that the record has, the widest first. */
static void
take_subdivisions(struct record *r, struct place *place)
{
	const struct mmdb_value *list = &r->at[KEY_SUBDIVISIONS];
	struct mmdb_value map, code;
	size_t n = 0, at = list->payload;

	for (uint32_t i = 0; list->type == MMDB_ARRAY && i < list->size &&
	     n < PLACE_SUBDIVISIONS;
	     i++) {
		if (mmdb_read(r->section, &at, &map) != 0 ||
		    mmdb_find(r->section, &map, "iso_code", &code) != 0) {
			r->broken = true;
			return;
		}
		place->subdivisions[n] = read_subdivision(r, &code, place);
		n += place->subdivisions[n] != 0;
	}
	if (n == 0)
		place->subdivisions[0] =
		    read_subdivision(r, &r->at[KEY_REGION_CODE], place);
	if (place->subdivisions[0] == 0)
		place->subdivisions[0] =
		    read_subdivision(r, &r->at[KEY_REGION], place);
}

/* A name that can be shown: its bytes, or NULL. */
static const char *
read_name(const struct record *r, const struct mmdb_value *value)
{
	const char *text = mmdb_text(r->section, value);

	if (text == NULL || value->size > CITY_NAME_MAX ||
	    !utf8_valid(text, value->size))
		return NULL;
	for (uint32_t i = 0; i < value->size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\x7f')
			return NULL;
	return text;
}

/* The number of the city with an ${id} and a ${name}, each of which may be of
 * no use; INTERN_NONE without memory, and NO_CITY when both are. */
static uint32_t
city_number(struct record *r, const struct mmdb_value *id,
    const struct mmdb_value *name)
{
	const char *text = read_name(r, name);
	uint64_t geoname;

	if (!read_number(r, id, "", &geoname) || geoname > UINT32_MAX)
		geoname = 0;
	if (geoname == 0 && (text == NULL || name->size == 0))
		return NO_CITY;
	return cities_number(r->reader->cities, (uint32_t)geoname,
	    text != NULL ? text : "", text != NULL ? name->size : 0);
}

/* The city of a map, which many records point to: read once. */
static enum record_status
read_city_map(struct record *r, uint32_t *number)
{
	struct u64map *read = &r->reader->city_maps;
	const struct mmdb_value *map = &r->at[KEY_CITY];
	struct mmdb_value id, list, name;

	*number = u64map_get(read, map->start);
	if (*number != U64MAP_NONE)
		return RECORD_READ;
	id = inside(r, KEY_CITY, "geoname_id");
	list = inside(r, KEY_CITY, "names");
	if (mmdb_find(r->section, &list, "en", &name) != 0)
		return RECORD_BROKEN;
	*number = city_number(r, &id, &name);
	return *number != INTERN_NONE &&
		u64map_add(read, map->start, *number) == 0
	    ? RECORD_READ
	    : RECORD_NO_MEMORY;
}

static enum record_status
take_city(struct record *r, struct place *place)
{
	enum record_status status = RECORD_READ;
	uint32_t number = NO_CITY;

	if (r->at[KEY_CITY].type == MMDB_MAP)
		status = read_city_map(r, &number);
	else if (r->at[KEY_CITY].type == MMDB_TEXT)
		number = city_number(r, &r->at[KEY_GEONAME], &r->at[KEY_CITY]);
	if (number == INTERN_NONE)
		return RECORD_NO_MEMORY;
	if (status == RECORD_READ && number != NO_CITY)
		place->city = cities_at(r->reader->cities, number);
	return status;
}

/* A number, or a text as "AS64500" or "64500". */
static bool
read_asn(const struct record *r, enum key key, struct place *place)
{
	uint64_t asn;

	if (!read_number(r, &r->at[key], "AS", &asn) || asn == 0 ||
	    asn > UINT32_MAX)
		return false;
	place->asn = (uint32_t)asn;
	return true;
}

void
record_init(struct record_reader *reader, const struct mmdb_section *section,
    struct cities *cities)
{
	reader->section = *section;
	reader->cities = cities;
	u64map_init(&reader->city_maps);
}

void
record_finish(struct record_reader *reader)
{
	u64map_finish(&reader->city_maps);
}

enum record_status
record_read(struct record_reader *reader, size_t at, struct place *place)
{
	struct record r = {.reader = reader, .section = &reader->section};
	enum record_status status = RECORD_READ;

	*place = (struct place){0};
	if (find_keys(&r, at) != 0)
		return RECORD_BROKEN;
	take_position(&r, place);
	if (!read_asn(&r, KEY_AS_NUMBER, place))
		read_asn(&r, KEY_ASN, place);
	if (take_country(&r, place)) {
		take_subdivisions(&r, place);
		status = take_city(&r, place);
	}
	return r.broken ? RECORD_BROKEN : status;
}
