/*
 * Zones as an operator has them: the root, a top-level domain and a zone in it
 * on one server; reloads that read what has changed and open nothing else;
 * `check` and reload saying the same of a zone.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/node.h"

static const char steering[] =
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "pools:\n"
    "  v1:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "services:\n"
    "  one: {pool: v1}\n";

/* The root, TLDs and a zone in one of them. */

static const char root_zone[] =
    "$TTL 300\n"
    ". SOA a.root. hostmaster 1 3600 600 86400 60\n"
    ". NS a.root.\n"
    "a.root A 192.0.2.41\n"
    "example. NS ns.nic.example.\n"
    "ns.nic.example. A 192.0.2.42\n"
    "test NS a.nic.test\n"
    "test NS b.nic.test\n"
    "a.nic.test A 192.0.2.43\n"
    "b.nic.test AAAA 2001:db8::44\n"
    "test DS 1 8 2 000102030405060708090a0b0c0d0e0f10111213141516171819"
    "1a1b1c1d1e1f\n"
    "deep.empty.arpa TXT \"far below\"\n";

static const char tld_zone[] = "$TTL 300\n"
			       "@ SOA ns.nic hostmaster 2 3600 600 86400 60\n"
			       "@ NS ns.nic\n"
			       "ns.nic A 192.0.2.42\n"
			       "inference NS ns1.inference\n"
			       "ns1.inference A 192.0.2.53\n"
			       "other NS ns.other\n"
			       "ns.other A 192.0.2.45\n";

/* A question, and the answer in one line: rcode, aa, the first record of each
 * section. */
static const struct {
	const char *says, *name, *type, *answer;
} questions[] = {
    {"the root itself", ".", "SOA",
	"0 aa . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"its servers", ".", "NS", "0 aa . NS a.root. + a.root. A 192.0.2.41"},
    {"what it has not", ".", "A",
	"0 aa / . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"a name that is not there", "nowhere.", "A",
	"3 aa / . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"nor below one that is not", "www.nowhere.", "A",
	"3 aa / . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"a name without records", "empty.arpa.", "A",
	"0 aa / . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"a referral with glue", "www.test.", "A",
	"0 / test. NS a.nic.test. + a.nic.test. A 192.0.2.43"},
    {"the DS of a delegation", "test.", "DS",
	"0 aa test. DS 1 8 2 000102030405060708090a0b0c0d0e0f10111213141516171"
	"8191a1b1c1d1e1f"},
    {"the DS of a zone that is here too", "example.", "DS",
	"0 aa / . SOA a.root. hostmaster. 1 3600 600 86400 60"},
    {"a service in the root", "one.", "A", "0 aa one. A 192.0.2.1"},
    {"a TLD", "example.", "SOA",
	"0 aa example. SOA ns.nic.example. hostmaster.example. 2 3600 600 "
	"86400 60"},
    {"what a TLD has not", "nowhere.example.", "A",
	"3 aa / example. SOA ns.nic.example. hostmaster.example. 2 3600 600 "
	"86400 60"},
    {"its referral", "www.other.example.", "A",
	"0 / other.example. NS ns.other.example. + ns.other.example. A "
	"192.0.2.45"},
    {"the zone below", "www.inference.example.", "A",
	"0 aa www.inference.example. A 192.0.2.80"},
    {"a service in it", "one.inference.example.", "A",
	"0 aa one.inference.example. A 192.0.2.1"},
    {"its DS is the parent's", "inference.example.", "DS",
	"0 aa / example. SOA ns.nic.example. hostmaster.example. 2 3600 600 "
	"86400 60"},
};

/* Add the first record of a section, if it has one. */
static void
add_first(char *text, size_t size, const char *mark,
    const struct reply_record *records, size_t n)
{
	size_t len = strlen(text);

	if (n > 0)
		snprintf(text + len, size - len, "%s %s %s %s", mark,
		    records[0].owner, records[0].type, records[0].data);
}

static const char *
in_one_line(struct node *node, const char *name, const char *type)
{
	static char text[8192];
	static struct reply reply;
	struct ask question = {.port = node->port, .name = name, .type = type};

	ck_assert_msg(ask(&question, &reply), "no answer to %s %s", name, type);
	snprintf(
	    text, sizeof(text), "%u%s", reply.rcode, reply.aa ? " aa" : "");
	add_first(text, sizeof(text), "", reply.answer, reply.n_answer);
	add_first(text, sizeof(text), " /", reply.authority, reply.n_authority);
	add_first(
	    text, sizeof(text), " +", reply.additional, reply.n_additional);
	return text;
}

START_TEST(test_root_and_tld)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_config(&node,
	    "  - {name: ., records: root.zone, steering: inference.yaml}\n"
	    "  - {name: Example., records: tld.zone}\n");
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	harness_write(h, "root.zone", "%s", root_zone);
	harness_write(h, "tld.zone", "%s", tld_zone);
	node_serve(&node);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const char *line =
		    in_one_line(&node, questions[i].name, questions[i].type);

		ck_assert_msg(strcmp(line, questions[i].answer) == 0, "%s: %s",
		    questions[i].says, line);
	}
	ck_assert(node_metric(&node, "meridian_zone_serial{zone=\".\"}") == 1);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Reloads. */

static const char *const watched[] = {
    "inference.zone", "inference.yaml", "other.zone", "part", "geo.mmdb"};
enum { N_WATCHED = sizeof(watched) / sizeof(watched[0]) };

/* Tells who opens the files of the node: ${wd} of each is its place in
 * ${watched}. */
static int
watch_opens(struct harness *h, int wd[N_WATCHED])
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < N_WATCHED; i++) {
		wd[i] =
		    inotify_add_watch(fd, harness_path(h, watched[i]), IN_OPEN);
		ck_assert_int_ge(wd[i], 0);
	}
	return fd;
}

/* The files that were opened since the last call, by name, in their order
 * above. */
static const char *
opened(int fd, const int wd[N_WATCHED])
{
	static char text[256];
	_Alignas(struct inotify_event) char buffer[4096];
	bool seen[N_WATCHED] = {false};
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < n;) {
			struct inotify_event *event =
			    (struct inotify_event *)(void *)(buffer + at);

			for (int i = 0; i < N_WATCHED; i++)
				seen[i] = seen[i] ||
				    (event->wd == wd[i] &&
					event->mask & IN_OPEN);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	text[0] = '\0';
	for (int i = 0; i < N_WATCHED; i++)
		if (seen[i])
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%s ", watched[i]);
	return text;
}

static void
reload(struct node *node, const char *expected)
{
	const char *out;
	int status = node_ctl(node, &out, "reload");

	ck_assert_msg(status == 0 && strstr(out, expected) != NULL, "%s", out);
}

/* Long enough that a change of a file shows in its times. */
static void
let_files_settle(void)
{
	const struct timespec pause = {.tv_sec = 2, .tv_nsec = 100000000};

	nanosleep(&pause, NULL);
}

START_TEST(test_reload_reads_what_changed)
{
	struct harness *h = harness_create();
	struct node node;
	int wd[N_WATCHED], fd;
	const char *out;

	node_init(&node, h);
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	harness_write(h, "other.zone", "%s$INCLUDE part\n", node_zone);
	harness_write(h, "part", "new TXT \"one\"\n");
	ck_assert_int_eq(harness_run(h, NULL, "/bin/cp",
			     harness_built(h, "geo/iptoasn-country.mmdb"),
			     harness_path(h, "geo.mmdb"), NULL),
	    0);
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\nhttp: 127.0.0.1:%u\n"
	    "state: state.db\ngeo: [geo.mmdb]\nzones:\n"
	    "  - {name: inference.example, records: inference.zone, steering: "
	    "inference.yaml}\n"
	    "  - {name: other.example, records: other.zone}\n",
	    node.port, node.http);
	let_files_settle();
	node_serve(&node);
	/* Which opens all of them once more. */
	HARNESS_WAIT(10000,
	    access(harness_path(h, "state.db.last-good/manifest"), F_OK) == 0);
	fd = watch_opens(h, wd);

	reload(&node, ": 0 zones read, 2 unchanged\n");
	ck_assert_str_eq(opened(fd, wd), "");
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", NULL), "192.0.2.1");

	harness_write(h, "part", "new TXT \"two\"\n");
	reload(&node, ": 1 zone read, 1 unchanged\n");
	ck_assert_str_eq(
	    node_ask(&node, "new.other.example.", "TXT", NULL), "\"two\"");
	/* part is another file now, which nobody watches. */
	ck_assert_str_eq(opened(fd, wd), "other.zone ");

	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(10000,
	    node_metric(&node, "meridian_reloads_total{result=\"ok\"}") == 3);
	/* It was written a moment before it was read. */
	ck_assert_ptr_nonnull(
	    strstr(node_page(&node, "/api/v1/status"), "\"zones_read\": 1"));
	ck_assert_str_eq(opened(fd, wd), "other.zone ");

	let_files_settle();
	reload(&node, ": 1 zone read, 1 unchanged\n");
	reload(&node, ": 0 zones read, 2 unchanged\n");
	ck_assert_str_eq(opened(fd, wd), "other.zone ");

	node_steering(&node, "%s  two: {pool: v1}\n", steering);
	reload(&node, ": 1 zone read, 1 unchanged\n");
	ck_assert_str_eq(
	    node_ask(&node, "two.inference.example.", "A", NULL), "192.0.2.1");
	/* Another steering file asks for other maps, of the same geography. */
	ck_assert_str_eq(opened(fd, wd), "inference.zone ");
	out = harness_read(h, harness_path(h, "meridiand.log"));
	ck_assert_msg(strstr(out,
			  "reloaded: 2 zones (0 read, 2 unchanged) with 1 "
			  "service, geography unchanged, in ") != NULL,
	    "%s", out);
	close(fd);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

#define OTHER(more)                                                       \
	"$TTL 300\n@ SOA ns.else. hostmaster.else. 1 3600 600 86400 60\n" \
	"@ NS ns.else.\n" more

/* Errors in the records of one zone stop that zone: at a start it is not there
 * yet, at a reload it stays as it was.  The others are served, and read. */
START_TEST(test_held)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	char port[16], log[512];

	node_init(&node, h);
	snprintf(port, sizeof(port), "%u", node.port);
	snprintf(log, sizeof(log), "%s", harness_path(h, "meridiand.log"));
	node_config(&node, "  - {name: other.example, records: other.zone}\n");
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	harness_write(h, "other.zone", "%s", OTHER("www A 192.0.2\n"));
	node_serve(&node);
	ck_assert_str_eq(
	    node_ask(&node, "www.inference.example.", "A", NULL), "192.0.2.80");
	ck_assert_str_eq(in_one_line(&node, "www.other.example.", "A"), "2");
	ck_assert_int_eq(harness_run(h, &out, "/usr/bin/dig", "+tries=1", "-p",
			     port, "@127.0.0.1", "other.example.", "soa", NULL),
	    0);
	ck_assert_msg(strstr(out, "EDE: 14 (Not Ready)") != NULL, "%s", out);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, log), "other.zone:4:7: A: "));
	ck_assert_ptr_nonnull(strstr(harness_read(h, log),
	    "zone other.example: has errors: not served, clients get "
	    "SERVFAIL"));
	ck_assert(node_metric(&node,
		      "meridian_zone_held{zone=\"other.example\"}") == 1);
	ck_assert(node_metric(&node, "meridian_reload_success") == 0);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);

	harness_write(h, "other.zone", "%s", OTHER("www A 192.0.2.1\n"));
	reload(&node, "reloaded in ");
	ck_assert_str_eq(
	    node_ask(&node, "www.other.example.", "A", NULL), "192.0.2.1");
	ck_assert(node_metric(&node,
		      "meridian_zone_held{zone=\"other.example\"}") == 0);
	ck_assert(node_metric(&node, "meridian_reload_success") == 1);

	harness_write(h, "other.zone", "%s", OTHER("www CNAME\n"));
	node_steering(&node, "%s  two: {pool: v1}\n", steering);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	ck_assert_msg(strstr(out, "other.zone:4:5: error: CNAME: ") != NULL &&
		strstr(out,
		    "1 zone has errors: served with the records that "
		    "were there, or not yet\n") != NULL,
	    "%s", out);
	ck_assert_str_eq(
	    node_ask(&node, "www.other.example.", "A", NULL), "192.0.2.1");
	ck_assert_str_eq(
	    node_ask(&node, "two.inference.example.", "A", NULL), "192.0.2.1");
	ck_assert(node_metric(&node, "meridian_reload_success") == 0);
	ck_assert_ptr_nonnull(strstr(harness_read(h, log),
	    "zone other.example: has errors: served with the records it had"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A parent that is served beside its child must know of it. */
START_TEST(test_undelegated)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	char want[512];

	node_init(&node, h);
	node_config(&node, "  - {name: example, records: tld.zone}\n");
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	harness_write(h, "tld.zone", "%s", tld_zone);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	ck_assert_ptr_null(strstr(out, "warning"));
	harness_write(h, "tld.zone", "%s",
	    "$TTL 300\n"
	    "@ SOA ns.nic hostmaster 2 3600 600 86400 60\n"
	    "@ NS ns.else.\n");
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	snprintf(want, sizeof(want),
	    ": warning: zone inference.example.: the zone example. is served "
	    "here too, and does not delegate it\n");
	ck_assert_msg(strstr(out, want) != NULL, "%s", out);
	harness_destroy(h);
}
END_TEST

/* What `check` says, a reload says. */

#define HEAD                              \
	"$TTL 300\n"                      \
	"@ SOA a b 1 3600 600 86400 60\n" \
	"@ NS ns.else.\n"

/* The records of a zone, and what is said of them behind the file's name. */
static const struct {
	const char *says, *records;
	bool good;
	const char *message; /* "" where nothing is said */
} files[] = {
    {"nothing to say", HEAD "x A 192.0.2.1\n", true, ""},
    {"no SOA", "$TTL 300\n@ NS ns.else.\n", false,
	": error: inference.example.: the zone has no SOA record (@ SOA ns1 "
	"hostmaster 1 3600 600 86400 60)\n"},
    {"CNAME beside data", HEAD "x CNAME y.else.\nx A 192.0.2.1\n", false,
	":5:1: error: x.inference.example.: A beside a CNAME, which stands "
	"at line 4 (RFC 2181, 10.1)\n"},
    {"data below a DNAME", HEAD "d DNAME y.\nx.d A 192.0.2.1\n", false,
	":5:1: error: x.d.inference.example.: stands below the DNAME at "
	"d.inference.example. (RFC 6672, 2.4)\n"},
    {"out of the zone", HEAD "x.else. A 192.0.2.1\n", false,
	":4:1: error: x.else.: is not in the zone inference.example.\n"},
    {"missing glue", HEAD "d NS ns.d\n", true,
	":4:1: warning: d.inference.example. NS: the host "
	"ns.d.inference.example. needs an A or AAAA record here as glue\n"},
    {"a duplicate", HEAD "x A 192.0.2.1\nx A 192.0.2.1\n", true,
	":5:1: warning: x.inference.example. A: the same record stands at line "
	"4\n"},
    {"two TTLs in a set", HEAD "x 60 A 192.0.2.1\nx 50 A 192.0.2.2\n", true,
	":5:1: warning: x.inference.example. A: TTL 50, but 60 at line 4: the "
	"set gets the least, 50\n"},
    {"a label too long",
	HEAD "x1234567890123456789012345678901234567890123456789012345678901234"
	     " A 192.0.2.1\n",
	false,
	":4:1: error: \"x12345678901234567890123456789012345678901234567890123"
	"456789...\" is no domain name (labels of 1 to 63 octets, 255 in "
	"all)\n"},
    {"data that is none", HEAD "x CAA 0 issue\n", false,
	":4:3: error: CAA: the record ends too early\n"},
    {"data that its RFC forbids", HEAD "x SVCB 1 . port\n", false,
	":4:1: error: x.inference.example. SVCB: port: not a number (RFC "
	"9460, 7.2)\n"},
    {"a parameter of an alias", HEAD "x HTTPS 0 y. port=1\n", true,
	":4:1: warning: x.inference.example. HTTPS: parameters beside "
	"priority 0 are ignored (RFC 9460, 2.4.2)\n"},
    {"an included file elsewhere", HEAD "$INCLUDE /etc/passwd\n", false,
	":4:10: error: \"/etc/passwd\" does not lie in the folder of the "
	"zone's file or below, nor in one of include_from\n"},
};

/* What both commands have printed of the zone. */
static void
expect_alike(struct node *node, size_t i)
{
	const char *out, *path = harness_path(node->h, "inference.zone");
	char want[1024];
	int status = files[i].good ? 0 : 1;

	snprintf(want, sizeof(want), "%s%s", path, files[i].message);
	ck_assert_msg(
	    node_ctl(node, &out, "check") == status, "%s", files[i].says);
	ck_assert_msg(files[i].message[0] == '\0'
		? strstr(out, path) == NULL
		: strncmp(out, want, strlen(want)) == 0,
	    "check, %s: %s", files[i].says, out);
	ck_assert_msg(
	    node_ctl(node, &out, "reload") == status, "%s", files[i].says);
	ck_assert_msg(files[i].message[0] == '\0'
		? strstr(out, path) == NULL
		: strncmp(out, want, strlen(want)) == 0,
	    "reload, %s: %s", files[i].says, out);
}

START_TEST(test_check_is_like_reload)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node, "%s", steering);
	node_serve(&node);
	/* Nothing is checked here, and nobody misses what checks. */
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_msg(strstr(out, "error") == NULL, "%s", out);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		node_records(&node, files[i].records);
		expect_alike(&node, i);
		/* What was not good was never served. */
		ck_assert_str_eq(
		    node_ask(&node, "one.inference.example.", "A", NULL),
		    "192.0.2.1");
	}
	/* The place of this one is that of the service. */
	node_records(&node, HEAD "@ DNSKEY 257 3 8 AwEAAaetidLz\n");
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    node_ctl(&node, &out, i == 0 ? "check" : "reload"), 1);
		ck_assert_msg(strstr(out,
				  "inference.yaml:8:3: error: the zone "
				  "inference.example. has DNSKEY records, and "
				  "answers that are steered cannot be "
				  "signed\n") != NULL,
		    "%s", out);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What only a start needs: lines of meridian.yaml, and what `check` says. */
static const struct {
	const char *says, *line;
	int status;
	const char *message;
	bool checked; /* there is a pool with a check */
} starts[] = {
    {"no user by that name", "user: nobody-by-that-name\nstate: state.db\n", 1,
	"meridian.yaml:2:7: error: user: there is no user nobody-by-that-name: "
	"no "
	"daemon would start\n",
	false},
    {"a user that is there", "user: root\nstate: state.db\n", 0, NULL, true},
    {"a state database that nobody reads: nothing is checked",
	"state: missing/state.db\n", 0, NULL, false},
    {"a state database in a folder that is missing",
	"state: missing/state.db\n", 0, "/missing: no health would be known\n",
	true},
    {"a state database that is a folder", "state: .\n", 0,
	" is not a regular file: no health would be known\n", true},
    {"an address twice",
	"state: state.db\nlisten: [127.0.0.1:5, "
	"127.0.0.1:5]\n",
	1, "127.0.0.1:5 is listed twice\n", false},
};

START_TEST(test_check_of_a_start)
{
	struct harness *h = harness_create();
	struct node node;
	char own[64]; /* a resolver of this machine may have port 53 */

	node_init(&node, h);
	snprintf(own, sizeof(own), "listen: [127.0.0.1:%u]\n", node.port);
	node_records(&node, node_zone);
	node_steering(&node,
	    "checks: {http: {preset: http}}\n"
	    "regions: {us: {at: [39.0, -77.5]}}\n"
	    "pools: {v1: {check: http, endpoints: [{name: us, region: us, "
	    "address: 192.0.2.1}]}}\n"
	    "services: {one: {pool: v1}}\n");
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		const char *out;
		bool listens = strstr(starts[i].line, "listen:") != NULL;
		int status;

		harness_write(h, "meridian.yaml",
		    "%s%szones: [{name: inference.example, records: "
		    "inference.zone%s}]\n",
		    listens ? "" : own, starts[i].line,
		    starts[i].checked ? ", steering: inference.yaml" : "");
		status = node_ctl(&node, &out, "check");
		ck_assert_msg(
		    status == starts[i].status, "%s: %s", starts[i].says, out);
		if (starts[i].message == NULL)
			ck_assert_msg(strncmp(out, "ok: ", 4) == 0, "%s", out);
		else
			ck_assert_msg(strstr(out, starts[i].message) != NULL,
			    "%s: %s", starts[i].says, out);
	}
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"root and TLD", test_root_and_tld, 0},
	    {"held", test_held, 0},
	    {"undelegated", test_undelegated, 0},
	    {"reload reads what changed", test_reload_reads_what_changed, 0},
	    {"check is like reload", test_check_is_like_reload, 120},
	    {"check of a start", test_check_of_a_start, 0},
	};

	return harness_main("zones", cases, sizeof(cases) / sizeof(cases[0]));
}
