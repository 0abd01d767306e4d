/*
 * The three servers: their configuration for a set of zones, their processes.
 * Called by the differential test; everything is on loopback and in a folder
 * of its own, with the rights of whoever runs the test.
 */
#ifndef TESTS_DIFFERENTIAL_PEERS_H
#define TESTS_DIFFERENTIAL_PEERS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/differential/asker.h"

extern const char *const server_names[SERVERS];

/* A zone that they are to load, from FOLDER/NUMBER.zone. */
struct load {
	char apex[NAME_TEXT];
	bool refused[SERVERS];
	char why[512]; /* what Meridian said when it refused it */
};

struct peers {
	char folder[PATH_MAX / 2];
	char meridiand[PATH_MAX / 2];
	uint16_t ports[SERVERS];
	pid_t pids[SERVERS];
	unsigned next_port;
	struct asker asker;
};

/* peers_init(p, build): make a folder, in $TMPDIR or ${build}, that is removed
 * when the program exits; ${build} has meridiand.  False, with a word on
 * stderr, when a server is not installed. */
bool peers_init(struct peers *p, const char *build);

/* peers_write(p, f, loads, n): write the zone files of the instance ${f}, and a
 * load for each from number ${n} on, which goes up. */
void peers_write(
    struct peers *p, const struct family *f, struct load *loads, size_t *n);

/* peers_start(p, loads, n): start the three with the zone files that stand in
 * the folder, wait until each has loaded or refused each. */
void peers_start(struct peers *p, struct load *loads, size_t n);

/* peers_stop(p): end them, and wait until they have ended. */
void peers_stop(struct peers *p);

#endif
