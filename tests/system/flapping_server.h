/*
 * Thousands of inference servers that fail and come back at random, behind one
 * port: which of them is asked is told by the address of 127.1/16 that a client
 * connects to.  For system tests.
 */
#ifndef TESTS_SYSTEM_FLAPPING_SERVER_H
#define TESTS_SYSTEM_FLAPPING_SERVER_H

#include <stdint.h>
#include <sys/types.h>

/* text = flapping_address(n, out): where number ${n}, below 65,536, is met. */
const char *flapping_address(unsigned n, char out[16]);

/*
 * pid = flapping_start(port, seed): serve all of them at ${port}, in a process
 * of its own that ends with the test; -1: the port is taken.  Each changes
 * every 1 to 17 s, in an order that follows from ${seed}.  SIGUSR1: from now on
 * all of them are well.
 */
pid_t flapping_start(uint16_t port, uint64_t seed);

#endif
