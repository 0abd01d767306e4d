/*
 * What is laid over health: what operators said by hand, what the controller
 * decided of regions and endpoints, and how far ramps have come.  Takes the
 * rows of the state database beside health, keeps what was said by hand while
 * the file is away, and applies all of it to each `live`.  Never changes what
 * checks find, nor a fence.
 *
 * Of one split an override `canary` goes before a ramp, and a stored step of a
 * ramp before the file, while it was made for the ramp of the file.
 *
 * Belongs to one thread.
 */
#ifndef STEERING_OVERLAY_H
#define STEERING_OVERLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"
#include "steering/live.h"
#include "steering/overrides.h"

struct overlay;

/* overlay = overlay_create(): nothing is laid over.  NULL without memory.
 * overlay_destroy(overlay): free it.  NULL is fine. */
struct overlay *overlay_create(void);
void overlay_destroy(struct overlay *overlay);

/*
 * overlay_begin(overlay, full), overlay_override(), overlay_keep(),
 * overlay_factor(), overlay_ramp(), overlay_commit(): take a change of the
 * state database, as health does (health.h).  What operators said is kept when
 * a ${full} change has it not (overrides.h); so are steps of ramps.  Between
 * changes overlay_override() and overlay_ramp() take what was kept elsewhere,
 * which is not listed; a step counts then where none is known.
 */
void overlay_begin(struct overlay *overlay, bool full);
void overlay_override(struct overlay *overlay, const struct state_override *row,
    int64_t mono_ms, int64_t wall_ms);
void overlay_keep(struct overlay *overlay, const struct state_keep *row);
void overlay_factor(struct overlay *overlay, const struct state_factor *row);
void overlay_ramp(struct overlay *overlay, const struct state_ramp *row,
    int64_t mono_ms, int64_t wall_ms);
void overlay_commit(struct overlay *overlay);

/* overlay_adopt(overlay): the policy changed, or another one may come at the
 * place of one that is gone: nothing that was found in it counts. */
void overlay_adopt(struct overlay *overlay);

/* overlay_pass(overlay, ms): the clock of ${mono_ms} is set back by ${ms}. */
void overlay_pass(struct overlay *overlay, int64_t ms);

/*
 * ms = overlay_apply(overlay, policy, live, mono_ms): lay all of it over
 * ${live}, whose endpoints are judged, before live_judge().  Returns in how
 * many milliseconds it comes to something else by itself, -1: it does not.
 * Without memory what was found last is applied, or nothing.
 */
int64_t overlay_apply(struct overlay *overlay, const struct policy *policy,
    struct live *live, int64_t mono_ms);

/* overrides = overlay_overrides(overlay): what was said by hand. */
const struct overrides *overlay_overrides(const struct overlay *overlay);

/*
 * ramp = overlay_ramp_row(overlay, i, lacking): step number ${i} of all ramps;
 * NULL past the last.  It is lacking when the database has it not, and a
 * service of the policy that was applied last is where it says.
 */
const struct state_ramp *overlay_ramp_row(
    const struct overlay *overlay, size_t i, bool *lacking);

/* rows = overlay_keeps(overlay, n), overlay_factors(overlay, n): the ${n} rows
 * that the controllers wrote, by their keys; they live until the next commit.
 */
const struct state_keep *overlay_keeps(
    const struct overlay *overlay, size_t *n);
const struct state_factor *overlay_factors(
    const struct overlay *overlay, size_t *n);

/* version = overlay_version(overlay): grows whenever a row changes. */
uint64_t overlay_version(const struct overlay *overlay);

#endif
