/*
 * The writer of the state database killed, or failed, at each touch of a file
 * from its first to its last: while it makes the file, writes a transaction,
 * empties its log, takes away what is old, and ends.  What it said to be
 * written is there, nothing is half there, and the next one goes on.
 */
#include "tests/unit/state_fixture.h"

#include "state/writer.h"
#include "tests/full.h"
#include "tests/unit/state_files.h"

#define ENDPOINTS 20
#define BASE_MS INT64_C(1700000000000)

/* Of a log of 1,000 pages: when it is about to be emptied. */
#define PAGE_IN_LOG (4096 + 24)
#define LOG_FULL (1000 * PAGE_IN_LOG)

/* Events that are old enough to be taken away at once, in a step or two. */
#define OLD 700

/* What was said to be written, in the order of the numbers. */
struct acknowledged {
	int pipe[2];
	int n;
};

static struct state_writer *writer;

/* A change of health, all of which is one transaction. */
static int
write_change(int i)
{
	struct state_endpoint row;
	struct state_event event;
	char name[32];

	snprintf(name, sizeof(name), "e%d", i % ENDPOINTS);
	row = a_row(name, i / ENDPOINTS % 2 == 0 ? HEALTH_UP : HEALTH_DOWN);
	row.checked_ms = BASE_MS + i;
	snprintf(name, sizeof(name), "change%d", i);
	event = an_event(name, clock_wall_ms());
	if (state_writer_begin(writer) != 0 ||
	    state_writer_put(writer, TABLE_ENDPOINT, &row) != 0 ||
	    state_writer_put(writer, TABLE_EVENT, &event) != 0)
		return -1;
	return state_writer_commit(writer);
}

static void
no_row(void *context, const void *row)
{
	(void)context;
	(void)row;
}

/* As the writing process does when it starts, and after each failure. */
static int
open_writer(void)
{
	if (state_writer_open(writer) != 0)
		return -1;
	return state_writer_restore(writer, TABLE_ENDPOINT, no_row, NULL);
}

static void
new_writer(const char *id)
{
	writer = state_writer_create(file, "here", getpid(), id);
	ck_assert_ptr_nonnull(writer);
}

/* --- where it begins --- */

/* No file is there; or one whose log is about to be emptied, with events that
 * are old, which was left so by a death. */
struct beginning {
	const char *says;
	int from, changes; /* numbers of those that are made */
	bool aged;
	int step, least; /* of deaths: each so-manieth, unless all are tried */
};

static const struct beginning beginnings[] = {
    {"a new file", 0, 3, false, 2, 50},
    {"a log that is emptied", 0, 4, true, 17, 200},
};

static char aged_file[160], aged_log[160];

static void
copy(const char *from, const char *to)
{
	static char piece[1 << 16];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	size_t n;

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(out);
	while ((n = fread(piece, 1, sizeof(piece), in)) > 0)
		ck_assert_uint_eq(fwrite(piece, 1, n, out), n);
	fclose(in);
	ck_assert_int_eq(fclose(out), 0);
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

/* Rows of several pages in one transaction. */
static int
write_fillers(void)
{
	static int number;

	if (state_writer_begin(writer) != 0)
		return -1;
	for (int i = 0; i < 40; i++) {
		struct state_endpoint row;
		char name[32];

		snprintf(name, sizeof(name), "filler%d", number++);
		row = a_row(name, HEALTH_UP);
		if (state_writer_put(writer, TABLE_ENDPOINT, &row) != 0)
			return -1;
	}
	return state_writer_commit(writer);
}

/* In a process that ends without closing anything. */
static int
grow_old(void)
{
	struct state_event event = an_event("old", 1);

	files_watch(FILES_COUNT, 0);
	new_writer("old");
	if (open_writer() != 0)
		return 1;
	if (state_writer_begin(writer) != 0)
		return 2;
	for (int i = 0; i < OLD; i++)
		if (state_writer_put(writer, TABLE_EVENT, &event) != 0)
			return 3;
	if (state_writer_commit(writer) != 0)
		return 4;
	for (int i = 0; i < 1000; i++) {
		if (size_of(beside("-wal")) >= LOG_FULL - 30 * PAGE_IN_LOG)
			return 0;
		if (write_fillers() != 0)
			return 5;
	}
	return 6;
}

static void
make_aged(void)
{
	snprintf(aged_file, sizeof(aged_file), "%s/aged", folder);
	snprintf(aged_log, sizeof(aged_log), "%s/aged-log", folder);
	ck_assert_int_eq(in_process(grow_old), 0);
	copy(file, aged_file);
	copy(beside("-wal"), aged_log);
}

static void
begin(const struct beginning *b)
{
	remove_files();
	(void)unlink(beside("-journal"));
	if (!b->aged)
		return;
	copy(aged_file, file);
	copy(aged_log, beside("-wal"));
}

/* --- a life, and what is left of it --- */

/* Make all changes, and again what failed; in a process of its own.  Its exit
 * status says where nothing helped. */
static int
live(const struct beginning *b, enum files_mode mode, int at, int told)
{
	int tries = 0;

	files_watch(mode, at);
	new_writer("first");
	for (int i = b->from, open = 0; i < b->from + b->changes;) {
		if ((open || open_writer() == 0) && write_change(i) == 0) {
			open = 1;
			if (write(told, &i, sizeof(i)) != sizeof(i))
				return 2;
			i++;
			continue;
		}
		if (state_writer_why(writer)[0] == '\0')
			return 3;
		open = 0;
		/* Somebody made room. */
		if (++tries == 3)
			files.at = 0;
		if (tries > 6)
			return 4;
	}
	state_writer_destroy(writer);
	return at != 0 && files.touches < at ? 10 : 0;
}

/* One life; 0 when it died or failed as it should and ended well, 10 when it
 * was through before that. */
static int
run(const struct beginning *b, enum files_mode mode, int at,
    struct acknowledged *told)
{
	int status, i;
	pid_t pid;

	ck_assert_int_eq(pipe(told->pipe), 0);
	pid = fork_tied();
	if (pid == 0)
		_exit(live(b, mode, at, told->pipe[1]));
	close(told->pipe[1]);
	told->n = b->from;
	while (read(told->pipe[0], &i, sizeof(i)) == sizeof(i)) {
		ck_assert_int_eq(i, told->n);
		told->n++;
	}
	close(told->pipe[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
		ck_assert(mode == FILES_DIE || mode == FILES_TEAR);
		return 0;
	}
	return WEXITSTATUS(status);
}

/* The transactions that are there: their numbers are 0..n-1. */
static int
count_changes(const char *says)
{
	char sql[200];
	int n;

	ck_assert_msg(
	    strcmp(ask_sql("PRAGMA integrity_check"), "ok") == 0, "%s", says);
	if (ask_number("SELECT count(*) FROM sqlite_schema WHERE"
		       " name = 'event'") == 0)
		return 0;
	n = (int)ask_number("SELECT count(*) FROM event WHERE endpoint LIKE"
			    " 'change%'");
	if (n == 0)
		return 0;
	/* The row of the last change came with its event. */
	snprintf(sql, sizeof(sql),
	    "SELECT max(checked_ms) FROM endpoint WHERE endpoint LIKE 'e%%'");
	ck_assert_msg(
	    ask_number(sql) == BASE_MS + n - 1, "%s: half of one", says);
	return n;
}

/* After a life: whether what it left is as it should be. */
static void
expect_whole(const struct beginning *b, const char *says,
    const struct acknowledged *told)
{
	int n = access(file, F_OK) == 0 ? count_changes(says) : 0;

	/* One that was written and not said yet may be there. */
	ck_assert_msg(n == told->n || n == told->n + 1,
	    "%s: %d were said, %d are there", says, told->n, n);
	/* The daemon that is dead has no lease, and the next one goes on. */
	new_writer("next");
	ck_assert_msg(
	    open_writer() == 0, "%s: %s", says, state_writer_why(writer));
	ck_assert_msg(
	    write_change(n) == 0, "%s: %s", says, state_writer_why(writer));
	state_writer_destroy(writer);
	ck_assert_int_eq(count_changes(says), n + 1);
	if (b->aged)
		ck_assert_msg(ask_number("SELECT count(*) FROM endpoint WHERE"
					 " endpoint LIKE 'filler%'") > 10,
		    "%s: rows of before are gone", says);
}

static int
all_of(const struct beginning *b, enum files_mode mode, const char *how)
{
	int at = 1, step = (int)full_size((uint64_t)b->step, 1);

	for (;; at += step) {
		struct acknowledged told;
		char says[80];
		int status;

		snprintf(says, sizeof(says), "%s, %s at %d", b->says, how, at);
		begin(b);
		status = run(b, mode, at, &told);
		ck_assert_msg(
		    status == 0 || status == 10, "%s: %d", says, status);
		/* Who lives on has written all of it. */
		if (status == 10 || mode >= FILES_FAIL)
			ck_assert_msg(told.n == b->from + b->changes, "%s: %d",
			    says, told.n);
		expect_whole(b, says, &told);
		if (status == 10)
			break;
	}
	printf("%s: %s at each %d of %d touches\n", b->says, how, step, at);
	return at;
}

static void
setup(void)
{
	make_folder();
	files_watch(FILES_COUNT, 0);
	make_aged();
}

static void
teardown(void)
{
	remove_folder();
}

START_TEST(killed_at_any_touch_of_a_file)
{
	const struct beginning *b = &beginnings[_i];

	ck_assert_int_ge(all_of(b, FILES_DIE, "killed"), b->least);
}
END_TEST

START_TEST(killed_in_the_middle_of_any_write)
{
	const struct beginning *b = &beginnings[_i];

	ck_assert_int_ge(all_of(b, FILES_TEAR, "torn"), b->least);
}
END_TEST

START_TEST(failed_once_at_any_touch_of_a_file)
{
	const struct beginning *b = &beginnings[_i];

	ck_assert_int_ge(all_of(b, FILES_FAIL, "failed once"), b->least / 4);
}
END_TEST

START_TEST(failed_from_any_touch_on_until_there_is_room)
{
	const struct beginning *b = &beginnings[_i];

	ck_assert_int_ge(all_of(b, FILES_FAIL_ON, "failed"), b->least / 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_deaths");
	TCase *c = tcase_create("deaths");
	int n = sizeof(beginnings) / sizeof(beginnings[0]);

	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, killed_at_any_touch_of_a_file, 0, n);
	tcase_add_loop_test(c, killed_in_the_middle_of_any_write, 0, n);
	tcase_add_loop_test(c, failed_once_at_any_touch_of_a_file, 0, n);
	tcase_add_loop_test(
	    c, failed_from_any_touch_on_until_there_is_room, 0, n);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
