/*
 * Tries to bind what meridiand would bind, without SO_REUSEPORT: where a server
 * runs that fails, and takes no query from it.  Called by check.c.
 */
#include "ctl/ports.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl/fetch.h"
#include "ctl/port_owner.h"

/* An address of the node's file: its key and where it is written. */
struct wanted {
	const struct server_config *config;
	const struct endpoint_address *at;
	const struct mark *mark;
	const char *key;
};

/* 0, or errno of why ${at} cannot be taken. */
static int
try_bind(const struct endpoint_address *at, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &sa);
	int fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0), one = 1;
	int error = 0;

	if (fd < 0)
		return errno;
	/* As meridiand does: connections that have ended are not in the way. */
	if (type == SOCK_STREAM)
		(void)setsockopt(
		    fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at->address.family == 6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sa, len) != 0)
		error = errno;
	close(fd);
	return error;
}

/* The process of the meridiand that answers at the http of this file; 0 for
 * none. */
static pid_t
running_server(const struct server_config *config)
{
	char why[FETCH_WHY];
	char *body = fetch_page(config, "/api/v1/reload", why);
	json_t *root = body != NULL ? json_loads(body, 0, NULL) : NULL;
	json_int_t pid = json_integer_value(json_object_get(root, "pid"));

	json_decref(root);
	free(body);
	return pid > 1 ? (pid_t)pid : 0;
}

/* Whether the meridiand of this file has the port: its command line says so, or
 * its page, which also counts where the kernel does not show the process. */
static bool
is_ours(const struct server_config *config, const struct port_owner *owner)
{
	pid_t server;

	if (port_owner_reads(owner, config->path))
		return true;
	server = running_server(config);
	return server != 0 && (owner->pid == 0 || owner->pid == server);
}

/* True when it was said who has the address. */
static bool
say_in_use(const struct wanted *w, int type, struct errbuf *eb)
{
	char shown[ADDRESS_TEXT], had[ADDRESS_TEXT];
	struct port_owner owner;

	/* It may have gone meanwhile. */
	if (!port_owner_find(w->at, type, &owner) || is_ours(w->config, &owner))
		return false;
	endpoint_address_format(w->at, shown);
	endpoint_address_format(&owner.at, had);
	if (owner.pid != 0)
		errbuf_error(eb, w->mark,
		    "%s: %s is in use: %s (process %d) has %s over %s; stop "
		    "it, or write an address that this machine has for "
		    "meridiand alone",
		    w->key, shown, owner.name, (int)owner.pid, had,
		    type == SOCK_DGRAM ? "UDP" : "TCP");
	else
		errbuf_warn(eb, w->mark,
		    "%s: %s is in use: another program has %s over %s; root "
		    "is told which one, and whether it is the meridiand of "
		    "this file",
		    w->key, shown, had, type == SOCK_DGRAM ? "UDP" : "TCP");
	return true;
}

/* True when all is said of this address. */
static bool
check_address(const struct wanted *w, int type, struct errbuf *eb)
{
	char shown[ADDRESS_TEXT];
	int error = try_bind(w->at, type);

	switch (error) {
	case 0:
		return false;
	case EADDRINUSE:
	/* Without the right to it, whether it is free can still be seen. */
	case EACCES:
		return say_in_use(w, type, eb);
	case EADDRNOTAVAIL:
		errbuf_error(eb, w->mark,
		    "%s: %s is no address of this machine (ip address lists "
		    "them): meridiand would not start here",
		    w->key, address_format(&w->at->address, shown));
		return true;
	default:
		errbuf_error(eb, w->mark,
		    "%s: %s cannot be taken: %s: meridiand would not start "
		    "here",
		    w->key, endpoint_address_format(w->at, shown),
		    strerror(error));
		return true;
	}
}

void
ports_check(const struct server_config *config, struct errbuf *eb)
{
	struct wanted w = {.config = config, .key = "listen"};

	for (size_t i = 0; i < config->n_listen; i++) {
		w.at = &config->listen[i];
		w.mark = &config->listen_at[i];
		if (!check_address(&w, SOCK_DGRAM, eb))
			(void)check_address(&w, SOCK_STREAM, eb);
	}
	if (config->http.port == 0)
		return;
	w.key = "http";
	w.at = &config->http;
	w.mark = &config->http_at;
	(void)check_address(&w, SOCK_STREAM, eb);
}
