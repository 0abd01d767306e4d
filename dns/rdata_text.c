/*
 * Reads RDATA field by field.  Called while zone files are loaded; the only
 * file that includes ldns, whose objects live no longer than one field.
 */
#include "dns/rdata_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/rdata.h"
#include "dns/rdata_guard.h"
#include "dns/wire.h"

#define SECONDS_MAX 0x7fffffff /* RFC 2181, 8 */

/* Types whose text ldns reads wrongly, as other types than the registry's. */
#define TYPE_NSAP_PTR 23
#define TYPE_SINK 40

/* One record while it is read. */
struct reading {
	const struct rdata_text *text;
	size_t next; /* token */
	struct writer w;
	struct errbuf *eb;
};

static int
fail(const struct reading *r, const struct zone_token *token, const char *words)
{
	struct mark at = r->text->at;
	char shown[TOKEN_SHOWN];

	if (token == NULL)
		return errbuf_error(r->eb, &at, "%s: %s", r->text->type, words);
	at.line = token->line;
	at.column = token->column;
	return errbuf_error(r->eb, &at, "%s: \"%s\" %s", r->text->type,
	    token_show(token->text, shown), words);
}

/* Text to numbers. */

int
number_from_text(const char *text, uint32_t max, uint32_t *out)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = 0;

	/* Ten digits hold every number asked for, and cannot overflow. */
	if (digits == 0 || digits > 10 || text[digits] != '\0')
		return -1;
	for (; *text != '\0'; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	if (value > max)
		return -1;
	*out = (uint32_t)value;
	return 0;
}

/* Seconds of a unit of time, or 0. */
static uint32_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
	case 'S':
		return 1;
	case 'm':
	case 'M':
		return 60;
	case 'h':
	case 'H':
		return 3600;
	case 'd':
	case 'D':
		return 86400;
	case 'w':
	case 'W':
		return 604800;
	default:
		return 0;
	}
}

int
seconds_from_text(const char *text, uint32_t *out)
{
	uint64_t sum = 0;

	if (number_from_text(text, SECONDS_MAX, out) == 0)
		return 0;
	if (*text == '\0')
		return -1;
	while (*text != '\0') {
		uint64_t value = 0;
		uint32_t unit;

		if (*text < '0' || *text > '9')
			return -1;
		for (; *text >= '0' && *text <= '9'; text++) {
			value = value * 10 + (uint64_t)(*text - '0');
			if (value > SECONDS_MAX)
				return -1;
		}
		unit = unit_seconds(*text++);
		sum += value * unit;
		if (unit == 0 || sum > SECONDS_MAX)
			return -1;
	}
	*out = (uint32_t)sum;
	return 0;
}

int
type_from_text(const char *text, uint16_t *out)
{
	uint32_t number;

	if (strncasecmp(text, "TYPE", 4) == 0 &&
	    number_from_text(text + 4, UINT16_MAX, &number) == 0) {
		*out = (uint16_t)number;
		return 0;
	}
	/* ldns reads TYPE and what follows as a number of any length. */
	if (strncasecmp(text, "TYPE", 4) == 0)
		return -1;
	*out = (uint16_t)ldns_get_rr_type_by_name(text);
	return *out == 0 ? -1 : 0;
}

/* Fields that are read here. */

static int
put(struct reading *r, const void *data, size_t len)
{
	if (len == 0) /* ldns has no octets then, not even their address */
		return 0;
	writer_bytes(&r->w, data, len);
	return r->w.full
	    ? fail(r, NULL, "the RDATA is longer than 65535 octets")
	    : 0;
}

/* A number of ${octets} octets. */
static int
put_number(struct reading *r, const struct zone_token *token, unsigned octets)
{
	static const char *const words[] = {
	    [1] = "is no number from 0 to 255",
	    [2] = "is no number from 0 to 65535",
	    [4] = "is no number from 0 to 4294967295",
	};
	uint8_t wire[4];
	uint32_t value;

	if (number_from_text(
		token->text, UINT32_MAX >> (32 - 8 * octets), &value) != 0)
		return fail(r, token, words[octets]);
	wire_put32(wire, value);
	return put(r, wire + 4 - octets, octets);
}

static int
put_seconds(struct reading *r, const struct zone_token *token)
{
	uint8_t wire[4];
	uint32_t value;

	if (seconds_from_text(token->text, &value) != 0)
		return fail(
		    r, token, "is no time up to 2147483647 s (300, 5m, 1h30m)");
	wire_put32(wire, value);
	return put(r, wire, sizeof(wire));
}

static int
put_address(struct reading *r, const struct zone_token *token, int family)
{
	uint8_t wire[16];

	if (inet_pton(family, token->text, wire) != 1)
		return fail(r, token,
		    family == AF_INET ? "is no IPv4 address"
				      : "is no IPv6 address");
	return put(r, wire, family == AF_INET ? 4 : 16);
}

static int
put_name(struct reading *r, const struct zone_token *token)
{
	uint8_t wire[NAME_MAX_WIRE];
	int len = name_parse(token->text, r->text->origin, wire);

	if (len < 0)
		return fail(r, token,
		    "is no domain name (labels of 1 to 63 octets, 255 in all)");
	return put(r, wire, (size_t)len);
}

static int
put_type(struct reading *r, const struct zone_token *token)
{
	uint8_t wire[2];
	uint16_t type;

	if (type_from_text(token->text, &type) != 0)
		return fail(r, token, "is no record type");
	wire_put16(wire, type);
	return put(r, wire, sizeof(wire));
}

/* Add the octets that a token with escapes stands for. */
static int
put_octets(struct reading *r, const struct zone_token *token)
{
	const char *p = token->text;

	while (*p != '\0') {
		uint8_t octet = (uint8_t)*p++;

		if (octet == '\\' && isdigit((unsigned char)*p)) {
			/* The lexer saw to three digits up to 255. */
			octet = (uint8_t)((p[0] - '0') * 100 +
			    (p[1] - '0') * 10 + p[2] - '0');
			p += 3;
		} else if (octet == '\\')
			octet = (uint8_t)*p++;
		if (put(r, &octet, 1) != 0)
			return -1;
	}
	return 0;
}

/* A character string: its length, then up to 255 octets (RFC 1035, 3.3). */
static int
put_string(struct reading *r, const struct zone_token *token)
{
	size_t at = r->w.len, len;

	if (put(r, "", 1) != 0 || put_octets(r, token) != 0)
		return -1;
	len = r->w.len - at - 1;
	if (len > 255)
		return fail(
		    r, token, "is longer than the 255 octets of a string");
	r->w.data[at] = (uint8_t)len;
	return 0;
}

/* RFC 8659, 4.1: a tag is letters and digits. */
static int
put_tag(struct reading *r, const struct zone_token *token)
{
	if (token->len == 0 ||
	    strspn(token->text,
		"0123456789abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ") != token->len)
		return fail(r, token, "is no tag of letters and digits");
	return put_string(r, token);
}

/* All tokens that are left, as hexadecimal digits with blanks anywhere. */
static int
put_hex(struct reading *r)
{
	const struct rdata_text *text = r->text;
	int high = -1;

	for (; r->next < text->n; r->next++) {
		const struct zone_token *token = &text->tokens[r->next];

		for (const char *p = token->text; *p != '\0'; p++) {
			int digit = guard_hex(*p);
			uint8_t octet;

			if (digit < 0 || token->quoted)
				return fail(r, token, "is not hexadecimal");
			if (high < 0) {
				high = digit;
				continue;
			}
			octet = (uint8_t)(high << 4 | digit);
			high = -1;
			if (put(r, &octet, 1) != 0)
				return -1;
		}
	}
	return high < 0 ? 0
			: fail(r, &text->tokens[text->n - 1],
			      "leaves half an octet of hexadecimal");
}

/* Six or eight octets as 00-00-5e-00-53-2a (RFC 7043, 3.2). */
static int
put_eui(struct reading *r, const struct zone_token *token, unsigned octets)
{
	const char *p = token->text;

	for (unsigned i = 0; i < octets; i++, p += 2) {
		uint8_t octet;

		if (i > 0 && *p++ != '-')
			return fail(r, token, "is no EUI (00-00-5e-...)");
		if (guard_hex(p[0]) < 0 || guard_hex(p[1]) < 0)
			return fail(r, token, "is no EUI (00-00-5e-...)");
		octet = (uint8_t)(guard_hex(p[0]) << 4 | guard_hex(p[1]));
		if (put(r, &octet, 1) != 0)
			return -1;
	}
	return *p == '\0' ? 0 : fail(r, token, "is longer than an EUI");
}

/* All tokens that are left, as the types of a bitmap (RFC 4034, 4.1.2). */
static int
put_bitmap(struct reading *r)
{
	uint8_t windows[256][34] = {0};

	for (; r->next < r->text->n; r->next++) {
		const struct zone_token *token = &r->text->tokens[r->next];
		uint8_t *window;
		uint16_t type;
		unsigned octet;

		if (type_from_text(token->text, &type) != 0 || token->quoted)
			return fail(r, token, "is no record type");
		window = windows[type >> 8];
		octet = (type & 0xff) / 8u;
		window[0] = (uint8_t)(type >> 8);
		window[2 + octet] |= (uint8_t)(0x80 >> (type % 8));
		if (window[1] < octet + 1)
			window[1] = (uint8_t)(octet + 1);
	}
	for (unsigned i = 0; i < 256; i++)
		if (windows[i][1] > 0 &&
		    put(r, windows[i], windows[i][1] + 2u) != 0)
			return -1;
	return 0;
}

/* Fields that ldns reads. */

/* How many tokens a field takes, and how they are joined. */
enum take { TAKE_ONE, TAKE_THREE, TAKE_REST, TAKE_REST_CLOSE, TAKE_REST_KEY };

static const struct field {
	ldns_rdf_type kind;
	enum take take;
	bool (*guard)(const char *text);
	ldns_status (*convert)(ldns_rdf **out, const char *text);
	const char *words;
} fields[] = {
    {LDNS_RDF_TYPE_ALG, TAKE_ONE, guard_code8, ldns_str2rdf_alg,
	"is no DNSSEC algorithm (number or mnemonic)"},
    {LDNS_RDF_TYPE_CERT_ALG, TAKE_ONE, guard_code16, ldns_str2rdf_cert_alg,
	"is no certificate type (number or mnemonic)"},
    {LDNS_RDF_TYPE_CERTIFICATE_USAGE, TAKE_ONE, guard_code8,
	ldns_str2rdf_certificate_usage,
	"is no certificate usage (number or mnemonic)"},
    {LDNS_RDF_TYPE_SELECTOR, TAKE_ONE, guard_code8, ldns_str2rdf_selector,
	"is no selector (number or mnemonic)"},
    {LDNS_RDF_TYPE_MATCHING_TYPE, TAKE_ONE, guard_code8,
	ldns_str2rdf_matching_type, "is no matching type (number or mnemonic)"},
    {LDNS_RDF_TYPE_TIME, TAKE_ONE, guard_time, ldns_str2rdf_time,
	"is no time (YYYYMMDDHHmmSS, or seconds since 1970)"},
    {LDNS_RDF_TYPE_B64, TAKE_REST_CLOSE, guard_key, ldns_str2rdf_b64,
	"is not base 64"},
    {LDNS_RDF_TYPE_NSEC3_SALT, TAKE_ONE, guard_salt, ldns_str2rdf_nsec3_salt,
	"is no salt (hexadecimal up to 255 octets, or -)"},
    {LDNS_RDF_TYPE_NSEC3_NEXT_OWNER, TAKE_ONE, guard_hash, ldns_str2rdf_b32_ext,
	"is no hash in base 32"},
    {LDNS_RDF_TYPE_ILNP64, TAKE_ONE, guard_ilnp64, ldns_str2rdf_ilnp64,
	"is no 64-bit identifier (0014:4fff:ff20:ee64)"},
    {LDNS_RDF_TYPE_APL, TAKE_ONE, guard_apl, ldns_str2rdf_apl,
	"is no address prefix ([!]1:192.0.2.0/24)"},
    {LDNS_RDF_TYPE_LOC, TAKE_REST, guard_loc, ldns_str2rdf_loc,
	"and what follows is no location (RFC 1876, 3)"},
    {LDNS_RDF_TYPE_HIP, TAKE_THREE, guard_hip, ldns_str2rdf_hip,
	"and what follows is no host identity (RFC 8005, 6)"},
    {LDNS_RDF_TYPE_IPSECKEY, TAKE_REST_KEY, guard_ipseckey,
	ldns_str2rdf_ipseckey,
	"and what follows is no key with its gateway, whose name ends in a "
	"dot (RFC 4025, 3)"},
    {LDNS_RDF_TYPE_SVCPARAMS, TAKE_REST, guard_svc, ldns_str2rdf_svcparams,
	"and what follows are no service parameters (RFC 9460, 2.1)"},
};

static const struct field *
find_field(ldns_rdf_type kind)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].kind == kind)
			return &fields[i];
	return NULL;
}

/* Join the tokens of a field; they fit, because their entry had room. */
static void
join(struct reading *r, enum take take)
{
	const struct rdata_text *text = r->text;
	size_t n = take == TAKE_ONE ? 1 : take == TAKE_THREE ? 3 : SIZE_MAX;
	char *p = r->text->scratch;

	for (size_t i = 0; i < n && r->next < text->n; i++, r->next++) {
		const struct zone_token *token = &text->tokens[r->next];
		bool close =
		    take == TAKE_REST_CLOSE || (take == TAKE_REST_KEY && i > 4);

		if (i > 0 && !close)
			*p++ = ' ';
		memcpy(p, token->text, token->len);
		p += token->len;
	}
	*p = '\0';
}

static int
put_converted(struct reading *r, const struct field *field)
{
	const struct zone_token *first = &r->text->tokens[r->next];
	ldns_rdf *rdf = NULL;
	int status;

	join(r, field->take);
	errno = 0; /* ldns looks at it and does not clear it */
	/* Of these only service parameters know escapes; elsewhere one could
	 * hide a blank from the guard. */
	if ((field->kind != LDNS_RDF_TYPE_SVCPARAMS &&
		strchr(r->text->scratch, '\\') != NULL) ||
	    !field->guard(r->text->scratch) ||
	    field->convert(&rdf, r->text->scratch) != LDNS_STATUS_OK ||
	    rdf == NULL)
		status = fail(r, first, field->words);
	else
		status = put(r, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	/* Some readers leave their result behind when they fail. */
	ldns_rdf_deep_free(rdf);
	return status;
}

/* The record. */

/* May a quoted token, or one with quotes inside, be such a field? */
static bool
takes_quotes(ldns_rdf_type kind, const struct zone_token *token)
{
	if (token->has_quotes)
		return kind == LDNS_RDF_TYPE_SVCPARAMS;
	return !token->quoted || kind == LDNS_RDF_TYPE_STR ||
	    kind == LDNS_RDF_TYPE_LONG_STR;
}

static bool
quotes_are_right(const struct reading *r, ldns_rdf_type kind)
{
	const struct field *field = find_field(kind);
	size_t end = r->next + 1;

	if (field != NULL && field->take != TAKE_ONE)
		end = r->text->n;
	for (size_t i = r->next; i < end; i++)
		if (!takes_quotes(kind, &r->text->tokens[i])) {
			fail(r, &r->text->tokens[i], "cannot be quoted here");
			return false;
		}
	return true;
}

/* Read the field of ${kind} that begins at the next token. */
static int
put_field(struct reading *r, ldns_rdf_type kind)
{
	const struct zone_token *token = &r->text->tokens[r->next];
	const struct field *field = find_field(kind);

	if (!quotes_are_right(r, kind))
		return -1;
	if (field != NULL)
		return put_converted(r, field);
	if (kind == LDNS_RDF_TYPE_HEX)
		return put_hex(r);
	if (kind == LDNS_RDF_TYPE_NSEC)
		return put_bitmap(r);
	r->next++;
	/* clang-format off */
	switch ((int)kind) {
	case LDNS_RDF_TYPE_DNAME: return put_name(r, token);
	case LDNS_RDF_TYPE_INT8: return put_number(r, token, 1);
	case LDNS_RDF_TYPE_INT16: return put_number(r, token, 2);
	case LDNS_RDF_TYPE_INT32: return put_number(r, token, 4);
	case LDNS_RDF_TYPE_PERIOD: return put_seconds(r, token);
	case LDNS_RDF_TYPE_A: return put_address(r, token, AF_INET);
	case LDNS_RDF_TYPE_AAAA: return put_address(r, token, AF_INET6);
	case LDNS_RDF_TYPE_STR: return put_string(r, token);
	case LDNS_RDF_TYPE_LONG_STR: return put_octets(r, token);
	case LDNS_RDF_TYPE_TAG: return put_tag(r, token);
	case LDNS_RDF_TYPE_TYPE: return put_type(r, token);
	case LDNS_RDF_TYPE_EUI48: return put_eui(r, token, 6);
	case LDNS_RDF_TYPE_EUI64: return put_eui(r, token, 8);
	default: return fail(r, token, "stands where nothing can be read");
	}
	/* clang-format on */
}

static int
put_fields(struct reading *r, const ldns_rr_descriptor *form)
{
	size_t n = 0;

	for (; r->next < r->text->n; n++) {
		if (n == ldns_rr_descriptor_maximum(form))
			return fail(r, &r->text->tokens[r->next],
			    "is more than such a record holds");
		if (put_field(r, ldns_rr_descriptor_field_type(form, n)) != 0)
			return -1;
	}
	if (n < ldns_rr_descriptor_minimum(form))
		return fail(r, NULL, "the record ends too early");
	return 0;
}

/* Does ldns read the RDATA so far as a ${type}, just these octets? */
static bool
wire_is_valid(const struct reading *r, uint16_t type)
{
	const uint8_t *rdata = r->w.data;
	size_t len = r->w.len;
	/* Owner (the root), type, class, TTL, RDLENGTH. */
	size_t size = 11 + len, at = 0, checked = 0;
	uint8_t *wire = (uint8_t *)r->text->scratch;
	ldns_rr *rr = NULL;
	bool valid;

	memset(wire, 0, 11);
	wire_put16(wire + 1, type);
	wire_put16(wire + 3, CLASS_IN);
	wire_put16(wire + 9, (uint16_t)len);
	if (len > 0)
		memcpy(wire + 11, rdata, len);
	valid = ldns_wire2rr(&rr, wire, size, &at, LDNS_SECTION_ANSWER) ==
		LDNS_STATUS_OK &&
	    at == size;
	for (size_t i = 0; valid && i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		size_t part = ldns_rdf_size(rdf);

		valid = part <= len - checked &&
		    (part == 0 ||
			memcmp(ldns_rdf_data(rdf), rdata + checked, part) == 0);
		checked += valid ? part : 0;
	}
	ldns_rr_free(rr);
	return valid && checked == len;
}

/* \# LENGTH DIGITS (RFC 3597, 5). */
static int
put_generic(struct reading *r, bool known, uint16_t type)
{
	const struct rdata_text *text = r->text;
	uint32_t len;

	if (text->n < 2 ||
	    number_from_text(text->tokens[1].text, RDATA_MAX, &len) != 0)
		return fail(r, &text->tokens[text->n < 2 ? 0 : 1],
		    text->n < 2 ? "is not followed by a length"
				: "is no length from 0 to 65535");
	r->next = 2;
	if (put_hex(r) != 0)
		return -1;
	if (r->w.len != len)
		return fail(r, &text->tokens[1],
		    "octets are announced, but there are others");
	if (known && !wire_is_valid(r, type))
		return fail(r, NULL, "these octets are no such record");
	return 0;
}

/* Can text of this type be read, so that its octets can be checked? */
static bool
is_known(uint16_t type, const ldns_rr_descriptor *form)
{
	size_t n;

	if (form == NULL || type == TYPE_NSAP_PTR || type == TYPE_SINK)
		return false;
	n = ldns_rr_descriptor_maximum(form);
	for (size_t i = 0; i < n && i < 16; i++) {
		ldns_rdf_type kind = ldns_rr_descriptor_field_type(form, i);

		if (kind == LDNS_RDF_TYPE_UNKNOWN ||
		    kind == LDNS_RDF_TYPE_WKS || kind == LDNS_RDF_TYPE_NSAP ||
		    kind == LDNS_RDF_TYPE_ATMA)
			return false;
	}
	return true;
}

int
rdata_from_text(uint16_t type, const struct rdata_text *text, uint8_t *out,
    struct errbuf *eb)
{
	const ldns_rr_descriptor *form = ldns_rr_descript(type);
	bool known = is_known(type, form);
	struct reading r = {
	    .text = text,
	    .w = {.data = out, .room = RDATA_MAX},
	    .eb = eb,
	};
	int status;

	if (text->n > 0 && !text->tokens[0].quoted &&
	    strcmp(text->tokens[0].text, "\\#") == 0)
		status = put_generic(&r, known, type);
	else if (known)
		status = put_fields(&r, form);
	else
		status = fail(&r, NULL,
		    "this type has no text form here; write its data as \\# "
		    "(RFC 3597, 5)");
	return status == 0 ? (int)r.w.len : -1;
}
