/*
 * The thread of a hook, and what waits for it.  Called by hooks.c; the loop and
 * the thread meet under a lock that neither holds while it waits for others.
 */
#include "probes/hook_thread.h"

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

/* Of a copy of a config: 64 patterns and 32 arguments take a few kilobytes. */
#define CONFIG_MAX ((size_t)1 << 20)

/* A message: HOOK_TOLD changes with all their names. */
#define BODY_MAX ((size_t)256 << 10)

/* A copy of a hook's config, and the memory that it is in. */
struct kept {
	struct arena *arena;
	struct hook_config *config;
};

struct hook {
	char name[STATE_NAME];
	const char *vantage;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	/* Under the lock: what is to be told next; how, from the next try on,
	 * where a reload said so. */
	struct hook_batch waits;
	int64_t since_ms; /* monotonic: its first change */
	struct kept next;
	_Atomic bool stopping, done;
	_Atomic int64_t ends_ms;
	_Atomic uint64_t sent, failed, dropped, held;
	/* Of the thread; the loop reads it under the lock. */
	struct kept now;
	/* Of the thread. */
	struct hook_batch batch; /* that it tells now */
	struct secret_store *secrets;
	double tokens;       /* messages that may go out now */
	int64_t refilled_ms; /* monotonic */
	struct reminder trouble;
	uint64_t run, number; /* what ids are made of */
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

/* The same between two tries: a reload may have mended what was wrong, which is
 * true then. */
static bool
pause_or_reload(struct hook *h, int64_t at_ms)
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

/* --- telling --- */

static void
say(struct hook *h, const char *why)
{
	int64_t now = clock_mono_ms();
	int64_t lasted_s = reminder_lasts_s(&h->trouble, now);

	if (why[0] == '\0' && reminder_set(&h->trouble, "", now))
		log_info("hook %s: works again, after %" PRId64 " s", h->name,
		    lasted_s);
	else if (why[0] != '\0' && h->trouble.words[0] == '\0' &&
	    reminder_set(&h->trouble, why, now))
		log_warn("hook %s: %s", h->name, why);
	else if (reminder_due(&h->trouble, now))
		log_warn("hook %s: for %" PRId64 " s now: %s", h->name,
		    lasted_s, why);
}

/* One try, signed as of now. */
static bool
try_once(struct hook *h, const struct text *body,
    const char *const *environment, char why[HOOK_WHY])
{
	char signature[HOOK_SIGNATURE];
	struct hook_try try = {.config = h->now.config,
	    .body = body->data,
	    .len = body->len,
	    .environment = environment,
	    .ends_ms = &h->ends_ms};
	const char *secret, *words;

	if (h->now.config->argv != NULL)
		return hook_run(&try, why);
	if (h->now.config->secret_file != NULL) {
		secret =
		    secret_read(h->secrets, h->now.config->secret_file, &words);
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

	return now - began_ms >= (int64_t)h->now.config->retry_ms ||
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
			log_warn("hook %s: %zu change%s not told: %s", h->name,
			    h->batch.n, h->batch.n == 1 ? " is" : "s are", why);
			return;
		}
		if (pause_or_reload(h, clock_mono_ms() + delay))
			delay = RETRY_FIRST_MS;
		else if (2 * delay < RETRY_MOST_MS)
			delay = 2 * delay;
		else
			delay = RETRY_MOST_MS;
	}
	atomic_fetch_add(&h->sent, 1);
	say(h, "");
	if (hook_batch_left_out(&h->batch) > 0)
		log_warn("hook %s: a message tells of %zu changes, and %zu of "
			 "them are only counted: see meridianctl events",
		    h->name, h->batch.n, hook_batch_left_out(&h->batch));
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
		log_error("hook %s: no memory", h->name);
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
