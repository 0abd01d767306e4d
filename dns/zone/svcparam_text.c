/*
 * Reads service parameters: key=value in any order, lists with escapes of their
 * own (RFC 9460, 2.1, A.1).  Called by rdata_text.c while zone files are
 * loaded; allocates nothing.
 */
#include "dns/zone/svcparam_text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "dns/zone/svcparam.h"

static const char *const names[] = {"mandatory", "alpn", "no-default-alpn",
    "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

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
	uint64_t number;

	for (size_t i = 0; i < N_NAMES; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (long)i;
	/* keyNNNNN, without zeros in front (2.1). */
	if (len < 4 || len > 8 || memcmp(name, "key", 3) != 0 ||
	    (name[3] == '0' && len > 4))
		return -1;
	if (number_parse(name + 3, len - 3, 0, SVCPARAM_INVALID - 1, &number) !=
	    0)
		return -1;
	return (long)number;
}

/*
 * The value after the = of ${token}, without its quotes and escapes, to
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
 * after it.  Its octets, or -1 for an escape that is none (RFC 9460, A.1).
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
	case SVCPARAM_MANDATORY:
		number = find_key(text, len);
		wire_put16(wire, (uint16_t)number);
		return number >= 0 && field_put(r, wire, 2) == 0;
	case SVCPARAM_ALPN:
		wire[0] = (uint8_t)len;
		return len >= 1 && len <= 255 && field_put(r, wire, 1) == 0 &&
		    field_put(r, item, len) == 0;
	case SVCPARAM_IPV4HINT:
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
	if (key == SVCPARAM_MANDATORY)
		qsort(r->w.data + start, (r->w.len - start) / 2, 2, by_number);
	return 0;
}

static int
put_port(struct reading *r, const struct token *token, const char *text)
{
	uint64_t port;
	uint8_t wire[2];

	if (number_parse(text, strlen(text), 0, UINT16_MAX, &port) != 0)
		return field_fail(r, token, "is no number from 0 to 65535");
	wire_put16(wire, (uint16_t)port);
	return field_put(r, wire, 2);
}

/* Put the value of ${key}; ${text} is what stands after the =. */
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
	case SVCPARAM_MANDATORY:
	case SVCPARAM_ALPN:
	case SVCPARAM_IPV4HINT:
	case SVCPARAM_IPV6HINT:
		return put_list(
		    r, token, key, work->value, (size_t)len, work->item);
	case SVCPARAM_PORT:
	case SVCPARAM_ECH:
		work->value[len] = '\0';
		value.text = (const char *)work->value;
		value.len = strlen(value.text);
		if (value.len != (size_t)len)
			return field_fail(r, token, "has a NUL in its value");
		return key == SVCPARAM_PORT ? put_port(r, token, value.text)
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
svcparam_text_put(struct reading *r)
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
