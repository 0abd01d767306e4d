/*
 * Steps of a check: the request that each asks for, and what the code of an
 * answer means to it.  Pure; called by an attempt, which sends them.
 */
#ifndef PROBES_STEP_H
#define PROBES_STEP_H

#include "config/check.h"
#include "probes/grpc.h"
#include "probes/http_check.h"

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

/* code = step_code(step, status, retry_after_s): what the code ${status} means,
 * with a Retry-After of so many seconds, or -1 without one. */
enum step_code step_code(
    const struct check_step *step, unsigned status, int64_t retry_after_s);

#endif
