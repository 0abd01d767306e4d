/*
 * One exchange with a server at a numeric address, for the attempts: an HTTP(S)
 * request and its answer, or a bare connection over TCP or TLS and what is said
 * on it.  Through no proxy, following no redirection, decompressing nothing,
 * bounded in time and size.  The only part that knows libcurl (http_*.c).
 *
 * Threads: all calls are made on the thread of the loop.
 * Security: answers come from servers that are not trusted; of each at most
 * HTTP_CHECK_HEADER_MAX octets of headers and HTTP_CHECK_BODY_MAX of body are
 * read, HTTP_CHECK_TAKEN_MAX of a body that somebody wants.  Secrets go into
 * what is sent, and nowhere else.
 */
#ifndef PROBES_ASK_HTTP_CHECK_H
#define PROBES_ASK_HTTP_CHECK_H

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
/* A longer line of headers is not handed on: load in JSON has some hundred
 * characters. */
#define HTTP_CHECK_LINE_MAX ((size_t)4 << 10)
/* An answer that wants us to wait for longer does not know what it says. */
#define HTTP_CHECK_RETRY_MAX 86400

struct http_checker;
struct http_check;

/* checker = http_checker_create(loop): NULL without memory, or when libcurl is
 * not built with OpenSSL. */
struct http_checker *http_checker_create(uv_loop_t *loop);

/*
 * http_checker_refresh(checker): read files of certificate authorities anew
 * from the next request on, and keep no connection.  Without it libcurl keeps
 * the files for up to a day.
 */
void http_checker_refresh(struct http_checker *checker);

/* http_checker_close(checker): free it; no request may be under way.  Handles
 * it closes stay on the loop for one more turn.  NULL is fine. */
void http_checker_close(struct http_checker *checker);

/* n = http_checker_kept(checker): the connections that are kept, in use or
 * not. */
size_t http_checker_kept(const struct http_checker *checker);

/* group = http_checker_group(checker): one that no request has had yet. */
uint64_t http_checker_group(struct http_checker *checker);

/* http_checker_end_group(checker, group): what is kept of ${group} and not in
 * use is closed: nothing of it follows. */
void http_checker_end_group(struct http_checker *checker, uint64_t group);

/* take(context, data, len): the next octets of the body. */
typedef void (*http_take)(void *context, const char *data, size_t len);

/* header(context, name, value): a header or a trailer of the answer, not of an
 * interim one; both printable ASCII, ${name} as the server wrote it. */
typedef void (*http_header)(void *context, const char *name, const char *value);

enum http_kind {
	HTTP_EXCHANGE, /* a request */
	HTTP_TCP,      /* a connection */
	HTTP_TLS       /* the same and a handshake */
};

enum http_version {
	HTTP_VERSION_1,       /* HTTP/1.1 */
	HTTP_VERSION_OFFERED, /* HTTP/2 over TLS where the server has it */
	HTTP_VERSION_2        /* HTTP/2 and nothing else; without TLS by prior
				 knowledge (RFC 9113, 3.3) */
};

struct http_request {
	enum http_kind kind;
	const struct endpoint_address *to;
	bool https, verify;
	const char *host;   /* Host header and SNI; NULL: the address */
	const char *ca;     /* path, in place of the system's; or NULL */
	const char *path;   /* starts with / */
	const char *method; /* NULL: GET */
	enum http_version version;
	/* Of this request; those of the client of the same name take their
	 * place. */
	const struct step_header *headers;
	size_t n_headers;
	const char *body; /* NULL: none */
	size_t body_len;
	/* Whom it is from: headers, credentials, certificate, `host_port` and
	 * `http2`, which offers HTTP/2 as HTTP_VERSION_OFFERED does.  NULL:
	 * nobody, and the port goes into the Host header. */
	const struct client_config *client;
	/* HTTP_TCP, HTTP_TLS: octets to send, and a text that what comes back
	 * must hold; NULL: none. */
	const char *send, *receive;
	size_t send_len;
	http_take take;      /* for the body; NULL: it does not matter */
	http_header header;  /* NULL: they do not matter */
	uint64_t timeout_ms; /* for all of it; at least 1 */
	/*
	 * 0: a connection of its own, which is closed afterwards.  Else one
	 * that is kept may be used, of the same group only, and only where
	 * address, host, TLS, certificate and credentials are the same; and it
	 * is kept, unless this is the ${last}.  A caller who wants no kept one
	 * after a failure takes another group.
	 */
	uint64_t group;
	bool last;
};

enum http_outcome {
	HTTP_ANSWERED, /* whole, or as much of it as matters */
	HTTP_FAILED,   /* the endpoint's fault */
	HTTP_UNMADE    /* ours: no descriptors, no memory, a file that cannot be
			  read, a time-out that we noticed far too late... */
};

struct http_answer {
	enum http_outcome outcome;
	unsigned status; /* also where the rest of it failed; 0: none */
	/* From the start of the request; -1 when it did not come so far, and
	 * where a kept connection had done it before. */
	int64_t connect_us, tls_us;
	int64_t first_byte_us; /* -1 when it did not come so far */
	int64_t total_us;
	/* What Retry-After says from now on, at most HTTP_CHECK_RETRY_MAX; -1:
	 * nothing. */
	int64_t retry_after_s;
	/* Wall clock: when the first of the certificates ends that make the
	 * server's a trusted one; where nobody verifies or that failed, the
	 * server's own or the one that has ended.  0: none was seen. */
	int64_t certificate_ends_ms;
	bool reused;               /* a kept connection */
	unsigned protocol;         /* 10, 11 or 20 of HTTP; 0: no answer */
	char reason[STATE_REASON]; /* printable ASCII; "" when answered */
};

typedef void (*http_done)(void *context, const struct http_answer *answer);

/*
 * check = http_check_start(checker, request, done, context): begin, and call
 * ${done} once, later, unless the check is cancelled; it is freed then.  The
 * body goes to ${request}->take and headers to ${request}->header with the same
 * ${context} before that.  ${request} is not needed after the call.  NULL when
 * there is no memory.
 */
struct http_check *http_check_start(struct http_checker *checker,
    const struct http_request *request, http_done done, void *context);

/* http_check_expire(check): its time is over: calls done() at once. */
void http_check_expire(struct http_check *check);

/* http_check_cancel(check): end it at once, without done(). */
void http_check_cancel(struct http_check *check);

#endif
