/*
 * Writes a gauge of every endpoint, then the next gauge.  Called by the metrics
 * page; what is not known has no line.
 */
#include "node/metrics_endpoints.h"

#include <math.h>

#include "base/clock.h"
#include "node/labels.h"
#include "web/metrics.h"

#define DAY_MS 86400000.0

static const double unknown = (double)NAN;

static double
saturation(const struct load_view *view)
{
	return view->row.saturation;
}

static double
waiting(const struct load_view *view)
{
	return view->row.waiting;
}

static double
running(const struct load_view *view)
{
	return view->row.running;
}

static double
kv_cache(const struct load_view *view)
{
	return view->row.kv_cache;
}

static double
age(const struct load_view *view)
{
	return view->age_ms >= 0 ? (double)view->age_ms / 1000 : unknown;
}

static double
degraded(const struct load_view *view)
{
	return view->checked ? view->degraded[0] != '\0' : unknown;
}

static double
certificate(const struct load_view *view)
{
	return view->certificate_ms > 0
	    ? (double)(view->certificate_ms - clock_wall_ms()) / DAY_MS
	    : unknown;
}

/* As the policy has it: see write_endpoint(). */
static double
capacity(const struct load_view *view)
{
	(void)view;
	return unknown;
}

/* A line for the first endpoint of each region: see keep(). */
static double
of_region(const struct load_view *view)
{
	(void)view;
	return unknown;
}

static const struct {
	const char *name, *help;
	double (*value)(const struct load_view *view); /* NULL: is it up? */
} gauges[] = {
    {"endpoint_up", "1 up, 0 down; missing while nobody has checked it.", NULL},
    {"endpoint_degraded",
	"1 while it is up and not as it should be; missing while nobody has "
	"checked it.",
	degraded},
    {"endpoint_saturation",
	"How full it is: 1 is full, and what waits makes it more; missing, as "
	"all that is about load, while that is not known.",
	saturation},
    {"endpoint_capacity",
	"What it can do, in the unit of its file; missing where that does not "
	"say it.",
	capacity},
    {"endpoint_requests_waiting", "Requests that wait in it.", waiting},
    {"endpoint_requests_running", "Requests that it works on.", running},
    {"endpoint_kv_cache", "The share of its key-value cache that is in use.",
	kv_cache},
    {"endpoint_load_age_seconds",
	"Since its load was measured; missing when it never was.", age},
    {"endpoint_certificate_days",
	"Until the first of its certificates ends; less than 0 after that.",
	certificate},
    {"region_keep",
	"The share of the clients that come to the region for the pool which "
	"it keeps; missing where that is always all.",
	of_region},
};
#define GAUGES (sizeof(gauges) / sizeof(gauges[0]))

static double
up(const struct page *page, size_t e)
{
	enum usable usable = live_told(page->view.served->live, e);

	return usable == USABLE_UNCHECKED ? unknown : usable == USABLE_YES;
}

/* What the region whose first endpoint is number ${e} keeps. */
static double
keep(const struct page *page, uint32_t e)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct live *live = page->view.served->live;
	uint32_t g = policy_group_of(policy, e);

	if (g == STEERING_NONE || policy->groups[g].first != e)
		return unknown;
	if (live->group[g].keep == POLICY_KEEP_ALL)
		return policy->groups[g].spill ? 1 : unknown;
	return (double)live->group[g].keep / 0x1p64;
}

static void
write_endpoint(
    const struct page *page, size_t gauge, size_t e, struct text *out)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct policy_endpoint *endpoint = &policy->endpoints[e];
	const struct loads_look look = page_look(page);
	struct load_view view;
	char zone[NAME_TEXT];
	double value;

	if (gauges[gauge].value == of_region) {
		value = keep(page, (uint32_t)e);
	} else if (gauges[gauge].value == capacity) {
		value = endpoint->capacity > 0 ? endpoint->capacity : unknown;
	} else if (gauges[gauge].value != NULL) {
		(void)loads_see(&look, policy, e, &view);
		value = gauges[gauge].value(&view);
	} else {
		value = up(page, e);
	}
	if (isnan(value))
		return;
	text_add(out, "meridian_%s{", gauges[gauge].name);
	metrics_label(out, "zone", labels_name(endpoint->key.zone, zone));
	text_add(out, ",");
	metrics_label(out, "pool", endpoint->key.pool);
	text_add(out, ",");
	if (gauges[gauge].value != of_region) {
		metrics_label(out, "endpoint", endpoint->key.endpoint);
		text_add(out, ",");
	}
	metrics_label(out, "region", policy->regions[endpoint->region].name);
	text_add(out, "} %.15g\n", value);
}

size_t
metrics_endpoints(struct page *page, size_t i, struct text *out)
{
	size_t n = page->view.served->generation->policy->n_endpoints;

	/* The first item of each is its head. */
	for (; i < GAUGES * (n + 1) && !page_full(out); i++) {
		size_t gauge = i / (n + 1), e = i % (n + 1);

		if (e == 0)
			metrics_head(out, gauges[gauge].name, "gauge",
			    gauges[gauge].help);
		else
			write_endpoint(page, gauge, e - 1, out);
	}
	return i < GAUGES * (n + 1) ? i : PAGE_PART_ENDS;
}
