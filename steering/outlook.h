/*
 * The outlook: how each service does, for people and their alarms.  From a
 * policy and what is live: healthy, degraded, or on its last resort, for which
 * clients, and which pools answer.  Made when live is published or when
 * somebody asks; no query reads it.
 */
#ifndef STEERING_OUTLOOK_H
#define STEERING_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "steering/live.h"
#include "steering/policy.h"

enum outlook_state {
	/* All endpoints of the pools of the split that have a weight can be
	 * used, but those that somebody drained.  What is not checked yet can.
	 */
	OUTLOOK_HEALTHY,
	/* Some cannot, and every client is still given one that can. */
	OUTLOOK_DEGRADED,
	/* Some clients have none: they get what `last_resort` gives. */
	OUTLOOK_LAST_RESORT
};

/* How a class of clients is answered: those of one rule of the fence. */
struct outlook_class {
	bool resort;             /* nothing healthy is left for them */
	enum last_resort answer; /* then: the step that answers them */
	uint32_t members;        /* of the split, that answer (bit set) */
	/* Of these, those that answer from their standby endpoints, and those
	 * that do from their origin (bit sets). */
	uint32_t standby, origin;
};

struct outlook_service {
	enum outlook_state state;
	bool stale; /* it has checks, and no vantage is fresh */
	/* With a weight, of members with a weight: all, those that are up,
	 * those that count as up because nobody has checked them yet, and those
	 * that are drained. */
	uint32_t endpoints, up, unchecked, drained;
	uint32_t regions, regions_usable; /* that these are in */
	/* Regions, as its zone numbers them (bit sets): where nothing is usable
	 * and something should be; and where all is drained. */
	uint64_t down, drained_regions;
	uint32_t members; /* that answer any clients (bit set) */
	/* The same of those that answer any from their standby endpoints, and
	 * from their origin. */
	uint32_t standby, origin;
	/* Classes of clients, those with nothing healthy among them, and the
	 * first of those. */
	uint32_t classes, resorts, worst;
	struct outlook_class worst_class;
};

struct outlook;

/*
 * outlook = outlook_create(policy, live): look at every pool of ${policy} once,
 * so that services that share one cost no more.  ${policy} must live as long,
 * ${live} need not.  NULL without memory.
 */
struct outlook *outlook_create(
    const struct policy *policy, const struct live *live);

/* outlook_destroy(outlook): free it.  NULL is fine. */
void outlook_destroy(struct outlook *outlook);

/* outlook_service(outlook, service, out): how ${service} of the policy does. */
void outlook_service(const struct outlook *outlook,
    const struct policy_service *service, struct outlook_service *out);

/*
 * n = outlook_classes(service): the classes of its clients: one for each rule
 * of its fence, up to one that has everyone, else and one for those of no rule.
 */
uint32_t outlook_classes(const struct policy_service *service);

/* outlook_class(outlook, service, class, out): how the clients of one of them
 * are answered. */
void outlook_class(const struct outlook *outlook,
    const struct policy_service *service, uint32_t class,
    struct outlook_class *out);

/* word = outlook_word(state): "healthy", "degraded", "last-resort". */
const char *outlook_word(enum outlook_state state);

/*
 * outlook_clients(service, class, out): append of whom class ${class} is:
 * "everyone", "clients of rule 2", "clients of no rule".
 * outlook_resorts(outlook, service, out): append for whom nothing healthy is
 * left: "everyone", "clients of rule 1", "clients of rule 1, 2 and of no rule";
 * nothing when there is nobody.
 * outlook_answer(service, class, out): append what answers ${class}: the pools,
 * "chat-v1, chat-v2", or the last resort, "pools: chat-backup", "unfenced:
 * chat-v1", "all as if up: chat-v1", "records", "SERVFAIL".
 * outlook_members(service, members, out): append the pools of a bit set.
 * outlook_regions(service, regions, out): the same of regions of its zone.
 */
void outlook_clients(
    const struct policy_service *service, uint32_t class, struct text *out);
void outlook_resorts(const struct outlook *outlook,
    const struct policy_service *service, struct text *out);
void outlook_answer(const struct policy_service *service,
    const struct outlook_class *class, struct text *out);
void outlook_members(
    const struct policy_service *service, uint32_t members, struct text *out);
void outlook_regions(
    const struct policy_service *service, uint64_t regions, struct text *out);

#endif
