/*
 * What the file says to the controller of a pool.  Called by meridian-probe and
 * by the simulator; reads no file.
 */
#include "steering/controller.h"

#define PPM 1000000.0

/*
 * How long resolvers keep an answer that names ${pool}.  Where services differ
 * it is the longest: the clients of that one are the last to notice, and who
 * waits for them overshoots with none.
 */
static uint32_t
ttl_of(const struct steering_config *config, uint32_t pool)
{
	uint32_t ttl_s = 0;

	for (size_t i = 0; i < config->n_services; i++) {
		const struct service_config *service = &config->services[i];

		for (size_t k = 0; k < service->n_split; k++) {
			uint32_t used = service->split[k].pool;

			if (used != pool && config->pools[used].origin != pool)
				continue;
			if (service->ttl_max_s > ttl_s)
				ttl_s = service->ttl_max_s;
		}
	}
	return ttl_s;
}

/* Of the check that smooths longest; those of single endpoints are as it. */
static uint32_t
smooth_of(const struct steering_config *config, const struct pool_config *pool)
{
	uint64_t longest_ms = 0;

	for (size_t i = 0; i < pool->checks.n; i++) {
		const struct load_config *load =
		    &config->checks[pool->checks.checks[i]].load;

		if (load->wanted && load->smooth_ms > longest_ms)
			longest_ms = load->smooth_ms;
	}
	return (uint32_t)(longest_ms / 1000);
}

void
controller_settings_of(const struct steering_config *config, uint32_t pool,
    struct controller_settings *out)
{
	const struct pool_config *p = &config->pools[pool];

	*out = (struct controller_settings){
	    .target = p->spill.target_ppm / PPM,
	    .keep_min = p->spill.keep_min_ppm / PPM,
	    .ttl_s = ttl_of(config, pool),
	    .held_s = p->spill.held_s,
	    .smooth_s = smooth_of(config, p),
	    .step_s = p->spill.every_s,
	    .fade_s = p->spill.fade_s,
	};
	for (size_t i = 0; i < p->n_keep; i++)
		out->passed[p->keep[i].region] = 1 - p->keep[i].ppm / PPM;
}
