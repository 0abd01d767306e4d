/*
 * Smoothing of round trips: a mean by samples that forgets.  Integers alone, so
 * that every machine comes to the same.
 */
#include "state/smoothing.h"

static uint64_t
weight(const struct state_latency *row)
{
	return row->samples > 0 ? row->samples : 1;
}

/* The mean of both by these weights, rounded. */
static int64_t
mean(int64_t a, uint64_t weight_a, int64_t b, uint64_t weight_b)
{
	/* 63 bits of a time and 33 of a weight fill less than 128. */
	__extension__ typedef unsigned __int128 wide;
	uint64_t sum = weight_a + weight_b;
	wide all = (wide)a * weight_a + (wide)b * weight_b;

	return (int64_t)((all + sum / 2) / sum);
}

static void
add_samples(struct state_latency *row, uint64_t more)
{
	uint64_t all = row->samples + more;

	row->samples = all < UINT32_MAX ? (uint32_t)all : UINT32_MAX - 1;
}

static bool
differs(int64_t counts, int64_t smoothed)
{
	int64_t by = counts > smoothed ? counts - smoothed : smoothed - counts;

	return by >= SMOOTHING_US && by >= counts / SMOOTHING_PART;
}

bool
smoothing_merge(struct state_latency *row, const struct state_latency *measure)
{
	uint64_t fresh = weight(measure), known = weight(row);

	/* What is too old to count weighs nothing. */
	if (row->rtt_us < 0 || row->smoothed_us < 0) {
		*row = *measure;
		row->rtt_us = row->smoothed_us;
		return true;
	}
	if (known > fresh * (SMOOTHING_LEAST - 1))
		known = fresh * (SMOOTHING_LEAST - 1);
	row->smoothed_us =
	    mean(row->smoothed_us, known, measure->smoothed_us, fresh);
	add_samples(row, fresh);
	if (measure->measured_ms > row->measured_ms)
		row->measured_ms = measure->measured_ms;
	if (!differs(row->rtt_us, row->smoothed_us))
		return false;
	row->rtt_us = row->smoothed_us;
	return true;
}

void
smoothing_join(struct state_latency *row, const struct state_latency *other)
{
	row->smoothed_us = mean(
	    row->smoothed_us, weight(row), other->smoothed_us, weight(other));
	add_samples(row, weight(other));
}
