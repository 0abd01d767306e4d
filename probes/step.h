/*
 * Steps: the requests that the preset of a check asks for, one after the other,
 * and what each answer must be.  Pure; called by an attempt, which sends them.
 */
#ifndef PROBES_STEP_H
#define PROBES_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/steering.h"
#include "state/rows.h"

struct step_request {
	const char *path;
	size_t keep; /* octets of the body that the judge must see; 0: none */
};

/*
 * more = step_request(check, step, out): fill ${out} with the request of
 * ${check} number ${step}, 0 first.  False when there is none any more: all
 * before it having passed, the check has passed.
 */
bool step_request(
    const struct check_config *check, unsigned step, struct step_request *out);

/*
 * expected = step_expects(check, step, status): is ${status} a code with which
 * the check may pass?
 */
bool step_expects(
    const struct check_config *check, unsigned step, unsigned status);

/*
 * passed = step_judge(check, step, body, len, reason): judge the whole ${body}
 * of an answer with an expected code.  When false, say why in ${reason}.
 * Nothing a body may hold does harm.
 */
bool step_judge(const struct check_config *check, unsigned step,
    const char *body, size_t len, char reason[STATE_REASON]);

#endif
