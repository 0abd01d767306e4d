/*
 * A drill, and a backup that is restored, with real daemons under load: no
 * query is lost, and the state after is the state before; a drill that would do
 * harm is refused, or undone as soon as it does; and one whose meridianctl is
 * killed ends all the same.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* An answer may take so long on a busy machine; later it is lost. */
#define LOST_MS 5000

#define STEERING                                                               \
	"regions:\n"                                                           \
	"  us-east: {at: [39.0, -77.5]}\n"                                     \
	"  eu-west: {at: [53.3, -6.3]}\n"                                      \
	"  ap-south: {at: [19.1, 72.9]}\n"                                     \
	"checks:\n"                                                            \
	"  llm: {preset: vllm, every: 200ms, timeout: 2s, fall: 2, rise: 1}\n" \
	"pools:\n"                                                             \
	"  v1:\n"                                                              \
	"    check: llm\n"                                                     \
	"    endpoints:\n"                                                     \
	"      - {name: us, region: us-east, address: 192.0.2.1, check_at: "   \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"      - {name: eu, region: eu-west, address: 192.0.2.2, check_at: "   \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"      - {name: ap, region: ap-south, address: 192.0.2.3, check_at: "  \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"services:\n"                                                          \
	"  chat:\n"                                                            \
	"    pool: v1\n"                                                       \
	"    rank: {listed: [eu-west, us-east, ap-south]}\n"                   \
	"    last_resort: [all]\n"                                             \
	"safety: {wait: off}\n"

#define NAME "chat.inference.example."

/* --- load --- */

struct load {
	struct node *node;
	pthread_t thread;
	atomic_bool ends;
	atomic_uint asked, lost;
	int fd;
};

static const unsigned char query[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4,
    'c', 'h', 'a', 't', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e',
    'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

/* One query, and its answer, which has an address. */
static bool
exchange(int fd, unsigned id)
{
	unsigned char packet[512];
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	memcpy(packet, query, sizeof(query));
	packet[0] = (unsigned char)(id >> 8);
	packet[1] = (unsigned char)id;
	if (send(fd, packet, sizeof(query), 0) != (ssize_t)sizeof(query))
		return false;
	while (poll(&pollfd, 1, LOST_MS) == 1) {
		n = recv(fd, packet, sizeof(packet), 0);
		if (n > 12 && packet[0] == (unsigned char)(id >> 8) &&
		    packet[1] == (unsigned char)id)
			return (packet[3] & 15) == 0 && packet[7] > 0;
	}
	return false;
}

static void *
ask_on(void *argument)
{
	struct load *load = argument;

	while (!load->ends) {
		if (!exchange(load->fd, load->asked++ & 65535))
			load->lost++;
		usleep(500);
	}
	return NULL;
}

static void
begin_load(struct load *load, struct node *node)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(node->port),
	    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};

	load->node = node;
	atomic_init(&load->ends, false);
	atomic_init(&load->asked, 0);
	atomic_init(&load->lost, 0);
	load->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    connect(load->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(pthread_create(&load->thread, NULL, ask_on, load), 0);
}

static void
end_load(struct load *load)
{
	load->ends = true;
	pthread_join(load->thread, NULL);
	close(load->fd);
	printf("%u queries, %u lost\n", load->asked, load->lost);
	ck_assert_uint_gt(load->asked, 100);
	ck_assert_uint_eq(load->lost, 0);
}

/* --- the node --- */

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	for (int i = 0; i < 3; i++)
		node_standin(node, i);
	node_config(node, "stale: {after: 30s, then: keep}\n");
	node_records(node, node_zone);
	node_steering(node, STEERING, node->standin_port[0],
	    node->standin_port[1], node->standin_port[2]);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health "
		       "= 'up'"),
		"3\n") == 0);
	HARNESS_WAIT(
	    10000, strcmp(node_ask(node, NAME, "A", NULL), "192.0.2.2") == 0);
}

static pid_t
begin_drill(struct node *node, const char *length, const char *format)
{
	return harness_start(node->h, "drill.log", "meridianctl", "-c",
	    harness_path(node->h, "meridian.yaml"), "drill", "region",
	    "eu-west", "--for", length, "--settle", "1s", "--author",
	    "ann@desk", format, NULL);
}

static const char *
drill_log(struct node *node)
{
	return harness_read(node->h, harness_path(node->h, "drill.log"));
}

static bool
is_drained(struct node *node)
{
	return strcmp(node_ask(node, NAME, "A", NULL), "192.0.2.1") == 0;
}

static bool
is_back(struct node *node)
{
	return strcmp(node_ask(node, NAME, "A", NULL), "192.0.2.2") == 0;
}

START_TEST(a_drill_loses_nothing_and_tells_who_moved)
{
	struct harness *h = harness_create();
	struct load load;
	struct node node;
	const char *out;
	pid_t pid;

	start(&node, h);
	begin_load(&load, &node);
	pid = begin_drill(&node, "4s", NULL);
	HARNESS_WAIT(20000, is_drained(&node));
	ck_assert_int_eq(harness_wait(h, pid, 60000), 0);
	HARNESS_WAIT(10000, is_back(&node));
	end_load(&load);
	out = drill_log(&node);
	output_contains(out, "the safety rule first: what would be left");
	output_contains(out, "region eu-west drained (it would be)");
	output_contains(out, "drill complete: region eu-west, after ");
	output_contains(out,
	    "region                    answers/s:  before    "
	    "during     after   peak load\n");
	ck_assert_msg(strstr(out, "named it since it was drained") != NULL ||
		strstr(out, "the last answer that named it: ") != NULL,
	    "%s", out);
	output_fits(strstr(out, "drill complete"));
	/* Nothing is left of it. */
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_contains(out, "well: ");
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_is_told_to_scripts)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    harness_wait(h, begin_drill(&node, "2s", "--json"), 60000), 0);
	out = drill_log(&node);
	output_contains(out, "\"outcome\": \"complete\"");
	output_contains(
	    out, "\"region\": \"eu-west\",\n      \"drilled\": true");
	output_contains(out, "\"last_answer_after_ms\": ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drill", "region", "eu-west"), 64);
	output_contains(out, "a drill needs an end: --for LENGTH");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drill", "region", "*", "--for", "10s"), 1);
	output_says(out, "refused: ");
	ck_assert(is_back(&node));
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_is_undone_when_another_region_goes_down)
{
	struct harness *h = harness_create();
	struct load load;
	struct node node;
	const char *out;
	pid_t pid;

	start(&node, h);
	begin_load(&load, &node);
	pid = begin_drill(&node, "10m", NULL);
	HARNESS_WAIT(20000, is_drained(&node));
	node_order(&node, 0, "health=down");
	ck_assert_int_eq(harness_wait(h, pid, 60000), 3);
	HARNESS_WAIT(10000, is_back(&node));
	end_load(&load);
	out = drill_log(&node);
	output_says(out, "drill undone: region eu-west, after ");
	output_says(out, "region us-east has nothing up any more");
	output_says(out, "us in us-east: down, was up");
	ck_assert_str_eq(
	    node_sql(&node,
		"SELECT author, reason FROM override WHERE action = 'undrain'"),
	    "ann@desk|drill: region us-east has nothing up any more\n");
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_ends_by_hand_and_by_itself)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	pid_t pid;

	start(&node, h);
	/* Ctrl-C. */
	pid = begin_drill(&node, "10m", NULL);
	HARNESS_WAIT(20000, is_drained(&node));
	harness_signal(h, pid, SIGINT);
	ck_assert_int_eq(harness_wait(h, pid, 30000), 4);
	HARNESS_WAIT(10000, is_back(&node));
	output_says(drill_log(&node), "drill interrupted: region eu-west");
	/* Killed: its length ends it. */
	pid = begin_drill(&node, "6s", NULL);
	HARNESS_WAIT(20000, is_drained(&node));
	harness_kill(h, pid);
	HARNESS_WAIT(30000, is_back(&node));
	/* Somebody else's undrain. */
	pid = begin_drill(&node, "10m", NULL);
	HARNESS_WAIT(20000, is_drained(&node));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "undrain", "region", "eu-west"), 0);
	ck_assert_int_eq(harness_wait(h, pid, 30000), 4);
	output_says(drill_log(&node), "somebody else ended the drain");
	harness_destroy(h);
}
END_TEST

/* All that a backup is of, as text. */
static char *
dump(struct node *node)
{
	return strdup(node_sql(node,
	    "SELECT number, at_ms, action, kind, target, value, length_ms, "
	    "author, reason FROM override ORDER BY number;"
	    "SELECT client, region, rtt_us FROM latency ORDER BY 1, 2;"
	    "SELECT at_ms, vantage, endpoint, after, reason FROM event "
	    "WHERE before = 'unknown' ORDER BY sequence"));
}

static void
remove_database(struct node *node)
{
	static const char *const files[] = {
	    "state.db", "state.db-wal", "state.db-shm"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(harness_path(node->h, files[i]));
}

START_TEST(a_backup_brings_back_what_was_lost)
{
	struct harness *h = harness_create();
	struct load load;
	struct node node;
	const char *out, *folder;
	char *before, *after;

	start(&node, h);
	folder = harness_path(h, "backup");
	harness_write(
	    h, "trips.csv", "client,region,rtt\n192.0.2.0/24,us-east,12.5\n");
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "import",
			     harness_path(h, "trips.csv")),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "region", "ap-south",
			     "--reason", "new racks"),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "endpoint", "eu",
			     "--reason", "ends soon"),
	    0);
	begin_load(&load, &node);
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 0);
	output_contains(out, "state.db ");
	output_contains(out, "last-good ");
	/* None is written over another. */
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 1);
	ck_assert_int_eq(node_ctl(&node, &out, "undrain", "endpoint", "eu"), 0);
	before = dump(&node);
	/* It has all of it, and more. */
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_contains(out, "it is whole");
	output_contains(out, "it has all that the backup has");
	after = dump(&node);
	ck_assert_str_eq(before, after);
	free(after);
	/* The database is lost while all runs. */
	remove_database(&node);
	HARNESS_WAIT(20000,
	    access(harness_path(h, "state.db"), F_OK) == 0 &&
		strcmp(node_sql(&node,
			   "SELECT count(*) FROM endpoint WHERE health "
			   "= 'up'"),
		    "3\n") == 0);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", folder, "--dry-run"), 0);
	output_contains(out, "would be back");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_contains(out, "1 measured round trip back");
	output_says(out,
	    "1 of what was said has been ended since, and stays "
	    "ended");
	/* What is in force is, and what was ended is not. */
	ck_assert_int_eq(node_ctl(&node, &out, "overrides"), 0);
	output_says(out, "region ap-south drained");
	ck_assert_ptr_null(strstr(out, "endpoint eu drained"));
	after = strdup(
	    node_sql(&node, "SELECT client, region, rtt_us FROM latency"));
	ck_assert_str_eq(after, "192.0.2.0/24|us-east|12500\n");
	HARNESS_WAIT(10000, is_back(&node));
	end_load(&load);
	free(before);
	free(after);
	harness_destroy(h);
}
END_TEST

START_TEST(a_backup_that_is_damaged_restores_nothing)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out, *folder;

	start(&node, h);
	folder = harness_path(h, "backup");
	HARNESS_WAIT(10000,
	    node_metric(&node, "meridian_last_good_timestamp_seconds") > 0);
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 0);
	/* The files of the node come back, too, if they are wanted. */
	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_says(out, "inference.yaml: is not what it was");
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", folder, "--files"), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	ck_assert_int_eq(harness_run(h, NULL, "/bin/sh", "-c",
			     "printf X | dd of=\"$0\" bs=1 seek=5000 "
			     "conv=notrunc",
			     harness_path(h, "backup/state.db"), NULL),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 1);
	output_says(out, "state.db: damaged: it is not what was backed up");
	harness_write(h, "backup/manifest.json", "nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 1);
	output_says(out, "damaged, or of a newer release: nothing is restored");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", harness_path(h, "none")), 1);
	output_says(out, "it is no backup");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"drill", a_drill_loses_nothing_and_tells_who_moved, 120},
	    {"json", a_drill_is_told_to_scripts, 120},
	    {"undone", a_drill_is_undone_when_another_region_goes_down, 120},
	    {"ends", a_drill_ends_by_hand_and_by_itself, 120},
	    {"backup", a_backup_brings_back_what_was_lost, 120},
	    {"damaged", a_backup_that_is_damaged_restores_nothing, 120},
	};

	return harness_main("drill", cases, sizeof(cases) / sizeof(cases[0]));
}
