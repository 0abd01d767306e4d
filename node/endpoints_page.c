/*
 * Picks endpoints and writes their items.  Called in the thread of the pages.
 */
#include "node/endpoints_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/page_json.h"
#include "node/page_query.h"
#include "node/service_list.h"
#include "node/status_items.h"

/* Endpoints of a page that does not say how many; and that it looks at. */
#define LIMIT 200
#define LOOKS 10000
/* "60000:zone/pool/endpoint" */
#define CURSOR (STATE_ZONE + 2 * STATE_NAME + 16)

struct wanted {
	/* Each "" or NULL: any. */
	char zone[STATE_ZONE], pool[STATE_NAME], region[STATE_NAME];
	char usable[16];
	/* Pools of the service, in its zone; 0: of any. */
	const char *service_zone;
	const char *service_pool[STEERING_MAX_SPLIT * STEERING_MAX_PATHS];
	size_t n_pools;
	size_t next; /* the endpoint that is looked at next */
	size_t end;  /* none is from here on */
	uint64_t left;
	bool any; /* was written */
};

/* The pools of ${service}, at most STEERING_MAX_DEPTH deep. */
static void
add_pools(struct wanted *w, const struct policy_service *service)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		for (unsigned k = 0; k <= member->n_alternates; k++) {
			const struct policy_pool *pool =
			    policy_chosen(service, m, k);

			if (pool->nested != NULL)
				add_pools(w, pool->nested);
			else if (w->n_pools < sizeof(w->service_pool) /
				sizeof(w->service_pool[0]))
				w->service_pool[w->n_pools++] = pool->name;
		}
	}
}

static unsigned
read_service(
    struct page *page, const struct http_query *query, struct wanted *w)
{
	struct service_list list;
	unsigned status;

	if (page_query_value(query, "service") == NULL)
		return HTTP_OK;
	status = service_list_make(page, query, LIMIT, &list);
	if (status == HTTP_OK) {
		w->service_zone = list.entry[list.first].zone->name;
		add_pools(w, list.entry[list.first].service);
	}
	service_list_finish(&list);
	return status;
}

static void
write_cursor(const struct page *page, size_t i, char out[CURSOR])
{
	const struct endpoint_key *key =
	    &page->view.served->generation->policy->endpoints[i].key;

	(void)snprintf(out, CURSOR, "%zu:%s/%s/%s", i, key->zone, key->pool,
	    key->endpoint);
}

/* The endpoint after the one of a cursor: files may have changed since, so that
 * it has another number; one that is gone leaves its place. */
static size_t
find_after(const struct page *page, const char *cursor)
{
	size_t n = page->view.served->generation->policy->n_endpoints;
	const char *key = strchr(cursor, ':');
	size_t was = (size_t)strtoul(cursor, NULL, 10);
	char text[CURSOR];

	if (was < n) {
		write_cursor(page, was, text);
		if (strcmp(text, cursor) == 0)
			return was + 1;
	}
	for (size_t i = 0; key != NULL && i < n; i++) {
		write_cursor(page, i, text);
		if (strcmp(strchr(text, ':'), key) == 0)
			return i + 1;
	}
	return was < n ? was : n;
}

/* A number and a colon: what write_cursor() makes. */
static bool
is_cursor(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && text[digits] == ':';
}

static bool
is_zone(const struct generation *g, const char *name)
{
	for (size_t z = 0; z < g->n_zones; z++)
		if (strcmp(g->config->zones[z].name, name) == 0)
			return true;
	return false;
}

static bool
is_pool(const struct generation *g, const char *name)
{
	for (size_t z = 0; z < g->n_zones; z++) {
		const struct steering_config *c = g->steering[z];

		for (size_t i = 0; c != NULL && i < c->n_pools; i++)
			if (strcmp(c->pools[i].name, name) == 0)
				return true;
	}
	return false;
}

static bool
is_region(const struct generation *g, const char *name)
{
	for (size_t i = 0; i < g->policy->n_regions; i++)
		if (strcmp(g->policy->regions[i].name, name) == 0)
			return true;
	return false;
}

static bool
is_usable(const struct generation *g, const char *word)
{
	(void)g;
	for (int i = USABLE_DRAINED; i <= USABLE_YES; i++)
		if (strcmp(status_item_usable(i), word) == 0)
			return true;
	return false;
}

/* Filters, and whether there is what they name. */
static const struct {
	const char *key;
	bool (*is_there)(const struct generation *g, const char *value);
	unsigned status;
	const char *fault;
} filters[] = {
    {"zone", is_zone, HTTP_NOT_FOUND, "no zone has the name"},
    {"pool", is_pool, HTTP_NOT_FOUND, "no pool has the name"},
    {"region", is_region, HTTP_NOT_FOUND, "no region has the name"},
    {"usable", is_usable, HTTP_BAD_REQUEST,
	"usable has to be up, down, drained or unchecked, not"},
};

static unsigned
check_filters(struct page *page, const struct http_query *query)
{
	const struct generation *g = page->view.served->generation;
	const char *after = page_query_value(query, "after");

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		const char *value = page_query_value(query, filters[i].key);

		if (value != NULL && value[0] != '\0' &&
		    !filters[i].is_there(g, value))
			return page_refuse(page, filters[i].status,
			    "%s \"%.255s\"", filters[i].fault, value);
	}
	return after == NULL || is_cursor(after)
	    ? HTTP_OK
	    : page_refuse(page, HTTP_BAD_REQUEST,
		  "after is \"%.64s\": it has to be what next said", after);
}

static void
read_text(const struct http_query *query, const char *key, char *out, size_t n)
{
	const char *value = page_query_value(query, key);

	(void)snprintf(out, n, "%s", value != NULL ? value : "");
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	size_t n = page->view.served->generation->policy->n_endpoints;
	const char *after = page_query_value(query, "after");
	struct wanted *w = calloc(1, sizeof(*w));
	unsigned status;

	page->work = w;
	if (w == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	read_text(query, "zone", w->zone, sizeof(w->zone));
	read_text(query, "pool", w->pool, sizeof(w->pool));
	read_text(query, "region", w->region, sizeof(w->region));
	read_text(query, "usable", w->usable, sizeof(w->usable));
	w->left = LIMIT;
	status = page_query_number(
	    page, query, "limit", 1, PAGE_QUERY_LIMIT, &w->left);
	if (status == HTTP_OK)
		status = check_filters(page, query);
	if (status == HTTP_OK)
		status = read_service(page, query, w);
	w->next = after != NULL ? find_after(page, after) : 0;
	w->end = n - w->next > LOOKS ? w->next + LOOKS : n;
	return status;
}

static void
finish(struct page *page)
{
	free(page->work);
}

static bool
is_any(const char *wanted, const char *is)
{
	return wanted[0] == '\0' || strcmp(wanted, is) == 0;
}

static bool
is_wanted(const struct page *page, const struct wanted *w, size_t i)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct policy_endpoint *e = &policy->endpoints[i];

	if (!is_any(w->zone, e->key.zone) || !is_any(w->pool, e->key.pool) ||
	    !is_any(w->region, policy->regions[e->region].name) ||
	    !is_any(w->usable,
		status_item_usable(live_told(page->view.served->live, i))))
		return false;
	if (w->service_zone == NULL)
		return true;
	if (strcmp(w->service_zone, e->key.zone) != 0)
		return false;
	for (size_t k = 0; k < w->n_pools; k++)
		if (strcmp(w->service_pool[k], e->key.pool) == 0)
			return true;
	return false;
}

static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"endpoints\":[");
	return PAGE_PART_ENDS;
}

static size_t
write_endpoints(struct page *page, size_t item, struct text *out)
{
	const struct served *served = page->view.served;
	const struct policy *policy = served->generation->policy;
	const struct loads_look look = page_look(page);
	struct wanted *w = page->work;
	char cursor[CURSOR];

	for (; w->next < w->end && w->left > 0 && !page_full(out); w->next++) {
		if (!is_wanted(page, w, w->next))
			continue;
		text_add(out, w->any ? ",\n" : "\n");
		page_json_add(out,
		    status_item_endpoint(policy, served->live, &look, w->next),
		    PAGE_QUERY_JSON);
		w->any = true;
		w->left--;
	}
	if (w->next < w->end && w->left > 0)
		return item;
	text_add(out, "],\"next\":");
	if (w->next >= policy->n_endpoints) {
		text_add(out, "null}\n");
		return PAGE_PART_ENDS;
	}
	write_cursor(page, w->next - 1, cursor);
	page_json_add(out, json_string(cursor), JSON_ENCODE_ANY);
	text_add(out, "}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_endpoints,
};

const struct page_kind endpoints_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
