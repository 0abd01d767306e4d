/*
 * Records of addresses as answers hold them: images of A or AAAA records that
 * all have the name that was asked for, and get their TTL when they are sent.
 */
#ifndef STEERING_RECORDS_H
#define STEERING_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/answer/source.h"

/* A record with its owner, type, class, TTL and length before the address. */
#define RECORD_FIXED 12

/* The most octets of a record. */
#define RECORD_MAX (RECORD_FIXED + 16)

/* size = records_size(n, family): octets of the records of ${n} addresses of
 * ${family}, 4 or 6. */
size_t records_size(size_t n, uint8_t family);

/*
 * records_write(addresses, n, family, image, set): write the records of those
 * of the ${n} ${addresses} that are of ${family} to ${image}, which has room
 * for them, and describe them in ${set}.
 */
void records_write(const struct address *addresses, size_t n, uint8_t family,
    uint8_t *image, struct answer_set *set);

#endif
