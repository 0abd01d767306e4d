/*
 * The query log of meridiand: what the workers' taps took goes, as dnstap, to a
 * socket or a file, by a thread of its own.  Called by the control thread;
 * nothing that happens to the log holds back a worker or that thread.
 */
#ifndef NODE_QUERY_LOG_H
#define NODE_QUERY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/server.h"
#include "dns/tap/tap.h"
#include "dnstap/sink.h"
#include "steering/outcomes.h"

/* Why messages that were due are not in the log. */
enum query_log_loss {
	/* enum sink_loss comes first */
	QUERY_LOG_FULL = SINK_LOSSES, /* the ring was: it is taken too slowly */
	QUERY_LOG_LOSSES
};

/* The words of metrics and status. */
extern const char *const query_log_losses[QUERY_LOG_LOSSES];

struct query_log_report {
	bool on;        /* there is one */
	bool connected; /* it is written now */
	uint32_t sample;
	uint64_t logged;
	uint64_t dropped[QUERY_LOG_LOSSES];
	char trouble[SINK_TROUBLE_TEXT]; /* "": none */
};

struct query_log;

/*
 * log = query_log_create(outcomes): a log that is off; services are named by
 * ${outcomes}.  NULL without memory.
 */
struct query_log *query_log_create(struct outcomes *outcomes);

/*
 * taps = query_log_taps(log, n): ${n} taps, one for each worker, which live as
 * long as ${log}.  Called once.  NULL without memory.
 */
struct tap *query_log_taps(struct query_log *log, size_t n);

/* query_log_follow(log, config): log as ${config} has it from now on, and open
 * a file again, which may have been renamed. */
void query_log_follow(
    struct query_log *log, const struct server_config *config);

/* query_log_report(log, out): how it goes, from any thread. */
void query_log_report(struct query_log *log, struct query_log_report *out);

/*
 * query_log_stop(log): write what the taps still have, and end; the workers
 * have ended.  A write that hangs is not waited for: query_log_destroy() leaves
 * then alone what it uses, for the end of the process.
 */
void query_log_stop(struct query_log *log);
void query_log_destroy(struct query_log *log);

#endif
