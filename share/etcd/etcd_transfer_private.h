/*
 * What the files of the transfers have in common: etcd_transfer.c (one
 * transfer), etcd_transfer_lanes.c (libcurl on the loop) and
 * etcd_transfer_words.c (why one failed).
 */
#ifndef SHARE_ETCD_ETCD_TRANSFER_PRIVATE_H
#define SHARE_ETCD_ETCD_TRANSFER_PRIVATE_H

#include <curl/curl.h>

#include "base/file_identity.h"
#include "base/text.h"
#include "share/etcd/etcd_transfer.h"
#include "transfer/multi.h"

#define FILES 3

/* Connections made with one state of the files. */
struct lane {
	struct etcd_transport *transport;
	struct lane *next;
	struct multi *multi;
	size_t running;
	bool retired; /* freed after its last transfer */
};

struct etcd_transport {
	uv_loop_t *loop;
	struct lane *lanes; /* the first is the one in use */
	struct etcd_transfer *transfers;
	char *files[FILES];
	struct file_identity identities[FILES];
	int64_t looked_ms;
	bool telling; /* done() or take() may be running */
	bool closed;
};

struct etcd_transfer {
	struct etcd_transport *transport;
	struct etcd_transfer *next, **at; /* of all */
	struct lane *lane;
	CURL *easy;
	struct curl_slist *headers;
	struct etcd_transfer_use use;
	bool stream, paused, too_large;
	bool ended; /* ${code} says how */
	CURLcode code;
	struct text out; /* to be sent */
	size_t sent;
	char *in; /* came, and is not told yet */
	size_t n_in, in_size, in_max;
	int64_t timeout_ms;
	char error[CURL_ERROR_SIZE];
	bool tls; /* its URL begins with https:// */
};

/* lane = etcd_lane_now(transport): the one for a new transfer: another one when
 * a file has changed.  NULL without memory. */
struct lane *etcd_lane_now(struct etcd_transport *transport);

/* etcd_lanes_sweep(transport): free retired lanes in which nothing runs; not
 * while a callback of libcurl runs. */
void etcd_lanes_sweep(struct etcd_transport *transport);

/* etcd_transfer_detach(t): libcurl has nothing to do with it any more, nor has
 * its transport.  etcd_transfer_free(t): and it is gone. */
void etcd_transfer_detach(struct etcd_transfer *t);
void etcd_transfer_free(struct etcd_transfer *t);

/* vague = etcd_transfer_words(t, out): why it ended as t->code says, "" when it
 * has an answer.  True when that does not say what to mend. */
bool etcd_transfer_words(const struct etcd_transfer *t, char out[ETCD_WORDS]);

#endif
