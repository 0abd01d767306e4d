/*
 * The law of ramps: how a canary walks from its share of the split to the end
 * of its ramp, waits, and goes back.  Pure functions over a struct, called by
 * whoever controls a service and by the simulator; reads no clock and no table,
 * and knows nothing of DNS.
 *
 * A share only grows, step by step, until it falls back to the start at once
 * and stays: so a network changes its pool once, or once and back.  Time counts
 * only while it is seen that the canary is well; what is left of it is stored,
 * not a time of the clock, so that a ramp goes on where it was after anything.
 */
#ifndef STEERING_RAMP_H
#define STEERING_RAMP_H

#include "steering/ramp_evidence.h"

enum ramp_state {
	RAMP_WALKING, /* it is not at its end yet */
	RAMP_HOLDING, /* at its end, and watched */
	RAMP_BACK,    /* it did worse, and stays at the start */
	RAMP_DONE     /* at its end, and watched no longer */
};

struct ramp {
	enum ramp_state state;
	uint32_t share_ppm;
	uint64_t left_ms; /* that must pass before the next step or the end */
	/* Time does not count now, or the step that is due is not taken, and
	 * ${reason} says why. */
	bool waits;
	/* Why it waits or went back; or "". */
	char reason[RAMP_REASON];
	struct ramp_pool canary, stable;
};

/* ramp_begin(ramp, config): at its start. */
void ramp_begin(struct ramp *ramp, const struct ramp_config *config);

/* ramp_resume(ramp, config, state, share_ppm, left_ms, reason): where another
 * one of the same ${config} was; what was counted is not known any more. */
void ramp_resume(struct ramp *ramp, const struct ramp_config *config,
    enum ramp_state state, uint32_t share_ppm, uint64_t left_ms,
    const char *reason);

/*
 * moved = ramp_walk(ramp, config, canary, stable, passed_ms): go on by the
 * ${passed_ms} since the call before, with what was seen of the two pools by
 * now.  True when its share or its state is another one.
 */
bool ramp_walk(struct ramp *ramp, const struct ramp_config *config,
    const struct ramp_look *canary, const struct ramp_look *stable,
    uint64_t passed_ms);

/* ramp_pause(ramp, reason): it waits, whatever is seen, as somebody has said.
 * What was counted does not count where ${elsewhere}: its clients had another
 * share. */
void ramp_pause(struct ramp *ramp, bool elsewhere, const char *reason);

/* pending = ramp_next(ramp, config, share_ppm): the share it steps to when
 * left_ms have passed; false: no step is pending. */
bool ramp_next(const struct ramp *ramp, const struct ramp_config *config,
    uint32_t *share_ppm);

/* name = ramp_state_name(state): "walking", "holding", "back", "done".
 * ramp_state_parse(name, out): the other way; 0, or -1 when it is none. */
const char *ramp_state_name(enum ramp_state state);
int ramp_state_parse(const char *name, enum ramp_state *out);

#endif
