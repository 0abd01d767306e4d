/* Tests of programs as checks: how their ends are judged, what they are given,
 * and what programs do that no check should. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/ask/program.h"

static uv_loop_t loop;
static struct program_host *host;

static void
set_up(void)
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	host = program_host_create(&loop, 2, true);
	ck_assert_ptr_nonnull(host);
}

static void
tear_down(void)
{
	program_host_close(host);
	while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
		;
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

struct outcome {
	unsigned done;
	struct program_answer answer;
};

static void
on_done(void *context, const struct program_answer *answer)
{
	struct outcome *out = context;

	out->done++;
	out->answer = *answer;
}

static const char *const environment[] = {
    "PATH=/usr/bin:/bin", "MERIDIAN_ENDPOINT=a1", NULL};

static struct program *
start(const char *script, uint64_t timeout_ms, struct outcome *out)
{
	const char *const argv[] = {"/bin/sh", "-c", script, "check", NULL};

	out->done = 0;
	return program_start(host, argv, environment, timeout_ms, on_done, out);
}

static struct program_answer
run(const char *script, uint64_t timeout_ms)
{
	struct outcome out;

	ck_assert_ptr_nonnull(start(script, timeout_ms, &out));
	ck_assert_uint_eq(out.done, 0);
	while (out.done == 0)
		uv_run(&loop, UV_RUN_ONCE);
	return out.answer;
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
}

/* Until nothing runs: none is left that nobody waits for. */
static void
settle(void)
{
	uv_timer_t tick;

	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	for (int i = 0; program_host_running(host) > 0; i++) {
		ck_assert_int_lt(i, 2000);
		uv_run(&loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static const struct {
	const char *what, *script;
	enum program_outcome outcome;
	int status;
	const char *reason;
} ends[] = {
    {"it passes", "echo fine", PROGRAM_PASSED, 0, ""},
    {"a warning", "echo half of the GPUs; exit 1", PROGRAM_DEGRADED, 1,
	"exec: half of the GPUs"},
    {"a failure", "echo no GPU; echo more; exit 2", PROGRAM_FAILED, 2,
	"exec: no GPU"},
    {"words where errors go", "echo no GPU >&2; exit 2", PROGRAM_FAILED, 2,
	"exec: no GPU"},
    {"no words", "exit 2", PROGRAM_FAILED, 2, "exec: exit status 2"},
    {"other programs fail with other statuses", "exit 22", PROGRAM_FAILED, 22,
	"exec: exit status 22"},
    {"it does not know", "echo no licence; exit 3", PROGRAM_UNMADE, 3,
	"probe: exec: exit status 3: no licence"},
    {"what it runs cannot be run", "exit 126", PROGRAM_UNMADE, 126,
	"probe: exec: exit status 126"},
    {"what it runs is not there", "exit 127", PROGRAM_UNMADE, 127,
	"probe: exec: exit status 127"},
    {"it crashes", "kill -11 $$", PROGRAM_UNMADE, -1,
	"probe: exec: ended by signal 11"},
    {"control characters", "printf 'a\\033[2Jb\\r\\n'; exit 2", PROGRAM_FAILED,
	2, "exec: a?[2Jb"},
    {"a line without an end", "printf abc; exit 2", PROGRAM_FAILED, 2,
	"exec: abc"},
};

START_TEST(ends_mean_what_the_manual_says)
{
	struct program_answer answer = run(ends[_i].script, 20000);

	ck_assert_msg(strcmp(answer.reason, ends[_i].reason) == 0, "%s: %s",
	    ends[_i].what, answer.reason);
	ck_assert_int_eq(answer.outcome, ends[_i].outcome);
	ck_assert_int_eq(answer.status, ends[_i].status);
	ck_assert_int_gt(answer.total_us, 0);
	settle();
}
END_TEST

START_TEST(a_long_first_line_is_cut)
{
	struct program_answer answer =
	    run("i=0; while [ $i -lt 1000 ]; do printf abcdefghij; i=$((i+1)); "
		"done; exit 2",
		20000);

	ck_assert_int_eq(answer.outcome, PROGRAM_FAILED);
	ck_assert_uint_eq(strlen(answer.reason), strlen("exec: ") + 80);
}
END_TEST

/* --- what it has --- */

START_TEST(it_has_its_environment_and_arguments_and_nothing_of_ours)
{
	int fd = open("/dev/null", O_RDONLY); /* not closed on exec */
	struct program_answer answer;

	ck_assert_int_gt(fd, 2);
	answer = run("[ \"$MERIDIAN_ENDPOINT\" = a1 ] || exit 4\n"
		     "[ \"$0\" = check ] || exit 5\n"
		     "[ -z \"$HOME$USER$CK_RUN_CASE\" ] || exit 6\n"
		     "for fd in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do\n"
		     "[ -e /proc/$$/fd/$fd ] && exit 7; done\n"
		     "read line && exit 8\n"
		     "trap | grep -q . && exit 9\n"
		     "exit 0",
	    20000);
	ck_assert_str_eq(answer.reason, "");
	ck_assert_int_eq(answer.status, 0);
	close(fd);
}
END_TEST

/* --- programs that no check should be --- */

START_TEST(one_that_hangs_is_ended)
{
	struct program_answer answer =
	    run("trap '' TERM INT HUP; while :; do sleep 100; done", 200);

	ck_assert_int_eq(answer.outcome, PROGRAM_FAILED);
	ck_assert_str_eq(answer.reason, "timeout");
	settle();
}
END_TEST

START_TEST(one_that_closes_its_output_and_hangs_is_ended)
{
	struct program_answer answer =
	    run("exec >&- 2>&-; exec sleep 100", 200);

	ck_assert_str_eq(answer.reason, "timeout");
	settle();
}
END_TEST

/* What is dropped is bounded, so that it costs nobody else time. */
START_TEST(one_that_prints_for_ever_is_ended)
{
	struct program_answer answer = run("exec yes", 500);

	ck_assert_str_eq(answer.reason, "timeout");
	settle();
}
END_TEST

START_TEST(much_output_is_read_and_dropped)
{
	struct program_answer answer =
	    run("echo much; head -c 500000 /dev/zero; exit 2", 20000);

	ck_assert_str_eq(answer.reason, "exec: much");
}
END_TEST

/* The number of the child is in the file that ${out} names. */
static pid_t
child_of(const char *file)
{
	char line[32] = "";
	FILE *in = fopen(file, "r");

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), in));
	fclose(in);
	return (pid_t)strtol(line, NULL, 10);
}

static void
await_end(pid_t pid)
{
	char path[64], line[256];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 1000; i++) {
		FILE *in = fopen(path, "r");
		const char *state;

		if (in == NULL)
			return;
		state = fgets(line, sizeof(line), in) != NULL
		    ? strrchr(line, ')')
		    : NULL;
		fclose(in);
		/* Whoever adopts it may leave it a zombie. */
		if (state == NULL || state[2] == 'Z' || state[2] == 'X')
			return;
		usleep(10000);
	}
	ck_abort_msg("it runs on");
}

/* With and without a time-out: what it began is ended with it. */
START_TEST(its_children_end_with_it)
{
	char file[] = "/tmp/program-XXXXXX", script[256];
	int fd = mkstemp(file);
	struct program_answer answer;

	ck_assert_int_ge(fd, 0);
	close(fd);
	snprintf(script, sizeof(script),
	    _i == 0 ? "sleep 1000 & echo $! >%s; exit 0"
		    : "sleep 1000 & echo $! >%s; sleep 1000",
	    file);
	answer = run(script, _i == 0 ? 20000 : 500);
	ck_assert_str_eq(answer.reason, _i == 0 ? "" : "timeout");
	await_end(child_of(file));
	unlink(file);
	settle();
}
END_TEST

static const struct {
	const char *what, *path, *text;
	mode_t mode;
	const char *reason;
} odd[] = {
    {"it is not there", "/tmp/no-such-program", NULL, 0,
	"probe: exec: cannot run /tmp/no-such-program: No such file or "
	"directory"},
    {"it is a folder", "/tmp", NULL, 0,
	"probe: exec: cannot run /tmp: Permission denied"},
    {"it is no program", NULL, "", 0600, "Permission denied"},
    {"no shell runs what is none", NULL, "echo x\n", 0700, "Exec format error"},
};

START_TEST(what_cannot_be_run_is_no_fault_of_the_endpoint)
{
	char file[] = "/tmp/program-XXXXXX";
	const char *argv[] = {odd[_i].path, NULL};
	struct outcome out = {0};
	int fd;

	if (odd[_i].path == NULL) {
		argv[0] = file;
		fd = mkstemp(file);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_ge(
		    (int)write(fd, odd[_i].text, strlen(odd[_i].text)), 0);
		fchmod(fd, odd[_i].mode);
		close(fd);
	}
	ck_assert_ptr_nonnull(
	    program_start(host, argv, environment, 20000, on_done, &out));
	while (out.done == 0)
		uv_run(&loop, UV_RUN_ONCE);
	if (odd[_i].path == NULL)
		unlink(file);
	ck_assert_int_eq(out.answer.outcome, PROGRAM_UNMADE);
	ck_assert_msg(strstr(out.answer.reason, odd[_i].reason) != NULL,
	    "%s: %s", odd[_i].what, out.answer.reason);
	settle();
}
END_TEST

/* --- several --- */

START_TEST(a_few_run_at_a_time_and_others_wait)
{
	struct outcome out[6];
	unsigned done = 0, most = 0;

	for (size_t i = 0; i < 6; i++)
		ck_assert_ptr_nonnull(start("sleep 0.05", 20000, &out[i]));
	while (done < 6) {
		uv_run(&loop, UV_RUN_ONCE);
		if (program_host_running(host) > most)
			most = program_host_running(host);
		done = 0;
		for (size_t i = 0; i < 6; i++)
			done += out[i].done;
	}
	ck_assert_uint_eq(most, 2);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(out[i].answer.outcome, PROGRAM_PASSED);
	settle();
}
END_TEST

START_TEST(one_whose_turn_does_not_come_is_not_judged)
{
	struct outcome out[3];

	for (size_t i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(
		    start("sleep 1000", i == 2 ? 100 : 300, &out[i]));
	while (out[0].done + out[1].done + out[2].done < 3)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_str_eq(out[0].answer.reason, "timeout");
	ck_assert_int_eq(out[2].answer.outcome, PROGRAM_UNMADE);
	ck_assert_str_eq(out[2].answer.reason,
	    "probe: exec: its turn did not come: too many programs");
	settle();
}
END_TEST

START_TEST(what_is_cancelled_ends_and_says_nothing)
{
	struct outcome out[3];
	struct program *programs[3];

	for (size_t i = 0; i < 3; i++)
		programs[i] = start("sleep 1000", 20000, &out[i]);
	while (program_host_running(host) < 2)
		uv_run(&loop, UV_RUN_NOWAIT);
	for (size_t i = 0; i < 3; i++)
		program_cancel(programs[i]);
	settle();
	ck_assert_uint_eq(out[0].done + out[1].done + out[2].done, 0);
}
END_TEST

START_TEST(what_is_expired_says_so_at_once)
{
	struct outcome out;
	struct program *program = start("sleep 1000", 20000, &out);

	while (program_host_running(host) < 1)
		uv_run(&loop, UV_RUN_NOWAIT);
	program_expire(program);
	ck_assert_uint_eq(out.done, 1);
	ck_assert_str_eq(out.answer.reason, "timeout");
	settle();
}
END_TEST

START_TEST(root_runs_none)
{
	struct program_host *careful = program_host_create(&loop, 2, false);
	static const char *const argv[] = {"/bin/true", NULL};
	struct outcome out = {0};

	ck_assert_ptr_nonnull(
	    program_start(careful, argv, environment, 20000, on_done, &out));
	while (out.done == 0)
		uv_run(&loop, UV_RUN_ONCE);
	if (geteuid() == 0) {
		ck_assert_int_eq(out.answer.outcome, PROGRAM_UNMADE);
		ck_assert_ptr_nonnull(
		    strstr(out.answer.reason, "root runs no programs"));
	} else {
		ck_assert_int_eq(out.answer.outcome, PROGRAM_PASSED);
	}
	program_host_close(careful);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_program");
	TCase *tcase = tcase_create("program");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, ends_mean_what_the_manual_says, 0,
	    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(tcase, a_long_first_line_is_cut);
	tcase_add_test(
	    tcase, it_has_its_environment_and_arguments_and_nothing_of_ours);
	tcase_add_test(tcase, one_that_hangs_is_ended);
	tcase_add_test(tcase, one_that_closes_its_output_and_hangs_is_ended);
	tcase_add_test(tcase, one_that_prints_for_ever_is_ended);
	tcase_add_test(tcase, much_output_is_read_and_dropped);
	tcase_add_loop_test(tcase, its_children_end_with_it, 0, 2);
	tcase_add_loop_test(tcase,
	    what_cannot_be_run_is_no_fault_of_the_endpoint, 0,
	    (int)(sizeof(odd) / sizeof(odd[0])));
	tcase_add_test(tcase, a_few_run_at_a_time_and_others_wait);
	tcase_add_test(tcase, one_whose_turn_does_not_come_is_not_judged);
	tcase_add_test(tcase, what_is_cancelled_ends_and_says_nothing);
	tcase_add_test(tcase, what_is_expired_says_so_at_once);
	tcase_add_test(tcase, root_runs_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
