/*
 * Tests of TLS against a server of our own that misbehaves to order: what the
 * certificate names, who wants one of the client, who closes how, and who would
 * like to spend our time.
 */
#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "probes/http_check.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CUT_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"
#define OPEN_ANSWER "HTTP/1.1 200 OK\r\n\r\nhello"

/* What the server does once the handshake is over. */
enum deed {
	ANSWERS,         /* and closes as TLS wants it */
	VANISHES,        /* answers, closes the connection only */
	LEAVES_REQUEST,  /* the same, without having read: a reset */
	SENDS_TICKETS,   /* for ever */
	UPDATES_KEYS,    /* for ever */
	SENDS_ONE_OCTET, /* of a body, in a record of its own, for ever */
};

enum wish { NO_CERTIFICATE, A_CERTIFICATE, MUST_HAVE_CERTIFICATE };

struct row {
	const char *what;
	const char *certificate;
	const char *host;
	bool insecure;                /* verify: false */
	int version;                  /* the only one, or 0 */
	const char *ciphers, *groups; /* of the server; or NULL */
	enum wish wish;
	enum deed deed;
	const char *answer;
	const char *reason; /* "" when it passes */
};

/* --- certificates --- */

static char folder[64];

static const struct {
	const char *file, *common_name, *subject_names; /* or NULL */
} certificates[] = {
    {"address", "x", "IP:127.0.0.1"},
    {"name", "x", "DNS:chat.example"},
    {"wildcard", "x", "DNS:*.site.example"},
    {"partial", "x", "DNS:c*t.site.example"},
    {"cn-name", "chat.example", NULL},
    {"cn-address", "127.0.0.1", NULL},
    {"cn-mail", "chat.example", "email:root@chat.example"},
};
#define CERTIFICATES (sizeof(certificates) / sizeof(certificates[0]))

static void
path_of(char path[128], const char *file, const char *suffix)
{
	snprintf(path, 128, "%s/%s.%s", folder, file, suffix);
}

static void
run(const char *const *argv)
{
	int status, null = open("/dev/null", O_WRONLY);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(null);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void
make_certificate(const char *file, const char *common_name,
    const char *subject_names, const char *key_type)
{
	char key[128], cert[128], subject[96], extension[96];
	const char *argv[] = {"openssl", "req", "-x509", "-newkey", key_type,
	    "-nodes", "-days", "2", "-keyout", key, "-out", cert, "-subj",
	    subject, subject_names != NULL ? "-addext" : NULL, extension, NULL};

	path_of(key, file, "key");
	path_of(cert, file, "pem");
	snprintf(subject, sizeof(subject), "/CN=%s", common_name);
	snprintf(extension, sizeof(extension), "subjectAltName=%s",
	    subject_names != NULL ? subject_names : "");
	run(argv);
}

/* Once, outside of the tests' processes. */
static void
set_up_certificates(void)
{
	snprintf(folder, sizeof(folder), "/tmp/probes_tls.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < CERTIFICATES; i++)
		make_certificate(certificates[i].file,
		    certificates[i].common_name, certificates[i].subject_names,
		    "rsa:2048");
}

static void
tear_down_certificates(void)
{
	char path[128];

	for (size_t i = 0; i < CERTIFICATES; i++) {
		path_of(path, certificates[i].file, "key");
		unlink(path);
		path_of(path, certificates[i].file, "pem");
		unlink(path);
	}
	rmdir(folder);
}

/* --- the server, in a process of its own --- */

static void
require(bool holds)
{
	if (!holds)
		_exit(3);
}

/* 10,000 bits, and nobody asks whether it is a prime. */
static EVP_PKEY *
huge_group(void)
{
	static unsigned char p[1250];
	unsigned char g = 2;
	/* OSSL_PARAM takes the order of this machine: all the same here. */
	OSSL_PARAM params[] = {OSSL_PARAM_construct_BN("p", p, sizeof(p)),
	    OSSL_PARAM_construct_BN("g", &g, 1), OSSL_PARAM_construct_end()};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *key = NULL;

	memset(p, 0xff, sizeof(p));
	require(EVP_PKEY_fromdata_init(ctx) == 1);
	require(
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEY_PARAMETERS, params) == 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static int
accept_all(int ok, X509_STORE_CTX *context)
{
	(void)ok;
	(void)context;
	return 1;
}

static SSL_CTX *
make_context(const struct row *row)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	char path[128];

	require(ctx != NULL);
	path_of(path, row->certificate, "pem");
	require(SSL_CTX_use_certificate_file(ctx, path, SSL_FILETYPE_PEM) == 1);
	path_of(path, row->certificate, "key");
	require(SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) == 1);
	if (row->version != 0) {
		SSL_CTX_set_min_proto_version(ctx, row->version);
		SSL_CTX_set_max_proto_version(ctx, row->version);
	}
	if (row->ciphers != NULL) {
		require(SSL_CTX_set_cipher_list(ctx, row->ciphers) == 1);
		SSL_CTX_set0_tmp_dh_pkey(ctx, huge_group());
	}
	if (row->groups != NULL)
		require(SSL_CTX_set1_groups_list(
			    ctx, (char *)(uintptr_t)row->groups) == 1);
	if (row->wish == A_CERTIFICATE)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_all);
	else if (row->wish == MUST_HAVE_CERTIFICATE)
		SSL_CTX_set_verify(ctx,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return ctx;
}

static void
flood(SSL *ssl, enum deed deed)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
	int sent = 1;

	if (deed == SENDS_ONE_OCTET)
		sent = SSL_write(ssl, head, sizeof(head) - 1);
	while (sent == 1 || sent == (int)sizeof(head) - 1) {
		if (deed == SENDS_ONE_OCTET) {
			sent = SSL_write(ssl, "a", 1);
			continue;
		}
		sent = deed == SENDS_TICKETS
		    ? SSL_new_session_ticket(ssl)
		    : SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
		if (sent == 1)
			sent = SSL_do_handshake(ssl);
	}
}

static void
serve(const struct row *row, SSL_CTX *ctx, int fd)
{
	SSL *ssl = SSL_new(ctx);
	char request[2048];
	size_t len = 0;
	int n = 1;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1)
		goto out;
	while (row->deed != LEAVES_REQUEST && n > 0 && len < 1024) {
		n = SSL_read(ssl, request + len, 1024);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
		if (strstr(request, "\r\n\r\n") != NULL)
			break;
	}
	/* It is to lie in the socket when that is closed. */
	if (row->deed == LEAVES_REQUEST)
		(void)recv(fd, request, 1, MSG_PEEK);
	if (row->answer == NULL)
		flood(ssl, row->deed);
	else if (row->answer[0] != '\0')
		SSL_write(ssl, row->answer, (int)strlen(row->answer));
	if (row->deed == ANSWERS)
		SSL_shutdown(ssl);
out:
	SSL_free(ssl);
	close(fd);
}

static pid_t server;
static struct endpoint_address server_at;

static void
start_server(const struct row *row)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	struct timeval patience = {.tv_sec = 20};
	int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd;
	SSL_CTX *ctx;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(listener, 16), 0);
	getsockname(listener, (struct sockaddr *)&at, &len);
	address_parse("127.0.0.1", &server_at.address);
	server_at.port = ntohs(at.sin_port);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (server > 0) {
		close(listener);
		return;
	}
	ctx = make_context(row);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		setsockopt(
		    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(
		    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		/* What waits to be sent is lost with a reset. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		serve(row, ctx, fd);
	}
}

/* --- the request --- */

static uv_loop_t loop;
static uv_timer_t ticks;
static struct http_checker *checker;

/* The longest that the loop did not turn, in CPU time: another program may take
 * the rest. */
static int64_t ticked_us, longest_us;

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
on_tick(uv_timer_t *timer)
{
	int64_t now = cpu_us();

	(void)timer;
	if (now - ticked_us > longest_us)
		longest_us = now - ticked_us;
	ticked_us = now;
}

static void
set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	uv_timer_init(&loop, &ticks);
	uv_timer_start(&ticks, on_tick, 5, 5);
	checker = http_checker_create(&loop);
	ck_assert_ptr_nonnull(checker);
}

static void
tear_down(void)
{
	http_checker_close(checker);
	if (server > 0)
		kill(server, SIGKILL);
}

static void
on_done(void *context, const struct http_answer *answer)
{
	*(struct http_answer *)context = *answer;
}

static void
on_body(void *context, const char *data, size_t len)
{
	(void)context;
	(void)data;
	(void)len;
}

static struct http_answer
ask(const struct row *row, uint64_t timeout_ms)
{
	struct http_request request = {.to = &server_at,
	    .https = true,
	    .verify = !row->insecure,
	    .host = row->host,
	    .path = "/health",
	    .take = on_body,
	    .timeout_ms = timeout_ms};
	struct http_answer answer;
	char ca[128];

	path_of(ca, row->certificate, "pem");
	request.ca = ca;
	do {
		answer.outcome = (enum http_outcome) - 1;
		ticked_us = cpu_us();
		longest_us = 0;
		ck_assert_ptr_nonnull(
		    http_check_start(checker, &request, on_done, &answer));
		while (answer.outcome == (enum http_outcome) - 1)
			uv_run(&loop, UV_RUN_ONCE);
	} while (strstr(answer.reason, "probe: too slow") != NULL);
	return answer;
}

#define NO_HOST "; the check has no host"
#define UNNAMED "tls: the certificate has no subjectAltName"
#define MISNAMED "tls: the certificate is for other names"
#define WANTED "tls: the server wants a client certificate"

static const struct row rows[] = {
    {"its address", .certificate = "address", .answer = OK_ANSWER,
	.reason = ""},
    {"its name", .certificate = "name", .host = "chat.example",
	.answer = OK_ANSWER, .reason = ""},
    {"its name with a dot at the end", .certificate = "name",
	.host = "chat.example.", .answer = OK_ANSWER, .reason = ""},
    {"an address as the host", .certificate = "address", .host = "127.0.0.1",
	.answer = OK_ANSWER, .reason = ""},
    {"a wildcard", .certificate = "wildcard", .host = "chat.site.example",
	.answer = OK_ANSWER, .reason = ""},
    {"a wildcard in a part of a label", .certificate = "partial",
	.host = "chat.site.example", .answer = OK_ANSWER, .reason = MISNAMED},
    {"a name, where an address is asked for", .certificate = "name",
	.answer = OK_ANSWER, .reason = MISNAMED NO_HOST},
    {"an address, where a name is asked for", .certificate = "address",
	.host = "chat.example", .answer = OK_ANSWER, .reason = MISNAMED},
    {"a common name only", .certificate = "cn-name", .host = "chat.example",
	.answer = OK_ANSWER, .reason = UNNAMED},
    {"a common name only, an address", .certificate = "cn-address",
	.answer = OK_ANSWER, .reason = UNNAMED NO_HOST},
    {"a common name beside a mail address", .certificate = "cn-mail",
	.host = "chat.example", .answer = OK_ANSWER, .reason = MISNAMED},
    {"a common name only, and nobody verifies", .certificate = "cn-name",
	.host = "chat.example", .insecure = true, .answer = OK_ANSWER,
	.reason = ""},

    {"a client certificate is welcome", .certificate = "address",
	.wish = A_CERTIFICATE, .answer = OK_ANSWER, .reason = ""},
    {"a client certificate is wanted, TLS 1.3", .certificate = "address",
	.version = TLS1_3_VERSION, .wish = MUST_HAVE_CERTIFICATE,
	.answer = OK_ANSWER, .reason = WANTED},
    {"a client certificate is wanted, TLS 1.2", .certificate = "address",
	.version = TLS1_2_VERSION, .wish = MUST_HAVE_CERTIFICATE,
	.answer = OK_ANSWER, .reason = WANTED},
    {"none was given, and it hangs up", .certificate = "address",
	.wish = A_CERTIFICATE, .deed = VANISHES, .answer = "",
	.reason = WANTED},
    {"none was given, and it resets", .certificate = "address",
	.wish = A_CERTIFICATE, .deed = LEAVES_REQUEST, .answer = "",
	.reason = WANTED},

    {"closed without notice", .certificate = "address", .deed = VANISHES,
	.answer = OK_ANSWER, .reason = ""},
    {"a body without a length, closed without notice", .certificate = "address",
	.deed = VANISHES, .answer = OPEN_ANSWER, .reason = ""},
    {"cut short and closed without notice", .certificate = "address",
	.deed = VANISHES, .answer = CUT_ANSWER, .reason = "body: cut short"},
    {"cut short", .certificate = "address", .answer = CUT_ANSWER,
	.reason = "body: cut short"},
    {"nothing, and closed without notice", .certificate = "address",
	.deed = VANISHES, .answer = "", .reason = "closed without an answer"},
    {"an answer, and a reset for a request not read", .certificate = "address",
	.deed = LEAVES_REQUEST, .answer = OK_ANSWER, .reason = ""},
    {"a reset for a request not read", .certificate = "address",
	.deed = LEAVES_REQUEST, .answer = "", .reason = "reset"},

    {"finite-field Diffie-Hellman only, in 10,000 bits",
	.certificate = "address", .version = TLS1_2_VERSION,
	.ciphers = "DHE-RSA-AES128-GCM-SHA256", .answer = OK_ANSWER,
	.reason = "tls: sslv3 alert handshake failure" NO_HOST},
    {"a finite-field group only, TLS 1.3", .certificate = "address",
	.version = TLS1_3_VERSION, .groups = "ffdhe8192", .answer = OK_ANSWER,
	.reason = "tls: sslv3 alert handshake failure" NO_HOST},
};

START_TEST(servers)
{
	const struct row *row = &rows[_i];
	struct http_answer answer;

	start_server(row);
	answer = ask(row, 20000);
	ck_assert_msg(strcmp(answer.reason, row->reason) == 0, "%s: %s",
	    row->what, answer.reason);
	ck_assert_msg(answer.outcome ==
		(row->reason[0] == '\0' ? HTTP_ANSWERED : HTTP_FAILED),
	    "%s: %d", row->what, (int)answer.outcome);
	if (answer.outcome == HTTP_ANSWERED)
		ck_assert_uint_eq(answer.status, 200);
}
END_TEST

/* Whatever a server sends, it does not hold the loop; and at 250 ms of CPU time
 * the check is over. */
static const struct row floods[] = {
    {"tickets without end", .certificate = "address", .version = TLS1_3_VERSION,
	.deed = SENDS_TICKETS},
    {"new keys without end", .certificate = "address",
	.version = TLS1_3_VERSION, .deed = UPDATES_KEYS},
    {"a record for each octet", .certificate = "address",
	.deed = SENDS_ONE_OCTET},
};

START_TEST(nobody_holds_the_loop)
{
	struct http_answer answer;
	int64_t before, used;

	start_server(&floods[_i]);
	before = cpu_us();
	answer = ask(&floods[_i], 5000);
	used = cpu_us() - before;
	printf("%s: %s, CPU %d us, at once %d us\n", floods[_i].what,
	    answer.reason, (int)used, (int)longest_us);
	ck_assert_int_eq(answer.outcome, HTTP_FAILED);
	ck_assert_int_lt(longest_us, 50000);
	/* libcurl's and ours beside the measured one. */
	ck_assert_int_lt(used, 700000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_tls");
	TCase *tcase = tcase_create("tls");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(
	    tcase, set_up_certificates, tear_down_certificates);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, servers, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tcase, nobody_holds_the_loop, 0,
	    (int)(sizeof(floods) / sizeof(floods[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
