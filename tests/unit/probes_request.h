/*
 * A request and what came of it, for the tests of requests: after
 * probes_server.h, whose loop and checker they use.
 */
#ifndef TESTS_UNIT_PROBES_REQUEST_H
#define TESTS_UNIT_PROBES_REQUEST_H

#include <stdio.h>

#include "tests/unit/probes_server.h"

struct outcome {
	bool done;
	struct http_answer answer;
	char body[256];     /* as much of it as fits */
	size_t len;         /* of all of it */
	char headers[1024]; /* "name=value;" each, as many as fit */
};

static void
on_done(void *context, const struct http_answer *answer)
{
	struct outcome *out = context;

	ck_assert(!out->done);
	out->done = true;
	out->answer = *answer;
}

static inline void
on_body(void *context, const char *data, size_t len)
{
	struct outcome *out = context;
	size_t room = sizeof(out->body) - 1;

	if (out->len < room)
		memcpy(out->body + out->len, data,
		    len < room - out->len ? len : room - out->len);
	out->len += len;
}

static inline void
on_header(void *context, const char *name, const char *value)
{
	struct outcome *out = context;
	size_t len = strlen(out->headers);

	snprintf(out->headers + len, sizeof(out->headers) - len, "%s=%s;", name,
	    value);
}

static struct http_request
request_to(const struct server *s)
{
	return (struct http_request){
	    .to = &s->at, .path = "/health", .timeout_ms = 2000};
}

/* Again if this machine was too busy to tell. */
static struct outcome
ask(const struct http_request *request)
{
	struct outcome out;

	do {
		memset(&out, 0, sizeof(out));
		ck_assert_ptr_nonnull(
		    http_check_start(checker, request, on_done, &out));
		while (!out.done)
			uv_run(&loop, UV_RUN_ONCE);
	} while (strstr(out.answer.reason, "probe: too slow") != NULL);
	return out;
}

#endif
