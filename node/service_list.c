/*
 * Sorts services, and finds where a page of them begins and ends.  Called by
 * the pages of services and of traffic.
 */
#include "node/service_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/labels.h"
#include "node/page_json.h"
#include "node/page_query.h"

static int
by_name(const void *a, const void *b)
{
	const struct service_entry *x = a, *y = b;

	return strcasecmp(x->service->name, y->service->name);
}

static int
make_entries(struct page *page, struct service_list *list)
{
	const struct policy *policy = page->view.served->generation->policy;

	list->entry = calloc(policy->n_services + 1, sizeof(*list->entry));
	if (list->entry == NULL)
		return -1;
	for (size_t z = 0; z < policy->n_zones; z++) {
		const struct policy_zone *zone = &policy->zones[z];

		for (size_t k = 0; k < zone->n_services; k++) {
			list->entry[list->n] =
			    (struct service_entry){.zone = zone,
				.service = &zone->services[k],
				.number = list->n};
			list->n++;
		}
	}
	qsort(list->entry, list->n, sizeof(*list->entry), by_name);
	return 0;
}

/* The first entry whose name is not before ${name}, which has no last dot; with
 * ${past} the first that is after it. */
static size_t
find(const struct service_list *list, const char *name, bool past)
{
	size_t low = 0, high = list->n;
	char full[NAME_TEXT + 1];

	(void)snprintf(full, sizeof(full), "%s%s", name,
	    strcmp(name, ".") == 0 ? "" : ".");
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcasecmp(list->entry[middle].service->name, full);

		if (order < 0 || (past && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The one that the query names, in whatever case and with or without its last
 * dot. */
static unsigned
find_one(struct page *page, const char *name, struct service_list *list)
{
	char wanted[NAME_TEXT], text[NAME_TEXT];

	labels_name(name, wanted);
	list->one = true;
	list->first = find(list, wanted, false);
	list->end = list->first + 1;
	if (list->first < list->n &&
	    strcmp(labels_name(list->entry[list->first].service->name, text),
		wanted) == 0)
		return HTTP_OK;
	return page_refuse(
	    page, HTTP_NOT_FOUND, "no service has the name \"%.255s\"", name);
}

unsigned
service_list_make(struct page *page, const struct http_query *query,
    uint64_t limit, struct service_list *list)
{
	const char *one = page_query_value(query, "service");
	const char *after = page_query_value(query, "after");
	char name[NAME_TEXT];
	unsigned status = page_query_number(
	    page, query, "limit", 1, PAGE_QUERY_LIMIT, &limit);

	*list = (struct service_list){0};
	if (status != HTTP_OK)
		return status;
	if (page_sort_slots(page) != 0 || make_entries(page, list) != 0)
		return page_refuse(page, HTTP_ERROR, "no memory");
	if (one != NULL)
		return find_one(page, one, list);
	if (after != NULL)
		list->first = find(list, labels_name(after, name), true);
	list->end =
	    limit < list->n - list->first ? list->first + limit : list->n;
	return HTTP_OK;
}

void
service_list_finish(struct service_list *list)
{
	free(list->entry);
	list->entry = NULL;
}

const struct page_slot *
service_list_slots(
    const struct page *page, const struct policy_service *service, size_t *n)
{
	size_t low = 0, high = page->n_slots, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(page->slots[middle].name.service, service->name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < page->n_slots; end++)
		if (strcmp(page->slots[end].name.service, service->name) != 0)
			break;
	*n = end - low;
	return &page->slots[low];
}

void
service_list_next(const struct service_list *list, struct text *out)
{
	char name[NAME_TEXT];

	text_add(out, ",\"next\":");
	if (list->one || list->end >= list->n)
		text_add(out, "null");
	else
		page_json_add(out,
		    json_string(labels_name(
			list->entry[list->end - 1].service->name, name)),
		    JSON_ENCODE_ANY);
}
