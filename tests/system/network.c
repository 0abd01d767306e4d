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

#define IP "/sbin/ip"
#define TC "/sbin/tc"

/* Of each link: a round trip between two regions takes 40 ms. */
#define DELAY "10ms"
#define LOSS "0.5%"

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
link_region(struct network *n, int i)
{
	/* A link is given to where a process is. */
	pid_t there;
	bool made;

	n->region[i] = make_space();
	there = harness_start(n->h, "there.log", "/bin/sleep", "600", NULL);
	network_enter(n, -1);
	made = ip(n,
	    "link add link%d type veth peer name out netns %d\n"
	    "link set link%d master hub\n"
	    "link set link%d up\n",
	    i, (int)there, i, i);
	harness_kill(n->h, there);
	if (!made)
		return false;
	network_enter(n, i);
	made = ip(n,
	    "link set lo up\naddr add %s/16 dev out\n"
	    "addr add %s/16 dev out\naddr add %s/16 dev out\n"
	    "link set out up\n",
	    n->address[i][NETWORK_ETCD], n->address[i][NETWORK_STANDIN],
	    n->address[i][NETWORK_NODE]);
	network_enter(n, -1);
	return made;
}

static void
slow_down(struct network *n)
{
	const char *out;
	char name[16];
	bool slow = true;

	for (int i = 0; i < NETWORK_REGIONS && slow; i++) {
		(void)snprintf(name, sizeof(name), "link%d", i);
		slow = harness_run(n->h, &out, TC, "qdisc", "add", "dev", name,
			   "root", "netem", "delay", DELAY, "loss", LOSS,
			   NULL) == 0;
		network_enter(n, i);
		slow = slow &&
		    harness_run(n->h, &out, TC, "qdisc", "add", "dev", "out",
			"root", "netem", "delay", DELAY, NULL) == 0;
		network_enter(n, -1);
	}
	if (slow)
		printf("measured: links with %s of latency each way and %s of "
		       "loss\n",
		    DELAY, LOSS);
	else
		printf("measured: links without latency and loss: this kernel "
		       "has no netem\n");
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
		slow_down(n);
		return;
	}
	printf("measured: no network namespaces here: regions on loopback "
	       "addresses\n");
	give_addresses(n, "127");
}

void
network_finish(struct network *n)
{
	for (int i = 0; i < NETWORK_REGIONS; i++)
		if (n->region[i] >= 0)
			close(n->region[i]);
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
