/*
 * The loop of meridian-share: signals, and reloads of the node's file, which is
 * read in a thread of the pool.  Called by main().
 */
#include "share/sharer.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/daemon.h"
#include "base/log.h"
#include "share/alone.h"
#include "share/sharer_parts.h"

struct host {
	uv_loop_t loop;
	uv_signal_t terminate, interrupt, hangup;
	struct sharer sharer;
	struct server_config *config; /* that it shares by */
	struct server_config *next;   /* that it is to share by, or NULL */
	uv_work_t work;
	bool reloading, again, ending;
	/* What the thread of a reload fills. */
	struct server_config *loaded;
	struct errbuf messages;
};

/* --- reload --- */

static void
load(uv_work_t *work)
{
	struct host *h = work->data;

	errbuf_init(&h->messages);
	h->loaded = server_config_load(h->config->path, &h->messages);
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* What it shares, with whom and as whom. */
static bool
is_same(const struct server_config *a, const struct server_config *b)
{
	struct share_config share = b->share;

	/* Where it is asked is only told. */
	share.address = a->share.address;
	return server_share_same(&a->share, &share) &&
	    same_text(a->node, b->node) && same_text(a->vantage, b->vantage) &&
	    same_text(a->state, b->state) &&
	    a->stale_after_ms == b->stale_after_ms;
}

/* Share by ${config}, which is taken. */
static void
adopt(struct host *h, struct server_config *config)
{
	struct sharer *s = &h->sharer;

	if (is_same(h->config, config)) {
		sharer_describe(s, config);
		s->said_ms = s->beat_ms = 0;
		state_recorder_forget_after(
		    s->recorder, config->stale_forget_ms);
		server_config_destroy(config);
		log_info("reloaded; it is shared as before");
		return;
	}
	log_info("reloaded; what is shared, or with whom, is another: begins "
		 "anew");
	server_config_destroy(h->next);
	h->next = config;
	sharer_stop(s);
}

static void begin_reload(struct host *h);

static void
on_loaded(uv_work_t *work, int status)
{
	struct host *h = work->data;
	struct server_config *config = h->loaded;

	(void)status;
	h->reloading = false;
	h->loaded = NULL;
	daemon_log_messages(&h->messages);
	if (config != NULL && config->share.n_etcd == 0) {
		server_config_destroy(config);
		config = NULL;
		log_error("%s has no `share` any more: end meridian-share when "
			  "nothing is to be shared",
		    h->config->path);
	}
	if (config == NULL)
		log_error("not reloaded: shares on as before");
	else if (h->sharer.stopping)
		server_config_destroy(config);
	else
		adopt(h, config);
	if (h->again && !h->ending)
		begin_reload(h);
}

static void
begin_reload(struct host *h)
{
	h->again = false;
	h->work.data = h;
	h->reloading = uv_queue_work(&h->loop, &h->work, load, on_loaded) == 0;
}

static void
on_hangup(uv_signal_t *handle, int signal_number)
{
	struct host *h = handle->data;

	(void)signal_number;
	if (h->reloading || h->sharer.stopping)
		h->again = true;
	else
		begin_reload(h);
}

/* --- beginning and end --- */

static void
on_end(uv_signal_t *handle, int signal_number)
{
	struct host *h = handle->data;

	log_info("meridian-share ends on %s",
	    signal_number == SIGINT ? "SIGINT" : "SIGTERM");
	h->ending = true;
	sharer_stop(&h->sharer);
}

/* The loop ends with what is shared, and signals are taken on between two of
 * these. */
static void
watch_signal(
    struct host *h, uv_signal_t *handle, uv_signal_cb call, int signal_number)
{
	uv_signal_init(&h->loop, handle);
	handle->data = h;
	uv_signal_start(handle, call, signal_number);
	uv_unref((uv_handle_t *)handle);
}

/* Share by its config until that ends. */
static int
share(struct host *h)
{
	const struct server_config *config = h->config;
	char why[ALONE_WHY];
	int lock = alone_take(config->state, why);

	if (lock < 0) {
		log_error("%s", why);
		return -1;
	}
	h->sharer =
	    (struct sharer){.loop = &h->loop, .config = config, .lock = lock};
	if (sharer_begin(&h->sharer) != 0) {
		log_error("cannot begin: no memory, or no process to read or "
			  "write %s",
		    config->state);
		return -1;
	}
	log_info("node %s shares with %zu member%s of etcd, below %s",
	    config->node, config->share.n_etcd,
	    config->share.n_etcd == 1 ? "" : "s", config->share.prefix);
	if (h->again)
		begin_reload(h);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	sharer_end(&h->sharer);
	alone_give(lock);
	return 0;
}

/* After a failure the process ends, so nothing is undone. */
int
sharer_run(struct server_config *config)
{
	static struct host h;
	int status = -1;

	h.config = config;
	if (uv_loop_init(&h.loop) != 0) {
		log_error("cannot begin: no memory");
		return -1;
	}
	watch_signal(&h, &h.terminate, on_end, SIGTERM);
	watch_signal(&h, &h.interrupt, on_end, SIGINT);
	watch_signal(&h, &h.hangup, on_hangup, SIGHUP);
	daemon_take_reloads();
	do {
		if (h.next != NULL) {
			server_config_destroy(h.config);
			h.config = h.next;
			h.next = NULL;
		}
		status = share(&h);
	} while (status == 0 && (h.next != NULL || h.sharer.anew) && !h.ending);
	uv_close((uv_handle_t *)&h.terminate, NULL);
	uv_close((uv_handle_t *)&h.interrupt, NULL);
	uv_close((uv_handle_t *)&h.hangup, NULL);
	uv_run(&h.loop, UV_RUN_DEFAULT);
	uv_loop_close(&h.loop);
	server_config_destroy(h.next);
	server_config_destroy(h.config);
	return status;
}
