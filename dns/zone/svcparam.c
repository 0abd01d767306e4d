/*
 * Service parameters: a list of keys, each with a value of the key's own form
 * (RFC 9460, 2.1, 2.2, 7, 8).  Called while zones are built; allocates nothing.
 */
#include "dns/zone/svcparam.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "dns/zone/field.h"
#include "dns/zone/word.h"

enum key {
	KEY_MANDATORY = 0,
	KEY_ALPN = 1,
	KEY_NO_DEFAULT_ALPN = 2,
	KEY_PORT = 3,
	KEY_IPV4HINT = 4,
	KEY_ECH = 5,
	KEY_IPV6HINT = 6,
	KEY_DOHPATH = 7, /* RFC 9461, 5 */
	KEY_OHTTP = 8,   /* RFC 9540, 4 */
	KEY_INVALID = 65535,
};

static const char *const names[] = {"mandatory", "alpn", "no-default-alpn",
    "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* As octets. */

/* Keys in growing order, none of them itself, at least one (8). */
static bool
is_mandatory(const uint8_t *value, size_t len)
{
	uint32_t before = KEY_MANDATORY;

	for (size_t i = 0; i + 1 < len; i += 2) {
		if (wire_get16(value + i) <= before)
			return false;
		before = wire_get16(value + i);
	}
	return len > 0 && len % 2 == 0;
}

/* Protocols, none of them empty, at least one (7.1.1). */
static bool
is_alpn(const uint8_t *value, size_t len)
{
	size_t at = 0;

	while (at < len && value[at] > 0)
		at += value[at] + 1u;
	return len > 0 && at == len;
}

static bool
is_one_of(const char *characters, uint8_t c)
{
	return c != 0 && strchr(characters, c) != NULL;
}

/* Does the URI template name the variable "dns" in an expression: {dns}, {?dns},
 * {?x,dns*} (RFC 6570, 2)? */
static bool
names_dns(const uint8_t *value, size_t len)
{
	const uint8_t *end = value + len, *at = value, *close;

	while ((at = memchr(at, '{', (size_t)(end - at))) != NULL) {
		close = memchr(at, '}', (size_t)(end - at));
		if (close == NULL)
			return false;
		for (const uint8_t *p = at; p < close; p++) {
			bool begins = p == at || *p == ',' ||
			    (p == at + 1 && is_one_of("+#./;?&", *p));

			if (begins && close - p > 3 &&
			    memcmp(p + 1, "dns", 3) == 0 &&
			    is_one_of(",:*}", p[4]))
				return true;
		}
		at = close;
	}
	return false;
}

/* RFC 3629, 4. */
static bool
is_utf8(const uint8_t *text, size_t len)
{
	/* The least code that needs so many octets. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t at = 0;

	while (at < len) {
		uint8_t first = text[at++];
		unsigned size = first < 0x80 ? 1
		    : first >> 5 == 6        ? 2
		    : first >> 4 == 14       ? 3
		    : first >> 3 == 30       ? 4
					     : 0;
		uint32_t code = size == 1 ? first : first & (0x7fu >> size);

		if (size == 0 || size - 1 > len - at)
			return false;
		for (unsigned i = 1; i < size; i++, at++) {
			if (text[at] >> 6 != 2)
				return false;
			code = code << 6 | (text[at] & 0x3f);
		}
		if (code < least[size] || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff))
			return false;
	}
	return true;
}

/* A relative URI template with the variable "dns", in UTF-8 (RFC 9461, 5). */
static bool
is_dohpath(const uint8_t *value, size_t len)
{
	return len > 0 && value[0] == '/' && is_utf8(value, len) &&
	    names_dns(value, len);
}

/* What is wrong with the value of ${key}; NULL when nothing is. */
static const char *
value_fault(uint16_t key, const uint8_t *value, size_t len)
{
	switch (key) {
	case KEY_MANDATORY:
		return is_mandatory(value, len)
		    ? NULL
		    : "mandatory: not a list of keys, each once, without "
		      "itself (RFC 9460, 8)";
	case KEY_ALPN:
		return is_alpn(value, len)
		    ? NULL
		    : "alpn: not a list of protocols (RFC 9460, 7.1)";
	case KEY_NO_DEFAULT_ALPN:
		return len == 0
		    ? NULL
		    : "no-default-alpn has no value (RFC 9460, 7.1)";
	case KEY_PORT:
		return len == 2 ? NULL : "port: not a number (RFC 9460, 7.2)";
	case KEY_IPV4HINT:
		return len > 0 && len % 4 == 0
		    ? NULL
		    : "ipv4hint: not a list of addresses (RFC 9460, 7.3)";
	case KEY_ECH:
		return len > 0 ? NULL : "ech: is empty";
	case KEY_IPV6HINT:
		return len > 0 && len % 16 == 0
		    ? NULL
		    : "ipv6hint: not a list of addresses (RFC 9460, 7.3)";
	case KEY_DOHPATH:
		return is_dohpath(value, len)
		    ? NULL
		    : "dohpath: no template in UTF-8 that begins with a / and "
		      "has {?dns} (RFC 9461, 5)";
	case KEY_OHTTP:
		return len == 0 ? NULL : "ohttp has no value (RFC 9540, 4)";
	case KEY_INVALID:
		return "key65535 is no key (RFC 9460, 14.3.2)";
	default:
		return NULL;
	}
}

/* The parameters from ${params} on have a ${key}. */
static bool
has_key(const uint8_t *params, size_t len, uint16_t key)
{
	for (size_t at = 0; at < len; at += 4u + wire_get16(params + at + 2))
		if (wire_get16(params + at) == key)
			return true;
	return false;
}

/* What keys say of one another; all of them are well formed. */
static const char *
keys_fault(const uint8_t *params, size_t len)
{
	size_t n = len > 0 && wire_get16(params) == KEY_MANDATORY
	    ? wire_get16(params + 2)
	    : 0;
	size_t at = 4 + n;

	/* Both lists grow, so one walk along both does. */
	for (size_t i = 0; i < n; i += 2) {
		while (at < len &&
		    wire_get16(params + at) < wire_get16(params + 4 + i))
			at += 4u + wire_get16(params + at + 2);
		if (at >= len ||
		    wire_get16(params + at) != wire_get16(params + 4 + i))
			return "mandatory: names a key that is not there (RFC "
			       "9460, 8)";
	}
	if (has_key(params, len, KEY_NO_DEFAULT_ALPN) &&
	    !has_key(params, len, KEY_ALPN))
		return "no-default-alpn without alpn (RFC 9460, 7.1.1)";
	return NULL;
}

const char *
svcparam_check(const uint8_t *params, size_t len)
{
	int before = -1;

	for (size_t at = 0; at < len;) {
		size_t size;
		const char *fault;

		if (len - at < 4)
			return "a parameter is cut short (RFC 9460, 2.2)";
		size = wire_get16(params + at + 2);
		if (len - at - 4 < size)
			return "a parameter is cut short (RFC 9460, 2.2)";
		if (wire_get16(params + at) == before)
			return "a parameter stands twice (RFC 9460, 2.2)";
		if (wire_get16(params + at) < before)
			return "the parameters are not in the order of their "
			       "keys (RFC 9460, 2.2)";
		before = wire_get16(params + at);
		fault = value_fault((uint16_t)before, params + at + 4, size);
		if (fault != NULL)
			return fault;
		at += 4 + size;
	}
	return keys_fault(params, len);
}

/* From text. */

/* A parameter on its way to its place: where it was written at first. */
struct param {
	uint16_t key;
	uint16_t size;
	uint32_t at;
};

/* What the scratch memory of the reader is used for. */
struct work {
	struct param params[RDATA_MAX / 4 + 1];
	uint8_t sorted[RDATA_MAX];
	uint8_t value[RDATA_MAX]; /* of a parameter, its escapes undone */
	uint8_t item[RDATA_MAX];  /* of a list in it */
};
_Static_assert(sizeof(struct work) <= ENTRY_MAX, "the work has room");

/* The number of the key whose name is the ${len} characters, or -1. */
static long
find_key(const char *name, size_t len)
{
	uint32_t number;
	char text[6];

	for (size_t i = 0; i < N_NAMES; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (long)i;
	/* keyNNNNN, without zeros in front (2.1). */
	if (len < 4 || len > 8 || memcmp(name, "key", 3) != 0 ||
	    (name[3] == '0' && len > 4))
		return -1;
	memcpy(text, name + 3, len - 3);
	text[len - 3] = '\0';
	if (number_from_text(text, KEY_INVALID - 1, &number) != 0)
		return -1;
	return (long)number;
}

/*
 * The value behind the = of ${token}, without its quotes and escapes, to
 * ${out}[RDATA_MAX].  Its octets, or -1 with an error.
 */
static int
read_value(struct reading *r, const struct token *token, const char *text,
    uint8_t *out)
{
	bool quoted = *text == '"';
	struct reading part = {.text = r->text, .eb = r->eb};
	struct token value = *token;
	char *copy = (char *)out;
	size_t len;

	part.w = (struct writer){.data = out, .room = RDATA_MAX};
	text += quoted;
	len = strlen(text);
	/* No character stands for more than an octet, so that the text may be
	 * undone where it stands. */
	if (len >= RDATA_MAX)
		return field_fail(r, token, "is longer than 65535 octets");
	memcpy(copy, text, len + 1);
	if (quoted)
		copy[--len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '\\')
			i++;
		else if (copy[i] == '"')
			return field_fail(r, token,
			    "has quotes that do not go around the whole value");
	}
	value.text = copy;
	value.len = len;
	if (field_octets(&part, &value) != 0)
		return -1;
	return (int)part.w.len;
}

/*
 * The next item of a list, from ${at} on, to ${item}[RDATA_MAX] with a NUL
 * behind it.  Its octets, or -1 for an escape that is none (RFC 9460, A.1).
 */
static int
next_item(const uint8_t *value, size_t len, size_t *at, uint8_t *item)
{
	size_t used = 0;

	for (; *at < len && value[*at] != ','; ++*at) {
		if (value[*at] == '\\') {
			++*at;
			if (*at == len ||
			    (value[*at] != ',' && value[*at] != '\\'))
				return -1;
		}
		item[used++] = value[*at];
	}
	++*at; /* over the comma */
	item[used] = '\0';
	return (int)used;
}

/* Put one item of the list that ${key} has; false when it is none. */
static bool
put_item(struct reading *r, uint16_t key, const uint8_t *item, size_t len)
{
	const char *text = (const char *)item;
	uint8_t wire[16];
	long number;

	switch (key) {
	case KEY_MANDATORY:
		number = find_key(text, len);
		wire_put16(wire, (uint16_t)number);
		return number >= 0 && field_put(r, wire, 2) == 0;
	case KEY_ALPN:
		wire[0] = (uint8_t)len;
		return len >= 1 && len <= 255 && field_put(r, wire, 1) == 0 &&
		    field_put(r, item, len) == 0;
	case KEY_IPV4HINT:
		return strlen(text) == len &&
		    inet_pton(AF_INET, text, wire) == 1 &&
		    field_put(r, wire, 4) == 0;
	default:
		return strlen(text) == len &&
		    inet_pton(AF_INET6, text, wire) == 1 &&
		    field_put(r, wire, 16) == 0;
	}
}

static int
by_number(const void *a, const void *b)
{
	return memcmp(a, b, 2);
}

static int
put_list(struct reading *r, const struct token *token, uint16_t key,
    const uint8_t *value, size_t len, uint8_t *item)
{
	size_t start = r->w.len;

	for (size_t at = 0; at <= len;) {
		int n = next_item(value, len, &at, item);

		if (n < 0 || !put_item(r, key, item, (size_t)n))
			return r->w.full ? -1
					 : field_fail(r, token,
					       "has a bad value in its list");
	}
	if (key == KEY_MANDATORY)
		qsort(r->w.data + start, (r->w.len - start) / 2, 2, by_number);
	return 0;
}

static int
put_port(struct reading *r, const struct token *token, const char *text)
{
	uint32_t port;
	uint8_t wire[2];

	if (number_from_text(text, UINT16_MAX, &port) != 0)
		return field_fail(r, token, "is no number from 0 to 65535");
	wire_put16(wire, (uint16_t)port);
	return field_put(r, wire, 2);
}

/* Put the value of ${key}; ${text} is what stands behind the =. */
static int
put_value(struct reading *r, const struct token *token, uint16_t key,
    const char *text, bool by_name)
{
	struct work *work = r->text->scratch;
	struct token value = *token;
	int len = read_value(r, token, text, work->value);

	if (len < 0)
		return -1;
	/* keyNNN has its octets as they are, whatever NNN is (2.1). */
	if (!by_name)
		return field_put(r, work->value, (size_t)len);
	switch (key) {
	case KEY_MANDATORY:
	case KEY_ALPN:
	case KEY_IPV4HINT:
	case KEY_IPV6HINT:
		return put_list(
		    r, token, key, work->value, (size_t)len, work->item);
	case KEY_PORT:
	case KEY_ECH:
		work->value[len] = '\0';
		value.text = (const char *)work->value;
		value.len = strlen(value.text);
		if (value.len != (size_t)len)
			return field_fail(r, token, "has a NUL in its value");
		return key == KEY_PORT ? put_port(r, token, value.text)
				       : field_base64(r, &value);
	default:
		return field_put(r, work->value, (size_t)len);
	}
}

/* Put one parameter where it is written; its place is found later. */
static int
put_param(struct reading *r, const struct token *token, struct param *param)
{
	size_t len = strcspn(token->text, "=");
	long key = find_key(token->text, len);
	size_t at = r->w.len;
	uint8_t head[4];

	if (token->quoted)
		return field_fail(r, token, "cannot be quoted here");
	if (key < 0)
		return field_fail(r, token,
		    "is no service parameter (RFC 9460, 2.1); keyNNN names "
		    "any");
	wire_put16(head, (uint16_t)key);
	wire_put16(head + 2, 0);
	if (field_put(r, head, sizeof(head)) != 0)
		return -1;
	if (token->text[len] == '=' &&
	    put_value(r, token, (uint16_t)key, token->text + len + 1,
		(size_t)key < N_NAMES && strlen(names[key]) == len &&
		    memcmp(names[key], token->text, len) == 0) != 0)
		return -1;
	param->key = (uint16_t)key;
	param->at = (uint32_t)at;
	param->size = (uint16_t)(r->w.len - at);
	wire_put16(r->w.data + at + 2, (uint16_t)(param->size - 4));
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct param *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

int
svcparam_put(struct reading *r)
{
	struct work *work = r->text->scratch;
	size_t start = r->w.len, used = 0, n = 0;

	/* Each takes four octets at least, so there is room for all. */
	for (; r->next < r->text->n; r->next++, n++)
		if (put_param(r, &r->text->tokens[r->next], &work->params[n]) !=
		    0)
			return -1;
	qsort(work->params, n, sizeof(work->params[0]), by_key);
	for (size_t i = 0; i < n; i++) {
		memcpy(work->sorted + used, r->w.data + work->params[i].at,
		    work->params[i].size);
		used += work->params[i].size;
	}
	memcpy(r->w.data + start, work->sorted, used);
	return 0;
}
