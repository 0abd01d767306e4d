/*
 * Where queries went by the files as they are, and where they would go by
 * others: counted by service, region, pool and country, as one JSON object.
 * Called by meridianctl replay.
 */
#ifndef CTL_REPLAY_TALLY_H
#define CTL_REPLAY_TALLY_H

#include <jansson.h>

#include "dns/wire/name.h"

/* In place of a region or pool: no answer of a service; a last resort; an
 * answer without addresses. */
#define REPLAY_NONE "(none)"
#define REPLAY_RESORT "(last resort)"
#define REPLAY_NODATA "(no data)"

/* What one side answered. */
struct replay_side {
	char service[NAME_TEXT]; /* "": it is of none */
	const char *region, *pool;
};

/* tally = replay_tally_create(): nothing is counted.  NULL without memory.
 * Passed to json_decref(). */
json_t *replay_tally_create(void);

/* replay_tally_add(tally, before, after, country, n): count ${n} queries of
 * clients in ${country}, "" where that is not known. */
void replay_tally_add(json_t *tally, const struct replay_side *before,
    const struct replay_side *after, const char *country, uint64_t n);

/*
 * replay_tally_text(tally), replay_tally_csv(tally): print it, for people and
 * for programs.
 */
void replay_tally_text(const json_t *tally);
void replay_tally_csv(const json_t *tally);

#endif
