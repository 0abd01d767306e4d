/*
 * Files that are followed: databases of geography and files of networks are
 * replaced in every way there is while the server answers, and it serves what
 * was read whole, or what it had, and says which.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/unit/mmdb_writer.h"

/* Several looks, and what they start; a sanitizer makes that slow. */
#define SOON_MS 20000
/* Some looks of 200 ms. */
#define LOOKS_MS 1200

/* The client is in 11/8, of which the database says the country: FR goes to
 * 192.0.2.1, DE to .2, and others, as the network, to .3 and .4. */
#define CLIENT "11.1.2.0/24"
#define OFFICE "203.0.113.0/24"
#define FR "192.0.2.1"
#define DE "192.0.2.2"
#define ELSE "192.0.2.3"
#define NET "192.0.2.4"

#define STEERING(last)                                            \
	"networks:\n"                                             \
	"  office: {file: office.txt}\n"                          \
	"regions:\n"                                              \
	"  fr: {at: [48.8, 2.3]}\n"                               \
	"  de: {at: [52.5, 13.4]}\n"                              \
	"  else: {at: [39.0, -77.5]}\n"                           \
	"  net: {at: [19.1, 72.9]}\n"                             \
	"pools:\n"                                                \
	"  p:\n"                                                  \
	"    endpoints:\n"                                        \
	"      - {name: f, region: fr, address: 192.0.2.1}\n"     \
	"      - {name: d, region: de, address: 192.0.2.2}\n"     \
	"      - {name: e, region: else, address: " last "}\n"    \
	"      - {name: n, region: net, address: 192.0.2.4}\n"    \
	"services:\n"                                             \
	"  one:\n"                                                \
	"    pool: p\n"                                           \
	"    rank: {listed: [else, net, fr, de]}\n"               \
	"    fence:\n"                                            \
	"      - {clients: {networks: [office]}, regions: net}\n" \
	"      - {clients: {countries: [FR]}, regions: fr}\n"     \
	"      - {clients: {countries: [DE]}, regions: de}\n"     \
	"  plain: {pool: p, rank: {listed: [else, net, fr, de]}}\n"

static const char steering[] = STEERING(ELSE);
/* Another answer for clients of no fence. */
static const char edited[] = STEERING("192.0.2.103");

/* A database that says ${country} of 11/8, built at ${built_s}. */
static void
write_database(
    struct harness *h, const char *name, const char *country, int64_t built_s)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t at = mmdb_flat_country(w, country);

	w->type = "Test-Country";
	w->built_s = (uint64_t)built_s;
	mmdb_insert(w, "11.0.0.0/8", at);
	mmdb_save(w, harness_path(h, name));
}

/* The same beside it, and renamed over it, as geoipupdate does. */
static void
put_database(struct harness *h, const char *country)
{
	write_database(h, "new.mmdb", country, time(NULL));
	ck_assert_int_eq(
	    rename(harness_path(h, "new.mmdb"), harness_path(h, "geo.mmdb")),
	    0);
}

static void
write_config(struct node *node, const char *extra)
{
	harness_write(node->h, "meridian.yaml",
	    "listen: [127.0.0.1:%u]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "geo: [geo.mmdb]\n"
	    "%s"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, steering: "
	    "inference.yaml}\n",
	    node->port, node->http, extra);
}

static void
start(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	write_config(node, extra);
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
	harness_write(h, "office.txt", OFFICE "\n");
	put_database(h, "FR");
	node_serve(node);
}

/* The address that a client gets, or what it gets instead. */
static const char *
answer(struct node *node, const char *subnet)
{
	static struct reply reply;
	static char instead[32];

	if (!node_reply(node, "one.inference.example", "A", subnet, &reply))
		return "no answer";
	if (reply.n_answer > 0)
		return reply.answer[0].data;
	snprintf(instead, sizeof(instead), "rcode %u", reply.rcode);
	return instead;
}

/* Ask until the answer is ${to}; meanwhile it is ${from} each time. */
static void
turn(struct node *node, const char *subnet, const char *from, const char *to,
    const char *says)
{
	int64_t end = harness_ms() + SOON_MS;

	for (;;) {
		const char *got = answer(node, subnet);

		if (strcmp(got, to) == 0)
			return;
		ck_assert_msg(
		    strcmp(got, from) == 0, "%s: got \"%s\"", says, got);
		ck_assert_msg(harness_ms() < end, "%s: it is not read", says);
		harness_pause();
	}
}

/* Ask for ${ms}: the answer is ${is}. */
static void
stay(struct node *node, const char *subnet, const char *is, int ms,
    const char *says)
{
	for (int64_t end = harness_ms() + ms; harness_ms() < end;) {
		const char *got = answer(node, subnet);

		ck_assert_msg(
		    strcmp(got, is) == 0, "%s: got \"%s\"", says, got);
		harness_pause();
	}
}

/* Ways to put the database of ${country} in place. */

static void
in_place(struct node *node, const char *country)
{
	write_database(node->h, "geo.mmdb", country, time(NULL));
}

static void
by_rename(struct node *node, const char *country)
{
	put_database(node->h, country);
}

/* A program that downloads into the file, with pauses longer than two looks are
 * apart: what is there then is no database. */
static void
slowly(struct node *node, const char *country)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t at = mmdb_flat_country(w, country);
	const char *was = strcmp(country, "DE") == 0 ? FR : DE;
	int fd;

	mmdb_insert(w, "11.0.0.0/8", at);
	mmdb_finish(w);
	fd = open(harness_path(node->h, "geo.mmdb"), O_WRONLY | O_TRUNC);
	ck_assert_int_ge(fd, 0);
	for (size_t part = 0; part < 4; part++) {
		size_t from = w->n_file * part / 4;
		size_t to = w->n_file * (part + 1) / 4;

		ck_assert_int_eq(
		    write(fd, w->file + from, to - from), (ssize_t)(to - from));
		if (part < 3)
			stay(node, CLIENT, was, 500, "half a database");
	}
	close(fd);
	mmdb_destroy(w);
}

/* With the old one there until the last moment, in bits that change all the
 * time, so that it could be read at each moment. */
static void
bit_by_bit(struct node *node, const char *country)
{
	const char *was = strcmp(country, "DE") == 0 ? FR : DE;
	const char *path = harness_path(node->h, "geo.mmdb");
	int fd = open(path, O_WRONLY | O_APPEND);

	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(write(fd, "x", 1), 1);
		stay(node, CLIENT, was, 100, "a database that is written");
	}
	close(fd);
	in_place(node, country);
}

/* What serves is deployed as a folder, and the link to the folder is turned. */
static void
by_link(struct node *node, const char *country)
{
	const char *link = harness_path(node->h, "link");
	const char *path = harness_path(node->h, "geo.mmdb");
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "%s/geo.mmdb", country);
	ck_assert_int_eq(mkdir(harness_path(node->h, country), 0700), 0);
	write_database(node->h, name, country, time(NULL));
	ck_assert_int_eq(symlink(country, link), 0);
	ck_assert_int_eq(rename(link, harness_path(node->h, "current")), 0);
	ck_assert_int_eq(lstat(path, &st), 0);
	if (S_ISLNK(st.st_mode))
		return;
	ck_assert_int_eq(symlink("current/geo.mmdb", link), 0);
	ck_assert_int_eq(rename(link, path), 0);
}

static void
gone_and_back(struct node *node, const char *country)
{
	const char *was = strcmp(country, "DE") == 0 ? FR : DE;

	ck_assert_int_eq(unlink(harness_path(node->h, "geo.mmdb")), 0);
	stay(node, CLIENT, was, LOOKS_MS, "a database that is gone");
	in_place(node, country);
}

/* With the times of the old one, as cp -p and rsync do. */
static void
with_old_times(struct node *node, const char *country)
{
	struct stat st;
	struct timespec times[2];

	ck_assert_int_eq(stat(harness_path(node->h, "geo.mmdb"), &st), 0);
	write_database(node->h, "new.mmdb", country, time(NULL));
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	ck_assert_int_eq(
	    utimensat(AT_FDCWD, harness_path(node->h, "new.mmdb"), times, 0),
	    0);
	ck_assert_int_eq(rename(harness_path(node->h, "new.mmdb"),
			     harness_path(node->h, "geo.mmdb")),
	    0);
}

static const struct {
	const char *says;
	void (*put)(struct node *node, const char *country);
} ways[] = {
    {"a file that is renamed over it", by_rename},
    {"a file that is written in its place", in_place},
    {"the same with the times of the old one", with_old_times},
    {"a file that is written with pauses", slowly},
    {"a file that is written all the time", bit_by_bit},
    {"a file that is deleted and made again", gone_and_back},
    {"a link that is turned", by_link},
    {"a link that is turned again", by_link},
};

START_TEST(databases_are_followed_whichever_way_they_come)
{
	struct harness *h = harness_create();
	bool german = false;
	struct node node;

	start(&node, h, "geo_follow: 200ms\n");
	turn(&node, CLIENT, FR, FR, "the start");
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		german = !german;
		ways[i].put(&node, german ? "DE" : "FR");
		turn(&node, CLIENT, german ? FR : DE, german ? DE : FR,
		    ways[i].says);
	}
	/* None of it was a reload. */
	ck_assert_double_eq(
	    node_metric(&node, "meridian_reloads_total{result=\"ok\"}"), 0);
	ck_assert_double_ge(
	    node_metric(&node, "meridian_follows_total{result=\"ok\"}"), 8);
	HARNESS_WAIT(
	    SOON_MS, node_metric(&node, "meridian_follow_pending_files") == 0);
	ck_assert_double_eq(node_metric(&node, "meridian_follow_success"), 1);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What no server can read, and a start would not either. */

static void
truncate_it(struct harness *h)
{
	struct stat st;
	const char *path = harness_path(h, "geo.mmdb");

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
}

static void
empty_it(struct harness *h)
{
	ck_assert_int_eq(truncate(harness_path(h, "geo.mmdb"), 0), 0);
}

static void
delete_it(struct harness *h)
{
	ck_assert_int_eq(unlink(harness_path(h, "geo.mmdb")), 0);
}

static void
make_it_a_folder(struct harness *h)
{
	delete_it(h);
	ck_assert_int_eq(mkdir(harness_path(h, "geo.mmdb"), 0700), 0);
}

/* A text is what a download gives whose key has expired. */
static void
write_nonsense(struct harness *h)
{
	harness_write(h, "geo.mmdb", "no database at all\n");
}

static void
know_nothing(struct harness *h)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 0);
	mmdb_insert(w, "11.0.0.0/8", at);
	mmdb_save(w, harness_path(h, "geo.mmdb"));
}

static const struct {
	const char *says, *error;
	void (*spoil)(struct harness *h);
} spoilt[] = {
    {"half a database", "no MaxMind database, or cut short", truncate_it},
    {"an empty one", "is empty", empty_it},
    {"none", "No such file or directory", delete_it},
    {"a folder", "is not a regular file", make_it_a_folder},
    {"a text", "no MaxMind database, or cut short", write_nonsense},
    {"one that knows nothing", "no record in it has a country", know_nothing},
};

/* How often ${words} are in the log. */
static size_t
count_log(struct node *node, const char *words)
{
	const char *at =
	    harness_read(node->h, harness_path(node->h, "meridiand.log"));
	size_t n = 0;

	while ((at = strstr(at, words)) != NULL) {
		at++;
		n++;
	}
	return n;
}

START_TEST(what_cannot_be_read_never_replaces_what_serves)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	start(&node, h, "geo_follow: 200ms\n");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		size_t before = count_log(&node, "what cannot be read is");

		spoilt[i].spoil(h);
		HARNESS_WAIT(SOON_MS,
		    node_metric(&node, "meridian_follow_success") == 0);
		stay(&node, CLIENT, FR, LOOKS_MS, spoilt[i].says);
		/* It is said once. */
		ck_assert_uint_eq(
		    count_log(&node, "what cannot be read is"), before + 1);
		ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
		ck_assert_msg(strstr(out, "NOT FOLLOWED: since ") != NULL,
		    "%s: %s", spoilt[i].says, out);
		ck_assert_int_eq(node_ctl(&node, &out, "status", "--json"), 1);
		ck_assert_msg(strstr(out, spoilt[i].error) != NULL, "%s: %s",
		    spoilt[i].says, out);
		ck_assert_double_eq(
		    node_metric(&node, "meridian_follow_pending_files"), 1);
		ck_assert_int_eq(node_ctl(&node, &out, "check", "--files"), 1);
		rmdir(harness_path(h, "geo.mmdb"));
		put_database(h, "FR");
		HARNESS_WAIT(SOON_MS,
		    node_metric(&node, "meridian_follow_success") == 1);
		ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Files of networks are followed in the steering that serves; the files that
 * are said with a reload, whatever is in them, are not looked at. */
START_TEST(networks_are_followed_and_a_half_edited_steering_file_is_not)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "geo_follow: 200ms\n");
	turn(&node, OFFICE, NET, NET, "the start");
	node_steering(&node, "services:\n  one: {po");
	harness_write(h, "office.txt", "198.51.100.0/24\n");
	turn(&node, OFFICE, NET, ELSE, "a network that left");
	ck_assert_str_eq(answer(&node, "198.51.100.0/24"), NET);
	put_database(h, "DE");
	turn(&node, CLIENT, FR, DE, "a database beside a half edited file");
	/* One that could be loaded, but was not said to be ready. */
	node_steering(&node, "%s", edited);
	harness_write(h, "office.txt", "198.51.100.0/24\n" OFFICE "\n");
	turn(&node, OFFICE, ELSE, NET, "a network that came back");
	ck_assert_str_eq(
	    node_ask(&node, "plain.inference.example", "A", CLIENT), ELSE);
	/* A prefix that is none: what was served stays, for its network too. */
	harness_write(h, "office.txt", "198.51.100.0/24\n203.0.113\n");
	HARNESS_WAIT(
	    SOON_MS, node_metric(&node, "meridian_follow_success") == 0);
	stay(&node, OFFICE, NET, LOOKS_MS, "a network file with an error");
	/* It holds nothing else back. */
	put_database(h, "FR");
	turn(&node, CLIENT, DE, FR, "a database beside a broken network");
	harness_write(h, "office.txt", "198.51.100.0/24\n");
	turn(&node, OFFICE, NET, ELSE, "a network file that is mended");
	ck_assert_str_eq(
	    node_ask(&node, "plain.inference.example", "A", CLIENT), ELSE);
	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(SOON_MS,
	    strcmp(node_ask(&node, "plain.inference.example", "A", CLIENT),
		"192.0.2.103") == 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A file that comes each minute brings its warnings each time: they are said
 * when they are others. */
START_TEST(warnings_of_files_that_come_often_are_said_once)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "geo_follow: 200ms\n");
	for (int i = 1; i <= 3; i++) {
		harness_write(h, "office.txt",
		    "# number %d\n" OFFICE "\n::ffff:192.0.2.0/120\n", i);
		HARNESS_WAIT(SOON_MS,
		    node_metric(
			&node, "meridian_follows_total{result=\"ok\"}") == i);
	}
	ck_assert_uint_eq(count_log(&node, "matches nobody"), 1);
	harness_write(
	    h, "office.txt", "# moved\n\n" OFFICE "\n::ffff:192.0.2.0/120\n");
	HARNESS_WAIT(SOON_MS, count_log(&node, "matches nobody") == 2);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(nothing_is_followed_when_it_is_off)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	start(&node, h, "geo_follow: off\n");
	put_database(h, "DE");
	harness_write(h, "office.txt", "198.51.100.0/24\n");
	stay(&node, CLIENT, FR, 2 * LOOKS_MS, "nobody follows");
	ck_assert_str_eq(answer(&node, OFFICE), NET);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_str_eq(answer(&node, CLIENT), DE);
	ck_assert_str_eq(answer(&node, OFFICE), ELSE);
	/* It is turned on by a reload, without a start. */
	write_config(&node, "geo_follow: 200ms\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	put_database(h, "FR");
	turn(&node, CLIENT, DE, FR, "followed since the reload");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A reload does not wait until a database is at rest; it takes none that was
 * written meanwhile.  The large one takes a while to read. */
START_TEST(a_reload_takes_no_database_that_is_being_written)
{
	struct harness *h = harness_create();
	const char *path = harness_path(h, "geo.mmdb"), *out;
	struct node node;
	int fd;

	start(&node, h, "geo_follow: off\n");
	ck_assert_int_eq(
	    harness_run(h, &out, "/bin/cp",
		harness_built(h, "geo/iptoasn-country.mmdb"), path, NULL),
	    0);
	fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_ge(fd, 0);
	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(SOON_MS,
	    write(fd, "x", 1) == 1 &&
		node_metric(
		    &node, "meridian_reloads_total{result=\"failed\"}") == 1);
	ck_assert_uint_eq(
	    count_log(&node, "geo.mmdb: was written while it was read"), 1);
	ck_assert_str_eq(answer(&node, CLIENT), FR);
	close(fd);
	put_database(h, "DE");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_str_eq(answer(&node, CLIENT), DE);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The build date is shown; what is older than geo_max_age is warned of when it
 * is loaded, by check, status and metrics, until a new one is followed. */
START_TEST(old_databases_are_warned_of)
{
	struct harness *h = harness_create();
	int64_t built = time(NULL) - INT64_C(31) * 86400;
	char metric[4200], value[64];
	const char *out, *path;
	struct node node;

	node_init(&node, h);
	write_config(&node, "geo_follow: 200ms\ngeo_max_age: 30d\n");
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	harness_write(h, "office.txt", OFFICE "\n");
	write_database(h, "geo.mmdb", "FR", built);
	ck_assert_int_eq(node_ctl(&node, &out, "check", "--files"), 0);
	ck_assert_msg(strstr(out, ":4:7: warning: ") != NULL &&
		strstr(out, "31 days ago, and geo_max_age is 30d") != NULL,
	    "%s", out);
	node_serve(&node);
	ck_assert_uint_eq(count_log(&node, "31 days ago"), 1);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	ck_assert_msg(strstr(out, "GEOGRAPHY OLD: ") != NULL &&
		strstr(out, "Test-Country, built ") != NULL,
	    "%s", out);
	path = harness_path(h, "geo.mmdb");
	snprintf(metric, sizeof(metric),
	    "meridian_geo_database_old{file=\"%s\",type=\"Test-Country\"}",
	    path);
	ck_assert_double_eq(node_metric(&node, metric), 1);
	snprintf(metric, sizeof(metric),
	    "meridian_geo_database_build_timestamp_seconds{file=\"%s\","
	    "type=\"Test-Country\"}",
	    path);
	ck_assert_double_eq(node_metric(&node, metric), (double)built);
	snprintf(value, sizeof(value), "\"old\": true");
	ck_assert_ptr_nonnull(
	    strstr(node_page(&node, "/api/v1/status"), value));
	put_database(h, "FR");
	HARNESS_WAIT(SOON_MS, node_metric(&node, metric) > (double)built);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "check", "--files"), 0);
	ck_assert_ptr_null(strstr(out, "warning"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"databases are followed whichever way they come",
		databases_are_followed_whichever_way_they_come, 120},
	    {"what cannot be read never replaces what serves",
		what_cannot_be_read_never_replaces_what_serves, 120},
	    {"networks are followed and a half edited steering file is not",
		networks_are_followed_and_a_half_edited_steering_file_is_not,
		120},
	    {"warnings of files that come often are said once",
		warnings_of_files_that_come_often_are_said_once, 120},
	    {"nothing is followed when it is off",
		nothing_is_followed_when_it_is_off, 120},
	    {"a reload takes no database that is being written",
		a_reload_takes_no_database_that_is_being_written, 120},
	    {"old databases are warned of", old_databases_are_warned_of, 120},
	};

	return harness_main("follow", cases, sizeof(cases) / sizeof(cases[0]));
}
