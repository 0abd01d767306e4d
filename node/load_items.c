/*
 * Makes the items of load.  Called in the thread of the pages and by
 * meridianctl; keeps nothing.
 */
#include "node/load_items.h"

#include <math.h>

#include "base/clock.h"
#include "node/page_json.h"

static json_t *
number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static void
add_source(json_t *load, const struct load_view *view, bool stale)
{
	const struct state_load *row = &view->row;

	json_object_set_new(load, "measured", page_json_time(row->measured_ms));
	json_object_set_new(load, "age_ms",
	    view->age_ms >= 0 ? json_integer(view->age_ms) : json_null());
	json_object_set_new(load, "stale", json_boolean(stale));
	json_object_set_new(load, "vantage",
	    view->told ? page_json_string(row->vantage) : json_null());
	json_object_set_new(load, "source", page_json_string(row->source));
	json_object_set_new(load, "reason",
	    page_json_string(
		view->told ? row->reason : "no vantage has looked at it"));
}

json_t *
load_items_object(const struct load_view *view, bool wanted, bool stale)
{
	const struct state_load *row = &view->row;
	json_t *load;

	if (!view->told && !wanted)
		return json_null();
	load = json_pack("{so so so so so so so so}", "saturation",
	    number(row->saturation), "waiting", number(row->waiting), "running",
	    number(row->running), "max_running", number(row->max_running),
	    "kv_cache", number(row->kv_cache), "utilization",
	    number(row->utilization), "preemptions_per_s",
	    number(row->preemptions), "requests_per_s", number(row->requests));
	json_object_set_new(load, "errors_per_s", number(row->errors));
	json_object_set_new(load, "tokens_per_s", number(row->tokens));
	json_object_set_new(load, "busy", number(row->busy));
	json_object_set_new(load, "first_token_ms",
	    page_json_milliseconds(row->first_token_us));
	json_object_set_new(load, "first_token_95_ms",
	    page_json_milliseconds(row->first_token_95_us));
	json_object_set_new(
	    load, "token_ms", page_json_milliseconds(row->token_us));
	add_source(load, view, stale);
	return load;
}

void
load_items_add(json_t *object, const struct loads_look *look,
    const struct policy *policy, size_t e)
{
	struct load_view view;
	bool stale = loads_see(look, policy, e, &view);

	json_object_set_new(object, "load",
	    load_items_object(&view, loads_wanted(policy, e), stale));
	json_object_set_new(object, "degraded",
	    view.degraded[0] != '\0' ? page_json_string(view.degraded)
				     : json_null());
	json_object_set_new(
	    object, "certificate_ends", page_json_time(view.certificate_ms));
	json_object_set_new(object, "certificate_ends_ms",
	    view.certificate_ms > 0 ? json_integer(view.certificate_ms)
				    : json_null());
}
