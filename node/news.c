/*
 * Keeps the ring of messages and writes them out.  Called by the page of the
 * stream and by those that have something to say; knows no views.
 */
#include "node/news.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "node/page.h"

/* How soon a browser comes back whose stream has ended. */
#define RETRY_MS 2000

/* The first message of who knows nothing. */
#define ALL "event: change\ndata: {\"what\":\"all\"}\n\n"

struct news {
	int64_t epoch;
	uint64_t next;            /* number of the next message, from 1 on */
	char *message[NEWS_KEPT]; /* by number; NULL: there was no memory */
	char *tick;
	uint64_t ticks;
};

struct news_reader {
	struct news *news;
	uint64_t next;  /* message that it gets next */
	uint64_t ticks; /* those that it has seen or missed */
	bool greeted;
	bool anew; /* it is told that all may be another */
};

struct news *
news_create(int64_t epoch)
{
	struct news *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->epoch = epoch;
	s->next = 1;
	return s;
}

void
news_destroy(struct news *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < NEWS_KEPT; i++)
		free(s->message[i]);
	free(s->tick);
	free(s);
}

/* "event: ...\ndata: ...\n\n", or NULL without memory; JSON that is compact has
 * no line ends. */
static char *
make_message(const char *event, json_t *data)
{
	char *line = data != NULL
	    ? json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(6))
	    : NULL;
	struct text t;

	json_decref(data);
	if (line == NULL)
		return NULL;
	text_init(&t, strlen(line) + 64);
	text_add(&t, "event: %s\ndata: ", event);
	text_bytes(&t, line, strlen(line));
	text_add(&t, "\n\n");
	free(line);
	if (!t.failed)
		return t.data;
	text_finish(&t);
	return NULL;
}

void
news_say(struct news *s, const char *event, json_t *data)
{
	char **place = &s->message[s->next % NEWS_KEPT];

	free(*place);
	*place = make_message(event, data);
	s->next++;
}

void
news_tick(struct news *s, json_t *data)
{
	free(s->tick);
	s->tick = make_message("tick", data);
	s->ticks++;
}

uint64_t
news_said(const struct news *s)
{
	return s->next + s->ticks;
}

/* The message number ${number} is still there. */
static bool
has(const struct news *s, uint64_t number)
{
	return number < s->next && s->next - number <= NEWS_KEPT;
}

/* "EPOCH.NUMBER" of a message after which all are there. */
static bool
read_id(const struct news *s, const char *id, uint64_t *number)
{
	const char *dot = strchr(id, '.');
	uint64_t epoch;

	if (dot == NULL ||
	    number_parse(id, (size_t)(dot - id), 0, INT64_MAX, &epoch) != 0 ||
	    number_parse(dot + 1, strlen(dot + 1), 0, INT64_MAX, number) != 0)
		return false;
	return epoch == (uint64_t)s->epoch && *number < s->next &&
	    (*number + 1 == s->next || has(s, *number + 1));
}

struct news_reader *
news_open(struct news *s, const char *last_id)
{
	struct news_reader *r = calloc(1, sizeof(*r));
	uint64_t number;

	if (r == NULL)
		return NULL;
	r->news = s;
	r->ticks = s->ticks;
	r->anew = last_id == NULL || !read_id(s, last_id, &number);
	r->next = r->anew ? s->next : number + 1;
	return r;
}

void
news_close(struct news_reader *r)
{
	free(r);
}

static void
write_id(const struct news *s, uint64_t number, struct text *out)
{
	text_add(out, "id: %" PRId64 ".%" PRIu64 "\n", s->epoch, number);
}

static void
greet(struct news_reader *r, struct text *out)
{
	r->greeted = true;
	text_add(out, "retry: %d\n\n", RETRY_MS);
	if (!r->anew)
		return;
	write_id(r->news, r->next - 1, out);
	text_add(out, ALL);
}

void
news_more(struct news_reader *r, struct text *out)
{
	const struct news *s = r->news;

	if (r->next < s->next && !has(s, r->next)) {
		out->failed = true;
		return;
	}
	if (!r->greeted)
		greet(r, out);
	for (; r->next < s->next && !page_full(out); r->next++) {
		const char *message = s->message[r->next % NEWS_KEPT];

		write_id(s, r->next, out);
		if (message == NULL)
			message = ALL;
		text_bytes(out, message, strlen(message));
	}
	if (r->next < s->next || r->ticks == s->ticks)
		return;
	r->ticks = s->ticks;
	if (s->tick != NULL)
		text_bytes(out, s->tick, strlen(s->tick));
}
