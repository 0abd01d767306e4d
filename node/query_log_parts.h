/*
 * The query log from inside: what its control thread and its writer share.
 * Included by node/query_log*.c alone.
 */
#ifndef NODE_QUERY_LOG_PARTS_H
#define NODE_QUERY_LOG_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/counter.h"
#include "node/query_log.h"

/* What is to be done, in an arena of its own. */
struct query_log_orders {
	struct arena *arena;
	struct query_log_config config;
	const char *identity, *version;
};

struct query_log {
	struct outcomes *outcomes;
	size_t n;
	struct tap *taps;
	pthread_t thread;
	bool started, abandoned;

	/* Under the lock: orders that the writer has yet to take, and what it
	 * says. */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* for a writer with nothing to write */
	struct query_log_orders *next;
	bool stopping, ended;
	bool on, connected;
	uint32_t sample;
	char trouble[SINK_TROUBLE_TEXT];

	/* The writer's alone, read by anyone. */
	counter logged, dropped[SINK_LOSSES];
};

/* query_log_write(log): the writer's thread: as long as it is not stopped. */
void *query_log_write(void *log);

/* query_log_orders_destroy(orders): free them.  NULL is fine. */
void query_log_orders_destroy(struct query_log_orders *orders);

#endif
