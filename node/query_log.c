/*
 * The control thread's side of the query log: orders for the writer, and what
 * it says.  Called as query_log.h has it; writes nothing itself, and waits for
 * nothing but, at the end, a moment for the writer.
 */
#include "node/query_log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "node/query_log_parts.h"

/* For the writer to end: it waits for no disk and no reader, but where the
 * kernel lets it hang. */
#define END_S 2
/* Orders: services, a path, names. */
#define ORDERS_BYTES ((size_t)4 << 20)

const char *const query_log_losses[QUERY_LOG_LOSSES] = {
    [SINK_AWAY] = "disconnected",
    [SINK_DISK] = "disk",
    [SINK_SIZE] = "size",
    [QUERY_LOG_FULL] = "full",
};

struct query_log *
query_log_create(struct outcomes *outcomes)
{
	struct query_log *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->outcomes = outcomes;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	return q;
}

struct tap *
query_log_taps(struct query_log *q, size_t n)
{
	q->taps = calloc(n, sizeof(*q->taps));
	while (q->taps != NULL && q->n < n && tap_init(&q->taps[q->n]) == 0)
		q->n++;
	return q->n == n ? q->taps : NULL;
}

void
query_log_orders_destroy(struct query_log_orders *orders)
{
	if (orders != NULL)
		arena_destroy(orders->arena);
}

/* That of the node, or of the machine. */
static const char *
identity(struct arena *arena, const struct server_config *config)
{
	char host[HOST_NAME_MAX + 1] = "";

	if (config->identity != NULL)
		return arena_strdup(arena, config->identity);
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	return arena_strdup(arena, host);
}

static int
copy_services(struct query_log_orders *o, const struct query_log_config *from)
{
	const char **names =
	    arena_array(o->arena, from->n_services + 1, sizeof(*names));

	for (size_t i = 0; names != NULL && i < from->n_services; i++) {
		names[i] = arena_strdup(o->arena, from->services[i]);
		if (names[i] == NULL)
			return -1;
	}
	o->config.services = names;
	/* The file may be gone before the orders are. */
	o->config.services_at = NULL;
	return names != NULL ? 0 : -1;
}

/* Of ${config}, which need not live as long. */
static struct query_log_orders *
copy_orders(const struct server_config *config)
{
	struct arena *arena = arena_create(ORDERS_BYTES);
	struct query_log_orders *o =
	    arena != NULL ? arena_alloc(arena, sizeof(*o)) : NULL;

	if (o == NULL)
		goto fail;
	*o = (struct query_log_orders){arena, config->query_log,
	    identity(arena, config), "meridian " MERIDIAN_VERSION};
	if (o->config.path != NULL) {
		o->config.path = arena_strdup(arena, config->query_log.path);
		if (o->config.path == NULL)
			goto fail;
	}
	if (o->identity != NULL && copy_services(o, &config->query_log) == 0)
		return o;
fail:
	arena_destroy(arena);
	return NULL;
}

/* It takes no signals: those belong to the control thread; and one that tells
 * of a file at its limit would end the process. */
static void
start(struct query_log *q)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	q->started = pthread_create(&q->thread, NULL, query_log_write, q) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
query_log_follow(struct query_log *q, const struct server_config *config)
{
	struct query_log_orders *orders, *before;

	if (!q->started && config->query_log.path == NULL)
		return;
	orders = copy_orders(config);
	if (orders == NULL) {
		log_warn("query log: no memory, it goes on as it was: reload "
			 "again");
		return;
	}
	pthread_mutex_lock(&q->lock);
	before = q->next;
	q->next = orders;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	query_log_orders_destroy(before);
	if (!q->started)
		start(q);
	if (!q->started)
		log_warn("query log: no thread could be started: reload again");
}

void
query_log_report(struct query_log *q, struct query_log_report *out)
{
	pthread_mutex_lock(&q->lock);
	out->on = q->on;
	out->connected = q->connected;
	out->sample = q->sample;
	memcpy(out->trouble, q->trouble, sizeof(out->trouble));
	pthread_mutex_unlock(&q->lock);
	out->logged = counter_read(&q->logged);
	for (int i = 0; i < SINK_LOSSES; i++)
		out->dropped[i] = counter_read(&q->dropped[i]);
	out->dropped[QUERY_LOG_FULL] = 0;
	for (size_t i = 0; i < q->n; i++)
		out->dropped[QUERY_LOG_FULL] +=
		    counter_read(&q->taps[i].dropped);
}

void
query_log_stop(struct query_log *q)
{
	struct timespec until;

	if (!q->started)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += END_S;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_signal(&q->changed);
	while (!q->ended && !q->abandoned)
		q->abandoned = pthread_cond_timedwait(
				   &q->changed, &q->lock, &until) == ETIMEDOUT;
	q->abandoned = !q->ended;
	pthread_mutex_unlock(&q->lock);
	if (q->abandoned)
		log_warn("query log: ended while it was being written, which "
			 "hangs");
	else
		pthread_join(q->thread, NULL);
	q->started = false;
}

void
query_log_destroy(struct query_log *q)
{
	if (q == NULL || q->abandoned)
		return;
	query_log_orders_destroy(q->next);
	for (size_t i = 0; i < q->n; i++)
		tap_finish(&q->taps[i]);
	free(q->taps);
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
