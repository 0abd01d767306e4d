/*
 * What the two ends of the writing process say to each other: record.c in the
 * daemon, record_child.c in the child.  No other file includes it.
 */
#ifndef STATE_RECORD_FRAME_H
#define STATE_RECORD_FRAME_H

#include <stdint.h>

/* The argument by which main() tells the child; behind it the path, the
 * vantage and the random id of the daemon. */
#define RECORD_ARGUMENT "--state-record"

/* Longest text of a trouble. */
#define RECORD_WHY 320

enum record_frame {
	/* To the child.  Rows and events wait for their commit. */
	RECORD_ENDPOINT = 1,
	RECORD_EVENT,
	RECORD_FORGET,
	RECORD_COMMIT, /* struct record_commit */

	/* From the child. */
	RECORD_RESTORED,
	RECORD_READY,   /* the epoch, a uint64_t */
	RECORD_WRITTEN, /* the number of a commit, a uint64_t */
	RECORD_TROUBLE  /* a text */
};

/* A commit of another epoch than the last RECORD_READY was given before the
 * child said that it has to be given again: it is dropped. */
struct record_commit {
	uint64_t epoch, number;
};

#endif
