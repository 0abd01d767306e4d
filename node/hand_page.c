/*
 * Writes the pages of overrides and of vantages, of the same items as the
 * status.  Called in the thread of the pages.
 */
#include "node/hand_page.h"

#include "node/laid_page.h"
#include "node/page_json.h"
#include "node/page_query.h"
#include "node/status_items.h"

static size_t
write_overrides_head(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_query_head(page, out);
	return PAGE_PART_ENDS;
}

static size_t
write_end(struct page *page, size_t item, struct text *out)
{
	(void)page;
	(void)item;
	text_add(out, "}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const overrides_parts[])(
    struct page *, size_t, struct text *) = {
    write_overrides_head,
    laid_page_overrides,
    laid_page_ramps,
    laid_page_keeps,
    write_end,
};

const struct page_kind overrides_page = {
    .parts = overrides_parts,
    .n_parts = sizeof(overrides_parts) / sizeof(overrides_parts[0]),
};

static size_t
write_vantages_head(struct page *page, size_t item, struct text *out)
{
	const struct health_report *h = &page->view.health;

	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"stale\":%s,\"trouble\":",
	    page_is_stale(page) ? "true" : "false");
	page_json_add(out,
	    h->trouble[0] != '\0' ? page_json_string(h->trouble) : json_null(),
	    JSON_ENCODE_ANY);
	text_add(out, ",\"vantages\":[");
	return PAGE_PART_ENDS;
}

static size_t
write_vantages(struct page *page, size_t i, struct text *out)
{
	const struct vantages *v = page->view.health.vantages;
	size_t n = v != NULL ? v->n : 0;

	for (; i < n && !page_full(out); i++) {
		text_add(out, i > 0 ? ",\n" : "\n");
		page_json_add(out, status_item_vantage(&v->of[i], page->now_ms),
		    PAGE_QUERY_JSON);
	}
	if (i < n)
		return i;
	text_add(out, "]");
	return PAGE_PART_ENDS;
}

static size_t (*const vantages_parts[])(
    struct page *, size_t, struct text *) = {
    write_vantages_head,
    write_vantages,
    write_end,
};

const struct page_kind vantages_page = {
    .parts = vantages_parts,
    .n_parts = sizeof(vantages_parts) / sizeof(vantages_parts[0]),
};
