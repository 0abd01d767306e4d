/*
 * Covers: append and join, find, overlay, and the sweep that turns nested
 * prefixes into one.  Called by geography, networks and maps at load time;
 * knows nothing of what the values mean.
 */
#include "steering/geo/cover.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"

#define BITS 128

/* The address of a leaf as one number, so that ranges are compared at once. */
__extension__ typedef unsigned __int128 bits128;

void
cover_init(struct cover *cover, size_t max)
{
	*cover = (struct cover){.max = max};
}

void
cover_finish(struct cover *cover)
{
	free(cover->leaves);
	cover_init(cover, cover->max);
}

void
cover_key(const struct address *address, uint64_t *hi, uint64_t *lo)
{
	uint64_t half[2] = {0, 0};

	for (unsigned i = 0; i < address_bits(address) / 8; i++)
		half[i / 8] |= (uint64_t)address->bytes[i] << (56 - i % 8 * 8);
	*hi = half[0];
	*lo = half[1];
}

static bits128
first_of(const struct cover_leaf *leaf)
{
	return (bits128)leaf->hi << 64 | leaf->lo;
}

/* The bits after the first ${depth}. */
static bits128
after(unsigned depth)
{
	return depth == BITS ? 0 : ~(bits128)0 >> depth;
}

static bits128
last_of(const struct cover_leaf *leaf)
{
	return first_of(leaf) | after(leaf->depth);
}

/* Whether ${right}, which follows ${left}, is its sibling with its value. */
static bool
joins(const struct cover_leaf *left, const struct cover_leaf *right)
{
	bits128 lowest;

	if (left->value != right->value || left->depth != right->depth ||
	    left->depth == 0)
		return false;
	lowest = after(left->depth) + 1;
	return (first_of(left) & lowest) == 0 &&
	    (first_of(left) | lowest) == first_of(right);
}

/* Most leaves have another value than the one before, and room. */
static inline bool
append_apart(struct cover *cover, const struct cover_leaf *leaf)
{
	if (cover->n == cover->size || cover->n == 0 ||
	    cover->leaves[cover->n - 1].value == leaf->value)
		return false;
	cover->leaves[cover->n++] = *leaf;
	return true;
}

int
cover_append(struct cover *cover, const struct cover_leaf *leaf)
{
	struct cover_leaf *last, *leaves;
	struct cover_leaf next = *leaf;

	if (append_apart(cover, leaf))
		return 0;
	while (cover->n > 0 && joins(&cover->leaves[cover->n - 1], &next)) {
		uint16_t note = next.note;

		last = &cover->leaves[--cover->n];
		next = *last;
		next.depth--;
		if (note > next.note)
			next.note = note;
	}
	leaves = array_grow(
	    cover->leaves, cover->n, &cover->size, sizeof(*leaves), cover->max);
	if (leaves == NULL)
		return -1;
	cover->leaves = leaves;
	cover->leaves[cover->n++] = next;
	return 0;
}

const struct cover_leaf *
cover_find(const struct cover *cover, uint64_t hi, uint64_t lo)
{
	bits128 wanted = (bits128)hi << 64 | lo;
	size_t low = 0, high = cover->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (first_of(&cover->leaves[middle]) <= wanted)
			low = middle;
		else
			high = middle;
	}
	return &cover->leaves[low];
}

int
cover_overlay(const struct cover *a, const struct cover *b,
    uint32_t (*join)(void *context, uint32_t a, uint32_t b), void *context,
    struct cover *out)
{
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		const struct cover_leaf *left = &a->leaves[i];
		const struct cover_leaf *right = &b->leaves[j];
		struct cover_leaf next =
		    left->depth >= right->depth ? *left : *right;
		bits128 last = last_of(&next);

		next.value = join(context, left->value, right->value);
		next.note = left->note != 0 ? left->note : right->note;
		if (cover_append(out, &next) != 0)
			return -1;
		i += last_of(left) == last;
		j += last_of(right) == last;
	}
	return 0;
}

void
cover_recode(struct cover *cover,
    uint32_t (*code)(void *context, uint32_t value), void *context)
{
	size_t n = cover->n;

	/* There are never more leaves written than read, so that each is read
	 * before it is written over, and no room is asked for. */
	cover->n = 0;
	for (size_t i = 0; i < n; i++) {
		struct cover_leaf leaf = cover->leaves[i];

		leaf.value = code(context, leaf.value);
		(void)cover_append(cover, &leaf);
	}
}

/* Fill ${first}..${last} with the widest aligned prefixes. */
static int
append_range(struct cover *out, bits128 first, bits128 last, uint32_t value)
{
	for (;;) {
		struct cover_leaf leaf = {.hi = (uint64_t)(first >> 64),
		    .lo = (uint64_t)first,
		    .value = value,
		    .depth = BITS};

		while (leaf.depth > 0 &&
		    (first & after(leaf.depth - 1U)) == 0 &&
		    (first | after(leaf.depth - 1U)) <= last)
			leaf.depth--;
		if (cover_append(out, &leaf) != 0)
			return -1;
		if (last_of(&leaf) == last)
			return 0;
		first = last_of(&leaf) + 1;
	}
}

/* By address, wider ones first, of equal ones the greater value first. */
static int
compare_prefixes(const void *left, const void *right)
{
	const struct cover_leaf *a = left, *b = right;

	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return (a->value < b->value) - (a->value > b->value);
}

/* The prefixes around the place where the sweep is, outermost first. */
struct sweep {
	struct cover *out;
	bits128 at; /* the next address to write */
	bool done;  /* the last address was written */
	unsigned n;
	struct {
		bits128 first, last;
		uint32_t value;
	} open[BITS + 1]; /* at most one of each length */
};

/* Write up to and including ${last} with the innermost open value. */
static int
write_to(struct sweep *s, bits128 last)
{
	if (s->done || last < s->at)
		return 0;
	if (append_range(s->out, s->at, last, s->open[s->n - 1].value) != 0)
		return -1;
	s->done = last == ~(bits128)0;
	s->at = last + 1;
	return 0;
}

/* Close all that ends before ${first}. */
static int
close_before(struct sweep *s, bits128 first)
{
	while (s->open[s->n - 1].last < first) {
		if (write_to(s, s->open[s->n - 1].last) != 0)
			return -1;
		s->n--;
	}
	return 0;
}

int
cover_nest(struct cover_leaf *prefixes, size_t n, uint32_t outside,
    uint32_t (*enter)(void *context, uint32_t around, uint32_t value),
    void *context, struct cover *out)
{
	struct sweep s = {.out = out, .n = 1};

	s.open[0].last = ~(bits128)0;
	s.open[0].value = outside;
	if (n > 0)
		qsort(prefixes, n, sizeof(*prefixes), compare_prefixes);
	for (size_t i = 0; i < n; i++) {
		bits128 first = first_of(&prefixes[i]);
		bits128 last = last_of(&prefixes[i]);
		uint32_t value;

		if (close_before(&s, first) != 0 ||
		    (first > 0 && write_to(&s, first - 1) != 0))
			return -1;
		value =
		    enter(context, s.open[s.n - 1].value, prefixes[i].value);
		if (s.open[s.n - 1].first != first ||
		    s.open[s.n - 1].last != last)
			s.n++;
		s.open[s.n - 1].first = first;
		s.open[s.n - 1].last = last;
		s.open[s.n - 1].value = value;
	}
	for (; s.n > 0; s.n--)
		if (write_to(&s, s.open[s.n - 1].last) != 0)
			return -1;
	return 0;
}
