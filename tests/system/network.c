/* Regions in network namespaces; see network.h. */
#include "tests/system/network.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/slow_link.h"

#define IP "/sbin/ip"
#define TC "/sbin/tc"

/* Of each link, each way: a round trip between two regions takes 40 ms. */
#define DELAY_MS 10
#define LOSS 5 /* of a thousand */

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, text, strlen(text));
	close(fd);
}

/* Be root of a namespace of users, in which one of networks may be made. */
static bool
become_root(void)
{
	char map[64];

	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned)getegid());
	write_file("/proc/self/gid_map", map);
	return true;
}

static int
open_space(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "ns/net: %s", strerror(errno));
	return fd;
}

static int
make_space(void)
{
	ck_assert_msg(
	    unshare(CLONE_NEWNET) == 0, "unshare: %s", strerror(errno));
	return open_space();
}

/* Commands of ip(8), a line each; whether all of them worked. */
static bool __attribute__((format(printf, 2, 3)))
ip(const struct network *n, const char *fmt, ...)
{
	char lines[1024];
	const char *out;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(lines, sizeof(lines), fmt, ap);
	va_end(ap);
	ck_assert(len > 0 && (size_t)len < sizeof(lines));
	harness_write(n->h, "ip.batch", "%s", lines);
	if (harness_run(n->h, &out, IP, "-batch",
		harness_path(n->h, "ip.batch"), NULL) == 0)
		return true;
	printf("%s%s", lines, out);
	return false;
}

void
network_enter(const struct network *n, int i)
{
	if (n->spaces)
		ck_assert_msg(
		    setns(i < 0 ? n->hub : n->region[i], CLONE_NEWNET) == 0,
		    "setns: %s", strerror(errno));
}

/* A bridge in the hub; false where the kernel has none. */
static bool
make_hub(struct network *n)
{
	return ip(n,
	    "link set lo up\n"
	    "link add hub type bridge\n"
	    "addr add 10.77.9.1/16 dev hub\n"
	    "link set hub up\n");
}

static bool
tc(const struct network *n, const char *device)
{
	const char *out;
	char delay[16], loss[16];

	(void)snprintf(delay, sizeof(delay), "%dms", DELAY_MS);
	(void)snprintf(loss, sizeof(loss), "%.1f%%", LOSS / 10.0);
	return harness_run(n->h, &out, TC, "qdisc", "replace", "dev", device,
		   "root", "netem", "delay", delay, "loss", loss, NULL) == 0;
}

/* A link that is slow by tc, or not at all: both ends, of which the second is
 * given to where a process is. */
static bool
make_link(struct network *n, int i)
{
	pid_t there;
	char name[16];
	bool made;

	network_enter(n, i);
	there = harness_start(n->h, "there.log", "/bin/sleep", "600", NULL);
	network_enter(n, -1);
	made = ip(n, "link add link%d type veth peer name out netns %d\n", i,
	    (int)there);
	harness_kill(n->h, there);
	if (!made || !n->netem)
		return made;
	(void)snprintf(name, sizeof(name), "link%d", i);
	made = tc(n, name);
	network_enter(n, i);
	made = made && tc(n, "out");
	network_enter(n, -1);
	return made;
}

/* One that is slow by itself; false where there are none. */
static bool
make_slow_link(struct network *n, int i)
{
	int ends[2];
	char name[16];

	(void)snprintf(name, sizeof(name), "link%d", i);
	ends[0] = slow_link_end(name);
	if (ends[0] < 0)
		return false;
	network_enter(n, i);
	ends[1] = slow_link_end("out");
	network_enter(n, -1);
	ck_assert_int_ge(ends[1], 0);
	n->link[i] = slow_link_start(ends, DELAY_MS, LOSS);
	return true;
}

static bool
link_region(struct network *n, int i)
{
	bool made;

	n->region[i] = make_space();
	network_enter(n, -1);
	if ((n->netem || !make_slow_link(n, i)) && !make_link(n, i))
		return false;
	made = ip(n, "link set link%d master hub\nlink set link%d up\n", i, i);
	network_enter(n, i);
	made = made &&
	    ip(n,
		"link set lo up\naddr add %s/16 dev out\n"
		"addr add %s/16 dev out\naddr add %s/16 dev out\n"
		"link set out up\n",
		n->address[i][NETWORK_ETCD], n->address[i][NETWORK_STANDIN],
		n->address[i][NETWORK_NODE]);
	network_enter(n, -1);
	return made;
}

static void
say_how_slow(const struct network *n)
{
	if (n->netem || n->link[0] != NULL)
		printf("measured: links with %d ms of latency each way and "
		       "%.1f %% of loss%s\n",
		    DELAY_MS, LOSS / 10.0,
		    n->netem ? "" : ", by TAP devices: no netem here");
	else
		printf("measured: links without latency and loss: this kernel "
		       "has neither netem nor TAP devices\n");
}

static bool
has_netem(const struct network *n)
{
	const char *out;

	return tc(n, "hub") &&
	    harness_run(n->h, &out, TC, "qdisc", "del", "dev", "hub", "root",
		NULL) == 0;
}

static bool
make_spaces(struct network *n)
{
	int before = open_space();

	if (getenv("LOOPBACK") != NULL ||
	    (unshare(CLONE_NEWNET) != 0 && !become_root())) {
		close(before);
		return false;
	}
	n->hub = open_space();
	n->spaces = make_hub(n);
	n->netem = n->spaces && has_netem(n);
	for (int i = 0; i < NETWORK_REGIONS && n->spaces; i++)
		n->spaces = link_region(n, i);
	/* Back to the machine's own, if we may. */
	if (!n->spaces && setns(before, CLONE_NEWNET) != 0)
		ck_abort_msg("no way back: %s", strerror(errno));
	close(before);
	return n->spaces;
}

static void
give_addresses(struct network *n, const char *first)
{
	for (int i = 0; i < NETWORK_REGIONS; i++)
		for (int part = 0; part < NETWORK_PARTS; part++)
			(void)snprintf(n->address[i][part],
			    sizeof(n->address[i][part]), "%s.77.%d.%d", first,
			    part, i + 1);
}

void
network_create(struct network *n, struct harness *h)
{
	*n = (struct network){.h = h, .hub = -1, .region = {-1, -1, -1}};
	give_addresses(n, "10");
	if (make_spaces(n)) {
		say_how_slow(n);
		return;
	}
	printf("measured: no network namespaces here: regions on loopback "
	       "addresses\n");
	give_addresses(n, "127");
}

void
network_finish(struct network *n)
{
	for (int i = 0; i < NETWORK_REGIONS; i++) {
		slow_link_stop(n->link[i]);
		if (n->region[i] >= 0)
			close(n->region[i]);
	}
	if (n->hub >= 0)
		close(n->hub);
}

void
network_cut(const struct network *n, int i)
{
	ck_assert(n->spaces);
	ck_assert(ip(n, "link set link%d nomaster\n", i));
}

void
network_join(const struct network *n, int i)
{
	ck_assert(n->spaces);
	ck_assert(ip(n, "link set link%d master hub\n", i));
}

void
network_hide(
    const struct network *n, int i, enum network_part part, bool hidden)
{
	ck_assert(n->spaces);
	network_enter(n, i);
	/* Its own are not looked up there. */
	ck_assert(ip(n, "route %s blackhole 10.77.%d.0/24\n",
	    hidden ? "replace" : "del", (int)part));
	network_enter(n, -1);
}
