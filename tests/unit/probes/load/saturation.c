/* How full a server is: by requests before all else, by its cache where that
 * holds requests up, by its own word where nothing else is known. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "probes/load/saturation.h"

#define NO (double)NAN

static const struct {
	struct saturation_parts parts; /* waiting, running, max_running,
					  kv_cache, preemptions, utilization,
					  queue_limit, kv_limit */
	double full;
	const char *words;
} rows[] = {
    {{1, 3, 4, NO, NO, NO, 0, 0}, 1, "(running 3 + waiting 1) / max_running 4"},
    {{7, 3, 5, NO, NO, NO, 14, 0}, 2,
	"(running 3 + waiting 7) / max_running 5"},
    {{7, 3, NO, NO, NO, NO, 14, 0}, 0.5, "waiting 7 / queue_limit 14"},
    {{7, NO, 5, NO, NO, NO, 14, 0}, 0.5, "waiting 7 / queue_limit 14"},
    {{NO, 3, 4, NO, NO, NO, 14, 0}, 0.75, "running 3 / max_running 4"},
    {{0, 1, 4, 0.9, 0, NO, 0, 0}, 0.25,
	"(running 1 + waiting 0) / max_running 4"},
    {{1, 1, 4, 0.9, NO, NO, 0, 0}, 0.9,
	"kv_cache 0.9 / kv_limit 1, for requests wait"},
    {{0, 1, 4, 0.9, 2, NO, 0, 0.5}, 1.8,
	"kv_cache 0.9 / kv_limit 0.5, for some are put back"},
    {{3, 1, 4, 0.9, NO, NO, 0, 0}, 1,
	"(running 1 + waiting 3) / max_running 4"},
    {{1, NO, NO, 0.4, NO, 2, 0, 0}, 0.4,
	"kv_cache 0.4 / kv_limit 1, for requests wait"},
    {{NO, NO, NO, 0.9, NO, 1.5, 0, 0}, 1.5,
	"utilization 1.5, as the server says"},
    {{1, 1, NO, NO, NO, NO, 0, 0}, NO,
	"of how many requests is not known: write max_running in \"load\" of "
	"the check"},
    {{1, NO, NO, NO, NO, NO, 0, 0}, NO,
	"of how many requests is not known: write queue_limit in \"load\" of "
	"the check"},
    {{NO, NO, 4, 0.5, NO, NO, 0, 0}, NO,
	"neither waiting nor running nor utilization is known"},
};

START_TEST(how_full_and_of_what)
{
	char words[256];
	double full = saturation_of(&rows[_i].parts, NULL);

	if (isnan(rows[_i].full))
		ck_assert(isnan(full));
	else
		ck_assert_double_eq_tol(full, rows[_i].full, 1e-9);
	saturation_say(&rows[_i].parts, words, sizeof(words));
	ck_assert_str_eq(words, rows[_i].words);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_saturation");
	TCase *tc = tcase_create("saturation");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, how_full_and_of_what, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
