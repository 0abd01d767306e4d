/*
 * A table of endpoints, each with a check of its own at a real server, and what
 * the state database must say of it.  For system tests.
 */
#ifndef TESTS_SYSTEM_ROWS_H
#define TESTS_SYSTEM_ROWS_H

#include "tests/system/node.h"

struct row {
	const char *name;            /* of its check, its pool and itself */
	const char *check;           /* what its check says beside the usual */
	const char *at;              /* address; NULL: 127.0.0.1 */
	unsigned server;             /* number of the port */
	const char *health, *reason; /* "%" stands for any text */
};

/*
 * rows_start(node, rows, n, ports): begin to check the ${n} endpoints;
 * row.server is an index of ${ports}.  Where a row does not say it, a check has
 * "every: 500ms, timeout: 3s, fall: 1, rise: 1": what fails once is down.
 */
void rows_start(
    struct node *node, const struct row *rows, size_t n, const uint16_t *ports);

/* rows_expect(node, rows, n): wait until each is as its row says. */
void rows_expect(struct node *node, const struct row *rows, size_t n);

/* rows_expect_state(node, name, health, reason): the same for one. */
void rows_expect_state(struct node *node, const char *name, const char *health,
    const char *reason);

/* rows_never_failed(node, rows, n): no row that is to be up has ever been
 * anything else, once it was known. */
void rows_never_failed(struct node *node, const struct row *rows, size_t n);

/* rows_go_on(node, rows, n, checks): wait until each that is up has passed so
 * many checks more. */
void rows_go_on(
    struct node *node, const struct row *rows, size_t n, unsigned checks);

#endif
