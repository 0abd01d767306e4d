/*
 * The client of etcd as system tests use it; see etcd_client.h.
 */
#include "tests/system/etcd_client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
copy(char *out, size_t size, struct etcd_bytes bytes)
{
	snprintf(out, size, "%.*s", (int)bytes.len, bytes.data);
}

static void
on_told(void *context, enum etcd_news news, const char *words)
{
	struct user *u = context;

	snprintf(u->news, sizeof(u->news), "%s", words);
	u->histories += news == ETCD_NEWS_HISTORY;
	u->failed += news == ETCD_NEWS_FAILED;
	u->answers += news == ETCD_NEWS_ANSWERS;
}

void
user_create(struct user *u, const struct etcd_options *options)
{
	struct etcd_options o = *options;

	memset(u, 0, sizeof(*u));
	ck_assert_int_eq(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
	ck_assert_int_eq(uv_loop_init(&u->loop), 0);
	o.told = on_told;
	o.context = u;
	u->etcd = etcd_create(&u->loop, &o);
	ck_assert_ptr_nonnull(u->etcd);
}

void
user_of(struct user *u, struct etcd_cluster *c)
{
	const char *urls[ETCD_MEMBERS];
	struct etcd_options o = {
	    .endpoints = urls, .n_endpoints = (size_t)c->n};

	for (int i = 0; i < c->n; i++)
		urls[i] = c->members[i].url;
	if (c->tls) {
		o.ca = harness_path(c->h, "ca.pem");
		o.certificate = harness_path(c->h, ETCD_CLIENT ".pem");
		o.key = harness_path(c->h, ETCD_CLIENT ".key");
	}
	user_create(u, &o);
}

void
user_finish(struct user *u)
{
	etcd_close(u->etcd);
	uv_run(&u->loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&u->loop), 0);
	curl_global_cleanup();
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
}

void
user_run(struct user *u)
{
	uv_timer_t timer;

	uv_timer_init(&u->loop, &timer);
	uv_timer_start(&timer, on_tick, 20, 0);
	uv_run(&u->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&u->loop, UV_RUN_NOWAIT);
}

void
user_done(void *context, const struct etcd_answer *answer)
{
	struct user *u = context;
	struct said *said = &u->said;
	const struct etcd_found *found = &answer->found;

	ck_assert(!said->done);
	said->done = true;
	said->answer = *answer;
	snprintf(said->words, sizeof(said->words), "%s", answer->words);
	if (answer->version != NULL)
		snprintf(
		    said->token, sizeof(said->token), "%s", answer->version);
	for (size_t i = 0; i < answer->n_ops && found->n == 0; i++)
		if (answer->ops[i].kind == ETCD_GET)
			found = &answer->ops[i].found;
	said->n = found->n;
	said->more = found->more;
	for (size_t i = 0; i < found->n && i < 64; i++) {
		const struct etcd_pair *p = &found->pairs[i];

		copy(said->pairs[i].key, 64, p->key);
		copy(said->pairs[i].value, 64, p->value);
		said->pairs[i].create = p->create_revision;
		said->pairs[i].mod = p->mod_revision;
		said->pairs[i].lease = p->lease;
	}
	said->answer.ops = NULL;
	said->answer.found.pairs = NULL;
	said->answer.words = said->answer.version = NULL;
}

const struct said *
user_wait(struct user *u, struct etcd_call *call)
{
	ck_assert_ptr_nonnull(call);
	memset(&u->said, 0, sizeof(u->said));
	USER_WAIT(u, u->said.done);
	return &u->said;
}

const struct said *
user_try(struct user *u, const char *key, const char *value)
{
	struct etcd_txn *txn = etcd_txn_create();

	etcd_txn_put(txn, etcd_text(key), etcd_text(value), 0);
	return user_wait(u, etcd_txn_send(u->etcd, txn, user_done, u));
}

int64_t
user_put(struct user *u, const char *key, const char *value)
{
	const struct said *said = user_try(u, key, value);

	ck_assert_msg(said->answer.outcome == ETCD_OK, "%s", said->words);
	return said->answer.header.revision;
}

const struct said *
user_get(struct user *u, const char *prefix)
{
	char end[ETCD_KEY_MAX];
	const struct etcd_range range = {.key = etcd_text(prefix),
	    .end = etcd_prefix_end(etcd_text(prefix), end)};

	return user_wait(u, etcd_range(u->etcd, &range, user_done, u));
}

static void
on_events(void *context, const struct etcd_event *events, size_t n)
{
	struct seen *seen = context;

	for (size_t i = 0; i < n; i++) {
		const struct etcd_pair *p = &events[i].pair;
		size_t at = seen->n++;

		ck_assert_uint_lt(at, TOLD_MAX);
		ck_assert(at == 0 ||
		    p->mod_revision >= seen->events[at - 1].revision);
		seen->events[at].deleted = events[i].deleted;
		seen->events[at].revision = p->mod_revision;
		copy(seen->events[at].key, 32, p->key);
		copy(seen->events[at].value, 32, p->value);
		seen->bytes += p->value.len;
	}
}

static void
on_link(void *context, bool live, const char *words)
{
	struct seen *seen = context;

	seen->live = live;
	seen->links++;
	if (!live)
		snprintf(seen->words, sizeof(seen->words), "%s", words);
}

static void
on_ended(void *context, enum etcd_watch_end why, const char *words)
{
	struct seen *seen = context;

	ck_assert(!seen->ended);
	seen->ended = true;
	seen->live = false;
	seen->why = why;
	snprintf(seen->words, sizeof(seen->words), "%s", words);
}

void
user_watch(
    struct user *u, const char *prefix, int64_t revision, struct seen *seen)
{
	char end[ETCD_KEY_MAX];
	const struct etcd_watch_use use = {.events = on_events,
	    .link = on_link,
	    .ended = on_ended,
	    .context = seen};
	const struct etcd_range range = {
	    .key = etcd_text(prefix), .count_only = true};
	struct etcd_header read =
	    user_wait(u, etcd_range(u->etcd, &range, user_done, u))
		->answer.header;

	memset(seen, 0, sizeof(*seen));
	read.revision = revision;
	seen->watch = etcd_watch_begin(u->etcd, etcd_text(prefix),
	    etcd_prefix_end(etcd_text(prefix), end), &read, &use);
	ck_assert_ptr_nonnull(seen->watch);
}
