/*
 * Connections that stay open for the next request of their group: which there
 * are, who has them, what was learned at their handshakes.  libcurl keeps them
 * and decides; this knows them by their descriptors.  Called by http_check.c.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/ask/http_parts.h"

static struct kept **
bucket_of(struct http_checker *checker, uint64_t group)
{
	return &checker->buckets[group % KEPT_BUCKETS];
}

/* It is no more: nothing may be done with its descriptor. */
static void
forget(struct http_checker *checker, struct kept *k)
{
	struct kept **at = bucket_of(checker, k->group);

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	if (checker->by_fd[k->fd] == k)
		checker->by_fd[k->fd] = NULL;
	checker->n_kept--;
	free(k);
}

int
http_kept_open(struct http_check *check, int fd)
{
	struct http_checker *checker = check->lane->checker;
	size_t n = checker->n_fds;
	struct kept **grown, *k, **bucket;

	while (n <= (size_t)fd)
		n = n == 0 ? 64 : 2 * n;
	if (n > checker->n_fds) {
		grown = realloc(checker->by_fd, n * sizeof(struct kept *));
		if (grown == NULL)
			return -1;
		memset(grown + checker->n_fds, 0,
		    (n - checker->n_fds) * sizeof(struct kept *));
		checker->by_fd = grown;
		checker->n_fds = n;
	}
	/* libcurl closed that one without a word. */
	if (checker->by_fd[fd] != NULL)
		forget(checker, checker->by_fd[fd]);
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return -1;
	k->fd = fd;
	k->group = check->group;
	k->user = check;
	bucket = bucket_of(checker, k->group);
	k->next = *bucket;
	*bucket = k;
	checker->by_fd[fd] = k;
	checker->n_kept++;
	return 0;
}

int
http_kept_on_close(void *context, curl_socket_t fd)
{
	struct http_checker *checker = context;
	struct kept *k =
	    (size_t)fd < checker->n_fds ? checker->by_fd[fd] : NULL;

	if (k != NULL)
		forget(checker, k);
	return close(fd);
}

struct kept *
http_kept_of(const struct http_check *check)
{
	const struct http_checker *checker = check->lane->checker;

	return check->fd >= 0 && (size_t)check->fd < checker->n_fds
	    ? checker->by_fd[check->fd]
	    : NULL;
}

void
http_kept_use(struct http_check *check)
{
	struct kept *k = http_kept_of(check);

	if (k == NULL)
		return;
	k->user = check;
	check->peer.ends_ms = k->certificate_ends_ms;
}

/* The server hears at once that it is over; libcurl finds it dead within a
 * second of requests, and gives the descriptor back. */
static void
end(struct kept *k)
{
	if (k->ended && k->user == NULL)
		(void)shutdown(k->fd, SHUT_RDWR);
}

void
http_kept_leave(struct http_check *check)
{
	struct kept *k = http_kept_of(check);

	if (k == NULL || k->user != check)
		return;
	/* A socket that never came to be connected libcurl closes by itself. */
	k->connected = k->connected || http_check_connected(check);
	if (!k->connected) {
		forget(check->lane->checker, k);
		return;
	}
	if (check->peer.ends_ms > 0)
		k->certificate_ends_ms = check->peer.ends_ms;
	k->user = NULL;
	end(k);
}

void
http_kept_forget_all(struct http_checker *checker)
{
	for (size_t i = 0; i < KEPT_BUCKETS; i++) {
		struct kept *next, *k = checker->buckets[i];

		for (; k != NULL; k = next) {
			next = k->next;
			free(k);
		}
		checker->buckets[i] = NULL;
	}
	checker->n_kept = 0;
}

size_t
http_checker_kept(const struct http_checker *checker)
{
	return checker->n_kept;
}

uint64_t
http_checker_group(struct http_checker *checker)
{
	return ++checker->group;
}

void
http_checker_end_group(struct http_checker *checker, uint64_t group)
{
	for (struct kept *k = *bucket_of(checker, group); k != NULL;
	     k = k->next) {
		if (k->group != group || k->ended)
			continue;
		k->ended = true;
		end(k);
	}
}
