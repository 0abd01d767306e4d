/*
 * The reading process of meridiand, with its daemon's end: changes come in
 * time, and whatever happens to the files or the child, they come again.
 */
#include "tests/unit/state_fixture.h"

#include "base/helper.h"
#include "state/recorder.h"
#include "state/watch.h"

/* What the issue allows between a commit and the answers, as the watch is most
 * of it. */
#define IN_TIME_MS 200

static uv_loop_t loop;
static struct state_watch *watch;
static struct state_recorder *recorder;

/* What the watch gave. */
static struct {
	int begun, fulls, commits, vantages, endpoints, troubles;
	bool inside, committed, in_trouble, fine, stopped;
	char why[400], odd[400];
	struct state_endpoint row; /* the last one */
	struct state_vantage vantage;
	struct room room;
	int looks;
} got;

/* What the recorder is asked to write. */
static struct {
	bool ready;
	enum state_health health;
	uint32_t passes; /* tells one change from another */
} given;

static void
take_begin(void *context, bool full)
{
	(void)context;
	ck_assert(!got.stopped);
	got.inside = true;
	got.begun++;
	got.fulls += full;
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	(void)context;
	ck_assert(got.inside);
	got.vantages++;
	got.vantage = *row;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	(void)context;
	ck_assert(got.inside);
	got.endpoints++;
	got.row = *row;
}

static void
take_commit(void *context)
{
	(void)context;
	ck_assert(got.inside);
	got.inside = false;
	got.commits++;
	got.committed = true;
}

static void
take_trouble(void *context, const char *why)
{
	(void)context;
	ck_assert(!got.stopped);
	if (why != NULL) {
		ck_assert_str_ne(why, got.why);
		got.troubles++;
	} else {
		ck_assert(got.in_trouble);
	}
	got.in_trouble = why != NULL;
	got.fine = why == NULL;
	snprintf(got.why, sizeof(got.why), "%s", why != NULL ? why : "");
}

static void
take_odd(void *context, const char *what)
{
	(void)context;
	ck_assert(!got.stopped);
	snprintf(got.odd, sizeof(got.odd), "%s", what != NULL ? what : "");
}

static void
take_room(void *context, const struct room *room)
{
	(void)context;
	ck_assert(!got.stopped);
	got.room = *room;
	got.looks++;
}

static const struct state_watch_calls watch_calls = {
    .sink =
	{
	    .begin = take_begin,
	    .vantage = take_vantage,
	    .endpoint = take_endpoint,
	    .commit = take_commit,
	},
    .trouble = take_trouble,
    .odd = take_odd,
    .room = take_room,
};

static void
write_row(void)
{
	struct state_endpoint row = a_row("a", given.health);

	row.passes = given.passes;
	state_recorder_endpoint(recorder, &row);
	state_recorder_commit(recorder);
}

static void
on_restored(void *context, const struct state_endpoint *row)
{
	(void)context;
	(void)row;
}

static void
on_ready(void *context)
{
	(void)context;
	given.ready = true;
	write_row();
}

static void
on_recorder_trouble(void *context, const char *why)
{
	(void)context;
	(void)why;
}

static const struct state_recorder_calls recorder_calls = {
    .restored = on_restored, .ready = on_ready, .trouble = on_recorder_trouble};

static void
start_recorder(void)
{
	given.ready = false;
	given.health = HEALTH_UP;
	recorder =
	    state_recorder_start(&loop, file, "here", &recorder_calls, NULL);
	ck_assert_ptr_nonnull(recorder);
	ck_assert(run_until(&loop, &given.ready, WAIT_MS));
}

static void
start_watch(void)
{
	watch =
	    state_watch_start(&loop, file, TABLES_HEALTH, &watch_calls, NULL);
	ck_assert_ptr_nonnull(watch);
}

static void
setup(void)
{
	memset(&got, 0, sizeof(got));
	memset(&given, 0, sizeof(given));
	make_folder();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
}

static void
teardown(void)
{
	state_watch_stop(watch);
	state_recorder_stop(recorder);
	watch = NULL;
	recorder = NULL;
	got.stopped = true;
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	remove_folder();
}

static pid_t
child(void)
{
	return find_child(getpid(), "state-watch");
}

/* Wait for ${why} to be told. */
static void
wait_for_trouble(const char *why)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (strncmp(got.why, why, strlen(why)) != 0 && clock_mono_ms() < end)
		run_until(&loop, NULL, 20);
	ck_assert_msg(strncmp(got.why, why, strlen(why)) == 0, "%s", got.why);
}

static void
wait_for_end(const char *child_name)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (find_child(getpid(), child_name) > 0 && clock_mono_ms() < end)
		run_until(&loop, NULL, 20);
	ck_assert_int_lt(find_child(getpid(), child_name), 0);
}

static void
stop_recorder(void)
{
	state_recorder_stop(recorder);
	recorder = NULL;
	wait_for_end("state-record");
}

/* Write another row until it is seen; how long that took, or -1. */
static int64_t
see_change(int64_t ms)
{
	int64_t began, end = clock_mono_ms() + ms;

	given.passes++;
	write_row();
	began = clock_mono_ms();
	while (clock_mono_ms() < end) {
		got.committed = false;
		run_until(&loop, &got.committed, 100);
		if (got.endpoints > 0 && !got.inside &&
		    got.row.passes == given.passes)
			return clock_mono_ms() - began;
		/* A recorder in trouble writes it when it is ready again. */
		state_recorder_commit(recorder);
	}
	return -1;
}

START_TEST(first_all_then_changes_in_time)
{
	int in_time = 0;

	start_recorder();
	start_watch();
	ck_assert(run_until(&loop, &got.committed, WAIT_MS));
	ck_assert_int_eq(got.fulls, 1);
	for (int i = 0; i < 10; i++) {
		int64_t took = see_change(WAIT_MS);

		ck_assert_int_ge(took, 0);
		in_time += took < IN_TIME_MS;
		/* Not always at the same time after a look. */
		usleep((unsigned)i * 6000);
	}
	/* A machine that is busy with other things may be late now and then. */
	ck_assert_int_ge(in_time, 6);
	ck_assert_int_eq(got.fulls, 1);
	ck_assert_int_eq(got.troubles, 0);
	ck_assert_str_eq(got.row.vantage, "here");
	ck_assert_str_eq(got.row.zone, "inference.example");
	ck_assert_str_eq(got.row.endpoint, "a");
	ck_assert_int_eq(got.row.connect_us, 1200);
	ck_assert_int_eq(got.row.first_byte_us, -1);
}
END_TEST

START_TEST(a_heartbeat_alone_comes)
{
	int64_t before;
	int rows;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	before = got.vantage.heartbeat_ms;
	rows = got.endpoints;
	run_until(&loop, NULL, 20);
	got.committed = false;
	state_recorder_commit(recorder);
	ck_assert(run_until(&loop, &got.committed, WAIT_MS));
	ck_assert_int_gt(got.vantage.heartbeat_ms, before);
	ck_assert_int_eq(got.endpoints, rows);
}
END_TEST

START_TEST(a_quiet_database_is_quiet)
{
	int commits;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	run_until(&loop, NULL, 150);
	commits = got.commits;
	run_until(&loop, NULL, 400);
	ck_assert_int_eq(got.commits, commits);
}
END_TEST

START_TEST(all_is_read_again_when_that_is_asked_for)
{
	int rows, commits;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	ck_assert_int_eq(got.fulls, 1);
	run_until(&loop, NULL, 150);
	for (int i = 2; i < 4; i++) {
		rows = got.endpoints;
		got.committed = false;
		state_watch_again(watch);
		ck_assert(run_until(&loop, &got.committed, WAIT_MS));
		ck_assert_int_eq(got.fulls, i);
		ck_assert_int_gt(got.endpoints, rows);
	}
	/* Once for each time that it is asked for. */
	commits = got.commits;
	run_until(&loop, NULL, 300);
	ck_assert_int_eq(got.commits, commits);
	ck_assert_int_eq(got.troubles, 0);
}
END_TEST

/* With a file or without one: of a folder there is room, too. */
START_TEST(the_room_on_the_disk_is_told)
{
	struct room is = {0};

	start_watch();
	ck_assert(run_until(&loop, &got.in_trouble, WAIT_MS));
	for (int i = 0; i < WAIT_MS / 100 && got.looks == 0; i++)
		run_until(&loop, NULL, 100);
	ck_assert_int_eq(room_look(file, &is), 0);
	ck_assert_int_eq((int)got.room.state, (int)is.state);
	ck_assert_uint_gt(got.room.free_bytes, 0);
}
END_TEST

START_TEST(what_is_not_there_is_told_once_and_found)
{
	start_watch();
	ck_assert(run_until(&loop, &got.in_trouble, WAIT_MS));
	ck_assert_str_eq(got.why, "No such file or directory");
	run_until(&loop, NULL, 300);
	ck_assert_int_eq(got.troubles, 1);
	write_file(file, "", 0);
	wait_for_trouble("not written yet");
	ck_assert_int_eq(got.troubles, 2);
	start_recorder();
	ck_assert(run_until(&loop, &got.fine, WAIT_MS));
	ck_assert_int_eq(got.fulls, 1);
}
END_TEST

/* Signals that end the child, and the name in what is told. */
static const struct {
	int number;
	const char *name;
} deaths[] = {{SIGKILL, "SIGKILL"}, {SIGBUS, "SIGBUS"}};

START_TEST(a_child_that_dies_is_started_again)
{
	int fulls;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		fulls = got.fulls;
		got.in_trouble = got.fine = false;
		signal_child(child(), deaths[i].number);
		ck_assert(run_until(&loop, &got.in_trouble, WAIT_MS));
		ck_assert_msg(
		    strstr(got.why, deaths[i].name) != NULL, "%s", got.why);
		ck_assert(run_until(&loop, &got.fine, WAIT_MS));
		ck_assert_int_eq(got.fulls, fulls + 1);
		ck_assert_int_ge(see_change(WAIT_MS), 0);
	}
}
END_TEST

START_TEST(signals_for_the_daemon_do_not_end_its_child)
{
	pid_t pid;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	pid = child();
	signal_child(pid, SIGTERM);
	signal_child(pid, SIGINT);
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	ck_assert_int_eq(child(), pid);
	ck_assert_int_eq(got.troubles, 0);
}
END_TEST

/* What is truncated, while both children have it open and mapped. */
static const struct {
	const char *says, *suffix;
	bool half;
} truncations[] = {
    {"the log, to nothing", "-wal", false},
    {"the log, to a half", "-wal", true},
    {"the index of the log, to nothing", "-shm", false},
    {"the index of the log, to a half", "-shm", true},
    {"the database, to nothing", "", false},
    {"the database, to a half", "", true},
};

START_TEST(truncated_files_are_survived)
{
	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	/* Into the database, so that a half of it is missing. */
	run_sql("PRAGMA wal_checkpoint");
	for (size_t i = 0; i < sizeof(truncations) / sizeof(truncations[0]);
	     i++) {
		const char *path = beside(truncations[i].suffix);
		struct stat st;

		ck_assert_msg(see_change(WAIT_MS) >= 0, "%s: before: %s",
		    truncations[i].says, got.why);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(
		    truncate(path,
			truncations[i].half ? st.st_size / 8192 * 4096 : 0),
		    0);
		run_until(&loop, NULL, 150);
		/* Nobody can mend this one but the operator, who takes it
		 * away. */
		if (truncations[i].suffix[0] == '\0' && truncations[i].half)
			remove_files();
		ck_assert_msg(see_change(WAIT_MS) >= 0, "%s: %s",
		    truncations[i].says, got.why);
		ck_assert_msg(
		    got.row.health == HEALTH_UP, "%s", truncations[i].says);
	}
	ck_assert_int_gt(child(), 0);
}
END_TEST

/* Again and again while both are at work, so that it hits them inside SQLite
 * too, where it is SIGBUS. */
START_TEST(a_mapping_cut_off_kills_a_child_at_most)
{
	int64_t end = clock_mono_ms() + 1000, next = 0;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	while (clock_mono_ms() < end) {
		given.passes++;
		write_row();
		run_until(&loop, NULL, 1);
		if (clock_mono_ms() < next)
			continue;
		(void)!truncate(beside("-shm"), 0);
		next = clock_mono_ms() + 40;
	}
	ck_assert_msg(see_change(WAIT_MS) >= 0, "%s", got.why);
	ck_assert_str_eq(ask_sql("PRAGMA integrity_check"), "ok");
}
END_TEST

START_TEST(a_broken_header_is_told_and_the_next_file_read)
{
	int fulls;
	FILE *f;

	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	stop_recorder();
	fulls = got.fulls;
	remove_files();
	f = fopen(file, "we");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 1000; i++)
		fputs("no header", f);
	fclose(f);
	wait_for_trouble("not a database: mv ");
	ck_assert_int_eq(got.fulls, fulls);
	remove_files();
	got.fine = false;
	start_recorder();
	ck_assert(run_until(&loop, &got.fine, WAIT_MS));
	ck_assert_int_ge(see_change(WAIT_MS), 0);
}
END_TEST

START_TEST(locked_for_two_seconds)
{
	sqlite3 *shell;
	int64_t end;

	start_recorder();
	stop_recorder();
	shell = open_shell();
	shell_run(shell,
	    "PRAGMA locking_mode = EXCLUSIVE;"
	    "BEGIN EXCLUSIVE; COMMIT");
	start_watch();
	end = clock_mono_ms() + 2000;
	while (clock_mono_ms() < end) {
		int64_t turn = clock_mono_ms();

		uv_run(&loop, UV_RUN_NOWAIT);
		ck_assert_int_lt(clock_mono_ms() - turn, TURN_MS);
		usleep(10000);
	}
	wait_for_trouble("locked by another process");
	ck_assert_int_eq(got.troubles, 1);
	sqlite3_close(shell);
	ck_assert(run_until(&loop, &got.fine, WAIT_MS));
	ck_assert_int_eq(got.endpoints, 1);
}
END_TEST

START_TEST(deleted_and_made_anew)
{
	start_recorder();
	start_watch();
	for (int i = 0; i < 3; i++) {
		int fulls;

		ck_assert_int_ge(see_change(WAIT_MS), 0);
		fulls = got.fulls;
		remove_files();
		ck_assert_int_ge(see_change(WAIT_MS), 0);
		ck_assert_int_gt(got.fulls, fulls);
	}
}
END_TEST

START_TEST(many_rows_come_whole)
{
	start_recorder();
	for (int i = 0;
	     i < 100 && ask_number("SELECT count(*) FROM endpoint") == 0; i++)
		run_until(&loop, NULL, 20);
	run_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 60000) INSERT INTO endpoint (" ENDPOINT_COLUMNS
		") SELECT 'there',"
		" 'inference.example', 'pool', 'endpoint-' || i, 'down',"
		" 'timeout', 1, 2, 0, 3, 4, 5, i FROM n;"
		"UPDATE vantage SET sequence = 60001");
	start_watch();
	/* Under a sanitizer on a busy machine they take their time. */
	ck_assert(run_until(&loop, &got.committed, 4 * WAIT_MS));
	ck_assert_int_eq(got.endpoints, 60001);
}
END_TEST

START_TEST(stopped_at_once_there_are_no_calls)
{
	start_recorder();
	start_watch();
	state_watch_stop(watch);
	start_watch();
	uv_run(&loop, UV_RUN_NOWAIT);
	state_watch_stop(watch);
	watch = NULL;
	got.stopped = true;
	run_until(&loop, NULL, 300);
	wait_for_end("state-watch");
}
END_TEST

/* A daemon that follows the file until it is killed. */
_Noreturn static void
follow_for_ever(void)
{
	uv_loop_fork(&loop);
	start_watch();
	for (;;)
		run_until(&loop, NULL, 1000);
}

START_TEST(the_child_ends_with_its_daemon)
{
	pid_t daemon = fork_tied(), pid = -1;
	bool gone = false;

	if (daemon == 0)
		follow_for_ever();
	for (int i = 0; i < 2000 && pid < 0; i++) {
		usleep(10000);
		pid = find_child(daemon, "state-watch");
	}
	ck_assert_int_gt(pid, 0);
	signal_child(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
	for (int i = 0; i < 2000 && !gone; i++) {
		char path[64];

		usleep(10000);
		/* Whoever reaps it: it has no memory any more. */
		snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
		gone = access(path, F_OK) != 0;
	}
	ck_assert(gone);
}
END_TEST

START_TEST(the_child_keeps_no_descriptor_of_its_daemon)
{
	int leak = open("/dev/null", O_RDONLY); /* on purpose not CLOEXEC */
	char path[64], target[64] = {0};

	ck_assert_int_ge(leak, 3);
	ck_assert_int_eq(dup2(leak, 200), 200);
	start_recorder();
	start_watch();
	ck_assert_int_ge(see_change(WAIT_MS), 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/200", (int)child());
	ck_assert_int_eq(readlink(path, target, sizeof(target) - 1), -1);
	ck_assert_str_eq(target, "");
	close(200);
	close(leak);
}
END_TEST

/* Frames that no child of ours sends. */
static int
nonsense_child(void)
{
	static const unsigned char bytes[] = {9, 0, 0, 0, 255, 255, 255, 255};

	helper_child_begin("nonsense");
	(void)!write(STDOUT_FILENO, bytes, sizeof(bytes));
	pause();
	return 0;
}

static struct helper *helper;
static bool ended;

static int
no_frame(void *context, const struct frame *frame)
{
	(void)context;
	(void)frame;
	return 0;
}

static void
on_ended(void *context, const char *why)
{
	(void)context;
	ended = true;
	snprintf(got.why, sizeof(got.why), "%s", why);
	/* Stopping from inside is allowed here. */
	helper_stop(helper, 0);
}

START_TEST(a_child_that_sends_nonsense_is_ended)
{
	static const struct helper_calls calls = {no_frame, on_ended};
	static const char *const arguments[] = {"--nonsense", NULL};

	ended = false;
	helper = helper_start(&loop, arguments, &calls, NULL);
	ck_assert_ptr_nonnull(helper);
	ck_assert(run_until(&loop, &ended, WAIT_MS));
	ck_assert_str_eq(got.why, "sent what makes no sense");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("state/watch");
	TCase *c = tcase_create("watch");

	tcase_set_timeout(c, 120);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, first_all_then_changes_in_time);
	tcase_add_test(c, a_heartbeat_alone_comes);
	tcase_add_test(c, a_quiet_database_is_quiet);
	tcase_add_test(c, all_is_read_again_when_that_is_asked_for);
	tcase_add_test(c, the_room_on_the_disk_is_told);
	tcase_add_test(c, what_is_not_there_is_told_once_and_found);
	tcase_add_test(c, a_child_that_dies_is_started_again);
	tcase_add_test(c, signals_for_the_daemon_do_not_end_its_child);
	tcase_add_test(c, truncated_files_are_survived);
	tcase_add_test(c, a_mapping_cut_off_kills_a_child_at_most);
	tcase_add_test(c, a_broken_header_is_told_and_the_next_file_read);
	tcase_add_test(c, locked_for_two_seconds);
	tcase_add_test(c, deleted_and_made_anew);
	tcase_add_test(c, many_rows_come_whole);
	tcase_add_test(c, stopped_at_once_there_are_no_calls);
	tcase_add_test(c, the_child_ends_with_its_daemon);
	tcase_add_test(c, the_child_keeps_no_descriptor_of_its_daemon);
	tcase_add_test(c, a_child_that_sends_nonsense_is_ended);
	suite_add_tcase(s, c);
	return s;
}

int
main(int argc, char **argv)
{
	if (state_watch_is_child(argc, argv))
		return state_watch_child(argc, argv);
	if (state_recorder_is_child(argc, argv))
		return state_recorder_child(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--nonsense") == 0)
		return nonsense_child();
	signal(SIGPIPE, SIG_IGN);
	return run_suite(suite());
}
