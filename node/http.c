/*
 * A small HTTP server: libmicrohttpd in a thread of its own.  Called by
 * site.c; it alone calls back, from that thread.
 */
#include "node/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CONNECTIONS 64
/* A page gets a third of what a worker gets of a busy core: answers and health
 * go first, and metrics can be read of a node that has too much to do. */
#define NICE 5
#define TIMEOUT_S 10

/* What is given to microhttpd at once: what a connection's buffer takes. */
#define BLOCK 16384
/* No piece is longer: the messages of a reload with every octet escaped, or one
 * service with its counters, stay far below. */
#define PIECE_MAX ((size_t)1 << 20)

struct http_server {
	struct MHD_Daemon *daemon;
	const struct http_page *pages;
	size_t n_pages;
	const struct http_calls *calls;
	void *context;
};

/* A page on its way to a client. */
struct delivery {
	const struct http_calls *calls;
	void *opened;
	struct text piece;
	size_t sent; /* of the piece */
};

static void
finish_delivery(void *context)
{
	struct delivery *d = context;

	d->calls->close(d->opened);
	text_finish(&d->piece);
	free(d);
}

/* The next bytes of a page, at most ${room}. */
static ssize_t
read_page(void *context, uint64_t position, char *out, size_t room)
{
	struct delivery *d = context;
	size_t n;

	(void)position;
	if (d->sent == d->piece.len) {
		d->sent = d->piece.len = 0;
		d->calls->more(d->opened, &d->piece);
		if (d->piece.failed)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		if (d->piece.len == 0)
			return MHD_CONTENT_READER_END_OF_STREAM;
	}
	n = d->piece.len - d->sent;
	if (n > room)
		n = room;
	memcpy(out, d->piece.data + d->sent, n);
	d->sent += n;
	return (ssize_t)n;
}

static const char *
query_value(void *context, const char *key)
{
	return MHD_lookup_connection_value(context, MHD_GET_ARGUMENT_KIND, key);
}

/* The response for the page, which it owns; NULL without memory. */
static struct MHD_Response *
make_response(const struct http_server *http, struct MHD_Connection *connection,
    size_t page, unsigned *status)
{
	const struct http_query query = {
	    .value = query_value, .context = connection};
	struct delivery *d = calloc(1, sizeof(*d));
	struct MHD_Response *response;

	if (d == NULL)
		return NULL;
	d->calls = http->calls;
	text_init(&d->piece, PIECE_MAX);
	d->opened = http->calls->open(http->context, page, &query, status);
	if (d->opened == NULL) {
		free(d);
		return NULL;
	}
	response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, BLOCK, read_page, d, finish_delivery);
	if (response == NULL)
		finish_delivery(d);
	return response;
}

/* Answer with ${response}, which is given up; NULL: it could not be made. */
static enum MHD_Result
send_response(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response, const char *type)
{
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
	return send_response(connection, status,
	    MHD_create_response_from_buffer(strlen(message),
		(void *)(uintptr_t)message, MHD_RESPMEM_PERSISTENT),
	    "text/plain; charset=utf-8");
}

static enum MHD_Result
send_page(
    struct http_server *http, struct MHD_Connection *connection, size_t page)
{
	unsigned status = MHD_HTTP_OK;
	struct MHD_Response *response =
	    make_response(http, connection, page, &status);

	if (response == NULL)
		return send_message(
		    connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
	return send_response(
	    connection, status, response, http->pages[page].type);
}

/* Count arguments that a C string cannot hold. */
static enum MHD_Result
count_nul(void *context, enum MHD_ValueKind kind, const char *key,
    size_t key_size, const char *value, size_t value_size)
{
	(void)kind;
	if (memchr(key, '\0', key_size) != NULL ||
	    (value != NULL && memchr(value, '\0', value_size) != NULL))
		++*(unsigned *)context;
	return MHD_YES;
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct http_server *http = context;
	unsigned nul = 0;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)state;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return send_message(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "only GET is answered here\n");
	MHD_get_connection_values_n(
	    connection, MHD_GET_ARGUMENT_KIND, count_nul, &nul);
	if (nul > 0)
		return send_message(connection, MHD_HTTP_BAD_REQUEST,
		    "an argument holds a NUL\n");
	for (size_t i = 0; i < http->n_pages; i++)
		if (strcmp(url, http->pages[i].path) == 0)
			return send_page(http, connection, i);
	return send_message(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

/* The first that the thread of the server does.  On Linux priority is its own;
 * setting it again changes nothing. */
static void
on_connection(void *context, struct MHD_Connection *connection,
    void **socket_context, enum MHD_ConnectionNotificationCode what)
{
	(void)context;
	(void)connection;
	(void)socket_context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		(void)setpriority(PRIO_PROCESS, 0, NICE);
}

/* Its thread takes no signals: those belong to the control thread. */
static struct MHD_Daemon *
start_daemon(struct http_server *http, const struct endpoint_address *at)
{
	struct MHD_Daemon *started;
	struct sockaddr_storage sa;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC;
	sigset_t all, before;

	address_to_sockaddr(&at->address, at->port, &sa);
	if (at->address.family == 6)
		flags |= MHD_USE_IPv6;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = 0;
	started = MHD_start_daemon(flags, at->port, NULL, NULL, on_request,
	    http, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&sa,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

struct http_server *
http_start(const struct endpoint_address *at, const struct http_page *pages,
    size_t n, const struct http_calls *calls, void *context, struct errbuf *eb)
{
	struct http_server *http = calloc(1, sizeof(*http));
	char name[ADDRESS_TEXT];

	if (http != NULL) {
		http->pages = pages;
		http->n_pages = n;
		http->calls = calls;
		http->context = context;
		http->daemon = start_daemon(http, at);
		if (http->daemon != NULL)
			return http;
	}
	errbuf_error(eb, NULL, "cannot serve HTTP on %s: %s",
	    endpoint_address_format(at, name),
	    http != NULL && errno != 0 ? strerror(errno) : "no memory");
	free(http);
	return NULL;
}

void
http_stop(struct http_server *http)
{
	if (http == NULL)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
