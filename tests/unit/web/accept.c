/* What Accept says of two forms of a page. */
#include "web/accept.h"

#include <check.h>
#include <stdlib.h>

#include "base/text.h"
#include "web/openmetrics.h"

#define OPEN "application/openmetrics-text"
/* As Prometheus 2 and 3 send them. */
#define PROMETHEUS_2                                                \
	OPEN ";version=1.0.0,application/openmetrics-text;version=" \
	     "0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
#define PROMETHEUS_3                                                        \
	OPEN ";version=1.0.0;escaping=allow-utf-8;q=0.6,application/"       \
	     "openmetrics-text;version=0.0.1;q=0.5,text/plain;version="     \
	     "1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=" \
	     "0.3,*/*;q=0.2"

static const struct {
	const char *accept;
	bool open;
} rows[] = {
    {NULL, false},
    {"", false},
    {"*/*", false},
    {"application/*", false},
    {"text/plain", false},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
    {PROMETHEUS_2, true},
    {PROMETHEUS_3, true},
    {OPEN, true},
    {"Application/OpenMetrics-Text ; Version=1.0.0", true},
    {OPEN ";charset=utf-8", true},
    {OPEN ";version=0.0.1", false},
    {OPEN ";charset=latin1", false},
    {OPEN ";q=0.5", true},
    {OPEN "; q=0.001", true},
    /* A weight of 0, in all its forms, is a no. */
    {OPEN ";q=0", false},
    {OPEN ";q=0.", false},
    {OPEN ";q=0.000", false},
    {OPEN ";q=0,*/*", false},
    /* The text may be wanted more; the order says nothing. */
    {OPEN ";q=0.4,text/plain;q=0.5", false},
    {OPEN ";q=0.5,text/plain;q=0.4", true},
    {"text/plain;q=0.4," OPEN ";q=0.5", true},
    {"text/plain," OPEN, true},
    {"*/*," OPEN ";q=0.9", false},
    {"text/*," OPEN ";q=0.9", false},
    /* The more exact range counts. */
    {"text/plain;q=0.1,text/*,*/*," OPEN ";q=0.2", true},
    {"text/plain;version=1.0.0," OPEN ";q=0.2", true},
    /* What has no sense names nothing. */
    {OPEN ";q=", false},
    {OPEN ";q=1.1", false},
    {OPEN ";q=2", false},
    {OPEN ";q=x", false},
    {OPEN ";q=0x1", false},
    {OPEN ";q=0.5000", false},
    {OPEN ";q=-1", false},
    {OPEN "s", false},
    {"application", false},
    {"application/", false},
    {"openmetrics-text", false},
    {",,;,;;=,/,\"," OPEN, false},
    {",,;,;;=,/," OPEN, true},
    {"x/y;z=\"," OPEN ",\"", false},
    {"x/y;z=\"\\\"," OPEN "\"", false},
    {"x/y;z=\"\\", false},
    {OPEN ";;", true},
};

START_TEST(who_asks_for_the_other_form)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    accept_prefers(rows[i].accept, openmetrics_form.type,
			METRICS_TYPE) == rows[i].open,
		    "%s", rows[i].accept);
}
END_TEST

/* As much as no server takes. */
START_TEST(a_long_header_is_read_to_its_end)
{
	struct text accept;

	text_init(&accept, 1 << 20);
	for (int i = 0; i < 50000; i++)
		text_add(&accept, "a/b;c=d;q=0.1,");
	ck_assert(
	    !accept_prefers(accept.data, openmetrics_form.type, METRICS_TYPE));
	text_add(&accept, OPEN);
	ck_assert(
	    accept_prefers(accept.data, openmetrics_form.type, METRICS_TYPE));
	text_finish(&accept);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: accept");
	TCase *tc = tcase_create("accept");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, who_asks_for_the_other_form);
	tcase_add_test(tc, a_long_header_is_read_to_its_end);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
