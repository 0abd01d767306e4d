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
/* What a server says of a page that it does not have (RFC 9110, 15.5.5). */
#define NOT_FOUND 404

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct text *body = context;

	text_bytes(body, data, size * n);
	return body->failed ? 0 : size * n;
}

/* Why there is no page at ${url}, in words. */
static void
say_why(char why[FETCH_WHY], const char *url, const char *fault, long code)
{
	if (code == NOT_FOUND)
		snprintf(why, FETCH_WHY,
		    "meridiand has no page %s: it is older than this "
		    "meridianctl; restart it to upgrade it",
		    url);
	else
		snprintf(why, FETCH_WHY, "meridiand does not answer at %s: %s",
		    url, fault);
}

char *
fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY])
{
	char host[ADDRESS_TEXT], url[256], fault[CURL_ERROR_SIZE] = "";
	struct text body;
	CURL *curl;
	CURLcode status;
	long code = 0;

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
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_cleanup(curl);
	if (status == CURLE_OK && body.data != NULL)
		return body.data;
	say_why(why, url, fault[0] != '\0' ? fault : curl_easy_strerror(status),
	    code);
	text_finish(&body);
	return NULL;
}
