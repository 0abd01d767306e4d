/*
 * From a streak and a schedule to the time that is left.  Called by the quorum;
 * whole numbers only.
 */
#include "steering/pending.h"

#include "steering/live.h"

/* What a vote needs to turn. */
struct need {
	int64_t checks;   /* that come yet; those past it are negative */
	int64_t every_ms; /* between two of them */
	int64_t more_ms;  /* that have to pass after them */
};

/* It is up, and fails. */
static struct need
to_fall(const struct policy_check *check, const struct vote *vote)
{
	bool soon =
	    check->recheck_ms > 0 && check->recheck_ms < check->every_ms;

	if (vote->deep)
		return (struct need){
		    .checks = (int64_t)check->deep.fall - vote->fails,
		    .every_ms = (int64_t)check->deep.every_ms};
	return (struct need){.checks = (int64_t)check->fall - vote->fails,
	    .every_ms = (int64_t)(soon ? check->recheck_ms : check->every_ms)};
}

/* It is down, and passes. */
static struct need
to_rise(const struct policy_check *check, const struct vote *vote)
{
	int64_t fail_back_ms = (int64_t)check->fail_back_ms;

	if (vote->deep)
		return (struct need){
		    .checks = (int64_t)check->deep.rise - vote->passes,
		    .every_ms = (int64_t)check->deep.every_ms,
		    .more_ms = fail_back_ms};
	return (struct need){.checks = (int64_t)check->rise - vote->passes,
	    .every_ms = (int64_t)check->every_ms,
	    .more_ms = fail_back_ms};
}

/* How much nearer than a period the next check may be. */
static int64_t
age_of(const struct policy_check *check, const struct vote *vote,
    int64_t every_ms, int64_t mono_ms)
{
	bool was_rare = vote->health == HEALTH_DOWN && vote->passes == 1 &&
	    check->slow_ms > check->every_ms;

	/* The first one that passes brings what was checked rarely back to its
	 * turn, which may be at once; so may be the next generation, where the
	 * last was before we heard of any. */
	if (vote->deep)
		return vote->deep_ms < 0 ? every_ms : mono_ms - vote->deep_ms;
	return was_rare ? every_ms : mono_ms - vote->seen_ms;
}

/* The streak is that of ${check}. */
static uint32_t
left_of(
    const struct policy_check *check, const struct vote *vote, int64_t mono_ms)
{
	int64_t age_ms, left_ms;
	struct need need;

	if (vote->health == HEALTH_UP && vote->fails > 0)
		need = to_fall(check, vote);
	else if (vote->health == HEALTH_DOWN && vote->passes > 0)
		need = to_rise(check, vote);
	else
		return LIVE_NOT_PENDING;
	age_ms = age_of(check, vote, need.every_ms, mono_ms);
	/* One that is late comes at once; those after it take their time. */
	if (need.checks > 0 && age_ms > need.every_ms)
		age_ms = need.every_ms;
	left_ms = need.checks * need.every_ms + need.more_ms - age_ms;
	return left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 0;
}

/* A row tells the streak of that check of a set with which the endpoint turns,
 * and not which that is; the reason may be that of another, so that it is not
 * known either whether it is one of generations. */
static uint32_t
left_of_set(
    const struct policy_check *set, const struct vote *vote, int64_t mono_ms)
{
	uint32_t least = LIVE_NOT_PENDING;

	for (size_t i = 0; i <= set->more; i++)
		for (int deep = 0; deep < 2; deep++) {
			struct vote of = *vote;
			uint32_t left;

			if (deep != 0 && set[i].deep.every_ms == 0)
				continue;
			of.deep = deep != 0;
			left = left_of(&set[i], &of, mono_ms);
			if (left < least)
				least = left;
		}
	return least;
}

uint32_t
pending_left(
    const struct policy_check *check, const struct vote *vote, int64_t mono_ms)
{
	return check->more == 0 ? left_of(check, vote, mono_ms)
				: left_of_set(check, vote, mono_ms);
}
