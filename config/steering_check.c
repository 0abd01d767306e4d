/*
 * The `checks` of a steering file: how the endpoints of a pool are probed.
 * Called by the reader of steering files; sends nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "config/check_defaults.h"
#include "config/check_keys.h"
#include "config/check_plan.h"
#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_check.h"
#include "config/steering_parts.h"

/* Attempts of one check that may be under way at a time. */
#define OVERLAP 16

/* The preset of a check that names none. */
#define PRESET "http"

#define HTTP_PORT 80
#define HTTPS_PORT 443

/* More vantages than any service has. */
#define QUORUM_MAX 1000

static const struct schema_word schemes[] = {
    {"http", false}, {"https", true}, {NULL, 0}};

static const struct schema_word families[] = {
    {"ipv4", 4}, {"ipv6", 6}, {NULL, 0}};

static void
read_scheme(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *https)
{
	unsigned secure = false;

	scalar_word(s, value, key, &secure);
	*(bool *)https = secure;
}

static const struct schema_word quorums[] = {{"majority", QUORUM_MAJORITY},
    {"any", QUORUM_ANY}, {"all", QUORUM_ALL}, {NULL, 0}};

/* How many vantages must agree: a word, or their number. */
static void
read_agreement(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_config *check = out;
	uint64_t n;

	(void)key;
	for (const struct schema_word *word = quorums; word->text != NULL;
	     word++)
		if (strcmp(value->text, word->text) == 0) {
			check->quorum = (enum quorum_kind)word->value;
			return;
		}
	if (value->kind != YAML_SCALAR ||
	    number_parse(value->text, strlen(value->text), 1, QUORUM_MAX, &n) !=
		0) {
		schema_expected(s, value,
		    "majority, any, all or a number of vantages from 1 to %d",
		    QUORUM_MAX);
		return;
	}
	check->quorum = QUORUM_COUNT;
	check->quorum_count = (unsigned)n;
}

static const struct schema_word quorum_voters[] = {
    {"vantages", false}, {"regions", true}, {NULL, 0}};

static void
read_voters(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *regions)
{
	unsigned word = *(bool *)regions;

	scalar_word(s, value, key, &word);
	*(bool *)regions = word != 0;
}

static const struct schema_key quorum_keys[] = {
    {.name = "agree", .read = read_agreement},
    {.name = "of",
	.read = read_voters,
	.words = quorum_voters,
	.offset = offsetof(struct check_config, quorum_regions)},
    {.name = "near",
	.read = scalar_unsigned,
	.offset = offsetof(struct check_config, quorum_near),
	.min = 1,
	.max = QUORUM_MAX},
};

/* The same, or a mapping that says who counts, too. */
static void
read_quorum(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	if (value->kind == YAML_MAP)
		schema_map(s, value, quorum_keys,
		    sizeof(quorum_keys) / sizeof(quorum_keys[0]), out);
	else
		read_agreement(s, value, key, out);
}

/* A check looks at both families unless the file names one. */
static void
read_families(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {
	    .read = scalar_word, .words = families};
	struct check_config *check = out;
	const unsigned *list;
	size_t n;

	(void)key;
	check->ipv4 = check->ipv6 = false;
	list = schema_values(s, value, 2, sizeof(*list), &item, &n);
	for (size_t i = 0; list != NULL && i < n; i++) {
		check->ipv4 = check->ipv4 || list[i] == 4;
		check->ipv6 = check->ipv6 || list[i] == 6;
	}
	if (list != NULL && n == 2 && list[0] == list[1] && list[0] != 0)
		schema_error(s, value, "\"ipv%u\" is listed twice", list[0]);
}

/* The host is sent in the Host header and in SNI, never looked up. */
static void
read_host(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *host)
{
	static const char accepted[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-_.";

	if (value->text[strspn(value->text, accepted)] != '\0')
		schema_expected(
		    s, value, "a host name and no more (chat.example.com)");
	else
		scalar_text(s, value, key, host);
}

static void
read_body(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;

	reading->body = value;
	check_read_body(s, value, key, &reading->own);
}

/* A check more often than every 100 ms would load its endpoint rather than
 * watch it; one less often than every hour finds no failure in time. */
static const struct schema_key check_keys[] = {
    {.name = "preset",
	.read = steering_read_preset,
	.offset = offsetof(struct check_reading, preset)},
    {.name = "exec", .read = steering_read_exec},
    {.name = "scheme",
	.read = read_scheme,
	.offset = offsetof(struct check_config, https),
	.words = schemes},
    {.name = "port",
	.read = scalar_u16,
	.offset = offsetof(struct check_config, port),
	.min = 1,
	.max = 65535},
    {.name = "path",
	.read = check_read_path,
	.offset = offsetof(struct check_config, path),
	.max = 1024},
    {.name = "host",
	.read = read_host,
	.offset = offsetof(struct check_config, host),
	.max = 253},
    {.name = "model",
	.read = scalar_text,
	.offset = offsetof(struct check_config, model)},
    {.name = "models_path",
	.read = check_read_path,
	.offset = offsetof(struct check_reading, models_path),
	.max = 1024},
    {.name = "method",
	.read = check_read_method,
	.offset = offsetof(struct check_reading, own.method)},
    {.name = "headers", .read = steering_read_headers},
    {.name = "request_body",
	.read = check_read_body_text,
	.offset = offsetof(struct check_reading, own.body)},
    {.name = "body", .read = read_body},
    {.name = "host_port",
	.read = scalar_bool,
	.offset = offsetof(struct check_reading, check.client.host_port)},
    {.name = "token_file",
	.read = steering_read_input,
	.offset = offsetof(struct check_reading, check.client.token_file)},
    {.name = "basic", .read = steering_read_basic},
    {.name = "certificate",
	.read = steering_read_input,
	.offset = offsetof(struct check_reading, check.client.certificate)},
    {.name = "key",
	.read = steering_read_input,
	.offset = offsetof(struct check_reading, check.client.key)},
    {.name = "http2",
	.read = scalar_bool,
	.offset = offsetof(struct check_reading, check.client.http2)},
    {.name = "reuse",
	.read = scalar_bool,
	.offset = offsetof(struct check_reading, check.client.reuse)},
    {.name = "send", .read = steering_read_send},
    {.name = "receive",
	.read = scalar_text,
	.offset = offsetof(struct check_reading, own.receive)},
    {.name = "service",
	.read = scalar_text,
	.offset = offsetof(struct check_reading, own.service)},
    {.name = "verify",
	.read = scalar_bool,
	.offset = offsetof(struct check_config, verify)},
    {.name = "ca",
	.read = steering_read_input,
	.offset = offsetof(struct check_config, ca)},
    {.name = "expect",
	SCHEMA_LIST(struct check_config, expect, n_expect, &check_code,
	    STEERING_MAX_LISTED)},
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct check_config, every_ms),
	.min = 100,
	.max = 3600 * 1000},
    {.name = "timeout",
	.read = scalar_ms,
	.offset = offsetof(struct check_config, timeout_ms),
	.min = 10,
	.max = 3600 * 1000},
    {.name = "fall",
	.read = scalar_unsigned,
	.offset = offsetof(struct check_config, fall),
	.min = 1,
	.max = 100},
    {.name = "rise",
	.read = scalar_unsigned,
	.offset = offsetof(struct check_config, rise),
	.min = 1,
	.max = 100},
    {.name = "recheck",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct check_reading, check.recheck_ms),
	.min = 10,
	.max = 3600 * 1000},
    {.name = "slow",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct check_reading, check.slow_ms),
	.min = 1000,
	.max = 3600 * 1000},
    {.name = "slower",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct check_reading, check.slower_ms),
	.min = 1,
	.max = 3600 * 1000},
    {.name = "fail_back",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct check_reading, check.fail_back_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "flap", .read = steering_read_flap},
    {.name = "deep", .read = steering_read_deep},
    {.name = "load", .read = steering_read_load},
    {.name = "quorum", .read = read_quorum},
    {.name = "families", .read = read_families},
};

/* What the operator says of the request is of the first step alone: that of
 * `path`. */
static const struct preset_plan *
own_plan(struct schema *s, const struct check_reading *reading,
    struct preset_plan *own)
{
	const struct preset_plan *plan = &reading->preset->plan;
	const struct check_step *says = &reading->own;
	struct preset_step *steps =
	    schema_array(s, plan->n_steps, sizeof(*steps));
	struct check_step *first;

	if (steps == NULL)
		return plan;
	memcpy(steps, plan->steps, plan->n_steps * sizeof(*steps));
	first = &steps[0].step;
	if (says->method != NULL)
		first->method = says->method;
	if (says->body != NULL)
		first->body = says->body;
	first->send = says->send;
	first->send_len = says->send_len;
	first->receive = says->receive;
	first->service = says->service;
	if (says->argv != NULL) {
		first->name = says->name;
		first->argv = says->argv;
	}
	if (reading->body != NULL) {
		first->has = says->has;
		first->n_has = says->n_has;
		first->lacks = says->lacks;
		first->n_lacks = says->n_lacks;
		first->loading = says->loading;
		first->n_loading = says->n_loading;
		first->json = says->json;
		first->n_json = says->n_json;
	}
	*own = *plan;
	own->steps = steps;
	return own;
}

/* What the check says goes to the places of the preset. */
static void
plan_steps(struct schema *s, struct check_reading *reading)
{
	struct check_config *check = &reading->check;
	const struct preset *preset = reading->preset;
	struct plan_words words = {.path = check->path,
	    .models_path = reading->models_path,
	    .model = check->model,
	    .expect = check->expect,
	    .n_expect = check->n_expect};
	struct preset_plan own;

	if (words.models_path == NULL)
		words.models_path = preset->models_path;
	check->plan.steps = check_plan_steps(
	    s, own_plan(s, reading, &own), &words, &check->plan.n_steps);
	check->plan.every_ms = check->every_ms;
	check->plan.timeout_ms = check->timeout_ms;
	check->plan.fall = check->fall;
	check->plan.rise = check->rise;
}

/* The codes of the preset, which is gone when the file is read. */
static void
imply_codes(
    struct schema *s, const struct preset *preset, struct check_config *check)
{
	struct code_range *codes =
	    schema_array(s, preset->n_expect, sizeof(*codes));

	if (codes == NULL || preset->n_expect == 0)
		return;
	memcpy(codes, preset->expect, preset->n_expect * sizeof(*codes));
	check->expect = codes;
	check->n_expect = preset->n_expect;
}

/* What the preset and the scheme imply where the file is silent. */
static void
imply(struct schema *s, struct check_reading *reading)
{
	struct check_config *check = &reading->check;
	const struct preset *preset = reading->preset;

	check->preset = schema_strdup(s, preset->name);
	if (preset->plan.steps[0].step.kind == STEP_TLS)
		check->https = true;
	if (check->port == 0)
		check->port = preset->port;
	if (check->port == 0)
		check->port = check->https ? HTTPS_PORT : HTTP_PORT;
	if (check->path == NULL && preset->path != NULL)
		check->path = schema_strdup(s, preset->path);
	if (check->expect == NULL)
		imply_codes(s, preset, check);
	/* A period below the default timeout shortens it. */
	if (check->timeout_ms == 0)
		check->timeout_ms = check->every_ms < CHECK_TIMEOUT_MS
		    ? check->every_ms
		    : CHECK_TIMEOUT_MS;
	plan_steps(s, reading);
	steering_check_deep(s, reading);
	steering_check_load(s, reading);
}

/* The port of the other scheme, or of the preset's server in plain HTTP, is
 * most often a slip: nothing would ever pass the check.  gRPC has no port of
 * its own for TLS. */
static void
check_port(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading)
{
	const struct check_config *check = &reading->check;
	const struct yaml_node *port = yaml_find(value, "port");
	const struct yaml_node *scheme = yaml_find(value, "scheme");

	if (port != NULL && check->port == HTTPS_PORT && !check->https &&
	    scheme == NULL)
		errbuf_warn(s->eb, &port->at,
		    "port: %d is asked in plain HTTP: write \"scheme: https\" "
		    "too, or \"scheme: http\" if that is meant",
		    HTTPS_PORT);
	if (port == NULL && scheme != NULL && check->https &&
	    reading->preset->port != 0 &&
	    reading->preset->plan.steps[0].step.kind == STEP_HTTP)
		errbuf_warn(s->eb, &scheme->at,
		    "scheme: https is asked at port %u, which is that of the "
		    "preset %s in plain HTTP: write the port (port: %d)",
		    reading->preset->port, reading->preset->name, HTTPS_PORT);
	if (port != NULL && check->port == HTTP_PORT && check->https)
		errbuf_warn(s->eb, &port->at,
		    "port: %d is asked in https: write \"port: %d\", or leave "
		    "\"scheme\" away",
		    HTTP_PORT, HTTPS_PORT);
}

/* Keys that only make sense together. */
/* Keys that would do nothing, or let no check pass. */
static void
check_for_nothing(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading)
{
	const struct yaml_node *node = yaml_find(value, "models_path");

	if (node != NULL && reading->preset->models_path == NULL &&
	    reading->preset->plan.steps[0].step.kind == STEP_HTTP)
		schema_error(s, node,
		    "the preset %s asks for no list of models: write another "
		    "one (preset: vllm)",
		    reading->preset->name);
	node = yaml_find(value, "body");
	if (node != NULL && reading->own.method != NULL &&
	    strcmp(reading->own.method, "HEAD") == 0)
		schema_error(s, node,
		    "an answer to HEAD has none: write \"method: GET\"");
}

static void
check_together(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading)
{
	static const char *const of_https[] = {
	    "verify", "ca", "certificate", "key", "http2"};
	const struct yaml_node *node;
	const struct check_config *check = &reading->check;
	char every[SCALAR_MS_TEXT];

	for (size_t i = 0; i < sizeof(of_https) / sizeof(of_https[0]); i++) {
		node = yaml_find(value, of_https[i]);
		if (node != NULL && !check->https)
			schema_error(s, node, "needs \"scheme: https\"");
	}
	node = yaml_find(value, "exec");
	if (node != NULL && yaml_find(value, "preset") != NULL)
		schema_error(s, node, "and \"preset\" are two things to ask");
	check_for_nothing(s, value, reading);
	node = yaml_find(value, "model");
	if (node != NULL && reading->preset->model == MODEL_NONE)
		schema_error(s, node,
		    "the preset %s asks for no model: write another one "
		    "(preset: vllm)",
		    reading->preset->name);
	if (reading->preset->plan.steps[0].step.kind == STEP_TCP &&
	    yaml_find(value, "port") == NULL)
		schema_error(s, value, "the preset %s needs the key \"port\"",
		    reading->preset->name);
	node = yaml_find(value, "host_port");
	if (node != NULL && check->host == NULL)
		schema_error(s, node, "needs the key \"host\"");
	if (reading->own.body != NULL && reading->own.method == NULL)
		schema_error(s, yaml_find(value, "request_body"),
		    "needs a method that sends one (method: POST)");
	node = yaml_find(value, "model");
	if (node == NULL && reading->preset->model == MODEL_REQUIRED)
		schema_error(s, value, "the preset %s needs the key \"model\"",
		    reading->preset->name);
	node = yaml_find(value, "timeout");
	if (node != NULL && check->timeout_ms > OVERLAP * check->every_ms)
		schema_error(s, node,
		    "%s is more than %d times \"every\", which is %s",
		    node->text, OVERLAP,
		    scalar_show_ms(check->every_ms, every));
	node = yaml_find(value, "recheck");
	if (node != NULL && check->recheck_ms >= check->every_ms)
		schema_error(s, node,
		    "%s is not shorter than \"every\", which is %s", node->text,
		    scalar_show_ms(check->every_ms, every));
	node = yaml_find(value, "slower");
	if (node != NULL && check->slower_ms >= check->timeout_ms)
		schema_error(s, node,
		    "%s is not shorter than \"timeout\", which is %s: what "
		    "takes longer is down",
		    node->text, scalar_show_ms(check->timeout_ms, every));
	node = yaml_find(value, "slow");
	if (node != NULL && check->slow_ms > 0 &&
	    check->slow_ms < check->every_ms)
		schema_error(s, node,
		    "%s is shorter than \"every\", which is %s", node->text,
		    scalar_show_ms(check->every_ms, every));
}

/* Defaults that no preset changes, then the keys, then what they imply. */
static void
read_check(
    struct schema *s, const struct yaml_node *value, struct check_config *check)
{
	struct steering_reader *reader = s->context;
	struct check_reading reading = {.models_path = NULL};
	unsigned before = s->eb->errors;

	reading.preset = preset_store_find(reader->presets, PRESET, s->eb);
	reading.check = (struct check_config){.at = value->key_at,
	    .name = schema_strdup(s, value->key),
	    .verify = true,
	    .every_ms = CHECK_EVERY_MS,
	    .fall = CHECK_FALL,
	    .rise = CHECK_RISE,
	    .ipv4 = true,
	    .ipv6 = true,
	    .client = {.host_port = true}};
	schema_name(s, &value->key_at, value->key);
	schema_map(s, value, check_keys,
	    sizeof(check_keys) / sizeof(check_keys[0]), &reading);
	if (reading.preset != NULL)
		imply(s, &reading);
	*check = reading.check;
	if (s->eb->errors != before || reading.preset == NULL)
		return;
	check_together(s, value, &reading);
	steering_check_client(s, value, &reading);
	check_port(s, value, &reading);
}

void
steering_read_checks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct check_config *checks;

	(void)key;
	(void)out;
	if (!schema_named(s, value, STEERING_MAX_CHECKS)) {
		reader->checks = value->kind == YAML_LIST ? value : NULL;
		return;
	}
	checks = schema_array(s, value->n, sizeof(*checks));
	reader->check_used = schema_array(s, value->n, sizeof(bool));
	if (checks == NULL || reader->check_used == NULL)
		return;
	for (const struct yaml_node *child = value->first;
	     child != NULL && !schema_stop(s, &child->key_at);
	     child = child->next)
		read_check(s, child, &checks[child->index]);
	reader->config->checks = checks;
	reader->config->n_checks = value->n;
	reader->checks = value;
}
