/*
 * What the files of the HTTP checker have in common: http_lane.c (libcurl on
 * the loop), http_check.c (requests) and http_judge.c (what became of them).
 * Included by those only; all runs on the thread of the loop.
 */
#ifndef PROBES_HTTP_PARTS_H
#define PROBES_HTTP_PARTS_H

#include <curl/curl.h>

#include "probes/http_check.h"
#include "probes/tls.h"

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
	char *ca;       /* NULL: the system's, or no verification */
	unsigned shard; /* 1 to SHARDS; 0: of those that verify */
	CURLM *multi;
	uv_timer_t timer;
	uint64_t due; /* when libcurl wants to be called; of uv_hrtime() */
	size_t running;
	bool retired;  /* takes no new requests, freed after the last */
	bool draining; /* done() may be running: it must not be freed */
};

struct http_checker {
	uv_loop_t *loop;
	struct lane *lanes;
	struct curl_slist *headers; /* of every request */
	unsigned shard;             /* the next to be dealt */
	int64_t charged_us;         /* CPU time that some check has paid */
	bool on_time;               /* libcurl acts on a timer */
	uv_prepare_t turn;          /* of the loop: */
	uint64_t turned_ns, idle_ns;
	int64_t late_ms; /* the sum of all turns that took long */
};

struct http_check {
	struct lane *lane;
	CURL *easy;
	struct curl_slist *connect_to, *headers;
	http_done done;
	void *context;
	http_take take;
	http_header header;
	bool retry_after; /* the answer has that header */
	size_t header_bytes, body_bytes;
	bool headers_ended;
	bool enough;         /* of a body that does not matter */
	uv_timer_t timer;    /* its time-out */
	int64_t deadline_ms; /* monotonic */
	int64_t timeout_ms;
	int64_t acted_ms; /* monotonic: when it last sent or read anything */
	int64_t late_ms;  /* of the checker, when it began */
	int64_t cost_us;  /* CPU time */
	int fd;           /* its socket, or -1 */
	struct tls_peer peer;
	char *host;  /* of ${peer} */
	int trouble; /* errno of what this process failed at, or 0 */
	char error[CURL_ERROR_SIZE];
};

/* lane = http_lane_find(checker, request): the one for ${request}; NULL without
 * memory. */
struct lane *http_lane_find(
    struct http_checker *checker, const struct http_request *request);

/* http_lane_leave(lane): free a retired lane when nothing runs in it. */
void http_lane_leave(struct lane *lane);

/* http_lane_charge(checker, check): what this thread has spent since the last
 * call was spent for ${check}; NULL: for none. */
void http_lane_charge(struct http_checker *checker, struct http_check *check);

/* http_check_finish(check, code): it ended with ${code}; calls done(), and
 * ${check} is gone. */
void http_check_finish(struct http_check *check, CURLcode code);

/* http_judge(check, code, answer): turn ${code} into an outcome and a reason
 * for operators; the rest of ${answer} is filled in. */
void http_judge(
    const struct http_check *check, CURLcode code, struct http_answer *answer);

#endif
