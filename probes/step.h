/*
 * Steps: the requests that the preset of a check asks for, one after the other,
 * and what each answer must be.  Pure; called by an attempt, which sends them.
 */
#ifndef PROBES_STEP_H
#define PROBES_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/steering.h"
#include "probes/model_list.h"
#include "state/rows.h"

struct step_request {
	const char *path;
	/* The body is a list of models, see model_list_init(); NULL: no body is
	 * looked at. */
	const char *list, *member;
};

/*
 * more = step_request(check, step, out): fill ${out} with the request of
 * ${check} number ${*step}, 0 first.  A step that the check leaves out is
 * passed over: ${*step} is then the next that it has.  False when there is none
 * any more: all before it having passed, the check has passed.
 */
bool step_request(
    const struct check_config *check, unsigned *step, struct step_request *out);

/*
 * expected = step_expects(check, step, status): is ${status} a code with which
 * the check may pass?
 */
bool step_expects(
    const struct check_config *check, unsigned step, unsigned status);

/*
 * passed = step_judge(list, reason): judge the body of an answer with an
 * expected code, all of which was read into ${list}.  When false, say why in
 * ${reason}.
 */
bool step_judge(struct model_list *list, char reason[STATE_REASON]);

#endif
