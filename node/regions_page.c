/*
 * Adds up endpoints by region, some thousands a turn, and writes the page of
 * regions.  Called in the thread of the pages.
 */
#include "node/regions_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "node/page_json.h"
#include "node/page_query.h"
#include "steering/override_target.h"

/* Endpoints that are looked at before other clients have their turn: some
 * milliseconds. */
#define TURN 4000

struct region {
	const struct region_config *config; /* of the first zone that has it */
	uint64_t total, up, down, unchecked, drained;
	/* Of endpoints whose load is known: how many, their weights, loads by
	 * these, and the age of the oldest; what the file says they can do. */
	uint64_t measured, capacity;
	double weight, load;
	int64_t age_ms;
	double rate;
	uint64_t keep; /* the least of its groups */
};

static struct region *
region_of(const struct page *page, size_t r)
{
	return (struct region *)page->work + r;
}

static const struct policy *
policy_of(const struct page *page)
{
	return page->view.served->generation->policy;
}

static void
add_rates(struct page *page)
{
	const struct policy *policy = policy_of(page);

	for (uint32_t i = 0; i < page->n_slots; i++)
		for (size_t r = 0; r < policy->n_regions; r++)
			if (strcmp(page->slots[i].name.region,
				policy->regions[r].name) == 0) {
				region_of(page, r)->rate +=
				    page_slot_rate(
					page, &page->slots[i], RATE_SHARE) +
				    page_slot_rate(
					page, &page->slots[i], RATE_RESORT);
				break;
			}
}

static void
add_keeps(struct page *page)
{
	const struct policy *policy = policy_of(page);
	const struct live *live = page->view.served->live;

	for (size_t g = 0; g < policy->n_groups; g++) {
		struct region *region =
		    region_of(page, policy->groups[g].region);

		if (live->group[g].keep < region->keep)
			region->keep = live->group[g].keep;
	}
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	const struct policy *policy = policy_of(page);

	(void)query;
	page->work = calloc(policy->n_regions + 1, sizeof(struct region));
	if (page->work == NULL || page_sort_slots(page) != 0)
		return page_refuse(page, HTTP_ERROR, "no memory");
	for (size_t r = 0; r < policy->n_regions; r++)
		region_of(page, r)->keep = POLICY_KEEP_ALL;
	for (size_t z = policy->n_zones; z-- > 0;) {
		const struct policy_zone *zone = &policy->zones[z];

		for (size_t i = 0;
		     zone->config != NULL && i < zone->config->n_regions; i++)
			region_of(page, zone->regions[i])->config =
			    &zone->config->regions[i];
	}
	add_rates(page);
	add_keeps(page);
	return HTTP_OK;
}

static void
finish(struct page *page)
{
	free(page->work);
}

static void
add_load(struct region *region, const struct loads_look *look,
    const struct policy *policy, size_t e)
{
	double weight = policy->endpoints[e].capacity > 0
	    ? policy->endpoints[e].capacity
	    : 1;
	struct load_view view;

	if (loads_see(look, policy, e, &view) || !view.told ||
	    isnan(view.row.saturation))
		return;
	region->measured++;
	region->weight += weight;
	region->load += weight * view.row.saturation;
	if (view.age_ms > region->age_ms)
		region->age_ms = view.age_ms;
}

/* Blanks before the object, one each turn: JSON may begin with them. */
static size_t
add_up(struct page *page, size_t item, struct text *out)
{
	const struct policy *policy = policy_of(page);
	const struct live *live = page->view.served->live;
	const struct loads_look look = page_look(page);
	size_t end = item + TURN;

	for (; item < policy->n_endpoints && item < end; item++) {
		struct region *region =
		    region_of(page, policy->endpoints[item].region);
		enum usable usable = live_told(live, item);

		region->total++;
		region->up += usable == USABLE_YES;
		region->unchecked += usable == USABLE_UNCHECKED;
		region->drained += usable == USABLE_DRAINED;
		region->down += usable == USABLE_NO || usable == USABLE_EMPTY;
		region->capacity += policy->endpoints[item].capacity;
		if (loads_wanted(policy, item))
			add_load(region, &look, policy, item);
	}
	page->pauses = true;
	text_add(out, "\n");
	return item < policy->n_endpoints ? item : PAGE_PART_ENDS;
}

static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"regions\":[");
	return PAGE_PART_ENDS;
}

static const char *
health_word(const struct region *region)
{
	if (region->total == 0)
		return "empty";
	if (region->drained == region->total)
		return "drained";
	if (region->down > 0)
		return region->up + region->unchecked > 0 ? "degraded" : "down";
	return region->up > 0 ? "up" : "unchecked";
}

static json_t *
load_object(const struct region *region)
{
	if (region->measured == 0)
		return json_null();
	return json_pack("{sf so sI sI}", "saturation",
	    region->load / region->weight, "capacity",
	    region->capacity > 0 ? json_integer((json_int_t)region->capacity)
				 : json_null(),
	    "measured", (json_int_t)region->measured, "age_ms",
	    (json_int_t)region->age_ms);
}

/* The last that drained all of the region by its name; null: nobody did. */
static json_t *
drained_object(const struct page *page, const char *name)
{
	const struct laid *laid = page->view.health.laid;

	for (size_t i = laid != NULL ? laid->n_overrides : 0; i-- > 0;) {
		const struct laid_override *o = &laid->override[i];
		bool ends = o->until_ms != INT64_MAX;
		int64_t left_ms = o->until_ms - page->now_ms;

		if (page->now_ms >= o->until_ms ||
		    strcmp(o->row.action, "drain") != 0 ||
		    override_target_kind(o->row.kind) != TARGET_REGION ||
		    !override_target_region(o->row.target, name))
			continue;
		return json_pack("{sI so so sI so so}", "number",
		    (json_int_t)o->row.number, "author",
		    page_json_string(o->row.author), "reason",
		    page_json_string(o->row.reason), "at_ms",
		    (json_int_t)o->row.at_ms, "until_ms",
		    ends ? json_integer(page->wall_ms + left_ms) : json_null(),
		    "left_ms", ends ? json_integer(left_ms) : json_null());
	}
	return json_null();
}

static json_t *
zone_list(const struct policy *policy, size_t r)
{
	json_t *list = json_array();

	for (size_t z = 0; z < policy->n_zones; z++) {
		const struct policy_zone *zone = &policy->zones[z];

		for (size_t i = 0;
		     zone->config != NULL && i < zone->config->n_regions; i++)
			if (zone->regions[i] == r)
				json_array_append_new(
				    list, json_string(zone->name));
	}
	return list;
}

static json_t *
vantage_list(const struct page *page, const char *name)
{
	const struct vantages *v = page->view.health.vantages;
	json_t *list = json_array();

	for (size_t i = 0; v != NULL && i < v->n; i++)
		if (strcmp(v->of[i].region, name) == 0)
			json_array_append_new(
			    list, page_json_string(v->of[i].name));
	return list;
}

static json_t *
degrees(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *
region_object(const struct page *page, size_t r)
{
	const struct policy *policy = policy_of(page);
	const struct region *region = region_of(page, r);
	const char *name = policy->regions[r].name;

	return json_pack("{ss so so so ss s{sI sI sI sI sI} so so sf so so}",
	    "region", name, "latitude",
	    degrees(region->config != NULL ? region->config->latitude : NAN),
	    "longitude",
	    degrees(region->config != NULL ? region->config->longitude : NAN),
	    "zones", zone_list(policy, r), "health", health_word(region),
	    "endpoints", "total", (json_int_t)region->total, "up",
	    (json_int_t)region->up, "down", (json_int_t)region->down,
	    "unchecked", (json_int_t)region->unchecked, "drained",
	    (json_int_t)region->drained, "answers_per_second",
	    page_query_rate(page, region->rate), "load", load_object(region),
	    "keep",
	    region->keep == POLICY_KEEP_ALL ? 1.0
					    : (double)region->keep / 0x1p64,
	    "drained", drained_object(page, name), "vantages",
	    vantage_list(page, name));
}

static size_t
write_regions(struct page *page, size_t r, struct text *out)
{
	const struct policy *policy = policy_of(page);

	for (; r < policy->n_regions && !page_full(out); r++) {
		text_add(out, r > 0 ? ",\n" : "\n");
		page_json_add(out, region_object(page, r), PAGE_QUERY_JSON);
	}
	if (r < policy->n_regions)
		return r;
	text_add(out, "]}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    add_up,
    write_head,
    write_regions,
};

const struct page_kind regions_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
