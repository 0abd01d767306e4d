/*
 * Writes the page of services, item by item.  Called in the thread of the
 * pages.
 */
#include "node/services_page.h"

#include <stdlib.h>

#include "node/page_json.h"
#include "node/page_query.h"
#include "node/service_item.h"
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
	const struct service_list *list = page->work;

	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"total\":%zu,\"answers_per_second\":", list->n);
	page_json_add(out, page_query_rate(page, page_rate(page->source)),
	    PAGE_QUERY_JSON | JSON_ENCODE_ANY);
	text_add(out, ",\"services\":[");
	return PAGE_PART_ENDS;
}

static size_t
write_services(struct page *page, size_t item, struct text *out)
{
	const struct service_list *list = page->work;
	size_t i = list->first + item;

	for (; i < list->end && !page_full(out); i++) {
		text_add(out, i > list->first ? ",\n" : "\n");
		page_json_add(out,
		    service_item(page, &list->entry[i], list->one),
		    PAGE_QUERY_JSON);
	}
	if (i < list->end)
		return i - list->first;
	text_add(out, "]");
	service_list_next(list, out);
	text_add(out, "}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_services,
};

const struct page_kind services_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
