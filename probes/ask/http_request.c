/*
 * What a request sends, where to and within which bounds, as options of
 * libcurl.  Called by http_check.c before the request begins; sends nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/codec.h"
#include "base/hash.h"
#include "probes/ask/http_parts.h"

/* What is read at once.  Answers are small, and thousands of requests may wait
 * at the same time, each with such a buffer. */
#define READ_BYTES 4096L

/* A scheme, a host of 253 characters, a port and a path of 1024, the limits of
 * a check, are shorter. */
#define URL_MAX 1536

/* --- where to --- */

/*
 * Which connections may be shared, as an address that no server has: libcurl
 * uses a kept connection again where the name it connected to is the same, and
 * this is that name (CURLOPT_CONNECT_TO), while on_open() in http_check.c
 * connects to the true address.  So whatever else libcurl compares or forgets
 * to, a connection is shared only where all that makes up this number is the
 * same.  It has 120 bits of hash: what is hashed is not chosen by strangers.
 */
static void
shared_name(const struct http_check *check, const struct http_request *r,
    char out[ADDRESS_TEXT])
{
	const struct client_config *c = r->client;
	struct secret_store *secrets = check->lane->checker->secrets;
	const char *texts[] = {r->host, r->ca, c != NULL ? c->token_file : NULL,
	    c != NULL ? c->user : NULL, c != NULL ? c->password_file : NULL,
	    c != NULL ? c->certificate : NULL, c != NULL ? c->key : NULL};
	uint64_t h[2];
	struct address name = {.family = 6};

	for (uint64_t half = 0; half < 2; half++) {
		uint64_t x = hash_bytes(r->to->address.bytes,
		    address_bits(&r->to->address) / 8, half);

		x = hash_mix(x, r->group);
		x = hash_mix(x, r->to->port);
		x = hash_mix(x,
		    (uint64_t)r->kind << 16 | (uint64_t)r->version << 8 |
			(uint64_t)(c != NULL && c->http2) << 2 |
			(uint64_t)r->https << 1 | (uint64_t)r->verify);
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			x = hash_mix(x,
			    texts[i] == NULL ? i
					     : hash_bytes(texts[i],
						   strlen(texts[i]), half + i));
		/* Files that are others by now. */
		for (size_t i = 2; i < sizeof(texts) / sizeof(texts[0]); i++)
			if (texts[i] != NULL && i != 3)
				x = hash_mix(
				    x, secret_stamp(secrets, texts[i]));
		h[half] = x;
	}
	memcpy(name.bytes, h, sizeof(h));
	name.bytes[0] = 0xfd; /* of no family with rules of its own */
	address_format(&name, out);
}

/* "host", or the address as a URL has it. */
static void
url_host(const struct http_request *r, char out[URL_MAX])
{
	char text[ADDRESS_TEXT];

	if (r->host != NULL) {
		snprintf(out, URL_MAX, "%s", r->host);
		return;
	}
	address_format(&r->to->address, text);
	snprintf(
	    out, URL_MAX, r->to->address.family == 6 ? "[%s]" : "%s", text);
}

/* The URL names the host, for the Host header and SNI; connect_to has it sent
 * to the address without asking the DNS. */
static int
set_target(struct http_check *check, const struct http_request *r)
{
	bool tls =
	    r->kind == HTTP_TLS || (r->kind == HTTP_EXCHANGE && r->https);
	char host[URL_MAX], url[URL_MAX + 64], name[ADDRESS_TEXT];
	char connect_to[ADDRESS_TEXT + 16];
	int n;

	url_host(r, host);
	n = snprintf(url, sizeof(url), "%s://%s:%u%s", tls ? "https" : "http",
	    host, (unsigned)r->to->port,
	    r->kind == HTTP_EXCHANGE ? r->path : "/");
	if (n < 0 || (size_t)n >= sizeof(url) ||
	    curl_easy_setopt(check->easy, CURLOPT_URL, url) != CURLE_OK)
		return -1;
	if (check->group != 0) {
		shared_name(check, r, name);
		snprintf(connect_to, sizeof(connect_to), "::[%s]:%u", name,
		    (unsigned)r->to->port);
	} else if (r->host != NULL) {
		endpoint_address_format(r->to, name);
		snprintf(connect_to, sizeof(connect_to), "::%s", name);
	} else {
		return 0;
	}
	check->connect_to = curl_slist_append(NULL, connect_to);
	return check->connect_to != NULL &&
		curl_easy_setopt(check->easy, CURLOPT_CONNECT_TO,
		    check->connect_to) == CURLE_OK
	    ? 0
	    : -1;
}

/* --- TLS --- */

/* A connection's context is made, its authorities are read: not at its cost. */
static CURLcode
on_tls(CURL *easy, void *ssl_ctx, void *context)
{
	struct http_check *check = context;

	(void)easy;
	check->cost_us = 0;
	http_lane_charge(check->lane->checker, NULL);
	if (tls_prepare(ssl_ctx, &check->peer) == 0)
		return CURLE_OK;
	check->trouble = ENOMEM;
	return CURLE_OUT_OF_MEMORY;
}

static int
set_peer(struct http_check *check, const struct http_request *r)
{
	if (r->host != NULL) {
		check->host = strdup(r->host);
		if (check->host == NULL)
			return -1;
	}
	check->peer.verify = r->verify;
	check->peer.host = check->host;
	check->peer.address = r->to->address;
	curl_easy_setopt(check->easy, CURLOPT_SSL_CTX_DATA, check);
	return curl_easy_setopt(
		   check->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls) == CURLE_OK
	    ? 0
	    : -1;
}

/* "probe: cannot use FILE: why", in printable ASCII. */
static void
cannot_use(struct http_check *check, const char *path, const char *why)
{
	snprintf(check->words, sizeof(check->words),
	    "probe: cannot use %.48s: %s", path, why);
}

/* libcurl reads both for each new connection.  With a key that has a password
 * OpenSSL would ask for it at the terminal. */
static int
set_certificate(struct http_check *check, const struct client_config *c)
{
	struct secret_store *secrets = check->lane->checker->secrets;
	const char *key = c->key != NULL ? c->key : c->certificate;

	if (secret_stamp(secrets, c->certificate) == 0)
		cannot_use(check, c->certificate, "no such file");
	else if (secret_stamp(secrets, key) == 0)
		cannot_use(check, key, "no such file");
	check->peer.certificate = true;
	secret_guard();
	return curl_easy_setopt(check->easy, CURLOPT_SSLCERT, c->certificate) ==
		    CURLE_OK &&
		curl_easy_setopt(check->easy, CURLOPT_SSLKEY, key) ==
		    CURLE_OK &&
		curl_easy_setopt(check->easy, CURLOPT_KEYPASSWD, "") == CURLE_OK
	    ? 0
	    : -1;
}

/* Which authorities are trusted, or that nothing is verified. */
static int
set_tls(struct http_check *check, const struct http_request *r)
{
	CURL *easy = check->easy;
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	bool bad = false;

	if (r->kind == HTTP_TCP || (r->kind == HTTP_EXCHANGE && !r->https))
		return 0;
	if (set_peer(check, r) != 0)
		return -1;
	if (r->client != NULL && r->client->certificate != NULL &&
	    set_certificate(check, r->client) != 0)
		return -1;
	/* Each connection shows that a whole handshake succeeds. */
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	if (r->kind == HTTP_TLS)
		curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	if (!r->verify) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		return 0;
	}
	if (r->ca != NULL) {
		bad = curl_easy_setopt(easy, CURLOPT_CAINFO, r->ca) != CURLE_OK;
		/* Else the system's would be trusted as well. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	} else if (info->age >= CURLVERSION_SEVENTH && info->cainfo != NULL) {
		/* libcurl caches a bundle only where no folder is set. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	return bad ? -1 : 0;
}

/* --- headers --- */

static int
add_line(struct http_check *check, const char *line)
{
	struct curl_slist *list = curl_slist_append(check->headers, line);

	if (list == NULL)
		return -1;
	check->headers = list;
	return 0;
}

/* One with an empty value is written with a semicolon, or libcurl would leave
 * it out. */
static int
add_header(struct http_check *check, const char *name, const char *value)
{
	char *line = NULL;
	int n, status = -1;

	n = value[0] != '\0' ? asprintf(&line, "%s: %s", name, value)
			     : asprintf(&line, "%s;", name);
	if (n < 0)
		return -1;
	/* A line of its own would be a header of its own. */
	if (strpbrk(line, "\r\n") != NULL)
		snprintf(check->words, sizeof(check->words),
		    "probe: a header has a line break");
	status = add_line(check, line);
	explicit_bzero(line, (size_t)n);
	free(line);
	return status;
}

static bool
is_said(const struct step_header *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(list[i].name, name) == 0)
			return true;
	return false;
}

/* "Authorization: ${scheme} ${text}". */
static int
add_authorization(
    struct http_check *check, const char *scheme, const char *text)
{
	char *value = NULL;
	int n = asprintf(&value, "%s %s", scheme, text), status;

	if (n < 0)
		return -1;
	status = add_header(check, "Authorization", value);
	explicit_bzero(value, (size_t)n);
	free(value);
	return status;
}

/* RFC 7617, 2. */
static int
add_basic(struct http_check *check, const char *user, const char *password)
{
	char *pair = NULL, *text;
	int n = asprintf(&pair, "%s:%s", user, password), status = -1;

	if (n < 0)
		return -1;
	text = malloc(CODEC_TEXT((size_t)n));
	if (text != NULL) {
		codec_encode(CODEC_BASE64, pair, (size_t)n, text);
		status = add_authorization(check, "Basic", text);
		explicit_bzero(text, strlen(text));
	}
	free(text);
	explicit_bzero(pair, (size_t)n);
	free(pair);
	return status;
}

/* The credentials from their files, unless a header has some. */
static int
add_credentials(struct http_check *check, const struct client_config *c)
{
	const char *path =
	    c->token_file != NULL ? c->token_file : c->password_file;
	const char *why, *text;

	if (path == NULL)
		return 0;
	text = secret_read(check->lane->checker->secrets, path, &why);
	if (text == NULL) {
		cannot_use(check, path, why);
		return 0;
	}
	if (c->token_file != NULL)
		return add_authorization(check, "Bearer", text);
	return add_basic(check, c->user != NULL ? c->user : "", text);
}

/* The Host header is ours where it has no port; ":authority" follows it. */
static int
add_host(struct http_check *check, const struct http_request *r)
{
	char host[URL_MAX];

	if (r->client == NULL || r->client->host_port)
		return 0;
	url_host(r, host);
	return add_header(check, "Host", host);
}

/*
 * The operator's headers take the place of those of the step, and both that of
 * ours.  Asked by "Connection: close", the server closes first, and TIME_WAIT
 * takes a port there, and not one here for a minute.
 */
static int
set_headers(struct http_check *check, const struct http_request *r)
{
	static const struct client_config nobody = {.host_port = true};
	const struct client_config *c = r->client != NULL ? r->client : &nobody;
	const struct step_header *h;
	bool host = is_said(c->headers, c->n_headers, "Host") ||
	    is_said(r->headers, r->n_headers, "Host");
	bool type = is_said(c->headers, c->n_headers, "Content-Type") ||
	    is_said(r->headers, r->n_headers, "Content-Type");
	bool authorized = is_said(c->headers, c->n_headers, "Authorization") ||
	    is_said(r->headers, r->n_headers, "Authorization");

	for (size_t i = 0; i < c->n_headers; i++)
		if (add_header(
			check, c->headers[i].name, c->headers[i].value) != 0)
			return -1;
	for (size_t i = 0; i < r->n_headers; i++) {
		h = &r->headers[i];
		if (!is_said(c->headers, c->n_headers, h->name) &&
		    add_header(check, h->name, h->value) != 0)
			return -1;
	}
	if ((!authorized && add_credentials(check, c) != 0) ||
	    (!host && add_host(check, r) != 0))
		return -1;
	/* libcurl would wait for a "100 Continue", and call a body a form. */
	if (r->body != NULL &&
	    (add_line(check, "Expect:") != 0 ||
		(!type && add_line(check, "Content-Type:") != 0)))
		return -1;
	if (check->last && add_line(check, "Connection: close") != 0)
		return -1;
	return curl_easy_setopt(
		   check->easy, CURLOPT_HTTPHEADER, check->headers) == CURLE_OK
	    ? 0
	    : -1;
}

/* Method and body. */
static int
set_message(struct http_check *check, const struct http_request *r)
{
	const char *method = r->method != NULL ? r->method : "GET";

	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(check->easy, CURLOPT_NOBODY, 1L);
		return 0;
	}
	if (r->body != NULL) {
		curl_easy_setopt(check->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body_len);
		if (curl_easy_setopt(check->easy, CURLOPT_COPYPOSTFIELDS,
			r->body) != CURLE_OK)
			return -1;
	}
	if (strcmp(method, "GET") == 0 && r->body == NULL)
		return 0;
	return curl_easy_setopt(check->easy, CURLOPT_CUSTOMREQUEST, method) ==
		CURLE_OK
	    ? 0
	    : -1;
}

/* --- bounds --- */

static void
set_version(struct http_check *check, const struct http_request *r)
{
	bool offered = r->version == HTTP_VERSION_OFFERED ||
	    (r->version == HTTP_VERSION_1 && r->client != NULL &&
		r->client->http2);
	long version = CURL_HTTP_VERSION_1_1;

	if (r->version == HTTP_VERSION_2 && !r->https)
		version = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	else if (r->version == HTTP_VERSION_2 || offered)
		version = CURL_HTTP_VERSION_2TLS;
	check->only_http2 = r->version == HTTP_VERSION_2;
	curl_easy_setopt(check->easy, CURLOPT_HTTP_VERSION, version);
}

/* On a connection of its own, or on one that may be shared; to its address and
 * nowhere else. */
static void
set_bounds(struct http_check *check, const struct http_request *r)
{
	CURL *easy = check->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
	curl_easy_setopt(
	    easy, CURLOPT_FRESH_CONNECT, check->group == 0 ? 1L : 0L);
	/* A bare connection is closed with its handle, and not before. */
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
	    r->kind == HTTP_EXCHANGE && check->last ? 1L : 0L);
	/* libcurl would keep every address for a minute, and search all of
	 * them for each request. */
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	/* No proxy, whatever http_proxy and the like in the environment say. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(
	    easy, CURLOPT_USERAGENT, "meridian-probe/" MERIDIAN_VERSION);
	if (r->kind != HTTP_EXCHANGE)
		curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
}

int
http_request_prepare(
    struct http_check *check, const struct http_request *request)
{
	if (set_target(check, request) != 0 || set_tls(check, request) != 0)
		return -1;
	set_bounds(check, request);
	if (request->kind != HTTP_EXCHANGE)
		return http_talk_prepare(check, request);
	set_version(check, request);
	return set_headers(check, request) != 0 ||
		set_message(check, request) != 0
	    ? -1
	    : 0;
}
