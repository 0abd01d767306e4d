/*
 * Programs whose wall clock tests move, while they run.  Included by tests
 * only; whoever uses it has moved_clock.so made before (system.mk).
 */
#ifndef TESTS_SYSTEM_CLOCKS_H
#define TESTS_SYSTEM_CLOCKS_H

#include <stdint.h>
#include <sys/types.h>

#include "tests/system/harness.h"

/*
 * clocks_make(h, name, ms): the file ${name} says that a clock differs from the
 * machine's by ${ms}.  clocks_set(h, name, ms): it does so from now on, by
 * another number.
 * pid = clocks_start(h, name, log, program, config): start ${program}, of the
 * build folder, with that clock and with "-c ${config}".
 */
void clocks_make(struct harness *h, const char *name, int64_t ms);
void clocks_set(struct harness *h, const char *name, int64_t ms);
pid_t clocks_start(struct harness *h, const char *name, const char *log,
    const char *program, const char *config);

#endif
