/*
 * For the tests of configuration files: rows of texts and the messages they
 * must give, to the last column.
 */
#ifndef TESTS_UNIT_CONFIG_FIXTURE_H
#define TESTS_UNIT_CONFIG_FIXTURE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/errbuf.h"

struct config_row {
	const char *says;
	const char *text;
	const char *messages; /* all that is said of the file "f" */
};

/* Fails with the row's sentence when ${eb} holds anything else. */
static inline void
config_row_check(const struct config_row *row, const struct errbuf *eb)
{
	ck_assert_msg(strcmp(eb->text, row->messages) == 0,
	    "%s:\n%s\nwanted:\n%sgot:\n%s", row->says, row->text, row->messages,
	    eb->text);
}

static inline int
config_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
