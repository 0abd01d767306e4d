/*
 * A node that is drilled; see drill.h.
 */
#include "tests/system/drill.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An answer may take so long on a busy machine; later it is lost. */
#define LOST_MS 5000

/* Loads are in tenths: max_running is 10. */
#define STEERING                                                              \
	"regions:\n"                                                          \
	"  us-east: {at: [39.0, -77.5]}\n"                                    \
	"  eu-west: {at: [53.3, -6.3]}\n"                                     \
	"  ap-south: {at: [19.1, 72.9]}\n"                                    \
	"checks:\n"                                                           \
	"  llm: {preset: vllm, every: 200ms, timeout: 2s, fall: 2, rise: 1, " \
	"load: {every: 1s, timeout: 900ms, stale: 20s, smooth: 1s, "          \
	"max_running: 10}}\n"                                                 \
	"pools:\n"                                                            \
	"  v1:\n"                                                             \
	"    check: llm\n"                                                    \
	"    endpoints:\n"                                                    \
	"      - {name: us, region: us-east, address: 192.0.2.1, check_at: "  \
	"\"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"                      \
	"      - {name: eu, region: eu-west, address: 192.0.2.2, check_at: "  \
	"\"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"                      \
	"      - {name: ap, region: ap-south, address: 192.0.2.3, check_at: " \
	"\"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"                      \
	"services:\n"                                                         \
	"  chat:\n"                                                           \
	"    pool: v1\n"                                                      \
	"    rank: {listed: [eu-west, us-east, ap-south]}\n"                  \
	"    last_resort: [all]\n"                                            \
	"safety: {wait: off}\n"

/* --- load --- */

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
	struct drill_load *load = argument;

	while (!load->ends) {
		if (!exchange(load->fd, load->asked++ & 65535))
			load->lost++;
		usleep(500);
	}
	return NULL;
}

void
drill_begin_load(struct drill_load *load, struct node *node)
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

void
drill_end_load(struct drill_load *load)
{
	load->ends = true;
	pthread_join(load->thread, NULL);
	close(load->fd);
	printf("%u queries, %u lost\n", load->asked, load->lost);
	ck_assert_uint_gt(load->asked, 100);
	ck_assert_uint_eq(load->lost, 0);
}

/* --- the node --- */

void
drill_start(struct node *node, struct harness *h)
{
	node_init(node, h);
	for (int i = 0; i < 3; i++)
		node_standin(node, i);
	node_config(node, "stale: {after: 30s, then: keep}\n");
	node_records(node, node_zone);
	node_steering(node, STEERING, node->standin_port[0],
	    node->standin_port[0], node->standin_port[1], node->standin_port[1],
	    node->standin_port[2], node->standin_port[2]);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health "
		       "= 'up'"),
		"3\n") == 0);
	HARNESS_WAIT(10000,
	    strcmp(node_ask(node, DRILL_NAME, "A", NULL), "192.0.2.2") == 0);
}

pid_t
drill_begin(struct node *node, const char *length, const char *format)
{
	return harness_start(node->h, "drill.log", "meridianctl", "-c",
	    harness_path(node->h, "meridian.yaml"), "drill", "region",
	    "eu-west", "--for", length, "--settle", "1s", "--author",
	    "ann@desk", format, NULL);
}

const char *
drill_log(struct node *node)
{
	return harness_read(node->h, harness_path(node->h, "drill.log"));
}

bool
drill_is_on(struct node *node)
{
	return strcmp(node_ask(node, DRILL_NAME, "A", NULL), "192.0.2.1") == 0;
}

bool
drill_is_over(struct node *node)
{
	return strcmp(node_ask(node, DRILL_NAME, "A", NULL), "192.0.2.2") == 0;
}
