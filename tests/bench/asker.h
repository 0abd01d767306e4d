/*
 * A client that asks a DNS server at a rate all the time, in a thread, and
 * counts what is not answered.  For the benchmark of the probe.
 */
#ifndef TESTS_BENCH_ASKER_H
#define TESTS_BENCH_ASKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define ASKER_WINDOW 256 /* queries under way, a power of two */

struct asker {
	pthread_t thread;
	uint16_t port;
	unsigned rate; /* queries a second */
	const char *const *names;
	unsigned n_names;
	atomic_bool stop;
	int fd;
	uint64_t number;
	/* Of each query under way: its id, and when it was sent; 0: none. */
	uint16_t ids[ASKER_WINDOW];
	int64_t sent_us[ASKER_WINDOW];
	/* Counted: */
	uint64_t sent, answered, lost;
};

/* asker_start(a, port, rate, names, n): ask 127.0.0.1 for A of these in turn,
 * each with a client subnet.  0, or -1 with errno. */
int asker_start(struct asker *a, uint16_t port, unsigned rate,
    const char *const *names, unsigned n);

/* asker_stop(a): wait for what is under way, and count it. */
void asker_stop(struct asker *a);

#endif
