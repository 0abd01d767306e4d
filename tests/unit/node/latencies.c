/*
 * Round trips of the state database become the order of regions: at the first
 * reading, at each change, and not while an import is under way; what was known
 * goes on while the database is away.
 */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/latencies.h"
#include "state/watch.h"
#include "state/writer.h"
#include "tests/unit/mmdb_writer.h"
#include "tests/unit/node_fixture.h"

/* Longest wait for what has to come; it ends when it came. */
#define WAIT_MS 20000

static uv_loop_t loop;
static struct reloader *reloader;
static struct latencies *latencies;
static const struct latencies_report *report;
static char database[96];
static int adopted;

static int
on_adopt(void *context, struct generation *next, struct errbuf *said)
{
	(void)context;
	(void)next;
	(void)said;
	adopted++;
	return 0;
}

static void
on_change(void *context)
{
	(void)context;
}

/* Nothing is counted here. */
static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return POLICY_NO_OUTCOME;
}

static void
run_sql(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(database, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, WAIT_MS);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK,
	    "%s: %s", sql, why);
	sqlite3_close(db);
}

/* The file with its tables, and no row. */
static void
make_database(void)
{
	struct state_writer *w = state_writer_create(database, "test", 1, "id");

	ck_assert_ptr_nonnull(w);
	ck_assert_msg(state_writer_open(w) == 0, "%s", state_writer_why(w));
	state_writer_destroy(w);
}

/* A round trip of ${client} to ${region}, with sequence ${sequence}. */
static void
measure(const char *client, const char *region, int us, int sequence)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "INSERT OR REPLACE INTO latency VALUES ('%s', '%s', %d, %d, 1, "
	    "1700000000000, %d)",
	    client, region, us, us, sequence);
	run_sql(sql);
}

static void
write_files(void)
{
	struct mmdb_writer *w = mmdb_create(4, 24);

	node_write("geo.mmdb", "");
	mmdb_insert(w, "11.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_save(w, node_path("geo.mmdb"));
	node_write("a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	node_write("a.yaml",
	    "regions:\n"
	    "  eu: {at: [48, 2]}\n"
	    "  us: {at: [39, -77]}\n"
	    "pools:\n"
	    "  p:\n"
	    "    endpoints:\n"
	    "      - {name: e, region: eu, address: 192.0.2.1}\n"
	    "      - {name: u, region: us, address: 192.0.2.2}\n"
	    "services:\n"
	    "  chat: {pool: p, rank: latency}\n"
	    "  near: {pool: p}\n");
	node_write("m.yaml",
	    "listen: [127.0.0.1:53]\ngeo: [geo.mmdb]\nzones:\n"
	    "  - {name: a.example, records: a.zone, steering: a.yaml}\n");
}

static void
start(void)
{
	static const struct reloader_calls calls = {
	    .adopt = on_adopt, .changed = on_change};
	static const struct policy_outcomes none = {.slot = no_slot};
	static char path[128];
	struct errbuf *eb = malloc(sizeof(*eb));

	signal(SIGPIPE, SIG_IGN);
	node_begin();
	write_files();
	snprintf(database, sizeof(database), "%s", node_path("state.db"));
	make_database();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	snprintf(path, sizeof(path), "%s", node_path("m.yaml"));
	reloader = reloader_create(path, &none, &calls, NULL);
	errbuf_init(eb);
	ck_assert_msg(
	    reloader_first(reloader, false, eb) != NULL, "%s", eb->text);
	free(eb);
	latencies = latencies_create(reloader, &loop, on_change, NULL);
	ck_assert_ptr_nonnull(latencies);
	report = latencies_report(latencies);
	adopted = 0;
}

static void
remove_database(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", database, suffixes[i]);
		unlink(path);
	}
}

static void
stop(void)
{
	latencies_stop(latencies);
	reloader_stop(reloader);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert(!latencies_busy(latencies));
	latencies_destroy(latencies);
	reloader_destroy(reloader);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	remove_database();
	node_end();
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
	latencies_tick(latencies);
}

/* Run the loop for ${ms}, or until maps were made ${n} times. */
static void
run_until(uint64_t n, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;
	uv_timer_t timer;

	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, on_tick, 20, 20);
	while ((report->done < n || !latencies_settled(latencies)) &&
	    clock_mono_ms() < end)
		uv_run(&loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
}

/* The best region of a client in 11.0.0.0/8, which is in France. */
static const char *
best(const char *client)
{
	const struct generation *g = reloader_generation(reloader);
	const struct policy_service *service = &g->policy->zones[0].services[0];
	struct address a;
	struct map_leaf leaf;

	ck_assert_int_eq(address_parse(client, &a), 0);
	map_lookup(service->map, &a, &leaf);
	return g->steering[0]->regions[leaf.class->order[0]].name;
}

START_TEST(what_is_measured_orders_the_regions)
{
	start();
	ck_assert_str_eq(best("11.0.1.1"), "eu");
	measure("11.0.1.0/24", "eu", 90000, 100);
	measure("11.0.1.0/24", "us", 20000, 101);
	ck_assert(latencies_settled(latencies)); /* nobody asked yet */
	latencies_follow(latencies, database);
	ck_assert(!latencies_settled(latencies));
	run_until(1, WAIT_MS);
	ck_assert_uint_eq(report->done, 1);
	ck_assert_int_eq(adopted, 1);
	ck_assert_str_eq(best("11.0.1.1"), "us");
	ck_assert_str_eq(best("11.0.2.1"), "eu");
	ck_assert_uint_eq(report->size.cells, 2);
	ck_assert_int_eq(report->newest_ms, 1700000000000);
	/* Each change follows. */
	measure("FR", "us", 1000, 102);
	run_until(2, WAIT_MS);
	ck_assert_str_eq(best("11.0.2.1"), "us");
	/* What is too old to count is nobody's any more. */
	run_sql("UPDATE latency SET rtt_us = NULL, sequence = sequence + 100");
	run_until(3, WAIT_MS);
	ck_assert_str_eq(best("11.0.1.1"), "eu");
	ck_assert_uint_eq(report->size.cells, 0);
	stop();
}
END_TEST

/* Maps are large: those of services that go by distance are not made again. */
START_TEST(maps_in_which_no_round_trip_counts_stay)
{
	const struct policy_service *services;
	const struct map *near, *chat;

	start();
	services = reloader_generation(reloader)->policy->zones[0].services;
	chat = services[0].map;
	near = services[1].map;
	measure("FR", "us", 1000, 100);
	latencies_follow(latencies, database);
	run_until(1, WAIT_MS);
	services = reloader_generation(reloader)->policy->zones[0].services;
	ck_assert_ptr_eq(services[1].map, near);
	ck_assert_ptr_ne(services[0].map, chat);
	stop();
}
END_TEST

START_TEST(what_orders_nothing_anew_makes_no_maps)
{
	start();
	measure("FR", "us", 1000, 100);
	latencies_follow(latencies, database);
	run_until(1, WAIT_MS);
	run_sql("UPDATE latency SET smoothed_us = 1100, samples = 9");
	run_until(2, 1500);
	/* Written again with a new sequence, and the same. */
	measure("FR", "us", 1000, 101);
	run_until(2, 2500);
	ck_assert_uint_eq(report->done, 1);
	ck_assert_int_eq(adopted, 1);
	stop();
}
END_TEST

START_TEST(a_row_that_makes_no_sense_hides_no_other)
{
	static const char *const odd[] = {
	    "11.0.0.1/8", "11.0.0.0/33", "A", "AS0", "fr", "FRA", "x"};

	start();
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		measure(odd[i], "us", 1000, 100 + (int)i);
	measure("AS64500", "eu", 0, 120);
	measure("FR", "us", 1000, 121);
	latencies_follow(latencies, database);
	run_until(1, WAIT_MS);
	ck_assert_uint_eq(report->size.cells, 1);
	ck_assert_str_eq(best("11.0.1.1"), "us");
	stop();
}
END_TEST

START_TEST(without_a_database_what_was_known_counts)
{
	start();
	remove_database();
	latencies_follow(latencies, database);
	run_until(1, 3000);
	/* Nothing can be known: nobody waits for it. */
	ck_assert(latencies_settled(latencies));
	ck_assert_str_ne(report->trouble, "");
	make_database();
	measure("FR", "us", 1000, 100);
	run_until(1, WAIT_MS);
	ck_assert_str_eq(report->trouble, "");
	ck_assert_str_eq(best("11.0.1.1"), "us");
	remove_database();
	run_until(2, 2500);
	ck_assert_str_ne(report->trouble, "");
	ck_assert_str_eq(best("11.0.1.1"), "us");
	stop();
}
END_TEST

START_TEST(half_an_import_counts_for_nothing)
{
	start();
	measure("FR", "us", 1000, 100);
	latencies_follow(latencies, database);
	run_until(1, WAIT_MS);
	run_sql("INSERT INTO meta VALUES ('latency_import', 1000)");
	measure("FR", "eu", 500, 101);
	run_until(2, 2500);
	ck_assert_ptr_nonnull(strstr(report->trouble, "was not finished"));
	ck_assert_str_eq(best("11.0.1.1"), "us");
	run_sql("DELETE FROM meta WHERE name = 'latency_import'");
	run_until(2, WAIT_MS);
	ck_assert_str_eq(best("11.0.1.1"), "eu");
	ck_assert_str_eq(report->trouble, "");
	stop();
}
END_TEST

START_TEST(a_program_that_is_no_server_reads_it_once)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct kept *kept;

	start();
	errbuf_init(eb);
	measure("FR", "us", 1000, 100);
	kept = latencies_read(database, eb);
	ck_assert_ptr_nonnull(kept);
	ck_assert_uint_eq(latency_size(kept_part(kept)).cells, 1);
	kept_release(kept);
	ck_assert(errbuf_ok(eb));
	ck_assert_ptr_null(latencies_read(node_path("none.db"), eb));
	ck_assert(!errbuf_ok(eb));
	free(eb);
	stop();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("node/latencies");
	TCase *c = tcase_create("latencies");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, what_is_measured_orders_the_regions);
	tcase_add_test(c, maps_in_which_no_round_trip_counts_stay);
	tcase_add_test(c, what_orders_nothing_anew_makes_no_maps);
	tcase_add_test(c, a_row_that_makes_no_sense_hides_no_other);
	tcase_add_test(c, without_a_database_what_was_known_counts);
	tcase_add_test(c, half_an_import_counts_for_nothing);
	tcase_add_test(c, a_program_that_is_no_server_reads_it_once);
	suite_add_tcase(s, c);
	return s;
}

int
main(int argc, char **argv)
{
	SRunner *runner;
	int failed;

	if (state_watch_is_child(argc, argv))
		return state_watch_child(argc, argv);
	runner = srunner_create(suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
