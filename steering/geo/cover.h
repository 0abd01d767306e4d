/*
 * A cover: the whole address space of one family cut into aligned prefixes, in
 * address order, each with a value.  Geography, networks and class maps are
 * covers; building one joins siblings of equal value, so that a leaf is the
 * widest prefix that is all one value.  Used at load time only.
 */
#ifndef STEERING_GEO_COVER_H
#define STEERING_GEO_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* The first ${depth} bits of hi:lo; an IPv4 address is in the top 32 of hi. */
struct cover_leaf {
	uint64_t hi, lo;
	uint32_t value;
	/* What else is known of it, 0: nothing.  It keeps no siblings apart:
	 * leaves that are joined have the greater one, and an overlay that of
	 * its upper cover, if it is not 0. */
	uint16_t note;
	uint8_t depth;
};

struct cover {
	struct cover_leaf *leaves;
	size_t n, size;
	size_t max; /* leaves; more is a failure */
};

/* cover_init(cover, max): an empty cover that holds at most ${max} leaves. */
void cover_init(struct cover *cover, size_t max);

/* cover_finish(cover): free what it holds. */
void cover_finish(struct cover *cover);

/* cover_key(address, hi, lo): ${address} as covers write it. */
void cover_key(const struct address *address, uint64_t *hi, uint64_t *lo);

/*
 * cover_append(cover, leaf): add the next leaf in address order and join equal
 * siblings as far up as they go.  0, or -1 when the maximum is passed or memory
 * is out.
 */
int cover_append(struct cover *cover, const struct cover_leaf *leaf);

/* leaf = cover_find(cover, hi, lo): the leaf around an address. */
const struct cover_leaf *cover_find(
    const struct cover *cover, uint64_t hi, uint64_t lo);

/*
 * cover_overlay(a, b, join, context, out): cut ${out} (empty, initialised) as
 * finely as both, each leaf with join(context, value of a, value of b).  0, or
 * -1 as cover_append().
 */
int cover_overlay(const struct cover *a, const struct cover *b,
    uint32_t (*join)(void *context, uint32_t a, uint32_t b), void *context,
    struct cover *out);

/* cover_recode(cover, code, context): give each leaf the value code(context,
 * its value) instead, and join again, in place. */
void cover_recode(struct cover *cover,
    uint32_t (*code)(void *context, uint32_t value), void *context);

/*
 * cover_nest(prefixes, n, outside, enter, context, out): make ${out} (empty,
 * initialised) of prefixes that may lie in one another: an address in none of
 * them has the value ${outside}; one that enters a prefix changes its value to
 * enter(context, value around it, value of the prefix).  The prefixes are
 * sorted in place; of equal ones that with the greater value is entered first.
 * 0, or -1 as cover_append().
 */
int cover_nest(struct cover_leaf *prefixes, size_t n, uint32_t outside,
    uint32_t (*enter)(void *context, uint32_t around, uint32_t value),
    void *context, struct cover *out);

#endif
