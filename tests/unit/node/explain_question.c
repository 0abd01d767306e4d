/* Questions for explain: which words make one, and what is said of others. */
#include <check.h>
#include <string.h>

#include "dns/wire/protocol.h"
#include "node/explain_question.h"

/* Each question's words, and the reason why it is none, or NULL. */
static const struct {
	const char *name, *type, *client, *resolver, *why;
} questions[] = {
    {"chat.example", NULL, "192.0.2.0/24", NULL, NULL},
    {"chat.example.", "AAAA", "2001:db8::/48", "192.0.2.53", NULL},
    {"chat.example", "TYPE65", "192.0.2.1", NULL, NULL},
    /* Without a client subnet the resolver is who it is decided for. */
    {"chat.example", NULL, NULL, "2001:db8::53", NULL},
    {"chat.example", NULL, "0.0.0.0/0", "192.0.2.53", NULL},
    {"chat.example", NULL, "0.0.0.0/0", NULL, "name it with --resolver"},
    {NULL, NULL, "192.0.2.1", NULL, "a name is needed"},
    {"chat.example", NULL, NULL, NULL, "--client is missing: for whom"},
    {"a..b", NULL, "192.0.2.1", NULL, "\"a..b\" is no domain name"},
    {"", NULL, "192.0.2.1", NULL, "\"\" is no domain name"},
    {"chat.example", "ADDRESS", "192.0.2.1", NULL,
	"\"ADDRESS\" is no record type"},
    {"chat.example", "TYPE650000000000000000000000000000", "192.0.2.1", NULL,
	"is no record type"},
    {"chat.example", NULL, "nowhere", NULL,
	"\"nowhere\" is no address or prefix: 203.0.113.0/24"},
    {"chat.example", NULL, "192.0.2.1", "192.0.2.0/24",
	"\"192.0.2.0/24\" is no address: a resolver is one"},
};

START_TEST(words_make_a_question)
{
	const struct explain_words words = {.name = questions[_i].name,
	    .type = questions[_i].type,
	    .client = questions[_i].client,
	    .resolver = questions[_i].resolver};
	char why[EXPLAIN_WHY] = "";
	struct explain_question q;
	int status = explain_question_read(&words, &q, why);

	if (questions[_i].why == NULL)
		ck_assert_msg(status == 0, "%s", why);
	else
		ck_assert_msg(
		    status == -1 && strstr(why, questions[_i].why) != NULL,
		    "row %d: \"%s\"", _i, why);
}
END_TEST

START_TEST(a_question_is_what_was_said)
{
	const struct explain_words words = {.name = "CHAT.example",
	    .client = "192.0.2.77/24",
	    .resolver = "198.51.100.53"};
	char why[EXPLAIN_WHY], text[NAME_TEXT], prefix[ADDRESS_TEXT];
	struct explain_question q;

	ck_assert_int_eq(explain_question_read(&words, &q, why), 0);
	ck_assert_str_eq(name_format(q.name, text), "chat.example.");
	ck_assert_uint_eq(q.len, 14);
	ck_assert_uint_eq(q.type, TYPE_A);
	ck_assert_str_eq(q.type_text, "A");
	/* Any address of the network names it. */
	ck_assert_str_eq(prefix_format(&q.subnet, prefix), "192.0.2.0/24");
	ck_assert(q.has_resolver);
	ck_assert_str_eq(address_format(&q.resolver, prefix), "198.51.100.53");
}
END_TEST

/* About everyone no client is named; all else is read as ever. */
START_TEST(a_question_about_everyone_names_no_client)
{
	struct explain_words words = {.name = "chat.example", .everyone = true};
	char why[EXPLAIN_WHY] = "";
	struct explain_question q;

	ck_assert_int_eq(explain_question_read(&words, &q, why), 0);
	ck_assert(!q.has_subnet);
	words.resolver = "nowhere";
	ck_assert_int_eq(explain_question_read(&words, &q, why), -1);
	words.resolver = NULL;
	words.type = "ADDRESS";
	ck_assert_int_eq(explain_question_read(&words, &q, why), -1);
}
END_TEST

/* A word of any length is refused with a short reason. */
START_TEST(a_long_word_is_quoted_in_part)
{
	struct explain_words words = {.client = "192.0.2.1"};
	char name[4096], why[EXPLAIN_WHY] = "";
	struct explain_question q;

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	words.name = name;
	ck_assert_int_eq(explain_question_read(&words, &q, why), -1);
	ck_assert_msg(
	    strstr(why, "aaa..\" is no domain name") != NULL, "%s", why);
	ck_assert_uint_lt(strlen(why), 100);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_explain_question");
	TCase *tests = tcase_create("questions");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, words_make_a_question, 0,
	    (int)(sizeof(questions) / sizeof(questions[0])));
	tcase_add_test(tests, a_question_is_what_was_said);
	tcase_add_test(tests, a_question_about_everyone_names_no_client);
	tcase_add_test(tests, a_long_word_is_quoted_in_part);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
