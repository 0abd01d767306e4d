/*
 * HTTP for system tests, by libcurl; see harness.h.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/harness.h"
#include "tests/system/harness_keep.h"

#define TIMEOUT_MS 5000L
#define BODY_MAX ((size_t)16 << 20)

struct body {
	char *data;
	size_t len;
};

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct body *body = context;
	char *grown;

	if (size * n > BODY_MAX - body->len)
		return 0;
	grown = realloc(body->data, body->len + size * n + 1);
	if (grown == NULL)
		return 0;
	memcpy(grown + body->len, data, size * n);
	body->data = grown;
	body->len += size * n;
	body->data[body->len] = '\0';
	return size * n;
}

int
harness_http(
    struct harness *h, const char *method, const char *url, const char **body)
{
	CURL *curl = curl_easy_init();
	struct body got = {calloc(1, 1), 0};
	long code = 0;

	ck_assert_ptr_nonnull(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &got);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_cleanup(curl);
	(void)harness_keep(h, got.data);
	if (body != NULL)
		*body = got.data;
	return (int)code;
}
