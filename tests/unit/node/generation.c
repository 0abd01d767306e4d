/*
 * Generations: what a reload reads again after which change, and that what it
 * takes over is the same thing, lives as long as someone has it, and says its
 * warnings again.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/inputs.h"
#include "node/generation.h"
#include "tests/unit/mmdb_writer.h"

/* The clocks of this test, instead of those of base/clock.c. */
static int64_t now_ms = 1000;

int64_t
clock_mono_ms(void)
{
	return now_ms;
}

int64_t
clock_wall_ms(void)
{
	return INT64_C(1700000000000) + now_ms;
}

const char *
clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	snprintf(out, CLOCK_TEXT, "%lld", (long long)wall_ms);
	return out;
}

static char folder[] = "/tmp/meridian-generation-XXXXXX";
static size_t row; /* each has a folder of its own */
static struct errbuf eb;

static const char *
path_of(const char *name)
{
	static char path[4][256];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(
	    path[turn], sizeof(path[turn]), "%s/%zu/%s", folder, row, name);
	return path[turn];
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

#define ZONE(more)              \
	"$TTL 300\n"            \
	"@ SOA a b 1 2 3 4 5\n" \
	"@ NS ns.else.\n" more

#define STEERING(services)                                     \
	"networks:\n"                                          \
	"  office: {file: office.txt, country: FR}\n"          \
	"regions:\n"                                           \
	"  us: {at: [39.0, -77.5]}\n"                          \
	"  eu: {at: [53.3, -6.3]}\n"                           \
	"checks:\n"                                            \
	"  unused: {scheme: https, ca: ca.pem}\n"              \
	"pools:\n"                                             \
	"  v1:\n"                                              \
	"    endpoints:\n"                                     \
	"      - {name: us, region: us, address: 192.0.2.1}\n" \
	"      - {name: eu, region: eu, address: 192.0.2.2}\n" \
	"services:\n" services

#define CONFIG(geo, zones)         \
	"listen: [127.0.0.1:53]\n" \
	"geo: [" geo "]\n"         \
	"include_from: [shared]\n" \
	"zones:\n" zones

#define ZONE_A "  - {name: a.example, records: a.zone, steering: a.yaml}\n"
#define ZONE_B "  - {name: b.example, records: b.zone, steering: b.yaml}\n"
#define ZONE_C "  - {name: c.example, records: c.zone}\n"

static void
save_geography(const char *country)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t data = mmdb_here(w);

	mmdb_flat_country(w, country);
	mmdb_insert(w, "11.0.0.0/8", data);
	mmdb_save(w, path_of("geo.mmdb"));
}

static void
write_row(void)
{
	ck_assert_int_eq(mkdir(path_of(""), 0700), 0);
	ck_assert_int_eq(mkdir(path_of("shared"), 0700), 0);
	save_geography("FR");
	write_file("office.txt", "10.1.0.0/16\n");
	write_file("a.yaml", STEERING("  one: {pool: v1}\n"));
	write_file("b.yaml", STEERING("  one: {pool: v1}\n"));
	write_file("a.zone", ZONE("$INCLUDE shared/part\n"));
	write_file("b.zone", ZONE("x A 192.0.2.1\nx A 192.0.2.1\n"));
	write_file("c.zone", ZONE(""));
	write_file("shared/part", "y A 192.0.2.7\n");
	write_file("meridian.yaml", CONFIG("geo.mmdb", ZONE_A ZONE_B ZONE_C));
}

/* Changes. */

static void
nothing(void)
{
}

static void
change_zone(void)
{
	write_file("c.zone", ZONE("z A 192.0.2.9\n"));
}

static void
change_include(void)
{
	write_file("shared/part", "y A 192.0.2.8\n");
}

static void
change_steering(void)
{
	write_file("a.yaml", STEERING("  one: {pool: v1, ttl: {max: 10s}}\n"));
}

static void
change_services(void)
{
	write_file(
	    "a.yaml", STEERING("  two: {pool: v1}\n  one: {pool: v1}\n"));
}

static void
change_network(void)
{
	write_file("office.txt", "10.2.0.0/16\n");
}

static void
make_authority(void)
{
	write_file("ca.pem", "now it is there\n");
}

static void
change_geography(void)
{
	save_geography("DE");
}

static void
drop_geography(void)
{
	write_file("meridian.yaml",
	    "listen: [127.0.0.1:53]\ninclude_from: "
	    "[shared]\nzones:\n" ZONE_A ZONE_B ZONE_C);
}

static void
other_order(void)
{
	write_file("meridian.yaml", CONFIG("geo.mmdb", ZONE_C ZONE_B ZONE_A));
}

static void
drop_steered(void)
{
	write_file("meridian.yaml", CONFIG("geo.mmdb", ZONE_A ZONE_C));
}

static void
drop_plain(void)
{
	write_file("meridian.yaml", CONFIG("geo.mmdb", ZONE_A ZONE_B));
}

static void
add_zone(void)
{
	write_file("meridian.yaml",
	    CONFIG("geo.mmdb",
		ZONE_A ZONE_B ZONE_C
		"  - {name: d.example, records: c.zone}\n"));
}

static void
other_case(void)
{
	write_file("meridian.yaml",
	    CONFIG("geo.mmdb",
		ZONE_A ZONE_B "  - {name: C.Example., records: c.zone}\n"));
}

static void
other_path(void)
{
	ck_assert_int_eq(link(path_of("c.zone"), path_of("d.zone")), 0);
	write_file("meridian.yaml",
	    CONFIG("geo.mmdb",
		ZONE_A ZONE_B "  - {name: c.example, records: d.zone}\n"));
}

static void
other_folders(void)
{
	write_file("meridian.yaml",
	    "listen: [127.0.0.1:53]\ngeo: [geo.mmdb]\nzones:\n" ZONE_A ZONE_B
		ZONE_C);
}

static void
no_steering(void)
{
	write_file("meridian.yaml",
	    CONFIG("geo.mmdb",
		ZONE_A ZONE_C "  - {name: b.example, records: b.zone}\n"));
}

/* What is read for the next generation after a change. */
static const struct {
	const char *says;
	void (*change)(void);
	size_t read, kept;
	bool geography_kept, maps_kept;
} changes[] = {
    {"nothing", nothing, 0, 3, true, true},
    {"the records of one zone", change_zone, 1, 2, true, true},
    {"a file that one zone includes", change_include, 1, 2, true, true},
    {"how one zone is steered", change_steering, 1, 2, true, false},
    {"which names of one zone are steered", change_services, 1, 2, true, false},
    {"a network's file that two zones name", change_network, 2, 1, true, false},
    {"a file that was missed only", make_authority, 2, 1, true, false},
    {"geography", change_geography, 0, 3, false, false},
    {"geography that is gone", drop_geography, 0, 3, false, false},
    {"zones in another order", other_order, 0, 3, true, true},
    {"a steered zone that is gone", drop_steered, 0, 2, true, false},
    {"a plain zone that is gone", drop_plain, 0, 2, true, true},
    {"a new zone", add_zone, 1, 3, true, true},
    {"a zone's name in another case", other_case, 0, 3, true, true},
    {"a zone's records by another name", other_path, 1, 2, true, true},
    {"where included files may lie", other_folders, 3, 0, true, true},
    {"a zone that is not steered any more", no_steering, 1, 2, true, false},
};
#define N_CHANGES (sizeof(changes) / sizeof(changes[0]))

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	static const char *const names[] = {"geo.mmdb", "office.txt", "a.yaml",
	    "b.yaml", "a.zone", "b.zone", "c.zone", "d.zone", "shared/part",
	    "meridian.yaml", "ca.pem"};

	for (row = 0; row < N_CHANGES; row++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			unlink(path_of(names[i]));
		rmdir(path_of("shared"));
		rmdir(path_of(""));
	}
	rmdir(folder);
}

static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return UINT32_MAX;
}

/* Load, whatever comes of it. */
static struct generation *
try_load(const struct generation *before)
{
	static const struct policy_outcomes outcomes = {.slot = no_slot};

	errbuf_init(&eb);
	return generation_load(
	    path_of("meridian.yaml"), &outcomes, before, &eb);
}

static struct generation *
load(const struct generation *before)
{
	struct generation *g = try_load(before);

	ck_assert_msg(
	    g != NULL && g->zones_held == 0 && eb.errors == 0, "%s", eb.text);
	return g;
}

/* Until what was written is old enough to be taken over. */
static void
settle(void)
{
	const struct timespec pause = {
	    .tv_sec = INPUTS_SETTLED_NS / 1000000000, .tv_nsec = 50000000};

	nanosleep(&pause, NULL);
}

static size_t
count_lines(const char *text, const char *words)
{
	size_t n = 0;

	while ((text = strstr(text, words)) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* Load, change, load again; the first generation ends before the second. */
static void
try_change(void)
{
	struct generation *first = load(NULL), *second;
	const struct zone *zone = first->zone[2];
	char *said = strdup(eb.text);
	bool changed;

	ck_assert_uint_eq(first->zones_read, 3);
	ck_assert_uint_eq(first->zones_kept, 0);
	ck_assert(!first->geography_kept && !first->maps_kept);
	changes[row].change();
	changed = generation_changed(first, 0) != NULL ||
	    generation_changed(first, 1) != NULL ||
	    generation_changed(first, 2) != NULL;
	ck_assert_msg(changed == (changes[row].change != nothing), "%s",
	    changes[row].says);
	second = load(first);
	ck_assert_msg(second->zones_read == changes[row].read &&
		second->zones_kept == changes[row].kept &&
		second->geography_kept == changes[row].geography_kept &&
		second->maps_kept == changes[row].maps_kept,
	    "%s: %zu read, %zu kept, geography %d, maps %d", changes[row].says,
	    second->zones_read, second->zones_kept, second->geography_kept,
	    second->maps_kept);
	if (changes[row].change == nothing) {
		ck_assert_ptr_eq(zone, second->zone[2]);
		ck_assert_ptr_eq(first->maps, second->maps);
		ck_assert_str_eq(eb.text, said);
	}
	/* A duplicate in b.zone, and a check nobody uses. */
	if (changes[row].change != drop_steered) {
		ck_assert_uint_eq(
		    count_lines(eb.text, "the same record stands"), 1);
		ck_assert_uint_ge(eb.warnings, 2);
	}
	free(said);
	generation_release(first);
	/* What was taken over is there and whole. */
	for (size_t i = 0; i < second->n_zones; i++)
		ck_assert_uint_ge(zone_records(second->zone[i]), 2);
	generation_release(second);
}

START_TEST(change)
{
	for (row = 0; row < N_CHANGES; row++)
		write_row();
	settle();
	for (row = 0; row < N_CHANGES; row++)
		try_change();
}
END_TEST

/* Files that were just written are read once more, and then not again. */
START_TEST(young_files)
{
	struct generation *first, *second, *third, *fourth;

	row = 0;
	write_row();
	first = load(NULL);
	second = load(first);
	ck_assert_uint_eq(second->zones_read, 3);
	ck_assert(!second->maps_kept);
	generation_release(first);
	settle();
	third = load(second);
	ck_assert_uint_eq(third->zones_read, 3);
	generation_release(second);
	fourth = load(third);
	ck_assert_uint_eq(fourth->zones_kept, 3);
	ck_assert(fourth->maps_kept);
	generation_release(third);
	generation_release(fourth);
}
END_TEST

/* Records with errors stay as they were, whatever else changes; the next reload
 * reads them again. */
START_TEST(held_zone)
{
	struct generation *first, *second, *third;

	row = 0;
	write_row();
	settle();
	first = load(NULL);
	ck_assert_uint_eq(first->zones_held, 0);
	write_file("b.zone", ZONE("x A wrong\n"));
	write_file("c.zone", ZONE("x A 192.0.2.1\n"));
	second = try_load(first);
	ck_assert_msg(second != NULL, "%s", eb.text);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_ptr_nonnull(strstr(eb.text, "b.zone:4:5: error: "));
	/* What was said of the old file is no news of this one. */
	ck_assert_ptr_null(strstr(eb.text, "the same record stands"));
	ck_assert_uint_eq(second->zones_held, 1);
	ck_assert(!second->held[0] && second->held[1] && !second->held[2]);
	ck_assert_ptr_eq(second->zone[1], first->zone[1]);
	ck_assert_ptr_eq(second->steering[1], first->steering[1]);
	ck_assert(second->maps_kept);
	ck_assert_uint_eq(second->zones_read, 1);
	ck_assert_uint_eq(second->zones_kept, 1);
	ck_assert_uint_eq(zone_records(second->zone[2]), 3);
	generation_release(first);
	/* How the same names are steered may change. */
	write_file("b.yaml", STEERING("  one: {pool: v1, answers: 2}\n"));
	first = try_load(second);
	ck_assert_uint_eq(first->zones_held, 1);
	ck_assert_ptr_eq(second->zone[1], first->zone[1]);
	ck_assert_ptr_ne(second->steering[1], first->steering[1]);
	ck_assert_uint_eq(first->policy->zones[1].services[0].answers, 2);
	generation_release(second);
	/* But not which are: the old records know nothing of them. */
	write_file("b.yaml", STEERING("  one: {pool: v1}\n  x: {pool: v1}\n"));
	ck_assert_ptr_null(try_load(first));
	ck_assert_ptr_nonnull(strstr(eb.text,
	    ": error: zone b.example: its records have errors, and cannot stay "
	    "as they are, because other names or types of it are to be "
	    "steered\n"));
	write_file("b.zone", ZONE("x A 192.0.2.1\n"));
	settle();
	second = first;
	third = load(second);
	ck_assert_uint_eq(third->zones_held, 0);
	ck_assert_uint_eq(third->policy->zones[1].n_services, 2);
	ck_assert_uint_eq(zone_records(third->zone[1]), 3);
	generation_release(second);
	generation_release(third);
}
END_TEST

/* Files of other names: those of before are the same, and not the zone's any
 * more. */
START_TEST(held_zone_elsewhere)
{
	struct generation *first, *second, *third;

	row = 0;
	write_row();
	settle();
	first = load(NULL);
	write_file("d.zone", ZONE("x A wrong\n"));
	write_file("meridian.yaml",
	    CONFIG("geo.mmdb",
		ZONE_A ZONE_B "  - {name: c.example, records: d.zone}\n"));
	second = try_load(first);
	ck_assert_uint_eq(second->zones_held, 1);
	third = try_load(second);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_uint_eq(third->zones_held, 1);
	ck_assert_ptr_eq(third->zone[2], first->zone[2]);
	generation_release(first);
	generation_release(second);
	write_file("meridian.yaml", CONFIG("geo.mmdb", ZONE_A ZONE_B ZONE_C));
	second = load(third);
	ck_assert_uint_eq(second->zones_held, 0);
	ck_assert_uint_eq(second->zones_read, 1);
	generation_release(third);
	generation_release(second);
}
END_TEST

/* A zone that was never there has no records to stay as they were. */
START_TEST(absent_zone)
{
	struct generation *first, *second;

	row = 0;
	write_row();
	write_file("b.zone", ZONE("x A wrong\n"));
	settle();
	first = try_load(NULL);
	ck_assert_msg(first != NULL, "%s", eb.text);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_uint_eq(first->zones_held, 1);
	ck_assert(zone_available(first->zone[0]));
	ck_assert(!zone_available(first->zone[1]));
	ck_assert_uint_eq(zone_records(first->zone[1]), 0);
	second = try_load(first);
	ck_assert_uint_eq(second->zones_held, 1);
	ck_assert(!zone_available(second->zone[1]));
	generation_release(first);
	write_file("b.zone", ZONE(""));
	first = load(second);
	ck_assert(zone_available(first->zone[1]));
	ck_assert_uint_eq(first->policy->zones[1].n_services, 1);
	generation_release(second);
	generation_release(first);
}
END_TEST

/* When no zone is good nothing is, nor when it is not records that are wrong;
 * what was taken over then is taken over again by the next reload. */
START_TEST(failed_reload)
{
	struct generation *first, *second;

	row = 0;
	write_row();
	settle();
	first = load(NULL);
	write_file("a.yaml", "services: {}\n");
	ck_assert_ptr_null(try_load(first));
	write_file("a.yaml", STEERING("  one.else.: {pool: v1}\n"));
	ck_assert_ptr_null(try_load(first));
	ck_assert_uint_eq(eb.errors, 1);
	write_file("a.yaml", STEERING("  one: {pool: v1}\n"));
	write_file("a.zone", ZONE("x A wrong\n"));
	write_file("b.zone", ZONE("x A wrong\n"));
	write_file("c.zone", ZONE("x A wrong\n"));
	ck_assert_ptr_null(try_load(first));
	ck_assert_uint_eq(eb.errors, 3);
	ck_assert_ptr_null(try_load(NULL));
	write_file("a.zone", ZONE("x A 192.0.2.1\n"));
	write_file("b.zone", ZONE("x A 192.0.2.1\n"));
	write_file("c.zone", ZONE("x A 192.0.2.1\n"));
	second = load(first);
	ck_assert_uint_eq(second->zones_read, 3);
	generation_release(first);
	ck_assert_uint_ge(zone_records(second->zone[0]), 3);
	generation_release(second);
}
END_TEST

/* Following. */

/* What is followed of ${g}, as it is on disk now, to ${now}. */
static void
look(const struct generation *g, struct inputs *now)
{
	struct inputs was = {0};

	ck_assert_int_eq(generation_followed(g, &was), 0);
	*now = (struct inputs){0};
	for (size_t i = 0; i < was.n; i++)
		ck_assert_int_eq(inputs_note(now, was.files[i].path), 0);
	inputs_finish(&was);
}

/* Follow ${before}, whatever comes of it. */
static struct generation *
follow(const struct generation *before)
{
	static const struct policy_outcomes outcomes = {.slot = no_slot};
	struct inputs now;
	struct generation *g;

	look(before, &now);
	errbuf_init(&eb);
	g = generation_follow(before, &now, &outcomes, &eb);
	inputs_finish(&now);
	return g;
}

/* The country that a map of ${g} would see at ${text}. */
static const char *
country_at(const struct generation *g, const char *text)
{
	static struct place place;
	struct address address;
	uint32_t networks[4];

	ck_assert_int_eq(address_parse(text, &address), 0);
	map_place(g->geography, g->steering[0], &address, &place, networks, 4);
	return place.country;
}

/* All that an operator says with a reload, half written. */
static void
spoil_the_rest(void)
{
	write_file("a.yaml", "networks: {office: {fi");
	write_file("b.yaml", "");
	write_file("a.zone", "$TTL");
	write_file("c.zone", ZONE("z A 192.0.2.9\n"));
	write_file("meridian.yaml", "lis");
}

START_TEST(databases_and_networks_are_what_is_followed)
{
	struct generation *g;
	struct inputs was = {0};

	row = 0;
	write_row();
	g = load(NULL);
	ck_assert_int_eq(generation_followed(g, &was), 0);
	ck_assert_uint_eq(was.n, 3);
	ck_assert_str_eq(was.files[0].path, path_of("geo.mmdb"));
	ck_assert_str_eq(was.files[1].path, path_of("office.txt"));
	ck_assert_str_eq(was.files[2].path, path_of("office.txt"));
	ck_assert_ptr_null(inputs_changed(&was));
	inputs_finish(&was);
	generation_release(g);
}
END_TEST

/* A steering file that is half edited does not matter, nor does any other. */
START_TEST(a_new_database_is_followed_and_nothing_else_is_read)
{
	struct generation *first, *second;

	row = 0;
	write_row();
	first = load(NULL);
	ck_assert_str_eq(country_at(first, "11.9.0.1"), "FR");
	spoil_the_rest();
	ck_assert_ptr_null(follow(first));
	ck_assert_uint_eq(eb.errors, 0);
	save_geography("DE");
	second = follow(first);
	ck_assert_msg(second != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text, "");
	ck_assert_str_eq(country_at(second, "11.9.0.1"), "DE");
	ck_assert_str_eq(country_at(first, "11.9.0.1"), "FR");
	ck_assert(!second->geography_kept && !second->maps_kept);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_ptr_eq(second->zone[i], first->zone[i]);
		ck_assert_ptr_eq(second->steering[i], first->steering[i]);
	}
	ck_assert_ptr_eq(second->config, first->config);
	generation_release(first);
	ck_assert_ptr_null(follow(second));
	ck_assert_ptr_eq(second->policy->zones[1].config, second->steering[1]);
	ck_assert_str_eq(second->config->zones[2].name, "c.example");
	generation_release(second);
}
END_TEST

START_TEST(a_new_network_file_is_followed_by_the_steering_that_serves)
{
	struct generation *first, *second;

	row = 0;
	write_row();
	first = load(NULL);
	spoil_the_rest();
	write_file("office.txt", "192.0.2.0/24\n10.3.0.0/16\n");
	second = follow(first);
	ck_assert_msg(second != NULL, "%s", eb.text);
	ck_assert(second->geography_kept && !second->maps_kept);
	ck_assert_ptr_eq(second->geography, first->geography);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_uint_eq(
		    first->steering[i]->networks[0].n_prefixes, 1);
		ck_assert_uint_eq(
		    second->steering[i]->networks[0].n_prefixes, 2);
		ck_assert_ptr_eq(second->zone[i], first->zone[i]);
	}
	generation_release(first);
	/* And once more, of what was followed already. */
	write_file("office.txt", "192.0.2.0/24\n10.3.0.0/16\n10.4.0.0/16\n");
	first = follow(second);
	ck_assert_msg(first != NULL, "%s", eb.text);
	ck_assert_uint_eq(first->steering[0]->networks[0].n_prefixes, 3);
	generation_release(second);
	generation_release(first);
}
END_TEST

/* A part that is broken stays; the others are followed all the same. */
START_TEST(what_cannot_be_read_stays)
{
	struct generation *first, *second;

	row = 0;
	write_row();
	first = load(NULL);
	write_file("geo.mmdb", "half a database");
	ck_assert_ptr_null(follow(first));
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "geo.mmdb: no MaxMind database, or cut short"));
	write_file("office.txt", "10.3.0.0/16\n");
	second = follow(first);
	ck_assert_ptr_nonnull(second);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_ptr_eq(second->geography, first->geography);
	ck_assert_str_eq(country_at(second, "11.9.0.1"), "FR");
	ck_assert_ptr_ne(second->steering[0], first->steering[0]);
	generation_release(first);
	ck_assert_int_eq(unlink(path_of("office.txt")), 0);
	save_geography("DE");
	first = follow(second);
	ck_assert_ptr_nonnull(first);
	ck_assert_uint_eq(eb.errors, 2); /* in two steering files */
	ck_assert_ptr_nonnull(strstr(eb.text, "office.txt"));
	ck_assert_str_eq(country_at(first, "11.9.0.1"), "DE");
	ck_assert_ptr_eq(second->steering[0], first->steering[0]);
	generation_release(second);
	generation_release(first);
}
END_TEST

/* A zone that is held back is so still, and a reload after it reads what the
 * files say then. */
START_TEST(following_changes_nothing_for_a_reload)
{
	struct generation *first, *second, *third;

	row = 0;
	write_row();
	write_file("b.zone", ZONE("x A wrong\n"));
	settle();
	first = try_load(NULL);
	ck_assert_msg(first != NULL, "%s", eb.text);
	save_geography("DE");
	second = follow(first);
	ck_assert_msg(second != NULL, "%s", eb.text);
	ck_assert_uint_eq(second->zones_held, 1);
	ck_assert(second->held[1] && !second->held[0]);
	ck_assert(!zone_available(second->zone[1]));
	generation_release(first);
	settle();
	write_file("b.zone", ZONE(""));
	write_file("c.zone", ZONE("z A 192.0.2.9\n"));
	third = load(second);
	ck_assert_uint_eq(third->zones_read, 2);
	ck_assert_uint_eq(third->zones_kept, 1);
	/* Geography was just written when it was followed, and is settled by
	 * now: it is the same file. */
	ck_assert_str_eq(country_at(third, "11.9.0.1"), "DE");
	generation_release(second);
	generation_release(third);
}
END_TEST

static void
write_built(uint64_t built_s)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t data = mmdb_here(w);

	w->built_s = built_s;
	mmdb_flat_country(w, "FR");
	mmdb_insert(w, "11.0.0.0/8", data);
	mmdb_save(w, path_of("geo.mmdb"));
}

/* The clock of this test says 2023-11-14. */
START_TEST(old_databases_are_warned_of_at_each_load)
{
	static const struct {
		uint64_t built_s;
		const char *max_age;
		bool old;
	} rows[] = {
	    {1700000000 - 31 * 86400, "30d", true},
	    {1700000000 - 29 * 86400, "30d", false},
	    {1700000000 - 31 * 86400, "off", false},
	    {1700000000 + 31 * 86400, "30d", false}, /* a clock that is wrong */
	};
	struct generation *first, *second;
	char text[512];

	row = 0;
	write_row();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_built(rows[i].built_s);
		snprintf(text, sizeof(text), "geo_max_age: %s\n%s",
		    rows[i].max_age, CONFIG("geo.mmdb", ZONE_A));
		write_file("meridian.yaml", text);
		first = load(NULL);
		ck_assert_uint_eq(
		    count_lines(eb.text, "meridian.yaml:3:7: warning: "),
		    rows[i].old);
		ck_assert_uint_eq(
		    count_lines(eb.text, "31 days ago, and geo_max_age is 30d"),
		    rows[i].old);
		generation_release(first);
	}
	/* It is said again, once, when geography is taken over. */
	snprintf(text, sizeof(text), "geo_max_age: 1d\n%s",
	    CONFIG("geo.mmdb", ZONE_A));
	write_file("meridian.yaml", text);
	write_built(1700000000 - 31 * 86400);
	settle();
	first = load(NULL);
	second = load(first);
	ck_assert(second->geography_kept);
	ck_assert_uint_eq(count_lines(eb.text, "31 days ago"), 1);
	generation_release(first);
	/* But not when only a network is followed, which may be each minute. */
	write_file("office.txt", "10.3.0.0/16\n");
	first = follow(second);
	ck_assert_msg(first != NULL, "%s", eb.text);
	ck_assert_uint_eq(count_lines(eb.text, "days ago"), 0);
	generation_release(second);
	write_built(1700000000 - 31 * 86400);
	second = follow(first);
	ck_assert_uint_eq(count_lines(eb.text, "31 days ago"), 1);
	generation_release(first);
	generation_release(second);
}
END_TEST

/* What one file says of a service and another one of its name. */
static const struct {
	const char *service, *records, *other; /* a zone served beside it */
	bool error;
	const char *message; /* NULL: nothing is said */
} rows_of_services[] = {
    {"  one: {pool: v1}\n", "", "c.example", false, NULL},
    {"  one: {pool: v1, last_resort: [records]}\n", "one A 192.0.2.3\n",
	"c.example", false, NULL},
    {"  one: {pool: v1, last_resort: [records]}\n", "", "c.example", true,
	"last_resort: records: the zone file has no A record at "
	"one.a.example., but endpoints have IPv4 addresses"},
    {"  one: {pool: v1, last_resort: [records]}\n",
	"one A 192.0.2.3\none AAAA 2001:db8::3\n", "c.example", false,
	"one.a.example.: the zone file's AAAA records there are never given "
	"out: no endpoint has an IPv6 address"},
    {"  one: {pool: v1, last_resort: [servfail]}\n", "one A 192.0.2.3\n",
	"c.example", false,
	"one.a.example.: the zone file's A records there are never given out: "
	"last_resort does not name records"},
    {"  One.Sub: {pool: v1}\n", "", "sub.a.example", true,
	"service one.sub.a.example.: cannot be steered: the zone "
	"sub.a.example. is served here too, and answers for it"},
    {"  one.sub: {pool: v1}\n", "", "sub.c.example", false, NULL},
    {"  one: {pool: v1}\n", "", "one.a.example", true,
	"service one.a.example.: cannot be steered: the zone one.a.example. "
	"is served here too, and answers for it"},
    {"  one: {pool: v1}\n  One: {pool: v1}\n", "", "c.example", false,
	"/a.yaml:15:3: error: service one.a.example. is given twice: it is in "
	"line 14 already"},
};

START_TEST(services)
{
	char steering[1024], config[512];
	struct generation *g;

	row = 0;
	write_row();
	snprintf(steering, sizeof(steering), "%s%s", STEERING(""),
	    rows_of_services[_i].service);
	write_file("a.yaml", steering);
	snprintf(config, sizeof(config), "%s%s", ZONE(""),
	    rows_of_services[_i].records);
	write_file("a.zone", config);
	snprintf(config, sizeof(config),
	    CONFIG("geo.mmdb", ZONE_A "  - {name: %s, records: c.zone}\n"),
	    rows_of_services[_i].other);
	write_file("meridian.yaml", config);
	g = try_load(NULL);
	ck_assert_msg((g == NULL) == rows_of_services[_i].error, "%s", eb.text);
	ck_assert_msg(rows_of_services[_i].message == NULL ||
		strstr(eb.text, rows_of_services[_i].message) != NULL,
	    "%s", eb.text);
	if (rows_of_services[_i].message == NULL)
		ck_assert_ptr_null(strstr(eb.text, "one"));
	generation_release(g);
}
END_TEST

/* Signatures get old, and what is said of them with them. */
START_TEST(signed_zone)
{
	struct generation *first, *second, *third;

	row = 0;
	write_row();
	write_file("c.zone", ZONE("@ DNSKEY 257 3 8 AwEAAaetidLz\n"));
	settle();
	first = load(NULL);
	now_ms += 3600 * 1000;
	second = load(first);
	ck_assert_uint_eq(second->zones_kept, 3);
	now_ms++;
	third = load(second);
	ck_assert_uint_eq(third->zones_kept, 2);
	ck_assert_uint_eq(third->zones_read, 1);
	generation_release(first);
	generation_release(second);
	generation_release(third);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_generation");
	TCase *reloads = tcase_create("reloads");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(reloads, 60);
	tcase_add_checked_fixture(reloads, make_folder, remove_folder);
	tcase_add_test(reloads, change);
	tcase_add_test(reloads, young_files);
	tcase_add_test(reloads, held_zone);
	tcase_add_test(reloads, held_zone_elsewhere);
	tcase_add_test(reloads, absent_zone);
	tcase_add_test(reloads, failed_reload);
	tcase_add_test(reloads, signed_zone);
	tcase_add_test(reloads, databases_and_networks_are_what_is_followed);
	tcase_add_test(
	    reloads, a_new_database_is_followed_and_nothing_else_is_read);
	tcase_add_test(reloads,
	    a_new_network_file_is_followed_by_the_steering_that_serves);
	tcase_add_test(reloads, what_cannot_be_read_stays);
	tcase_add_test(reloads, following_changes_nothing_for_a_reload);
	tcase_add_test(reloads, old_databases_are_warned_of_at_each_load);
	tcase_add_loop_test(reloads, services, 0,
	    (int)(sizeof(rows_of_services) / sizeof(rows_of_services[0])));
	suite_add_tcase(suite, reloads);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
