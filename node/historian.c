/* Between the counts of traffic and the process that writes.  Called by
 * control.c. */
#include "node/historian.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "state/history/recorder.h"

#define MEGABYTE ((uint64_t)1000000)

struct historian {
	uv_loop_t *loop;
	struct traffic *traffic;
	struct history_recorder *recorder; /* NULL: none is wanted, or no memory
					    */
	char *path;                        /* that it writes to */
	unsigned max_mb;
	bool on, stopped;
	char why[HISTORIAN_WHY];
};

struct historian *
historian_create(uv_loop_t *loop, struct traffic *traffic)
{
	struct historian *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->loop = loop;
	h->traffic = traffic;
	return h;
}

void
historian_destroy(struct historian *h)
{
	if (h == NULL)
		return;
	free(h->path);
	free(h);
}

static void
on_trouble(void *context, const char *why)
{
	struct historian *h = context;

	if (why != NULL)
		log_warn("the history of traffic cannot be written to %s: %s; "
			 "answers are not affected; counts wait for some "
			 "minutes, then they are lost: mend that, nothing "
			 "needs a restart",
		    h->path, why);
	else
		log_info(
		    "the history of traffic is written to %s again", h->path);
	snprintf(h->why, sizeof(h->why), "%s", why != NULL ? why : "");
}

static void
end_recorder(struct historian *h)
{
	history_recorder_stop(h->recorder);
	h->recorder = NULL;
	h->why[0] = '\0';
}

void
historian_follow(
    struct historian *h, const struct history_config *config, const char *node)
{
	bool same = h->recorder != NULL && h->path != NULL &&
	    strcmp(h->path, config->file) == 0 && h->max_mb == config->max_mb;

	if (h->stopped)
		return;
	traffic_configure(h->traffic, config, node);
	h->on = config->on;
	if (config->on && same)
		return;
	end_recorder(h);
	free(h->path);
	h->path = strdup(config->file);
	h->max_mb = config->max_mb;
	if (!config->on)
		return;
	if (h->path != NULL)
		h->recorder = history_recorder_start(
		    h->loop, h->path, config->max_mb * MEGABYTE, on_trouble, h);
	if (h->recorder == NULL)
		on_trouble(h, "its process cannot be started");
}

void
historian_tick(struct historian *h)
{
	const struct history_batch *batch;

	while ((batch = traffic_take(h->traffic)) != NULL) {
		/* What it cannot take it counts as lost. */
		if (h->recorder != NULL)
			(void)history_recorder_give(h->recorder, batch);
		traffic_free(batch);
	}
}

void
historian_report(const struct historian *h, struct historian_report *out)
{
	struct history_recorder_figures figures = {.written_ms = -1};

	if (h->recorder != NULL)
		history_recorder_figures(h->recorder, &figures);
	*out = (struct historian_report){.on = h->on,
	    .written = figures.written,
	    .lost = figures.lost,
	    .written_ms = figures.written_ms,
	    .took_us = figures.last_took_us,
	    .bytes = figures.bytes,
	    .set_aside = figures.set_aside,
	    .missed = traffic_lost(h->traffic)};
	snprintf(
	    out->path, sizeof(out->path), "%s", h->path != NULL ? h->path : "");
	snprintf(out->why, sizeof(out->why), "%s", h->why);
}

void
historian_stop(struct historian *h)
{
	h->stopped = true;
	historian_tick(h);
	end_recorder(h);
}
