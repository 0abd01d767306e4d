/*
 * Reads the text of types that have a form of their own.  Called by
 * rdata_text.c while zone files are loaded; allocates nothing.
 */
#include "dns/zone/rare.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "dns/zone/word.h"

/* Address prefixes. */

/* Put one item of an APL record; false when the text is none. */
static bool
put_prefix(struct reading *r, const char *text)
{
	uint8_t item[4 + 16] = {0};
	bool negative = *text == '!';
	char address[64];
	uint32_t length;
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
	    number_from_text(text + len + 1, ipv4 ? 32 : 128, &length) != 0)
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
	const struct token *token = field_next(r);

	if (token == NULL)
		return -1;
	if (!put_prefix(r, token->text))
		return r->w.full ? -1
				 : field_fail(r, token,
				       "is no address prefix "
				       "([!]1:192.0.2.0/24)");
	return 0;
}

/* Places. */

/*
 * The number ${text} with up to ${places} decimals, as a multiple of the last
 * one, to ${out}.  What follows it, or NULL when it is none or above ${max}.
 */
static const char *
take_decimal(const char *text, unsigned places, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	size_t whole = strspn(text, "0123456789"), part = 0;

	if (whole == 0 || whole > 10)
		return NULL;
	for (; whole > 0; whole--)
		value = value * 10 + (uint64_t)(*text++ - '0');
	if (*text == '.') {
		part = strspn(++text, "0123456789");
		if (part == 0 || part > places)
			return NULL;
	}
	for (unsigned i = 0; i < places; i++)
		value = value * 10 + (uint64_t)(i < part ? *text++ - '0' : 0);
	*out = value;
	return value <= max ? text : NULL;
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
	const uint32_t middle = (uint32_t)1 << 31;
	const struct token *token = NULL;
	uint64_t sum = 0;
	uint8_t wire[4];

	for (unsigned i = 0; i < 4; i++) {
		const char *end;
		uint64_t value;

		token = field_next(r);
		if (token == NULL)
			return -1;
		if (i > 0 && one_letter(token, letters) != 0)
			break;
		if (i == 3)
			return field_fail(r, token,
			    "is not the letter behind an angle (RFC 1876, 3)");
		end = take_decimal(token->text, i == 2 ? 3 : 0,
		    i == 0       ? degrees
			: i == 1 ? 59
				 : 59999,
		    &value);
		if (end == NULL || *end != '\0')
			return field_fail(
			    r, token, "is no part of an angle (RFC 1876, 3)");
		sum += value * worth[i];
	}
	if (sum > degrees * (uint64_t)worth[0])
		return field_fail(r, token, "ends an angle that is too large");
	wire_put32(wire,
	    one_letter(token, letters) == letters[0] ? middle + (uint32_t)sum
						     : middle - (uint32_t)sum);
	return field_put(r, wire, sizeof(wire));
}

/* Metres with up to two decimals, as centimetres. */
static const struct token *
take_metres(struct reading *r, bool *negative, uint64_t max, uint64_t *cm)
{
	const struct token *token = field_next(r);
	const char *end;

	if (token == NULL)
		return NULL;
	end = token->text;
	*negative = *end == '-';
	end = take_decimal(end + *negative, 2, max, cm);
	if (end != NULL && *end == 'm')
		end++;
	if (end != NULL && *end == '\0')
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
	uint64_t cm;

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
	uint64_t cm;

	token = take_metres(r, &negative, UINT64_C(9000000000), &cm);
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
	for (int i = 1; i <= 3 && r->next < r->text->n; i++)
		if (take_size(r, &r->w.data[at + (unsigned)i]) != 0)
			return -1;
	return 0;
}

/* Protocols and ports. */

static bool
find_port(const char *text, uint32_t *port)
{
	/* Services whose names RFC 1010 and old zones have. */
	static const struct {
		const char *name;
		uint16_t port;
	} services[] = {
	    {"echo", 7},
	    {"discard", 9},
	    {"systat", 11},
	    {"daytime", 13},
	    {"netstat", 15},
	    {"ftp-data", 20},
	    {"ftp", 21},
	    {"ssh", 22},
	    {"telnet", 23},
	    {"smtp", 25},
	    {"time", 37},
	    {"name", 42},
	    {"nameserver", 42},
	    {"nicname", 43},
	    {"whois", 43},
	    {"domain", 53},
	    {"tftp", 69},
	    {"gopher", 70},
	    {"finger", 79},
	    {"http", 80},
	    {"pop2", 109},
	    {"pop3", 110},
	    {"sunrpc", 111},
	    {"auth", 113},
	    {"nntp", 119},
	    {"ntp", 123},
	    {"imap", 143},
	    {"snmp", 161},
	};

	if (number_from_text(text, UINT16_MAX, port) == 0)
		return true;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcasecmp(text, services[i].name) == 0) {
			*port = services[i].port;
			return true;
		}
	return false;
}

int
rare_wks(struct reading *r)
{
	const struct token *token = field_next(r);
	uint8_t ports[65536 / 8] = {0}, octet;
	uint32_t protocol, port;
	size_t len = 0;

	if (token == NULL)
		return -1;
	if (strcasecmp(token->text, "TCP") == 0)
		protocol = 6;
	else if (strcasecmp(token->text, "UDP") == 0)
		protocol = 17;
	else if (number_from_text(token->text, UINT8_MAX, &protocol) != 0)
		return field_fail(r, token, "is neither TCP, UDP nor a number");
	octet = (uint8_t)protocol;
	if (field_put(r, &octet, 1) != 0)
		return -1;
	while (r->next < r->text->n) {
		token = field_next(r);
		if (token == NULL)
			return -1;
		if (!find_port(token->text, &port))
			return field_fail(
			    r, token, "is no port that is known here");
		ports[port / 8] |= (uint8_t)(0x80 >> port % 8);
		if (len < port / 8 + 1)
			len = port / 8 + 1;
	}
	return field_put(r, ports, len);
}

/* Addresses of other networks. */

/* Hexadecimal digits with dots between them. */
static int
put_dotted_hex(struct reading *r, const struct token *token, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	unsigned n = 0, octet = 0;

	for (; *text != '\0'; text++) {
		char c = *text >= 'A' && *text <= 'F'
		    ? (char)(*text + 'a' - 'A')
		    : *text;
		const char *at = strchr(digits, c);
		uint8_t wire;

		if (c == '.')
			continue;
		if (at == NULL)
			return field_fail(r, token, "is not hexadecimal");
		octet = octet << 4 | (unsigned)(at - digits);
		wire = (uint8_t)octet;
		if (++n % 2 == 0 && field_put(r, &wire, 1) != 0)
			return -1;
	}
	return n > 0 && n % 2 == 0
	    ? 0
	    : field_fail(r, token, "is not whole octets of hexadecimal");
}

int
rare_nsap(struct reading *r)
{
	const struct token *token = field_next(r);

	if (token == NULL)
		return -1;
	if (strncasecmp(token->text, "0x", 2) != 0)
		return field_fail(r, token, "does not begin with 0x");
	return put_dotted_hex(r, token, token->text + 2);
}

int
rare_atma(struct reading *r)
{
	const struct token *token = field_next(r);
	uint8_t format;

	if (token == NULL)
		return -1;
	format = token->text[0] == '+';
	if (field_put(r, &format, 1) != 0)
		return -1;
	if (format == 0)
		return put_dotted_hex(r, token, token->text);
	for (const char *p = token->text + 1; *p != '\0'; p++) {
		if (*p != '.' && (*p < '0' || *p > '9'))
			return field_fail(
			    r, token, "is no E.164 address (+61.2.0000)");
		if (*p != '.' && field_put(r, p, 1) != 0)
			return -1;
	}
	return 0;
}

int
rare_a6(struct reading *r)
{
	const struct token *token = field_next(r);
	uint8_t address[16] = {0}, octet;
	uint32_t bits;

	if (token == NULL)
		return -1;
	if (number_from_text(token->text, 128, &bits) != 0)
		return field_fail(
		    r, token, "is no length of a prefix from 0 to 128");
	octet = (uint8_t)bits;
	if (field_put(r, &octet, 1) != 0)
		return -1;
	if (bits < 128) {
		token = field_next(r);
		if (token == NULL)
			return -1;
		if (inet_pton(AF_INET6, token->text, address) != 1)
			return field_fail(r, token, "is no IPv6 address");
		if (field_put(r, address + bits / 8, 16 - bits / 8) != 0)
			return -1;
	}
	if (bits == 0)
		return 0;
	token = field_next(r);
	return token == NULL ? -1 : field_name(r, token);
}

/* Types in one run of bits. */

int
rare_nxt(struct reading *r)
{
	uint8_t bits[16] = {0};
	size_t len = 0;

	while (r->next < r->text->n) {
		const struct token *token = field_next(r);
		uint16_t type;

		if (token == NULL)
			return -1;
		if (type_from_text(token->text, &type) != 0 || type > 127)
			return field_fail(
			    r, token, "is no record type below 128");
		bits[type / 8] |= (uint8_t)(0x80 >> type % 8);
		if (len < type / 8 + 1u)
			len = type / 8 + 1u;
	}
	return field_put(r, bits, len);
}

/* Keys of hosts. */

int
rare_hip(struct reading *r)
{
	const struct token *algorithm = field_next(r), *tag, *key;
	uint8_t head[4];
	uint32_t number;
	size_t at = r->w.len, start;

	if (algorithm == NULL || (tag = field_next(r)) == NULL ||
	    (key = field_next(r)) == NULL)
		return -1;
	if (number_from_text(algorithm->text, UINT8_MAX, &number) != 0)
		return field_fail(r, algorithm, "is no number from 0 to 255");
	if (tag->len > 2 * 255 || strchr(tag->text, '.') != NULL)
		return field_fail(
		    r, tag, "is not hexadecimal of at most 255 octets");
	head[0] = (uint8_t)(tag->len / 2);
	head[1] = (uint8_t)number;
	wire_put16(head + 2, 0);
	if (field_put(r, head, sizeof(head)) != 0 ||
	    put_dotted_hex(r, tag, tag->text) != 0)
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
	uint32_t type;

	for (int i = 0; i < 4; i++) {
		tokens[i] = field_next(r);
		if (tokens[i] == NULL)
			return -1;
	}
	if (number_from_text(tokens[1]->text, 3, &type) != 0 ||
	    tokens[1]->len != 1)
		return field_fail(r, tokens[1],
		    "is no type of gateway from 0 to 3 (RFC 4025, 2.3)");
	for (int i = 0; i < 3; i++)
		if (field_number(r, tokens[i], 1) != 0)
			return -1;
	if (put_gateway(r, tokens[3], tokens[1]->text) != 0)
		return -1;
	/* No key when the algorithm is 0, which rdata_check() sees to. */
	return r->next == r->text->n ? 0 : field_base64_rest(r);
}
