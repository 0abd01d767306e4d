/*
 * The ranges of addresses that answers for a name may not have.  Called for
 * each address that a name has; knows no name.
 */
#include "probes/names/refusal.h"

#include <stddef.h>
#include <string.h>

/* The first that has an address counts. */
static const struct range {
	uint8_t family, length;
	uint8_t bytes[16];
	const char *what;
	bool private; /* may be allowed */
} ranges[] = {
    {4, 8, {0}, "unspecified", false},
    {4, 8, {127}, "loopback", false},
    {4, 16, {169, 254}, "link-local", false},
    {4, 4, {224}, "multicast", false},
    {4, 4, {240}, "reserved", false},
    {4, 8, {10}, "private", true},
    {4, 12, {172, 16}, "private", true},
    {4, 16, {192, 168}, "private", true},
    {4, 10, {100, 64}, "private", true},
    {6, 128, {0}, "unspecified", false},
    {6, 128, {[15] = 1}, "loopback", false},
    {6, 96, {[10] = 0xff, 0xff}, "mapped", false},
    {6, 10, {0xfe, 0x80}, "link-local", false},
    {6, 8, {0xff}, "multicast", false},
    {6, 7, {0xfc}, "private", true},
};

const char *
refusal_of(const struct address *address, bool allow_private)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct range *r = &ranges[i];
		struct prefix p = {
		    .address = {.family = r->family}, .length = r->length};

		memcpy(p.address.bytes, r->bytes, sizeof(r->bytes));
		if (r->family == address->family &&
		    prefix_contains(&p, address))
			return r->private && allow_private ? NULL : r->what;
	}
	return NULL;
}
