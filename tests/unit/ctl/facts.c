/*
 * The facts of a node with as many events and failovers as are kept: what each
 * failover took, in a time that grows as their number does.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "tests/unit/month_fixture.h"

#define ENDPOINTS 200
#define SERVICES 1000

/* The most that are kept: two events a spell. */
#define SPELLS_MAX 50000

/* Each is down 40 s after the other, for so long; checks fail for 10 s
 * before, and answers follow after 300 ms. */
#define STEP_MS INT64_C(40000)
#define DOWN_MS 15000
#define LEFT_MS 300
#define TOOK_S 10.3

/* Sanitizers included: without them it is a tenth of that, and with a look at
 * each spell for each failover it was half as much again. */
#define CPU_S 1.0

static void
write_node(void)
{
	struct text text;

	text_init(&text, 1 << 20);
	month_make_folder();
	month_write("meridian.yaml",
	    "listen: 127.0.0.1:5300\nalone: true\nstate: state.db\n"
	    "geo: geo.mmdb\nzones:\n  - {name: example, records: example.zone,"
	    " steering: example.yaml}\n");
	month_write("example.zone",
	    "$ORIGIN example.\n@ 3600 SOA ns1 root 1 3600 600 86400 60\n"
	    "@ 3600 NS ns1\nns1 3600 A 192.0.2.53\n");
	text_add(&text,
	    "regions:\n  eu: {at: [53.3, -6.3]}\nchecks:\n"
	    "  alive: {path: /, every: 5s, timeout: 2s, fall: 3, rise: 2}\n"
	    "pools:\n  web:\n    check: alive\n    endpoints:\n");
	for (int i = 0; i < ENDPOINTS; i++)
		text_add(&text,
		    "      - {name: e%d, region: eu, address: 192.0.2.%d}\n", i,
		    i + 1);
	text_add(&text, "services:\n");
	for (int i = 0; i < SERVICES; i++)
		text_add(&text, "  s%d: {pool: web}\n", i);
	ck_assert(!text.failed);
	month_write("example.yaml", text.data);
	text_finish(&text);
}

static const char *
endpoint_name(size_t i)
{
	static char name[ENDPOINTS][8];

	snprintf(name[i % ENDPOINTS], sizeof(name[0]), "e%zu", i % ENDPOINTS);
	return name[i % ENDPOINTS];
}

static void
write_spells(size_t n, int64_t from_ms)
{
	struct state_writer *w = month_open_state("one");

	for (size_t i = 0; i < n; i++) {
		const struct state_endpoint of =
		    month_endpoint("example", "web", endpoint_name(i));

		month_add_down(
		    w, &of, "timeout", from_ms + (int64_t)i * STEP_MS, DOWN_MS);
	}
	month_close_state(w);
}

static void
write_failovers(size_t n, int64_t from_ms)
{
	static struct history_failover rows[SPELLS_MAX];
	static char names[SERVICES][24];

	for (size_t i = 0; i < n; i++) {
		size_t s = i % SERVICES;

		snprintf(names[s], sizeof(names[s]), "s%zu.example", s);
		rows[i] =
		    (struct history_failover){names[s], "web", endpoint_name(i),
			false, from_ms + (int64_t)i * STEP_MS + LEFT_MS};
	}
	month_write_history(
	    &(const struct history_batch){
		.sample = 64, .failover = rows, .n_failover = n},
	    from_ms);
}

static double
cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

START_TEST(each_failover_has_its_spell_in_little_time)
{
	int64_t now_ms = clock_wall_ms();
	const struct facts_wish wish = {
	    .from_ms = now_ms - DAYS * DAY_MS, .to_ms = now_ms};
	static struct errbuf eb;
	struct generation *g;
	struct facts facts;
	size_t n = SPELLS_MAX;
	double took;

	errbuf_init(&eb);
	write_node();
	write_spells(n, wish.from_ms + DAY_MS);
	write_failovers(n, wish.from_ms + DAY_MS);
	g = command_load_quietly(month_config);
	ck_assert_ptr_nonnull(g);
	took = cpu_s();
	ck_assert_msg(facts_collect(&facts, g, &wish, &eb) == 0, "%s", eb.text);
	took = cpu_s() - took;
	printf("measured: facts with %zu spells and %zu failovers of %d "
	       "services in %.2f s of CPU\n",
	    facts.n_spells, facts.n_failovers, SERVICES, took);
	ck_assert_uint_eq(facts.n_spells, n);
	ck_assert_uint_eq(facts.n_failovers, n);
	for (size_t i = 0; i < facts.advice.n_services; i++) {
		ck_assert_uint_eq(facts.services[i].n_failovers, n / SERVICES);
		ck_assert_double_eq_tol(
		    facts.services[i].failover_s, TOOK_S, 0.001);
	}
	ck_assert_double_le(took, CPU_S);
	facts_finish(&facts);
	generation_release(g);
	month_remove_folder();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/facts");
	TCase *tcase = tcase_create("facts");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, each_failover_has_its_spell_in_little_time);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
