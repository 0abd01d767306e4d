/* What a server says of its load, added up: over series, over buckets of a
 * histogram, by labels, and divided by another metric. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/load/sample.h"

#define UNKNOWN ((double)NAN)

static struct exposition reading;

static void
on_series(void *context, const struct exposition_series *series)
{
	sample_series(context, series);
}

/* The sample of ${body} by the metric ${metric} alone; one at a time. */
static struct sample *
take(const struct load_metric *metric, const char *body)
{
	static struct load_config load;
	struct sample *sample;

	load = (struct load_config){.metrics = metric, .n_metrics = 1};
	sample = sample_create(&load);
	ck_assert_ptr_nonnull(sample);
	exposition_init(&reading, on_series, sample);
	exposition_read(&reading, body, strlen(body));
	exposition_end(&reading);
	return sample;
}

/* --- values --- */

static const struct metric_name plain[] = {{.name = "a"}};
static const struct metric_label one[] = {{"kind", "x"}};
static const struct metric_name labelled[] = {
    {.name = "a", .labels = one, .n_labels = 1}};
static const struct metric_name shared[] = {{.name = "a", .divide_by = "b"}};
static const struct metric_name shared_or[] = {
    {.name = "a", .divide_by = "b"}, {.name = "old"}};
static const struct metric_name either[] = {{.name = "new"}, {.name = "old"}};

static const struct {
	const char *what;
	enum metric_over over;
	const struct metric_name *names;
	size_t n_names;
	double scale;
	const char *body;
	double value; /* unknown: it is not found, or cannot be divided */
} rows[] = {
    {"the sum", OVER_SUM, plain, 1, 1, "a{e=\"0\"} 4\na{e=\"1\"} 2\na 6\n", 12},
    {"the largest", OVER_MAX, plain, 1, 1, "a 4\na 2\na 6\na 5\n", 6},
    {"the largest is the first", OVER_MAX, plain, 1, 1, "a 6\na 2\n", 6},
    {"the largest of what is below 0", OVER_MAX, plain, 1, 1, "a -3\na -2\n",
	-2},
    {"the smallest", OVER_MIN, plain, 1, 1, "a 4\na 2\na 6\n", 2},
    {"the smallest is the first", OVER_MIN, plain, 1, 1, "a 2\na 6\n", 2},
    {"the smallest is the last", OVER_MIN, plain, 1, 1, "a 6\na 2\n", 2},
    {"the mean", OVER_MEAN, plain, 1, 1, "a 4\na 2\na 6\n", 4},
    {"scaled", OVER_SUM, plain, 1, 0.001, "a 1500\n", 1.5},
    {"no number is no series", OVER_MEAN, plain, 1, 1, "a NaN\na 4\n", 4},
    {"no number alone is none", OVER_SUM, plain, 1, 1, "a NaN\n", UNKNOWN},
    {"as OpenMetrics calls a counter", OVER_SUM, plain, 1, 1, "a_total 7\n", 7},
    {"another name that begins so", OVER_SUM, plain, 1, 1,
	"a_totals 7\nab 7\na_tot 7\n", UNKNOWN},
    {"another name that ends so", OVER_SUM, plain, 1, 1, "b_total 7\n",
	UNKNOWN},
    {"by a label", OVER_SUM, labelled, 1, 1,
	"a{kind=\"x\"} 1\na{kind=\"y\"} 2\na{sort=\"x\"} 4\na 8\n"
	"a{m=\"m\",kind=\"x\"} 16\n",
	17},
    {"divided", OVER_SUM, shared, 1, 1, "a 1\na 2\nb 8\nb 4\n", 0.25},
    {"divided, in the other order", OVER_SUM, shared, 1, 1, "b 12\na 3\n",
	0.25},
    {"divided by what is not there", OVER_SUM, shared, 1, 1, "a 3\n", UNKNOWN},
    {"another name where that is not there", OVER_SUM, shared_or, 2, 1,
	"a 3\nold 7\n", 7},
    {"divided by 0", OVER_SUM, shared, 1, 1, "a 3\nb 0\n", UNKNOWN},
    {"divided by less than 0", OVER_SUM, shared, 1, 1, "a 3\nb -1\n", UNKNOWN},
    {"the first name that is there", OVER_SUM, either, 2, 1, "old 3\nnew 4\n",
	4},
    {"the other name", OVER_SUM, either, 2, 1, "old 3\n", 3},
};

START_TEST(series_are_added_up)
{
	const struct load_metric metric = {.field = LOAD_WAITING,
	    .over = rows[_i].over,
	    .names = rows[_i].names,
	    .n_names = rows[_i].n_names,
	    .scale = rows[_i].scale};
	struct sample *sample = take(&metric, rows[_i].body);
	const struct sample_name *name = sample_find(sample, LOAD_WAITING);
	double value = name != NULL ? sample_value(name) : UNKNOWN;

	ck_assert_msg(isnan(rows[_i].value) == isnan(value) &&
		!(fabs(value - rows[_i].value) > 1e-9),
	    "%s: %g", rows[_i].what, value);
	ck_assert_ptr_null(sample_find(sample, LOAD_RUNNING));
	sample_destroy(sample);
}
END_TEST

/* A document in JSON has paths by their numbers, and no others. */
START_TEST(numbers_of_json_are_added_up)
{
	const struct load_metric metric = {
	    .over = OVER_MAX, .names = either, .n_names = 2, .scale = 1};
	struct sample *sample = take(&metric, "");

	sample_number(sample, 2, 100);
	ck_assert_ptr_null(sample_find(sample, LOAD_WAITING));
	sample_number(sample, 1, 3);
	sample_number(sample, 1, 5);
	ck_assert_double_eq_tol(
	    sample_value(sample_find(sample, LOAD_WAITING)), 5, 1e-9);
	sample_number(sample, 0, 1);
	ck_assert_double_eq_tol(
	    sample_value(sample_find(sample, LOAD_WAITING)), 1, 1e-9);
	sample_destroy(sample);
}
END_TEST

/* --- histograms --- */

#define BUCKET(bound, count) "a_bucket{kind=\"x\",le=\"" bound "\"} " count "\n"

static const struct {
	const char *what, *body, *buckets; /* as "bound=count" */
} histograms[] = {
    {"as it is", BUCKET("0.1", "1") BUCKET("1", "3") BUCKET("+Inf", "4"),
	"0.1=1 1=3 inf=4 "},
    {"in any order",
	BUCKET("+Inf", "4") BUCKET("0.5", "2") BUCKET("0.1", "1")
	    BUCKET("1", "3"),
	"0.1=1 0.5=2 1=3 inf=4 "},
    {"of two engines",
	BUCKET("0.1", "1") BUCKET("+Inf", "4") BUCKET("0.1", "2")
	    BUCKET("+Inf", "5"),
	"0.1=3 inf=9 "},
    {"bounds spelled in two ways", BUCKET("1", "1") BUCKET("1.0", "2"), "1=3 "},
    {"what is no bound",
	BUCKET("", "1") BUCKET("x", "1") BUCKET("1s", "1") BUCKET("NaN", "1")
	    BUCKET("2", "3"),
	"2=3 "},
    {"what is no count",
	BUCKET("1", "NaN") BUCKET("1", "+Inf") BUCKET("2", "3"), "2=3 "},
    {"without a bound", "a_bucket{kind=\"x\"} 3\n" BUCKET("2", "3"), "2=3 "},
    {"of another label", "a_bucket{kind=\"y\",le=\"1\"} 3\n" BUCKET("2", "3"),
	"2=3 "},
    {"what is no bucket of it",
	"a_sum{kind=\"x\"} 3\na{kind=\"x\",le=\"1\"} 3\n"
	"ab_bucket{kind=\"x\",le=\"1\"} 3\n"
	"a_buckets{kind=\"x\",le=\"1\"} 3\n" BUCKET("2", "3"),
	"2=3 "},
};

static const struct load_metric a_histogram = {.field = LOAD_TOKEN_TIME,
    .kind = METRIC_HISTOGRAM,
    .names = labelled,
    .n_names = 1,
    .scale = 1};

START_TEST(buckets_are_added_up_in_order)
{
	struct sample *sample = take(&a_histogram, histograms[_i].body);
	const struct sample_name *name = sample_find(sample, LOAD_TOKEN_TIME);
	const struct sample_histogram *h;
	char text[256] = "";
	size_t len = 0;

	ck_assert_ptr_nonnull(name);
	h = name->is.histogram;
	for (size_t i = 0; i < h->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%g=%g ", h->le[i], h->count[i]);
	ck_assert_msg(strcmp(text, histograms[_i].buckets) == 0, "%s: %s",
	    histograms[_i].what, text);
	sample_destroy(sample);
}
END_TEST

START_TEST(a_histogram_without_buckets_is_not_there)
{
	struct sample *sample = take(&a_histogram, "a_sum{kind=\"x\"} 3\n");

	ck_assert_ptr_null(sample_find(sample, LOAD_TOKEN_TIME));
	sample_destroy(sample);
}
END_TEST

/* More than are kept: those that came first stay, and are counted on. */
START_TEST(buckets_are_bounded)
{
	static char body[65536];
	const struct sample_histogram *h;
	struct sample *sample;
	size_t len = 0;

	for (int i = 2 * SAMPLE_BUCKETS; i > 0; i--)
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "a_bucket{kind=\"x\",le=\"%d\"} 1\n", i);
	len += (size_t)snprintf(body + len, sizeof(body) - len, "%s",
	    BUCKET("65", "1") BUCKET("128", "2"));
	ck_assert_uint_lt(len, sizeof(body));
	sample = take(&a_histogram, body);
	h = sample_find(sample, LOAD_TOKEN_TIME)->is.histogram;
	ck_assert_uint_eq(h->n, SAMPLE_BUCKETS);
	ck_assert_double_eq_tol(h->le[0], 65, 1e-9);
	ck_assert_double_eq_tol(h->count[0], 2, 1e-9);
	ck_assert_double_eq_tol(h->le[SAMPLE_BUCKETS - 1], 128, 1e-9);
	ck_assert_double_eq_tol(h->count[SAMPLE_BUCKETS - 1], 3, 1e-9);
	sample_destroy(sample);
}
END_TEST

/* Each goes to its place, and takes its count along. */
START_TEST(buckets_make_room_for_others)
{
	static char body[8192];
	const struct sample_histogram *h;
	struct sample *sample;
	size_t len =
	    (size_t)snprintf(body, sizeof(body), "%s", BUCKET("+Inf", "1000"));

	for (int i = 1; i < SAMPLE_BUCKETS; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "a_bucket{kind=\"x\",le=\"%d\"} %d\n", i, 10 * i);
	sample = take(&a_histogram, body);
	h = sample_find(sample, LOAD_TOKEN_TIME)->is.histogram;
	ck_assert_uint_eq(h->n, SAMPLE_BUCKETS);
	for (int i = 1; i < SAMPLE_BUCKETS; i++) {
		ck_assert_double_eq_tol(h->le[i - 1], i, 1e-9);
		ck_assert_double_eq_tol(h->count[i - 1], 10 * i, 1e-9);
	}
	ck_assert(isinf(h->le[SAMPLE_BUCKETS - 1]));
	ck_assert_double_eq_tol(h->count[SAMPLE_BUCKETS - 1], 1000, 1e-9);
	sample_destroy(sample);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_sample");
	TCase *tcase = tcase_create("sample");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, series_are_added_up, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, numbers_of_json_are_added_up);
	tcase_add_loop_test(tcase, buckets_are_added_up_in_order, 0,
	    (int)(sizeof(histograms) / sizeof(histograms[0])));
	tcase_add_test(tcase, a_histogram_without_buckets_is_not_there);
	tcase_add_test(tcase, buckets_are_bounded);
	tcase_add_test(tcase, buckets_make_room_for_others);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
