/*
 * Whom the requests of a check are from, and what is said on bare connections.
 * Called by the reader of checks; reads none of the files it names.
 */
#include <string.h>
#include <strings.h>

#include "config/check_keys.h"
#include "config/scalar.h"
#include "config/steering_check.h"

void
steering_read_headers(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;
	struct client_config *client = &reading->check.client;

	(void)key;
	client->headers = check_read_headers(s, value, &client->n_headers);
}

/* Only the probes need it, so that they, and check, say when it is missing; but
 * a load depends on it. */
void
steering_read_input(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	const char *path = NULL;

	scalar_path(s, value, key, &path);
	if (path != NULL && s->inputs != NULL &&
	    inputs_note(s->inputs, path) != 0)
		schema_error(s, value, "no memory to remember it");
	*(const char **)const_char_ptr = path;
}

/* A colon would end the name (RFC 7617, 2). */
static void
read_user(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *user)
{
	if (strchr(value->text, ':') != NULL)
		schema_expected(s, value, "a name without a colon");
	else
		scalar_text(s, value, key, user);
}

static const struct schema_key basic_keys[] = {
    {.name = "user",
	.read = read_user,
	.offset = offsetof(struct client_config, user),
	.required = true},
    {.name = "password_file",
	.read = steering_read_input,
	.offset = offsetof(struct client_config, password_file),
	.required = true},
};

void
steering_read_basic(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;

	(void)key;
	schema_map(s, value, basic_keys,
	    sizeof(basic_keys) / sizeof(basic_keys[0]), &reading->check.client);
}

/* Octets are written as YAML has them, "\r\n" in double quotes. */
void
steering_read_send(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;

	check_read_body_text(s, value, key, &reading->own.send);
	if (reading->own.send != NULL)
		reading->own.send_len = strlen(reading->own.send);
}

static bool
has_header(const struct client_config *client, const char *name)
{
	for (size_t i = 0; i < client->n_headers; i++)
		if (strcasecmp(client->headers[i].name, name) == 0)
			return true;
	return false;
}

/* Keys that only one kind of step has. */
static void
check_kind(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading)
{
	static const struct {
		const char *key;
		unsigned kinds; /* bits */
		const char *of;
	} keys[] = {
	    {"send", 1 << STEP_TCP | 1 << STEP_TLS, "tcp and tls"},
	    {"receive", 1 << STEP_TCP | 1 << STEP_TLS, "tcp and tls"},
	    {"service", 1 << STEP_GRPC, "grpc and epp"},
	    {"path", 1 << STEP_HTTP, "HTTP"},
	    {"method", 1 << STEP_HTTP, "HTTP"},
	    {"request_body", 1 << STEP_HTTP, "HTTP"},
	    {"body", 1 << STEP_HTTP, "HTTP"},
	    {"expect", 1 << STEP_HTTP, "HTTP"},
	    {"headers", 1 << STEP_HTTP | 1 << STEP_GRPC, "HTTP"},
	    {"token_file", 1 << STEP_HTTP | 1 << STEP_GRPC, "HTTP"},
	    {"basic", 1 << STEP_HTTP | 1 << STEP_GRPC, "HTTP"},
	    {"http2", 1 << STEP_HTTP, "HTTP"},
	};
	enum step_kind kind = reading->preset->plan.steps[0].step.kind;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct yaml_node *node = yaml_find(value, keys[i].key);

		if (node != NULL && (keys[i].kinds >> kind & 1) == 0)
			schema_error(s, node,
			    "is of presets of %s, and %s is none", keys[i].of,
			    reading->preset->name);
	}
}

void
steering_check_client(struct schema *s, const struct yaml_node *value,
    const struct check_reading *reading)
{
	const struct client_config *client = &reading->check.client;
	const struct yaml_node *token = yaml_find(value, "token_file");
	const struct yaml_node *basic = yaml_find(value, "basic");
	const struct yaml_node *certificate = yaml_find(value, "certificate");
	const struct yaml_node *key = yaml_find(value, "key");
	bool said = has_header(client, "Authorization");

	check_kind(s, value, reading);
	if (token != NULL && basic != NULL)
		schema_error(s, token, "and \"basic\" are two credentials");
	if (said && (token != NULL || basic != NULL))
		schema_error(s, token != NULL ? token : basic,
		    "and a header Authorization are two credentials");
	if (said)
		errbuf_warn(s->eb, &yaml_find(value, "headers")->at,
		    "Authorization: whoever may read this file can read it: "
		    "write a file of its own (token_file)");
	if ((certificate == NULL) != (key == NULL))
		schema_error(s, certificate != NULL ? certificate : key,
		    "needs the key \"%s\" too",
		    certificate != NULL ? "key" : "certificate");
}
