/*
 * Upgrades: a state database of the first release is carried over while the
 * daemons run and are killed; that release goes on beside this one, either way
 * round; what only newer releases may use is named and left alone.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/first_schema.h"
#include "tests/system/node.h"

/* An endpoint is up only while all who look at it say so. */
static void
configure(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_pair(node, "",
	    "every: 100ms, timeout: 1500ms, fall: 1, rise: 1, quorum: all");
	node_standin(node, 0);
	node_standin(node, 1);
}

static sqlite3 *
open_file(struct harness *h, const char *name)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(harness_path(h, name), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	return db;
}

static void
run(sqlite3 *db, const char *sql)
{
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
}

static long long
number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	long long n;

	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
	    "%s: %s", sql, sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/* A state database by ${sql}, put in its place whole. */
static void
put_file(struct harness *h, const char *sql, const char *later)
{
	sqlite3 *db = open_file(h, "new.db");

	run(db, sql);
	run(db, later);
	sqlite3_close(db);
	unlink(harness_path(h, "state.db"));
	unlink(harness_path(h, "state.db-wal"));
	unlink(harness_path(h, "state.db-shm"));
	ck_assert_int_eq(
	    rename(harness_path(h, "new.db"), harness_path(h, "state.db")), 0);
}

/* Whether the file is whole and holds what it held; true when it is of the new
 * schema. */
static bool
look(struct harness *h)
{
	sqlite3 *db = open_file(h, "state.db");
	sqlite3_stmt *stmt;
	bool new;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), "ok");
	sqlite3_finalize(stmt);
	ck_assert_int_eq(number(db, FIRST_LEFT), FIRST_LEFT_COUNT);
	new = number(db,
		  "SELECT count(*) FROM sqlite_schema WHERE name = "
		  "'meta'") == 1;
	if (new)
		ck_assert_int_eq(number(db, "SELECT count(*) FROM meta"), 2);
	ck_assert_int_eq(number(db, FIRST_VERSION_CHECK), 1);
	sqlite3_close(db);
	return new;
}

/* The writing process of the running meridian-probe is there. */
static bool
has_writer(struct node *node)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)node->probe, (int)node->probe);
	return harness_read(node->h, path)[0] != '\0';
}

#define ROUNDS 40

/*
 * A file of the first release under a running system: meridian-probe carries it
 * over and is killed at a random moment around that, again and again.  The file
 * is whole and has its rows, and answers never stop.
 */
START_TEST(test_killed)
{
	struct harness *h = harness_create();
	struct node node;
	unsigned seed = 7;
	int64_t window_us = 0;
	int carried = 0;

	configure(&node, h);
	put_file(h, FIRST_SCHEMA FIRST_ROWS, "");
	node_serve(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t began;
		bool new;

		put_file(h, FIRST_SCHEMA FIRST_ROWS, "");
		node_check(&node);
		HARNESS_WAIT(10000, has_writer(&node));
		began = harness_ms();
		if (round == 0) {
			/* How long it takes when nobody disturbs it. */
			HARNESS_WAIT(10000, look(h));
			window_us = 1000 * (harness_ms() - began) + 1000;
		} else {
			usleep((unsigned)rand_r(&seed) % (unsigned)window_us);
		}
		ck_assert_int_ne(node_pair_answer(&node), 0);
		harness_kill(h, node.probe);
		ck_assert_int_ne(node_pair_answer(&node), 0);
		new = look(h);
		carried += new;
		/* So that about half of them come too late. */
		window_us += new ? -window_us / 10 : window_us / 10;
	}
	printf(
	    "%d of %d carried over before they were killed\n", carried, ROUNDS);
	ck_assert_int_ge(carried, ROUNDS / 8);
	ck_assert_int_le(carried, ROUNDS - ROUNDS / 8);
	/* What was begun is finished, and health gets through. */
	node_check(&node);
	HARNESS_WAIT(10000, look(h));
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(15000, node_pair_answer(&node) == 1);
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(15000, node_pair_answer(&node) == 2);
	ck_assert(look(h));
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The last release, by its own statements: the one that writes, as vantage
 * "last", and the one that reads. */
struct last {
	sqlite3 *writer, *reader;
	long long sequence; /* the largest that was read */
	int events;         /* that were written */
};

static void
last_open(struct last *last, struct harness *h)
{
	sqlite3_stmt *stmt;

	last->sequence = 0;
	last->writer = open_file(h, "state.db");
	last->reader = open_file(h, "state.db");
	/* What it asks of a file before it uses it. */
	ck_assert_int_eq(number(last->writer, FIRST_VERSION_CHECK), 1);
	ck_assert_int_eq(number(last->reader, FIRST_VERSION_CHECK), 1);
	run(last->writer, FIRST_SETTINGS);
	run(last->reader, "PRAGMA query_only = ON");
	(void)sqlite3_db_config(
	    last->reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	run(last->writer, "BEGIN IMMEDIATE");
	ck_assert_int_eq(
	    sqlite3_prepare_v2(last->writer, FIRST_TAKE_LEASE, -1, &stmt, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(stmt, 1, "last", -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, "0.1", -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, 1);
	sqlite3_bind_int64(stmt, 4, number(last->writer, FIRST_TOP) + 1);
	sqlite3_bind_text(stmt, 5, "elsewhere", -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, "boot", -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 7, 4711);
	sqlite3_bind_text(stmt, 8, "id", -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 9, INT64_C(253402300799999));
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	run(last->writer, "COMMIT");
}

static void
last_close(struct last *last)
{
	sqlite3_close(last->reader);
	sqlite3_close(last->writer);
}

/* One commit of it: what it says of eu, an event, a heartbeat. */
static void
last_write(struct last *last, const char *health)
{
	sqlite3 *db = last->writer;
	sqlite3_stmt *put, *event, *beat;
	long long now, top;

	run(db, "BEGIN IMMEDIATE");
	now = number(db, "SELECT strftime('%s', 'now')") * 1000;
	top = number(db, FIRST_TOP);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, FIRST_PUT_ENDPOINT, -1, &put, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, FIRST_PUT_EVENT, -1, &event, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, FIRST_HEARTBEAT, -1, &beat, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(put, 1, "last", -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 2, "inference.example", -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 3, "v1", -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 4, "eu", -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 5, health, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 6, "", -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 7, now);
	sqlite3_bind_int64(put, 8, now);
	sqlite3_bind_int64(put, 9, 1);
	sqlite3_bind_int64(put, 10, 0);
	sqlite3_bind_int64(put, 13, top + 1);
	sqlite3_bind_int64(event, 1, top + 2);
	sqlite3_bind_int64(event, 2, now);
	for (int at = 3; at <= 9; at++)
		sqlite3_bind_text(event, at, "last", -1, SQLITE_STATIC);
	sqlite3_bind_text(beat, 1, "last", -1, SQLITE_STATIC);
	sqlite3_bind_int64(beat, 2, now);
	sqlite3_bind_int64(beat, 3, top + 3);
	sqlite3_bind_int64(beat, 4, 0);
	sqlite3_bind_int64(beat, 5, now + 5000);
	ck_assert_int_eq(sqlite3_step(put), SQLITE_DONE);
	ck_assert_msg(
	    sqlite3_step(event) == SQLITE_DONE, "%s", sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(beat), SQLITE_DONE);
	sqlite3_finalize(put);
	sqlite3_finalize(event);
	sqlite3_finalize(beat);
	run(db, "COMMIT");
	last->events++;
}

/* Whether its reader, which reads what changed, sees that this release's
 * meridian-probe says ${health} of eu. */
static bool
last_reads(struct last *last, const char *health)
{
	sqlite3_stmt *stmt;
	bool seen = false;
	int code;

	run(last->reader, "BEGIN");
	ck_assert_int_eq(
	    sqlite3_prepare_v2(last->reader, FIRST_ENDPOINTS, -1, &stmt, NULL),
	    SQLITE_OK);
	sqlite3_bind_int64(stmt, 1, last->sequence);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		last->sequence = sqlite3_column_int64(stmt, 12);
		if (strcmp((const char *)sqlite3_column_text(stmt, 0),
			"last") != 0 &&
		    strcmp((const char *)sqlite3_column_text(stmt, 3), "eu") ==
			0)
			seen =
			    strcmp((const char *)sqlite3_column_text(stmt, 4),
				health) == 0;
	}
	ck_assert_msg(code == SQLITE_DONE, "%s", sqlite3_errmsg(last->reader));
	sqlite3_finalize(stmt);
	run(last->reader, "COMMIT");
	return seen;
}

/* Each release hears what the other says, while both run. */
static void
go_on_together(struct node *node, struct last *last)
{
	for (int i = 0; i < 3; i++) {
		last_write(last, "down");
		HARNESS_WAIT(5000, node_pair_answer(node) == 1);
		last_write(last, "up");
		HARNESS_WAIT(5000, node_pair_answer(node) == 2);
		node_order(node, 1, "health=down");
		HARNESS_WAIT(15000, last_reads(last, "down"));
		HARNESS_WAIT(5000, node_pair_answer(node) == 1);
		node_order(node, 1, "health=up");
		HARNESS_WAIT(15000, last_reads(last, "up"));
		last_write(last, "up");
		HARNESS_WAIT(5000, node_pair_answer(node) == 2);
	}
	/* None of its events was lost. */
	ck_assert_int_eq(number(last->reader,
			     "SELECT count(*) FROM event WHERE vantage = "
			     "'last'"),
	    last->events);
}

/* The last release made the file and has it open when this one comes. */
START_TEST(test_last_before_ours)
{
	struct harness *h = harness_create();
	struct last last = {0};
	struct node node;

	configure(&node, h);
	put_file(h, FIRST_SCHEMA FIRST_ROWS, "");
	last_open(&last, h);
	last_write(&last, "up");
	/* Readers come before the file is carried over, and stay. */
	node_serve(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	node_check(&node);
	HARNESS_WAIT(10000, look(h));
	go_on_together(&node, &last);
	ck_assert(look(h));
	/* And when it is started again, as after going back. */
	last_close(&last);
	last_open(&last, h);
	last_write(&last, "down");
	HARNESS_WAIT(5000, node_pair_answer(&node) == 1);
	last_close(&last);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* This release made the file, and the last one comes to it. */
START_TEST(test_ours_before_last)
{
	struct harness *h = harness_create();
	struct last last = {0};
	struct node node;

	configure(&node, h);
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	last_open(&last, h);
	go_on_together(&node, &last);
	last_close(&last);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* What came since the first release, of which a newer one has all. */
#define LATER                                                                 \
	"ALTER TABLE vantage ADD region TEXT;"                                \
	"CREATE TABLE latency (client, region, rtt_us, smoothed_us, samples," \
	" measured_ms, sequence);"                                            \
	"CREATE TABLE address (vantage, zone, pool, endpoint, address,"       \
	" health, reason, since_ms, checked_ms, passes, fails, connect_us,"   \
	" first_byte_us, resolved_ms, sequence);"                             \
	"CREATE TABLE load (vantage, zone, pool, endpoint, measured_ms,"      \
	" saturation, waiting, running, max_running, kv_cache, utilization,"  \
	" preemptions, requests, errors, tokens, busy, first_token_us,"       \
	" first_token_95_us, token_us, source, reason, sequence);"            \
	"ALTER TABLE endpoint ADD degraded TEXT NOT NULL DEFAULT '';"         \
	"ALTER TABLE endpoint ADD certificate_ms INTEGER;"                    \
	"ALTER TABLE endpoint ADD first_token_us INTEGER;"                    \
	"ALTER TABLE endpoint ADD maintenance_ms INTEGER;"                    \
	"ALTER TABLE endpoint ADD maintenance TEXT NOT NULL"                  \
	" DEFAULT '';"                                                        \
	"ALTER TABLE endpoint ADD told TEXT NOT NULL"                         \
	" DEFAULT 'unknown';"                                                 \
	"ALTER TABLE endpoint ADD held_ms INTEGER;"                           \
	"ALTER TABLE endpoint ADD hold_ms INTEGER;"                           \
	"ALTER TABLE address ADD held_ms INTEGER;"                            \
	"ALTER TABLE address ADD hold_ms INTEGER;"                            \
	"CREATE TABLE override (number INTEGER PRIMARY KEY, at_ms, action,"   \
	" kind, target, value, length_ms, ramp_ms, author, reason, forced,"   \
	" sequence);"                                                         \
	"CREATE TABLE keep (zone, pool, region, keep, reason, at_ms,"         \
	" sequence);"                                                         \
	"CREATE TABLE factor (zone, pool, endpoint, sixteenths, at_ms,"       \
	" sequence);"                                                         \
	"CREATE TABLE ramp (zone, service, made_for, pool, state, share,"     \
	" next, next_ms, since_ms, reason, at_ms, sequence);"                 \
	"CREATE TABLE demand (node, zone, pool, class, answers, window_ms,"   \
	" at_ms, sequence);"                                                  \
	"ALTER TABLE vantage ADD node TEXT;"                                  \
	"ALTER TABLE override ADD id DEFAULT '';"                             \
	"ALTER TABLE override ADD node DEFAULT '';"                           \
	"ALTER TABLE override ADD shared;"                                    \
	"ALTER TABLE override ADD refused DEFAULT '';"                        \
	"ALTER TABLE override ADD boot DEFAULT '';"                           \
	"ALTER TABLE override ADD steady_ms;"                                 \
	"CREATE TABLE node (name, region, vantage, version, origin, link,"    \
	" cut_ms, seen_ms, zones, steering, geography, sequence,"             \
	" address, revision, rows_in, keys_out, presets, latency, followed,"  \
	" site);"                                                             \
	"CREATE TABLE lock (zone, pool, node, token, sequence);"              \
	"CREATE TABLE served (program, version, zones, steering,"             \
	" geography, loaded_ms, sequence, presets, latency);"                 \
	"CREATE TABLE forgotten (name, at_ms, author, reason, id, node,"      \
	" shared, refused, sequence);"

#define NEWER(read, write)                                                  \
	LATER                                                               \
	"CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value "         \
	"INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                          \
	"INSERT INTO meta VALUES ('schema', 11), ('least_read', " read ");" \
	"PRAGMA application_id = 0x4d657269;"                               \
	"PRAGMA user_version = " write

static unsigned long
checksum(struct harness *h)
{
	FILE *f = fopen(harness_path(h, "state.db"), "re");
	unsigned long sum = 0;
	int c;

	ck_assert_ptr_nonnull(f);
	while ((c = getc(f)) != EOF)
		sum = sum * 31 + (unsigned char)c;
	fclose(f);
	return sum;
}

static bool
logged(struct harness *h, const char *log, const char *words)
{
	return strstr(harness_read(h, harness_path(h, log)), words) != NULL;
}

#define REFUSED(use)                                                       \
	"made by a newer release (needs at least version 11 to " use "); " \
	"this is 10: upgrade, or move it away"

/* All three name a file that only newer releases read, and leave it alone;
 * when it is moved away, they go on. */
START_TEST(test_newer)
{
	struct harness *h = harness_create();
	unsigned long before;
	struct node node;
	const char *out;

	configure(&node, h);
	put_file(h, FIRST_SCHEMA FIRST_ROWS, NEWER("11", "11"));
	before = checksum(h);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000, logged(h, "meridiand.log", REFUSED("read")));
	HARNESS_WAIT(10000, logged(h, "probe.log", REFUSED("read")));
	ck_assert(node_metric(&node, "meridian_state_readable") == 0);
	ck_assert_int_ne(node_ctl(&node, &out, "status", "--json"), 0);
	ck_assert_msg(strstr(out, REFUSED("read")) != NULL, "%s", out);
	/* What nobody knows to be down counts as up. */
	node_order(&node, 1, "health=down");
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(node_pair_answer(&node), 2);
		harness_pause();
	}
	ck_assert_uint_eq(checksum(h), before);
	ck_assert_int_eq(rename(harness_path(h, "state.db"),
			     harness_path(h, "state.db.newer")),
	    0);
	unlink(harness_path(h, "state.db-wal"));
	unlink(harness_path(h, "state.db-shm"));
	HARNESS_WAIT(10000, node_pair_answer(&node) == 1);
	ck_assert(node_metric(&node, "meridian_state_readable") == 1);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* One that we may read and not write: health is known, and nothing written. */
START_TEST(test_newer_to_write)
{
	struct harness *h = harness_create();
	unsigned long before;
	struct node node;
	const char *out;

	configure(&node, h);
	put_file(h, FIRST_SCHEMA FIRST_ROWS, NEWER("1", "11"));
	before = checksum(h);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000, logged(h, "probe.log", REFUSED("write")));
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_ptr_nonnull(strstr(out, "there"));
	ck_assert_ptr_null(strstr(out, "newer release"));
	ck_assert_int_ne(node_pair_answer(&node), 0);
	ck_assert_uint_eq(checksum(h), before);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"killed while it is carried over", test_killed, 120},
	    {"beside the last release, whose file it is", test_last_before_ours,
		60},
	    {"beside the last release, which comes later",
		test_ours_before_last, 60},
	    {"a file for newer releases", test_newer, 60},
	    {"a file for newer releases to write", test_newer_to_write, 60},
	};

	return harness_main(
	    "migration", cases, sizeof(cases) / sizeof(cases[0]));
}
