/* Harm for probes.  Called by system tests only. */
#include "tests/system/hostile_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\n"

/* What a terminal would obey: colours, a title, the screen emptied, the answer
 * back, one of eight bits, and a line that looks like one of a log. */
#define ESCAPES                                         \
	"\x1b[31mred\x1b]0;owned\x07\x1b[2J\x1b[6n\x9b" \
	"5n\xc2\x9b"                                    \
	"6n\x7f\x08\x0d"

/* Gone when the client does not take it any more: the process ends. */
static void
put(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(0);
		p += n;
		len -= (size_t)n;
	}
}

static void
say(int fd, const char *text)
{
	put(fd, text, strlen(text));
}

/* ${text} again and again: in pieces that are worth a system call. */
static void
repeat(int fd, const char *text, size_t len)
{
	static char piece[65536];
	size_t n = 0;

	while (n + len <= sizeof(piece)) {
		memcpy(piece + n, text, len);
		n += len;
	}
	for (;;)
		put(fd, piece, n);
}

#define REPEAT(fd, text) repeat(fd, text, sizeof(text) - 1)

/* One octet after the other, each before a time-out of silence. */
static void
drip(int fd, const char *text)
{
	for (size_t i = 0;; i = (i + 1) % strlen(text)) {
		put(fd, text + i, 1);
		usleep(50000);
	}
}

/* --- without end --- */

static void
endless_headers(int fd)
{
	say(fd, OK);
	REPEAT(fd, "X-More: and more\r\n");
}

static void
endless_line(int fd)
{
	say(fd, OK "X-Line: ");
	REPEAT(fd, "xxxxxxxxxxxxxxxx");
}

static void
endless_status(int fd)
{
	say(fd, "HTTP/1.1 200 ");
	REPEAT(fd, "OK OK OK OK OK ");
}

static void
endless_body(int fd)
{
	say(fd, OK "\r\n");
	REPEAT(fd, "0123456789abcdef");
}

static void
endless_chunks(int fd)
{
	say(fd, OK "Transfer-Encoding: chunked\r\n\r\n");
	REPEAT(fd, "1\r\nx\r\n");
}

static void
endless_extension(int fd)
{
	say(fd, OK "Transfer-Encoding: chunked\r\n\r\n1;x=");
	REPEAT(fd, "yyyyyyyyyyyyyyyy");
}

static void
endless_trailers(int fd)
{
	say(fd, OK "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n");
	REPEAT(fd, "X-More: and more\r\n");
}

static void
endless_interim(int fd)
{
	REPEAT(fd, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void
many_interim(int fd)
{
	for (int i = 0; i < 10000; i++)
		say(fd, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
	say(fd, OK "Content-Length: 2\r\n\r\nok");
}

static void
endless_cookies(int fd)
{
	say(fd, OK);
	REPEAT(fd, "Set-Cookie: a=b; Path=/; Max-Age=99999999\r\n");
}

/* --- slow, and round in circles --- */

static void
header_drip(int fd)
{
	say(fd, OK);
	drip(fd, "X-More: and more\r\n");
}

static void
body_drip(int fd)
{
	say(fd, OK "Content-Length: 1000000\r\n\r\n");
	drip(fd, "drip ");
}

static void
circle(int fd)
{
	say(fd,
	    "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
}

static void
huge_length(int fd)
{
	say(fd, OK "Content-Length: 9223372036854775807\r\n\r\n");
	REPEAT(fd, "0123456789abcdef");
}

static void
two_lengths(int fd)
{
	say(fd,
	    OK "Content-Length: 2\r\nContent-Length: 99999999999999999999"
	       "\r\n\r\nok");
}

/* --- compressed, unasked: 1 MB of zeros a kilobyte, without end --- */

static void
bomb(int fd, const char *coding, const char *piece, size_t len)
{
	char head[128];

	(void)snprintf(
	    head, sizeof(head), OK "Content-Encoding: %s\r\n\r\n", coding);
	say(fd, head);
	repeat(fd, piece, len);
}

/* Members of gzip, each a block of zeros. */
static void
gzip_bomb(int fd)
{
	static const char member[] =
	    "\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xc1\x01\x0d\0\0\0\xc2\xa0\xf7\x4f"
	    "\x6d\x0e\x37\xa0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

	bomb(fd, "gzip", member, sizeof(member) - 1);
}

static void
deflate_bomb(int fd)
{
	static const char block[] = "\x78\xda\xed\xc1\x01\x01\0\0\0\x80\x90\xfe"
				    "\xaf\xee\x08\x0a\0\0\0\0\0\0\0\0\0\0\0\0";

	bomb(fd, "deflate", block, sizeof(block) - 1);
}

static void
br_bomb(int fd)
{
	static const char block[] = "\xdb\xff\xff\x3f\x00\x24\xe2\xb1\x04\x00"
				    "\x5b\xff\xff\x2f\x00\x24\x24\x42\x10\xf6";

	bomb(fd, "br", block, sizeof(block) - 1);
}

/* --- what a terminal would obey --- */

static void
escapes_in_status(int fd)
{
	say(fd,
	    "HTTP/1.1 503 " ESCAPES "\r\nContent-Length: 0\r\n"
	    "Retry-After: " ESCAPES "\r\n\r\n");
}

static void
escapes_in_headers(int fd)
{
	say(fd,
	    OK "Server: " ESCAPES "\r\n" ESCAPES ": " ESCAPES
	       "\r\nendpoint-load-metrics: TEXT " ESCAPES "=" ESCAPES
	       "\r\nTransfer-Encoding: " ESCAPES "\r\n\r\nok");
}

static void
escapes_for_http(int fd)
{
	say(fd, ESCAPES "\n2026-01-01T00:00:00Z meridiand info: all is well\n");
}

static void
escapes_in_version(int fd)
{
	say(fd, "HTTP/" ESCAPES " 200 OK\r\n\r\n");
}

/* What a model list, and a generation, would say. */
static void
escapes_in_json(int fd)
{
	say(fd,
	    OK "Connection: close\r\n\r\n{\"data\":[{\"id\":\"" ESCAPES
	       "\"}],\"error\":{\"message\":\"\\u001b[31m" ESCAPES "\"}}");
}

static void
deep_json(int fd)
{
	say(fd, OK "\r\n{\"data\":");
	REPEAT(fd, "[[[[[[[[{\"a\":");
}

static void
endless_json(int fd)
{
	say(fd, OK "\r\n{\"data\":[");
	REPEAT(fd, "{\"id\":\"adapter\",\"root\":\"/x\"},");
}

/* Of whom the first line was read: a good page, but for /metrics. */
static void
metrics_or_page(int fd, const char *metrics, size_t len)
{
	char request[1024] = "";

	(void)recv(fd, request, sizeof(request) - 1, MSG_PEEK);
	if (strncmp(request, "GET /metrics", 12) != 0) {
		say(fd,
		    OK "Connection: close\r\n\r\n{\"data\":[{\"id\":\"llama"
		       "\"}]}");
		return;
	}
	say(fd, OK "\r\n");
	repeat(fd, metrics, len);
}

static void
endless_metrics(int fd)
{
	static const char line[] =
	    "vllm:num_requests_waiting{engine=\"0\",model_name=\"x\"} 1\n";

	metrics_or_page(fd, line, sizeof(line) - 1);
}

static void
endless_label(int fd)
{
	static const char line[] = "vllm:num_requests_waiting{a=\"xxxxxxxxxxx";

	metrics_or_page(fd, line, sizeof(line) - 1);
}

static void
escapes_in_metrics(int fd)
{
	static const char line[] =
	    "vllm:num_requests_waiting{engine=\"" ESCAPES "\"} " ESCAPES "\n";

	metrics_or_page(fd, line, sizeof(line) - 1);
}

/* --- HTTP/2 (RFC 9113) --- */

#define SETTINGS "\0\0\0\x04\0\0\0\0\0"
#define HEADERS 1
#define CONTINUATION 9
#define END_STREAM 1
#define END_HEADERS 4

static void
put_frame(int fd, unsigned type, unsigned flags, const char *data, size_t len)
{
	const unsigned char head[9] = {(unsigned char)(len >> 16),
	    (unsigned char)(len >> 8), (unsigned char)len, (unsigned char)type,
	    (unsigned char)flags, 0, 0, 0, 1};

	put(fd, head, sizeof(head));
	put(fd, data, len);
}

/* A field that is not to be indexed, at most 126 octets. */
static size_t
add_field(char *to, const char *name, const char *value)
{
	size_t n = 0;

	to[n++] = 0;
	to[n++] = (char)strlen(name);
	memcpy(to + n, name, strlen(name));
	n += strlen(name);
	to[n++] = (char)strlen(value);
	memcpy(to + n, value, strlen(value));
	return n + strlen(value);
}

static void
escapes_in_grpc(int fd)
{
	char fields[512] = "\x88";
	size_t n = 1;

	n += add_field(fields + n, "content-type", "application/grpc");
	n += add_field(fields + n, "grpc-status", "14");
	n += add_field(fields + n, "grpc-message",
	    "%1B[31mred%1B]0;owned%07%0A%0D%C2%9B6n%9B");
	put(fd, SETTINGS, 9);
	put_frame(fd, HEADERS, END_HEADERS | END_STREAM, fields, n);
	sleep(2);
}

/* A head that never ends. */
static void
endless_continuation(int fd)
{
	char fields[64] = "\x88", frames[9 + 64];
	size_t n;

	put(fd, SETTINGS, 9);
	put_frame(fd, HEADERS, 0, fields, 1);
	n = add_field(fields, "x-more", "and more");
	memset(frames, 0, 9);
	frames[2] = (char)n;
	frames[3] = CONTINUATION;
	frames[8] = 1;
	memcpy(frames + 9, fields, n);
	repeat(fd, frames, 9 + n);
}

static void
endless_pings(int fd)
{
	put(fd, SETTINGS, 9);
	repeat(fd,
	    "\0\0\x08\x06\0\0\0\0\0"
	    "12345678",
	    17);
}

static void
endless_settings(int fd)
{
	repeat(fd, SETTINGS, 9);
}

const struct hostile_deed hostile_deeds[] = {
    {"endless-headers", HOSTILE_PLAIN, "down", endless_headers},
    {"endless-line", HOSTILE_PLAIN, "down", endless_line},
    {"endless-status", HOSTILE_PLAIN, "down", endless_status},
    {"endless-body", HOSTILE_PLAIN, NULL, endless_body},
    {"endless-chunks", HOSTILE_PLAIN, NULL, endless_chunks},
    {"endless-extension", HOSTILE_PLAIN, NULL, endless_extension},
    {"endless-trailers", HOSTILE_PLAIN, NULL, endless_trailers},
    {"endless-interim", HOSTILE_PLAIN, "down", endless_interim},
    {"endless-cookies", HOSTILE_PLAIN, "down", endless_cookies},
    {"many-interim", HOSTILE_PLAIN, NULL, many_interim},
    {"header-drip", HOSTILE_PLAIN, "down", header_drip},
    {"body-drip", HOSTILE_PLAIN, NULL, body_drip},
    {"circle", HOSTILE_PLAIN, NULL, circle},
    {"huge-length", HOSTILE_PLAIN, NULL, huge_length},
    {"two-lengths", HOSTILE_PLAIN, NULL, two_lengths},
    {"gzip-bomb", HOSTILE_PLAIN, NULL, gzip_bomb},
    {"deflate-bomb", HOSTILE_PLAIN, NULL, deflate_bomb},
    {"br-bomb", HOSTILE_PLAIN, NULL, br_bomb},
    {"escapes-in-status", HOSTILE_PLAIN, "down", escapes_in_status},
    {"escapes-in-headers", HOSTILE_PLAIN, "down", escapes_in_headers},
    {"escapes-for-http", HOSTILE_PLAIN, "down", escapes_for_http},
    {"escapes-in-version", HOSTILE_PLAIN, "down", escapes_in_version},
    {"escapes-in-json", HOSTILE_MODEL, "down", escapes_in_json},
    {"deep-json", HOSTILE_MODEL, "down", deep_json},
    {"endless-json", HOSTILE_MODEL, "down", endless_json},
    {"gzip-json", HOSTILE_MODEL, "down", gzip_bomb},
    {"endless-metrics", HOSTILE_LOAD, NULL, endless_metrics},
    {"endless-label", HOSTILE_LOAD, NULL, endless_label},
    {"escapes-in-metrics", HOSTILE_LOAD, NULL, escapes_in_metrics},
    {"escapes-in-grpc", HOSTILE_GRPC, "down", escapes_in_grpc},
    {"endless-continuation", HOSTILE_GRPC, "down", endless_continuation},
    {"endless-pings", HOSTILE_GRPC, "down", endless_pings},
    {"endless-settings", HOSTILE_GRPC, "down", endless_settings},
};
const unsigned hostile_n_deeds =
    sizeof(hostile_deeds) / sizeof(hostile_deeds[0]);

const char *
hostile_address(unsigned i, char out[16])
{
	(void)snprintf(out, 16, "127.66.0.%u", i + 1);
	return out;
}

static void
serve(int fd)
{
	struct sockaddr_in at = {0};
	socklen_t len = sizeof(at);
	struct pollfd in = {.fd = fd, .events = POLLIN};
	char request[4096];
	unsigned i;

	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		_exit(1);
	i = (ntohl(at.sin_addr.s_addr) & 0xff) - 1;
	if (i >= hostile_n_deeds || poll(&in, 1, 5000) <= 0)
		_exit(0);
	/* Whose answer depends on it looks at it. */
	if (hostile_deeds[i].kind != HOSTILE_LOAD)
		(void)recv(fd, request, sizeof(request), 0);
	hostile_deeds[i].answer(fd);
	/* A reset would lose what it did not take yet. */
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, request, sizeof(request), 0) > 0)
		;
	_exit(0);
}

pid_t
hostile_start(uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	pid_t pid;

	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(listener, 1024) != 0)
		abort();
	pid = fork();
	if (pid != 0) {
		close(listener);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	(void)setpriority(PRIO_PROCESS, 0, 19);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			/* Who is forgotten by a client, not by us. */
			alarm(30);
			close(listener);
			serve(fd);
		}
		close(fd);
	}
}
