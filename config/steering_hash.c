/*
 * One number for what a steering file says: its keys and values in their order,
 * and the prefixes of the files of networks.  Called by the reader of steering
 * files; comments, quotes and layout do not count.
 */
#include <string.h>

#include "base/hash.h"
#include "config/steering_parts.h"

static uint64_t
add_text(uint64_t hash, const char *text)
{
	/* With the NUL, so that two texts are never another two. */
	return hash_bytes(text, strlen(text) + 1, hash);
}

static uint64_t
add_node(uint64_t hash, const struct yaml_node *node)
{
	hash = hash_mix(hash, (uint64_t)node->kind);
	if (node->key != NULL)
		hash = add_text(hash, node->key);
	return node->kind == YAML_SCALAR ? add_text(hash, node->text) : hash;
}

/* Each value before those inside it; where these end counts, too. */
static uint64_t
add_tree(uint64_t hash, const struct yaml_node *root)
{
	const struct yaml_node *above[YAML_MAX_DEPTH + 1], *node = root;
	size_t depth = 0;

	for (;;) {
		hash = add_node(hash, node);
		if (node->kind != YAML_SCALAR && node->first != NULL) {
			if (depth == YAML_MAX_DEPTH + 1)
				return hash;
			above[depth++] = node;
			node = node->first;
			continue;
		}
		while (depth > 0 && node->next == NULL) {
			node = above[--depth];
			hash = hash_mix(hash, depth);
		}
		if (depth == 0)
			return hash;
		node = node->next;
	}
}

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
	uint64_t hash = add_tree(0, root);

	for (size_t i = 0; i < config->n_networks; i++)
		if (config->networks[i].file != NULL)
			hash = add_network(hash, &config->networks[i]);
	return hash;
}
