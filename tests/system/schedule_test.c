/*
 * Ten thousand endpoints of one probe: their first checks come within about a
 * second and spread, none makes another late, and when all turn at once while
 * the database cannot be written, no event is lost.  With few places at once,
 * those that hang keep none from those that answer.
 */
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/system/node.h"

#define ENDPOINTS 10000

/* That turn at once: more than the queue of events once held. */
#define TURNING 6000

/* Requests are counted by the time when they came. */
#define SLOT_MS 100
#define SLOTS 600

/* So many have two seconds; the rest is for a machine that is busy with other
 * things. */
#define FIRST_MS 8000

/* Of all first checks, at most so many in a tenth of a second: spread evenly, a
 * twentieth of them are. */
#define SLOT_MOST (ENDPOINTS * 4 / 10)

/* A check over HTTP takes a tenth of a millisecond of CPU time; the rest is for
 * caches that are cold and for sanitizers. */
#define CHECK_US 1000

/* What the server counts, shared with the test. */
struct tally {
	_Atomic int64_t began_ms; /* of the first request */
	atomic_uint all, slot[SLOTS];
};

/* Answer one request after the other, until killed. */
static void
serve(int listener, struct tally *tally)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				     "Connection: close\r\n\r\nok";
	const struct timeval patience = {.tv_sec = 2};

	for (;;) {
		char request[2048];
		int client = accept(listener, NULL, NULL);
		int64_t now = harness_ms(), slot;

		if (client < 0)
			continue;
		if (atomic_fetch_add(&tally->all, 1) == 0)
			atomic_store(&tally->began_ms, now);
		slot = (now - atomic_load(&tally->began_ms)) / SLOT_MS;
		atomic_fetch_add(
		    &tally->slot[slot < SLOTS ? slot : SLOTS - 1], 1);
		(void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience));
		if (recv(client, request, sizeof(request), 0) > 0)
			(void)send(
			    client, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
		close(client);
	}
}

/* A server of its own process, at ${port}; what it counts to ${tally}. */
static pid_t
start_server(uint16_t port, struct tally **tally)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	ck_assert_int_ge(listener, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 4096), 0);
	*tally = mmap(NULL, sizeof(**tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(*tally != MAP_FAILED);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		serve(listener, *tally);
	}
	close(listener);
	return pid;
}

static void
configure(struct node *node, struct harness *h, int n, const char *every)
{
	struct text text;

	node_init(node, h);
	node_config(node, "");
	node_records(node, node_zone);
	text_init(&text, (size_t)4 << 20);
	text_add(&text,
	    "regions:\n"
	    "  here: {at: [39.0, -77.5]}\n"
	    "checks:\n"
	    "  web: {path: /, port: %u, every: %s, timeout: %s, fall: 1}\n"
	    "pools:\n"
	    "  many:\n"
	    "    check: web\n"
	    "    endpoints:\n",
	    node->standin_port[0], every, every);
	for (int i = 0; i < n; i++)
		text_add(&text,
		    "      - {name: e%d, region: here, address: 10.0.%d.%d, "
		    "check_at: 127.0.0.1}\n",
		    i, i / 250, i % 250);
	text_add(&text, "services:\n  one: {pool: many}\n");
	ck_assert(!text.failed);
	harness_write(h, "inference.yaml", "%s", text.data);
	text_finish(&text);
}

static long
count(struct node *node, const char *where)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "select count(*) from %s", where);
	return strtol(node_sql(node, sql), NULL, 10);
}

/* The first checks: as many requests as there are endpoints. */
static void
look_at_first_checks(struct node *node, const struct tally *tally)
{
	unsigned seen = 0, most = 0;
	int64_t took_ms = 0;

	HARNESS_WAIT(60000, atomic_load(&tally->all) >= ENDPOINTS);
	for (int i = 0; i < SLOTS && seen < ENDPOINTS; i++) {
		unsigned n = atomic_load(&tally->slot[i]);

		most = n > most ? n : most;
		seen += n;
		took_ms += SLOT_MS;
	}
	printf("measured: %d first checks in %lld ms, at most %u in %d ms\n",
	    ENDPOINTS, (long long)took_ms, most, SLOT_MS);
	ck_assert_int_le(took_ms, FIRST_MS);
	ck_assert_uint_le(most, SLOT_MOST);
	HARNESS_WAIT(
	    20000, count(node, "endpoint where health = 'up'") == ENDPOINTS);
}

static const char *
probe_log(struct node *node)
{
	return harness_read(node->h, harness_path(node->h, "probe.log"));
}

/* CPU time of a process, its helpers not counted. */
static int64_t
cpu_us(struct harness *h, pid_t pid)
{
	unsigned long spent;
	char path[64];
	const char *at;
	char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	at = strrchr(harness_read(h, path), ')');
	/* After the name in brackets: state and ten numbers, user, system. */
	for (int i = 0; i < 12 && at != NULL; i++)
		at = strchr(at + 1, ' ');
	ck_assert_ptr_nonnull(at);
	spent = strtoul(at, &end, 10);
	spent += strtoul(end, NULL, 10);
	return (int64_t)spent * 1000000 / sysconf(_SC_CLK_TCK);
}

START_TEST(test_first_checks)
{
	struct harness *h = harness_create();
	struct tally *tally;
	struct node node;
	int64_t spent_us;
	pid_t server;

	configure(&node, h, ENDPOINTS, "20s");
	server = start_server(node.standin_port[0], &tally);
	node_check(&node);
	look_at_first_checks(&node, tally);
	/* With ENDPOINTS checks a period, until each had two. */
	HARNESS_WAIT(60000, atomic_load(&tally->all) >= 2 * ENDPOINTS);
	spent_us = cpu_us(h, node.probe) / atomic_load(&tally->all);
	printf("measured: %lld us of CPU time a check\n", (long long)spent_us);
	ck_assert_int_le(spent_us, CHECK_US);
	ck_assert_ptr_null(strstr(probe_log(&node), "is down"));
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

START_TEST(test_all_turn_at_once)
{
	struct harness *h = harness_create();
	struct tally *tally;
	struct node node;
	pid_t server, locker;

	configure(&node, h, TURNING, "8s");
	server = start_server(node.standin_port[0], &tally);
	node_check(&node);
	HARNESS_WAIT(60000,
	    access(harness_path(h, "state.db"), F_OK) == 0 &&
		count(&node, "endpoint where health = 'up'") == TURNING);
	locker = harness_start(h, "locker.log", "/usr/bin/sqlite3",
	    harness_path(h, "state.db"), "-cmd", ".timeout 5000",
	    "begin immediate", ".shell sleep 10", NULL);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	while (harness_running(h, locker))
		harness_pause();
	HARNESS_WAIT(
	    30000, count(&node, "endpoint where health = 'down'") == TURNING);
	HARNESS_WAIT(30000,
	    count(&node,
		"(select distinct endpoint from event where after = 'down')") ==
		TURNING);
	ck_assert_ptr_nonnull(
	    strstr(probe_log(&node), "locked by another process"));
	ck_assert_ptr_null(strstr(probe_log(&node), "lost"));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Endpoints that hang, and those that answer: with 16 places the former alone
 * would need four times as many. */
#define HUNG 80
#define WELL 8
#define HUNG_EVERY_MS 500

/* Rounds of those that answer that are timed.  In order of arrival each would
 * take 2 s; the rest is for a machine that is busy. */
#define ROUNDS 8
#define ROUNDS_MS (ROUNDS * HUNG_EVERY_MS * 5 / 2)

static void
add_pool(struct text *text, const char *name, int n)
{
	text_add(text, "  %s:\n    check: %s\n    endpoints:\n", name, name);
	for (int i = 0; i < n; i++)
		text_add(text,
		    "      - {name: %s%d, region: here, address: 10.0.0.%d, "
		    "check_at: 127.0.0.1}\n",
		    name, i, i + 1);
}

static void
configure_hung(struct node *node, struct harness *h)
{
	struct text text;

	node_init(node, h);
	node_config(node, "probe: {concurrency: 16}\n");
	node_records(node, node_zone);
	text_init(&text, (size_t)1 << 20);
	text_add(&text, "regions:\n  here: {at: [39.0, -77.5]}\nchecks:\n");
	for (int i = 0; i < 2; i++)
		text_add(&text,
		    "  %s: {path: /, port: %u, every: %dms, timeout: 400ms, "
		    "fall: 2, slow: off}\n",
		    i == 0 ? "well" : "hung", node->standin_port[i],
		    HUNG_EVERY_MS);
	text_add(&text, "pools:\n");
	add_pool(&text, "well", WELL);
	add_pool(&text, "hung", HUNG);
	text_add(
	    &text, "services:\n  one: {pool: well}\n  two: {pool: hung}\n");
	ck_assert(!text.failed);
	harness_write(h, "inference.yaml", "%s", text.data);
	text_finish(&text);
}

/* Connections are made, and requests never read: nobody accepts them. */
static int
listen_only(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 4096), 0);
	return fd;
}

/* Those that answer have their checks in time, and each of those that hang is
 * found down in the end. */
START_TEST(test_hung)
{
	struct harness *h = harness_create();
	struct tally *tally;
	struct node node;
	pid_t server;
	int64_t took_ms;
	unsigned before;
	int mute;

	configure_hung(&node, h);
	server = start_server(node.standin_port[0], &tally);
	mute = listen_only(node.standin_port[1]);
	node_check(&node);
	HARNESS_WAIT(
	    20000, strstr(probe_log(&node), "hung0 is down: timeout") != NULL);
	before = atomic_load(&tally->all);
	took_ms = -harness_ms();
	HARNESS_WAIT(60000, atomic_load(&tally->all) >= before + ROUNDS * WELL);
	took_ms += harness_ms();
	printf("measured: %d rounds of those that answer in %lld ms\n", ROUNDS,
	    (long long)took_ms);
	ck_assert_int_le(took_ms, ROUNDS_MS);
	HARNESS_WAIT(
	    60000, count(&node, "endpoint where health = 'down'") == HUNG);
	ck_assert_int_eq(count(&node, "endpoint where health = 'up'"), WELL);
	HARNESS_WAIT(20000,
	    strstr(probe_log(&node), "16 checks at once are the limit: ") !=
		NULL);
	ck_assert_ptr_null(strstr(probe_log(&node), "well0 is down"));
	close(mute);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Forty thousand checks a second, where nothing listens: no machine does so
 * many in one thread. */
START_TEST(test_too_many)
{
	struct harness *h = harness_create();
	struct node node;

	configure(&node, h, ENDPOINTS, "250ms");
	node_check(&node);
	HARNESS_WAIT(
	    40000, strstr(probe_log(&node), "checks are late: of ") != NULL);
	ck_assert_ptr_nonnull(strstr(probe_log(&node),
	    "one meridian-probe cannot do more on this machine: raise "
	    "`every`"));
	harness_stop(h, node.probe);
	ck_assert_ptr_nonnull(strstr(probe_log(&node), "ended by SIGTERM"));
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"first checks within a second, spread", test_first_checks, 180},
	    {"a schedule that cannot be kept is told", test_too_many, 120},
	    {"what hangs takes no time of what answers", test_hung, 180},
	    {"no event is lost when all turn at once", test_all_turn_at_once,
		180},
	};

	return harness_main(
	    "schedule", cases, sizeof(cases) / sizeof(cases[0]));
}
