/*
 * A client of the stream of changes, for system tests; see events.h.
 */
#include "tests/system/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/large.h"

#define PATIENCE_MS 20000

void
events_open(struct events *e, struct node *node, const char *last_id)
{
	char text[256];

	e->fd = large_connect(node->http, SOCK_STREAM);
	e->len = 0;
	e->text[0] = e->id[0] = '\0';
	ck_assert_int_ge(e->fd, 0);
	snprintf(text, sizeof(text),
	    "GET /api/v1/stream HTTP/1.0\r\n%s%s%s\r\n",
	    last_id != NULL ? "Last-Event-ID: " : "",
	    last_id != NULL ? last_id : "", last_id != NULL ? "\r\n" : "");
	ck_assert_int_eq(
	    send(e->fd, text, strlen(text), MSG_NOSIGNAL), (int)strlen(text));
}

/* The id of the message around ${at}: the last before it. */
static void
take_id(struct events *e, const char *at)
{
	const char *id = NULL, *next = strstr(e->text, "\nid: ");

	for (; next != NULL && next < at; next = strstr(next + 1, "\nid: "))
		id = next;
	if (id != NULL)
		snprintf(e->id, sizeof(e->id), "%.*s",
		    (int)strcspn(id + 5, "\n"), id + 5);
}

void
events_expect(struct events *e, const char *want)
{
	int64_t end = harness_ms() + PATIENCE_MS;
	const char *at;
	size_t past;

	while ((at = strstr(e->text, want)) == NULL) {
		ssize_t n = recv(
		    e->fd, e->text + e->len, sizeof(e->text) - 1 - e->len, 0);

		ck_assert_msg(
		    n > 0 && harness_ms() < end, "no %s in: %s", want, e->text);
		e->len += (size_t)n;
		e->text[e->len] = '\0';
	}
	take_id(e, at);
	past = (size_t)(at - e->text) + strlen(want);
	memmove(e->text, e->text + past, e->len - past + 1);
	e->len -= past;
}

void
events_close(struct events *e)
{
	close(e->fd);
}
