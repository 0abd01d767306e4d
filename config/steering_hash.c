/*
 * One number for what a steering file says: its keys and values in their order,
 * and the prefixes of the files of networks.  Called by the reader of steering
 * files; comments, quotes and layout do not count.
 */
#include "base/hash.h"
#include "config/steering_parts.h"

static uint64_t
add_network(uint64_t hash, const struct network_config *network)
{
	for (size_t i = 0; i < network->n_prefixes; i++) {
		const struct prefix *prefix = &network->prefixes[i];

		hash = hash_bytes(prefix->address.bytes,
		    prefix->address.family == 4 ? 4 : 16, hash);
		hash = hash_mix(hash, prefix->length);
	}
	return hash;
}

uint64_t
steering_hash(
    const struct steering_config *config, const struct yaml_node *root)
{
	uint64_t hash = yaml_hash(root);

	for (size_t i = 0; i < config->n_networks; i++)
		if (config->networks[i].file != NULL)
			hash = add_network(hash, &config->networks[i]);
	return hash;
}
