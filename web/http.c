/*
 * A small HTTP server: libmicrohttpd in a thread of its own, which accepts the
 * connections and decides who may have one.  Called by those who have pages; it
 * alone calls back, from that thread.
 */
#include "web/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "web/accept.h"
#include "web/delivery.h"
#include "web/form.h"
#include "web/places.h"

/* A page gets a third of what a worker gets of a busy core: answers and health
 * go first, and metrics can be read of a node that has too much to do. */
#define NICE 5
/* What the kernel holds for a connection, apart from its own overhead of as
 * much again: without a limit it takes some megabytes of a page that nobody
 * reads, which are made in vain. */
#define SEND_BUFFER (64 << 10)
/* A connection on which nothing moves. */
#define TIMEOUT_S 10
/* The longest wait of the thread, and the pause after a connection could not
 * be accepted. */
#define TURN_MS 1000
/* The same while there are streams: their clients see what happens soon. */
#define STREAM_MS 200
#define PAUSE_MS 100
#define SAY_MS 60000

/* The answer to a Host that is no name of this server. */
#define MISDIRECTED                                                       \
	"this server does not go by the name of your request: ask it by " \
	"its address, as localhost, or by a name that http_names in "     \
	"meridian.yaml(5) has\n"

struct http_server {
	struct MHD_Daemon *daemon;
	const struct http_page *pages;
	size_t n_pages;
	const struct http_calls *calls;
	void *context;
	pthread_t thread;
	bool runs;
	int wake; /* readable: the thread is to end */
	int listener, daemon_fd;
	int64_t paused_until_ms, said_ms; /* monotonic clock */
	struct places places;
	struct deliveries deliveries;
};

/* What is kept of a connection as long as it is there. */
static struct place *
place_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static const char *
query_value(void *context, const char *key)
{
	return MHD_lookup_connection_value(context, MHD_GET_ARGUMENT_KIND, key);
}

static const char *
query_header(void *context, const char *name)
{
	return MHD_lookup_connection_value(context, MHD_HEADER_KIND, name);
}

/* The response for the page, which it owns, in ${form} unless that is NULL;
 * NULL without memory. */
static struct MHD_Response *
make_response(struct http_server *http, struct MHD_Connection *connection,
    size_t page, const struct http_form *form, unsigned *status)
{
	const struct http_query query = {.value = query_value,
	    .header = query_header,
	    .context = connection};
	void *opened = http->calls->open(http->context, page, &query, status);

	if (opened == NULL)
		return NULL;
	return delivery_response(
	    &http->deliveries, connection, place_of(connection), form, opened);
}

/*
 * What browsers are told with everything: to run nothing that is not a file of
 * this server, to take nothing for another type than it is said to be, to show
 * it inside no page of others, and to tell nobody where they come from.
 */
static const char *const protection[][2] = {
    {"Content-Security-Policy",
	"default-src 'self'; base-uri 'none'; form-action 'self'; "
	"frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/* Answer with ${response}, which is given up; NULL: it could not be made.
 * ${cached} is for how long whoever gets it may keep it. */
static enum MHD_Result
send_cached(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response, const char *type, const char *cached)
{
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", cached);
	for (size_t i = 0; i < sizeof(protection) / sizeof(protection[0]); i++)
		MHD_add_response_header(
		    response, protection[i][0], protection[i][1]);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
send_response(struct MHD_Connection *connection, unsigned status,
    struct MHD_Response *response, const char *type)
{
	return send_cached(connection, status, response, type, "no-store");
}

/* ${file}, or only that it is what the client has.  Tags hold no comma and no
 * quote, so that one is found where it stands. */
static enum MHD_Result
send_file(struct MHD_Connection *connection, const struct http_file *file)
{
	const char *has = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
	bool same = has != NULL &&
	    (strcmp(has, "*") == 0 || strstr(has, file->tag) != NULL);
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(same ? 0 : file->len,
		(void *)(uintptr_t)file->data, MHD_RESPMEM_PERSISTENT);

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, file->tag);
	/* It is kept, and asked for each time: a new release is seen at once.
	 */
	return send_cached(connection,
	    same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response, file->type,
	    "no-cache");
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

/* The other form of ${page}, if the client asks for it; or NULL. */
static const struct http_form *
choose_form(struct MHD_Connection *connection, const struct http_page *page)
{
	const char *accept = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	if (page->form == NULL ||
	    !accept_prefers(accept, page->form->type, page->type))
		return NULL;
	return page->form;
}

static enum MHD_Result
send_page(
    struct http_server *http, struct MHD_Connection *connection, size_t number)
{
	const struct http_page *page = &http->pages[number];
	const struct http_form *form = choose_form(connection, page);
	unsigned status = MHD_HTTP_OK;
	struct MHD_Response *response;

	if (page->stream &&
	    !places_stream(&http->places, place_of(connection))) {
		http->deliveries.counts.refused++;
		return send_message(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		    "as many streams are open as may be\n");
	}
	response = make_response(http, connection, number, form, &status);
	if (response == NULL)
		return send_message(
		    connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
	if (page->form != NULL)
		MHD_add_response_header(
		    response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
	return send_response(connection, status, response,
	    form != NULL ? form->type : page->type);
}

static enum MHD_Result
count_host(
    void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)kind;
	(void)value;
	*(unsigned *)context += strcasecmp(key, MHD_HTTP_HEADER_HOST) == 0;
	return MHD_YES;
}

/* More than one Host, or none with HTTP/1.1: nobody knows whom that asks (RFC
 * 9112, 3.2). */
static bool
has_odd_host(struct MHD_Connection *connection, const char *version)
{
	unsigned hosts = 0;

	MHD_get_connection_values(
	    connection, MHD_HEADER_KIND, count_host, &hosts);
	return hosts > 1 ||
	    (hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_1) == 0);
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

static bool
has_nul(struct MHD_Connection *connection)
{
	unsigned nul = 0;

	MHD_get_connection_values_n(
	    connection, MHD_GET_ARGUMENT_KIND, count_nul, &nul);
	return nul > 0;
}

/* In the form that errors of a page of ${type} have. */
static enum MHD_Result
refuse_nul(struct MHD_Connection *connection, const char *type)
{
	static const char message[] =
	    "{\n  \"error\": \"an argument holds a NUL\"\n}\n";

	if (strcmp(type, "application/json") != 0)
		return send_message(connection, MHD_HTTP_BAD_REQUEST,
		    "an argument holds a NUL\n");
	return send_response(connection, MHD_HTTP_BAD_REQUEST,
	    MHD_create_response_from_buffer(sizeof(message) - 1,
		(void *)(uintptr_t)message, MHD_RESPMEM_PERSISTENT),
	    type);
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct http_server *http = context;
	struct place *place = place_of(connection);

	(void)upload;
	(void)upload_size;
	(void)state;
	if (place == NULL)
		return MHD_NO;
	places_busy(place, true, clock_mono_ms());
	if (has_odd_host(connection, version))
		return send_message(connection, MHD_HTTP_BAD_REQUEST,
		    "one header Host is needed, and no second one\n");
	if (!http->calls->called(http->context,
		MHD_lookup_connection_value(
		    connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST)))
		return send_message(
		    connection, MHD_HTTP_MISDIRECTED_REQUEST, MISDIRECTED);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return send_message(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "only GET is answered here\n");
	for (size_t i = 0; i < http->n_pages; i++) {
		if (strcmp(url, http->pages[i].path) != 0)
			continue;
		if (http->pages[i].local && !place->local)
			return send_message(connection, MHD_HTTP_FORBIDDEN,
			    "this page is for clients that come from a "
			    "loopback address\n");
		if (http->pages[i].file != NULL)
			return send_file(connection, http->pages[i].file);
		return has_nul(connection)
		    ? refuse_nul(connection, http->pages[i].type)
		    : send_page(http, connection, i);
	}
	return send_message(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

/* A connection begins, with the place that it was given, or has ended. */
static void
on_connection(void *context, struct MHD_Connection *connection,
    void **socket_context, enum MHD_ConnectionNotificationCode what)
{
	struct http_server *http = context;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*socket_context != NULL)
			places_leave(*socket_context);
		return;
	}
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = places_find(&http->places, info->connect_fd);
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode how)
{
	struct place *place = place_of(connection);

	(void)context;
	(void)state;
	(void)how;
	if (place != NULL)
		places_busy(place, false, clock_mono_ms());
}

/* Its connection ends when the daemon runs next.  Of streams only those have
 * to go that are not taken. */
static void
end_connection(struct http_server *http, struct place *place)
{
	http->deliveries.counts.dropped += place->stream;
	place->ended = true;
	shutdown(place->fd, SHUT_RDWR);
}

/* All places are worth more than this client: say so, as far as that goes
 * without waiting. */
static void
refuse(int fd)
{
	static const char text[] =
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 28\r\nRetry-After: 1\r\n"
	    "Connection: close\r\n\r\nall connections are in use\r\n";
	char request[1024];

	(void)recv(fd, request, sizeof(request), MSG_DONTWAIT);
	(void)send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* A place for a new connection, if need be that of another client; NULL when
 * there is none. */
static struct place *
find_place(struct http_server *http, int fd, bool local)
{
	int64_t now = clock_mono_ms();
	struct place *place = places_take(&http->places, fd, local, now);
	struct place *victim;

	if (place != NULL)
		return place;
	victim = places_victim(&http->places, local, now);
	if (victim == NULL)
		return NULL;
	end_connection(http, victim);
	(void)MHD_run(http->daemon);
	return places_take(&http->places, fd, local, now);
}

static bool
is_local(const struct sockaddr_storage *from)
{
	static const uint8_t one[16] = {[15] = 1};
	struct address a;

	if (address_from_sockaddr((const struct sockaddr *)from, &a) != 0)
		return false;
	if (a.family == 4)
		return a.bytes[0] == 127;
	return memcmp(a.bytes, one, sizeof(one)) == 0;
}

static void
welcome(struct http_server *http, int fd, const struct sockaddr_storage *from,
    socklen_t len)
{
	bool local = is_local(from);
	struct place *place = find_place(http, fd, local);

	if (place == NULL) {
		refuse(fd);
		return;
	}
	/* On failure the daemon closes it. */
	if (MHD_add_connection(http->daemon, fd, (const struct sockaddr *)from,
		len) != MHD_YES)
		places_leave(place);
}

/* Take the connections that wait; no descriptor or memory for one is said once
 * a minute, and they wait on for a while. */
static void
accept_all(struct http_server *http)
{
	int64_t now = clock_mono_ms();

	for (unsigned i = 0; i < PLACES; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		int fd = accept4(http->listener, (struct sockaddr *)&from, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(http, fd, &from, len);
			continue;
		}
		if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
		    errno != ENOMEM)
			return;
		if (http->said_ms == 0 || now - http->said_ms > SAY_MS) {
			log_warn("http: cannot accept: %s", strerror(errno));
			http->said_ms = now;
		}
		http->paused_until_ms = now + PAUSE_MS;
		return;
	}
}

/* How long there is nothing to do but what descriptors say, in ms. */
static int
patience(const struct http_server *http)
{
	int most = http->deliveries.counts.open > 0 ? STREAM_MS : TURN_MS;
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(http->daemon, &ms) == MHD_YES &&
	    ms < (unsigned)most)
		return (int)ms;
	return most;
}

/*
 * The thread: it accepts, and lets the daemon do the rest.  It never waits for
 * longer than TURN_MS, so that nothing depends on being woken: timeouts end
 * connections, and the next turn accepts.
 */
static void *
run(void *context)
{
	struct http_server *http = context;
	struct pollfd fds[] = {
	    {.fd = http->wake, .events = POLLIN},
	    {.fd = http->daemon_fd, .events = POLLIN},
	    {.fd = http->listener, .events = POLLIN},
	};

	/* On Linux this is the thread's own. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	for (;;) {
		bool paused = clock_mono_ms() < http->paused_until_ms;
		struct place *overdue;

		(void)poll(
		    fds, paused ? 2 : 3, paused ? PAUSE_MS : patience(http));
		if (fds[0].revents != 0)
			return NULL;
		if (!paused)
			accept_all(http);
		while ((overdue = places_overdue(
			    &http->places, clock_mono_ms())) != NULL)
			end_connection(http, overdue);
		if (http->calls->turn != NULL)
			deliveries_wake(&http->deliveries,
			    http->calls->turn(
				http->context, &http->deliveries.counts));
		(void)MHD_run(http->daemon);
	}
}

static int
open_listener(const struct endpoint_address *at)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &sa);
	int fd =
	    socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, room = SEND_BUFFER, error;

	if (fd < 0)
		return -1;
	/* Connections have it from here. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (at->address.family == 4 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) ==
		    0) &&
	    bind(fd, (struct sockaddr *)&sa, len) == 0 &&
	    listen(fd, SOMAXCONN) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* The daemon accepts nothing itself, so that its limit, past which it would
 * stop to, is never reached. */
static int
start_daemon(struct http_server *http)
{
	const union MHD_DaemonInfo *info;

	http->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME,
	    0, NULL, NULL, on_request, http, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)(2 * PLACES), MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)TIMEOUT_S, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
	    http, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
	    MHD_OPTION_END);
	if (http->daemon == NULL)
		return -1;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	http->daemon_fd = info->epoll_fd;
	return 0;
}

/* Its thread takes no signals: those belong to the control thread. */
static int
start_thread(struct http_server *http)
{
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&http->thread, NULL, run, http);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	http->runs = status == 0;
	return status == 0 ? 0 : -1;
}

struct http_server *
http_start(const struct endpoint_address *at, const struct http_page *pages,
    size_t n, const struct http_calls *calls, void *context, struct errbuf *eb)
{
	struct http_server *http = calloc(1, sizeof(*http));
	char name[ADDRESS_TEXT];

	errno = 0;
	if (http == NULL)
		goto fail;
	http->pages = pages;
	http->n_pages = n;
	http->calls = calls;
	http->context = context;
	places_init(&http->places);
	deliveries_init(&http->deliveries,
	    &(struct delivery_calls){
		.more = calls->more, .close = calls->close});
	http->wake = eventfd(0, EFD_CLOEXEC);
	http->listener = open_listener(at);
	if (http->wake >= 0 && http->listener >= 0 && start_daemon(http) == 0 &&
	    start_thread(http) == 0)
		return http;
fail:
	errbuf_error(eb, NULL, "cannot serve HTTP on %s: %s",
	    endpoint_address_format(at, name),
	    errno != 0 ? strerror(errno) : "no memory");
	http_stop(http);
	return NULL;
}

void
http_stop(struct http_server *http)
{
	const uint64_t one = 1;

	if (http == NULL)
		return;
	if (http->runs) {
		while (
		    write(http->wake, &one, sizeof(one)) < 0 && errno == EINTR)
			continue;
		pthread_join(http->thread, NULL);
	}
	/* The daemon ends with nothing suspended. */
	deliveries_wake(&http->deliveries, true);
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	if (http->listener >= 0)
		close(http->listener);
	if (http->wake >= 0)
		close(http->wake);
	free(http);
}
