/*
 * The reader of a history of traffic: sums of what was counted, by period and
 * by what they are asked for.  For meridianctl, and for whoever else may wait
 * for a disk; never the process that answers queries.  Writes nothing.
 */
#ifndef STATE_HISTORY_READER_H
#define STATE_HISTORY_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "state/history/batch.h"

/* How long what is counted is kept, in days (of 24 hours, UTC). */
#define HISTORY_MINUTES_DAYS 2
#define HISTORY_HOURS_DAYS 60
#define HISTORY_DAYS_DAYS 731

/* By service and day the largest are kept, and the others as one: a country of
 * this name, an AS number that is this. */
#define HISTORY_COUNTRIES 30
#define HISTORY_AS_NUMBERS 20
#define HISTORY_OTHER_COUNTRY "other"
#define HISTORY_OTHER_AS UINT32_MAX

/* Steps of time, all by UTC.  Places, scopes and which answers were for a
 * client subnet are kept by day alone. */
enum history_every {
	HISTORY_AUTO, /* minutes up to 3 hours, hours up to 14 days, else days;
			 coarser where the finer ones are gone */
	HISTORY_MINUTE,
	HISTORY_HOUR,
	HISTORY_DAY
};

/*
 * What sums are of.  Bits; each adds a column to the rows.  One of COUNTRY, AS
 * and SCOPE asks another table than traffic, and may be joined only with TIME,
 * SERVICE and, COUNTRY alone, REGION.
 */
enum history_by {
	HISTORY_TIME = 1,
	HISTORY_SERVICE = 2,
	HISTORY_POOL = 4,
	HISTORY_REGION = 8,
	HISTORY_REASON = 16,
	HISTORY_COUNTRY = 32,
	HISTORY_AS = 64,
	HISTORY_SCOPE = 128
};

struct history_question {
	int64_t from_ms, to_ms; /* wall clock; the end does not count */
	enum history_every every;
	unsigned by; /* enum history_by */
	/* Only of these; NULL: of all.  Country chooses the table too. */
	const char *service, *pool, *region, *reason, *country;
};

/* What was answered: the period, rounded out to whole steps. */
struct history_answer {
	int64_t from_ms, to_ms;
	enum history_every every; /* never AUTO */
	/* Places: one answer in so many was looked up, on the last day of the
	 * period that has any; 0: none has. */
	uint32_t sample;
	/* Minutes of the period that were counted at all: less than there are
	 * where the server did not run, or its history could not be written. */
	uint64_t counted_minutes;
	size_t rows;
};

struct history_row {
	int64_t at_ms; /* the beginning of the step, with TIME */
	/* NULL unless asked for.  They live as long as the reader. */
	const char *service, *pool, *region, *reason, *country;
	uint32_t asn;            /* with AS */
	unsigned family, length; /* with SCOPE */
	/* Of places: samples times the sample of their day, an estimate. */
	uint64_t answers;
	uint64_t subnets; /* of them, for a client subnet; by days and of
			     traffic alone, else 0 */
	uint64_t samples; /* of places, as counted: how sure it is */
};

struct history_reader;

/*
 * reader = history_reader_open(path, eb): open the history at ${path}, which is
 * there and ours.  NULL with an error that says what to do.  Everything that is
 * read until history_reader_close(), which takes NULL, is of one moment.
 */
struct history_reader *history_reader_open(const char *path, struct errbuf *eb);
void history_reader_close(struct history_reader *reader);

/*
 * status = history_sum(reader, question, answer, row, context, eb): give sums
 * to ${row}(): by time, and then by what is asked for in the order of enum
 * history_by.  Sums of 0 are not given.  0; or -1 with an error, after some
 * rows perhaps.
 */
int history_sum(struct history_reader *reader,
    const struct history_question *question, struct history_answer *answer,
    void (*row)(void *context, const struct history_row *row), void *context,
    struct errbuf *eb);

/* status = history_failovers(reader, from_ms, to_ms, service, row, context,
 * eb): endpoints that left the answers or came back, of ${service} (NULL: of
 * all), in the order of time.  0, or -1. */
int history_failovers(struct history_reader *reader, int64_t from_ms,
    int64_t to_ms, const char *service,
    void (*row)(void *context, const struct history_failover *failover),
    void *context, struct errbuf *eb);

/* status = history_gaps(reader, from_ms, to_ms, gap, context, eb): whole
 * minutes of the period that were not counted, in stretches.  0, or -1. */
int history_gaps(struct history_reader *reader, int64_t from_ms, int64_t to_ms,
    void (*gap)(void *context, int64_t from_ms, int64_t to_ms), void *context,
    struct errbuf *eb);

/* What is there: the first minute that was counted and the end of the last, and
 * the first minutes of which there are still minutes and hours; -1: none is. */
struct history_bounds {
	int64_t first_ms, last_ms, first_minute_ms, first_hour_ms;
	char node[HISTORY_TEXT]; /* that counted last; "" */
};

/* status = history_bounds(reader, bounds, eb): fill it.  0, or -1. */
int history_bounds(struct history_reader *reader, struct history_bounds *bounds,
    struct errbuf *eb);

/* status = history_names(reader, by, name, context, eb): all that is known of
 * one of SERVICE, POOL, REGION, REASON, in alphabetical order.  0, or -1. */
int history_names(struct history_reader *reader, enum history_by by,
    void (*name)(void *context, const char *name), void *context,
    struct errbuf *eb);

#endif
