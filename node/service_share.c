/*
 * Adds up the weights of a split.  Called by the pages.
 */
#include "node/service_share.h"

struct service_share
service_share(const struct live *live, const struct policy_service *service,
    unsigned member)
{
	const struct live_share *share = live->split[service->number].share;
	double set = 0, now = 0, all_set = 0, all_now = 0;

	for (unsigned m = 0; m < service->n_members; m++) {
		double by_file = policy_weight(&service->members[m]);
		double by_now =
		    share != NULL ? (double)share[m].weight[0] : by_file;

		all_set += by_file;
		all_now += by_now;
		if (m == member) {
			set = by_file;
			now = by_now;
		}
	}
	return (struct service_share){.set = all_set > 0 ? set / all_set : 0,
	    .now = all_now > 0 ? now / all_now : 0};
}
