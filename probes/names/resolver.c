/*
 * A c-ares channel on a libuv loop, and lookups of A and AAAA together, a
 * bounded number at once.  Called by what follows names; keeps nothing of an
 * answer, and reads no file but the one that names the resolvers.
 */
#include "probes/names/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file_identity.h"
#include "config/server.h"
#include "probes/names/resolver_answer.h"

/* Tries at each resolver. */
#define TRIES 2

/* What fits into a packet everywhere (DNS flag day 2020). */
#define UDP_SIZE 1232

/* How often time-outs are looked at, and the file of resolvers. */
#define TICK_MS 100
#define FILE_MS 1000

#define SERVERS_MAX 8

#define RESOLV_CONF "/etc/resolv.conf"

/* The first try at a resolver: one that has to ask others far away takes a
 * second or two. */
#define RESOLVE_TIMEOUT_MS 2000

/*
 * c-ares asks the next resolver after one that answers SERVFAIL or REFUSED, and
 * says in the end that nobody could be reached.  So what has failed everywhere
 * is asked once more where such an answer is the last word.
 */
enum { ASK_ALL, ASK_ONE, CHANNELS };

struct channel {
	struct resolver *resolver;
	ares_channel ares;
};

struct socket {
	uv_poll_t poll;
	struct channel *channel;
	ares_socket_t fd;
	struct socket *next;
};

struct resolver {
	uv_loop_t *loop;
	struct channel *channels[CHANNELS];
	struct endpoint_address servers[SERVERS_MAX];
	struct resolver_settings settings;
	struct file_identity file; /* as the channel has read it */
	int64_t looked_ms;
	struct socket *sockets;
	uv_timer_t tick;                       /* while lookups are under way */
	uv_timer_t pump;                       /* lookups wait for a turn */
	struct resolver_lookup *first, **last; /* that wait */
	size_t under_way;
	unsigned handles; /* of the two timers, not yet closed */
	bool closing;
};

/* One family of a lookup. */
struct part {
	struct resolver_lookup *lookup;
	uint8_t family; /* 4 or 6 */
	bool wanted, asked_again;
	const char *failed;
};

struct resolver_lookup {
	struct resolver *resolver;
	char *name;
	resolver_done done; /* NULL: nobody wants to know any more */
	void *context;
	struct part parts[2];
	unsigned left; /* queries without an answer */
	bool again;    /* the channel went away under it */
	struct resolver_findings findings;
	struct resolver_lookup *next;
};

/* --- sockets --- */

static void
on_socket_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct socket *s = poll->data;
	ares_channel channel = s->channel->ares;
	ares_socket_t fd = s->fd;

	/* An error is seen by whoever reads. */
	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	ares_process_fd(channel, events & UV_READABLE ? fd : ARES_SOCKET_BAD,
	    events & UV_WRITABLE ? fd : ARES_SOCKET_BAD);
}

static struct socket *
open_socket(struct channel *c, ares_socket_t fd)
{
	struct resolver *r = c->resolver;
	struct socket *s = calloc(1, sizeof(*s));

	if (s == NULL || uv_poll_init(r->loop, &s->poll, fd) != 0) {
		free(s);
		return NULL;
	}
	s->poll.data = s;
	s->channel = c;
	s->fd = fd;
	s->next = r->sockets;
	r->sockets = s;
	return s;
}

/* c-ares waits for ${fd}, or does not any more.  One that cannot be watched is
 * a time-out. */
static void
on_state(void *data, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = data;
	struct socket **at = &c->resolver->sockets, *s;

	while (*at != NULL && (*at)->fd != fd)
		at = &(*at)->next;
	s = *at;
	if (readable || writable) {
		if (s == NULL)
			s = open_socket(c, fd);
		if (s != NULL)
			uv_poll_start(&s->poll,
			    (readable ? UV_READABLE : 0) |
				(writable ? UV_WRITABLE : 0),
			    on_ready);
	} else if (s != NULL) {
		*at = s->next;
		uv_close((uv_handle_t *)&s->poll, on_socket_closed);
	}
}

/* --- the channel --- */

static int
set_servers(ares_channel channel, const struct resolver_settings *settings)
{
	struct ares_addr_port_node nodes[SERVERS_MAX];

	memset(nodes, 0, sizeof(nodes));
	for (size_t i = 0; i < settings->n; i++) {
		const struct endpoint_address *from = &settings->servers[i];
		struct ares_addr_port_node *to = &nodes[i];

		to->next = i + 1 < settings->n ? &nodes[i + 1] : NULL;
		to->family = from->address.family == 4 ? AF_INET : AF_INET6;
		memcpy(&to->addr, from->address.bytes,
		    address_bits(&from->address) / 8);
		to->udp_port = to->tcp_port = from->port;
	}
	return ares_set_servers_ports(channel, nodes);
}

static void
close_channel(struct channel *c)
{
	if (c == NULL)
		return;
	ares_destroy(c->ares);
	free(c);
}

static struct channel *
open_channel(
    struct resolver *r, const struct resolver_settings *settings, int way)
{
	struct channel *c = calloc(1, sizeof(*c));
	/* c-ares only reads it. */
	char *path = settings->resolv_conf != NULL
	    ? strdup(settings->resolv_conf)
	    : NULL;
	struct ares_options options;
	int flags = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	    ARES_OPT_SOCK_STATE_CB | ARES_OPT_EDNSPSZ | ARES_OPT_UDP_PORT |
	    ARES_OPT_TCP_PORT;
	int code = ARES_ENOMEM;

	memset(&options, 0, sizeof(options));
	/* Names are given in full, and local files name no addresses here. */
	options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
	    ARES_FLAG_EDNS | (way == ASK_ONE ? ARES_FLAG_NOCHECKRESP : 0);
	options.timeout = (int)settings->timeout_ms;
	options.tries = TRIES;
	options.ednspsz = UDP_SIZE;
	options.udp_port = options.tcp_port = settings->port;
	options.sock_state_cb = on_state;
	options.sock_state_cb_data = c;
	if (path != NULL) {
		options.resolvconf_path = path;
		flags |= ARES_OPT_RESOLVCONF;
	}
	if (c != NULL) {
		c->resolver = r;
		code = ares_init_options(&c->ares, &options, flags);
	}
	free(path);
	if (code != ARES_SUCCESS) {
		free(c);
		return NULL;
	}
	if (settings->n > 0 && set_servers(c->ares, settings) != ARES_SUCCESS) {
		close_channel(c);
		return NULL;
	}
	return c;
}

/* --- lookups --- */

static void
forget_findings(struct resolver_lookup *l)
{
	resolver_findings_finish(&l->findings);
	resolver_findings_init(&l->findings);
	for (int i = 0; i < 2; i++) {
		l->parts[i].failed = NULL;
		l->parts[i].asked_again = false;
	}
	l->again = false;
}

static void
free_lookup(struct resolver_lookup *l)
{
	forget_findings(l);
	free(l->name);
	free(l);
}

static void
enqueue(struct resolver_lookup *l)
{
	struct resolver *r = l->resolver;

	l->next = NULL;
	*r->last = l;
	r->last = &l->next;
}

static void on_pump(uv_timer_t *timer);

static void
await_pump(struct resolver *r)
{
	if (!r->closing)
		uv_timer_start(&r->pump, on_pump, 0, 0);
}

/* Both families are known, or the channel went away. */
static void
finish(struct resolver_lookup *l)
{
	struct resolver *r = l->resolver;
	struct resolver_answer answer;

	r->under_way--;
	if (l->again && l->done != NULL && !r->closing) {
		forget_findings(l);
		enqueue(l);
		await_pump(r);
		return;
	}
	answer = (struct resolver_answer){
	    .failed = {l->parts[0].failed, l->parts[1].failed},
	    .addresses = l->findings.addresses,
	    .n = l->findings.n,
	    .ttl_s = l->findings.ttl_s,
	    .names = (const char *const *)l->findings.names,
	    .n_names = l->findings.n_names,
	};
	if (l->done != NULL)
		l->done(l->context, &answer);
	free_lookup(l);
	if (r->first != NULL)
		await_pump(r);
}

static void send_query(struct part *part, int way);

static void
on_answer(void *arg, int code, int timeouts, unsigned char *packet, int len)
{
	struct part *part = arg;
	struct resolver_lookup *l = part->lookup;

	(void)timeouts;
	if (code == ARES_ECONNREFUSED && !part->asked_again) {
		part->asked_again = true;
		send_query(part, ASK_ONE);
		return;
	}
	if (code == ARES_EDESTRUCTION || code == ARES_ECANCELLED)
		l->again = true;
	if (code != ARES_SUCCESS)
		part->failed = resolver_failure(code);
	else if (l->done != NULL)
		part->failed = resolver_findings_read(
		    &l->findings, part->family, packet, len);
	if (--l->left == 0)
		finish(l);
}

static void
send_query(struct part *part, int way)
{
	struct resolver_lookup *l = part->lookup;

	ares_query(l->resolver->channels[way]->ares, l->name, ns_c_in,
	    part->family == 4 ? ns_t_a : ns_t_aaaa, on_answer, part);
}

static void
start(struct resolver_lookup *l)
{
	struct resolver *r = l->resolver;

	r->under_way++;
	/* One more, so that an answer that comes at once ends nothing. */
	l->left = 1u + l->parts[0].wanted + l->parts[1].wanted;
	for (size_t i = 0; i < 2; i++)
		if (l->parts[i].wanted)
			send_query(&l->parts[i], ASK_ALL);
	if (--l->left == 0)
		finish(l);
}

/* The file of resolvers may be another by now. */
static void
look_at_file(struct resolver *r)
{
	struct file_identity now;
	int64_t now_ms = clock_mono_ms();

	if (r->settings.n > 0 || r->settings.resolv_conf == NULL ||
	    now_ms - r->looked_ms < FILE_MS)
		return;
	r->looked_ms = now_ms;
	(void)file_identify(r->settings.resolv_conf, &now);
	if (!file_identity_same(&now, &r->file)) {
		struct resolver_settings settings = r->settings;

		(void)resolver_set(r, &settings);
	}
}

static void
on_pump(uv_timer_t *timer)
{
	struct resolver *r = timer->data;
	struct resolver_lookup *l;

	look_at_file(r);
	while (r->under_way < RESOLVER_LOOKUPS && (l = r->first) != NULL) {
		r->first = l->next;
		if (r->first == NULL)
			r->last = &r->first;
		if (l->done == NULL)
			free_lookup(l);
		else
			start(l);
	}
	if (r->under_way > 0 && !uv_is_active((uv_handle_t *)&r->tick))
		uv_timer_again(&r->tick);
}

static void
on_tick(uv_timer_t *timer)
{
	struct resolver *r = timer->data;

	for (int i = 0; i < CHANNELS; i++)
		ares_process_fd(
		    r->channels[i]->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (r->under_way == 0)
		uv_timer_stop(timer);
}

struct resolver_lookup *
resolver_ask(struct resolver *r, const char *name, bool ipv4, bool ipv6,
    resolver_done done, void *context)
{
	struct resolver_lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->name = strdup(name);
	if (l->name == NULL) {
		free(l);
		return NULL;
	}
	l->resolver = r;
	l->done = done;
	l->context = context;
	l->parts[0] = (struct part){.lookup = l, .family = 4, .wanted = ipv4};
	l->parts[1] = (struct part){.lookup = l, .family = 6, .wanted = ipv6};
	forget_findings(l);
	enqueue(l);
	await_pump(r);
	return l;
}

void
resolver_cancel(struct resolver_lookup *lookup)
{
	lookup->done = NULL;
}

int
resolver_set(struct resolver *r, const struct resolver_settings *settings)
{
	struct channel *fresh[CHANNELS] = {NULL}, *old;
	struct file_identity file = {0};

	if (settings->resolv_conf != NULL)
		(void)file_identify(settings->resolv_conf, &file);
	for (int i = 0; i < CHANNELS; i++) {
		fresh[i] = open_channel(r, settings, i);
		if (fresh[i] == NULL) {
			close_channel(fresh[ASK_ALL]);
			return -1;
		}
	}
	for (size_t i = 0; i < settings->n; i++)
		r->servers[i] = settings->servers[i];
	r->settings = *settings;
	r->settings.servers = r->servers;
	r->file = file;
	for (int i = 0; i < CHANNELS; i++) {
		old = r->channels[i];
		r->channels[i] = fresh[i];
		close_channel(old);
	}
	return 0;
}

struct resolver_settings
resolver_settings_of(const struct server_config *config)
{
	return (struct resolver_settings){
	    .servers = config->resolvers,
	    .n = config->n_resolvers,
	    .resolv_conf = RESOLV_CONF,
	    .timeout_ms = RESOLVE_TIMEOUT_MS,
	    .port = 53,
	};
}

struct resolver *
resolver_create(uv_loop_t *loop, const struct resolver_settings *settings)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->last = &r->first;
	if (resolver_set(r, settings) != 0) {
		free(r);
		return NULL;
	}
	r->looked_ms = clock_mono_ms();
	r->handles = 2;
	uv_timer_init(loop, &r->tick);
	uv_timer_init(loop, &r->pump);
	r->tick.data = r->pump.data = r;
	uv_timer_start(&r->tick, on_tick, TICK_MS, TICK_MS);
	uv_timer_stop(&r->tick);
	return r;
}

static void
on_timer_closed(uv_handle_t *handle)
{
	struct resolver *r = handle->data;

	if (--r->handles == 0)
		free(r);
}

void
resolver_close(struct resolver *r)
{
	struct resolver_lookup *l;

	if (r == NULL)
		return;
	r->closing = true;
	for (int i = 0; i < CHANNELS; i++)
		close_channel(r->channels[i]);
	while ((l = r->first) != NULL) {
		r->first = l->next;
		free_lookup(l);
	}
	uv_close((uv_handle_t *)&r->tick, on_timer_closed);
	uv_close((uv_handle_t *)&r->pump, on_timer_closed);
}
