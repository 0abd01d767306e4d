/*
 * What the files of the HTTP checker have in common: http_check.c (the life of
 * a request), http_request.c (what is sent), http_headers.c (what headers say),
 * http_talk.c (bare connections), http_lane.c (libcurl on the loop),
 * http_kept.c (connections that stay open) and http_judge.c (what became of
 * it).  Included by those only; all runs on the thread of the loop.
 */
#ifndef PROBES_ASK_HTTP_PARTS_H
#define PROBES_ASK_HTTP_PARTS_H

#include <curl/curl.h>

#include "probes/ask/http_check.h"
#include "probes/ask/secret.h"
#include "probes/ask/tls.h"
#include "transfer/multi.h"

/* A time-out that is noticed later than this is our own fault: the loop was
 * held up, and the answer may be in the socket unread.  A loop that is not held
 * up is late by a few milliseconds. */
#define LATE_MS 50

/*
 * What one request may cost in CPU time of this thread, a file of authorities
 * aside that had to be read.  A check over TLS takes 1.2 ms, the longest list
 * of models 60; the rest is for slow machines.  A server that takes more wastes
 * the time of all others, and whatever it does for that, it has failed.
 */
#define COST_MAX_US 250000

struct lane {
	struct http_checker *checker;
	struct lane *next;
	char *ca; /* NULL: the system's, or no verification */
	/* 1 to SHARDS; as many more of connections that are kept, and some of
	 * those that verify; 0: of others that verify. */
	unsigned shard;
	struct multi *multi;
	size_t running;
	bool retired;  /* takes no new requests, freed after the last */
	bool draining; /* done() may be running: it must not be freed */
};

/* A connection that may serve several requests. */
struct kept {
	struct kept *next; /* of the same bucket */
	uint64_t group;
	int fd;
	const struct http_check *user; /* or NULL */
	bool connected;                /* it came to be */
	bool ended;                    /* nothing of its group follows */
	int64_t certificate_ends_ms;
};

/* A few in each, with 10,000 that are kept. */
#define KEPT_BUCKETS 1024

struct http_checker {
	uv_loop_t *loop;
	struct lane *lanes;
	struct secret_store *secrets;
	unsigned shard;     /* the next to be dealt */
	int64_t charged_us; /* CPU time that some check has paid */
	bool on_time;       /* libcurl acts on a timer */
	uv_prepare_t turn;  /* of the loop: */
	uint64_t turned_ns, idle_ns;
	int64_t late_ms; /* the sum of all turns that took long */
	/* Kept connections: by their descriptors, and by their groups. */
	struct kept **by_fd;
	size_t n_fds, n_kept, kept_most;
	uint64_t group; /* the last that was given */
	struct kept *buckets[KEPT_BUCKETS];
};

/* Room for "Sunday, 06-Nov-94 08:49:37 GMT" and more; dates that are longer are
 * none. */
#define HTTP_DATE_MAX 48

/* What an answer must be for a bare connection, and how far that is. */
struct talk {
	char *send, *receive; /* NULL: nothing */
	size_t send_len, sent;
	size_t receive_len;
	char *came;
	size_t n_came, size;
	uv_poll_t *poll; /* of its socket, when that must be waited for */
};

struct http_check {
	struct lane *lane;
	CURL *easy;
	struct curl_slist *connect_to, *headers;
	http_done done;
	void *context;
	http_take take;
	http_header header;
	struct endpoint_address to;
	uint64_t group;
	enum http_kind kind;
	bool last; /* its connection is closed afterwards */
	bool only_http2;
	size_t header_bytes, body_bytes;
	bool interim; /* the headers are those of an interim answer */
	bool garbled; /* a status line that is none */
	bool headers_ended;
	bool encoded; /* the body, as nobody asked for */
	bool enough;  /* of a body that does not matter */
	bool again;   /* it has been sent a second time */
	/* Retry-After and Date as they came, or "". */
	char retry[HTTP_DATE_MAX], date[HTTP_DATE_MAX];
	uv_timer_t timer;           /* its time-out */
	uint64_t began_ns, sent_ns; /* of uv_hrtime(); it was sent again */
	int64_t deadline_ms;        /* monotonic */
	int64_t timeout_ms;
	int64_t acted_ms; /* monotonic: when it last sent or read anything */
	int64_t late_ms;  /* of the checker, when it began */
	int64_t cost_us;  /* CPU time */
	int fd;           /* its socket, or -1 */
	struct tls_peer peer;
	char *host; /* of ${peer} */
	struct talk talk;
	int64_t first_byte_us; /* of a bare connection; -1 */
	int trouble;           /* errno of what this process failed at, or 0 */
	char words[STATE_REASON]; /* why it cannot be sent, or "" */
	char error[CURL_ERROR_SIZE];
};

/* status = http_request_prepare(check, request): fill in check->easy: what is
 * sent, where to, and within which bounds.  -1 without memory; 0 also when
 * check->words says why nothing can be sent. */
int http_request_prepare(
    struct http_check *check, const struct http_request *request);

/* http_headers_take(check, line, len): one line of headers, of any answer. */
void http_headers_take(struct http_check *check, const char *line, size_t len);

/* s = http_headers_retry(check): what Retry-After said, see retry_after_s. */
int64_t http_headers_retry(const struct http_check *check);

/* lane = http_lane_find(checker, request): the one for ${request}; NULL without
 * memory. */
struct lane *http_lane_find(
    struct http_checker *checker, const struct http_request *request);

/* http_lane_leave(lane): free a retired lane when nothing runs in it. */
void http_lane_leave(struct lane *lane);

/* http_lane_charge(checker, check): what this thread has spent since the last
 * call was spent for ${check}; NULL: for none. */
void http_lane_charge(struct http_checker *checker, struct http_check *check);

/*
 * Bare connections.  http_talk_prepare(check, request): copy what is said; -1
 * without memory.  http_talk_begin(check): its connection is made: CURLE_AGAIN
 * when it goes on, and then http_check_finish() is called; else how it ended.
 * http_talk_end(check): leave its socket alone, before that is closed.
 * http_talk_finish(check): free what it has.
 */
int http_talk_prepare(
    struct http_check *check, const struct http_request *request);
CURLcode http_talk_begin(struct http_check *check);
void http_talk_end(struct http_check *check);
void http_talk_finish(struct http_check *check);

/*
 * Connections that are kept.  http_kept_open(check, fd): ${check} opened one;
 * -1 without memory.  http_kept_use(check): it has the one with its descriptor.
 * http_kept_of(check): that one, or NULL.  http_kept_leave(check): it is over.
 * http_kept_on_close(): for CURLOPT_CLOSESOCKETFUNCTION, with the checker.
 */
int http_kept_open(struct http_check *check, int fd);
void http_kept_use(struct http_check *check);
struct kept *http_kept_of(const struct http_check *check);
void http_kept_leave(struct http_check *check);
int http_kept_on_close(void *checker, curl_socket_t fd);

/* http_kept_forget_all(checker): libcurl has closed all. */
void http_kept_forget_all(struct http_checker *checker);

/* is = http_check_connected(check): its connection has come to be. */
bool http_check_connected(const struct http_check *check);

/* http_check_finish(check, code): it ended with ${code}; calls done(), and
 * ${check} is gone. */
void http_check_finish(struct http_check *check, CURLcode code);

/* http_check_end(check, code): libcurl says that it ended with ${code}: finish
 * it, unless it goes on. */
void http_check_end(struct http_check *check, CURLcode code);

/* http_judge(check, code, answer): turn ${code} into an outcome and a reason
 * for operators; the rest of ${answer} is filled in. */
void http_judge(
    const struct http_check *check, CURLcode code, struct http_answer *answer);

#endif
