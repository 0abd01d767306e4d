/*
 * A small HTTP server: libmicrohttpd polled by the control thread's loop.
 * Called by main(); knows nothing of what the pages say.
 */
#include "node/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

/* A page may list every service and endpoint. */
#define PAGE_MAX ((size_t)64 << 20)
#define CONNECTIONS 64
#define TIMEOUT_S 10

struct http_server {
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	const struct http_page *pages;
	size_t n_pages;
	void *context;
	int closing; /* handles that are still to be closed */
};

static enum MHD_Result
send_text(struct MHD_Connection *connection, unsigned status, const char *type,
    const char *body, size_t len)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    len, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
send_message(
    struct MHD_Connection *connection, unsigned status, const char *message)
{
	return send_text(connection, status, "text/plain; charset=utf-8",
	    message, strlen(message));
}

static enum MHD_Result
send_page(struct http_server *http, struct MHD_Connection *connection,
    const struct http_page *page)
{
	enum MHD_Result result;
	struct text text;

	text_init(&text, PAGE_MAX);
	page->write(http->context, &text);
	if (text.failed || text.data == NULL)
		result = send_message(
		    connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
	else
		result = send_text(
		    connection, MHD_HTTP_OK, page->type, text.data, text.len);
	text_finish(&text);
	return result;
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct http_server *http = context;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return send_message(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "only GET is answered here\n");
	for (size_t i = 0; i < http->n_pages; i++)
		if (strcmp(url, http->pages[i].path) == 0)
			return send_page(http, connection, &http->pages[i]);
	return send_message(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

static void on_timer(uv_timer_t *timer);

/* Let microhttpd work, and come back when it wants to. */
static void
run(struct http_server *http)
{
	unsigned MHD_LONG_LONG wait_ms;

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES)
		uv_timer_start(&http->timer, on_timer, wait_ms, 0);
	else
		uv_timer_stop(&http->timer);
}

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static struct MHD_Daemon *
start_daemon(struct http_server *http, const struct endpoint_address *at)
{
	struct sockaddr_storage sa;
	unsigned flags = MHD_USE_EPOLL;

	address_to_sockaddr(&at->address, at->port, &sa);
	if (at->address.family == 6)
		flags |= MHD_USE_IPv6;
	return MHD_start_daemon(flags, at->port, NULL, NULL, on_request, http,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&sa,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
}

struct http_server *
http_start(uv_loop_t *loop, const struct endpoint_address *at,
    const struct http_page *pages, size_t n, void *context, struct errbuf *eb)
{
	struct http_server *http = calloc(1, sizeof(*http));
	const union MHD_DaemonInfo *info;
	char name[ADDRESS_TEXT];

	if (http == NULL)
		goto fail;
	http->pages = pages;
	http->n_pages = n;
	http->context = context;
	errno = 0;
	http->daemon = start_daemon(http, at);
	if (http->daemon == NULL)
		goto fail;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL ||
	    uv_poll_init(loop, &http->poll, info->epoll_fd) != 0) {
		MHD_stop_daemon(http->daemon);
		goto fail;
	}
	uv_timer_init(loop, &http->timer);
	http->poll.data = http->timer.data = http;
	uv_poll_start(&http->poll, UV_READABLE, on_poll);
	return http;
fail:
	errbuf_error(eb, NULL, "cannot serve HTTP on %s: %s",
	    endpoint_address_format(at, name),
	    errno != 0 ? strerror(errno) : "no memory");
	free(http);
	return NULL;
}

static void
on_closed(uv_handle_t *handle)
{
	struct http_server *http = handle->data;

	if (--http->closing == 0) {
		MHD_stop_daemon(http->daemon);
		free(http);
	}
}

void
http_stop(struct http_server *http)
{
	if (http == NULL)
		return;
	http->closing = 2;
	uv_close((uv_handle_t *)&http->poll, on_closed);
	uv_close((uv_handle_t *)&http->timer, on_closed);
}
