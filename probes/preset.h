/*
 * Presets: which requests a check makes, one after the other, and what each
 * answer must be.  Pure; called by an attempt, sends nothing itself.
 *
 * http: GET path, with one of the expected codes.
 * vllm: the same (/health, 200), and then, when a model is named, GET
 * /v1/models, whose list must name it.
 */
#ifndef PROBES_PRESET_H
#define PROBES_PRESET_H

#include <stdbool.h>
#include <stddef.h>

#include "config/steering.h"
#include "state/rows.h"

struct preset_request {
	const char *path;
	size_t keep; /* octets of the body that the judge must see; 0: none */
};

/*
 * more = preset_request(check, step, out): fill ${out} with the request of
 * ${check} number ${step}, 0 first.  False when there is none any more: all
 * before it having passed, the check has passed.
 */
bool preset_request(const struct check_config *check, unsigned step,
    struct preset_request *out);

/*
 * expected = preset_expects(check, step, status): is ${status} a code with
 * which the check may pass?
 */
bool preset_expects(
    const struct check_config *check, unsigned step, unsigned status);

/*
 * passed = preset_judge(check, step, body, len, reason): judge the whole
 * ${body} of an answer with an expected code.  When false, say why in
 * ${reason}.  Nothing a body may hold does harm.
 */
bool preset_judge(const struct check_config *check, unsigned step,
    const char *body, size_t len, char reason[STATE_REASON]);

#endif
