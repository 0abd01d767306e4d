/*
 * The law of ramps.  Called by whoever controls a service; does nothing but
 * arithmetic.
 */
#include "steering/ramp.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [RAMP_WALKING] = "walking",
    [RAMP_HOLDING] = "holding",
    [RAMP_BACK] = "back",
    [RAMP_DONE] = "done",
};

#define STATES (sizeof(names) / sizeof(names[0]))

const char *
ramp_state_name(enum ramp_state state)
{
	return names[state];
}

int
ramp_state_parse(const char *name, enum ramp_state *out)
{
	for (size_t i = 0; i < STATES; i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum ramp_state)i;
			return 0;
		}
	return -1;
}

/* Begin to count.  Where the other pool has no clients any more it is compared
 * with what it had before. */
static void
forget(struct ramp *ramp, const struct ramp_config *config)
{
	memset(&ramp->canary, 0, sizeof(ramp->canary));
	if (ramp->share_ppm < config->both_ppm)
		ramp_pool_forget(&ramp->stable);
}

void
ramp_begin(struct ramp *ramp, const struct ramp_config *config)
{
	memset(ramp, 0, sizeof(*ramp));
	ramp->share_ppm = config->start_ppm;
	ramp->left_ms = config->every_ms;
}

void
ramp_resume(struct ramp *ramp, const struct ramp_config *config,
    enum ramp_state state, uint32_t share_ppm, uint64_t left_ms,
    const char *reason)
{
	uint64_t most =
	    state == RAMP_HOLDING ? config->hold_ms : config->every_ms;

	ramp_begin(ramp, config);
	ramp->state = state;
	if (share_ppm > config->start_ppm)
		ramp->share_ppm =
		    share_ppm < config->to_ppm ? share_ppm : config->to_ppm;
	ramp->left_ms = left_ms < most ? left_ms : most;
	snprintf(ramp->reason, sizeof(ramp->reason), "%s", reason);
}

/* --- what is missing --- */

/* Fewer than half of the endpoints of the old version may be silent: they are
 * many.  Of a canary none may: it could be the one that is not well. */
static bool
is_known(double known, double of, bool canary)
{
	return canary ? known >= of : 2 * known >= of && known > 0;
}

static const char *
missing_of(
    const struct ramp_config *config, const struct ramp_look *look, bool canary)
{
	double up = look->judged - look->down;

	if (!is_known(look->judged, look->weight, canary))
		return "is not checked";
	if (!(up > 0))
		return "is down";
	if (config->errors_ppm != RAMP_OFF &&
	    !is_known(look->counted, up, canary))
		return "does not tell its errors and requests";
	if (config->first_token_ppm != RAMP_OFF &&
	    !is_known(look->timed, up, canary))
		return "does not tell its time to the first token";
	return NULL;
}

/* Health alone: all that is known of who has no clients. */
static const char *
missing_health(const struct ramp_look *look, bool canary)
{
	if (!is_known(look->judged, look->weight, canary))
		return "is not checked";
	return canary && !(look->judged - look->down > 0) ? "is down" : NULL;
}

/* Whether it is seen now how the two do; if not, why, in ${reason}. */
static bool
is_seen(const struct ramp *ramp, const struct ramp_config *config,
    const struct ramp_look *canary, const struct ramp_look *stable,
    char reason[RAMP_REASON])
{
	bool has = ramp->share_ppm > 0;
	bool left = ramp->share_ppm < config->both_ppm;
	const char *why = has ? missing_of(config, canary, true)
			      : missing_health(canary, true);
	const char *of = config->pool;

	if (why == NULL && has) {
		why = left ? missing_of(config, stable, false)
			   : missing_health(stable, false);
		of = config->from;
	}
	if (why != NULL)
		snprintf(reason, RAMP_REASON, "%s %s", of, why);
	return why == NULL;
}

/* Whether enough was counted for a step; if not, of whom, in ${reason}.  Where
 * the other pool has no clients and what it had is forgotten, nothing is left
 * to compare with. */
static bool
is_enough(const struct ramp *ramp, const struct ramp_config *config,
    char reason[RAMP_REASON])
{
	double canary = config->samples, stable = config->samples;
	double samples = config->samples;

	if (ramp->share_ppm == 0)
		return true;
	if (config->errors_ppm != RAMP_OFF) {
		canary = ramp->canary.all.requests;
		stable = ramp->stable.all.requests;
	}
	if (config->first_token_ppm != RAMP_OFF) {
		if (ramp->canary.all.timed < canary)
			canary = ramp->canary.all.timed;
		if (ramp->stable.all.timed < stable)
			stable = ramp->stable.all.timed;
	}
	if (ramp->share_ppm >= config->both_ppm)
		stable = samples;
	if (canary >= samples && stable >= samples)
		return true;
	snprintf(reason, RAMP_REASON, "%.0f of %.0f requests of %s",
	    canary < samples ? canary : stable, samples,
	    canary < samples ? config->pool : config->from);
	return false;
}

/* --- walking --- */

static void
go_back(struct ramp *ramp, const struct ramp_config *config)
{
	ramp->state = RAMP_BACK;
	ramp->share_ppm = config->start_ppm;
	ramp->left_ms = 0;
	ramp->waits = false;
}

/* The time is over: a step, or the end. */
static void
go_on(struct ramp *ramp, const struct ramp_config *config)
{
	uint32_t next;

	if (!ramp_next(ramp, config, &next)) {
		ramp->state = RAMP_DONE;
		return;
	}
	ramp->share_ppm = next;
	ramp->left_ms = config->every_ms;
	forget(ramp, config);
	if (next < config->to_ppm)
		return;
	ramp->state = RAMP_HOLDING;
	ramp->left_ms = config->hold_ms;
}

bool
ramp_walk(struct ramp *ramp, const struct ramp_config *config,
    const struct ramp_look *canary, const struct ramp_look *stable,
    uint64_t passed_ms)
{
	bool at_start = ramp->share_ppm <= config->start_ppm;
	bool somewhere = stable->judged - stable->down > 0;
	char reason[RAMP_REASON] = "";
	bool worse;

	if (ramp->state == RAMP_BACK || ramp->state == RAMP_DONE)
		return false;
	ramp_pool_add(&ramp->canary, canary, passed_ms);
	ramp_pool_add(&ramp->stable, stable, passed_ms);
	worse = ramp_is_worse(
	    config, &ramp->canary, &ramp->stable, canary, stable, reason);
	if (worse && !at_start && somewhere) {
		snprintf(ramp->reason, sizeof(ramp->reason), "%s", reason);
		go_back(ramp, config);
		return true;
	}
	ramp->waits = true;
	if (!worse && is_seen(ramp, config, canary, stable, reason)) {
		ramp->left_ms -=
		    passed_ms < ramp->left_ms ? passed_ms : ramp->left_ms;
		ramp->waits =
		    ramp->left_ms == 0 && !is_enough(ramp, config, reason);
	}
	/* Whole but for a reason that leaves no room for the first word. */
	snprintf(ramp->reason, sizeof(ramp->reason), "%s%.*s",
	    ramp->waits ? "waits: " : "",
	    (int)(sizeof(ramp->reason) - sizeof("waits: ")),
	    ramp->waits ? reason : "");
	if (ramp->waits || ramp->left_ms > 0)
		return false;
	go_on(ramp, config);
	return true;
}

void
ramp_pause(struct ramp *ramp, bool elsewhere, const char *reason)
{
	if (ramp->state == RAMP_BACK || ramp->state == RAMP_DONE)
		return;
	if (elsewhere) {
		memset(&ramp->canary, 0, sizeof(ramp->canary));
		ramp_pool_forget(&ramp->stable);
	}
	ramp->waits = true;
	snprintf(ramp->reason, sizeof(ramp->reason), "waits: %s", reason);
}

bool
ramp_next(const struct ramp *ramp, const struct ramp_config *config,
    uint32_t *share_ppm)
{
	uint32_t left = config->to_ppm - ramp->share_ppm;

	if (ramp->state != RAMP_WALKING || left == 0)
		return false;
	*share_ppm = ramp->share_ppm +
	    (config->step_ppm < left ? config->step_ppm : left);
	return true;
}
