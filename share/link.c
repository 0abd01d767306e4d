/*
 * Keeps a lease in etcd, reads all that is shared, and follows it.  Called by
 * the sharer; decides nothing about what is shared.
 */
#include "share/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/link_private.h"

/* How often it is looked what is due. */
#define TICK_MS 100

/* A call that gives the lease back has so long; it is the last. */
#define GIVE_BACK_MS 1000

/*
 * An endpoint has a fifth of the lease for an answer: two can be asked in the
 * half that a renewal has.  No less than ETCD_ATTEMPT_MS, as a connection with
 * TLS takes three round trips to its first answer; and no more than the most,
 * after which one that hangs is left for the next.  A call has time for three.
 */
#define ATTEMPTS 5
#define ATTEMPT_MOST_MS 10000
#define CALL_ATTEMPTS 3

static int64_t
attempt_ms(uint64_t lease_ms)
{
	int64_t ms = (int64_t)lease_ms / ATTEMPTS;

	if (ms < ETCD_ATTEMPT_MS)
		return ETCD_ATTEMPT_MS;
	return ms < ATTEMPT_MOST_MS ? ms : ATTEMPT_MOST_MS;
}

/* --- its state --- */

void
link_set_state(struct link *l, enum link_state state, const char *words)
{
	char fit[sizeof(l->words)];

	/* What is compared is as long as what was kept. */
	(void)snprintf(fit, sizeof(fit), "%s", words);
	if (l->stopping || (l->state == state && strcmp(l->words, fit) == 0))
		return;
	l->state = state;
	memcpy(l->words, fit, sizeof(l->words));
	l->calls->state(l->context, state, l->words);
}

/* It gets on, with what members of etcd have still. */
void
link_gets_on(struct link *l, enum link_state state)
{
	char words[sizeof(l->words)];

	etcd_trouble(l->etcd, words, sizeof(words));
	link_set_state(l, state, words);
}

/* What is wrong now, or nothing. */
void
link_note(struct link *l, const char *words)
{
	/* Nothing else is to be mended before that. */
	link_set_state(
	    l, l->state, l->site_words[0] != '\0' ? l->site_words : words);
}

/* etcd refuses what this node reads or writes. */
bool
link_is_refused(const struct link *l)
{
	return l->refused_ms[READS] != 0 || l->refused_ms[WRITES] != 0;
}

static bool
is_refusal(const struct etcd_answer *answer)
{
	return answer->outcome == ETCD_REFUSED ||
	    answer->outcome == ETCD_FAILED;
}

void
link_note_failure(struct link *l, const struct etcd_answer *answer)
{
	if (l->state != LINK_CUT || !link_is_refused(l) || !is_refusal(answer))
		link_note(l, answer->words);
}

void
link_take_outcome(struct link *l, int use, const struct etcd_answer *answer)
{
	bool was = link_is_refused(l);

	if (answer->outcome == ETCD_OK) {
		l->refused_ms[use] = 0;
		l->relieved |= was && !link_is_refused(l);
		return;
	}
	if (!is_refusal(answer))
		return;
	l->refused_last_ms[use] = clock_mono_ms();
	if (l->refused_ms[use] == 0)
		l->refused_ms[use] = l->refused_last_ms[use];
	(void)snprintf(l->refusal, sizeof(l->refusal), "%.250s", answer->words);
}

void
link_wrote(struct link *l, const struct etcd_answer *answer)
{
	if (!l->stopping)
		link_take_outcome(l, WRITES, answer);
}

/* --- beginning and end --- */

static void
on_told(void *context, enum etcd_news news, const char *words)
{
	struct link *l = context;

	switch (news) {
	case ETCD_NEWS_HISTORY:
		l->anew = true;
		l->broken = true;
		break;
	case ETCD_NEWS_FAILED:
		if (l->state != LINK_CUT)
			link_note(l, words);
		break;
	case ETCD_NEWS_ANSWERS:
		link_note(l, words);
		break;
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct link *l = timer->data;
	int64_t now_ms = clock_mono_ms();

	link_keep_lease(l, now_ms);
	link_bind_keys(l, now_ms);
	link_keep_reading(l, now_ms);
	link_look_whether_cut(l, now_ms);
}

struct link *
link_start(uv_loop_t *loop, const struct share_config *config,
    const struct link_calls *calls, void *context)
{
	struct link *l = calloc(1, sizeof(*l));
	const struct etcd_options options = {.endpoints = config->etcd,
	    .n_endpoints = config->n_etcd,
	    .ca = config->ca,
	    .certificate = config->certificate,
	    .key = config->key,
	    .user = config->user,
	    .password_file = config->password_file,
	    .attempt_ms = attempt_ms(config->lease_ms),
	    .deadline_ms = CALL_ATTEMPTS * attempt_ms(config->lease_ms),
	    .told = on_told,
	    .context = l};

	if (l == NULL)
		return NULL;
	l->prefix = strdup(config->prefix);
	l->etcd = etcd_create(loop, &options);
	if (l->prefix == NULL || l->etcd == NULL) {
		etcd_close(l->etcd);
		free(l->prefix);
		free(l);
		return NULL;
	}
	l->calls = calls;
	l->context = context;
	l->lease_ms = (int64_t)config->lease_ms;
	l->end_key = etcd_prefix_end(etcd_text(l->prefix), l->end);
	l->page = LINK_PAGE_MAX;
	l->pause_ms = LINK_AGAIN_MS;
	l->kept_ms = clock_mono_ms();
	uv_timer_init(loop, &l->timer);
	l->timer.data = l;
	uv_timer_start(&l->timer, on_timer, 0, TICK_MS);
	return l;
}

static void
on_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;
	struct bound *b;

	while ((b = l->bound) != NULL) {
		l->bound = b->next;
		link_free_bound(b);
	}
	claim_finish(&l->claim);
	free(l->last);
	free(l->site_key);
	free(l->trail_key);
	free(l->state_path);
	free(l->prefix);
	free(l);
}

static void
close_all(struct link *l)
{
	etcd_close(l->etcd);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}

static void
on_given_back(void *context, const struct etcd_answer *answer)
{
	(void)answer;
	close_all(context);
}

void
link_stop(struct link *l)
{
	struct etcd_call *call = NULL;

	if (l == NULL)
		return;
	l->stopping = true;
	uv_timer_stop(&l->timer);
	link_stop_watch(l);
	etcd_cancel(l->lease_call);
	etcd_cancel(l->bind_call);
	etcd_cancel(l->page_call);
	if (l->lease != 0)
		call = etcd_lease_revoke(l->etcd, l->lease, on_given_back, l);
	if (call == NULL)
		close_all(l);
	else
		etcd_within(call, GIVE_BACK_MS);
}

enum link_state
link_state(const struct link *l)
{
	return l != NULL ? l->state : LINK_BEGINS;
}

int64_t
link_lease(const struct link *l)
{
	return l != NULL ? l->lease : 0;
}

struct etcd *
link_etcd(struct link *l)
{
	return l->etcd;
}
