/*
 * The board: what pages may tell, put up by the control thread whenever it
 * changes, and looked at by the thread of the pages.  The lock is held while a
 * view is copied, some 35 KiB that are mostly the messages of a reload, and
 * while the workers are started; never while a page is made, so that nobody who
 * reads pages holds back health.
 */
#ifndef NODE_BOARD_H
#define NODE_BOARD_H

#include <stdint.h>

#include "dns/serve/server.h"
#include "node/archivist.h"
#include "node/follower.h"
#include "node/latencies.h"
#include "node/historian_report.h"
#include "node/query_log.h"
#include "node/reloader.h"
#include "node/renewer.h"
#include "node/served.h"

/* The node at one moment. */
struct view {
	int64_t started_ms;          /* wall clock */
	const struct server *server; /* NULL until it serves */
	struct served *served;
	/* Times that health changed what is answered: struct control. */
	uint64_t changes;
	struct health_report health;
	struct reload_report reload;
	struct renewer_report follow;
	struct latencies_report latency;
	struct archivist_report archive;
	struct query_log_report query_log;
	struct historian_report history;
};

struct board;

/* board = board_create(): an empty board of a node that starts now.  NULL
 * without memory. */
struct board *board_create(void);

/* board_destroy(board): free it.  NULL is fine. */
void board_destroy(struct board *board);

/*
 * board_show_served(board, served, changes), …: what is so from now on.
 * ${served} is shared, and so is the list of vantages.
 */
void board_show_served(
    struct board *board, struct served *served, uint64_t changes);
void board_show_health(struct board *board, const struct health_report *health);
void board_show_reload(struct board *board, const struct reload_report *reload);
void board_show_follow(
    struct board *board, const struct renewer_report *follow);
void board_show_latency(
    struct board *board, const struct latencies_report *latency);
void board_show_archive(
    struct board *board, const struct archivist_report *archive);
void board_show_query_log(
    struct board *board, const struct query_log_report *query_log);
void board_show_history(
    struct board *board, const struct historian_report *history);

/*
 * board_begin_start(board): the workers are about to be started.  Returns with
 * the lock held: looking waits, so that no page misses the first answers of
 * workers that run already.
 * board_end_start(board, server): gives the lock back; ${server} must live
 * until nobody looks any more; NULL: it could not be started.
 */
void board_begin_start(struct board *board);
void board_end_start(struct board *board, const struct server *server);

/*
 * board_look(board, view): copy what is there now.  ${view} shares what is
 * served and the list of vantages, which live until board_release(view) gives
 * those shares up.
 */
void board_look(struct board *board, struct view *view);
void board_release(struct view *view);

#endif
