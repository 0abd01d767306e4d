/*
 * The loop of meridian-probe: its probes, the rows they give to the state
 * database, signals, the end.  Called by main(); never waits for the state
 * database or for a file.
 */
#include "probes/prober.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "probes/prober_parts.h"
#include "probes/checks/schedule.h"

/* A vantage without a heartbeat is stale to the readers of the state database
 * after `stale.after`, which is 30 s where the file is silent. */
#define HEARTBEAT_MS 1000

/* Room that is not needed is given back so often. */
#define GIVE_BACK_MS 60000

/* How long the first checks wait for the state of the last run, which says what
 * was up and since when.  Checks must not wait for a database that is locked.
 */
#define RESTORE_MS 1000

static void
write_row(struct prober *pr, struct probe *p)
{
	struct state_endpoint endpoint;
	struct state_address address;
	struct state_load load;

	if (p->load_row) {
		probe_fill_load(p, &load);
		state_recorder_load(pr->recorder, &load);
		p->load_row = false;
	}
	if (!p->row)
		return;
	p->row = false;
	if (p->address != NULL) {
		probe_fill_address(p, &address);
		state_recorder_address(pr->recorder, &address);
	} else {
		probe_fill(p, &endpoint);
		state_recorder_endpoint(pr->recorder, &endpoint);
	}
}

void
prober_flush(struct prober *pr)
{
	int64_t now = clock_mono_ms();
	struct probe *p;

	if (pr->dirty == NULL && !pr->sweep &&
	    now - pr->committed_ms < HEARTBEAT_MS - PROBER_TICK_MS)
		return;
	while ((p = pr->dirty) != NULL) {
		pr->dirty = p->next_dirty;
		p->dirty = false;
		write_row(pr, p);
	}
	if (pr->sweep)
		state_recorder_sweep(pr->recorder);
	pr->sweep = false;
	state_recorder_commit(pr->recorder);
	pr->committed_ms = now;
}

/*
 * Where many checks hung at once, as after this process was stopped for some
 * seconds, they leave room behind that nothing needs again: of 2,000 endpoints
 * 50 MB.  To give it back takes some milliseconds.
 */
static void
give_back(struct prober *pr)
{
	int64_t now = clock_mono_ms();

	if (now - pr->gave_back_ms < GIVE_BACK_MS)
		return;
	pr->gave_back_ms = now;
	malloc_trim(0);
}

static void
on_tick(uv_timer_t *timer)
{
	struct prober *pr = timer->data;

	maintenance_tick(pr);
	prober_flush(pr);
	prober_tell_written(pr, false);
	prober_say_troubles(pr);
	prober_publish(pr);
	give_back(pr);
}

static void
begin_checking(struct prober *pr)
{
	if (pr->checking || pr->stopping)
		return;
	pr->checking = true;
	pr->window_ms = schedule_window(pr->table->http, pr->table->https);
	uv_timer_stop(&pr->begin);
	uv_update_time(&pr->loop);
	for (size_t i = 0; i < pr->table->n; i++)
		probe_begin(pr->probes[i]);
}

static void
on_begin(uv_timer_t *timer)
{
	begin_checking(timer->data);
}

/* --- the state database --- */

/* One row of the last run, of an endpoint that may be gone by now. */
static void
on_restored(void *context, const struct state_endpoint *row)
{
	struct prober *pr = context;
	struct endpoint_key key = endpoint_key_of(row);
	size_t i = target_find(pr->table, &key);
	struct probe *p;

	if (i == pr->table->n)
		return;
	p = pr->probes[i];
	if (p->target->n_checks == 0)
		return;
	probe_restore(p, row);
}

/* The same of an address of a name. */
static void
on_restored_address(void *context, const struct state_address *row)
{
	struct prober *pr = context;
	struct endpoint_key key = {
	    .zone = row->zone, .pool = row->pool, .endpoint = row->endpoint};
	size_t i = target_find(pr->table, &key);

	if (i < pr->table->n && pr->probes[i]->named != NULL)
		named_restore(pr->probes[i]->named, row);
}

/* The database can be written.  All rows are written again: it may be a new
 * file, or one that missed what happened while it could not be written.  What
 * it has besides is of endpoints that are gone. */
static void
on_ready(void *context)
{
	struct prober *pr = context;

	pr->ready = true;
	for (size_t i = 0; i < pr->table->n; i++) {
		probe_mark_all(pr->probes[i]);
		if (pr->probes[i]->named != NULL)
			named_mark(pr->probes[i]->named);
	}
	pr->sweep = true;
	control_again(pr->control);
	ramps_again(pr->ramps);
	begin_checking(pr);
}

/* The database cannot be written, or NULL: it can again.  Checks do not wait.
 */
static void
on_trouble(void *context, const char *why)
{
	struct prober *pr = context;

	prober_say_state(pr, why);
	if (why == NULL)
		return;
	pr->ready = false;
	begin_checking(pr);
}

/* --- beginning and end --- */

static void
on_hangup(uv_signal_t *handle, int signal_number)
{
	(void)signal_number;
	prober_reload(handle->data);
}

/* Close every handle: the loop ends when the last one is closed, which is when
 * the recorder has written what it was given. */
static void
on_end(uv_signal_t *handle, int signal_number)
{
	struct prober *pr = handle->data;

	prober_say_end(pr, signal_number);
	pr->stopping = true;
	prober_flush(pr);
	for (size_t i = 0; i < pr->table->n; i++)
		probe_close(pr->probes[i]);
	control_stop(pr->control);
	ramps_stop(pr->ramps);
	state_recorder_stop(pr->recorder);
	pages_stop(pr->pages);
	pr->pages = NULL;
	gate_close(pr->gate);
	http_checker_close(pr->checker);
	program_host_close(pr->programs);
	resolver_close(pr->resolver);
	uv_close((uv_handle_t *)&pr->tick, NULL);
	uv_close((uv_handle_t *)&pr->begin, NULL);
	uv_close((uv_handle_t *)&pr->hangup, NULL);
	uv_close((uv_handle_t *)&pr->terminate, NULL);
	uv_close((uv_handle_t *)&pr->interrupt, NULL);
}

static void
watch_signal(struct prober *pr, uv_signal_t *handle, uv_signal_cb call,
    int signal_number)
{
	uv_signal_init(&pr->loop, handle);
	handle->data = pr;
	uv_signal_start(handle, call, signal_number);
}

static int
create_probes(struct prober *pr)
{
	pr->probes = calloc(pr->table->n + 1, sizeof(struct probe *));
	if (pr->probes == NULL)
		return -1;
	for (size_t i = 0; i < pr->table->n; i++) {
		pr->probes[i] = probe_create(pr, &pr->table->targets[i]);
		if (pr->probes[i] == NULL)
			return -1;
	}
	return 0;
}

/* A port that is taken is an error of the start, as it is of meridiand. */
static int
start_pages(struct prober *pr, const struct server_config *config)
{
	struct errbuf *eb;

	if (config->probe.http.port == 0)
		return 0;
	eb = malloc(sizeof(*eb));
	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	pr->pages = pages_start(&config->probe.http, eb);
	daemon_log_messages(eb);
	free(eb);
	return pr->pages != NULL ? 0 : -1;
}

unsigned
prober_places(const struct server_config *config)
{
	return config->probe.concurrency != 0
	    ? config->probe.concurrency
	    : gate_default(daemon_file_limit());
}

/* Make all that the loop needs.  After a failure the process ends, so nothing
 * is undone. */
static int
begin(struct prober *pr, const struct server_config *config)
{
	static const struct state_recorder_calls calls = {
	    .restored = on_restored,
	    .restored_address = on_restored_address,
	    .ready = on_ready,
	    .trouble = on_trouble};

	snprintf(pr->vantage, sizeof(pr->vantage), "%s", config->vantage);
	pr->state = strdup(config->state);
	if (pr->state == NULL || tally_init(&pr->tally) != 0 ||
	    uv_loop_init(&pr->loop) != 0)
		goto no_memory;
	pr->checker = http_checker_create(&pr->loop);
	if (pr->checker == NULL) {
		log_error("cannot make requests: no memory, or a libcurl that "
			  "is not built with OpenSSL");
		return -1;
	}
	pr->programs = program_host_create(&pr->loop, PROGRAM_AT_ONCE, false);
	if (pr->programs == NULL)
		goto no_memory;
	pr->gate = gate_create(&pr->loop, prober_places(config));
	if (pr->gate == NULL)
		goto no_memory;
	probe_own_tasks(pr);
	if (create_probes(pr) != 0)
		goto no_memory;
	pr->resolver = prober_resolver(pr, config);
	if (pr->resolver == NULL) {
		log_error("cannot look names up: no memory");
		return -1;
	}
	uv_timer_init(&pr->loop, &pr->tick);
	uv_timer_init(&pr->loop, &pr->begin);
	pr->tick.data = pr->begin.data = pr;
	uv_timer_start(&pr->tick, on_tick, PROBER_TICK_MS, PROBER_TICK_MS);
	uv_timer_start(&pr->begin, on_begin, RESTORE_MS, 0);
	watch_signal(pr, &pr->hangup, on_hangup, SIGHUP);
	watch_signal(pr, &pr->terminate, on_end, SIGTERM);
	watch_signal(pr, &pr->interrupt, on_end, SIGINT);
	pr->recorder =
	    state_recorder_start(&pr->loop, pr->state, pr->vantage, &calls, pr);
	if (pr->recorder == NULL) {
		log_error("state: cannot start the process that writes %s",
		    pr->state);
		return -1;
	}
	state_recorder_forget_after(pr->recorder, config->stale_forget_ms);
	state_recorder_place(pr->recorder, config->vantage_region);
	state_recorder_latency_age(pr->recorder, config->latency_max_age_ms);
	pr->control =
	    control_start(&pr->loop, pr->state, pr->vantage, pr->recorder);
	if (pr->control == NULL)
		goto no_memory;
	control_follow(pr->control, &pr->table->control, &pr->table->judged);
	pr->ramps =
	    ramps_start(&pr->loop, pr->state, pr->vantage, pr->recorder);
	if (pr->ramps == NULL)
		goto no_memory;
	ramps_follow(pr->ramps, &pr->table->ramps, &pr->table->judged);
	prober_share(pr, config);
	if (start_pages(pr, config) != 0)
		return -1;
	pr->hooks = hooks_start(config->hooks, config->n_hooks, pr->vantage);
	if (pr->hooks == NULL)
		goto no_memory;
	prober_say_start(pr);
	return 0;
no_memory:
	log_error("no memory");
	return -1;
}

int
prober_run(const char *path, const struct server_config *config,
    struct target_table *table)
{
	static struct prober pr;

	pr.path = path;
	pr.table = table;
	if (begin(&pr, config) != 0)
		return -1;
	daemon_take_reloads();
	uv_run(&pr.loop, UV_RUN_DEFAULT);
	prober_tell_written(&pr, true);
	hooks_stop(pr.hooks);
	uv_loop_close(&pr.loop);
	target_table_destroy(pr.table);
	tally_finish(&pr.tally);
	free(pr.probes);
	free(pr.held);
	free(pr.state);
	return 0;
}
