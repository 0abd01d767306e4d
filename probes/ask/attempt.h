/*
 * One check of one endpoint: all its addresses at the same time, at each the
 * steps of a plan one after the other, all within the timeout of the plan.
 * Started by the daemon at each turn; counts no streaks.
 */
#ifndef PROBES_ASK_ATTEMPT_H
#define PROBES_ASK_ATTEMPT_H

#include "config/check.h"
#include "probes/ask/http_check.h"
#include "probes/ask/program.h"
#include "state/endpoint_key.h"

enum attempt_outcome {
	ATTEMPT_PASSED,   /* at all addresses */
	ATTEMPT_DEGRADED, /* passed, but not as it should: slowly */
	ATTEMPT_BUSY,     /* alive, with too much to do to be judged further */
	ATTEMPT_FAILED,   /* at one or more */
	ATTEMPT_UNMADE /* it says nothing of the endpoint: the probe failed */
};

struct attempt_result {
	enum attempt_outcome outcome;
	/* Of the first address with the worst outcome, which it names where the
	 * endpoint has several; "" when passed. */
	char reason[STATE_REASON];
	/* Of the first step at the slowest address; -1 when at one of them it
	 * did not come so far. */
	int64_t connect_us, first_byte_us;
	/* Of the slowest step; -1: none was answered.  A generation that is
	 * streamed ends with the first octet of its body. */
	int64_t total_us;
	int64_t retry_after_s; /* of the last step that had one; -1: none */
	unsigned status; /* of the last answer there; 0: none, or no HTTP */
	/* Wall clock: when the first of the certificates ends; 0: none was
	 * seen. */
	int64_t certificate_ends_ms;
};

/* What is asked, of whom.  All of it must live as long as the attempt, or
 * attempt_follow() be called. */
struct attempt_ask {
	const struct endpoint_address *to;
	size_t n; /* at least 1 */
	const struct check_config *check;
	bool deep; /* by its plan `deep` in place of `plan` */
	/* Whose connections are used, and kept afterwards, where the check
	 * allows it: see struct http_request.  0: its own. */
	uint64_t group;
	/* Of a check by a program: what runs it, and what it checks. */
	struct program_host *programs;
	const struct endpoint_key *key;
};

struct attempt;

/* A step that has ended, as it was judged. */
struct attempt_step {
	const struct endpoint_address *to;
	const struct check_step *step;
	const struct http_answer *answer; /* NULL: of a program */
	int64_t total_us;
	enum attempt_outcome outcome;
	const char *reason;
};

struct attempt_calls {
	/* Called once, unless the attempt is cancelled; it is freed then. */
	void (*done)(void *context, const struct attempt_result *result);
	/* A header of any answer; NULL: they do not matter. */
	http_header header;
	/* Each step at each address, before what comes of them all; NULL: they
	 * do not matter. */
	void (*trace)(void *context, const struct attempt_step *step);
};

/*
 * attempt = attempt_start(checker, ask, calls, context): begin a check.
 * ${calls} must live as long.  NULL without memory; then none is called.
 */
struct attempt *attempt_start(struct http_checker *checker,
    const struct attempt_ask *ask, const struct attempt_calls *calls,
    void *context);

/* attempt_follow(attempt, ask): use ${ask} from now on, which asks the same
 * (check_same()) from a newer table, as the older one is about to be freed. */
void attempt_follow(struct attempt *attempt, const struct attempt_ask *ask);

/* attempt_expire(attempt): its time is over: an address that has not answered
 * by now has failed.  Calls done() before it returns. */
void attempt_expire(struct attempt *attempt);

/* attempt_cancel(attempt): end it at once, without done(). */
void attempt_cancel(struct attempt *attempt);

#endif
