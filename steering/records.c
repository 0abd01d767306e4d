/*
 * Writes the records of addresses.  Called where a policy is compiled and where
 * `live` is made; keeps nothing.
 */
#include "steering/records.h"

#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

static size_t
octets(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

size_t
records_size(size_t n, uint8_t family)
{
	return n * (RECORD_FIXED + octets(family));
}

void
records_write(const struct address *addresses, size_t n, uint8_t family,
    uint8_t *image, struct answer_set *set)
{
	size_t rdlen = octets(family);
	uint16_t type = family == 4 ? TYPE_A : TYPE_AAAA;
	uint8_t *p = image;

	*set = (struct answer_set){.image = image};
	for (size_t i = 0; i < n; i++) {
		if (addresses[i].family != family)
			continue;
		wire_put16(p, POINTER_QNAME);
		wire_put16(p + 2, type);
		wire_put16(p + 4, CLASS_IN);
		wire_put32(p + 6, 0);
		wire_put16(p + 10, (uint16_t)rdlen);
		memcpy(p + RECORD_FIXED, addresses[i].bytes, rdlen);
		p += RECORD_FIXED + rdlen;
		set->count++;
	}
	set->size = (uint16_t)(p - image);
}
