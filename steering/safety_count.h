/*
 * What is left of services, counted before and after a change.  For
 * steering/safety.c alone.
 */
#ifndef STEERING_SAFETY_COUNT_H
#define STEERING_SAFETY_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/steering.h"
#include "steering/live.h"
#include "steering/policy.h"

/* The rules that a class of clients meets: of the service and of those inside
 * it, each once. */
struct safety_class {
	const struct service_config *list[STEERING_MAX_PATHS + 1];
	uint32_t rule[STEERING_MAX_PATHS + 1]; /* n_fences: none of them */
	size_t n;
};

/* Endpoints, and what they are worth. */
struct safety_sum {
	uint32_t n;
	uint64_t weight, capacity;
};

/* What counts: what was found up, or that and what nobody has checked yet. */
enum safety_tier { SAFETY_UP, SAFETY_ANY, SAFETY_TIERS };

/* What a class has, or a group of it. */
struct safety_count {
	struct safety_sum all; /* there are in the file */
	bool capacity;         /* each of them says one */
	struct safety_sum before[SAFETY_TIERS], after[SAFETY_TIERS];
	uint64_t regions;            /* of the zone, in the file (bit set) */
	uint64_t had[SAFETY_TIERS];  /* of these, those that had any before */
	uint32_t last[SAFETY_TIERS]; /* one of the endpoints that were there */
};

struct safety_counts;

/* counts = safety_counts_create(policy, before, after): by group and pool, once
 * for all services.  NULL without memory; safety_counts_destroy(NULL) is fine.
 */
struct safety_counts *safety_counts_create(const struct policy *policy,
    const struct live *before, const struct live *after);
void safety_counts_destroy(struct safety_counts *counts);

/* changed = safety_counts_changed(counts, service): something of ${service}, or
 * of those inside it, is not after what it was before. */
bool safety_counts_changed(
    const struct safety_counts *counts, const struct policy_service *service);

/* safety_counts_class(counts, service, class, out): what ${class} of
 * ${service} has. */
void safety_counts_class(struct safety_counts *counts,
    const struct policy_service *service, const struct safety_class *class,
    struct safety_count *out);

/* ppm = safety_share(count, tier): what is left after, in millionths of what is
 * in the file. */
double safety_share(const struct safety_count *count, enum safety_tier tier);

#endif
