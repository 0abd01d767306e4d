/*
 * The health model: what the vantages say of the endpoints of the policy, and
 * what operators and controllers do, made into `live`.
 * Belongs to one thread at a time: the one that follows the database.
 *
 * What is usable is what the jury says (jury.h), with all that is laid over it.
 */
#ifndef STEERING_HEALTH_H
#define STEERING_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "config/server.h"
#include "state/rows.h"
#include "steering/live.h"
#include "steering/overlay.h"
#include "steering/policy.h"
#include "steering/vantage.h"

struct health;

/* A vantage as pages show it. */
struct health_vantage {
	char name[STATE_NAME];
	char version[sizeof(((struct state_vantage *)NULL)->version)];
	enum vantage_state state;
	bool ended;           /* it gave its lease back in good order */
	int64_t arrived_ms;   /* our monotonic clock, when its last heartbeat
			       came; -1: none did, what is known was there when
			       the database was opened */
	int64_t heartbeat_ms; /* its wall clock, of that heartbeat */
	/* How much later its wall clock was than ours when that came, ms; less
	 * than zero: earlier.  0 while none came. */
	int64_t ahead_ms;
	char region[STATE_NAME]; /* where it looks from, or "" */
	char node[STATE_NAME];   /* from where its rows came, or "" */
	/* It is set aside, since it misses most of what it was compared on,
	 * endpoints outside its region that others find up (blind.h). */
	bool blind;
	uint32_t compared, missed;
};

/* health = health_create(): knows nothing yet.  NULL without memory. */
struct health *health_create(void);

/* health_destroy(health): free it.  NULL is fine. */
void health_destroy(struct health *health);

/* health_configure(health, config): set when rows are stale and what then. */
void health_configure(
    struct health *health, uint64_t stale_after_ms, enum stale_then then);

/* health_allow_missed(health, ppm): a vantage that misses no more than these
 * millionths of what others find up is not blind (blind.h). */
void health_allow_missed(struct health *health, uint32_t ppm);

/* health_share(health, node, mono_ms): this is ${node}, which shares with
 * others; NULL, as at first: it shares with none. */
void health_share(struct health *health, const char *node, int64_t mono_ms);

/* cut = health_cut(health, mono_ms): this node is cut off from the others
 * (cutoff.h). */
bool health_cut(const struct health *health, int64_t mono_ms);

/*
 * status = health_adopt(health, policy, mono_ms): keep what is said of the
 * endpoints of ${policy} from now on.  What was not kept before has to be read:
 * a full change is needed, and what ${policy} has not is forgotten with that.
 * 0, or -1 without memory; going back to the policy before then always works.
 */
int health_adopt(
    struct health *health, const struct policy *policy, int64_t mono_ms);

/*
 * health_begin(health, full), health_vantage(), health_node(),
 * health_endpoint(), health_address(), health_commit(): take a change of the
 * state database, vantages first.  Nothing of it counts before its commit; the
 * next begin forgets one that broke off.  A ${full} one has all rows: of a
 * vantage that says something in it, the rest is forgotten.  One that is not in
 * it keeps its rows and goes stale; one that has no rows in it, as in a file
 * that was just made anew, keeps them too, until their checks are
 * overdue.  ${wall_ms} is for people alone (struct health_vantage).
 */
void health_begin(struct health *health, bool full);
void health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms);
void health_node(
    struct health *health, const struct state_node *row, int64_t mono_ms);
void health_endpoint(struct health *health, const struct state_endpoint *row);
void health_address(struct health *health, const struct state_address *row);
void health_commit(struct health *health, int64_t mono_ms);

/* overlay = health_overlay(health): what is laid over it.  Its rows are given
 * to that between begin and commit, which count for both, as adopt does. */
struct overlay *health_overlay(struct health *health);

/*
 * live = health_live(health, policy, mono_ms): decide what is usable for each
 * endpoint and group of ${policy}, which was adopted, with all that is laid
 * over it.  Depends on the rows, ${mono_ms} and, where all who vote are blind,
 * on what was decided last, which it keeps.  NULL without memory.  The caller
 * owns it.
 */
struct live *health_live(
    struct health *health, const struct policy *policy, int64_t mono_ms);

/* age_ms = health_age_ms(health, mono_ms): since the last heartbeat of any
 * vantage came; -1 when none ever did. */
int64_t health_age_ms(const struct health *health, int64_t mono_ms);

/*
 * n = health_vantages(health, mono_ms, out, size): write what is known of the
 * vantages to the first ${size} of ${out}.  Returns their number.  Those that
 * are silent and not in the database any more are left out.
 */
size_t health_vantages(const struct health *health, int64_t mono_ms,
    struct health_vantage *out, size_t size);

/* stale = health_stale(health, mono_ms): no vantage is known that was read or
 * heard in the last stale_after. */
bool health_stale(const struct health *health, int64_t mono_ms);

#endif
