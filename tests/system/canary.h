/*
 * The stage of the tests of canaries: an old and a new version at two stand-in
 * servers whose errors can be raised, the real probe, the real server, and the
 * networks that ask.
 */
#ifndef TESTS_SYSTEM_CANARY_H
#define TESTS_SYSTEM_CANARY_H

#include <stdbool.h>

#include "tests/system/node.h"

/* The addresses of both versions. */
#define CANARY_OLD "192.0.2.1"
#define CANARY_NEW "192.0.2.2"

/* A ramp of two steps, which goes back at one error in twenty. */
#define CANARY_RAMP \
	"to: 20%, step: 10%, every: 3s, hold: 3s, abort_when: {errors: 5%}"

/* canary_steer(node, ramp): write the steering file, with the fields ${ramp} of
 * the ramp of the service "one". */
void canary_steer(struct node *node, const char *ramp);

/* canary_start(node, h, ramp): all of the stage, stand-ins and all, with 200
 * requests a second each, two in a hundred errors.  canary_stop(node): its end.
 */
void canary_start(struct node *node, struct harness *h, const char *ramp);
void canary_stop(struct node *node);

/* at = canary_is_at(node, state, share): by the state database the ramp is
 * there: ("walking", "0.1"). */
bool canary_is_at(struct node *node, const char *state, const char *share);

/* n = canary_count(node): how many of 200 networks are given the new version.
 * 10 % of them are 20, and no two are of one block. */
int canary_count(struct node *node);

#endif
