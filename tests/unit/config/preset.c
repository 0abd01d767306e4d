/* Presets as data: whoever reads the table may rely on this. */
#include <check.h>
#include <string.h>

#include "config/preset.h"

START_TEST(every_preset_is_whole)
{
	size_t n = 0;

	for (const struct preset *p; (p = preset_at(n)) != NULL; n++) {
		ck_assert_ptr_eq(preset_find(p->name), p);
		ck_assert_int_eq(p->path[0], '/');
		ck_assert_uint_ge(p->expect.last, p->expect.first);
		ck_assert_uint_gt(p->expect.first, 0);
		/* The first request is the operator's own: his path, his
		 * codes. */
		ck_assert_uint_ge(p->n_steps, 1);
		ck_assert_ptr_null(p->steps[0].path);
		ck_assert_uint_eq(p->steps[0].expect.first, 0);
		for (size_t i = 0; i < p->n_steps; i++) {
			const struct preset_step *step = &p->steps[i];

			/* A body is kept just where it is looked at, and only
			 * a check with a model looks at one. */
			ck_assert(
			    (step->list != NULL) == (step->member != NULL));
			ck_assert(
			    (step->list != NULL) == (step->member != NULL));
			ck_assert(step->list == NULL || p->takes_model);
		}
	}
	ck_assert_uint_ge(n, 2);
	ck_assert_ptr_null(preset_at(SIZE_MAX));
}
END_TEST

START_TEST(presets_are_found_by_name)
{
	ck_assert_str_eq(preset_at(0)->name, "http");
	ck_assert_str_eq(preset_find("vllm")->name, "vllm");
	ck_assert_ptr_null(preset_find("vll"));
	ck_assert_ptr_null(preset_find(""));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_preset");
	TCase *tc = tcase_create("preset");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, every_preset_is_whole);
	tcase_add_test(tc, presets_are_found_by_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
