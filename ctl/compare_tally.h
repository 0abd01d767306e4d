/*
 * What a comparison found: answers that differ, by service and country, each
 * with the answers to one client as an example.  Asks nobody.
 */
#ifndef CTL_COMPARE_TALLY_H
#define CTL_COMPARE_TALLY_H

#include <jansson.h>

#include "ctl/compare_ask.h"
#include "steering/policy.h"

struct compare_tally;

/* tally = compare_tally_create(policy): nothing yet; ${policy} must live as
 * long.  NULL without memory. */
struct compare_tally *compare_tally_create(const struct policy *policy);
void compare_tally_destroy(struct compare_tally *tally);

/*
 * differ = compare_tally_differ(tally, service, answers, n): some two of the
 * ${n} answers that came are not the same: rcode and records, whatever their
 * order and TTL; of a service with `affinity: none` the regions of their
 * endpoints, as nobody has an endpoint of its own there.
 */
bool compare_tally_differ(const struct compare_tally *tally,
    const struct policy_service *service, const struct compare_answer *answers,
    size_t n);

/* compare_tally_add(tally, service, country, client, nodes, answers, n): those
 * to ${client} differ. */
void compare_tally_add(struct compare_tally *tally,
    const struct policy_service *service, uint16_t country,
    const struct prefix *client, const struct compare_node *nodes,
    const struct compare_answer *answers, size_t n);

/* list = compare_tally_countries(tally, service): of the countries of
 * ${service} whose clients get different answers, most first: "country",
 * "differ", "client" and "answers" by node.  NULL without memory. */
json_t *compare_tally_countries(
    const struct compare_tally *tally, const struct policy_service *service);

#endif
