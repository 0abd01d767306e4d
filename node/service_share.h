/*
 * The share of a pool in the split of its service: as the file has it, and as
 * it is now, by a ramp or by hand.  For pages; keeps nothing.
 */
#ifndef NODE_SERVICE_SHARE_H
#define NODE_SERVICE_SHARE_H

#include "steering/live.h"
#include "steering/policy.h"

/* From 0 to 1, of all members. */
struct service_share {
	double set; /* by the file */
	double now;
};

/* share = service_share(live, service, member): that of member number
 * ${member}, whatever of it can be used. */
struct service_share service_share(const struct live *live,
    const struct policy_service *service, unsigned member);

#endif
