/*
 * The sink that is a file.  One that is there is gone on with, after the last
 * of its frames that is whole: whatever was killed, whatever disk was full, the
 * file can be read from its beginning to its end.  Called through sink.c.
 */
#include "dnstap/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dnstap/message.h"
#include "dnstap/sink_private.h"

/* What is read of an old file at once; a frame fits. */
#define SCAN_ROOM (2 * DNSTAP_FRAME_MAX)

static void
fail_open(struct sink *s, int64_t now_ms, const char *why)
{
	sink_close(s);
	sink_fail(s, now_ms, SINK_AWAY, "%s: %s", s->path, why);
}

/*
 * Go along the frames in ${buffer}, ${len} bytes that begin at s->offset, which
 * moves along.  False when the file ends here: by a STOP, or by what is no
 * frame.
 */
static bool
scan_buffer(struct sink *s, const uint8_t *buffer, size_t len, bool *started)
{
	struct frames_item item;
	enum frames_kind kind;
	size_t at = 0;

	while (
	    (kind = frames_next(buffer + at, len - at, &item)) != FRAMES_MORE) {
		if (kind == FRAMES_CONTROL && item.control == FRAMES_START)
			*started = true;
		else if (kind != FRAMES_DATA || !*started)
			break;
		at += item.size;
	}
	s->offset += at;
	return kind == FRAMES_MORE;
}

/* Find the end of the last frame of the file.  False when it is no file of
 * ours. */
static bool
scan(struct sink *s)
{
	uint8_t *buffer = malloc(SCAN_ROOM);
	bool started = false, more = true;
	ssize_t n;

	s->offset = 0;
	while (buffer != NULL && more) {
		uint64_t before = s->offset;

		n = pread(s->fd, buffer, SCAN_ROOM, (off_t)s->offset);
		more = n > 0 && scan_buffer(s, buffer, (size_t)n, &started) &&
		    s->offset > before;
	}
	free(buffer);
	return started;
}

static bool
put_control(struct sink *s, enum frames_control which)
{
	uint8_t frame[FRAMES_CONTROL_MAX];
	size_t len = frames_put_control(which, frame);

	if (write(s->fd, frame, len) == (ssize_t)len)
		return true;
	if (ftruncate(s->fd, (off_t)s->offset) != 0)
		sink_close(s);
	return false;
}

/* The beginning of a file, or the place in one where we go on. */
static void
begin(struct sink *s, const struct stat *st, int64_t now_ms)
{
	uint8_t frame[FRAMES_CONTROL_MAX];

	s->offset = 0;
	if (st->st_size > 0 && !scan(s)) {
		fail_open(s, now_ms,
		    "is no dnstap file, and is not overwritten: move it away");
		return;
	}
	if (ftruncate(s->fd, (off_t)s->offset) != 0 ||
	    (s->offset == 0 && !put_control(s, FRAMES_START))) {
		sink_close(s);
		sink_fail(s, now_ms, SINK_DISK, "%s: cannot be written: %s",
		    s->path, strerror(errno));
		return;
	}
	if (s->offset == 0)
		s->offset = frames_put_control(FRAMES_START, frame);
	s->state = SINK_READY;
	s->trouble[0] = '\0';
}

static void
open_file(struct sink *s, int64_t now_ms)
{
	struct stat st;

	s->fd = open(s->path,
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	    0640);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		fail_open(s, now_ms, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		fail_open(s, now_ms, "is no regular file: name another");
	else
		begin(s, &st, now_ms);
}

/* Someone has renamed, removed or cut the file. */
static bool
has_left(const struct sink *s)
{
	struct stat own, there;

	return fstat(s->fd, &own) != 0 || (uint64_t)own.st_size < s->offset ||
	    stat(s->path, &there) != 0 || there.st_ino != own.st_ino ||
	    there.st_dev != own.st_dev;
}

static void
tend(struct sink *s, int64_t now_ms)
{
	if (now_ms < s->due_ms)
		return;
	if (s->fd >= 0 && has_left(s)) {
		if (s->state == SINK_READY)
			s->kind->end(s);
		sink_close(s);
	}
	s->due_ms = now_ms + SINK_PAUSE_MS;
	if (s->state == SINK_CLOSED)
		open_file(s, now_ms);
	else
		s->state = SINK_READY;
}

/* Whole frames, all or none of them. */
static int64_t
write_frames(struct sink *s, const uint8_t *frames, size_t len, int64_t now_ms)
{
	ssize_t n;

	if (len > s->max || s->offset > s->max - len) {
		s->state = SINK_FAILED;
		sink_fail(s, now_ms, SINK_SIZE,
		    "%s has its max_size: rotate it, or give it more", s->path);
		return -1;
	}
	n = write(s->fd, frames, len);
	if (n == (ssize_t)len) {
		s->offset += len;
		s->trouble[0] = '\0';
		return n;
	}
	sink_fail(s, now_ms, SINK_DISK, "%s: cannot be written: %s", s->path,
	    n < 0 ? strerror(errno) : "no room is left");
	s->state = SINK_FAILED;
	if (ftruncate(s->fd, (off_t)s->offset) != 0)
		sink_close(s);
	return -1;
}

static void
end(struct sink *s)
{
	(void)put_control(s, FRAMES_STOP);
}

const struct sink_kind sink_file = {tend, write_frames, end};
