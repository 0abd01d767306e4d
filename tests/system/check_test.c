/*
 * What `meridianctl check` says of the machine: which program has a port that
 * the node's file lists, which address is none of this machine.  A meridiand
 * that runs from the same file is in nobody's way, and is not disturbed.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/certificates.h"
#include "tests/system/node.h"
#include "tests/system/output.h"

/* A node without checks, so that no state database is missed, and without
 * geography, which takes the most of a start. */
static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\", \"[::1]:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "geo: none\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node->port, node->port, node->http);
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  eu: {at: [53.3, -6.3]}\n"
	    "pools:\n"
	    "  v1: {endpoints: [{name: a, region: eu, address: 192.0.2.1}]}\n"
	    "services:\n"
	    "  one: {pool: v1}\n");
}

/* This test is the other program. */
static int
take(int type, uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static int
check(struct node *node, const char *option, const char **out)
{
	return harness_run(node->h, out, "meridianctl", "-c",
	    harness_path(node->h, "meridian.yaml"), "check", option, NULL);
}

/* The message that names this test, at its place in the file. */
static void
names_us(const char *out, const char *at, uint16_t port, const char *over)
{
	char want[256];

	output_contains(out, at);
	snprintf(want, sizeof(want),
	    "127.0.0.1:%u is in use: check_test (process %d) has "
	    "127.0.0.1:%u over %s",
	    port, (int)getpid(), port, over);
	output_contains(out, want);
}

START_TEST(the_program_that_has_the_port_is_named)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int fd;

	prepare(&node, h);
	ck_assert_int_eq(check(&node, NULL, &out), 0);
	fd = take(SOCK_DGRAM, node.port);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	names_us(out, "meridian.yaml:1:10: error: listen: ", node.port, "UDP");
	/* The files are those of another machine. */
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	close(fd);
	fd = take(SOCK_STREAM, node.port);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	names_us(out, "meridian.yaml:1:10: error: listen: ", node.port, "TCP");
	close(fd);
	fd = take(SOCK_STREAM, node.http);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	names_us(out, "meridian.yaml:2:7: error: http: ", node.http, "TCP");
	close(fd);
	ck_assert_int_eq(check(&node, NULL, &out), 0);
	harness_destroy(h);
}
END_TEST

/* A resolver on one loopback address is in the way of all addresses. */
START_TEST(one_address_in_use_is_in_the_way_of_all)
{
	struct harness *h = harness_create();
	struct node node;
	char want[128];
	const char *out;
	int fd;

	prepare(&node, h);
	harness_write(h, "meridian.yaml",
	    "listen: [\"[::1]:%u\", 0.0.0.0:%u]\n"
	    "zones: [{name: inference.example, records: inference.zone}]\n",
	    node.port, node.port);
	fd = take(SOCK_DGRAM, node.port);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	snprintf(want, sizeof(want),
	    "meridian.yaml:1:%zu: error: listen: 0.0.0.0:%u is in use: "
	    "check_test",
	    sizeof("listen: [\"[::1]:12345\", "), node.port);
	output_contains(out, want);
	close(fd);
	harness_destroy(h);
}
END_TEST

START_TEST(a_server_of_this_file_is_in_nobodys_way)
{
	struct harness *h = harness_create();
	struct node node;
	char want[64];
	const char *out;

	prepare(&node, h);
	node_serve(&node);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(check(&node, NULL, &out), 0);
		ck_assert_str_eq(
		    node_ask(&node, "www.inference.example.", "A", NULL),
		    "192.0.2.80");
	}
	/* The same addresses in another file are another node's. */
	harness_write(h, "other.yaml", "%s",
	    harness_read(h, harness_path(h, "meridian.yaml")));
	harness_stop(h, node.server);
	node.server = harness_start(h, "other.log", "meridiand", "-c",
	    harness_path(h, "other.yaml"), NULL);
	HARNESS_WAIT(20000,
	    strstr(harness_read(h, harness_path(h, "other.log")),
		" serving ") != NULL);
	harness_write(h, "meridian.yaml",
	    "listen: 127.0.0.1:%u\n"
	    "zones: [{name: inference.example, records: inference.zone}]\n",
	    node.port);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	snprintf(want, sizeof(want), "is in use: meridiand (process %d) has ",
	    (int)node.server);
	output_contains(out, want);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(an_address_of_another_machine_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	harness_write(h, "meridian.yaml",
	    "listen: [192.0.2.53]\n"
	    "zones: [{name: inference.example, records: inference.zone}]\n");
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	output_contains(out,
	    "meridian.yaml:1:10: error: listen: 192.0.2.53 is no address of "
	    "this machine");
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	harness_destroy(h);
}
END_TEST

/* The sum of what was read and made, so that an operator sees a file that was
 * forgotten. */
START_TEST(what_was_read_is_counted)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	ck_assert_msg(strncmp(out,
			  "ok: 1 zone, 7 records, 1 service, 1 pool, "
			  "1 endpoint, 0 networks\nloaded in ",
			  strlen("ok: 1 zone, 7 records, 1 service, 1 pool, "
				 "1 endpoint, 0 networks\nloaded in ")) == 0,
	    "%s", out);
	/* Without geography one leaf a family, and one each private block. */
	output_contains(out, " ms: 1 map of ");
	output_contains(out, " leaves, ");
	output_contains(out, " KiB, made in ");
	node_steering(&node,
	    "networks:\n"
	    "  office: [10.0.0.0/8]\n"
	    "  partner: [192.0.2.0/24]\n"
	    "regions:\n"
	    "  eu: {at: [53.3, -6.3]}\n"
	    "pools:\n"
	    "  v1: {endpoints: [{name: a, region: eu, address: 192.0.2.1}]}\n"
	    "  v2: {endpoints: [{name: b, region: eu, address: 192.0.2.2}]}\n"
	    "services:\n"
	    "  one: {pool: v1}\n"
	    "  two: {pool: v2, fence: [{clients: {networks: [office]}, "
	    "regions: [eu]}]}\n");
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	output_contains(out, "2 services, 2 pools, 2 endpoints, 2 networks\n");
	output_contains(out, " ms: 2 maps of ");
	harness_destroy(h);
}
END_TEST

static void
file(struct harness *h, const char *name, const char *text, mode_t mode)
{
	harness_write(h, name, "%s", text);
	ck_assert_int_eq(chmod(harness_path(h, name), mode), 0);
}

/* What a check or a hook names is looked at, and each is said with its place.
 */
START_TEST(what_the_probes_need_is_looked_at)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	file(h, "secret", "whsec\n", 0600);
	file(h, "open", "whsec\n", 0644);
	file(h, "empty", "\n", 0600);
	file(h, "page", "#!/bin/sh\n", 0755);
	file(h, "plain", "#!/bin/sh\n", 0644);
	file(h, "ca", "no certificate\n", 0644);
	harness_write(h, "meridian.yaml",
	    "listen: 127.0.0.1:%u\n"
	    "geo: none\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n"
	    "hooks:\n"
	    "  - {name: a, url: \"https://h/\", secret_file: secret}\n"
	    "  - {name: b, url: \"https://h/\", secret_file: open}\n"
	    "  - {name: c, url: \"https://h/\", secret_file: empty}\n"
	    "  - {name: d, url: \"https://h/\", secret_file: none, ca: ca}\n"
	    "  - {name: e, command: [page]}\n"
	    "  - {name: f, command: [plain]}\n"
	    "  - {name: g, command: [none]}\n",
	    node.port);
	node_steering(&node,
	    "regions: {eu: {at: [53.3, -6.3]}}\n"
	    "checks:\n"
	    "  web: {preset: http, token_file: empty}\n"
	    "  own: {exec: [plain], every: 10s}\n"
	    "pools:\n"
	    "  v1: {check: web, endpoints: [{name: a, region: eu, address: "
	    "192.0.2.1}]}\n"
	    "  v2: {check: own, endpoints: [{name: a, region: eu, address: "
	    "192.0.2.1}]}\n"
	    "services: {one: {pool: v1}, two: {pool: v2}}\n");
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	ck_assert_ptr_null(strstr(out, "yaml:5:"));
	output_contains(out, "meridian.yaml:6:5: warning: secret_file: ");
	output_contains(out, "open can be read by every user");
	output_contains(out, "meridian.yaml:7:5: error: secret_file: ");
	output_contains(
	    out, "empty: the first line is empty: the hook cannot be told");
	output_contains(out, "none: is not there: the hook cannot be");
	output_contains(out, "meridian.yaml:8:5: error: ca: ");
	output_contains(out, "ca has no certificate");
	ck_assert_ptr_null(strstr(out, "meridian.yaml:9:"));
	output_contains(out, "meridian.yaml:10:5: error: command: ");
	output_contains(
	    out, "plain: cannot be executed: the hook cannot be told");
	output_contains(out, "none: No such file or directory: the hook");
	output_contains(out, "inference.yaml:3:3: error: token_file: ");
	output_contains(out, "inference.yaml:4:3: error: exec: ");
	/* It is a message, and is in no log. */
	ck_assert_ptr_null(strstr(out, "meridianctl warning"));
	harness_destroy(h);
}
END_TEST

/* The node's own file, whose line 4 is ${line}. */
static void
write_naming(struct node *node, const char *line)
{
	harness_write(node->h, "meridian.yaml",
	    "listen: \"127.0.0.1:%u\"\n"
	    "geo: none\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n"
	    "%s\n"
	    "state: state.db\n",
	    node->port, line);
}

#define LOG "query_log: {to: \"file:q.dnstap\", services: "
#define HOOK "hooks: [{name: a, url: \"https://h/\", pools: "
#define QUIET "advise: {silence: ["

/* Where a list of the node's file names what no steering file has, and nothing
 * where it names what is there. */
static const struct {
	const char *line;
	unsigned column;
	const char *says;
} namings[] = {
    {LOG "[chat.inference.example, Two.INFERENCE.example.]}", 0, NULL},
    {LOG "['*.any.inference.example']}", 0, NULL},
    {LOG "[chat.inference.example, chta.inference.example]}", 69,
	"query_log: no zone has the service "
	"\"chta.inference.example\", did you mean "
	"\"chat.inference.example\"?: nothing is logged for it"},
    {LOG "chat}", 44,
	"query_log: no zone has the service \"chat\", did you "
	"mean \"chat.inference.example\"?: nothing is logged for it"},
    {LOG "[images.example]}", 45,
	"query_log: no zone has the service "
	"\"images.example\": nothing is logged for it"},
    {HOOK "[\"v*\", chat-v1]}]", 0, NULL},
    {HOOK "[\"w*\", chat-v1]}]", 46,
	"hooks: no steering file has a pool \"w*\": the hook "
	"is told nothing for it"},
    {HOOK "chat-1}]", 45,
	"hooks: no steering file has a pool \"chat-1\", did "
	"you mean \"chat-v1\"?: the hook is told nothing for it"},
    {QUIET "far-clients, \"far-clients:chat.*\", \"flapping:v2/*\", "
	   "\"n-1:v2 without eu\", \"unused-region:eu\", "
	   "\"old-override:drain*\", \"single-vantage:x\"]}",
	0, NULL},
    {QUIET "\"far-clients:chta.*\"]}", 20,
	"advise: no steering file has anything like "
	"\"chta.*\": nothing is silenced by it"},
    {QUIET "\"flapping:v2/aa\"]}", 20,
	"advise: no steering file has anything like "
	"\"v2/aa\", did you mean \"v2/a\"?: nothing is silenced by it"},
    {QUIET "\"unused-region:ue\"]}", 20,
	"advise: no steering file has anything like \"ue\", did you mean "
	"\"eu\"?: nothing is silenced by it"},
    {QUIET "\"n-1:v2\"]}", 20,
	"advise: no steering file has anything like \"v2\": "
	"nothing is silenced by it"},
    {"vantage: {name: a, region: eu-wst}", 28,
	"vantage: no steering file has the region \"eu-wst\", "
	"did you mean \"eu-west\"?: no endpoint is in the region of this "
	"vantage"},
};

static void
prepare_naming(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_records(node, node_zone);
	node_steering(node,
	    "regions: {eu: {at: [53.3, -6.3]}, eu-west: {at: [51.5, 0]}}\n"
	    "pools:\n"
	    "  chat-v1: {endpoints: [{name: a, region: eu, address: "
	    "192.0.2.1}]}\n"
	    "  v2: {endpoints: [{name: a, region: eu-west, address: "
	    "192.0.2.2}]}\n"
	    "services:\n"
	    "  chat: {pool: chat-v1}\n"
	    "  two: {pool: v2}\n"
	    "  \"*.any\": {pool: v2}\n");
}

START_TEST(a_name_that_nothing_has_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	char want[512];
	const char *out;

	prepare_naming(&node, h);
	for (size_t i = 0; i < sizeof(namings) / sizeof(namings[0]); i++) {
		write_naming(&node, namings[i].line);
		ck_assert_msg(check(&node, "--files", &out) == 0, "%s", out);
		snprintf(want, sizeof(want), "yaml:4:%u: warning: %s",
		    namings[i].column, namings[i].says);
		if (namings[i].says != NULL)
			output_contains(out, want);
		else
			ck_assert_msg(strstr(out, "warning") == NULL, "%s: %s",
			    namings[i].line, out);
	}
	harness_destroy(h);
}
END_TEST

/* In its log, at a start and at a reload. */
START_TEST(the_server_says_so_too)
{
	struct harness *h = harness_create();
	struct node node;
	const char *log;

	prepare_naming(&node, h);
	write_naming(&node, namings[2].line);
	node_serve(&node);
	log = harness_path(h, "meridiand.log");
	output_contains(harness_read(h, log), namings[2].says);
	write_naming(&node, namings[4].line);
	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(
	    20000, strstr(harness_read(h, log), namings[4].says) != NULL);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

#undef LOG
#undef HOOK
#undef QUIET

/* With which files of TLS it shares, and what is said of them. */
struct shares {
	const char *ca, *certificate, *key;
	const char *says; /* after its place; NULL: nothing */
	const char *too;
};

static void
expect_share(struct node *node, const struct shares *s)
{
	const char *out;
	int status;

	harness_write(node->h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "geo: none\n"
	    "state: state.db\n"
	    "node: a\n"
	    "share: {etcd: [\"https://127.0.0.1:1\"], ca: %s, "
	    "certificate: %s, key: %s}\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node->port, node->http, s->ca, s->certificate, s->key);
	status = check(node, NULL, &out);
	if (s->says != NULL)
		ck_assert_msg(
		    strstr(out, s->says) != NULL && strstr(out, s->too) != NULL,
		    "%s: %s", s->certificate, out);
	else
		ck_assert_msg(strstr(out, ".pem") == NULL, "%s", out);
	ck_assert_int_eq(
	    status, s->says != NULL && strncmp(s->says, "error", 5) == 0);
	/* Nothing of it is of the files that are reloaded. */
	ck_assert_int_eq(check(node, "--files", &out), 0);
}

START_TEST(files_of_tls_that_share_uses_are_looked_at)
{
	const struct certificate made[] = {
	    {.file = "old", .issuer = "ca", .since = "-40d", .days = 30},
	    {.file = "early", .issuer = "ca", .since = "+40d", .days = 90},
	    {.file = "soon", .issuer = "ca", .days = 9},
	    {.file = "good", .issuer = "ca", .days = 90},
	    {.file = "root", .days = 90},
	    {.file = "oldroot", .since = "-40d", .days = 30},
	};
	const struct shares tries[] = {
	    {"root.pem", "good.pem", "good.key", NULL, NULL},
	    {"root.pem", "old.pem", "old.key",
		"error: certificate: ", "old.pem has expired at "},
	    {"root.pem", "early.pem", "early.key",
		"error: certificate: ", "early.pem is not valid before "},
	    {"root.pem", "soon.pem", "soon.key",
		"warning: certificate: ", "soon.pem expires in "},
	    {"root.pem", "good.pem", "soon.key",
		"error: key: ", "soon.key is not the key of the certificate "},
	    {"oldroot.pem", "good.pem", "good.key",
		"error: ca: ", "has expired at "},
	    {"good.key", "good.pem", "good.key",
		"error: ca: ", "holds no certificate"},
	    {"root.pem", "good.key", "good.key",
		"error: certificate: ", "good.key holds none"},
	    {"root.pem", "good.pem", "good.pem",
		"error: key: ", "good.pem holds none"},
	    {"root.pem", "none.pem", "good.key", "error: ", "none.pem"},
	};
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h);
	certificates_make(h);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		certificate_make(h, &made[i]);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		expect_share(&node, &tries[i]);
	harness_destroy(h);
}
END_TEST

START_TEST(the_password_that_share_uses_is_looked_at)
{
	static const char wants[] =
	    "no-such-file: is not there: user m cannot log in to etcd";
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "geo: none\n"
	    "state: state.db\n"
	    "share: {etcd: [\"http://127.0.0.1:1\"], user: m, "
	    "password_file: no-such-file}\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node.port, node.http);
	ck_assert_int_eq(check(&node, NULL, &out), 1);
	ck_assert_msg(strstr(out, wants) != NULL, "%s", out);
	ck_assert_int_eq(check(&node, "--files", &out), 0);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"program", the_program_that_has_the_port_is_named, 0},
	    {"all addresses", one_address_in_use_is_in_the_way_of_all, 0},
	    {"own server", a_server_of_this_file_is_in_nobodys_way, 0},
	    {"another machine", an_address_of_another_machine_is_said, 0},
	    {"counts", what_was_read_is_counted, 0},
	    {"probes", what_the_probes_need_is_looked_at, 0},
	    {"files of TLS", files_of_tls_that_share_uses_are_looked_at, 0},
	    {"password", the_password_that_share_uses_is_looked_at, 0},
	    {"names", a_name_that_nothing_has_is_said, 0},
	    {"names at the server", the_server_says_so_too, 0},
	};

	return harness_main("check", cases, sizeof(cases) / sizeof(cases[0]));
}
