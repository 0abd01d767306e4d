/*
 * Ten thousand servers behind one port, for the benchmark of the probe: which
 * of them is asked is told by the address of 127/8 that a client connects to.
 * It notes when each was asked.
 */
#ifndef TESTS_BENCH_MANY_H
#define TESTS_BENCH_MANY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MANY_MOST 65536
#define MANY_ROUNDS 128 /* requests to one that are noted */

/* What it shares with the benchmark. */
struct many {
	atomic_bool noting;
	atomic_uchar fails[MANY_MOST]; /* it answers 503 */
	/* When it was asked, in microseconds since ${began_us}. */
	int64_t began_us;
	atomic_uint asked[MANY_MOST];
	uint32_t at_us[MANY_MOST][MANY_ROUNDS];
	atomic_ulong requests, connections; /* all there were */
};

/* text = many_address(n, out): where number ${n} is met. */
const char *many_address(unsigned n, char out[16]);

/* pid = many_start(port, certificate, many): serve all of them at ${port} in a
 * process of its own that ends with this one, over TLS with the certificate and
 * key in the PEM file ${certificate} unless that is NULL.  -1: it cannot. */
pid_t many_start(uint16_t port, const char *certificate, struct many **many);

/* us = many_now_us(): the clock of at_us. */
int64_t many_now_us(void);

#endif
