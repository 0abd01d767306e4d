/*
 * The ladder (DESIGN: "Steering: the ladder"): from a client, a class and what
 * is live to endpoints.  The one code for queries, explain and tests.  Runs in
 * workers: no allocation, lock, system call or floating point.
 */
#ifndef STEERING_LADDER_H
#define STEERING_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/source.h"
#include "steering/live.h"
#include "steering/policy.h"

/* What the ladder came to. */
struct decision {
	enum answer_kind kind; /* RECORDS, STATIC or SERVFAIL */
	uint8_t scope;         /* in the family of the client as given */
	bool hashed;           /* the sticky prefix took part */
	bool resort;           /* a last resort */
	uint8_t region;        /* of the endpoints, when RECORDS */
	uint8_t n;             /* endpoints */
	uint32_t member;       /* of the split */
	uint32_t ttl_s;
	uint32_t endpoint[ANSWER_MAX_SETS]; /* numbers in the policy */
};

/* One step of the ladder as it went, for explain. */
enum ladder_step {
	STEP_FENCE,
	STEP_USABLE,
	STEP_SPLIT,
	STEP_RANK,
	STEP_PICK,
	STEP_RESORT,
	STEP_TTL
};

/* Called for each step as it is taken, with text that says what and why. */
struct ladder_trace {
	void (*step)(void *context, enum ladder_step step, const char *text);
	void *context;
};

/*
 * ladder_decide(service, policy, live, request, trace, out): walk the ladder
 * for request->client.  ${trace} is NULL but for explain.
 */
void ladder_decide(const struct policy_service *service,
    const struct policy *policy, const struct live *live,
    const struct answer_request *request, const struct ladder_trace *trace,
    struct decision *out);

/* The answer source of the server: the ladder over a struct snapshot. */
extern const struct answer_source ladder_source;

#endif
