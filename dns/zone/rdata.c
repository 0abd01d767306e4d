/*
 * The form of RDATA by a table of types.  Called by the zone builder for each
 * record; allocates nothing.
 */
#include "dns/zone/rdata.h"

#include <stdio.h>
#include <strings.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata_check.h"

/*
 * RDATA as a row of fields, a letter each:
 *
 *   1 2 4 8   a number of so many octets
 *   a A       an IPv4, an IPv6 address
 *   n         a name that is compared without case (RFC 4034, 6.2)
 *   u         a name that is not
 *   s         a character string (RFC 1035, 3.3)
 *   S         one character string or more, up to the end
 *   b B       a type bitmap up to the end (RFC 4034, 4.1.2); B may be empty
 *   x X       whatever is left; X is at least an octet
 */
struct form {
	uint16_t type;
	char name[12];
	char fields[10];
	/* What else there is to know; the fields are right when it is asked. */
	const char *(*check)(const uint8_t *rdata, size_t len);
};

/* By type. */
static const struct form forms[] = {
    {TYPE_A, "A", "a", NULL},
    {TYPE_NS, "NS", "n", NULL},
    {3, "MD", "n", NULL},
    {4, "MF", "n", NULL},
    {TYPE_CNAME, "CNAME", "n", NULL},
    {TYPE_SOA, "SOA", "nn44444", check_soa},
    {7, "MB", "n", NULL},
    {8, "MG", "n", NULL},
    {9, "MR", "n", NULL},
    {10, "NULL", "x", NULL},
    {11, "WKS", "a1x", check_wks},
    {TYPE_PTR, "PTR", "n", NULL},
    {TYPE_HINFO, "HINFO", "ss", NULL},
    {14, "MINFO", "nn", NULL},
    {TYPE_MX, "MX", "2n", NULL},
    {16, "TXT", "S", NULL},
    {17, "RP", "nn", NULL},
    {18, "AFSDB", "2n", NULL},
    {19, "X25", "s", check_x25},
    {20, "ISDN", "S", check_isdn},
    {21, "RT", "2n", NULL},
    {22, "NSAP", "X", NULL},
    {23, "NSAP-PTR", "u", NULL},
    {24, "SIG", "2114442nX", check_rrsig},
    {25, "KEY", "211x", NULL},
    {26, "PX", "2nn", NULL},
    {27, "GPOS", "sss", check_gpos},
    {TYPE_AAAA, "AAAA", "A", NULL},
    {29, "LOC", "1111444", check_loc},
    {30, "NXT", "nX", check_nxt},
    {31, "EID", "X", NULL},
    {32, "NIMLOC", "X", NULL},
    {TYPE_SRV, "SRV", "222n", NULL},
    {34, "ATMA", "1X", check_atma},
    {TYPE_NAPTR, "NAPTR", "22sssn", check_naptr},
    {36, "KX", "2n", NULL},
    {37, "CERT", "221X", NULL},
    {38, "A6", "1x", check_a6},
    {TYPE_DNAME, "DNAME", "n", NULL},
    {40, "SINK", "111x", NULL},
    {TYPE_OPT, "OPT", "x", NULL},
    {42, "APL", "x", check_apl},
    {TYPE_DS, "DS", "211X", check_ds},
    {44, "SSHFP", "11X", check_sshfp},
    {45, "IPSECKEY", "111x", check_ipseckey},
    {TYPE_RRSIG, "RRSIG", "2114442nX", check_rrsig},
    {TYPE_NSEC, "NSEC", "ub", NULL},
    {TYPE_DNSKEY, "DNSKEY", "211X", check_dnskey},
    {49, "DHCID", "21X", check_dhcid},
    {TYPE_NSEC3, "NSEC3", "112sx", check_nsec3},
    {TYPE_NSEC3PARAM, "NSEC3PARAM", "112s", NULL},
    {52, "TLSA", "111X", check_tlsa},
    {53, "SMIMEA", "111X", check_tlsa},
    {55, "HIP", "112x", check_hip},
    {56, "NINFO", "S", NULL},
    {57, "RKEY", "211X", NULL},
    {58, "TALINK", "uu", NULL},
    {TYPE_CDS, "CDS", "211X", check_cds},
    {TYPE_CDNSKEY, "CDNSKEY", "211X", check_cdnskey},
    {61, "OPENPGPKEY", "X", NULL},
    {TYPE_CSYNC, "CSYNC", "42B", NULL},
    {TYPE_ZONEMD, "ZONEMD", "411X", check_zonemd},
    {TYPE_SVCB, "SVCB", "2ux", check_svcb},
    {TYPE_HTTPS, "HTTPS", "2ux", check_svcb},
    {66, "DSYNC", "212u", NULL},
    {99, "SPF", "S", NULL},
    {104, "NID", "28", NULL},
    {105, "L32", "2a", NULL},
    {106, "L64", "28", NULL},
    {107, "LP", "2u", NULL},
    {108, "EUI48", "24", NULL},
    {109, "EUI64", "8", NULL},
    /* Of questions and messages: no zone holds them. */
    {249, "TKEY", "x", NULL},
    {250, "TSIG", "x", NULL},
    {TYPE_IXFR, "IXFR", "x", NULL},
    {TYPE_AXFR, "AXFR", "x", NULL},
    {253, "MAILB", "x", NULL},
    {254, "MAILA", "x", NULL},
    {TYPE_ANY, "ANY", "x", NULL},
    {256, "URI", "22X", NULL},
    {257, "CAA", "1sx", check_caa},
    {258, "AVC", "S", NULL},
    {259, "DOA", "441sx", NULL},
    {260, "AMTRELAY", "11x", NULL},
    {261, "RESINFO", "S", NULL},
    {262, "WALLET", "S", NULL},
    {263, "CLA", "S", NULL},
    {264, "IPN", "8", NULL},
    {32768, "TA", "211X", check_ds},
    {32769, "DLV", "211X", check_ds},
};

static const struct form *
find_form(uint16_t type)
{
	size_t low = 0, high = sizeof(forms) / sizeof(forms[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (forms[middle].type == type)
			return &forms[middle];
		if (forms[middle].type < type)
			low = middle + 1;
		else
			high = middle;
	}
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

bool
rdata_type_named(const char *text, uint16_t *out)
{
	char first =
	    (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].name[0] == first &&
		    strcasecmp(forms[i].name, text) == 0) {
			*out = forms[i].type;
			return true;
		}
	return false;
}

bool
rdata_type_is_data(uint16_t type)
{
	return type != 0 && type != TYPE_OPT && (type < 128 || type > 255);
}

/* What is wrong with a field, when it is not just short. */
static const char no_name[] = "the RDATA holds no valid name where one belongs";
static const char no_bitmap[] =
    "the type bitmap is not well formed (RFC 4034, 4.1.2)";
static const char too_short[] = "the RDATA is too short";

/* Octets of the field ${kind} that begins ${rdata}; 0 with ${wrong} set when
 * the ${len} octets that are left hold no such field. */
static size_t
take_field(char kind, const uint8_t *rdata, size_t len, const char **wrong)
{
	size_t size = 0;

	switch (kind) {
	case 'a':
		size = 4;
		break;
	case 'A':
		size = 16;
		break;
	case 'n':
	case 'u':
		size = check_name(rdata, len);
		*wrong = size == 0 ? no_name : NULL;
		return size;
	case 's':
		size = len > 0 ? rdata[0] + 1u : 1;
		break;
	case 'S':
		do
			size += size < len ? rdata[size] + 1u : 1;
		while (size < len);
		break;
	case 'b':
	case 'B':
		if (!check_bitmap(rdata, len) || (kind == 'b' && len == 0))
			*wrong = no_bitmap;
		return len;
	case 'x':
		return len;
	case 'X':
		size = len > 0 ? len : 1;
		break;
	default:
		size = (size_t)(kind - '0');
		break;
	}
	if (size > len)
		*wrong = too_short;
	return size;
}

const char *
rdata_check(uint16_t type, const uint8_t *rdata, size_t len)
{
	const struct form *form = find_form(type);
	const char *wrong = NULL;
	size_t at = 0;

	if (form == NULL)
		return NULL;
	for (const char *kind = form->fields; *kind != '\0'; kind++) {
		at += take_field(*kind, rdata + at, len - at, &wrong);
		if (wrong != NULL)
			return wrong;
	}
	if (at < len)
		return "the RDATA is too long";
	return form->check != NULL ? form->check(rdata, len) : NULL;
}

const char *
rdata_odd(uint16_t type, const uint8_t *rdata, size_t len)
{
	switch (type) {
	case TYPE_NAPTR:
		return odd_naptr(rdata);
	case TYPE_NSEC3PARAM: /* behind the hash algorithm */
		return rdata[1] == 0 ? NULL
				     : "its flags are not 0, so that servers "
				       "ignore it (RFC 5155, 4.1.2)";
	case TYPE_SVCB:
	case TYPE_HTTPS:
		return wire_get16(rdata) > 0 ||
			2 + name_length(rdata + 2) == len
		    ? NULL
		    : "parameters beside priority 0 are ignored (RFC 9460, "
		      "2.4.2)";
	default:
		return NULL;
	}
}

const char *
rdata_alone(uint16_t type, const uint8_t *rdata)
{
	if (type == TYPE_MX && rdata[2] == 0)
		return "the host . says that there is none (RFC 7505, 3)";
	if (type == TYPE_SRV && rdata[6] == 0)
		return "the host . says that there is none (RFC 2782)";
	if ((type == TYPE_CDS && rdata[2] == 0) ||
	    (type == TYPE_CDNSKEY && rdata[3] == 0))
		return "algorithm 0 takes all DS records away (RFC 8078, 4)";
	if ((type == TYPE_SVCB || type == TYPE_HTTPS) && wire_get16(rdata) == 0)
		return "priority 0 is an alias (RFC 9460, 2.4.2)";
	return NULL;
}

const char *
rdata_apex(uint16_t type, const uint8_t *rdata)
{
	switch (type) {
	case TYPE_DNSKEY: /* others than zone keys may stand anywhere */
		return rdata[0] & 1 ? "(RFC 4035, 2.1)" : NULL;
	case TYPE_NSEC3PARAM:
		return "(RFC 5155, 4)";
	case TYPE_CDS:
	case TYPE_CDNSKEY:
		return "(RFC 7344, 4.1)";
	case TYPE_CSYNC:
		return "(RFC 7477, 2.1)";
	case TYPE_ZONEMD:
		return "(RFC 8976, 2)";
	default:
		return NULL;
	}
}

void
rdata_fold(uint16_t type, uint8_t *rdata, size_t len)
{
	const struct form *form = find_form(type);
	const char *wrong = NULL;
	size_t at = 0;

	if (form == NULL)
		return;
	for (const char *kind = form->fields; *kind != '\0'; kind++) {
		size_t size = take_field(*kind, rdata + at, len - at, &wrong);

		if (*kind == 'n')
			name_lower(rdata + at, rdata + at, size);
		at += size;
	}
}

const uint8_t *
rdata_host(uint16_t type, const uint8_t *rdata)
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
