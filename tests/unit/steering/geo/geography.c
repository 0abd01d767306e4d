/*
 * Tests the reading of geography: layouts, record sizes, IPv4 inside IPv6,
 * prefixes finer than we read, several databases, the shipped one, and files
 * that are broken in every way a disk can break them.
 */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "steering/geo/geography.h"
#include "tests/unit/mmdb_writer.h"

/* What write() does in place of writing, once: nothing, be interrupted, write a
 * byte only, write none, or fail. */
enum write_fault { WRITE_ALL, WRITE_EINTR, WRITE_ONE, WRITE_NONE, WRITE_FAILS };
static enum write_fault write_fault;

ssize_t
write(int fd, const void *bytes, size_t n)
{
	enum write_fault fault = write_fault;

	write_fault = WRITE_ALL;
	switch (fault) {
	case WRITE_EINTR:
		errno = EINTR;
		return -1;
	case WRITE_ONE:
		errno = EINTR; /* of an earlier call: says nothing */
		return syscall(SYS_write, fd, bytes, 1);
	case WRITE_NONE:
		errno = EINTR;
		return 0;
	case WRITE_FAILS:
		errno = ENOSPC;
		return -1;
	case WRITE_ALL:
		break;
	}
	return syscall(SYS_write, fd, bytes, n);
}

static char folder[64];
static struct errbuf eb;

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/geographyXXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	errbuf_init(&eb);
}

static const char *
path_of(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
teardown(void)
{
	unlink(path_of("a.mmdb"));
	unlink(path_of("b.mmdb"));
	unlink(path_of("c.mmdb"));
	rmdir(folder);
}

/* Load up to three files, as many as are not NULL; NULL with errors in eb. */
static struct geography *
load(const char *a, const char *b, const char *c)
{
	static const struct mark at[3] = {{"meridian.yaml", 7, 1},
	    {"meridian.yaml", 8, 1}, {"meridian.yaml", 9, 1}};
	const char *paths[3] = {a, b, c};
	size_t n = 0;

	while (n < 3 && paths[n] != NULL)
		n++;
	errbuf_init(&eb);
	return geography_load(paths, at, n, NULL, &eb);
}

static struct geography *
must_load_a(void)
{
	struct geography *geo = load(path_of("a.mmdb"), NULL, NULL);

	ck_assert_msg(geo != NULL, "%s", eb.text);
	return geo;
}

static const struct cover_leaf *
leaf_of(const struct geography *geo, const char *text)
{
	struct address a;
	uint64_t hi, lo;

	ck_assert_int_eq(address_parse(text, &a), 0);
	cover_key(&a, &hi, &lo);
	return cover_find(geography_cover(geo, a.family), hi, lo);
}

static const struct place *
place_of(const struct geography *geo, const char *text)
{
	return geography_place(geo, leaf_of(geo, text)->value);
}

#define assert_country(geo, address, code) \
	ck_assert_str_eq(place_of(geo, address)->country, code)

/* {"location": {"latitude": .., "longitude": ..}}, without its map. */
static void
put_location(struct mmdb_writer *w, double latitude, double longitude)
{
	mmdb_string(w, "location");
	mmdb_map(w, 2);
	mmdb_string(w, "latitude");
	mmdb_double(w, latitude);
	mmdb_string(w, "longitude");
	mmdb_double(w, longitude);
}

/* {"names": {"en": "x"}, ${key}: ${code}}: what is asked for stands last. */
static void
put_named(struct mmdb_writer *w, const char *key, const char *code)
{
	mmdb_map(w, 2);
	mmdb_string(w, "names");
	mmdb_map(w, 1);
	mmdb_string(w, "en");
	mmdb_string(w, "x");
	mmdb_string(w, key);
	mmdb_string(w, code);
}

/* Records of all layouts, in the order of the rows of test_layouts. */

static void
put_city(struct mmdb_writer *w)
{
	mmdb_map(w, 4);
	mmdb_string(w, "continent");
	put_named(w, "code", "EU");
	mmdb_string(w, "country");
	put_named(w, "iso_code", "FR");
	put_location(w, 48.86, 2.34);
	mmdb_string(w, "registered_country");
	put_named(w, "iso_code", "DE");
}

static void
put_registered(struct mmdb_writer *w)
{
	mmdb_map(w, 1);
	mmdb_string(w, "registered_country");
	put_named(w, "iso_code", "DE");
}

static void
put_asn(struct mmdb_writer *w)
{
	mmdb_map(w, 2);
	mmdb_string(w, "autonomous_system_number");
	mmdb_uint32(w, 64500);
	mmdb_string(w, "autonomous_system_organization");
	mmdb_string(w, "X");
}

static void
put_flat(struct mmdb_writer *w)
{
	mmdb_map(w, 4);
	mmdb_string(w, "country_code");
	mmdb_string(w, "br");
	mmdb_string(w, "latitude");
	mmdb_float(w, -23.5F);
	mmdb_string(w, "longitude");
	mmdb_float(w, -46.5F);
	mmdb_string(w, "continent_code");
	mmdb_string(w, "SA");
}

static void
put_flat_text(struct mmdb_writer *w)
{
	mmdb_map(w, 4);
	mmdb_string(w, "country_code");
	mmdb_string(w, "JP");
	mmdb_string(w, "latitude");
	mmdb_string(w, "35.5");
	mmdb_string(w, "longitude");
	mmdb_string(w, "139.25");
	mmdb_string(w, "asn");
	mmdb_string(w, "AS64501");
}

static void
put_flat_asn(struct mmdb_writer *w)
{
	mmdb_map(w, 2);
	mmdb_string(w, "country_code");
	mmdb_string(w, "US");
	mmdb_string(w, "asn");
	mmdb_uint64(w, UINT32_MAX);
}

static void
put_null_island(struct mmdb_writer *w)
{
	mmdb_map(w, 3);
	mmdb_string(w, "country_code");
	mmdb_string(w, "NG");
	mmdb_string(w, "latitude");
	mmdb_double(w, 0);
	mmdb_string(w, "longitude");
	mmdb_double(w, -0.0);
}

static void
put_half_position(struct mmdb_writer *w)
{
	mmdb_map(w, 2);
	mmdb_string(w, "country_code");
	mmdb_string(w, "NG");
	mmdb_string(w, "latitude");
	mmdb_double(w, 50);
}

static void
put_nonsense(struct mmdb_writer *w)
{
	mmdb_map(w, 5);
	mmdb_string(w, "country_code");
	mmdb_string(w, "N1");
	mmdb_string(w, "latitude");
	mmdb_double(w, 91);
	mmdb_string(w, "longitude");
	mmdb_string(w, "12east");
	mmdb_string(w, "asn");
	mmdb_uint32(w, 0);
	mmdb_string(w, "continent_code");
	mmdb_string(w, "XX");
}

static void
put_not_a_map(struct mmdb_writer *w)
{
	mmdb_string(w, "FR");
}

static void
put_other_shape(struct mmdb_writer *w)
{
	/* "country" is a text, "location" a list. */
	mmdb_map(w, 3);
	mmdb_string(w, "country");
	mmdb_string(w, "France");
	mmdb_string(w, "location");
	mmdb_control(w, 11, 1);
	mmdb_string(w, "x");
	mmdb_string(w, "country_code");
	mmdb_string(w, "FR");
}

static const struct {
	const char *what;
	void (*put)(struct mmdb_writer *w);
	const char *country, *continent;
	double latitude, longitude;
	uint32_t asn;
	bool exact; /* the position is the record's own */
} layouts[] = {
    {"MaxMind City", put_city, "FR", "EU", 48.86, 2.34, 0, true},
    {"the registered country where there is no other", put_registered, "DE",
	"EU", 50.9, 9.7, 0, false},
    {"MaxMind ASN", put_asn, "", "", 0, 0, 64500, true},
    {"flat, position as float, code in lower case", put_flat, "BR", "SA", -23.5,
	-46.5, 0, true},
    {"flat, position and AS number as text", put_flat_text, "JP", "AS", 35.5,
	139.25, 64501, true},
    {"flat, the greatest AS number in 64 bits", put_flat_asn, "US", "NA", 39,
	-94, UINT32_MAX, false},
    {"a position of 0, 0 is none", put_null_island, "NG", "AF", 9.2, 7.0, 0,
	false},
    {"a latitude without a longitude is none", put_half_position, "NG", "AF",
	9.2, 7.0, 0, false},
    {"nonsense says nothing", put_nonsense, "", "", 0, 0, 0, true},
    {"a record that is no map says nothing", put_not_a_map, "", "", 0, 0, 0,
	true},
    {"keys of other shapes are passed over", put_other_shape, "FR", "EU", 47,
	2.5, 0, false},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

static void
assert_layout(const struct geography *geo, const char *address, size_t i)
{
	const struct place *p = place_of(geo, address);
	double off = layouts[i].exact ? 1e-5 : 1;

	ck_assert_msg(strcmp(p->country, layouts[i].country) == 0,
	    "%s: country \"%s\"", layouts[i].what, p->country);
	ck_assert_msg(strcmp(p->continent, layouts[i].continent) == 0,
	    "%s: continent \"%s\"", layouts[i].what, p->continent);
	ck_assert_msg(
	    p->asn == layouts[i].asn, "%s: AS %u", layouts[i].what, p->asn);
	ck_assert_msg(p->has_position ==
		(layouts[i].latitude != 0 || layouts[i].longitude != 0),
	    "%s: position", layouts[i].what);
	ck_assert_double_eq_tol(p->latitude, layouts[i].latitude, off);
	ck_assert_double_eq_tol(p->longitude, layouts[i].longitude, off);
}

START_TEST(test_layouts)
{
	static const unsigned sizes[] = {24, 28, 32};

	for (unsigned version = 4; version <= 6; version += 2)
		for (unsigned s = 0; s < 3; s++) {
			struct mmdb_writer *w = mmdb_create(version, sizes[s]);
			struct geography *geo;
			char text[64];

			for (size_t i = 0; i < LAYOUTS; i++) {
				uint32_t at = mmdb_here(w);

				layouts[i].put(w);
				snprintf(
				    text, sizeof(text), "10.%zu.0.0/16", i);
				mmdb_insert(w, text, at);
				if (version == 4)
					continue;
				snprintf(
				    text, sizeof(text), "2001:db8:%zu::/48", i);
				mmdb_insert(w, text, at);
			}
			mmdb_save(w, path_of("a.mmdb"));
			geo = must_load_a();
			for (size_t i = 0; i < LAYOUTS; i++) {
				snprintf(
				    text, sizeof(text), "10.%zu.255.255", i);
				assert_layout(geo, text, i);
				snprintf(text, sizeof(text),
				    "2001:db8:%zu:ffff::1", i);
				if (version == 6)
					assert_layout(geo, text, i);
				else
					assert_country(geo, text, "");
			}
			assert_country(geo, "11.0.0.0", "");
			geography_destroy(geo);
		}
}
END_TEST

START_TEST(test_ipv4_database_knows_no_ipv6)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;

	mmdb_insert(w, "0.0.0.0/1", mmdb_flat_country(w, "FR"));
	mmdb_insert(w, "128.0.0.0/1", mmdb_flat_country(w, "DE"));
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	ck_assert_uint_eq(geography_cover(geo, 6)->n, 1);
	ck_assert_uint_eq(geography_cover(geo, 6)->leaves[0].value, 0);
	ck_assert_uint_eq(geography_cover(geo, 4)->n, 2);
	assert_country(geo, "127.255.255.255", "FR");
	assert_country(geo, "255.255.255.255", "DE");
	geography_destroy(geo);
}
END_TEST

START_TEST(test_aliases_are_not_ipv6)
{
	struct mmdb_writer *w = mmdb_create(6, 28);
	struct geography *geo;

	mmdb_insert(w, "10.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_insert(w, "2001:db8::/32", mmdb_flat_country(w, "DE"));
	mmdb_alias(w, "::ffff:0:0/96");
	mmdb_alias(w, "2001::/32");
	mmdb_alias(w, "2002::/16");
	mmdb_alias(w, "64:ff9b::/96");
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	assert_country(geo, "10.1.2.3", "FR");
	assert_country(geo, "2001:db8::1", "DE");
	assert_country(geo, "::10.1.2.3", "");
	assert_country(geo, "::ffff:10.1.2.3", "");
	assert_country(geo, "2001:0:a00::1", "");
	assert_country(geo, "2002:a01:203::1", "");
	assert_country(geo, "64:ff9b::10.1.2.3", "");
	geography_destroy(geo);
}
END_TEST

/* 6to4 and v4-mapped addresses are looked up as the IPv4 address inside, also
 * where the database says something of its own about them. */
START_TEST(test_ipv4_inside_ipv6_is_unknown_there)
{
	struct mmdb_writer *w = mmdb_create(6, 32);
	struct geography *geo;

	mmdb_insert(w, "::/1", mmdb_flat_country(w, "FR"));
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	assert_country(geo, "::10.1.2.3", "");
	assert_country(geo, "::ffff:10.1.2.3", "");
	assert_country(geo, "2002:a01:203::1", "");
	assert_country(geo, "0:0:1::", "FR");
	assert_country(geo, "2001:ffff::", "FR");
	assert_country(geo, "2003::", "FR");
	/* The IPv4 addresses themselves are what is at ::/96. */
	assert_country(geo, "10.1.2.3", "FR");
	geography_destroy(geo);
}
END_TEST

START_TEST(test_finer_than_read)
{
	struct mmdb_writer *w = mmdb_create(6, 24);
	struct geography *geo;
	uint32_t fr = mmdb_flat_country(w, "FR");
	uint32_t de = mmdb_flat_country(w, "DE");

	mmdb_insert(w, "10.0.0.64/26", fr);
	mmdb_insert(w, "10.0.0.128/25", de);
	mmdb_insert(w, "10.0.1.0/24", de);
	mmdb_insert(w, "10.0.2.255/32", fr);
	mmdb_insert(w, "2001:db8:0:8000::/50", fr);
	mmdb_insert(w, "2001:db8:0:c000::/50", de);
	mmdb_insert(w, "2001:db8:1:ffff:ffff:ffff:ffff:ffff/128", de);
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	assert_country(geo, "10.0.0.0", "FR");
	assert_country(geo, "10.0.0.255", "FR");
	ck_assert_uint_eq(leaf_of(geo, "10.0.0.255")->depth, 24);
	assert_country(geo, "10.0.1.0", "DE");
	assert_country(geo, "10.0.2.0", "FR");
	assert_country(geo, "10.0.3.0", "");
	assert_country(geo, "2001:db8::", "FR");
	assert_country(geo, "2001:db8:0:ffff::", "FR");
	ck_assert_uint_eq(leaf_of(geo, "2001:db8::")->depth, 48);
	assert_country(geo, "2001:db8:1::", "DE");
	geography_destroy(geo);
}
END_TEST

/* Records that say the same, and prefixes that do, become one. */
START_TEST(test_equal_places_are_joined)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;

	mmdb_insert(w, "10.0.0.0/9", mmdb_flat_country(w, "FR"));
	mmdb_insert(w, "10.128.0.0/9", mmdb_flat_country(w, "FR"));
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	ck_assert_uint_eq(leaf_of(geo, "10.200.0.0")->depth, 8);
	ck_assert_uint_eq(geography_places(geo), 2);
	geography_destroy(geo);
}
END_TEST

START_TEST(test_several_databases)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	const struct place *p;
	uint32_t at;

	at = mmdb_here(w);
	mmdb_map(w, 1);
	put_location(w, 48.86, 2.34);
	mmdb_insert(w, "10.0.0.0/16", at);
	mmdb_insert(w, "10.8.0.0/16", mmdb_flat_country(w, "NZ"));
	mmdb_save(w, path_of("a.mmdb"));

	w = mmdb_create(6, 32);
	at = mmdb_here(w);
	put_asn(w);
	mmdb_insert(w, "10.0.128.0/17", at);
	mmdb_insert(w, "2001:db8::/32", at);
	mmdb_save(w, path_of("b.mmdb"));

	w = mmdb_create(6, 28);
	mmdb_insert(w, "10.0.0.0/8", mmdb_flat_country(w, "CH"));
	mmdb_insert(w, "2001:db8::/33", mmdb_flat_country(w, "SE"));
	mmdb_save(w, path_of("c.mmdb"));

	geo = load(path_of("a.mmdb"), path_of("b.mmdb"), path_of("c.mmdb"));
	ck_assert_msg(geo != NULL, "%s", eb.text);
	/* Position from the first, country from the third, which also has the
	 * continent, by way of the table. */
	p = place_of(geo, "10.0.0.1");
	ck_assert_str_eq(p->country, "CH");
	ck_assert_str_eq(p->continent, "EU");
	ck_assert_uint_eq(p->asn, 0);
	ck_assert_double_eq_tol(p->latitude, 48.86, 1e-9);
	ck_assert_uint_eq(leaf_of(geo, "10.0.0.1")->depth, 17);
	p = place_of(geo, "10.0.200.1");
	ck_assert_uint_eq(p->asn, 64500);
	ck_assert_double_eq_tol(p->latitude, 48.86, 1e-9);
	/* The earlier one counts, for its continent and centre too. */
	p = place_of(geo, "10.8.0.1");
	ck_assert_str_eq(p->country, "NZ");
	ck_assert_str_eq(p->continent, "OC");
	ck_assert_double_lt(p->latitude, 0);
	p = place_of(geo, "10.9.0.1");
	ck_assert_str_eq(p->country, "CH");
	ck_assert_double_eq_tol(p->latitude, 47, 1);
	p = place_of(geo, "2001:db8::1");
	ck_assert_str_eq(p->country, "SE");
	ck_assert_uint_eq(p->asn, 64500);
	p = place_of(geo, "2001:db8:8000::");
	ck_assert_str_eq(p->country, "");
	ck_assert_uint_eq(p->asn, 64500);
	geography_destroy(geo);
}
END_TEST

static void
put_continent_and_registered(struct mmdb_writer *w, const char *continent,
    const char *registered, const char *prefix)
{
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 2);
	mmdb_string(w, "continent");
	put_named(w, "code", continent);
	mmdb_string(w, "registered_country");
	put_named(w, "iso_code", registered);
	mmdb_insert(w, prefix, at);
}

/* Records of a continent and no country, and of codes that are no country. */
START_TEST(place_that_is_a_continent_only)
{
	static const struct {
		const char *prefix, *code;
		const char *country, *continent;
	} rows[] = {
	    {"20.0.0.0/8", "EU", "", "EU"},
	    {"21.0.0.0/8", "AP", "", "AS"},
	    {"22.0.0.0/8", "UK", "GB", "EU"},
	    {"23.0.0.0/8", "XK", "XK", "EU"},
	    {"24.0.0.0/8", "A1", "", ""},
	    {"25.0.0.0/8", "A2", "", ""},
	    {"26.0.0.0/8", "O1", "", ""},
	    {"27.0.0.0/8", "ZZ", "", ""},
	    {"28.0.0.0/8", "AN", "CW", "NA"},
	    {"29.0.0.0/8", "eu", "", "EU"},
	};
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	const struct place *p;
	uint32_t at;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		mmdb_insert(
		    w, rows[i].prefix, mmdb_flat_country(w, rows[i].code));
	/* {"continent": {"code": "EU"}}, and a country code that says nothing
	 * beside one that does. */
	at = mmdb_here(w);
	mmdb_map(w, 1);
	mmdb_string(w, "continent");
	put_named(w, "code", "EU");
	mmdb_insert(w, "30.0.0.0/8", at);
	at = mmdb_here(w);
	mmdb_map(w, 2);
	mmdb_string(w, "country");
	put_named(w, "iso_code", "ZZ");
	mmdb_string(w, "registered_country");
	put_named(w, "iso_code", "DE");
	mmdb_insert(w, "31.0.0.0/8", at);
	put_continent_and_registered(w, "EU", "US", "32.0.0.0/8");
	put_continent_and_registered(w, "EU", "FR", "33.0.0.0/8");
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char address[32];

		snprintf(address, sizeof(address), "%.*s1", 7, rows[i].prefix);
		p = place_of(geo, address);
		ck_assert_msg(strcmp(p->country, rows[i].country) == 0 &&
			strcmp(p->continent, rows[i].continent) == 0,
		    "%s is \"%s\" in \"%s\"", rows[i].code, p->country,
		    p->continent);
		ck_assert_int_eq(p->has_position, rows[i].continent[0] != '\0');
	}
	p = place_of(geo, "30.0.0.1");
	ck_assert_str_eq(p->continent, "EU");
	ck_assert_str_eq(p->country, "");
	ck_assert_double_eq_tol(p->latitude, 50, 5);
	ck_assert_double_eq_tol(p->longitude, 15, 5);
	assert_country(geo, "31.0.0.1", "DE");
	/* In Europe with a network of an American company. */
	p = place_of(geo, "32.0.0.1");
	ck_assert_str_eq(p->continent, "EU");
	ck_assert_str_eq(p->country, "");
	ck_assert_double_eq_tol(p->latitude, 50, 5);
	ck_assert_double_eq_tol(p->longitude, 15, 5);
	assert_country(geo, "33.0.0.1", "FR");
	geography_destroy(geo);
}
END_TEST

/* What an earlier database says of the country is not mixed with what a later
 * one says of another: no client is in the United States and at Paris. */
START_TEST(databases_that_contradict_are_not_mixed)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	const struct place *p;
	uint32_t at;

	mmdb_insert(w, "20.0.0.0/8", mmdb_flat_country(w, "US"));
	mmdb_insert(w, "21.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_insert(w, "22.0.0.0/8", mmdb_flat_country(w, "EU"));
	mmdb_insert(w, "23.0.0.0/8", mmdb_flat_country(w, "AP"));
	mmdb_save(w, path_of("a.mmdb"));
	w = mmdb_create(4, 24);
	at = mmdb_here(w);
	put_city(w);
	for (unsigned i = 20; i < 25; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "%u.0.0.0/8", i);
		mmdb_insert(w, prefix, at);
	}
	mmdb_save(w, path_of("b.mmdb"));
	geo = load(path_of("a.mmdb"), path_of("b.mmdb"), NULL);
	ck_assert_msg(geo != NULL, "%s", eb.text);
	p = place_of(geo, "20.0.0.1");
	ck_assert_str_eq(p->country, "US");
	ck_assert_str_eq(p->continent, "NA");
	ck_assert_double_lt(p->longitude, -60);
	/* Where they agree the later one adds what it knows. */
	p = place_of(geo, "21.0.0.1");
	ck_assert_str_eq(p->country, "FR");
	ck_assert_double_eq_tol(p->latitude, 48.86, 1e-9);
	p = place_of(geo, "22.0.0.1");
	ck_assert_str_eq(p->country, "FR");
	ck_assert_double_eq_tol(p->latitude, 48.86, 1e-9);
	p = place_of(geo, "23.0.0.1");
	ck_assert_str_eq(p->country, "");
	ck_assert_str_eq(p->continent, "AS");
	ck_assert_double_gt(p->longitude, 60);
	assert_country(geo, "24.0.0.1", "FR");
	geography_destroy(geo);
}
END_TEST

/* Records with a position outside of the Earth have that of their country. */
START_TEST(positions_off_the_earth_are_none)
{
	static const struct {
		double latitude, longitude;
		bool taken;
	} rows[] = {{90, 180, true}, {-90, -180, true}, {0, 30, true},
	    {51.5, 0, true}, {90.1, 10, false}, {-90.1, 10, false},
	    {10, 180.1, false}, {10, -180.1, false}, {(double)NAN, 10, false}};
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	char text[32];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t at = mmdb_here(w);

		mmdb_map(w, 2);
		mmdb_string(w, "country_code");
		mmdb_string(w, "FR");
		put_location(w, rows[i].latitude, rows[i].longitude);
		snprintf(text, sizeof(text), "%u.0.0.0/8", i + 20);
		mmdb_insert(w, text, at);
	}
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct place *p;

		snprintf(text, sizeof(text), "%u.0.0.1", i + 20);
		p = place_of(geo, text);
		ck_assert_msg(
		    (p->latitude == rows[i].latitude) == rows[i].taken,
		    "%g %g: at %g", rows[i].latitude, rows[i].longitude,
		    p->latitude);
		ck_assert(rows[i].taken ||
		    (p->latitude > 46.0 && p->latitude < 48.0));
	}
	geography_destroy(geo);
}
END_TEST

/* A value that cannot be read is passed over for the next place that a layout
 * has for it, or is not there. */
START_TEST(values_of_another_kind_are_passed_over)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	const struct place *p;
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 2);
	mmdb_string(w, "continent");
	put_named(w, "code", "??");
	mmdb_string(w, "continent_code");
	mmdb_string(w, "EU");
	mmdb_insert(w, "20.0.0.0/8", at);
	at = mmdb_here(w);
	mmdb_map(w, 3);
	mmdb_string(w, "country_code");
	mmdb_string(w, "FR");
	mmdb_string(w, "latitude");
	mmdb_uint16(w, 7);
	mmdb_string(w, "longitude");
	mmdb_double(w, 10);
	mmdb_insert(w, "21.0.0.0/8", at);
	mmdb_save(w, path_of("a.mmdb"));
	geo = must_load_a();
	ck_assert_str_eq(place_of(geo, "20.0.0.1")->continent, "EU");
	p = place_of(geo, "21.0.0.1");
	ck_assert_double_eq_tol(p->latitude, 47, 1);
	ck_assert_double_eq_tol(p->longitude, 2.5, 1);
	geography_destroy(geo);
}
END_TEST

/* The copy of a database is whole, however the kernel takes it, or an error. */
START_TEST(copies_of_databases_are_whole)
{
	static const struct {
		const char *what;
		enum write_fault fault;
		bool loaded;
	} rows[] = {{"all at once", WRITE_ALL, true},
	    {"interrupted by a signal", WRITE_EINTR, true},
	    {"a byte, then the rest", WRITE_ONE, true},
	    {"nothing is taken", WRITE_NONE, false},
	    {"no room", WRITE_FAILS, false}};
	struct mmdb_writer *w = mmdb_create(4, 24);

	mmdb_insert(w, "20.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_save(w, path_of("a.mmdb"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct geography *geo;

		write_fault = rows[i].fault;
		geo = load(path_of("a.mmdb"), NULL, NULL);
		ck_assert_int_eq(write_fault, WRITE_ALL);
		ck_assert_msg((geo != NULL) == rows[i].loaded, "%s: %s",
		    rows[i].what, eb.text);
		if (geo == NULL) {
			ck_assert_ptr_nonnull(
			    strstr(eb.text, "no memory for a copy"));
			continue;
		}
		assert_country(geo, "20.0.0.1", "FR");
		geography_destroy(geo);
	}
}
END_TEST

/* A database with one record, which says that it is a ${type}, built at
 * ${built_s}. */
static void
write_built(const char *name, const char *type, uint64_t built_s)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 1);
	mmdb_string(w, "country_code");
	mmdb_string(w, "FR");
	mmdb_insert(w, "10.0.0.0/8", at);
	w->type = type;
	w->built_s = built_s;
	mmdb_save(w, path_of(name));
}

/* The oldest date is that of those that have one; a type is text from a file,
 * and does nothing to a terminal. */
START_TEST(databases_say_what_they_are_and_when_they_were_built)
{
	static const struct {
		const char *path, *type, *shown;
		uint64_t built_s;
		int64_t known_s;
	} rows[] = {
	    {"a.mmdb", "GeoLite2-City", "GeoLite2-City", 1782000000,
		1782000000},
	    {"b.mmdb", "bad\033[2J\ntype", "bad[2Jtype", UINT64_MAX, 0},
	    {"c.mmdb", "older", "older", 1781000000, 1781000000},
	};
	const struct geography_database *all;
	struct geography *geo;
	size_t n;

	for (size_t i = 0; i < 3; i++)
		write_built(rows[i].path, rows[i].type, rows[i].built_s);
	geo = load(path_of("a.mmdb"), path_of("b.mmdb"), path_of("c.mmdb"));
	ck_assert_msg(geo != NULL, "%s", eb.text);
	all = geography_databases(geo, &n);
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(all[i].path, path_of(rows[i].path));
		ck_assert_str_eq(all[i].type, rows[i].shown);
		ck_assert_int_eq(all[i].built_s, rows[i].known_s);
	}
	ck_assert_int_eq(geography_built_s(geo), 1781000000);
	geography_destroy(geo);
}
END_TEST

START_TEST(test_no_database)
{
	struct geography *geo = load(NULL, NULL, NULL);

	ck_assert_ptr_nonnull(geo);
	ck_assert_uint_eq(geography_places(geo), 1);
	assert_country(geo, "192.0.2.1", "");
	assert_country(geo, "2001:db8::", "");
	ck_assert_uint_eq(leaf_of(geo, "192.0.2.1")->depth, 0);
	ck_assert_uint_eq(leaf_of(geo, "2001:db8::")->depth, 0);
	geography_destroy(geo);
}
END_TEST

/* That it was refused, with words that name the file and ${why}. */
static void
assert_refused(const char *why)
{
	struct geography *geo = load(path_of("a.mmdb"), NULL, NULL);

	ck_assert_msg(geo == NULL, "not refused: %s", why);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_msg(
	    strstr(eb.text, path_of("a.mmdb")) != NULL, "%s", eb.text);
	ck_assert_msg(
	    strstr(eb.text, why) != NULL, "not \"%s\": %s", why, eb.text);
}

START_TEST(test_errors)
{
	struct mmdb_writer *w;
	ptrdiff_t node;
	uint32_t at;

	assert_refused("No such file");
	ck_assert_msg(
	    strstr(eb.text, "meridian.yaml:7:1") != NULL, "%s", eb.text);
	mmdb_save_bytes(path_of("a.mmdb"), (const uint8_t *)"", 0);
	assert_refused("is empty");
	mmdb_save_bytes(path_of("a.mmdb"), (const uint8_t *)"hello", 5);
	assert_refused("no MaxMind database");
	ck_assert_int_eq(unlink(path_of("a.mmdb")), 0);
	ck_assert_int_eq(mkdir(path_of("a.mmdb"), 0700), 0);
	assert_refused("not a regular file");
	ck_assert_int_eq(rmdir(path_of("a.mmdb")), 0);

	w = mmdb_create(4, 24);
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("no record in it");

	w = mmdb_create(4, 24);
	at = mmdb_here(w);
	put_not_a_map(w);
	mmdb_insert(w, "10.0.0.0/8", at);
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("no record in it");

	w = mmdb_create(5, 24);
	mmdb_insert(w, "10.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("no MaxMind database");

	w = mmdb_create(4, 24);
	w->n_nodes = 0;
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("no MaxMind database");

	/* Every way from there leads back there. */
	w = mmdb_create(4, 24);
	node = mmdb_at(w, "128.0.0.0/2") - w->nodes[0];
	w->nodes[node / 2][0] = w->nodes[node / 2][1] = w->nodes[0][1];
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("loops");
	w = mmdb_create(6, 24);
	node = mmdb_at(w, "8000::/2") - w->nodes[0];
	w->nodes[node / 2][0] = w->nodes[node / 2][1] = w->nodes[0][1];
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("loops");

	/* A loop below what is read. */
	w = mmdb_create(4, 24);
	mmdb_insert(w, "10.0.0.0/32", mmdb_flat_country(w, "FR"));
	mmdb_at(w, "10.0.0.0/28")->value = mmdb_at(w, "10.0.0.0/27")->value;
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("too deep");

	w = mmdb_create(4, 24);
	mmdb_insert(w, "10.0.0.0/8", 4000);
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("points nowhere");

	/* A text that is longer than the file. */
	w = mmdb_create(4, 24);
	at = mmdb_here(w);
	mmdb_map(w, 1);
	mmdb_byte(w, 2 << 5 | 31);
	mmdb_byte(w, 0xff);
	mmdb_byte(w, 0xff);
	mmdb_byte(w, 0xff);
	mmdb_insert(w, "10.0.0.0/8", at);
	mmdb_save(w, path_of("a.mmdb"));
	assert_refused("record at offset 0 is broken");
}
END_TEST

/* Write the database with another node count to a.mmdb; frees the writer. */
static void
save_with_nodes(struct mmdb_writer *w, uint32_t count)
{
	uint8_t *at;

	mmdb_finish(w);
	at = memmem(w->file, w->n_file, "node_count", 10);
	ck_assert_ptr_nonnull(at);
	for (unsigned i = 0; i < 4; i++)
		at[11 + i] = (uint8_t)(count >> (24 - 8 * i));
	mmdb_save_bytes(path_of("a.mmdb"), w->file, w->n_file);
	mmdb_destroy(w);
}

/* Found by fuzzing: a product of 32 bits in libmaxminddb overflowed, and
 * opening the file ended the process. */
START_TEST(test_node_count_beyond_the_file)
{
	static const uint32_t counts[] = {UINT32_MAX, 0x40000000, 0x20000001,
	    0x15555556, 0x24924925, 1000000, 120, 90, 75};
	static const unsigned sizes[] = {24, 28, 32};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		for (size_t s = 0; s < 3; s++) {
			struct mmdb_writer *w = mmdb_create(6, sizes[s]);

			mmdb_insert(w, "8000::/1", mmdb_flat_country(w, "FR"));
			save_with_nodes(w, counts[i]);
			assert_refused("");
		}
}
END_TEST

START_TEST(test_all_errors_are_told)
{
	struct geography *geo =
	    load(path_of("a.mmdb"), path_of("b.mmdb"), NULL);

	ck_assert_ptr_null(geo);
	ck_assert_uint_eq(eb.errors, 2);
	ck_assert_ptr_nonnull(strstr(eb.text, path_of("b.mmdb")));
}
END_TEST

/* A database with a bit of everything, laid out but not saved. */
static struct mmdb_writer *
mixed_database(void)
{
	struct mmdb_writer *w = mmdb_create(6, 28);
	char text[64];
	size_t i;

	for (i = 0; i < LAYOUTS; i++) {
		uint32_t at = mmdb_here(w);

		layouts[i].put(w);
		snprintf(text, sizeof(text), "10.%zu.0.0/%zu", i, 20 + i);
		mmdb_insert(w, text, at);
		snprintf(
		    text, sizeof(text), "2001:db8:%zx000::/%zu", i, 44 + i);
		mmdb_insert(w, text, at);
	}
	i = mmdb_here(w);
	mmdb_pointer(w, 0);
	mmdb_insert(w, "2a00::/16", (uint32_t)i);
	mmdb_alias(w, "2002::/16");
	mmdb_finish(w);
	return w;
}

/* Either it loads, or it says why; it never harms the process. */
static void
try_bytes(const uint8_t *bytes, size_t n)
{
	struct geography *geo;

	mmdb_save_bytes(path_of("a.mmdb"), bytes, n);
	geo = load(path_of("a.mmdb"), NULL, NULL);
	ck_assert_int_eq(geo == NULL, eb.errors > 0);
	geography_destroy(geo);
}

START_TEST(test_cut_files)
{
	struct mmdb_writer *w = mixed_database();

	for (size_t n = 0; n<w->n_file; n += n> w->n_file - 300 ? 1 : 37)
		try_bytes(w->file, n);
	mmdb_destroy(w);
}
END_TEST

START_TEST(test_flipped_bytes)
{
	struct mmdb_writer *w = mixed_database();

	for (uint64_t seed = 0; seed < 2000; seed++) {
		uint64_t random = hash_mix(seed, 11);
		/* Half of them in what stands behind the tree. */
		size_t from = seed % 2 ? w->n_nodes * 7 : 0;
		size_t at = from + random % (w->n_file - from);
		uint8_t was = w->file[at];

		w->file[at] = (uint8_t)(random >> 32);
		try_bytes(w->file, w->n_file);
		/* Damage adds up for a while, then it starts over. */
		if (seed % 4 == 3) {
			mmdb_destroy(w);
			w = mixed_database();
		} else if (seed % 4 == 0)
			w->file[at] = was;
	}
	mmdb_destroy(w);
}
END_TEST

/* The shipped database. */

static const char *
shipped(void)
{
	static char path[256];
	const char *build = getenv("B");

	snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
	    build != NULL ? build : "build");
	return path;
}

START_TEST(test_shipped)
{
	static const struct {
		const char *address, *country, *continent;
	} rows[] = {
	    {"8.8.8.8", "US", "NA"},
	    {"193.0.6.139", "NL", "EU"},
	    {"133.11.0.1", "JP", "AS"},
	    {"200.160.2.3", "BR", "SA"},
	    {"139.130.4.5", "AU", "OC"},
	    {"196.25.1.1", "ZA", "AF"},
	    {"2001:4860:4860::8888", "US", "NA"},
	    {"2001:67c:2e8:22::c100:68b", "NL", "EU"},
	    {"2001:200::1", "JP", "AS"},
	    {"124.66.220.1", "", "AS"}, /* AP: somewhere in Asia */
	    {"127.0.0.1", "", ""},
	    {"192.168.1.1", "", ""},
	    {"::ffff:8.8.8.8", "", ""},
	    {"2002:808:808::", "", ""},
	};
	struct geography *geo = load(shipped(), NULL, NULL);

	ck_assert_msg(geo != NULL, "%s", eb.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct place *p = place_of(geo, rows[i].address);

		ck_assert_msg(strcmp(p->country, rows[i].country) == 0,
		    "%s: %s", rows[i].address, p->country);
		ck_assert_str_eq(p->continent, rows[i].continent);
		ck_assert_int_eq(p->has_position, rows[i].continent[0] != '\0');
	}
	ck_assert_uint_gt(geography_places(geo), 200);
	for (size_t i = 0; i < geography_cover(geo, 4)->n; i++)
		ck_assert_uint_le(geography_cover(geo, 4)->leaves[i].depth, 24);
	for (size_t i = 0; i < geography_cover(geo, 6)->n; i++)
		ck_assert_uint_le(geography_cover(geo, 6)->leaves[i].depth, 48);
	geography_destroy(geo);
}
END_TEST

/* Every code that the shipped database has is in the tables; AP is none, but
 * what registries write for Asia and the Pacific. */
START_TEST(test_shipped_countries_have_positions)
{
	struct geography *geo = load(shipped(), NULL, NULL);

	ck_assert_msg(geo != NULL, "%s", eb.text);
	for (uint32_t i = 1; i < geography_places(geo); i++) {
		const struct place *p = geography_place(geo, i);

		ck_assert_msg(p->has_position, "%s", p->country);
	}
	geography_destroy(geo);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_geography");
	TCase *tc = tcase_create("geography");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_layouts);
	tcase_add_test(tc, test_ipv4_database_knows_no_ipv6);
	tcase_add_test(tc, test_aliases_are_not_ipv6);
	tcase_add_test(tc, test_ipv4_inside_ipv6_is_unknown_there);
	tcase_add_test(tc, test_finer_than_read);
	tcase_add_test(tc, test_equal_places_are_joined);
	tcase_add_test(tc, test_several_databases);
	tcase_add_test(tc, place_that_is_a_continent_only);
	tcase_add_test(tc, databases_that_contradict_are_not_mixed);
	tcase_add_test(tc, positions_off_the_earth_are_none);
	tcase_add_test(tc, values_of_another_kind_are_passed_over);
	tcase_add_test(tc, copies_of_databases_are_whole);
	tcase_add_test(
	    tc, databases_say_what_they_are_and_when_they_were_built);
	tcase_add_test(tc, test_no_database);
	tcase_add_test(tc, test_errors);
	tcase_add_test(tc, test_node_count_beyond_the_file);
	tcase_add_test(tc, test_all_errors_are_told);
	tcase_add_test(tc, test_cut_files);
	tcase_add_test(tc, test_flipped_bytes);
	tcase_add_test(tc, test_shipped);
	tcase_add_test(tc, test_shipped_countries_have_positions);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
