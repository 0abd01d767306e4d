/* Tests of the steps of presets: requests in order, codes, lists of models, bad
 * bodies. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/step.h"

static const struct code_range ok_or_busy[] = {{200, 204}, {429, 429}};

static struct check_config http = {
    .path = "/ready",
    .expect = ok_or_busy,
    .n_expect = 2,
};

static struct check_config vllm = {
    .path = "/health",
    .model = "llama-3-70b",
    .expect = ok_or_busy,
    .n_expect = 1,
};

START_TEST(http_makes_one_request)
{
	struct step_request request;
	unsigned step = 0;

	ck_assert(step_request(&http, &step, &request));
	ck_assert_str_eq(request.path, "/ready");
	ck_assert_ptr_null(request.list);
	ck_assert_uint_eq(step++, 0);
	ck_assert(!step_request(&http, &step, &request));
}
END_TEST

START_TEST(vllm_asks_for_models)
{
	struct step_request request;
	unsigned step = 0;

	ck_assert(step_request(&vllm, &step, &request));
	ck_assert_str_eq(request.path, "/health");
	ck_assert_uint_eq(step++, 0);
	ck_assert(step_request(&vllm, &step, &request));
	ck_assert_str_eq(request.path, "/v1/models");
	ck_assert_str_eq(request.list, "data");
	ck_assert_uint_eq(step++, 1);
	ck_assert(!step_request(&vllm, &step, &request));
}
END_TEST

START_TEST(vllm_without_model_asks_for_health_only)
{
	struct check_config check = vllm;
	struct step_request request;
	unsigned step = 0;

	check.model = NULL;
	ck_assert(step_request(&check, &step, &request));
	ck_assert_uint_eq(step++, 0);
	ck_assert(!step_request(&check, &step, &request));
}
END_TEST

/* No preset has such steps yet. */
START_TEST(a_step_after_the_list_of_models_is_asked_without_a_model)
{
	static const struct preset_step steps[] = {
	    {.path = NULL},
	    {.path = "/v1/models", .list = "data", .member = "id"},
	    {.path = "/generate", .expect = {200, 200}},
	};
	const struct preset preset = {.steps = steps, .n_steps = 3};
	struct check_config check = vllm;
	struct step_request request;
	unsigned step = 1;

	check.preset = &preset;
	ck_assert(step_request(&check, &step, &request));
	ck_assert_str_eq(request.path, "/v1/models");
	ck_assert_uint_eq(step, 1);
	check.model = NULL;
	ck_assert(step_request(&check, &step, &request));
	ck_assert_str_eq(request.path, "/generate");
	ck_assert_ptr_null(request.list);
	ck_assert_uint_eq(step++, 2);
	ck_assert(!step_request(&check, &step, &request));
}
END_TEST

static const struct {
	const char *what;
	unsigned step, status;
	bool expected;
} codes[] = {
    {"first of a range", 0, 200, true},
    {"last of a range", 0, 204, true},
    {"behind a range", 0, 205, false},
    {"a range of one", 0, 429, true},
    {"before it", 0, 428, false},
    {"not in any", 0, 503, false},
    {"the models page must say 200", 1, 200, true},
    {"whatever the health page may say", 1, 429, false},
};

START_TEST(expected_codes)
{
	/* Only vllm has a second step. */
	const struct check_config *check = codes[_i].step == 0 ? &http : &vllm;

	ck_assert_msg(step_expects(check, codes[_i].step, codes[_i].status) ==
		codes[_i].expected,
	    "%s", codes[_i].what);
}
END_TEST

static const struct {
	const char *what, *body, *reason; /* NULL: passes */
} bodies[] = {
    {"it is listed",
	"{\"object\":\"list\",\"data\":[{\"id\":\"llama-3-70b\"}]}", NULL},
    {"another one is", "{\"data\":[{\"id\":\"llama-3-8b\"}]}",
	"body: model not listed"},
    {"no list", "{\"data\":{\"id\":\"llama-3-70b\"}}",
	"body: no list of models"},
    {"a page", "<html>llama-3-70b</html>", "body: not JSON"},
    {"nothing", "", "body: not JSON"},
};

START_TEST(model_lists)
{
	char reason[STATE_REASON] = "untouched";
	struct model_list list;
	bool passed;

	model_list_init(&list, "data", "id", "llama-3-70b");
	model_list_read(&list, bodies[_i].body, strlen(bodies[_i].body));
	passed = step_judge(&list, reason);
	ck_assert_msg(
	    passed == (bodies[_i].reason == NULL), "%s", bodies[_i].what);
	if (!passed)
		ck_assert_msg(strcmp(reason, bodies[_i].reason) == 0, "%s: %s",
		    bodies[_i].what, reason);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_step");
	TCase *tcase = tcase_create("step");
	SRunner *runner = srunner_create(suite);
	int failed;

	http.preset = preset_find("http");
	vllm.preset = preset_find("vllm");
	tcase_add_test(tcase, http_makes_one_request);
	tcase_add_test(tcase, vllm_asks_for_models);
	tcase_add_test(tcase, vllm_without_model_asks_for_health_only);
	tcase_add_test(
	    tcase, a_step_after_the_list_of_models_is_asked_without_a_model);
	tcase_add_loop_test(
	    tcase, expected_codes, 0, (int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_loop_test(
	    tcase, model_lists, 0, (int)(sizeof(bodies) / sizeof(bodies[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
