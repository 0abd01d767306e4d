/*
 * Reads the arguments of queries for lists, and writes what those pages begin
 * with.  Called by the pages below /api/v1/; keeps nothing.
 */
#include "node/page_query.h"

#include <string.h>

#include "base/number.h"
#include "node/page_json.h"

const char *
page_query_value(const struct http_query *query, const char *key)
{
	return query->value(query->context, key);
}

unsigned
page_query_number(struct page *page, const struct http_query *query,
    const char *key, uint64_t least, uint64_t most, uint64_t *out)
{
	const char *text = page_query_value(query, key);
	uint64_t number;

	if (text == NULL)
		return HTTP_OK;
	if (number_parse(text, strlen(text), least, most, &number) != 0)
		return page_refuse(page, HTTP_BAD_REQUEST,
		    "%s is \"%.64s\": it has to be a number from %llu to %llu",
		    key, text, (unsigned long long)least,
		    (unsigned long long)most);
	*out = number;
	return HTTP_OK;
}

void
page_query_head(const struct page *page, struct text *out)
{
	const struct health_report *h = &page->view.health;
	int64_t window = rates_window_ms(page->source->rates);
	json_t *head = json_pack("{sI so s{so sb}}", "now_ms",
	    (json_int_t)page->wall_ms, "window_ms",
	    window > 0 ? json_integer(window) : json_null(), "health", "age_ms",
	    h->heard ? json_integer(page->now_ms - h->alive_ms) : json_null(),
	    "stale", (int)page_is_stale(page));

	page_json_add(out, head, JSON_PRESERVE_ORDER);
	/* The brace, for more members. */
	if (!out->failed)
		out->len--;
}

json_t *
page_query_rate(const struct page *page, double rate)
{
	return rates_window_ms(page->source->rates) > 0 ? json_real(rate)
							: json_null();
}
