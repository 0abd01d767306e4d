/*
 * Reads the text of types that have a form of their own.  Called by
 * rdata_text.c while zone files are loaded; allocates nothing.
 */
#include "dns/zone/rare.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/codec.h"
#include "base/number.h"

/* Address prefixes. */

/* Put one item of an APL record; false when the text is none. */
static bool
put_prefix(struct reading *r, const char *text)
{
	uint8_t item[4 + 16] = {0};
	bool negative = *text == '!';
	char address[64];
	uint64_t length;
	size_t len;
	bool ipv4;

	text += negative;
	if ((text[0] != '1' && text[0] != '2') || text[1] != ':')
		return false;
	ipv4 = text[0] == '1';
	text += 2;
	len = strcspn(text, "/");
	if (len >= sizeof(address) || text[len] != '/')
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(ipv4 ? AF_INET : AF_INET6, address, item + 4) != 1 ||
	    number_parse(text + len + 1, strlen(text + len + 1), 0,
		ipv4 ? 32 : 128, &length) != 0)
		return false;
	/* Zero octets at the end are left out (RFC 3123, 4). */
	for (len = ipv4 ? 4 : 16; len > 0 && item[3 + len] == 0;)
		len--;
	item[1] = ipv4 ? 1 : 2;
	item[2] = (uint8_t)length;
	item[3] = (uint8_t)(len | (negative ? 0x80 : 0));
	return field_put(r, item, 4 + len) == 0;
}

int
rare_apl(struct reading *r)
{
	while (r->next < r->text->n) {
		const struct token *token = field_next(r);

		if (token == NULL)
			return -1;
		if (put_prefix(r, token->text))
			continue;
		return r->w.full ? -1
				 : field_fail(r, token,
				       "is no address prefix "
				       "([!]1:192.0.2.0/24)");
	}
	return 0;
}

/* Places. */

/* The ${len} characters with up to ${places} decimals, as a multiple of the
 * last one, to ${out}.  False when they are no such number, or above ${max}. */
static bool
take_decimal(
    const char *text, size_t len, unsigned places, int64_t max, int64_t *out)
{
	return *text >= '0' && *text <= '9' &&
	    number_decimal(text, len, places, out) == 0 && *out <= max;
}

/* Which of two letters, in any case, the word is; 0 when it is neither. */
static char
one_letter(const struct token *token, const char *letters)
{
	char c = token->text[0];

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	return token->len == 1 && (c == letters[0] || c == letters[1]) ? c : 0;
}

/* Put degrees, minutes and seconds up to one of two letters, of which the
 * first one counts up, as thousandths of a second from the middle. */
static int
put_angle(struct reading *r, unsigned degrees, const char *letters)
{
	static const uint32_t worth[] = {3600000, 60000, 1};
	const int64_t most[] = {degrees, 59, 59999};
	const uint32_t middle = (uint32_t)1 << 31;
	const struct token *token = NULL;
	int64_t sum = 0, value;
	uint8_t wire[4];

	for (unsigned i = 0; i < 4; i++) {
		token = field_next(r);
		if (token == NULL)
			return -1;
		if (i > 0 && one_letter(token, letters) != 0)
			break;
		if (i == 3)
			return field_fail(r, token,
			    "is not the letter behind an angle (RFC 1876, 3)");
		if (!take_decimal(token->text, token->len, i == 2 ? 3 : 0,
			most[i], &value))
			return field_fail(
			    r, token, "is no part of an angle (RFC 1876, 3)");
		sum += value * worth[i];
	}
	if (sum > degrees * (int64_t)worth[0])
		return field_fail(r, token, "ends an angle that is too large");
	wire_put32(wire,
	    one_letter(token, letters) == letters[0] ? middle + (uint32_t)sum
						     : middle - (uint32_t)sum);
	return field_put(r, wire, sizeof(wire));
}

/* Metres with up to two decimals, as centimetres. */
static const struct token *
take_metres(struct reading *r, bool *negative, int64_t max, int64_t *cm)
{
	const struct token *token = field_next(r);
	const char *text;
	size_t len;

	if (token == NULL)
		return NULL;
	*negative = token->text[0] == '-';
	text = token->text + *negative;
	len = token->len - *negative;
	if (len > 0 && text[len - 1] == 'm')
		len--;
	if (take_decimal(text, len, 2, max, cm))
		return token;
	field_fail(r, token, "is no length in metres (RFC 1876, 3)");
	return NULL;
}

static int
put_altitude(struct reading *r)
{
	const uint32_t below = 10000000; /* 100 km, where it begins */
	const struct token *token;
	bool negative;
	uint8_t wire[4];
	int64_t cm;

	token = take_metres(r, &negative, UINT32_MAX - below, &cm);
	if (token == NULL)
		return -1;
	if (negative && cm > below)
		return field_fail(r, token, "is below -100000m");
	wire_put32(
	    wire, negative ? below - (uint32_t)cm : below + (uint32_t)cm);
	return field_put(r, wire, sizeof(wire));
}

/* A length of at most 90000 km as digit and exponent (RFC 1876, 2). */
static int
take_size(struct reading *r, uint8_t *out)
{
	const struct token *token;
	uint8_t exponent = 0;
	bool negative;
	int64_t cm;

	token = take_metres(r, &negative, INT64_C(9000000000), &cm);
	if (token == NULL)
		return -1;
	if (negative)
		return field_fail(r, token, "is below 0");
	for (; cm > 9; cm /= 10)
		exponent++;
	*out = (uint8_t)(cm << 4 | exponent);
	return 0;
}

int
rare_loc(struct reading *r)
{
	/* Version; 1 m of size, 10 km and 10 m of precision (3). */
	uint8_t head[4] = {0, 0x12, 0x16, 0x13};
	size_t at = r->w.len;

	if (field_put(r, head, sizeof(head)) != 0 ||
	    put_angle(r, 90, "NS") != 0 || put_angle(r, 180, "EW") != 0 ||
	    put_altitude(r) != 0)
		return -1;
	for (size_t i = 1; i <= 3 && r->next < r->text->n; i++)
		if (take_size(r, &r->w.data[at + i]) != 0)
			return -1;
	return 0;
}

/* Keys of hosts. */

int
rare_hip(struct reading *r)
{
	const struct token *algorithm = field_next(r), *tag, *key;
	uint8_t head[4 + 255];
	size_t at = r->w.len, start, len;
	uint64_t number;

	if (algorithm == NULL || (tag = field_next(r)) == NULL ||
	    (key = field_next(r)) == NULL)
		return -1;
	if (number_parse(
		algorithm->text, algorithm->len, 0, UINT8_MAX, &number) != 0)
		return field_fail(r, algorithm, "is no number from 0 to 255");
	if (tag->len > 2 * 255 ||
	    strspn(tag->text, "0123456789abcdefABCDEF") != tag->len)
		return field_fail(
		    r, tag, "is not hexadecimal of at most 255 octets");
	if (tag->len == 0 ||
	    codec_decode(CODEC_HEX, tag->text, tag->len, head + 4, 255, &len) !=
		0)
		return field_fail(r, tag, "is not whole octets of hexadecimal");
	head[0] = (uint8_t)len;
	head[1] = (uint8_t)number;
	wire_put16(head + 2, 0);
	if (field_put(r, head, 4 + len) != 0)
		return -1;
	start = r->w.len;
	if (field_base64(r, key) != 0)
		return -1;
	wire_put16(r->w.data + at + 2, (uint16_t)(r->w.len - start));
	while (r->next < r->text->n) {
		const struct token *server = field_next(r);

		if (server == NULL || field_name(r, server) != 0)
			return -1;
	}
	return 0;
}

static int
put_gateway(struct reading *r, const struct token *token, const char *type)
{
	switch (*type) {
	case '0':
		return strcmp(token->text, ".") == 0
		    ? 0
		    : field_fail(r, token, "is not the . of no gateway");
	case '1':
		return field_address(r, token, AF_INET);
	case '2':
		return field_address(r, token, AF_INET6);
	default:
		return field_name(r, token);
	}
}

int
rare_ipseckey(struct reading *r)
{
	const struct token *tokens[4];
	uint64_t type;

	for (size_t i = 0; i < 4; i++) {
		tokens[i] = field_next(r);
		if (tokens[i] == NULL)
			return -1;
	}
	if (tokens[1]->len != 1 ||
	    number_parse(tokens[1]->text, 1, 0, 3, &type) != 0)
		return field_fail(r, tokens[1],
		    "is no type of gateway from 0 to 3 (RFC 4025, 2.3)");
	for (size_t i = 0; i < 3; i++)
		if (field_number(r, tokens[i], 1) != 0)
			return -1;
	if (put_gateway(r, tokens[3], tokens[1]->text) != 0)
		return -1;
	/* No key when the algorithm is 0, which rdata_check() sees to. */
	return r->next == r->text->n ? 0 : field_base64_rest(r);
}
