/*
 * A generation: all that the operator's files say, read, checked and compiled
 * at one moment.  What a reload makes, what `meridianctl check` makes and
 * throws away, what explain looks at.  All or nothing, but for zones whose
 * records have errors: these are held back.
 */
#ifndef NODE_GENERATION_H
#define NODE_GENERATION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "base/inputs.h"
#include "config/last_good.h"
#include "config/server.h"
#include "config/steering.h"
#include "dns/wire/identity.h"
#include "dns/zone/zone_table.h"
#include "node/kept.h"
#include "steering/geo/geography.h"
#include "steering/geo/map.h"
#include "steering/policy.h"

/* 16 digits. */
#define FINGERPRINT_TEXT 17

/* One hash of the records of all zones, one of how they are steered, one of the
 * presets that checks name, one of geography, one of the round trips that maps
 * are made from.  Two nodes with the same give a client the same answer as long
 * as they know the same of health. */
struct fingerprint {
	char zones[FINGERPRINT_TEXT];
	char steering[FINGERPRINT_TEXT];
	char presets[FINGERPRINT_TEXT]; /* or "none" */
	char geography[FINGERPRINT_TEXT];
	char latency[FINGERPRINT_TEXT]; /* or "none" */
};

struct generation {
	atomic_uint owners;
	const struct server_config *config;
	int64_t loaded_ms; /* wall clock, when its files were read */
	size_t n_zones;    /* as in config */
	/* Of each zone; NULL where it has no steering. */
	const struct steering_config **steering;
	const struct zone **zone;
	struct zone_table *zones;
	/* The maps, and what they were made from, for explain. */
	struct map_set *maps;
	const struct geography *geography;
	const struct latency *latency; /* NULL: none is known */
	struct policy *policy;
	/* When its files were kept (config/last_good.h), wall clock, if it is
	 * made of copies, as those of the operator have errors; 0: it is not.
	 */
	int64_t last_good_ms;
	struct fingerprint fingerprint;
	struct identity identity; /* empty but in a server, which fills it with
				     identity_load() */
	/* Through these config, steering[i], zone[i], geography, latency and
	 * maps are shared with other generations; how many zones were read for
	 * this one, and how many were taken over from the one before. */
	struct kept *kept_config;
	struct kept **kept_steering, **kept_zone;
	struct kept *kept_geography, *kept_latency, *kept_maps;
	size_t zones_read, zones_kept;
	/* Whether each zone is held back: its records are those of the
	 * generation before, or else not available.  And how many are. */
	bool *held;
	size_t zones_held;
	bool geography_kept; /* it was not read */
	bool maps_kept;      /* they were not made */
};

/*
 * generation = generation_load(path, outcomes, before, eb): read the node's
 * file ${path} and all that it names, but for what has not changed since the
 * generation ${before} (or NULL) was read: zones, steering files and geography
 * whose files are the same, and the maps when geography and all steering files
 * are.  What
 * was said of these is said again.  NULL with every error found in ${eb}; the
 * caller is its one owner.  Errors in the records of some zones, but not of
 * all, are in ${eb} too and hold back these zones only.
 */
struct generation *generation_load(const char *path,
    const struct policy_outcomes *outcomes, const struct generation *before,
    struct errbuf *eb);

/*
 * generation = generation_load_last_good(from, outcomes, eb): the same from
 * copies alone, which were verified.  NULL with errors, also where records of
 * one zone have some: what was kept had none.
 */
struct generation *generation_load_last_good(const struct last_good *from,
    const struct policy_outcomes *outcomes, struct errbuf *eb);

/*
 * generation = generation_measure(before, latency, outcomes, eb): ${before}
 * with maps made from the round trips ${latency}, which is shared; all else is
 * as it serves.  NULL with errors in ${eb}.
 */
struct generation *generation_measure(const struct generation *before,
    struct kept *latency, const struct policy_outcomes *outcomes,
    struct errbuf *eb);

/* ranks = generation_ranks_by_latency(generation): some service does. */
bool generation_ranks_by_latency(const struct generation *generation);

/*
 * status = generation_followed(generation, inputs): add to ${inputs} the files
 * that are followed on disk, as they were when they were read: databases of
 * geography and files of networks.  0, or -1 without memory.
 */
int generation_followed(
    const struct generation *generation, struct inputs *inputs);

/*
 * generation = generation_follow(before, now, outcomes, eb): ${before} with
 * what is another file in ${now}, a look at what generation_followed() names,
 * read again: geography as a whole, and the network files of each steering
 * file.  All else is as it serves, whatever the other files of the operator say
 * by now.  A part that cannot be read stays what it was, with errors in ${eb};
 * NULL when nothing new could be read, or nothing can be made of it.
 */
struct generation *generation_follow(const struct generation *before,
    const struct inputs *now, const struct policy_outcomes *outcomes,
    struct errbuf *eb);

/* For generation_load(), generation_follow() and generation_measure() alone. */

/* status = generation_take_over(g, before, eb): to ${g}, which is new, the
 * node's file and the records of ${before}.  0, or -1 with an error. */
int generation_take_over(
    struct generation *g, const struct generation *before, struct errbuf *eb);

/* g = generation_begin(eb): an empty one with one owner, of now.  NULL with an
 * error. */
struct generation *generation_begin(struct errbuf *eb);

/* status = generation_make_room(g, eb): room for as many zones as its config
 * has.  0, or -1 with an error. */
int generation_make_room(struct generation *g, struct errbuf *eb);

/* kept = generation_keep_steering(steering, inputs, eb, since): ${steering},
 * taken over, which was made from ${inputs}, made empty.  NULL when it is NULL,
 * or with an error. */
struct kept *generation_keep_steering(struct steering_config *steering,
    struct inputs *inputs, struct errbuf *eb, struct errbuf_mark since);

/* kept = generation_read_geography(config, from, eb): all databases of
 * ${config}, read, from copies unless ${from} is NULL.  NULL with errors. */
struct kept *generation_read_geography(const struct server_config *config,
    const struct last_good *from, struct errbuf *eb);

/* generation_take_geography(g, kept), generation_take_latency(g, kept): use
 * ${kept}, which is taken over; of round trips it may be NULL. */
void generation_take_geography(struct generation *g, struct kept *kept);
void generation_take_latency(struct generation *g, struct kept *kept);

/*
 * status = generation_compile(g, maps, similar, outcomes, eb): make the table
 * of zones, maps and policy of what ${g} has.  ${maps} are those of a
 * generation with the same geography, steering and round trips, or NULL: they
 * are made, where no round trip counts by taking over those of ${similar},
 * whose geography and steering are the same, or NULL.  0, or -1 with errors.
 */
int generation_compile(struct generation *g, struct kept *maps,
    struct map_set *similar, const struct policy_outcomes *outcomes,
    struct errbuf *eb);

/* generation_fingerprint(g): make the fingerprint of what was read for ${g}.
 * The order in which the node's file names zones does not count, nor where
 * files lie; that of databases does, since the first that knows something
 * counts. */
void generation_fingerprint(struct generation *g);

/* generation_check(generation, eb): what the policy asks of the records, and
 * where zones lie within each other. */
void generation_check(const struct generation *generation, struct errbuf *eb);

/* generation_check_alone(generation, eb): a warning where a zone has several
 * name servers, and each of them would walk ramps or control load by itself. */
void generation_check_alone(
    const struct generation *generation, struct errbuf *eb);

/* generation_check_names(generation, eb): a warning for each name in the node's
 * own file that nothing in the steering files has. */
void generation_check_names(
    const struct generation *generation, struct errbuf *eb);

/* generation_check_cnames(generation, eb): of services that are a CNAME, where
 * in zones of this node that leads: an error where it is the service itself, a
 * warning where clients find no address. */
void generation_check_cnames(
    const struct generation *generation, struct errbuf *eb);

/*
 * path = generation_changed(generation, zone): a file that is not what it was
 * when ${generation} was loaded, so that zone number ${zone} might be another
 * after a load now: its records, its steering, geography, the node's own.  NULL
 * when there is none.  Lives as long as ${generation}.
 */
const char *generation_changed(
    const struct generation *generation, size_t zone);

/* n = generation_services(generation): services of all zones. */
size_t generation_services(const struct generation *generation);

/* checked = generation_is_checked(generation): there are checks or names, so
 * that answers depend on the state database. */
bool generation_is_checked(const struct generation *generation);

/*
 * generation_share(generation): one owner more; returns ${generation}.
 * generation_release(generation): one owner less; the last one frees it, which
 * takes a while with many records: never in a thread that somebody waits for.
 * From any thread; NULL is fine for the second.
 */
struct generation *generation_share(struct generation *generation);
void generation_release(struct generation *generation);

#endif
