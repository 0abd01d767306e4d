/*
 * From a tree of text to structs, by tables: a row names a key, how its value
 * is read, what range it has and which field it fills.  Errors say where, what
 * was found there and what would be accepted, and reading goes on, so that one
 * run finds them all.  For the readers of meridian.yaml and steering files.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/inputs.h"
#include "config/yaml.h"

/* Names of regions, pools, endpoints, checks, networks and vantages. */
#define SCHEMA_NAME_MAX 63

/* A file is not read further after so many errors: nobody reads more at once,
 * and a file that is wrong everywhere must not take the time of its size. */
#define SCHEMA_MAX_ERRORS 100

struct schema {
	struct arena *arena; /* takes what is read, and outlives the tree */
	struct errbuf *eb;
	struct inputs *inputs; /* takes the files that are read, or NULL */
	const char *path;      /* of the file, in the arena */
	const char *text;      /* that is read, of ${len} bytes */
	size_t len;
	void *context;          /* of the reader's own */
	unsigned errors_before; /* in ${eb}, when the file was begun */
	bool stopped;           /* by SCHEMA_MAX_ERRORS, which was said */
	bool out_of_memory;
};

/* A word and the number that it means, as of an enum; the last row of a table
 * has a NULL text. */
struct schema_word {
	const char *text;
	unsigned value;
};

/*
 * A key of a mapping.  ${read} reads ${value} to ${field}, the byte ${offset}
 * of the struct that is filled; after an error it leaves the field as it was.
 */
struct schema_key {
	const char *name;
	void (*read)(struct schema *s, const struct yaml_node *value,
	    const struct schema_key *key, void *field);
	size_t offset;
	bool required;
	const char *instead; /* a key that makes this one not required */
	int64_t min, max;    /* of a number; of a duration in milliseconds */
	const struct schema_word *words;
	/* schema_read_map: the keys of the mapping, and one as an example for
	 * the error of a value that is none: "{after: 30s, then: keep}". */
	const struct schema_key *keys;
	size_t n_keys;
	const char *form;
	/* schema_read_list: how an item is read, its size, and where in the
	 * struct the number of items goes. */
	const struct schema_key *item;
	size_t size, count;
};

/* The fields of a key that is a mapping with the ${table} of keys. */
#define SCHEMA_KEYS(table)                        \
	.read = schema_read_map, .keys = (table), \
	.n_keys = sizeof(table) / sizeof((table)[0])

/* The fields of a key that is a list of at most ${most} items, which go to
 * ${type}.array and their number to ${type}.number. */
#define SCHEMA_LIST(type, array, number, how, most)                \
	.read = schema_read_list, .offset = offsetof(type, array), \
	.count = offsetof(type, number),                           \
	.size = sizeof(((type *)NULL)->array[0]), .item = (how), .max = (most)

/*
 * config = schema_load(path, at, inputs, eb, fill): read the file ${path} and
 * let fill(s, root) make a config of it in s->arena.  The config, of which the
 * caller owns that arena, or NULL with errors in ${eb}: whatever adds one,
 * ${fill} or the YAML, nothing is half loaded.  A file that cannot be read is
 * an error at ${at}, as file_read() has it.  The files that were read are added
 * to ${inputs}, which may be NULL.  schema_parse() is the same from the ${len}
 * bytes of ${text}, where ${inputs} gets what is read beside ${path}.
 */
void *schema_load(const char *path, const struct mark *at,
    struct inputs *inputs, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root));
void *schema_parse(const char *path, const char *text, size_t len,
    struct inputs *inputs, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root));

/* config = schema_glance(path, eb, fill): as schema_load(), but in spite of
 * errors; what has one is as if it were not there.  NULL when nothing can be
 * made of the file. */
void *schema_glance(const char *path, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root));

/* ok = schema_ok(s): the file has no error so far. */
bool schema_ok(const struct schema *s);

/*
 * stop = schema_stop(s, at): the file has SCHEMA_MAX_ERRORS, so that it is not
 * read further from ${at}; said once.  For loops over what a file may have many
 * of.
 */
bool schema_stop(struct schema *s, const struct mark *at);

/*
 * schema_map(s, node, keys, n, out): fill ${out} from the mapping ${node} in
 * the order of ${keys}.  Unknown and missing keys are errors.
 */
void schema_map(struct schema *s, const struct yaml_node *node,
    const struct schema_key *keys, size_t n, void *out);

/*
 * first = schema_list(s, node, max, n): the first item of a list of 1 to ${max}
 * items, or the scalar ${node} itself, as a list of one.  NULL after an error.
 * schema_next(node, item) is the item after ${item} in the list ${node}.
 */
const struct yaml_node *schema_list(
    struct schema *s, const struct yaml_node *node, size_t max, size_t *n);
const struct yaml_node *schema_next(
    const struct yaml_node *node, const struct yaml_node *item);

/*
 * values = schema_values(s, node, max, size, key, n): each item of such a list
 * read by key->read to a new array of members of ${size} bytes.  NULL after an
 * error in the list itself; an item with an error stays zero.
 */
void *schema_values(struct schema *s, const struct yaml_node *node, size_t max,
    size_t size, const struct schema_key *key, size_t *n);

/* marks = schema_marks(s, node, n): where each of the ${n} items is that such a
 * list was read to.  NULL with an error. */
const struct mark *schema_marks(
    struct schema *s, const struct yaml_node *node, size_t n);

/* Readers of keys: of a struct inside the struct, by key->keys; of a list, by
 * key->item, as schema_values() has it, with at most key->max items. */
void schema_read_map(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *struct_);
void schema_read_list(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *pointer);

/* The name of something, and where in the file it was given. */
struct schema_entry {
	const char *name;
	struct mark at;
};

/*
 * schema_distinct(s, entries, n, compare, kind, where): an error for each of
 * the ${n} entries whose name an earlier one has, by ${compare} (strcmp or
 * strcasecmp).  Its words are: KIND "NAME" is given twice WHERE: it is in
 * line N already.  The entries are sorted in place.
 */
void schema_distinct(struct schema *s, struct schema_entry *entries, size_t n,
    int (*compare)(const char *a, const char *b), const char *kind,
    const char *where);

/*
 * ok = schema_named(s, node, max): that ${node} is a mapping of at most ${max}
 * entries; an empty value is a mapping without any.
 */
bool schema_named(struct schema *s, const struct yaml_node *node, size_t max);

/* ok = schema_name(s, at, text): that ${text} may be a name; an error if not.
 */
bool schema_name(struct schema *s, const struct mark *at, const char *text);

/*
 * index = schema_reference(s, value, kind, names): the place of the entry that
 * the scalar ${value} names in the mapping ${names} (NULL: there is none), or
 * -1 with an error that calls it a ${kind}; where ${names} is a list, which
 * was said to be an error, it is counted and not said.
 * schema_reference_text() is the same for a ${text} at ${at}.
 */
int64_t schema_reference(struct schema *s, const struct yaml_node *value,
    const char *kind, const struct yaml_node *names);
int64_t schema_reference_text(struct schema *s, const struct mark *at,
    const char *text, const char *kind, const struct yaml_node *names);

/*
 * schema_expected(s, value, fmt, ...): the error "KEY: expected FMT, found
 * VALUE" at ${value}.  Returns -1.
 */
int schema_expected(struct schema *s, const struct yaml_node *value,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* schema_error(s, value, fmt, ...): the error "KEY: FMT" there.  Returns -1. */
int schema_error(struct schema *s, const struct yaml_node *value,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* p = schema_array(s, n, size): zeroed, from the arena; NULL with an error. */
void *schema_array(struct schema *s, size_t n, size_t size);

/* copy = schema_strdup(s, text): ${text} in the arena; NULL with an error. */
const char *schema_strdup(struct schema *s, const char *text);

#endif
