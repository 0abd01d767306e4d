/*
 * Reads RDATA field by field, in the order in which type.c has the fields of
 * its type.  Called while zone files are loaded; allocates nothing.
 */
#include "dns/zone/rdata_text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "dns/zone/rare.h"
#include "dns/zone/svcparam_text.h"
#include "dns/zone/type.h"

/* Codes with names of their own: how large one may be, in how many octets, and
 * the names, of which IANA keeps the registries. */
static const struct code {
	char kind; /* of field, as type_fields() has it */
	uint8_t octets;
	const char *words; /* of what is none */
	struct {
		const char *name; /* NULL ends the table */
		uint16_t value;
	} names[18];
} codes[] = {
    {'g', 1, "is no DNSSEC algorithm (number or mnemonic)",
	{{"RSAMD5", 1}, {"DH", 2}, {"DSA", 3}, {"ECC", 4}, {"RSASHA1", 5},
	    {"DSA-NSEC3-SHA1", 6}, {"RSASHA1-NSEC3-SHA1", 7}, {"RSASHA256", 8},
	    {"RSASHA512", 10}, {"ECC-GOST", 12}, {"ECDSAP256SHA256", 13},
	    {"ECDSAP384SHA384", 14}, {"ED25519", 15}, {"ED448", 16},
	    {"INDIRECT", 252}, {"PRIVATEDNS", 253}, {"PRIVATEOID", 254}}},
    {'c', 2, "is no certificate type (number or mnemonic)",
	{{"PKIX", 1}, {"SPKI", 2}, {"PGP", 3}, {"IPKIX", 4}, {"ISPKI", 5},
	    {"IPGP", 6}, {"ACPKIX", 7}, {"IACPKIX", 8}, {"URI", 253},
	    {"OID", 254}}},
    {'U', 1, "is no certificate usage (number or mnemonic)",
	{{"PKIX-TA", 0}, {"PKIX-EE", 1}, {"DANE-TA", 2}, {"DANE-EE", 3},
	    {"PrivCert", 255}}},
    {'V', 1, "is no selector (number or mnemonic)",
	{{"Cert", 0}, {"SPKI", 1}, {"PrivSel", 255}}},
    {'W', 1, "is no matching type (number or mnemonic)",
	{{"Full", 0}, {"SHA2-256", 1}, {"SHA2-512", 2}, {"PrivMatch", 255}}},
};

/* The value of a name, in any case, or of a number; -1 when it is neither. */
static int
code_value(const struct code *code, const struct token *token)
{
	uint64_t value;

	if (number_parse(token->text, token->len, 0,
		code->octets == 1 ? UINT8_MAX : UINT16_MAX, &value) == 0)
		return (int)value;
	for (size_t i = 0; code->names[i].name != NULL; i++)
		if (strcasecmp(code->names[i].name, token->text) == 0)
			return code->names[i].value;
	return -1;
}

static int
put_code(struct reading *r, char kind, const struct token *token)
{
	const struct code *code = codes;
	uint8_t wire[2];
	int value;

	while (code->kind != kind)
		code++;
	value = code_value(code, token);
	if (value < 0)
		return field_fail(r, token, code->words);
	wire_put16(wire, (uint16_t)value);
	return field_put(r, wire + 2 - code->octets, code->octets);
}

/* May a quoted token, or one with quotes inside, be such a field? */
static bool
takes_quotes(char kind, const struct token *token)
{
	if (token->has_quotes)
		return kind == 'p';
	return !token->quoted || strchr("sSflL", kind) != NULL;
}

/* Read a field of one token. */
static int
put_single(struct reading *r, char kind, const struct token *token)
{
	r->next++;
	/* clang-format off */
	switch (kind) {
	case '1': return field_number(r, token, 1);
	case '2': return field_number(r, token, 2);
	case '4': return field_number(r, token, 4);
	case 't': return field_seconds(r, token);
	case 'T': return field_time(r, token);
	case 'y': return field_type(r, token);
	case 'a': return field_address(r, token, AF_INET);
	case 'A': return field_address(r, token, AF_INET6);
	case 'e': return field_eui(r, token, 6);
	case 'E': return field_eui(r, token, 8);
	case 'i': return field_ilnp64(r, token);
	case 'n': case 'u': return field_name(r, token);
	case 's': return field_string(r, token);
	case 'k': return field_tag(r, token);
	case 'z': return field_salt(r, token);
	case 'q': return field_base32(r, token);
	case 'l': case 'L': return field_octets(r, token);
	default: return put_code(r, kind, token);
	}
	/* clang-format on */
}

/* Read strings up to the end, of which there may be ${most}. */
static int
put_strings(struct reading *r, size_t most)
{
	for (size_t n = 0; n < most && r->next < r->text->n; n++) {
		const struct token *token = &r->text->tokens[r->next];

		if (!takes_quotes('S', token))
			return field_fail(r, token, "cannot be quoted here");
		if (put_single(r, 's', token) != 0)
			return -1;
	}
	return 0;
}

/* Read the field of ${kind} that begins at the next token; when there is none
 * left, the field must be one that may be empty. */
static int
put_field(struct reading *r, char kind)
{
	const struct token *token = &r->text->tokens[r->next];
	bool ended = r->next == r->text->n;

	if (ended && strchr("bBpP", kind) == NULL)
		return field_missing(r);
	if (!ended && !takes_quotes(kind, token))
		return field_fail(r, token, "cannot be quoted here");
	/* clang-format off */
	switch (kind) {
	case 'S': return put_strings(r, SIZE_MAX);
	case 'f': return put_strings(r, 2);
	case 'h': case 'H': return field_hex_rest(r);
	case 'm': case 'M': return field_base64_rest(r);
	case 'b': case 'B': return field_bitmap(r);
	case 'p': return svcparam_text_put(r);
	case 'P': return rare_apl(r);
	case 'o': return rare_loc(r);
	case 'K': return rare_hip(r);
	case 'G': return rare_ipseckey(r);
	default: return put_single(r, kind, token);
	}
	/* clang-format on */
}

static int
put_fields(struct reading *r, const char *fields)
{
	const struct token *rest;

	for (; *fields != '\0'; fields++)
		if (put_field(r, *fields) != 0)
			return -1;
	if (r->next == r->text->n)
		return 0;
	rest = &r->text->tokens[r->next];
	return field_fail(r, rest,
	    rest->text[0] == '#' || strncmp(rest->text, "//", 2) == 0
		? "begins no comment; a comment begins with ;"
		: "is more than such a record holds");
}

/* \# LENGTH DIGITS (RFC 3597, 5). */
static int
put_generic(struct reading *r)
{
	const struct field_text *text = r->text;
	const struct token *length = &text->tokens[1];
	uint64_t len;

	if (text->n < 2)
		return field_fail(
		    r, &text->tokens[0], "is not followed by a length");
	if (number_parse(length->text, length->len, 0, RDATA_MAX, &len) != 0)
		return field_fail(r, length, "is no length from 0 to 65535");
	r->next = 2;
	if (field_hex_rest(r) != 0)
		return -1;
	return r->w.len == len
	    ? 0
	    : field_fail(r, length, "is not the number of octets that follow");
}

int
rdata_text_read(uint16_t type, const struct field_text *text, uint8_t *out,
    struct errbuf *eb)
{
	const char *fields = type_fields(type);
	struct reading r = {
	    .text = text,
	    .type = type,
	    .w = {.data = out, .room = RDATA_MAX},
	    .eb = eb,
	};
	int status;

	if (text->n > 0 && !text->tokens[0].quoted &&
	    strcmp(text->tokens[0].text, "\\#") == 0)
		status = put_generic(&r);
	else if (fields != NULL && *fields != TYPE_NO_TEXT)
		status = put_fields(&r, fields);
	else
		status = field_fail(&r, NULL,
		    "this type has no text form here; write its data as \\# "
		    "LENGTH HEXADECIMAL (RFC 3597, 5)");
	return status == 0 ? (int)r.w.len : -1;
}
