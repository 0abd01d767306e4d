/*
 * Writes the page of events.  Called in the thread of the pages.
 */
#include "node/events_page.h"

#include <stdlib.h>

#include "node/events.h"
#include "node/laid_page.h"
#include "node/page_json.h"
#include "node/page_query.h"

/* Events of a page that does not say how many. */
#define LIMIT 100

struct work {
	struct state_event *event;
	size_t n;
	struct state_override *hand; /* NULL: it was told with the newest */
	size_t n_hand;
	uint64_t limit, last;
};

json_t *
events_page_item(const struct state_event *e)
{
	return json_pack("{sI sI so so so so ss ss so}", "sequence",
	    (json_int_t)e->sequence, "at_ms", (json_int_t)e->at_ms, "vantage",
	    page_json_string(e->vantage), "zone", page_json_string(e->zone),
	    "pool", page_json_string(e->pool), "endpoint",
	    page_json_string(e->endpoint), "before",
	    state_health_name(e->before), "after", state_health_name(e->after),
	    "reason", page_json_string(e->reason));
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	struct events *events = loads_events(page->source->loads);
	uint64_t since = 0, before = UINT64_MAX;
	struct work *w = calloc(1, sizeof(*w));
	unsigned status;

	page->work = w;
	if (w == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	w->limit = LIMIT;
	status = page_query_number(
	    page, query, "limit", 1, PAGE_QUERY_LIMIT, &w->limit);
	if (status == HTTP_OK)
		status = page_query_number(
		    page, query, "since", 0, INT64_MAX, &since);
	if (status == HTTP_OK)
		status = page_query_number(
		    page, query, "after", 0, INT64_MAX, &before);
	if (status != HTTP_OK)
		return status;
	/* One more tells whether there is a next page. */
	w->event = calloc(w->limit + 1, sizeof(*w->event));
	if (w->event == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	if (before == UINT64_MAX) {
		w->hand = calloc(HAND_LIST_KEPT, sizeof(*w->hand));
		if (w->hand == NULL)
			return page_refuse(page, HTTP_ERROR, "no memory");
		w->n_hand =
		    hand_list_copy(loads_hand(page->source->loads), w->hand);
	}
	w->last = events_last(events);
	w->n = events_copy(events, since, before, w->event, w->limit + 1);
	return HTTP_OK;
}

static void
finish(struct page *page)
{
	struct work *w = page->work;

	if (w != NULL) {
		free(w->event);
		free(w->hand);
	}
	free(w);
}

static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	const struct work *w = page->work;

	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"last\":%llu,\"hand\":[", (unsigned long long)w->last);
	return PAGE_PART_ENDS;
}

static size_t
write_hand(struct page *page, size_t i, struct text *out)
{
	const struct work *w = page->work;

	for (; i < w->n_hand && !page_full(out); i++) {
		text_add(out, i > 0 ? ",\n" : "\n");
		page_json_add(out,
		    laid_page_object(TABLE_OVERRIDE, &w->hand[i]),
		    PAGE_QUERY_JSON);
	}
	if (i < w->n_hand)
		return i;
	text_add(out, "],\"events\":[");
	return PAGE_PART_ENDS;
}

static size_t
write_events(struct page *page, size_t i, struct text *out)
{
	const struct work *w = page->work;
	size_t n = w->n > w->limit ? w->limit : w->n;

	for (; i < n && !page_full(out); i++) {
		text_add(out, i > 0 ? ",\n" : "\n");
		page_json_add(
		    out, events_page_item(&w->event[i]), PAGE_QUERY_JSON);
	}
	if (i < n)
		return i;
	if (w->n > w->limit)
		text_add(out, "],\"next\":\"%llu\"}\n",
		    (unsigned long long)w->event[n - 1].sequence);
	else
		text_add(out, "],\"next\":null}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_hand,
    write_events,
};

const struct page_kind events_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
