/*
 * Tests that one process has a job: the second is told so, and one that was
 * killed leaves nothing behind that keeps others out.
 */
#include "base/file_lock.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[32], state[64], lock_file[80], other_file[80];

static void
setup(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/alone-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(state, sizeof(state), "%s/state.db", folder);
	(void)snprintf(lock_file, sizeof(lock_file), "%s-lock", state);
	(void)snprintf(other_file, sizeof(other_file), "%s-other", state);
}

static void
teardown(void)
{
	(void)unlink(lock_file);
	(void)rmdir(folder);
}

START_TEST(the_second_is_told)
{
	int lock = file_lock_take(state, "-lock"), other;

	ck_assert_int_ge(lock, 0);
	ck_assert_int_lt(file_lock_take(state, "-lock"), 0);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert(file_lock_held(state, "-lock"));
	/* Another lock of the same file. */
	ck_assert(!file_lock_held(state, "-other"));
	other = file_lock_take(state, "-other");
	ck_assert_int_ge(other, 0);
	file_lock_give(other);
	ck_assert_int_eq(unlink(other_file), 0);
	file_lock_give(lock);
	ck_assert(!file_lock_held(state, "-lock"));
	lock = file_lock_take(state, "-lock");
	ck_assert_int_ge(lock, 0);
	close(lock);
}
END_TEST

START_TEST(who_was_killed_keeps_nobody_out)
{
	char byte;
	int ready[2], lock;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (file_lock_take(state, "-lock") >= 0 &&
		    write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_lt(file_lock_take(state, "-lock"), 0);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	lock = file_lock_take(state, "-lock");
	ck_assert_int_ge(lock, 0);
	close(lock);
	close(ready[0]);
}
END_TEST

START_TEST(what_cannot_be_made_is_said)
{
	char long_name[8192];

	ck_assert_int_lt(file_lock_take("/nonexistent/state.db", "-lock"), 0);
	ck_assert_int_eq(errno, ENOENT);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	ck_assert_int_lt(file_lock_take(long_name, "-lock"), 0);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("file lock");
	Suite *suite = suite_create("file lock");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_second_is_told);
	tcase_add_test(tc, who_was_killed_keeps_nobody_out);
	tcase_add_test(tc, what_cannot_be_made_is_said);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
