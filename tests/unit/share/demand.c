/*
 * Tests of demand between nodes: what is said of it and when, that it comes as
 * it was said, that it goes on until something else is said, and that what
 * makes no sense does not count.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "share/others_demand.h"
#include "share/own_demand.h"

#define WALL INT64_C(1795961110000)
#define WINDOW_MS 10000

static struct own_demand *own;
static struct others_demand *others;
static int64_t now_ms;
static struct key key;
static struct text value;
/* What was given. */
static struct state_demand given[BLOCK_ROWS];
static size_t n_given;

static void
setup(void)
{
	own = own_demand_create("a");
	others = others_demand_create();
	ck_assert_ptr_nonnull(own);
	ck_assert_ptr_nonnull(others);
	now_ms = 1000000;
	text_init(&value, BLOCK_BYTES);
}

static void
teardown(void)
{
	own_demand_destroy(own);
	others_demand_destroy(others);
	text_finish(&value);
}

static void
row(const char *node, const char *class, double answers)
{
	struct state_demand r = {.zone = "z",
	    .pool = "p",
	    .answers = answers,
	    .window_ms = WINDOW_MS,
	    .at_ms = WALL + now_ms};

	(void)snprintf(r.node, sizeof(r.node), "%s", node);
	(void)snprintf(r.class, sizeof(r.class), "%s", class);
	own_demand_row(own, &r);
}

/* One window more, with so many answers of two classes. */
static void
counts(double us, double eu)
{
	now_ms += WINDOW_MS;
	own_demand_begin(own);
	row("a", "us eu", us);
	if (eu > 0)
		row("a", "eu us", eu);
	row("b", "us eu", 12345);
	own_demand_commit(own, now_ms);
}

static bool
says(void)
{
	text_finish(&value);
	text_init(&value, BLOCK_BYTES);
	return own_demand_next(own, now_ms, WALL + now_ms, &key, &value);
}

static void
put(void *context, const struct state_demand *r)
{
	(void)context;
	ck_assert_uint_lt(n_given, BLOCK_ROWS);
	given[n_given++] = *r;
}

/* The rows that are due at another node, whose clock is an hour behind. */
static void
give(void)
{
	n_given = 0;
	others_demand_give(others, now_ms, WALL + now_ms - 3600000, put, NULL);
}

static int
take(const char *text)
{
	char why[BLOCK_WHY] = "";
	int status = others_demand_take(others, &key, text, strlen(text), why);

	ck_assert_int_eq(status != 0, why[0] != '\0');
	return status;
}

/* Answers a second of ${class}, or -1. */
static double
rate(const char *class)
{
	for (size_t i = 0; i < n_given; i++)
		if (strcmp(given[i].class, class) == 0)
			return given[i].answers * 1000 /
			    (double)given[i].window_ms;
	return -1;
}

START_TEST(it_comes_as_it_was_said)
{
	ck_assert(!says());
	counts(100, 50);
	ck_assert(says());
	ck_assert(!says());
	ck_assert_str_eq(key.name[0], "a");
	ck_assert_str_eq(key.name[1], "z");
	ck_assert_str_eq(key.name[2], "p");
	/* The window is there still; nothing is said twice. */
	counts(100, 50);
	own_demand_begin(own);
	row("a", "us eu", 100);
	own_demand_commit(own, now_ms);
	ck_assert(!says());

	counts(400, 50);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_uint_eq(n_given, 2);
	ck_assert_double_eq_tol(rate("us eu"), 20, 0.01);
	ck_assert_double_eq_tol(rate("eu us"), 5, 0.01);
	ck_assert_str_eq(given[0].node, "a");
	ck_assert_str_eq(given[0].zone, "z");
	ck_assert_str_eq(given[0].pool, "p");
	ck_assert_int_eq(given[0].at_ms, WALL + now_ms - 3600000);
}
END_TEST

/* What chance moves is not said; what moves for good is, soon; and what is left
 * then, after five minutes. */
START_TEST(what_matters_is_said)
{
	int said = 0;

	for (int i = 0; i < 30; i++) {
		counts(1000 + 40 * (i % 3 - 1), 500 + 25 * (i % 5 - 2));
		said += says();
	}
	ck_assert_int_le(said, 2);
	said = 0;
	for (int i = 0; i < 3; i++) {
		counts(1000, 1500);
		said += says();
	}
	ck_assert_int_ge(said, 1);
	for (int i = 0; i < 60; i++) {
		counts(1000, 1500);
		said += says();
	}
	ck_assert_int_le(said, 15);
	counts(1000, 1500);
	now_ms += 1;
	ck_assert(!says());
	/* It is within 1 % by now. */
	ck_assert_int_eq(take("{\"at\":1795961110000,\"columns\":[\"class\","
			      "\"answers\",\"window_ms\"],\"pools\":[]}"),
	    0);
	counts(1000, 3000);
	counts(1000, 3000);
	counts(1000, 3000);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_double_eq_tol(rate("us eu"), 100, 1);
}
END_TEST

START_TEST(what_is_not_known_is_said_and_so_is_silence)
{
	counts(100, 50);
	ck_assert(says());
	counts((double)NAN, 50);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_uint_eq(n_given, 1);
	ck_assert(isnan(given[0].answers));
	counts(300, 0);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_double_eq_tol(rate("us eu"), 30, 0.01);
	/* Four windows without a row: nothing is known, and nothing given. */
	now_ms += OWN_DEMAND_SILENT_MS + 1;
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	ck_assert(!says());
	give();
	ck_assert_uint_eq(n_given, 0);
	now_ms += OTHERS_DEMAND_AGAIN_MS;
	give();
	ck_assert_uint_eq(n_given, 0);
	ck_assert(!says());
	counts(100, 0);
	ck_assert(says());
}
END_TEST

START_TEST(it_goes_on_while_its_key_is_there)
{
	counts(100, 50);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_uint_eq(n_given, 2);
	give();
	ck_assert_uint_eq(n_given, 0);
	now_ms += OTHERS_DEMAND_AGAIN_MS;
	give();
	ck_assert_uint_eq(n_given, 2);
	ck_assert_int_eq(given[0].at_ms, WALL + now_ms - 3600000);
	others_demand_again(others);
	give();
	ck_assert_uint_eq(n_given, 2);
	/* A reading that has it, and one that has not. */
	others_demand_begin(others);
	ck_assert_int_eq(take(value.data), 0);
	others_demand_end(others);
	give();
	ck_assert_uint_eq(n_given, 2);
	others_demand_begin(others);
	others_demand_end(others);
	others_demand_again(others);
	give();
	ck_assert_uint_eq(n_given, 0);
	ck_assert_int_eq(take(value.data), 0);
	others_demand_gone(others, &key);
	others_demand_gone(others, &key);
	give();
	ck_assert_uint_eq(n_given, 0);
}
END_TEST

/* More classes than a block has rows: the last regions of their orders are left
 * out, and no answer is. */
START_TEST(many_classes_become_fewer)
{
	char class[STATE_ZONE];
	double sum = 0;

	now_ms += WINDOW_MS;
	own_demand_begin(own);
	for (int i = 0; i < 600; i++) {
		(void)snprintf(
		    class, sizeof(class), "r%d s%d t%d", i % 5, i % 25, i);
		row("a", class, 10);
	}
	own_demand_commit(own, now_ms);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_uint_eq(n_given, 25);
	for (size_t i = 0; i < n_given; i++)
		sum += given[i].answers;
	ck_assert_double_eq_tol(sum, 6000, 0.1);
	/* More than a controller knows: it is not known. */
	now_ms += WINDOW_MS;
	own_demand_begin(own);
	for (int i = 0; i < 1100; i++) {
		(void)snprintf(class, sizeof(class), "r%d", i);
		row("a", class, 10);
	}
	own_demand_commit(own, now_ms);
	ck_assert(says());
	ck_assert_int_eq(take(value.data), 0);
	give();
	ck_assert_uint_eq(n_given, 1);
	ck_assert(isnan(given[0].answers));
}
END_TEST

#define BEGIN                                                       \
	"{\"at\":1795961110000,\"columns\":[\"class\",\"answers\"," \
	"\"window_ms\"],\"pools\":"

static const char *const nonsense[] = {
    "",
    "{}",
    "[]",
    "null",
    "{\"at\":1}",
    BEGIN "[[\"z\",\"q\",[[\"us eu\",10,10000]]]]}",
    BEGIN "[[\"y\",\"p\",[[\"us eu\",10,10000]]]]}",
    BEGIN "[[\"z\",\"p\",[[\"us eu\",-10,10000]]]]}",
    BEGIN "[[\"z\",\"p\",[[\"us eu\",10,0]]]]}",
    BEGIN "[[\"z\",\"p\",[[\"us eu\",1e999,10000]]]]}",
    BEGIN "[[\"z\",\"p\",[[\"us eu\",\"10\",10000]]]]}",
    BEGIN "[[\"z\",\"p\",[[\"us eu\",10,10000],[\"us eu\",10,10000]]]]}",
};

START_TEST(what_makes_no_sense_is_refused)
{
	counts(100, 50);
	ck_assert(says());
	ck_assert_int_ne(take(nonsense[_i]), 0);
	give();
	ck_assert_uint_le(n_given, 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("demand");
	Suite *suite = suite_create("demand");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_comes_as_it_was_said);
	tcase_add_test(tc, what_matters_is_said);
	tcase_add_test(tc, what_is_not_known_is_said_and_so_is_silence);
	tcase_add_test(tc, it_goes_on_while_its_key_is_there);
	tcase_add_test(tc, many_classes_become_fewer);
	tcase_add_loop_test(tc, what_makes_no_sense_is_refused, 0,
	    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
