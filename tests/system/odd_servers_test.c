/*
 * The probe and servers that are odd, hostile, or many: what an operator reads
 * of each in the state database, and that none of them costs another its
 * checks.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/node.h"

#define OPENSSL "/usr/bin/openssl"

/* --- servers over TCP, each in a process of its own --- */

enum deed {
	ANSWERS,       /* reads all of the request */
	READS_LITTLE,  /* 10 octets of it, so that a reset follows */
	READS_NOTHING, /* the same without reading */
	RESETS         /* reads all, answers, and sends a reset */
};

struct odd {
	const char *name;
	enum deed deed;
	const char *answer, *models; /* NULL: the same */
	const char *health, *reason;
};

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CUT_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"

static void
send_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void
serve(const struct odd *odd, int fd)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};
	struct pollfd in = {.fd = fd, .events = POLLIN};
	char request[2048] = "";
	const char *answer = odd->answer;
	size_t len = 0;
	ssize_t n = 1;

	(void)poll(&in, 1, 5000);
	if (odd->deed == READS_LITTLE)
		(void)recv(fd, request, 10, 0);
	while ((odd->deed == ANSWERS || odd->deed == RESETS) && n > 0 &&
	    strstr(request, "\r\n\r\n") == NULL && len < sizeof(request) - 1) {
		n = recv(fd, request + len, sizeof(request) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
	}
	if (odd->models != NULL && strstr(request, "GET /v1/models ") != NULL)
		answer = odd->models;
	send_all(fd, answer);
	if (odd->deed == RESETS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(fd);
}

static int
listen_at(const char *address, uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 4096), 0);
	return fd;
}

/* Serve as ${odd} does at ${port} of all of 127/8 until the test ends; the
 * process. */
static pid_t
start_odd(const struct odd *odd, uint16_t port)
{
	int listener = listen_at("0.0.0.0", port), on = 1, fd;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0) {
		close(listener);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		/* What waits to be sent is lost with a reset. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		serve(odd, fd);
	}
}

static const struct odd well = {"well", ANSWERS, OK_ANSWER, NULL, "up", ""};

/* --- files --- */

/* A steering file that grows. */
static char steering[1 << 20];
static size_t steering_len;

static void __attribute__((format(printf, 1, 2))) add(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	steering_len += (size_t)vsnprintf(steering + steering_len,
	    sizeof(steering) - steering_len, fmt, args);
	va_end(args);
	ck_assert_uint_lt(steering_len, sizeof(steering));
}

static void
add_head(const char *checks)
{
	steering_len = 0;
	add("regions: {us: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "%s"
	    "pools:\n",
	    checks);
}

static void
add_pool(const char *name, const char *check)
{
	add("  %s:\n    check: %s\n    endpoints:\n", name, check);
}

static void
add_endpoint(const char *name, unsigned number, const char *at, uint16_t port)
{
	add("      - {name: %s, region: us, address: 10.9.%u.%u, "
	    "check_at: \"%s:%u\"}\n",
	    name, number / 250, number % 250 + 1, at, port);
}

static void
start_probe(struct node *node, const char *service)
{
	add("services: {one: {pool: %s}}\n", service);
	harness_write(node->h, "inference.yaml", "%s", steering);
	node_config(node, "");
	node_records(node, node_zone);
	node_check(node);
}

static int
count(struct node *node, const char *where)
{
	char sql[256];

	snprintf(
	    sql, sizeof(sql), "select count(*) from endpoint where %s", where);
	return (int)strtol(node_sql(node, sql), NULL, 10);
}

/* What the state database says of an endpoint, "health reason". */
static const char *
state_of(struct node *node, const char *name)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "select health || ' ' || reason from endpoint "
	    "where endpoint = '%s'",
	    name);
	return node_sql(node, sql);
}

static void
expect_state(
    struct node *node, const char *name, const char *health, const char *reason)
{
	char want[256];
	const char *is = "";

	snprintf(want, sizeof(want), "%s %s\n", health, reason);
	for (int64_t end = harness_ms() + 20000; harness_ms() < end;) {
		is = state_of(node, name);
		if (strcmp(is, want) == 0)
			return;
		harness_pause();
	}
	ck_abort_msg("%s: %s, not %s", name, is, want);
}

/* --- TLS --- */

static void
make_certificate(struct harness *h, const char *file, const char *name,
    const char *subject_names)
{
	char key[64], pem[64], extension[128];
	const char *out;

	snprintf(key, sizeof(key), "%s.key", file);
	snprintf(pem, sizeof(pem), "%s.pem", file);
	snprintf(extension, sizeof(extension), "subjectAltName=%s",
	    subject_names != NULL ? subject_names : "");
	ck_assert_int_eq(
	    harness_run(h, &out, OPENSSL, "req", "-x509", "-newkey", "rsa:2048",
		"-nodes", "-days", "2", "-keyout", harness_path(h, key), "-out",
		harness_path(h, pem), "-subj", name,
		subject_names != NULL ? "-addext" : NULL, extension, NULL),
	    0);
}

/* A group of Diffie-Hellman of 10,000 bits, not that of a prime: nobody looks.
 */
static const char *
make_huge_group(struct harness *h)
{
	unsigned char der[1262] = {
	    0x30, 0x82, 0x04, 0xea, 0x02, 0x82, 0x04, 0xe3, 0x00};
	const char *path = harness_path(h, "dh.der"), *out;
	const char *pem = harness_path(h, "dh.pem");
	FILE *f = fopen(path, "w");

	memset(der + 9, 0xff, 1250);
	der[1259] = 0x02;
	der[1260] = 0x01;
	der[1261] = 0x02;
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(der, 1, sizeof(der), f), sizeof(der));
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(harness_run(h, &out, OPENSSL, "dhparam", "-inform",
			     "DER", "-in", path, "-out", pem, NULL),
	    0);
	return pem;
}

#define S_SERVER(h, log, port, file, ...)                                   \
	harness_start(h, log, OPENSSL, "s_server", "-quiet", "-www",        \
	    "-accept", port, "-cert", harness_path(h, file ".pem"), "-key", \
	    harness_path(h, file ".key"), __VA_ARGS__, NULL)

static void
accept_text(char text[32], uint16_t port)
{
	snprintf(text, 32, "127.0.0.1:%u", port);
}

/* Each of its own port, and of one check: the cases over TLS. */
static const struct {
	const char *name, *check, *health, *reason;
} secure[] = {
    {"named", "named", "up", ""},
    {"unnamed", "unnamed", "down",
	"tls: the certificate has no subjectAltName; the check has no host"},
    {"wants-certificate", "named", "down",
	"tls: the server wants a client certificate"},
    {"finite-field", "named", "down",
	"tls: sslv3 alert handshake failure; the check has no host"},
    {"no-authorities", "lost", "unknown", NULL},
};
#define SECURE (sizeof(secure) / sizeof(secure[0]))

static void
start_secure(struct harness *h, uint16_t ports[SECURE], pid_t pids[SECURE])
{
	const char *group = make_huge_group(h);
	char at[SECURE][32];

	make_certificate(h, "named", "/CN=x", "IP:127.0.0.1");
	make_certificate(h, "unnamed", "/CN=127.0.0.1", NULL);
	for (size_t i = 0; i < SECURE; i++) {
		ports[i] = harness_port(h);
		accept_text(at[i], ports[i]);
	}
	pids[0] = S_SERVER(h, "named.log", at[0], "named", "-tls1_3");
	pids[1] = S_SERVER(h, "unnamed.log", at[1], "unnamed", "-tls1_3");
	pids[2] = S_SERVER(h, "wants.log", at[2], "named", "-Verify", "1");
	pids[3] = S_SERVER(h, "finite.log", at[3], "named", "-tls1_2",
	    "-cipher", "DHE-RSA-AES128-GCM-SHA256", "-dhparam", group);
	pids[4] = S_SERVER(h, "lost.log", at[4], "named", "-tls1_3");
}

static const char *
many_models(void)
{
	static char text[4097 * 1024 + 256];
	size_t len = (size_t)snprintf(
	    text, sizeof(text), HEAD "{\"object\":\"list\",\"data\":[");

	for (unsigned i = 0; i < 4096; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "{\"id\":\"lora-%u\",\"root\":\"%0900u\"},", i, i);
	snprintf(text + len, sizeof(text) - len, "{\"id\":\"llama\"}]}");
	return text;
}

/* As one line of the headers, of 200 KB. */
static const char *
long_header(void)
{
	static char text[200100];

	snprintf(
	    text, sizeof(text), "HTTP/1.1 200 OK\r\nX: %0200000d\r\n\r\n", 0);
	return text;
}

#define ODD_JSON                                                           \
	HEAD "\xef\xbb\xbf{\"n\":1e400,\"m\":"                             \
	     "100000000000000000000000000000000000000000,\"data\":["       \
	     "{\"id\":\"a\\u0000b\"},{\"id\":\"\\ud83d\"},{\"id\":\"llama" \
	     "\",\"max\":-1E+999}]}"

START_TEST(evening_of_odd_servers)
{
	const struct odd odds[] = {
	    {"reads-little", READS_LITTLE, OK_ANSWER, NULL, "up", ""},
	    {"reads-nothing", READS_NOTHING, OK_ANSWER, NULL, "up", ""},
	    {"resets", RESETS, OK_ANSWER, NULL, "up", ""},
	    {"half-and-reset", READS_LITTLE, CUT_ANSWER, NULL, "down", "reset"},
	    {"no-answer", ANSWERS, "", NULL, "down",
		"closed without an answer"},
	    {"reset", READS_NOTHING, "", NULL, "down", "reset"},
	    {"long-header", ANSWERS, long_header(), NULL, "down",
		"headers: over 64 KiB"},
	    {"many-models", ANSWERS, OK_ANSWER, many_models(), "up", ""},
	    {"odd-json", ANSWERS, OK_ANSWER, ODD_JSON, "up", ""},
	    {"other-model", ANSWERS, OK_ANSWER, HEAD "{\"data\":[]}", "down",
		"body: model not listed"},
	    {"no-json", ANSWERS, OK_ANSWER, HEAD "{\"data\":[", "down",
		"body: not JSON"},
	};
	const size_t n = sizeof(odds) / sizeof(odds[0]);
	struct harness *h = harness_create();
	uint16_t ports[SECURE];
	pid_t pids[SECURE];
	struct node node;
	char lost[512];

	node_init(&node, h);
	add_head(
	    "  plain: {every: 1s, timeout: 1s}\n"
	    "  llm: {preset: vllm, model: llama, every: 1s, timeout: 1s}\n"
	    "  named: {scheme: https, ca: named.pem, every: 1s, timeout: 1s}\n"
	    "  unnamed: {scheme: https, ca: unnamed.pem, every: 1s, "
	    "timeout: 1s}\n"
	    "  lost: {scheme: https, ca: lost.pem, every: 1s, timeout: 1s}\n");
	add_pool("odd", "plain");
	for (size_t i = 0; i < n; i++) {
		uint16_t port = harness_port(h);

		if (i > 0 && odds[i].models != NULL &&
		    odds[i - 1].models == NULL)
			add_pool("models", "llm");
		add_endpoint(odds[i].name, (unsigned)i, "127.0.0.1", port);
		start_odd(&odds[i], port);
	}
	start_secure(h, ports, pids);
	for (size_t i = 0; i < SECURE; i++) {
		add_pool(secure[i].name, secure[i].check);
		add_endpoint(
		    secure[i].name, 100 + (unsigned)i, "127.0.0.1", ports[i]);
	}
	start_probe(&node, "odd");
	for (size_t i = 0; i < n; i++)
		expect_state(
		    &node, odds[i].name, odds[i].health, odds[i].reason);
	snprintf(lost, sizeof(lost), "probe: cannot use the ca file: %s",
	    harness_path(h, "lost.pem"));
	lost[95] = '\0';
	for (size_t i = 0; i < SECURE; i++)
		expect_state(&node, secure[i].name, secure[i].health,
		    secure[i].reason != NULL ? secure[i].reason : lost);
	/* None that is well has been anything else in between. */
	ck_assert_str_eq(
	    node_sql(&node,
		"select count(*) from event where endpoint in "
		"('reads-little', 'reads-nothing', 'resets', 'many-models', "
		"'odd-json', 'named') and after <> 'up'"),
	    "0\n");
	harness_stop(h, node.probe);
	for (size_t i = 0; i < SECURE; i++)
		harness_kill(h, pids[i]);
	harness_destroy(h);
}
END_TEST

/* What an operator reads before anything runs. */
START_TEST(check_that_cannot_be_made)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	add_head("  lost: {scheme: https, ca: lost.pem}\n"
		 "  empty: {scheme: https, ca: empty.pem}\n");
	add_pool("a", "lost");
	add_endpoint("a", 0, "127.0.0.1", 1);
	add_pool("b", "empty");
	add_endpoint("b", 1, "127.0.0.1", 1);
	add("services: {one: {pool: a}, two: {pool: b}}\n");
	harness_write(h, "inference.yaml", "%s", steering);
	harness_write(h, "empty.pem", "nothing\n");
	node_config(&node, "");
	node_records(&node, node_zone);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	ck_assert_msg(strstr(out, "inference.yaml:3:3: error: ca: ") != NULL &&
		strstr(out,
		    "lost.pem: No such file or directory: the check "
		    "cannot be made\n") != NULL,
	    "%s", out);
	ck_assert_msg(strstr(out, "inference.yaml:4:3: error: ca: ") != NULL &&
		strstr(out,
		    "empty.pem has no certificate (-----BEGIN "
		    "CERTIFICATE-----): the check cannot be made\n") != NULL,
	    "%s", out);
	harness_destroy(h);
}
END_TEST

/* --- none costs another its checks --- */

#define EVERY_MS 500
#define TIMEOUT_MS 250
#define FALL 3
#define SLACK_MS 500
#define HONEST 20

START_TEST(hostile_tls_beside_honest_servers)
{
	const int limit = FALL * EVERY_MS + TIMEOUT_MS + SLACK_MS;
	struct harness *h = harness_create();
	const char *group = make_huge_group(h);
	uint16_t honest = harness_port(h), hostile[3];
	char text[512], name[32], at[32];
	struct node node;
	int64_t began;
	pid_t pid, servers[3];

	node_init(&node, h);
	make_certificate(h, "named", "/CN=x", "IP:127.0.0.1");
	snprintf(text, sizeof(text),
	    "  plain: {every: %dms, timeout: %dms, fall: %d}\n"
	    "  tls: {scheme: https, verify: false, every: 3s, timeout: 3s}\n",
	    EVERY_MS, TIMEOUT_MS, FALL);
	add_head(text);
	add_pool("hostile", "tls");
	for (unsigned i = 0; i < 3; i++) {
		hostile[i] = harness_port(h);
		accept_text(at, hostile[i]);
		servers[i] = S_SERVER(h, "hostile.log", at, "named", "-tls1_2",
		    "-cipher", "DHE-RSA-AES128-GCM-SHA256", "-dhparam", group);
		snprintf(name, sizeof(name), "hostile-%u", i);
		add_endpoint(name, 100 + i, "127.0.0.1", hostile[i]);
	}
	add_pool("honest", "plain");
	for (unsigned i = 0; i < HONEST; i++) {
		snprintf(name, sizeof(name), "honest-%u", i);
		snprintf(at, sizeof(at), "127.0.1.%u", i + 1);
		add_endpoint(name, i, at, honest);
	}
	pid = start_odd(&well, honest);
	start_probe(&node, "honest");
	HARNESS_WAIT(
	    10000, count(&node, "pool = 'honest' and health = 'up'") == HONEST);
	HARNESS_WAIT(
	    10000, count(&node, "pool = 'hostile' and checked_ms > 0") == 3);
	/* Not one has suffered so far. */
	ck_assert_str_eq(node_sql(&node,
			     "select count(*) from event where pool = 'honest' "
			     "and after <> 'up'"),
	    "0\n");
	began = harness_ms();
	kill(pid, SIGSTOP);
	HARNESS_WAIT(20000,
	    count(&node, "pool = 'honest' and health = 'down'") == HONEST);
	printf("20 dead were seen after %d ms of %d\n",
	    (int)(harness_ms() - began), limit);
	ck_assert_int_le(harness_ms() - began, limit);
	kill(pid, SIGKILL);
	harness_stop(h, node.probe);
	for (unsigned i = 0; i < 3; i++)
		harness_kill(h, servers[i]);
	harness_destroy(h);
}
END_TEST

/* --- many --- */

/* However long the period is, all is known soon; and not all in one moment. */
START_TEST(first_checks_are_made_within_a_second)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h);
	struct node node;
	char name[32], at[32];
	int64_t began;
	int spread_ms;

	node_init(&node, h);
	add_head("  plain: {every: 30s, timeout: 2s}\n");
	add_pool("p", "plain");
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "e%u", i);
		snprintf(at, sizeof(at), "127.0.2.%u", i + 1);
		add_endpoint(name, i, at, port);
	}
	start_odd(&well, port);
	began = harness_ms();
	start_probe(&node, "p");
	HARNESS_WAIT(10000, count(&node, "health = 'up'") == 200);
	/* The state of the last run is waited for, too, up to a second. */
	ck_assert_int_le(harness_ms() - began, 3000);
	spread_ms = (int)strtol(
	    node_sql(&node,
		"select max(checked_ms) - min(checked_ms) from endpoint"),
	    NULL, 10);
	printf("200 were checked within %d ms\n", spread_ms);
	ck_assert_int_ge(spread_ms, 700);
	ck_assert_int_le(spread_ms, 1600);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Half of them hang, all at once; and what is well stays so. */
START_TEST(many_at_once_do_not_make_each_other_late)
{
	enum { HALF = 1500 };
	struct harness *h = harness_create();
	uint16_t good = harness_port(h), bad = harness_port(h);
	struct node node;
	char name[32], at[32];
	int hung;

	node_init(&node, h);
	/* One check may be late on a busy machine. */
	add_head("  plain: {every: 3s, timeout: 1500ms, fall: 2}\n");
	for (unsigned i = 0; i < 2 * HALF; i++) {
		if (i % 500 == 0) {
			snprintf(name, sizeof(name), "p%u", i / 500);
			add_pool(name, "plain");
		}
		snprintf(name, sizeof(name), "e%u", i);
		snprintf(at, sizeof(at), "127.1.%u.%u", i / 250, i % 250 + 1);
		add_endpoint(name, i, at, i < HALF ? good : bad);
	}
	start_odd(&well, good);
	/* Takes connections, and never looks at one. */
	hung = listen_at("0.0.0.0", bad);
	start_probe(&node, "p0");
	HARNESS_WAIT(20000,
	    count(&node, "health = 'up'") == HALF &&
		count(&node, "health = 'down' and reason = 'timeout'") == HALF);
	/* Two more rounds of the same. */
	HARNESS_WAIT(20000,
	    count(&node, "health = 'down' and fails >= 3") == HALF &&
		count(&node, "health = 'up' and passes >= 3") == HALF);
	ck_assert_str_eq(node_sql(&node,
			     "select count(*) from event where before <> "
			     "'unknown'"),
	    "0\n");
	close(hung);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"evening of odd servers", evening_of_odd_servers, 120},
	    {"check that cannot be made", check_that_cannot_be_made, 60},
	    {"hostile TLS beside honest servers",
		hostile_tls_beside_honest_servers, 120},
	    {"first checks are made within a second",
		first_checks_are_made_within_a_second, 60},
	    {"many at once do not make each other late",
		many_at_once_do_not_make_each_other_late, 120},
	};

	return harness_main(
	    "odd servers", cases, sizeof(cases) / sizeof(cases[0]));
}
