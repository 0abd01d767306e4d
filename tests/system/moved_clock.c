/*
 * A library for LD_PRELOAD that moves the wall clock of a program, while it
 * runs, by the milliseconds that are in the file which MOVED_CLOCK names: eight
 * octets.  The clocks that never jump stay as they are.  Loaded by
 * tests/system/clocks.c only.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved_ms;

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("MOVED_CLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*moved_ms), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		moved_ms = map;
	close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *out)
{
	int64_t ms;

	if (syscall(SYS_clock_gettime, clock, out) != 0)
		return -1;
	if (moved_ms == NULL ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return 0;
	ms = out->tv_nsec / 1000000 + *moved_ms % 1000;
	out->tv_sec += *moved_ms / 1000 + (ms >= 1000) - (ms < 0);
	out->tv_nsec += *moved_ms % 1000 * 1000000 -
	    ((ms >= 1000) - (ms < 0)) * 1000000000L;
	return 0;
}

int
gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return -1;
	out->tv_sec = t.tv_sec;
	out->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return -1;
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}
