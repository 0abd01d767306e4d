/*
 * The table of types.  Called by the readers and the checks of RDATA, and where
 * a message names a type; allocates nothing.
 */
#include "dns/zone/type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "dns/wire/protocol.h"

struct form {
	char name[12];
	char fields[12];
};

static const struct form forms[] = {
    [TYPE_A] = {"A", "a"},
    [TYPE_NS] = {"NS", "n"},
    [3] = {"MD", "n"},
    [4] = {"MF", "n"},
    [TYPE_CNAME] = {"CNAME", "n"},
    [TYPE_SOA] = {"SOA", "nn4tttt"},
    [7] = {"MB", "n"},
    [8] = {"MG", "n"},
    [9] = {"MR", "n"},
    [10] = {"NULL", "-h"},
    [TYPE_WKS] = {"WKS", "-a1h"},
    [TYPE_PTR] = {"PTR", "n"},
    [TYPE_HINFO] = {"HINFO", "ss"},
    [14] = {"MINFO", "nn"},
    [TYPE_MX] = {"MX", "2n"},
    [TYPE_TXT] = {"TXT", "S"},
    [17] = {"RP", "nn"},
    [18] = {"AFSDB", "2n"},
    [TYPE_X25] = {"X25", "s"},
    [TYPE_ISDN] = {"ISDN", "f"},
    [21] = {"RT", "2n"},
    [22] = {"NSAP", "-H"},
    [23] = {"NSAP-PTR", "u"},
    [TYPE_SIG] = {"SIG", "yg14TT2nM"},
    [TYPE_KEY] = {"KEY", "211m"},
    [26] = {"PX", "2nn"},
    [TYPE_GPOS] = {"GPOS", "sss"},
    [TYPE_AAAA] = {"AAAA", "A"},
    [TYPE_LOC] = {"LOC", "o"},
    [TYPE_NXT] = {"NXT", "-nH"},
    [31] = {"EID", "H"},
    [32] = {"NIMLOC", "H"},
    [TYPE_SRV] = {"SRV", "222n"},
    [TYPE_ATMA] = {"ATMA", "-1H"},
    [TYPE_NAPTR] = {"NAPTR", "22sssn"},
    [36] = {"KX", "2n"},
    [37] = {"CERT", "c2gM"},
    [TYPE_A6] = {"A6", "-1h"},
    [TYPE_DNAME] = {"DNAME", "n"},
    [40] = {"SINK", "-111h"},
    [TYPE_OPT] = {"OPT", "-h"},
    [TYPE_APL] = {"APL", "P"},
    [TYPE_DS] = {"DS", "2g1H"},
    [TYPE_SSHFP] = {"SSHFP", "11H"},
    [TYPE_IPSECKEY] = {"IPSECKEY", "G"},
    [TYPE_RRSIG] = {"RRSIG", "yg14TT2nM"},
    [TYPE_NSEC] = {"NSEC", "ub"},
    [TYPE_DNSKEY] = {"DNSKEY", "21gM"},
    [TYPE_DHCID] = {"DHCID", "M"},
    [TYPE_NSEC3] = {"NSEC3", "112zqB"},
    [TYPE_NSEC3PARAM] = {"NSEC3PARAM", "112z"},
    [TYPE_TLSA] = {"TLSA", "UVWH"},
    [TYPE_SMIMEA] = {"SMIMEA", "UVWH"},
    [TYPE_HIP] = {"HIP", "K"},
    [56] = {"NINFO", "S"},
    [57] = {"RKEY", "21gM"},
    [58] = {"TALINK", "uu"},
    [TYPE_CDS] = {"CDS", "2g1H"},
    [TYPE_CDNSKEY] = {"CDNSKEY", "21gM"},
    [61] = {"OPENPGPKEY", "M"},
    [TYPE_CSYNC] = {"CSYNC", "42B"},
    [TYPE_ZONEMD] = {"ZONEMD", "411H"},
    [TYPE_SVCB] = {"SVCB", "2up"},
    [TYPE_HTTPS] = {"HTTPS", "2up"},
    [66] = {"DSYNC", "-212u"},
    [99] = {"SPF", "S"},
    [104] = {"NID", "2i"},
    [105] = {"L32", "2a"},
    [106] = {"L64", "2i"},
    [107] = {"LP", "2u"},
    [108] = {"EUI48", "e"},
    [109] = {"EUI64", "E"},
    /* Of questions and messages: no zone holds them. */
    [249] = {"TKEY", "-h"},
    [250] = {"TSIG", "-h"},
    [TYPE_IXFR] = {"IXFR", "-h"},
    [TYPE_AXFR] = {"AXFR", "-h"},
    [253] = {"MAILB", "-h"},
    [254] = {"MAILA", "-h"},
    [TYPE_ANY] = {"ANY", "-h"},
    [256] = {"URI", "22L"},
    [TYPE_CAA] = {"CAA", "1kl"},
    [258] = {"AVC", "S"},
    [259] = {"DOA", "-441sh"},
    [260] = {"AMTRELAY", "-11h"},
    [261] = {"RESINFO", "S"},
    [262] = {"WALLET", "S"},
    [263] = {"CLA", "S"},
    [264] = {"IPN", "-8"},
};
#define N_FORMS (sizeof(forms) / sizeof(forms[0]))

/* So far from the others that they have a table of their own. */
#define TYPE_FAR TYPE_TA
static const struct form far_forms[] = {
    [TYPE_TA - TYPE_FAR] = {"TA", "2g1H"},
    [TYPE_DLV - TYPE_FAR] = {"DLV", "2g1H"},
};
#define N_FAR (sizeof(far_forms) / sizeof(far_forms[0]))

/* The form of ${type}, or NULL. */
static const struct form *
find(uint16_t type)
{
	if (type < N_FORMS)
		return forms[type].name[0] != '\0' ? &forms[type] : NULL;
	return type >= TYPE_FAR && type - TYPE_FAR < (int)N_FAR
	    ? &far_forms[type - TYPE_FAR]
	    : NULL;
}

bool
type_is_data(uint16_t type)
{
	return type != 0 && type != TYPE_OPT && (type < 128 || type > 255);
}

const char *
type_text(uint16_t type, char out[TYPE_TEXT])
{
	const struct form *form = find(type);

	if (form != NULL)
		snprintf(out, TYPE_TEXT, "%s", form->name);
	else
		snprintf(out, TYPE_TEXT, "TYPE%u", type);
	return out;
}

static char
upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* The number of the mnemonic ${text} in a table, or -1. */
static int
find_name(const struct form *table, size_t n, const char *text)
{
	char first = upper(text[0]), second;

	/* An empty text is no name, though rows without one begin like it. */
	if (first == '\0')
		return -1;
	second = upper(text[1]);
	for (size_t i = 0; i < n; i++)
		if (table[i].name[0] == first && table[i].name[1] == second &&
		    strcasecmp(table[i].name, text) == 0)
			return (int)i;
	return -1;
}

int
type_parse(const char *text, uint16_t *out)
{
	uint64_t number;
	int i;

	if (strncasecmp(text, "TYPE", 4) == 0 &&
	    number_parse(text + 4, strlen(text + 4), 0, UINT16_MAX, &number) ==
		0) {
		*out = (uint16_t)number;
		return 0;
	}
	i = find_name(forms, N_FORMS, text);
	if (i >= 0) {
		*out = (uint16_t)i;
		return 0;
	}
	i = find_name(far_forms, N_FAR, text);
	if (i < 0)
		return -1;
	*out = (uint16_t)(TYPE_FAR + i);
	return 0;
}

const char *
type_fields(uint16_t type)
{
	const struct form *form = find(type);

	return form != NULL ? form->fields : NULL;
}
