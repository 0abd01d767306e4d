/*
 * Reads what meridianctl top shows, page by page.  Called once for each look;
 * keeps nothing.
 */
#include "ctl/top_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Services of a page, the most it gives, and pages: nobody scrolls further. */
#define LIMIT "1000"
#define PAGES 100

/* More events than a tall terminal has lines. */
#define EVENTS "100"

static json_t *
read_page(struct fetch *fetch, const char *path,
    const struct fetch_argument *arguments, size_t n, char why[FETCH_WHY])
{
	char *body = fetch_get(fetch, path, arguments, n, why);
	json_t *page;

	if (body == NULL)
		return NULL;
	page = json_loads(body, 0, NULL);
	free(body);
	if (json_is_object(page) && json_object_get(page, "now_ms") != NULL)
		return page;
	snprintf(why, FETCH_WHY, "%s is no page of meridiand", path);
	json_decref(page);
	return NULL;
}

/* All services, however many pages they take, with the head of the first. */
static json_t *
read_services(struct fetch *fetch, char why[FETCH_WHY])
{
	struct fetch_argument arguments[] = {{"limit", LIMIT}, {"after", NULL}};
	json_t *all = NULL, *page;
	char after[1024];

	for (int i = 0; i < PAGES; i++) {
		const char *next;

		page = read_page(fetch, "/api/v1/services", arguments, 2, why);
		if (page == NULL) {
			json_decref(all);
			return NULL;
		}
		next = json_string_value(json_object_get(page, "next"));
		snprintf(after, sizeof(after), "%s", next != NULL ? next : "");
		if (all == NULL)
			all = json_incref(page);
		else
			json_array_extend(json_object_get(all, "services"),
			    json_object_get(page, "services"));
		json_decref(page);
		if (after[0] == '\0')
			break;
		arguments[1].value = after;
	}
	json_object_del(all, "next");
	return all;
}

json_t *
top_read(struct fetch *fetch, char why[FETCH_WHY])
{
	static const struct fetch_argument events[] = {{"limit", EVENTS}};
	static const struct {
		const char *path, *list;
		const struct fetch_argument *arguments;
		size_t n;
	} pages[] = {
	    {"/api/v1/regions", "regions", NULL, 0},
	    {"/api/v1/vantages", "vantages", NULL, 0},
	    {"/api/v1/overrides", "overrides", NULL, 0},
	    {"/api/v1/events", "events", events, 1},
	};
	json_t *root = read_services(fetch, why);

	for (size_t i = 0; root != NULL && i < sizeof(pages) / sizeof(*pages);
	     i++) {
		json_t *page = read_page(
		    fetch, pages[i].path, pages[i].arguments, pages[i].n, why);

		if (page == NULL) {
			json_decref(root);
			return NULL;
		}
		json_object_set(
		    root, pages[i].list, json_object_get(page, pages[i].list));
		json_decref(page);
	}
	return root;
}
