/*
 * A server that means harm: floods without end, drips, bombs, frames of HTTP/2
 * that never say enough, and texts that a terminal would obey.  Which of them
 * is asked by the address of 127/8 that a client connects to.  For system
 * tests.
 */
#ifndef TESTS_SYSTEM_HOSTILE_SERVER_H
#define TESTS_SYSTEM_HOSTILE_SERVER_H

#include <stdint.h>
#include <sys/types.h>

/* What the harm is done to. */
enum hostile_kind {
	HOSTILE_PLAIN, /* a GET of / */
	HOSTILE_MODEL, /* the preset vllm, with a model */
	HOSTILE_LOAD,  /* the same, and its metrics */
	HOSTILE_GRPC   /* HTTP/2 in clear text */
};

struct hostile_deed {
	const char *name; /* of an endpoint */
	enum hostile_kind kind;
	/* How it is found; NULL: either way, by how fast the machine is. */
	const char *health;
	void (*answer)(int fd);
};

extern const struct hostile_deed hostile_deeds[];
extern const unsigned hostile_n_deeds;

/* text = hostile_address(i, out): where deed ${i} is met. */
const char *hostile_address(unsigned i, char out[16]);

/* pid = hostile_start(port): serve at ${port} of all of them, each connection
 * in a process of its own, with the least priority: they are elsewhere, and
 * cost this machine nothing.  All end with the test. */
pid_t hostile_start(uint16_t port);

#endif
