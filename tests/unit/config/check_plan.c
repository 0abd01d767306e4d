/* Steps made of a preset: what a check says goes to the places in them, in the
 * spelling that each place needs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/steering.h"

#define REST                                                      \
	"regions: {a: {at: [1, 2]}}\n"                            \
	"pools: {p: {check: c, endpoints: [{name: x, region: a, " \
	"address: 192.0.2.1}]}}\n"                                \
	"services: {s: {pool: p}}\n"

static struct errbuf eb;

static struct steering_config *
load(const char *checks)
{
	struct steering_config *config;
	char text[2048];

	errbuf_init(&eb);
	snprintf(text, sizeof(text), "checks: %s\n" REST, checks);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	return config;
}

START_TEST(a_check_without_words_has_the_steps_of_http)
{
	struct steering_config *config = load("{c: {}}");
	const struct check_plan *plan = &config->checks[0].plan;

	ck_assert_uint_eq(plan->n_steps, 1);
	ck_assert_str_eq(plan->steps[0].path, "/");
	ck_assert_str_eq(plan->steps[0].name, "/");
	ck_assert_str_eq(plan->steps[0].method, "GET");
	ck_assert_uint_eq(plan->steps[0].expect[0].first, 200);
	ck_assert_uint_eq(plan->steps[0].expect[0].last, 399);
	ck_assert_uint_eq(plan->every_ms, 5000);
	ck_assert_uint_eq(plan->fall, 3);
	steering_config_destroy(config);
}
END_TEST

START_TEST(what_the_operator_expects_is_of_the_first_step)
{
	struct steering_config *config = load(
	    "{c: {preset: vllm, model: m, path: /ready, expect: [200, 401]}}");
	const struct check_plan *plan = &config->checks[0].plan;

	ck_assert_uint_eq(plan->n_steps, 2);
	ck_assert_str_eq(plan->steps[0].path, "/ready");
	ck_assert_uint_eq(plan->steps[0].n_expect, 2);
	ck_assert_uint_eq(plan->steps[0].expect[1].first, 401);
	ck_assert_str_eq(plan->steps[1].path, "/v1/models");
	ck_assert_uint_eq(plan->steps[1].n_expect, 1);
	ck_assert_uint_eq(plan->steps[1].expect[0].last, 200);
	steering_config_destroy(config);
}
END_TEST

START_TEST(models_in_values)
{
	struct steering_config *config =
	    load("{c: {preset: vllm, model: \"a/b \\\"c\\\"\"}}");
	const struct check_step *step = &config->checks[0].plan.steps[1];

	ck_assert_uint_eq(step->n_json, 1);
	ck_assert_str_eq(step->json[0].path, "data[*].id");
	ck_assert_str_eq(step->json[0].is, "a/b \"c\"");
	ck_assert_str_eq(step->json[0].words, "model not listed");
	steering_config_destroy(config);
}
END_TEST

/* A path takes octets as percents, a body as JSON does. */
START_TEST(models_are_spelled_as_their_place_needs)
{
	static const char model[] = "model: \"a/b~c_d.e-F9 \\\"q\\\" "
				    "\\\\ \\xe9\"";
	struct steering_config *config;
	char check[256];

	snprintf(check, sizeof(check), "{c: {preset: triton, %s}}", model);
	config = load(check);
	ck_assert_str_eq(config->checks[0].plan.steps[1].path,
	    "/v2/models/a%2Fb~c_d.e-F9%20%22q%22%20%5C%20%C3%A9/ready");
	steering_config_destroy(config);
	snprintf(
	    check, sizeof(check), "{c: {preset: vllm, deep: true, %s}}", model);
	config = load(check);
	ck_assert_str_eq(config->checks[0].deep.steps[0].body,
	    "{\"model\":\"a/b~c_d.e-F9 \\\"q\\\" \\\\ \xc3\xa9\","
	    "\"prompt\":\"1\",\"max_tokens\":1,\"temperature\":0}");
	ck_assert_str_eq(config->checks[0].plan.steps[1].json[0].is,
	    "a/b~c_d.e-F9 \"q\" \\ \xc3\xa9");
	steering_config_destroy(config);
}
END_TEST

START_TEST(without_a_model_its_step_is_left_out)
{
	struct steering_config *config = load("{c: {preset: vllm}}");

	ck_assert_uint_eq(config->checks[0].plan.n_steps, 1);
	steering_config_destroy(config);
}
END_TEST

START_TEST(models_have_a_path_of_their_own)
{
	struct steering_config *config =
	    load("{c: {preset: vllm, model: m, models_path: /api/models}}");

	ck_assert_str_eq(config->checks[0].plan.steps[1].path, "/api/models");
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_check_plan");
	TCase *tc = tcase_create("check_plan");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_check_without_words_has_the_steps_of_http);
	tcase_add_test(tc, what_the_operator_expects_is_of_the_first_step);
	tcase_add_test(tc, models_in_values);
	tcase_add_test(tc, models_are_spelled_as_their_place_needs);
	tcase_add_test(tc, without_a_model_its_step_is_left_out);
	tcase_add_test(tc, models_have_a_path_of_their_own);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
