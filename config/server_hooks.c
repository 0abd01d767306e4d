/*
 * The `hooks` of meridian.yaml.  Called by the reader of the node's file; calls
 * nobody.
 */
#include <string.h>
#include <strings.h>

#include "config/hook.h"
#include "config/scalar.h"
#include "config/server_parts.h"

#define HOOK_MAX_POOLS 64
#define HOOK_MAX_ARGUMENTS 32

static void
read_url(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key text = {
	    .read = scalar_text, .max = 1024};
	const char *url = value->text;

	(void)key;
	if (value->kind != YAML_SCALAR ||
	    (strncasecmp(url, "https://", 8) != 0 &&
		strncasecmp(url, "http://", 7) != 0)) {
		schema_expected(
		    s, value, "a URL (https://hooks.example.net/meridian)");
		return;
	}
	scalar_text(s, value, &text, out);
}

/* [program, argument...] */
static void
read_command(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const struct yaml_node *program = value->first;
	const char **argv;
	size_t n = 0;

	(void)key;
	if (value->kind != YAML_LIST || value->n == 0 ||
	    value->n > HOOK_MAX_ARGUMENTS || yaml_empty(program)) {
		schema_expected(s, value,
		    "a program and its arguments, at most %d "
		    "([/usr/local/bin/page-me, \"--now\"])",
		    HOOK_MAX_ARGUMENTS);
		return;
	}
	argv = schema_array(s, value->n + 1, sizeof(*argv));
	if (argv == NULL)
		return;
	scalar_path(s, program, &(struct schema_key){0}, &argv[n++]);
	for (const struct yaml_node *node = program->next; node != NULL;
	     node = node->next) {
		if (node->kind != YAML_SCALAR) {
			schema_expected(s, node, "a text: no shell reads it");
			return;
		}
		argv[n++] = schema_strdup(s, node->text);
	}
	*(const char *const **)out = argv;
}

static const struct schema_word changes[] = {{"down", HOOK_ON_DOWN},
    {"up", HOOK_ON_UP}, {"degraded", HOOK_ON_DEGRADED}, {NULL, 0}};

/* "10/m" */
static void
read_at_most(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	unsigned n = 0;
	size_t digits =
	    value->kind == YAML_SCALAR ? strspn(value->text, "0123456789") : 0;

	(void)key;
	for (size_t i = 0; i < digits && digits <= 4; i++)
		n = 10 * n + (unsigned)(value->text[i] - '0');
	if (n == 0 || n > 600 || strcmp(value->text + digits, "/m") != 0)
		schema_expected(
		    s, value, "messages a minute, from 1/m to 600/m (10/m)");
	else
		*(unsigned *)out = n;
}

static const struct schema_key pool_pattern = {.read = scalar_text, .max = 63};

/* Whether a pool fits is known only when all files are read, and then said at
 * its place. */
static void
read_pools(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct hook_config *hook = out;
	size_t n = 0;

	(void)key;
	hook->pools = schema_values(s, value, HOOK_MAX_POOLS,
	    sizeof(hook->pools[0]), &pool_pattern, &n);
	if (hook->pools == NULL)
		return;
	hook->pools_at = schema_marks(s, value, n);
	hook->n_pools = hook->pools_at != NULL ? n : 0;
}

static const struct schema_key hook_keys[] = {
    {.name = "name",
	.read = scalar_name,
	.offset = offsetof(struct hook_config, name),
	.required = true},
    {.name = "url",
	.read = read_url,
	.offset = offsetof(struct hook_config, url)},
    {.name = "command",
	.read = read_command,
	.offset = offsetof(struct hook_config, argv)},
    {.name = "secret_file",
	.read = scalar_path,
	.offset = offsetof(struct hook_config, secret_file)},
    {.name = "ca",
	.read = scalar_path,
	.offset = offsetof(struct hook_config, ca)},
    {.name = "on",
	.read = scalar_words,
	.words = changes,
	.offset = offsetof(struct hook_config, on)},
    {.name = "pools", .read = read_pools},
    {.name = "timeout",
	.read = scalar_ms,
	.offset = offsetof(struct hook_config, timeout_ms),
	.min = 100,
	.max = 60 * 1000},
    {.name = "retry",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct hook_config, retry_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "at_most",
	.read = read_at_most,
	.offset = offsetof(struct hook_config, at_most)},
};

static void
read_hook(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct hook_config *hook = out;
	unsigned before = s->eb->errors;

	(void)key;
	*hook = (struct hook_config){.at = value->at,
	    .on = HOOK_ON_DOWN | HOOK_ON_UP | HOOK_ON_DEGRADED,
	    .timeout_ms = 10000,
	    .retry_ms = 600000,
	    .at_most = 10};
	schema_map(s, value, hook_keys,
	    sizeof(hook_keys) / sizeof(hook_keys[0]), hook);
	if (s->eb->errors == before &&
	    (hook->url == NULL) == (hook->argv == NULL))
		schema_error(s, value,
		    "a hook has either a url or a command, and not both");
}

/* A hook is known by its name to a reload, and in log and metrics. */
static void
check_names(struct schema *s, const struct server_config *config)
{
	struct schema_entry entries[HOOK_MAX];
	size_t n = 0;

	for (size_t i = 0; i < config->n_hooks; i++)
		if (config->hooks[i].name != NULL)
			entries[n++] = (struct schema_entry){
			    config->hooks[i].name, config->hooks[i].at};
	schema_distinct(s, entries, n, strcmp, "hook", "");
}

static const struct schema_key hook_item = {.read = read_hook};

void
server_read_hooks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	(void)key;
	config->hooks = schema_values(s, value, HOOK_MAX,
	    sizeof(config->hooks[0]), &hook_item, &config->n_hooks);
	if (config->hooks == NULL)
		config->n_hooks = 0;
	check_names(s, config);
}
