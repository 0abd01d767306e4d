/*
 * What the files that make generations have in common: geography, maps and the
 * policy of a generation whose zones and steering are there.  For generation.c
 * and generation_follow.c alone.
 */
#ifndef NODE_GENERATION_PARTS_H
#define NODE_GENERATION_PARTS_H

#include "node/generation.h"

/* status = generation_make_room(g, eb): room for as many zones as its config
 * has.  0, or -1 with an error. */
int generation_make_room(struct generation *g, struct errbuf *eb);

/* kept = generation_keep_steering(steering, inputs, eb, since): ${steering},
 * taken over, which was made from ${inputs}, made empty.  NULL when it is NULL,
 * or with an error. */
struct kept *generation_keep_steering(struct steering_config *steering,
    struct inputs *inputs, struct errbuf *eb, struct errbuf_mark since);

/* kept = generation_read_geography(config, eb): all databases of ${config},
 * read.  NULL with errors. */
struct kept *generation_read_geography(
    const struct server_config *config, struct errbuf *eb);

/* generation_take_geography(g, kept): use ${kept}, which is taken over. */
void generation_take_geography(struct generation *g, struct kept *kept);

/*
 * status = generation_compile(g, maps, outcomes, eb): make the table of zones,
 * maps and policy of what ${g} has.  ${maps} are those of a generation with the
 * same geography and steering, or NULL: they are made.  0, or -1 with errors.
 */
int generation_compile(struct generation *g, struct kept *maps,
    const struct policy_outcomes *outcomes, struct errbuf *eb);

#endif
