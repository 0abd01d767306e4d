/*
 * A client of the stream of changes.  Built on the node; included by tests
 * only.
 */
#ifndef TESTS_SYSTEM_EVENTS_H
#define TESTS_SYSTEM_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/system/node.h"

struct events {
	int fd;
	char text[65536]; /* what came and was not expected yet */
	size_t len;
	char id[64]; /* of the last message that was expected */
};

/* events_open(events, node, last_id): ask for the stream, as one who has seen
 * the message ${last_id}; NULL: none. */
void events_open(struct events *events, struct node *node, const char *last_id);

/* events_expect(events, want): read until ${want} has come, at most 20 s; what
 * is before it is forgotten. */
void events_expect(struct events *events, const char *want);

/* events_close(events): go. */
void events_close(struct events *events);

#endif
