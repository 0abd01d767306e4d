/*
 * Asks several servers on loopback the same questions at the same moment, a
 * window at a time.  Called by the differential test; understands no answer.
 */
#ifndef TESTS_DIFFERENTIAL_ASKER_H
#define TESTS_DIFFERENTIAL_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/differential/question.h"

enum server { MERIDIAN, NSD, KNOT };
#define SERVERS 3
#define WINDOW 64 /* questions on their way: fits every receive buffer */
#define UDP_ROOM 4096
#define TCP_ROOM 65535

struct packet {
	uint8_t data[QUESTION_MAX];
	size_t len;
};

struct asker {
	int fd[SERVERS];
	uint16_t port[SERVERS];
	uint16_t id; /* of the next question */
	size_t n;
	struct packet queries[WINDOW];
	/* What came back; 0 octets when nothing did. */
	uint8_t answers[SERVERS][WINDOW][UDP_ROOM];
	size_t lens[SERVERS][WINDOW];
};

/* asker_open(a, ports), asker_close(a): sockets to 127.0.0.1. */
void asker_open(struct asker *a, const uint16_t ports[SERVERS]);
void asker_close(struct asker *a);

/* asker_add(a, q, number): one more for the next asker_ask(); at most WINDOW
 * of them. */
void asker_add(struct asker *a, const struct question *q, unsigned number);

/* asker_ask(a, timeout_ms): send what was added and wait for the answers, each
 * sent again twice within ${timeout_ms}. */
void asker_ask(struct asker *a, int timeout_ms);

/* asker_clear(a): begin a new window. */
void asker_clear(struct asker *a);

/* len = asker_tcp(a, server, i, out): question ${i} of the window over TCP; 0
 * when nothing came. */
size_t asker_tcp(
    struct asker *a, unsigned server, size_t i, uint8_t out[TCP_ROOM]);

/* ms = asker_ms(): of a clock that never jumps. */
int64_t asker_ms(void);

#endif
