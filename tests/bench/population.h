/*
 * Who asks, for the benchmark of scopes: random public clients of IPv4, and
 * traffic that is spread over all public /24 as unevenly as it is over real
 * networks.  Called by scopes.c; the same from one seed each time.
 */
#ifndef TESTS_BENCH_POPULATION_H
#define TESTS_BENCH_POPULATION_H

#include <stddef.h>
#include <stdint.h>

/* All /24 of IPv4: a network is numbered by its first 24 bits. */
#define POPULATION_NETWORKS (UINT32_C(1) << 24)

/*
 * networks = population_clients(clients, seed, n): the networks of ${clients}
 * random public addresses, in order, each once: ${n} of them.  The caller frees
 * it.  No memory ends the program.
 */
uint32_t *population_clients(size_t clients, uint64_t seed, size_t *n);

/*
 * traffic = population_traffic(seed, draws): the traffic of each network, in
 * ${draws} independent ways: that of a network in one way is at network *
 * draws + way.  Lognormal, sigma 2 over the /16 and sigma 1 over their /24;
 * none comes from networks that are not public.  The caller frees it.  No
 * memory ends the program.
 */
float *population_traffic(uint64_t seed, size_t draws);

#endif
