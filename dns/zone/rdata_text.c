/*
 * Reads RDATA field by field, in the order in which ldns knows the fields of a
 * type.  Called while zone files are loaded; the only file that includes ldns,
 * whose objects live no longer than one field.
 */
#include "dns/zone/rdata_text.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <string.h>
#include <strings.h>

#include "dns/wire/protocol.h"
#include "dns/zone/field.h"
#include "dns/zone/rare.h"
#include "dns/zone/rdata.h"
#include "dns/zone/svcparam.h"
#include "dns/zone/word.h"

/* Mnemonics, which ldns knows. */

/* How ldns reads a code that has a name, and how large it may be. */
static const struct code {
	ldns_rdf_type kind;
	uint32_t max;
	ldns_status (*convert)(ldns_rdf **out, const char *text);
	const char *words;
} codes[] = {
    {LDNS_RDF_TYPE_ALG, UINT8_MAX, ldns_str2rdf_alg,
	"is no DNSSEC algorithm (number or mnemonic)"},
    {LDNS_RDF_TYPE_CERT_ALG, UINT16_MAX, ldns_str2rdf_cert_alg,
	"is no certificate type (number or mnemonic)"},
    {LDNS_RDF_TYPE_CERTIFICATE_USAGE, UINT8_MAX, ldns_str2rdf_certificate_usage,
	"is no certificate usage (number or mnemonic)"},
    {LDNS_RDF_TYPE_SELECTOR, UINT8_MAX, ldns_str2rdf_selector,
	"is no selector (number or mnemonic)"},
    {LDNS_RDF_TYPE_MATCHING_TYPE, UINT8_MAX, ldns_str2rdf_matching_type,
	"is no matching type (number or mnemonic)"},
};

static int
put_mnemonic(
    struct reading *r, const struct token *token, const struct code *code)
{
	ldns_rdf *rdf = NULL;
	int status;

	if (code->convert(&rdf, token->text) != LDNS_STATUS_OK || rdf == NULL)
		status = field_fail(r, token, code->words);
	else
		status = field_put(r, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	/* Some readers leave their result behind when they fail. */
	ldns_rdf_deep_free(rdf);
	return status;
}

/* A mnemonic, or a number: ldns would cut one that is too large. */
static int
put_code(struct reading *r, const struct code *code, const struct token *token)
{
	uint32_t value;

	if (token->text[0] < '0' || token->text[0] > '9') {
		if (token->text[strspn(token->text,
			"0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"abcdefghijklmnopqrstuvwxyz")] != '\0' ||
		    token->text[0] == '-' || token->len == 0)
			return field_fail(r, token, code->words);
		return put_mnemonic(r, token, code);
	}
	if (number_from_text(token->text, code->max, &value) != 0)
		return field_fail(r, token, code->words);
	return field_number(r, token, code->max == UINT8_MAX ? 1 : 2);
}

/* Forms. */

/* Kinds of fields that ldns has not, or reads wrongly. */
enum {
	KIND_A6 = 1000,
	KIND_NXT,
};

/* The fields of a type: those that ldns knows unless ${odd} has its own. */
struct form {
	const ldns_rr_descriptor *known;
	const struct odd_form *odd;
};

/* Types of which ldns has no text, takes another one for it, or wants more. */
static const struct odd_form {
	uint16_t type;
	uint8_t least, most;
	int kinds[4];
} odd_forms[] = {
    {23 /* NSAP-PTR, RFC 1348 */, 1, 1, {LDNS_RDF_TYPE_DNAME}},
    {30 /* NXT */, 2, 2, {LDNS_RDF_TYPE_DNAME, KIND_NXT}},
    {38 /* A6 */, 1, 1, {KIND_A6}},
    {40 /* SINK, draft-eastlake-kitchen-sink */, 4, 4,
	{LDNS_RDF_TYPE_INT8, LDNS_RDF_TYPE_INT8, LDNS_RDF_TYPE_INT8,
	    LDNS_RDF_TYPE_B64}},
    {TYPE_CSYNC /* whose bitmap may be empty */, 2, 3,
	{LDNS_RDF_TYPE_INT32, LDNS_RDF_TYPE_INT16, LDNS_RDF_TYPE_NSEC}},
};

/* Types that ldns does not know, whose text is that of one that it does. */
static const struct {
	uint16_t type, like;
} alike[] = {
    {56 /* NINFO */, TYPE_TXT},
    {57 /* RKEY */, TYPE_DNSKEY},
    {258 /* AVC */, TYPE_TXT},
    {261 /* RESINFO */, TYPE_TXT},
    {262 /* WALLET */, TYPE_TXT},
    {263 /* CLA */, TYPE_TXT},
    {32768 /* TA */, TYPE_DS},
};

static uint16_t
like(uint16_t type)
{
	for (size_t i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		if (alike[i].type == type)
			return alike[i].like;
	return type;
}

/* The form of ${type}; false when no text is known. */
static bool
find_form(uint16_t type, struct form *out)
{
	*out = (struct form){.known = ldns_rr_descript(like(type))};
	for (size_t i = 0; i < sizeof(odd_forms) / sizeof(odd_forms[0]); i++)
		if (odd_forms[i].type == type)
			out->odd = &odd_forms[i];
	return out->odd != NULL ||
	    (out->known != NULL &&
		(ldns_rr_descriptor_maximum(out->known) == 0 ||
		    ldns_rr_descriptor_field_type(out->known, 0) !=
			LDNS_RDF_TYPE_UNKNOWN));
}

static size_t
least_fields(const struct form *form)
{
	return form->odd != NULL ? form->odd->least
				 : ldns_rr_descriptor_minimum(form->known);
}

static size_t
most_fields(const struct form *form)
{
	return form->odd != NULL ? form->odd->most
				 : ldns_rr_descriptor_maximum(form->known);
}

static int
kind_of(const struct form *form, size_t n)
{
	return form->odd != NULL
	    ? form->odd->kinds[n]
	    : (int)ldns_rr_descriptor_field_type(form->known, n);
}

/* May a quoted token, or one with quotes inside, be such a field? */
static bool
takes_quotes(int kind, const struct token *token)
{
	if (token->has_quotes)
		return kind == LDNS_RDF_TYPE_SVCPARAMS;
	return !token->quoted || kind == LDNS_RDF_TYPE_STR ||
	    kind == LDNS_RDF_TYPE_LONG_STR;
}

/* Read a field of one token. */
static int
put_single(struct reading *r, int kind, const struct token *token)
{
	/* clang-format off */
	switch (kind) {
	case LDNS_RDF_TYPE_DNAME: return field_name(r, token);
	case LDNS_RDF_TYPE_INT8: return field_number(r, token, 1);
	case LDNS_RDF_TYPE_INT16: return field_number(r, token, 2);
	case LDNS_RDF_TYPE_INT32: return field_number(r, token, 4);
	case LDNS_RDF_TYPE_PERIOD: return field_seconds(r, token);
	case LDNS_RDF_TYPE_TIME: return field_time(r, token);
	case LDNS_RDF_TYPE_A: return field_address(r, token, AF_INET);
	case LDNS_RDF_TYPE_AAAA: return field_address(r, token, AF_INET6);
	case LDNS_RDF_TYPE_STR: return field_string(r, token);
	case LDNS_RDF_TYPE_LONG_STR: return field_octets(r, token);
	case LDNS_RDF_TYPE_TAG: return field_tag(r, token);
	case LDNS_RDF_TYPE_TYPE: return field_type(r, token);
	case LDNS_RDF_TYPE_EUI48: return field_eui(r, token, 6);
	case LDNS_RDF_TYPE_EUI64: return field_eui(r, token, 8);
	case LDNS_RDF_TYPE_ILNP64: return field_ilnp64(r, token);
	case LDNS_RDF_TYPE_NSEC3_SALT: return field_salt(r, token);
	case LDNS_RDF_TYPE_NSEC3_NEXT_OWNER: return field_base32(r, token);
	default: return field_fail(
	    r, token, "stands where nothing can be read");
	}
	/* clang-format on */
}

/* Read the field of ${kind} that begins at the next token. */
static int
put_field(struct reading *r, int kind)
{
	const struct token *token = &r->text->tokens[r->next];

	if (!takes_quotes(kind, token))
		return field_fail(r, token, "cannot be quoted here");
	/* clang-format off */
	switch (kind) {
	case LDNS_RDF_TYPE_HEX: return field_hex_rest(r);
	case LDNS_RDF_TYPE_B64: return field_base64_rest(r);
	case LDNS_RDF_TYPE_NSEC: return field_bitmap(r);
	case LDNS_RDF_TYPE_SVCPARAMS: return svcparam_put(r);
	case LDNS_RDF_TYPE_APL: return rare_apl(r);
	case LDNS_RDF_TYPE_LOC: return rare_loc(r);
	case LDNS_RDF_TYPE_WKS: return rare_wks(r);
	case LDNS_RDF_TYPE_NSAP: return rare_nsap(r);
	case LDNS_RDF_TYPE_ATMA: return rare_atma(r);
	case LDNS_RDF_TYPE_HIP: return rare_hip(r);
	case LDNS_RDF_TYPE_IPSECKEY: return rare_ipseckey(r);
	case KIND_A6: return rare_a6(r);
	case KIND_NXT: return rare_nxt(r);
	default: break;
	}
	/* clang-format on */
	r->next++;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if ((int)codes[i].kind == kind)
			return put_code(r, &codes[i], token);
	return put_single(r, kind, token);
}

static int
put_fields(struct reading *r, const struct form *form)
{
	size_t n = 0;

	for (; r->next < r->text->n; n++) {
		if (n == most_fields(form))
			return field_fail(r, &r->text->tokens[r->next],
			    "is more than such a record holds");
		if (put_field(r, kind_of(form, n)) != 0)
			return -1;
	}
	if (n < least_fields(form))
		return field_fail(r, NULL, "the record ends too early");
	return 0;
}

/* \# LENGTH DIGITS (RFC 3597, 5). */
static int
put_generic(struct reading *r)
{
	const struct field_text *text = r->text;
	uint32_t len;

	if (text->n < 2 ||
	    number_from_text(text->tokens[1].text, RDATA_MAX, &len) != 0)
		return field_fail(r, &text->tokens[text->n < 2 ? 0 : 1],
		    text->n < 2 ? "is not followed by a length"
				: "is no length from 0 to 65535");
	r->next = 2;
	if (field_hex_rest(r) != 0)
		return -1;
	if (r->w.len != len)
		return field_fail(r, &text->tokens[1],
		    "is not the number of octets that follow");
	return 0;
}

int
rdata_text_read(uint16_t type, const struct field_text *text, uint8_t *out,
    struct errbuf *eb)
{
	struct reading r = {
	    .text = text,
	    .type = type,
	    .w = {.data = out, .room = RDATA_MAX},
	    .eb = eb,
	};
	struct form form;
	int status;

	if (text->n > 0 && !text->tokens[0].quoted &&
	    strcmp(text->tokens[0].text, "\\#") == 0)
		status = put_generic(&r);
	else if (find_form(type, &form))
		status = put_fields(&r, &form);
	else
		status = field_fail(&r, NULL,
		    "this type has no text form here; write its data as \\# "
		    "(RFC 3597, 5)");
	return status == 0 ? (int)r.w.len : -1;
}
