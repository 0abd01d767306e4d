/*
 * The `checks` of a steering file: how the endpoints of a pool are probed.
 * Called by the reader of steering files; sends nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/number.h"
#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* Where the file is silent, an endpoint that fails is found down after three
 * checks, some 15 s, so that one lost request is no failure; it is up again
 * after two that pass. */
#define EVERY_MS 5000
#define TIMEOUT_MS 2000
#define FALL 3
#define RISE 2

#define HTTP_PORT 80
#define HTTPS_PORT 443

/* More vantages than any service has. */
#define QUORUM_MAX 1000

static const struct schema_word schemes[] = {
    {"http", false}, {"https", true}, {NULL, 0}};

static const struct schema_word families[] = {
    {"ipv4", 4}, {"ipv6", 6}, {NULL, 0}};

/* No preset has the name that ${value} is. */
static void
unknown_preset(struct schema *s, const struct yaml_node *value)
{
	struct nearest nearest;
	char known[256] = "", shown[SHOWN_SIZE];
	size_t used = 0;

	nearest_init(&nearest, value->text);
	for (size_t i = 0; preset_at(i) != NULL; i++) {
		const char *name = preset_at(i)->name;

		nearest_offer(&nearest, name);
		if (used < sizeof(known))
			used +=
			    (size_t)snprintf(known + used, sizeof(known) - used,
				"%s%s", i > 0 ? ", " : "", name);
	}
	shown_text(value->text, shown);
	if (strcmp(value->text, "https") == 0)
		schema_error(s, value,
		    "%s is a scheme: write \"preset: http\" and \"scheme: "
		    "https\"",
		    shown);
	else if (strcmp(value->text, "tcp") == 0 ||
	    strcmp(value->text, "ping") == 0 ||
	    strcmp(value->text, "icmp") == 0)
		schema_error(s, value,
		    "there is no check of a port or a host alone, found %s: "
		    "write \"preset: http\" and a path that shows that the "
		    "server is well (path: /health)",
		    shown);
	else if (nearest.best != NULL)
		errbuf_error(s->eb, &value->at,
		    "unknown preset %s, did you mean \"%s\"?", shown,
		    nearest.best);
	else
		errbuf_error(s->eb, &value->at,
		    "unknown preset %s, known are: %s; http asks any server, "
		    "by port and path",
		    shown, known);
}

static void
read_preset(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *preset)
{
	const struct preset *found;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value)) {
		schema_expected(s, value, "the name of a preset (http, vllm)");
		return;
	}
	found = preset_find(value->text);
	if (found != NULL)
		*(const struct preset **)preset = found;
	else
		unknown_preset(s, value);
}

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
read_quorum(struct schema *s, const struct yaml_node *value,
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

/* Three digits; 0 when ${text} does not start with a code. */
static uint16_t
parse_code(const char *text)
{
	uint64_t n;

	return number_parse(text, 3, 100, 599, &n) == 0 ? (uint16_t)n : 0;
}

/* "200" or "200-299". */
static void
read_code_range(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *code_range)
{
	const char *text = value->text;
	size_t len = strlen(text);
	struct code_range range = {0, 0};

	(void)key;
	if (len == 3)
		range.first = range.last = parse_code(text);
	else if (len == 7 && text[3] == '-')
		range =
		    (struct code_range){parse_code(text), parse_code(text + 4)};
	if (range.first == 0 || range.last < range.first)
		schema_expected(s, value,
		    "an HTTP code or a range of codes from 100 to 599 (200, "
		    "200-299)");
	else
		*(struct code_range *)code_range = range;
}

static const struct schema_key expected_codes = {.read = read_code_range};

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

/* A path is sent as it is, so it may hold only what a request line may (RFC
 * 9112, 3.2); a fragment ("#") is for browsers and is never sent. */
static void
read_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *path)
{
	const unsigned char *p = (const unsigned char *)value->text;

	while (*p > 0x20 && *p < 0x7f && *p != '#')
		p++;
	if (value->text[0] != '/' || *p != '\0')
		schema_expected(s, value,
		    "a path that starts with \"/\", in ASCII without blanks "
		    "(/health); the name of the server goes to \"host\"");
	else
		scalar_text(s, value, key, path);
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

/* The file is not read here, but a load depends on it: it is in the inputs.
 * Only the probes need it, so that they, and check, say when it is missing. */
static void
read_ca(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *ca)
{
	const char *path = NULL;

	scalar_path(s, value, key, &path);
	if (path != NULL && s->inputs != NULL &&
	    inputs_note(s->inputs, path) != 0)
		schema_error(s, value, "no memory to remember it");
	*(const char **)ca = path;
}

/* A check more often than every 100 ms would load its endpoint rather than
 * watch it; one less often than every hour finds no failure in time. */
static const struct schema_key check_keys[] = {
    {.name = "preset",
	.read = read_preset,
	.offset = offsetof(struct check_config, preset)},
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
	.read = read_path,
	.offset = offsetof(struct check_config, path),
	.max = 1024},
    {.name = "host",
	.read = read_host,
	.offset = offsetof(struct check_config, host),
	.max = 253},
    {.name = "model",
	.read = scalar_text,
	.offset = offsetof(struct check_config, model)},
    {.name = "verify",
	.read = scalar_bool,
	.offset = offsetof(struct check_config, verify)},
    {.name = "ca",
	.read = read_ca,
	.offset = offsetof(struct check_config, ca)},
    {.name = "expect",
	SCHEMA_LIST(struct check_config, expect, n_expect, &expected_codes,
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
    {.name = "quorum", .read = read_quorum},
    {.name = "families", .read = read_families},
};

/* The steps of the preset, with what the check says in place of it.  One that
 * looks for the model is left out where the check names none. */
static void
plan_steps(struct schema *s, struct check_config *check)
{
	const struct preset *preset = check->preset;
	struct check_step *steps =
	    schema_array(s, preset->n_steps, sizeof(*steps));
	struct json_rule *rule;
	char path[64];
	size_t n = 0;

	for (size_t i = 0; steps != NULL && i < preset->n_steps; i++) {
		const struct preset_step *from = &preset->steps[i];
		struct check_step *step = &steps[n];

		if (from->list != NULL && check->model == NULL)
			continue;
		n++;
		step->method = "GET";
		step->name = step->path =
		    from->path != NULL ? from->path : check->path;
		step->expect =
		    from->expect.first != 0 ? &from->expect : check->expect;
		step->n_expect = from->expect.first != 0 ? 1 : check->n_expect;
		if (from->list == NULL)
			continue;
		rule = schema_array(s, 1, sizeof(*rule));
		if (rule == NULL)
			return;
		snprintf(
		    path, sizeof(path), "%s[*].%s", from->list, from->member);
		rule->path = schema_strdup(s, path);
		rule->is = check->model;
		step->json = rule;
		step->n_json = 1;
	}
	check->plan.steps = steps;
	check->plan.n_steps = n;
}

/* What the preset and the scheme imply where the file is silent. */
static void
imply(struct schema *s, struct check_config *check)
{
	const struct preset *preset = check->preset;

	if (check->port == 0)
		check->port = preset->port;
	if (check->port == 0)
		check->port = check->https ? HTTPS_PORT : HTTP_PORT;
	if (check->path == NULL)
		check->path = preset->path;
	if (check->expect == NULL) {
		check->expect = &preset->expect;
		check->n_expect = 1;
	}
	/* A period below the default timeout shortens it. */
	if (check->timeout_ms == 0)
		check->timeout_ms =
		    check->every_ms < TIMEOUT_MS ? check->every_ms : TIMEOUT_MS;
	plan_steps(s, check);
	check->plan.every_ms = check->every_ms;
	check->plan.timeout_ms = check->timeout_ms;
	check->plan.fall = check->fall;
	check->plan.rise = check->rise;
}

/* The first preset that asks for a model, for a check that names one in vain.
 */
static const char *
preset_of_models(void)
{
	size_t i = 0;

	while (preset_at(i + 1) != NULL && !preset_at(i)->takes_model)
		i++;
	return preset_at(i)->name;
}

/* The port of the other scheme, or of the preset's server in plain HTTP, is
 * most often a slip: nothing would ever pass the check. */
static void
check_port(struct schema *s, const struct yaml_node *value,
    const struct check_config *check)
{
	const struct yaml_node *port = yaml_find(value, "port");
	const struct yaml_node *scheme = yaml_find(value, "scheme");

	if (port != NULL && check->port == HTTPS_PORT && !check->https &&
	    scheme == NULL)
		errbuf_warn(s->eb, &port->at,
		    "port: %d is asked in plain HTTP: write \"scheme: https\" "
		    "too, or \"scheme: http\" if that is meant",
		    HTTPS_PORT);
	if (port == NULL && check->https && check->preset->port != 0)
		errbuf_warn(s->eb, &scheme->at,
		    "scheme: https is asked at port %u, which is that of the "
		    "preset %s in plain HTTP: write the port (port: %d)",
		    check->preset->port, check->preset->name, HTTPS_PORT);
	if (port != NULL && check->port == HTTP_PORT && check->https)
		errbuf_warn(s->eb, &port->at,
		    "port: %d is asked in https: write \"port: %d\", or leave "
		    "\"scheme\" away",
		    HTTP_PORT, HTTPS_PORT);
}

/* Keys that only make sense together. */
static void
check_together(struct schema *s, const struct yaml_node *value,
    const struct check_config *check)
{
	static const char *const of_https[] = {"verify", "ca"};
	const struct yaml_node *node;
	char every[SCALAR_MS_TEXT];

	for (size_t i = 0; i < sizeof(of_https) / sizeof(of_https[0]); i++) {
		node = yaml_find(value, of_https[i]);
		if (node != NULL && !check->https)
			schema_error(s, node, "needs \"scheme: https\"");
	}
	node = yaml_find(value, "model");
	if (node != NULL && !check->preset->takes_model)
		schema_error(
		    s, node, "needs \"preset: %s\"", preset_of_models());
	node = yaml_find(value, "timeout");
	if (node != NULL && check->timeout_ms > check->every_ms)
		schema_error(s, node,
		    "%s is longer than \"every\", which is %s", node->text,
		    scalar_show_ms(check->every_ms, every));
}

/* Defaults that no preset changes, then the keys, then what they imply. */
static void
read_check(
    struct schema *s, const struct yaml_node *value, struct check_config *check)
{
	unsigned before = s->eb->errors;

	check->at = value->key_at;
	check->name = schema_strdup(s, value->key);
	check->preset = preset_at(0);
	check->verify = true;
	check->every_ms = EVERY_MS;
	check->fall = FALL;
	check->rise = RISE;
	check->ipv4 = check->ipv6 = true;
	check->client.host_port = true;
	schema_name(s, &value->key_at, value->key);
	schema_map(s, value, check_keys,
	    sizeof(check_keys) / sizeof(check_keys[0]), check);
	imply(s, check);
	if (s->eb->errors != before)
		return;
	check_together(s, value, check);
	check_port(s, value, check);
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
