/*
 * The ladder: from a client and what is live to the endpoints of an answer, in
 * the steps that meridianctl explain prints.  The one code for queries, explain
 * and tests.  Runs in workers: no allocation, lock, system call or floating
 * point.
 */
#ifndef STEERING_LADDER_H
#define STEERING_LADDER_H

#include "dns/answer/source.h"
#include "steering/decision.h"
#include "steering/live.h"
#include "steering/policy.h"

/*
 * ladder_decide(service, policy, live, request, trace, out): walk the ladder
 * for request->client and request->form.  ${trace} is NULL but for explain;
 * zone and service of ${request} are not looked at.  Every input has a defined
 * outcome.
 *
 * - The choice is made without regard to the form, so that A and AAAA name
 *   the same endpoints (but with affinity none, where each query has a choice
 *   of its own).  Of those chosen the ones that lack the form are left out; if
 *   none is left, NODATA with scope 0 and the least TTL: resolvers give a
 *   NODATA to all of their clients (RFC 7871, 7.4), so it is to live for a few
 *   seconds only.
 * - A form that no endpoint of the service has is NODATA for everyone, scope
 *   0, for as long as the zone says (no bound on the TTL).
 * - A 6to4 or v4-mapped client is decided as the IPv4 address inside, with its
 *   sticky prefix and class; the scope is counted from the start of the IPv6
 *   address.  2002::/15 and shorter ones are read by their zero-extended
 *   address as all are, so that announced scopes never overlap.
 * - A client in a private block that no network of the service's map holds, of
 *   a source prefix at least as long as the block's, has no place: every step
 *   is decided for request->sender instead (RFC 7871, 10 and 11), and for the
 *   class of clients of whom nothing is known if that is private too.  The
 *   scope is the widest prefix around the client inside the block that holds
 *   no prefix of these networks.
 * - A sender whose client subnets do not count (service->senders) is answered
 *   as if it had named none, for request->sender, with scope 0 (RFC 7871,
 *   7.2.1).
 * - The scope is the longest of the prefixes around the client in which what
 *   the steps looked at is the same: the first places of its order, the set of
 *   regions inside its fence, the share that its position lies in, its sticky
 *   prefix; or the leaf of the map for a last resort.  All clients in it meet
 *   the same facts.  Where two ways lead to one outcome (one pool or region is
 *   all that is usable inside the fence; it is what the position or the order
 *   comes to anyway), the way of the wider prefix is announced: the narrower
 *   one lies in it, so that each client of it has the same choice.
 * - The scope is 0 when the map has one class and nothing of the client was
 *   hashed.
 * - The concessions of the last resort add up: after `pools` and `unfenced`
 *   members without a weight may be used outside a soft fence.  A hard fence
 *   holds in each of them.  A list without an end ends in `all`; when not even
 *   `all` has an endpoint to give, SERVFAIL.
 * - The TTL is the greatest, or the time to a change that has begun in the
 *   chosen region or in one that would be taken in its place: never more than
 *   the greatest nor less than the least.  A last resort has the least: it is
 *   to end with what it is there for.
 */
void ladder_decide(const struct policy_service *service,
    const struct policy *policy, const struct live *live,
    const struct answer_request *request, const struct ladder_trace *trace,
    struct decision *out);

/*
 * offset = ladder_client(given, inside): read a 6to4 or v4-mapped address as
 * the IPv4 address inside, others as they are.  Write that to ${inside}, and
 * return how many bits are before it in ${given}.
 */
unsigned ladder_client(const struct address *given, struct address *inside);

/*
 * by_sender = ladder_subject(service, request, subject): write the address that
 * all steps are decided for to ${subject}: of request->client, or true and of
 * request->sender where the client is private or the sender is not heard; the
 * IPv4 address inside if it is one.
 */
bool ladder_subject(const struct policy_service *service,
    const struct answer_request *request, struct address *subject);

/* The answer source of the server: the ladder over a struct snapshot. */
extern const struct answer_source ladder_source;

#endif
