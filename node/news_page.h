/*
 * The page that never ends: /api/v1/stream; and finds what there is to say.
 */
#ifndef NODE_NEWS_PAGE_H
#define NODE_NEWS_PAGE_H

#include "node/page.h"

extern const struct page_kind news_page;

/* What was looked at last. */
struct news_look {
	bool known;
	struct view view;
	uint64_t event;    /* sequence of the last that was told */
	size_t in_force;   /* overrides, then */
	int64_t looked_ms; /* monotonic clock */
	int64_t ticked_ms;
};

/* news = news_page_look(source, look, mono_ms): say in the news of
 * ${source} what has changed since ${look}: to be called often, it does nothing
 * more than a few times a second.  True when something was said. */
bool news_page_look(
    const struct page_source *source, struct news_look *look, int64_t mono_ms);

/* news_page_forget(look): give up what it holds. */
void news_page_forget(struct news_look *look);

#endif
