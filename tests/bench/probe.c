/*
 * Whether one core is enough for 10,000 endpoints that are checked every 5 s:
 * starts a node whose meridian-probe has a core for itself, the endpoints and
 * all else on another, and prints what was measured against its goal, a line
 * each.  Some endpoints fail and come back meanwhile, and meridiand, which
 * answers 20,000 queries a second, must see each of these changes and lose
 * none of the queries.  `make bench-probe` and `make check-long` call it.
 *
 * How late checks are is told by their servers: each is due at exact multiples
 * of its period, at an offset of its own, which is taken from the one of its
 * requests that came first after its turn.
 *
 * SECONDS (60) of each are measured, of ENDPOINTS (10000); CK_RUN_CASE chooses
 * one of "new", "kept" and "tls".  On a machine that does other things as well
 * call it under chrt -r 5: what it measures is then the probe's.
 */
#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/asker.h"
#include "tests/bench/many.h"
#include "tests/system/node.h"

#define EVERY_MS 5000
#define POOLS 10
#define FLIPPED 100 /* endpoints that change at a time */
#define QUERIES 20000

/* The goals. */
#define LATE_MS 500.0
#define MEMORY_MB 200.0
#define TLS_MEMORY_MB 600.0 /* OpenSSL keeps some 45 KiB of a connection */
#define CORE_PERCENT 60.0

#define PAGE_MAX ((size_t)16 << 20)
#define OPENSSL "/usr/bin/openssl"

struct bench {
	struct node node;
	uint16_t at, pages;
	pid_t servers, recorder;
	struct many *many;
	struct asker asker;
	unsigned endpoints, seconds;
	bool tls, kept;
	unsigned changed; /* endpoints, so far */
	int64_t worst_seen_ms;
	bool failed;
};

static const char *const names[POOLS] = {"s0.inference.example",
    "s1.inference.example", "s2.inference.example", "s3.inference.example",
    "s4.inference.example", "s5.inference.example", "s6.inference.example",
    "s7.inference.example", "s8.inference.example", "s9.inference.example"};

static unsigned
number_of(const char *variable, unsigned without)
{
	const char *text = getenv(variable);

	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : without;
}

/* --- the node --- */

static void
add_pool(struct text *t, unsigned pool, unsigned n)
{
	char at[16];

	text_add(t, "  p%u:\n    check: many\n    endpoints:\n", pool);
	for (unsigned i = pool; i < n; i += POOLS)
		text_add(t,
		    "      - {name: e%u, region: r%u, address: 10.%u.%u.%u, "
		    "check_at: %s}\n",
		    i, i / POOLS % 4, i >> 16, i >> 8 & 255, i & 255,
		    many_address(i, at));
}

static void
write_steering(struct bench *b)
{
	struct text t;

	text_init(&t, (size_t)16 << 20);
	text_add(&t,
	    "regions:\n"
	    "  r0: {at: [39.0, -77.5]}\n"
	    "  r1: {at: [53.3, -6.3]}\n"
	    "  r2: {at: [19.1, 72.9]}\n"
	    "  r3: {at: [35.6, 139.7]}\n"
	    "checks:\n"
	    "  many: {preset: http, path: /, port: %u, every: %dms, timeout: "
	    "2s,"
	    " fall: 1, rise: 1%s%s}\n"
	    "pools:\n",
	    b->at, EVERY_MS, b->kept ? ", reuse: true" : "",
	    b->tls ? ", scheme: https, host: many.example, ca: server.pem"
		   : "");
	for (unsigned i = 0; i < POOLS; i++)
		add_pool(&t, i, b->endpoints);
	text_add(&t, "services:\n");
	for (int i = 0; i < POOLS; i++)
		text_add(&t, "  s%d: {pool: p%d}\n", i, i);
	ck_assert(!t.failed);
	harness_write(b->node.h, "inference.yaml", "%s", t.data);
	text_finish(&t);
}

/* This process, and what it starts from now on, on one core. */
static void
stay_on(unsigned core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

static const char *
make_certificate(struct harness *h)
{
	const char *path = harness_path(h, "server.pem");

	ck_assert_int_eq(
	    harness_run(h, NULL, OPENSSL, "req", "-x509", "-newkey", "ec",
		"-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
		"-keyout", path, "-out", harness_path(h, "certificate.pem"),
		"-subj", "/CN=many", "-addext",
		"subjectAltName=DNS:many.example", NULL),
	    0);
	ck_assert_int_eq(
	    harness_run(h, NULL, "/bin/sh", "-c", "cat \"$1\" >>\"$0\"", path,
		harness_path(h, "certificate.pem"), NULL),
	    0);
	return path;
}

/* The process that writes the database for the probe: its only child. */
static pid_t
child_of(struct bench *b, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
	    (int)pid);
	return (pid_t)strtol(harness_read(b->node.h, path), NULL, 10);
}

static void
start(struct bench *b)
{
	struct node *node = &b->node;
	struct harness *h = harness_create();
	char extra[128];

	node_init(node, h);
	b->at = harness_port(h);
	b->pages = harness_port(h);
	snprintf(extra, sizeof(extra),
	    "workers: 1\nprobe: {http: \"127.0.0.1:%u\"}\n", b->pages);
	node_config(node, extra);
	node_records(node, node_zone);
	write_steering(b);
	stay_on(1);
	b->servers =
	    many_start(b->at, b->tls ? make_certificate(h) : NULL, &b->many);
	ck_assert_int_gt(b->servers, 0);
	node_serve(node);
	stay_on(0);
	node_check(node);
	stay_on(1);
}

/* --- pages --- */

/* All of a page of 127.0.0.1; valid until the next call. */
static const char *
page(uint16_t port, const char *path)
{
	static char data[PAGE_MAX];
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = 0;
	ssize_t n = 0;
	char request[128];

	snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", path);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		while (len < sizeof(data) - 1 &&
		    (n = recv(fd, data + len, sizeof(data) - 1 - len, 0)) > 0)
			len += (size_t)n;
	close(fd);
	data[len] = '\0';
	return data;
}

/* A number of the probe's page; -1: it is not there. */
static double
metric(struct bench *b, const char *name)
{
	const char *line = strstr(page(b->pages, "/metrics"), name);

	return line != NULL ? strtod(line + strlen(name), NULL) : -1;
}

/* As how many endpoints are up, or down, meridiand knows. */
static unsigned
count_known(struct bench *b, bool up)
{
	static const char head[] = "\nmeridian_endpoint_up{";
	const char *at = page(b->node.http, "/metrics"), *end;
	unsigned n = 0;

	while ((at = strstr(at, head)) != NULL) {
		at += sizeof(head) - 1;
		end = strstr(at, "} ");
		if (end != NULL)
			n += end[2] == (up ? '1' : '0');
	}
	return n;
}

static long
count_events(struct bench *b, const char *after)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM event WHERE after = '%s'", after);
	return strtol(node_sql(&b->node, sql), NULL, 10);
}

/* --- what is measured --- */

static double
cpu_s(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Resident memory; what two processes share is in both. */
static double
memory_mb(struct bench *b, pid_t pid)
{
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	line = strstr(harness_read(b->node.h, path), "VmRSS:");
	return line != NULL ? strtod(line + 6, NULL) / 1024 : -1;
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How late each request to ${number} was, to ${late}; the number of them.
 * ${missed} turns had none. */
static size_t
lateness_of(
    const struct many *m, unsigned number, uint32_t *late, size_t *missed)
{
	size_t n = atomic_load(&m->asked[number]), rounds = 0;
	int64_t offsets[MANY_ROUNDS], first = 0;
	const int64_t every = (int64_t)EVERY_MS * 1000;

	if (n > MANY_ROUNDS)
		n = MANY_ROUNDS;
	for (size_t i = 0; i < n; i++) {
		int64_t since =
		    (int64_t)m->at_us[number][i] - (int64_t)m->at_us[number][0];
		int64_t round = (since + every / 2) / every;

		offsets[i] = since - round * every;
		first = offsets[i] < first ? offsets[i] : first;
		rounds = (size_t)round + 1;
	}
	for (size_t i = 0; i < n; i++)
		late[i] = (uint32_t)(offsets[i] - first);
	*missed += rounds > n ? rounds - n : 0;
	return n;
}

static void say(struct bench *b, bool well, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(struct bench *b, bool well, const char *fmt, ...)
{
	va_list args;

	b->failed |= !well;
	printf("measured: %s ", well ? "PASS" : "FAIL");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

static void
say_lateness(struct bench *b)
{
	uint32_t *late = calloc((size_t)b->endpoints * MANY_ROUNDS, 4);
	size_t n = 0, missed = 0, p50, p99;

	ck_assert_ptr_nonnull(late);
	for (unsigned i = 0; i < b->endpoints; i++)
		n += lateness_of(b->many, i, late + n, &missed);
	ck_assert_uint_gt(n, b->endpoints);
	qsort(late, n, sizeof(*late), compare);
	p50 = n / 2;
	p99 = n * 99 / 100;
	say(b, late[p99] / 1e3 <= LATE_MS,
	    "lateness of %zu checks: p50 %.1f ms, p99 %.1f ms, at most %.1f "
	    "ms; goal p99 %.0f ms",
	    n, late[p50] / 1e3, late[p99] / 1e3, late[n - 1] / 1e3, LATE_MS);
	say(b, missed == 0, "turns left out: %zu; goal 0", missed);
	free(late);
}

/* --- endpoints that change --- */

/* The next of them fail, or are well again; wait until meridiand knows. */
static void
flip(struct bench *b, unsigned first, bool fail)
{
	int64_t began = harness_ms(), ms;

	for (unsigned i = 0; i < FLIPPED; i++)
		atomic_store(
		    &b->many->fails[(first + i * 97) % b->endpoints], fail);
	/* One period, and room for a busy machine. */
	while (count_known(b, false) != (fail ? FLIPPED : 0)) {
		struct timespec pause = {.tv_nsec = 200000000};

		ck_assert_msg(harness_ms() - began < 6L * EVERY_MS,
		    "%u are known to be down", count_known(b, false));
		nanosleep(&pause, NULL);
	}
	ms = harness_ms() - began;
	b->worst_seen_ms = ms > b->worst_seen_ms ? ms : b->worst_seen_ms;
	b->changed += FLIPPED;
}

static void
measure(struct bench *b)
{
	double probe_s = cpu_s(b->node.probe), writer_s = cpu_s(b->recorder);
	double most_mb = b->tls ? TLS_MEMORY_MB : MEMORY_MB;
	int64_t began = harness_ms(), took_ms;
	unsigned round = 0;

	b->many->began_us = many_now_us();
	atomic_store(&b->many->noting, true);
	ck_assert_int_eq(
	    asker_start(&b->asker, b->node.port, QUERIES, names, POOLS), 0);
	do {
		flip(b, round * 31, true);
		flip(b, round * 31, false);
		round++;
	} while (harness_ms() - began < (int64_t)b->seconds * 1000);
	atomic_store(&b->many->noting, false);
	took_ms = harness_ms() - began;
	probe_s = cpu_s(b->node.probe) - probe_s;
	writer_s = cpu_s(b->recorder) - writer_s;
	asker_stop(&b->asker);
	printf("measured: %s: %u endpoints every %d s for %.0f s\n",
	    b->tls        ? "kept connections, verified TLS"
		: b->kept ? "kept connections"
			  : "a connection each",
	    b->endpoints, EVERY_MS / 1000, (double)took_ms / 1e3);
	say_lateness(b);
	say(b,
	    memory_mb(b, b->node.probe) + memory_mb(b, b->recorder) <= most_mb,
	    "memory: %.1f MB, and %.1f MB of the process that writes; goal "
	    "%.0f MB",
	    memory_mb(b, b->node.probe), memory_mb(b, b->recorder), most_mb);
	say(b, (probe_s + writer_s) * 1e5 / (double)took_ms <= CORE_PERCENT,
	    "of the core: %.1f %%, and %.1f %% of the process that writes; "
	    "goal %.0f %%",
	    probe_s * 1e5 / (double)took_ms, writer_s * 1e5 / (double)took_ms,
	    CORE_PERCENT);
}

/* Each change is an event, and meridiand has seen that it came. */
static void
say_changes(struct bench *b, long down, long up)
{
	long changes;

	HARNESS_WAIT(10000, count_known(b, true) == b->endpoints);
	changes = count_events(b, "down") - down + count_events(b, "up") - up;
	say(b, changes == (long)b->changed,
	    "changes: %u made and seen by meridiand, the slowest %d after %.1f "
	    "s; %ld events; goal none lost, none beside",
	    b->changed, FLIPPED, (double)b->worst_seen_ms / 1e3, changes);
	say(b, b->asker.lost == 0,
	    "queries: %lu sent, %lu answered, %lu lost; goal 0 lost",
	    (unsigned long)b->asker.sent, (unsigned long)b->asker.answered,
	    (unsigned long)b->asker.lost);
}

static void
run(bool tls, bool kept)
{
	struct bench b = {.tls = tls,
	    .kept = kept,
	    .endpoints = number_of("ENDPOINTS", 10000),
	    .seconds = number_of("SECONDS", 60)};
	struct timespec warm = {.tv_sec = 2 * EVERY_MS / 1000};
	long down, up;

	start(&b);
	HARNESS_WAIT(120000, count_known(&b, true) == b.endpoints);
	if (kept)
		HARNESS_WAIT(60000,
		    metric(&b, "\nmeridian_probe_kept_connections ") ==
			b.endpoints);
	nanosleep(&warm, NULL);
	b.recorder = child_of(&b, b.node.probe);
	ck_assert_int_gt(b.recorder, 0);
	down = count_events(&b, "down");
	up = count_events(&b, "up");
	measure(&b);
	say_changes(&b, down, up);
	harness_stop(b.node.h, b.node.probe);
	harness_stop(b.node.h, b.node.server);
	kill(b.servers, SIGKILL);
	waitpid(b.servers, NULL, 0);
	ck_assert_msg(!b.failed, "a goal was missed");
	harness_destroy(b.node.h);
}

START_TEST(new_connections)
{
	run(false, false);
}
END_TEST

START_TEST(kept_connections)
{
	run(false, true);
}
END_TEST

START_TEST(kept_tls)
{
	run(true, true);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"new", new_connections, 600},
	    {"kept", kept_connections, 600},
	    {"tls", kept_tls, 600},
	};

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		printf("needs two cores\n");
		return 77;
	}
	return harness_main("probe", cases, sizeof(cases) / sizeof(cases[0]));
}
