/*
 * One number for what a YAML file says: its keys and values in their order.
 * Called by the readers of steering files and presets; comments, quotes and
 * layout do not count.
 */
#include <string.h>

#include "base/hash.h"
#include "config/yaml.h"

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
uint64_t
yaml_hash(const struct yaml_node *root)
{
	const struct yaml_node *above[YAML_MAX_DEPTH + 1], *node = root;
	uint64_t hash = 0;
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
