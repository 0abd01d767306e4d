/*
 * A corrupt database is set aside when it is one of ours, and only then.
 */
#include "tests/unit/state_fixture.h"

#include <sys/file.h>

#include "state/aside.h"
#include "state/migrate.h"

static struct file_identity it;

/* A file that begins as a database of this application does, or of ${id}. */
static void
write_head(uint32_t id)
{
	char head[100] = "SQLite format 3";

	for (int i = 0; i < 4; i++)
		head[68 + i] = (char)(id >> (24 - 8 * i));
	write_file(file, head, sizeof(head));
}

static void
setup(void)
{
	make_folder();
	write_head(MIGRATE_APPLICATION_ID);
	write_file(beside("-wal"), "log", 3);
	write_file(beside("-shm"), "index", 5);
	ck_assert_int_eq(file_identify(file, &it), 0);
}

static void
teardown(void)
{
	remove_folder();
}

static bool
is_at(const char *suffix)
{
	struct file_identity is;

	return file_identify(beside(suffix), &is) == 0 && is.inode == it.inode;
}

START_TEST(one_of_ours_goes_with_its_log)
{
	int64_t since_ms;

	ck_assert_int_eq(aside_since_ms(file), -1);
	ck_assert_int_eq(
	    aside_move(file, &it, MIGRATE_APPLICATION_ID, false), 1);
	ck_assert(is_at(".corrupt"));
	ck_assert_int_eq(access(beside(".corrupt-wal"), F_OK), 0);
	ck_assert_int_ne(access(file, F_OK), 0);
	ck_assert_int_ne(access(beside("-wal"), F_OK), 0);
	ck_assert_int_ne(access(beside("-shm"), F_OK), 0);
	since_ms = aside_since_ms(file);
	ck_assert_int_le(since_ms, clock_wall_ms());
	ck_assert_int_ge(since_ms, clock_wall_ms() - 10000);
}
END_TEST

START_TEST(one_from_before_is_replaced_with_its_log)
{
	write_file(beside(".corrupt"), "before", 6);
	write_file(beside(".corrupt-wal"), "before", 6);
	unlink(beside("-wal"));
	ck_assert_int_eq(
	    aside_move(file, &it, MIGRATE_APPLICATION_ID, false), 1);
	ck_assert(is_at(".corrupt"));
	ck_assert_int_ne(access(beside(".corrupt-wal"), F_OK), 0);
}
END_TEST

START_TEST(one_that_was_ours_when_it_was_opened)
{
	FILE *f = fopen(file, "r+e");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("rubbish and more rubbish", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(
	    aside_move(file, &it, MIGRATE_APPLICATION_ID, false), 0);
	ck_assert(is_at(""));
	ck_assert_int_eq(
	    aside_move(file, &it, MIGRATE_APPLICATION_ID, true), 1);
	ck_assert(is_at(".corrupt"));
}
END_TEST

/* What is left alone. */

static void
of_another_program(void)
{
	write_head(0x12345678);
	ck_assert_int_eq(file_identify(file, &it), 0);
}

static void
no_database(void)
{
	write_file(file, "root:x:0:0", 10);
	ck_assert_int_eq(file_identify(file, &it), 0);
}

static void
another_file_by_now(void)
{
	ck_assert_int_eq(rename(file, beside(".away")), 0);
	write_head(MIGRATE_APPLICATION_ID);
}

static void
gone_by_now(void)
{
	ck_assert_int_eq(unlink(file), 0);
}

static void
by_a_link(void)
{
	char to[160];

	snprintf(to, sizeof(to), "%s.real", file);
	ck_assert_int_eq(rename(file, to), 0);
	ck_assert_int_eq(symlink(to, file), 0);
}

static int others = -1;

static void
another_program_is_at_it(void)
{
	others = open(file, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(others, 0);
	ck_assert_int_eq(flock(others, LOCK_EX), 0);
}

static const struct {
	const char *says;
	void (*make)(void);
} left[] = {
    {"of another program", of_another_program},
    {"no database", no_database},
    {"another file by now", another_file_by_now},
    {"gone by now", gone_by_now},
    {"by a link", by_a_link},
    {"another program is at it", another_program_is_at_it},
};

START_TEST(what_is_not_ours_to_move_stays)
{
	left[_i].make();
	ck_assert_msg(aside_move(file, &it, MIGRATE_APPLICATION_ID, false) == 0,
	    "%s", left[_i].says);
	ck_assert_int_eq(aside_since_ms(file), -1);
	ck_assert_int_eq(access(beside("-wal"), F_OK), 0);
	if (others >= 0)
		close(others);
	others = -1;
}
END_TEST

static int
move_as_other(void)
{
	if (!become_other())
		return 0;
	return aside_move(file, &it, MIGRATE_APPLICATION_ID, false) == -1 &&
		errno == EACCES
	    ? 0
	    : 1;
}

START_TEST(a_folder_without_the_right_to_write)
{
	ck_assert_int_eq(chmod(file, 0644), 0);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	ck_assert_int_eq(in_process(move_as_other), 0);
	ck_assert_int_eq(chmod(folder, 0700), 0);
	ck_assert(is_at(""));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_aside");
	TCase *c = tcase_create("aside");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, one_of_ours_goes_with_its_log);
	tcase_add_test(c, one_from_before_is_replaced_with_its_log);
	tcase_add_test(c, one_that_was_ours_when_it_was_opened);
	tcase_add_loop_test(c, what_is_not_ours_to_move_stays, 0,
	    sizeof(left) / sizeof(left[0]));
	tcase_add_test(c, a_folder_without_the_right_to_write);
	suite_add_tcase(suite, c);
	return run_suite(suite);
}
