/*
 * The table of private blocks, and the search in it.  Called when maps are made
 * and by explain, never for a query: maps know the blocks as leaves.
 */
#include "base/private.h"

static const struct prefix blocks[] = {
    {{4, {10}}, 8},          /* private use: RFC 1918, 3 */
    {{4, {100, 64}}, 10},    /* shared by carriers: RFC 6598, 7 */
    {{4, {127}}, 8},         /* loopback: RFC 1122, 3.2.1.3 */
    {{4, {169, 254}}, 16},   /* link-local: RFC 3927, 2.1 */
    {{4, {172, 16}}, 12},    /* private use */
    {{4, {192, 168}}, 16},   /* private use */
    {{6, {[15] = 1}}, 128},  /* loopback: RFC 4291, 2.5.3 */
    {{6, {0xfc}}, 7},        /* unique local: RFC 4193, 3.1 */
    {{6, {0xfe, 0x80}}, 10}, /* link-local: RFC 4291, 2.5.6 */
};
#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

const struct prefix *
private_block(size_t i)
{
	return i < BLOCKS ? &blocks[i] : NULL;
}

const struct prefix *
private_block_around(const struct address *address)
{
	for (size_t i = 0; i < BLOCKS; i++)
		if (prefix_contains(&blocks[i], address))
			return &blocks[i];
	return NULL;
}
