/* From the fingerprint of a generation to a row of table served.  Called by
 * control.c. */
#include "node/announcer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "state/recorder.h"

/* A database that was replaced is noticed so soon, and a process that could not
 * be started is tried again. */
#define LOOK_MS 10000

struct announcer {
	uv_loop_t *loop;
	struct state_recorder *recorder;
	char *path; /* that it writes to */
	struct state_served row;
	int64_t looked_ms; /* monotonic clock; 0: not yet */
};

struct announcer *
announcer_create(uv_loop_t *loop)
{
	struct announcer *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->loop = loop;
	return a;
}

void
announcer_destroy(struct announcer *a)
{
	if (a == NULL)
		return;
	free(a->path);
	free(a);
}

static void
tell(struct announcer *a)
{
	if (a->recorder == NULL)
		return;
	state_recorder_put(a->recorder, TABLE_SERVED, &a->row);
	state_recorder_commit(a->recorder);
}

static void
on_ready(void *context)
{
	tell(context);
}

static void
on_trouble(void *context, const char *why)
{
	const struct announcer *a = context;

	if (why != NULL)
		log_warn("what is served cannot be written to %s: %s; other "
			 "nodes do not learn whether their files differ",
		    a->path, why);
	else
		log_info("what is served is written to %s again", a->path);
}

static const struct state_recorder_calls calls = {
    .ready = on_ready, .trouble = on_trouble};

void
announcer_stop(struct announcer *a)
{
	state_recorder_stop(a->recorder);
	a->recorder = NULL;
}

static void
describe(struct state_served *row, const struct generation *g)
{
	const struct fingerprint *f = &g->fingerprint;

	memset(row, 0, sizeof(*row));
	(void)snprintf(row->program, sizeof(row->program), "meridiand");
	(void)snprintf(
	    row->version, sizeof(row->version), "%s", MERIDIAN_VERSION);
	(void)snprintf(row->zones, sizeof(row->zones), "%s", f->zones);
	(void)snprintf(row->steering, sizeof(row->steering), "%s", f->steering);
	(void)snprintf(
	    row->geography, sizeof(row->geography), "%s", f->geography);
	(void)snprintf(row->presets, sizeof(row->presets), "%s", f->presets);
	(void)snprintf(row->latency, sizeof(row->latency), "%s", f->latency);
	row->loaded_ms = g->loaded_ms;
}

/* Write to ${path} from now on. */
static void
start(struct announcer *a, const char *path)
{
	announcer_stop(a);
	free(a->path);
	a->path = strdup(path);
	if (a->path != NULL)
		a->recorder =
		    state_recorder_start(a->loop, a->path, "", &calls, a);
	if (a->recorder == NULL)
		log_warn("cannot start the process that writes what is served "
			 "to %s, and will try again: other nodes do not learn "
			 "whether their files differ",
		    path);
}

/* What keeps the process going, every LOOK_MS. */
static void
look(struct announcer *a, const char *path)
{
	if (a->recorder == NULL)
		start(a, path);
	else
		state_recorder_commit(a->recorder);
}

void
announcer_tick(struct announcer *a, const struct generation *g, int64_t mono_ms)
{
	const char *path = g->config->state;
	struct state_served before = a->row;

	if (g->config->share.n_etcd == 0) {
		announcer_stop(a);
		a->looked_ms = 0;
		return;
	}
	describe(&a->row, g);
	if (a->recorder != NULL && strcmp(a->path, path) != 0)
		start(a, path);
	else if (memcmp(&before, &a->row, sizeof(before)) != 0)
		tell(a);
	if (a->looked_ms != 0 && mono_ms - a->looked_ms < LOOK_MS)
		return;
	a->looked_ms = mono_ms;
	look(a, path);
}
