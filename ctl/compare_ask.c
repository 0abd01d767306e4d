/*
 * A window of questions on their way to all servers, one socket each.  Called
 * by meridianctl compare; what each server says is matched by number and by
 * question, and its cookie is kept, so that a rate limit lets it through.
 */
#include "ctl/compare_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/wire/wire.h"

/* Questions on their way: answers to all fit the least receive buffer of a
 * socket, of 208 KB, in which a small packet takes 768 bytes. */
#define WINDOW 256

/* When a question is asked again, and when it is lost. */
static const int64_t patience_ms[] = {1000, 2000, 4000};

#define TRIES (sizeof(patience_ms) / sizeof(patience_ms[0]))

/* So many lost in a row, and nothing came: nobody is there. */
#define SILENT_LOST 64

#define WAIT_MS 20

/* A question on its way to one server. */
struct errand {
	int64_t due_ms; /* monotonic: then it is asked again, or lost */
	uint8_t tries;  /* so far */
	bool over;      /* answered or lost */
};

struct slot {
	bool used;
	uint8_t round; /* tells answers of before from those of now */
	size_t open;   /* errands that are not over */
	struct compare_question question;
};

struct peer {
	int fd;
	unsigned lost_in_a_row;
	struct compare_cookie cookie;
};

struct ask {
	struct compare_node *nodes;
	size_t n;
	const struct compare_calls *calls;
	void *context;
	struct peer *peers;
	struct slot slots[WINDOW];
	struct errand *errands;         /* by slot, then node */
	struct compare_answer *answers; /* the same */
	size_t used;
	bool over; /* there is no next question */
};

static struct errand *
errand_of(struct ask *a, size_t slot, size_t node)
{
	return &a->errands[slot * a->n + node];
}

/* --- sockets --- */

static int
open_peer(struct peer *peer, const struct endpoint_address *at)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &sa);

	peer->fd =
	    socket(sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	peer->cookie.len = COOKIE_CLIENT;
	if (peer->fd < 0 ||
	    connect(peer->fd, (struct sockaddr *)&sa, len) != 0 ||
	    getrandom(peer->cookie.octets, COOKIE_CLIENT, 0) != COOKIE_CLIENT)
		return -1;
	return 0;
}

static int
open_peers(struct ask *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (open_peer(&a->peers[i], &a->nodes[i].at) != 0)
			return -1;
	return 0;
}

/* --- questions --- */

static void
send_errand(struct ask *a, size_t slot, size_t node, int64_t now_ms)
{
	struct errand *e = errand_of(a, slot, node);
	uint8_t message[COMPARE_MESSAGE_MAX];
	uint16_t id = (uint16_t)(slot << 8 | a->slots[slot].round);
	size_t len = compare_message_write(
	    &a->slots[slot].question, id, &a->peers[node].cookie, message);

	/* What cannot be sent now is as good as lost on the way. */
	(void)send(a->peers[node].fd, message, len, 0);
	e->due_ms = now_ms + patience_ms[e->tries];
	e->tries++;
}

/* One more of the errands of ${slot} is over. */
static void
close_errand(struct ask *a, size_t slot, size_t node)
{
	struct slot *s = &a->slots[slot];

	errand_of(a, slot, node)->over = true;
	if (--s->open > 0)
		return;
	s->used = false;
	s->round++;
	a->used--;
	a->calls->done(a->context, &s->question, &a->answers[slot * a->n]);
}

static void
begin_question(struct ask *a, size_t slot, int64_t now_ms)
{
	struct slot *s = &a->slots[slot];

	memset(&a->answers[slot * a->n], 0, a->n * sizeof(*a->answers));
	s->used = true;
	s->open = a->n;
	a->used++;
	for (size_t i = 0; i < a->n; i++)
		*errand_of(a, slot, i) = (struct errand){0};
	for (size_t i = 0; i < a->n; i++)
		if (!a->nodes[i].silent)
			send_errand(a, slot, i, now_ms);
		else
			close_errand(a, slot, i);
}

static void
fill_window(struct ask *a, int64_t now_ms)
{
	for (size_t i = 0; i < WINDOW && !a->over; i++) {
		if (a->slots[i].used)
			continue;
		if (a->calls->next(a->context, &a->slots[i].question))
			begin_question(a, i, now_ms);
		else
			a->over = true;
	}
}

/* --- answers --- */

static void
take_answer(struct ask *a, size_t node, const uint8_t *octets, size_t len)
{
	struct compare_answer answer;
	struct slot *s;
	uint16_t id;
	size_t slot;

	if (!compare_message_id(octets, len, &id))
		return;
	slot = id >> 8;
	s = &a->slots[slot];
	if (!s->used || s->round != (id & 0xff) ||
	    errand_of(a, slot, node)->over)
		return;
	if (!compare_message_read(
		octets, len, &s->question, &a->peers[node].cookie, &answer))
		return;
	a->answers[slot * a->n + node] = answer;
	a->nodes[node].answered++;
	a->peers[node].lost_in_a_row = 0;
	close_errand(a, slot, node);
}

static void
take_answers(struct ask *a, size_t node)
{
	uint8_t octets[4096];
	ssize_t len;

	/* An error is that of a message that nobody took: it is lost. */
	while ((len = recv(a->peers[node].fd, octets, sizeof(octets), 0)) >= 0)
		take_answer(a, node, octets, (size_t)len);
}

static void
lose(struct ask *a, size_t slot, size_t node)
{
	struct compare_node *to = &a->nodes[node];

	to->lost++;
	if (++a->peers[node].lost_in_a_row >= SILENT_LOST)
		to->silent = true;
	close_errand(a, slot, node);
}

static void
look_what_is_due(struct ask *a, int64_t now_ms)
{
	for (size_t slot = 0; slot < WINDOW; slot++)
		for (size_t i = 0; i < a->n && a->slots[slot].used; i++) {
			struct errand *e = errand_of(a, slot, i);

			if (e->over ||
			    (now_ms < e->due_ms && !a->nodes[i].silent))
				continue;
			if (e->tries < TRIES && !a->nodes[i].silent)
				send_errand(a, slot, i, now_ms);
			else
				lose(a, slot, i);
		}
}

static int
ask_all(struct ask *a, struct pollfd *polled)
{
	for (size_t i = 0; i < a->n; i++)
		polled[i] = (struct pollfd){a->peers[i].fd, POLLIN, 0};
	for (;;) {
		fill_window(a, clock_mono_ms());
		if (a->used == 0 && a->over)
			return 0;
		if (poll(polled, a->n, WAIT_MS) < 0 && errno != EINTR)
			return -1;
		for (size_t i = 0; i < a->n; i++)
			if (polled[i].revents != 0)
				take_answers(a, i);
		look_what_is_due(a, clock_mono_ms());
	}
}

int
compare_ask(struct compare_node *nodes, size_t n,
    const struct compare_calls *calls, void *context)
{
	struct ask *a = calloc(1, sizeof(*a));
	struct pollfd *polled = calloc(n + 1, sizeof(*polled));
	int status = -1;

	if (a != NULL) {
		a->nodes = nodes;
		a->n = n;
		a->calls = calls;
		a->context = context;
		a->peers = calloc(n + 1, sizeof(*a->peers));
		a->errands = calloc(WINDOW * n + 1, sizeof(*a->errands));
		a->answers = calloc(WINDOW * n + 1, sizeof(*a->answers));
		for (size_t i = 0; a->peers != NULL && i < n; i++)
			a->peers[i].fd = -1;
		if (polled != NULL && a->peers != NULL && a->errands != NULL &&
		    a->answers != NULL && open_peers(a) == 0)
			status = ask_all(a, polled);
		for (size_t i = 0; a->peers != NULL && i < n; i++)
			if (a->peers[i].fd >= 0)
				close(a->peers[i].fd);
		free(a->peers);
		free(a->errands);
		free(a->answers);
	}
	free(a);
	free(polled);
	return status;
}
