/*
 * Tells what is in the batch of a hook, and tries again until that is taken or
 * its time is over.  Called in the thread of the hook.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/hooks/hook_parts.h"
#include "probes/hooks/hook_send.h"

/* Between two tries: at first, and at most. */
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 60000

/* A message: HOOK_TOLD changes with all their names. */
#define BODY_MAX ((size_t)256 << 10)

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
		if (hook_pause(h, clock_mono_ms() + delay))
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

void
hook_tell(struct hook *h)
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
}
