/*
 * Fixed-point logarithms by a table and quadratic interpolation.  Called by
 * the ladder for each endpoint it weighs; touches nothing but its table.
 */
#include "steering/fixlog.h"

#include "config/steering.h"

_Static_assert(STEERING_MAX_WEIGHT <= UINT64_MAX / FIXLOG_MAX,
    "the logarithm times the largest weight must fit 64 bits");

/* 64 steps an octave: the error of the third order is then under 1e-7, and the
 * table stays in nine cache lines. */
#define STEP_BITS 6
/* Of the bits after the step, as many as keep the products in 64 bits. */
#define PART_BITS 30

/* log2(1 + j / 64) in units of 2^-38, for j = -1..65: one more on either side,
 * so that the curvature is known in the first and the last step. */
static const int64_t log2_table[] = {-6245247074, 0, 6148417628, 12202962610,
    18166458345, 24041602738, 29830975531, 35537045101, 41162174780,
    46708628734, 52178577432, 57574102746, 62897202713, 68149795969,
    73333725907, 78450764558, 83502616229, 88490920909, 93417257468,
    98283146653, 103090053910, 107839392031, 112532523647, 117170763577,
    121755381033, 126287601715, 130768609767, 135199549643, 139581527855,
    143915614636, 148202845508, 152444222764, 156640716878, 160793267839,
    164902786409, 168970155328, 172996230449, 176981841818, 180927794705,
    184834870577, 188703828028, 192535403663, 196330312940, 200089250972,
    203812893290, 207501896573, 211156899342, 214778522624, 218367370585,
    221924031136, 225449076508, 228943063808, 232406535546, 235840020138,
    239244032397, 242619073987, 245965633874, 249284188748, 252575203430,
    255839131264, 259076414492, 262287484613, 265472762727, 268632659870,
    271767577328, 274877906944, 277964031415};

uint64_t
fixlog_neg(uint64_t h)
{
	unsigned zeros = (unsigned)__builtin_clzll(h | 1);
	uint64_t mantissa = (h | 1) << zeros; /* its top bit is set */
	unsigned step = mantissa >> (63 - STEP_BITS) & ((1u << STEP_BITS) - 1);
	uint64_t part = mantissa >> (63 - STEP_BITS - PART_BITS) &
	    ((UINT64_C(1) << PART_BITS) - 1);
	const int64_t *t = log2_table + step + 1;
	/* Bessel's formula: along the chord, and up to the curve by the mean
	 * of the second differences times p(1-p)/2. */
	uint64_t chord = (uint64_t)(t[1] - t[0]) * part;
	uint64_t bend = (uint64_t)(t[1] + t[0] - t[2] - t[-1]);
	uint64_t bow = part * ((UINT64_C(1) << PART_BITS) - part) >> PART_BITS;
	uint64_t log =
	    (uint64_t)t[0] + ((chord + (bow * bend >> 2)) >> PART_BITS);

	return ((uint64_t)(1 + zeros) << FIXLOG_BITS) - log;
}
