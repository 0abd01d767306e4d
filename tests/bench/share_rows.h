/* The names of what the benchmark of sharing writes and looks for.  Included by
 * tests/bench/share*.c only. */
#ifndef TESTS_BENCH_SHARE_ROWS_H
#define TESTS_BENCH_SHARE_ROWS_H

#define SHARE_PREFIX "/meridian/"
#define SHARE_ZONE "inference.example"
#define SHARE_VANTAGE "w%02u"
#define SHARE_NODE "n%02u"
#define SHARE_POOL "p%u"
#define SHARE_ENDPOINT "e%05u"
#define SHARE_POOLS 10u

/* Of endpoint ${i}.  Three of ten endpoints, of each pool, are in region 0. */
static inline unsigned
share_row_pool(unsigned i)
{
	return i / 10 % SHARE_POOLS;
}

static inline unsigned
share_row_region(unsigned i)
{
	return i % 10 < 3 ? 0 : 1 + i % 10 % 3;
}

#endif
