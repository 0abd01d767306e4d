/*
 * How much of a row that changed is news to other nodes.  Called by what this
 * node has to say (outgoing.h), which writes at once, soon, or when it can.
 */
#ifndef SHARE_NEWS_H
#define SHARE_NEWS_H

#include "state/schema.h"

enum news {
	NEWS_NONE,   /* nothing that travels changed */
	NEWS_MINOR,  /* times of checks, latencies, streaks: for people */
	NEWS_LOAD,   /* load that others decide by */
	NEWS_VERDICT /* health, or what answers are made by */
};

/* A streak that goes on after this is no news: checks turn by less. */
#define NEWS_STREAK 16

/* news = news_of(table, before, after): of a row of TABLE_ENDPOINT, _ADDRESS or
 * _LOAD, with what was said of it ${before}. */
enum news news_of(enum state_table table, const union schema_row *before,
    const union schema_row *after);

/* news = news_new(table): of a row that comes or goes. */
enum news news_new(enum state_table table);

#endif
