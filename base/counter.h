/*
 * Counters with one writer each (a worker) and any number of readers that sum
 * them.  With one writer, adding needs no locked instruction: it is a plain
 * load and store.  A reader sees whole 64-bit values, some perhaps a moment
 * old.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t counter;

/* counter_add(c, n): add ${n}.  Only the thread that owns ${c} may call it. */
static inline void
counter_add(counter *c, uint64_t n)
{
	atomic_store_explicit(c,
	    atomic_load_explicit(c, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

/* n = counter_read(c): its value now, from any thread. */
static inline uint64_t
counter_read(const counter *c)
{
	return atomic_load_explicit(
	    (counter *)(uintptr_t)c, memory_order_relaxed);
}

#endif
