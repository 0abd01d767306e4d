/*
 * Who takes part: vantages by their heartbeats, as the state database has them.
 * Ages are by arrival on our own clock.  Pure but for memory; of one thread.
 */
#ifndef PROBES_CONTROL_SEERS_H
#define PROBES_CONTROL_SEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* A vantage whose heartbeat moved within so long takes part: twice as long as
 * its lease. */
#define SEERS_FRESH_MS 10000

/* A file from which more rows come is no state database. */
#define SEERS_MAX 4000000

/* No seer. */
#define SEER_NONE UINT32_MAX

struct seer {
	char name[STATE_NAME];
	int64_t heartbeat_ms; /* its wall clock */
	int64_t moved_ms;     /* ours: when that moved; -1: it did not */
	uint64_t place;       /* of its region, or PLACE_NONE */
	bool listed;
	bool foreign; /* its rows came from another node */
};

struct seers {
	struct seer *list;
	size_t n, size;
};

/* number = seers_find(seers, name): of the vantage ${name}, from now on;
 * SEER_NONE without memory. */
uint32_t seers_find(struct seers *seers, const char *name);

/* seers_begin(seers), seers_take(seers, row, now_ms), seers_commit(seers): a
 * full change of the state database, between whose begin and commit each row
 * comes; of others there is seers_take() alone. */
void seers_begin(struct seers *seers);
void seers_take(
    struct seers *seers, const struct state_vantage *row, int64_t now_ms);
void seers_commit(struct seers *seers);

/* fresh = seers_fresh(seers, number, now_ms): it takes part. */
bool seers_fresh(const struct seers *seers, uint32_t number, int64_t now_ms);

/*
 * heard_ms = seers_heard_ms(seers, number): ours: when the heartbeat of a
 * vantage of another node moved last; INT64_MIN: it is of this node, or never
 * did.  What it said and did not take back is as of then: of other nodes comes
 * what changed, and no more.
 */
int64_t seers_heard_ms(const struct seers *seers, uint32_t number);

/* leads = seers_lead(seers, vantage, now_ms): of all that take part ${vantage}
 * has the first name: it controls. */
bool seers_lead(const struct seers *seers, const char *vantage, int64_t now_ms);

/* seers_finish(seers): free what it holds. */
void seers_finish(struct seers *seers);

#endif
