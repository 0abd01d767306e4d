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
	size_t len, size;
};

/* Twice the room each time: a page of 60,000 endpoints comes in a thousand
 * pieces. */
static bool
make_room(struct body *body, size_t more)
{
	size_t size = body->len + more + 1;
	char *grown;

	if (size <= body->size)
		return true;
	if (size < 2 * body->size)
		size = 2 * body->size;
	grown = realloc(body->data, size);
	if (grown == NULL)
		return false;
	body->data = grown;
	body->size = size;
	return true;
}

static size_t
take(char *data, size_t size, size_t n, void *context)
{
	struct body *body = context;

	if (size * n > BODY_MAX - body->len || !make_room(body, size * n))
		return 0;
	memcpy(body->data + body->len, data, size * n);
	body->len += size * n;
	body->data[body->len] = '\0';
	return size * n;
}

int
harness_http(
    struct harness *h, const char *method, const char *url, const char **body)
{
	CURL *curl = curl_easy_init();
	struct body got = {calloc(1, 1), 0, 1};
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
