/*
 * The health model when memory runs out at any of its allocations: what was
 * known stays, a reload can go back, and what could not be taken is told once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/health_fixture.h"
#include "tests/unit/memory.h"

/* Allocations until memory is out; ALWAYS: it never is. */
#define ALWAYS 1000000
static long left = ALWAYS;
static bool once; /* and there is some again after one failure */

#if REPLACED
static bool
out(void)
{
	if (left == ALWAYS || left-- > 0)
		return false;
	if (once)
		left = ALWAYS;
	return true;
}

void *
malloc(size_t size)
{
	return out() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return out() ? NULL : __libc_calloc(n, size);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	return out() ? NULL : __libc_realloc(p, n * size);
}
#endif

static struct plan plan, other;

static struct model
two_endpoints(void)
{
	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "ab");
	plan_init(&other);
	(void)plan_pool(&other, "v2", "abcdefgh");
	(void)plan_pool(&other, "v3", "abcdefgh");
	return model_create(&plan.policy);
}

START_TEST(a_reload_without_memory_can_go_back)
{
	int status = -1, back;

	for (long n = 0; REPLACED && status != 0; n++) {
		struct model m = two_endpoints();

		report(&m, "x", "v1", "a- b+");
		once = _i == 1;
		left = n;
		status = health_adopt(m.health, &other.policy, m.mono);
		once = false;
		left = 0;
		back = health_adopt(m.health, &plan.policy, m.mono);
		left = ALWAYS;
		ck_assert_int_eq(back, 0);
		m.policy = &other.policy;
		ck_assert(
		    status != 0 || strcmp(said(&m), "!!!!!!!!!!!!!!!!") == 0);
		m.policy = &plan.policy;
		ck_assert_str_eq(said(&m), "-+");
		report_all(&m, "x", m.wall, "v1", "a- b+");
		ck_assert_str_eq(said(&m), "-+");
		/* What was kept of it until then is of no harm to it later. */
		model_adopt(&m, &other.policy);
		ck_assert_str_eq(said(&m), "!!!!!!!!!!!!!!!!");
		health_destroy(m.health);
		ck_assert_int_lt(n, 1000);
	}
}
END_TEST

START_TEST(what_is_usable_is_there_or_not)
{
	struct model m = two_endpoints();
	struct live *live = NULL;
	long n;

	for (n = 0; REPLACED && live == NULL; n++) {
		left = n;
		live = health_live(m.health, &plan.policy, m.mono);
		left = ALWAYS;
	}
	ck_assert(!REPLACED || n > 1);
	live_destroy(live);
	health_destroy(m.health);
	left = REPLACED ? 0 : ALWAYS;
	m.health = health_create();
	left = ALWAYS;
	ck_assert(!REPLACED || m.health == NULL);
	health_destroy(m.health);
}
END_TEST

/* Rows for which there is no memory are dropped, and that is said once; later
 * ones come as ever. */
START_TEST(rows_are_dropped_and_that_is_said_once)
{
	struct model m = two_endpoints();
	FILE *captured = tmpfile();
	char line[256];

	ck_assert_ptr_nonnull(captured);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	for (size_t i = 0; REPLACED && i < 3; i++) {
		health_begin(m.health, false);
		give_vantage(&m, "x", m.wall, false);
		/* At the row, and when its vote is cast. */
		left = i == 1;
		give(&m, "x", "v1", i < 2 ? "a-" : "b-");
		health_commit(m.health, m.mono);
		left = ALWAYS;
		ck_assert_str_eq(said(&m), "!!");
	}
	report(&m, "x", "v1", "a- b+");
	ck_assert_str_eq(said(&m), "-+");
	rewind(captured);
	ck_assert_int_eq(fgets(line, sizeof(line), captured) != NULL, REPLACED);
	ck_assert_ptr_null(fgets(line, sizeof(line), captured));
	fclose(captured);
	health_destroy(m.health);
}
END_TEST

/* With no memory to sort out what left the policy all of it stays, unseen. */
START_TEST(what_left_the_policy_stays_until_there_is_memory)
{
	struct model m = two_endpoints();

	report(&m, "x", "v1", "a- b+");
	model_adopt(&m, &other.policy);
	report(&m, "x", "v2", "a- b- c- d- e- f- g- h-");
	health_begin(m.health, true);
	give_vantage(&m, "x", m.wall, false);
	give(&m, "x", "v2", "a- b- c- d- e- f- g- h-");
	left = REPLACED ? 0 : ALWAYS;
	health_commit(m.health, m.mono);
	left = ALWAYS;
	ck_assert_str_eq(said(&m), "--------!!!!!!!!");
	report_all(&m, "x", m.wall, "v2", "a- b- c- d- e- f- g- h+");
	ck_assert_str_eq(said(&m), "-------+!!!!!!!!");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: health_memory");
	TCase *tc = tcase_create("health_memory");

	tcase_add_loop_test(tc, a_reload_without_memory_can_go_back, 0, 2);
	tcase_add_test(tc, what_is_usable_is_there_or_not);
	tcase_add_test(tc, rows_are_dropped_and_that_is_said_once);
	tcase_add_test(tc, what_left_the_policy_stays_until_there_is_memory);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
