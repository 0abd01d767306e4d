/*
 * The load of one endpoint over time: rates from counters, percentiles from
 * histograms, and how full it is, smoothed.  Pure functions over a struct,
 * called by the daemon with what scrapes and answers say; reads no clock.
 *
 * What a server does not say is not known, and never 0.  A value that makes no
 * sense is refused, and what was known stays for `stale`, as it does when
 * nothing comes.
 */
#ifndef PROBES_LOAD_METER_H
#define PROBES_LOAD_METER_H

#include "config/check.h"
#include "probes/load/sample.h"
#include "probes/load/saturation.h"
#include "state/rows.h"

/* Histograms: of the first token, its median and its 95th percentile, which a
 * preset may read under different names; and of the time between two tokens. */
#define METER_HISTOGRAMS 3

/* How a reason begins that is of load in headers. */
#define METER_ORCA "orca: "

struct meter {
	double value[LOAD_FIELDS];  /* NaN: not known */
	int64_t at_ms[LOAD_FIELDS]; /* monotonic: when it was told */
	/* Of the sample before, for what grows. */
	double counter[LOAD_FIELDS]; /* NaN: there was none */
	struct sample_histogram histogram[METER_HISTOGRAMS];
	int64_t counted_ms; /* monotonic: when that was */
	double saturation;  /* smoothed; NaN */
	int64_t smoothed_ms;
	double busy;         /* share of generations that were refused; NaN */
	int64_t measured_ms; /* wall clock: the last value that made sense */
	const char *source;
	char reason[STATE_REASON]; /* what is wrong with the last; or "" */
};

/* meter_init(meter): nothing is known. */
void meter_init(struct meter *meter);

/* meter_take(meter, load, sample, wall_ms, mono_ms): what a scrape has found.
 */
void meter_take(struct meter *meter, const struct load_config *load,
    const struct sample *sample, int64_t wall_ms, int64_t mono_ms);

/* meter_miss(meter, reason): a scrape has found nothing, and why. */
void meter_miss(struct meter *meter, const char *reason);

/* meter_tell(meter, load, value, wall_ms, mono_ms): the headers of an answer
 * say ${value} of each field (orca.h), NaN of those that they do not have. */
void meter_tell(struct meter *meter, const struct load_config *load,
    const double value[LOAD_FIELDS], int64_t wall_ms, int64_t mono_ms);

/* meter_busy(meter, refused): a generation was made, or ${refused} since there
 * are too many. */
void meter_busy(struct meter *meter, bool refused);

/* meter_parts(meter, load, mono_ms, out): what its saturation is made of now.
 */
void meter_parts(const struct meter *meter, const struct load_config *load,
    int64_t mono_ms, struct saturation_parts *out);

/* meter_row(meter, load, mono_ms, row): fill the load of ${row}, not its key:
 * what is older than `stale` is not known. */
void meter_row(const struct meter *meter, const struct load_config *load,
    int64_t mono_ms, struct state_load *row);

#endif
