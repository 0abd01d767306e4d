/* Asks at a rate, with few queries under way, and counts.  Used by the
 * benchmark of the probe. */
#include "tests/bench/asker.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* As resolvers do. */
#define PATIENCE_US 2000000

#define QUERY_MAX 320

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static size_t
put_name(uint8_t *out, const char *name)
{
	size_t len = 0;

	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		out[len++] = (uint8_t)n;
		memcpy(out + len, name, n);
		len += n;
		name += n + (name[n] == '.');
	}
	out[len++] = 0;
	return len;
}

/* A question for A, with a /24 as its client subnet (RFC 7871, 6). */
static size_t
make_query(const struct asker *a, uint16_t id, uint8_t out[QUERY_MAX])
{
	static const uint8_t head[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	static const uint8_t tail[] = {0, 1, 0, 1, 0, 0, 41, 0x04, 0xd0, 0, 0,
	    0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0};
	size_t len = 2;

	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	memcpy(out + len, head, sizeof(head));
	len += sizeof(head);
	len += put_name(out + len, a->names[a->number % a->n_names]);
	memcpy(out + len, tail, sizeof(tail));
	len += sizeof(tail);
	out[len++] = (uint8_t)(1 + a->number % 200);
	out[len++] = (uint8_t)(a->number / 200);
	out[len++] = (uint8_t)(a->number / 51200);
	return len;
}

/* What was under way for too long is lost: its place is free. */
static bool
is_free(struct asker *a, unsigned slot, int64_t now)
{
	if (a->sent_us[slot] == 0)
		return true;
	if (now - a->sent_us[slot] < PATIENCE_US)
		return false;
	a->sent_us[slot] = 0;
	a->lost++;
	return true;
}

/* The next one, unless too many are under way. */
static bool
send_one(struct asker *a, int64_t now)
{
	unsigned slot = (unsigned)(a->number % ASKER_WINDOW);
	uint16_t id = (uint16_t)a->number;
	uint8_t query[QUERY_MAX];

	if (!is_free(a, slot, now))
		return false;
	a->ids[slot] = id;
	a->sent_us[slot] = now;
	a->sent++;
	(void)send(a->fd, query, make_query(a, id, query), 0);
	a->number++;
	return true;
}

static void
receive_all(struct asker *a)
{
	uint8_t reply[2048];

	while (recv(a->fd, reply, sizeof(reply), MSG_DONTWAIT) >= 12) {
		uint16_t id = (uint16_t)(reply[0] << 8 | reply[1]);
		unsigned slot = id % ASKER_WINDOW;

		if (a->ids[slot] != id || a->sent_us[slot] == 0)
			continue;
		a->sent_us[slot] = 0;
		/* An answer with the addresses, and no error. */
		if ((reply[3] & 15) == 0 && (reply[6] != 0 || reply[7] != 0))
			a->answered++;
		else
			a->lost++;
	}
}

static void *
ask_on(void *argument)
{
	struct asker *a = argument;
	struct pollfd wanted = {.fd = a->fd, .events = POLLIN};
	int64_t began = now_us(), now = began, due;
	uint64_t n = 0;

	while (!atomic_load(&a->stop)) {
		now = now_us();
		due = (now - began) * a->rate / 1000000;
		/* What could not be sent in its time is not made up for. */
		for (; (int64_t)n < due; n++)
			if (!send_one(a, now)) {
				n = (uint64_t)due;
				break;
			}
		(void)poll(&wanted, 1, 1);
		receive_all(a);
	}
	for (int64_t end = now + PATIENCE_US; now < end; now = now_us()) {
		(void)poll(&wanted, 1, 10);
		receive_all(a);
	}
	for (unsigned i = 0; i < ASKER_WINDOW; i++)
		(void)is_free(a, i, now + PATIENCE_US);
	return NULL;
}

int
asker_start(struct asker *a, uint16_t port, unsigned rate,
    const char *const *names, unsigned n)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	memset(a, 0, sizeof(*a));
	a->port = port;
	a->rate = rate;
	a->names = names;
	a->n_names = n;
	a->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (a->fd < 0 ||
	    connect(a->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return -1;
	return pthread_create(&a->thread, NULL, ask_on, a) == 0 ? 0 : -1;
}

void
asker_stop(struct asker *a)
{
	atomic_store(&a->stop, true);
	pthread_join(a->thread, NULL);
	close(a->fd);
}
