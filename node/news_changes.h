/*
 * What changed between two views of the node, as messages of the stream: the
 * endpoints and services that are not what they were, vantages, what was said
 * by hand, other files.
 */
#ifndef NODE_NEWS_CHANGES_H
#define NODE_NEWS_CHANGES_H

#include "node/board.h"
#include "node/news.h"

/* Endpoints and services that one change names; more are counted. */
#define NEWS_CHANGES_NAMED 64

/* news_changes(news, before, now, wall_ms): say what is another in ${now},
 * which is of ${wall_ms}. */
void news_changes(struct news *news, const struct view *before,
    const struct view *now, int64_t wall_ms);

#endif
