/*
 * Answers a query for an explanation, from what is served.  Called in the
 * thread of the pages.
 */
#include "node/explain_page.h"

#include <unistd.h>

#include "base/clock.h"
#include "node/explain.h"
#include "node/page_json.h"
#include "node/status_page.h"

static const char *
value_of(const struct http_query *query, const char *key)
{
	return query->value(query->context, key);
}

/* Where the answer comes from. */
static json_t *
source_object(const struct page *page)
{
	const struct generation *g = page->view.served->generation;
	char when[CLOCK_TEXT];

	return json_pack("{ss si so so}", "source", "server", "pid",
	    (int)getpid(), "loaded",
	    page_json_string(clock_format(g->loaded_ms, when)), "health",
	    status_page_health(page));
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	const struct served *served = page->view.served;
	const struct explain_words words = {.name = value_of(query, "name"),
	    .type = value_of(query, "type"),
	    .client = value_of(query, "client"),
	    .resolver = value_of(query, "resolver")};
	struct explain_question question;
	char why[EXPLAIN_WHY];

	if (explain_question_read(&words, &question, why) != 0) {
		page->answer =
		    json_pack("{so}", "error", page_json_string(why));
		return HTTP_BAD_REQUEST;
	}
	page->answer = source_object(page);
	return explain_answer(
		   served->generation, served->live, &question, page->answer)
	    ? HTTP_OK
	    : HTTP_NOT_FOUND;
}

static size_t
write_all(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_json_add(out, json_incref(page->answer),
	    JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	text_add(out, "\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_all,
};

const struct page_kind explain_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
