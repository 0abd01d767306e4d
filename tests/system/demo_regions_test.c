/*
 * The demo of three regions, `make run ARGS=--regions`: all is as it says, and
 * nothing is left of it, also when it is interrupted.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/etcd.h"

/* Of a slow machine. */
#define ALL_MS 240000
#define STARTED_MS 60000

static pid_t
start(struct harness *h, const char *log, const char *option)
{
	char port[16];

	ck_assert_int_gt(
	    snprintf(port, sizeof(port), "PORT=%u", (unsigned)harness_port(h)),
	    0);
	return harness_start(h, log, "/usr/bin/env", port, "tests/demo/run",
	    harness_built(h, ""), "--regions", option, NULL);
}

START_TEST(three_regions)
{
	struct harness *h = harness_create();
	pid_t demo = start(h, "demo.log", "--once");
	int status = harness_wait(h, demo, ALL_MS);
	const char *said = harness_read(h, harness_path(h, "demo.log"));

	ck_assert_msg(status == 0, "%s", said);
	ck_assert_ptr_nonnull(strstr(said, "Everything was as expected"));
	harness_destroy(h);
}
END_TEST

/* harness_main() finds what is left. */
START_TEST(an_interrupt_ends_all)
{
	struct harness *h = harness_create();
	pid_t demo = start(h, "demo.log", NULL);

	HARNESS_WAIT(STARTED_MS,
	    strstr(harness_read(h, harness_path(h, "demo.log")),
		"Who is sent where") != NULL);
	harness_signal(h, demo, SIGINT);
	ck_assert_int_eq(harness_wait(h, demo, STARTED_MS), 130);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"three_regions", three_regions, 300},
	    {"interrupt", an_interrupt_ends_all, 150},
	};

	if (access(ETCD, X_OK) != 0) {
		printf("needs etcd\n");
		return 77;
	}
	return harness_main(
	    "demo_regions", cases, sizeof(cases) / sizeof(cases[0]));
}
