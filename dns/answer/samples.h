/*
 * One steered answer in so many, with whom it was for: put into a worker's ring
 * by respond(), taken out by whoever looks up where the clients of services
 * are.  Only data.
 */
#ifndef DNS_ANSWER_SAMPLES_H
#define DNS_ANSWER_SAMPLES_H

#include <stdint.h>

#include "base/address.h"

/* Octets of a worker's ring: eight thousand samples, so that one that is
 * emptied four times a second has room for two million answers a second at one
 * in 64: for half as many, if whoever empties it is late by as much. */
#define SAMPLE_RING (1 << 18)

/* A record of the ring. */
struct sample {
	uint32_t outcome; /* slot of its counters */
	uint8_t reason;
	/* The prefix that decided: the client's subnet, or the sender. */
	struct address address;
};

#endif
