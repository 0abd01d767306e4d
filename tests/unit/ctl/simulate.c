/* What is written of runs of the simulator: tables and CSV to the letter, plots
 * by their pieces; the bar, and what scenarios do when. */
#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/progress.h"
#include "ctl/simulate_csv.h"
#include "ctl/simulate_json.h"
#include "ctl/simulate_plan.h"
#include "ctl/simulate_plot.h"
#include "ctl/simulate_table.h"
#include "ctl/svg.h"
#include "tests/unit/ctl/simulated_runs.h"

static char *written;
static size_t written_len;
static FILE *to;

static void
set_up(void)
{
	to = open_memstream(&written, &written_len);
	ck_assert_ptr_nonnull(to);
}

static void
tear_down(void)
{
	fclose(to);
	free(written);
}

static const char *
text(void)
{
	fflush(to);
	return written;
}

static void
has(const char *want)
{
	ck_assert_msg(strstr(text(), want) != NULL, "no \"%s\" in:\n%.3000s",
	    want, text());
}

static void
has_not(const char *want)
{
	ck_assert_msg(
	    strstr(text(), want) == NULL, "\"%s\" in:\n%.3000s", want, text());
}

/* How often ${want} is there. */
static unsigned
times(const char *want)
{
	unsigned n = 0;

	for (const char *at = text(); (at = strstr(at, want)) != NULL; at++)
		n++;
	return n;
}

/* --- CSV --- */

START_TEST(csv_is_a_row_for_each_step_and_region)
{
	simulate_csv_head(to);
	simulate_csv_rows(&made, to);
	ck_assert_str_eq(text(),
	    "scenario,subject,law,seconds,region,capacity,load,keep,demand,"
	    "moved,"
	    "away,lost,hits,queries\n"
	    "outage,us-east,product,0,us-east,100.000,85.000,1.0000,"
	    "136.000,0.000000,0.0000,0.0000,0.9000,400.00\n"
	    "outage,us-east,product,0,\"a<b>&\"\"c\"\", "
	    "d\",60.000,30.000,1.0000,"
	    "136.000,0.000000,0.0000,0.0000,0.9000,400.00\n"
	    "outage,us-east,product,5,us-east,100.000,101.000,0.9500,"
	    "136.500,0.010000,0.5000,0.1250,0.9500,300.00\n"
	    "outage,us-east,product,5,\"a<b>&\"\"c\"\", "
	    "d\",60.000,31.000,1.0000,"
	    "136.500,0.010000,0.5000,0.1250,0.9500,300.00\n"
	    "outage,us-east,product,10,us-east,0.000,0.000,0.9000,"
	    "137.000,0.000000,0.0000,0.0000,,250.50\n"
	    "outage,us-east,product,10,\"a<b>&\"\"c\"\", "
	    "d\",60.000,59.940,1.0000,"
	    "137.000,0.000000,0.0000,0.0000,,250.50\n");
}
END_TEST

/* --- tables --- */

START_TEST(a_table_has_a_row_for_each_region)
{
	simulate_table_run(&made, to);
	ck_assert_str_eq(text(),
	    "chat.inference.example\n"
	    "  outage: us-east is down for a while\n"
	    "  demand 85 % of capacity, seed 1\n"
	    "\n"
	    "region               demand capacity load mean      most time over"
	    "    excess\n"
	    "us-east                42.5      100    85.0 %     101 %    1.23 %"
	    "       0.2\n"
	    "a<b>&\"c\", d             150     60.0    50.0 %    99.9 %"
	    "    0.00 %       0.0\n"
	    "\n"
	    "steered by              product\n"
	    "load above capacity     0.2, 0.2 at least: 1.25 times that\n"
	    "clients moved           0.40 % a minute, 1.00 % in the worst\n"
	    "away from the nearest   25.0 %, and 0.10 % sent to what is down\n"
	    "busiest endpoint        1.12 times its region, 2.00 % moved a "
	    "minute\n"
	    "answered by caches      93.0 %\n"
	    "queries                 317.2 a second\n");
}
END_TEST

START_TEST(laws_are_compared_in_one_table)
{
	struct simulated runs[] = {made, made};

	runs[1].law = "nearest";
	runs[1].over = 1;
	runs[1].moved = 0.00001;
	runs[1].least = NAN;
	simulate_table_laws(runs, 2, to);
	ck_assert_str_eq(strchr(text(), '\n') + 1,
	    "  outage: us-east is down for a while\n"
	    "  demand 85 % of capacity, seed 1\n"
	    "\n"
	    "law            time over      most   excess    least moved/min    "
	    " "
	    "away  queries\n"
	    "product           1.23 %     101 %      0.2      0.2    0.40 %   "
	    "25.0 %  317.2/s\n"
	    "nearest            100 %     101 %      0.2        -   <0.01 %   "
	    "25.0 %  317.2/s\n");
}
END_TEST

START_TEST(regions_that_are_down_have_a_row_each)
{
	struct simulated runs[] = {made, made};

	runs[1].subject = "eu-west";
	simulate_table_without(runs, 2, to);
	has("\n  outage: each region in turn goes down and stays so\n");
	has("\ndown           time over");
	has("\nus-east           1.23 %");
	has("\neu-west           1.23 %");
}
END_TEST

START_TEST(json_has_the_figures)
{
	struct simulated run = made;
	const json_t *first;
	json_t *root;

	run.least = NAN;
	root = simulate_json(&run, 1);
	first = json_array_get(json_object_get(root, "runs"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "law")), "product");
	ck_assert_double_eq(
	    json_real_value(json_object_get(first, "over")), 0.0123);
	ck_assert(json_is_null(json_object_get(first, "excess_least")));
	ck_assert_uint_eq(
	    json_array_size(json_object_get(first, "regions")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(first, "events")), 2);
	json_decref(root);
}
END_TEST

/* --- plots --- */

START_TEST(texts_of_a_plot_are_escaped)
{
	svg_escape(to, "<a href=\"x\">&\001\x7f\xff\xc3\xa9\xef\xbf\xbe</a>");
	ck_assert_str_eq(
	    text(), "&lt;a href=&quot;x&quot;&gt;&amp;???\xc3\xa9?&lt;/a&gt;");
}
END_TEST

START_TEST(a_plot_shows_all_lines_and_what_happens)
{
	simulate_plot(&made, 1, to);
	ck_assert(strncmp(text(), "<svg xmlns=", 11) == 0);
	ck_assert_str_eq(text() + written_len - 7, "</svg>\n");
	has(">chat.inference.example: outage, product</text>");
	has(">us-east is down</text>");
	has(">a &lt;crowd&gt; &amp; more</text>");
	has(">us-east, 1.2 % of time over</text>");
	has(">a&lt;b&gt;&amp;&quot;c&quot;, d, never over</text>");
	has(">capacity</text>");
	has("@media screen and (prefers-color-scheme:dark)");
	ck_assert_uint_eq(times("<path class=\"all\""), 3);
	has_not("<script");
	has_not("href");
	/* Load and keep of two regions, and three lines of all. */
	ck_assert_uint_eq(times("<path "), 7);
	ck_assert_uint_eq(times("<line class=\"mark\""), 2);
}
END_TEST

/* The number behind ${before}, from ${at} on. */
static long
number_after(const char *at, const char *before)
{
	at = strstr(at, before);
	ck_assert_ptr_nonnull(at);
	return strtol(at + strlen(before), NULL, 10);
}

/* Each run has its own place below the one before. */
START_TEST(several_runs_are_below_each_other)
{
	struct simulated runs[] = {made, made};

	runs[1].law = "nearest";
	simulate_plot(runs, 2, to);
	ck_assert_uint_eq(times("<g transform="), 2);
	ck_assert_int_eq(number_after(text(), "translate(0,"), 0);
	ck_assert_int_eq(
	    2 * number_after(strstr(text(), "</g>"), "translate(0,"),
	    number_after(text(), "height=\""));
	has("outage, nearest</text>");
}
END_TEST

/* --- a plot that is full: nothing of it hides anything else --- */

#define MANY 20

/* A text of a plot, in pixels. */
struct seen {
	double from, till, y;
	char class[8], words[96];
};

static size_t
see_texts(const char *at, struct seen *out, size_t size)
{
	size_t n = 0;

	while (n < size && (at = strstr(at, "<text class=\"")) != NULL) {
		struct seen *s = &out[n++];
		const char *words = strchr(at, '>') + 1;
		const char *x = strstr(at, "x=\""), *y = strstr(x, "y=\"");
		/* Bold ones and the title are wider. */
		double width = 5.5 * (double)strcspn(words, "<");

		snprintf(s->class, sizeof(s->class), "%.*s",
		    (int)strcspn(at + 13, "\""), at + 13);
		snprintf(s->words, sizeof(s->words), "%.*s",
		    (int)strcspn(words, "<"), words);
		s->from = strtod(x + 3, NULL);
		s->y = strtod(y + 3, NULL);
		if (strcmp(s->class, "y") == 0)
			s->from -= width;
		if (strcmp(s->class, "x") == 0)
			s->from -= width / 2;
		s->till = s->from + width;
		at = words;
	}
	return n;
}

/* As many regions as end at one load, and as much that happens at once. */
static void
plot_many(void)
{
	static struct simulated_region regions[MANY];
	static struct simulated_cell cells[2 * MANY];
	static struct simulated_mark marks[4];
	static const struct simulated_step steps[] = {
	    {.at_s = 60, .queries = 430}, {.at_s = 3600, .queries = 430}};
	static char names[MANY][32];
	struct simulated run = made;

	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "region-of-a-name-%zu", i);
		regions[i] = (struct simulated_region){
		    .name = names[i], .capacity = 10, .over = 0.5};
		cells[i] = cells[MANY + i] = (struct simulated_cell){10, 9, 1};
	}
	for (size_t i = 0; i < 4; i++)
		marks[i] = (struct simulated_mark){
		    3500 + 10 * (double)i, "something happens near a region"};
	run.regions = regions;
	run.n_regions = MANY;
	run.steps = steps;
	run.n_steps = 2;
	run.cells = cells;
	run.marks = marks;
	run.n_marks = 4;
	simulate_plot(&run, 1, to);
}

START_TEST(texts_of_a_plot_are_inside_and_apart)
{
	static struct seen seen[256];
	double width, height;
	size_t n, labels = 0;

	plot_many();
	width = (double)number_after(text(), "width=\"");
	height = (double)number_after(text(), "height=\"");
	n = see_texts(text(), seen, 256);
	for (size_t i = 0; i < n; i++) {
		const struct seen *a = &seen[i];

		ck_assert_msg(a->from >= 0 && a->till <= width && a->y > 12 &&
			a->y < height,
		    "%s is cut: %g to %g, %g", a->words, a->from, a->till,
		    a->y);
		labels += strstr(a->words, "time over") != NULL;
		for (size_t j = 0; j < i; j++) {
			const struct seen *b = &seen[j];
			bool apart = fabs(a->y - b->y) >= 11 ||
			    a->from >= b->till || b->from >= a->till;

			ck_assert_msg(
			    apart, "%s is over %s", a->words, b->words);
		}
	}
	ck_assert_uint_eq(labels, MANY);
}
END_TEST

START_TEST(axes_of_a_plot_have_their_numbers)
{
	plot_many();
	/* Load to 120 in steps of 20, shares, one per cent, queries. */
	ck_assert_uint_eq(times(">120 %</text>"), 1);
	ck_assert_uint_eq(times(">80 %</text>"), 1);
	ck_assert_uint_eq(times(">50 %</text>"), 2);
	ck_assert_uint_eq(times(">100 %</text>"), 3);
	ck_assert_uint_eq(times(">0 %</text>"), 4);
	ck_assert_uint_eq(times(">0.5 %</text>"), 1);
	ck_assert_uint_eq(times(">500</text>"), 1);
	ck_assert_uint_eq(times(">0:00</text>"), 1);
	ck_assert_uint_eq(times(">0:50</text>"), 1);
	ck_assert_uint_eq(times(">1:00</text>"), 1);
	ck_assert_uint_eq(times("<line class=\"base\""), 5);
	/* Each line goes from its first moment to the end, at its height. */
	has("<path class=\"s c0 d0\" d=\"M75.6 ");
	ck_assert_uint_eq(times("<line class=\"limit\""), 1);
	ck_assert_uint_eq(times("<rect class=\"over\""), 1);
}
END_TEST

/* What cannot be told apart any more has a line without words. */
START_TEST(too_much_at_once_has_lines_alone)
{
	struct simulated_mark marks[7];
	struct simulated run = made;

	for (size_t i = 0; i < 7; i++)
		marks[i] = (struct simulated_mark){5, "a crowd"};
	run.marks = marks;
	run.n_marks = 7;
	simulate_plot(&run, 1, to);
	ck_assert_uint_eq(times("<line class=\"mark\""), 7);
	ck_assert_uint_eq(times(">a crowd</text>"), 5);
}
END_TEST

START_TEST(values_are_at_their_pixels)
{
	static const struct svg_axis axis = {10, 20, 100, 200};

	ck_assert_double_eq(svg_at(&axis, 10), 100);
	ck_assert_double_eq(svg_at(&axis, 15), 150);
	ck_assert_double_eq(svg_at(&axis, 20), 200);
	ck_assert_double_eq(svg_at(&axis, 99), 200);
	ck_assert_double_eq(svg_at(&axis, 0), 100);
}
END_TEST

/* Of a region that is down nothing is known: its line ends. */
static double
some(const void *context, size_t i)
{
	return i == 2 ? NAN : ((const double *)context)[i];
}

START_TEST(a_line_breaks_where_nothing_is_known)
{
	static const double values[] = {0, 1, 0, 5, 1};
	struct svg_axis x = {0, 4, 100, 140}, y = {0, 1, 50, 0};

	svg_path(to, "s", &x, &y, 5, some, values);
	ck_assert_str_eq(text(),
	    "<path class=\"s\" d=\"M100.0 50.0L110.0 0.0M130.0 0.0"
	    "L140.0 0.0\"/>\n");
}
END_TEST

/* A peak of one step is not lost between pixels. */
static double
peak(const void *context, size_t i)
{
	(void)context;
	return i == 777 ? 1 : 0;
}

START_TEST(a_long_run_keeps_its_peaks)
{
	struct svg_axis x = {0, 1000, 0, 99}, y = {0, 1, 10, 0};

	svg_path(to, "s", &x, &y, 1000, peak, NULL);
	ck_assert_uint_eq(times(" 0.0L"), 1);
	ck_assert_uint_eq(times("L") + times("M"), 91);
}
END_TEST

static const struct {
	double span;
	unsigned most;
	double step, step_s;
} round_steps[] = {{1.2, 8, 0.2, 60}, {1, 2, 0.5, 60}, {430, 2, 500, 300},
    {1800, 8, 500, 300}, {3600, 8, 500, 600}, {86400, 8, 20000, 10800},
    {700000, 8, 100000, 172800}};

START_TEST(axes_have_round_numbers)
{
	ck_assert_double_eq_tol(
	    svg_step(round_steps[_i].span, round_steps[_i].most),
	    round_steps[_i].step, 1e-9);
	ck_assert_double_eq(
	    svg_step_s(round_steps[_i].span, round_steps[_i].most),
	    round_steps[_i].step_s);
}
END_TEST

/* --- the bar --- */

static const struct {
	double done;
	int64_t ms;
	const char *rate, *want;
} bars[] = {
    {0, 100, NULL, "outage product   [....................]   0 %"},
    {0.5, 100, "9 times as fast",
	"outage product   [##########..........]  50 %  9 times as fast"},
    {0.25, 1500, "9 times as fast",
	"outage product   [#####...............]  25 %  9 times as fast, "
	"5 s left"},
    {7, 1500, NULL, "outage product   [####################] 100 %, 0 s left"},
};

START_TEST(a_bar_says_how_much_how_fast_and_how_long)
{
	char line[PROGRESS_LINE];

	ck_assert_str_eq(progress_line("outage product", bars[_i].done,
			     bars[_i].rate, bars[_i].ms, line),
	    bars[_i].want);
	ck_assert_uint_lt(strlen(line), 80);
}
END_TEST

START_TEST(there_is_no_bar_where_there_is_no_terminal)
{
	FILE *file = tmpfile();
	struct progress p;

	ck_assert_ptr_nonnull(file);
	progress_begin(&p, file, false);
	progress_show(&p, "outage", 0.5, NULL);
	progress_end(&p);
	ck_assert_int_eq(ftell(file), 0);
	fclose(file);
}
END_TEST

/* --- scenarios --- */

static const struct plan_wishes wishes = {.region = 2,
    .region_name = "ap-south",
    .pool = 1,
    .pool_name = "chat-v2",
    .endpoint = 7,
    .endpoint_name = "aps1-a",
    .times = 3,
    .swing = 0.4,
    .late_s = 90,
    .to = 0.2,
    .over_s = 600};

/* What each does, of an hour; ${value} and ${over_s} are those of the first. */
static const struct {
	const char *name;
	size_t n;
	enum scenario_what what[PLAN_EVENTS];
	uint32_t at_s[PLAN_EVENTS];
	uint32_t index, over_s;
	double value;
	const char *about;
} plans[] = {
    {"steady", 0, {0}, {0}, 0, 0, 0, "nothing changes"},
    {"wave", 1, {SCENARIO_WAVE}, {0}, SCENARIO_ALL, 86400, 0.4,
	"demand is 40 % higher where it is noon, lower at midnight"},
    {"flash", 2, {SCENARIO_DEMAND, SCENARIO_DEMAND}, {600, 1800}, 2, 60, 3,
	"clients near ap-south ask 3 times as much for a while"},
    {"outage", 2, {SCENARIO_DOWN, SCENARIO_UP}, {600, 1800}, 2, 0, 0,
	"ap-south is down for a while"},
    {"slow-metrics", 2, {SCENARIO_LATE, SCENARIO_DEMAND}, {600, 1200}, 0, 0, 90,
	"metrics are 90 s late while demand near ap-south grows by 30 %"},
    {"slow", 2, {SCENARIO_SPEED, SCENARIO_SPEED}, {600, 1800}, 7, 0, 0.5,
	"aps1-a works half as fast for a while"},
    {"ramp", 2, {SCENARIO_CANARY, SCENARIO_CANARY}, {600, 2400}, 1, 1800, 0.2,
	"chat-v2 grows to 20 % of the clients, step by step"},
    {"drain", 2, {SCENARIO_DRAIN, SCENARIO_UNDRAIN}, {600, 1800}, 2, 600, 0,
	"ap-south is drained for a while, over 600 s"},
    {"n-1", 1, {SCENARIO_DOWN}, {600}, 2, 0, 0,
	"ap-south goes down and does not come back"},
};

START_TEST(scenarios_happen_in_order_within_their_time)
{
	struct plan_wishes hour = wishes;
	struct plan plan;

	hour.for_s = 3600;
	ck_assert_int_eq(plan_make(plans[_i].name, &hour, &plan), 0);
	ck_assert_str_eq(plan.name, plan_name((size_t)_i));
	ck_assert_ptr_nonnull(plan_help((size_t)_i));
	ck_assert_str_eq(plan.about, plans[_i].about);
	ck_assert_uint_eq(plan.n, plans[_i].n);
	for (size_t i = 0; i < plan.n; i++) {
		ck_assert_int_eq(plan.events[i].what, plans[_i].what[i]);
		ck_assert_uint_eq(plan.events[i].at_s, plans[_i].at_s[i]);
	}
	if (plan.n == 0)
		return;
	ck_assert_uint_eq(plan.events[0].index, plans[_i].index);
	ck_assert_uint_eq(plan.events[0].over_s, plans[_i].over_s);
	ck_assert_double_eq(plan.events[0].value, plans[_i].value);
}
END_TEST

START_TEST(scenarios_have_a_length_of_their_own)
{
	struct plan plan;

	ck_assert_int_eq(plan_make("wave", &wishes, &plan), 0);
	ck_assert_uint_eq(plan.length_s, 86400);
	ck_assert_int_eq(plan_make("outage", &wishes, &plan), 0);
	ck_assert_uint_eq(plan.length_s, 3600);
	ck_assert_str_eq(plan.texts[1], "ap-south is back");
	ck_assert_int_eq(plan_make("flash", &wishes, &plan), 0);
	ck_assert_double_eq(plan.events[1].value, 1);
	ck_assert_int_eq(plan_make("slow", &wishes, &plan), 0);
	ck_assert_double_eq(plan.events[1].value, 1);
	ck_assert_int_eq(plan_make("drain",
			     &(struct plan_wishes){.region_name = "x"}, &plan),
	    0);
	ck_assert_str_eq(plan.about, "x is drained for a while");
	ck_assert_int_eq(plan_make("storm", &wishes, &plan), -1);
	ck_assert_ptr_null(plan_name(9));
	ck_assert_ptr_null(plan_help(9));
}
END_TEST

#define N(array) (int)(sizeof(array) / sizeof((array)[0]))

int
main(void)
{
	Suite *suite = suite_create("ctl_simulate");
	TCase *tests = tcase_create("written");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, csv_is_a_row_for_each_step_and_region);
	tcase_add_test(tests, a_table_has_a_row_for_each_region);
	tcase_add_test(tests, laws_are_compared_in_one_table);
	tcase_add_test(tests, regions_that_are_down_have_a_row_each);
	tcase_add_test(tests, json_has_the_figures);
	tcase_add_test(tests, texts_of_a_plot_are_escaped);
	tcase_add_test(tests, a_plot_shows_all_lines_and_what_happens);
	tcase_add_test(tests, several_runs_are_below_each_other);
	tcase_add_test(tests, texts_of_a_plot_are_inside_and_apart);
	tcase_add_test(tests, axes_of_a_plot_have_their_numbers);
	tcase_add_test(tests, too_much_at_once_has_lines_alone);
	tcase_add_test(tests, values_are_at_their_pixels);
	tcase_add_test(tests, a_line_breaks_where_nothing_is_known);
	tcase_add_test(tests, a_long_run_keeps_its_peaks);
	tcase_add_loop_test(tests, axes_have_round_numbers, 0, N(round_steps));
	tcase_add_loop_test(
	    tests, a_bar_says_how_much_how_fast_and_how_long, 0, N(bars));
	tcase_add_test(tests, there_is_no_bar_where_there_is_no_terminal);
	tcase_add_loop_test(
	    tests, scenarios_happen_in_order_within_their_time, 0, N(plans));
	tcase_add_test(tests, scenarios_have_a_length_of_their_own);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
