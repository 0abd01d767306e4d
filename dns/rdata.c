/*
 * The form of RDATA by a table of types.  Called by the zone builder for each
 * record; allocates nothing.
 */
#include "dns/rdata.h"

#include <stdbool.h>
#include <stdio.h>

#include "dns/name.h"
#include "dns/protocol.h"

/* What may come behind the names: exactly so many octets, or any. */
#define TAIL_ANY (-1)

/* RDATA is ${fixed} octets, ${strings} character strings, ${names} names, and
 * a tail. */
struct form {
	uint16_t type;
	char name[12];
	uint8_t fixed, strings, names;
	int8_t tail;
};

static const struct form forms[] = {
    {TYPE_A, "A", 4, 0, 0, 0},
    {TYPE_AAAA, "AAAA", 16, 0, 0, 0},
    {TYPE_NS, "NS", 0, 0, 1, 0},
    {TYPE_CNAME, "CNAME", 0, 0, 1, 0},
    {TYPE_SOA, "SOA", 0, 0, 2, 20},
    {TYPE_MX, "MX", 2, 0, 1, 0},
    {TYPE_SRV, "SRV", 6, 0, 1, 0},
    {TYPE_DNAME, "DNAME", 0, 0, 1, 0},
    {TYPE_RRSIG, "RRSIG", 18, 0, 1, TAIL_ANY},
    {3, "MD", 0, 0, 1, 0},
    {4, "MF", 0, 0, 1, 0},
    {7, "MB", 0, 0, 1, 0},
    {8, "MG", 0, 0, 1, 0},
    {9, "MR", 0, 0, 1, 0},
    {12, "PTR", 0, 0, 1, 0},
    {TYPE_HINFO, "HINFO", 0, 2, 0, 0},
    {14, "MINFO", 0, 0, 2, 0},
    {16, "TXT", 0, 1, 0, TAIL_ANY},
    {17, "RP", 0, 0, 2, 0},
    {18, "AFSDB", 2, 0, 1, 0},
    {21, "RT", 2, 0, 1, 0},
    {24, "SIG", 18, 0, 1, TAIL_ANY},
    {25, "KEY", 4, 0, 0, TAIL_ANY},
    {26, "PX", 2, 0, 2, 0},
    {29, "LOC", 16, 0, 0, 0},
    {30, "NXT", 0, 0, 1, TAIL_ANY},
    {35, "NAPTR", 4, 3, 1, 0},
    {36, "KX", 2, 0, 1, 0},
    {37, "CERT", 5, 0, 0, TAIL_ANY},
    {TYPE_OPT, "OPT", 0, 0, 0, TAIL_ANY},
    {TYPE_DS, "DS", 4, 0, 0, TAIL_ANY},
    {44, "SSHFP", 2, 0, 0, TAIL_ANY},
    {TYPE_NSEC, "NSEC", 0, 0, 0, TAIL_ANY},
    {TYPE_DNSKEY, "DNSKEY", 4, 0, 0, TAIL_ANY},
    {50, "NSEC3", 0, 0, 0, TAIL_ANY},
    {51, "NSEC3PARAM", 0, 0, 0, TAIL_ANY},
    {52, "TLSA", 3, 0, 0, TAIL_ANY},
    {53, "SMIMEA", 3, 0, 0, TAIL_ANY},
    {59, "CDS", 4, 0, 0, TAIL_ANY},
    {60, "CDNSKEY", 4, 0, 0, TAIL_ANY},
    {61, "OPENPGPKEY", 0, 0, 0, TAIL_ANY},
    {64, "SVCB", 2, 0, 0, TAIL_ANY},
    {65, "HTTPS", 2, 0, 0, TAIL_ANY},
    {99, "SPF", 0, 1, 0, TAIL_ANY},
    {256, "URI", 4, 0, 0, TAIL_ANY},
    {257, "CAA", 2, 0, 0, TAIL_ANY},
};

static const struct form *
find_form(uint16_t type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].type == type)
			return &forms[i];
	return NULL;
}

const char *
rdata_type_text(uint16_t type, char out[TYPE_TEXT])
{
	const struct form *form = find_form(type);

	if (form != NULL)
		snprintf(out, TYPE_TEXT, "%s", form->name);
	else
		snprintf(out, TYPE_TEXT, "TYPE%u", type);
	return out;
}

/* Octets of the whole uncompressed name within ${len} octets; 0: it is none. */
static size_t
checked_name(const uint8_t *name, size_t len)
{
	size_t used = 0;

	while (used < len && used < NAME_MAX_WIRE && name[used] <= 63) {
		if (name[used] == 0)
			return used + 1;
		used += name[used] + 1u;
	}
	return 0;
}

/* Where the names begin, or a number above ${len}. */
static size_t
names_at(const struct form *form, const uint8_t *rdata, size_t len)
{
	size_t at = form->fixed;

	for (unsigned i = 0; i < form->strings; i++)
		at += at < len ? rdata[at] + 1u : 1u;
	return at;
}

const char *
rdata_check(uint16_t type, const uint8_t *rdata, size_t len)
{
	const struct form *form = find_form(type);
	size_t at;

	if (form == NULL)
		return NULL;
	at = names_at(form, rdata, len);
	if (at > len)
		return "the RDATA is too short";
	for (unsigned i = 0; i < form->names; i++) {
		size_t size = checked_name(rdata + at, len - at);

		if (size == 0)
			return "the RDATA holds no valid name where one "
			       "belongs";
		at += size;
	}
	if (form->tail == TAIL_ANY || len - at == (size_t)form->tail)
		return NULL;
	return len - at < (size_t)form->tail ? "the RDATA is too short"
					     : "the RDATA is too long";
}

void
rdata_fold(uint16_t type, uint8_t *rdata, size_t len)
{
	const struct form *form = find_form(type);
	size_t at;

	if (form == NULL)
		return;
	at = names_at(form, rdata, len);
	for (unsigned i = 0; i < form->names; i++) {
		size_t size = name_length(rdata + at);

		name_lower(rdata + at, rdata + at, size);
		at += size;
	}
}

const uint8_t *
rdata_target(uint16_t type, const uint8_t *rdata)
{
	switch (type) {
	case TYPE_NS:
		return rdata;
	case TYPE_MX: /* behind the preference */
		return rdata + 2;
	case TYPE_SRV: /* behind priority, weight, port */
		return rdata + 6;
	default:
		return NULL;
	}
}
