/*
 * The life of a call: it waits for a login and for an endpoint that is not left
 * alone, is sent, judged, and sent to another one until its deadline.  See
 * etcd.h and etcd_private.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "share/etcd/etcd_private.h"

/* The room for values beside the text of the answer that they are from: the
 * shortest pair, {"key":"YQ=="}, has 14 characters and 72 octets. */
#define ROOM 8

/* A new token that is not taken either is no token's fault. */
#define LOGINS 2

/* After its deadline, until a transfer is given up that says nothing. */
#define GRACE_MS 500

static void on_timer(uv_timer_t *timer);

struct etcd_call *
etcd_call_create(struct etcd *etcd, enum etcd_kind kind, const char *path)
{
	struct etcd_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return NULL;
	call->etcd = etcd;
	call->kind = kind;
	call->path = path;
	call->deadline_ms = clock_mono_ms() + etcd->deadline_ms;
	/* As large as the largest transaction in base 64, and some. */
	text_init(&call->body, 2 * ETCD_TXN_BYTES);
	uv_timer_init(etcd->loop, &call->timer);
	call->timer.data = call;
	call->at = &etcd->calls;
	call->next = etcd->calls;
	if (call->next != NULL)
		call->next->at = &call->next;
	etcd->calls = call;
	return call;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Its memory lives until the loop has turned. */
static void
leave(struct etcd_call *call)
{
	*call->at = call->next;
	if (call->next != NULL)
		call->next->at = call->at;
	etcd_transfer_cancel(call->transfer);
	call->transfer = NULL;
	if (call->free != NULL)
		call->free(call->made_from);
	if (call->body.data != NULL)
		explicit_bzero(call->body.data, call->body.len);
	text_finish(&call->body);
	uv_close((uv_handle_t *)&call->timer, on_closed);
}

static bool
is_over(const struct etcd_call *call)
{
	return uv_is_closing((const uv_handle_t *)&call->timer);
}

struct etcd_call *
etcd_call_begin(struct etcd_call *call, etcd_done done, void *context)
{
	if (call->body.failed) {
		leave(call);
		return NULL;
	}
	call->done = done;
	call->context = context;
	uv_timer_start(&call->timer, on_timer, 0, 0);
	return call;
}

void
etcd_cancel(struct etcd_call *call)
{
	if (call != NULL && !is_over(call))
		leave(call);
}

void
etcd_within(struct etcd_call *call, int64_t ms)
{
	if (call != NULL)
		call->deadline_ms = clock_mono_ms() + ms;
}

static void
finish(struct etcd_call *call, const struct etcd_answer *answer)
{
	etcd_done done = call->done;
	void *context = call->context;

	leave(call);
	done(context, answer);
}

void
etcd_call_fail(
    struct etcd_call *call, enum etcd_outcome outcome, const char *words)
{
	struct etcd_answer answer = {.outcome = outcome, .words = words};

	finish(call, &answer);
}

void
etcd_call_wake(struct etcd_call *call)
{
	call->waiting = false;
	uv_timer_start(&call->timer, on_timer, 0, 0);
}

/* --- answers --- */

/* The endpoint failed: another one, unless that could do harm. */
static void
on_endpoint_fault(
    struct etcd_call *call, bool untouched, const struct etcd_why *why)
{
	struct etcd *etcd = call->etcd;

	etcd_endpoint_failed(etcd, call->endpoint, why);
	if (is_over(call))
		return;
	etcd_endpoints_words(
	    &etcd->endpoints, call->words, sizeof(call->words));
	if (!call->alone && (untouched || call->again))
		uv_timer_start(&call->timer, on_timer, 0, 0);
	else
		etcd_call_fail(call,
		    call->again ? ETCD_UNREACHABLE : ETCD_UNCERTAIN,
		    call->words);
}

static void
on_token_fault(struct etcd_call *call, const char *why)
{
	if (call->etcd->login.user == NULL) {
		snprintf(call->words, sizeof(call->words),
		    "etcd has users, and none is given: %.400s", why);
		etcd_call_fail(call, ETCD_REFUSED, call->words);
	} else if (call->bare || call->logins++ >= LOGINS) {
		etcd_call_fail(call, ETCD_REFUSED, why);
	} else {
		etcd_login_forget(call->etcd);
		uv_timer_start(&call->timer, on_timer, 0, 0);
	}
}

/* Whether the token was looked at.  A lease is renewed without, and a member
 * says without how it is. */
static void
look_at_token(struct etcd_call *call, const struct etcd_reply *reply)
{
	if (call->bare || call->kind == ETCD_KIND_KEEP ||
	    call->kind == ETCD_KIND_STATUS)
		return;
	if (reply->silent)
		etcd_login_silent(call->etcd, call->token);
	else if (reply->status != 0)
		etcd_login_answered(call->etcd);
}

static void
on_answer(struct etcd_call *call, const struct etcd_reply *reply)
{
	struct etcd *etcd = call->etcd;
	struct arena *arena = arena_create(ROOM * etcd->answer_max);
	struct etcd_answer answer;

	if (arena == NULL ||
	    etcd_json_answer(
		call->kind, reply->body, reply->len, arena, &answer) != 0 ||
	    (call->fits != NULL && !call->fits(call->made_from, &answer))) {
		on_endpoint_fault(call, false,
		    &(struct etcd_why){.words = "its answer is garbage"});
		goto out;
	}
	if (call->kind == ETCD_KIND_STATUS && answer.leader == 0)
		etcd_endpoint_failed(etcd, call->endpoint,
		    &(struct etcd_why){.words = "etcdserver: no leader"});
	else
		etcd_endpoint_answered(etcd, call->endpoint);
	if (!is_over(call) && call->agreed)
		etcd_learn(call, &answer.header);
	if (is_over(call))
		goto out;
	/* Without a time left it has ended. */
	if (call->kind == ETCD_KIND_KEEP && answer.ttl_s <= 0) {
		answer.outcome = ETCD_NO_LEASE;
		answer.words = "the lease has ended";
	}
	if (call->take != NULL)
		call->take(etcd, reply->body, reply->len);
	finish(call, &answer);
out:
	arena_destroy(arena);
}

static void
on_done(void *context, const struct etcd_reply *reply)
{
	struct etcd_call *call = context;
	struct etcd_verdict verdict;

	call->transfer = NULL;
	look_at_token(call, reply);
	if (reply->status == 200) {
		on_answer(call, reply);
		return;
	}
	if (reply->too_large) {
		etcd_call_fail(call,
		    call->again ? ETCD_TOO_LARGE : ETCD_UNCERTAIN,
		    reply->words);
		return;
	}
	if (reply->status == 0) {
		on_endpoint_fault(call, !reply->sent,
		    &(struct etcd_why){
			.words = reply->words, .vague = reply->vague});
		return;
	}
	etcd_judge(reply->status, reply->body, reply->len, &verdict);
	switch (verdict.fault) {
	case ETCD_FAULT_ENDPOINT:
		on_endpoint_fault(call, verdict.untouched,
		    &(struct etcd_why){.words = verdict.words});
		return;
	case ETCD_FAULT_TOKEN:
		on_token_fault(call, verdict.words);
		return;
	case ETCD_FAULT_CALL:
		etcd_endpoint_answered(call->etcd, call->endpoint);
		if (!is_over(call))
			etcd_call_fail(call, verdict.outcome, verdict.words);
	}
}

/* --- attempts --- */

static void
send_now(struct etcd_call *call, int64_t left_ms)
{
	struct etcd *etcd = call->etcd;
	struct etcd_transfer_use use = {.done = on_done, .context = call};
	struct etcd_request request = {
	    .endpoint = etcd->endpoints.list[call->endpoint].url,
	    .path = call->path,
	    .token = call->bare ? NULL : etcd_login_token(etcd),
	    .body = call->body.data,
	    .len = call->body.len,
	    .answer_max = etcd->answer_max,
	    .timeout_ms =
		left_ms < etcd->attempt_ms ? left_ms : etcd->attempt_ms,
	    .leaderless = call->local};

	call->token = etcd->login.tokens;
	call->revision = etcd->known.revision;
	call->term = etcd->known.term;
	call->histories = etcd->histories;
	call->transfer = etcd_transfer_begin(etcd->transport, &request, &use);
	if (call->transfer == NULL)
		etcd_call_fail(call, ETCD_UNREACHABLE, "memory is out");
	else
		/* libcurl ends it before, unless memory was out. */
		uv_timer_start(
		    &call->timer, on_timer, (uint64_t)(left_ms + GRACE_MS), 0);
}

/* The deadline has passed: why, as is known of the endpoints by whatever call;
 * perhaps it only waited until one would not be left alone. */
static void
fail_late(struct etcd_call *call)
{
	const struct etcd *etcd = call->etcd;

	etcd_endpoints_words(
	    &etcd->endpoints, call->words, sizeof(call->words));
	etcd_call_fail(call,
	    call->transfer != NULL && !call->again ? ETCD_UNCERTAIN
						   : ETCD_UNREACHABLE,
	    call->words[0] != '\0' ? call->words
				   : "no endpoint answers in time");
}

/* It is time for an attempt, or the deadline has passed. */
static void
on_timer(uv_timer_t *timer)
{
	struct etcd_call *call = timer->data;
	enum etcd_outcome outcome = ETCD_OK;
	int64_t now = clock_mono_ms(), left = call->deadline_ms - now, wait;

	if (left <= 0) {
		fail_late(call);
		return;
	}
	if (call->too_large) {
		etcd_call_fail(call, ETCD_TOO_LARGE,
		    "a transaction of more than etcd takes at once");
		return;
	}
	if (!call->bare && etcd_login_needed(call->etcd, &outcome)) {
		call->waiting = outcome == ETCD_OK;
		if (call->waiting)
			uv_timer_start(timer, on_timer, (uint64_t)left, 0);
		else
			etcd_call_fail(call, outcome, call->etcd->login.words);
		return;
	}
	wait = call->alone
	    ? 0
	    : etcd_endpoints_pick(&call->etcd->endpoints, now, &call->endpoint);
	if (wait > 0)
		uv_timer_start(
		    timer, on_timer, (uint64_t)(wait < left ? wait : left), 0);
	else
		send_now(call, left);
}
