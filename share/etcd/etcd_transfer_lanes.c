/*
 * Transfers on the loop: lanes of connections, and what came is told.  See
 * etcd_transfer.h.
 *
 * Within a callback of libcurl its functions may not be called, so what comes
 * waits in the transfer until libcurl has returned, and is told then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_transfer_private.h"

#define LOOK_MS 1000

static void tell(void *lane);

/* --- lanes --- */

static struct lane *
lane_create(struct etcd_transport *transport)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	const struct multi_use use = {.tell = tell, .context = lane};

	if (lane == NULL)
		return NULL;
	lane->multi = multi_create(transport->loop, &use);
	if (lane->multi == NULL) {
		free(lane);
		return NULL;
	}
	lane->transport = transport;
	lane->next = transport->lanes;
	transport->lanes = lane;
	return lane;
}

void
etcd_lanes_sweep(struct etcd_transport *transport)
{
	for (struct lane **at = &transport->lanes; *at != NULL;) {
		struct lane *lane = *at;

		if (!lane->retired || lane->running > 0) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		multi_destroy(lane->multi);
		free(lane);
	}
}

struct lane *
etcd_lane_now(struct etcd_transport *transport)
{
	int64_t now = clock_mono_ms();
	bool changed = transport->lanes == NULL;

	if (changed || now - transport->looked_ms >= LOOK_MS) {
		transport->looked_ms = now;
		for (size_t i = 0; i < FILES; i++) {
			struct file_identity is;

			if (transport->files[i] == NULL)
				continue;
			file_identify(transport->files[i], &is);
			changed |=
			    !file_identity_same(&is, &transport->identities[i]);
			transport->identities[i] = is;
		}
	}
	if (!changed)
		return transport->lanes;
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next)
		lane->retired = true;
	etcd_lanes_sweep(transport);
	return lane_create(transport);
}

struct etcd_transport *
etcd_transport_create(uv_loop_t *loop, const struct etcd_files *files)
{
	struct etcd_transport *transport;
	const char *paths[FILES] = {files->ca, files->certificate, files->key};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	transport = calloc(1, sizeof(*transport));
	if (transport == NULL)
		return NULL;
	transport->loop = loop;
	for (size_t i = 0; i < FILES; i++) {
		if (paths[i] == NULL)
			continue;
		transport->files[i] = strdup(paths[i]);
		if (transport->files[i] == NULL) {
			etcd_transport_close(transport);
			return NULL;
		}
	}
	return transport;
}

void
etcd_transport_close(struct etcd_transport *transport)
{
	if (transport == NULL)
		return;
	transport->closed = true;
	if (transport->telling)
		return;
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next)
		lane->retired = true;
	etcd_lanes_sweep(transport);
	for (size_t i = 0; i < FILES; i++)
		free(transport->files[i]);
	free(transport);
}

/* --- telling --- */

/* Which transfers libcurl has ended. */
static void
collect(struct etcd_transport *transport)
{
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next) {
		struct etcd_transfer *t;
		CURLcode code;

		while ((t = multi_ended(lane->multi, &code)) != NULL) {
			t->ended = true;
			t->code = code;
		}
	}
}

static void
tell_data(struct etcd_transfer *t)
{
	char *data = t->in;
	size_t n = t->n_in;

	t->in = NULL;
	t->n_in = t->in_size = 0;
	/* ${t} may be gone when this returns. */
	t->use.take(t->use.context, data, n);
	free(data);
}

static void
tell_end(struct etcd_transfer *t)
{
	char words[ETCD_WORDS];
	struct etcd_reply reply = {.sent = t->sent > 0,
	    .silent = t->sent > 0 && t->code == CURLE_OPERATION_TIMEDOUT,
	    .too_large = t->too_large,
	    .body = t->n_in > 0 ? t->in : "",
	    .len = t->n_in,
	    .words = words};

	reply.vague = etcd_transfer_words(t, words);
	if (t->code == CURLE_OK)
		curl_easy_getinfo(
		    t->easy, CURLINFO_RESPONSE_CODE, &reply.status);
	etcd_transfer_detach(t);
	t->use.done(t->use.context, &reply);
	etcd_transfer_free(t);
}

/* Each callback may begin and end any transfer: look anew after each. */
static bool
tell_one(struct etcd_transport *transport)
{
	for (struct etcd_transfer *t = transport->transfers; t != NULL;
	     t = t->next) {
		if (t->stream && t->n_in > 0 && !t->too_large) {
			tell_data(t);
			return true;
		}
		if (t->ended) {
			tell_end(t);
			return true;
		}
	}
	return false;
}

static void
tell(void *context)
{
	const struct lane *lane = context;
	struct etcd_transport *transport = lane->transport;

	if (transport->telling)
		return;
	transport->telling = true;
	collect(transport);
	while (tell_one(transport))
		;
	transport->telling = false;
	if (transport->closed)
		etcd_transport_close(transport);
	else
		etcd_lanes_sweep(transport);
}
