/* A relay that takes its time; see relay.h. */
#include "tests/system/relay.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

/* What one end has said and the other has not heard yet. */
struct piece {
	struct piece *next;
	int64_t due_ms;
	size_t len;
	char data[];
};

struct way {
	int from, to;
	struct piece *first, **last;
};

#define PIECE 65536

static void
take(struct way *way, int64_t due_ms)
{
	struct piece *piece = malloc(sizeof(*piece) + PIECE);
	ssize_t n = piece != NULL ? read(way->from, piece->data, PIECE) : -1;

	/* Who ends is the end of both. */
	if (n <= 0)
		_exit(0);
	piece->next = NULL;
	piece->due_ms = due_ms;
	piece->len = (size_t)n;
	*way->last = piece;
	way->last = &piece->next;
}

static void
give(struct way *way, int64_t now_ms)
{
	struct piece *piece;
	ssize_t n;

	while ((piece = way->first) != NULL && piece->due_ms <= now_ms) {
		for (size_t at = 0; at < piece->len; at += (size_t)n) {
			n = write(way->to, piece->data + at, piece->len - at);
			if (n <= 0)
				_exit(0);
		}
		way->first = piece->next;
		if (way->first == NULL)
			way->last = &way->first;
		free(piece);
	}
}

static void
carry(int client, int server, const struct relay_line *line)
{
	struct way ways[2] = {
	    {.from = client, .to = server}, {.from = server, .to = client}};
	int64_t began_ms = clock_mono_ms();

	for (int i = 0; i < 2; i++)
		ways[i].last = &ways[i].first;
	for (;;) {
		struct pollfd fds[2] = {{.fd = client, .events = POLLIN},
		    {.fd = server, .events = POLLIN}};
		int64_t now_ms;

		(void)poll(fds, 2, 5);
		now_ms = clock_mono_ms();
		if (line->break_ms > 0 && now_ms - began_ms > line->break_ms)
			_exit(0);
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents != 0)
				take(&ways[i], now_ms + line->delay_ms);
			give(&ways[i], now_ms);
		}
	}
}

static struct sockaddr_in
at_port(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void
serve(int fd, uint16_t to, const struct relay_line *line)
{
	struct sockaddr_in at = at_port(to);

	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (fork() == 0) {
			int server = socket(AF_INET, SOCK_STREAM, 0);

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (connect(server, (struct sockaddr *)&at,
				sizeof(at)) == 0)
				carry(client, server, line);
			_exit(0);
		}
		close(client);
	}
}

struct relay_line *
relay_start(uint16_t port, uint16_t to)
{
	struct sockaddr_in at = at_port(port);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct relay_line *line = mmap(NULL, sizeof(*line),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(line, MAP_FAILED);
	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	if (fork() != 0) {
		close(fd);
		return line;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	serve(fd, to, line);
	_exit(0);
}
