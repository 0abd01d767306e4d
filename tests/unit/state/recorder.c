/*
 * The writing process of meridian-probe, with its daemon's end: it is killed,
 * locked out, refused; its files are broken, deleted, replaced; the disk fills.
 */
#include "tests/unit/state_fixture.h"

#include <sys/resource.h>

#include "state/lease.h"
#include "state/recorder.h"
#include "tests/full.h"
#include "tests/unit/state_files.h"

#define ENDPOINTS 20
#define CHANGES 1000
#define KILLS 10

static uv_loop_t loop;
static struct state_recorder *recorder;

/* What the daemon knows, and what was called. */
static struct daemon {
	int health[ENDPOINTS]; /* enum state_health; -1 not used */
	int restored, addresses, ready, troubles;
	bool is_ready, in_trouble, fine, restored_late;
	struct state_endpoint row;    /* the last that was restored */
	struct state_address address; /* the same */
	char why[400];
} d;

static void
give_all(void)
{
	for (int i = 0; i < ENDPOINTS; i++) {
		struct state_endpoint row;
		char name[32];

		if (d.health[i] < 0)
			continue;
		snprintf(name, sizeof(name), "e%d", i);
		row = a_row(name, (enum state_health)d.health[i]);
		state_recorder_endpoint(recorder, &row);
	}
	state_recorder_commit(recorder);
}

static void
on_restored(void *context, const struct state_endpoint *row)
{
	(void)context;
	d.restored_late |= d.ready > 0;
	d.restored++;
	d.row = *row;
}

static void
on_restored_address(void *context, const struct state_address *row)
{
	(void)context;
	d.restored_late |= d.ready > 0;
	d.addresses++;
	d.address = *row;
}

static void
on_ready(void *context)
{
	(void)context;
	d.ready++;
	d.is_ready = true;
	give_all();
}

static void
on_trouble(void *context, const char *why)
{
	(void)context;
	if (why != NULL) {
		ck_assert_str_ne(why, d.why);
		d.troubles++;
	} else {
		ck_assert(d.in_trouble);
	}
	d.in_trouble = why != NULL;
	d.fine = why == NULL;
	snprintf(d.why, sizeof(d.why), "%s", why != NULL ? why : "");
}

static const struct state_recorder_calls calls = {.restored = on_restored,
    .restored_address = on_restored_address,
    .ready = on_ready,
    .trouble = on_trouble};

static void
forget_all(void)
{
	memset(&d, 0, sizeof(d));
	for (int i = 0; i < ENDPOINTS; i++)
		d.health[i] = -1;
}

static void
start(void)
{
	recorder = state_recorder_start(&loop, file, "here", &calls, NULL);
	ck_assert_ptr_nonnull(recorder);
}

static void
start_ready(void)
{
	d.is_ready = false;
	start();
	ck_assert_msg(run_until(&loop, &d.is_ready, WAIT_MS), "%s", d.why);
}

static void
stop(void)
{
	state_recorder_stop(recorder);
	recorder = NULL;
	/* Returns when every handle is closed. */
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

static void
setup(void)
{
	make_folder();
	forget_all();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
teardown(void)
{
	stop();
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	/* No zombies, and no child lives on. */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	remove_folder();
}

static void
set(int i, enum state_health health)
{
	struct state_endpoint row;
	char name[32];

	snprintf(name, sizeof(name), "e%d", i);
	d.health[i] = (int)health;
	row = a_row(name, health);
	state_recorder_endpoint(recorder, &row);
}

/* Give heartbeats, as a daemon does, until ${sql} gives ${want} or ${ms}. */
static bool
beat_until(const char *sql, const char *want, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end) {
		if (access(file, F_OK) == 0 && strcmp(ask_sql(sql), want) == 0)
			return true;
		state_recorder_commit(recorder);
		run_until(&loop, NULL, 50);
	}
	return false;
}

static void
beat_until_fine(int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (d.in_trouble && clock_mono_ms() < end) {
		state_recorder_commit(recorder);
		run_until(&loop, &d.fine, 50);
	}
	ck_assert_msg(!d.in_trouble, "%s", d.why);
}

static void
beat_until_trouble(int64_t ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (!d.in_trouble && clock_mono_ms() < end) {
		state_recorder_commit(recorder);
		run_until(&loop, &d.in_trouble, 50);
	}
	ck_assert(d.in_trouble);
}

static pid_t
child(void)
{
	return find_child(getpid(), "state-record");
}

START_TEST(rows_of_an_earlier_run_that_nobody_gives_again_go)
{
	start_ready();
	set(0, HEALTH_UP);
	set(1, HEALTH_DOWN);
	state_recorder_commit(recorder);
	stop();
	forget_all();
	start_ready();
	ck_assert_int_eq(d.restored, 2);
	set(1, HEALTH_DOWN);
	state_recorder_sweep(recorder);
	ck_assert(beat_until(
	    "SELECT group_concat(endpoint) FROM endpoint", "e1", WAIT_MS));
}
END_TEST

/* More than fits into one buffer on the way to the daemon. */
START_TEST(an_earlier_run_may_have_left_any_number_of_rows)
{
	start_ready();
	stop();
	run_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 150000) INSERT INTO endpoint (" ENDPOINT_COLUMNS
		") SELECT 'here',"
		" printf('%.*c', 255, 'z'), printf('%.*c', 63, 'p'), 'e' || i,"
		" 'up', printf('%.*c', 95, 'r'), 1, 1, 1, 0, NULL, NULL, i"
		" FROM n");
	forget_all();
	start_ready();
	ck_assert_int_eq(d.restored, 150000);
}
END_TEST

START_TEST(rows_are_written_and_restored)
{
	start_ready();
	ck_assert_int_eq(d.restored, 0);
	set(0, HEALTH_UP);
	set(1, HEALTH_DOWN);
	state_recorder_commit(recorder);
	stop(); /* what was committed is written first */
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(endpoint || health) FROM endpoint"),
	    "e0up,e1down");
	ck_assert_str_eq(ask_sql("SELECT owner_id FROM vantage"), "");
	ck_assert_int_eq(d.troubles, 0);
	forget_all();
	start_ready();
	ck_assert_int_eq(d.restored, 2);
	ck_assert(!d.restored_late);
	ck_assert_str_eq(d.row.endpoint, "e1");
	ck_assert_str_eq(d.row.reason, "refused");
	ck_assert_int_eq(d.row.first_byte_us, -1);
}
END_TEST

START_TEST(rows_without_a_commit_are_not_written)
{
	start_ready();
	set(0, HEALTH_UP);
	stop();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 0);
}
END_TEST

START_TEST(one_commit_is_one_transaction)
{
	start_ready();
	for (int i = 0; i < ENDPOINTS; i++)
		set(i, HEALTH_UP);
	state_recorder_commit(recorder);
	stop();
	ck_assert_int_eq(ask_number("SELECT max(sequence) - min(sequence)"
				    " FROM endpoint"),
	    ENDPOINTS - 1);
}
END_TEST

/* Each address of a name has a row of its own, and those of one go alone. */
START_TEST(addresses_are_written_restored_and_forgotten)
{
	struct state_address row = {.zone = "example.test",
	    .pool = "p",
	    .endpoint = "e0",
	    .address = "192.0.2.1",
	    .health = HEALTH_UP,
	    .since_ms = 5,
	    .connect_us = -1,
	    .first_byte_us = 7,
	    .resolved_ms = 1234};

	start_ready();
	set(0, HEALTH_UP);
	state_recorder_address(recorder, &row);
	snprintf(row.address, sizeof(row.address), "2001:db8::1");
	row.health = HEALTH_DOWN;
	snprintf(row.reason, sizeof(row.reason), "refused");
	state_recorder_address(recorder, &row);
	state_recorder_commit(recorder);
	stop();
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(vantage || ' ' || address || ' ' || "
		    "health) FROM address"),
	    "here 192.0.2.1 up,here 2001:db8::1 down");
	forget_all();
	start_ready();
	ck_assert_int_eq(d.restored, 1);
	ck_assert_int_eq(d.addresses, 2);
	ck_assert(!d.restored_late);
	ck_assert_str_eq(d.address.address, "2001:db8::1");
	ck_assert_str_eq(d.address.reason, "refused");
	ck_assert_int_eq(d.address.health, HEALTH_DOWN);
	ck_assert_int_eq(d.address.resolved_ms, 1234);
	ck_assert_int_eq(d.address.connect_us, -1);
	state_recorder_forget_address(recorder, &d.address);
	state_recorder_commit(recorder);
	stop();
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(address) FROM address"), "192.0.2.1");
	/* What nobody gives again goes, as endpoints do. */
	forget_all();
	start_ready();
	set(0, HEALTH_UP);
	state_recorder_sweep(recorder);
	state_recorder_commit(recorder);
	stop();
	ck_assert_str_eq(ask_sql("SELECT count(*) FROM address"), "0");
	ck_assert_str_eq(ask_sql("SELECT count(*) FROM endpoint"), "1");
}
END_TEST

START_TEST(what_left_the_files_is_forgotten)
{
	struct state_endpoint row = a_row("e0", HEALTH_UP);

	start_ready();
	set(0, HEALTH_UP);
	set(1, HEALTH_UP);
	state_recorder_commit(recorder);
	state_recorder_forget(recorder, &row);
	state_recorder_commit(recorder);
	stop();
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(endpoint) FROM endpoint"), "e1");
}
END_TEST

START_TEST(a_commit_without_rows_is_a_heartbeat)
{
	long long before;
	char sql[100];

	start_ready();
	ck_assert(beat_until("SELECT count(*) FROM vantage", "1", WAIT_MS));
	run_until(&loop, NULL, 200); /* what is on its way arrives */
	before = ask_number("SELECT heartbeat_ms FROM vantage");
	snprintf(sql, sizeof(sql), "SELECT heartbeat_ms > %lld FROM vantage",
	    before);
	/* Without commits there is none: a daemon that hangs looks dead. */
	run_until(&loop, NULL, 300);
	ck_assert_str_eq(ask_sql(sql), "0");
	ck_assert(beat_until(sql, "1", WAIT_MS));
}
END_TEST

START_TEST(a_row_that_makes_no_sense_hurts_no_other)
{
	struct state_endpoint row = a_row("bad", HEALTH_UP);

	start_ready();
	row.since_ms = -1;
	state_recorder_endpoint(recorder, &row);
	set(0, HEALTH_UP);
	state_recorder_commit(recorder);
	stop();
	ck_assert_int_eq(d.troubles, 0);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(endpoint) FROM endpoint"), "e0");
}
END_TEST

/* The issue's own measure: kill -9 at random points of 1,000 changes. */
START_TEST(killed_at_random_points_of_1000_changes)
{
	unsigned seed = 20;
	int kills = 0, i, n = 0;
	char sql[100];

	start_ready();
	for (i = 0; i < CHANGES; i++) {
		struct state_event event;
		char name[32];

		set(i % ENDPOINTS,
		    i / ENDPOINTS % 2 == 0 ? HEALTH_UP : HEALTH_DOWN);
		snprintf(name, sizeof(name), "change%d", i);
		event = an_event(name, clock_wall_ms());
		state_recorder_event(recorder, &event);
		state_recorder_commit(recorder);
		uv_run(&loop, UV_RUN_NOWAIT);
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1)
			usleep(seed >> 17 & 2047);
		if (i % (CHANGES / KILLS) == (int)(seed >> 20) % 80 &&
		    child() > 0) {
			signal_child(child(), SIGKILL);
			d.is_ready = false;
			kills++;
			ck_assert(run_until(&loop, &d.is_ready, WAIT_MS));
			ck_assert_str_eq(
			    ask_sql("PRAGMA integrity_check"), "ok");
		}
		/* Another daemon in between, as the pauses grow. */
		if (i % (CHANGES / 3) == 0) {
			stop();
			start_ready();
		}
	}
	ck_assert_int_ge(kills, KILLS / 2);
	ck_assert(beat_until(
	    "SELECT count(DISTINCT endpoint) FROM event", "1000", WAIT_MS));
	stop();
	ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
	for (i = 0; i < ENDPOINTS; i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM endpoint WHERE endpoint = 'e%d'"
		    " AND health = '%s'",
		    i, state_health_name((enum state_health)d.health[i]));
		n += (int)ask_number(sql);
	}
	ck_assert_int_eq(n, ENDPOINTS);
}
END_TEST

/* The next writing process of ${database} dies at touch ${at} of a file, and
 * those after it do not: the first takes this file away. */
static const char *
mark_of(const char *database)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s.death", database);
	return path;
}

static void
arm(int at)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", at);

	write_file(mark_of(file), text, (size_t)n);
}

static void
die_if_armed(const char *database)
{
	FILE *mark = fopen(mark_of(database), "re");
	char text[16];

	if (mark == NULL)
		return;
	if (fgets(text, sizeof(text), mark) != NULL &&
	    unlink(mark_of(database)) == 0)
		files_watch(FILES_DIE, (int)strtol(text, NULL, 10));
	fclose(mark);
}

/* From the first touch, which makes the file, to those of transactions: of what
 * the daemon was told nothing is lost, and it does not die. */
START_TEST(killed_at_each_touch_of_a_file)
{
	int step = (int)full_size(13, 1), deaths = 0;

	for (int at = 1; at < 170; at += step) {
		remove_files();
		forget_all();
		arm(at);
		start();
		for (int i = 0; i < ENDPOINTS; i++) {
			struct state_event event;
			char name[32];

			set(i, i % 2 == 0 ? HEALTH_UP : HEALTH_DOWN);
			snprintf(name, sizeof(name), "change%d", i);
			event = an_event(name, clock_wall_ms());
			state_recorder_event(recorder, &event);
			state_recorder_commit(recorder);
			run_until(&loop, NULL, 15);
		}
		ck_assert_msg(
		    beat_until("SELECT count(DISTINCT endpoint) FROM event",
			"20", WAIT_MS),
		    "death at %d: %s", at, d.why);
		ck_assert_msg(beat_until("SELECT count(*) FROM endpoint WHERE "
					 "health IN ('up', 'down')",
				  "20", WAIT_MS),
		    "death at %d: %s", at, d.why);
		ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
		deaths += d.troubles > 0;
		stop();
	}
	printf("%d deaths\n", deaths);
	ck_assert_int_gt(deaths, 5);
}
END_TEST

START_TEST(a_death_is_told_with_its_signal)
{
	start_ready();
	signal_child(child(), SIGBUS);
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	ck_assert_ptr_nonnull(strstr(d.why, "SIGBUS"));
	beat_until_fine(WAIT_MS);
	ck_assert_int_eq(d.ready, 2);
}
END_TEST

START_TEST(signals_for_the_daemon_do_not_end_its_child)
{
	pid_t pid;

	start_ready();
	pid = child();
	signal_child(pid, SIGTERM);
	signal_child(pid, SIGINT);
	signal_child(pid, SIGHUP);
	set(0, HEALTH_UP);
	ck_assert(beat_until("SELECT count(*) FROM endpoint", "1", WAIT_MS));
	ck_assert_int_eq(child(), pid);
}
END_TEST

START_TEST(locked_for_two_seconds)
{
	struct state_event event = an_event("locked", clock_wall_ms());
	sqlite3 *shell;
	int64_t end;

	start_ready();
	ck_assert(beat_until("SELECT count(*) FROM vantage", "1", WAIT_MS));
	shell = open_shell();
	shell_run(shell, "BEGIN IMMEDIATE");
	end = clock_mono_ms() + 2000;
	state_recorder_event(recorder, &event);
	set(0, HEALTH_DOWN);
	state_recorder_commit(recorder);
	while (clock_mono_ms() < end) {
		int64_t turn = clock_mono_ms();

		/* The daemon's loop goes on. */
		state_recorder_commit(recorder);
		uv_run(&loop, UV_RUN_NOWAIT);
		ck_assert_int_lt(clock_mono_ms() - turn, TURN_MS);
		usleep(20000);
	}
	beat_until_trouble(WAIT_MS);
	ck_assert_str_eq(d.why, "locked by another process");
	ck_assert_int_eq(d.troubles, 1);
	set(0, HEALTH_UP);
	shell_run(shell, "COMMIT");
	sqlite3_close(shell);
	beat_until_fine(WAIT_MS);
	ck_assert(beat_until("SELECT health FROM endpoint", "up", WAIT_MS));
	ck_assert(beat_until("SELECT endpoint FROM event", "locked", WAIT_MS));
	ck_assert_int_eq(d.ready, 2);
}
END_TEST

START_TEST(a_broken_file_is_told_kept_and_waited_for)
{
	static const char text[] = "no database, but as long as the header of "
				   "one is: a hundred octets, or a few more, "
				   "to be looked at";
	struct state_event event = an_event("early", clock_wall_ms());
	unsigned long before;

	write_file(file, text, sizeof(text));
	before = file_sum();
	d.health[0] = HEALTH_UP;
	start();
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	ck_assert_int_eq(strncmp(d.why, "not a database: mv ", 19), 0);
	state_recorder_event(recorder, &event);
	state_recorder_commit(recorder);
	run_until(&loop, NULL, 500);
	ck_assert_uint_eq(before, file_sum());
	ck_assert_int_eq(d.troubles, 1);
	/* The operator moves it away. */
	ck_assert_int_eq(unlink(file), 0);
	ck_assert(run_until(&loop, &d.is_ready, WAIT_MS));
	beat_until_fine(WAIT_MS);
	ck_assert(beat_until("SELECT health FROM endpoint", "up", WAIT_MS));
	ck_assert(beat_until("SELECT endpoint FROM event", "early", WAIT_MS));
}
END_TEST

/* As a disk does it, or a tool that was given the wrong file. */
static void
write_over(off_t at)
{
	static char rubbish[4096];
	FILE *f = fopen(file, "r+e");

	memset(rubbish, 0xa5, sizeof(rubbish));
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, at, SEEK_SET), 0);
	ck_assert_uint_eq(
	    fwrite(rubbish, 1, sizeof(rubbish), f), sizeof(rubbish));
	ck_assert_int_eq(fclose(f), 0);
}

static uint64_t
set_aside(void)
{
	struct state_recorder_figures figures;

	state_recorder_figures(recorder, &figures);
	return figures.set_aside;
}

/* Again and again it would be something that makes each file so. */
START_TEST(one_that_becomes_corrupt_is_set_aside_once)
{
	struct state_event event = an_event("early", clock_wall_ms());
	char aside[160];

	start_ready();
	set(0, HEALTH_UP);
	state_recorder_event(recorder, &event);
	ck_assert(beat_until("SELECT count(*) FROM event", "1", WAIT_MS));
	d.is_ready = d.fine = false;
	write_over(0);
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	ck_assert_int_eq(strncmp(d.why, "corrupt: ", 9), 0);
	ck_assert_msg(run_until(&loop, &d.is_ready, WAIT_MS), "%s", d.why);
	beat_until_fine(WAIT_MS);
	ck_assert(beat_until("SELECT health FROM endpoint", "up", WAIT_MS));
	ck_assert_uint_eq(set_aside(), 1);
	snprintf(aside, sizeof(aside), "%s.corrupt", file);
	ck_assert_int_eq(access(aside, F_OK), 0);
	/* The second time somebody has to look. */
	ck_assert_int_eq(unlink(aside), 0);
	write_over(0);
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	run_until(&loop, NULL, 4000);
	ck_assert(d.in_trouble);
	ck_assert_uint_eq(set_aside(), 1);
	ck_assert_int_ne(access(aside, F_OK), 0);
}
END_TEST

/* A page in its middle, which is found when it is opened. */
START_TEST(one_that_is_corrupt_at_the_start_is_set_aside)
{
	start_ready();
	for (int i = 0; i < ENDPOINTS; i++)
		set(i, HEALTH_UP);
	ck_assert(beat_until("SELECT count(*) FROM endpoint", "20", WAIT_MS));
	stop();
	write_over(4096);
	d.health[0] = HEALTH_DOWN;
	start_ready();
	ck_assert(beat_until("SELECT health FROM endpoint WHERE endpoint = "
			     "'e0'",
	    "down", WAIT_MS));
	ck_assert_uint_eq(set_aside(), 1);
	ck_assert_int_eq(access(beside(".corrupt"), F_OK), 0);
	ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
}
END_TEST

/* What happens to the files while the daemon lives; all comes back by itself.
 */
static const struct {
	const char *says, *suffix;
	long size; /* -1: deleted, -2: all three, -3: half of it */
} accidents[] = {
    {"the database is deleted", "", -1},
    {"all of it is deleted", "", -2},
    {"the database is emptied", "", 0},
    {"the log is emptied", "-wal", 0},
    {"the log is cut in half", "-wal", -3},
    {"the log is deleted", "-wal", -1},
    {"the index of the log is emptied", "-shm", 0},
    {"the index of the log is cut in half", "-shm", -3},
    {"the index of the log is deleted", "-shm", -1},
};

static void
harm(const char *suffix, long size)
{
	const char *path = beside(suffix);
	struct stat st;

	if (size == -2) {
		remove_files();
		return;
	}
	ck_assert_int_eq(stat(path, &st), 0);
	if (size == -1)
		ck_assert_int_eq(unlink(path), 0);
	else
		ck_assert_int_eq(
		    truncate(path, size == -3 ? st.st_size / 2 : size), 0);
}

START_TEST(files_are_harmed_and_all_rows_come_again)
{
	start_ready();
	for (int i = 0; i < ENDPOINTS; i++)
		set(i, HEALTH_UP);
	for (size_t i = 0; i < sizeof(accidents) / sizeof(accidents[0]); i++) {
		int readies;

		ck_assert_msg(
		    beat_until("SELECT count(*) FROM endpoint", "20", WAIT_MS),
		    "%s: before: %s", accidents[i].says, d.why);
		readies = d.ready;
		harm(accidents[i].suffix, accidents[i].size);
		d.is_ready = d.fine = false;
		ck_assert_msg(run_until(&loop, &d.is_ready, WAIT_MS), "%s: %s",
		    accidents[i].says, d.why);
		ck_assert_msg(d.ready > readies, "%s", accidents[i].says);
		ck_assert_msg(run_until(&loop, &d.fine, WAIT_MS), "%s",
		    accidents[i].says);
		ck_assert_str_eq(ask_sql("SELECT count(*) FROM endpoint"
					 " WHERE health = 'up'"),
		    "20");
		ck_assert_msg(
		    strcmp(ask_sql("PRAGMA integrity_check"), "ok") == 0,
		    "%s: %s", accidents[i].says,
		    ask_sql("PRAGMA integrity_check"));
	}
	/* None of this was a restart of the daemon. */
	ck_assert_int_eq(d.restored, 0);
}
END_TEST

START_TEST(a_folder_that_comes_later)
{
	char later[80];

	snprintf(later, sizeof(later), "%s/later", folder);
	snprintf(file, sizeof(file), "%s/state.db", later);
	start();
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	ck_assert_str_eq(d.why, "its folder does not exist");
	ck_assert_int_eq(mkdir(later, 0700), 0);
	ck_assert(run_until(&loop, &d.is_ready, WAIT_MS));
	beat_until_fine(WAIT_MS);
	stop();
	start();
	remove_files();
	ck_assert_int_eq(rmdir(later), 0);
}
END_TEST

static int
recorder_as_other(void)
{
	static bool done;

	if (!become_other())
		return 77;
	uv_loop_fork(&loop);
	start();
	run_until(&loop, &d.in_trouble, WAIT_MS);
	state_recorder_stop(recorder);
	run_until(&loop, &done, 300);
	return strstr(d.why, "Permission denied") != NULL ? 0 : 1;
}

START_TEST(a_folder_without_the_right_to_write)
{
	int status;

	chmod(folder, 0555);
	status = in_process(recorder_as_other);
	chmod(folder, 0700);
	ck_assert_msg(status == 0 || status == 77, "%d", status);
}
END_TEST

/* Another daemon of the same vantage, until it is killed. */
_Noreturn static void
rival(void)
{
	uv_loop_fork(&loop);
	start();
	for (;;) {
		state_recorder_commit(recorder);
		run_until(&loop, NULL, 100);
	}
}

START_TEST(a_second_daemon_is_refused_until_the_first_is_dead)
{
	pid_t first = fork_tied(), helper;
	char number[32];
	int64_t killed;

	if (first == 0)
		rival();
	for (int i = 0; i < 2000 && access(file, F_OK) != 0; i++)
		usleep(10000);
	for (int i = 0; i < 2000 &&
	     ask_number("SELECT count(*) FROM sqlite_schema WHERE name ="
			" 'vantage'") == 0;
	     i++)
		usleep(10000);
	for (int i = 0;
	     i < 2000 && ask_number("SELECT count(*) FROM vantage") == 0; i++)
		usleep(10000);
	start();
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	snprintf(number, sizeof(number), "process %d ", (int)first);
	ck_assert_msg(strstr(d.why, number) != NULL, "%s", d.why);
	run_until(&loop, NULL, 500);
	ck_assert_int_eq(d.troubles, 1);
	ck_assert_int_eq(d.ready, 0);
	helper = find_child(first, "state-record");
	ck_assert_int_gt(helper, 0);
	signal_child(first, SIGKILL);
	waitpid(first, NULL, 0);
	killed = clock_mono_ms();
	run_sql("UPDATE vantage SET lease_until_ms = lease_until_ms + 60000");
	ck_assert(run_until(&loop, &d.is_ready, WAIT_MS));
	/* At our next try: not when it expired, nor when it was unchanged for
	 * as long. */
	ck_assert_int_lt(clock_mono_ms() - killed, LEASE_MS);
	beat_until_fine(WAIT_MS);
	/* The dead daemon's child went with it. */
	ck_assert(find_child(1, "state-record") != helper);
}
END_TEST

/* A daemon that is killed did not end in good order: its opinion gets stale,
 * and is not taken for given back. */
START_TEST(a_death_gives_no_lease_back)
{
	pid_t first = fork_tied();

	if (first == 0)
		rival();
	for (int i = 0; i < 2000 && access(file, F_OK) != 0; i++)
		usleep(10000);
	for (int i = 0; i < 2000 &&
	     ask_number("SELECT count(*) FROM sqlite_schema WHERE name ="
			" 'vantage'") == 0;
	     i++)
		usleep(10000);
	for (int i = 0; i < 2000 &&
	     ask_number(
		 "SELECT count(*) FROM vantage WHERE lease_until_ms > 0") == 0;
	     i++)
		usleep(10000);
	signal_child(first, SIGKILL);
	waitpid(first, NULL, 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(ask_number("SELECT count(*) FROM vantage "
					    "WHERE lease_until_ms > 0"),
		    1);
		usleep(10000);
	}
}
END_TEST

START_TEST(a_full_disk)
{
	struct rlimit before, small;
	struct stat st;
	pid_t pid;

	start_ready();
	set(0, HEALTH_UP);
	ck_assert(beat_until("SELECT count(*) FROM endpoint", "1", WAIT_MS));
	pid = child();
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(stat(beside("-wal"), &st), 0);
	ck_assert_int_eq(prlimit(pid, RLIMIT_FSIZE, NULL, &before), 0);
	small = before;
	small.rlim_cur = (rlim_t)st.st_size;
	ck_assert_int_eq(prlimit(pid, RLIMIT_FSIZE, &small, NULL), 0);
	beat_until_trouble(WAIT_MS);
	ck_assert_str_ne(d.why, "");
	set(0, HEALTH_DOWN);
	run_until(&loop, NULL, 500);
	ck_assert_int_eq(prlimit(pid, RLIMIT_FSIZE, &before, NULL), 0);
	beat_until_fine(WAIT_MS);
	ck_assert(beat_until("SELECT health FROM endpoint", "down", WAIT_MS));
	ck_assert_int_eq(child(), pid);
	ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
}
END_TEST

static void
give_events(int n)
{
	for (int i = 0; i < n; i++) {
		struct state_event event;
		char name[32];

		snprintf(name, sizeof(name), "n%d", i);
		event = an_event(name, clock_wall_ms());
		state_recorder_event(recorder, &event);
	}
}

START_TEST(events_of_a_long_trouble_are_the_newest_and_the_lost_are_counted)
{
	const char *log;

	ck_assert_int_eq(mkdir(file, 0700), 0);
	catch_log();
	start();
	ck_assert(run_until(&loop, &d.in_trouble, WAIT_MS));
	give_events(RECORDER_EVENTS + 10);
	ck_assert_int_eq(rmdir(file), 0);
	ck_assert(run_until(&loop, &d.is_ready, WAIT_MS));
	beat_until_fine(WAIT_MS);
	log = read_log();
	ck_assert_ptr_nonnull(strstr(log,
	    "100000 events wait to be written: the oldest are lost from now "
	    "on"));
	ck_assert_ptr_nonnull(strstr(log,
	    "10 events, the oldest, were lost while it could not be "
	    "written"));
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM event"), RECORDER_EVENTS);
	ck_assert_str_eq(
	    ask_sql("SELECT endpoint FROM event ORDER BY sequence"), "n10");
	/* And it goes on as before. */
	give_events(3);
	state_recorder_commit(recorder);
	ck_assert(beat_until(
	    "SELECT endpoint FROM event ORDER BY sequence DESC LIMIT 1", "n2",
	    WAIT_MS));
}
END_TEST

START_TEST(sixty_thousand_endpoints_that_turn_at_once_lose_no_event)
{
	const char *log;

	start_ready();
	catch_log();
	for (int i = 0; i < 3; i++) {
		give_events(20000);
		state_recorder_commit(recorder);
	}
	ck_assert(beat_until("SELECT count(*) FROM event", "60000", WAIT_MS));
	log = read_log();
	ck_assert_str_eq(log, "");
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM (SELECT endpoint FROM event GROUP"
		       " BY endpoint HAVING count(*) = 3)"),
	    20000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/recorder");
	TCase *c = tcase_create("recorder");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, rows_of_an_earlier_run_that_nobody_gives_again_go);
	tcase_add_test(c, an_earlier_run_may_have_left_any_number_of_rows);
	tcase_add_test(c, rows_are_written_and_restored);
	tcase_add_test(c, rows_without_a_commit_are_not_written);
	tcase_add_test(c, one_commit_is_one_transaction);
	tcase_add_test(c, addresses_are_written_restored_and_forgotten);
	tcase_add_test(c, what_left_the_files_is_forgotten);
	tcase_add_test(c, a_commit_without_rows_is_a_heartbeat);
	tcase_add_test(c, a_row_that_makes_no_sense_hurts_no_other);
	tcase_add_test(c, killed_at_random_points_of_1000_changes);
	tcase_add_test(c, killed_at_each_touch_of_a_file);
	tcase_add_test(c, a_death_is_told_with_its_signal);
	tcase_add_test(c, signals_for_the_daemon_do_not_end_its_child);
	tcase_add_test(c, locked_for_two_seconds);
	tcase_add_test(c, a_broken_file_is_told_kept_and_waited_for);
	tcase_add_test(c, one_that_becomes_corrupt_is_set_aside_once);
	tcase_add_test(c, one_that_is_corrupt_at_the_start_is_set_aside);
	tcase_add_test(c, files_are_harmed_and_all_rows_come_again);
	tcase_add_test(c, a_folder_that_comes_later);
	tcase_add_test(c, a_folder_without_the_right_to_write);
	tcase_add_test(c, a_second_daemon_is_refused_until_the_first_is_dead);
	tcase_add_test(c, a_death_gives_no_lease_back);
	tcase_add_test(c, a_full_disk);
	tcase_add_test(c,
	    events_of_a_long_trouble_are_the_newest_and_the_lost_are_counted);
	tcase_add_test(
	    c, sixty_thousand_endpoints_that_turn_at_once_lose_no_event);
	suite_add_tcase(s, c);
	return s;
}

int
main(int argc, char **argv)
{
	if (state_recorder_is_child(argc, argv)) {
		die_if_armed(argv[2]);
		return state_recorder_child(argc, argv);
	}
	signal(SIGPIPE, SIG_IGN);
	return run_suite(suite());
}
