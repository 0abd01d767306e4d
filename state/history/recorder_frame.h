/*
 * What the two ends of the process that writes a history say to each other:
 * recorder.c in meridiand, recorder_child.c in the child.  No other file
 * includes it, but for tests of it.
 */
#ifndef STATE_HISTORY_RECORDER_FRAME_H
#define STATE_HISTORY_RECORDER_FRAME_H

#include "base/frame.h"
#include "state/history/batch.h"

/* The first argument of the child, by which main() knows that it is one.  The
 * path and the largest size follow. */
#define HISTORY_ARGUMENT "--history-record"

enum history_frame {
	/* To the child: a batch is a beginning, its rows, and an end. */
	HISTORY_BEGIN = 1,
	HISTORY_TRAFFIC,
	HISTORY_SCOPES,
	HISTORY_PLACES,
	HISTORY_FAILOVERS,
	HISTORY_WRITE, /* nothing */

	/* From the child. */
	HISTORY_WRITTEN, /* struct history_written */
	HISTORY_LOST,    /* nothing: a batch */
	HISTORY_TROUBLE, /* words, trouble.h */
	HISTORY_WELL,    /* nothing: it can be written, and nothing waits */
	HISTORY_ASIDE    /* nothing: a corrupt file was set aside */
};

struct history_written {
	uint64_t bytes, took_us;
};

/* Numbers and texts of a row. */
#define HISTORY_NUMBERS 4
#define HISTORY_TEXTS 4

struct history_parts {
	uint64_t number[HISTORY_NUMBERS];
	const char *text[HISTORY_TEXTS]; /* not NULL */
};

/* n = history_parts_texts(kind): how many texts a frame of ${kind} has. */
size_t history_parts_texts(enum history_frame kind);

/* len = history_parts_pack(kind, parts, out): write them for a frame, texts cut
 * to HISTORY_TEXT. */
size_t history_parts_pack(enum history_frame kind,
    const struct history_parts *parts, unsigned char out[FRAME_MAX]);

/* status = history_parts_take(frame, parts): the other way; texts point into
 * ${frame}.  0, or -1 when it is no such row. */
int history_parts_take(const struct frame *frame, struct history_parts *parts);

#endif
