/*
 * Who asks a node all the while, for some clients in turn, and knows what each
 * was given and since when.  A process for each node, as a test that
 * has threads cannot start programs safely; called by system tests.
 */
#ifndef TESTS_SYSTEM_ASKER_H
#define TESTS_SYSTEM_ASKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ASKER_CLIENTS 3

/* How long an answer may take before it counts as lost: the machine may be
 * busy, and a message on a loopback address is not lost by itself. */
#define ASKER_MS 5000

struct asker {
	/* Set before it begins. */
	uint16_t port;
	const char *name; /* that is asked for */
	void (*enter)(void *context);
	void *context;
	/* The test's: no answer is expected, as who answers was killed; and how
	 * often it was. */
	atomic_bool excused;
	atomic_uint kills;
	/* Its own. */
	pid_t pid;
	atomic_bool stop;
	atomic_ulong asked, answered, lost, longest_ms;
	/* The last octet of the address that client 5.N.7.0/24 was given, and
	 * since when, in ms of the wall clock. */
	atomic_int given[ASKER_CLIENTS];
	_Atomic int64_t since_ms[ASKER_CLIENTS];
};

/* a = asker_create(): in memory that its process will share.
 * asker_destroy(a): after asker_stop(). */
struct asker *asker_create(void);
void asker_destroy(struct asker *a);

/* asker_start(a): begin, with a call of enter(context) in its process.
 * asker_stop(a): end it; its counts stay. */
void asker_start(struct asker *a);
void asker_stop(struct asker *a);

#endif
