/* Checks as values: a copy is whole and keeps nothing of what it was made
 * from, and two checks that ask anything else are not the same. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/check.h"

/* A check that says all that a check can say, and its parts, which tests
 * change. */
static struct {
	struct check_config check;
	struct check_step step;
	struct step_header header, own_header;
	struct json_rule rule;
	struct code_range expect, busy;
	const char *has[1], *lacks[1], *loading[1], *argv[3];
	char path[8], send[4], argument[8];
	struct load_metric metric;
	struct metric_name name;
	struct metric_label label;
} full;

static void
fill(void)
{
	memset(&full, 0, sizeof(full));
	memcpy(full.path, "/ready", 7);
	memcpy(full.send, "a\0b", 4);
	memcpy(full.argument, "-v", 3);
	full.header = (struct step_header){"A", "1"};
	full.own_header = (struct step_header){"B", "2"};
	full.rule = (struct json_rule){"data[*].id", "m", false, "words"};
	full.expect = (struct code_range){200, 299};
	full.busy = (struct code_range){429, 429};
	full.has[0] = "ok";
	full.lacks[0] = "error";
	full.loading[0] = "loading";
	full.argv[0] = "/bin/true";
	full.argv[1] = full.argument;
	full.step = (struct check_step){.kind = STEP_HTTP,
	    .name = "ready",
	    .method = "POST",
	    .path = full.path,
	    .headers = &full.header,
	    .n_headers = 1,
	    .body = "{}",
	    .expect = &full.expect,
	    .n_expect = 1,
	    .busy = &full.busy,
	    .n_busy = 1,
	    .has = full.has,
	    .n_has = 1,
	    .lacks = full.lacks,
	    .n_lacks = 1,
	    .loading = full.loading,
	    .n_loading = 1,
	    .json = &full.rule,
	    .n_json = 1,
	    .send = full.send,
	    .send_len = 3,
	    .receive = "c",
	    .service = "chat",
	    .argv = full.argv};
	full.label = (struct metric_label){"type", "waiting"};
	full.name = (struct metric_name){"requests", &full.label, 1, "slots"};
	full.metric = (struct load_metric){.names = &full.name, .n_names = 1};
	full.check = (struct check_config){.name = "chat",
	    .at = {"file", 3, 1},
	    .path = full.path,
	    .host = "h.example",
	    .model = "m",
	    .ca = "ca.pem",
	    .expect = &full.expect,
	    .n_expect = 1,
	    .plan = {.steps = &full.step, .n_steps = 1, .every_ms = 5000},
	    .client = {.headers = &full.own_header,
		.n_headers = 1,
		.token_file = "token",
		.user = "u",
		.password_file = "p",
		.certificate = "c",
		.key = "k"},
	    .load = {
		.path = "/metrics", .metrics = &full.metric, .n_metrics = 1}};
	full.check.deep = full.check.plan;
}

/* --- copies --- */

START_TEST(a_copy_is_the_same)
{
	struct arena *arena = arena_create(1 << 20);
	const struct check_config *copy;

	fill();
	copy = check_copy(arena, &full.check);
	ck_assert_ptr_nonnull(copy);
	ck_assert(check_same(copy, &full.check));
	ck_assert_str_eq(copy->name, "chat");
	ck_assert_str_eq(copy->model, "m");
	ck_assert_ptr_null(copy->at.file);
	ck_assert_ptr_null(copy->plan.steps[0].argv[2]);
	ck_assert_str_eq(copy->load.metrics[0].names[0].divide_by, "slots");
	ck_assert_str_eq(
	    copy->load.metrics[0].names[0].labels[0].value, "waiting");
	arena_destroy(arena);
}
END_TEST

/* What a copy was made from is overwritten. */
START_TEST(a_copy_keeps_nothing)
{
	struct arena *arena = arena_create(1 << 20);
	const struct check_config *copy;

	fill();
	copy = check_copy(arena, &full.check);
	memset(&full, 0x55, sizeof(full));
	fill();
	full.path[1] = 'X';
	full.argument[1] = 'X';
	ck_assert(!check_same(copy, &full.check));
	fill();
	ck_assert(check_same(copy, &full.check));
	arena_destroy(arena);
}
END_TEST

START_TEST(without_memory_there_is_none)
{
	struct arena *arena;

	fill();
	arena = arena_create(600);
	ck_assert_ptr_null(check_copy(arena, &full.check));
	arena_destroy(arena);
}
END_TEST

/* --- what is another check --- */

static void
change_check(int number)
{
	switch (number) {
	case 0:
		full.check.https = true;
		break;
	case 1:
		full.check.verify = true;
		break;
	case 2:
		full.check.port = 1;
		break;
	case 3:
		full.check.ipv4 = true;
		break;
	case 4:
		full.check.ipv6 = true;
		break;
	case 5:
		full.check.host = "g.example";
		break;
	case 6:
		full.check.host = NULL;
		break;
	case 7:
		full.check.ca = "other.pem";
		break;
	case 8:
		full.check.plan.every_ms = 1;
		break;
	case 9:
		full.check.plan.timeout_ms = 1;
		break;
	case 10:
		full.check.plan.n_steps = 0;
		break;
	case 11:
		full.check.deep.every_ms = 1;
		break;
	case 12:
		full.check.client.token_file = NULL;
		break;
	case 13:
		full.check.client.user = "v";
		break;
	case 14:
		full.check.client.password_file = "q";
		break;
	case 15:
		full.check.client.certificate = "d";
		break;
	case 16:
		full.check.client.key = "l";
		break;
	default:
		full.check.client.http2 = true;
		break;
	}
}

static void
change_step(int number)
{
	switch (number) {
	case 0:
		full.check.client.host_port = true;
		break;
	case 1:
		full.check.client.reuse = true;
		break;
	case 2:
		full.check.client.n_headers = 0;
		break;
	case 3:
		full.own_header.value = "3";
		break;
	case 4:
		full.own_header.name = "C";
		break;
	case 5:
		full.step.kind = STEP_TCP;
		break;
	case 6:
		full.step.name = "other";
		break;
	case 7:
		full.step.method = "GET";
		break;
	case 8:
		full.path[2] = 'x';
		break;
	case 9:
		full.header.name = "D";
		break;
	case 10:
		full.step.n_headers = 0;
		break;
	case 11:
		full.step.body = NULL;
		break;
	case 12:
		full.expect.first = 201;
		break;
	case 13:
		full.expect.last = 201;
		break;
	case 14:
		full.step.n_expect = 0;
		break;
	case 15:
		full.busy.last = 503;
		break;
	case 16:
		full.step.n_busy = 0;
		break;
	default:
		full.step.busy_retry_after = true;
		break;
	}
}

static void
change_rest(int number)
{
	switch (number) {
	case 0:
		full.has[0] = "fine";
		break;
	case 1:
		full.step.n_has = 0;
		break;
	case 2:
		full.lacks[0] = "bad";
		break;
	case 3:
		full.step.n_lacks = 0;
		break;
	case 4:
		full.rule.path = "id";
		break;
	case 5:
		full.rule.is = NULL;
		break;
	case 6:
		full.rule.negated = true;
		break;
	case 7:
		full.rule.words = NULL;
		break;
	case 8:
		full.step.n_json = 0;
		break;
	case 9:
		full.send[2] = 'c';
		break;
	case 10:
		full.step.send = NULL;
		break;
	case 11:
		full.step.send_len = 2;
		break;
	case 12:
		full.step.receive = NULL;
		break;
	case 13:
		full.step.service = "";
		break;
	case 14:
		full.argument[1] = 'q';
		break;
	case 15:
		full.argv[1] = NULL;
		break;
	case 16:
		full.loading[0] = "starting";
		break;
	case 17:
		full.step.n_loading = 0;
		break;
	default:
		full.step.argv = NULL;
		break;
	}
}

#define CHANGES 55

/* Change one thing of the check: number ${number}. */
static void
change(int number)
{
	if (number < 18)
		change_check(number);
	else if (number < 36)
		change_step(number - 18);
	else
		change_rest(number - 36);
}

START_TEST(any_other_word_is_another_check)
{
	struct arena *arena = arena_create(1 << 20);
	const struct check_config *copy;

	fill();
	copy = check_copy(arena, &full.check);
	change(_i);
	ck_assert_msg(!check_same(copy, &full.check), "number %d", _i);
	ck_assert_msg(!check_same(&full.check, copy), "number %d", _i);
	arena_destroy(arena);
}
END_TEST

/* How results are counted does not start a check anew. */
START_TEST(counting_is_no_part_of_it)
{
	struct arena *arena = arena_create(1 << 20);
	const struct check_config *copy;

	fill();
	copy = check_copy(arena, &full.check);
	full.check.fall = full.check.plan.fall = 7;
	full.check.rise = full.check.plan.rise = 7;
	full.check.quorum = QUORUM_ALL;
	full.check.recheck_ms = 200;
	full.check.fail_back_ms = 1;
	full.check.name = "renamed";
	ck_assert(check_same(copy, &full.check));
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_check");
	TCase *tcase = tcase_create("check");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, a_copy_is_the_same);
	tcase_add_test(tcase, a_copy_keeps_nothing);
	tcase_add_test(tcase, without_memory_there_is_none);
	tcase_add_loop_test(tcase, any_other_word_is_another_check, 0, CHANGES);
	tcase_add_test(tcase, counting_is_no_part_of_it);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
