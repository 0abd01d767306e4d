/*
 * Looks at the board for the stream, and lets clients read it.  Called by the
 * site in the thread of the pages.
 */
#include "node/news_page.h"

#include <stdlib.h>

#include "base/clock.h"
#include "node/events_page.h"
#include "node/page_json.h"
#include "node/page_query.h"
#include "node/status_items.h"
#include "node/news.h"
#include "node/news_changes.h"

/* A failover is to be seen within a second, and a look at 60,000 endpoints
 * takes a part of a millisecond. */
#define LOOK_MS 100
/* Events that are told at once: /api/v1/events has the others. */
#define NEWS_EVENTS 64
/* Vantages whose ages are told. */
#define TICK_VANTAGES 64

static json_t *
vantage_list(const struct vantages *v, int64_t mono_ms)
{
	json_t *list = json_array();

	for (size_t i = 0; v != NULL && i < v->n && i < TICK_VANTAGES; i++) {
		int64_t age = vantages_age_ms(&v->of[i], mono_ms);

		json_array_append_new(list,
		    json_pack("{so ss so}", "vantage",
			page_json_string(v->of[i].name), "state",
			status_item_vantage_state(&v->of[i]), "age_ms",
			age >= 0 ? json_integer(age) : json_null()));
	}
	return list;
}

static void
tick(const struct page_source *source, const struct view *view, int64_t mono_ms)
{
	const struct health_report *h = &view->health;
	int64_t window = rates_window_ms(source->rates);

	news_tick(source->news,
	    json_pack("{sI s{so sb} so sI so}", "at_ms",
		(json_int_t)clock_wall_ms(), "health", "age_ms",
		h->heard ? json_integer(mono_ms - h->alive_ms) : json_null(),
		"stale", (int)page_view_is_stale(view, mono_ms),
		"answers_per_second",
		window > 0 ? json_real(page_rate(source)) : json_null(),
		"changes", (json_int_t)view->changes, "vantages",
		vantage_list(h->vantages, mono_ms)));
}

/* The events since the last look, the oldest first: of very many the newest
 * NEWS_EVENTS. */
static void
say_events(const struct page_source *source, struct news_look *look)
{
	struct events *events = loads_events(source->loads);
	uint64_t last = events_last(events);
	struct state_event *event;
	size_t n;

	/* Nothing is told of a database whose numbers are below, nor of what
	 * was before the start. */
	if (last <= look->event) {
		look->event = last;
		return;
	}
	event = calloc(NEWS_EVENTS, sizeof(*event));
	if (event == NULL)
		return;
	n = events_copy(events, look->event, UINT64_MAX, event, NEWS_EVENTS);
	look->event = last;
	while (n-- > 0)
		if (event[n].at_ms >= look->view.started_ms)
			news_say(
			    source->news, "event", events_page_item(&event[n]));
	free(event);
}

/* An override that ends by itself changes no row. */
static void
compare_in_force(
    const struct page_source *source, struct news_look *look, int64_t mono_ms)
{
	size_t n = laid_in_force(look->view.health.laid, mono_ms);

	if (n < look->in_force)
		news_say(source->news, "change",
		    json_pack("{sI ss}", "at_ms", (json_int_t)clock_wall_ms(),
			"what", "overrides"));
	look->in_force = n;
}

bool
news_page_look(
    const struct page_source *source, struct news_look *look, int64_t mono_ms)
{
	uint64_t said = news_said(source->news);
	struct view now;
	bool same;

	if (look->known && mono_ms - look->looked_ms < LOOK_MS)
		return false;
	look->looked_ms = mono_ms;
	board_look(source->board, &now);
	same = look->known && look->view.health.laid == now.health.laid;
	if (look->known) {
		news_changes(source->news, &look->view, &now, clock_wall_ms());
		board_release(&look->view);
	}
	look->view = now;
	if (same)
		compare_in_force(source, look, mono_ms);
	else
		look->in_force = laid_in_force(now.health.laid, mono_ms);
	say_events(source, look);
	look->known = true;
	if (mono_ms - look->ticked_ms >= NEWS_TICK_MS) {
		look->ticked_ms = mono_ms;
		tick(source, &look->view, mono_ms);
	}
	return news_said(source->news) != said;
}

void
news_page_forget(struct news_look *look)
{
	if (look->known)
		board_release(&look->view);
	look->known = false;
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	/* What was before it came is no news to it. */
	(void)news_page_look(page->source, page->source->look, page->now_ms);
	/* It stays for hours, and what is served now must not. */
	board_release(&page->view);
	page->work = news_open(
	    page->source->news, query->header(query->context, "Last-Event-ID"));
	return page->work != NULL ? HTTP_OK
				  : page_refuse(page, HTTP_ERROR, "no memory");
}

static void
finish(struct page *page)
{
	news_close(page->work);
}

static size_t
write_news(struct page *page, size_t item, struct text *out)
{
	page->pauses = true;
	news_more(page->work, out);
	return item;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_news,
};

const struct page_kind news_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};
