/*
 * What the queries for lists have in common: where a list goes on, how many
 * items, and of which service; and what such a page begins with.
 */
#ifndef NODE_PAGE_QUERY_H
#define NODE_PAGE_QUERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "node/page.h"

/* Items of a list that one page has at most. */
#define PAGE_QUERY_LIMIT 1000

/* Numbers in pages: six digits are more than anybody reads of a rate. */
#define PAGE_QUERY_JSON \
	(JSON_PRESERVE_ORDER | JSON_COMPACT | JSON_REAL_PRECISION(6))

/* value = page_query_value(query, key): the argument, NULL when it is not
 * there; it lives as long as ${query}. */
const char *page_query_value(const struct http_query *query, const char *key);

/*
 * status = page_query_number(page, query, key, least, most, out): the argument
 * ${key}, a number from ${least} to ${most}; ${out} stays as it is when it is
 * not there.  HTTP_OK, or another status of a page that refused it.
 */
unsigned page_query_number(struct page *page, const struct http_query *query,
    const char *key, uint64_t least, uint64_t most, uint64_t *out);

/* page_query_head(page, out): append "{" and the members that all such pages
 * begin with: now_ms, window_ms, health. */
void page_query_head(const struct page *page, struct text *out);

/* rate = page_query_rate(page, rate): as JSON, null while none is known. */
json_t *page_query_rate(const struct page *page, double rate);

#endif
