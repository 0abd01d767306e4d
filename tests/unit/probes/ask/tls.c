/*
 * Tests of TLS against a server of our own that misbehaves to order: what the
 * certificate names, who wants one of the client, who closes how, and who would
 * like to spend our time.
 */
#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "probes/ask/http_check.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CUT_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"
/* Frames: SETTINGS, its acknowledgement, HEADERS with ":status: 200". */
#define HTTP2_ANSWER \
	"\0\0\0\4\0\0\0\0\0\0\0\0\4\1\0\0\0\0\0\0\1\1\5\0\0\0\1\x88"
#define OPEN_ANSWER "HTTP/1.1 200 OK\r\n\r\nhello"

/* What the server does once the handshake is over. */
enum deed {
	ANSWERS,         /* and closes as TLS wants it */
	VANISHES,        /* answers, closes the connection only */
	LEAVES_REQUEST,  /* the same, without having read: a reset */
	SENDS_TICKETS,   /* for ever */
	UPDATES_KEYS,    /* for ever */
	SENDS_ONE_OCTET, /* of a body, in a record of its own, for ever */
	KEEPS, /* answers, reads another request, and answers that too */
	CLOSES_HANDSHAKE, /* in the middle of it */
	RESETS_HANDSHAKE,
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
	const char *answer; /* text, or so many octets: */
	int answer_len;
	const char *alpn;   /* the server's choice; or NULL */
	const char *client; /* our certificate; or NULL */
	enum http_kind kind;
	enum http_version http;
	const char *receive;
	unsigned protocol;
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
    {"ended", "x", "IP:127.0.0.1"},
    {"early", "x", "IP:127.0.0.1"},
    {"client", "probe", NULL},
    {"stranger", "probe", NULL},
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

/* Let ${file} be valid from so many days from now to so many others. */
static void
shift_certificate(const char *file, int from, int to)
{
	char path[128];
	EVP_PKEY *key;
	X509 *cert;
	FILE *f;

	path_of(path, file, "key");
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	path_of(path, file, "pem");
	f = fopen(path, "r+");
	ck_assert_ptr_nonnull(f);
	cert = PEM_read_X509(f, NULL, NULL, NULL);
	ck_assert(key != NULL && cert != NULL);
	X509_time_adj_ex(X509_getm_notBefore(cert), from, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(cert), to, 0, NULL);
	ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
	rewind(f);
	ck_assert_int_eq(PEM_write_X509(f, cert), 1);
	ck_assert_int_eq(ftruncate(fileno(f), ftell(f)), 0);
	fclose(f);
	X509_free(cert);
	EVP_PKEY_free(key);
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
	shift_certificate("ended", -10, -3);
	shift_certificate("early", 3, 10);
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

/* HTTP/2, or nothing. */
static int
choose_http2(SSL *ssl, const unsigned char **out, unsigned char *outlen,
    const unsigned char *in, unsigned int inlen, void *context)
{
	(void)ssl;
	(void)context;
	for (unsigned int i = 0; i < inlen; i += 1u + in[i])
		if (in[i] == 2 && memcmp(in + i + 1, "h2", 2) == 0) {
			*out = in + i + 1;
			*outlen = 2;
			return SSL_TLSEXT_ERR_OK;
		}
	return SSL_TLSEXT_ERR_NOACK;
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
	if (row->alpn != NULL)
		SSL_CTX_set_alpn_select_cb(ctx, choose_http2, NULL);
	path_of(path, "client", "pem");
	require(SSL_CTX_load_verify_file(ctx, path) == 1);
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
read_request(SSL *ssl)
{
	char request[2048];
	size_t len = 0;
	int n = 1;

	while (n > 0 && len < 1024) {
		n = SSL_read(ssl, request + len, 1024);
		len += n > 0 ? (size_t)n : 0;
		request[len] = '\0';
		if (strstr(request, "\r\n\r\n") != NULL)
			break;
	}
}

static void
write_answer(SSL *ssl, const struct row *row)
{
	SSL_write(ssl, row->answer,
	    row->answer_len > 0 ? row->answer_len : (int)strlen(row->answer));
}

/* Closed when all is read that came, it ends; else there is a reset. */
static void
end_handshake(enum deed deed, int fd)
{
	char hello[4096];

	(void)recv(
	    fd, hello, sizeof(hello), deed == RESETS_HANDSHAKE ? MSG_PEEK : 0);
	close(fd);
}

static void
serve(const struct row *row, SSL_CTX *ctx, int fd)
{
	SSL *ssl;
	char octet;

	if (row->deed == CLOSES_HANDSHAKE || row->deed == RESETS_HANDSHAKE) {
		end_handshake(row->deed, fd);
		return;
	}
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1) {
		/* Let its alert be read before a reset for the request. */
		shutdown(fd, SHUT_WR);
		while (row->wish == MUST_HAVE_CERTIFICATE &&
		    read(fd, &octet, 1) > 0)
			;
		goto out;
	}
	if (row->deed != LEAVES_REQUEST)
		read_request(ssl);
	if (row->deed == KEEPS) {
		write_answer(ssl, row);
		read_request(ssl);
	}
	/* It is to lie in the socket when that is closed. */
	if (row->deed == LEAVES_REQUEST)
		(void)recv(fd, &octet, 1, MSG_PEEK);
	if (row->answer == NULL)
		flood(ssl, row->deed);
	else if (row->answer[0] != '\0')
		write_answer(ssl, row);
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

/* Of the requests of a test. */
static uint64_t group;

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
	struct client_config client = {.host_port = true};
	struct http_answer answer;
	char ca[128], cert[128], key[128];

	path_of(ca, row->certificate, "pem");
	request.ca = ca;
	request.kind = row->kind;
	request.version = row->http;
	request.group = group;
	request.client = &client;
	if (row->kind == HTTP_TLS) {
		request.send = "hello\r\n\r\n";
		request.send_len = strlen(request.send);
		request.receive = row->receive;
	}
	if (row->client != NULL) {
		path_of(cert, row->client, "pem");
		path_of(key, row->client, "key");
		client.certificate = cert;
		client.key = key;
	}
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

    {"a client certificate is wanted and shown", .certificate = "address",
	.wish = MUST_HAVE_CERTIFICATE, .client = "client", .answer = OK_ANSWER,
	.reason = ""},
    {"one is shown that the server does not trust, TLS 1.3",
	.certificate = "address", .version = TLS1_3_VERSION,
	.wish = MUST_HAVE_CERTIFICATE, .client = "stranger",
	.answer = OK_ANSWER,
	.reason = "tls: our client certificate: tlsv1 alert unknown ca"},
    {"one is shown that the server does not trust, TLS 1.2",
	.certificate = "address", .version = TLS1_2_VERSION,
	.wish = MUST_HAVE_CERTIFICATE, .client = "stranger",
	.answer = OK_ANSWER,
	.reason = "tls: our client certificate: tlsv1 alert unknown ca"},

    {"one is shown, and it resets", .certificate = "address",
	.wish = A_CERTIFICATE, .client = "stranger", .deed = LEAVES_REQUEST,
	.answer = "", .reason = "tls: reset after our client certificate"},
    {"it is of nobody, and the connection is closed", .certificate = "address",
	.wish = A_CERTIFICATE, .client = "stranger", .deed = VANISHES,
	.answer = "", .reason = "tls: closed after our client certificate"},

    {"HTTP/2, which was offered", .certificate = "address", .alpn = "h2",
	.http = HTTP_VERSION_OFFERED, .deed = KEEPS, .answer = HTTP2_ANSWER,
	.answer_len = sizeof(HTTP2_ANSWER) - 1, .protocol = 20, .reason = ""},
    {"HTTP/2 was offered and not taken", .certificate = "address",
	.http = HTTP_VERSION_OFFERED, .answer = OK_ANSWER, .protocol = 11,
	.reason = ""},
    {"HTTP/2 was not offered", .certificate = "address", .alpn = "h2",
	.answer = OK_ANSWER, .protocol = 11, .reason = ""},
    {"HTTP/2 and nothing else", .certificate = "address", .alpn = "h2",
	.http = HTTP_VERSION_2, .deed = KEEPS, .answer = HTTP2_ANSWER,
	.answer_len = sizeof(HTTP2_ANSWER) - 1, .protocol = 20, .reason = ""},
    {"HTTP/2 and nothing else, but the server", .certificate = "address",
	.http = HTTP_VERSION_2, .answer = OK_ANSWER, .protocol = 11,
	.reason = "not HTTP/2"},

    {"a bare connection", .certificate = "address", .kind = HTTP_TLS,
	.answer = "", .reason = ""},
    {"a bare connection and an answer", .certificate = "address",
	.kind = HTTP_TLS, .answer = "220 ready", .receive = "ready",
	.reason = ""},
    {"a bare connection and another answer", .certificate = "address",
	.kind = HTTP_TLS, .answer = "220 busy", .receive = "ready",
	.reason = "closed without what is expected"},
    {"a bare connection to another", .certificate = "name", .kind = HTTP_TLS,
	.answer = "220 ready", .receive = "ready", .reason = MISNAMED NO_HOST},

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

    {"closed in the handshake", .certificate = "address",
	.deed = CLOSES_HANDSHAKE,
	.reason = "tls: closed in the handshake" NO_HOST},
    {"a reset in the handshake", .certificate = "address",
	.deed = RESETS_HANDSHAKE,
	.reason = "tls: reset in the handshake" NO_HOST},

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
	if (answer.outcome == HTTP_ANSWERED && row->kind == HTTP_EXCHANGE)
		ck_assert_uint_eq(answer.status, 200);
	if (row->protocol != 0)
		ck_assert_uint_eq(answer.protocol, row->protocol);
	if (answer.outcome == HTTP_ANSWERED) {
		ck_assert_int_gt(answer.connect_us, 0);
		ck_assert_int_ge(answer.tls_us, answer.connect_us);
	}
}
END_TEST

/* In days from now, and whether it is an error. */
static const struct {
	struct row row;
	int days;
	const char *words;
} ends[] = {
    {{"two days", .certificate = "address", .answer = OK_ANSWER}, 2, NULL},
    {{"and nobody verifies", .certificate = "address", .insecure = true,
	 .answer = OK_ANSWER},
	2, NULL},
    {{"for another name", .certificate = "name", .answer = OK_ANSWER}, 2,
	MISNAMED},
    {{"ended", .certificate = "ended", .answer = OK_ANSWER}, -3,
	"tls: the certificate ended at 20"},
    {{"ended, and nobody verifies", .certificate = "ended", .insecure = true,
	 .answer = OK_ANSWER},
	-3, NULL},
    {{"not valid yet", .certificate = "early", .answer = OK_ANSWER}, 10,
	"tls: the certificate begins at 20"},
};

START_TEST(the_end_of_a_certificate)
{
	const struct row *row = &ends[_i].row;
	struct http_answer answer;
	int64_t hours;

	start_server(row);
	answer = ask(row, 20000);
	hours = (answer.certificate_ends_ms - clock_wall_ms()) / 3600000;
	ck_assert_msg(hours / 12 >= ends[_i].days * 2 - 1 &&
		hours / 12 <= ends[_i].days * 2 + 1,
	    "%s: %d", row->what, (int)hours);
	if (ends[_i].words == NULL)
		ck_assert_str_eq(answer.reason, "");
	else
		ck_assert_msg(strncmp(answer.reason, ends[_i].words,
				  strlen(ends[_i].words)) == 0,
		    "%s: %s", row->what, answer.reason);
}
END_TEST

/* It is asked for the password of a key nowhere, and waits for nobody. */
START_TEST(a_client_certificate_that_cannot_be_used)
{
	static const struct row row = {"no certificate",
	    .certificate = "address", .client = "nobody", .answer = OK_ANSWER};
	static const struct row bad = {"no key", .certificate = "address",
	    .client = "locked", .answer = OK_ANSWER};
	const char *argv[] = {"openssl", "rsa", "-aes128", "-passout",
	    "pass:secret", "-in", NULL, "-out", NULL, NULL};
	char from[128], to[128], cert[128];
	struct http_answer answer;

	start_server(&row);
	answer = ask(&row, 20000);
	ck_assert_int_eq(answer.outcome, HTTP_UNMADE);
	ck_assert_ptr_nonnull(strstr(answer.reason, "no such file"));
	path_of(from, "client", "key");
	path_of(to, "locked", "key");
	path_of(cert, "locked", "pem");
	argv[6] = from;
	argv[8] = to;
	run(argv);
	path_of(from, "client", "pem");
	ck_assert_int_eq(link(from, cert), 0);
	answer = ask(&bad, 20000);
	unlink(to);
	unlink(cert);
	ck_assert_int_eq(answer.outcome, HTTP_UNMADE);
	ck_assert_str_eq(
	    answer.reason, "probe: cannot use the client certificate");
}
END_TEST

/* A handshake for each connection, and not for each request. */
START_TEST(a_kept_connection_knows_its_certificate)
{
	static const struct row row = {"keeps", .certificate = "address",
	    .deed = KEEPS, .answer = OK_ANSWER};
	struct http_answer first, second;

	start_server(&row);
	group = 7;
	first = ask(&row, 20000);
	ck_assert_str_eq(first.reason, "");
	second = ask(&row, 20000);
	ck_assert_str_eq(second.reason, "");
	ck_assert(!first.reused && second.reused);
	ck_assert_int_gt(first.tls_us, 0);
	ck_assert_int_eq(second.tls_us, -1);
	ck_assert_int_gt(first.certificate_ends_ms, 0);
	ck_assert_int_eq(first.certificate_ends_ms, second.certificate_ends_ms);
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
	Suite *suite = suite_create("probes_ask_tls");
	TCase *tcase = tcase_create("tls");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(
	    tcase, set_up_certificates, tear_down_certificates);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, servers, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tcase, the_end_of_a_certificate, 0,
	    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(tcase, a_client_certificate_that_cannot_be_used);
	tcase_add_test(tcase, a_kept_connection_knows_its_certificate);
	tcase_add_loop_test(tcase, nobody_holds_the_loop, 0,
	    (int)(sizeof(floods) / sizeof(floods[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
