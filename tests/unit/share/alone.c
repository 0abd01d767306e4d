/*
 * Tests that one process carries the rows of a state database: the second is
 * told so, and one that was killed leaves nothing behind that keeps others out.
 */
#include "share/alone.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[32], state[64], lock_file[80];

static void
setup(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/alone-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(state, sizeof(state), "%s/state.db", folder);
	(void)snprintf(lock_file, sizeof(lock_file), "%s-share", state);
}

static void
teardown(void)
{
	(void)unlink(lock_file);
	(void)rmdir(folder);
}

START_TEST(the_second_is_told)
{
	char why[ALONE_WHY];
	int lock = alone_take(state, why);

	ck_assert_int_ge(lock, 0);
	ck_assert_int_lt(alone_take(state, why), 0);
	ck_assert_msg(
	    strstr(why, "another meridian-share carries") != NULL, "%s", why);
	close(lock);
	lock = alone_take(state, why);
	ck_assert_int_ge(lock, 0);
	close(lock);
}
END_TEST

START_TEST(who_was_killed_keeps_nobody_out)
{
	char why[ALONE_WHY], byte;
	int ready[2], lock;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (alone_take(state, why) >= 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_int_lt(alone_take(state, why), 0);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	lock = alone_take(state, why);
	ck_assert_msg(lock >= 0, "%s", why);
	close(lock);
	close(ready[0]);
}
END_TEST

START_TEST(what_cannot_be_made_is_said)
{
	char why[ALONE_WHY], long_name[8192];

	ck_assert_int_lt(alone_take("/nonexistent/state.db", why), 0);
	ck_assert_msg(strstr(why, "No such file") != NULL, "%s", why);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	ck_assert_int_lt(alone_take(long_name, why), 0);
}
END_TEST

/* Who follows knows the lease, but not by a copy from another machine. */
START_TEST(the_lease_is_noted_for_who_follows)
{
	char why[ALONE_WHY];
	int lock = alone_take(state, why);

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(alone_noted(lock), 0);
	alone_note(lock, 1234567890123456789);
	alone_give(lock);
	lock = alone_take(state, why);
	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(alone_noted(lock), 1234567890123456789);
	alone_note(lock, 7);
	ck_assert_int_eq(alone_noted(lock), 7);
	/* Another start of a machine, and no line at all. */
	ck_assert_int_eq(pwrite(lock, "zzzz", 4, 0), 4);
	ck_assert_int_eq(alone_noted(lock), 0);
	ck_assert_int_eq(ftruncate(lock, 20), 0);
	ck_assert_int_eq(alone_noted(lock), 0);
	alone_give(lock);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("alone");
	Suite *suite = suite_create("alone");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_second_is_told);
	tcase_add_test(tc, who_was_killed_keeps_nobody_out);
	tcase_add_test(tc, the_lease_is_noted_for_who_follows);
	tcase_add_test(tc, what_cannot_be_made_is_said);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
