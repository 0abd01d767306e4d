/*
 * The health model: what every vantage says of every endpoint in the state
 * database, kept over reloads and while the database is away, and made into
 * `live` by a quorum of fresh vantages.  Belongs to one thread at a time: the
 * one that follows the database.
 */
#ifndef STEERING_HEALTH_H
#define STEERING_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "config/server.h"
#include "state/rows.h"
#include "steering/live.h"
#include "steering/policy.h"

/* Rows past these are dropped, with one warning in the log. */
#define HEALTH_MAX_VANTAGES 1024
#define HEALTH_MAX_ENDPOINTS 1000000

struct health;

/* How far a vantage is to be believed. */
enum vantage_state {
	VANTAGE_STALE, /* silent for stale_after */
	VANTAGE_KNOWN, /* read when the database was opened, not heard since */
	VANTAGE_FRESH  /* its heartbeat was seen to move */
};

/* A vantage as it is seen from here. */
struct health_vantage {
	char name[STATE_NAME];
	char version[32];
	enum vantage_state state;
	bool ended;           /* it gave its lease back in good order */
	int64_t arrived_ms;   /* our monotonic clock, when its last heartbeat
			       came; -1: none did, what is known was there when
			       the database was opened */
	int64_t heartbeat_ms; /* its wall clock, of that heartbeat */
	/* How much later its wall clock was than ours when that came, ms; less
	 * than zero: earlier.  0 while none came. */
	int64_t ahead_ms;
};

/* health = health_create(): knows nothing yet.  NULL without memory. */
struct health *health_create(void);

/* health_destroy(health): free it.  NULL is fine. */
void health_destroy(struct health *health);

/* health_configure(health, config): set when rows are stale and what then. */
void health_configure(
    struct health *health, uint64_t stale_after_ms, enum stale_then then);

/*
 * health_begin(health, full), health_vantage(), health_endpoint(),
 * health_commit(): take a change of the state database.  A ${full} one has all
 * rows: of a vantage that is in it, what it does not have is forgotten; a
 * vantage that is not in it keeps its rows and goes stale.  ${mono_ms} and
 * ${wall_ms} are the clocks now: ages are kept on the first, so that a jump of
 * the second makes nothing stale; the second says only how old a heartbeat is
 * that was never seen before, or that was seen again in a full change.
 */
void health_begin(struct health *health, bool full);
void health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms);
void health_endpoint(struct health *health, const struct state_endpoint *row);
void health_commit(struct health *health);

/*
 * live = health_live(health, policy, mono_ms): decide what is usable for each
 * endpoint and group of ${policy}.  Depends on the rows, ${mono_ms} (staleness)
 * and nothing else.  NULL without memory.  The caller owns it.
 *
 * An endpoint without a check is up.  Of others those fresh vantages vote that
 * say up or down.  A vantage is fresh when its heartbeat is no older than
 * stale_after, and it checked this endpoint no longer before that heartbeat
 * than stale_after, or two periods and a timeout of the check where these are
 * longer.  What makes it up: majority: at least half (on a tie a false down
 * costs more than a false up); any: one; all: all; a count: that many, or all
 * when fewer vote.  With stale votes alone the configured `then` decides (keep:
 * the verdict of all votes, fresh or not).  Without a vote it is unchecked.
 *
 * The time that is pending is the least that a streak of a fresh vantage needs
 * to reach `fall` or `rise`.
 */
struct live *health_live(
    const struct health *health, const struct policy *policy, int64_t mono_ms);

/* age_ms = health_age_ms(health, mono_ms): since the freshest heartbeat of any
 * vantage; -1 when there never was one. */
int64_t health_age_ms(const struct health *health, int64_t mono_ms);

/*
 * n = health_vantages(health, mono_ms, out, size): write what is known of the
 * vantages to the first ${size} of ${out}.  Returns their number.
 */
size_t health_vantages(const struct health *health, int64_t mono_ms,
    struct health_vantage *out, size_t size);

/* stale = health_stale(health, mono_ms): no vantage is fresh. */
bool health_stale(const struct health *health, int64_t mono_ms);

#endif
