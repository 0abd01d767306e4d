/* Makes one JSON object of runs of the simulator.  Called by meridianctl
 * simulate; what is not known is null. */
#include "ctl/simulate_json.h"

#include <math.h>

#include "node/page_json.h"

static json_t *
number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
region_object(const struct simulated_region *r)
{
	return json_pack("{so so so so so so so}", "region",
	    page_json_string(r->name), "demand", number(r->demand), "capacity",
	    number(r->capacity), "load_mean", number(r->mean), "load_most",
	    number(r->most), "over", number(r->over), "excess",
	    number(r->excess));
}

static json_t *
run_object(const struct simulated *run)
{
	json_t *regions = json_array(), *marks = json_array();

	for (size_t i = 0; i < run->n_regions; i++)
		json_array_append_new(regions, region_object(&run->regions[i]));
	for (size_t i = 0; i < run->n_marks; i++)
		json_array_append_new(marks,
		    json_pack("{so so}", "at_s", number(run->marks[i].at_s),
			"text", page_json_string(run->marks[i].text)));
	return json_pack(
	    "{so so so so so so so so so so so so so so so so so so so so}",
	    "service", page_json_string(run->service), "scenario",
	    page_json_string(run->scenario), "law", page_json_string(run->law),
	    "subject", page_json_string(run->subject), "about",
	    page_json_string(run->about), "settings",
	    page_json_string(run->settings), "events", marks, "regions",
	    regions, "over", number(run->over), "most", number(run->most),
	    "excess", number(run->excess), "excess_least", number(run->least),
	    "moved_per_minute", number(run->moved), "moved_most",
	    number(run->moved_most), "away", number(run->away), "lost",
	    number(run->lost), "moved_endpoint_per_minute",
	    number(run->moved_endpoint), "unevenness", number(run->unevenness),
	    "hits", number(run->hits), "queries_s", number(run->queries));
}

json_t *
simulate_json(const struct simulated *runs, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, run_object(&runs[i]));
	return json_pack("{so}", "runs", list);
}
