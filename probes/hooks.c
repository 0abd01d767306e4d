/*
 * The threads of hooks, and what waits for them.  Called by the prober on its
 * loop.
 */
#include "probes/hooks.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/hook_send.h"
#include "probes/reminder.h"
#include "probes/secret.h"

/* Between two tries: at first, and at most. */
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 60000

/* A message: HOOK_TOLD changes with all their names. */
#define BODY_MAX ((size_t)256 << 10)

struct hook {
	const struct hook_config *config;
	const char *vantage;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	/* Under the lock: what is to be told next. */
	struct hook_batch waits;
	int64_t since_ms; /* monotonic: its first change */
	_Atomic bool stopping;
	_Atomic int64_t ends_ms;
	_Atomic uint64_t sent, failed, dropped, held;
	/* Of the thread. */
	struct hook_batch batch; /* that it tells now */
	struct secret_store *secrets;
	double tokens;       /* messages that may go out now */
	int64_t refilled_ms; /* monotonic */
	struct reminder trouble;
	uint64_t run, number; /* what ids are made of */
};

struct hooks {
	size_t n;
	struct hook hooks[];
};

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

/* Be here until ${at_ms}, or until all ends. */
static void
pause_until(struct hook *h, int64_t at_ms)
{
	pthread_mutex_lock(&h->lock);
	while (!h->stopping && clock_mono_ms() < at_ms)
		wait_until(h, at_ms);
	pthread_mutex_unlock(&h->lock);
}

/* When another message may go out; takes it. */
static int64_t
take_token(struct hook *h)
{
	int64_t now = clock_mono_ms();
	double a_ms = h->config->at_most / 60000.0;

	h->tokens += (double)(now - h->refilled_ms) * a_ms;
	if (h->tokens > h->config->at_most)
		h->tokens = h->config->at_most;
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
	pthread_mutex_unlock(&h->lock);
	if (!any)
		return false;
	pause_until(h, h->since_ms + HOOKS_GATHER_MS);
	pause_until(h, take_token(h));
	pthread_mutex_lock(&h->lock);
	h->batch = h->waits;
	h->waits.n = 0;
	atomic_store(&h->held, h->batch.n);
	pthread_mutex_unlock(&h->lock);
	return true;
}

/* --- telling --- */

static void
say(struct hook *h, const char *why)
{
	int64_t now = clock_mono_ms();
	int64_t lasted_s = reminder_lasts_s(&h->trouble, now);

	if (why[0] == '\0' && reminder_set(&h->trouble, "", now))
		log_info("hook %s: works again, after %" PRId64 " s",
		    h->config->name, lasted_s);
	else if (why[0] != '\0' && h->trouble.words[0] == '\0' &&
	    reminder_set(&h->trouble, why, now))
		log_warn("hook %s: %s", h->config->name, why);
	else if (reminder_due(&h->trouble, now))
		log_warn("hook %s: for %" PRId64 " s now: %s", h->config->name,
		    lasted_s, why);
}

/* One try, signed as of now. */
static bool
try_once(struct hook *h, const struct text *body,
    const char *const *environment, char why[HOOK_WHY])
{
	char signature[HOOK_SIGNATURE];
	struct hook_try try = {.config = h->config,
	    .body = body->data,
	    .len = body->len,
	    .environment = environment,
	    .ends_ms = &h->ends_ms};
	const char *secret, *words;

	if (h->config->argv != NULL)
		return hook_run(&try, why);
	if (h->config->secret_file != NULL) {
		secret =
		    secret_read(h->secrets, h->config->secret_file, &words);
		if (secret == NULL) {
			snprintf(why, HOOK_WHY, "secret_file: %s", words);
			return false;
		}
		if (hook_sign(secret, clock_wall_ms() / 1000, body->data,
			body->len, signature) != 0) {
			snprintf(why, HOOK_WHY, "no memory");
			return false;
		}
		try.signature = signature;
	}
	return hook_post(&try, why);
}

static bool
is_over(struct hook *h, int64_t began_ms)
{
	int64_t now = clock_mono_ms(), ends = atomic_load(&h->ends_ms);

	return now - began_ms >= (int64_t)h->config->retry_ms ||
	    (ends != 0 && now >= ends);
}

/* Until it is told, or its time is over. */
static void
deliver(struct hook *h, const struct text *body, const char *const *environment)
{
	int64_t began = clock_mono_ms(), delay = RETRY_FIRST_MS;
	char why[HOOK_WHY] = "";

	while (!try_once(h, body, environment, why)) {
		atomic_fetch_add(&h->failed, 1);
		say(h, why);
		if (h->stopping || is_over(h, began)) {
			atomic_fetch_add(&h->dropped, h->batch.n);
			log_warn("hook %s: %zu change%s not told: %s",
			    h->config->name, h->batch.n,
			    h->batch.n == 1 ? " is" : "s are", why);
			return;
		}
		pause_until(h, clock_mono_ms() + delay);
		delay = 2 * delay < RETRY_MOST_MS ? 2 * delay : RETRY_MOST_MS;
	}
	atomic_fetch_add(&h->sent, 1);
	say(h, "");
}

static void
tell(struct hook *h)
{
	const struct hook_change *first = &h->batch.told[0];
	const struct state_event *e = &first->event;
	const char *environment[10] = {"PATH=/usr/local/bin:/usr/bin:/bin"};
	char values[8][STATE_ZONE + 32], id[48];
	struct text body;

	snprintf(
	    id, sizeof(id), "%016" PRIx64 "-%" PRIu64, h->run, ++h->number);
	snprintf(
	    values[0], sizeof(values[0]), "MERIDIAN_COUNT=%zu", h->batch.n);
	snprintf(values[1], sizeof(values[1]), "MERIDIAN_ZONE=%s", e->zone);
	snprintf(values[2], sizeof(values[2]), "MERIDIAN_POOL=%s", e->pool);
	snprintf(
	    values[3], sizeof(values[3]), "MERIDIAN_ENDPOINT=%s", e->endpoint);
	snprintf(
	    values[4], sizeof(values[4]), "MERIDIAN_REGION=%s", first->region);
	snprintf(values[5], sizeof(values[5]), "MERIDIAN_BEFORE=%s",
	    state_health_name(e->before));
	snprintf(values[6], sizeof(values[6]), "MERIDIAN_AFTER=%s",
	    state_health_name(e->after));
	snprintf(values[7], sizeof(values[7]), "MERIDIAN_REASON=%s", e->reason);
	for (size_t i = 0; i < 8; i++)
		environment[i + 1] = values[i];
	text_init(&body, BODY_MAX);
	hook_message(&h->batch, h->vantage, id, clock_wall_ms(), &body);
	if (body.failed) {
		atomic_fetch_add(&h->dropped, h->batch.n);
		log_error("hook %s: no memory", h->config->name);
	} else {
		deliver(h, &body, environment);
	}
	text_finish(&body);
	atomic_store(&h->held, 0);
}

static void *
run(void *context)
{
	struct hook *h = context;

	while (take_batch(h))
		tell(h);
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
hooks_change(struct hooks *hooks, const struct hook_change *change)
{
	for (size_t i = 0; hooks != NULL && i < hooks->n; i++) {
		struct hook *h = &hooks->hooks[i];

		if (!wants(h->config, &change->event))
			continue;
		pthread_mutex_lock(&h->lock);
		if (h->waits.n == 0)
			h->since_ms = clock_mono_ms();
		hook_batch_add(&h->waits, change);
		pthread_cond_signal(&h->news);
		pthread_mutex_unlock(&h->lock);
	}
}

static int
start_hook(
    struct hook *h, const struct hook_config *config, const char *vantage)
{
	pthread_condattr_t clock;
	sigset_t all, before;
	int status;

	h->config = config;
	h->vantage = vantage;
	h->tokens = config->at_most;
	h->refilled_ms = clock_mono_ms();
	h->secrets = secret_store_create();
	if (h->secrets == NULL ||
	    getrandom(&h->run, sizeof(h->run), 0) != sizeof(h->run))
		return -1;
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

struct hooks *
hooks_start(const struct hook_config *configs, size_t n, const char *vantage)
{
	struct hooks *hooks =
	    calloc(1, sizeof(*hooks) + n * sizeof(hooks->hooks[0]));

	if (hooks == NULL || !hook_send_init()) {
		free(hooks);
		return NULL;
	}
	for (; hooks->n < n; hooks->n++)
		if (start_hook(&hooks->hooks[hooks->n], &configs[hooks->n],
			vantage) != 0) {
			secret_store_destroy(hooks->hooks[hooks->n].secrets);
			hooks_stop(hooks);
			return NULL;
		}
	return hooks;
}

void
hooks_stop(struct hooks *hooks)
{
	for (size_t i = 0; hooks != NULL && i < hooks->n; i++) {
		struct hook *h = &hooks->hooks[i];

		atomic_store(&h->ends_ms, clock_mono_ms() + HOOKS_GRACE_MS);
		pthread_mutex_lock(&h->lock);
		h->stopping = true;
		pthread_cond_signal(&h->news);
		pthread_mutex_unlock(&h->lock);
	}
	for (size_t i = 0; hooks != NULL && i < hooks->n; i++) {
		struct hook *h = &hooks->hooks[i];

		pthread_join(h->thread, NULL);
		secret_store_destroy(h->secrets);
		pthread_mutex_destroy(&h->lock);
		pthread_cond_destroy(&h->news);
	}
	free(hooks);
}

size_t
hooks_figures(struct hooks *hooks, struct hook_figures out[HOOK_MAX])
{
	for (size_t i = 0; hooks != NULL && i < hooks->n; i++) {
		struct hook *h = &hooks->hooks[i];

		out[i] = (struct hook_figures){.name = h->config->name,
		    .sent = atomic_load(&h->sent),
		    .failed = atomic_load(&h->failed),
		    .dropped = atomic_load(&h->dropped)};
		pthread_mutex_lock(&h->lock);
		out[i].waiting = atomic_load(&h->held) + h->waits.n;
		pthread_mutex_unlock(&h->lock);
	}
	return hooks != NULL ? hooks->n : 0;
}
