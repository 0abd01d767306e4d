/* Metrics in the text format of Prometheus: as servers write them, with labels
 * of all kinds, and what is none of the format. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/load/exposition.h"

static char told[4096];
static struct exposition reading;

static void
on_series(void *context, const struct exposition_series *series)
{
	size_t len = strlen(told);

	(void)context;
	len += (size_t)snprintf(
	    told + len, sizeof(told) - len, "%s", series->name);
	for (size_t i = 0; i < series->n; i++)
		len += (size_t)snprintf(told + len, sizeof(told) - len,
		    " %s=%s", series->label[i].name, series->label[i].value);
	snprintf(told + len, sizeof(told) - len, " %g;", series->value);
}

static void
read_in(const char *body, size_t len, size_t piece)
{
	told[0] = '\0';
	exposition_init(&reading, on_series, NULL);
	for (size_t at = 0; at < len; at += piece)
		exposition_read(
		    &reading, body + at, len - at < piece ? len - at : piece);
	exposition_end(&reading);
}

static const struct {
	const char *what, *body, *told;
	unsigned odd;
} bodies[] = {
    {"a plain one", "a 1\n", "a 1;", 0},
    {"no end of the last line", "a 1\nb 2", "a 1;b 2;", 0},
    {"lines as Windows ends them", "a 1\r\nb 2\r\n", "a 1;b 2;", 0},
    {"comments and nothing", "# HELP a b\n# TYPE a gauge\n\na 1\n# EOF\n",
	"a 1;", 0},
    {"labels", "a{x=\"1\",y=\"two words\"} 3\n", "a x=1 y=two words 3;", 0},
    {"a comma at their end", "a{x=\"1\",} 3\n", "a x=1 3;", 0},
    {"no label between braces", "a{} 3\n", "a 3;", 0},
    {"blanks everywhere", "  a { x = \"1\" , y = \"2\" }   3  \n",
	"a x=1 y=2 3;", 0},
    {"escapes", "a{x=\"q\\\"b\\\\n\\nl\"} 3\n", "a x=q\"b\\n\nl 3;", 0},
    {"a brace in a value", "a{x=\"}{,\"} 3\n", "a x=}{, 3;", 0},
    {"values beyond ASCII", "a{x=\"\xc3\xa9\"} 3\n", "a x=\xc3\xa9 3;", 0},
    {"names with colons", "vllm:num_requests_waiting 2.0\n",
	"vllm:num_requests_waiting 2;", 0},
    {"no blank between labels and a value", "a{x=\"1\"}7\n", "a x=1 7;", 0},
    {"a line of blanks", "   \n \r\na 1\n", "a 1;", 0},
    {"tabs", "a\t1\t1700000000000\na{\tx\t=\t\"1\"\t}\t2\n", "a 1;a x=1 2;", 0},
    {"a timestamp", "a 1 1700000000000\n", "a 1;", 0},
    {"an exemplar", "a_bucket{le=\"1\"} 5 # {trace=\"x\"} 0.5 1.0\n",
	"a_bucket le=1 5;", 0},
    {"numbers of all kinds", "a 1e3\na -2.5E-1\na +Inf\na NaN\n",
	"a 1000;a -0.25;a inf;a nan;", 0},
    {"no value", "a\na{x=\"1\"}\n", "", 2},
    {"a value that is none", "a one\n", "", 1},
    {"a value in hexadecimal", "a 0x10\n", "", 1},
    {"something behind a number", "a 1s\n", "", 1},
    {"no name", "{x=\"1\"} 1\n1a 2\n", "", 2},
    {"a label without quotes", "a{x=1} 2\n", "", 1},
    {"a value without an end", "a{x=\"1} 2\nb 3\n", "b 3;", 1},
    {"labels without an end", "a{x=\"1\" 2\n", "", 1},
    {"labels without a comma", "a{x=\"1\" y=\"2\"} 2\n", "", 1},
    {"an escape at the end", "a{x=\"\\\n", "", 1},
    {"a page", "<html><body>404</body></html>\n", "", 1},
    {"garbage between", "a 1\n\x01\xff\x80{\nb 2\n", "a 1;b 2;", 1},
};

/* The same however it is cut to pieces. */
START_TEST(series_as_they_are_written)
{
	const char *body = bodies[_i].body;

	for (size_t piece = 1; piece < 9; piece++) {
		read_in(body, strlen(body), piece);
		ck_assert_msg(strcmp(told, bodies[_i].told) == 0, "%s: %s",
		    bodies[_i].what, told);
		ck_assert_uint_eq(reading.odd, bodies[_i].odd);
	}
}
END_TEST

START_TEST(a_line_with_a_nul_is_none)
{
	static const char body[] = "a 1\0 2\nb 3\n";

	read_in(body, sizeof(body) - 1, 100);
	ck_assert_str_eq(told, "b 3;");
	ck_assert_uint_eq(reading.odd, 1);
}
END_TEST

START_TEST(a_long_line_is_passed_over)
{
	static char body[3 * EXPOSITION_LINE];

	memset(body, 'a', sizeof(body));
	/* The NUL at its end is no part of it. */
	snprintf(body + sizeof(body) - 11, 11, " 1\nb 2\nc 3");
	read_in(body, sizeof(body) - 1, 1000);
	ck_assert_str_eq(told, "b 2;c 3;");
	ck_assert_uint_eq(reading.odd, 1);
	read_in(body, sizeof(body) - 11, sizeof(body));
	ck_assert_str_eq(told, "");
	ck_assert_uint_eq(reading.odd, 1);
}
END_TEST

/* One octet is the difference, in one piece as in many. */
START_TEST(the_longest_line_is_read)
{
	static char body[EXPOSITION_LINE + 16];
	size_t piece = _i == 0 ? 1000 : sizeof(body);
	/* What is padded with blanks has so many octets without its end. */
	int pad = EXPOSITION_LINE - 3, len;

	len = snprintf(body, sizeof(body), "a%*s7\nb 2\n", pad, "");
	read_in(body, (size_t)len, piece);
	ck_assert_str_eq(told, "a 7;b 2;");
	ck_assert_uint_eq(reading.odd, 0);
	len = snprintf(body, sizeof(body), "a%*s7\nb 2\n", pad + 1, "");
	read_in(body, (size_t)len, piece);
	ck_assert_str_eq(told, "b 2;");
	ck_assert_uint_eq(reading.odd, 1);
}
END_TEST

START_TEST(more_labels_than_any_has)
{
	static char body[8192];
	size_t len = 0;

	len += (size_t)snprintf(body, sizeof(body), "a{");
	for (int i = 0; i <= EXPOSITION_LABELS; i++)
		len += (size_t)snprintf(
		    body + len, sizeof(body) - len, "x%d=\"1\",", i);
	len += (size_t)snprintf(body + len, sizeof(body) - len, "} 1\nb 2\n");
	read_in(body, len, 100);
	ck_assert_str_eq(told, "b 2;");
}
END_TEST

START_TEST(labels_are_found_by_name)
{
	const struct exposition_series series = {
	    .label = {{"a", "1"}, {"b", "2"}}, .n = 2};

	ck_assert_str_eq(exposition_label(&series, "b"), "2");
	ck_assert_ptr_null(exposition_label(&series, "c"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_exposition");
	TCase *tcase = tcase_create("exposition");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, series_as_they_are_written, 0,
	    (int)(sizeof(bodies) / sizeof(bodies[0])));
	tcase_add_test(tcase, a_line_with_a_nul_is_none);
	tcase_add_test(tcase, a_long_line_is_passed_over);
	tcase_add_loop_test(tcase, the_longest_line_is_read, 0, 2);
	tcase_add_test(tcase, more_labels_than_any_has);
	tcase_add_test(tcase, labels_are_found_by_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
