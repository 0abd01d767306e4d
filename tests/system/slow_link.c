/* Links that are slow and lose frames; see slow_link.h. */
#include "tests/system/slow_link.h"

#include <check.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"

/* Of Ethernet, with a tag. */
#define FRAME_MAX 1522
/* A direction keeps so many: a second of 10 Mbit/s. */
#define FRAMES 1024
/* So often it is looked whether it is to stop. */
#define LOOK_MS 50

struct way {
	int from, to;
	size_t first, n;
	struct frame {
		int64_t due_ms;
		size_t len;
		uint8_t bytes[FRAME_MAX];
	} frames[FRAMES];
};

struct slow_link {
	struct way ways[2];
	unsigned delay_ms, loss;
	uint64_t drawn;
	pthread_t thread;
	atomic_bool stop;
};

int
slow_link_end(const char *name)
{
	struct ifreq wanted = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	(void)snprintf(wanted.ifr_name, sizeof(wanted.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &wanted) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool
is_lost(struct slow_link *link)
{
	link->drawn = hash_mix(link->drawn, 1);
	return link->drawn % 1000 < link->loss;
}

/* All that waits at the end that it comes from; one too many is lost. */
static void
take(struct slow_link *link, struct way *way)
{
	uint8_t none[FRAME_MAX];

	for (;;) {
		struct frame *f = &way->frames[(way->first + way->n) % FRAMES];
		bool keep = way->n < FRAMES && !is_lost(link);
		ssize_t len =
		    read(way->from, keep ? f->bytes : none, FRAME_MAX);

		if (len <= 0)
			return;
		if (!keep)
			continue;
		f->len = (size_t)len;
		f->due_ms = clock_mono_ms() + link->delay_ms;
		way->n++;
	}
}

/* What is due; an end that takes none, as one that is down, loses it. */
static void
give(struct way *way, int64_t now_ms)
{
	while (way->n > 0 && way->frames[way->first].due_ms <= now_ms) {
		const struct frame *f = &way->frames[way->first];

		(void)!write(way->to, f->bytes, f->len);
		way->first = (way->first + 1) % FRAMES;
		way->n--;
	}
}

static int
wait_ms(const struct slow_link *link, int64_t now_ms)
{
	int64_t ms = LOOK_MS;

	for (int i = 0; i < 2; i++) {
		const struct way *way = &link->ways[i];

		if (way->n > 0 && way->frames[way->first].due_ms - now_ms < ms)
			ms = way->frames[way->first].due_ms - now_ms;
	}
	return ms < 0 ? 0 : (int)ms;
}

static void *
carry(void *context)
{
	struct slow_link *link = context;

	while (!atomic_load(&link->stop)) {
		struct pollfd ends[2];

		for (int i = 0; i < 2; i++)
			ends[i] = (struct pollfd){
			    .fd = link->ways[i].from, .events = POLLIN};
		(void)poll(ends, 2, wait_ms(link, clock_mono_ms()));
		for (int i = 0; i < 2; i++) {
			take(link, &link->ways[i]);
			give(&link->ways[i], clock_mono_ms());
		}
	}
	return NULL;
}

struct slow_link *
slow_link_start(const int ends[2], unsigned delay_ms, unsigned loss)
{
	struct slow_link *link = calloc(1, sizeof(*link));

	ck_assert_ptr_nonnull(link);
	link->delay_ms = delay_ms;
	link->loss = loss;
	link->drawn = (uint64_t)ends[0];
	for (int i = 0; i < 2; i++) {
		link->ways[i].from = ends[i];
		link->ways[i].to = ends[1 - i];
	}
	ck_assert_int_eq(pthread_create(&link->thread, NULL, carry, link), 0);
	return link;
}

void
slow_link_stop(struct slow_link *link)
{
	if (link == NULL)
		return;
	atomic_store(&link->stop, true);
	ck_assert_int_eq(pthread_join(link->thread, NULL), 0);
	for (int i = 0; i < 2; i++)
		close(link->ways[i].from);
	free(link);
}
