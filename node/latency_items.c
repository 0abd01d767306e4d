/*
 * Makes the item of a status that is about round trips.  Called in the thread
 * of the pages; keeps nothing.
 */
#include "node/latency_items.h"

#include "base/clock.h"
#include "node/page_json.h"

json_t *
latency_items_object(const struct latencies_report *r)
{
	int64_t age_ms = clock_wall_ms() - r->newest_ms;

	if (!r->wanted)
		return json_null();
	return json_pack("{sb sI sI sI sI so so sI sI so sI so}", "known",
	    (int)r->known, "round_trips", (json_int_t)r->size.cells, "rows",
	    (json_int_t)r->size.rows, "prefixes", (json_int_t)r->size.prefixes,
	    "regions", (json_int_t)r->size.regions, "newest",
	    page_json_time(r->newest_ms), "age_ms",
	    r->newest_ms > 0 ? json_integer(age_ms > 0 ? age_ms : 0)
			     : json_null(),
	    "done", (json_int_t)r->done, "failed", (json_int_t)r->failed, "at",
	    page_json_time(r->at_ms), "took_ms", (json_int_t)r->took_ms,
	    "trouble",
	    r->trouble[0] != '\0' ? page_json_string(r->trouble) : json_null());
}
