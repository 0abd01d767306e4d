/*
 * What the stream of a watch says; see etcd_watch.h.
 *
 * A sign of life carries a revision, too, but in etcd 3.4 it may overtake
 * events of that revision: only events move the watch on.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/array.h"
#include "base/clock.h"
#include "share/etcd/etcd_watch_private.h"

/* A line of so many bytes changes so much that the next one waits for the next
 * turn of the loop: what follows from it goes on its way, to the process that
 * writes it, while that one is read. */
#define TURN_BYTES 65536

static int
keep_event(struct etcd_watch *w, const struct etcd_event *event)
{
	struct etcd_event *grown;

	/* Told before the stream etcd_watch_broke. */
	if (event->pair.mod_revision <= w->told)
		return 0;
	if (w->n_events > 0 &&
	    event->pair.mod_revision <
		w->events[w->n_events - 1].pair.mod_revision)
		return -1;
	grown = array_grow(w->events, w->n_events, &w->events_size,
	    sizeof(*w->events), PIECES_MAX / sizeof(*w->events));
	if (grown == NULL)
		return -1;
	w->events = grown;
	w->events[w->n_events++] = *event;
	return 0;
}

static void
tell_events(struct etcd_watch *w)
{
	struct arena *pieces = w->pieces;
	size_t n = w->n_events;

	/* Each message is of whole revisions, once its last piece is here. */
	w->pieces = NULL;
	w->n_events = 0;
	if (n > 0) {
		w->told = w->events[n - 1].pair.mod_revision;
		w->use.events(w->use.context, w->events, n);
	}
	arena_destroy(pieces);
}

static void
on_cancelled(struct etcd_watch *w, const struct etcd_json_watch *message)
{
	char words[ETCD_WORDS];

	if (message->compact_revision > 0) {
		snprintf(words, sizeof(words),
		    "the changes after revision %" PRId64
		    " are gone: compacted up to %" PRId64,
		    w->told, message->compact_revision);
		etcd_watch_over(w, ETCD_WATCH_COMPACTED, words);
	} else if (strstr(message->reason, "permission denied") != NULL) {
		/* The token was taken a moment ago by the check. */
		etcd_watch_over(w, ETCD_WATCH_REFUSED, message->reason);
	} else if (strstr(message->reason, "auth token") != NULL) {
		etcd_login_forget(w->etcd);
		etcd_watch_broke(
		    w, false, &(struct etcd_why){.words = message->reason});
	} else {
		etcd_watch_over(w, ETCD_WATCH_CANCELLED,
		    message->reason[0] != '\0' ? message->reason
					       : "etcd gave no reason");
	}
}

static void
on_error(struct etcd_watch *w, const struct etcd_json_error *error)
{
	struct etcd_verdict verdict;

	etcd_judge_error(error, &verdict);
	if (verdict.fault == ETCD_FAULT_TOKEN)
		etcd_login_forget(w->etcd);
	if (verdict.fault == ETCD_FAULT_CALL && verdict.outcome == ETCD_REFUSED)
		etcd_watch_over(w, ETCD_WATCH_REFUSED, verdict.words);
	else if (verdict.fault == ETCD_FAULT_CALL &&
	    verdict.outcome == ETCD_TOO_LARGE)
		etcd_watch_over(w, ETCD_WATCH_TOO_LARGE, verdict.words);
	else
		etcd_watch_broke(w, verdict.fault != ETCD_FAULT_TOKEN,
		    &(struct etcd_why){.words = verdict.words});
}

static void
on_message(struct etcd_watch *w, const struct etcd_json_watch *message)
{
	if (message->header.cluster != w->read.cluster) {
		etcd_watch_over(
		    w, ETCD_WATCH_HISTORY, "the stream is of another cluster");
		return;
	}
	if (message->cancelled) {
		on_cancelled(w, message);
		return;
	}
	for (size_t i = 0; i < message->n; i++)
		if (keep_event(w, &message->events[i]) != 0) {
			etcd_watch_broke(w, true,
			    &(struct etcd_why){
				.words = "its events are out of order"});
			return;
		}
	if (!message->fragment)
		tell_events(w);
	if (message->created && !w->over) {
		etcd_endpoint_answered(w->etcd, w->endpoint);
		etcd_watch_link(w, true, "");
	}
}

/* One line.  The events in it are kept as long as its pieces are. */
static void
on_line(struct etcd_watch *w, const char *line, size_t len)
{
	struct etcd_json_watch message;

	if (w->pieces == NULL)
		w->pieces = arena_create(PIECES_MAX);
	if (w->pieces == NULL) {
		etcd_watch_broke(
		    w, false, &(struct etcd_why){.words = "memory is out"});
		return;
	}
	if (etcd_json_watch(line, len, w->pieces, &message) != 0) {
		if (arena_used(w->pieces) > PIECES_MAX / 2)
			etcd_watch_over(w, ETCD_WATCH_TOO_LARGE,
			    "more changes at once than fit into memory");
		else
			etcd_watch_broke(w, true,
			    &(struct etcd_why){
				.words = "its stream is garbage"});
	} else if (message.failed) {
		on_error(w, &message.error);
	} else {
		on_message(w, &message);
	}
}

/* Tell lines that came: ${all} of them, or up to a long one.  False when the
 * stream is over by what they say. */
static bool
tell_lines(struct etcd_watch *w, bool all)
{
	unsigned drops = w->drops;
	const char *line;
	size_t n;

	while (!w->over && w->drops == drops &&
	    (line = etcd_lines_next(&w->lines, &n)) != NULL) {
		if (n > 0)
			on_line(w, line, n);
		if (all || n < TURN_BYTES || w->over || w->drops != drops)
			continue;
		uv_timer_start(&w->rest, etcd_watch_rest, 0, 0);
		break;
	}
	return !w->over && w->drops == drops;
}

void
etcd_watch_rest(uv_timer_t *rest)
{
	(void)tell_lines(rest->data, false);
}

void
etcd_watch_take(void *context, const char *data, size_t len)
{
	struct etcd_watch *w = context;

	w->heard_ms = w->stream_ms = clock_mono_ms();
	if (etcd_lines_add(&w->lines, data, len) != 0) {
		etcd_watch_over(w, ETCD_WATCH_TOO_LARGE,
		    "one message is over the bound of answers");
		return;
	}
	/* What waits is not to grow without end. */
	if (!uv_is_active((uv_handle_t *)&w->rest))
		(void)tell_lines(w, false);
	else if (w->lines.end - w->lines.start > w->lines.max / 2)
		(void)tell_lines(w, true);
}

/* It is over before its time: an answer that is no stream, perhaps. */
void
etcd_watch_done(void *context, const struct etcd_reply *reply)
{
	struct etcd_watch *w = context;
	struct etcd_why why;

	w->stream = NULL;
	if (!tell_lines(w, true))
		return;
	if (reply->too_large) {
		etcd_watch_over(w, ETCD_WATCH_TOO_LARGE, reply->words);
		return;
	}
	why = (struct etcd_why){.words = reply->words, .vague = reply->vague};
	if (why.words[0] == '\0')
		why = (struct etcd_why){
		    .words = "its stream ended", .vague = true};
	etcd_watch_broke(w, true, &why);
}
