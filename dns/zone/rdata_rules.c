/*
 * The particulars of RDATA, type by type.  Called by rdata.c for each record,
 * once its fields are known to be right; allocates nothing.
 *
 * check_TYPE(): NULL when the octets are such a record, else what is wrong, in
 * words.
 */
#include "dns/zone/rdata_rules.h"

#include <string.h>

#include "base/number.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/nsec.h"
#include "dns/zone/type.h"

static const char too_short[] = "the RDATA is too short";

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *
check_soa(const uint8_t *rdata, size_t len)
{
	/* Refresh, retry, expire, minimum: the last is a TTL, the others are
	 * compared with clocks of which secondaries have 31 bits. */
	for (size_t i = 4; i >= 1; i--)
		if (rdata[len - 4 * i] > 0x7f)
			return "a time is above 2147483647 (RFC 2181, 8)";
	return NULL;
}

static const char *
check_wks(size_t len)
{
	return len <= 5 + 65536 / 8
	    ? NULL
	    : "the bitmap has more than 65536 ports (RFC 1035, 3.4.2)";
}

static const char *
check_x25(const uint8_t *rdata, size_t len)
{
	bool digits = len > 4; /* octets, of which the first is the length */

	for (size_t i = 1; i < len; i++)
		digits = digits && is_digit(rdata[i]);
	return digits ? NULL
		      : "an address is four digits at least (RFC 1183, 3.1)";
}

/* A number such as -32.6882, of ${len} characters. */
static bool
is_decimal(const uint8_t *text, size_t len)
{
	size_t digits = 0, dots = 0, i = len > 0 && text[0] == '-' ? 1 : 0;

	for (; i < len; i++) {
		digits += is_digit(text[i]);
		dots += text[i] == '.';
		if (!is_digit(text[i]) && text[i] != '.')
			return false;
	}
	return digits > 0 && dots <= 1;
}

/* Is the string, which is_decimal(), within ${most} of 0? */
static bool
is_within(const uint8_t *string, unsigned most)
{
	size_t start = string[1] == '-' ? 2 : 1, i = start;
	uint64_t whole = 0;

	while (i <= string[0] && string[i] != '.')
		i++;
	if (i > start &&
	    number_parse(
		(const char *)string + start, i - start, 0, most, &whole) != 0)
		return false;
	if (whole < most)
		return true;
	for (i++; i <= string[0]; i++)
		if (string[i] != '0')
			return false;
	return true;
}

static const char *
check_gpos(const uint8_t *rdata, size_t len)
{
	for (size_t at = 0; at < len; at += rdata[at] + 1u)
		if (!is_decimal(rdata + at + 1, rdata[at]))
			return "longitude, latitude and altitude are decimal "
			       "numbers (RFC 1712, 3)";
	/* North and south come first, and are called longitude there. */
	if (!is_within(rdata, 90) || !is_within(rdata + rdata[0] + 1, 180))
		return "the first angle is above 90 degrees or the second one "
		       "above 180 (RFC 1712, 3)";
	return NULL;
}

/* Is a coordinate within ${degrees} of the middle? */
static bool
is_angle(uint32_t value, uint32_t degrees)
{
	uint32_t middle = (uint32_t)1 << 31, reach = degrees * 3600 * 1000;

	return value >= middle - reach && value <= middle + reach;
}

static const char *
check_loc(const uint8_t *rdata)
{
	if (rdata[0] != 0)
		return "its version is not 0 (RFC 1876, 2)";
	for (size_t i = 1; i <= 3; i++)
		if (rdata[i] >> 4 > 9 || (rdata[i] & 15) > 9)
			return "a size or precision has a digit above 9 (RFC "
			       "1876, 2)";
	if (!is_angle(wire_get32(rdata + 4), 90))
		return "the latitude is above 90 degrees (RFC 1876, 2)";
	if (!is_angle(wire_get32(rdata + 8), 180))
		return "the longitude is above 180 degrees (RFC 1876, 2)";
	return NULL;
}

static const char *
check_nxt(const uint8_t *rdata, size_t len)
{
	size_t at = name_length(rdata);

	/* Types 0 to 127 in one run of bits; the bit of 0 would change the
	 * form (RFC 2535, 5.2). */
	if (len - at > 16 || rdata[len - 1] == 0 || rdata[at] & 0x80)
		return "the type bitmap is not well formed (RFC 2535, 5.2)";
	return NULL;
}

static const char *
check_atma(const uint8_t *rdata, size_t len)
{
	if (rdata[0] > 1)
		return "its format is neither 0 (AESA) nor 1 (E.164)";
	for (size_t i = 1; rdata[0] == 1 && i < len; i++)
		if (!is_digit(rdata[i]))
			return "an E.164 address is decimal digits";
	return NULL;
}

/*
 * What is wrong with a NAPTR's regular expression: its form is delimiter,
 * expression, delimiter, replacement, delimiter, flags, and the replacement
 * takes over groups of the expression, \1 to \9 (RFC 3402, 3.2).  The
 * expression itself is not judged.  NULL when nothing is.
 */
static const char *
substitution_fault(const uint8_t *text, size_t len)
{
	static const char form[] =
	    "the regular expression has not the form !expression!replacement! "
	    "(RFC 3402, 3.2)";
	unsigned delimiters = 0, groups = 0;
	bool missing = false;
	size_t i;

	if (len == 0)
		return NULL;
	if ((text[0] >= '1' && text[0] <= '9') || text[0] == 'i' ||
	    text[0] == '\\' || text[0] == 0)
		return form;
	for (i = 0; i < len && delimiters < 3; i++) {
		if (text[i] != '\\') {
			delimiters += text[i] == text[0];
			groups += delimiters == 1 && text[i] == '(';
		} else if (++i < len && delimiters == 2 && is_digit(text[i])) {
			unsigned group = text[i] - (unsigned)'0';

			missing = missing || group == 0 || group > groups;
		}
	}
	while (i < len && text[i] == 'i')
		i++;
	if (delimiters < 3 || i < len)
		return form;
	return missing ? "the replacement takes over a group that the regular "
			 "expression has not (RFC 3402, 3.2)"
		       : NULL;
}

static const char *
check_naptr(const uint8_t *rdata)
{
	const uint8_t *flags = rdata + 4, *services = flags + flags[0] + 1;
	const uint8_t *regexp = services + services[0] + 1;

	for (unsigned i = 1; i <= flags[0]; i++)
		if (!is_alnum(flags[i]))
			return "flags are letters and digits (RFC 3403, 4.1)";
	return substitution_fault(regexp + 1, regexp[0]);
}

static const char *
check_a6(const uint8_t *rdata, size_t len)
{
	unsigned bits = rdata[0], suffix = bits > 128 ? 0 : 16 - bits / 8;
	size_t at = 1 + suffix;

	if (bits > 128)
		return "the prefix is longer than 128 (RFC 2874, 3.1)";
	if (at > len)
		return too_short;
	if (bits % 8 != 0 && rdata[1] >> (8 - bits % 8) != 0)
		return "bits of the prefix are not 0 (RFC 2874, 3.1)";
	/* A name only when the prefix is not empty. */
	if (bits > 0
		? at == len || name_measure(rdata + at, len - at) != len - at
		: at < len)
		return "the prefix and its name do not agree (RFC 2874, 3.1)";
	return NULL;
}

/* One item of an APL record: its octets, or 0 when it is none. */
static size_t
apl_item(const uint8_t *item, size_t len)
{
	unsigned family, most;
	size_t size;

	if (len < 4)
		return 0;
	family = wire_get16(item);
	size = item[3] & 0x7f;
	most = family == 1 ? 4 : family == 2 ? 16 : 127;
	if (size > most || size + 4 > len ||
	    (family <= 2 && item[2] > 8 * most) ||
	    (size > 0 && item[3 + size] == 0))
		return 0;
	return 4 + size;
}

static const char *
check_apl(const uint8_t *rdata, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t size = apl_item(rdata + at, len - at);

		if (size == 0)
			return "a prefix is not well formed (RFC 3123, 4)";
		at += size;
	}
	return NULL;
}

static const char *
check_ipseckey(const uint8_t *rdata, size_t len)
{
	size_t at = 3, gateway = 0;

	if (len < at)
		return too_short;
	switch (rdata[1]) {
	case 0:
		break;
	case 1:
		gateway = 4;
		break;
	case 2:
		gateway = 16;
		break;
	case 3:
		gateway = name_measure(rdata + at, len - at);
		if (gateway == 0)
			return "the gateway is no valid name";
		break;
	default:
		return "there is no such type of gateway (RFC 4025, 2.3)";
	}
	if (at + gateway > len)
		return too_short;
	at += gateway;
	if ((rdata[2] == 0) != (at == len))
		return "a key stands there unless the algorithm is 0 (RFC "
		       "4025, 2.4)";
	return NULL;
}

/* What a registry says of the length of the value that follows a number. */
struct sized {
	uint8_t number_at, value_at; /* octets before them */
	const char *words;           /* of a value of another length */
	struct {
		uint8_t number;
		uint16_t octets; /* 0 ends the table */
	} sizes[7];
};

static const struct sized ds_digest = {3, 4,
    "the digest has not the length of its type (RFC 3658, 2.4; RFC 4509; RFC "
    "5933; RFC 6605)",
    /* SHA-1, SHA-256, GOST R 34.11-94, SHA-384, GOST R 34.11-2012, SM3. */
    {{1, 20}, {2, 32}, {3, 32}, {4, 48}, {5, 32}, {6, 32}}};
static const struct sized sshfp_print = {1, 2,
    "the fingerprint has not the length of its type (RFC 4255, 3.1.3; RFC "
    "6594, 4)",
    /* SHA-1, SHA-256. */
    {{1, 20}, {2, 32}}};
static const struct sized tlsa_data = {2, 3,
    "the data has not the length of its matching type (RFC 6698, 2.1.3)",
    /* SHA-256, SHA-512. */
    {{1, 32}, {2, 64}}};
static const struct sized dhcid_digest = {2, 3,
    "the digest has not the length of its type (RFC 4701, 3.3)",
    /* SHA-256. */
    {{1, 32}}};
static const struct sized zonemd_digest = {5, 6,
    "the digest has not the length of its algorithm (RFC 8976, 2.2.3)",
    /* SHA-384, SHA-512. */
    {{1, 48}, {2, 64}}};
static const struct sized dnskey_key = {3, 4,
    "the key has not the length of its algorithm (RFC 6605, 4; RFC 8080, 3)",
    /* ECDSA over P-256 and P-384, Ed25519, Ed448. */
    {{13, 64}, {14, 96}, {15, 32}, {16, 57}}};
/* After the name of the signer, which is of any length. */
static const struct sized rrsig_signature = {2, 0,
    "the signature has not the length of its algorithm (RFC 6605, 4; RFC "
    "8080, 4)",
    {{13, 64}, {14, 96}, {15, 64}, {16, 114}}};

/* The value of RDATA of ${len} octets, without those before the value, has a
 * length that is not its number's. */
static const char *
check_size(const struct sized *sized, const uint8_t *rdata, size_t len)
{
	uint8_t number = rdata[sized->number_at];

	for (size_t i = 0; sized->sizes[i].octets != 0; i++)
		if (sized->sizes[i].number == number)
			return sized->sizes[i].octets == len - sized->value_at
			    ? NULL
			    : sized->words;
	return NULL;
}

static const char no_algorithm[] =
    "algorithm 0 is none (RFC 4034, appendix A.1)";

static const char *
check_ds(const uint8_t *rdata, size_t len)
{
	return rdata[2] == 0 ? no_algorithm
			     : check_size(&ds_digest, rdata, len);
}

/* What takes all DS records away is written so (RFC 8078, 4). */
static const char *
check_cds(const uint8_t *rdata, size_t len)
{
	static const uint8_t none[5];

	if (rdata[2] != 0)
		return check_ds(rdata, len);
	return len == sizeof(none) && memcmp(rdata, none, len) == 0
	    ? NULL
	    : "algorithm 0 stands in \"0 0 0 00\" only (RFC 8078, 4)";
}

static const char *
check_dnskey(const uint8_t *rdata, size_t len)
{
	if (rdata[2] != 3)
		return "its protocol is not 3 (RFC 4034, 2.1.2)";
	return rdata[3] == 0 ? no_algorithm
			     : check_size(&dnskey_key, rdata, len);
}

static const char *
check_cdnskey(const uint8_t *rdata, size_t len)
{
	static const uint8_t none[] = {0, 0, 3, 0, 0};

	if (rdata[3] != 0)
		return check_dnskey(rdata, len);
	return len == sizeof(none) && memcmp(rdata, none, len) == 0
	    ? NULL
	    : "algorithm 0 stands in \"0 3 0 AA==\" only (RFC 8078, 4)";
}

static const char *
check_rrsig(const uint8_t *rdata, size_t len)
{
	if (rdata[3] >= NAME_MAX_LABELS)
		return "it has more labels than a name has";
	if (!type_is_data(wire_get16(rdata)))
		return "it signs a type that is no data (RFC 4034, 3.1.1)";
	if (rdata[2] == 0)
		return no_algorithm;
	return check_size(
	    &rrsig_signature, rdata, len - 18 - name_length(rdata + 18));
}

static const char *
check_dhcid(const uint8_t *rdata, size_t len)
{
	/* Type of identifier and of digest in front of one octet at least. */
	return len < 4 ? too_short : check_size(&dhcid_digest, rdata, len);
}

static const char *
check_zonemd(const uint8_t *rdata, size_t len)
{
	return len - 6 < 12
	    ? "the digest is shorter than 12 octets (RFC 8976, 2.2.4)"
	    : check_size(&zonemd_digest, rdata, len);
}

static const char *
check_nsec3(const uint8_t *rdata)
{
	size_t size = rdata[5 + rdata[4]];

	/* The one hash there is has 20 octets (SHA-1). */
	return size == 0 || (rdata[0] == NSEC3_SHA1 && size != NSEC3_HASH)
	    ? "the next hash has not the length of its algorithm (RFC 5155, "
	      "3.1.7)"
	    : NULL;
}

static const char *
check_hip(const uint8_t *rdata, size_t len)
{
	size_t tag, key, at;

	if (len < 4)
		return too_short;
	tag = rdata[0];
	key = wire_get16(rdata + 2);
	at = 4 + tag + key;
	if (tag == 0 || key == 0)
		return "the host identity tag or the key is empty (RFC 8005, "
		       "5)";
	if (at > len)
		return too_short;
	while (at < len) {
		size_t size = name_measure(rdata + at, len - at);

		if (size == 0)
			return "a rendezvous server is no valid name";
		at += size;
	}
	return NULL;
}

static const char *
check_caa(const uint8_t *rdata)
{
	bool good = rdata[1] > 0;

	for (unsigned i = 0; i < rdata[1]; i++)
		good = good && is_alnum(rdata[2 + i]);
	return good ? NULL
		    : "the tag is not letters and digits (RFC 8659, 4.1)";
}

const char *
rdata_rules_fault(uint16_t type, const uint8_t *rdata, size_t len)
{
	/* clang-format off */
	switch (type) {
	case TYPE_SOA: return check_soa(rdata, len);
	case TYPE_WKS: return check_wks(len);
	case TYPE_X25: return check_x25(rdata, len);
	case TYPE_GPOS: return check_gpos(rdata, len);
	case TYPE_LOC: return check_loc(rdata);
	case TYPE_NXT: return check_nxt(rdata, len);
	case TYPE_ATMA: return check_atma(rdata, len);
	case TYPE_NAPTR: return check_naptr(rdata);
	case TYPE_A6: return check_a6(rdata, len);
	case TYPE_APL: return check_apl(rdata, len);
	case TYPE_DS: case TYPE_TA: case TYPE_DLV: return check_ds(rdata, len);
	case TYPE_CDS: return check_cds(rdata, len);
	case TYPE_SSHFP: return check_size(&sshfp_print, rdata, len);
	case TYPE_IPSECKEY: return check_ipseckey(rdata, len);
	case TYPE_SIG: case TYPE_RRSIG: return check_rrsig(rdata, len);
	case TYPE_DNSKEY: return check_dnskey(rdata, len);
	case TYPE_CDNSKEY: return check_cdnskey(rdata, len);
	case TYPE_DHCID: return check_dhcid(rdata, len);
	case TYPE_NSEC3: return check_nsec3(rdata);
	case TYPE_TLSA: case TYPE_SMIMEA:
		return check_size(&tlsa_data, rdata, len);
	case TYPE_HIP: return check_hip(rdata, len);
	case TYPE_ZONEMD: return check_zonemd(rdata, len);
	case TYPE_CAA: return check_caa(rdata);
	default: return NULL;
	}
	/* clang-format on */
}
