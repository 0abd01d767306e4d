/*
 * Ties the pages to HTTP.  Called by the control thread to start and stop, and
 * by http.c.
 */
#include "node/site.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "node/endpoints_page.h"
#include "node/events_page.h"
#include "node/explain_page.h"
#include "node/files_page.h"
#include "node/hand_page.h"
#include "node/health_page.h"
#include "web/http.h"
#include "web/http_host.h"
#include "web/openmetrics.h"
#include "node/metrics_page.h"
#include "node/page.h"
#include "node/regions_page.h"
#include "node/reload_page.h"
#include "node/services_page.h"
#include "node/status_page.h"
#include "node/news.h"
#include "node/news_page.h"
#include "node/nodes_page.h"
#include "node/traffic_page.h"
#include "web/page_files.h"

struct site {
	struct page_source source;
	struct http_page *pages; /* those of below, then files */
	struct news_look look;
	struct http_server *http;
};

static const struct http_page paths[] = {
    {.path = "/healthz", .type = "text/plain; charset=utf-8"},
    {.path = "/metrics", .type = METRICS_TYPE, .form = &openmetrics_form},
    {.path = "/api/v1/status", .type = "application/json"},
    {.path = "/api/v1/reload", .type = "application/json"},
    {.path = "/api/v1/explain", .type = "application/json"},
    {.path = "/api/v1/explain/countries", .type = "application/json"},
    {.path = "/api/v1/files", .type = "application/json", .local = true},
    {.path = "/api/v1/services", .type = "application/json"},
    {.path = "/api/v1/traffic", .type = "application/json"},
    {.path = "/api/v1/regions", .type = "application/json"},
    {.path = "/api/v1/endpoints", .type = "application/json"},
    {.path = "/api/v1/overrides", .type = "application/json"},
    {.path = "/api/v1/vantages", .type = "application/json"},
    {.path = "/api/v1/nodes", .type = "application/json"},
    {.path = "/api/v1/events", .type = "application/json"},
    {.path = "/api/v1/stream",
	.type = "text/event-stream; charset=utf-8",
	.stream = true},
};
/* What / is. */
#define ROOT "/page/index.html"
#define N_PAGES (sizeof(paths) / sizeof(paths[0]))

/* Of the same numbers. */
static const struct page_kind *const kinds[N_PAGES] = {
    &health_page,
    &metrics_page,
    &status_page,
    &reload_page,
    &explain_page,
    &explain_countries_page,
    &files_page,
    &services_page,
    &traffic_page,
    &regions_page,
    &endpoints_page,
    &overrides_page,
    &vantages_page,
    &nodes_page,
    &events_page,
    &news_page,
};

/* The names may be others after a reload. */
static bool
is_called(void *context, const char *host)
{
	const struct site *site = context;
	const struct server_config *config;
	struct view view;
	bool ok;

	if (http_host_ok(host, NULL, 0))
		return true;
	board_look(site->source.board, &view);
	config = view.served->generation->config;
	ok = http_host_ok(host, config->http_names, config->n_http_names);
	board_release(&view);
	return ok;
}

/* Remember what the workers have counted. */
static void
take_rates(const struct page_source *source, int64_t mono_ms)
{
	struct view view;

	board_look(source->board, &view);
	if (view.server != NULL)
		rates_take(source->rates, page_count_slot, view.server,
		    outcomes_count(source->outcomes), mono_ms);
	board_release(&view);
}

static bool
take_turn(void *context, const struct stream_counts *counts)
{
	struct site *site = context;
	int64_t now = clock_mono_ms();

	site->source.streams = counts;
	if (rates_due(site->source.rates, now))
		take_rates(&site->source, now);
	return news_page_look(&site->source, &site->look, now);
}

static void *
open_page(void *context, size_t number, const struct http_query *query,
    unsigned *status)
{
	const struct site *site = context;

	return page_open(&site->source, kinds[number], query, status);
}

static void
more_of_page(void *opened, struct text *piece)
{
	page_more(opened, piece);
}

static void
close_page(void *opened)
{
	page_close(opened);
}

/* The pages, the files, and the one that is the root once more; how many
 * in ${n}.  NULL without memory. */
static struct http_page *
list_pages(size_t *n)
{
	struct http_page *all;
	size_t files = 0;

	while (page_file(files) != NULL)
		files++;
	all = calloc(N_PAGES + files + 1, sizeof(*all));
	if (all == NULL)
		return NULL;
	memcpy(all, paths, sizeof(paths));
	*n = N_PAGES;
	for (size_t i = 0; i < files; i++) {
		const struct http_file *file = page_file(i);

		all[*n].path = file->path;
		all[(*n)++].file = file;
		if (strcmp(file->path, ROOT) != 0)
			continue;
		all[*n].path = "/";
		all[(*n)++].file = file;
	}
	return all;
}

struct site *
site_start(const struct endpoint_address *at, struct board *board,
    struct outcomes *outcomes, struct loads *loads, struct traffic *traffic,
    struct errbuf *eb)
{
	static const struct http_calls calls = {.called = is_called,
	    .turn = take_turn,
	    .open = open_page,
	    .more = more_of_page,
	    .close = close_page};
	struct site *site = calloc(1, sizeof(*site));
	size_t n = 0;

	if (site != NULL) {
		site->source.sum = calloc(1, sizeof(*site->source.sum));
		site->source.rates = rates_create();
		site->source.news = news_create(clock_wall_ms());
		site->pages = list_pages(&n);
	}
	if (site == NULL || site->source.sum == NULL ||
	    site->source.rates == NULL || site->source.news == NULL ||
	    site->pages == NULL) {
		errbuf_error(eb, NULL, "no memory for pages");
		goto fail;
	}
	site->source.board = board;
	site->source.outcomes = outcomes;
	site->source.loads = loads;
	site->source.traffic = traffic;
	site->source.look = &site->look;
	site->http = http_start(at, site->pages, n, &calls, site, eb);
	if (site->http != NULL)
		return site;
fail:
	site_stop(site);
	return NULL;
}

void
site_stop(struct site *site)
{
	if (site == NULL)
		return;
	http_stop(site->http);
	free(site->pages);
	rates_destroy(site->source.rates);
	news_page_forget(&site->look);
	news_destroy(site->source.news);
	free(site->source.sum);
	free(site);
}
