/*
 * Hands out pages in pieces.  Called by http.c, and by microhttpd from there.
 */
#include "web/delivery.h"

#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "web/form.h"

/* What is given to microhttpd at once: what a connection's buffer takes. */
#define BLOCK 16384
/* No piece is longer: the messages of a reload with every octet escaped, or one
 * service with its counters, stay far below. */
#define PIECE_MAX ((size_t)1 << 20)

/* A page on its way to a client. */
struct delivery {
	struct deliveries *all;
	struct MHD_Connection *connection;
	struct place *place;
	void *opened;
	const struct http_form *form; /* or NULL */
	struct text made;             /* a piece before it has the form */
	struct text piece;
	size_t sent; /* of the piece */
	bool ended;  /* in its form: nothing follows the piece */
	bool gone;   /* its client is */
};

void
deliveries_init(struct deliveries *all, const struct delivery_calls *calls)
{
	*all = (struct deliveries){.calls = *calls};
}

/* Put ${to} in the place of ${from} among the streams; one of them is NULL.  No
 * more of them are let in than there is room for. */
static void
replace(
    struct deliveries *all, const struct delivery *from, struct delivery *to)
{
	for (size_t i = 0; i < PLACES; i++) {
		if (all->stream[i] != from)
			continue;
		all->stream[i] = to;
		all->counts.open += to != NULL;
		all->counts.open -= to == NULL;
		return;
	}
}

static void
finish(void *context)
{
	struct delivery *d = context;

	replace(d->all, d, NULL);
	d->all->calls.close(d->opened);
	text_finish(&d->made);
	text_finish(&d->piece);
	free(d);
}

/* The piece is empty: its stream waits for news; another page has ended. */
static ssize_t
pause_or_end(struct delivery *d)
{
	if (!d->place->stream)
		return MHD_CONTENT_READER_END_OF_STREAM;
	d->place->waits = true;
	MHD_suspend_connection(d->connection);
	return 0;
}

/* The next piece of a page in another form, in which one may have become
 * empty. */
static void
form_piece(struct delivery *d)
{
	while (d->piece.len == 0 && !d->ended && !d->piece.failed) {
		d->made.len = 0;
		d->all->calls.more(d->opened, &d->made);
		d->piece.failed = d->made.failed;
		d->ended = d->made.len == 0;
		if (d->ended)
			text_add(&d->piece, "%s", d->form->end);
		else
			d->form->write(d->made.data, d->made.len, &d->piece);
	}
}

static void
next_piece(struct delivery *d)
{
	d->sent = d->piece.len = 0;
	if (d->form != NULL)
		form_piece(d);
	else
		d->all->calls.more(d->opened, &d->piece);
}

/* The next bytes of a page, at most ${room}. */
static ssize_t
read_page(void *context, uint64_t position, char *out, size_t room)
{
	struct delivery *d = context;
	size_t n;

	(void)position;
	if (d->gone)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	d->place->moved_ms = clock_mono_ms();
	if (d->sent == d->piece.len) {
		next_piece(d);
		if (d->piece.failed) {
			d->all->counts.dropped += d->place->stream;
			return MHD_CONTENT_READER_END_WITH_ERROR;
		}
		if (d->piece.len == 0)
			return pause_or_end(d);
	}
	n = d->piece.len - d->sent;
	if (n > room)
		n = room;
	memcpy(out, d->piece.data + d->sent, n);
	d->sent += n;
	return (ssize_t)n;
}

struct MHD_Response *
delivery_response(struct deliveries *all, struct MHD_Connection *connection,
    struct place *place, const struct http_form *form, void *opened)
{
	struct delivery *d = calloc(1, sizeof(*d));
	struct MHD_Response *response;

	if (d == NULL) {
		all->calls.close(opened);
		return NULL;
	}
	d->all = all;
	d->connection = connection;
	d->place = place;
	d->opened = opened;
	d->form = form;
	text_init(&d->made, PIECE_MAX);
	text_init(&d->piece, PIECE_MAX);
	if (place->stream)
		replace(all, NULL, d);
	response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, BLOCK, read_page, d, finish);
	if (response == NULL)
		finish(d);
	return response;
}

/* While it is suspended nobody else looks at its connection. */
static bool
is_gone(const struct place *place)
{
	struct pollfd fd = {.fd = place->fd, .events = POLLRDHUP};

	return place->ended || (poll(&fd, 1, 0) == 1 && fd.revents != 0);
}

void
deliveries_wake(struct deliveries *all, bool news)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct delivery *d = all->stream[i];

		if (d == NULL || !d->place->waits)
			continue;
		d->gone = is_gone(d->place);
		if (!news && !d->gone)
			continue;
		d->place->waits = false;
		d->place->moved_ms = clock_mono_ms();
		MHD_resume_connection(d->connection);
	}
}
