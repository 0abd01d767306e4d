/*
 * What a node counted in one minute, as it is given to the history of its
 * traffic.  Filled by meridiand (node/), or by a test that makes a history;
 * read by the writer; holds no memory of its own.
 */
#ifndef STATE_HISTORY_BATCH_H
#define STATE_HISTORY_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest text in a batch, the NUL counted: a name of DNS in text that
 * needs no escape, and any name of the files.  What is longer is cut. */
#define HISTORY_TEXT 256

/*
 * Texts: a service is its owner name as the state database has it, in small
 * letters and without the dot at the end ("chat.inference.example").  Pool,
 * region and endpoint are names of the steering file; "" where the answer came
 * from none.  A reason is a word of steering/reasons.h.  None is NULL.  They
 * belong to the caller, and have to live until the call is over.
 *
 * Rows of one batch may repeat: they are added up.
 */

/* Answers counted exactly. */
struct history_traffic {
	const char *service, *pool, *region, *reason;
	bool subnet; /* the client's subnet was in the query (RFC 7871) */
	uint64_t answers;
};

/* Answers with a client subnet, counted exactly by what they announced. */
struct history_scope {
	const char *service;
	unsigned family; /* 4 or 6 */
	unsigned length; /* scope prefix length, bits: 0..32, 0..128 */
	uint64_t answers;
};

/* Answers of which the client was looked up: one in batch.sample. */
struct history_place {
	const char *service, *region;
	char country[3];  /* ISO 3166-1, "" where it is not known */
	uint32_t asn;     /* 0: not known */
	uint64_t samples; /* as counted, not yet times batch.sample */
};

/* An endpoint left the answers or came back: at ${wall_ms} all workers had the
 * snapshot that says so. */
struct history_failover {
	const char *service, *pool, *endpoint;
	bool back; /* it came back */
	int64_t wall_ms;
};

struct history_batch {
	const char *node; /* the vantage or host that counted */

	/*
	 * What tells this batch from all others of the node: a random number of
	 * this run of the daemon, and one that grows by one a batch from 1.  A
	 * batch that comes again is not counted again, whatever the clock says.
	 */
	uint64_t run, number;

	/* The minute that was counted: wall clock, its beginning (what is
	 * within it is read as that).  A clock that was set back gives a minute
	 * twice: both count. */
	int64_t minute_ms;

	uint32_t sample; /* places are of one answer in so many; 1 or more */

	const struct history_traffic *traffic;
	size_t n_traffic;
	const struct history_scope *scope;
	size_t n_scope;
	const struct history_place *place;
	size_t n_place;
	const struct history_failover *failover;
	size_t n_failover;
};

#endif
