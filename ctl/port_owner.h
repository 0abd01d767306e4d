/*
 * Which process has a port, as far as /proc shows it to this user.  Called by
 * ports.c alone.
 */
#ifndef CTL_PORT_OWNER_H
#define CTL_PORT_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/address.h"

#define PORT_OWNER_NAME 64

struct port_owner {
	struct endpoint_address at; /* what it has, maybe all addresses */
	pid_t pid;                  /* 0: not to be seen */
	char name[PORT_OWNER_NAME]; /* of the program, as the kernel knows it */
};

/*
 * found = port_owner_find(at, type, out): the first socket of ${type}
 * (SOCK_DGRAM, or SOCK_STREAM that listens) that is in the way of one at
 * ${at}.
 */
bool port_owner_find(
    const struct endpoint_address *at, int type, struct port_owner *out);

/* same = port_owner_reads(owner, path): it is a meridiand, and ${path} is the
 * file that its command line names. */
bool port_owner_reads(const struct port_owner *owner, const char *path);

#endif
