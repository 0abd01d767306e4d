/*
 * The writer of the state database: what it creates and what it leaves alone,
 * sequences, the lease, pruning, files that change under it.
 */
#include "tests/unit/state_fixture.h"

#include <sys/resource.h>

#include "state/lease.h"
#include "state/writer.h"

#define OUR_ID "0123456789abcdef"

static struct state_writer *writer;

static struct state_writer *
new_writer(const char *id)
{
	struct state_writer *w =
	    state_writer_create(file, "here", getpid(), id);

	ck_assert_ptr_nonnull(w);
	return w;
}

static void
open_writer(void)
{
	ck_assert_msg(
	    state_writer_open(writer) == 0, "%s", state_writer_why(writer));
}

static void
setup(void)
{
	make_folder();
	writer = new_writer(OUR_ID);
}

static void
teardown(void)
{
	state_writer_destroy(writer);
	remove_folder();
}

static int
put(const char *endpoint, enum state_health health)
{
	struct state_endpoint row = a_row(endpoint, health);

	if (state_writer_begin(writer) != 0 ||
	    state_writer_put(writer, TABLE_ENDPOINT, &row) != 0)
		return -1;
	return state_writer_commit(writer);
}

START_TEST(creates_a_file_for_its_group)
{
	mode_t before = umask(077);
	struct stat st;

	open_writer();
	umask(before);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(stat(beside("-wal"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_int_eq(stat(beside("-shm"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
	ck_assert_str_eq(ask_sql("PRAGMA journal_mode"), "wal");
	ck_assert_str_eq(ask_sql("PRAGMA user_version"), "1");
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM pragma_table_list WHERE strict"
		       " AND name IN ('vantage', 'endpoint', 'event')"),
	    3);
}
END_TEST

START_TEST(a_row_is_what_was_given)
{
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_DOWN), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT concat FROM (SELECT vantage || '|' || zone || '|'"
		    " || pool || '|' || endpoint || '|' || health || '|' ||"
		    " reason || '|' || since_ms || '|' || checked_ms || '|' ||"
		    " passes || '|' || fails || '|' || connect_us || '|' ||"
		    " ifnull(first_byte_us, 'NULL') AS concat FROM endpoint)"),
	    "here|inference.example|chat-v1|a|down|refused|1700000000000|"
	    "1700000001000|0|3|1200|NULL");
}
END_TEST

/* Where a vantage looks from goes with each heartbeat, so that a reload of the
 * probe changes it. */
START_TEST(a_vantage_says_where_it_is)
{
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT ifnull(region, 'NULL') FROM vantage"), "NULL");
	state_writer_place(writer, "us-east");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(ask_sql("SELECT region FROM vantage"), "us-east");
	state_writer_place(writer, "");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT ifnull(region, 'NULL') FROM vantage"), "NULL");
}
END_TEST

START_TEST(every_write_has_a_new_sequence)
{
	long long first, second;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	first = ask_number("SELECT sequence FROM endpoint");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	second = ask_number("SELECT sequence FROM endpoint");
	ck_assert_int_gt(second, first);
	ck_assert_int_gt(ask_number("SELECT sequence FROM vantage"), second);
}
END_TEST

START_TEST(the_sequence_is_one_for_all_vantages)
{
	struct state_writer *other =
	    state_writer_create(file, "there", getpid(), "other");
	struct state_endpoint row = a_row("a", HEALTH_UP);

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(state_writer_open(other), 0);
	ck_assert_int_eq(state_writer_begin(other), 0);
	ck_assert_int_eq(state_writer_put(other, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(other), 0);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint e, vantage v"
				    " WHERE v.name = 'there' AND e.sequence >"
				    " v.sequence AND e.vantage = 'here'"),
	    1);
	state_writer_destroy(other);
}
END_TEST

/* Of another vantage, as nobody writes that one again. */
START_TEST(a_poisoned_sequence_is_not_counted_from)
{
	long long sequence;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	run_sql("INSERT INTO endpoint (" ENDPOINT_COLUMNS
		") SELECT 'there', zone, pool, endpoint,"
		" health, reason, since_ms, checked_ms, passes, fails,"
		" connect_us, first_byte_us, 9007199254740991 FROM endpoint;"
		"INSERT INTO event VALUES (9007199254740990, 1, 'v', 'z', 'p',"
		" 'e', 'up', 'down', '')");
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	sequence =
	    ask_number("SELECT sequence FROM endpoint WHERE vantage = 'here'");
	ck_assert_int_lt(sequence, 100);
}
END_TEST

/* Else readers would read all rows at each change. */
START_TEST(rows_come_after_a_removal_that_is_believed)
{
	open_writer();
	run_sql("UPDATE vantage SET removed = 1000000");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_gt(ask_number("SELECT sequence FROM endpoint"), 1000000);
}
END_TEST

static void
count_rows(void *context, const void *restored)
{
	const struct state_endpoint *row = restored;

	ck_assert_str_eq(row->vantage, "here");
	ck_assert_int_eq(row->first_byte_us, -1);
	++*(int *)context;
}

START_TEST(restores_rows_of_its_own_vantage)
{
	int n = 0;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(put("b", HEALTH_DOWN), 0);
	run_sql("INSERT INTO endpoint (" ENDPOINT_COLUMNS
		") SELECT 'there', zone, pool, endpoint,"
		" health, reason, since_ms, checked_ms, passes, fails,"
		" connect_us, first_byte_us, sequence FROM endpoint;"
		"INSERT INTO endpoint (" ENDPOINT_COLUMNS
		") SELECT vantage, zone, pool, 'bad',"
		" health, reason, -5, checked_ms, passes, fails,"
		" connect_us, first_byte_us, sequence FROM endpoint LIMIT 1");
	ck_assert_int_eq(
	    state_writer_restore(writer, TABLE_ENDPOINT, count_rows, &n), 0);
	ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(a_removal_has_a_sequence_too)
{
	struct state_endpoint row = a_row("a", HEALTH_UP);
	long long before;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(put("b", HEALTH_UP), 0);
	before = ask_number("SELECT max(sequence) FROM vantage");
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_forget(writer, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(writer), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(endpoint) FROM endpoint"), "b");
	ck_assert_int_gt(ask_number("SELECT removed FROM vantage"), before);
}
END_TEST

START_TEST(nothing_of_a_transaction_without_commit)
{
	struct state_endpoint row = a_row("a", HEALTH_UP);

	open_writer();
	ck_assert_int_eq(state_writer_begin(writer), 0);
	ck_assert_int_eq(state_writer_put(writer, TABLE_ENDPOINT, &row), 0);
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 0);
}
END_TEST

/* Who holds the lease, as SQL over the row that a writer of ours left; and
 * whether a daemon with another id is let in. */
static const struct {
	const char *says, *sql;
	bool taken;
} leases[] = {
    {"given back", "owner_id = NULL, lease_until_ms = 0", true},
    {"of a process that is not there, of this boot", "owner_pid = 4000000",
	true},
    {"of a process that lives, of this boot", "owner_pid = $LIVE", false},
    {"of a process that lives, expired",
	"owner_pid = $LIVE, lease_until_ms = heartbeat_ms - 1", true},
    {"of another machine", "owner_pid = 4000000, owner_host = 'elsewhere'",
	false},
    {"of another machine, expired",
	"owner_host = 'elsewhere', lease_until_ms = 1", true},
    {"of another boot or container",
	"owner_pid = 4000000, owner_boot = 'other'", false},
    {"of an earlier process of our own number", "owner_pid = $SELF", true},
    {"of a number that no process has", "owner_pid = -1", false},
};

START_TEST(leases_are_respected)
{
	const size_t n = sizeof(leases) / sizeof(leases[0]);
	pid_t live = fork_tied();
	char sql[400], *at;

	if (live == 0) {
		pause();
		_exit(0);
	}
	for (size_t i = 0; i < n; i++) {
		struct state_writer *second = new_writer("second");
		int status;

		open_writer();
		snprintf(
		    sql, sizeof(sql), "UPDATE vantage SET %s", leases[i].sql);
		if ((at = strstr(sql, "$LIVE")) != NULL) {
			char tail[200];

			snprintf(tail, sizeof(tail), "%s", at + 5);
			snprintf(at, sizeof(sql) - (size_t)(at - sql), "%d%s",
			    (int)live, tail);
		}
		if ((at = strstr(sql, "$SELF")) != NULL)
			snprintf(at, sizeof(sql) - (size_t)(at - sql), "%d",
			    (int)getpid());
		run_sql(sql);
		status = state_writer_open(second);
		ck_assert_msg((status == 0) == leases[i].taken, "%s: %s",
		    leases[i].says, state_writer_why(second));
		if (status == 0)
			ck_assert_msg(state_writer_begin(writer) != 0,
			    "%s: the first goes on", leases[i].says);
		state_writer_destroy(second);
		run_sql("DELETE FROM vantage");
	}
	signal_child(live, SIGKILL);
	waitpid(live, NULL, 0);
}
END_TEST

START_TEST(who_is_refused_hears_by_whom)
{
	char pid[32], sql[200];
	struct state_writer *second = new_writer("second");

	open_writer();
	snprintf(pid, sizeof(pid), "process %d ", (int)getppid());
	snprintf(sql, sizeof(sql), "UPDATE vantage SET owner_pid = %d",
	    (int)getppid());
	run_sql(sql);
	ck_assert_int_eq(state_writer_open(second), -1);
	ck_assert_ptr_nonnull(strstr(state_writer_why(second), pid));
	ck_assert_ptr_nonnull(strstr(state_writer_why(second), "here"));
	state_writer_destroy(second);
	/* The refused one gave nothing back that was not its own. */
	ck_assert_str_eq(ask_sql("SELECT owner_id FROM vantage"), OUR_ID);
}
END_TEST

START_TEST(a_lease_set_far_ahead_ends_when_nobody_renews_it)
{
	int64_t end = clock_mono_ms() + LEASE_MS + 2000;
	struct state_writer *second = new_writer("second");
	char sql[200];
	int status;

	open_writer();
	snprintf(sql, sizeof(sql),
	    "UPDATE vantage SET owner_pid = %d,"
	    " lease_until_ms = lease_until_ms + 86400000",
	    (int)getppid());
	run_sql(sql);
	while (
	    (status = state_writer_open(second)) != 0 && clock_mono_ms() < end)
		usleep(200000);
	ck_assert_int_eq(status, 0);
	ck_assert_int_ge(clock_mono_ms(), end - 2000);
	state_writer_destroy(second);
}
END_TEST

START_TEST(the_lease_is_kept_and_given_back)
{
	int64_t sequence;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(ask_sql("SELECT owner_id FROM vantage"), OUR_ID);
	ck_assert_int_eq(ask_number("SELECT owner_pid FROM vantage"), getpid());
	ck_assert_int_gt(
	    ask_number("SELECT lease_until_ms FROM vantage"), clock_wall_ms());
	sequence = ask_number("SELECT sequence FROM vantage");
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	ck_assert_str_eq(ask_sql("SELECT owner_id FROM vantage"), "");
	ck_assert_str_eq(ask_sql("SELECT lease_until_ms FROM vantage"), "0");
	/* That is news for all that follow the file. */
	ck_assert_int_gt(ask_number("SELECT sequence FROM vantage"), sequence);
}
END_TEST

/* Files that are not ours, how they are made, and what is said of them. */
static const struct {
	const char *says, *sql, *bytes, *why;
} foreign[] = {
    {"a newer schema", NEWER_FILE(1, 11), NULL,
	"made by a newer release (needs at least version 11 to write); this is "
	"10: upgrade, or move it away"},
    {"a newer schema that we may not even read", NEWER_FILE(11, 11), NULL,
	"(needs at least version 11 to read); this is 10"},
    {"somebody's database with a version",
	"PRAGMA user_version = 2; CREATE TABLE vantage (x)", NULL,
	"a database of something else"},
    {"another program's file",
	"PRAGMA application_id = 7; PRAGMA user_version = 1;"
	"CREATE TABLE vantage (x); CREATE TABLE endpoint (x);"
	"CREATE TABLE event (x)",
	NULL, "a database of something else"},
    {"our name and numbers that cannot be", NEWER_FILE(3, 2), NULL, "corrupt"},
    {"somebody's database", "CREATE TABLE notes (x)", NULL,
	"a database of something else"},
    {"our tables without the version, as .dump leaves them",
	"CREATE TABLE vantage (x)", NULL, "something else"},
    {"a text", NULL,
	"this is no database, but long enough to be looked at "
	"by whoever reads the header of one, hundred octets",
	"not a database"},
};

START_TEST(what_is_not_ours_stays_as_it_is)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		unsigned long before;

		remove_files();
		if (foreign[i].sql != NULL)
			run_sql(foreign[i].sql);
		else
			write_file(
			    file, foreign[i].bytes, strlen(foreign[i].bytes));
		before = file_sum();
		ck_assert_msg(
		    state_writer_open(writer) == -1, "%s", foreign[i].says);
		ck_assert_msg(
		    strstr(state_writer_why(writer), foreign[i].why) != NULL,
		    "%s: %s", foreign[i].says, state_writer_why(writer));
		ck_assert_msg(before == file_sum(), "%s", foreign[i].says);
		ck_assert_int_ne(access(beside("-wal"), F_OK), 0);
	}
}
END_TEST

START_TEST(an_empty_file_is_filled)
{
	write_file(file, "", 0);
	open_writer();
	ck_assert_str_eq(ask_sql("PRAGMA user_version"), "1");
}
END_TEST

START_TEST(a_folder_that_is_missing)
{
	snprintf(file, sizeof(file), "%s/gone/state.db", folder);
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	ck_assert_int_eq(state_writer_open(writer), -1);
	ck_assert_str_eq(state_writer_why(writer), "its folder does not exist");
}
END_TEST

START_TEST(a_folder_in_its_place)
{
	ck_assert_int_eq(mkdir(file, 0700), 0);
	ck_assert_int_eq(state_writer_open(writer), -1);
	ck_assert_str_eq(state_writer_why(writer), "not a regular file");
	rmdir(file);
}
END_TEST

static int
open_as_other(void)
{
	struct state_writer *w;

	if (!become_other())
		return 77;
	w = state_writer_create(file, "here", getpid(), "x");
	if (state_writer_open(w) == 0)
		return 1;
	return strstr(state_writer_why(w), "it cannot be created") != NULL ? 0
									   : 2;
}

START_TEST(a_folder_without_the_right_to_write)
{
	int status;

	chmod(folder, 0555);
	status = in_process(open_as_other);
	chmod(folder, 0700);
	ck_assert_msg(status == 0 || status == 77, "%d", status);
}
END_TEST

static int
find_log_denied(void)
{
	struct state_writer *w;

	if (!become_other())
		return 77;
	w = new_writer("other");
	if (state_writer_open(w) == 0)
		return 1;
	return strcmp(state_writer_why(w),
		   "its -wal file may not be read and written by this user") ==
		0
	    ? 0
	    : 2;
}

/* As when root had read the database last. */
START_TEST(a_log_without_the_right_to_write_is_named)
{
	int status;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	chmod(folder, 0777);
	chmod(file, 0666);
	chmod(beside("-shm"), 0666);
	chmod(beside("-wal"), 0600);
	status = in_process(find_log_denied);
	chmod(folder, 0700);
	ck_assert_msg(status == 0 || status == 77, "%d", status);
}
END_TEST

START_TEST(a_lock_is_waited_for_and_then_told)
{
	sqlite3 *shell;
	int64_t began;

	open_writer();
	shell = open_shell();
	shell_run(shell, "BEGIN IMMEDIATE");
	began = clock_mono_ms();
	ck_assert_int_eq(put("a", HEALTH_UP), -1);
	ck_assert_int_ge(clock_mono_ms() - began, 900);
	ck_assert_str_eq(state_writer_why(writer), "locked by another process");
	shell_run(shell, "COMMIT");
	sqlite3_close(shell);
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
}
END_TEST

/* What happens to the files between two commits. */
static const struct {
	const char *says, *suffix, *why;
	long size; /* -1: deleted; -2: another file in its place */
} changes[] = {
    {"the database is deleted", "", "the file was deleted", -1},
    {"the database is replaced", "", "the file was replaced", -2},
    {"the database is emptied", "", "the file was truncated", 0},
    {"the log is deleted", "-wal", "its -wal file was deleted", -1},
    {"the log is emptied", "-wal", "its -wal file was truncated", 0},
    {"the log is cut", "-wal", "its -wal file was truncated", 5000},
    {"the index of the log is deleted", "-shm", "its -shm file was deleted",
	-1},
    {"the index of the log is emptied", "-shm", "its -shm file was truncated",
	0},
    {"the index of the log is cut", "-shm", "its -shm file was truncated",
	16384},
};

START_TEST(files_that_change_under_it)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *path = beside(changes[i].suffix);

		open_writer();
		ck_assert_int_eq(put("a", HEALTH_UP), 0);
		ck_assert(state_writer_same(writer));
		if (changes[i].size == -1) {
			ck_assert_int_eq(unlink(path), 0);
		} else if (changes[i].size == -2) {
			char other[200];

			snprintf(other, sizeof(other), "%s.new", file);
			write_file(other, "", 0);
			ck_assert_int_eq(rename(other, file), 0);
		} else {
			ck_assert_int_eq(truncate(path, changes[i].size), 0);
		}
		ck_assert_msg(
		    !state_writer_same(writer), "%s", changes[i].says);
		ck_assert_msg(
		    strcmp(state_writer_why(writer), changes[i].why) == 0,
		    "%s: %s", changes[i].says, state_writer_why(writer));
		open_writer();
		ck_assert_msg(put("a", HEALTH_UP) == 0, "%s", changes[i].says);
		ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
		remove_files();
		ck_assert(!state_writer_same(writer));
	}
}
END_TEST

START_TEST(a_file_cut_in_half_is_said_to_be_corrupt)
{
	struct stat st;

	open_writer();
	for (int i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "endpoint-%d", i);
		ck_assert_int_eq(put(name, HEALTH_UP), 0);
	}
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(truncate(file, st.st_size / 8192 * 4096), 0);
	ck_assert_int_eq(state_writer_open(writer), -1);
	ck_assert_ptr_nonnull(strstr(state_writer_why(writer), "corrupt"));
}
END_TEST

static char command[600];

static int
run_command(void)
{
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	return 127;
}

/* What is said is done as it is said, but for the folder. */
START_TEST(the_command_for_a_corrupt_file_leads_to_a_new_one)
{
	char *end;

	write_file(file, foreign[7].bytes, strlen(foreign[7].bytes));
	write_file(beside("-wal"), "x", 1);
	write_file(beside("-shm"), "x", 1);
	ck_assert_int_eq(state_writer_open(writer), -1);
	end = strstr(state_writer_why(writer), "mv ");
	ck_assert_ptr_nonnull(end);
	snprintf(command, sizeof(command), "%s", end);
	end = strstr(command, " /var/tmp, and meridian-probe makes a new one");
	ck_assert_ptr_nonnull(end);
	snprintf(end, 100, " %s/aside", folder);
	ck_assert_int_eq(mkdir(end + 1, 0700), 0);
	ck_assert_int_eq(in_process(run_command), 0);
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	snprintf(command, sizeof(command), "rm -r %s/aside", folder);
	ck_assert_int_eq(in_process(run_command), 0);
}
END_TEST

START_TEST(a_corrupt_file_with_a_long_path_is_told_without_a_command)
{
	size_t used = strlen(folder);

	snprintf(file, sizeof(file), "%s/%0*d", folder, (int)(120 - used), 0);
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	write_file(file, foreign[7].bytes, strlen(foreign[7].bytes));
	ck_assert_int_eq(state_writer_open(writer), -1);
	ck_assert_str_eq(state_writer_why(writer),
	    "not a database: move it away, with its -wal and its -shm, and "
	    "meridian-probe makes a new one");
}
END_TEST

START_TEST(a_row_removed_by_hand_is_noticed)
{
	open_writer();
	run_sql("DELETE FROM vantage");
	ck_assert_int_eq(put("a", HEALTH_UP), -1);
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
}
END_TEST

START_TEST(a_full_disk_is_told_and_retried)
{
	struct rlimit before, small;
	struct state_event event = an_event("a", clock_wall_ms());
	int status = 0;

	open_writer();
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 60000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 100 && status == 0; i++) {
		status = state_writer_begin(writer);
		for (int k = 0; k < 100 && status == 0; k++)
			status = state_writer_put(writer, TABLE_EVENT, &event);
		if (status == 0)
			status = state_writer_commit(writer);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(status, -1);
	ck_assert_str_ne(state_writer_why(writer), "");
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
}
END_TEST

/* Events that are there before, and how many are left. */
static const struct {
	const char *says;
	long long events, age_ms;
	int commits;
	long long left;
} prunings[] = {
    {"few and young ones stay", 400, 0, 3, 400},
    {"old ones go", 400, 2592001000, 1, 0},
    {"old ones go in steps", 1200, 2592001000, 1, 700},
    {"and all of them in the end", 1200, 2592001000, 3, 0},
    {"those that are too many go, the oldest first", 100300, 0, 2,
	SCHEMA_EVENTS_MAX},
    {"in steps, too", 101300, 0, 1, 100800},
};

START_TEST(events_are_pruned)
{
	for (size_t i = 0; i < sizeof(prunings) / sizeof(prunings[0]); i++) {
		long long last = prunings[i].events;
		char sql[600];

		open_writer();
		snprintf(sql, sizeof(sql),
		    "DELETE FROM event; WITH RECURSIVE n(i) AS (SELECT 1"
		    " UNION ALL SELECT i + 1 FROM n WHERE i < %lld)"
		    " INSERT INTO event SELECT i, %lld, 'here', 'z', 'p', 'e',"
		    " 'up', 'down', '' FROM n",
		    last, (long long)clock_wall_ms() - prunings[i].age_ms);
		run_sql(sql);
		for (int k = 0; k < prunings[i].commits; k++)
			ck_assert_int_eq(put("a", HEALTH_UP), 0);
		ck_assert_msg(ask_number("SELECT count(*) FROM event") ==
			prunings[i].left,
		    "%s: %s", prunings[i].says,
		    ask_sql("SELECT count(*) FROM event"));
		if (prunings[i].left > 0)
			ck_assert_int_eq(
			    ask_number("SELECT max(sequence) FROM event"),
			    last);
		state_writer_destroy(writer);
		writer = new_writer(OUR_ID);
	}
}
END_TEST

/* However many looks it takes to take away what is old. */
START_TEST(a_poisoned_sequence_is_told_once)
{
	const char *log, *first;
	char sql[400];

	open_writer();
	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 1200) INSERT INTO event SELECT i, 1, 'here', 'z', 'p',"
	    " 'e', 'up', 'down', '' FROM n");
	run_sql(sql);
	catch_log();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	run_sql("INSERT INTO vantage (name, version, heartbeat_ms, sequence)"
		" VALUES ('odd', '', 0, 9007199254740991)");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	log = read_log();
	ck_assert_int_eq(ask_number("SELECT count(*) FROM event"), 0);
	first = strstr(log, "a row of table vantage has sequence");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, "a row of table"));
}
END_TEST

START_TEST(a_poisoned_event_is_pruned_before_ours)
{
	char sql[400];

	open_writer();
	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 300) INSERT INTO event SELECT i + (i > 100) *"
	    " 9007199254740000, %lld, 'here', 'z', 'p', 'e', 'up', 'down', ''"
	    " FROM n",
	    (long long)clock_wall_ms());
	run_sql(sql);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM event"), 100);
}
END_TEST

/* ${n} rows of endpoints s1, s2, ... of ${vantage}, last checked ${age_ms} ago,
 * with ${sequence} or above it. */
static void
add_rows(const char *vantage, int n, int64_t age_ms, const char *sequence)
{
	char sql[600];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO endpoint (" ENDPOINT_COLUMNS
	    ") SELECT '%s', 'z', 'p',"
	    " 's' || i, 'up', '', %lld, %lld, 1, 0, NULL, NULL, %s FROM n",
	    n, vantage, (long long)(clock_wall_ms() - age_ms),
	    (long long)(clock_wall_ms() - age_ms), sequence);
	run_sql(sql);
}

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define FORGET_MS (7 * DAY_MS)

/* Vantages that were not heard for ${days}. */
static void
add_vantages(const char *name, int n, int64_t days, const char *sequence)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO vantage (name, version, heartbeat_ms,"
	    " sequence) SELECT '%s' || i, '', %lld, %s FROM n",
	    n, name, (long long)(clock_wall_ms() - days * DAY_MS), sequence);
	run_sql(sql);
}

/* A vantage whose clock is wrong by more than the time until it is forgotten
 * writes on. */
static void
write_from_the_past(struct state_writer *there)
{
	char sql[200];

	ck_assert_int_eq(state_writer_begin(there), 0);
	ck_assert_int_eq(state_writer_commit(there), 0);
	snprintf(sql, sizeof(sql),
	    "UPDATE vantage SET heartbeat_ms = %lld WHERE name = 'there'",
	    (long long)(clock_wall_ms() - 8 * DAY_MS));
	run_sql(sql);
}

/* Dead vantages, more than a step takes; and some that are not dead. */
START_TEST(silent_vantages_are_forgotten_and_living_ones_never)
{
	struct state_writer *there =
	    state_writer_create(file, "there", getppid(), "other");
	int64_t end;
	long long removed;

	open_writer();
	state_writer_forget_after(writer, FORGET_MS);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(state_writer_open(there), 0);
	add_vantages("dead", 1024, 8, "1");
	add_vantages("odd", 2, 8, "9007199254740991");
	add_vantages("ahead", 2, -8, "1");
	add_vantages("young", 2, 6, "1");
	add_rows("dead1", 7000, 8 * DAY_MS, "1");
	add_rows("dead2", 10, 8 * DAY_MS, "9007199254740991");
	add_rows("young1", 10, 6 * DAY_MS, "1");
	add_rows("there", 10, 8 * DAY_MS, "1");
	/* Rows of vantages that have no row of their own. */
	add_rows("gone", 10, 8 * DAY_MS, "1");
	add_rows("going", 10, 6 * DAY_MS, "1");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM vantage"), 1032);
	for (end = clock_mono_ms() + 2 * LEASE_MS + 500; clock_mono_ms() < end;
	     usleep(200000))
		write_from_the_past(there);
	removed = ask_number("SELECT max(removed) FROM vantage");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	/* Not all in one step: that would keep others from writing. */
	ck_assert_int_gt(ask_number("SELECT count(*) FROM endpoint"), 2000);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(name) FROM (SELECT name FROM vantage"
		    " ORDER BY name)"),
	    "here,there,young1,young2");
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(v) FROM (SELECT vantage || count(*) AS"
		    " v FROM endpoint GROUP BY vantage ORDER BY vantage)"),
	    "going10,here1,there10,young110");
	ck_assert_int_gt(
	    ask_number("SELECT max(removed) FROM vantage"), removed);
	state_writer_destroy(there);
}
END_TEST

START_TEST(nothing_is_forgotten_where_nobody_asked_for_it)
{
	int64_t end = clock_mono_ms() + 2 * LEASE_MS + 500;

	open_writer();
	add_vantages("dead", 3, 800, "1");
	while (clock_mono_ms() < end) {
		ck_assert_int_eq(put("a", HEALTH_UP), 0);
		usleep(500000);
	}
	ck_assert_int_eq(ask_number("SELECT count(*) FROM vantage"), 4);
}
END_TEST

START_TEST(rows_of_an_earlier_run_are_swept_away_in_steps)
{
	long long removed;

	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(put("b", HEALTH_UP), 0);
	add_rows("here", WRITER_SWEEP_STEP, 0, "2");
	add_rows("there", 10, 0, "2");
	run_sql("UPDATE endpoint SET sequence = 9007199254740991 WHERE endpoint"
		" = 's7' AND vantage = 'here'");
	state_writer_destroy(writer);
	writer = new_writer(OUR_ID);
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	removed = ask_number("SELECT removed FROM vantage");
	state_writer_sweep(writer);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	/* That of b and one of the others are left. */
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 12);
	ck_assert_int_eq(ask_number("SELECT removed FROM vantage"), removed);
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_str_eq(
	    ask_sql("SELECT group_concat(v) FROM (SELECT vantage || count(*) AS"
		    " v FROM endpoint GROUP BY vantage ORDER BY vantage)"),
	    "here1,there10");
	ck_assert_int_gt(ask_number("SELECT removed FROM vantage"), removed);
	/* And that was all: what is written by hand stays. */
	add_rows("here", 3, 0, "2");
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM endpoint"), 14);
}
END_TEST

/* The row that a daemon with another vantage left, and whether that is ended by
 * ours, which is of the same machine. */
static const struct {
	const char *says, *sql;
	bool ended;
} pasts[] = {
    {"a process that is not there, its lease over",
	"owner_pid = 4000000, lease_until_ms = 1", true},
    {"a process of our own number, its lease over", "lease_until_ms = 1", true},
    {"a process that is not there, its lease set by a clock far ahead",
	"owner_pid = 4000000, lease_until_ms = 9000000000000", true},
    {"a process that is not there, which may be started again",
	"owner_pid = 4000000", false},
    {"a process that lives, its lease over",
	"owner_pid = 1, lease_until_ms = 1", false},
    {"another machine",
	"owner_pid = 4000000, owner_host = 'elsewhere', lease_until_ms = 1",
	false},
    {"another boot or container",
	"owner_pid = 4000000, owner_boot = 'other', lease_until_ms = 1", false},
};

START_TEST(the_lease_of_a_daemon_that_is_gone_is_ended)
{
	struct state_writer *old =
	    state_writer_create(file, "old", getpid(), "older");
	long long sequence;
	char sql[200];

	ck_assert_int_eq(state_writer_open(old), 0);
	snprintf(sql, sizeof(sql), "UPDATE vantage SET %s", pasts[_i].sql);
	run_sql(sql);
	sequence = ask_number("SELECT sequence FROM vantage");
	open_writer();
	ck_assert_int_eq(put("a", HEALTH_UP), 0);
	ck_assert_msg(pasts[_i].ended ==
		(ask_number("SELECT lease_until_ms = 0 AND owner_id IS NULL"
			    " FROM vantage WHERE name = 'old'") == 1),
	    "%s", pasts[_i].says);
	ck_assert_msg(pasts[_i].ended ==
		(ask_number("SELECT sequence FROM vantage WHERE name = 'old'") >
		    sequence),
	    "%s", pasts[_i].says);
	state_writer_destroy(old);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/writer");
	TCase *c = tcase_create("writer");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, creates_a_file_for_its_group);
	tcase_add_test(c, a_row_is_what_was_given);
	tcase_add_test(c, a_vantage_says_where_it_is);
	tcase_add_test(c, every_write_has_a_new_sequence);
	tcase_add_test(c, the_sequence_is_one_for_all_vantages);
	tcase_add_test(c, a_poisoned_sequence_is_not_counted_from);
	tcase_add_test(c, rows_come_after_a_removal_that_is_believed);
	tcase_add_test(c, restores_rows_of_its_own_vantage);
	tcase_add_test(c, a_removal_has_a_sequence_too);
	tcase_add_test(c, nothing_of_a_transaction_without_commit);
	tcase_add_test(c, leases_are_respected);
	tcase_add_test(c, who_is_refused_hears_by_whom);
	tcase_add_test(c, a_lease_set_far_ahead_ends_when_nobody_renews_it);
	tcase_add_test(c, the_lease_is_kept_and_given_back);
	tcase_add_test(c, what_is_not_ours_stays_as_it_is);
	tcase_add_test(c, an_empty_file_is_filled);
	tcase_add_test(c, a_folder_that_is_missing);
	tcase_add_test(c, a_folder_in_its_place);
	tcase_add_test(c, a_folder_without_the_right_to_write);
	tcase_add_test(c, a_log_without_the_right_to_write_is_named);
	tcase_add_test(c, a_lock_is_waited_for_and_then_told);
	tcase_add_test(c, files_that_change_under_it);
	tcase_add_test(c, a_file_cut_in_half_is_said_to_be_corrupt);
	tcase_add_test(c, the_command_for_a_corrupt_file_leads_to_a_new_one);
	tcase_add_test(
	    c, a_corrupt_file_with_a_long_path_is_told_without_a_command);
	tcase_add_test(c, a_row_removed_by_hand_is_noticed);
	tcase_add_test(c, a_full_disk_is_told_and_retried);
	tcase_add_test(c, events_are_pruned);
	tcase_add_test(c, a_poisoned_sequence_is_told_once);
	tcase_add_test(c, a_poisoned_event_is_pruned_before_ours);
	tcase_add_test(c, silent_vantages_are_forgotten_and_living_ones_never);
	tcase_add_test(c, nothing_is_forgotten_where_nobody_asked_for_it);
	tcase_add_test(c, rows_of_an_earlier_run_are_swept_away_in_steps);
	tcase_add_loop_test(c, the_lease_of_a_daemon_that_is_gone_is_ended, 0,
	    (int)(sizeof(pasts) / sizeof(pasts[0])));
	suite_add_tcase(s, c);
	return s;
}

int
main(void)
{
	return run_suite(suite());
}
