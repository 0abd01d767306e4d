/*
 * One HTTP(S) request to a numeric address, for the attempts: on a connection
 * of its own, through no proxy, following no redirection, bounded in time and
 * size.  The only part that knows libcurl (http_*.c).
 *
 * Threads: all calls are made on the thread of the loop.
 * Security: answers come from servers that are not trusted; of each at most
 * HTTP_CHECK_HEADER_MAX octets of headers and HTTP_CHECK_BODY_MAX of body are
 * read, HTTP_CHECK_TAKEN_MAX of a body that somebody wants.  Nothing is kept.
 */
#ifndef PROBES_HTTP_CHECK_H
#define PROBES_HTTP_CHECK_H

#include <uv.h>

#include "base/address.h"
#include "config/check.h"
#include "state/rows.h"

/* Servers send some hundred bytes of headers; of a body that nobody looks at,
 * so much shows that the server sends one. */
#define HTTP_CHECK_HEADER_MAX ((size_t)64 << 10)
#define HTTP_CHECK_BODY_MAX ((size_t)64 << 10)
/* Of one that somebody does: 16,000 models with a kilobyte each. */
#define HTTP_CHECK_TAKEN_MAX ((size_t)16 << 20)

struct http_checker;
struct http_check;

/* checker = http_checker_create(loop): NULL without memory, or when libcurl is
 * not built with OpenSSL. */
struct http_checker *http_checker_create(uv_loop_t *loop);

/*
 * http_checker_refresh(checker): read files of certificate authorities anew
 * from the next request on.  Without it libcurl keeps them for up to a day.
 */
void http_checker_refresh(struct http_checker *checker);

/* http_checker_close(checker): free it; no request may be under way.  Handles
 * it closes stay on the loop for one more turn.  NULL is fine. */
void http_checker_close(struct http_checker *checker);

/* take(context, data, len): the next octets of the body. */
typedef void (*http_take)(void *context, const char *data, size_t len);

/* header(context, name, value): one header of the answer, or a trailer, in
 * printable ASCII; those longer than HTTP_CHECK_LINE_MAX are left out. */
#define HTTP_CHECK_LINE_MAX 4096
typedef void (*http_header)(void *context, const char *name, const char *value);

struct http_request {
	const struct endpoint_address *to;
	bool https, verify;
	const char *host;   /* Host header and SNI; NULL: the address */
	const char *ca;     /* path, in place of the system's; or NULL */
	const char *method; /* NULL: GET */
	const char *path;   /* starts with / */
	/* Those of the step, and of the operator beside them. */
	const struct step_header *headers, *client_headers;
	size_t n_headers, n_client_headers;
	const char *body;    /* to send; NULL: none */
	bool hide_port;      /* the Host header is without one */
	http_take take;      /* for the body; NULL: it does not matter */
	http_header header;  /* NULL: they do not matter */
	uint64_t timeout_ms; /* for all of it; at least 1 */
};

enum http_outcome {
	HTTP_ANSWERED, /* whole, or as much of it as matters */
	HTTP_FAILED,   /* the endpoint's fault */
	HTTP_UNMADE    /* ours: no descriptors, no memory, no CA file, a
			  time-out that we noticed far too late... */
};

struct http_answer {
	enum http_outcome outcome;
	unsigned status; /* also where the rest of it failed; 0: none */
	/* From the start of the request; -1 when it did not come so far. */
	int64_t connect_us, tls_us, first_byte_us, total_us;
	int64_t retry_after_s;     /* of its header Retry-After; -1 without */
	char reason[STATE_REASON]; /* printable ASCII; "" when answered */
};

typedef void (*http_done)(void *context, const struct http_answer *answer);

/*
 * check = http_check_start(checker, request, done, context): begin, and call
 * ${done} once, later, unless the check is cancelled; it is freed then.  The
 * body goes to ${request}->take with the same ${context} before that.
 * ${request} is not needed after the call.  NULL when there is no memory.
 */
struct http_check *http_check_start(struct http_checker *checker,
    const struct http_request *request, http_done done, void *context);

/* http_check_expire(check): its time is over: calls done() at once. */
void http_check_expire(struct http_check *check);

/* http_check_cancel(check): end it at once, without done(). */
void http_check_cancel(struct http_check *check);

#endif
