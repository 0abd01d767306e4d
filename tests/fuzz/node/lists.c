/*
 * Fuzz target: any octets as the query of a list below /api/v1: the first line
 * says which list, each other line is KEY=VALUE.  What comes is JSON, whole, in
 * pieces of the size they should have; what is refused says why; and whoever
 * follows `next` to the end gets no item twice, in the order that is promised.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "node/endpoints_page.h"
#include "node/events_page.h"
#include "node/page_query.h"
#include "node/regions_page.h"
#include "node/services_page.h"
#include "node/traffic_page.h"

/* Beyond which a piece goes with its last item, at most. */
#define SLACK 8192
#define BODY_MAX ((size_t)16 << 20)
#define MAX_KEYS 8

/* Of the node that is asked: each list has more than one item. */
#define POOLS 9
#define EVENTS 30

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct list {
	const char *name;
	const struct page_kind *kind;
	const char *items, *key; /* of the page, and of an item */
	size_t most;             /* items that there are */
} lists[] = {
    {"services", &services_page, "services", "service", POOLS + 2},
    {"traffic", &traffic_page, "services", "service", POOLS + 2},
    {"endpoints", &endpoints_page, "endpoints", "endpoint", 2 * POOLS},
    {"events", &events_page, "events", "sequence", EVENTS},
    {"regions", &regions_page, "regions", "region", 2},
};

/* What is asked. */
struct asked {
	const char *key[MAX_KEYS], *value[MAX_KEYS];
	size_t n;
};

static struct page_source source;
static char folder[] = "/tmp/meridian-lists-XXXXXX";

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* --- a node --- */

static void
write_file(const char *name, const char *text)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	require(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void
remove_files(void)
{
	static const char *const names[] = {"m.yaml", "a.yaml", "a.zone"};
	char path[96];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

/* Services of a pool each, a nested one, and a wildcard. */
static void
write_steering(void)
{
	struct text t;

	text_init(&t, BODY_MAX);
	text_add(&t, "regions: {a: {at: [1, 2]}, B.b: {at: [3, 4]}}\npools:\n");
	for (int i = 0; i < POOLS; i++)
		text_add(&t,
		    "  p%d:\n    endpoints:\n"
		    "      - {name: x, region: a, address: 192.0.2.1}\n"
		    "      - {name: y, region: B.b, address: 192.0.2.2}\n",
		    i);
	text_add(&t, "services:\n");
	for (int i = 0; i < POOLS; i++)
		text_add(&t, "  S%d: {pool: p%d}\n", i, i);
	text_add(&t, "  \"*.s\": {pool: p0}\n  \"@\": {pool: p1}\n");
	write_file("a.yaml", t.data);
	text_finish(&t);
}

static void
say_events(void)
{
	struct events *events = loads_events(source.loads);

	events_begin(events, true);
	for (uint64_t i = 1; i <= EVENTS; i++) {
		struct state_event row = {.sequence = 3 * i};

		events_take(events, &row);
	}
	events_commit(events);
}

/* Once: it is the same for all that is asked. */
static void
start(void)
{
	struct policy_outcomes slots = {
	    .begin = outcomes_begin, .slot = outcomes_slot};
	struct errbuf *eb = malloc(sizeof(*eb));
	struct generation *g;
	char path[96];

	require(eb != NULL && mkdtemp(folder) != NULL);
	write_file("m.yaml",
	    "listen: [127.0.0.1:53]\ngeo: none\nzones:\n"
	    "  - {name: a.example, records: a.zone, steering: a.yaml}\n");
	write_file("a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	write_steering();
	source.board = board_create();
	source.outcomes = outcomes_create(COUNTER_OUTCOMES, COUNTER_CELLS);
	source.loads = loads_create();
	source.sum = calloc(1, sizeof(*source.sum));
	slots.context = source.outcomes;
	errbuf_init(eb);
	snprintf(path, sizeof(path), "%s/m.yaml", folder);
	g = generation_load(path, &slots, NULL, eb);
	remove_files();
	require(g != NULL);
	board_show_served(
	    source.board, served_create(g, live_create(g->policy)), 1);
	free(eb);
	say_events();
}

/* --- a client --- */

static const char *
value_of(void *context, const char *key)
{
	const struct asked *asked = context;

	for (size_t i = 0; i < asked->n; i++)
		if (strcmp(asked->key[i], key) == 0)
			return asked->value[i];
	return NULL;
}

static json_t *
get(const struct list *list, struct asked *asked, unsigned *status)
{
	const struct http_query query = {.value = value_of, .context = asked};
	struct page *page;
	struct text whole, piece;
	json_t *root;

	*status = HTTP_OK;
	page = page_open(&source, list->kind, &query, status);
	require(page != NULL);
	text_init(&whole, BODY_MAX);
	text_init(&piece, BODY_MAX);
	do {
		piece.len = 0;
		page_more(page, &piece);
		require(!piece.failed && piece.len <= PAGE_PIECE + SLACK);
		text_bytes(&whole, piece.data, piece.len);
	} while (piece.len > 0);
	page_close(page);
	root = json_loads(whole.data, JSON_REJECT_DUPLICATES, NULL);
	require(root != NULL);
	text_finish(&whole);
	text_finish(&piece);
	return root;
}

/* Is ${b}, which came after ${a}, after it in the order of the list? */
static bool
in_order(const json_t *a, const json_t *b)
{
	if (json_is_integer(a))
		return json_integer_value(a) > json_integer_value(b);
	/* Names of services; endpoints have those of others too. */
	return strcasecmp(json_string_value(a), json_string_value(b)) < 0;
}

static void
check_order(const struct list *list, json_t *items, json_t **last)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		json_t *key = json_object_get(item, list->key);

		require(key != NULL);
		if (*last != NULL && list->kind != &endpoints_page &&
		    list->kind != &regions_page)
			require(in_order(*last, key));
		json_decref(*last);
		*last = json_incref(key);
	}
}

/* The first page and, while it has a next one, those. */
static void
follow(const struct list *list, struct asked *asked)
{
	json_t *root = NULL, *last = NULL, *next;
	size_t items = 0, pages = 0;
	unsigned status;

	do {
		json_t *page = get(list, asked, &status);

		json_decref(root);
		root = page;
		if (status != HTTP_OK)
			break;
		check_order(list, json_object_get(root, list->items), &last);
		items += json_array_size(json_object_get(root, list->items));
		next = json_object_get(root, "next");
		/* The first of a key counts, as in HTTP. */
		asked->key[0] = "after";
		asked->value[0] = json_string_value(next);
		require(next == NULL || json_is_null(next) ||
		    asked->value[0] != NULL);
	} while (asked->value[0] != NULL && pages++ <= list->most);
	if (status != HTTP_OK)
		require(pages == 0 && status >= HTTP_BAD_REQUEST &&
		    status < HTTP_ERROR &&
		    json_is_string(json_object_get(root, "error")));
	require(items <= list->most && pages <= list->most);
	json_decref(last);
	json_decref(root);
}

/* Split ${text} into lines; the first key is kept for "after". */
static void
read_lines(char *text, struct asked *asked)
{
	char *line = text;

	asked->n = 1;
	while ((line = strsep(&text, "\n")) != NULL && asked->n < MAX_KEYS) {
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value = '\0';
		asked->key[asked->n] = line;
		asked->value[asked->n++] = value + 1;
	}
	/* One that is asked takes the place of it. */
	asked->key[0] = "";
	asked->value[0] = "";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest;
	struct asked asked;

	require(text != NULL);
	if (source.board == NULL)
		start();
	memcpy(text, data, size);
	text[size] = '\0';
	rest = text;
	(void)strsep(&rest, "\n");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(text, lists[i].name) == 0 && rest != NULL) {
			read_lines(rest, &asked);
			follow(&lists[i], &asked);
		}
	free(text);
	return 0;
}
