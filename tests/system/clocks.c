/* Moves the wall clocks of programs, for system tests; see clocks.h. */
#include "tests/system/clocks.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOCK_LIBRARY "tests/system/moved_clock.so"

void
clocks_make(struct harness *h, const char *name, int64_t ms)
{
	harness_write(h, name, "%8s", "");
	clocks_set(h, name, ms);
}

void
clocks_set(struct harness *h, const char *name, int64_t ms)
{
	/* In its place: programs look at this very file. */
	FILE *f = fopen(harness_path(h, name), "r+");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(&ms, sizeof(ms), 1, f), 1);
	ck_assert_int_eq(fclose(f), 0);
}

/* A sanitizer wants to be loaded before what moves the clock, unless it is told
 * not to. */
pid_t
clocks_start(struct harness *h, const char *name, const char *log,
    const char *program, const char *config)
{
	char *clock = NULL, *preload = NULL, *asan = NULL;
	const char *options = getenv("ASAN_OPTIONS");
	pid_t pid;

	ck_assert(
	    asprintf(&clock, "MOVED_CLOCK=%s", harness_path(h, name)) >= 0 &&
	    asprintf(&preload, "LD_PRELOAD=%s",
		harness_built(h, CLOCK_LIBRARY)) >= 0 &&
	    asprintf(&asan, "ASAN_OPTIONS=%s:verify_asan_link_order=0",
		options != NULL ? options : "") >= 0);
	pid = harness_start(h, log, "/usr/bin/env", clock, preload, asan,
	    harness_built(h, program), "-c", config, NULL);
	free(clock);
	free(preload);
	free(asan);
	return pid;
}
