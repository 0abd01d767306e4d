/*
 * The `https` and `svcb` of a service: what its HTTPS or SVCB record has beside
 * the addresses (RFC 9460).  Called by the reader of services; makes no record.
 */
#include <string.h>

#include "base/codec.h"
#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* More than any list of protocols that is in use. */
#define ALPN_MAX 32
/* Octets of an ECHConfigList: its length is written in 16 bits, and one of
 * several keys has some hundred. */
#define ECH_MAX 4096

/* Names of the parameters that a record may call mandatory, by key. */
static const char *const names[] = {NULL, "alpn", "no_default_alpn", "port",
    "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"};
enum { KEY_ALPN = 1, KEY_IPV4HINT = 4, KEY_IPV6HINT = 6 };

static void
read_target(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name)
{
	if (value->kind == YAML_SCALAR && strcmp(value->text, ".") == 0)
		*(const char **)name = ".";
	else
		steering_read_domain(s, value, key, name);
}

static void
read_ech(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct binding_config *binding = out;
	uint8_t *octets = schema_array(s, ECH_MAX, 1);
	size_t n;

	(void)key;
	if (octets == NULL)
		return;
	/* The list begins with its length. */
	if (value->kind != YAML_SCALAR ||
	    codec_decode(CODEC_BASE64, value->text, strlen(value->text), octets,
		ECH_MAX, &n) != 0 ||
	    n < 4 || (size_t)(octets[0] << 8 | octets[1]) != n - 2) {
		schema_expected(s, value, "an ECHConfigList in base 64");
		return;
	}
	binding->ech = octets;
	binding->n_ech = n;
}

static void
read_dohpath(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *text)
{
	if (value->kind == YAML_SCALAR &&
	    (value->text[0] != '/' || strstr(value->text, "dns}") == NULL))
		schema_expected(s, value,
		    "a path with the variable dns (\"/dns-query{?dns}\"; RFC "
		    "9461, 5)");
	else
		scalar_text(s, value, key, text);
}

/* The number of the key that ${value} names; 0 for none. */
static uint16_t
key_number(const struct yaml_node *value)
{
	for (size_t i = KEY_ALPN; i < sizeof(names) / sizeof(names[0]); i++)
		if (value->kind == YAML_SCALAR &&
		    strcmp(value->text, names[i]) == 0)
			return (uint16_t)i;
	return 0;
}

static void
read_mandatory(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct binding_config *binding = out;
	const struct yaml_node *item;
	size_t n;

	(void)key;
	item = schema_list(s, value, sizeof(names) / sizeof(names[0]), &n);
	for (; item != NULL; item = schema_next(value, item)) {
		uint16_t number = key_number(item);

		if (number == 0)
			schema_expected(s, item,
			    "a key of the record (alpn, no_default_alpn, port, "
			    "ech, dohpath, ohttp)");
		else if (number == KEY_IPV4HINT || number == KEY_IPV6HINT)
			schema_error(s, item,
			    "%s cannot be mandatory: not every client is sent "
			    "to an address of that family",
			    item->text);
		else if (binding->mandatory >> number & 1)
			schema_error(s, item, "%s is listed twice", item->text);
		else
			binding->mandatory |= (uint16_t)(1 << number);
	}
}

/* A zone file writes several as one text, alpn="h2,h3"; here they would be one
 * protocol that no client speaks. */
static void
read_protocol(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *text)
{
	char shown[SHOWN_SIZE];

	if (value->kind == YAML_SCALAR && strchr(value->text, ',') != NULL)
		schema_error(s, value,
		    "%s is one protocol: write several as a list: [h2, h3]",
		    shown_text(value->text, shown));
	else
		scalar_text(s, value, key, text);
}

static const struct schema_key protocol = {.read = read_protocol};

static const struct schema_key binding_keys[] = {
    {.name = "priority",
	.read = scalar_u16,
	.offset = offsetof(struct binding_config, priority),
	.min = 1,
	.max = UINT16_MAX},
    {.name = "target",
	.read = read_target,
	.offset = offsetof(struct binding_config, target)},
    {.name = "alpn",
	SCHEMA_LIST(struct binding_config, alpn, n_alpn, &protocol, ALPN_MAX)},
    {.name = "no_default_alpn",
	.read = scalar_bool,
	.offset = offsetof(struct binding_config, no_default_alpn)},
    {.name = "port",
	.read = scalar_u16,
	.offset = offsetof(struct binding_config, port),
	.min = 1,
	.max = UINT16_MAX},
    {.name = "ech", .read = read_ech},
    {.name = "dohpath",
	.read = read_dohpath,
	.offset = offsetof(struct binding_config, dohpath)},
    {.name = "ohttp",
	.read = scalar_bool,
	.offset = offsetof(struct binding_config, ohttp)},
    {.name = "mandatory", .read = read_mandatory},
};

/* The keys that are mandatory have to be there. */
static void
check_mandatory(struct schema *s, const struct yaml_node *value,
    const struct binding_config *binding)
{
	for (unsigned i = KEY_ALPN; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct yaml_node *given = yaml_find(value, names[i]);

		if (!(binding->mandatory >> i & 1) ||
		    (given != NULL &&
			(given->kind != YAML_SCALAR ||
			    strcmp(given->text, "false") != 0)))
			continue;
		schema_error(s, yaml_find(value, "mandatory"),
		    "names %s, which the record does not have (RFC 9460, 8)",
		    names[i]);
	}
}

void
steering_read_binding(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct binding_config *binding = schema_array(s, 1, sizeof(*binding));
	unsigned before = s->eb->errors;

	(void)key;
	if (binding == NULL)
		return;
	binding->priority = 1;
	binding->target = ".";
	if (value->kind != YAML_MAP) {
		schema_expected(s, value, "{alpn: [h2, h3], port: 8443}");
		return;
	}
	schema_map(s, value, binding_keys,
	    sizeof(binding_keys) / sizeof(binding_keys[0]), binding);
	if (s->eb->errors > before)
		return;
	if (binding->no_default_alpn && binding->n_alpn == 0)
		schema_error(s, value,
		    "no_default_alpn without alpn leaves clients no protocol "
		    "(RFC 9460, 7.1.1)");
	check_mandatory(s, value, binding);
	*(const struct binding_config **)out = binding;
}
