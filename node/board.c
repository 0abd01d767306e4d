/*
 * Keeps one view and its lock.  Called by the control thread, which writes, and
 * by the thread of the pages, which reads.
 */
#include "node/board.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

struct board {
	pthread_mutex_t lock;
	struct view now;
};

struct board *
board_create(void)
{
	struct board *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	pthread_mutex_init(&b->lock, NULL);
	b->now.started_ms = clock_wall_ms();
	return b;
}

void
board_destroy(struct board *b)
{
	if (b == NULL)
		return;
	board_release(&b->now);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void
board_show_served(struct board *b, struct served *served, uint64_t changes)
{
	struct served *before;

	served_share(served);
	pthread_mutex_lock(&b->lock);
	before = b->now.served;
	b->now.served = served;
	b->now.changes = changes;
	pthread_mutex_unlock(&b->lock);
	served_release(before);
}

void
board_begin_start(struct board *b)
{
	pthread_mutex_lock(&b->lock);
}

void
board_end_start(struct board *b, const struct server *server)
{
	b->now.server = server;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_health(struct board *b, const struct health_report *health)
{
	struct vantages *before;
	struct node_list *nodes;
	struct laid *laid;

	vantages_share(health->vantages);
	laid_share(health->laid);
	node_list_share(health->nodes);
	pthread_mutex_lock(&b->lock);
	before = b->now.health.vantages;
	laid = b->now.health.laid;
	nodes = b->now.health.nodes;
	b->now.health = *health;
	pthread_mutex_unlock(&b->lock);
	vantages_release(before);
	laid_release(laid);
	node_list_release(nodes);
}

void
board_show_reload(struct board *b, const struct reload_report *reload)
{
	pthread_mutex_lock(&b->lock);
	b->now.reload = *reload;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_follow(struct board *b, const struct renewer_report *follow)
{
	pthread_mutex_lock(&b->lock);
	b->now.follow = *follow;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_latency(struct board *b, const struct latencies_report *latency)
{
	pthread_mutex_lock(&b->lock);
	b->now.latency = *latency;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_archive(struct board *b, const struct archivist_report *archive)
{
	pthread_mutex_lock(&b->lock);
	b->now.archive = *archive;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_history(struct board *b, const struct historian_report *history)
{
	pthread_mutex_lock(&b->lock);
	b->now.history = *history;
	pthread_mutex_unlock(&b->lock);
}

void
board_show_query_log(struct board *b, const struct query_log_report *query_log)
{
	pthread_mutex_lock(&b->lock);
	b->now.query_log = *query_log;
	pthread_mutex_unlock(&b->lock);
}

void
board_look(struct board *b, struct view *view)
{
	pthread_mutex_lock(&b->lock);
	*view = b->now;
	served_share(view->served);
	vantages_share(view->health.vantages);
	laid_share(view->health.laid);
	node_list_share(view->health.nodes);
	pthread_mutex_unlock(&b->lock);
}

void
board_release(struct view *view)
{
	served_release(view->served);
	view->served = NULL;
	vantages_release(view->health.vantages);
	view->health.vantages = NULL;
	laid_release(view->health.laid);
	view->health.laid = NULL;
	node_list_release(view->health.nodes);
	view->health.nodes = NULL;
}
