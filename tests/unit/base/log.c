/*
 * A message in the log is one line that no terminal obeys, whatever it quotes.
 */
#include "base/log.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is logged of a message, behind its head. */
static const char *
logged(const char *message)
{
	static char text[4096];
	int to[2], before = dup(STDERR_FILENO);
	const char *at;
	ssize_t n;

	ck_assert_int_eq(pipe(to), 0);
	ck_assert_int_eq(dup2(to[1], STDERR_FILENO), STDERR_FILENO);
	log_info("%s", message);
	dup2(before, STDERR_FILENO);
	close(before);
	close(to[1]);
	n = read(to[0], text, sizeof(text) - 1);
	close(to[0]);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	at = strstr(text, "info: ");
	ck_assert_ptr_nonnull(at);
	return at + strlen("info: ");
}

static const struct {
	const char *message, *line;
} messages[] = {
    {"as it is: ~ \xc3\xa9 \xe2\x82\xac \xc2\xa0", NULL},
    {"\x1b[31mred\x1b]0;owned\x07", "?[31mred?]0;owned?\n"},
    {"one\nand a line\r", "one?and a line?\n"},
    {"\xc2\x9b"
     "6n \x7f",
	"??6n ?\n"},
    {"cut: \xc2", "cut: \xc2\n"},
    {"", "\n"},
};

START_TEST(a_message_is_one_line_that_no_terminal_obeys)
{
	char want[256];

	snprintf(want, sizeof(want), "%s\n", messages[_i].message);
	ck_assert_str_eq(logged(messages[_i].message),
	    messages[_i].line != NULL ? messages[_i].line : want);
}
END_TEST

START_TEST(a_long_message_is_cut)
{
	char message[8192];
	const char *line;

	memset(message, '\x1b', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	line = logged(message);
	ck_assert_uint_lt(strlen(line), 2048);
	ck_assert_uint_eq(strspn(line, "?"), strlen(line) - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log");
	TCase *c = tcase_create("log");
	SRunner *runner;
	int failed;

	log_open("test", LOG_LEVEL_INFO);
	tcase_add_loop_test(c, a_message_is_one_line_that_no_terminal_obeys, 0,
	    sizeof(messages) / sizeof(messages[0]));
	tcase_add_test(c, a_long_message_is_cut);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
