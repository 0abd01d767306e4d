/*
 * Posts a message with libcurl, in the thread of a hook: names are looked up
 * and waited for here, and nothing of the loop is touched.
 */
#include "probes/hooks/hook_send.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/clock.h"

bool
hook_send_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* What a receiver answers does not matter beyond its code. */
static size_t
drop(char *data, size_t size, size_t n, void *context)
{
	(void)data;
	(void)context;
	return size * n;
}

/* Other than 0 breaks it off. */
static int
look(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
    curl_off_t up)
{
	const struct hook_try *try = context;
	int64_t ends_ms = atomic_load(try->ends_ms);

	(void)down_total;
	(void)up_total;
	(void)up;
	return (ends_ms != 0 && clock_mono_ms() >= ends_ms) || down > 65536;
}

static struct curl_slist *
headers_of(const struct hook_try *try)
{
	struct curl_slist *headers = curl_slist_append(
	    NULL, "Content-Type: application/json; charset=utf-8");
	struct curl_slist *more;
	char line[256];

	if (headers == NULL || try->signature == NULL)
		return headers;
	snprintf(line, sizeof(line), "Meridian-Signature: %s", try->signature);
	more = curl_slist_append(headers, line);
	if (more == NULL)
		curl_slist_free_all(headers);
	return more;
}

static void
prepare(CURL *easy, const struct hook_try *try, struct curl_slist *headers)
{
	const struct hook_config *config = try->config;

	curl_easy_setopt(easy, CURLOPT_URL, config->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(
	    easy, CURLOPT_USERAGENT, "meridian-probe/" MERIDIAN_VERSION);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, try->body);
	curl_easy_setopt(
	    easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)try->len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, look);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, try);
	if (config->ca != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca);
}

bool
hook_post(const struct hook_try *try, char why[HOOK_WHY])
{
	struct curl_slist *headers = headers_of(try);
	CURL *easy = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;

	if (easy != NULL && headers != NULL) {
		prepare(easy, try, headers);
		code = curl_easy_perform(easy);
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	if (code == CURLE_OK && status >= 200 && status <= 299)
		return true;
	if (code == CURLE_OK)
		snprintf(why, HOOK_WHY, "status %ld", status);
	else
		snprintf(why, HOOK_WHY, "%s", curl_easy_strerror(code));
	return false;
}
