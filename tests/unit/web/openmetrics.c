/* Lines of the Prometheus text format become OpenMetrics. */
#include "web/openmetrics.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *in, *out;
} rows[] = {
    {"", ""},
    /* Counters: the ending is the sample's. */
    {"# HELP a_total Of a_total.\n# TYPE a_total counter\na_total 1\n",
	"# HELP a Of a_total.\n# TYPE a counter\na_total 1\n"},
    {"a_total{x=\"# HELP b_total\"} 1\n", "a_total{x=\"# HELP b_total\"} 1\n"},
    /* Others are as they were. */
    {"# HELP a Of a.\n# TYPE a gauge\na{b=\"c\"} 0.5\n",
	"# HELP a Of a.\n# TYPE a gauge\na{b=\"c\"} 0.5\n"},
    {"# HELP a_totals x\n# TYPE a_totals gauge\n",
	"# HELP a_totals x\n# TYPE a_totals gauge\n"},
    {"# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} 1\n"
     "a_sum 1\na_count 1\n",
	"# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_bucket{le=\"+Inf\"} "
	"1\na_sum 1\na_count 1\n"},
    /* Quotes in the help are escaped, and what was escaped stays so. */
    {"# HELP a Of \"b\" \\\\ \\n.\n", "# HELP a Of \\\"b\\\" \\\\ \\n.\n"},
    /* A help may be empty. */
    {"# HELP a_total \n", "# HELP a \n"},
    {"# HELP a_total\n", "# HELP a\n"},
    {"# HELP _total x\n", "# HELP _total x\n"},
    {"# HELP \n", "# HELP \n"},
    /* No other comments, and no empty lines. */
    {"# a comment\n#\n\n# EOF\n#HELP a b\na 1\n", "a 1\n"},
    /* A unit that the name says. */
    {"# TYPE a_seconds histogram\n",
	"# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n"},
    {"# TYPE a_bytes_total counter\n",
	"# TYPE a_bytes counter\n# UNIT a_bytes bytes\n"},
    {"# TYPE a_days gauge\n", "# TYPE a_days gauge\n# UNIT a_days days\n"},
    {"# TYPE seconds gauge\n# TYPE milliseconds gauge\n# TYPE\n",
	"# TYPE seconds gauge\n# TYPE milliseconds gauge\n"},
    {"# TYPE _seconds\n", "# TYPE _seconds\n"},
    /* A line that does not end does. */
    {"a 1", "a 1\n"},
};

START_TEST(lines_are_as_the_format_wants_them)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text out;

		text_init(&out, 1024);
		openmetrics_form.write(rows[i].in, strlen(rows[i].in), &out);
		ck_assert_str_eq(out.data != NULL ? out.data : "", rows[i].out);
		ck_assert(!out.failed);
		text_finish(&out);
	}
	ck_assert_str_eq(openmetrics_form.end, "# EOF\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: openmetrics");
	TCase *tc = tcase_create("openmetrics");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, lines_are_as_the_format_wants_them);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
