/*
 * The news: what changes, as server-sent events, for any number of readers:
 * one ring of the last messages, and where each reader is in it.  One that
 * falls further behind than the ring is long has lost its place.
 *
 * Threads: of the pages' thread alone.
 */
#ifndef NODE_NEWS_H
#define NODE_NEWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Messages that are kept for readers who come back: of an outage of 60,000
 * endpoints few are named (news_changes.h). */
#define NEWS_KEPT 1024
/* How often all readers are told ages. */
#define NEWS_TICK_MS 5000

struct news;
struct news_reader;

/* news = news_create(epoch): with no message.  ${epoch} is another one for
 * each run of the program.  NULL without memory. */
struct news *news_create(int64_t epoch);

/* news_destroy(news): free it; it has no readers.  NULL is fine. */
void news_destroy(struct news *news);

/* news_say(news, event, data): tell all readers; ${data} is given up.  One
 * for which there is no memory makes readers begin anew. */
void news_say(struct news *news, const char *event, json_t *data);

/* news_tick(news, data): the same of what only the last one of is worth
 * anything: it is not kept for who comes back. */
void news_tick(struct news *news, json_t *data);

/* n = news_said(news): messages and ticks that there were. */
uint64_t news_said(const struct news *news);

/*
 * reader = news_open(news, last_id): a reader who has seen the message
 * ${last_id}, as it was sent; NULL, or one that is not known any more: it is
 * told that all may be another.  NULL without memory.
 */
struct news_reader *news_open(struct news *news, const char *last_id);

/* news_more(reader, out): append what there is for it; failed when it lost
 * its place. */
void news_more(struct news_reader *reader, struct text *out);

/* news_close(reader): free it.  NULL is fine. */
void news_close(struct news_reader *reader);

#endif
