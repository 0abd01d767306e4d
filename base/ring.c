/*
 * The ring: positions that only grow, each written by one side.  Called by
 * workers, that write, and by the thread that reads what they wrote; never
 * waits.
 */
#include "base/ring.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What each side writes has a cache line of its own, so that one side at work
 * costs the other nothing. */
#define LINE 64

/* Before each record; a record begins at a multiple of its size. */
struct header {
	uint32_t len;  /* of the record */
	uint32_t step; /* to the next header, this one counted; a record that
			  does not fit before the end begins at the start, and
			  a step with a length of SKIPPED leads there */
};
#define SKIPPED UINT32_MAX

struct ring {
	size_t size;
	unsigned char *data;
	alignas(LINE) _Atomic uint64_t written;
	uint64_t seen_taken; /* by the writer: no need to look at each put */
	uint64_t pending;    /* where ring_put() moves to */
	alignas(LINE) _Atomic uint64_t taken;
};

struct ring *
ring_create(size_t size)
{
	struct ring *r = aligned_alloc(LINE, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct ring){.size = size};
	r->data = calloc(1, size);
	if (r->data != NULL)
		return r;
	free(r);
	return NULL;
}

void
ring_destroy(struct ring *r)
{
	if (r == NULL)
		return;
	free(r->data);
	free(r);
}

static struct header *
header_at(struct ring *r, uint64_t position)
{
	return (struct header *)(void *)(r->data + (position & (r->size - 1)));
}

/* Are the bytes from ${from} to before ${to} read by now? */
static int
is_free(struct ring *r, uint64_t to)
{
	if (to - r->seen_taken <= r->size)
		return 1;
	r->seen_taken = atomic_load_explicit(&r->taken, memory_order_acquire);
	return to - r->seen_taken <= r->size;
}

void *
ring_room(struct ring *r, size_t len)
{
	uint64_t at = atomic_load_explicit(&r->written, memory_order_relaxed);
	size_t step = sizeof(struct header), left;
	struct header *h;

	if (len > r->size - step)
		return NULL;
	step += (len + sizeof(*h) - 1) & ~(sizeof(*h) - 1);
	left = r->size - (at & (r->size - 1));
	if (!is_free(r, at + step + (left < step ? left : 0)))
		return NULL;
	if (left < step) {
		h = header_at(r, at);
		*h = (struct header){SKIPPED, (uint32_t)left};
		at += left;
	}
	h = header_at(r, at);
	*h = (struct header){(uint32_t)len, (uint32_t)step};
	r->pending = at + step;
	return h + 1;
}

void
ring_put(struct ring *r)
{
	atomic_store_explicit(&r->written, r->pending, memory_order_release);
}

const void *
ring_first(struct ring *r, size_t *len)
{
	uint64_t at = atomic_load_explicit(&r->taken, memory_order_relaxed);
	uint64_t end = atomic_load_explicit(&r->written, memory_order_acquire);
	struct header *h;

	if (at == end)
		return NULL;
	h = header_at(r, at);
	if (h->len == SKIPPED) {
		at += h->step;
		atomic_store_explicit(&r->taken, at, memory_order_release);
		h = header_at(r, at);
	}
	*len = h->len;
	return h + 1;
}

void
ring_take(struct ring *r)
{
	uint64_t at = atomic_load_explicit(&r->taken, memory_order_relaxed);

	atomic_store_explicit(
	    &r->taken, at + header_at(r, at)->step, memory_order_release);
}
