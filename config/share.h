/*
 * The `share` of meridian.yaml(5): with which etcd a node shares what it knows.
 * A plain struct, for whatever carries rows, and for whoever steps only while
 * its node may.
 */
#ifndef CONFIG_SHARE_H
#define CONFIG_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"

/* Members of an etcd: more than seven vote no faster, and proxies may stand
 * before them. */
#define SHARE_MAX_MEMBERS 16

/* Characters of a prefix: keys below it have names of zones and pools. */
#define SHARE_MAX_PREFIX 128

/* The numbers in these comments are the values where the file is silent. */
struct share_config {
	const char *const *etcd; /* URLs of its members; none: no sharing */
	size_t n_etcd;
	struct mark at;     /* of the mapping */
	const char *prefix; /* begins and ends with a slash: "/meridian/" */
	/* Paths, resolved; NULL: those of the system, and no certificate. */
	const char *ca, *certificate, *key;
	/* Of etcd; both or none.  The password is the first line of its file.
	 */
	const char *user, *password_file;
	uint64_t lease_ms; /* how long a silent node counts, 10 s */
	/* Where others ask this node over DNS; port 0: as `listen` says. */
	struct endpoint_address address;
};

#endif
