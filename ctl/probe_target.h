/*
 * The endpoint that a person names for a check by hand, with the checks and the
 * addresses that a probe daemon would have for it.
 */
#ifndef CTL_PROBE_TARGET_H
#define CTL_PROBE_TARGET_H

#include "probes/target.h"

/* Addresses that a check asks; more are left out. */
#define PROBE_TARGET_MAX 64

struct probe_target {
	struct server_config *config;
	struct target_table *table;
	const struct target *target; /* of ${table} */
	struct target_check checks[CHECK_SET_MAX];
	size_t n_checks;
	unsigned need;               /* of them must be up */
	struct endpoint_address *to; /* PROBE_TARGET_MAX for each */
};

/*
 * status = probe_target_open(path, name, check, out): read the files of the
 * node ${path} as a probe daemon does, as the user of the node's file when root
 * asks, and find the endpoint ${name}: ENDPOINT, POOL/ENDPOINT or
 * ZONE/POOL/ENDPOINT; with the check called ${check} in place of its own
 * ones, or NULL.  0, or -1 when that was said to stderr.
 */
int probe_target_open(const char *path, const char *name, const char *check,
    struct probe_target *out);

/* c = probe_target_load(t): the check that says how load is read, or NULL. */
const struct target_check *probe_target_load(const struct probe_target *t);

/* probe_target_close(t): free what it has. */
void probe_target_close(struct probe_target *t);

#endif
