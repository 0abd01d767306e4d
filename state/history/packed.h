/*
 * A row of counts in one blob: two decimal digits an octet (packed BCD), each
 * count with as many digits as the largest needs.  So hex() of it is its digits
 * in text, which SQL can cut and read, and most counts take half an octet to
 * two.  For the files of state/history/.
 */
#ifndef STATE_HISTORY_PACKED_H
#define STATE_HISTORY_PACKED_H

#include <stddef.h>
#include <stdint.h>

/* The most counts in a row, an even number: minutes of an hour. */
#define PACKED_COUNTS 60

/* A count has no more digits, and is no larger. */
#define PACKED_DIGITS 15
#define PACKED_LARGEST UINT64_C(999999999999999)

#define PACKED_BYTES (PACKED_COUNTS * PACKED_DIGITS / 2)

/* status = packed_read(data, bytes, n, counts): the ${n} counts (an even
 * number) in ${bytes} at ${data}; no bytes are ${n} zeros.  0, or -1 when they
 * are no such row. */
int packed_read(const void *data, size_t bytes, size_t n, uint64_t *counts);

/* bytes = packed_write(counts, n, digits, out): the other way, with ${digits}
 * at least.  Counts above the largest are cut to it.  0: all are 0. */
size_t packed_write(const uint64_t *counts, size_t n, unsigned digits,
    unsigned char out[PACKED_BYTES]);

#endif
