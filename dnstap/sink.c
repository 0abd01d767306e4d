/*
 * What both kinds of sinks have in common.  Called by the writer of the query
 * log; knows no frames.
 */
#include "dnstap/sink.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dnstap/sink_private.h"

static struct sink *
create(const struct sink_kind *kind, const char *path, uint64_t max)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->kind = kind;
	s->max = max;
	s->fd = -1;
	s->path = strdup(path);
	if (s->path != NULL)
		return s;
	free(s);
	return NULL;
}

struct sink *
sink_create_socket(const char *path)
{
	return create(&sink_socket, path, 0);
}

struct sink *
sink_create_file(const char *path, uint64_t max)
{
	return create(&sink_file, path, max);
}

void
sink_close(struct sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->state = SINK_CLOSED;
}

void
sink_fail(
    struct sink *s, int64_t now_ms, enum sink_loss loss, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->trouble, sizeof(s->trouble), fmt, args);
	va_end(args);
	s->loss = loss;
	s->due_ms = now_ms + SINK_PAUSE_MS;
}

void
sink_destroy(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->state == SINK_READY)
		s->kind->end(s);
	sink_close(s);
	free(s->path);
	free(s);
}

void
sink_look(struct sink *s)
{
	if (s->kind == &sink_file)
		s->due_ms = 0;
}

bool
sink_tend(struct sink *s, int64_t now_ms)
{
	s->kind->tend(s, now_ms);
	return s->state == SINK_READY;
}

int64_t
sink_write(struct sink *s, const uint8_t *frames, size_t len, int64_t now_ms)
{
	return s->kind->write(s, frames, len, now_ms);
}

void
sink_wait(struct sink *s, int ms, bool writes)
{
	struct pollfd p = {.fd = s->kind == &sink_socket ? s->fd : -1,
	    .events = (short)(POLLIN | (writes ? POLLOUT : 0))};

	(void)poll(&p, 1, ms);
}

const char *
sink_trouble(const struct sink *s)
{
	return s->trouble;
}

enum sink_loss
sink_loss(const struct sink *s)
{
	return s->loss;
}
