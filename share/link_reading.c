/*
 * A clean reading of all that is shared, and the watch that follows it.  Called
 * by link.c; knows keys and values as octets alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/link_private.h"

#define PAGE_MIN 1

/* So many pages that fit in a row, and more keys are asked for again. */
#define PAGE_FITS 8

#define AGAIN_MAX_MS 5000

static void read_page(struct link *l);

void
link_stop_watch(struct link *l)
{
	if (l->watch != NULL)
		etcd_watch_stop(l->watch);
	l->watch = NULL;
}

/* Nothing that was read can be gone on with. */
void
link_give_up_reading(struct link *l)
{
	int64_t now_ms = clock_mono_ms();

	link_stop_watch(l);
	if (l->page_call != NULL)
		etcd_cancel(l->page_call);
	l->page_call = NULL;
	l->reading = IDLE;
	l->again_ms = now_ms + l->pause_ms;
	l->pause_ms =
	    l->pause_ms * 2 < AGAIN_MAX_MS ? l->pause_ms * 2 : AGAIN_MAX_MS;
	if (l->state == LINK_LIVE)
		link_set_state(l, LINK_READS, l->words);
}

static void
on_events(void *context, const struct etcd_event *events, size_t n)
{
	struct link *l = context;

	if (!l->stopping && !l->doubt && !l->broken)
		l->calls->events(l->context, events, n);
}

/* What was torn may go on in another history: a backup that was restored, and
 * written to since, looks like the one before.  So all is read again. */
static void
on_stream(void *context, bool live, const char *words)
{
	struct link *l = context;

	if (!live) {
		l->torn = true;
		link_note(l, words);
		return;
	}
	if (l->torn) {
		l->torn = false;
		l->anew = l->doubt = true;
	} else if (l->state != LINK_CUT) {
		link_gets_on(l, LINK_LIVE);
	}
}

static void
on_watch_ended(void *context, enum etcd_watch_end why, const char *words)
{
	struct link *l = context;

	l->watch = NULL;
	if (why == ETCD_WATCH_HISTORY)
		l->anew = true;
	l->doubt = true;
	link_note(l, words);
}

static void
follow(struct link *l)
{
	const struct etcd_watch_use use = {.events = on_events,
	    .link = on_stream,
	    .ended = on_watch_ended,
	    .context = l};

	l->watch = etcd_watch_begin(
	    l->etcd, etcd_text(l->prefix), l->end_key, &l->header, &use);
	if (l->watch == NULL) {
		link_give_up_reading(l);
		return;
	}
	l->reading = WATCHING;
	l->torn = false;
	l->pause_ms = LINK_AGAIN_MS;
	if (l->state != LINK_CUT)
		link_gets_on(l, LINK_LIVE);
}

/* The next page begins after the last key of this one. */
static int
turn_page(struct link *l, const struct etcd_found *found)
{
	const struct etcd_bytes *key;
	char *last;

	if (found->n == 0)
		return -1;
	key = &found->pairs[found->n - 1].key;
	last = malloc(key->len + 1);
	if (last == NULL)
		return -1;
	memcpy(last, key->data, key->len);
	last[key->len] = '\0';
	free(l->last);
	l->last = last;
	l->last_len = key->len + 1;
	return 0;
}

static void
on_page(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;
	bool first = l->last == NULL;

	l->page_call = NULL;
	link_take_outcome(l, READS, answer);
	if (answer->outcome == ETCD_TOO_LARGE && l->page > PAGE_MIN) {
		l->page /= 2;
		l->fits = 0;
		read_page(l);
		return;
	}
	if (answer->outcome != ETCD_OK ||
	    (!first && answer->header.cluster != l->header.cluster)) {
		if (answer->outcome != ETCD_OK)
			link_note_failure(l, answer);
		link_give_up_reading(l);
		return;
	}
	if (first) {
		l->anew |= answer->header.cluster != l->header.cluster;
		l->header = answer->header;
		l->calls->begin(l->context, l->anew);
		l->anew = false;
	}
	l->read += answer->found.n;
	if (++l->fits == PAGE_FITS) {
		l->fits = 0;
		l->page =
		    l->page * 2 < LINK_PAGE_MAX ? l->page * 2 : LINK_PAGE_MAX;
	}
	l->calls->keys(l->context, &answer->found);
	if (!answer->found.more) {
		if (l->calls->end(l->context, l->header.revision))
			follow(l);
		else
			link_give_up_reading(l);
		return;
	}
	if (turn_page(l, &answer->found) == 0)
		read_page(l);
	else
		link_give_up_reading(l);
}

static void
read_page(struct link *l)
{
	const struct etcd_range range = {.key = l->last == NULL
		? etcd_text(l->prefix)
		: (struct etcd_bytes){l->last, l->last_len},
	    .end = l->end_key,
	    .revision = l->last == NULL ? 0 : l->header.revision,
	    .limit = l->page};

	l->reading = READING;
	l->page_call = etcd_range(l->etcd, &range, on_page, l);
	if (l->page_call == NULL)
		link_give_up_reading(l);
}

/* Nobody who doubts again and again may keep a reading from its end: one that
 * is to come is begun when it is due, and one that is under way is followed by
 * another. */
static void
heed_doubt(struct link *l)
{
	if (!l->broken &&
	    (!l->doubt || l->reading == READING || l->reading == ASKING))
		return;
	l->doubt = l->broken = false;
	if (l->reading != IDLE)
		link_give_up_reading(l);
}

void
link_keep_reading(struct link *l, int64_t now_ms)
{
	heed_doubt(l);
	if (l->reading == IDLE && now_ms >= l->again_ms)
		link_ask_site(l);
}

void
link_read(struct link *l)
{
	free(l->last);
	l->last = NULL;
	l->read = 0;
	l->read_ms = clock_mono_ms();
	read_page(l);
}

size_t
link_reads(const struct link *l, int64_t *lasts_ms)
{
	*lasts_ms = l != NULL && l->reading == READING
	    ? clock_mono_ms() - l->read_ms
	    : -1;
	return l != NULL ? l->read : 0;
}

void
link_read_again(struct link *l)
{
	l->doubt = true;
}
