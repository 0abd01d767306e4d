/*
 * A DNS server of a test, in a thread of its own, whose answers are changed
 * while it runs: for the tests of names that endpoints have.  Over UDP and,
 * where an answer is too long for that, TCP.
 */
#ifndef TESTS_NAMES_SERVER_H
#define TESTS_NAMES_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAMES_MAX 16

struct names_server {
	uint16_t port;
	int udp, tcp;
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_bool stop;
	atomic_uint queries; /* of A */
	struct {
		char name[128], answer[2048];
	} names[NAMES_MAX];
};

/* An answer while it is made. */
struct names_answer {
	uint8_t bytes[65535];
	size_t len;
	unsigned n, ttl, rcode;
	size_t owner; /* where the name of the next record is */
	bool drop;
};

static inline void
names_put(struct names_answer *a, const void *data, size_t len)
{
	if (a->len + len > sizeof(a->bytes))
		abort();
	memcpy(a->bytes + a->len, data, len);
	a->len += len;
}

static inline void
names_put_number(struct names_answer *a, uint32_t number, size_t len)
{
	uint32_t big = htonl(number);

	names_put(a, (const uint8_t *)&big + (4 - len), len);
}

static inline void
names_put_name(struct names_answer *a, const char *name)
{
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		names_put_number(a, (uint32_t)len, 1);
		names_put(a, name, len);
		name += len + (name[len] == '.');
	}
	names_put_number(a, 0, 1);
}

/* The head of a record but for the length of its data. */
static inline void
names_put_record(struct names_answer *a, unsigned type)
{
	names_put_number(a, 0xc000 | (uint32_t)a->owner, 2);
	names_put_number(a, type, 2);
	names_put_number(a, 1, 2);
	names_put_number(a, a->ttl, 4);
	a->n++;
}

/*
 * One word of an answer: an address, "ttl=N" of what follows, "rcode=N",
 * "cname=NAME" of which what follows is, "count=N" addresses 198.18.0.1, ...,
 * "drop" no answer at all, "loop" a name that points to itself.
 */
static inline void
names_put_word(struct names_answer *a, const char *word, unsigned type)
{
	uint8_t bytes[16];

	if (sscanf(word, "ttl=%u", &a->ttl) == 1 ||
	    sscanf(word, "rcode=%u", &a->rcode) == 1)
		return;
	if (strcmp(word, "drop") == 0) {
		a->drop = true;
	} else if (strncmp(word, "cname=", 6) == 0) {
		names_put_record(a, 5);
		names_put_number(a, (uint32_t)strlen(word + 6) + 2, 2);
		a->owner = a->len;
		names_put_name(a, word + 6);
	} else if (strcmp(word, "loop") == 0) {
		a->owner = a->len;
		names_put_record(a, type);
		names_put_number(a, 4, 2);
		names_put_number(a, 0, 4);
	} else if (strncmp(word, "count=", 6) == 0 && type == 1) {
		for (uint32_t i = (uint32_t)strtoul(word + 6, NULL, 10); i > 0;
		     i--) {
			names_put_record(a, type);
			names_put_number(a, 4, 2);
			names_put_number(a, 0xc6120000 + i, 4);
		}
	} else if (inet_pton(type == 1 ? AF_INET : AF_INET6, word, bytes) ==
	    1) {
		names_put_record(a, type);
		names_put_number(a, type == 1 ? 4 : 16, 2);
		names_put(a, bytes, type == 1 ? 4 : 16);
	}
}

/* What is answered for ${name}; "*" is for all others. */
static inline void
names_find(struct names_server *s, const char *name, char out[2048])
{
	const char *found = "rcode=3";

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (strcmp(s->names[i].name, "*") == 0)
			found = s->names[i].answer;
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (strcasecmp(s->names[i].name, name) == 0)
			found = s->names[i].answer;
	snprintf(out, 2048, "%s", found);
	pthread_mutex_unlock(&s->lock);
}

/* Make the answer to ${query}; false when there is none. */
static inline bool
names_answer(struct names_server *s, const uint8_t *query, size_t len,
    struct names_answer *a)
{
	char name[256] = "", words[2048], *rest = words, *word;
	size_t at = 12, end = 0;
	unsigned type;

	while (at < len && query[at] != 0 && at + query[at] < len) {
		end += (size_t)snprintf(name + end, sizeof(name) - end,
		    "%s%.*s", end > 0 ? "." : "", query[at],
		    (const char *)query + at + 1);
		at += query[at] + 1u;
	}
	if (at + 5 > len)
		return false;
	type = query[at + 2];
	if (type == 1)
		s->queries++;
	a->len = a->n = a->rcode = 0;
	a->ttl = 60;
	a->drop = false;
	a->owner = 12;
	names_put(a, query, at + 5);
	names_find(s, name, words);
	while ((word = strsep(&rest, " ")) != NULL)
		names_put_word(a, word, type);
	a->bytes[2] = 0x81;
	a->bytes[3] = (uint8_t)(0x80 | a->rcode);
	memset(a->bytes + 4, 0, 8);
	a->bytes[5] = 1;
	a->bytes[6] = (uint8_t)(a->n >> 8);
	a->bytes[7] = (uint8_t)a->n;
	return !a->drop;
}

static inline void
names_serve_udp(struct names_server *s, struct names_answer *a)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	uint8_t query[1024];
	ssize_t len = recvfrom(s->udp, query, sizeof(query), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &size);

	if (len < 12 || !names_answer(s, query, (size_t)len, a))
		return;
	if (a->len > 1232) {
		a->len = (size_t)len < 512 ? (size_t)len : 512;
		memcpy(a->bytes + 12, query + 12, a->len - 12);
		memset(a->bytes + 6, 0, 6);
		a->bytes[2] |= 2; /* TC */
		a->bytes[11] = query[11];
	}
	(void)sendto(
	    s->udp, a->bytes, a->len, 0, (struct sockaddr *)&from, size);
}

static inline void
names_serve_tcp(struct names_server *s, struct names_answer *a)
{
	int fd = accept(s->tcp, NULL, NULL);
	uint8_t query[1024], length[2];
	ssize_t len;

	if (fd < 0)
		return;
	len = recv(fd, query, sizeof(query), 0);
	if (len == 2) /* the length alone */
		len += recv(fd, query + 2, sizeof(query) - 2, 0);
	if (len > 14 && names_answer(s, query + 2, (size_t)len - 2, a)) {
		length[0] = (uint8_t)(a->len >> 8);
		length[1] = (uint8_t)a->len;
		(void)send(fd, length, 2, MSG_MORE | MSG_NOSIGNAL);
		(void)send(fd, a->bytes, a->len, MSG_NOSIGNAL);
	}
	close(fd);
}

static inline void *
names_serve(void *arg)
{
	struct names_server *s = arg;
	struct names_answer *a = malloc(sizeof(*a));
	struct pollfd fds[2] = {
	    {.fd = s->udp, .events = POLLIN}, {.fd = s->tcp, .events = POLLIN}};

	while (a != NULL && !s->stop) {
		(void)poll(fds, 2, 50);
		if (fds[0].revents != 0)
			names_serve_udp(s, a);
		if (fds[1].revents != 0)
			names_serve_tcp(s, a);
	}
	free(a);
	return NULL;
}

/* Answer for ${name} with the words ${answer} from now on. */
static inline void
names_set(struct names_server *s, const char *name, const char *answer)
{
	size_t i = 0;

	pthread_mutex_lock(&s->lock);
	while (i < NAMES_MAX - 1 && s->names[i].name[0] != '\0' &&
	    strcmp(s->names[i].name, name) != 0)
		i++;
	snprintf(s->names[i].name, sizeof(s->names[i].name), "%s", name);
	snprintf(s->names[i].answer, sizeof(s->names[i].answer), "%s", answer);
	pthread_mutex_unlock(&s->lock);
}

/* Take a port of 127.0.0.1 for UDP; one whose like for TCP is in use, or was a
 * moment ago, will not do.  0, or -1. */
static inline int
names_bind(struct names_server *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);

	s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->udp, (struct sockaddr *)&at, size) == 0 &&
	    getsockname(s->udp, (struct sockaddr *)&at, &size) == 0 &&
	    bind(s->tcp, (struct sockaddr *)&at, size) == 0 &&
	    listen(s->tcp, 16) == 0) {
		s->port = ntohs(at.sin_port);
		return 0;
	}
	close(s->udp);
	close(s->tcp);
	return -1;
}

/* Begin on a free port of 127.0.0.1.  0, or -1. */
static inline int
names_begin(struct names_server *s)
{
	int room = 1 << 22, tries = 20;

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	while (names_bind(s) != 0)
		if (--tries == 0)
			return -1;
	(void)setsockopt(s->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return pthread_create(&s->thread, NULL, names_serve, s) == 0 ? 0 : -1;
}

static inline void
names_end(struct names_server *s)
{
	s->stop = true;
	pthread_join(s->thread, NULL);
	close(s->udp);
	close(s->tcp);
	pthread_mutex_destroy(&s->lock);
}

#endif
