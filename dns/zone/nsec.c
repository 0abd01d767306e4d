/*
 * Takes NSEC and NSEC3 records apart and hashes names.  Called while a zone is
 * loaded and by workers that prove a denial; allocates nothing.  Beside the
 * reader of record data it is the one file of this room that includes ldns: for
 * its SHA-1.
 */
#include "dns/zone/nsec.h"

#include <ldns/sha1.h>
#include <string.h>

#include "base/codec.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* Number and length, in front of the bits (RFC 4034, 4.1.2). */
#define WINDOW_HEAD 2

/* Algorithm, flags, iterations and the length of the salt. */
#define NSEC3_HEAD 5

/* What NSEC3 and NSEC3PARAM begin with; how long it is. */
static size_t
read_params(const uint8_t *rdata, struct nsec *nsec)
{
	nsec->params.algorithm = rdata[0];
	nsec->flags = rdata[1];
	nsec->params.iterations = wire_get16(rdata + 2);
	nsec->params.salt_len = rdata[4];
	nsec->params.salt = rdata + NSEC3_HEAD;
	return NSEC3_HEAD + rdata[4];
}

void
nsec_read(uint16_t type, const uint8_t *rdata, size_t len, struct nsec *nsec)
{
	size_t used;

	memset(nsec, 0, sizeof(*nsec));
	if (type == TYPE_NSEC) {
		used = name_length(rdata);
		nsec->next = rdata;
		nsec->next_len = used;
	} else
		used = read_params(rdata, nsec);
	if (type == TYPE_NSEC3) {
		nsec->next = rdata + used + 1;
		nsec->next_len = rdata[used];
		used += 1 + nsec->next_len;
	}
	nsec->types = rdata + used;
	nsec->types_len = len - used;
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
nsec_is_bitmap(const uint8_t *bitmap, size_t len)
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

/* ${at} counts bits of the bitmap, as if its windows' heads had some too. */
bool
nsec_next_type(const struct nsec *nsec, size_t *at, uint16_t *type)
{
	size_t head = 0;

	while (head < nsec->types_len) {
		const uint8_t *window = nsec->types + head;
		size_t first = (head + WINDOW_HEAD) * 8;
		size_t end = first + window[1] * 8u;

		if (*at < first)
			*at = first;
		for (; *at < end; ++*at) {
			size_t bit = *at - first;

			if (!(nsec->types[*at / 8] & 0x80 >> bit % 8))
				continue;
			*type = (uint16_t)((unsigned)window[0] << 8 | bit);
			++*at;
			return true;
		}
		head += WINDOW_HEAD + window[1];
	}
	return false;
}

bool
nsec_has_type(const struct nsec *nsec, uint16_t type)
{
	size_t head = 0;

	while (head < nsec->types_len) {
		const uint8_t *window = nsec->types + head;

		if (window[0] == type >> 8)
			return (type & 0xff) / 8 < window[1] &&
			    window[WINDOW_HEAD + (type & 0xff) / 8] &
			    0x80 >> type % 8;
		head += WINDOW_HEAD + window[1];
	}
	return false;
}

void
nsec3_hash(const struct nsec3_params *params, const uint8_t *lower, size_t len,
    uint8_t hash[NSEC3_HASH])
{
	uint8_t data[NAME_MAX_WIRE + UINT8_MAX];
	unsigned salt = params->salt_len;

	memcpy(data, lower, len);
	if (salt > 0)
		memcpy(data + len, params->salt, salt);
	ldns_sha1(data, (unsigned)len + salt, hash);
	if (salt > 0)
		memcpy(data + NSEC3_HASH, params->salt, salt);
	for (unsigned i = 0; i < params->iterations; i++) {
		memcpy(data, hash, NSEC3_HASH);
		ldns_sha1(data, NSEC3_HASH + salt, hash);
	}
}

bool
nsec3_same(const struct nsec3_params *a, const struct nsec3_params *b)
{
	return a->algorithm == b->algorithm && a->iterations == b->iterations &&
	    a->salt_len == b->salt_len &&
	    (a->salt_len == 0 || memcmp(a->salt, b->salt, a->salt_len) == 0);
}

/*
 * Five octets are eight digits (RFC 4648, 7), in lower case like any name.  Not
 * by codec_encode(), which takes any number of octets: workers call this for
 * each NSEC3 of an answer, and it would cost three times as much, 3 % of a
 * denial.
 */
void
nsec3_label(const uint8_t hash[NSEC3_HASH], uint8_t label[NSEC3_LABEL])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	uint8_t *out = label;

	*out++ = NSEC3_LABEL - 1;
	for (size_t i = 0; i < NSEC3_HASH; i += 5) {
		uint64_t bits =
		    (uint64_t)hash[i] << 32 | wire_get32(hash + i + 1);

		for (int shift = 35; shift >= 0; shift -= 5)
			*out++ = (uint8_t)digits[bits >> shift & 31];
	}
}

bool
nsec3_from_label(const uint8_t *label, uint8_t hash[NSEC3_HASH])
{
	size_t n;

	return *label == NSEC3_LABEL - 1 &&
	    codec_decode(CODEC_BASE32HEX, (const char *)label + 1,
		NSEC3_LABEL - 1, hash, NSEC3_HASH, &n) == 0;
}
