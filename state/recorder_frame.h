/*
 * What the two ends of the writing process say to each other: recorder.c in the
 * daemon, recorder_child.c in the child.  No other file includes it.
 */
#ifndef STATE_RECORDER_FRAME_H
#define STATE_RECORDER_FRAME_H

#include <stdint.h>

/* The argument by which main() tells the child; behind it the path, the
 * vantage and the random id of the daemon. */
#define RECORDER_ARGUMENT "--state-record"

/* Longest text of a trouble. */
#define RECORDER_WHY 320

enum recorder_frame {
	/* To the child.  Rows and events wait for their commit. */
	RECORDER_ENDPOINT = 1,
	RECORDER_EVENT,
	RECORDER_FORGET,
	RECORDER_COMMIT, /* struct recorder_commit */

	/* From the child. */
	RECORDER_RESTORED,
	RECORDER_READY,   /* the epoch, a uint64_t */
	RECORDER_WRITTEN, /* the number of a commit, a uint64_t */
	RECORDER_TROUBLE  /* a text */
};

/* A commit of another epoch than the last RECORDER_READY was given before the
 * child said that it has to be given again: it is dropped. */
struct recorder_commit {
	uint64_t epoch, number;
};

#endif
