/*
 * Blind vantages: those that cannot see, so that what they find down says
 * something of their own network.
 *
 * Compared are the live votes.  Of a vantage, those count on endpoints outside
 * its own region that more of the other vantages find up than do not: up, and
 * their last check passed.  It misses those that it finds down or whose last
 * check from there failed.  One that misses all of them, or more than a share
 * that the node's file gives, but two at least, is doubted; and after it has
 * been so for a round, the longest `every` and `timeout` of these endpoints, it
 * is blind: others have looked again by then, and where the endpoints are down,
 * not the vantage, they know it too.  It sees again when it misses no more than
 * half of that share, and has for a round; one that is only doubted, at once.
 *
 * A vantage that is doubted is set aside like one that is blind, but nothing is
 * said of it: so it never takes an endpoint out of answers first and gives it
 * back after.  One without others that are heard becomes neither; one that is
 * blind when they fall silent stays so until it finds up itself most of what
 * lies outside its region.
 */
#ifndef STEERING_BLIND_H
#define STEERING_BLIND_H

#include <stdint.h>

#include "steering/vantage.h"
#include "steering/votes.h"

/*
 * until_ms = blind_look(vantages, votes, share_ppm, mono_ms): see which of
 * ${vantages} are blind by ${votes}, ${share_ppm} millionths being the share:
 * sets their `sight`.  One pass over the votes; to be called again when a vote
 * has turned, when a vantage is worth more or less, and from ${until_ms} on.
 * blind_go_on(vantages, share_ppm, mono_ms): no vote was to be compared again
 * since, and time goes on; to be called about every second.
 */
int64_t blind_look(struct vantage_table *vantages, const struct votes *votes,
    uint32_t share_ppm, int64_t mono_ms);
void blind_go_on(
    struct vantage_table *vantages, uint32_t share_ppm, int64_t mono_ms);

#endif
