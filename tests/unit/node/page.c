/*
 * Pages in pieces: JSON that is whole and Prometheus text whose lines are,
 * whatever there is to tell, all of one moment, and no piece much longer than
 * it should be.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/files_page.h"
#include "node/health_page.h"
#include "node/metrics_page.h"
#include "node/page.h"
#include "node/reload_page.h"
#include "node/status_page.h"

/* Beyond which a piece goes with its last item, at most. */
#define SLACK 4096
#define PAGE_MAX ((size_t)64 << 20)

static char folder[] = "/tmp/meridian-page-XXXXXX";
static char path[4][64];
static struct page_source source;
static struct generation *generation;

static void
write_file(size_t i, const char *name, const char *text)
{
	FILE *f;

	snprintf(path[i], sizeof(path[i]), "%s/%s", folder, name);
	f = fopen(path[i], "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* A zone with ${n} services of a pool each, of one endpoint in each of two
 * regions. */
static void
write_steering(int n)
{
	struct text t;

	text_init(&t, PAGE_MAX);
	text_add(&t, "regions:\n  a: {at: [1, 2]}\n  b: {at: [3, 4]}\n");
	text_add(&t, "checks:\n  c: {preset: http}\npools:\n");
	for (int i = 0; i < n; i++)
		text_add(&t,
		    "  p%d:\n    check: c\n    endpoints:\n"
		    "      - {name: x, region: a, address: 192.0.2.1}\n"
		    "      - {name: y, region: b, address: 192.0.2.2}\n",
		    i);
	text_add(&t, "services:\n");
	for (int i = 0; i < n; i++)
		text_add(&t, "  s%d: {pool: p%d}\n", i, i);
	write_file(1, "a.yaml", t.data);
	text_finish(&t);
}

static void
show(void)
{
	struct live *live = live_create(generation->policy);
	struct served *served;

	ck_assert_ptr_nonnull(live);
	served = served_create(generation, live);
	board_show_served(source.board, served, 3);
	served_release(served);
}

static void
load(void)
{
	struct policy_outcomes slots = {.begin = outcomes_begin,
	    .slot = outcomes_slot,
	    .context = source.outcomes};
	struct errbuf *eb = malloc(sizeof(*eb));

	errbuf_init(eb);
	generation = generation_load(path[0], &slots, NULL, eb);
	ck_assert_msg(generation != NULL, "%s", eb->text);
	free(eb);
	show();
}

/* What all nodes of these tests are made with. */
static void
make_source(void)
{
	source.board = board_create();
	source.outcomes = outcomes_create(COUNTER_OUTCOMES, COUNTER_CELLS);
	source.loads = loads_create();
	source.sum = calloc(1, sizeof(*source.sum));
}

/* A node that serves ${n} services, or a zone without steering. */
static void
start(int n)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file(
	    2, "a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	if (n > 0)
		write_steering(n);
	write_file(0, "m.yaml",
	    n > 0 ? "listen: [127.0.0.1:53]\nzones:\n"
		    "  - {name: a.example, records: a.zone, steering: a.yaml}\n"
		  : "listen: [127.0.0.1:53]\nzones:\n"
		    "  - {name: a.example, records: a.zone}\n");
	make_source();
	load();
}

static void
stop(void)
{
	board_destroy(source.board);
	ck_assert_uint_eq(atomic_load(&generation->owners), 1);
	generation_release(generation);
	outcomes_destroy(source.outcomes);
	loads_destroy(source.loads);
	free(source.sum);
	for (size_t i = 0; i < 4; i++)
		if (path[i][0] != '\0')
			unlink(path[i]);
	rmdir(folder);
}

/* The rest of ${page}, which is closed; as a string to be freed. */
static char *
read_rest(struct page *page)
{
	struct text whole, piece;

	text_init(&whole, PAGE_MAX);
	text_init(&piece, PAGE_MAX);
	do {
		piece.len = 0;
		page_more(page, &piece);
		ck_assert(!piece.failed);
		ck_assert_uint_le(piece.len, PAGE_PIECE + SLACK);
		text_bytes(&whole, piece.data, piece.len);
	} while (piece.len > 0);
	page_close(page);
	text_finish(&piece);
	return whole.data;
}

static json_t *
read_json(struct page *page)
{
	char *text = read_rest(page);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s in:\n%s", error.text, text);
	free(text);
	return root;
}

static json_t *
read_status(void)
{
	return read_json(page_open(&source, &status_page, NULL, NULL));
}

static void
check_status(int n)
{
	json_t *root = read_status(), *services, *s;

	ck_assert_uint_eq(
	    json_array_size(json_object_get(root, "endpoints")), 2 * (size_t)n);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "zones")), 1);
	services = json_object_get(root, "services");
	ck_assert_uint_eq(json_object_size(services), (size_t)n);
	if (n > 0) {
		s = json_object_get(services, "s0.a.example");
		ck_assert_uint_eq(json_object_size(s), 3);
		ck_assert(json_is_integer(json_object_get(s, "a")));
		ck_assert(json_is_integer(json_object_get(s, "last-resort")));
	}
	json_decref(root);
}

static void
check_metrics(int n)
{
	char *text = read_rest(page_open(&source, &metrics_page, NULL, NULL)),
	     *line = text;
	int answers = 0;

	while (*line != '\0') {
		char *end = strchr(line, '\n');

		ck_assert_ptr_nonnull(end);
		*end = '\0';
		ck_assert_msg(strncmp(line, "# ", 2) == 0 ||
			strncmp(line, "meridian_", 9) == 0,
		    "%s", line);
		answers +=
		    strncmp(line, "meridian_steered_answers_total{", 31) == 0;
		line = end + 1;
	}
	ck_assert_int_eq(answers, 3 * n);
	free(text);
}

/* A steering file of some length, and a file of many networks; its text, to be
 * freed. */
static char *
start_with_networks(unsigned n)
{
	struct text text, networks;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	text_init(&networks, PAGE_MAX);
	for (unsigned i = 0; i < n; i++)
		text_add(&networks, "10.%u.%u.0/24\n", i / 256, i % 256);
	write_file(3, "nets.txt", networks.data);
	text_init(&text, PAGE_MAX);
	/* Characters of two and three bytes, at all offsets. */
	for (unsigned i = 0; i < n; i++)
		text_add(&text, "# %u \xc3\xa9\xe2\x82\xac \\ \"\n", i);
	text_add(&text,
	    "networks:\n  here: [192.0.2.0/24]\n  far: {file: nets.txt}\n"
	    "regions:\n  a: {at: [1, 2]}\n"
	    "pools:\n  p:\n    endpoints:\n"
	    "      - {name: x, region: a, address: 192.0.2.1}\n"
	    "services:\n  s:\n    pool: p\n"
	    "    fence:\n      - {clients: {networks: [here, far]}, "
	    "regions: [a]}\n");
	write_file(1, "a.yaml", text.data);
	write_file(
	    2, "a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	write_file(0, "m.yaml",
	    "listen: [127.0.0.1:53]\nzones:\n"
	    "  - {name: a.example, records: a.zone, steering: a.yaml}\n");
	text_finish(&networks);
	make_source();
	load();
	return text.data;
}

/* What comes of the page of files is what was read, also when the files on disk
 * are gone. */
START_TEST(files_are_those_that_were_read)
{
	const unsigned n = 3000;
	char *want = start_with_networks(n);
	json_t *root, *zone, *networks, *part;
	struct text got;
	size_t i;

	unlink(path[1]);
	unlink(path[3]);
	root = read_json(page_open(&source, &files_page, NULL, NULL));
	ck_assert_ptr_nonnull(json_object_get(root, "pid"));
	zone = json_array_get(json_object_get(root, "zones"), 0);
	text_init(&got, PAGE_MAX);
	json_array_foreach(json_object_get(zone, "text"), i, part)
	    text_add(&got, "%s", json_string_value(part));
	ck_assert_str_eq(got.data, want);
	networks = json_object_get(zone, "networks");
	ck_assert_uint_eq(json_array_size(networks), 1);
	networks = json_object_get(json_array_get(networks, 0), "prefixes");
	ck_assert_uint_eq(json_array_size(networks), n);
	ck_assert_str_eq(
	    json_string_value(json_array_get(networks, 257)), "10.1.1.0/24");
	text_finish(&got);
	json_decref(root);
	free(want);
	stop();
}
END_TEST

/* A zone without steering is named, and that is all. */
START_TEST(a_zone_without_steering_has_no_text)
{
	json_t *root, *zone;

	start(0);
	root = read_json(page_open(&source, &files_page, NULL, NULL));
	zone = json_array_get(json_object_get(root, "zones"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(zone, "zone")), "a.example");
	ck_assert(json_is_null(json_object_get(zone, "steering")));
	ck_assert_ptr_null(json_object_get(zone, "text"));
	json_decref(root);
	stop();
}
END_TEST

/* Nothing to list, a little, and lists of many pieces. */
START_TEST(sizes)
{
	static const int services[] = {0, 1, 2000};

	start(services[_i]);
	check_status(services[_i]);
	check_metrics(services[_i]);
	stop();
}
END_TEST

/* A page that was opened before the workers ran counts nothing, whatever was
 * added up for others since. */
START_TEST(before_start)
{
	struct page *page;
	json_t *root, *o;
	char *text;

	start(2);
	page = page_open(&source, &status_page, NULL, NULL);
	memset((void *)source.sum, 1, sizeof(*source.sum));
	root = read_json(page);
	ck_assert(json_is_false(json_object_get(root, "serving")));
	o = json_object_get(json_object_get(root, "queries"), "truncated");
	ck_assert_int_eq(json_integer_value(o), 0);
	o = json_object_get(json_object_get(root, "services"), "s0.a.example");
	ck_assert_int_eq(json_integer_value(json_object_get(o, "a")), 0);
	json_decref(root);
	memset((void *)source.sum, 1, sizeof(*source.sum));
	text = read_rest(page_open(&source, &metrics_page, NULL, NULL));
	ck_assert_ptr_nonnull(strstr(text, "\nmeridian_truncated_total 0\n"));
	free(text);
	stop();
}
END_TEST

/* A region that a service gets later has its place beside the others. */
START_TEST(late_region)
{
	json_t *root, *s;

	start(2);
	ck_assert_uint_ne(
	    outcomes_slot(source.outcomes, "s0.a.example.", "p0", "late"),
	    COUNTER_OUTCOMES);
	root = read_status();
	s = json_object_get(json_object_get(root, "services"), "s0.a.example");
	ck_assert_uint_eq(json_object_size(s), 4);
	ck_assert(json_is_integer(json_object_get(s, "late")));
	json_decref(root);
	stop();
}
END_TEST

/* 503 before the workers run; a page with 200 and what is wrong is shown by
 * tests/system/incidents_test.c. */
START_TEST(no_health_before_it_serves)
{
	unsigned status = 200;
	struct page *page;
	char *text;

	start(2);
	page = page_open(&source, &health_page, NULL, &status);
	ck_assert_ptr_nonnull(page);
	ck_assert_uint_eq(status, 503);
	text = read_rest(page);
	ck_assert_str_eq(
	    text, "not serving yet: the first health is awaited\n");
	free(text);
	stop();
}
END_TEST

/* What is served while a page is sent does not change what it says. */
START_TEST(one_moment)
{
	struct generation *first;
	struct page *page;
	json_t *root;

	start(2000);
	first = generation;
	page = page_open(&source, &status_page, NULL, NULL);
	write_steering(1);
	load();
	ck_assert_uint_eq(atomic_load(&first->owners), 2);
	root = read_json(page);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(root, "endpoints")), 4000);
	json_decref(root);
	ck_assert_uint_eq(atomic_load(&first->owners), 1);
	generation_release(first);
	root = read_status();
	ck_assert_uint_eq(
	    json_array_size(json_object_get(root, "endpoints")), 2);
	json_decref(root);
	stop();
}
END_TEST

/* Messages quote files, which may hold any octets; they are left out where a
 * reload is waited for, until it has ended. */
START_TEST(messages)
{
	struct reload_report *report = calloc(1, sizeof(*report));
	json_t *root, *reload;

	start(1);
	snprintf(report->messages.text, sizeof(report->messages.text),
	    "m.yaml: \"\xff\n");
	report->under_way = true;
	report->done = 7;
	board_show_reload(source.board, report);
	root = read_json(page_open(&source, &reload_page, NULL, NULL));
	reload = json_object_get(root, "reload");
	ck_assert(json_is_null(json_object_get(reload, "messages")));
	ck_assert(json_is_true(json_object_get(reload, "under_way")));
	ck_assert_int_eq(
	    json_integer_value(json_object_get(reload, "done")), 7);
	json_decref(root);
	report->under_way = false;
	board_show_reload(source.board, report);
	root = read_json(page_open(&source, &reload_page, NULL, NULL));
	reload = json_object_get(root, "reload");
	ck_assert_str_eq(json_string_value(json_object_get(reload, "messages")),
	    "m.yaml: \"?\n");
	json_decref(root);
	free(report);
	stop();
}
END_TEST

/* What was read when the database was opened is known, and not stale yet. */
START_TEST(known_health_is_not_stale)
{
	struct vantages *v = calloc(1, sizeof(*v) + sizeof(v->of[0]));
	struct health_report report = {.vantages = v};
	json_t *root, *first;

	atomic_init(&v->owners, 1);
	v->n = 1;
	v->of[0] = (struct health_vantage){.name = "eu",
	    .state = VANTAGE_KNOWN,
	    .arrived_ms = -1,
	    .ahead_ms = 7200000};
	start(1);
	board_show_health(source.board, &report);
	root = read_status();
	ck_assert(json_is_false(
	    json_object_get(json_object_get(root, "health"), "stale")));
	first = json_array_get(json_object_get(root, "vantages"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "vantage")), "eu");
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "state")), "known");
	ck_assert(json_is_null(json_object_get(first, "age_ms")));
	ck_assert_int_eq(
	    json_integer_value(json_object_get(first, "clock_ahead_ms")),
	    7200000);
	json_decref(root);
	vantages_release(v);
	v = calloc(1, sizeof(*v) + sizeof(v->of[0]));
	atomic_init(&v->owners, 1);
	v->n = 1;
	v->of[0].state = VANTAGE_STALE;
	v->of[0].arrived_ms = -1;
	report.vantages = v;
	board_show_health(source.board, &report);
	root = read_status();
	ck_assert(json_is_true(
	    json_object_get(json_object_get(root, "health"), "stale")));
	json_decref(root);
	vantages_release(v);
	stop();
}
END_TEST

/* A vantage that was taken away rings no alarm until it is forgotten. */
START_TEST(a_vantage_that_has_ended_is_not_waited_for)
{
	struct vantages *v = calloc(1, sizeof(*v) + 2 * sizeof(v->of[0]));
	struct health_report report = {.vantages = v};
	char *text;

	atomic_init(&v->owners, 1);
	v->n = 2;
	v->of[0] = (struct health_vantage){.name = "ended", .ended = true};
	v->of[1] = (struct health_vantage){.name = "silent"};
	start(1);
	board_show_health(source.board, &report);
	text = read_rest(page_open(&source, &metrics_page, NULL, NULL));
	ck_assert_ptr_null(
	    strstr(text, "meridian_vantage_fresh{vantage=\"ended\"}"));
	ck_assert_ptr_nonnull(
	    strstr(text, "meridian_vantage_fresh{vantage=\"silent\"} 0\n"));
	free(text);
	vantages_release(v);
	stop();
}
END_TEST

/* Each service is in the outlook, however many pieces that takes. */
START_TEST(each_service_has_an_outlook)
{
	json_t *root, *list, *s;
	size_t i;

	start(500);
	root = read_status();
	list = json_object_get(root, "outlook");
	ck_assert_uint_eq(json_array_size(list), 500);
	json_array_foreach(list, i, s)
	{
		char name[64];

		snprintf(name, sizeof(name), "s%zu.a.example", i);
		ck_assert_str_eq(
		    json_string_value(json_object_get(s, "service")), name);
		ck_assert(json_is_string(json_object_get(s, "state")));
		ck_assert_int_eq(
		    json_integer_value(json_object_get(s, "endpoints")), 2);
	}
	json_decref(root);
	stop();
}
END_TEST

/* Health is stale where it matters, and as old as its last heartbeat. */
START_TEST(health)
{
	struct health_report report = {.heard = true};
	struct page *page;
	json_t *root, *o;

	start(1);
	page = page_open(&source, &status_page, NULL, NULL);
	ck_assert(page_is_stale(page));
	report.alive_ms = page->now_ms - 1000;
	page_close(page);
	board_show_health(source.board, &report);
	root = read_status();
	o = json_object_get(root, "health");
	ck_assert(json_is_false(json_object_get(o, "stale")));
	ck_assert(json_is_null(json_object_get(o, "trouble")));
	ck_assert(json_is_null(json_object_get(o, "odd")));
	ck_assert_int_ge(
	    json_integer_value(json_object_get(o, "age_ms")), 1000);
	json_decref(root);
	report.alive_ms -= 30000;
	snprintf(report.trouble, sizeof(report.trouble), "locked");
	snprintf(report.odd, sizeof(report.odd), "a row is odd");
	board_show_health(source.board, &report);
	root = read_status();
	o = json_object_get(root, "health");
	ck_assert(json_is_true(json_object_get(o, "stale")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "trouble")), "locked");
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "odd")), "a row is odd");
	json_decref(root);
	stop();
	/* Nothing depends on it where nothing is checked. */
	snprintf(folder, sizeof(folder), "%s", "/tmp/meridian-page-XXXXXX");
	start(0);
	page = page_open(&source, &status_page, NULL, NULL);
	ck_assert(!page_is_stale(page));
	page_close(page);
	stop();
}
END_TEST

static size_t
linger(struct page *page, size_t item, struct text *out)
{
	text_add(out, "%zu\n", item);
	page->pauses = true;
	return item == 2 ? PAGE_PART_ENDS : item + 1;
}

static size_t
go_on(struct page *page, size_t item, struct text *out)
{
	(void)page;
	text_add(out, "on %zu\n", item);
	return item == 1 ? PAGE_PART_ENDS : item + 1;
}

/* A part that takes its time ends the piece, so that other clients have their
 * turn; the next one comes with the next piece. */
START_TEST(a_part_that_pauses_ends_the_piece)
{
	static size_t (*const parts[])(struct page *, size_t, struct text *) = {
	    linger, go_on};
	static const struct page_kind kind = {.parts = parts, .n_parts = 2};
	static const char *const want[] = {"0\n", "1\n", "2\n", "on 0\non 1\n"};
	struct page page = {.kind = &kind};
	struct text piece;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		text_init(&piece, PAGE_MAX);
		page_more(&page, &piece);
		ck_assert_str_eq(piece.data, want[i]);
		text_finish(&piece);
	}
	text_init(&piece, PAGE_MAX);
	page_more(&page, &piece);
	ck_assert_uint_eq(piece.len, 0);
}
END_TEST

/* A piece may end anywhere: a metric begins once all the same. */
START_TEST(a_metric_has_one_head)
{
	char *text, *at;

	start(_i);
	text = read_rest(page_open(&source, &metrics_page, NULL, NULL));
	for (at = text; (at = strstr(at, "# HELP ")) != NULL;) {
		size_t len = strcspn(at + strlen("# HELP "), " ");
		char head[128];

		snprintf(head, sizeof(head), "%.*s ",
		    (int)(strlen("# HELP ") + len), at);
		at += strlen("# HELP ");
		ck_assert_msg(strstr(at, head) == NULL, "again: %s", head);
	}
	free(text);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_page");
	TCase *tcase = tcase_create("page");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, sizes, 0, 3);
	tcase_add_test(tcase, files_are_those_that_were_read);
	tcase_add_test(tcase, a_zone_without_steering_has_no_text);
	tcase_add_test(tcase, before_start);
	tcase_add_test(tcase, late_region);
	tcase_add_test(tcase, no_health_before_it_serves);
	tcase_add_test(tcase, one_moment);
	tcase_add_test(tcase, messages);
	tcase_add_test(tcase, health);
	tcase_add_test(tcase, known_health_is_not_stale);
	tcase_add_test(tcase, a_vantage_that_has_ended_is_not_waited_for);
	tcase_add_test(tcase, each_service_has_an_outlook);
	tcase_add_test(tcase, a_part_that_pauses_ends_the_piece);
	tcase_add_loop_test(tcase, a_metric_has_one_head, 1, 120);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
