/*
 * The `query_log` of meridian.yaml: where copies of messages go, and which.
 * Called by the reader of the node's file; opens nothing.
 */
#include <string.h>

#include "config/domain.h"
#include "config/scalar.h"
#include "config/server_parts.h"

/* sun_path of a unix socket, with its NUL. */
#define SOCKET_PATH_MAX 107

/* "unix:PATH" or "file:PATH", relative paths from the folder of this file. */
static void
read_to(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct query_log_config *log = out;
	struct yaml_node path = *value;

	if (value->kind == YAML_SCALAR &&
	    strncmp(value->text, "unix:", strlen("unix:")) == 0)
		log->socket = true;
	else if (value->kind != YAML_SCALAR ||
	    strncmp(value->text, "file:", strlen("file:")) != 0) {
		schema_expected(s, value,
		    "unix: or file: and a path (unix:/run/dnstap.sock, "
		    "file:/var/log/meridian/queries.dnstap)");
		return;
	}
	path.text += strlen("unix:");
	scalar_path(s, &path, key, &log->path);
	if (log->socket && log->path != NULL &&
	    strlen(log->path) > SOCKET_PATH_MAX)
		schema_error(s, value,
		    "the path of a socket has at most %d characters, this one "
		    "%zu",
		    SOCKET_PATH_MAX, strlen(log->path));
}

static void
read_service(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name)
{
	char canonical[DOMAIN_TEXT];

	(void)key;
	if (value->kind != YAML_SCALAR ||
	    !domain_canonical(value->text, canonical))
		schema_expected(s, value,
		    "the name of a service with that of its zone "
		    "(chat.inference.example)");
	else
		*(const char **)name = schema_strdup(s, canonical);
}

static const struct schema_key service_item = {.read = read_service};

/* Whether there is such a service is known only when all files are read, and
 * then said at its place. */
static void
read_services(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct query_log_config *log = out;
	size_t n = 0;

	(void)key;
	log->services = schema_values(s, value, SERVER_MAX_LOGGED,
	    sizeof(log->services[0]), &service_item, &n);
	if (log->services == NULL)
		return;
	log->services_at = schema_marks(s, value, n);
	log->n_services = log->services_at != NULL ? n : 0;
}

static const struct schema_word messages[] = {
    {"responses", QUERY_LOG_RESPONSES}, {"queries", QUERY_LOG_QUERIES},
    {"both", QUERY_LOG_BOTH}, {NULL, 0}};

static const struct schema_key query_log_keys[] = {
    {.name = "to", .read = read_to, .required = true},
    /* A sample of one in a million still shows the busiest servers. */
    {.name = "sample",
	.read = scalar_unsigned,
	.offset = offsetof(struct query_log_config, sample),
	.min = 1,
	.max = 1000000},
    {.name = "messages",
	.read = scalar_word,
	.offset = offsetof(struct query_log_config, messages),
	.words = messages},
    {.name = "services", .read = read_services},
    /* A file must hold what waits to be written at once. */
    {.name = "max_size",
	.read = scalar_bytes,
	.offset = offsetof(struct query_log_config, max_bytes),
	.min = 1 << 20,
	.max = INT64_C(1) << 40},
};

void
server_read_query_log(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *log)
{
	(void)key;
	if (value->kind != YAML_MAP && !yaml_empty(value)) {
		schema_expected(
		    s, value, "{to: unix:/run/dnstap.sock, sample: 100}");
		return;
	}
	schema_map(s, value, query_log_keys,
	    sizeof(query_log_keys) / sizeof(query_log_keys[0]), log);
}
