/*
 * Reads the fields of RDATA.  Called while zone files are loaded; allocates
 * nothing.
 */
#include "dns/zone/field.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/codec.h"
#include "base/escape.h"
#include "base/number.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/ttl.h"
#include "dns/zone/type.h"
#include "dns/zone/zone_builder.h"

int
field_fail(
    const struct reading *r, const struct token *token, const char *words)
{
	struct mark at = r->text->at;
	char shown[TOKEN_SHOWN];

	if (token == NULL)
		return errbuf_error(r->eb, &at, "%s: %s", r->text->type, words);
	at.line = token->line;
	at.column = token->column;
	return errbuf_error(r->eb, &at, "%s: \"%s\" %s", r->text->type,
	    token_show(token->text, shown, sizeof(shown)), words);
}

int
field_missing(const struct reading *r)
{
	return field_fail(r, NULL,
	    r->type == TYPE_SOA
		? "the record ends too early: it has a server, a mailbox, a "
		  "serial, refresh, retry, expire and minimum"
		: "the record ends too early");
}

const struct token *
field_next(struct reading *r)
{
	const struct token *token = &r->text->tokens[r->next];

	if (r->next == r->text->n) {
		field_missing(r);
		return NULL;
	}
	if (token->quoted || token->has_quotes) {
		field_fail(r, token, "cannot be quoted here");
		return NULL;
	}
	r->next++;
	return token;
}

int
field_put(struct reading *r, const void *data, size_t len)
{
	writer_bytes(&r->w, data, len);
	return r->w.full
	    ? field_fail(r, NULL, "the RDATA is longer than 65535 octets")
	    : 0;
}

static int
put_octet(struct reading *r, unsigned octet)
{
	uint8_t c = (uint8_t)octet;

	return field_put(r, &c, 1);
}

int
field_number(struct reading *r, const struct token *token, unsigned octets)
{
	static const char *const words[] = {
	    [1] = "is no number from 0 to 255",
	    [2] = "is no number from 0 to 65535",
	    [4] = "is no number from 0 to 4294967295",
	};
	uint8_t wire[4];
	uint64_t value;

	if (number_parse(token->text, token->len, 0,
		UINT32_MAX >> (32 - 8 * octets), &value) != 0)
		return field_fail(r, token,
		    r->type == TYPE_MX && isalpha((unsigned char)token->text[0])
			? "is no number from 0 to 65535; an MX has a "
			  "preference before its host (10 mail)"
			: words[octets]);
	wire_put32(wire, (uint32_t)value);
	return field_put(r, wire + 4 - octets, octets);
}

int
field_seconds(struct reading *r, const struct token *token)
{
	uint8_t wire[4];
	uint32_t value;

	if (ttl_parse(token->text, &value) != 0)
		return field_fail(
		    r, token, "is no time up to 2147483647 s (300, 5m, 1h30m)");
	wire_put32(wire, value);
	return field_put(r, wire, sizeof(wire));
}

/* Two or four of the digits that ${text} is made of. */
static unsigned
digits(const char *text, size_t n)
{
	uint64_t value = 0;

	(void)number_parse(text, n, 0, 9999, &value);
	return (unsigned)value;
}

static bool
is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* YYYYMMDDHHmmSS as seconds since 1970; -1 when there is no such time. */
static int64_t
seconds_of_date(const char *text)
{
	static const uint8_t lengths[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = digits(text, 4), month = digits(text + 4, 2);
	unsigned day = digits(text + 6, 2), hour = digits(text + 8, 2);
	unsigned minute = digits(text + 10, 2), second = digits(text + 12, 2);
	int64_t days;

	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day >
		lengths[month - 1] + (unsigned)(month == 2 && is_leap(year)) ||
	    hour > 23 || minute > 59 || second > 59)
		return -1;
	/* Leap years before this one, less those before 1970. */
	days = (int64_t)(year - 1970) * 365 + (year - 1) / 4 -
	    (year - 1) / 100 + (year - 1) / 400 - 477 + day - 1;
	for (unsigned i = 0; i + 1 < month; i++)
		days += lengths[i];
	days += month > 2 && is_leap(year);
	return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

int
field_time(struct reading *r, const struct token *token)
{
	uint8_t wire[4];
	uint64_t number;
	int64_t value = -1;

	/* Times of 14 digits are no number that fits (RFC 4034, 3.2). */
	if (token->len == 14 && strspn(token->text, "0123456789") == 14)
		value = seconds_of_date(token->text);
	else if (number_parse(
		     token->text, token->len, 0, UINT32_MAX, &number) == 0)
		value = (int64_t)number;
	if (value < 0)
		return field_fail(r, token,
		    "is no time (YYYYMMDDHHmmSS, or seconds since 1970)");
	/* Counted round the clock of 32 bits (RFC 4034, 3.1.5). */
	wire_put32(wire, (uint32_t)value);
	return field_put(r, wire, sizeof(wire));
}

/* What is wrong with a token that is no address of ${family}. */
static const char *
no_address(const struct reading *r, const struct token *token, int family)
{
	uint8_t wire[16];

	if (r->type != TYPE_A && r->type != TYPE_AAAA)
		return family == AF_INET ? "is no IPv4 address"
					 : "is no IPv6 address";
	if (strspn(token->text, "0123456789") == token->len)
		return family == AF_INET
		    ? "is no IPv4 address; a TTL is written before the type"
		    : "is no IPv6 address; a TTL is written before the type";
	if (family == AF_INET && inet_pton(AF_INET6, token->text, wire) == 1)
		return "is no IPv4 address; an AAAA record has IPv6 addresses";
	if (family == AF_INET6 && inet_pton(AF_INET, token->text, wire) == 1)
		return "is no IPv6 address; an A record has IPv4 addresses";
	if (token->len > 0 && token->text[token->len - 1] == '.')
		return family == AF_INET
		    ? "is no IPv4 address; a CNAME record has a name"
		    : "is no IPv6 address; a CNAME record has a name";
	return family == AF_INET ? "is no IPv4 address" : "is no IPv6 address";
}

int
field_address(struct reading *r, const struct token *token, int family)
{
	uint8_t wire[16];

	if (inet_pton(family, token->text, wire) != 1)
		return field_fail(r, token, no_address(r, token, family));
	return field_put(r, wire, family == AF_INET ? 4 : 16);
}

void
field_warn_repeats(const struct token *token, const uint8_t *wire,
    const uint8_t *origin, const uint8_t *apex, const struct mark *at,
    unsigned *warnings, struct errbuf *eb)
{
	char name[NAME_TEXT], shown[TOKEN_SHOWN];

	if (token->len == 0 || token->text[token->len - 1] == '.' ||
	    !name_repeats(wire, origin, apex) ||
	    (*warnings)++ >= ZONE_MAX_MESSAGES)
		return;
	token_show(token->text, shown, sizeof(shown));
	errbuf_warn(eb, at,
	    "\"%s\" has no last dot, so that it is %s: write \"%s.\"", shown,
	    name_format(wire, name), shown);
}

/* What is before the "@" of a mailbox as one label: its dots are escaped (RFC
 * 1035, 5.3).  Returns out. */
static const char *
local_part(const char *text, const char *sign, char out[2 * TOKEN_SHOWN])
{
	size_t len = 0;

	for (; text < sign && len < 2 * TOKEN_SHOWN - 2; text++) {
		if (*text == '.')
			out[len++] = '\\';
		out[len++] = *text;
	}
	out[len] = '\0';
	return out;
}

/* A mailbox that is written as in a mail: the "@" is part of its first label
 * then (RFC 1035, 5.3 and 8). */
static void
warn_of_at(const struct reading *r, const struct token *token)
{
	struct mark at = {r->text->at.file, token->line, token->column};
	const char *sign = strchr(token->text, '@');
	char shown[TOKEN_SHOWN], local[2 * TOKEN_SHOWN];
	bool dot = token->text[token->len - 1] == '.';

	if (r->type != TYPE_SOA || token->len < 2 || sign == NULL ||
	    sign == token->text || sign[-1] == '\\' ||
	    (*r->text->warnings)++ >= ZONE_MAX_MESSAGES)
		return;
	errbuf_warn(r->eb, &at,
	    "%s: \"%s\" has an \"@\", and a mailbox is written with a dot "
	    "instead: write \"%s.%s%s\"",
	    r->text->type, token_show(token->text, shown, sizeof(shown)),
	    local_part(token->text, sign, local), sign + 1, dot ? "" : ".");
}

/* An address where a name belongs is a name too, of numbers. */
static void
warn_of_address(const struct reading *r, const struct token *token)
{
	struct mark at = {r->text->at.file, token->line, token->column};
	char text[INET6_ADDRSTRLEN], shown[TOKEN_SHOWN];
	size_t len = token->len;
	uint8_t wire[16];

	if (len > 0 && token->text[len - 1] == '.')
		len--;
	if (len >= sizeof(text))
		return;
	memcpy(text, token->text, len);
	text[len] = '\0';
	if ((inet_pton(AF_INET, text, wire) != 1 &&
		inet_pton(AF_INET6, text, wire) != 1) ||
	    (*r->text->warnings)++ >= ZONE_MAX_MESSAGES)
		return;
	errbuf_warn(r->eb, &at,
	    "%s: \"%s\" is an address, and a name belongs here: give the host "
	    "a name with an A or AAAA record, and write that",
	    r->text->type, token_show(token->text, shown, sizeof(shown)));
}

int
field_name(struct reading *r, const struct token *token)
{
	struct mark at = {r->text->at.file, token->line, token->column};
	uint8_t wire[NAME_MAX_WIRE];
	int len = name_parse(token->text, r->text->origin, wire);

	if (len < 0)
		return field_fail(r, token,
		    "is no domain name (labels of 1 to 63 octets, 255 in all)");
	field_warn_repeats(token, wire, r->text->origin, r->text->apex, &at,
	    r->text->warnings, r->eb);
	warn_of_at(r, token);
	warn_of_address(r, token);
	return field_put(r, wire, (size_t)len);
}

int
field_type(struct reading *r, const struct token *token)
{
	uint8_t wire[2];
	uint16_t type;

	if (type_parse(token->text, &type) != 0)
		return field_fail(r, token, "is no record type");
	wire_put16(wire, type);
	return field_put(r, wire, sizeof(wire));
}

int
field_octets(struct reading *r, const struct token *token)
{
	size_t used;

	for (const char *p = token->text; *p != '\0'; p += used) {
		uint8_t octet;

		used = escape_read(p, &octet);
		if (used == 0)
			return field_fail(
			    r, token, "has an escape that is none");
		if (put_octet(r, octet) != 0)
			return -1;
	}
	return 0;
}

/* A text that goes on after a ";" needs quotes. */
static void
warn_of_comment(const struct reading *r, const struct token *token)
{
	struct mark at = {r->text->at.file, token->line, token->column};
	char shown[TOKEN_SHOWN];

	if (token->quoted || !token->commented ||
	    (*r->text->warnings)++ >= ZONE_MAX_MESSAGES)
		return;
	errbuf_warn(r->eb, &at,
	    "%s: \"%s\" ends at the \";\", which begins a comment: put the "
	    "text in quotes if it goes on there",
	    r->text->type, token_show(token->text, shown, sizeof(shown)));
}

int
field_string(struct reading *r, const struct token *token)
{
	size_t at = r->w.len, len;

	warn_of_comment(r, token);
	if (put_octet(r, 0) != 0 || field_octets(r, token) != 0)
		return -1;
	len = r->w.len - at - 1;
	if (len > 255)
		return field_fail(
		    r, token, "is longer than the 255 octets of a string");
	r->w.data[at] = (uint8_t)len;
	return 0;
}

int
field_tag(struct reading *r, const struct token *token)
{
	if (token->len == 0 ||
	    strspn(token->text,
		"0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ") != token->len)
		return field_fail(r, token, "is no tag of letters and digits");
	return field_string(r, token);
}

/* Nothing is left but the "0" that RFC 8078, 4 prints for the octet of a CDS or
 * CDNSKEY which takes keys away. */
static bool
is_lone_zero(const struct reading *r)
{
	const struct token *token = &r->text->tokens[r->next];

	return r->next + 1 == r->text->n && !token->quoted &&
	    strcmp(token->text, "0") == 0;
}

/* Put the octets that the digits of ${token} make whole; ${words} is what it is
 * not. */
static int
put_digits(struct reading *r, struct codec_reader *reader,
    const struct token *token, const char *words)
{
	uint8_t *out = r->w.data + r->w.len, *end = r->w.data + r->w.room;

	for (const char *p = token->text; *p != '\0'; p++) {
		uint8_t octet;
		int made = codec_take(reader, *p, &octet);

		if (made < 0)
			return field_fail(r, token, words);
		if (made == 0)
			continue;
		if (out == end)
			return field_put(r, &octet, 1); /* which says so */
		*out++ = octet;
	}
	r->w.len = (size_t)(out - r->w.data);
	return 0;
}

int
field_hex_rest(struct reading *r)
{
	const struct field_text *text = r->text;
	struct codec_reader reader = {.codec = CODEC_HEX};

	if (r->type == TYPE_CDS && is_lone_zero(r)) {
		r->next++;
		return put_octet(r, 0);
	}
	for (; r->next < text->n; r->next++) {
		const struct token *token = &text->tokens[r->next];

		if (token->quoted && token->len > 0)
			return field_fail(r, token, "is not hexadecimal");
		if (put_digits(r, &reader, token, "is not hexadecimal") != 0)
			return -1;
	}
	return codec_whole(&reader)
	    ? 0
	    : field_fail(r, &text->tokens[text->n - 1],
		  "leaves half an octet of hexadecimal");
}

int
field_salt(struct reading *r, const struct token *token)
{
	uint8_t wire[1 + 255];
	size_t n = 0;

	if (strcmp(token->text, "-") != 0 &&
	    (token->len == 0 ||
		codec_decode(CODEC_HEX, token->text, token->len, wire + 1,
		    sizeof(wire) - 1, &n) != 0))
		return field_fail(r, token,
		    "is no salt (hexadecimal up to 255 octets, or -)");
	wire[0] = (uint8_t)n;
	return field_put(r, wire, 1 + n);
}

int
field_base64(struct reading *r, const struct token *token)
{
	struct codec_reader reader = {.codec = CODEC_BASE64};

	if (put_digits(r, &reader, token, "is not base 64") != 0)
		return -1;
	return codec_whole(&reader) && token->len > 0
	    ? 0
	    : field_fail(r, token, "is not base 64");
}

int
field_base64_rest(struct reading *r)
{
	const struct token *token = &r->text->tokens[r->next];
	struct codec_reader reader = {.codec = CODEC_BASE64};

	if (r->type == TYPE_CDNSKEY && is_lone_zero(r)) {
		r->next++;
		return put_octet(r, 0);
	}
	for (; r->next < r->text->n; r->next++) {
		token = &r->text->tokens[r->next];
		if (token->quoted)
			return field_fail(r, token, "cannot be quoted here");
		if (put_digits(r, &reader, token, "is not base 64") != 0)
			return -1;
	}
	return codec_whole(&reader) ? 0
				    : field_fail(r, token, "is not base 64");
}

int
field_base32(struct reading *r, const struct token *token)
{
	/* The one hash there is has 20 octets; no other will have more than
	 * SHA-512. */
	uint8_t wire[1 + 64];
	size_t n;

	if (codec_decode(CODEC_BASE32HEX, token->text, token->len, wire + 1,
		sizeof(wire) - 1, &n) != 0 ||
	    n == 0)
		return field_fail(r, token, "is no hash in base 32");
	wire[0] = (uint8_t)n;
	return field_put(r, wire, 1 + n);
}

/* The value of a hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	return codec_value(CODEC_HEX, c);
}

int
field_eui(struct reading *r, const struct token *token, unsigned octets)
{
	const char *p = token->text;

	for (unsigned i = 0; i < octets; i++, p += 2) {
		if (i > 0 && *p++ != '-')
			return field_fail(r, token, "is no EUI (00-00-5e-...)");
		if (hex_value(p[0]) < 0 || hex_value(p[1]) < 0)
			return field_fail(r, token, "is no EUI (00-00-5e-...)");
		if (put_octet(r,
			(unsigned)(hex_value(p[0]) << 4 | hex_value(p[1]))) !=
		    0)
			return -1;
	}
	return *p == '\0' ? 0 : field_fail(r, token, "is longer than an EUI");
}

int
field_ilnp64(struct reading *r, const struct token *token)
{
	static const char words[] =
	    "is no 64-bit identifier (0014:4fff:ff20:ee64)";
	const char *p = token->text;

	for (unsigned i = 0; i < 4; i++) {
		uint8_t wire[2];
		unsigned value = 0, n;

		if (i > 0 && *p++ != ':')
			return field_fail(r, token, words);
		for (n = 0; n < 4 && hex_value(*p) >= 0; n++)
			value = value << 4 | (unsigned)hex_value(*p++);
		if (n == 0)
			return field_fail(r, token, words);
		wire_put16(wire, (uint16_t)value);
		if (field_put(r, wire, 2) != 0)
			return -1;
	}
	return *p == '\0' ? 0 : field_fail(r, token, words);
}

int
field_bitmap(struct reading *r)
{
	/* Each with its number and length in front; cleared when it is needed,
	 * because hardly any is. */
	uint8_t windows[256][34];
	bool used[256] = {false};

	for (; r->next < r->text->n; r->next++) {
		const struct token *token = &r->text->tokens[r->next];
		uint8_t *window;
		uint16_t type;
		unsigned octet;

		if (type_parse(token->text, &type) != 0 || token->quoted)
			return field_fail(r, token, "is no record type");
		window = windows[type >> 8];
		octet = (type & 0xff) / 8u;
		if (!used[type >> 8])
			memset(window, 0, sizeof(windows[0]));
		used[type >> 8] = true;
		window[0] = (uint8_t)(type >> 8);
		window[2 + octet] |= (uint8_t)(0x80 >> (type % 8));
		if (window[1] < octet + 1)
			window[1] = (uint8_t)(octet + 1);
	}
	for (unsigned i = 0; i < 256; i++)
		if (used[i] &&
		    field_put(r, windows[i], windows[i][1] + 2u) != 0)
			return -1;
	return 0;
}
