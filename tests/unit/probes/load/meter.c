/* The load of an endpoint over time, from metrics as servers write them: rates,
 * percentiles, how full it is, and what is not known. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/preset.h"
#include "probes/load/meter.h"

static struct meter meter;
static struct load_config load;
static struct preset *preset;
static struct errbuf eb;
static int64_t now;

/* The load of the preset ${name}, as a check that says nothing else has it. */
static void
begin(const char *name)
{
	const struct preset_text *text;

	errbuf_init(&eb);
	for (size_t i = 0; (text = preset_shipped(i)) != NULL; i++)
		if (strcmp(text->name, name) == 0)
			break;
	ck_assert_ptr_nonnull(text);
	preset =
	    preset_parse(name, name, (const char *)text->text, text->len, &eb);
	ck_assert_msg(preset != NULL, "%s", eb.text);
	load = preset->load;
	load.stale_ms = 60000;
	load.smooth_ms = 0;
	meter_init(&meter);
	now = 1000000;
}

static void
end(void)
{
	preset_destroy(preset);
	preset = NULL;
}

static void
on_series(void *context, const struct exposition_series *series)
{
	sample_series(context, series);
}

static void
take(const char *body)
{
	static struct exposition reading;
	struct sample *sample = sample_create(&load);

	exposition_init(&reading, on_series, sample);
	exposition_read(&reading, body, strlen(body));
	exposition_end(&reading);
	meter_take(&meter, &load, sample, now, now);
	sample_destroy(sample);
}

static struct state_load
row(void)
{
	struct state_load out;

	memset(&out, 0, sizeof(out));
	meter_row(&meter, &load, now, &out);
	return out;
}

static bool
is(double value, double wanted)
{
	return isnan(wanted) ? isnan(value) : fabs(value - wanted) < 1e-6;
}

#define UNKNOWN ((double)NAN)

/* --- as each server writes it --- */

static const struct {
	const char *preset, *what, *body;
	double waiting, running, kv_cache;
	const char *reason;
} servers[] = {
    {"vllm", "two engines",
	"vllm:num_requests_waiting{engine=\"0\"} 3.0\n"
	"vllm:num_requests_waiting{engine=\"1\"} 5.0\n"
	"vllm:num_requests_running{engine=\"0\"} 7\n"
	"vllm:kv_cache_usage_perc{engine=\"0\"} 0.25\n"
	"vllm:kv_cache_usage_perc{engine=\"1\"} 0.75\n",
	8, 7, 0.75, ""},
    {"vllm", "an older release", "vllm:gpu_cache_usage_perc 0.5\n", UNKNOWN,
	UNKNOWN, 0.5, ""},
    {"vllm", "both names: the newer counts",
	"vllm:gpu_cache_usage_perc 0.5\nvllm:kv_cache_usage_perc 0.6\n",
	UNKNOWN, UNKNOWN, 0.6, ""},
    {"vllm", "no statistics", "# HELP vllm:num_requests_waiting x\n", UNKNOWN,
	UNKNOWN, UNKNOWN, "metrics: none of those that are looked for"},
    {"vllm", "a share that is a per cent", "vllm:kv_cache_usage_perc 45\n",
	UNKNOWN, UNKNOWN, UNKNOWN, "kv_cache: 45 is outside 0 to 1"},
    {"vllm", "a cache that is full", "vllm:kv_cache_usage_perc 1\n", UNKNOWN,
	UNKNOWN, 1, ""},
    {"vllm", "less than nothing", "vllm:num_requests_waiting -1\n", UNKNOWN,
	UNKNOWN, UNKNOWN, "waiting: -1 is outside 0 to 1e+09"},
    {"vllm", "no number", "vllm:num_requests_waiting NaN\n", UNKNOWN, UNKNOWN,
	UNKNOWN, "metrics: none of those that are looked for"},
    {"sglang", "as it is",
	"sglang:num_queue_reqs{tp_rank=\"0\"} 2\n"
	"sglang:num_running_reqs 4\nsglang:token_usage 0.28\n",
	2, 4, 0.28, ""},
    {"tgi", "a cache in tokens",
	"tgi_queue_size 4\ntgi_batch_current_size 2\n"
	"tgi_batch_current_max_tokens 500\ntgi_batch_max_total_tokens 2000\n",
	4, 2, 0.25, ""},
    {"tgi", "a cache of unknown size", "tgi_batch_current_max_tokens 500\n",
	UNKNOWN, UNKNOWN, UNKNOWN,
	"metrics: none of those that are looked for"},
    {"triton", "by labels",
	"nv_trt_llm_request_metrics{model=\"a\",request_type=\"waiting\"} 1\n"
	"nv_trt_llm_request_metrics{model=\"a\",request_type=\"scheduled\"} 2\n"
	"nv_trt_llm_request_metrics{model=\"a\",request_type=\"max\"} 9\n"
	"nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"fraction\"} "
	"0.1\n"
	"nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type=\"used\"} 99\n",
	1, 2, 0.1, ""},
    {"triton", "without its language models",
	"nv_inference_pending_request_count{model=\"a\"} 2\n"
	"nv_inference_pending_request_count{model=\"b\"} 3\n",
	5, UNKNOWN, UNKNOWN, ""},
    {"llamacpp", "as it is",
	"llamacpp:requests_processing 1\nllamacpp:requests_deferred 0\n", 0, 1,
	UNKNOWN, ""},
    {"nim", "as it is",
	"num_requests_waiting 1\nnum_requests_running 2\n"
	"gpu_cache_usage_perc 0.3\nnum_request_max 100\n",
	1, 2, 0.3, ""},
    {"epp", "a whole pool",
	"inference_pool_average_queue_size{name=\"p\"} 2.5\n"
	"inference_pool_average_running_requests{name=\"p\"} 8\n"
	"inference_pool_average_kv_cache_utilization{name=\"p\"} 0.4\n",
	2.5, 8, 0.4, ""},
};

START_TEST(metrics_as_servers_write_them)
{
	struct state_load r;

	begin(servers[_i].preset);
	take(servers[_i].body);
	r = row();
	ck_assert_msg(is(r.waiting, servers[_i].waiting) &&
		is(r.running, servers[_i].running) &&
		is(r.kv_cache, servers[_i].kv_cache),
	    "%s, %s: %g %g %g", servers[_i].preset, servers[_i].what, r.waiting,
	    r.running, r.kv_cache);
	ck_assert_str_eq(r.reason, servers[_i].reason);
	end();
}
END_TEST

/* One request in an adapter, of which there are 4,097. */
START_TEST(four_thousand_adapters)
{
	static char body[600000];
	size_t len = 0;

	begin("vllm");
	for (int i = 0; i < 4097; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "vllm:num_requests_running{model_name=\"adapter-%d\"} 1\n",
		    i);
	take(body);
	ck_assert(is(row().running, 4097));
	end();
}
END_TEST

/* --- how full --- */

static const struct {
	const char *what;
	double max_running, queue_limit, kv_limit;
	const char *body;
	double saturation;
} full[] = {
    {"half of what it can", 10, 0, 0,
	"vllm:num_requests_running 5\nvllm:num_requests_waiting 0\n", 0.5},
    {"what waits makes it more than full", 10, 0, 0,
	"vllm:num_requests_running 10\nvllm:num_requests_waiting 20\n", 3},
    {"nobody knows what runs", 10, 5, 0, "vllm:num_requests_waiting 10\n", 2},
    {"nobody knows what waits", 10, 5, 0, "vllm:num_requests_running 8\n", 0.8},
    {"a queue alone", 0, 4, 0,
	"vllm:num_requests_running 8\nvllm:num_requests_waiting 2\n", 0.5},
    {"nobody knows what it can", 0, 0, 0,
	"vllm:num_requests_running 8\nvllm:num_requests_waiting 2\n", UNKNOWN},
    {"a full cache and nobody waits", 10, 0, 0,
	"vllm:num_requests_running 5\nvllm:num_requests_waiting 0\n"
	"vllm:kv_cache_usage_perc 0.99\n",
	0.5},
    {"a full cache, and one waits", 10, 0, 0.9,
	"vllm:num_requests_running 1\nvllm:num_requests_waiting 1\n"
	"vllm:kv_cache_usage_perc 0.99\n",
	1.1},
    {"a full cache without a limit of its own, and one waits", 10, 0, 0,
	"vllm:num_requests_running 1\nvllm:num_requests_waiting 1\n"
	"vllm:kv_cache_usage_perc 0.9\n",
	0.9},
    {"a cache that is no worse than what runs", 10, 0, 0,
	"vllm:num_requests_running 8\nvllm:num_requests_waiting 1\n"
	"vllm:kv_cache_usage_perc 0.5\n",
	0.9},
    {"a cache alone", 0, 0, 0, "vllm:kv_cache_usage_perc 0.99\n", UNKNOWN},
};

START_TEST(saturation_by_its_parts)
{
	begin("vllm");
	load.max_running = full[_i].max_running;
	load.queue_limit = full[_i].queue_limit;
	load.kv_limit = full[_i].kv_limit;
	take(full[_i].body);
	ck_assert_msg(is(row().saturation, full[_i].saturation), "%s: %g",
	    full[_i].what, row().saturation);
	end();
}
END_TEST

/* A cache that is full counts with requests that were put back, as it does with
 * those that wait. */
START_TEST(a_full_cache_counts_while_requests_are_put_back)
{
	static const char before[] = "vllm:num_requests_running 5\n"
				     "vllm:num_requests_waiting 0\n"
				     "vllm:kv_cache_usage_perc 0.99\n"
				     "vllm:num_preemptions_total 7\n";
	static const char after[] = "vllm:num_requests_running 5\n"
				    "vllm:num_requests_waiting 0\n"
				    "vllm:kv_cache_usage_perc 0.99\n"
				    "vllm:num_preemptions_total 8\n";

	begin("vllm");
	load.max_running = 10;
	take(before);
	ck_assert(is(row().saturation, 0.5));
	now += 10000;
	take(before);
	ck_assert(is(row().preemptions, 0));
	ck_assert(is(row().saturation, 0.5));
	now += 10000;
	take(after);
	ck_assert(is(row().preemptions, 0.1));
	ck_assert(is(row().saturation, 0.99));
	end();
}
END_TEST

/* By the server's own word where the operator gives none, and a word that makes
 * no sense is none. */
static const struct {
	const char *what, *preset, *body;
	double of_operator, max_running, saturation;
} most[] = {
    {"the server says it", "nim",
	"num_request_max 100\nnum_requests_running 20\n"
	"num_requests_waiting 5\n",
	0, 100, 0.25},
    {"the operator knows better", "nim",
	"num_request_max 100\nnum_requests_running 20\n"
	"num_requests_waiting 5\n",
	50, 50, 0.5},
    {"the server says 0", "nim",
	"num_request_max 0\nnum_requests_running 20\n"
	"num_requests_waiting 5\n",
	0, 0, 2.5},
    {"the server says 0, and not what waits", "nim",
	"num_request_max 0\nnum_requests_running 20\n", 0, 0, UNKNOWN},
    {"nobody knows, but it says how full it is", "epp",
	"inference_pool_average_queue_size 2\n"
	"inference_pool_average_running_requests 3\n"
	"inference_extension_flow_control_pool_saturation 0.5\n",
	0, UNKNOWN, 0.5},
    {"what is known counts more than how full it says it is", "epp",
	"inference_pool_average_queue_size 2\n"
	"inference_pool_average_running_requests 3\n"
	"inference_extension_flow_control_pool_saturation 0.5\n",
	20, 20, 0.25},
};

START_TEST(what_it_can_is_said_by_someone)
{
	begin(most[_i].preset);
	load.max_running = most[_i].of_operator;
	/* Where nothing else is known. */
	load.queue_limit = most[_i].max_running == 0 ? 2 : 0;
	take(most[_i].body);
	ck_assert_msg(is(row().max_running, most[_i].max_running), "%s: %g",
	    most[_i].what, row().max_running);
	ck_assert_msg(is(row().saturation, most[_i].saturation), "%s: %g",
	    most[_i].what, row().saturation);
	end();
}
END_TEST

START_TEST(saturation_is_smoothed_by_the_time_that_passed)
{
	begin("vllm");
	load.smooth_ms = 20000;
	load.max_running = 10;
	take("vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n");
	ck_assert(is(row().saturation, 0));
	now += 20000;
	take("vllm:num_requests_running 10\nvllm:num_requests_waiting 0\n");
	ck_assert_double_eq_tol(row().saturation, 1 - exp(-1), 1e-6);
	/* Of a silence for as long as values count, something is left. */
	now += 60000;
	take("vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n");
	ck_assert_double_eq_tol(
	    row().saturation, (1 - exp(-1)) * exp(-3), 1e-6);
	/* After a longer one it is what it is now. */
	now += 60001;
	take("vllm:num_requests_running 2\nvllm:num_requests_waiting 0\n");
	ck_assert(is(row().saturation, 0.2));
	end();
}
END_TEST

START_TEST(the_endpoint_picker_says_how_full_its_pool_is)
{
	begin("epp");
	take("inference_extension_flow_control_pool_saturation 1.25\n");
	ck_assert(is(row().saturation, 1.25));
	ck_assert(is(row().utilization, 1.25));
	end();
}
END_TEST

/* --- over time --- */

START_TEST(counters_are_rates)
{
	begin("vllm");
	take("vllm:generation_tokens_total 1000\n");
	ck_assert(isnan(row().tokens));
	now += 10000;
	take("vllm:generation_tokens_total 1000\n");
	ck_assert(is(row().tokens, 0));
	now += 10000;
	take("vllm:generation_tokens_total 3000\n");
	ck_assert(is(row().tokens, 200));
	/* A server that started anew counts from 0: nobody knows how many. */
	now += 10000;
	take("vllm:generation_tokens_total 50\n");
	ck_assert(is(row().tokens, 200));
	now += 10000;
	take("vllm:generation_tokens_total 150\n");
	ck_assert(is(row().tokens, 10));
	end();
}
END_TEST

/* Nobody divides by the time between two readings that came at once. */
START_TEST(two_readings_at_one_moment_are_no_rate)
{
	begin("vllm");
	take("vllm:generation_tokens_total 1000\n");
	take("vllm:generation_tokens_total 2000\n");
	ck_assert(isnan(row().tokens));
	ck_assert_str_eq(row().reason, "");
	/* And the later one counts. */
	load.max_running = 10;
	take("vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n");
	take("vllm:generation_tokens_total 2000\nvllm:num_requests_running 2\n"
	     "vllm:num_requests_waiting 0\n");
	ck_assert(is(row().saturation, 0.2));
	now += 10000;
	take("vllm:generation_tokens_total 3000\n");
	ck_assert(is(row().tokens, 100));
	end();
}
END_TEST

/* A counter that was not there for once has nothing to be held against. */
START_TEST(a_counter_that_was_gone_begins_anew)
{
	begin("vllm");
	take("vllm:generation_tokens_total 1000\n");
	now += 10000;
	take("vllm:num_requests_running 1\n");
	now += 10000;
	take("vllm:generation_tokens_total 2000\n");
	ck_assert(isnan(row().tokens));
	end();
}
END_TEST

/* A bucket of the histogram ${name}. */
#define BUCKET(name, bound, count) name "_bucket{le=\"" bound "\"} " #count "\n"
#define TOKEN_TIME "vllm:inter_token_latency_seconds"
#define FIRST_TOKEN "vllm:time_to_first_token_seconds"
#define BUCKETS(a, b, c)                                       \
	FIRST_TOKEN "_bucket{le=\"0.1\"} " #a "\n" FIRST_TOKEN \
		    "_bucket{le=\"1.0\"} " #b "\n" FIRST_TOKEN \
		    "_bucket{le=\"+Inf\"} " #c "\n"

static const struct {
	const char *what, *body;
	int64_t median_us, us_95; /* -1: not known */
} since[] = {
    {"nothing came", BUCKETS(1000, 2000, 3000), -1, -1},
    {"ten of a hundred below 0.1 s, and ninety up to 1 s",
	BUCKETS(1010, 2100, 3100), 500000, 950000},
    {"all in the first bucket, which begins at 0", BUCKETS(1100, 2100, 3100),
	50000, 95000},
    {"all beyond the last bound", BUCKETS(1000, 2000, 3010), 1000000, 1000000},
    {"most beyond the last bound", BUCKETS(1001, 2003, 3100), 1000000, 1000000},
    {"it began anew", BUCKETS(1, 1, 1), -1, -1},
    {"it began anew, and had more than before already", BUCKETS(5, 5000, 9000),
	-1, -1},
    {"other bounds",
	BUCKET(FIRST_TOKEN, "0.1", 1010) BUCKET(FIRST_TOKEN, "0.5", 2100)
	    BUCKET(FIRST_TOKEN, "+Inf", 3100),
	-1, -1},
    {"larger bounds",
	BUCKET(FIRST_TOKEN, "0.1", 1010) BUCKET(FIRST_TOKEN, "2.0", 2100)
	    BUCKET(FIRST_TOKEN, "+Inf", 3100),
	-1, -1},
    {"a bound more", BUCKETS(1010, 2100, 3100) BUCKET(FIRST_TOKEN, "0.5", 2050),
	-1, -1},
    {"a bound less",
	BUCKET(FIRST_TOKEN, "0.1", 1010) BUCKET(FIRST_TOKEN, "+Inf", 3100), -1,
	-1},
};

START_TEST(percentiles_are_of_what_came_since)
{
	begin("vllm");
	take(BUCKETS(1000, 2000, 3000));
	ck_assert_int_eq(row().first_token_us, -1);
	now += 10000;
	take(since[_i].body);
	ck_assert_msg(row().first_token_us == since[_i].median_us,
	    "%s: %lld us", since[_i].what, (long long)row().first_token_us);
	ck_assert_msg(row().first_token_95_us == since[_i].us_95, "%s: %lld us",
	    since[_i].what, (long long)row().first_token_95_us);
	end();
}
END_TEST

START_TEST(a_percentile_stays_when_nothing_came)
{
	begin("vllm");
	take(BUCKETS(1000, 1000, 1000));
	now += 10000;
	take(BUCKETS(1010, 1100, 1100));
	ck_assert_int_eq(row().first_token_us, 500000);
	now += 10000;
	take(BUCKETS(1010, 1100, 1100));
	ck_assert_int_eq(row().first_token_us, 500000);
	end();
}
END_TEST

/* Each histogram is held against its own, whatever the others are. */
START_TEST(the_first_token_and_the_others_have_their_own_histograms)
{
	begin("vllm");
	take(BUCKETS(0, 0, 10) BUCKET(TOKEN_TIME, "0.1", 10)
		BUCKET(TOKEN_TIME, "+Inf", 10));
	now += 10000;
	take(BUCKETS(0, 100, 110) BUCKET(TOKEN_TIME, "0.1", 110)
		BUCKET(TOKEN_TIME, "+Inf", 110));
	ck_assert_int_eq(row().first_token_us, 550000);
	ck_assert_int_eq(row().token_us, 50000);
	end();
}
END_TEST

/* A preset may name two metrics for the median and the 95th percentile. */
START_TEST(both_percentiles_may_have_names_of_their_own)
{
	static const char text[] =
	    "preset: own\nabout: x\nsteps: [{path: /}]\n"
	    "load: {path: /, metrics: {first_token: a, first_token_95: b}}\n";

	begin("vllm");
	end();
	preset = preset_parse("own", "own", text, sizeof(text) - 1, &eb);
	ck_assert_msg(preset != NULL, "%s", eb.text);
	load = preset->load;
	load.stale_ms = 60000;
	take(BUCKET("a", "0.1", 0) BUCKET("a", "1.0", 0) BUCKET("a", "+Inf", 0)
		BUCKET("b", "0.1", 0) BUCKET("b", "3.1", 0)
		    BUCKET("b", "+Inf", 0));
	now += 10000;
	take(BUCKET("a", "0.1", 10) BUCKET("a", "1.0", 10)
		BUCKET("a", "+Inf", 10) BUCKET("b", "0.1", 0)
		    BUCKET("b", "3.1", 9) BUCKET("b", "+Inf", 9));
	ck_assert_int_eq(row().first_token_us, 50000);
	ck_assert_int_eq(row().first_token_95_us, 2950000);
	end();
}
END_TEST

/* It says when a value came that made sense; others are no news. */
START_TEST(what_makes_no_sense_was_not_measured)
{
	begin("vllm");
	take("vllm:num_requests_running 5\n");
	now += 10000;
	take("vllm:num_requests_running -5\n");
	ck_assert(is(row().running, 5));
	ck_assert_int_eq(row().measured_ms, 1000000);
	ck_assert_str_eq(row().reason, "running: -5 is outside 0 to 1e+09");
	now += 10000;
	take("vllm:num_requests_running 6\n");
	ck_assert_int_eq(row().measured_ms, 1020000);
	ck_assert_str_eq(row().reason, "");
	end();
}
END_TEST

START_TEST(what_does_not_come_is_known_for_a_while)
{
	begin("vllm");
	load.max_running = 10;
	take("vllm:num_requests_running 5\nvllm:num_requests_waiting 0\n");
	now += 60000;
	meter_miss(&meter, "metrics: timeout");
	ck_assert(is(row().running, 5));
	ck_assert(is(row().saturation, 0.5));
	ck_assert_str_eq(row().reason, "metrics: timeout");
	ck_assert_str_eq(row().source, "metrics");
	now += 1;
	ck_assert(isnan(row().running));
	ck_assert(isnan(row().saturation));
	ck_assert_str_eq(row().source, "");
	ck_assert_int_eq(row().measured_ms, 1000000);
	end();
}
END_TEST

START_TEST(one_field_may_be_older_than_another)
{
	begin("vllm");
	take("vllm:num_requests_running 5\nvllm:num_requests_waiting 1\n");
	now += 50000;
	take("vllm:num_requests_running 6\n");
	ck_assert(is(row().waiting, 1));
	now += 20000;
	ck_assert(isnan(row().waiting));
	ck_assert(is(row().running, 6));
	end();
}
END_TEST

/* --- by headers --- */

/* An answer says ${waiting}, ${running} and ${cache}. */
static void
tell(double waiting, double running, double cache)
{
	double told[LOAD_FIELDS];

	for (int i = 0; i < LOAD_FIELDS; i++)
		told[i] = UNKNOWN;
	told[LOAD_WAITING] = waiting;
	told[LOAD_RUNNING] = running;
	told[LOAD_KV_CACHE] = cache;
	meter_tell(&meter, &load, told, now, now);
}

START_TEST(answers_tell_load_too)
{
	begin("vllm");
	load.queue_limit = 10;
	tell(5, UNKNOWN, UNKNOWN);
	ck_assert(is(row().waiting, 5));
	ck_assert(isnan(row().running));
	ck_assert(is(row().saturation, 0.5));
	ck_assert_str_eq(row().source, "orca");
	end();
}
END_TEST

/* All that one answer says is of one moment. */
START_TEST(saturation_is_that_of_all_that_an_answer_says)
{
	begin("vllm");
	load.max_running = 10;
	load.smooth_ms = 20000;
	tell(5, 10, UNKNOWN);
	ck_assert(is(row().saturation, 1.5));
	now += 20000;
	tell(0, 0, UNKNOWN);
	ck_assert_double_eq_tol(row().saturation, 1.5 * exp(-1), 1e-6);
	end();
}
END_TEST

START_TEST(an_answer_that_makes_no_sense_changes_nothing)
{
	begin("vllm");
	tell(5, 6, 0.25);
	now += 1000;
	tell(2e9, 7, 45);
	ck_assert(is(row().waiting, 5));
	ck_assert(is(row().running, 7));
	ck_assert(is(row().kv_cache, 0.25));
	ck_assert_str_eq(row().reason, "orca: kv_cache: 45 is outside 0 to 1");
	now += 1000;
	tell(UNKNOWN, UNKNOWN, UNKNOWN);
	ck_assert_int_eq(row().measured_ms, 1001000);
	tell(1, 1, 1);
	ck_assert_str_eq(row().reason, "");
	/* What is wrong with the metrics is still wrong. */
	meter_miss(&meter, "metrics: timeout");
	tell(1, 1, 1);
	ck_assert_str_eq(row().reason, "metrics: timeout");
	end();
}
END_TEST

START_TEST(refused_generations_are_a_share)
{
	begin("vllm");
	ck_assert(isnan(row().busy));
	meter_busy(&meter, true);
	ck_assert(is(row().busy, 1));
	meter_busy(&meter, false);
	ck_assert(is(row().busy, 0.9));
	for (int i = 0; i < 200; i++)
		meter_busy(&meter, false);
	ck_assert_double_lt(row().busy, 0.001);
	end();
}
END_TEST

START_TEST(nothing_is_known_at_first)
{
	struct state_load r;

	begin("vllm");
	r = row();
	ck_assert(isnan(r.saturation) && isnan(r.waiting) && isnan(r.busy));
	ck_assert_int_eq(r.measured_ms, 0);
	ck_assert_int_eq(r.token_us, -1);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_meter");
	TCase *tcase = tcase_create("meter");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, metrics_as_servers_write_them, 0,
	    (int)(sizeof(servers) / sizeof(servers[0])));
	tcase_add_test(tcase, four_thousand_adapters);
	tcase_add_loop_test(tcase, saturation_by_its_parts, 0,
	    (int)(sizeof(full) / sizeof(full[0])));
	tcase_add_test(tcase, a_full_cache_counts_while_requests_are_put_back);
	tcase_add_loop_test(tcase, what_it_can_is_said_by_someone, 0,
	    (int)(sizeof(most) / sizeof(most[0])));
	tcase_add_test(tcase, saturation_is_smoothed_by_the_time_that_passed);
	tcase_add_test(tcase, the_endpoint_picker_says_how_full_its_pool_is);
	tcase_add_test(tcase, counters_are_rates);
	tcase_add_test(tcase, two_readings_at_one_moment_are_no_rate);
	tcase_add_test(tcase, a_counter_that_was_gone_begins_anew);
	tcase_add_loop_test(tcase, percentiles_are_of_what_came_since, 0,
	    (int)(sizeof(since) / sizeof(since[0])));
	tcase_add_test(tcase, a_percentile_stays_when_nothing_came);
	tcase_add_test(
	    tcase, the_first_token_and_the_others_have_their_own_histograms);
	tcase_add_test(tcase, both_percentiles_may_have_names_of_their_own);
	tcase_add_test(tcase, what_makes_no_sense_was_not_measured);
	tcase_add_test(tcase, what_does_not_come_is_known_for_a_while);
	tcase_add_test(tcase, one_field_may_be_older_than_another);
	tcase_add_test(tcase, answers_tell_load_too);
	tcase_add_test(tcase, saturation_is_that_of_all_that_an_answer_says);
	tcase_add_test(tcase, an_answer_that_makes_no_sense_changes_nothing);
	tcase_add_test(tcase, refused_generations_are_a_share);
	tcase_add_test(tcase, nothing_is_known_at_first);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
