/*
 * The reader of the state database: full and incremental changes, files that
 * are missing, empty, replaced, locked or broken, rows that make no sense.
 */
#include "tests/unit/state_fixture.h"

#include "state/reader.h"
#include "state/writer.h"
#include "tests/first_schema.h"

#define MAX_ROWS 64

/* What the last change gave. */
static struct {
	int begun, committed, vantages, endpoints, events;
	bool full;
	struct state_vantage vantage;
	struct state_endpoint row[MAX_ROWS];
	struct state_event event[MAX_ROWS];
} got;

static struct state_reader *reader;
static struct state_writer *writer;
static struct errbuf errors;

static void
take_begin(void *context, bool full)
{
	(void)context;
	memset(&got, 0, sizeof(got));
	got.begun = 1;
	got.full = full;
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	(void)context;
	got.vantages++;
	got.vantage = *row;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	(void)context;
	ck_assert_int_lt(got.endpoints, MAX_ROWS);
	got.row[got.endpoints++] = *row;
}

static void
take_commit(void *context)
{
	(void)context;
	got.committed++;
}

static void
take_event(void *context, const struct state_event *event)
{
	(void)context;
	ck_assert_int_lt(got.events, MAX_ROWS);
	got.event[got.events++] = *event;
}

static const struct state_sink sink = {
    .begin = take_begin,
    .vantage = take_vantage,
    .endpoint = take_endpoint,
    .commit = take_commit,
};

static void
setup(void)
{
	make_folder();
	reader = state_reader_create(file);
	writer = state_writer_create(file, "here", getpid(), "id");
	errbuf_init(&errors);
}

static void
teardown(void)
{
	state_reader_destroy(reader);
	state_writer_destroy(writer);
	remove_folder();
}

static int
look(void)
{
	memset(&got, 0, sizeof(got));
	errbuf_init(&errors);
	return state_reader_poll(reader, &sink, NULL, &errors);
}

/* Look until something comes, or for a second. */
static int
look_again(void)
{
	int64_t end = clock_mono_ms() + 1500;
	int status;

	while ((status = look()) != 1 && clock_mono_ms() < end)
		usleep(10000);
	return status;
}

static void
put(const char *endpoint, enum state_health health)
{
	struct state_endpoint row = a_row(endpoint, health);

	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_put(writer, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
}

static void
open_writer(void)
{
	ck_assert_msg(
	    state_writer_open(writer) == 0, "%s", state_writer_why(writer));
}

/* Round trips, as a reader that follows them alone gets them. */
static struct {
	unsigned begins, full, commits, rows;
	struct state_latency row;
} measured;

static void
begin_measured(void *context, bool full)
{
	(void)context;
	measured.begins++;
	measured.full += full;
	measured.rows = 0;
}

static void
take_measured(void *context, const struct state_latency *row)
{
	(void)context;
	measured.row = *row;
	measured.rows++;
}

static void
commit_measured(void *context)
{
	(void)context;
	measured.commits++;
}

static const struct state_sink latency_sink = {.begin = begin_measured,
    .latency = take_measured,
    .commit = commit_measured};

static int
look_at_latency(void)
{
	errbuf_init(&errors);
	return state_reader_poll(reader, &latency_sink, NULL, &errors);
}

START_TEST(round_trips_come_alone_and_all_at_each_change)
{
	open_writer();
	put("a", HEALTH_UP);
	run_sql(
	    "INSERT INTO latency VALUES ('192.0.2.0/24', 'eu', 9000, 9100, 4, "
	    "1, 100), ('DE', 'us', NULL, 80000, 1, 1, 101)");
	state_reader_follow(reader, TABLES_LATENCY);
	memset(&measured, 0, sizeof(measured));
	ck_assert_int_eq(look_at_latency(), 1);
	ck_assert_uint_eq(measured.rows, 2);
	ck_assert_uint_eq(measured.commits, 1);
	/* What others write is no news. */
	put("a", HEALTH_DOWN);
	ck_assert_int_eq(look_at_latency(), 0);
	run_sql(
	    "UPDATE latency SET rtt_us = 7000, sequence = 200 WHERE client = "
	    "'DE'");
	ck_assert_int_eq(look_at_latency(), 1);
	ck_assert_uint_eq(measured.full, 2);
	ck_assert_uint_eq(measured.rows, 2);
	ck_assert_str_eq(measured.row.client, "DE");
	ck_assert_int_eq(measured.row.rtt_us, 7000);
	/* And the reader of health hears nothing of it. */
	state_reader_destroy(reader);
	reader = state_reader_create(file);
	ck_assert_int_eq(look(), 1);
	run_sql("UPDATE latency SET rtt_us = 6000, sequence = 300");
	ck_assert_int_eq(look(), 0);
}
END_TEST

START_TEST(an_import_is_waited_for_and_told_when_it_died)
{
	char mark[128];

	open_writer();
	run_sql(
	    "INSERT INTO latency VALUES ('DE', 'us', 80000, 80000, 1, 1, 101)");
	state_reader_follow(reader, TABLES_LATENCY);
	memset(&measured, 0, sizeof(measured));
	ck_assert_int_eq(look_at_latency(), 1);
	snprintf(mark, sizeof(mark),
	    "INSERT INTO meta VALUES ('latency_import', %lld)",
	    (long long)clock_wall_ms());
	run_sql(mark);
	run_sql("UPDATE latency SET rtt_us = 6000, sequence = 300");
	ck_assert_int_eq(look_at_latency(), 0);
	ck_assert_int_eq(look_at_latency(), 0);
	run_sql("UPDATE meta SET value = value - 31000 WHERE name = "
		"'latency_import'");
	ck_assert_int_eq(look_at_latency(), -1);
	ck_assert_ptr_nonnull(
	    strstr(state_reader_why(reader), "was not finished"));
	run_sql("DELETE FROM meta WHERE name = 'latency_import'");
	for (int i = 0; i < 200 && look_at_latency() != 1; i++)
		usleep(10000);
	ck_assert_int_eq(measured.row.rtt_us, 6000);
	ck_assert_uint_eq(measured.begins, 2);
}
END_TEST

START_TEST(one_that_starts_during_an_import_takes_what_is_there)
{
	open_writer();
	run_sql(
	    "INSERT INTO latency VALUES ('DE', 'us', 80000, 80000, 1, 1, 101);"
	    "INSERT INTO meta VALUES ('latency_import', 5)");
	state_reader_follow(reader, TABLES_LATENCY);
	memset(&measured, 0, sizeof(measured));
	ck_assert_int_eq(look_at_latency(), 1);
	ck_assert_int_eq(measured.row.rtt_us, 80000);
	/* And then it waits like any other. */
	run_sql("UPDATE latency SET rtt_us = 6000, sequence = 300");
	ck_assert_int_eq(look_at_latency(), -1);
	ck_assert_uint_eq(measured.begins, 1);
}
END_TEST

START_TEST(a_file_of_the_first_release_has_no_round_trips)
{
	run_sql(FIRST_SCHEMA);
	state_reader_follow(reader, TABLES_LATENCY);
	memset(&measured, 0, sizeof(measured));
	ck_assert_msg(look_at_latency() == 1, "%s", state_reader_why(reader));
	ck_assert_int_eq(look_at_latency(), 0);
	ck_assert_uint_eq(measured.begins, 1);
}
END_TEST

START_TEST(first_all_then_what_is_new)
{
	open_writer();
	put("a", HEALTH_UP);
	put("b", HEALTH_DOWN);
	ck_assert_int_eq(look(), 1);
	ck_assert(got.full);
	ck_assert_int_eq(got.committed, 1);
	ck_assert_int_eq(got.vantages, 1);
	ck_assert_int_eq(got.endpoints, 2);
	ck_assert_int_eq(look(), 0);
	ck_assert_int_eq(got.begun, 0);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert(!got.full);
	ck_assert_int_eq(got.endpoints, 1);
	ck_assert_str_eq(got.row[0].endpoint, "b");
	ck_assert_int_eq(got.row[0].health, HEALTH_UP);
}
END_TEST

START_TEST(a_row_is_what_was_written)
{
	open_writer();
	put("a", HEALTH_DOWN);
	ck_assert_int_eq(look(), 1);
	ck_assert_str_eq(got.row[0].vantage, "here");
	ck_assert_str_eq(got.row[0].zone, "inference.example");
	ck_assert_str_eq(got.row[0].pool, "chat-v1");
	ck_assert_int_eq(got.row[0].health, HEALTH_DOWN);
	ck_assert_str_eq(got.row[0].reason, "refused");
	ck_assert_int_eq(got.row[0].since_ms, 1700000000000);
	ck_assert_int_eq(got.row[0].checked_ms, 1700000001000);
	ck_assert_uint_eq(got.row[0].fails, 3);
	ck_assert_int_eq(got.row[0].connect_us, 1200);
	ck_assert_int_eq(got.row[0].first_byte_us, -1);
	ck_assert_str_eq(got.vantage.name, "here");
	ck_assert_str_eq(got.vantage.version, MERIDIAN_VERSION);
	ck_assert_int_gt(
	    (int64_t)got.vantage.sequence, (int64_t)got.row[0].sequence);
}
END_TEST

START_TEST(a_heartbeat_alone_is_a_change)
{
	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(got.vantages, 1);
	ck_assert_int_eq(got.endpoints, 0);
}
END_TEST

START_TEST(a_removal_makes_the_next_change_full)
{
	struct state_endpoint row = a_row("a", HEALTH_UP);

	open_writer();
	put("a", HEALTH_UP);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_forget(writer, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
	ck_assert_int_eq(look(), 1);
	ck_assert(got.full);
	ck_assert_int_eq(got.endpoints, 1);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert(!got.full);
}
END_TEST

/* As when it is the last number of all that the file has. */
START_TEST(a_removal_that_was_read_makes_no_later_change_full)
{
	open_writer();
	put("a", HEALTH_UP);
	run_sql("UPDATE vantage SET removed = sequence");
	ck_assert_int_eq(look(), 1);
	/* A change that leaves the numbers of removals as they are. */
	run_sql("UPDATE endpoint SET sequence = (SELECT sequence + 1 FROM"
		" vantage)");
	ck_assert_int_eq(look(), 1);
	ck_assert(!got.full);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(a_missing_file_is_read_as_soon_as_it_is_there)
{
	ck_assert_int_eq(look(), -1);
	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(another_schema_is_read_in_the_same_look)
{
	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	run_sql("CREATE TABLE more (x); UPDATE endpoint SET sequence = 90");
	ck_assert_int_eq(look(), 1);
	ck_assert(got.full);
	ck_assert_int_eq(got.endpoints, 1);
	ck_assert_int_eq(look(), 0);
}
END_TEST

START_TEST(a_file_of_the_first_release_is_read)
{
	run_sql(FIRST_SCHEMA);
	run_sql(
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence)"
	    " VALUES ('here', '1', 1700000000000, 5);"
	    "INSERT INTO endpoint (vantage, zone, pool, endpoint, health,"
	    " since_ms, checked_ms, sequence) VALUES ('here', 'z', 'p', 'e',"
	    " 'up', 1, 1, 4)");
	ck_assert_msg(look() == 1, "%s", state_reader_why(reader));
	ck_assert_int_eq(got.vantages, 1);
	ck_assert_int_eq(got.endpoints, 1);
	ck_assert_str_eq(state_reader_odd(reader), "");
}
END_TEST

/* The process that meridianctl signals, by what its row says. */
static const struct {
	const char *says, *sql;
	int64_t owner; /* -1: our own process */
} owners[] = {
    {"the one that wrote it", "SELECT 1", -1},
    {"of a lease that has run out", "UPDATE vantage SET lease_until_ms = 1", 0},
    {"of another machine", "UPDATE vantage SET owner_host = 'elsewhere'", 0},
    {"of another boot", "UPDATE vantage SET owner_boot = 'other'", 0},
    {"of another vantage", "UPDATE vantage SET name = 'there'", 0},
    {"the first process of all", "UPDATE vantage SET owner_pid = 1", 0},
    {"the second", "UPDATE vantage SET owner_pid = 2", 2},
    {"all processes", "UPDATE vantage SET owner_pid = -1", 0},
    {"no number of a process", "UPDATE vantage SET owner_pid = 2147483648", 0},
    {"the largest number", "UPDATE vantage SET owner_pid = 2147483647",
	2147483647},
};

START_TEST(the_owner_of_a_vantage_is_a_process_of_ours_or_nobody)
{
	int64_t owner;

	open_writer();
	put("a", HEALTH_UP);
	run_sql(owners[_i].sql);
	owner = state_reader_owner(reader, "here", &errors);
	ck_assert_msg(
	    owner == (owners[_i].owner < 0 ? getpid() : owners[_i].owner),
	    "%s: %lld", owners[_i].says, (long long)owner);
	ck_assert(errbuf_ok(&errors));
}
END_TEST

START_TEST(no_owner_is_known_without_a_file)
{
	ck_assert_int_eq(state_reader_owner(reader, "here", &errors), -1);
	ck_assert(!errbuf_ok(&errors));
	/* And a reader that never was is no trouble. */
	state_reader_destroy(NULL);
}
END_TEST

START_TEST(a_sequence_that_went_back_makes_it_full)
{
	open_writer();
	put("a", HEALTH_UP);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	run_sql("UPDATE vantage SET sequence = 1;"
		"UPDATE endpoint SET sequence = 1 WHERE endpoint = 'a';"
		"DELETE FROM endpoint WHERE endpoint = 'b'");
	ck_assert_int_eq(look(), 1);
	ck_assert(got.full);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(another_file_in_its_place)
{
	char other[200];

	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	state_writer_destroy(writer);
	snprintf(other, sizeof(other), "%s.old", file);
	ck_assert_int_eq(rename(file, other), 0);
	remove_files();
	writer = state_writer_create(file, "there", getpid(), "id");
	open_writer();
	put("z", HEALTH_UP);
	ck_assert_int_eq(look_again(), 1);
	ck_assert(got.full);
	ck_assert_str_eq(got.vantage.name, "there");
	ck_assert_int_eq(got.endpoints, 1);
	ck_assert_str_eq(got.row[0].endpoint, "z");
}
END_TEST

START_TEST(an_older_copy_in_its_place_is_told)
{
	const char *log;
	char copy[200], sql[256];

	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	snprintf(copy, sizeof(copy), "%s.copy", file);
	snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", copy);
	run_sql(sql);
	catch_log();
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_str_eq(read_log(), "");
	state_writer_destroy(writer);
	writer = NULL;
	remove_files();
	ck_assert_int_eq(rename(copy, file), 0);
	catch_log();
	ck_assert_int_eq(look_again(), 1);
	log = read_log();
	ck_assert_msg(
	    strstr(log, "an older copy or a new file is in its place"), "%s",
	    log);
	ck_assert_ptr_nonnull(strstr(log, "see meridian-operations(7)"));
	ck_assert(got.full);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

/* Files that cannot be read, and what is said. */
static const struct {
	const char *says, *sql, *bytes, *why;
} unreadable[] = {
    {"nothing there", NULL, NULL, "No such file or directory"},
    {"an empty file", NULL, "", "not written yet"},
    {"a database without tables", "PRAGMA journal_mode = WAL; VACUUM", NULL,
	"not written yet"},
    {"a newer schema", NEWER_FILE(11, 11), NULL,
	"made by a newer release (needs at least version 11 to read); this is "
	"10: upgrade, or move it away"},
    {"somebody's database with a version",
	"PRAGMA user_version = 2; CREATE TABLE x (y)", NULL, "something else"},
    {"somebody's database", "CREATE TABLE x (y)", NULL, "something else"},
    {"the first version without its tables",
	"PRAGMA user_version = 1; CREATE TABLE vantage (name, version)", NULL,
	"something else"},
    {"the first version without its columns",
	"PRAGMA user_version = 1; CREATE TABLE vantage (name, version);"
	"CREATE TABLE endpoint (x); CREATE TABLE event (x)",
	NULL, "no such"},
    {"our name without the table that says more",
	"PRAGMA application_id = 0x4d657269; CREATE TABLE x (y)", NULL,
	"no such table: meta"},
    {"a text", NULL,
	"not a database, but long enough to have a header of one, "
	"a hundred octets and some more, so it is looked at",
	"not a database"},
};

START_TEST(what_cannot_be_read_is_said)
{
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]);
	     i++) {
		unsigned long before = 0;

		remove_files();
		state_reader_destroy(reader);
		reader = state_reader_create(file);
		if (unreadable[i].sql != NULL)
			run_sql(unreadable[i].sql);
		else if (unreadable[i].bytes != NULL)
			write_file(file, unreadable[i].bytes,
			    strlen(unreadable[i].bytes));
		if (i > 0)
			before = file_sum();
		for (int k = 0; k < 2; k++) {
			ck_assert_msg(look() == -1, "%s", unreadable[i].says);
			ck_assert_msg(strstr(state_reader_why(reader),
					  unreadable[i].why) != NULL,
			    "%s: %s", unreadable[i].says,
			    state_reader_why(reader));
			ck_assert_ptr_nonnull(
			    strstr(errors.text, unreadable[i].why));
			ck_assert_ptr_nonnull(strstr(errors.text, file));
			ck_assert_int_eq(got.begun, 0);
			usleep(60000);
		}
		if (i > 0)
			ck_assert_uint_eq(before, file_sum());
		else
			ck_assert_int_ne(access(file, F_OK), 0);
	}
	/* And when it is good again it is read. */
	remove_files();
	open_writer();
	put("a", HEALTH_UP);
	ck_assert_int_eq(look_again(), 1);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(a_folder_in_its_place)
{
	ck_assert_int_eq(mkdir(file, 0700), 0);
	ck_assert_int_eq(look(), -1);
	ck_assert_str_eq(state_reader_why(reader), "not a regular file");
	rmdir(file);
}
END_TEST

/* Changes by hand to tables without their constraints; the row of endpoint b is
 * good in all of them. */
static const struct {
	const char *says, *sql;
	int endpoints, vantages;
} senseless[] = {
    {"all is well", "SELECT 1", 2, 1},
    {"no health", "SET health = NULL", 1, 1},
    {"another health", "SET health = 'maybe'", 1, 1},
    {"a health in octets", "SET health = x'7570'", 1, 1},
    {"a health as number", "SET health = 1", 1, 1},
    {"no zone", "SET zone = NULL", 1, 1},
    {"an empty pool", "SET pool = ''", 1, 1},
    {"a name of a megabyte", "SET pool = printf('%.*c', 1000000, 'x')", 1, 1},
    {"a name one too long", "SET pool = printf('%.*c', 64, 'x')", 1, 1},
    {"a name as long as can be", "SET pool = printf('%.*c', 63, 'x')", 2, 1},
    {"a name with a line end", "SET pool = 'a' || char(10)", 1, 1},
    {"a name with a zero inside", "SET pool = CAST(x'610062' AS TEXT)", 1, 1},
    {"a name that is not UTF-8", "SET pool = CAST(x'fffe' AS TEXT)", 1, 1},
    {"a name in octets", "SET pool = x'61'", 1, 1},
    {"no reason", "SET reason = NULL", 1, 1},
    {"a reason of a megabyte is cut",
	"SET reason = printf('%.*c', 1000000, 'x')", 2, 1},
    {"a time before 1970", "SET since_ms = -1", 1, 1},
    {"a time past the year 9999", "SET checked_ms = 9223372036854775807", 1, 1},
    {"a time as text", "SET since_ms = 'now'", 1, 1},
    {"a time with a fraction", "SET since_ms = 1.5", 1, 1},
    {"passes below zero", "SET passes = -1", 1, 1},
    {"passes past 32 bits", "SET passes = 4294967296", 1, 1},
    {"fails as NULL", "SET fails = NULL", 1, 1},
    {"a latency below zero", "SET connect_us = -2", 1, 1},
    {"a latency that says unknown by a number", "SET connect_us = -1", 1, 1},
    {"a latency as text", "SET first_byte_us = 'fast'", 1, 1},
    {"a sequence past all", "SET sequence = 9223372036854775807", 1, 1},
};

/* The same tables, STRICT and CHECK taken off. */
static const char *const loosen =
    "CREATE TABLE e AS SELECT * FROM endpoint; DROP TABLE endpoint;"
    "ALTER TABLE e RENAME TO endpoint;"
    "CREATE TABLE v AS SELECT * FROM vantage; DROP TABLE vantage;"
    "ALTER TABLE v RENAME TO vantage";

START_TEST(rows_that_make_no_sense_are_skipped)
{
	open_writer();
	put("a", HEALTH_UP);
	put("b", HEALTH_UP);
	state_writer_destroy(writer);
	writer = NULL;
	run_sql(loosen);
	run_sql("CREATE TABLE good AS SELECT * FROM endpoint");
	for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++) {
		char sql[300];

		run_sql("DELETE FROM endpoint;"
			"INSERT INTO endpoint SELECT * FROM good");
		snprintf(sql, sizeof(sql), "%s%s%s",
		    senseless[i].sql[0] == 'S' && senseless[i].sql[2] == 'T'
			? "UPDATE endpoint "
			: "",
		    senseless[i].sql,
		    senseless[i].sql[2] == 'T' ? " WHERE endpoint = 'a'" : "");
		run_sql(sql);
		state_reader_destroy(reader);
		reader = state_reader_create(file);
		ck_assert_msg(look() == 1, "%s: %s", senseless[i].says,
		    state_reader_why(reader));
		ck_assert_msg(got.endpoints == senseless[i].endpoints, "%s: %d",
		    senseless[i].says, got.endpoints);
		ck_assert_int_eq(got.vantages, senseless[i].vantages);
	}
}
END_TEST

START_TEST(a_senseless_sequence_hides_no_later_row)
{
	open_writer();
	put("a", HEALTH_UP);
	run_sql("UPDATE endpoint SET sequence = 9223372036854775807;"
		"INSERT INTO vantage (name, version, heartbeat_ms, sequence)"
		" VALUES ('odd', '', 0, 9223372036854775806)");
	ck_assert_int_eq(look(), 1);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(got.endpoints, 1);
	ck_assert_str_eq(got.row[0].endpoint, "b");
	ck_assert_int_eq(look(), 0);
}
END_TEST

/* Rows with the largest number there may be, with one that a writer of our
 * rate would have after a minute, and with one that it may have now. */
static const struct {
	const char *says, *sql;
	int endpoints; /* of three in the first look */
	bool odd;
} poisons[] = {
    {"an endpoint with 2^53 - 1",
	"UPDATE endpoint SET sequence = 9007199254740991 WHERE endpoint = 'a'",
	2, true},
    {"a vantage with 2^53 - 1",
	"INSERT INTO vantage (name, version, heartbeat_ms, sequence)"
	" VALUES ('odd', '', 0, 9007199254740991)",
	3, true},
    {"an event with 2^53 - 1",
	"INSERT INTO event VALUES (9007199254740991, 1, 'v', 'z', 'p', 'e',"
	" 'up', 'down', '')",
	3, true},
    {"a removal at 2^53 - 1", "UPDATE vantage SET removed = 9007199254740991",
	3, false},
    {"an endpoint a minute ahead of what can be",
	"UPDATE endpoint SET sequence = (CAST((julianday('now') - 2440587.5) *"
	" 86400000 AS INTEGER) + 60000) * 1000 WHERE endpoint = 'a'",
	2, true},
    {"an endpoint a minute below it",
	"UPDATE endpoint SET sequence = (CAST((julianday('now') - 2440587.5) *"
	" 86400000 AS INTEGER) - 60000) * 1000 WHERE endpoint = 'a'",
	3, false},
};

START_TEST(a_poisoned_sequence_ends_no_news)
{
	open_writer();
	put("a", HEALTH_UP);
	put("b", HEALTH_UP);
	put("c", HEALTH_UP);
	run_sql(poisons[_i].sql);
	ck_assert_int_eq(look(), 1);
	ck_assert_msg(got.endpoints == poisons[_i].endpoints, "%s: %d",
	    poisons[_i].says, got.endpoints);
	ck_assert_msg((state_reader_odd(reader)[0] != '\0') == poisons[_i].odd,
	    "%s: %s", poisons[_i].says, state_reader_odd(reader));
	for (int i = 0; i < 3; i++) {
		put("b", HEALTH_DOWN);
		ck_assert_msg(look() == 1, "%s", poisons[_i].says);
		ck_assert_msg(!got.full, "%s", poisons[_i].says);
		ck_assert_int_eq(got.endpoints, 1);
		ck_assert_str_eq(got.row[0].endpoint, "b");
		ck_assert_int_eq(look(), 0);
	}
	/* The writer's own rows come right with their next check. */
	put("a", HEALTH_DOWN);
	ck_assert_int_eq(look(), 1);
	ck_assert_str_eq(got.row[0].endpoint, "a");
}
END_TEST

START_TEST(a_poisoned_sequence_is_told_with_what_to_do)
{
	const char *words, *sql;

	open_writer();
	put("a", HEALTH_UP);
	run_sql("UPDATE endpoint SET sequence = 9007199254740991");
	ck_assert_int_eq(look(), 1);
	words = state_reader_odd(reader);
	ck_assert_ptr_nonnull(strstr(words, "table endpoint"));
	ck_assert_ptr_nonnull(strstr(words, "9007199254740991"));
	sql = strstr(words, "DELETE");
	ck_assert_ptr_nonnull(sql);
	run_sql(sql);
	put("b", HEALTH_UP);
	ck_assert_int_eq(look(), 1);
	ck_assert_str_eq(state_reader_odd(reader), "");
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 1);
}
END_TEST

START_TEST(a_poisoned_event_is_not_the_newest)
{
	struct state_event event = an_event("ours", clock_wall_ms());

	open_writer();
	run_sql("INSERT INTO event VALUES (9007199254740991, 1, 'v', 'z', 'p',"
		" 'e', 'up', 'down', '')");
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_put(writer, TABLE_EVENT, &event), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
	memset(&got, 0, sizeof(got));
	ck_assert_int_eq(
	    state_reader_events(reader, 3, take_event, NULL, &errors), 1);
	ck_assert_str_eq(got.event[0].endpoint, "ours");
}
END_TEST

START_TEST(events_come_newest_first)
{
	open_writer();
	for (int i = 0; i < 5; i++) {
		char name[16];
		struct state_event event;

		snprintf(name, sizeof(name), "e%d", i);
		event = an_event(name, 1700000000000 + i);
		ck_assert_int_eq(state_writer_begin(writer), 0);
		ck_assert_int_eq(
		    state_writer_put(writer, TABLE_EVENT, &event), 0);
		ck_assert_int_eq(state_writer_commit(writer), 0);
	}
	memset(&got, 0, sizeof(got));
	ck_assert_int_eq(
	    state_reader_events(reader, 3, take_event, NULL, &errors), 3);
	ck_assert_int_eq(got.events, 3);
	ck_assert_str_eq(got.event[0].endpoint, "e4");
	ck_assert_str_eq(got.event[2].endpoint, "e2");
	ck_assert_int_eq(got.event[0].at_ms, 1700000000004);
	ck_assert_int_eq(got.event[0].before, HEALTH_UP);
	ck_assert_int_eq(got.event[0].after, HEALTH_DOWN);
	ck_assert_str_eq(got.event[0].reason, "refused");
	ck_assert_str_eq(got.event[0].vantage, "here");
	/* Asking for events took nothing from the changes. */
	ck_assert_int_eq(look(), 1);
	ck_assert(got.full);
}
END_TEST

static uint64_t first_event, last_event, followed;

static void
follow_event(void *context, const struct state_event *row)
{
	(void)context;
	if (followed++ == 0)
		first_event = row->sequence;
	last_event = row->sequence;
}

static const struct state_sink page_sink = {
    .begin = take_begin,
    .event = follow_event,
    .commit = take_commit,
};

static int
follow_events(void)
{
	followed = first_event = last_event = 0;
	errbuf_init(&errors);
	return state_reader_poll(reader, &page_sink, NULL, &errors);
}

static void
add_events(int first, int n)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO event (sequence, at_ms, vantage, zone,"
	    " pool, endpoint, before, after, reason) SELECT i, 1700000000000,"
	    " 'v', 'z', 'p', 'e', 'up', 'down', '' FROM n",
	    first, first + n - 1);
	run_sql(sql);
}

/* However many there are, a page wants the newest. */
START_TEST(of_events_that_are_followed_the_last_are_given)
{
	open_writer();
	state_reader_follow(reader, TABLES_PAGES);
	add_events(10001, SCHEMA_EVENTS_READ + 500);
	ck_assert_int_eq(follow_events(), 1);
	ck_assert(got.full);
	ck_assert_uint_eq(followed, SCHEMA_EVENTS_READ);
	ck_assert_uint_eq(last_event, 10000 + SCHEMA_EVENTS_READ + 500);
	ck_assert_uint_eq(first_event, last_event - SCHEMA_EVENTS_READ + 1);
	ck_assert_int_eq(follow_events(), 0);
	add_events(20001, 3);
	ck_assert_int_eq(follow_events(), 1);
	ck_assert(!got.full);
	ck_assert_uint_eq(followed, 3);
	add_events(30001, 2 * SCHEMA_EVENTS_READ);
	ck_assert_int_eq(follow_events(), 1);
	ck_assert(!got.full);
	ck_assert_uint_eq(followed, SCHEMA_EVENTS_READ);
	ck_assert_uint_eq(last_event, 30000 + 2 * SCHEMA_EVENTS_READ);
}
END_TEST

START_TEST(events_of_a_file_that_is_missing)
{
	ck_assert_int_eq(
	    state_reader_events(reader, 3, take_event, NULL, &errors), -1);
	ck_assert(!errbuf_ok(&errors));
}
END_TEST

START_TEST(a_writer_in_a_transaction_is_no_hindrance)
{
	sqlite3 *shell;

	open_writer();
	put("a", HEALTH_UP);
	shell = open_shell();
	shell_run(shell, "BEGIN IMMEDIATE; DELETE FROM endpoint");
	ck_assert_int_eq(look(), 1);
	ck_assert_int_eq(got.endpoints, 1);
	sqlite3_close(shell);
}
END_TEST

START_TEST(a_locked_file_is_said_and_read_later)
{
	sqlite3 *shell;

	open_writer();
	put("a", HEALTH_UP);
	state_writer_destroy(writer);
	writer = NULL;
	shell = open_shell();
	shell_run(shell,
	    "PRAGMA locking_mode = EXCLUSIVE;"
	    "BEGIN EXCLUSIVE; COMMIT");
	ck_assert_int_eq(look(), -1);
	ck_assert_str_eq(state_reader_why(reader), "locked by another process");
	sqlite3_close(shell);
	ck_assert_int_eq(look_again(), 1);
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(a_broken_page_is_an_error_and_no_crash)
{
	char garbage[4096];
	FILE *f;

	open_writer();
	for (int i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof(name), "e%d", i);
		put(name, HEALTH_UP);
	}
	state_writer_destroy(writer);
	writer = NULL;
	memset(garbage, 0xa5, sizeof(garbage));
	f = fopen(file, "r+e");
	ck_assert_ptr_nonnull(f);
	/* All but the first page, where the schema is. */
	fseek(f, 4096, SEEK_SET);
	for (int i = 0; i < 8; i++)
		fwrite(garbage, 1, sizeof(garbage), f);
	fclose(f);
	ck_assert_int_eq(look(), -1);
	ck_assert_ptr_nonnull(strstr(state_reader_why(reader), "corrupt"));
	ck_assert_int_eq(got.committed, 0);
}
END_TEST

static int
read_as_other(void)
{
	if (!become_other())
		return 77;
	reader = state_reader_create(file);
	if (look() != 1 || got.endpoints != 1)
		return 1;
	return look() == 0 ? 0 : 2;
}

START_TEST(the_right_to_read_is_enough_beside_a_writer)
{
	int status;

	open_writer();
	put("a", HEALTH_UP);
	chmod(folder, 0555);
	chmod(file, 0644);
	chmod(beside("-wal"), 0644);
	chmod(beside("-shm"), 0644);
	status = in_process(read_as_other);
	chmod(folder, 0700);
	ck_assert_msg(status == 0 || status == 77, "%d", status);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/reader");
	TCase *c = tcase_create("reader");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, first_all_then_what_is_new);
	tcase_add_test(c, a_row_is_what_was_written);
	tcase_add_test(c, a_heartbeat_alone_is_a_change);
	tcase_add_test(c, a_removal_makes_the_next_change_full);
	tcase_add_test(c, a_removal_that_was_read_makes_no_later_change_full);
	tcase_add_test(c, a_missing_file_is_read_as_soon_as_it_is_there);
	tcase_add_test(c, another_schema_is_read_in_the_same_look);
	tcase_add_test(c, a_file_of_the_first_release_is_read);
	tcase_add_loop_test(c,
	    the_owner_of_a_vantage_is_a_process_of_ours_or_nobody, 0,
	    (int)(sizeof(owners) / sizeof(owners[0])));
	tcase_add_test(c, no_owner_is_known_without_a_file);
	tcase_add_test(c, round_trips_come_alone_and_all_at_each_change);
	tcase_add_test(c, an_import_is_waited_for_and_told_when_it_died);
	tcase_add_test(c, a_file_of_the_first_release_has_no_round_trips);
	tcase_add_test(c, one_that_starts_during_an_import_takes_what_is_there);
	tcase_add_test(c, a_sequence_that_went_back_makes_it_full);
	tcase_add_test(c, another_file_in_its_place);
	tcase_add_test(c, an_older_copy_in_its_place_is_told);
	tcase_add_test(c, what_cannot_be_read_is_said);
	tcase_add_test(c, a_folder_in_its_place);
	tcase_add_test(c, rows_that_make_no_sense_are_skipped);
	tcase_add_test(c, a_senseless_sequence_hides_no_later_row);
	tcase_add_loop_test(c, a_poisoned_sequence_ends_no_news, 0,
	    (int)(sizeof(poisons) / sizeof(poisons[0])));
	tcase_add_test(c, a_poisoned_sequence_is_told_with_what_to_do);
	tcase_add_test(c, a_poisoned_event_is_not_the_newest);
	tcase_add_test(c, events_come_newest_first);
	tcase_add_test(c, of_events_that_are_followed_the_last_are_given);
	tcase_add_test(c, events_of_a_file_that_is_missing);
	tcase_add_test(c, a_writer_in_a_transaction_is_no_hindrance);
	tcase_add_test(c, a_locked_file_is_said_and_read_later);
	tcase_add_test(c, a_broken_page_is_an_error_and_no_crash);
	tcase_add_test(c, the_right_to_read_is_enough_beside_a_writer);
	suite_add_tcase(s, c);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
