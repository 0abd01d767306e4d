/*
 * A watch; see etcd_watch.h.  It goes round: a read that a majority agrees on,
 * which shows that the keys still have the history that was told, then the
 * stream, from the last whole revision that was told on, until it breaks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "share/etcd/etcd_watch_private.h"

static void on_again(uv_timer_t *timer);
static void on_life(uv_timer_t *timer);

/* --- its life --- */

static void
drop_pieces(struct etcd_watch *w)
{
	arena_destroy(w->pieces);
	w->pieces = NULL;
	w->n_events = 0;
}

void
etcd_watch_drop(struct etcd_watch *w)
{
	etcd_transfer_cancel(w->stream);
	w->stream = NULL;
	w->drops++;
	if (!w->over)
		uv_timer_stop(&w->rest);
	etcd_lines_finish(&w->lines);
	drop_pieces(w);
}

static void
on_closed(uv_handle_t *handle)
{
	struct etcd_watch *w = handle->data;

	if (--w->handles > 0)
		return;
	free(w->events);
	free(w->key);
	free(w->end);
	free(w);
}

/* Its memory lives until the loop has turned. */
void
etcd_watch_stop(struct etcd_watch *w)
{
	if (w->over)
		return;
	w->over = true;
	etcd_user_remove(&w->user);
	etcd_cancel(w->check);
	etcd_watch_drop(w);
	uv_close((uv_handle_t *)&w->timer, on_closed);
	uv_close((uv_handle_t *)&w->rest, on_closed);
}

static void
stop(struct etcd_user *user)
{
	etcd_watch_stop((struct etcd_watch *)user);
}

void
etcd_watch_link(struct etcd_watch *w, bool live, const char *words)
{
	if (w->over || (w->said && w->live == live))
		return;
	w->said = true;
	w->live = live;
	if (w->use.link != NULL)
		w->use.link(w->use.context, live, words);
}

void
etcd_watch_over(
    struct etcd_watch *w, enum etcd_watch_end why, const char *words)
{
	if (w->over)
		return;
	etcd_watch_stop(w);
	w->use.ended(w->use.context, why, words);
}

void
etcd_watch_broke(
    struct etcd_watch *w, bool endpoint, const struct etcd_why *why)
{
	const char *url = w->etcd->endpoints.list[w->endpoint].url;

	snprintf(w->words, sizeof(w->words), "%.128s: %.376s", url, why->words);
	etcd_watch_drop(w);
	if (endpoint) {
		etcd_endpoint_failed(w->etcd, w->endpoint, why);
		etcd_endpoints_words(
		    &w->etcd->endpoints, w->words, sizeof(w->words));
	}
	etcd_watch_link(w, false, w->words);
	if (!w->over)
		uv_timer_start(&w->timer, on_again, 0, 0);
}

/* --- going round --- */

static void
open_stream(struct etcd_watch *w)
{
	struct etcd_transfer_use use = {
	    .take = etcd_watch_take, .done = etcd_watch_done, .context = w};
	struct etcd *etcd = w->etcd;
	struct text body;
	struct etcd_range range = {
	    {w->key, w->key_len}, {w->end, w->end_len}, .limit = 0};
	struct etcd_request request = {
	    .endpoint = etcd->endpoints.list[w->endpoint].url,
	    .path = "/v3/watch",
	    .token = etcd_login_token(etcd),
	    .answer_max = etcd->answer_max,
	    .timeout_ms = etcd->attempt_ms,
	    .stream = true};

	text_init(&body, 8 * ETCD_KEY_MAX);
	text_add(&body, "{\"create_request\":{");
	etcd_add_range(&body, &range);
	text_add(&body,
	    ",\"start_revision\":\"%" PRId64 "\",\"fragment\":true}}",
	    w->told + 1);
	request.body = body.data;
	request.len = body.len;
	if (!body.failed)
		w->stream =
		    etcd_transfer_begin(etcd->transport, &request, &use);
	text_finish(&body);
	etcd_lines_init(&w->lines, etcd->answer_max);
	w->stream_ms = clock_mono_ms();
	if (w->stream == NULL)
		etcd_watch_broke(
		    w, false, &(struct etcd_why){.words = "memory is out"});
	else
		uv_timer_start(
		    &w->timer, on_life, ETCD_WATCH_ASK_MS, ETCD_WATCH_ASK_MS);
}

/* Ask for a sign of life; end a stream that has given none. */
static void
on_life(uv_timer_t *timer)
{
	struct etcd_watch *w = timer->data;

	if (clock_mono_ms() - w->stream_ms >
	    w->etcd->attempt_ms + ETCD_WATCH_SILENCE_MS)
		etcd_watch_broke(w, true,
		    &(struct etcd_why){
			.words = "its stream gives no sign of life",
			.vague = true});
	else if (etcd_transfer_say(w->stream, "{\"progress_request\":{}}") != 0)
		etcd_watch_broke(w, true,
		    &(struct etcd_why){
			.words = "its stream takes nothing", .vague = true});
}

static bool
is_same_history(const struct etcd_watch *w, const struct etcd_header *header)
{
	return header->cluster == w->read.cluster &&
	    header->revision >= w->told && header->term >= w->read.term;
}

static void
on_checked(void *context, const struct etcd_answer *answer)
{
	struct etcd_watch *w = context;

	w->check = NULL;
	if (answer->outcome == ETCD_REFUSED) {
		etcd_watch_over(w, ETCD_WATCH_REFUSED, answer->words);
	} else if (answer->outcome != ETCD_OK) {
		etcd_watch_link(w, false, answer->words);
		if (!w->over)
			uv_timer_start(
			    &w->timer, on_again, ETCD_PAUSE_FIRST_MS, 0);
	} else if (!is_same_history(w, &answer->header)) {
		etcd_watch_over(w, ETCD_WATCH_HISTORY,
		    "the keys of etcd are others than before: another "
		    "cluster, or a backup that was restored");
	} else if (etcd_endpoints_pick(&w->etcd->endpoints, clock_mono_ms(),
		       &w->endpoint) > 0) {
		/* It answered, and failed since. */
		uv_timer_start(&w->timer, on_again, ETCD_PAUSE_FIRST_MS, 0);
	} else {
		w->read.term = answer->header.term;
		open_stream(w);
	}
}

static void
check(struct etcd_watch *w)
{
	struct etcd_range range = {
	    .key = {w->key, w->key_len}, .count_only = true};

	w->check = etcd_range(w->etcd, &range, on_checked, w);
	if (w->check == NULL)
		uv_timer_start(&w->timer, on_again, ETCD_PAUSE_LAST_MS, 0);
}

static void
on_again(uv_timer_t *timer)
{
	check(timer->data);
}

struct etcd_watch *
etcd_watch_begin(struct etcd *etcd, struct etcd_bytes key,
    struct etcd_bytes range_end, const struct etcd_header *read,
    const struct etcd_watch_use *use)
{
	struct etcd_watch *w = calloc(1, sizeof(*w));

	if (w == NULL || key.len > ETCD_KEY_MAX || range_end.len > ETCD_KEY_MAX)
		goto fail;
	w->key = malloc(key.len + 1);
	w->end = malloc(range_end.len + 1);
	if (w->key == NULL || w->end == NULL)
		goto fail;
	memcpy(w->key, key.data, w->key_len = key.len);
	memcpy(w->end, range_end.data, w->end_len = range_end.len);
	w->etcd = etcd;
	w->use = *use;
	w->read = *read;
	w->told = read->revision;
	uv_timer_init(etcd->loop, &w->timer);
	uv_timer_init(etcd->loop, &w->rest);
	w->timer.data = w->rest.data = w;
	w->handles = 2;
	w->user.stop = stop;
	etcd_user_add(etcd, &w->user);
	check(w);
	return w;
fail:
	if (w != NULL) {
		free(w->key);
		free(w->end);
	}
	free(w);
	return NULL;
}

int64_t
etcd_watch_told(const struct etcd_watch *watch)
{
	return watch->told;
}

int64_t
etcd_watch_heard_ms(const struct etcd_watch *watch)
{
	return watch->heard_ms;
}
