/*
 * What the steps of a check send, and which codes they take.  Called by an
 * attempt; sends nothing.
 */
#include "probes/step.h"

#include <string.h>

void
step_request(const struct check_config *check, const struct check_step *step,
    const struct endpoint_address *to, struct http_request *out)
{
	*out = (struct http_request){
	    .to = to,
	    .https = check->https,
	    .verify = check->verify,
	    .host = check->host,
	    .ca = check->ca,
	    .method = step->method,
	    .path = step->path,
	    .headers = step->headers,
	    .n_headers = step->n_headers,
	    .body = step->body,
	    .body_len = step->body != NULL ? strlen(step->body) : 0,
	    .client = &check->client,
	};
}

static bool
is_among(const struct code_range *list, size_t n, unsigned status)
{
	for (size_t i = 0; i < n; i++)
		if (status >= list[i].first && status <= list[i].last)
			return true;
	return false;
}

enum step_code
step_code(const struct check_step *step, unsigned status, int64_t retry_after_s)
{
	if (is_among(step->expect, step->n_expect, status))
		return STEP_EXPECTED;
	if (is_among(step->busy, step->n_busy, status) ||
	    (step->busy_retry_after && status == 503 && retry_after_s >= 0))
		return STEP_BUSY;
	return STEP_UNEXPECTED;
}
