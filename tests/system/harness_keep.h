/*
 * Between the parts of the harness: text that lives as long as a test.
 */
#ifndef TESTS_SYSTEM_HARNESS_KEEP_H
#define TESTS_SYSTEM_HARNESS_KEEP_H

struct harness;

/* text = harness_keep(h, text): free ${text}, which malloc() gave, when ${h}
 * is destroyed.  NULL fails the test. */
char *harness_keep(struct harness *h, char *text);

#endif
