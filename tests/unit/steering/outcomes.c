/* The slots of counters: the same for the same names, bounded, never mixed. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "steering/outcomes.h"

START_TEST(test_slots)
{
	struct outcomes *o = outcomes_create(1000);
	const char *service, *region;
	char name[32];

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 500; i++) {
			snprintf(name, sizeof(name), "s%u.example.", i);
			ck_assert_uint_eq(outcomes_slot(o, name, "eu"), 2 * i);
			ck_assert_uint_eq(
			    outcomes_slot(o, name, NULL), 2 * i + 1);
		}
		ck_assert_uint_eq(outcomes_count(o), 1000);
	}
	outcomes_name(o, 84, &service, &region);
	ck_assert_str_eq(service, "s42.example.");
	ck_assert_str_eq(region, "eu");
	outcomes_name(o, 85, &service, &region);
	ck_assert_str_eq(region, "");
	/* Full: not counted, and nothing else is disturbed. */
	ck_assert_uint_eq(outcomes_slot(o, "more.example.", "eu"), 1000);
	ck_assert_uint_eq(outcomes_slot(o, "s0.example.", "eu"), 0);
	ck_assert_uint_eq(outcomes_count(o), 1000);
	outcomes_destroy(o);
	outcomes_destroy(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: outcomes");
	TCase *tc = tcase_create("outcomes");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_slots);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
