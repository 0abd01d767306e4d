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
#include "config/steering.h"

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

static inline void
config_rows(const struct config_row *rows, size_t n, bool loaded)
{
	static struct errbuf eb;

	for (size_t i = 0; i < n; i++) {
		struct steering_config *config;

		errbuf_init(&eb);
		config = steering_config_parse(
		    "f", rows[i].text, strlen(rows[i].text), &eb);
		config_row_check(&rows[i], &eb);
		ck_assert_msg((config != NULL) == loaded, "%s", rows[i].says);
		steering_config_destroy(config);
	}
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
