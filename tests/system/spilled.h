/*
 * The stage of the tests of load: two regions of one endpoint each, whose load
 * is set by hand at stand-in servers, the real probe, the real server.
 */
#ifndef TESTS_SYSTEM_SPILLED_H
#define TESTS_SYSTEM_SPILLED_H

#include "tests/system/node.h"

/* spilled_steer(node, spill): write the steering file of service "one", whose
 * pool v1 has the mapping ${spill}; NULL: none. */
void spilled_steer(struct node *node, const char *spill);

/*
 * spilled_start(node, h, spill): all of the stage, from the stand-ins on:
 * health at number 0 (us-east) and 1 (eu-west), load at 2 and 3; us-east is
 * twice as full as it can be, eu-west idle.
 * spilled_stop(node): its end.
 */
void spilled_start(struct node *node, struct harness *h, const char *spill);
void spilled_stop(struct node *node);

/* keep = spilled_kept(node, region): what is stored that it keeps; -1: nothing
 * is. */
double spilled_kept(struct node *node, const char *region);

#endif
