/* Copies messages into the ring and hands them out.  Called by one worker and
 * by the one thread that empties its ring; never waits. */
#include "dns/tap/tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

int
tap_init(struct tap *tap)
{
	*tap = (struct tap){.ring = ring_create(TAP_RING)};
	return tap->ring != NULL ? 0 : -1;
}

void
tap_finish(struct tap *tap)
{
	ring_destroy(tap->ring);
}

void
tap_set(struct tap *tap, uint32_t every)
{
	atomic_store_explicit(&tap->every, every, memory_order_relaxed);
}

void
tap_take(struct tap *tap, const struct tap_flow *flow,
    const struct tap_decision *decision, const uint8_t *query, size_t query_len,
    const uint8_t *response, size_t response_len)
{
	struct tap_record *r =
	    ring_room(tap->ring, sizeof(*r) + query_len + response_len);

	if (r == NULL) {
		counter_add(&tap->dropped, 1);
		return;
	}
	r->flow = *flow;
	r->decision = *decision;
	r->query_len = (uint32_t)query_len;
	r->response_len = (uint32_t)response_len;
	r->response_ns = clock_wall_ns();
	memcpy(r->octets, query, query_len);
	memcpy(r->octets + query_len, response, response_len);
	ring_put(tap->ring);
}

const struct tap_record *
tap_first(struct tap *tap)
{
	size_t len;

	return ring_first(tap->ring, &len);
}

void
tap_done(struct tap *tap)
{
	ring_take(tap->ring);
}
