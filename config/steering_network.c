/*
 * The `networks` of a steering file: named sets of prefixes, in the file itself
 * or in a text file beside it.  Called by the reader of steering files.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* As many bytes as STEERING_MAX_PREFIXES of IPv6 take with a short comment
 * each. */
#define NETWORK_FILE_MAX ((size_t)64 << 20)

/* All addresses of ${prefix} have an IPv4 address inside (RFC 4291, 2.5.5.2;
 * RFC 3056).  Clients there are taken for that address, so the prefix has none.
 */
static bool
holds_ipv4(const struct prefix *prefix)
{
	const struct address *a = &prefix->address;

	if (address_is_mapped(a))
		return prefix->length >= 96;
	return a->family == 6 && prefix->length >= 16 && a->bytes[0] == 0x20 &&
	    a->bytes[1] == 0x02;
}

/* A prefix in the steering file or in a file of its own, at ${at}. */
static void
read_prefix_text(struct schema *s, const struct mark *at, const char *text,
    struct prefix *out)
{
	char shown[SHOWN_SIZE], right[ADDRESS_TEXT];
	struct prefix prefix;

	switch (prefix_parse(text, &prefix)) {
	case 0:
		*out = prefix;
		if (holds_ipv4(&prefix))
			errbuf_warn(s->eb, at,
			    "%s matches nobody: such clients are read as the "
			    "IPv4 address inside",
			    prefix_format(&prefix, right));
		break;
	case -2:
		errbuf_error(s->eb, at,
		    "prefix %s has bits set behind its length, write %s",
		    shown_text(text, shown), prefix_format(&prefix, right));
		break;
	default:
		errbuf_error(s->eb, at,
		    "expected a prefix (10.0.0.0/8, 2001:db8::/32), found %s",
		    shown_text(text, shown));
	}
}

void
steering_read_prefix(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *prefix)
{
	(void)key;
	if (value->kind != YAML_SCALAR)
		schema_expected(
		    s, value, "a prefix (10.0.0.0/8, 2001:db8::/32)");
	else
		read_prefix_text(s, &value->at, value->text, prefix);
}

/* One prefix or a list of them. */
static void
read_prefixes(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = steering_read_prefix};
	struct network_config *network = out;

	(void)key;
	network->prefixes = schema_values(s, value, STEERING_MAX_PREFIXES,
	    sizeof(network->prefixes[0]), &item, &network->n_prefixes);
}

/* Cut the next line off ${rest}: its text without comment and blanks, which
 * starts in ${column}.  NULL at the end. */
static char *
next_line(char **rest, unsigned *column)
{
	char *line = *rest, *end, *text;
	size_t len;

	if (*line == '\0')
		return NULL;
	end = line + strcspn(line, "\n");
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	line[strcspn(line, "#")] = '\0';
	text = line + strspn(line, " \t\r");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	*column = (unsigned)(text - line) + 1;
	return text;
}

/* Read the prefixes in ${text}, a file of ${lines} lines, one a line at most.
 */
static void
read_lines(struct schema *s, const char *path, char *text, size_t lines,
    struct network_config *network)
{
	struct mark at = {path, 0, 0};
	struct prefix *prefixes = schema_array(s, lines, sizeof(*prefixes));
	/* Some editors begin a file with a byte order mark; libfyaml skips it,
	 * too. */
	char *rest = text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
	char *line;
	size_t n = 0;

	if (prefixes == NULL)
		return;
	while ((line = next_line(&rest, &at.column)) != NULL) {
		at.line++;
		if (line[0] == '\0')
			continue;
		if (schema_stop(s, &at))
			return;
		if (n == STEERING_MAX_PREFIXES) {
			errbuf_error(s->eb, &at,
			    "at most %d prefixes are accepted",
			    STEERING_MAX_PREFIXES);
			return;
		}
		read_prefix_text(s, &at, line, &prefixes[n++]);
	}
	at.line = 0;
	if (n == 0)
		errbuf_error(s->eb, &at, "holds no prefix");
	network->prefixes = prefixes;
	network->n_prefixes = n;
}

/* A file with one prefix a line, "#" before comments. */
static void
read_file(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct network_config *network = out;
	struct mark at;
	const char *path = NULL;
	char *text;
	size_t len, lines = 1;

	scalar_path(s, value, key, &path);
	if (path == NULL ||
	    file_read(path, &value->at, NETWORK_FILE_MAX, &text, &len,
		s->inputs, s->eb) != 0)
		return;
	network->file = path;
	at = (struct mark){path, 0, 0};
	if (file_is_utf16(text, len)) {
		errbuf_error(
		    s->eb, &at, "the file is UTF-16 text: save it as UTF-8");
		free(text);
		return;
	}
	for (char *end = text; (end = strchr(end, '\n')) != NULL; end++)
		lines++;
	if (memchr(text, '\0', len) != NULL)
		errbuf_error(s->eb, &at, "is not a text file");
	else
		read_lines(s, path, text, lines, network);
	free(text);
}

static void
read_at(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct network_config *network = out;

	(void)key;
	network->has_position = scalar_position(s, value, &network->latitude,
				    &network->longitude) == 0;
}

static const struct schema_key network_keys[] = {
    {.name = "prefixes", .read = read_prefixes},
    {.name = "file", .read = read_file},
    {.name = "country",
	.read = scalar_country,
	.offset = offsetof(struct network_config, country)},
    {.name = "at", .read = read_at},
    {.name = "asn",
	.read = scalar_asn,
	.offset = offsetof(struct network_config, asn)},
};

/* A list of prefixes, or a mapping that may also say where they are. */
static void
read_network(struct schema *s, const struct yaml_node *value,
    struct network_config *network)
{
	const struct yaml_node *prefixes, *file;

	if (value->kind != YAML_MAP) {
		read_prefixes(s, value, NULL, network);
		return;
	}
	prefixes = yaml_find(value, "prefixes");
	file = yaml_find(value, "file");
	if (prefixes == NULL && file == NULL)
		schema_error(
		    s, value, "the key \"prefixes\" or \"file\" is missing");
	else if (prefixes != NULL && file != NULL)
		errbuf_error(s->eb, &file->key_at,
		    "\"file\" and \"prefixes\" exclude each other");
	else
		schema_map(s, value, network_keys,
		    sizeof(network_keys) / sizeof(network_keys[0]), network);
}

void
steering_read_networks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct network_config *networks;

	(void)key;
	(void)out;
	if (!schema_named(s, value, STEERING_MAX_NETWORKS)) {
		reader->networks = value->kind == YAML_LIST ? value : NULL;
		return;
	}
	networks = schema_array(s, value->n, sizeof(*networks));
	reader->network_used = schema_array(s, value->n, sizeof(bool));
	if (networks == NULL || reader->network_used == NULL)
		return;
	for (const struct yaml_node *child = value->first;
	     child != NULL && !schema_stop(s, &child->key_at);
	     child = child->next) {
		struct network_config *network = &networks[child->index];

		network->at = child->key_at;
		network->name = schema_strdup(s, child->key);
		schema_name(s, &child->key_at, child->key);
		read_network(s, child, network);
	}
	reader->config->networks = networks;
	reader->config->n_networks = value->n;
	reader->networks = value;
}
