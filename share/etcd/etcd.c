/*
 * The client of etcd: its life, and what it knows of endpoints and of the
 * history of the keys; see etcd.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "share/etcd/etcd_private.h"

/* See etcd.h for why these. */
#define DEADLINE_MS 6000
#define ANSWER_MAX ((size_t)8 << 20)

/* How long what is said of a member that nothing is asked of may be wrong. */
#define RECHECK_MS 5000

struct etcd *
etcd_create(uv_loop_t *loop, const struct etcd_options *options)
{
	struct etcd *etcd = calloc(1, sizeof(*etcd));
	struct etcd_files files = {
	    options->ca, options->certificate, options->key};
	uint64_t seed = hash_mix((uint64_t)clock_wall_ns(), (uint64_t)getpid());

	if (etcd == NULL)
		return NULL;
	etcd->loop = loop;
	etcd->attempt_ms =
	    options->attempt_ms > 0 ? options->attempt_ms : ETCD_ATTEMPT_MS;
	etcd->deadline_ms =
	    options->deadline_ms > 0 ? options->deadline_ms : DEADLINE_MS;
	etcd->answer_max =
	    options->answer_max > 0 ? options->answer_max : ANSWER_MAX;
	etcd->told = options->told;
	etcd->context = options->context;
	etcd->transport = etcd_transport_create(loop, &files);
	if (etcd->transport == NULL)
		goto fail;
	if (etcd_login_init(etcd, options->user, options->password_file) != 0)
		goto fail;
	if (etcd_endpoints_init(&etcd->endpoints, options->endpoints,
		options->n_endpoints, seed) != 0)
		goto fail;
	uv_timer_init(loop, &etcd->recheck);
	etcd->recheck.data = etcd;
	uv_timer_start(&etcd->recheck, etcd_recheck, RECHECK_MS, RECHECK_MS);
	return etcd;
fail:
	etcd_login_finish(etcd);
	etcd_transport_close(etcd->transport);
	free(etcd);
	return NULL;
}

static void
on_closed(uv_handle_t *handle)
{
	struct etcd *etcd = handle->data;

	etcd_endpoints_finish(&etcd->endpoints);
	free(etcd);
}

void
etcd_close(struct etcd *etcd)
{
	if (etcd == NULL || etcd->closed)
		return;
	etcd->closed = true;
	while (etcd->users != NULL)
		etcd->users->stop(etcd->users);
	while (etcd->calls != NULL)
		etcd_cancel(etcd->calls);
	etcd_login_finish(etcd);
	etcd_transport_close(etcd->transport);
	/* Whoever called the caller may still look at it. */
	uv_close((uv_handle_t *)&etcd->recheck, on_closed);
}

void
etcd_user_add(struct etcd *etcd, struct etcd_user *user)
{
	user->at = &etcd->users;
	user->next = etcd->users;
	if (user->next != NULL)
		user->next->at = &user->next;
	etcd->users = user;
}

void
etcd_user_remove(struct etcd_user *user)
{
	*user->at = user->next;
	if (user->next != NULL)
		user->next->at = user->at;
}

/* --- what it knows --- */

static void
tell(struct etcd *etcd, enum etcd_news news, const char *words)
{
	if (etcd->told != NULL)
		etcd->told(etcd->context, news, words);
}

void
etcd_trouble(const struct etcd *etcd, char *out, size_t size)
{
	etcd_endpoints_words(&etcd->endpoints, out, size);
}

static void
tell_trouble(struct etcd *etcd, enum etcd_news news)
{
	char words[ETCD_WORDS];

	etcd_trouble(etcd, words, sizeof(words));
	tell(etcd, news, words);
}

void
etcd_endpoint_failed(struct etcd *etcd, size_t i, const struct etcd_why *why)
{
	if (etcd_endpoints_failed(&etcd->endpoints, i, why, clock_mono_ms()))
		tell_trouble(etcd, ETCD_NEWS_FAILED);
}

void
etcd_endpoint_answered(struct etcd *etcd, size_t i)
{
	if (etcd_endpoints_answered(&etcd->endpoints, i))
		tell_trouble(etcd, ETCD_NEWS_ANSWERS);
}

/*
 * Members may lag, but an answer that was agreed on knows all that was agreed
 * on before it was asked for: neither revision nor term may be lower than
 * what was known then.  The term tells a backup that was restored even when
 * enough was written since that the revision does not.
 */
void
etcd_learn(struct etcd_call *call, const struct etcd_header *header)
{
	struct etcd *etcd = call->etcd;
	struct etcd_header *known = &etcd->known;
	char words[ETCD_WORDS] = "";

	/* Asked before the last change of histories. */
	if (call->histories != etcd->histories)
		return;
	if (known->cluster != 0 && header->cluster != known->cluster)
		snprintf(words, sizeof(words),
		    "another cluster than before: %llx, not %llx",
		    (unsigned long long)header->cluster,
		    (unsigned long long)known->cluster);
	else if (header->revision < call->revision)
		snprintf(words, sizeof(words),
		    "revision %lld after %lld: a backup was restored",
		    (long long)header->revision, (long long)call->revision);
	else if (header->term < call->term)
		snprintf(words, sizeof(words),
		    "term %llu after %llu: a backup was restored",
		    (unsigned long long)header->term,
		    (unsigned long long)call->term);
	if (words[0] == '\0') {
		if (header->revision >= known->revision)
			*known = *header;
		return;
	}
	*known = *header;
	etcd->histories++;
	tell(etcd, ETCD_NEWS_HISTORY, words);
}
