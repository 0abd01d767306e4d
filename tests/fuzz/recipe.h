/*
 * Queries by a recipe, for fuzz targets that look at answers: a few octets make
 * a name of the small alphabet that the fuzzed zones are made of.  Included by
 * fuzz targets only.
 */
#ifndef TESTS_FUZZ_RECIPE_H
#define TESTS_FUZZ_RECIPE_H

#include <stdint.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

#define RECIPE_MAX (DNS_HEADER + NAME_MAX_WIRE + 64)

/*
 * len = recipe_query(data, size, out): a query by a recipe: an octet for the
 * type, one for EDNS, DO, subnet and size, and one a label.
 */
static inline size_t
recipe_query(const uint8_t *data, size_t size, uint8_t *out)
{
	static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_CNAME, TYPE_SOA,
	    TYPE_MX, 16, TYPE_AAAA, TYPE_SRV, TYPE_DNAME, TYPE_DS, TYPE_RRSIG,
	    TYPE_NSEC, TYPE_DNSKEY, TYPE_ANY, 64, 65};
	static const uint8_t opt[] = {0, 0, 41, 2, 0, 0, 0, 0x80, 0, 0, 0};
	static const uint8_t subnet[] = {0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113};
	uint8_t flags = size > 1 ? data[1] : 0;
	size_t len = DNS_HEADER;

	memset(out, 0, DNS_HEADER);
	out[1] = 7;
	out[5] = 1;
	for (size_t i = 2; i < size && len < DNS_HEADER + 250; i++) {
		/* A letter, the wildcard, or two labels of one octet more. */
		uint8_t c = data[i] % 32;
		size_t room = DNS_HEADER + NAME_MAX_WIRE - 1 - len;
		size_t label = data[i] >= 240 ? 63 : data[i] >= 224 ? 2 : 1;

		if (label + 1 > room)
			break;
		out[len] = (uint8_t)label;
		memset(out + len + 1,
		    c == 26       ? '*'
			: c == 27 ? 0
				  : (data[i] & 0x40 ? 'A' : 'a') + c % 26,
		    label);
		len += label + 1;
	}
	out[len++] = 0;
	wire_put16(out + len, types[size > 0 ? data[0] % 16 : 0]);
	wire_put16(out + len + 2, CLASS_IN);
	len += 4;
	if (!(flags & 1))
		return len;
	out[11] = 1;
	memcpy(out + len, opt, sizeof(opt));
	out[len + 3] = flags >> 4; /* 0 to 3840 octets */
	out[len + 7] = flags & 2 ? 0x80 : 0;
	len += sizeof(opt);
	if (flags & 4) {
		out[len - 1] = sizeof(subnet);
		memcpy(out + len, subnet, sizeof(subnet));
		len += sizeof(subnet);
	}
	return len;
}

#endif
