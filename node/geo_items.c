/*
 * Makes the items of a status that are about geography.  Called in the thread
 * of the pages and by meridianctl; looks at no file.
 */
#include "node/geo_items.h"

#include "base/clock.h"
#include "node/geo_age.h"
#include "node/page_json.h"

static json_t *
ms_or_null(int64_t ms)
{
	return ms > 0 ? json_integer(ms) : json_null();
}

static json_t *
database_list(const struct generation *g)
{
	const struct geography_database *all;
	int64_t now_ms = clock_wall_ms();
	json_t *list = json_array();
	size_t n;

	all = geography_databases(g->geography, &n);
	for (size_t i = 0; i < n; i++) {
		int64_t age = geo_age_ms(&all[i], now_ms);

		json_array_append_new(list,
		    json_pack("{so ss so so sb}", "file",
			page_json_string(all[i].path), "type", all[i].type,
			"built", page_json_time(all[i].built_s * 1000),
			"age_ms", age >= 0 ? json_integer(age) : json_null(),
			"old",
			(int)geo_age_is_old(g->config, &all[i], now_ms)));
	}
	return list;
}

static json_t *
follow_object(
    const struct server_config *config, const struct renewer_report *r)
{
	bool trouble = r != NULL && r->trouble[0] != '\0';

	if (r == NULL)
		return json_null();
	return json_pack("{so sI sI sI so sI so so}", "every_ms",
	    ms_or_null((int64_t)config->geo_follow_ms), "done",
	    (json_int_t)r->done, "failed", (json_int_t)r->failed, "pending",
	    (json_int_t)r->pending, "at", page_json_time(r->at_ms), "took_ms",
	    (json_int_t)r->took_ms, "trouble",
	    trouble ? page_json_string(r->trouble) : json_null(),
	    "trouble_since", page_json_time(trouble ? r->since_ms : 0));
}

static json_t *
maps_object(const struct map_set *maps)
{
	const struct map_size size = map_set_size(maps);

	return json_pack("{sI sI sI sI sI}", "maps", (json_int_t)size.maps,
	    "leaves", (json_int_t)size.leaves, "classes",
	    (json_int_t)size.classes, "bytes", (json_int_t)size.bytes,
	    "built_ms", (json_int_t)(size.built_us / 1000));
}

json_t *
geo_items_object(
    const struct generation *g, const struct renewer_report *follow)
{
	return json_pack("{so so so so so}", "databases", database_list(g),
	    "loaded", page_json_time(kept_at_ms(g->kept_geography)),
	    "max_age_ms", ms_or_null((int64_t)g->config->geo_max_age_ms),
	    "follow", follow_object(g->config, follow), "maps",
	    maps_object(g->maps));
}

json_t *
geo_items_network(const struct generation *g, size_t zone, size_t network)
{
	const struct network_config *config =
	    &g->steering[zone]->networks[network];
	const struct inputs *inputs = kept_inputs(g->kept_steering[zone]);
	int64_t modified_ms = 0;
	size_t at;

	if (config->file == NULL)
		return NULL;
	at = inputs_find(inputs, config->file);
	if (at != SIZE_MAX)
		modified_ms = inputs->files[at].identity.modified_ns / 1000000;
	return json_pack("{ss ss so sI so so}", "zone",
	    g->config->zones[zone].name, "network", config->name, "file",
	    page_json_string(config->file), "prefixes",
	    (json_int_t)config->n_prefixes, "modified",
	    page_json_time(modified_ms), "loaded",
	    page_json_time(kept_at_ms(g->kept_steering[zone])));
}
