/*
 * The services of a page, sorted by name, from where the query wants them and
 * as many as it wants, each with the counters of its answers.
 */
#ifndef NODE_SERVICE_LIST_H
#define NODE_SERVICE_LIST_H

#include <stddef.h>

#include "dns/wire/name.h"
#include "node/page.h"

struct service_entry {
	const struct policy_zone *zone;
	const struct policy_service *service;
	size_t number; /* of all, zone by zone: of served->since_ms */
};

struct service_list {
	struct service_entry *entry; /* by name */
	size_t n;
	size_t first, end; /* those that the page is of */
	bool one;          /* the query names it */
};

/*
 * status = service_list_make(page, query, limit, list): the services that
 * ${query} wants by its "service", "after" and "limit", ${limit} of them unless
 * it says; the slots of ${page} are sorted too.  HTTP_OK, or another status of
 * a page that refused it.  service_list_finish(list) is needed in any case.
 */
unsigned service_list_make(struct page *page, const struct http_query *query,
    uint64_t limit, struct service_list *list);
void service_list_finish(struct service_list *list);

/* slots = service_list_slots(page, service, n): its ${n} slots of page->slots,
 * which stand beside each other. */
const struct page_slot *service_list_slots(
    const struct page *page, const struct policy_service *service, size_t *n);

/* service_list_next(list, out): append the member "next" of the page. */
void service_list_next(const struct service_list *list, struct text *out);

#endif
