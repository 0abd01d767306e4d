/*
 * Steps of a check: the request that each asks for, and what the code of an
 * answer means to it.  Pure; called by an attempt, which sends them.
 */
#ifndef PROBES_ASK_STEP_H
#define PROBES_ASK_STEP_H

#include "config/check.h"
#include "probes/ask/grpc.h"
#include "probes/ask/http_check.h"
#include "state/endpoint_key.h"

enum step_code {
	STEP_EXPECTED,
	STEP_BUSY, /* it is alive, and has too much to do */
	STEP_UNEXPECTED
};

/* step_request(check, step, to, out, body): fill ${out} with what ${step} of
 * ${check} sends to ${to}, perhaps in ${body}; its time and who takes the
 * answer are left. */
void step_request(const struct check_config *check,
    const struct check_step *step, const struct endpoint_address *to,
    struct http_request *out, char body[GRPC_REQUEST_MAX]);

/* What a program is told of what it checks. */
struct step_environment {
	const char *list[16]; /* NAME=value; NULL ends it */
	char room[4096];
};

/*
 * fits = step_environment(check, key, to, out): what a program that checks the
 * endpoint ${key} at ${to} has as its environment, and nothing else: PATH,
 * LANG, MERIDIAN_ENDPOINT, MERIDIAN_POOL, MERIDIAN_ZONE, MERIDIAN_ADDRESS,
 * MERIDIAN_PORT, and MERIDIAN_MODEL where the check names one.
 */
bool step_environment(const struct check_config *check,
    const struct endpoint_key *key, const struct endpoint_address *to,
    struct step_environment *out);

/* code = step_code(step, status, retry_after_s): what the code ${status} means,
 * with a Retry-After of so many seconds, or -1 without one. */
enum step_code step_code(
    const struct check_step *step, unsigned status, int64_t retry_after_s);

#endif
