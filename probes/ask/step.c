/*
 * What the steps of a check send, and which codes they take.  Called by an
 * attempt; sends nothing.
 */
#include "probes/ask/step.h"

#include <stdio.h>
#include <string.h>

/* What gRPC needs of HTTP/2 (its protocol, "Requests"). */
static const struct step_header grpc_headers[] = {
    {"content-type", "application/grpc"}, {"te", "trailers"}};

static void
request_health(const struct check_step *step, struct http_request *out,
    char body[GRPC_REQUEST_MAX])
{
	out->method = "POST";
	out->path = GRPC_HEALTH_PATH;
	out->version = HTTP_VERSION_2;
	out->headers = grpc_headers;
	out->n_headers = sizeof(grpc_headers) / sizeof(grpc_headers[0]);
	out->body = body;
	out->body_len = grpc_request(step->service, body);
}

void
step_request(const struct check_config *check, const struct check_step *step,
    const struct endpoint_address *to, struct http_request *out,
    char body[GRPC_REQUEST_MAX])
{
	*out = (struct http_request){
	    .to = to,
	    .https = check->https,
	    .verify = check->verify,
	    .host = check->host,
	    .ca = check->ca,
	    .client = &check->client,
	};
	switch (step->kind) {
	case STEP_TCP:
	case STEP_TLS:
		out->kind = step->kind == STEP_TLS ? HTTP_TLS : HTTP_TCP;
		out->https = step->kind == STEP_TLS;
		out->send = step->send;
		out->send_len = step->send_len;
		out->receive = step->receive;
		break;
	case STEP_GRPC:
		request_health(step, out, body);
		break;
	case STEP_HTTP:
	case STEP_EXEC:
		out->method = step->method;
		out->path = step->path;
		out->headers = step->headers;
		out->n_headers = step->n_headers;
		out->body = step->body;
		out->body_len = step->body != NULL ? strlen(step->body) : 0;
		break;
	}
}

/* Where programs are looked for by programs. */
#define PROGRAM_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

bool
step_environment(const struct check_config *check,
    const struct endpoint_key *key, const struct endpoint_address *to,
    struct step_environment *out)
{
	char address[ADDRESS_TEXT], port[8];
	const struct {
		const char *name, *value;
	} words[] = {{"PATH", PROGRAM_PATH}, {"LANG", "C"},
	    {"MERIDIAN_ENDPOINT", key->endpoint}, {"MERIDIAN_POOL", key->pool},
	    {"MERIDIAN_ZONE", key->zone}, {"MERIDIAN_ADDRESS", address},
	    {"MERIDIAN_PORT", port}, {"MERIDIAN_MODEL", check->model}};
	size_t used = 0, n = 0;

	address_format(&to->address, address);
	snprintf(port, sizeof(port), "%u", to->port);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t room = sizeof(out->room) - used;
		char *at = out->room + used;

		if (words[i].value == NULL)
			continue;
		used += (size_t)snprintf(
			    at, room, "%s=%s", words[i].name, words[i].value) +
		    1;
		if (used > sizeof(out->room))
			return false;
		out->list[n++] = at;
	}
	out->list[n] = NULL;
	return true;
}

static bool
is_among(const struct code_range *list, size_t n, unsigned status)
{
	for (size_t i = 0; i < n; i++)
		if (status >= list[i].first && status <= list[i].last)
			return true;
	return false;
}

enum step_code
step_code(const struct check_step *step, unsigned status, int64_t retry_after_s)
{
	/* gRPC says all else in its own status, with 200. */
	if (step->kind == STEP_GRPC)
		return status == 200 ? STEP_EXPECTED : STEP_UNEXPECTED;
	if (is_among(step->expect, step->n_expect, status))
		return STEP_EXPECTED;
	if (is_among(step->busy, step->n_busy, status) ||
	    (step->busy_retry_after && status == 503 && retry_after_s >= 0))
		return STEP_BUSY;
	return STEP_UNEXPECTED;
}
