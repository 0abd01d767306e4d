/*
 * The thread of a hook, and what waits for it.  Called by hooks.c; the loop and
 * the thread meet under a lock that neither holds while it waits for others.
 */
#include "probes/hooks/hook_parts.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"

/* Of a copy of a config: 64 patterns and 32 arguments take a few kilobytes. */
#define CONFIG_MAX ((size_t)1 << 20)

/* --- waiting, with the lock --- */

/* Until ${at_ms} of the monotonic clock, 0: for ever; or until there is news.
 */
static void
wait_until(struct hook *h, int64_t at_ms)
{
	struct timespec at = {
	    .tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000};

	if (at_ms == 0)
		pthread_cond_wait(&h->news, &h->lock);
	else
		pthread_cond_timedwait(&h->news, &h->lock, &at);
}

static void
release(struct kept *kept)
{
	arena_destroy(kept->arena);
	*kept = (struct kept){0};
}

/* Go on as the last reload said; true when that is news. */
static bool
take_next(struct hook *h)
{
	bool any = h->next.config != NULL;

	if (!any)
		return false;
	release(&h->now);
	h->now = h->next;
	h->next = (struct kept){0};
	return true;
}

/* Be here until ${at_ms}, or until all ends. */
static void
pause_until(struct hook *h, int64_t at_ms)
{
	pthread_mutex_lock(&h->lock);
	while (!h->stopping && clock_mono_ms() < at_ms)
		wait_until(h, at_ms);
	pthread_mutex_unlock(&h->lock);
}

bool
hook_pause(struct hook *h, int64_t at_ms)
{
	bool news;

	pthread_mutex_lock(&h->lock);
	while (
	    !h->stopping && h->next.config == NULL && clock_mono_ms() < at_ms)
		wait_until(h, at_ms);
	news = take_next(h);
	pthread_mutex_unlock(&h->lock);
	return news;
}

/* When another message may go out; takes it. */
static int64_t
take_token(struct hook *h)
{
	int64_t now = clock_mono_ms();
	double a_ms = h->now.config->at_most / 60000.0;

	h->tokens += (double)(now - h->refilled_ms) * a_ms;
	if (h->tokens > h->now.config->at_most)
		h->tokens = h->now.config->at_most;
	h->refilled_ms = now;
	h->tokens -= 1;
	return h->tokens >= 0 ? now : now + (int64_t)(-h->tokens / a_ms) + 1;
}

/* Wait for changes, and take them all; false: there is nothing to do any more.
 */
static bool
take_batch(struct hook *h)
{
	bool any;

	pthread_mutex_lock(&h->lock);
	while (h->waits.n == 0 && !h->stopping)
		wait_until(h, 0);
	any = h->waits.n > 0;
	(void)take_next(h);
	pthread_mutex_unlock(&h->lock);
	if (!any)
		return false;
	pause_until(h, h->since_ms + HOOKS_GATHER_MS);
	pause_until(h, take_token(h));
	pthread_mutex_lock(&h->lock);
	h->batch = h->waits;
	hook_batch_clear(&h->waits);
	(void)take_next(h);
	atomic_store(&h->held, h->batch.n);
	pthread_mutex_unlock(&h->lock);
	return true;
}

static void *
run(void *context)
{
	struct hook *h = context;

	while (take_batch(h)) {
		hook_tell(h);
		atomic_store(&h->held, 0);
	}
	atomic_store(&h->done, true);
	return NULL;
}

/* --- the loop's end --- */

static bool
wants(const struct hook_config *config, const struct state_event *event)
{
	unsigned bit = event->after == HEALTH_DOWN ? HOOK_ON_DOWN
	    : event->after == HEALTH_UP            ? HOOK_ON_UP
	    : event->after == HEALTH_DEGRADED      ? HOOK_ON_DEGRADED
						   : 0;

	/* That it is up at a start is no news. */
	if ((config->on & bit) == 0 ||
	    (event->before == HEALTH_UNKNOWN && event->after == HEALTH_UP))
		return false;
	for (size_t i = 0; i < config->n_pools; i++)
		if (fnmatch(config->pools[i], event->pool, 0) == 0)
			return true;
	return config->n_pools == 0;
}

void
hook_change(struct hook *h, const struct hook_change *change)
{
	pthread_mutex_lock(&h->lock);
	if (wants(h->next.config != NULL ? h->next.config : h->now.config,
		&change->event)) {
		if (h->waits.n == 0)
			h->since_ms = clock_mono_ms();
		hook_batch_add(&h->waits, change);
		pthread_cond_signal(&h->news);
	}
	pthread_mutex_unlock(&h->lock);
}

static int
keep(struct kept *kept, const struct hook_config *config)
{
	kept->arena = arena_create(CONFIG_MAX);
	if (kept->arena != NULL)
		kept->config = hook_copy(kept->arena, config);
	if (kept->config != NULL)
		return 0;
	release(kept);
	return -1;
}

int
hook_follow(struct hook *h, const struct hook_config *config)
{
	struct kept next = {0};

	if (keep(&next, config) != 0)
		return -1;
	pthread_mutex_lock(&h->lock);
	release(&h->next);
	h->next = next;
	pthread_cond_signal(&h->news);
	pthread_mutex_unlock(&h->lock);
	return 0;
}

static int
start_thread(struct hook *h)
{
	pthread_condattr_t clock;
	sigset_t all, before;
	int status;

	pthread_mutex_init(&h->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&h->news, &clock);
	pthread_condattr_destroy(&clock);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&h->thread, NULL, run, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status == 0 ? 0 : -1;
}

static void
destroy(struct hook *h)
{
	release(&h->now);
	release(&h->next);
	secret_store_destroy(h->secrets);
	free(h);
}

struct hook *
hook_start(const struct hook_config *config, const char *vantage)
{
	struct hook *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	snprintf(h->name, sizeof(h->name), "%s", config->name);
	h->vantage = vantage;
	h->tokens = config->at_most;
	h->refilled_ms = clock_mono_ms();
	h->secrets = secret_store_create();
	if (h->secrets == NULL || keep(&h->now, config) != 0 ||
	    getrandom(&h->run, sizeof(h->run), 0) != sizeof(h->run) ||
	    start_thread(h) != 0) {
		destroy(h);
		return NULL;
	}
	return h;
}

void
hook_leave(struct hook *h)
{
	atomic_store(&h->ends_ms, clock_mono_ms() + HOOKS_GRACE_MS);
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_signal(&h->news);
	pthread_mutex_unlock(&h->lock);
}

bool
hook_is_done(const struct hook *h)
{
	return atomic_load(&h->done);
}

void
hook_join(struct hook *h)
{
	pthread_join(h->thread, NULL);
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->news);
	destroy(h);
}

const char *
hook_name(const struct hook *h)
{
	return h->name;
}

void
hook_figures(struct hook *h, struct hook_figures *out)
{
	*out = (struct hook_figures){.sent = atomic_load(&h->sent),
	    .failed = atomic_load(&h->failed),
	    .dropped = atomic_load(&h->dropped)};
	memcpy(out->name, h->name, sizeof(out->name));
	pthread_mutex_lock(&h->lock);
	out->waiting = atomic_load(&h->held) + h->waits.n;
	pthread_mutex_unlock(&h->lock);
}
