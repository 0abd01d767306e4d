/*
 * One POST to one endpoint by libcurl; see etcd_transfer.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "share/etcd/etcd_transfer_private.h"

/* A request at its largest: 1.5 MiB as base 64, with what is around it. */
#define BODY_MAX ((size_t)4 << 20)
#define URL_MAX 1024

void
etcd_transfer_detach(struct etcd_transfer *t)
{
	if (t->at != NULL) {
		*t->at = t->next;
		if (t->next != NULL)
			t->next->at = t->at;
		t->at = NULL;
	}
	if (t->lane != NULL) {
		curl_multi_remove_handle(multi_handle(t->lane->multi), t->easy);
		t->lane->running--;
		t->lane = NULL;
	}
}

void
etcd_transfer_free(struct etcd_transfer *t)
{
	etcd_transfer_detach(t);
	if (t->easy != NULL)
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	/* A password may be in it. */
	if (t->out.data != NULL)
		explicit_bzero(t->out.data, t->out.len);
	text_finish(&t->out);
	/* Or a token. */
	if (t->in != NULL)
		explicit_bzero(t->in, t->n_in);
	free(t->in);
	free(t);
}

void
etcd_transfer_cancel(struct etcd_transfer *transfer)
{
	struct etcd_transport *transport;

	if (transfer == NULL)
		return;
	transport = transfer->transport;
	etcd_transfer_free(transfer);
	if (!transport->telling)
		etcd_lanes_sweep(transport);
}

/* libcurl wants more to send.  It never gets the means to begin again: a body
 * of which something is sent may have been acted on. */
static size_t
on_send(char *data, size_t size, size_t n, void *context)
{
	struct etcd_transfer *t = context;
	size_t len = t->out.len - t->sent;

	if (len > size * n)
		len = size * n;
	if (len == 0 && t->stream) {
		t->paused = true;
		return CURL_READFUNC_PAUSE;
	}
	memcpy(data, t->out.data + t->sent, len);
	t->sent += len;
	return len;
}

static size_t
on_data(char *data, size_t size, size_t n, void *context)
{
	struct etcd_transfer *t = context;
	size_t len = size * n;
	char *grown;

	if (len == 0)
		return 0;
	grown = array_reserve(t->in, t->n_in, len, &t->in_size, 1, t->in_max);
	if (grown == NULL) {
		t->too_large = true;
		return 0;
	}
	t->in = grown;
	memcpy(t->in + t->n_in, data, len);
	t->n_in += len;
	return len;
}

int
etcd_transfer_say(struct etcd_transfer *t, const char *text)
{
	if (t->sent == t->out.len) {
		t->sent = 0;
		t->out.len = 0;
	}
	text_bytes(&t->out, text, strlen(text));
	if (t->out.failed)
		return -1;
	if (t->paused && !t->ended) {
		t->paused = false;
		curl_easy_pause(t->easy, CURLPAUSE_CONT);
	}
	return 0;
}

static int
add_header(struct etcd_transfer *t, const char *text)
{
	struct curl_slist *list = curl_slist_append(t->headers, text);

	if (list == NULL)
		return -1;
	t->headers = list;
	return 0;
}

/* hasleader: a member without a leader says so, and ends its streams. */
static int
set_headers(struct etcd_transfer *t, const struct etcd_request *r)
{
	char line[ETCD_TOKEN + 32];
	int status = 0;

	if (r->token != NULL) {
		snprintf(line, sizeof(line), "Authorization: %s", r->token);
		status |= add_header(t, line);
		explicit_bzero(line, sizeof(line));
	}
	status |= add_header(t, "Content-Type: application/json");
	if (!r->leaderless)
		status |= add_header(t, "Grpc-Metadata-hasleader: true");
	status |= add_header(t, "Expect:");
	if (r->stream) {
		/* With "close" the Go server goes on reading what is sent while
		 * it answers; without, it waits for the end of it first. */
		status |= add_header(t, "Connection: close");
		status |= add_header(t, "Transfer-Encoding: chunked");
	}
	if (status == 0 &&
	    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) ==
		CURLE_OK)
		return 0;
	return -1;
}

static int
set_target(struct etcd_transfer *t, const struct etcd_request *r)
{
	char *const *files = t->transport->files;
	char url[URL_MAX];
	int n = snprintf(url, sizeof(url), "%s%s", r->endpoint, r->path);

	if (n < 0 || (size_t)n >= sizeof(url) ||
	    curl_easy_setopt(t->easy, CURLOPT_URL, url) != CURLE_OK)
		return -1;
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY, "*");
	if ((files[0] != NULL &&
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, files[0])) ||
	    (files[1] != NULL &&
		curl_easy_setopt(t->easy, CURLOPT_SSLCERT, files[1])) ||
	    (files[2] != NULL &&
		curl_easy_setopt(t->easy, CURLOPT_SSLKEY, files[2])))
		return -1;
	return 0;
}

static void
set_exchange(struct etcd_transfer *t, const struct etcd_request *r)
{
	CURL *easy = t->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
	    easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(easy, CURLOPT_READDATA, t);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)r->timeout_ms);
	if (r->stream)
		return;
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
}

struct etcd_transfer *
etcd_transfer_begin(struct etcd_transport *transport,
    const struct etcd_request *request, const struct etcd_transfer_use *use)
{
	struct etcd_transfer *t = calloc(1, sizeof(*t));
	struct lane *lane;

	if (t == NULL)
		return NULL;
	t->transport = transport;
	t->at = &transport->transfers;
	t->next = transport->transfers;
	if (t->next != NULL)
		t->next->at = &t->next;
	transport->transfers = t;
	t->use = *use;
	t->stream = request->stream;
	t->tls = strncasecmp(request->endpoint, "https:", 6) == 0;
	t->in_max = request->answer_max;
	t->timeout_ms = request->timeout_ms;
	text_init(&t->out, BODY_MAX);
	text_bytes(&t->out, request->body, request->len);
	t->easy = curl_easy_init();
	lane = etcd_lane_now(transport);
	if (t->easy == NULL || lane == NULL || t->out.failed ||
	    set_target(t, request) != 0 || set_headers(t, request) != 0)
		goto fail;
	set_exchange(t, request);
	if (curl_multi_add_handle(multi_handle(lane->multi), t->easy) !=
	    CURLM_OK)
		goto fail;
	t->lane = lane;
	lane->running++;
	return t;
fail:
	etcd_transfer_free(t);
	return NULL;
}
