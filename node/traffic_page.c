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

/* Services of a page that does not say how many. */
#define LIMIT 100

static unsigned
ask(struct page *page, const struct http_query *query)
{
	page->work = calloc(1, sizeof(struct service_list));
	if (page->work == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	return service_list_make(page, query, LIMIT, page->work);
}

static void
finish(struct page *page)
{
	if (page->work != NULL)
		service_list_finish(page->work);
	free(page->work);
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
	const struct service_list *list = page->work;
	size_t i = list->first + item;

	for (; i < list->end && !page_full(out); i++) {
		text_add(out, i > list->first ? ",\n" : "\n");
		page_json_add(out, service_object(page, list->entry[i].service),
		    PAGE_QUERY_JSON);
	}
	if (i < list->end)
		return i - list->first;
	text_add(out, "],\n\"countries\":null");
	service_list_next(list, out);
	text_add(out, "}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_services,
};

const struct page_kind traffic_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
