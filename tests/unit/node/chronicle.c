/* What the log says of services and vantages as they change. */
#include "node/chronicle.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/unit/node_fixture.h"

#define SERVICES 50

static struct generation *generation;
static struct chronicle *chronicle;
static FILE *captured;
static long said; /* bytes of the log that were looked at */

/* A node of ${n} services, each with a pool of its own in two regions. */
static void
start(int n)
{
	struct text t;

	node_begin();
	node_write("a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	node_write("m.yaml",
	    "listen: [127.0.0.1:53]\nzones:\n"
	    "  - {name: a.example, records: a.zone, steering: a.yaml}\n");
	text_init(&t, 1 << 20);
	text_add(&t,
	    "regions:\n  a: {at: [1, 2]}\n  b: {at: [3, 4]}\n"
	    "checks:\n  c: {preset: http}\npools:\n");
	for (int i = 0; i < n; i++)
		text_add(&t,
		    "  p%d:\n    check: c\n    endpoints:\n"
		    "      - {name: x, region: a, address: 192.0.2.1}\n"
		    "      - {name: y, region: b, address: 192.0.2.2}\n",
		    i);
	text_add(&t, "services:\n");
	for (int i = 0; i < n; i++)
		text_add(&t, "  s%d: {pool: p%d, last_resort: [all]}\n", i, i);
	ck_assert(!t.failed);
	node_write("a.yaml", t.data);
	text_finish(&t);
	generation = node_load(NULL);
	chronicle = chronicle_create();
	ck_assert_ptr_nonnull(chronicle);
	chronicle_begin(chronicle);
	captured = tmpfile();
	ck_assert_ptr_nonnull(captured);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	log_open("test", LOG_LEVEL_INFO);
	said = 0;
}

static void
stop(void)
{
	chronicle_destroy(chronicle);
	ck_assert_uint_eq(atomic_load(&generation->owners), 1);
	generation_release(generation);
	fclose(captured);
	node_end();
}

/* What was logged since the last call. */
static const char *
log_since(void)
{
	static char text[65536];
	size_t n;

	fseek(captured, said, SEEK_SET);
	n = fread(text, 1, sizeof(text) - 1, captured);
	text[n] = '\0';
	said += (long)n;
	return text;
}

static int
lines(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* Serve with the endpoints of region a, and those of b, of all services up or
 * down.  Returns what is served, for the caller to release. */
static struct served *
serve(bool a_up, bool b_up)
{
	const struct policy *policy = generation->policy;
	struct live *live = live_create(policy);
	struct served *served;

	ck_assert_ptr_nonnull(live);
	for (size_t i = 0; i < policy->n_endpoints; i++) {
		bool a = strcmp(policy->endpoints[i].key.endpoint, "x") == 0;

		live->endpoint[i] = (a ? a_up : b_up) ? USABLE_YES : USABLE_NO;
	}
	live_judge(live, policy);
	served = served_create(generation, live);
	ck_assert_ptr_nonnull(served);
	chronicle_services(chronicle, served);
	return served;
}

START_TEST(a_service_is_told_when_it_changes_and_only_then)
{
	const char *text;

	start(1);
	served_release(serve(true, true));
	ck_assert_str_eq(log_since(), "");
	served_release(serve(false, true));
	text = log_since();
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "warning: service s0.a.example is degraded (1 of 2 "
		    "endpoints up, nothing usable in a); why: meridianctl "
		    "status s0.a.example\n") != NULL,
	    "%s", text);
	served_release(serve(false, true));
	ck_assert_str_eq(log_since(), "");
	served_release(serve(false, false));
	text = log_since();
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "warning: service s0.a.example has nothing healthy left "
		    "for everyone: last resort all as if up: p0 in use (0 of 2 "
		    "endpoints up, nothing usable in a, b); why: meridianctl "
		    "status s0.a.example\n") != NULL,
	    "%s", text);
	served_release(serve(true, true));
	text = log_since();
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "info: service s0.a.example is healthy again, after 0 s "
		    "(2 of 2 endpoints up)\n") != NULL,
	    "%s", text);
	stop();
}
END_TEST

START_TEST(an_outage_is_as_long_as_it_was_in_all_its_degrees)
{
	const char *text;

	start(1);
	served_release(serve(true, true));
	served_release(serve(false, true));
	usleep(1100000);
	served_release(serve(false, false));
	served_release(serve(true, false));
	(void)log_since();
	served_release(serve(true, true));
	text = log_since();
	ck_assert_msg(strstr(text, "is healthy again, after 1 s ") != NULL ||
		strstr(text, "is healthy again, after 2 s ") != NULL,
	    "%s", text);
	stop();
}
END_TEST

START_TEST(a_great_outage_is_a_few_lines_and_a_count)
{
	const char *text;

	start(SERVICES);
	served_release(serve(true, true));
	served_release(serve(false, false));
	text = log_since();
	ck_assert_int_eq(lines(text), CHRONICLE_LINES);
	chronicle_tick(chronicle, clock_mono_ms());
	ck_assert_str_eq(log_since(), "");
	chronicle_tick(chronicle, clock_mono_ms() + CHRONICLE_WINDOW_MS);
	text = log_since();
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "and of more services, 30 went to their last resort, 0 are "
		    "degraded and 0 are healthy again") != NULL,
	    "%s", text);
	chronicle_tick(chronicle, clock_mono_ms() + 2 * CHRONICLE_WINDOW_MS);
	ck_assert_str_eq(log_since(), "");
	stop();
}
END_TEST

START_TEST(since_when_outlives_a_reload)
{
	struct generation *before;
	struct served *served;
	int64_t since;

	start(2);
	served = serve(false, false);
	since = served->since_ms[1];
	ck_assert_int_gt(since, 0);
	served_release(served);
	(void)log_since();
	/* Its number is another then. */
	node_write("a.yaml",
	    "regions:\n  a: {at: [1, 2]}\n  b: {at: [3, 4]}\n"
	    "checks:\n  c: {preset: http}\npools:\n"
	    "  p1:\n    check: c\n    endpoints:\n"
	    "      - {name: x, region: a, address: 192.0.2.1}\n"
	    "      - {name: y, region: b, address: 192.0.2.2}\n"
	    "services:\n  s1: {pool: p1, last_resort: [all]}\n");
	before = generation;
	generation = node_load(before);
	usleep(5000);
	served = serve(false, false);
	ck_assert_int_eq(served->since_ms[0], since);
	ck_assert_str_eq(log_since(), "");
	served_release(served);
	ck_assert_uint_eq(atomic_load(&before->owners), 1);
	generation_release(before);
	stop();
}
END_TEST

/* As at a start: health is not known yet. */
static void
begin_again(void)
{
	chronicle_destroy(chronicle);
	chronicle = chronicle_create();
	ck_assert_ptr_nonnull(chronicle);
}

/* Names have no address then, and nobody is answered. */
START_TEST(what_is_served_before_health_is_known_is_no_outage)
{
	start(1);
	begin_again();
	served_release(serve(false, false));
	ck_assert_str_eq(log_since(), "");
	chronicle_begin(chronicle);
	served_release(serve(true, true));
	ck_assert_str_eq(log_since(), "");
	stop();
}
END_TEST

START_TEST(what_is_down_at_a_start_is_told_when_health_is_known)
{
	const char *text;

	start(1);
	begin_again();
	served_release(serve(false, false));
	chronicle_begin(chronicle);
	served_release(serve(false, false));
	text = log_since();
	ck_assert_msg(lines(text) == 1 &&
		strstr(text, "has nothing healthy left for ") != NULL,
	    "%s", text);
	stop();
}
END_TEST

static int64_t eu_arrived_ms;
static const char *us_node = ""; /* from where its rows come */

static struct vantages *
make_vantages(enum vantage_state eu, bool us_ended)
{
	struct vantages *v =
	    calloc(1, sizeof(*v) + 2 * sizeof(struct health_vantage));

	ck_assert_ptr_nonnull(v);
	atomic_init(&v->owners, 1);
	v->n = 2;
	/* What was known at a start is not heard yet. */
	v->of[0] = (struct health_vantage){
	    .name = "eu", .state = eu, .arrived_ms = eu_arrived_ms};
	v->of[1] = (struct health_vantage){.name = "us",
	    .state = us_ended ? VANTAGE_STALE : VANTAGE_FRESH,
	    .ended = us_ended};
	(void)snprintf(v->of[1].node, sizeof(v->of[1].node), "%s", us_node);
	return v;
}

static const char *
look(enum vantage_state eu, bool us_ended)
{
	struct health_report report = {.heard = true};

	report.vantages = make_vantages(eu, us_ended);
	chronicle_vantages(chronicle, &report, generation->config);
	vantages_release(report.vantages);
	return log_since();
}

START_TEST(a_vantage_that_falls_silent_is_named)
{
	const char *text;

	start(1);
	(void)look(VANTAGE_FRESH, false);
	ck_assert_str_eq(look(VANTAGE_FRESH, false), "");
	text = look(VANTAGE_STALE, false);
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "warning: vantage eu: not heard for 30 s, it has no vote "
		    "any more") != NULL &&
		strstr(text, "systemctl status meridian-probe") != NULL,
	    "%s", text);
	text = look(VANTAGE_FRESH, false);
	ck_assert_msg(strstr(text, "info: vantage eu: heard again\n") != NULL,
	    "%s", text);
	text = look(VANTAGE_FRESH, true);
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "warning: vantage us: its meridian-probe has ended, it "
		    "has no vote any more: start it again if that was not "
		    "meant") != NULL,
	    "%s", text);
	text = look(VANTAGE_FRESH, false);
	ck_assert_msg(lines(text) == 1 &&
		strstr(text, "info: vantage us: heard again\n") != NULL,
	    "%s", text);
	stop();
}
END_TEST

/* Its probe may run well there: what ended is the lease of its node. */
START_TEST(a_vantage_of_another_node_is_lost_with_it)
{
	const char *text;

	start(1);
	us_node = "us-east";
	(void)look(VANTAGE_FRESH, false);
	text = look(VANTAGE_FRESH, true);
	ck_assert_msg(lines(text) == 1 &&
		strstr(text,
		    "warning: vantage us: its node us-east is not heard any "
		    "more") != NULL &&
		strstr(text, "meridianctl status --all") != NULL &&
		strstr(text, "systemctl") == NULL,
	    "%s", text);
	us_node = "";
	stop();
}
END_TEST

START_TEST(a_vantage_is_heard_again_that_was_heard_before)
{
	start(1);
	eu_arrived_ms = -1;
	ck_assert_ptr_null(strstr(look(VANTAGE_KNOWN, false), "vantage eu"));
	eu_arrived_ms = 1;
	ck_assert_ptr_nonnull(
	    strstr(look(VANTAGE_FRESH, false), "info: vantage eu: heard\n"));
	(void)look(VANTAGE_STALE, false);
	/* Its row was read whole, and it was not seen to move yet. */
	ck_assert_str_eq(look(VANTAGE_KNOWN, false), "");
	ck_assert_ptr_nonnull(strstr(
	    look(VANTAGE_FRESH, false), "info: vantage eu: heard again\n"));
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: chronicle");
	TCase *tc = tcase_create("chronicle");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_service_is_told_when_it_changes_and_only_then);
	tcase_add_test(tc, an_outage_is_as_long_as_it_was_in_all_its_degrees);
	tcase_add_test(tc, a_great_outage_is_a_few_lines_and_a_count);
	tcase_add_test(tc, since_when_outlives_a_reload);
	tcase_add_test(tc, what_is_served_before_health_is_known_is_no_outage);
	tcase_add_test(
	    tc, what_is_down_at_a_start_is_told_when_health_is_known);
	tcase_add_test(tc, a_vantage_of_another_node_is_lost_with_it);
	tcase_add_test(tc, a_vantage_is_heard_again_that_was_heard_before);
	tcase_add_test(tc, a_vantage_that_falls_silent_is_named);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
