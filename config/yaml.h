/*
 * YAML text to a small tree of our own, with a mark on every node.  Scalars
 * stay text: the schema gives them types.  The readers of config/ call it; it
 * knows no key and opens no file.  Its .c alone includes libfyaml.
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/errbuf.h"

/* The deepest key of our files is in the eighth level; twice that leaves room
 * for new ones, and stops a file that was made to exhaust a parser. */
#define YAML_MAX_DEPTH 16

/* Two million zones, or endpoints at every limit of steering.h, are smaller. */
#define YAML_MAX_FILE ((size_t)128 << 20)

/* Values, items, lists and mappings of one file, which bounds the memory of a
 * tree to some 800 MB.  A zone of meridian.yaml has four of them, and an
 * endpoint about ten: there is room for 1,250,000 zones, or for seven times
 * STEERING_MAX_ENDPOINTS. */
#define YAML_MAX_NODES 5000000

/* Keys and items in one line, each of which costs libfyaml some 600 bytes until
 * the line ends.  STEERING_MAX_ENDPOINTS in the one line of a file that a
 * program wrote have 920,000. */
#define YAML_MAX_IN_LINE 1000000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	struct mark at;
	enum yaml_kind kind;
	/* The key it is the value of; an item has that of its list; NULL at
	 * the root. */
	const char *key;
	struct mark key_at; /* of a mapping's value: where its key is */
	const char *text;   /* scalar: without quotes, never NULL */
	bool quoted;        /* scalar: it was not plain */
	const struct yaml_node *first; /* list, mapping: children in order */
	const struct yaml_node *next;  /* sibling */
	const struct yaml_node *const *sorted; /* mapping: children by key */
	size_t n;                              /* list, mapping: children */
	size_t index;                          /* among its siblings */
};

/*
 * root = yaml_parse(arena, path, text, len, eb): read the one document in the
 * ${len} bytes of UTF-8 at ${text}.  NULL with an error in ${eb}: no YAML, more
 * than one of the limits above, nothing at all, and what these files do
 * without: anchors, aliases, merge keys, tags, a second document.  A key that
 * is twice in a mapping is an error in ${eb} too, but the tree comes back, so
 * that the caller finds what else is wrong.  The tree lives in ${arena}; its
 * marks refer to ${path}, which must live as long.
 */
const struct yaml_node *yaml_parse(struct arena *arena, const char *path,
    const char *text, size_t len, struct errbuf *eb);

/* value = yaml_find(map, key): the value of ${key}, or NULL. */
const struct yaml_node *yaml_find(const struct yaml_node *map, const char *key);

/* h = yaml_hash(root): of the keys and values below ${root} in their order;
 * comments, quotes and layout do not count. */
uint64_t yaml_hash(const struct yaml_node *root);

/* empty = yaml_empty(node): there is no value: "key:" and no more. */
bool yaml_empty(const struct yaml_node *node);

#endif
