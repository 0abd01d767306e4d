/*
 * Writes the page of traffic.  Called in the thread of the pages.
 */
#include "node/traffic_page.h"

#include <stdlib.h>
#include <string.h>

#include "node/labels.h"
#include "node/page_json.h"
#include "node/page_query.h"
#include "node/service_list.h"
#include "node/traffic_rows.h"

/* Services of a page that does not say how many. */
#define LIMIT 100

struct work {
	struct service_list list;
	struct traffic_rows *rows; /* on the first page alone */
};

static unsigned
ask(struct page *page, const struct http_query *query)
{
	struct work *w = calloc(1, sizeof(*w));
	unsigned status;

	page->work = w;
	if (w == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	status = service_list_make(page, query, LIMIT, &w->list);
	if (status != HTTP_OK || page->source->traffic == NULL ||
	    page_query_value(query, "after") != NULL)
		return status;
	w->rows = traffic_rows_make(page->source->traffic,
	    w->list.one ? w->list.entry[w->list.first].service->name : NULL);
	return w->rows != NULL ? HTTP_OK
			       : page_refuse(page, HTTP_ERROR, "no memory");
}

static void
finish(struct page *page)
{
	struct work *w = page->work;

	if (w == NULL)
		return;
	service_list_finish(&w->list);
	traffic_rows_destroy(w->rows);
	free(w);
}

static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"answers_per_second\":");
	page_json_add(out, page_query_rate(page, page_rate(page->source)),
	    PAGE_QUERY_JSON | JSON_ENCODE_ANY);
	text_add(out, ",\"services\":[");
	return PAGE_PART_ENDS;
}

/* One service: its rate, and that of each region that answered for it. */
static json_t *
service_object(const struct page *page, const struct policy_service *service)
{
	json_t *regions = json_object();
	const struct page_slot *slots;
	char name[NAME_TEXT];
	double all = 0;
	size_t n;

	slots = service_list_slots(page, service, &n);
	for (size_t i = 0; i < n; i++) {
		const char *region = labels_region(slots[i].name.region);
		double rate = page_slot_rate(page, &slots[i], RATE_SHARE) +
		    page_slot_rate(page, &slots[i], RATE_RESORT);
		double before =
		    json_real_value(json_object_get(regions, region));

		all += rate;
		if (rate > 0)
			json_object_set_new(
			    regions, region, json_real(before + rate));
	}
	return json_pack("{ss so so}", "service",
	    labels_name(service->name, name), "answers_per_second",
	    page_query_rate(page, all), "regions", regions);
}

static size_t
write_services(struct page *page, size_t item, struct text *out)
{
	const struct service_list *list =
	    &((const struct work *)page->work)->list;
	size_t i = list->first + item;

	for (; i < list->end && !page_full(out); i++) {
		text_add(out, i > list->first ? ",\n" : "\n");
		page_json_add(out, service_object(page, list->entry[i].service),
		    PAGE_QUERY_JSON);
	}
	if (i < list->end)
		return i - list->first;
	text_add(out, "],\n\"countries\":");
	return PAGE_PART_ENDS;
}

/* Null while nothing is known of them. */
static size_t
write_countries(struct page *page, size_t i, struct text *out)
{
	const struct work *w = page->work;
	const struct traffic_look *look =
	    w->rows != NULL ? traffic_rows_look(w->rows) : NULL;
	size_t n;

	if (look == NULL || look->sample == 0 || look->window_ms <= 0) {
		text_add(out, "null");
		return PAGE_PART_ENDS;
	}
	n = traffic_rows_count(w->rows);
	if (i == 0)
		text_add(out,
		    "{\"sampled_one_in\":%u,\"age_ms\":%lld,"
		    "\"window_ms\":%lld,\"rows\":[",
		    look->sample, (long long)look->age_ms,
		    (long long)look->window_ms);
	for (; i < n && !page_full(out); i++) {
		text_add(out, i > 0 ? ",\n" : "\n");
		page_json_add(
		    out, traffic_rows_item(w->rows, i), PAGE_QUERY_JSON);
	}
	if (i < n)
		return i;
	text_add(out, "]}");
	return PAGE_PART_ENDS;
}

static size_t
write_end(struct page *page, size_t item, struct text *out)
{
	const struct work *w = page->work;

	(void)item;
	service_list_next(&w->list, out);
	text_add(out, "}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_services,
    write_countries,
    write_end,
};

const struct page_kind traffic_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
