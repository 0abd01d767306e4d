/*
 * One GET to the node's own HTTP, by libcurl.  Called by status and reload; the
 * only file of ctl/ that includes curl.
 */
#include "ctl/fetch.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/text.h"

/* A million endpoints with names of the usual length take about 150 MiB of a
 * status page. */
#define BODY_MAX ((size_t)1 << 30)
/* To connect, and that nothing may come in the middle of a page: a large one on
 * a busy machine takes its time. */
#define TIMEOUT_S 5L

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct text *body = context;

	text_bytes(body, data, size * n);
	return body->failed ? 0 : size * n;
}

char *
fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY])
{
	char host[ADDRESS_TEXT], url[256], fault[CURL_ERROR_SIZE] = "";
	struct text body;
	CURL *curl;
	CURLcode status;

	if (config->http.port == 0) {
		snprintf(
		    why, FETCH_WHY, "%s has no http: address", config->path);
		return NULL;
	}
	curl = curl_easy_init();
	if (curl == NULL) {
		snprintf(why, FETCH_WHY, "no memory");
		return NULL;
	}
	text_init(&body, BODY_MAX);
	snprintf(url, sizeof(url), "http://%s%s",
	    endpoint_address_format(&config->http, host), path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	status = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	if (status == CURLE_OK && body.data != NULL)
		return body.data;
	snprintf(why, FETCH_WHY, "meridiand does not answer at %s: %s", url,
	    fault[0] != '\0' ? fault : curl_easy_strerror(status));
	text_finish(&body);
	return NULL;
}
