/*
 * Keys that checks and presets have in common.  Called by the readers of both;
 * knows neither.
 */
#include "config/check_keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "config/json_path.h"
#include "config/scalar.h"
#include "config/shown.h"

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

const struct schema_key check_code = {.read = read_code_range};

int
check_read_wanted(struct schema *s, const struct yaml_node *value,
    const char *form, bool *wanted)
{
	bool scalar = value->kind == YAML_SCALAR;

	if (scalar && strcmp(value->text, "true") == 0)
		*wanted = true;
	else if (scalar && strcmp(value->text, "false") == 0)
		*wanted = false;
	else
		return schema_expected(s, value, "true, false or %s", form);
	return 0;
}

/* A path is sent as it is, so it may hold only what a request line may (RFC
 * 9112, 3.2); a fragment ("#") is for browsers and is never sent. */
void
check_read_path(struct schema *s, const struct yaml_node *value,
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

/* A method is a token (RFC 9110, 5.6.2); the registered ones are letters. */
void
check_read_method(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *text = value->text;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value) ||
	    text[strspn(text, letters)] != '\0' || strlen(text) > 16)
		schema_expected(s, value, "a method in capitals (GET, POST)");
	else if (strcmp(text, "CONNECT") == 0 || strcmp(text, "TRACE") == 0)
		schema_error(s, value, "%s asks for no page", text);
	else
		*(const char **)const_char_ptr = schema_strdup(s, text);
}

void
check_read_body_text(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	(void)key;
	if (value->kind != YAML_SCALAR)
		schema_expected(s, value, "a text, in quotes");
	else if (strlen(value->text) > CHECK_MAX_BODY)
		schema_error(
		    s, value, "at most %d octets are sent", CHECK_MAX_BODY);
	else
		*(const char **)const_char_ptr = schema_strdup(s, value->text);
}

/* --- headers --- */

/* What is made for each request, and what to write in its place. */
static const struct {
	const char *name, *instead;
} made_headers[] = {
    {"Host", "write \"host\""},
    {"Content-Length", "it follows from the body"},
    {"Transfer-Encoding", "bodies are sent whole"},
    {"Connection", "write \"reuse\""},
    {"Upgrade", "write \"http2\""},
    {"TE", "it is sent where it is needed"},
    {"Accept-Encoding", "bodies are read as they are"},
    {"Expect", "bodies are sent at once"},
};

/* A field name is a token, a value has no control characters (RFC 9110, 5.1
 * and 5.5). */
static bool
is_header(struct schema *s, const struct yaml_node *value)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~";
	const unsigned char *p = (const unsigned char *)value->text;
	char shown[SHOWN_SIZE];

	if (value->key[0] == '\0' ||
	    value->key[strspn(value->key, token)] != '\0') {
		shown_text(value->key, shown);
		errbuf_error(s->eb, &value->key_at,
		    "%s is no name of a header (Authorization)", shown);
		return false;
	}
	for (size_t i = 0; i < sizeof(made_headers) / sizeof(made_headers[0]);
	     i++)
		if (strcasecmp(value->key, made_headers[i].name) == 0) {
			errbuf_error(s->eb, &value->key_at,
			    "the header %s is not said here: %s",
			    made_headers[i].name, made_headers[i].instead);
			return false;
		}
	while (*p == '\t' || (*p >= 0x20 && *p != 0x7f))
		p++;
	if (value->kind == YAML_SCALAR && *p == '\0' &&
	    strlen(value->text) <= 4096)
		return true;
	schema_expected(s, value,
	    "the value of a header in one line of at most 4096 octets");
	return false;
}

/* Names of headers differ by more than case. */
static bool
has_header(const struct step_header *headers, size_t n, const char *name)
{
	while (n > 0 && strcasecmp(headers[n - 1].name, name) != 0)
		n--;
	return n > 0;
}

const struct step_header *
check_read_headers(struct schema *s, const struct yaml_node *value, size_t *n)
{
	struct step_header *headers;

	*n = 0;
	if (value->kind != YAML_MAP || value->n == 0 ||
	    value->n > CHECK_MAX_HEADERS) {
		schema_expected(s, value,
		    "a mapping of 1 to %d headers ({X-Health: check})",
		    CHECK_MAX_HEADERS);
		return NULL;
	}
	headers = schema_array(s, value->n, sizeof(*headers));
	if (headers == NULL)
		return NULL;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next) {
		if (!is_header(s, child))
			continue;
		if (has_header(headers, *n, child->key)) {
			schema_error(s, child, "is there twice");
			continue;
		}
		headers[*n].name = schema_strdup(s, child->key);
		headers[(*n)++].value = schema_strdup(s, child->text);
	}
	return headers;
}

/* --- what of a body is looked at --- */

static void
read_json_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	struct json_path path;
	const char *why;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value)) {
		schema_expected(s, value, "the path of a value (data[*].id)");
		return;
	}
	why = json_path_parse(value->text, &path);
	if (why != NULL)
		schema_error(s, value, "%s is no path: %s (data[*].id)",
		    value->text, why);
	else
		*(const char **)const_char_ptr = schema_strdup(s, value->text);
}

struct rule_reading {
	struct json_rule rule;
	const char *is_not;
};

static const struct schema_key rule_keys[] = {
    {.name = "path",
	.read = read_json_path,
	.offset = offsetof(struct rule_reading, rule.path),
	.required = true},
    {.name = "is",
	.read = scalar_text,
	.offset = offsetof(struct rule_reading, rule.is)},
    {.name = "is_not",
	.read = scalar_text,
	.offset = offsetof(struct rule_reading, is_not)},
    {.name = "words",
	.read = scalar_text,
	.offset = offsetof(struct rule_reading, rule.words),
	.max = 63},
};

static void
read_rule(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct rule_reading reading = {.is_not = NULL};

	(void)key;
	schema_map(s, value, rule_keys,
	    sizeof(rule_keys) / sizeof(rule_keys[0]), &reading);
	if (reading.rule.is != NULL && reading.is_not != NULL)
		schema_error(s, value, "\"is\" and \"is_not\" say two things");
	if (reading.is_not != NULL) {
		reading.rule.is = reading.is_not;
		reading.rule.negated = true;
	}
	*(struct json_rule *)out = reading.rule;
}

static const struct schema_key a_text = {.read = scalar_text};
static const struct schema_key a_rule = {.read = read_rule};

static const struct schema_key body_keys[] = {
    {.name = "has",
	SCHEMA_LIST(struct check_step, has, n_has, &a_text, CHECK_MAX_RULES)},
    {.name = "lacks",
	SCHEMA_LIST(
	    struct check_step, lacks, n_lacks, &a_text, CHECK_MAX_RULES)},
    {.name = "loading",
	SCHEMA_LIST(
	    struct check_step, loading, n_loading, &a_text, CHECK_MAX_RULES)},
    {.name = "json",
	SCHEMA_LIST(struct check_step, json, n_json, &a_rule, CHECK_MAX_RULES)},
};

void
check_read_body(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *step)
{
	(void)key;
	if (value->kind != YAML_MAP || value->n == 0)
		schema_expected(s, value,
		    "what its text must hold, lack, or say in JSON ({has: "
		    "ok})");
	else
		schema_map(s, value, body_keys,
		    sizeof(body_keys) / sizeof(body_keys[0]), step);
}
