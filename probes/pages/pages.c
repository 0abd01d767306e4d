/*
 * Ties the pages of the daemon to HTTP: a copy of the numbers under a lock that
 * the loop only tries.  Called by the prober and, in its thread, by web/http.c.
 */
#include "probes/pages/pages.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "probes/pages/pages_process.h"
#include "web/http.h"
#include "web/http_host.h"
#include "web/openmetrics.h"

/* What one page may be: TALLY_CHECKS with all their series. */
#define PAGE_MAX ((size_t)16 << 20)
/* Given to the server at a time, at most; longer than any line. */
#define PIECE 65536

enum { HEALTH, METRICS, N_PAGES };

static const struct http_page paths[N_PAGES] = {
    {.path = "/healthz", .type = "text/plain; charset=utf-8"},
    {.path = "/metrics", .type = METRICS_TYPE, .form = &openmetrics_form},
};

struct pages {
	pthread_mutex_t lock; /* of what follows */
	struct pages_figures figures;
	struct tally tally;
	/* Of the thread of the server. */
	struct http_server *http;
	struct pages_figures own_figures;
	struct tally own;
};

struct opened {
	struct text text;
	size_t sent;
};

static bool
is_called(void *context, const char *host)
{
	(void)context;
	return http_host_ok(host, NULL, 0);
}

/* Pages are made whole, from a copy that only this thread has. */
static void
fill(struct pages *pages, size_t page, struct text *out, unsigned *status)
{
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&pages->lock);
	pages->own_figures = pages->figures;
	if (page == METRICS)
		tally_copy(&pages->own, &pages->tally);
	pthread_mutex_unlock(&pages->lock);
	if (page == METRICS) {
		pages_metrics(&pages->own_figures, &pages->own, now, out);
		pages_process(out);
	} else if (!pages_health(&pages->own_figures, now, out)) {
		*status = 503;
	}
}

static void *
open_page(void *context, size_t page, const struct http_query *query,
    unsigned *status)
{
	struct opened *opened = calloc(1, sizeof(*opened));

	(void)query;
	if (opened == NULL)
		return NULL;
	text_init(&opened->text, PAGE_MAX);
	fill(context, page, &opened->text, status);
	if (!opened->text.failed)
		return opened;
	text_finish(&opened->text);
	free(opened);
	return NULL;
}

static void
more_of_page(void *context, struct text *piece)
{
	struct opened *opened = context;
	size_t n = opened->text.len - opened->sent;
	const char *data;

	if (n == 0)
		return;
	data = opened->text.data + opened->sent;
	/* Whole lines. */
	if (n > PIECE)
		for (n = PIECE; n > 1 && data[n - 1] != '\n';)
			n--;
	text_bytes(piece, data, n);
	opened->sent += n;
}

static void
close_page(void *context)
{
	struct opened *opened = context;

	text_finish(&opened->text);
	free(opened);
}

struct pages *
pages_start(const struct endpoint_address *at, struct errbuf *eb)
{
	static const struct http_calls calls = {.called = is_called,
	    .open = open_page,
	    .more = more_of_page,
	    .close = close_page};
	struct pages *pages = calloc(1, sizeof(*pages));

	if (pages == NULL || tally_init(&pages->tally) != 0 ||
	    tally_init(&pages->own) != 0 ||
	    pthread_mutex_init(&pages->lock, NULL) != 0) {
		errbuf_error(eb, NULL, "no memory for pages");
		goto fail;
	}
	pages->figures.at_ms = clock_mono_ms();
	pages->figures.certificate_ms = pages->figures.state.written_ms = -1;
	pages->http = http_start(at, paths, N_PAGES, &calls, pages, eb);
	if (pages->http != NULL)
		return pages;
	pthread_mutex_destroy(&pages->lock);
fail:
	if (pages != NULL) {
		tally_finish(&pages->tally);
		tally_finish(&pages->own);
	}
	free(pages);
	return NULL;
}

void
pages_publish(struct pages *pages, const struct pages_figures *figures,
    const struct tally *tally)
{
	if (pthread_mutex_trylock(&pages->lock) != 0)
		return;
	pages->figures = *figures;
	tally_copy(&pages->tally, tally);
	pthread_mutex_unlock(&pages->lock);
}

void
pages_stop(struct pages *pages)
{
	if (pages == NULL)
		return;
	http_stop(pages->http);
	pthread_mutex_destroy(&pages->lock);
	tally_finish(&pages->tally);
	tally_finish(&pages->own);
	free(pages);
}
