/*
 * Who takes part: vantages by their heartbeats, as the state database has them;
 * and what they find of endpoints, as the jury of meridiand judges it (jury.h).
 * Ages are by arrival on our own clock.  Pure but for memory; of one thread.
 */
#ifndef PROBES_CONTROL_SEERS_H
#define PROBES_CONTROL_SEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/control/judged.h"
#include "state/rows.h"

/* A vantage whose heartbeat moved within so long may control: twice as long as
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
	uint32_t vantage;     /* its number to the jury, or VANTAGE_NONE */
	bool listed;
	bool foreign; /* its rows came from another node */
};

struct seers {
	struct seer *list;
	size_t n, size;
	bool full; /* the change that is being taken is */
	const struct judged *judged;
	struct jury *jury;
};

/* status = seers_init(seers, judged, now_ms): nobody is known.  ${judged} must
 * live as long.  0, or -1 without memory.
 * seers_finish(seers): free what it holds; zeros are fine. */
int seers_init(
    struct seers *seers, const struct judged *judged, int64_t now_ms);
void seers_finish(struct seers *seers);

/* number = seers_find(seers, name): of the vantage ${name}, from now on;
 * SEER_NONE without memory. */
uint32_t seers_find(struct seers *seers, const char *name);

/* seers_begin(seers, full), seers_take(), seers_endpoint(), seers_address(),
 * seers_commit(): a change of the state database, vantages first. */
void seers_begin(struct seers *seers, bool full);
void seers_take(struct seers *seers, const struct state_vantage *row,
    int64_t now_ms, int64_t wall_ms);
void seers_endpoint(struct seers *seers, const struct state_endpoint *row);
void seers_address(struct seers *seers, const struct state_address *row);
void seers_commit(struct seers *seers, int64_t now_ms);

/*
 * seers_sit(seers, now_ms): before each step: judge as of now.
 * seers_say(seers, key, out): of an endpoint.
 * aside = seers_aside(seers, number, place): what this one finds in the region
 * ${place} (vantage_place()) is set aside, as it is blind.
 * hear = seers_hear(seers, number, place): it is heard there.
 */
void seers_sit(struct seers *seers, int64_t now_ms);
void seers_say(const struct seers *seers, const struct endpoint_key *key,
    struct quorum_verdict *out);
bool seers_aside(const struct seers *seers, uint32_t number, uint64_t place);
bool seers_hear(const struct seers *seers, uint32_t number, uint64_t place);

/* fresh = seers_fresh(seers, number, now_ms): it may control. */
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

#endif
