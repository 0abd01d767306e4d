/*
 * A server that plays the inference servers of the field, each in the shapes in
 * which it is met: ready, loading, dead behind a good page, hung, busy, odd.
 * Which server in which shape is asked by the address of 127/8 that a client
 * connects to.  For system tests.
 */
#ifndef TESTS_SYSTEM_INFERENCE_SERVER_H
#define TESTS_SYSTEM_INFERENCE_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define INFERENCE_MODEL "llama-3-70b"
#define INFERENCE_KEY "sesame"

/* How one kind of server answers; bodies are whole. */
struct inference_kind {
	const char *preset;
	bool grpc;         /* its health is gRPC's */
	const char *ready; /* path that says it is ready */
	const char *ready_body;
	const char *loading; /* status line and body while it loads */
	const char *loading_body;
	const char *models;      /* path that names the model; NULL: none */
	const char *models_body; /* where the model is there */
	const char *others_body; /* where it is not; NULL: 404 then */
	const char *generation;  /* "POST /path"; NULL: none */
	const char *token_body;
	const char *metrics; /* path; NULL: none */
	const char *metrics_body;
};

enum inference_shape {
	SHAPE_READY,
	SHAPE_LOADING,
	SHAPE_ANOTHER_MODEL,
	SHAPE_DEAD_ENGINE, /* a good page, and generations that hang */
	SHAPE_NO_TOKEN,    /* generations that answer with nothing */
	SHAPE_SATURATED,   /* metrics say twice as much as it can do */
	SHAPE_BUSY,        /* generations get 429 */
	SHAPE_UNAVAILABLE, /* generations get 503 with Retry-After */
	SHAPE_HUNG,
	SHAPE_GARBAGE,
	SHAPE_HALF,
	SHAPE_DRIP,
	SHAPE_RESET, /* after a whole answer */
	SHAPE_ENDLESS_HEADERS,
	SHAPE_RENAMED_METRICS,
	SHAPE_ADAPTERS, /* 4,097 of them before the model */
	SHAPE_KEY,      /* all but the first page want INFERENCE_KEY */
	INFERENCE_SHAPES
};

extern const struct inference_kind inference_kinds[];
extern const unsigned inference_n_kinds;

/* shape names for endpoints: "dead-engine" */
extern const char *const inference_shape_names[INFERENCE_SHAPES];

/* text = inference_address(kind, shape, out): where that one is met. */
const char *inference_address(unsigned kind, unsigned shape, char out[16]);

/* pid = inference_start(port): serve at ${port} of all of them, in a process of
 * its own that ends with the test. */
pid_t inference_start(uint16_t port);

/*
 * Between the parts of the server.  inference_answer_grpc(fd, shape): answer a
 * request of gRPC.  inference_reset(fd): what was sent has come; the close that
 * follows is a reset.
 */
void inference_reset(int fd);
void inference_answer_grpc(int fd, unsigned shape);

#endif
