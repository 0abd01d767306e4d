/*
 * What the body of an answer says, by the rules of a step: texts that it must
 * hold, texts that it must not, and values of its JSON.  Read piece by piece as
 * it comes in.  Pure, without allocation; fed by checks with answers of servers
 * that are not trusted.
 */
#ifndef PROBES_ASK_BODY_H
#define PROBES_ASK_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/check.h"
#include "probes/ask/json_paths.h"
#include "state/rows.h"

/* Rules of one kind that a step has at most, and octets of a text of them. */
#define BODY_MAX_RULES 32
#define BODY_MAX_TEXT 256

/* For body.c only; here, so that it can be part of another struct. */
struct body {
	const struct check_step *step;
	uint32_t has, lacks, loading; /* bits of texts that were seen */
	uint32_t was;                 /* of rules: a value that it names */
	char tail[2 * BODY_MAX_TEXT];
	size_t tail_len; /* of what was read last */
	struct json_path path[BODY_MAX_RULES];
	struct json_paths json;
};

/* wanted = body_matters(step): it has a rule. */
bool body_matters(const struct check_step *step);

/* body_init(body, step): begin to read an answer to ${step}. */
void body_init(struct body *body, const struct check_step *step);

/* body_follow(body, step): ${step} is the same at another place, which will
 * live on. */
void body_follow(struct body *body, const struct check_step *step);

/* body_read(body, data, len): read on. */
void body_read(struct body *body, const char *data, size_t len);

/* loading = body_is_loading(body): what was read of an answer tells that its
 * server is loading what it serves. */
bool body_is_loading(const struct body *body);

/* passed = body_judge(body, reason): that was all of it.  When false, the first
 * rule that does not hold is in ${reason}, after "body: ". */
bool body_judge(struct body *body, char reason[STATE_REASON]);

#endif
