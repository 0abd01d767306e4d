/*
 * Looks at a node during a drill.  Called by meridianctl drill a few times a
 * second.
 */
#include "ctl/drill_watch.h"

#include <fnmatch.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/command.h"

#define PAGE "/api/v1/status"

/* A page takes milliseconds; one that takes longer is no look. */
#define PATIENCE_MS 2000

int
drill_watch_begin(struct drill_watch *w, const struct server_config *config,
    const struct state_override *row)
{
	memset(w, 0, sizeof(*w));
	w->row = row;
	w->named_ms = -1;
	w->fetch = fetch_open(config);
	w->seen_ms = w->began_ms[DRILL_BEFORE] = clock_mono_ms();
	return w->fetch != NULL ? 0 : -1;
}

void
drill_watch_end(struct drill_watch *w)
{
	fetch_close(w->fetch);
	json_decref(w->endpoints);
	w->fetch = NULL;
	w->endpoints = NULL;
}

void
drill_watch_phase(struct drill_watch *w, enum drill_phase phase)
{
	int64_t now = clock_mono_ms();

	w->ended_ms[w->phase] = now;
	w->phase = phase;
	w->began_ms[phase] = now;
	for (size_t i = 0; phase == DRILL_DURING && i < w->n; i++)
		w->region[i].was_up = w->region[i].up > 0;
	if (phase == DRILL_DURING)
		w->before_last_resorts = w->last_resorts;
}

void
drill_watch_note(struct drill_watch *w, const char *fmt, ...)
{
	struct drill_event *event = &w->event[w->n_events];
	va_list args;

	if (w->n_events == DRILL_EVENTS)
		return;
	event->at_ms = clock_mono_ms() - w->began_ms[DRILL_DURING];
	va_start(args, fmt);
	(void)vsnprintf(event->text, sizeof(event->text), fmt, args);
	va_end(args);
	w->n_events++;
}

/* --- regions --- */

static struct drill_region *
region_of(struct drill_watch *w, const char *name)
{
	struct drill_region *region = w->region;

	for (; region < w->region + w->n; region++)
		if (strcmp(region->name, name) == 0)
			return region;
	if (w->n == DRILL_REGIONS || strlen(name) >= sizeof(region->name))
		return NULL;
	memset(region, 0, sizeof(*region));
	(void)snprintf(region->name, sizeof(region->name), "%s", name);
	region->drilled = strcmp(w->row->kind, "region") == 0 &&
	    fnmatch(w->row->target, name, 0) == 0;
	region->load = region->peak = NAN;
	w->n++;
	return region;
}

/* Answers by region, of all services. */
static void
count_answers(struct drill_watch *w, json_t *page)
{
	uint64_t now[DRILL_REGIONS] = {0};
	const char *service, *name;
	json_t *regions, *n;

	json_object_foreach(json_object_get(page, "services"), service, regions)
	{
		(void)service;
		json_object_foreach(regions, name, n)
		{
			struct drill_region *region = region_of(w, name);

			if (region != NULL)
				now[region - w->region] +=
				    (uint64_t)json_integer_value(n);
		}
	}
	for (size_t i = 0; i < w->n; i++) {
		struct drill_region *region = &w->region[i];
		uint64_t more =
		    now[i] > region->answers ? now[i] - region->answers : 0;

		region->answers = now[i];
		if (!w->looked || more == 0)
			continue;
		region->answered[w->phase] += more;
		if (w->phase == DRILL_DURING && region->drilled)
			w->named_ms =
			    clock_mono_ms() - w->began_ms[DRILL_DURING];
	}
}

static bool
is_up(const json_t *endpoint)
{
	const char *usable = command_text(endpoint, "usable");

	return strcmp(usable, "up") == 0 || strcmp(usable, "unchecked") == 0;
}

/* An endpoint is not as it was at the look before. */
static void
compare_endpoint(struct drill_watch *w, const json_t *is, size_t i)
{
	const json_t *was = json_array_get(w->endpoints, i);
	const char *name = command_text(is, "endpoint");
	const char *now = command_text(is, "usable");

	if (was == NULL || strcmp(command_text(was, "endpoint"), name) != 0 ||
	    strcmp(command_text(was, "usable"), now) == 0)
		return;
	drill_watch_note(w, "%s in %s: %s, was %s", name,
	    command_text(is, "region"), now, command_text(was, "usable"));
}

/* A number of the page; NaN where it is not told. */
static double
number(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* What is not told makes the sums unknown. */
static void
add_load(struct drill_region *region, const json_t *told)
{
	double capacity = number(json_object_get(told, "max_running"));

	region->capacity += capacity;
	region->busy += capacity * number(json_object_get(told, "saturation"));
}

static void
take_endpoints(struct drill_watch *w, json_t *page)
{
	json_t *list = json_object_get(page, "endpoints"), *endpoint;
	double sum[DRILL_REGIONS] = {0};
	size_t known[DRILL_REGIONS] = {0}, i;

	for (i = 0; i < w->n; i++) {
		w->region[i].endpoints = w->region[i].up =
		    w->region[i].drained = 0;
		w->region[i].busy = w->region[i].capacity = 0;
	}
	json_array_foreach(list, i, endpoint)
	{
		struct drill_region *region =
		    region_of(w, command_text(endpoint, "region"));
		const json_t *told = json_object_get(endpoint, "load");
		const json_t *load = json_object_get(told, "saturation");

		if (w->looked)
			compare_endpoint(w, endpoint, i);
		if (region == NULL)
			continue;
		region->endpoints++;
		region->up += is_up(endpoint);
		region->drained +=
		    strcmp(command_text(endpoint, "usable"), "drained") == 0;
		if (is_up(endpoint))
			add_load(region, told);
		if (!json_is_number(load))
			continue;
		sum[region - w->region] += json_number_value(load);
		known[region - w->region]++;
	}
	for (i = 0; i < w->n; i++) {
		struct drill_region *region = &w->region[i];

		region->load = known[i] > 0 ? sum[i] / (double)known[i] : NAN;
		if (w->phase == DRILL_DURING && !isnan(region->load) &&
		    !(region->peak >= region->load))
			region->peak = region->load;
	}
	json_decref(w->endpoints);
	w->endpoints = json_incref(list);
}

static void
take_outlook(struct drill_watch *w, const json_t *page)
{
	const json_t *list = json_object_get(page, "outlook"), *service;
	size_t i;

	w->last_resorts = 0;
	json_array_foreach(list, i, service)
	{
		if (strcmp(command_text(service, "state"), "last-resort") != 0)
			continue;
		w->last_resorts++;
		(void)snprintf(w->worst, sizeof(w->worst), "%s",
		    command_text(service, "service"));
	}
}

int
drill_watch_look(struct drill_watch *w)
{
	char *body;
	json_t *page;

	fetch_hurry(w->fetch, PATIENCE_MS);
	w->trouble[0] = '\0';
	body = fetch_get(w->fetch, PAGE, NULL, 0, w->trouble);
	if (body == NULL)
		return -1;
	page = json_loads(body, 0, NULL);
	free(body);
	if (!json_is_array(json_object_get(page, "endpoints"))) {
		(void)snprintf(w->trouble, sizeof(w->trouble),
		    "what answers there is no meridiand");
		json_decref(page);
		return -1;
	}
	count_answers(w, page);
	take_endpoints(w, page);
	take_outlook(w, page);
	json_decref(page);
	w->looked = true;
	w->seen_ms = w->ended_ms[w->phase] = clock_mono_ms();
	return 0;
}

/* A region that is not drained and above the limit. */
static bool
is_full(const struct drill_region *region, double limit, char why[DRILL_TEXT])
{
	if (region->drilled || !(region->load > limit))
		return false;
	(void)snprintf(why, DRILL_TEXT,
	    "region %s has a load of %.0f%%, and the limit is %.0f%%",
	    region->name, region->load * 100, limit * 100);
	return true;
}

bool
drill_watch_full(
    const struct drill_watch *w, double limit, char why[DRILL_TEXT])
{
	double busy = 0, capacity = 0, drained = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct drill_region *region = &w->region[i];

		if (is_full(region, limit, why))
			return true;
		busy += region->busy;
		if (region->drilled)
			drained += region->busy;
		else
			capacity += region->capacity;
	}
	if (!(drained > 0) || !(capacity > 0) || !(busy > limit * capacity))
		return false;
	(void)snprintf(why, DRILL_TEXT,
	    "the others would have a load of %.0f%% on average, and the limit "
	    "is %.0f%%",
	    busy / capacity * 100, limit * 100);
	return true;
}

bool
drill_watch_breach(
    const struct drill_watch *w, double limit, char why[DRILL_TEXT])
{
	if (w->last_resorts > w->before_last_resorts) {
		(void)snprintf(why, DRILL_TEXT,
		    "%s has nothing left but its last resort", w->worst);
		return true;
	}
	for (size_t i = 0; i < w->n; i++) {
		const struct drill_region *region = &w->region[i];

		if (region->drilled)
			continue;
		if (region->was_up && region->up + region->drained == 0) {
			(void)snprintf(why, DRILL_TEXT,
			    "region %s has nothing up any more", region->name);
			return true;
		}
		if (is_full(region, limit, why))
			return true;
	}
	return false;
}

bool
drill_watch_has(const struct drill_region *region)
{
	return region->endpoints > 0 || region->answered[DRILL_BEFORE] > 0 ||
	    region->answered[DRILL_DURING] > 0 ||
	    region->answered[DRILL_AFTER] > 0;
}

double
drill_watch_rate(const struct drill_watch *w, const struct drill_region *region,
    enum drill_phase phase)
{
	int64_t ms = w->ended_ms[phase] - w->began_ms[phase];

	return ms > 0 ? (double)region->answered[phase] * 1000 / (double)ms : 0;
}
