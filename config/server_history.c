/*
 * The `history` of meridian.yaml.  Called by the reader of the node's file;
 * writes no history itself.
 */
#include <string.h>

#include "config/scalar.h"
#include "config/server_parts.h"

/* The name where the file is silent, beside the state database. */
#define DEFAULT_NAME "history.db"

static void
read_file(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct history_config *history = out;

	scalar_path(s, value, key, &history->file);
	history->file_at = value->at;
}

/* A file of less than a few days of a small node is of no use; a terabyte is
 * more than any node counts in its lifetime. */
static const struct schema_key history_keys[] = {
    {.name = "file", .read = read_file},
    {.name = "sample",
	.read = scalar_unsigned,
	.offset = offsetof(struct history_config, sample),
	.min = 1,
	.max = 65536},
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct history_config, every_ms),
	.min = 1000,
	.max = 60 * 1000},
    {.name = "max_mb",
	.read = scalar_unsigned,
	.offset = offsetof(struct history_config, max_mb),
	.min = 16,
	.max = 1024 * 1024},
};

void
server_read_history(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct history_config *history = out;

	(void)key;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "off") == 0) {
		history->on = false;
		return;
	}
	if (value->kind != YAML_MAP && !yaml_empty(value)) {
		schema_expected(s, value, "off, or {sample: 64}");
		return;
	}
	schema_map(s, value, history_keys,
	    sizeof(history_keys) / sizeof(history_keys[0]), history);
}

void
server_place_history(
    struct schema *s, const char *state, struct history_config *out)
{
	const char *slash = strrchr(state, '/');
	size_t folder = slash != NULL ? (size_t)(slash - state) + 1 : 0;
	char *file;

	if (out->file != NULL) {
		if (strcmp(out->file, state) == 0)
			errbuf_error(s->eb, &out->file_at,
			    "history: %s is the state database: history needs "
			    "a file of its own",
			    state);
		return;
	}
	file = schema_array(s, folder + sizeof(DEFAULT_NAME), 1);
	if (file == NULL)
		return;
	memcpy(file, state, folder);
	memcpy(file + folder, DEFAULT_NAME, sizeof(DEFAULT_NAME));
	out->file = file;
}
