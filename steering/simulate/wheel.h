/*
 * When each network asks next: a wheel of time, in which seconds without events
 * cost nothing but to pass.  Called by the simulated world; each event is a
 * number that is in it once at most.
 */
#ifndef STEERING_SIMULATE_WHEEL_H
#define STEERING_SIMULATE_WHEEL_H

#include <stddef.h>
#include <stdint.h>

struct wheel {
	uint32_t *first, *last; /* by slot */
	struct wheel_event {
		int64_t due_ms;
		uint32_t next;
	} * events;    /* by number */
	int64_t slot;  /* that was taken out last, from the beginning on */
	uint32_t open; /* what is left of it */
};

/* No event. */
#define WHEEL_NONE UINT32_MAX

/* status = wheel_init(wheel, n): for events 0..n-1, none of which is in it.  0,
 * or -1 without memory; wheel_finish() is needed in either case. */
int wheel_init(struct wheel *wheel, size_t n);

/* wheel_finish(wheel): free what it holds. */
void wheel_finish(struct wheel *wheel);

/* wheel_add(wheel, event, due_ms): ${event}, which is not in it, is due then;
 * what was due already is due now. */
void wheel_add(struct wheel *wheel, uint32_t event, int64_t due_ms);

/*
 * event = wheel_next(wheel, before_ms, due_ms): take out the next event that is
 * due before ${before_ms}, and write when it is.  WHEEL_NONE: there is no more.
 * Events that are not WHEEL_SLOT_MS apart come in the order in which they were
 * added.
 */
#define WHEEL_SLOT_MS 32
uint32_t wheel_next(struct wheel *wheel, int64_t before_ms, int64_t *due_ms);

#endif
