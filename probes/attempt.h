/*
 * One check of one endpoint: all its addresses at the same time, at each the
 * requests of the preset one after the other, all within the timeout of the
 * check.  Started by the daemon at each turn; counts no streaks.
 */
#ifndef PROBES_ATTEMPT_H
#define PROBES_ATTEMPT_H

#include "probes/http_check.h"
#include "probes/target.h"

enum attempt_outcome {
	ATTEMPT_PASSED, /* at all addresses */
	ATTEMPT_FAILED, /* at one or more */
	ATTEMPT_UNMADE  /* it says nothing of the endpoint: the probe failed */
};

struct attempt_result {
	enum attempt_outcome outcome;
	/* Of the first address that failed, which it names where the endpoint
	 * has several; "" when passed. */
	char reason[STATE_REASON];
	/* Of the first request at the slowest address; -1 when at one of them
	 * it did not come so far. */
	int64_t connect_us, first_byte_us;
};

struct attempt;

typedef void (*attempt_done)(
    void *context, const struct attempt_result *result);

/*
 * attempt = attempt_start(checker, target, done, context): begin a check.
 * ${done} is called once, unless the attempt is cancelled; it is freed then.
 * ${target} must live as long, or attempt_follow() be called.  NULL without
 * memory; then ${done} is not called.
 */
struct attempt *attempt_start(struct http_checker *checker,
    const struct target *target, attempt_done done, void *context);

/* attempt_follow(attempt, target): use ${target} from now on, the same target
 * (target_same()) in a newer table, as the older table is about to be freed. */
void attempt_follow(struct attempt *attempt, const struct target *target);

/* attempt_expire(attempt): its time is over: an address that has not answered
 * by now has failed.  Calls done() before it returns. */
void attempt_expire(struct attempt *attempt);

/* attempt_cancel(attempt): end it at once, without done(). */
void attempt_cancel(struct attempt *attempt);

#endif
