/*
 * Helper processes on a libuv loop: start, frames, death, pause, start again.
 * Called by state/watch and state/recorder; knows nothing of what frames mean.
 */
#include "base/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"

/* What is asked of the kernel in one read. */
#define READ_BYTES (HELPER_READ_MAX / 2)
/* What may be on its way to the child: that it works on a commit while the next
 * one is made.  The kernel has its own limit, some 400 KiB. */
#define SEND_BYTES (1 << 20)

/* The kernel's own name of the program that runs: the same file in the child
 * even when a package has replaced it since. */
#define PROGRAM "/proc/self/exe"

enum helper_state { HELPER_PAUSED, HELPER_RUNNING, HELPER_CLOSING };

struct helper {
	uv_loop_t *loop;
	const struct helper_calls *calls; /* NULL after helper_stop() */
	void *context;
	char *arguments[HELPER_ARGUMENTS + 2];
	enum helper_state state;
	uv_process_t process;
	uv_pipe_t to, from;
	uv_timer_t timer; /* the pause; after helper_stop() the grace */
	uv_shutdown_t shutdown;
	unsigned open;     /* handles of this life that are not closed */
	bool exited, eof;  /* the child ended when both are true */
	bool broken;       /* what it sent made no sense */
	int64_t status;    /* of its exit */
	int signal;        /* that killed it */
	int64_t began_ms;  /* monotonic clock */
	uint64_t pause_ms; /* before the next start */
	struct frame_buffer in, out;
};

/* Frames on their way to the child. */
struct parcel {
	uv_write_t request;
	unsigned char *data;
};

static void launch(struct helper *h);

static void
helper_free(struct helper *h)
{
	for (size_t i = 0; h->arguments[i] != NULL; i++)
		free(h->arguments[i]);
	frame_finish(&h->in);
	frame_finish(&h->out);
	free(h);
}

static void
on_timer_closed(uv_handle_t *handle)
{
	helper_free(handle->data);
}

static void
on_pause_over(uv_timer_t *timer)
{
	launch(timer->data);
}

/* Nothing of this life is left: free, or pause and start again. */
static void
life_over(struct helper *h)
{
	h->state = HELPER_PAUSED;
	frame_finish(&h->in);
	frame_finish(&h->out);
	if (h->calls == NULL) {
		uv_close((uv_handle_t *)&h->timer, on_timer_closed);
		return;
	}
	if (clock_mono_ms() - h->began_ms >= HELPER_WELL_MS)
		h->pause_ms = HELPER_PAUSE_FIRST_MS;
	uv_timer_start(&h->timer, on_pause_over, h->pause_ms, 0);
	h->pause_ms *= 2;
	if (h->pause_ms > HELPER_PAUSE_LAST_MS)
		h->pause_ms = HELPER_PAUSE_LAST_MS;
}

static void
on_closed(uv_handle_t *handle)
{
	struct helper *h = handle->data;

	if (--h->open == 0)
		life_over(h);
}

static void
close_all(struct helper *h)
{
	h->state = HELPER_CLOSING;
	h->open = 3;
	uv_close((uv_handle_t *)&h->process, on_closed);
	uv_close((uv_handle_t *)&h->to, on_closed);
	uv_close((uv_handle_t *)&h->from, on_closed);
}

/* Report it to the owner, which may call helper_stop() from there. */
static void
report_ended(struct helper *h, const char *why)
{
	if (h->calls != NULL)
		h->calls->ended(h->context, why);
}

static void
ended(struct helper *h)
{
	const char *name = sigabbrev_np(h->signal);
	char why[128];

	if (!h->exited || !h->eof)
		return;
	if (h->broken)
		snprintf(why, sizeof(why), "sent what makes no sense");
	else if (h->signal != 0 && name != NULL)
		snprintf(why, sizeof(why), "was killed by SIG%s", name);
	else if (h->signal != 0)
		snprintf(
		    why, sizeof(why), "was killed by signal %d", h->signal);
	else
		snprintf(why, sizeof(why), "ended with status %lld",
		    (long long)h->status);
	close_all(h);
	report_ended(h, why);
}

/* Never after it was reaped: its number may be another process's by then. */
static void
end_child(struct helper *h)
{
	if (!h->exited)
		uv_process_kill(&h->process, SIGKILL);
}

static void
on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct helper *h = process->data;

	h->exited = true;
	h->status = status;
	h->signal = signal;
	ended(h);
}

static void
on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct helper *h = handle->data;
	unsigned char *room = frame_room(&h->in, READ_BYTES);

	(void)suggested;
	buf->base = (char *)room;
	buf->len = room != NULL ? READ_BYTES : 0;
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct helper *h = stream->data;
	struct frame frame;
	int status = 0;

	(void)buf;
	/* Without memory for more this life ends too: frames would be lost. */
	if (n < 0) {
		uv_read_stop(stream);
		end_child(h);
		h->eof = true;
		ended(h);
		return;
	}
	frame_filled(&h->in, (size_t)n);
	while (h->calls != NULL && !h->broken &&
	    (status = frame_take(&h->in, &frame)) == 1)
		h->broken = h->calls->frame(h->context, &frame) != 0;
	if (status < 0)
		h->broken = true;
	if (h->broken)
		end_child(h);
	if (h->broken || h->calls == NULL) /* read on to the end, unheard */
		h->in.start = h->in.end;
}

static int
spawn(struct helper *h)
{
	uv_stdio_container_t stdio[3] = {0};
	uv_process_options_t options = {0};

	stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
	stdio[0].data.stream = (uv_stream_t *)&h->to;
	stdio[1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[1].data.stream = (uv_stream_t *)&h->from;
	stdio[2].flags = UV_INHERIT_FD;
	stdio[2].data.fd = STDERR_FILENO;
	options.file = PROGRAM;
	options.args = h->arguments;
	options.exit_cb = on_exited;
	options.stdio = stdio;
	options.stdio_count = 3;
	return uv_spawn(h->loop, &h->process, &options);
}

static void
launch(struct helper *h)
{
	char why[128];
	int status, room = SEND_BYTES;

	uv_pipe_init(h->loop, &h->to, 0);
	uv_pipe_init(h->loop, &h->from, 0);
	h->process.data = h->to.data = h->from.data = h;
	h->exited = h->eof = h->broken = false;
	h->began_ms = clock_mono_ms();
	h->state = HELPER_RUNNING;
	status = spawn(h);
	h->process.data = h;
	if (status == 0) {
		(void)uv_send_buffer_size((uv_handle_t *)&h->to, &room);
		if (uv_read_start((uv_stream_t *)&h->from, on_room, on_read) !=
		    0) {
			h->eof = true;
			end_child(h);
		}
		return;
	}
	snprintf(
	    why, sizeof(why), "could not be started: %s", uv_strerror(status));
	close_all(h);
	report_ended(h, why);
}

struct helper *
helper_start(uv_loop_t *loop, const char *const *arguments,
    const struct helper_calls *calls, void *context)
{
	struct helper *h = calloc(1, sizeof(*h));
	size_t i;

	if (h == NULL)
		return NULL;
	h->loop = loop;
	h->calls = calls;
	h->context = context;
	h->pause_ms = HELPER_PAUSE_FIRST_MS;
	frame_init(&h->in, HELPER_READ_MAX);
	frame_init(&h->out, HELPER_QUEUE_MAX);
	h->arguments[0] = strdup(program_invocation_short_name);
	for (i = 0; i < HELPER_ARGUMENTS && arguments[i] != NULL; i++) {
		if (h->arguments[i] == NULL)
			break;
		h->arguments[i + 1] = strdup(arguments[i]);
	}
	if (arguments[i] != NULL || h->arguments[i] == NULL) {
		helper_free(h);
		return NULL;
	}
	uv_timer_init(loop, &h->timer);
	h->timer.data = h;
	/* From the loop, so that ended() never comes before we returned. */
	h->state = HELPER_PAUSED;
	uv_timer_start(&h->timer, on_pause_over, 0, 0);
	return h;
}

int
helper_send(struct helper *h, uint32_t kind, const void *data, size_t len)
{
	if (h->state != HELPER_RUNNING ||
	    uv_stream_get_write_queue_size((uv_stream_t *)&h->to) +
		    frame_bytes(&h->out) >
		HELPER_QUEUE_MAX)
		return -1;
	return frame_put(&h->out, kind, data, len);
}

static void
on_written(uv_write_t *request, int status)
{
	struct parcel *parcel = (struct parcel *)(void *)request;

	/* An error means that the child is gone, and on_exited() says so. */
	(void)status;
	free(parcel->data);
	free(parcel);
}

int
helper_flush(struct helper *h)
{
	struct parcel *parcel;
	uv_buf_t buf;

	if (h->state != HELPER_RUNNING)
		return -1;
	if (frame_bytes(&h->out) == 0)
		return 0;
	parcel = calloc(1, sizeof(*parcel));
	if (parcel == NULL)
		return -1;
	/* Nothing is ever taken out of h->out, so it starts at 0. */
	parcel->data = h->out.data;
	buf.base = (char *)parcel->data;
	buf.len = frame_bytes(&h->out);
	frame_init(&h->out, HELPER_QUEUE_MAX);
	if (uv_write(&parcel->request, (uv_stream_t *)&h->to, &buf, 1,
		on_written) != 0) {
		on_written(&parcel->request, -1);
		return -1;
	}
	return 0;
}

void
helper_discard(struct helper *h)
{
	frame_finish(&h->out);
}

static void
on_grace_over(uv_timer_t *timer)
{
	struct helper *h = timer->data;

	if (h->state == HELPER_RUNNING)
		end_child(h);
}

void
helper_stop(struct helper *h, uint64_t grace_ms)
{
	if (h == NULL)
		return;
	h->calls = NULL;
	switch (h->state) {
	case HELPER_PAUSED:
		uv_close((uv_handle_t *)&h->timer, on_timer_closed);
		break;
	case HELPER_RUNNING:
		/* After all writes; an error means that the child is gone. */
		(void)uv_shutdown(&h->shutdown, (uv_stream_t *)&h->to, NULL);
		uv_timer_start(&h->timer, on_grace_over, grace_ms, 0);
		break;
	case HELPER_CLOSING:
		break;
	}
}

void
helper_child_begin(const char *name)
{
	static const int ignored[] = {
	    SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGXFSZ};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	/* Sockets of the parent would stay open after its death. */
	(void)close_range(3, ~0u, 0);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	/* Sanitizers would catch it and exit; the daemon reports a death by
	 * SIGBUS by that name. */
	signal(SIGBUS, SIG_DFL);
}

int
helper_child_wait(struct frame_buffer *in, int timeout_ms)
{
	struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
	unsigned char *room;
	ssize_t n;
	int ready = poll(&wait, 1, timeout_ms);

	if (ready < 0)
		return errno == EINTR ? 0 : -1;
	if (ready == 0)
		return 0;
	room = frame_room(in, READ_BYTES);
	if (room == NULL)
		return -1;
	n = read(STDIN_FILENO, room, READ_BYTES);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	if (n == 0)
		return -1;
	frame_filled(in, (size_t)n);
	return 1;
}

int
helper_child_write(struct frame_buffer *out)
{
	struct pollfd wait = {.fd = STDOUT_FILENO, .events = POLLOUT};
	ssize_t n;

	while (frame_bytes(out) > 0) {
		n = write(
		    STDOUT_FILENO, out->data + out->start, frame_bytes(out));
		if (n >= 0)
			out->start += (size_t)n;
		else if (errno == EAGAIN)
			(void)poll(&wait, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}
