/*
 * An endpoint that is no etcd, or means harm; see etcd_hostile.h.
 */
#include "tests/system/etcd_hostile.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(0);
}

static void
rest(long ms)
{
	struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

static void
drip(int fd, const char *text)
{
	for (; *text != '\0'; text++) {
		if (write(fd, text, 1) != 1)
			_exit(0);
		rest(2);
	}
}

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

static void
header(const struct script *s, char *out, size_t size)
{
	snprintf(out, size,
	    "\"header\":{\"cluster_id\":\"%ld\",\"member_id\":\"1\","
	    "\"revision\":\"%ld\",\"raft_term\":\"%ld\"}",
	    s->cluster, s->revision, s->term);
}

static void
flood(int fd)
{
	static char junk[65536];

	memset(junk, '0', sizeof(junk));
	while (write(fd, junk, sizeof(junk)) > 0)
		;
}

#define EVENT(key, revision)      \
	"{\"kv\":{\"key\":\"" key \
	"\",\"value\":\"eA==\",\"mod_revision\":\"" revision "\"}}"

/* Three changes, in a long message each. */
static void
burst(int fd, const char *head)
{
	static const char *const keys[] = {"YQ==", "Yg==", "Yw=="};
	static char value[131072 + 1], line[sizeof(value) + 512];

	memset(value, 'A', sizeof(value) - 1);
	for (int i = 0; i < 3; i++) {
		snprintf(line, sizeof(line),
		    "{\"result\":{%s,\"events\":[{\"kv\":{\"key\":\"%s\","
		    "\"value\":\"%s\",\"mod_revision\":\"%d\"}}]}}\n",
		    head, keys[i], value, 11 + i);
		say(fd, line);
	}
}

/* The stream of a watch: it is created, and then harm is done. */
static void
serve_watch(int fd, const struct script *s, int deed)
{
	char head[256], line[512];

	header(s, head, sizeof(head));
	snprintf(line, sizeof(line), OK "{\"result\":{%s,\"created\":true}}\n",
	    head);
	say(fd, line);
	switch (deed) {
	case WATCH_GARBAGE:
		say(fd, "{\"result\":{\"events\":7}}\n");
		break;
	case WATCH_DISORDER:
		snprintf(line, sizeof(line),
		    "{\"result\":{%s,\"events\":[%s,%s]}}\n", head,
		    EVENT("YQ==", "12"), EVENT("YQ==", "11"));
		say(fd, line);
		break;
	case WATCH_ENDLESS:
		flood(fd);
		break;
	case WATCH_OTHER:
		say(fd, "{\"result\":{\"header\":{\"cluster_id\":\"666\"}}}\n");
		break;
	case WATCH_DRIP:
		snprintf(line, sizeof(line),
		    "{\"result\":{%s,\"events\":[%s,%s]}}\n", head,
		    EVENT("YQ==", "11"), EVENT("Yg==", "12"));
		drip(fd, line);
		break;
	case WATCH_BURST:
		burst(fd, head);
		return;
	default:
		break;
	}
	rest(60000);
}

/* All of it, its body too: a connection that is closed with something unread is
 * reset. */
static void
read_request(int fd, char *request, size_t size)
{
	const char *body = NULL, *length;
	size_t len = 0, want = 0;
	ssize_t n;

	while (body == NULL || strlen(body) < want) {
		n = read(fd, request + len, size - 1 - len);
		if (n <= 0)
			_exit(0);
		len += (size_t)n;
		request[len] = '\0';
		body = strstr(request, "\r\n\r\n");
		if (body == NULL)
			continue;
		body += 4;
		length = strstr(request, "Content-Length: ");
		if (length != NULL)
			want = strtoul(length + 16, NULL, 10);
	}
}

static void
serve(int fd, const struct script *s)
{
	static char request[65536];
	char head[256], answer[512];
	int deed;

	read_request(fd, request, sizeof(request));
	deed = s->deed;
	if (strncmp(request, "POST /v3/watch", 14) == 0)
		serve_watch(fd, s, deed);
	header(s, head, sizeof(head));
	switch (deed) {
	case GARBAGE:
		say(fd, OK "{\"header\":{\"revision\":[[[");
		return;
	case PAGE:
		say(fd, "HTTP/1.1 502 Bad\r\nContent-Length: 6\r\n\r\n<html>");
		return;
	case NOBODY:
		say(fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
		return;
	case CLOSE:
		return;
	case SILENCE:
		rest(60000);
		return;
	case DRIP:
		say(fd, OK);
		for (;;)
			drip(fd, "{\"header\":");
	case FLOOD:
		say(fd, OK);
		flood(fd);
		return;
	case LEADERLESS:
		say(fd,
		    "HTTP/1.1 503 No\r\nConnection: close\r\n\r\n{\"message\":"
		    "\"etcdserver: no leader\",\"code\":14}");
		return;
	default:
		snprintf(answer, sizeof(answer),
		    OK "{%s,\"count\":\"0\",\"succeeded\":true,\"responses\":"
		       "[{\"response_put\":{}}]}",
		    head);
		say(fd, answer);
	}
}

pid_t
hostile_etcd(uint16_t port, const struct script *script)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	pid = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(client, script);
			_exit(0);
		}
		close(client);
	}
}
