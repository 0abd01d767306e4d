/*
 * GETs to the node's own HTTP, by libcurl.  Called by status, reload and
 * explain; the only file of ctl/ that includes curl.
 */
#include "ctl/fetch.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A million endpoints with names of the usual length take about 150 MiB of a
 * status page. */
#define BODY_MAX ((size_t)1 << 30)
/* To connect, and that nothing may come in the middle of a page: a large one on
 * a busy machine takes its time. */
#define TIMEOUT_S 5L
/* What a server says of a page that it has, and of others (RFC 9110, 15). */
#define OK 200
#define NOT_FOUND 404
/* A name takes at most 1 KiB as text, and three times that percent-encoded. */
#define URL_MAX 8192

struct fetch {
	const struct server_config *config;
	CURL *curl;
};

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct text *body = context;

	text_bytes(body, data, size * n);
	return body->failed ? 0 : size * n;
}

/* Why there is no page at ${url}, in words; its query is no part of that. */
static void
say_why(char why[FETCH_WHY], const char *url, const char *fault, long code)
{
	int len = (int)strcspn(url, "?");

	if (code == NOT_FOUND)
		snprintf(why, FETCH_WHY,
		    "meridiand has no page %.*s: it is older than this "
		    "meridianctl; restart it to upgrade it",
		    len, url);
	else
		snprintf(why, FETCH_WHY,
		    "meridiand does not answer at %.*s: %s", len, url, fault);
}

void
fetch_hurry(struct fetch *fetch, long ms)
{
	curl_easy_setopt(fetch->curl, CURLOPT_TIMEOUT_MS, ms);
}

/* The address of ${path} with its arguments, to be freed; NULL without memory.
 */
static char *
make_url(CURL *curl, const struct server_config *config, const char *path,
    const struct fetch_argument *arguments, size_t n)
{
	char host[ADDRESS_TEXT], before = '?';
	struct text url;

	text_init(&url, URL_MAX);
	text_add(&url, "http://%s%s",
	    endpoint_address_format(&config->http, host), path);
	for (size_t i = 0; i < n; i++) {
		char *value;

		if (arguments[i].value == NULL)
			continue;
		value = curl_easy_escape(curl, arguments[i].value, 0);
		if (value == NULL)
			url.failed = true;
		else
			text_add(
			    &url, "%c%s=%s", before, arguments[i].key, value);
		curl_free(value);
		before = '&';
	}
	if (!url.failed)
		return url.data;
	text_finish(&url);
	return NULL;
}

/* What all requests have in common. */
static void
set_options(CURL *curl, const char *url, struct text *body, char *fault)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
}

/* Does JSON say why a page refuses what it was asked? */
static bool
is_refusal(CURL *curl)
{
	const char *type = NULL;

	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	return type != NULL && strcmp(type, "application/json") == 0;
}

/* Was there a connection, a new one or that of the page before, and then
 * nothing? */
static bool
is_silent(CURL *curl, CURLcode status)
{
	curl_off_t us = 0;
	long made = 0;

	curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &us);
	curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &made);
	return status == CURLE_OPERATION_TIMEDOUT && (us > 0 || made == 0);
}

struct fetch *
fetch_open(const struct server_config *config)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (fetch == NULL)
		return NULL;
	fetch->config = config;
	fetch->curl = curl_easy_init();
	if (fetch->curl != NULL)
		return fetch;
	free(fetch);
	return NULL;
}

void
fetch_close(struct fetch *fetch)
{
	if (fetch == NULL)
		return;
	curl_easy_cleanup(fetch->curl);
	free(fetch);
}

/* Get ${url}; NULL with the reason in ${why}.  A refusal is a body only where
 * something was ${asked}. */
static char *
get(CURL *curl, const char *url, bool asked, char why[FETCH_WHY])
{
	char fault[CURL_ERROR_SIZE] = "";
	struct text body;
	CURLcode status;
	long code = 0;

	text_init(&body, BODY_MAX);
	set_options(curl, url, &body, fault);
	status = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	if (status == CURLE_OK && code != OK && (!asked || !is_refusal(curl))) {
		status = CURLE_HTTP_RETURNED_ERROR;
		snprintf(fault, sizeof(fault), "its answer is HTTP %ld", code);
	}
	if (is_silent(curl, status))
		snprintf(fault, sizeof(fault),
		    "it takes connections and says nothing for %ld s: it is "
		    "stopped, or hangs",
		    TIMEOUT_S);
	/* It refers to ${fault}. */
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	if (status == CURLE_OK && body.data != NULL)
		return body.data;
	say_why(why, url, fault[0] != '\0' ? fault : curl_easy_strerror(status),
	    code);
	text_finish(&body);
	return NULL;
}

char *
fetch_get(struct fetch *fetch, const char *path,
    const struct fetch_argument *arguments, size_t n, char why[FETCH_WHY])
{
	char *url, *body;

	if (fetch->config->http.port == 0) {
		snprintf(why, FETCH_WHY, "%s has no http: address",
		    fetch->config->path);
		return NULL;
	}
	url = make_url(fetch->curl, fetch->config, path, arguments, n);
	if (url == NULL) {
		snprintf(why, FETCH_WHY, "no memory");
		return NULL;
	}
	body = get(fetch->curl, url, n > 0, why);
	free(url);
	return body;
}

char *
fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY])
{
	struct fetch *fetch = fetch_open(config);
	char *body = NULL;

	if (fetch == NULL)
		snprintf(why, FETCH_WHY, "no memory");
	else
		body = fetch_get(fetch, path, NULL, 0, why);
	fetch_close(fetch);
	return body;
}

char *
fetch_health(const struct endpoint_address *at, bool *well)
{
	char host[ADDRESS_TEXT], url[ADDRESS_TEXT + 32], fault[CURL_ERROR_SIZE];
	CURL *curl = curl_easy_init();
	struct text body;
	CURLcode status;
	long code = 0;

	if (curl == NULL)
		return NULL;
	fault[0] = '\0';
	text_init(&body, URL_MAX);
	snprintf(url, sizeof(url), "http://%s/healthz",
	    endpoint_address_format(at, host));
	set_options(curl, url, &body, fault);
	status = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	*well = status == CURLE_OK && code == OK;
	if (status != CURLE_OK) {
		text_finish(&body);
		text_init(&body, URL_MAX);
		text_add(&body, "it does not answer at %s: %s", url,
		    fault[0] != '\0' ? fault : curl_easy_strerror(status));
	}
	curl_easy_cleanup(curl);
	/* One line. */
	if (body.len > 0 && body.data[body.len - 1] == '\n')
		body.data[body.len - 1] = '\0';
	return body.data;
}
