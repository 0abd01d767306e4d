/* How the history of traffic does, for the pages.  Only data. */
#ifndef NODE_HISTORIAN_REPORT_H
#define NODE_HISTORIAN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* The longest reason why nothing can be written. */
#define HISTORIAN_WHY 256

/* How it does. */
struct historian_report {
	bool on;                 /* the node's file wants a history */
	char path[256];          /* of it; cut */
	char why[HISTORIAN_WHY]; /* "": it can be written */
	uint64_t written, lost;  /* batches */
	int64_t written_ms;      /* monotonic clock: the last; -1: none yet */
	uint64_t took_us;        /* that it took */
	uint64_t bytes;          /* of the file */
	uint64_t set_aside;      /* corrupt files, since the start */
	uint64_t missed; /* samples and batches, before they got there */
};

#endif
