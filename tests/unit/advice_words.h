/*
 * Rules of advice in situations that are small enough to reckon by hand: what
 * they say in numbers, and where they say nothing.  For tests of them.
 */
#ifndef TESTS_UNIT_ADVICE_WORDS_H
#define TESTS_UNIT_ADVICE_WORDS_H

#include <stdlib.h>

#include "tests/unit/advice_fixture.h"

typedef void words_plant(struct fixture *f);

/* What is found, alone, where ${plant} was planted. */
struct words_row {
	const char *what;
	words_plant *plant;
	enum advise_rule rule;
	enum advice_severity severity;
	const char *evidence, *gain, *new;
};

/* Where nothing is. */
struct words_silence {
	const char *what;
	words_plant *plant;
};

static inline void
words_found(const struct words_row *row)
{
	const struct advice_finding *found;
	struct fixture f;

	fixture_begin(&f);
	row->plant(&f);
	advice_find(&f.facts, &f.config, &f.advice);
	found = fixture_found(&f, row->rule);
	ck_assert_msg(found != NULL && f.advice.n == 1, "%s: %zu findings",
	    row->what, f.advice.n);
	ck_assert_msg(found->severity == row->severity, "%s: %d", row->what,
	    found->severity);
	ck_assert_str_eq(found->evidence, row->evidence);
	ck_assert_str_eq(found->gain, row->gain);
	ck_assert_str_eq(found->edit.new, row->new);
	fixture_end(&f);
}

static inline void
words_none(const struct words_silence *silence)
{
	struct fixture f;

	fixture_begin(&f);
	silence->plant(&f);
	advice_find(&f.facts, &f.config, &f.advice);
	ck_assert_msg(f.advice.n == 0, "%s: %s", silence->what,
	    f.advice.n > 0 ? f.advice.findings[0].evidence : "");
	fixture_end(&f);
}

/* Run a suite of one case, as the program of a test does. */
static inline int
words_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
