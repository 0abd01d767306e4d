/* Headers that tell load: as text, as JSON, and as they should not be. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/load/orca.h"

static char told[512];

/* What is known of ${load}, by field. */
static void
write_told(const double load[LOAD_FIELDS])
{
	size_t len = 0;

	told[0] = '\0';
	for (int i = 0; i < LOAD_FIELDS; i++)
		if (!isnan(load[i]))
			len += (size_t)snprintf(told + len, sizeof(told) - len,
			    "%d=%g;", i, load[i]);
}

#define WAITING "0="
#define RUNNING "1="
#define KV "3="
#define UTILIZATION "4="
#define REQUESTS "6="
#define ERRORS "7="

/* With "named_metrics." before it and "=1" behind it, 127 octets. */
#define TEN "0123456789"
#define LONG_NAME TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "n"

static const struct {
	const char *what, *name, *value, *told; /* NULL: refused */
} headers[] = {
    {"as vLLM writes it", "endpoint-load-metrics",
	"TEXT named_metrics.kv_cache_usage_perc=0.41, "
	"named_metrics.num_requests_waiting=3",
	WAITING "3;" KV "0.41;"},
    {"with colons, and without its format", "Endpoint-Load-Metrics",
	"named_metrics.num_requests_waiting:3,named_metrics.num_requests_"
	"running: 4",
	WAITING "3;" RUNNING "4;"},
    {"what is more than full", "endpoint-load-metrics",
	"TEXT application_utilization=1.7, rps_fractional=2.5, eps=0.5",
	UTILIZATION "1.7;" REQUESTS "2.5;" ERRORS "0.5;"},
    {"what nobody knows", "endpoint-load-metrics",
	"TEXT cpu_utilization=0.5, named_metrics.x=1", ""},
    {"as JSON", "endpoint-load-metrics",
	"JSON {\"named_metrics\": {\"kv_cache_utilization\": 0.5, \"x\": 1}, "
	"\"eps\": 2}",
	KV "0.5;" ERRORS "2;"},
    {"as JSON in a header of its own", "endpoint-load-metrics-json",
	"{\"application_utilization\": 0.25}", UTILIZATION "0.25;"},
    {"a server with nothing to do", "endpoint-load-metrics",
	"TEXT eps=0, rps_fractional=0.0", REQUESTS "0;" ERRORS "0;"},
    {"blanks around names and values", "endpoint-load-metrics",
	"TEXT  eps = 2 , rps_fractional =1 ,cpu_utilization=1",
	REQUESTS "1;" ERRORS "2;"},
    {"the longest pair that is read", "endpoint-load-metrics",
	"TEXT named_metrics." LONG_NAME "=1, eps=1", ERRORS "1;"},
    {"a pair that is longer", "endpoint-load-metrics",
	"TEXT named_metrics." LONG_NAME "=12, eps=1", NULL},
    {"nothing", "endpoint-load-metrics", "", ""},
    {"in bits", "endpoint-load-metrics", "BIN AAAA", NULL},
    {"twice the same", "endpoint-load-metrics", "TEXT eps=1, eps=2", NULL},
    {"no number", "endpoint-load-metrics", "TEXT eps=NaN", NULL},
    {"too large a number", "endpoint-load-metrics", "TEXT eps=1e999", NULL},
    {"less than nothing", "endpoint-load-metrics", "TEXT eps=-1", NULL},
    {"words", "endpoint-load-metrics", "TEXT eps=many", NULL},
    {"a number and more", "endpoint-load-metrics", "TEXT eps=1s", NULL},
    {"a number in hexadecimal", "endpoint-load-metrics", "TEXT eps=0x1", NULL},
    {"no value", "endpoint-load-metrics", "TEXT eps", NULL},
    {"an empty value", "endpoint-load-metrics", "TEXT eps=, rps_fractional=1",
	NULL},
    {"a comma too many", "endpoint-load-metrics", "TEXT eps=1,,", NULL},
    {"a value without a name", "endpoint-load-metrics", "TEXT =1", NULL},
    {"half of JSON", "endpoint-load-metrics", "JSON {\"eps\": 2", NULL},
    {"a text in JSON", "endpoint-load-metrics", "JSON {\"eps\": \"2\"}", NULL},
};

START_TEST(headers_tell_load)
{
	double load[LOAD_FIELDS];
	int status;

	ck_assert(orca_is_header(headers[_i].name));
	status = orca_read(headers[_i].name, headers[_i].value, load);
	ck_assert_msg((status == 0) == (headers[_i].told != NULL), "%s",
	    headers[_i].what);
	if (status != 0)
		return;
	write_told(load);
	ck_assert_msg(strcmp(told, headers[_i].told) == 0, "%s: %s",
	    headers[_i].what, told);
}
END_TEST

START_TEST(other_headers_do_not)
{
	ck_assert(!orca_is_header("endpoint-load"));
	ck_assert(!orca_is_header("content-type"));
	ck_assert(!orca_is_header("endpoint-load-metrics-bin"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_orca");
	TCase *tcase = tcase_create("orca");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, headers_tell_load, 0,
	    (int)(sizeof(headers) / sizeof(headers[0])));
	tcase_add_test(tcase, other_headers_do_not);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
