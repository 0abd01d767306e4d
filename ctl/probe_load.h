/*
 * A reading of the load of one endpoint by hand.  Called by meridianctl probe.
 */
#ifndef CTL_PROBE_LOAD_H
#define CTL_PROBE_LOAD_H

#include <jansson.h>

#include "ctl/probe_target.h"

enum probe_load_outcome {
	PROBE_LOAD_KNOWN,   /* how full it is */
	PROBE_LOAD_LACKING, /* it was read, and that is not known of it */
	PROBE_LOAD_UNREAD,  /* no answer, or none that can be read */
	PROBE_LOAD_UNMADE   /* for a reason of this machine */
};

/*
 * outcome = probe_load_read(t, root): ask the endpoint once for its metrics, as
 * the `load` of its check says, which it has; each field that is looked for,
 * what was found of it and how full that makes the endpoint go to "load" of
 * ${root}.
 */
enum probe_load_outcome probe_load_read(
    const struct probe_target *t, json_t *root);

/* probe_load_print(load): that as text, to stdout. */
void probe_load_print(const json_t *load);

#endif
