/*
 * The health protocol of gRPC, grpc.health.v1.Health/Check: the message that
 * asks, and what the answer means.  Pure; called by an attempt, which sends it
 * over HTTP/2 with answers of servers that are not trusted.
 */
#ifndef PROBES_ASK_GRPC_H
#define PROBES_ASK_GRPC_H

#include <stdbool.h>
#include <stddef.h>

#include "state/rows.h"

/* The path of the method, and the headers that a request needs. */
#define GRPC_HEALTH_PATH "/grpc.health.v1.Health/Check"

/* A message of one service, whose name is at most GRPC_SERVICE_MAX octets. */
#define GRPC_SERVICE_MAX 255
#define GRPC_REQUEST_MAX (5 + 3 + GRPC_SERVICE_MAX)

/* Of an answer, which has two octets; more may be fields that we do not know.
 */
#define GRPC_ANSWER_MAX 256

struct grpc_answer {
	unsigned char data[GRPC_ANSWER_MAX];
	size_t len;  /* of ${data} */
	bool more;   /* than fits */
	bool headed; /* it said a status */
	unsigned status;
	char
	    words[STATE_REASON]; /* of grpc-message in printable ASCII, or "" */
};

/* len = grpc_request(service, out): the body that asks for the health of
 * ${service}, "" for that of the server. */
size_t grpc_request(const char *service, char out[GRPC_REQUEST_MAX]);

/* grpc_begin(answer): nothing has come. */
void grpc_begin(struct grpc_answer *answer);

/* grpc_read(answer, data, len): the next octets of the body. */
void grpc_read(struct grpc_answer *answer, const char *data, size_t len);

/* grpc_header(answer, name, value): a header or a trailer. */
void grpc_header(
    struct grpc_answer *answer, const char *name, const char *value);

/* serving = grpc_judge(answer, reason): all of it has come.  When false, why is
 * in ${reason}, after "grpc: ". */
bool grpc_judge(const struct grpc_answer *answer, char reason[STATE_REASON]);

/* full = grpc_full(answer): it says RESOURCE_EXHAUSTED: it is alive, and has
 * too much to do. */
bool grpc_full(const struct grpc_answer *answer);

#endif
