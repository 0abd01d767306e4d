/* Names of zones and services, in the one form that labels and the log have. */
#include "node/labels.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	const char *name, *label;
} rows[] = {
    {"chat.inference.example.", "chat.inference.example"},
    {"chat.inference.example", "chat.inference.example"},
    {"Chat.Inference.EXAMPLE.", "chat.inference.example"},
    {"*.example.", "*.example"},
    {".", "."},
    {"", ""},
    /* Escapes, of DNS, stay as they are: a dot that is escaped is none. */
    {"a\\.b.example.", "a\\.b.example"},
    {"example\\.", "example\\."},
    {"example\\\\.", "example\\\\"},
    {"\\200x.example.", "\\200x.example"},
};

START_TEST(a_name_has_one_form)
{
	char out[NAME_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(labels_name(rows[i].name, out), rows[i].label);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: labels");
	TCase *tc = tcase_create("labels");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_name_has_one_form);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
