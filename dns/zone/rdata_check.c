/*
 * The particulars of RDATA, type by type.  Called by rdata.c for each record of
 * such a type; allocates nothing.
 */
#include "dns/zone/rdata_check.h"

#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/svcparam.h"

static const char too_short[] = "the RDATA is too short";

size_t
check_name(const uint8_t *name, size_t len)
{
	size_t used = 0;

	while (used < len && used < NAME_MAX_WIRE && name[used] <= 63) {
		if (name[used] == 0)
			return used + 1;
		used += name[used] + 1u;
	}
	return 0;
}

/* Bits of types that are no data, which are all in the first window (RFC 4034,
 * 4.1.2): 0, OPT, 128 and above (RFC 6895, 3.1). */
static bool
has_meta_types(const uint8_t *bits, size_t octets)
{
	return octets > 128 / 8 || bits[0] & 0x80 ||
	    (octets > TYPE_OPT / 8 &&
		bits[TYPE_OPT / 8] & 0x80 >> TYPE_OPT % 8);
}

bool
check_bitmap(const uint8_t *bitmap, size_t len)
{
	int before = -1;

	while (len > 0) {
		size_t size;

		if (len < 3 || bitmap[0] <= before)
			return false;
		size = bitmap[1];
		if (size < 1 || size > 32 || len < 2 + size ||
		    bitmap[1 + size] == 0 ||
		    (bitmap[0] == 0 && has_meta_types(bitmap + 2, size)))
			return false;
		before = bitmap[0];
		bitmap += 2 + size;
		len -= 2 + size;
	}
	return true;
}

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

const char *
check_soa(const uint8_t *rdata, size_t len)
{
	/* Refresh, retry, expire, minimum: the last is a TTL, the others are
	 * compared with clocks of which secondaries have 31 bits. */
	for (size_t i = 4; i >= 1; i--)
		if (rdata[len - 4 * i] > 0x7f)
			return "a time is above 2147483647 (RFC 2181, 8)";
	return NULL;
}

const char *
check_wks(const uint8_t *rdata, size_t len)
{
	(void)rdata;
	return len <= 5 + 65536 / 8
	    ? NULL
	    : "the bitmap has more than 65536 ports (RFC 1035, 3.4.2)";
}

const char *
check_x25(const uint8_t *rdata, size_t len)
{
	bool digits = len > 4; /* octets, of which the first is the length */

	for (size_t i = 1; i < len; i++)
		digits = digits && is_digit(rdata[i]);
	return digits ? NULL
		      : "an address is four digits at least (RFC 1183, 3.1)";
}

const char *
check_isdn(const uint8_t *rdata, size_t len)
{
	size_t first = rdata[0] + 1u;

	return first == len || first + rdata[first] + 1 == len
	    ? NULL
	    : "there are more than two strings (RFC 1183, 3.2)";
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
	size_t i = string[1] == '-' ? 2 : 1;
	unsigned whole = 0;

	for (; i <= string[0] && string[i] != '.'; i++)
		if (whole <= most)
			whole = whole * 10 + (unsigned)(string[i] - '0');
	if (whole != most)
		return whole < most;
	for (i++; i <= string[0]; i++)
		if (string[i] != '0')
			return false;
	return true;
}

const char *
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

const char *
check_loc(const uint8_t *rdata, size_t len)
{
	(void)len;
	if (rdata[0] != 0)
		return "its version is not 0 (RFC 1876, 2)";
	for (int i = 1; i <= 3; i++)
		if (rdata[i] >> 4 > 9 || (rdata[i] & 15) > 9)
			return "a size or precision has a digit above 9 (RFC "
			       "1876, 2)";
	if (!is_angle(wire_get32(rdata + 4), 90))
		return "the latitude is above 90 degrees (RFC 1876, 2)";
	if (!is_angle(wire_get32(rdata + 8), 180))
		return "the longitude is above 180 degrees (RFC 1876, 2)";
	return NULL;
}

const char *
check_nxt(const uint8_t *rdata, size_t len)
{
	size_t at = name_length(rdata);

	/* Types 0 to 127 in one run of bits; the bit of 0 would change the
	 * form (RFC 2535, 5.2). */
	if (len - at > 16 || rdata[len - 1] == 0 || rdata[at] & 0x80)
		return "the type bitmap is not well formed (RFC 2535, 5.2)";
	return NULL;
}

const char *
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
 * takes over groups of the expression, \1 to \9 (RFC 3402, 3.2).  The expression
 * itself is not judged.  NULL when nothing is.
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

const char *
check_naptr(const uint8_t *rdata, size_t len)
{
	const uint8_t *flags = rdata + 4, *services = flags + flags[0] + 1;
	const uint8_t *regexp = services + services[0] + 1;

	(void)len;
	for (unsigned i = 1; i <= flags[0]; i++)
		if (!is_alnum(flags[i]))
			return "flags are letters and digits (RFC 3403, 4.1)";
	return substitution_fault(regexp + 1, regexp[0]);
}

const char *
odd_naptr(const uint8_t *rdata)
{
	const uint8_t *flags = rdata + 4, *services = flags + flags[0] + 1;
	const uint8_t *regexp = services + services[0] + 1;

	return regexp[0] == 0 || regexp[regexp[0] + 1] == 0
	    ? NULL
	    : "a regular expression and a replacement exclude each other (RFC "
	      "3403, 4.1)";
}

const char *
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
	if (bits > 0 ? at == len || check_name(rdata + at, len - at) != len - at
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

const char *
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

/* What a registry says of the length of the octets behind a number. */
struct sized {
	uint8_t number;
	uint16_t octets;
};

/* What takes keys away is written so in CDS and CDNSKEY (RFC 8078, 4). */
static const char no_algorithm[] =
    "algorithm 0 is none (RFC 4034, appendix A.1)";

/* Has the value of ${number} a length that is not ${len}? */
static bool
is_missized(const struct sized *sizes, unsigned number, size_t len)
{
	for (; sizes->octets != 0; sizes++)
		if (sizes->number == number)
			return sizes->octets != len;
	return false;
}

const char *
check_ds(const uint8_t *rdata, size_t len)
{
	/* SHA-1, SHA-256, GOST R 34.11-94, SHA-384, GOST R 34.11-2012, SM3. */
	static const struct sized digests[] = {
	    {1, 20}, {2, 32}, {3, 32}, {4, 48}, {5, 32}, {6, 32}, {0, 0}};

	if (rdata[2] == 0)
		return no_algorithm;
	return is_missized(digests, rdata[3], len - 4)
	    ? "the digest has not the length of its type (RFC 3658, 2.4; RFC "
	      "4509; RFC 5933; RFC 6605)"
	    : NULL;
}

const char *
check_cds(const uint8_t *rdata, size_t len)
{
	static const uint8_t none[5];

	/* Algorithm 0 takes all DS records away (RFC 8078, 4). */
	if (rdata[2] == 0)
		return len == sizeof(none) && memcmp(rdata, none, len) == 0
		    ? NULL
		    : "algorithm 0 stands in \"0 0 0 00\" only (RFC 8078, 4)";
	return check_ds(rdata, len);
}

const char *
check_sshfp(const uint8_t *rdata, size_t len)
{
	/* SHA-1, SHA-256. */
	static const struct sized prints[] = {{1, 20}, {2, 32}, {0, 0}};

	return is_missized(prints, rdata[1], len - 2)
	    ? "the fingerprint has not the length of its type (RFC 4255, "
	      "3.1.3; RFC 6594, 4)"
	    : NULL;
}

const char *
check_tlsa(const uint8_t *rdata, size_t len)
{
	/* SHA-256, SHA-512. */
	static const struct sized hashes[] = {{1, 32}, {2, 64}, {0, 0}};

	return is_missized(hashes, rdata[2], len - 3)
	    ? "the data has not the length of its matching type (RFC 6698, "
	      "2.1.3)"
	    : NULL;
}

const char *
check_ipseckey(const uint8_t *rdata, size_t len)
{
	size_t at = 3, gateway = 0;

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
		gateway = check_name(rdata + at, len - at);
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

const char *
check_rrsig(const uint8_t *rdata, size_t len)
{
	/* ECDSA over P-256 and P-384, Ed25519, Ed448. */
	static const struct sized signatures[] = {
	    {13, 64}, {14, 96}, {15, 64}, {16, 114}, {0, 0}};
	size_t at = 18 + name_length(rdata + 18);

	if (rdata[3] >= NAME_MAX_LABELS)
		return "it has more labels than a name has";
	if (!rdata_type_is_data(wire_get16(rdata)))
		return "it signs a type that is no data (RFC 4034, 3.1.1)";
	if (rdata[2] == 0)
		return no_algorithm;
	return is_missized(signatures, rdata[2], len - at)
	    ? "the signature has not the length of its algorithm (RFC 6605, "
	      "4; RFC 8080, 4)"
	    : NULL;
}

const char *
check_dnskey(const uint8_t *rdata, size_t len)
{
	/* As above. */
	static const struct sized keys[] = {
	    {13, 64}, {14, 96}, {15, 32}, {16, 57}, {0, 0}};

	if (rdata[2] != 3)
		return "its protocol is not 3 (RFC 4034, 2.1.2)";
	if (rdata[3] == 0)
		return no_algorithm;
	return is_missized(keys, rdata[3], len - 4)
	    ? "the key has not the length of its algorithm (RFC 6605, 4; RFC "
	      "8080, 3)"
	    : NULL;
}

const char *
check_cdnskey(const uint8_t *rdata, size_t len)
{
	static const uint8_t none[] = {0, 0, 3, 0, 0};

	if (rdata[3] == 0)
		return len == sizeof(none) && memcmp(rdata, none, len) == 0
		    ? NULL
		    : "algorithm 0 stands in \"0 3 0 AA==\" only (RFC 8078, "
		      "4)";
	return check_dnskey(rdata, len);
}

const char *
check_dhcid(const uint8_t *rdata, size_t len)
{
	static const struct sized digests[] = {{1, 32}, {0, 0}}; /* SHA-256 */

	return is_missized(digests, rdata[2], len - 3)
	    ? "the digest has not the length of its type (RFC 4701, 3.3)"
	    : NULL;
}

const char *
check_nsec3(const uint8_t *rdata, size_t len)
{
	static const struct sized hashes[] = {{1, 20}, {0, 0}}; /* SHA-1 */
	size_t at = 5 + rdata[4];
	size_t size = at < len ? rdata[at] : 0;

	if (at >= len || at + 1 + size > len)
		return too_short;
	if (size == 0 || is_missized(hashes, rdata[0], size))
		return "the next hash has not the length of its algorithm (RFC "
		       "5155, 3.1.7)";
	at += 1 + size;
	return check_bitmap(rdata + at, len - at)
	    ? NULL
	    : "the type bitmap is not well formed (RFC 4034, 4.1.2)";
}

const char *
check_hip(const uint8_t *rdata, size_t len)
{
	size_t tag = rdata[0], key = wire_get16(rdata + 2), at = 4 + tag + key;

	if (tag == 0 || key == 0)
		return "the host identity tag or the key is empty (RFC 8005, "
		       "5)";
	if (at > len)
		return too_short;
	while (at < len) {
		size_t size = check_name(rdata + at, len - at);

		if (size == 0)
			return "a rendezvous server is no valid name";
		at += size;
	}
	return NULL;
}

const char *
check_zonemd(const uint8_t *rdata, size_t len)
{
	/* SHA-384, SHA-512. */
	static const struct sized digests[] = {{1, 48}, {2, 64}, {0, 0}};

	if (len - 6 < 12)
		return "the digest is shorter than 12 octets (RFC 8976, "
		       "2.2.4)";
	return is_missized(digests, rdata[5], len - 6)
	    ? "the digest has not the length of its algorithm (RFC 8976, "
	      "2.2.3)"
	    : NULL;
}

const char *
check_caa(const uint8_t *rdata, size_t len)
{
	bool good = rdata[1] > 0;

	(void)len;
	for (unsigned i = 0; i < rdata[1]; i++)
		good = good && is_alnum(rdata[2 + i]);
	return good ? NULL
		    : "the tag is not letters and digits (RFC 8659, 4.1)";
}

const char *
check_svcb(const uint8_t *rdata, size_t len)
{
	size_t at = 2 + name_length(rdata + 2);

	return svcparam_check(rdata + at, len - at);
}
