/*
 * An endpoint that is no etcd, or means harm to who asks it: a server in a
 * process of its own, for the tests of share/etcd/.
 */
#ifndef TESTS_SYSTEM_ETCD_HOSTILE_H
#define TESTS_SYSTEM_ETCD_HOSTILE_H

#include <stdint.h>
#include <sys/types.h>

enum deed {
	GARBAGE,
	PAGE,    /* of a proxy */
	NOBODY,  /* 404 */
	CLOSE,   /* without an answer */
	SILENCE, /* for ever */
	DRIP,
	FLOOD,
	LEADERLESS,
	DEEDS,
	RIGHT = DEEDS, /* as below */
	/* Of a watch, after a right answer to the read before it. */
	WATCH_GARBAGE,
	WATCH_DISORDER,
	WATCH_ENDLESS,
	WATCH_OTHER,
	WATCH_DRIP,
	WATCH_BURST, /* long messages at once, and the end */
};

/* What it does next; shared with the server. */
struct script {
	volatile int deed;
	volatile long cluster, revision, term;
};

/* pid = hostile_etcd(port, script): serve at ${port} of 127.0.0.1, each
 * connection in a process of its own; they end with the test. */
pid_t hostile_etcd(uint16_t port, const struct script *script);

#endif
