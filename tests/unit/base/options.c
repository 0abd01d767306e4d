/* Command lines: what is read of them.  What is printed is shown by the
 * programs themselves, in tests/system/help_test.c. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/options.h"

static const struct option_row rows[] = {
    {'c', "config", "FILE", "the file"},
    {300, "client", "PREFIX", "who asks"},
    {'j', "json", NULL, "as JSON"},
    {0},
};

static const struct options_usage plain = {.program = "tool look",
    .synopsis = "NAME",
    .about = "Looks.\n",
    .rows = rows};

static const struct option_command commands[] = {
    {"check", "read"}, {"reload", "read again"}, {0}};

static const struct options_usage with_commands = {.program = "tool",
    .synopsis = "COMMAND",
    .about = "Does things.\n",
    .commands = commands};

/* A line, the status, and what was read: options as key=value, then words. */
static const struct {
	const struct options_usage *usage;
	const char *line;
	int status;
	const char *read;
} lines[] = {
    {&plain, "look", -1, ""},
    {&plain, "look a b", -1, "a b "},
    {&plain, "look -c f", -1, "c=f "},
    {&plain, "look -cf --json", -1, "c=f j= "},
    {&plain, "look --config=f a --client 10.0.0.0/8", -1,
	"c=f ,=10.0.0.0/8 a "},
    {&plain, "look a --json b", -1, "j= a b "},
    {&plain, "look -- --json", -1, "--json "},
    {&plain, "look -x", OPTIONS_WRONG, ""},
    {&plain, "look --cleint x", OPTIONS_WRONG, ""},
    {&plain, "look --json=1", OPTIONS_WRONG, ""},
    {&plain, "look --client", OPTIONS_WRONG, ""},
    {&plain, "look -j -c", OPTIONS_WRONG, "j= "},
    {&plain, "look --help", 0, ""},
    {&plain, "look -h --nonsense", 0, ""},
    {&plain, "look --version", 0, ""},
    {&plain, "look -V", 0, ""},
    {&with_commands, "tool", -1, ""},
    {&with_commands, "tool check --json", -1, "check --json "},
    {&with_commands, "tool --json check", OPTIONS_WRONG, ""},
};

START_TEST(what_is_read)
{
	char text[128], read[256] = "", *argv[16], *rest = NULL, *word;
	struct options options;
	int argc = 0, key;
	size_t at = 0;

	snprintf(text, sizeof(text), "%s", lines[_i].line);
	word = strtok_r(text, " ", &rest);
	for (; word != NULL; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc] = NULL;
	options_begin(&options, lines[_i].usage, argc, argv);
	while ((key = options_next(&options)) >= 0)
		at += (size_t)snprintf(read + at, sizeof(read) - at, "%c=%s ",
		    key & 0xff, options.value != NULL ? options.value : "");
	for (int i = 0; options.status < 0 && i < options.n_words; i++)
		at += (size_t)snprintf(
		    read + at, sizeof(read) - at, "%s ", options.words[i]);
	ck_assert_int_eq(options.status, lines[_i].status);
	ck_assert_str_eq(read, lines[_i].read);
}
END_TEST

START_TEST(a_refusal_is_a_status)
{
	char name[] = "tool", *argv[] = {name, NULL};
	struct options options;

	options_begin(&options, &with_commands, 1, argv);
	ck_assert_int_eq(options_next(&options), -1);
	ck_assert_int_eq(options_refuse(&options, "no"), OPTIONS_WRONG);
	ck_assert_int_eq(options_no_command(&options, "relod"), OPTIONS_WRONG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_options");
	TCase *tc = tcase_create("options");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, what_is_read, 0, (int)(sizeof(lines) / sizeof(lines[0])));
	tcase_add_test(tc, a_refusal_is_a_status);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
