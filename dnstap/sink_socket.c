/*
 * The sink that is a unix socket.  The handshake of frame streams: we say
 * READY, the reader ACCEPT, we START; at the end we STOP and it says FINISH.
 * Called through sink.c; no call waits but the last.
 */
#include "dnstap/sink.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "dnstap/sink_private.h"

/* For the reader to accept; it is on this machine. */
#define SHAKE_MS 5000
/* For the reader to finish, when we end: it may be hung. */
#define FINISH_MS 100
/* A reader that took nothing for so long is in trouble. */
#define HUNG_MS 5000

/* Nobody reads any more; not what is to be said of one that was closed for
 * another reason. */
static void
lose(struct sink *s, int64_t now_ms, const char *why)
{
	sink_close(s);
	sink_fail(s, now_ms, SINK_AWAY,
	    "the reader at %s %s: start it, it is connected to by itself",
	    s->path, why);
}

/* The control frames are so short that an open socket takes each whole. */
static bool
say(struct sink *s, enum frames_control which)
{
	uint8_t frame[FRAMES_CONTROL_MAX];
	size_t len = frames_put_control(which, frame);

	return send(s->fd, frame, len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    (ssize_t)len;
}

static void
connect_socket(struct sink *s, int64_t now_ms)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(s->path);

	if (len >= sizeof(to.sun_path)) {
		sink_fail(s, now_ms, SINK_AWAY,
		    "%s: longer than %zu characters", s->path,
		    sizeof(to.sun_path) - 1);
		return;
	}
	memcpy(to.sun_path, s->path, len + 1);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0 ||
	    connect(s->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		sink_close(s);
		sink_fail(s, now_ms, SINK_AWAY,
		    "no reader at %s: %s: start it, it is connected to by "
		    "itself",
		    s->path, strerror(errno));
		return;
	}
	s->state = SINK_SHAKING;
	s->due_ms = now_ms + SHAKE_MS;
	s->reply_len = 0;
	if (!say(s, FRAMES_READY))
		lose(s, now_ms, "went away");
}

/* What came, to the reply; false at its end. */
static bool
hear(struct sink *s)
{
	ssize_t n = recv(s->fd, s->reply + s->reply_len,
	    sizeof(s->reply) - s->reply_len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->reply_len += (size_t)n;
	return n > 0;
}

static void
shake(struct sink *s, int64_t now_ms)
{
	struct frames_item item;
	enum frames_kind kind;

	if (!hear(s)) {
		lose(s, now_ms, "went away");
		return;
	}
	kind = frames_next(s->reply, s->reply_len, &item);
	if (kind == FRAMES_MORE) {
		if (now_ms >= s->due_ms)
			lose(s, now_ms, "does not answer");
		return;
	}
	if (kind != FRAMES_CONTROL || item.control != FRAMES_ACCEPT) {
		lose(s, now_ms, "does not accept dnstap");
		return;
	}
	if (!say(s, FRAMES_START)) {
		lose(s, now_ms, "went away");
		return;
	}
	s->state = SINK_READY;
	s->moved_ms = now_ms;
	s->trouble[0] = '\0';
}

/* Whatever a reader says before the end, it means to go. */
static void
look(struct sink *s, int64_t now_ms)
{
	s->reply_len = 0;
	if (!hear(s) || s->reply_len > 0)
		lose(s, now_ms, "went away");
}

static void
tend(struct sink *s, int64_t now_ms)
{
	if (s->state == SINK_READY)
		look(s, now_ms);
	if (s->state == SINK_CLOSED && now_ms >= s->due_ms)
		connect_socket(s, now_ms);
	if (s->state == SINK_SHAKING)
		shake(s, now_ms);
}

static int64_t
write_frames(struct sink *s, const uint8_t *frames, size_t len, int64_t now_ms)
{
	ssize_t n = send(s->fd, frames, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n >= 0) {
		s->moved_ms = now_ms;
		s->trouble[0] = '\0';
		return n;
	}
	if (errno != EAGAIN && errno != EINTR) {
		lose(s, now_ms, "went away");
		return -1;
	}
	if (now_ms - s->moved_ms >= HUNG_MS)
		sink_fail(s, now_ms, SINK_AWAY,
		    "the reader at %s takes nothing: end it and start it again",
		    s->path);
	return 0;
}

static void
end(struct sink *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	if (say(s, FRAMES_STOP))
		(void)poll(&p, 1, FINISH_MS);
}

const struct sink_kind sink_socket = {tend, write_frames, end};
