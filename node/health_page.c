/*
 * Writes the one line of /healthz.  Called in the thread of the pages.
 */
#include "node/health_page.h"

/* Services that give some of their clients the last resort. */
static size_t
on_last_resort(const struct served *served)
{
	const struct policy *policy = served->generation->policy;
	size_t n = 0;

	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t s = 0; s < policy->zones[z].n_services; s++) {
			struct outlook_service outlook;

			outlook_service(served->outlook,
			    &policy->zones[z].services[s], &outlook);
			n += outlook.state == OUTLOOK_LAST_RESORT;
		}
	return n;
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	(void)query;
	return page->view.server != NULL ? 200 : 503;
}

static size_t
write_line(struct page *page, size_t item, struct text *out)
{
	const struct view *view = &page->view;
	size_t resorts;

	(void)item;
	if (view->server == NULL) {
		text_add(out, "not serving yet: the first health is awaited\n");
		return PAGE_PART_ENDS;
	}
	text_add(out, "ok");
	if (view->health.trouble[0] != '\0')
		text_add(out, "; state database: %s", view->health.trouble);
	if (!room_writable(view->health.room.state))
		text_add(out, "; state database: %s",
		    room_words(view->health.room.state));
	if (page_is_stale(page))
		text_add(out, "; health is stale");
	resorts = on_last_resort(view->served);
	if (resorts > 0)
		text_add(out, "; services on their last resort: %zu", resorts);
	if (!view->reload.ok)
		text_add(out, "; the last load had errors");
	text_add(out, "\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_line,
};

const struct page_kind health_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
