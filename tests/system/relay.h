/*
 * A relay of TCP connections on loopback that takes its time, or breaks what
 * goes through it: a bad line between a node and etcd, for tests that need no
 * network of their own (else see slow_link.h).
 */
#ifndef TESTS_SYSTEM_RELAY_H
#define TESTS_SYSTEM_RELAY_H

#include <stdint.h>
#include <sys/types.h>

/* How it is at the moment; shared with the relay. */
struct relay_line {
	volatile int delay_ms; /* each way */
	volatile int break_ms; /* a connection lives so long; 0: as it likes */
};

/* line = relay_start(port, to): what comes to ${port} of 127.0.0.1 goes to
 * ${to}, each connection in a process of its own; they end with the test. */
struct relay_line *relay_start(uint16_t port, uint16_t to);

#endif
