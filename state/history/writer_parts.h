/*
 * What the files of the writer of a history share.  No other file includes it.
 */
#ifndef STATE_HISTORY_WRITER_PARTS_H
#define STATE_HISTORY_WRITER_PARTS_H

#include "state/history/calendar.h"
#include "state/history/names.h"
#include "state/history/series.h"
#include "state/history/writer.h"

/* Statements that are prepared when the file is opened. */
enum writer_statement {
	WRITER_BEGIN,
	WRITER_COMMIT,
	WRITER_ROLLBACK,
	WRITER_LAST,           /* node: run, number, minute of the last batch */
	WRITER_SET_LAST,       /* node, run, number, minute, sample */
	WRITER_COUNTED,        /* hour, minutes */
	WRITER_SAMPLED,        /* day, one_in */
	WRITER_SAMPLE,         /* day: one_in */
	WRITER_FAILOVER,       /* wall_ms, service, pool, endpoint, back */
	WRITER_ADD_COUNTRY,    /* samples, day, service, country, region */
	WRITER_NEW_COUNTRY,    /* the same */
	WRITER_ADD_AS,         /* samples, day, service, number */
	WRITER_NEW_AS,         /* the same */
	WRITER_OPEN_COUNTRY,   /* before a day: the first day and service */
	WRITER_OPEN_AS,        /* the same */
	WRITER_COUNTRIES,      /* day, service: country, region, samples */
	WRITER_AS_NUMBERS,     /* day, service: number, 0, samples */
	WRITER_DONE_COUNTRIES, /* month, service: country, region, samples */
	WRITER_DONE_AS,        /* month, service: number, 0, samples */
	WRITER_CLOSE_COUNTRIES, /* day, service */
	WRITER_CLOSE_AS,        /* day, service */
	WRITER_OLD_MINUTES,     /* hour, most */
	WRITER_OLD_HOURS,       /* day, most */
	WRITER_OLD_DAYS,        /* month, most */
	WRITER_OLD_SCOPES,      /* month, most */
	WRITER_OLD_COUNTRIES,   /* month, most */
	WRITER_OLD_AS,          /* month, most */
	WRITER_OLD_COUNTED,     /* hour, most */
	WRITER_OLD_SAMPLED,     /* day, most */
	WRITER_OLD_FAILOVERS,   /* wall_ms, most */
	WRITER_MANY_FAILOVERS,  /* kept, most */
	WRITER_PAGES,           /* pages in use */
	WRITER_STATEMENTS
};

/* The two tables of places of days that are not over. */
enum writer_open { OPEN_COUNTRIES, OPEN_AS, WRITER_OPENS };

/* Rows of either, at most: the tables take some 15 MB each then. */
#define WRITER_OPEN_ROWS 1000000

struct history_writer {
	struct database d;
	char *path;
	uint64_t max_bytes, bytes;
	bool held;  /* the file was open, and ours */
	int lock;   /* -1: not held */
	bool taken; /* by another writer, when last asked for */
	struct sqlite3_stmt *stmt[WRITER_STATEMENTS];
	struct names names;
	struct series series;
	int64_t open_rows[WRITER_OPENS];
	int64_t minute; /* of the last batch; -1: none yet */
	/* Batches in a row whose minutes follow each other: after a leap of the
	 * clock nothing is old for a while. */
	unsigned steady;
	bool over; /* more is in use than may be: it was said */
};

/* status = history_hold(w): hold the lock of the file.  0, or -1 with why.
 * history_release(w): give it back; none is fine. */
int history_hold(struct history_writer *w);
void history_release(struct history_writer *w);

/* Bind ${n} integers to a statement. */
void history_bind(struct history_writer *w, enum writer_statement which,
    const int64_t *value, int n);

/* status = history_run(w, which): run it to its end and reset it.  0, or -1
 * with why.  row = history_step(w, which): one step: 1 a row, 0 none, -1; the
 * caller resets it. */
int history_run(struct history_writer *w, enum writer_statement which);
int history_step(struct history_writer *w, enum writer_statement which);

/* changed = history_changes(w): rows that the last statement changed. */
int64_t history_changes(const struct history_writer *w);

/* status = history_add_places(w, batch, at): add the places of ${batch} to the
 * day of ${at}.  0, or -1 with why. */
int history_add_places(struct history_writer *w,
    const struct history_batch *batch, const struct calendar *at);

/* done = history_fold(w, today, services): of days before ${today}, take the
 * largest places of at most so many services and days to where they stay.  1
 * when there is no more, 0, or -1 with why. */
int history_fold(struct history_writer *w, int64_t today, unsigned services);

/* status = history_prune(w, at): take away a little of what is too old at
 * ${at}, and of what is too much.  0, or -1 with why. */
int history_prune(struct history_writer *w, const struct calendar *at);

#endif
