/*
 * Hostile endpoints beside a thousand good ones: every flood, drip, bomb and
 * escape there is, at once.  The daemon lives, the good ones are checked in
 * time and stay up, memory and descriptors find their size, and nothing that a
 * terminal would obey is in any log, page, command's output or row.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/full.h"
#include "tests/system/certificates.h"
#include "tests/system/hostile_server.h"
#include "tests/system/node.h"

#define GOOD 1000

/* The tenth part of it is a bound of the histogram of lateness. */
#define EVERY_MS 2500
#define LATE "0.25"

#define SETTLED_S 4
#define CUT_S 8
#define FULL_S 300

/* So much may what is resident grow once it has found its size. */
#if defined(__SANITIZE_ADDRESS__)
/* What was freed is held for a while. */
#define GROWTH_KIB 524288
#else
#define GROWTH_KIB 12288
#endif

/* Of the daemon itself: files, pipes, a pair for each lane of connections, the
 * loop, pages, and what is under way at a look. */
#define OWN_FILES 400

/* The user that programs run as, where the test is root. */
#define OTHER_USER 65534

static uint16_t probe_http;

/* --- those that are good --- */

static void
serve_well(int listener)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				     "Connection: close\r\n\r\nok";
	const struct timeval patience = {.tv_sec = 2};

	for (;;) {
		char request[2048];
		int client = accept(listener, NULL, NULL);

		if (client < 0)
			continue;
		(void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience));
		if (recv(client, request, sizeof(request), 0) > 0)
			(void)send(
			    client, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
		close(client);
	}
}

static pid_t
start_good(uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	pid_t pid;

	ck_assert_int_ge(listener, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 4096), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_well(listener);
	}
	close(listener);
	return pid;
}

/* --- the files --- */

static const char *const checks[] = {
    [HOSTILE_PLAIN] = "plain",
    [HOSTILE_MODEL] = "models",
    [HOSTILE_LOAD] = "loads",
    [HOSTILE_GRPC] = "calls",
};

static void
write_checks(struct text *t, uint16_t good, uint16_t hostile, uint16_t tls)
{
	text_add(t,
	    "regions: {here: {at: [50.1, 8.7]}}\n"
	    "checks:\n"
	    "  good: {preset: http, port: %u, every: %dms, timeout: 1s}\n"
	    "  plain: {preset: http, port: %u, every: 1s, timeout: 700ms, "
	    "fall: 1, rise: 1}\n"
	    "  models: {preset: vllm, model: llama, port: %u, every: 1s, "
	    "timeout: 700ms, fall: 1, rise: 1}\n"
	    "  loads: {preset: vllm, model: llama, port: %u, every: 1s, "
	    "timeout: 700ms, fall: 1, rise: 1, load: {every: 1s}}\n"
	    "  calls: {preset: grpc, port: %u, every: 1s, timeout: 700ms, "
	    "fall: 1, rise: 1}\n"
	    "  tls: {preset: http, scheme: https, port: %u, host: gw.example, "
	    "ca: escapes.pem, every: 1s, timeout: 700ms, fall: 1, rise: 1}\n"
	    "  run: {exec: [escapes.sh], every: 1s, timeout: 700ms, fall: 1, "
	    "rise: 1}\n"
	    "pools:\n",
	    good, EVERY_MS, hostile, hostile, hostile, hostile, tls);
}

static void
write_pool(struct text *t, const char *name, const char *check)
{
	text_add(t, "  %s:\n    check: %s\n    endpoints:\n", name, check);
}

static void
write_endpoint(
    struct text *t, const char *name, unsigned number, const char *at)
{
	text_add(t,
	    "      - {name: %s, region: here, address: 10.9.%u.%u, "
	    "check_at: \"%s\"}\n",
	    name, number / 250, number % 250 + 1, at);
}

static void
write_steering(struct node *node, uint16_t good, uint16_t hostile, uint16_t tls)
{
	char name[32], at[32];
	struct text t;

	text_init(&t, (size_t)1 << 20);
	write_checks(&t, good, hostile, tls);
	for (unsigned i = 0; i < GOOD; i++) {
		if (i % 500 == 0) {
			(void)snprintf(name, sizeof(name), "good-%u", i / 500);
			write_pool(&t, name, "good");
		}
		(void)snprintf(name, sizeof(name), "g%u", i);
		(void)snprintf(
		    at, sizeof(at), "127.1.%u.%u", i / 250, i % 250 + 1);
		write_endpoint(&t, name, i, at);
	}
	for (unsigned i = 0; i < hostile_n_deeds; i++) {
		const char *check = checks[hostile_deeds[i].kind];

		if (i == 0 ||
		    hostile_deeds[i].kind != hostile_deeds[i - 1].kind)
			write_pool(&t, check, check);
		write_endpoint(&t, hostile_deeds[i].name, GOOD + i,
		    hostile_address(i, at));
	}
	write_pool(&t, "tls", "tls");
	write_endpoint(&t, "escapes-in-certificate", 1200, "127.0.0.1");
	write_pool(&t, "run", "run");
	write_endpoint(&t, "escapes-in-output", 1201, "127.0.0.1");
	text_add(&t,
	    "services:\n"
	    "  one: {pool: good-0}\n"
	    "  two: {pool: good-1}\n"
	    "  three: {pool: plain}\n");
	ck_assert(!t.failed);
	harness_write(node->h, "inference.yaml", "%s", t.data);
	text_finish(&t);
}

/* A certificate whose name would colour a terminal. */
static pid_t
start_tls(struct harness *h, uint16_t port)
{
	char at[32];
	const char *out;

	ck_assert_int_eq(harness_run(h, &out, OPENSSL, "req", "-x509",
			     "-newkey", "rsa:2048", "-nodes", "-days", "2",
			     "-keyout", harness_path(h, "escapes.key"), "-out",
			     harness_path(h, "escapes.pem"), "-subj",
			     "/CN=\x1b[31mred\x1b]0;owned\x07", NULL),
	    0);
	(void)snprintf(at, sizeof(at), "127.0.0.1:%u", port);
	return harness_start(h, "tls.log", OPENSSL, "s_server", "-quiet",
	    "-www", "-accept", at, "-cert", harness_path(h, "escapes.pem"),
	    "-key", harness_path(h, "escapes.key"), NULL);
}

static void
write_program(struct harness *h)
{
	harness_write(h, "escapes.sh", "%s",
	    "#!/bin/sh\n"
	    "printf '\\033[31mred\\033]0;owned\\007\\233\\302\\233\\r\\n'\n"
	    "printf '\\033[2J' >&2\n"
	    "exit 2\n");
	ck_assert_int_eq(chmod(harness_path(h, "escapes.sh"), 0755), 0);
}

/* --- what is looked at --- */

static const char *
probe_page(struct node *node, const char *path)
{
	const char *body = "";
	char url[64];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u%s", probe_http, path);
	(void)harness_http(node->h, "GET", url, &body);
	return body;
}

static double
probe_metric(struct node *node, const char *name)
{
	const char *at = probe_page(node, "/metrics");
	size_t len = strlen(name);

	while ((at = strstr(at, name)) != NULL &&
	    (at[-1] != '\n' || at[len] != ' '))
		at += len;
	ck_assert_msg(at != NULL, "no metric %s", name);
	return strtod(at + len, NULL);
}

struct turns {
	double all, in_time, missed, cpu_s, at_s;
};

/* Of the daemon, and not of the process that writes. */
static double
cpu_s(struct node *node)
{
	char path[64];
	unsigned long user = 0, kernel = 0;
	const char *stat, *at;
	char *end;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)node->probe);
	stat = harness_read(node->h, path);
	/* The 14th and the 15th; the second may have blanks. */
	at = strrchr(stat, ')');
	for (int i = 2; at != NULL && i < 14; i++)
		at = strchr(at + 1, ' ');
	if (at != NULL) {
		user = strtoul(at, &end, 10);
		kernel = strtoul(end, NULL, 10);
	}
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static struct turns
look_at_turns(struct node *node)
{
	return (struct turns){
	    .all = probe_metric(node, "meridian_probe_lateness_seconds_count"),
	    .in_time = probe_metric(node,
		"meridian_probe_lateness_seconds_bucket{le=\"" LATE "\"}"),
	    .missed = probe_metric(node, "meridian_probe_missed_turns_total"),
	    .cpu_s = cpu_s(node),
	    .at_s = (double)harness_ms() / 1e3};
}

static long
resident(struct node *node)
{
	return (long)probe_metric(node, "process_resident_memory_bytes") / 1024;
}

static unsigned
descriptors(struct node *node)
{
	return (unsigned)probe_metric(node, "process_open_fds");
}

/* Printable ASCII, in lines. */
static void
expect_clean(const char *what, const char *text)
{
	ck_assert_msg(text[0] != '\0', "%s is empty", what);
	for (const char *c = text; *c != '\0'; c++)
		ck_assert_msg(*c == '\n' || (*c >= ' ' && *c <= '~'),
		    "%s has 0x%02x: %.*s", what, (unsigned char)*c, 60,
		    c - text > 40 ? c - 40 : text);
}

static long
count(struct node *node, const char *sql)
{
	return strtol(node_sql(node, sql), NULL, 10);
}

#define ODD(column) column " GLOB '*[^ -~]*'"

static void
expect_all_clean(struct node *node)
{
	static const char *const probed[] = {"escapes-in-status",
	    "escapes-in-headers", "escapes-for-http", "escapes-in-version",
	    "escapes-in-json", "escapes-in-metrics", "escapes-in-grpc",
	    "escapes-in-certificate"};
	const char *out;

	expect_clean("the log of meridian-probe",
	    harness_read(node->h, harness_path(node->h, "probe.log")));
	expect_clean("the log of meridiand",
	    harness_read(node->h, harness_path(node->h, "meridiand.log")));
	expect_clean("/metrics of the probe", probe_page(node, "/metrics"));
	expect_clean("/healthz of the probe", probe_page(node, "/healthz"));
	expect_clean("/metrics", node_page(node, "/metrics"));
	expect_clean("/api/v1/status", node_page(node, "/api/v1/status"));
	(void)node_ctl(node, &out, "status");
	expect_clean("status", out);
	(void)node_ctl(node, &out, "status", "--json");
	expect_clean("status --json", out);
	(void)node_ctl(node, &out, "events");
	expect_clean("events", out);
	for (size_t i = 0; i < sizeof(probed) / sizeof(probed[0]); i++) {
		(void)node_ctl(node, &out, "probe", probed[i]);
		expect_clean(probed[i], out);
		(void)node_ctl(node, &out, "probe", probed[i], "--json");
		expect_clean(probed[i], out);
	}
	ck_assert_int_eq(count(node,
			     "SELECT count(*) FROM endpoint WHERE " ODD(
				 "reason") " OR " ODD("degraded")),
	    0);
	ck_assert_int_eq(
	    count(node, "SELECT count(*) FROM event WHERE " ODD("reason")), 0);
	ck_assert_int_eq(count(node,
			     "SELECT count(*) FROM load WHERE " ODD(
				 "reason") " OR " ODD("source")),
	    0);
}

static bool
is_found(struct node *node, const char *endpoint, const char *health)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE endpoint = '%s' AND health = "
	    "'%s'",
	    endpoint, health);
	return count(node, sql) == 1;
}

/* Each is found as it is, where there is one answer.  On a machine that is very
 * busy some are not judged at each turn. */
static void
expect_found(struct node *node)
{
	for (unsigned i = 0; i < hostile_n_deeds; i++) {
		const struct hostile_deed *deed = &hostile_deeds[i];

		if (deed->health != NULL)
			HARNESS_WAIT(
			    20000, is_found(node, deed->name, deed->health));
	}
	HARNESS_WAIT(20000, is_found(node, "escapes-in-certificate", "down"));
	HARNESS_WAIT(20000, is_found(node, "escapes-in-output", "down"));
}

static void
prepare(struct node *node, struct harness *h)
{
	char extra[128];

	node_init(node, h);
	probe_http = harness_port(h);
	(void)snprintf(extra, sizeof(extra),
	    "probe: {http: \"127.0.0.1:%u\"}\n%s", probe_http,
	    geteuid() == 0 ? "user: nobody\n" : "");
	node_config(node, extra);
	node_records(node, node_zone);
	write_program(h);
	if (geteuid() == 0)
		ck_assert_int_eq(
		    chown(harness_path(h, "."), OTHER_USER, OTHER_USER), 0);
}

struct most {
	long kib;
	unsigned files;
	double lag_s;
};

static void
watch(struct node *node, uint64_t s, struct most *most)
{
	for (int64_t end = harness_ms() + (int64_t)s * 1000;
	     harness_ms() < end;) {
		long kib = resident(node);
		unsigned files = descriptors(node);

		double lag_s =
		    probe_metric(node, "meridian_probe_loop_lag_seconds");

		most->kib = kib > most->kib ? kib : most->kib;
		most->files = files > most->files ? files : most->files;
		most->lag_s = lag_s > most->lag_s ? lag_s : most->lag_s;
		usleep(500000);
	}
}

START_TEST(a_thousand_good_ones_beside_every_harm)
{
	struct harness *h = harness_create();
	uint16_t good = harness_port(h), hostile = harness_port(h);
	uint16_t tls = harness_port(h);
	struct turns first, last;
	struct most before = {0}, after = {0};
	struct node node;
	pid_t pids[3];

	prepare(&node, h);
	pids[0] = start_tls(h, tls);
	pids[1] = start_good(good);
	pids[2] = hostile_start(hostile);
	write_steering(&node, good, hostile, tls);
	node_serve(&node);
	node_check(&node);
	/* Where that may be: what else runs on this machine is not what is
	 * measured. */
	(void)setpriority(PRIO_PROCESS, (id_t)node.probe, -10);
	(void)setpriority(PRIO_PROCESS, (id_t)pids[1], -10);
	/* Who asks before would make the file. */
	HARNESS_WAIT(20000, node_metric(&node, "meridian_state_readable") == 1);
	HARNESS_WAIT(20000,
	    count(&node,
		"SELECT count(*) FROM endpoint WHERE pool GLOB 'good*' AND "
		"health = 'up'") == GOOD);
	watch(&node, SETTLED_S, &before);
	first = look_at_turns(&node);
	watch(&node, full_size(CUT_S, FULL_S), &after);
	last = look_at_turns(&node);
	printf(
	    "measured: %.0f checks beside %u kinds of harm: %.2f %% later "
	    "than %s s, %.0f left out, the loop at most %.3f s late, %.0f %% "
	    "of a core; resident %ld KiB, then %ld; at most %u descriptors\n",
	    last.all - first.all, hostile_n_deeds + 2,
	    100 - 100 * (last.in_time - first.in_time) / (last.all - first.all),
	    LATE, last.missed - first.missed, after.lag_s,
	    100 * (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s),
	    before.kib, after.kib, after.files);
	expect_found(&node);
	expect_all_clean(&node);
	/* A cut is too short for a machine that does other things beside. */
	ck_assert(last.in_time - first.in_time >=
	    (full_size(0, 1) ? 0.99 : 0.95) * (last.all - first.all));
	ck_assert(last.missed - first.missed <= 0.01 * (last.all - first.all));
	ck_assert_int_le(after.kib, before.kib + GROWTH_KIB);
	/* Nobody that is good has been anything else. */
	ck_assert_int_eq(count(&node,
			     "SELECT count(*) FROM event WHERE pool GLOB "
			     "'good*' AND after <> 'up'"),
	    0);
	/* What the hostile ones held is given back. */
	ck_assert_int_eq(kill(pids[2], SIGKILL), 0);
	HARNESS_WAIT(15000, descriptors(&node) <= OWN_FILES);
	printf("measured: without them: %u descriptors\n", descriptors(&node));
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
	harness_kill(h, pids[0]);
	ck_assert_int_eq(kill(pids[1], SIGKILL), 0);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"hostile", a_thousand_good_ones_beside_every_harm, 180},
	};

	return harness_main("hostile", cases, sizeof(cases) / sizeof(cases[0]));
}
