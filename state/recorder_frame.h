/*
 * What the two ends of the writing process say to each other: recorder.c in the
 * daemon, recorder_child.c in the child.  No other file includes it.
 */
#ifndef STATE_RECORDER_FRAME_H
#define STATE_RECORDER_FRAME_H

#include <stdint.h>

#include "state/rows.h"

/* The first argument of the child, by which main() knows that it is one.  The
 * path, the vantage and the random id of the daemon follow. */
#define RECORDER_ARGUMENT "--state-record"

/* The same of one that carries what other nodes say; the name of this one is in
 * the place of the vantage. */
#define RECORDER_CARRY "--state-carry"

/* Of a row, the number of its table (schema.h) is added to the kind. */
#define RECORDER_TABLES 256

enum recorder_frame {
	/* To the child.  Rows wait for their commit. */
	RECORDER_COMMIT = 1, /* struct recorder_commit */
	RECORDER_SWEEP,      /* nothing; in its turn, as rows are */

	/* From the child. */
	RECORDER_READY,   /* the epoch, a uint64_t */
	RECORDER_WRITTEN, /* the number of a commit, a uint64_t */
	RECORDER_TROUBLE, /* words, trouble.h */
	RECORDER_ASIDE,   /* nothing: a corrupt file was set aside */
	RECORDER_REFUSED, /* words: what a carrier left out */

	/* To the child: the daemon ends in good order.  Without it the end of
	 * the input is a death. */
	RECORDER_END,

	/* To the child of a carrier: state_writer_replace(), in its turn. */
	RECORDER_REPLACE,

	/* To the child: rows to be written, and to be taken away. */
	RECORDER_PUT = RECORDER_TABLES,
	RECORDER_FORGET = 2 * RECORDER_TABLES,

	/* To the child: rows of common tables, where there are none with their
	 * keys. */
	RECORDER_ADD = 3 * RECORDER_TABLES,

	/* From the child: rows that were there. */
	RECORDER_RESTORED = 4 * RECORDER_TABLES
};

/* Of a commit of which rows were dropped: all are to be given again. */
#define RECORDER_EPOCH_NONE UINT64_MAX

/* A commit of another epoch than the last RECORDER_READY was given before the
 * child said that it has to be given again: it is dropped. */
struct recorder_commit {
	uint64_t epoch, number;
	uint64_t forget_ms;      /* a silent vantage is forgotten after this */
	char region[STATE_NAME]; /* of the vantage; "": none is said */
	uint64_t latency_age_ms; /* a round trip is too old after this */
};

#endif
