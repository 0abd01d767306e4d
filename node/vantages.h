/*
 * The vantages as the node sees them, for pages, log and metrics: a list that
 * is made by the follower when it changes, never changed itself, and shared by
 * all who show it.
 */
#ifndef NODE_VANTAGES_H
#define NODE_VANTAGES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "steering/health.h"

struct vantages {
	atomic_uint owners;
	size_t n;
	struct health_vantage of[]; /* in the order of their names */
};

/*
 * vantages = vantages_create(health, mono_ms): the vantages of ${health} at
 * ${mono_ms}.  It has one owner.  NULL without memory.
 */
struct vantages *vantages_create(const struct health *health, int64_t mono_ms);

/*
 * vantages_share(vantages): one owner more; returns ${vantages}.
 * vantages_release(vantages): one owner less; the last one frees it.
 * From any thread; NULL is fine for both.
 */
struct vantages *vantages_share(struct vantages *vantages);
void vantages_release(struct vantages *vantages);

/* same = vantages_same(a, b): the same vantages, each believed as far as
 * before; only their heartbeats may be others.  NULL is none. */
bool vantages_same(const struct vantages *a, const struct vantages *b);

/* age_ms = vantages_age_ms(vantage, mono_ms): since its last heartbeat came;
 * -1: none came since the database was opened. */
int64_t vantages_age_ms(const struct health_vantage *vantage, int64_t mono_ms);

#endif
