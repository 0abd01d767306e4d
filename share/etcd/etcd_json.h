/*
 * Answers of etcd's JSON gateway: read into values, or refused.  Numbers of 64
 * bits come as strings, octets as base 64, what is zero or false is left out.
 * Nothing in an answer is trusted.  Pure; the values are in an arena.
 */
#ifndef SHARE_ETCD_ETCD_JSON_H
#define SHARE_ETCD_ETCD_JSON_H

#include "base/arena.h"
#include "share/etcd/etcd_answer.h"

/* Longest token, the NUL counted. */
#define ETCD_TOKEN 4096

enum etcd_kind {
	ETCD_KIND_RANGE,
	ETCD_KIND_TXN,
	ETCD_KIND_GRANT,
	ETCD_KIND_KEEP,
	ETCD_KIND_REVOKE,
	ETCD_KIND_STATUS,
	ETCD_KIND_LOGIN
};

/*
 * etcd_json_answer(kind, text, len, arena, out): read the answer to a call of
 * ${kind}: all of ${out} that belongs to it; its outcome is ETCD_OK.  0, or -1
 * with ${out} as it was when it is none.
 */
int etcd_json_answer(enum etcd_kind kind, const char *text, size_t len,
    struct arena *arena, struct etcd_answer *out);

/* etcd_json_token(text, len, out): the token that a login brought; 0 or -1. */
int etcd_json_token(const char *text, size_t len, char out[ETCD_TOKEN]);

/* Why etcd refused: the code of gRPC, and its words, printable. */
struct etcd_json_error {
	int64_t code;
	char message[ETCD_WORDS];
};

/* etcd_json_error(text, len, out): 0, or -1 when it says no reason. */
int etcd_json_error(const char *text, size_t len, struct etcd_json_error *out);

/* One line of a watch: events, or a word about the watch itself. */
struct etcd_json_watch {
	bool failed; /* the stream ends with ${error} */
	struct etcd_json_error error;
	struct etcd_header header;
	int64_t watch_id; /* -1: a sign of life that was asked for */
	bool created, cancelled;
	bool fragment;            /* more of the same moment follows */
	int64_t compact_revision; /* 0: not for that it was cancelled */
	char reason[ETCD_WORDS];  /* of a cancellation, or "" */
	const struct etcd_event *events;
	size_t n;
};

/* etcd_json_watch(text, len, arena, out): 0, or -1 when it is none. */
int etcd_json_watch(const char *text, size_t len, struct arena *arena,
    struct etcd_json_watch *out);

#endif
