/* Draws waits and noise.  Called by the simulator; keeps nothing. */
#include "steering/simulate/draw.h"

#include "steering/fixlog.h"

/* Of a logarithm to the base of 2 to one to that of e. */
#define LN_2 0.6931471805599453

uint32_t
draw_wait_ms(struct draw *draw, double mean_ms)
{
	double log2 = (double)fixlog_neg(draw_number(draw)) /
	    (double)(UINT64_C(1) << FIXLOG_BITS);
	double ms = log2 * LN_2 * mean_ms;

	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

double
draw_gauss(struct draw *draw)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += draw_unit(draw);
	return sum;
}
