/*
 * What meridian-probe needs of this machine beside the files of the node:
 * programs, secrets, authorities.  For meridianctl check.
 */
#ifndef CTL_CHECK_PROBES_H
#define CTL_CHECK_PROBES_H

#include "node/generation.h"

/* check_probes(g, eb): look for what checks and hooks name; ${eb} gets what
 * keeps one from being made or told. */
void check_probes(const struct generation *g, struct errbuf *eb);

#endif
