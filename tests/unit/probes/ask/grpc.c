/* Messages of the health protocol of gRPC: the one that asks, octet by octet,
 * and what each answer means. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/grpc.h"

START_TEST(a_request_for_the_server_is_empty)
{
	static const char empty[5] = {0};
	char body[GRPC_REQUEST_MAX];

	ck_assert_uint_eq(grpc_request("", body), 5);
	ck_assert_mem_eq(body, empty, 5);
}
END_TEST

START_TEST(a_request_names_a_service)
{
	char body[GRPC_REQUEST_MAX];

	ck_assert_uint_eq(grpc_request("chat", body), 11);
	ck_assert_mem_eq(body, "\0\0\0\0\6\n\4chat", 11);
}
END_TEST

/* The length of a long name takes two octets. */
START_TEST(a_request_names_a_long_service)
{
	char name[GRPC_SERVICE_MAX + 1], body[GRPC_REQUEST_MAX];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_uint_eq(grpc_request(name, body), GRPC_REQUEST_MAX);
	ck_assert_mem_eq(body, "\0\0\0\1\2\n\xff\1", 8);
	ck_assert_mem_eq(body + 8, name, GRPC_SERVICE_MAX);
	name[127] = '\0';
	ck_assert_uint_eq(grpc_request(name, body), 5 + 2 + 127);
	ck_assert_mem_eq(body, "\0\0\0\0\x81\n\x7f", 7);
}
END_TEST

#define FRAME(len) "\0\0\0\0" len

static const struct {
	const char *what, *body;
	size_t len;
	const char *status, *message; /* NULL: not said */
	const char *reason;           /* NULL: it serves */
} answers[] = {
    {"it serves", FRAME("\2\x08\1"), 7, "0", NULL, NULL},
    {"it does not", FRAME("\2\x08\2"), 7, "0", NULL, "grpc: NOT_SERVING"},
    {"it does not know the service", FRAME("\2\x08\3"), 7, "0", NULL,
	"grpc: SERVICE_UNKNOWN"},
    {"nothing said is unknown", FRAME("\0"), 5, "0", NULL, "grpc: UNKNOWN"},
    {"the next state that may come", FRAME("\2\x08\4"), 7, "0", NULL,
	"grpc: a state that nobody knows"},
    {"a state of a later version", FRAME("\2\x08\7"), 7, "0", NULL,
	"grpc: a state that nobody knows"},
    {"fields that nobody knows",
	FRAME("\x15\x12\2ab\x08\1\x19"
	      "12345678\x1d"
	      "1234"),
	23, "0", NULL, "grpc: no health in the answer"},
    {"fields that nobody knows, all of them",
	FRAME("\x14\x12\2ab\x08\1\x19"
	      "12345678\x1d"
	      "1234"),
	25, "0", NULL, NULL},
    {"a field with a large number and a large value",
	FRAME("\6\x80\1\x81\1\x08\1"), 11, "0", NULL, NULL},
    {"a state in more octets than it needs", FRAME("\3\x08\x81\0"), 8, "0",
	NULL, NULL},
    {"the last of two counts", FRAME("\4\x08\1\x08\2"), 9, "0", NULL,
	"grpc: NOT_SERVING"},
    {"a method that is not there", "", 0, "12", "unknown service",
	"grpc: status 12 (unimplemented): unknown service"},
    {"not found", "", 0, "5", NULL, "grpc: status 5 (not found)"},
    {"control characters", "", 0, "14", "a%1B%5b2Jb%0ac\x1b%zz%4",
	"grpc: status 14 (unavailable): a?[2Jb?c?%zz%4"},
    {"text that is percent-encoded", "", 0, "14", "%39%6f%30~%7E%7f%20%2",
	"grpc: status 14 (unavailable): 9o0~~? %2"},
    {"it is full", "", 0, "8", "queue",
	"busy: grpc: status 8 (resource exhausted): queue"},
    {"the last status of gRPC", "", 0, "16", NULL,
	"grpc: status 16 (unauthenticated)"},
    {"the first that is none", "", 0, "17", NULL,
	"grpc: status 17 (no known status)"},
    {"a status of no kind", "", 0, "99", NULL,
	"grpc: status 99 (no known status)"},
    {"a status that is no number", FRAME("\2\x08\1"), 7, "x", NULL,
	"grpc: status 2 (unknown)"},
    {"no status", FRAME("\2\x08\1"), 7, NULL, NULL, "grpc: no grpc-status"},
    {"nothing", "", 0, "0", NULL, "grpc: no health in the answer"},
    {"half of it", FRAME("\2\x08"), 6, "0", NULL,
	"grpc: no health in the answer"},
    {"more of it", FRAME("\2\x08\1\1"), 8, "0", NULL,
	"grpc: no health in the answer"},
    {"compressed", "\1\0\0\0\2\x08\1", 7, "0", NULL,
	"grpc: no health in the answer"},
    {"a number without an end", FRAME("\2\x08\x81"), 7, "0", NULL,
	"grpc: no health in the answer"},
    {"a text longer than the message", FRAME("\3\x12\x09x"), 8, "0", NULL,
	"grpc: no health in the answer"},
    {"a text whose length has no end", FRAME("\2\x12\x81"), 7, "0", NULL,
	"grpc: no health in the answer"},
    {"a field of no type", FRAME("\2\x0b\1"), 7, "0", NULL,
	"grpc: no health in the answer"},
};

/* The same however it is cut to pieces. */
START_TEST(answers_mean_something)
{
	char reason[STATE_REASON];
	struct grpc_answer answer;
	bool serves;

	for (size_t piece = 1; piece < 4; piece++) {
		grpc_begin(&answer);
		for (size_t at = 0; at < answers[_i].len; at += piece)
			grpc_read(&answer, answers[_i].body + at,
			    answers[_i].len - at < piece ? answers[_i].len - at
							 : piece);
		if (answers[_i].message != NULL)
			grpc_header(
			    &answer, "grpc-message", answers[_i].message);
		if (answers[_i].status != NULL)
			grpc_header(&answer, "Grpc-Status", answers[_i].status);
		serves = grpc_judge(&answer, reason);
		ck_assert_msg(serves == (answers[_i].reason == NULL), "%s: %s",
		    answers[_i].what, serves ? "serves" : reason);
		if (!serves)
			ck_assert_msg(strcmp(reason, answers[_i].reason) == 0,
			    "%s: %s", answers[_i].what, reason);
		ck_assert_int_eq(grpc_full(&answer),
		    !serves && strncmp(reason, "busy: ", 6) == 0);
	}
}
END_TEST

/* Of one that is as long as may be, and then of one octet more. */
START_TEST(the_longest_answer_is_read)
{
	char reason[STATE_REASON], message[GRPC_ANSWER_MAX];
	struct grpc_answer answer;
	size_t rest = sizeof(message) - 5 - 3;

	/* A text that nobody knows, and the state behind it. */
	memset(message, 0, sizeof(message));
	message[4] = (char)(sizeof(message) - 5);
	message[5] = 0x12;
	message[6] = (char)(((rest - 2) & 0x7f) | 0x80);
	message[7] = (char)((rest - 2) >> 7);
	message[sizeof(message) - 2] = 0x08;
	message[sizeof(message) - 1] = 1;
	grpc_begin(&answer);
	grpc_header(&answer, "grpc-status", "0");
	grpc_read(&answer, message, sizeof(message));
	ck_assert(grpc_judge(&answer, reason));
	grpc_read(&answer, message, 1);
	grpc_read(&answer, message, 0);
	ck_assert(!grpc_judge(&answer, reason));
	ck_assert_str_eq(reason, "grpc: no health in the answer");
}
END_TEST

START_TEST(words_are_cut_where_their_room_ends)
{
	struct grpc_answer answer;
	char words[3 * STATE_REASON];

	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	grpc_begin(&answer);
	grpc_header(&answer, "grpc-message", words);
	ck_assert_uint_eq(strlen(answer.words), STATE_REASON - 1);
}
END_TEST

START_TEST(a_long_answer_is_none)
{
	char reason[STATE_REASON], page[1000];
	struct grpc_answer answer;

	memset(page, 0, sizeof(page));
	grpc_begin(&answer);
	grpc_header(&answer, "grpc-status", "0");
	grpc_read(&answer, page, sizeof(page));
	grpc_read(&answer, page, sizeof(page));
	ck_assert(!grpc_judge(&answer, reason));
	ck_assert_str_eq(reason, "grpc: no health in the answer");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_grpc");
	TCase *tcase = tcase_create("grpc");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, a_request_for_the_server_is_empty);
	tcase_add_test(tcase, a_request_names_a_service);
	tcase_add_test(tcase, a_request_names_a_long_service);
	tcase_add_loop_test(tcase, answers_mean_something, 0,
	    (int)(sizeof(answers) / sizeof(answers[0])));
	tcase_add_test(tcase, the_longest_answer_is_read);
	tcase_add_test(tcase, words_are_cut_where_their_room_ends);
	tcase_add_test(tcase, a_long_answer_is_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
