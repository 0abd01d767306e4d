/*
 * Writes how the last reload went, and up to which override answers go by what
 * was said.  Called in the thread of the pages.
 */
#include "node/reload_page.h"

#include <unistd.h>

#include "base/clock.h"
#include "node/page_json.h"

json_t *
reload_page_object(const struct reload_report *r, bool messages)
{
	char when[CLOCK_TEXT];

	return json_pack("{sI sI sb sb sb ss sI sI sI sI sb so}", "done",
	    (json_int_t)r->done, "failed", (json_int_t)r->failed, "under_way",
	    r->under_way, "ok", r->ok, "adopted", r->adopted, "at",
	    clock_format(r->at_ms, when), "took_ms", (json_int_t)r->took_ms,
	    "zones_read", (json_int_t)r->zones_read, "zones_unchanged",
	    (json_int_t)r->zones_kept, "zones_held", (json_int_t)r->zones_held,
	    "geography_unchanged", r->geography_kept, "messages",
	    messages ? page_json_string(r->messages.text) : json_null());
}

/* Messages may be long: they are left out until there are new ones. */
static size_t
write_all(struct page *page, size_t item, struct text *out)
{
	const struct reload_report *r = &page->view.reload;
	char when[CLOCK_TEXT];

	(void)item;
	page_json_add(out,
	    json_pack("{si ss sI so}", "pid", (int)getpid(), "started",
		clock_format(page->view.started_ms, when), "override",
		(json_int_t)page->view.health.said, "reload",
		reload_page_object(r, !r->under_way)),
	    JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	text_add(out, "\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_all,
};

const struct page_kind reload_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
