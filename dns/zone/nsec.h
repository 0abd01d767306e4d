/*
 * NSEC and NSEC3 (RFC 4034, 4; RFC 5155): what their data says, the hash of a
 * name, and hashes as labels.  Used while a zone is loaded, and to prove that
 * something is not there.
 */
#ifndef DNS_ZONE_NSEC_H
#define DNS_ZONE_NSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets of a SHA-1 hash, and of the label that it makes: a length and 32
 * digits of base 32 (RFC 5155, 3.3). */
#define NSEC3_HASH 20
#define NSEC3_LABEL 33

#define NSEC3_SHA1 1    /* the one hash algorithm there is */
#define NSEC3_OPT_OUT 1 /* of the flags */

/* How names are hashed (RFC 5155, 5). */
struct nsec3_params {
	uint16_t iterations; /* further ones */
	uint8_t algorithm;
	uint8_t salt_len;
	const uint8_t *salt;
};

/* The data of an NSEC, NSEC3 or NSEC3PARAM record, as far as its type has it;
 * the pointers are into the data. */
struct nsec {
	struct nsec3_params params;
	uint8_t flags;
	const uint8_t *next; /* a name in wire form, or a hash */
	size_t next_len;
	const uint8_t *types; /* the bitmap */
	size_t types_len;
};

/*
 * nsec_read(type, rdata, len, nsec): take the ${len} octets of an NSEC, NSEC3
 * or NSEC3PARAM apart, which have passed rdata_check().
 */
void nsec_read(
    uint16_t type, const uint8_t *rdata, size_t len, struct nsec *nsec);

/* good = nsec_is_bitmap(bitmap, len): windows in order, none empty, no zero
 * octet at the end of one (RFC 4034, 4.1.2), types of data only.  No window at
 * all is good. */
bool nsec_is_bitmap(const uint8_t *bitmap, size_t len);

/*
 * more = nsec_next_type(nsec, at, type): the types of the bitmap one by one, in
 * their order.  ${at} is 0 at the start and belongs to this function.  False at
 * the end.
 */
bool nsec_next_type(const struct nsec *nsec, size_t *at, uint16_t *type);

/* has = nsec_has_type(nsec, type): the bitmap names it. */
bool nsec_has_type(const struct nsec *nsec, uint16_t type);

/*
 * nsec3_hash(params, lower, len, hash): the hash of the lower case name
 * ${lower} of ${len} octets, at most 255 (RFC 5155, 5).  It costs a SHA-1 of up
 * to 510 octets, and for each iteration one of 20 and the salt.
 */
void nsec3_hash(const struct nsec3_params *params, const uint8_t *lower,
    size_t len, uint8_t hash[NSEC3_HASH]);

/* same = nsec3_same(a, b): the parameters make the same hashes. */
bool nsec3_same(const struct nsec3_params *a, const struct nsec3_params *b);

/* nsec3_label(hash, label): the hash as a label, its length first. */
void nsec3_label(const uint8_t hash[NSEC3_HASH], uint8_t label[NSEC3_LABEL]);

/* ok = nsec3_from_label(label, hash): the other way round, digits in any case;
 * false when the label is no such hash. */
bool nsec3_from_label(const uint8_t *label, uint8_t hash[NSEC3_HASH]);

#endif
