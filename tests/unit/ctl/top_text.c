/* A look of meridianctl top: 80 columns, and what matters is in them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/columns.h"
#include "ctl/top_text.h"

static const char root_text[] =
    "{\"now_ms\": 1796000000000, \"services\": [], \"regions\": [],"
    " \"vantages\": [], \"overrides\": [{\"action\": \"drain\","
    "  \"kind\": \"region\", \"target\": \"us-east\", \"value\": \"\","
    "  \"author\": \"ann\", \"left_ms\": 540000, \"until_ms\": 1,"
    "  \"reason\": \"new switches in rack 12, with a long text beside\"},"
    " {\"action\": \"weight\", \"kind\": \"endpoint\", \"target\":"
    "  \"inference.example/chat-v1/endpoint-of-a-long-name\", \"value\":"
    "  \"50%\", \"author\": \"somebody@a.host.of.example\","
    "  \"left_ms\": 540000, \"until_ms\": 1, \"reason\": \"a slow disk\"}],"
    " \"events\": [{\"at_ms\": 1795999990000, \"pool\": \"chat-v1\","
    "  \"endpoint\": \"aps1-a\", \"before\": \"up\", \"after\": \"down\","
    "  \"reason\": \"status 503\"}]}";

/* What is drawn, to be freed. */
static char *
drawn(void)
{
	json_t *root = json_loads(root_text, 0, NULL);
	struct top_screen screen = {.lines = 0};
	char *text;
	size_t len;

	ck_assert_ptr_nonnull(root);
	screen.to = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(screen.to);
	top_text_print(&screen, root);
	ck_assert_int_eq(fclose(screen.to), 0);
	json_decref(root);
	return text;
}

/* A reason is cut, and neither who nor how long; an event not before the
 * column at which lines end. */
START_TEST(a_line_is_cut_where_nothing_is_missed)
{
	static const char *const lines[] = {
	    "by hand  drain region us-east by ann, 9 min left: new switches ",
	    "by hand  weight endpoint inference..long-name 50% by someb.."
	    "ample, 9 min left:\n",
	    "chat-v1 aps1-a up to down: status 503\n",
	};
	char *text = drawn(), *rest = text, *line;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(
		    strstr(text, lines[i]) != NULL, "%s:\n%s", lines[i], text);
	while ((line = strsep(&rest, "\n")) != NULL)
		ck_assert_msg(strlen(line) <= COLUMNS, "%s", line);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/top_text");
	TCase *tcase = tcase_create("top_text");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, a_line_is_cut_where_nothing_is_missed);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
