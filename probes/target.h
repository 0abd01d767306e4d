/*
 * The table of targets: every endpoint of every pool with a check, as the
 * configuration files have it, with the addresses to send requests to or the
 * name that has them; and those with a `resolve` of other pools.  Built
 * anew by each load, aside from the one in use; nothing in it changes
 * afterwards and it keeps nothing of the configs.
 */
#ifndef PROBES_TARGET_H
#define PROBES_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/server.h"
#include "config/steering.h"
#include "probes/control/judged.h"
#include "probes/control/plan.h"
#include "probes/control/ramp_plan.h"
#include "state/endpoint_key.h"

/* One check of a target. */
struct target_check {
	const struct check_config *check; /* a copy, shared by its targets */
	/* At least one: those of its families, ports filled in.  None where
	 * there is a name: */
	const struct endpoint_address *addresses;
	size_t n_addresses;
};

struct target {
	struct endpoint_key key; /* the zone folded, as it is stored */
	uint64_t hash;           /* of the key */
	const char *region;      /* for people */
	/* In the order of the file; none: it has a name whose addresses
	 * nobody checks.  ${need} of them must be up. */
	const struct target_check *checks;
	size_t n_checks;
	unsigned need;
	/* How its load is read, and where, the port filled in; NULL: nobody
	 * asks for it; it is nowhere. */
	const struct check_config *load;
	const struct endpoint_address *load_at;
	/* Whose addresses are looked up and checked, each by itself; or NULL.
	 */
	const char *name;
	bool published; /* clients are sent to them: each has a row */
	bool allow_private;
	bool ipv4, ipv6; /* families that are looked up */
	/* Of its region, its pool and its own, where they have any. */
	const struct maintenance *maintenance[MAINTENANCE_LISTS];
	size_t n_maintenance;
};

struct target_table {
	const struct target *targets; /* in the order of their keys */
	size_t n;
	const struct check_config **checks; /* that targets have */
	size_t n_checks;
	size_t n_zones; /* that have targets */
	size_t n_names; /* targets that have one */
	bool last_good; /* of the last files that loaded: those there are have
			   errors */
	struct ramp_plans ramps;     /* canaries that walk */
	struct control_plan control; /* pools that are controlled by load */
	struct judged judged;        /* where there are any of both */
	/* The zones of the node, which names must not lead into. */
	const char *const *zones;
	size_t n_all_zones;
	/* Addresses that are asked, over HTTP and over HTTPS; a name counts as
	 * two. */
	uint64_t http, https;
	struct arena *arena; /* that holds all of it, the table included */
};

/*
 * table = target_table_build(server, steering, eb): the targets of the zones of
 * ${server}, whose steering files are ${steering}[0..n_zones), NULL for a zone
 * that is not steered.  NULL with errors in ${eb}.
 */
struct target_table *target_table_build(const struct server_config *server,
    struct steering_config *const *steering, struct errbuf *eb);

/* table = target_table_load(path, server, eb): read the node's file ${path}
 * and all steering files it names, and build the table.  The caller owns both,
 * the config left at ${server} too.  NULL with errors in ${eb}. */
struct target_table *target_table_load(
    const char *path, struct server_config **server, struct errbuf *eb);

/* table = target_table_load_last_good(path, server, eb): the same from the last
 * files that loaded (config/last_good.h); NULL, too, when there are none. */
struct target_table *target_table_load_last_good(
    const char *path, struct server_config **server, struct errbuf *eb);

/* target_table_warn(table, files, eb): warn when a process that may have
 * ${files} descriptors cannot ask all addresses of ${table} at once, and of
 * files of authorities that cannot be read; ${eb} gets it.  Called by
 * target_table_load(). */
void target_table_warn(
    const struct target_table *table, uint64_t files, struct errbuf *eb);

/* rate = target_table_rate(table): the checks that are due in a second, times
 * 1000. */
uint64_t target_table_rate(const struct target_table *table);

/* target_table_destroy(table): free it.  NULL is fine. */
void target_table_destroy(struct target_table *table);

/* target_count(target, http, https): add how many addresses are asked, once for
 * each check: a name counts as two, which most have. */
void target_count(const struct target *target, uint64_t *http, uint64_t *https);

/* i = target_find(table, key): the index of the target with this ${key};
 * table->n when there is none. */
size_t target_find(
    const struct target_table *table, const struct endpoint_key *key);

/* same = target_same(a, b): are both checked in the same way?
 * target_check_same(a, b): the same of one check. */
bool target_check_same(
    const struct target_check *a, const struct target_check *b);
bool target_same(const struct target *a, const struct target *b);

#endif
