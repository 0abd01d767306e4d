/*
 * What each preset and the server that it is for come to, in each shape.
 * Called by presets_test.c; asks nobody.
 */
#include "tests/system/promises.h"

#include <stdio.h>
#include <string.h>

const struct promise promise_up = {"up", ""};
static const struct promise none = {NULL, NULL};

struct promise
promise_down(const char *reason)
{
	return (struct promise){"down", reason};
}

/* Of a generation, where the server has one. */
static struct promise
deep(const struct inference_kind *kind, struct promise promise)
{
	return kind->generation != NULL ? promise : none;
}

static struct promise
of_loading(const struct inference_kind *kind)
{
	static char reason[64];

	if (kind->grpc)
		return promise_down("grpc: NOT_SERVING");
	/* Two say what it is that they do. */
	if (strncmp(kind->loading, "200", 3) == 0)
		return promise_down("loading: body: no version is available");
	snprintf(reason, sizeof(reason), "%sstatus %.3s",
	    strcmp(kind->preset, "llamacpp") == 0 ? "loading: " : "",
	    kind->loading);
	return promise_down(reason);
}

static struct promise
of_another_model(const struct inference_kind *kind)
{
	static char reason[96];

	if (kind->models == NULL)
		return none;
	if (strcmp(kind->preset, "tgi") == 0)
		return promise_down("body: another model");
	if (kind->others_body != NULL)
		return promise_down("body: model not listed");
	snprintf(reason, sizeof(reason), "%s: status 404", kind->models);
	return promise_down(reason);
}

/* An answer of 200 without a token: who looks at it finds that. */
static struct promise
of_no_token(const struct inference_kind *kind)
{
	if (kind->generation == NULL || kind->token_body[0] == '\0')
		return none;
	return promise_down("deep: body: no token came");
}

static struct promise
of_key(const struct inference_kind *kind, bool given)
{
	static char reason[96];

	if (kind->models == NULL)
		return none;
	if (given)
		return promise_up;
	snprintf(reason, sizeof(reason), "%s: status 401", kind->models);
	return promise_down(reason);
}

struct promise
promise_of(const struct inference_kind *kind, unsigned shape, bool key)
{
	switch (shape) {
	case SHAPE_READY:
	case SHAPE_RESET:
		return promise_up;
	case SHAPE_LOADING:
		return of_loading(kind);
	case SHAPE_ANOTHER_MODEL:
		return of_another_model(kind);
	case SHAPE_DEAD_ENGINE:
		return deep(kind, promise_down("deep: timeout"));
	case SHAPE_NO_TOKEN:
		return of_no_token(kind);
	/* Too much to do is no death. */
	case SHAPE_BUSY:
	case SHAPE_UNAVAILABLE:
		return deep(kind, promise_up);
	case SHAPE_HUNG:
	case SHAPE_DRIP:
		return promise_down("timeout");
	case SHAPE_GARBAGE:
		return promise_down(kind->grpc
			? "closed without an answer in HTTP/2"
			: "not HTTP");
	case SHAPE_HALF:
		return promise_down("body: cut short");
	case SHAPE_ENDLESS_HEADERS:
		return promise_down(
		    kind->grpc ? "answer: HTTP/2: %" : "headers: over 64 KiB");
	case SHAPE_SATURATED:
	case SHAPE_RENAMED_METRICS:
		return kind->metrics != NULL ? promise_up : none;
	case SHAPE_ADAPTERS:
		return kind->models != NULL ? promise_up : none;
	default:
		return of_key(kind, key);
	}
}

struct promise
promise_of_bare(unsigned shape)
{
	switch (shape) {
	case SHAPE_READY:
	case SHAPE_RESET:
		return promise_up;
	case SHAPE_HUNG:
	case SHAPE_DRIP:
		return promise_down("timeout");
	case SHAPE_LOADING:
	case SHAPE_GARBAGE:
	case SHAPE_HALF:
		return promise_down("closed without what is expected");
	case SHAPE_ENDLESS_HEADERS:
		return promise_down("body: not what is expected in 64 KiB");
	default:
		return none;
	}
}
