/*
 * What a check of each preset that ships asks, to the letter: its steps with a
 * model filled in, its generation, where its load is read and under which
 * names, and what it has where the check says nothing.  Servers were read for
 * it: a change in a file is a change here.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/load_field.h"
#include "config/preset_store.h"
#include "config/steering.h"

/* What most of them have. */
#define USUAL " every 5000 within 2000 fall 3 rise 2\n"
#define DEEP " every 60000 within 20000 fall 2 rise 1\n"
#define READ " every 10000 within 2000 stale 60000 smooth 20000\n"
#define BUSY " busy 429 503+Retry-After"
#define JSON_SENT "[Content-Type: application/json] "
#define LISTED "GET /v1/models 200 json data[*].id=a/b (model not listed)\n"
#define OPENAI                                                               \
	"{\"model\":\"a/b\",\"prompt\":\"1\",\"max_tokens\":1,\"temperature" \
	"\":0} 200" BUSY " json choices[0].text (no token came)\n"

static const struct {
	const char *preset;
	/* A model whose name is spelt otherwise in a path than in JSON. */
	const char *check;
	const char *plan, *deep, *load;
} rows[] = {
    {"epp", ", load: true", ":9003 grpc health\n" USUAL, "",
	":9090/metrics" READ
	"waiting: gauge sum inference_extension_flow_control_queue_size, "
	"inference_pool_average_queue_size\n"
	"running: gauge sum inference_pool_average_running_requests\n"
	"kv_cache: gauge mean inference_pool_average_kv_cache_utilization\n"
	"utilization: gauge max "
	"inference_extension_flow_control_pool_saturation\n"
	"errors: counter sum inference_objective_request_error_total\n"},
    {"grpc", "", ":50051 grpc health\n" USUAL, "", ""},
    {"http", "", ":80 GET / 200-399\n" USUAL, "", ""},
    {"kserve", ", model: a/b, load: true",
	":8080 GET /v2/health/ready 200\n"
	"GET /v2/models/a%2Fb/ready 200\n" USUAL,
	"",
	":8080/metrics" READ
	"requests: counter sum request_predict_seconds_count\n"},
    {"llamacpp", ", model: a/b, deep: true, load: true",
	":8080 GET /health 200 loading Loading model loading loading model "
	"json status=ok\n"
	"GET /v1/models 200 loading Loading model json data[*].id=a/b (model "
	"not listed)\n" USUAL,
	"POST /completion " JSON_SENT
	"{\"prompt\":\"1\",\"n_predict\":1,\"temperature\":0} 200" BUSY
	" json content (no token came)\n" DEEP,
	":8080/metrics" READ "waiting: gauge sum llamacpp:requests_deferred\n"
	"running: gauge sum llamacpp:requests_processing\n"
	"tokens: counter sum llamacpp:tokens_predicted_total\n"},
    {"nim", ", model: a/b, deep: true, load: true",
	":8000 GET /v1/health/ready 200\n" LISTED USUAL,
	"POST /v1/completions " JSON_SENT OPENAI DEEP,
	":8000/v1/metrics" READ
	"waiting: gauge sum num_requests_waiting, vllm:num_requests_waiting\n"
	"running: gauge sum num_requests_running, vllm:num_requests_running\n"
	"max_running: gauge sum num_request_max\n"
	"kv_cache: gauge max gpu_cache_usage_perc, vllm:gpu_cache_usage_perc, "
	"vllm:kv_cache_usage_perc\n"
	"requests: counter sum request_finish_total\n"
	"tokens: counter sum generation_tokens_total\n"
	"first_token: histogram sum time_to_first_token_seconds\n"
	"first_token_95: histogram sum time_to_first_token_seconds\n"
	"token_time: histogram sum time_per_output_token_seconds\n"},
    {"oip", ", model: a/b",
	":8080 GET /v2/health/ready 200\n"
	"GET /v2/models/a%2Fb/ready 200\n" USUAL,
	"", ""},
    {"ollama", ", model: a/b, deep: true",
	":11434 GET / 200 has Ollama is running\n"
	"GET /api/tags 200 json models[*].name=a/b (model not listed)\n" USUAL,
	"POST /api/generate " JSON_SENT "{\"model\":\"a/"
	"b\",\"prompt\":\"1\",\"stream\":false,\"options\":{\"num_predict\":1,"
	"\"temperature\":0}} 200" BUSY " json response (no token came)\n"
	" every 120000 within 60000 fall 2 rise 1\n",
	""},
    {"ray-serve", ", load: true", ":8000 GET /-/healthz 200\n" USUAL, "",
	":8080/metrics" READ
	"waiting: gauge sum ray_serve_deployment_queued_queries, "
	"ray_serve_replica_queued_queries\n"
	"running: gauge sum ray_serve_replica_processing_queries\n"
	"requests: counter sum ray_serve_num_http_requests_total, "
	"ray_serve_num_http_requests\n"
	"errors: counter sum ray_serve_num_http_error_requests_total, "
	"ray_serve_num_http_error_requests\n"},
    {"sglang", ", model: a/b, deep: true, load: true",
	":30000 GET /health 200\n" LISTED USUAL,
	"GET /health_generate 200" BUSY "\n" DEEP,
	":30000/metrics" READ "waiting: gauge sum sglang:num_queue_reqs\n"
	"running: gauge sum sglang:num_running_reqs\n"
	"kv_cache: gauge max sglang:full_token_usage, sglang:token_usage\n"
	"preemptions: counter sum sglang:num_retracted_requests_total\n"
	"tokens: counter sum sglang:generation_tokens_total\n"
	"first_token: histogram sum sglang:time_to_first_token_seconds\n"
	"first_token_95: histogram sum sglang:time_to_first_token_seconds\n"
	"token_time: histogram sum sglang:inter_token_latency_seconds\n"},
    {"tcp", ", port: 6379", ":6379 tcp connect\n" USUAL, "", ""},
    {"tfserving", ", model: a/b, load: true",
	":8501 GET /v1/models/a%2Fb 200 loading \"START\" loading "
	"\"LOADING\" json "
	"model_version_status[*].state=AVAILABLE (no version is "
	"available)\n" USUAL,
	"",
	":8501/monitoring/prometheus/metrics" READ
	"requests: counter sum :tensorflow:serving:request_count, "
	"tensorflow_serving_request_count\n"},
    {"tgi", ", model: a/b, deep: true, load: true",
	":80 GET /health 200\n"
	"GET /info 200 json model_id=a/b (another model)\n" USUAL,
	"POST /generate " JSON_SENT
	"{\"inputs\":\"1\",\"parameters\":{\"max_new_tokens\":1}} 200" BUSY
	" json generated_text (no token came)\n" DEEP,
	":80/metrics" READ "waiting: gauge sum tgi_queue_size\n"
	"running: gauge sum tgi_batch_current_size\n"
	"kv_cache: gauge max "
	"tgi_batch_current_max_tokens/tgi_batch_max_total_tokens\n"
	"requests: counter sum tgi_request_success\n"
	"errors: counter sum tgi_request_failure\n"},
    {"tls", "", ":443 tls connect\n" USUAL, "", ""},
    {"torchserve", ", load: true", ":8080 GET /ping 200\n" USUAL, "",
	":8082/metrics" READ
	"requests: counter sum ts_inference_requests_total\n"},
    {"triton", ", model: a/b, load: true",
	":8000 GET /v2/health/ready 200\n"
	"GET /v2/models/a%2Fb/ready 200\n" USUAL,
	"",
	":8002/metrics" READ
	"waiting: gauge sum nv_trt_llm_request_metrics{request_type=waiting}, "
	"nv_inference_pending_request_count\n"
	"running: gauge sum "
	"nv_trt_llm_request_metrics{request_type=scheduled}\n"
	"kv_cache: gauge max "
	"nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=fraction}\n"
	"requests: counter sum nv_inference_request_success\n"
	"errors: counter sum nv_inference_request_failure\n"
	"first_token: histogram sum times 0.001 "
	"nv_inference_first_response_histogram_ms\n"
	"first_token_95: histogram sum times 0.001 "
	"nv_inference_first_response_histogram_ms\n"},
    {"trtllm", ", model: a/b, deep: true, load: true",
	":8000 GET /health 200\n" LISTED USUAL,
	"POST /v1/completions " JSON_SENT OPENAI DEEP,
	":8000/prometheus/metrics" READ
	"waiting: gauge sum trtllm_num_requests_waiting\n"
	"running: gauge sum trtllm_num_requests_running\n"
	"kv_cache: gauge max trtllm_kv_cache_utilization\n"
	"requests: counter sum trtllm_request_success_total\n"
	"first_token: histogram sum trtllm_time_to_first_token_seconds\n"
	"first_token_95: histogram sum trtllm_time_to_first_token_seconds\n"
	"token_time: histogram sum trtllm_time_per_output_token_seconds\n"},
    {"vllm", ", model: a/b, deep: true, load: true",
	":8000 GET /health 200\n" LISTED USUAL,
	"POST /v1/completions " JSON_SENT
	"[endpoint-load-metrics-format: TEXT] " OPENAI DEEP,
	":8000/metrics" READ "waiting: gauge sum vllm:num_requests_waiting\n"
	"running: gauge sum vllm:num_requests_running\n"
	"kv_cache: gauge max vllm:kv_cache_usage_perc, "
	"vllm:gpu_cache_usage_perc\n"
	"preemptions: counter sum vllm:num_preemptions_total\n"
	"requests: counter sum vllm:request_success_total\n"
	"tokens: counter sum vllm:generation_tokens_total\n"
	"first_token: histogram sum vllm:time_to_first_token_seconds\n"
	"first_token_95: histogram sum vllm:time_to_first_token_seconds\n"
	"token_time: histogram sum vllm:inter_token_latency_seconds, "
	"vllm:time_per_output_token_seconds\n"},
};

static struct errbuf eb;

static struct steering_config *
load(const char *preset, const char *check)
{
	struct steering_config *config;
	char text[1024];

	errbuf_init(&eb);
	snprintf(text, sizeof(text),
	    "regions: {a: {at: [1, 2]}}\n"
	    "checks: {c: {preset: %s%s}}\n"
	    "pools: {p: {check: c, endpoints: [{name: x, region: a, address: "
	    "192.0.2.1}]}}\n"
	    "services: {s: {pool: p}}\n",
	    preset, check);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s: %s", preset, eb.text);
	return config;
}

static void
add_codes(struct text *t, const struct code_range *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (codes[i].first == codes[i].last)
			text_add(t, " %u", codes[i].first);
		else
			text_add(t, " %u-%u", codes[i].first, codes[i].last);
}

static void
add_body(struct text *t, const struct check_step *step)
{
	for (size_t i = 0; i < step->n_has; i++)
		text_add(t, " has %s", step->has[i]);
	for (size_t i = 0; i < step->n_lacks; i++)
		text_add(t, " lacks %s", step->lacks[i]);
	for (size_t i = 0; i < step->n_loading; i++)
		text_add(t, " loading %s", step->loading[i]);
	for (size_t i = 0; i < step->n_json; i++) {
		const struct json_rule *rule = &step->json[i];

		text_add(t, " json %s", rule->path);
		if (rule->is != NULL)
			text_add(
			    t, "%s%s", rule->negated ? "!=" : "=", rule->is);
		if (rule->words != NULL)
			text_add(t, " (%s)", rule->words);
	}
}

static void
add_step(struct text *t, const struct check_step *step)
{
	static const char *const kinds[] = {
	    [STEP_TCP] = "tcp", [STEP_TLS] = "tls", [STEP_GRPC] = "grpc"};

	if (step->kind != STEP_HTTP) {
		text_add(t, "%s %s\n", kinds[step->kind], step->name);
		return;
	}
	text_add(t, "%s %s", step->method, step->path);
	for (size_t i = 0; i < step->n_headers; i++)
		text_add(t, " [%s: %s]", step->headers[i].name,
		    step->headers[i].value);
	if (step->body != NULL)
		text_add(t, " %s", step->body);
	add_codes(t, step->expect, step->n_expect);
	if (step->n_busy > 0)
		text_add(t, " busy");
	add_codes(t, step->busy, step->n_busy);
	if (step->busy_retry_after)
		text_add(t, " 503+Retry-After");
	add_body(t, step);
	text_add(t, "\n");
}

static void
add_plan(struct text *t, const struct check_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		add_step(t, &plan->steps[i]);
	text_add(t, " every %u within %u fall %u rise %u\n",
	    (unsigned)plan->every_ms, (unsigned)plan->timeout_ms, plan->fall,
	    plan->rise);
}

static void
add_metric(struct text *t, const struct load_metric *metric)
{
	static const char *const kinds[] = {[METRIC_GAUGE] = "gauge",
	    [METRIC_COUNTER] = "counter",
	    [METRIC_HISTOGRAM] = "histogram"};
	static const char *const overs[] = {[OVER_SUM] = "sum",
	    [OVER_MAX] = "max",
	    [OVER_MEAN] = "mean",
	    [OVER_MIN] = "min"};

	text_add(t, "%s: %s %s", load_fields[metric->field].name,
	    kinds[metric->kind], overs[metric->over]);
	if (metric->scale < 1 || metric->scale > 1)
		text_add(t, " times %g", metric->scale);
	for (size_t i = 0; i < metric->n_names; i++) {
		const struct metric_name *name = &metric->names[i];

		text_add(t, "%s%s", i > 0 ? ", " : " ", name->name);
		for (size_t k = 0; k < name->n_labels; k++)
			text_add(t, "{%s=%s}", name->labels[k].name,
			    name->labels[k].value);
		if (name->divide_by != NULL)
			text_add(t, "/%s", name->divide_by);
	}
	text_add(t, "\n");
}

static void
add_load(struct text *t, const struct load_config *load)
{
	text_add(t, ":%u%s%s", load->port, load->path,
	    load->format == LOAD_JSON ? " json" : "");
	text_add(t, " every %u within %u stale %u smooth %u\n",
	    (unsigned)load->every_ms, (unsigned)load->timeout_ms,
	    (unsigned)load->stale_ms, (unsigned)load->smooth_ms);
	for (size_t i = 0; i < load->n_metrics; i++)
		add_metric(t, &load->metrics[i]);
}

static void
is_text(const char *preset, const struct text *t, const char *wanted)
{
	ck_assert_msg(strcmp(t->data != NULL ? t->data : "", wanted) == 0,
	    "%s asks:\n%s\nand not:\n%s", preset, t->data, wanted);
}

START_TEST(each_preset_asks_what_it_is_for)
{
	struct steering_config *config = load(rows[_i].preset, rows[_i].check);
	const struct check_config *check = &config->checks[0];
	struct text t;

	text_init(&t, 65536);
	text_add(&t, ":%u ", check->port);
	add_plan(&t, &check->plan);
	is_text(rows[_i].preset, &t, rows[_i].plan);
	text_finish(&t);
	text_init(&t, 65536);
	if (check->deep.n_steps > 0)
		add_plan(&t, &check->deep);
	is_text(rows[_i].preset, &t, rows[_i].deep);
	text_finish(&t);
	text_init(&t, 65536);
	if (check->load.wanted)
		add_load(&t, &check->load);
	is_text(rows[_i].preset, &t, rows[_i].load);
	text_finish(&t);
	steering_config_destroy(config);
}
END_TEST

/* A preset that has a generation, or tells load, has a row that wants it. */
START_TEST(each_preset_has_a_row)
{
	struct preset_store *store = preset_store_create();
	const char *name;
	size_t n = 0;

	for (; (name = preset_store_name(store, n)) != NULL; n++) {
		const struct preset *preset =
		    preset_store_find(store, name, &eb);
		size_t i = 0;

		while (i < sizeof(rows) / sizeof(rows[0]) &&
		    strcmp(rows[i].preset, name) != 0)
			i++;
		ck_assert_msg(
		    i < sizeof(rows) / sizeof(rows[0]), "no row for %s", name);
		ck_assert_int_eq(
		    preset->deep.n_steps > 0, rows[i].deep[0] != '\0');
		ck_assert_int_eq(
		    preset->load.n_metrics > 0, rows[i].load[0] != '\0');
		ck_assert_int_eq(preset->model != MODEL_NONE,
		    strstr(rows[i].check, "model") != NULL);
	}
	ck_assert_uint_eq(n, sizeof(rows) / sizeof(rows[0]));
	preset_store_destroy(store);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_shipped");
	TCase *tc = tcase_create("shipped");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, each_preset_has_a_row);
	tcase_add_loop_test(tc, each_preset_asks_what_it_is_for, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
