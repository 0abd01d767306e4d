/*
 * Logarithms in fixed point for weighted rendezvous hashing: whole numbers
 * only, so that every machine comes to the same score.  Called by the ladder.
 */
#ifndef STEERING_FIXLOG_H
#define STEERING_FIXLOG_H

#include <stdint.h>

/* Fraction bits of a logarithm.  With 38 of them the largest (64) times the
 * largest weight (1,000,000 < 2^20) still fits 64 bits. */
#define FIXLOG_BITS 38
/* No result is above this: -log2 of the least hash. */
#define FIXLOG_MAX (UINT64_C(64) << FIXLOG_BITS)

/*
 * l = fixlog_neg(h): -log2(u) with FIXLOG_BITS fraction bits, where u is the
 * hash ${h} read as a fraction of 2^64 (its lowest bit taken as set, so that u
 * is never 0).  At most 1e-7 off; where u nears 1 and the result nears 0, at
 * most 2e-5 of the result or 2^-36.  Never grows when ${h} grows.
 */
uint64_t fixlog_neg(uint64_t h);

#endif
