/*
 * Answers of a stream worker that peers have yet to take: kept in memory that
 * is bounded for all of them together, at the cost of the slowest.  Called by
 * stream.c.
 */
#include "dns/serve/stream.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dns/serve/stream_private.h"

/* Answers that peers have yet to take, of a worker in all: more than a hundred
 * of the slowest readers there can be. */
#define UNSENT_MAX ((size_t)16 << 20)
/* A peer that takes less in the time of a stall is one that does not read;
 * 13 kbit/s with the default of 5 s. */
#define PROGRESS_MIN 8192

void
stream_drop_unsent(struct connection *c)
{
	if (c->unsent == NULL)
		return;
	c->worker->unsent -= c->unsent_size;
	free(c->unsent);
	c->unsent = NULL;
	c->unsent_size = 0;
}

static void
on_written(uv_write_t *write, int status)
{
	struct connection *c = write->data;

	if (c->closing)
		return;
	stream_drop_unsent(c);
	if (status != 0) {
		stream_close(c, TCP_END_PEER);
		return;
	}
	crowd_touch(c->worker->crowd, &c->member);
	/* It is none of the slow readers any more. */
	stream_move(c, QUEUE_IDLE);
	stream_answer(c);
}

size_t
stream_untaken(const struct connection *c)
{
	int fd, queued = 0;

	if (uv_fileno((const uv_handle_t *)&c->tcp, &fd) != 0 ||
	    ioctl(fd, SIOCOUTQ, &queued) != 0)
		queued = 0;
	return uv_stream_get_write_queue_size((const uv_stream_t *)&c->tcp) +
	    (size_t)queued;
}

bool
stream_progresses(struct connection *c)
{
	size_t left = stream_untaken(c);

	if (left + PROGRESS_MIN > c->untaken)
		return false;
	c->untaken = left;
	return true;
}

/*
 * Room for ${len} octets more that are not taken: the client that has made no
 * progress for longest loses its connection, and when all make some the one
 * that was seen to do so first.
 */
static void
make_unsent_room(struct stream_worker *w, size_t len)
{
	struct queue *slow = &w->queues[QUEUE_WRITING];
	size_t spared = slow->n;

	while (w->unsent + len > UNSENT_MAX && slow->first != NULL) {
		struct connection *c = slow->first;

		if (spared > 0 && stream_progresses(c)) {
			spared--;
			stream_move(c, QUEUE_WRITING);
		} else {
			stream_close(c, TCP_END_UNREAD);
		}
	}
}

/* Keep ${len} octets of the worker's output for when the socket takes them. */
static bool
keep_unsent(struct connection *c, const uint8_t *output, size_t len)
{
	struct stream_worker *w = c->worker;
	uv_buf_t buf;

	make_unsent_room(w, len);
	c->unsent = malloc(len);
	if (c->unsent == NULL)
		return false;
	c->unsent_size = len;
	w->unsent += len;
	memcpy(c->unsent, output, len);
	buf = uv_buf_init((char *)c->unsent, (unsigned)len);
	c->write.data = c;
	if (uv_write(&c->write, (uv_stream_t *)&c->tcp, &buf, 1, on_written) !=
	    0)
		return false;
	c->untaken = stream_untaken(c);
	return true;
}

bool
stream_send(struct connection *c, size_t len)
{
	uint8_t *output = c->worker->output;
	uv_buf_t buf = uv_buf_init((char *)output, (unsigned)len);
	int sent = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

	if (sent == UV_EAGAIN)
		sent = 0;
	if (sent < 0)
		return false;
	if ((size_t)sent == len)
		return true;
	return keep_unsent(c, output + sent, len - (size_t)sent);
}
