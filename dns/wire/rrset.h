/*
 * Record sets as octets that are ready to be copied into a message.  Made while
 * a zone is built, copied by reply.c for each answer; nothing here is changed
 * once a zone is published.
 */
#ifndef DNS_WIRE_RRSET_H
#define DNS_WIRE_RRSET_H

#include <stdint.h>

#include "dns/wire/protocol.h"

/* Octets that a record set may have as an image: what a message over TCP
 * leaves beside the header, the longest question, and an OPT record with the
 * longest client subnet and all options of ours (reply.c checks the sum). */
#define RRSET_MAX (MESSAGE_MAX - 12 - (255 + 4) - (11 + 8 + 16 + 166))

/* A place in a compressed image that gets a pointer (RFC 1035, 4.1.4). */
struct name_pointer {
	uint16_t at; /* offset in the image */
	/* What it points to: an offset in the image, below POINTER_REACH, or
	 * POINTER_OWNER and how many octets before the end of the owner's name,
	 * as it stands in the message. */
	uint16_t to;
};

#define POINTER_REACH 4096
#define POINTER_OWNER 0x8000

/* A record set with the names inside its RDATA compressed. */
struct compressed {
	const uint8_t *image;
	uint16_t size; /* octets of the image */
	uint16_t n_pointers;
	struct name_pointer pointers[];
};

/*
 * A record set.  ${image} holds its records ready to copy into an answer: for
 * each one the owner as a compression pointer to offset 12 (0xC00C), type,
 * class IN, TTL, RDLENGTH and RDATA, names inside uncompressed.  The RRSIG
 * records of a name are as many sets as there are types that they cover (RFC
 * 4035, 3.1.1: each goes with what it signs).
 */
struct rrset {
	const uint8_t *image;
	/* The same, shorter; NULL when nothing makes it so. */
	const struct compressed *compressed;
	uint32_t size; /* octets of the image */
	uint32_t ttl_s;
	uint16_t type;
	uint16_t covers; /* of RRSIG: the type that it signs */
	uint16_t count;
};

#endif
