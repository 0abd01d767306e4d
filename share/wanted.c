/* Reads which pools somebody has to step for.  Called by the sharer; the files
 * are read in a thread of libuv's pool, never on the loop. */
#include "share/wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/inputs.h"
#include "base/log.h"
#include "config/server_steering.h"
#include "state/endpoint_key.h"

/* More than a node has. */
#define POOLS_MAX 65536

struct wanted {
	uv_timer_t timer;
	uv_work_t work;
	const char *path;
	wanted_told told;
	void *context;
	bool working, looked, stopping, closed;
	/* Of the work, which has them alone while it runs. */
	struct inputs inputs; /* as they were read last */
	struct wanted_pool *pools;
	size_t n, size;
	bool read, fresh; /* without errors; and nobody was told yet */
	bool said;        /* the log says that there are errors */
};

/* --- in the thread --- */

/* The pool, added when it is not there; NULL without memory. */
static struct wanted_pool *
obtain(struct wanted *w, const char *zone, const char *pool)
{
	struct wanted_pool *grown;
	char folded[STATE_ZONE];

	(void)snprintf(folded, sizeof(folded), "%s", zone);
	endpoint_key_fold(folded);
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->pools[i].pool, pool) == 0 &&
		    strcmp(w->pools[i].zone, folded) == 0)
			return &w->pools[i];
	grown = array_grow(w->pools, w->n, &w->size, sizeof(*grown), POOLS_MAX);
	if (grown == NULL)
		return NULL;
	w->pools = grown;
	grown = &w->pools[w->n++];
	memset(grown, 0, sizeof(*grown));
	memcpy(grown->zone, folded, sizeof(folded));
	(void)snprintf(grown->pool, sizeof(grown->pool), "%s", pool);
	return grown;
}

static int
take_zone(void *context, const char *zone, const struct steering_config *config)
{
	struct wanted *w = context;

	for (size_t i = 0; i < config->n_pools; i++) {
		const struct pool_config *pool = &config->pools[i];
		struct wanted_pool *out;

		if (!pool->spill.wanted && !pool->even)
			continue;
		out = obtain(w, zone, pool->name);
		if (out == NULL)
			return -1;
		if (pool->spill.wanted)
			out->step_s =
			    pool->spill.every_s > 0 ? pool->spill.every_s : 1;
	}
	for (size_t i = 0; i < config->n_services; i++) {
		const struct service_config *service = &config->services[i];
		uint32_t pool;

		if (service->ramp == NULL)
			continue;
		pool = service->split[service->ramp->member].pool;
		if (obtain(w, zone, config->pools[pool].name) == NULL)
			return -1;
	}
	return 0;
}

static int
read_all(struct wanted *w, struct inputs *inputs, struct errbuf *eb)
{
	struct server_config *config = server_config_read(w->path, inputs, eb);
	int status;

	if (config == NULL)
		return -1;
	status = server_each_steering(config, inputs, eb, take_zone, w);
	server_config_destroy(config);
	return status;
}

static void
look(uv_work_t *work)
{
	struct wanted *w = work->data;
	struct wanted_pool *before = w->pools;
	size_t n = w->n, size = w->size;
	struct inputs inputs = {.files = NULL};
	struct errbuf *eb;

	if (w->read && inputs_unchanged(&w->inputs))
		return;
	if ((eb = malloc(sizeof(*eb))) == NULL)
		return;
	errbuf_init(eb);
	w->pools = NULL;
	w->n = w->size = 0;
	w->fresh = read_all(w, &inputs, eb) == 0;
	w->read = w->fresh;
	if (w->fresh) {
		free(before);
	} else {
		free(w->pools);
		w->pools = before;
		w->n = n;
		w->size = size;
	}
	inputs_finish(&w->inputs);
	w->inputs = inputs;
	free(eb);
}

/* --- on the loop --- */

static void
on_closed(uv_handle_t *handle)
{
	struct wanted *w = handle->data;

	w->closed = true;
	if (w->working)
		return;
	inputs_finish(&w->inputs);
	free(w->pools);
	free(w);
}

static void
on_looked(uv_work_t *work, int status)
{
	struct wanted *w = work->data;

	(void)status;
	w->working = false;
	if (w->closed) {
		on_closed((uv_handle_t *)&w->timer);
		return;
	}
	if (w->stopping)
		return;
	w->looked = true;
	if (!w->read && !w->said)
		log_warn(
		    "%s or a steering file has errors: for which pools "
		    "this node may step stays as it was; meridianctl check "
		    "shows them",
		    w->path);
	w->said = !w->read;
	if (w->fresh)
		w->told(w->context, w->pools, w->n);
	w->fresh = false;
}

static void
on_timer(uv_timer_t *timer)
{
	struct wanted *w = timer->data;

	if (w->working)
		return;
	w->work.data = w;
	w->working = uv_queue_work(timer->loop, &w->work, look, on_looked) == 0;
}

struct wanted *
wanted_start(uv_loop_t *loop, const char *path, wanted_told told, void *context)
{
	struct wanted *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->path = path;
	w->told = told;
	w->context = context;
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, on_timer, 0, WANTED_LOOK_MS);
	return w;
}

bool
wanted_looked(const struct wanted *w)
{
	return w->looked;
}

void
wanted_stop(struct wanted *w)
{
	if (w == NULL)
		return;
	w->stopping = true;
	uv_close((uv_handle_t *)&w->timer, on_closed);
}
