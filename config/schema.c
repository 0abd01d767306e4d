/*
 * Mappings, lists, names and references by tables, and the wording of errors.
 * Called by the readers of configuration files; knows none of their keys.
 */
#include "config/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "config/shown.h"
#include "config/synonym.h"

/* So many names fit a line or two of a terminal; more help nobody. */
#define SHOW_NAMES 16

/* Rows of the largest table of keys, and some; fewer than a word has bits. */
#define MAX_KEYS 63

/* A file of the largest size takes less than half of this, as a tree and as
 * what is made of it. */
#define MAX_MEMORY ((size_t)1 << 30)

bool
schema_ok(const struct schema *s)
{
	return s->eb->errors == s->errors_before;
}

bool
schema_stop(struct schema *s, const struct mark *at)
{
	if (s->eb->errors - s->errors_before < SCHEMA_MAX_ERRORS)
		return false;
	if (!s->stopped)
		errbuf_error(s->eb, at,
		    "there are %d errors before this: the file is not read "
		    "further",
		    SCHEMA_MAX_ERRORS);
	s->stopped = true;
	return true;
}

/* Parse to a tree in ${tree} and have ${fill} make the config of it. */
static void *
parse(struct schema *s, struct arena *tree, const char *path, const char *text,
    size_t len, void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	const struct yaml_node *root;

	s->text = text;
	s->len = len;
	s->path = schema_strdup(s, path);
	if (s->path == NULL)
		return NULL;
	root = yaml_parse(tree, s->path, text, len, s->eb);
	return root == NULL ? NULL : fill(s, root);
}

/* The tree goes as soon as the config is made of it; the config's arena stays
 * if there was no error, or ${anyway}. */
static void *
make(const char *path, const char *text, size_t len, bool anyway,
    struct inputs *inputs, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	struct schema s = {.eb = eb,
	    .inputs = inputs,
	    .path = path,
	    .errors_before = eb->errors};
	struct arena *tree = arena_create(MAX_MEMORY);
	void *config = NULL;

	s.arena = arena_create(MAX_MEMORY);
	if (tree != NULL && s.arena != NULL)
		config = parse(&s, tree, path, text, len, fill);
	else
		errbuf_error(eb, NULL, "%s: memory is out", path);
	arena_destroy(tree);
	if (config == NULL || (!anyway && !schema_ok(&s))) {
		arena_destroy(s.arena);
		return NULL;
	}
	return config;
}

void *
schema_parse(const char *path, const char *text, size_t len,
    struct inputs *inputs, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	return make(path, text, len, false, inputs, eb, fill);
}

/* The same from the file ${path}. */
static void *
load(const char *path, const struct mark *at, bool anyway,
    struct inputs *inputs, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	char *text;
	size_t len;
	void *config;

	if (file_read(path, at, YAML_MAX_FILE, &text, &len, inputs, eb) != 0)
		return NULL;
	config = make(path, text, len, anyway, inputs, eb, fill);
	free(text);
	return config;
}

void *
schema_load(const char *path, const struct mark *at, struct inputs *inputs,
    struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	return load(path, at, false, inputs, eb, fill);
}

void *
schema_glance(const char *path, struct errbuf *eb,
    void *(*fill)(struct schema *s, const struct yaml_node *root))
{
	return load(path, NULL, true, NULL, eb, fill);
}

void *
schema_array(struct schema *s, size_t n, size_t size)
{
	void *array = arena_array(s->arena, n, size);
	struct mark at = {s->path, 0, 0};

	if (array == NULL && !s->out_of_memory) {
		errbuf_error(s->eb, &at, "is too large: memory is out");
		s->out_of_memory = true;
	}
	return array;
}

const char *
schema_strdup(struct schema *s, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = schema_array(s, size, 1);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

/* An IPv6 address that ends with a colon, as "::", is a key without a value to
 * YAML. */
static bool
is_bare_address(const struct yaml_node *node)
{
	const char *key;

	if (node->kind != YAML_MAP || node->n != 1 || !yaml_empty(node->first))
		return false;
	key = node->first->key;
	return key[0] != '\0' && key[strlen(key) - 1] == ':' &&
	    key[strspn(key, ":0123456789abcdefABCDEF")] == '\0';
}

/* What an error says it found at ${node}. */
static const char *
show_node(const struct yaml_node *node, char out[SHOWN_SIZE])
{
	if (node->kind == YAML_LIST)
		return "a list";
	if (is_bare_address(node))
		return "an address that ends with a colon: write it in quotes";
	if (node->kind == YAML_MAP)
		return "a mapping";
	if (yaml_empty(node))
		return "nothing";
	return shown_text(node->text, out);
}

/* An error at ${value}, which begins with its key. */
static void
report(struct schema *s, const struct yaml_node *value, const char *before,
    const char *text, const char *after)
{
	char key[SCHEMA_NAME_MAX + 1] = "";

	if (value->key != NULL)
		snprintf(key, sizeof(key), "%s", value->key);
	errbuf_error(s->eb,
	    is_bare_address(value) ? &value->first->key_at : &value->at,
	    "%s%s%s%s%s", key, key[0] != '\0' ? ": " : "", before, text, after);
}

int
schema_expected(
    struct schema *s, const struct yaml_node *value, const char *fmt, ...)
{
	char what[512], shown[SHOWN_SIZE], found[SHOWN_SIZE + 16];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	snprintf(found, sizeof(found), ", found %s", show_node(value, shown));
	report(s, value, "expected ", what, found);
	return -1;
}

int
schema_error(
    struct schema *s, const struct yaml_node *value, const char *fmt, ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	report(s, value, "", what, "");
	return -1;
}

/* Names for "known are a, b, c". */
struct names {
	struct text text;
	size_t n;
};

static void
names_add(struct names *names, const char *name)
{
	if (names->n < SHOW_NAMES)
		text_add(&names->text, "%s%s", names->n > 0 ? ", " : "", name);
	else if (names->n == SHOW_NAMES)
		text_add(&names->text, ", ...");
	names->n++;
}

/* The error for a name that is not known: the nearest known one, or else all of
 * them. */
static void
unknown(struct schema *s, const struct mark *at, const char *kind,
    const struct nearest *nearest, struct names *names)
{
	char shown[SHOWN_SIZE];

	shown_text(nearest->wanted, shown);
	if (nearest->best != NULL)
		errbuf_error(s->eb, at, "unknown %s %s, did you mean \"%s\"?",
		    kind, shown, nearest->best);
	else if (names->n > 0 && !names->text.failed)
		errbuf_error(s->eb, at, "unknown %s %s, known are: %s", kind,
		    shown, names->text.data);
	else
		errbuf_error(s->eb, at, "unknown %s %s, the file defines none",
		    kind, shown);
	text_finish(&names->text);
}

static void
names_init(struct names *names)
{
	names->n = 0;
	text_init(&names->text, 4096);
}

/* The known key that ${text} begins with when what follows is where a ":" or
 * the blank after it was left out; NULL when there is none. */
static const char *
cut_key(const char *text, const struct schema_key *keys, size_t n)
{
	size_t len = strcspn(text, " :");

	for (size_t i = 0; i < n && text[len] != '\0'; i++)
		if (strlen(keys[i].name) == len &&
		    strncmp(keys[i].name, text, len) == 0)
			return keys[i].name;
	return NULL;
}

/* The known key whose mapping takes a key ${text}; NULL when there is none. */
static const char *
outer_key(const char *text, const struct schema_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < keys[i].n_keys; k++)
			if (strcmp(keys[i].keys[k].name, text) == 0)
				return keys[i].name;
	return NULL;
}

/* Whether the key of ${value} may be the next item of a list that is the value
 * of ${before}, for which the brackets are missing. */
static bool
is_item(const struct yaml_node *value, const struct yaml_node *before)
{
	return yaml_empty(value) && before != NULL &&
	    before->kind == YAML_SCALAR && !yaml_empty(before) &&
	    before->at.line == value->key_at.line;
}

/* A key that is unknown because of what is missing beside it: a colon, an
 * indent, brackets.  The known key that it seems to be or to belong to, "" when
 * that is none of them, NULL when nothing seems to be missing. */
static const char *
misplaced_key(struct schema *s, const struct yaml_node *value,
    const struct yaml_node *before, const struct schema_key *keys, size_t n)
{
	const char *cut = cut_key(value->key, keys, n);
	const char *outer = outer_key(value->key, keys, n);
	const char *rest = value->key + strcspn(value->key, " :");
	char shown[SHOWN_SIZE];

	shown_text(value->key, shown);
	if (cut != NULL && strcmp(rest, ":") == 0)
		errbuf_error(s->eb, &value->key_at,
		    "unknown key %s: one colon ends a key: write \"%s:\"",
		    shown, cut);
	else if (cut != NULL)
		errbuf_error(s->eb, &value->key_at,
		    "unknown key %s: write \"%s: %.64s\", with a colon and a "
		    "blank after the key",
		    shown, cut, rest + strspn(rest, " :"));
	else if (outer != NULL)
		errbuf_error(s->eb, &value->key_at,
		    "unknown key %s here: it belongs to \"%s\", so indent it "
		    "below that",
		    shown, outer);
	else if (is_item(value, before))
		errbuf_error(s->eb, &value->key_at,
		    "unknown key %s: is it part of \"%.64s\"? A list is "
		    "written in brackets: %.64s: [a, b]",
		    shown, before->key, before->key);
	else
		return NULL;
	return cut != NULL ? cut : outer != NULL ? "" : before->key;
}

/* Say that a key is unknown; the one that seems to be meant, or NULL. */
static const char *
unknown_key(struct schema *s, const struct yaml_node *value,
    const struct yaml_node *before, const struct schema_key *keys, size_t n)
{
	const char *meant = misplaced_key(s, value, before, keys, n);
	bool synonym = false;
	struct nearest nearest;
	struct names names;

	if (meant != NULL)
		return meant;
	names_init(&names);
	nearest_init(&nearest, value->key);
	for (size_t i = 0; i < n; i++) {
		if (synonym_of(value->key, keys[i].name)) {
			synonym = true;
			nearest.best = keys[i].name;
		}
		names_add(&names, keys[i].name);
	}
	for (size_t i = 0; !synonym && i < n; i++)
		nearest_offer(&nearest, keys[i].name);
	unknown(s, &value->key_at, "key", &nearest, &names);
	return nearest.best;
}

int64_t
schema_reference_text(struct schema *s, const struct mark *at, const char *text,
    const char *kind, const struct yaml_node *names_node)
{
	const struct yaml_node *node = NULL;
	struct nearest nearest;
	struct names names;

	if (names_node != NULL && names_node->kind == YAML_LIST)
		return errbuf_follows(s->eb);
	if (names_node != NULL)
		node = yaml_find(names_node, text);
	if (node != NULL)
		return (int64_t)node->index;
	nearest_init(&nearest, text);
	names_init(&names);
	/* Comparing with thousands of names is in vain when the message does
	 * not fit any more. */
	if (names_node != NULL && s->eb->lost == 0)
		for (node = names_node->first; node; node = node->next) {
			if (node->key == NULL)
				continue;
			nearest_offer(&nearest, node->key);
			names_add(&names, node->key);
		}
	unknown(s, at, kind, &nearest, &names);
	return -1;
}

int64_t
schema_reference(struct schema *s, const struct yaml_node *value,
    const char *kind, const struct yaml_node *names)
{
	if (value->kind != YAML_SCALAR || yaml_empty(value))
		return schema_expected(s, value, "the name of a %s", kind);
	return schema_reference_text(s, &value->at, value->text, kind, names);
}

/* At the mapping itself: what is missing has no place. */
static void
missing_key(struct schema *s, const struct yaml_node *node,
    const struct schema_key *key)
{
	schema_error(s, node, "the key \"%s\" is missing", key->name);
}

/* At what should be a mapping of ${keys}, with the required ones of them, or
 * else the first. */
static void
no_map(struct schema *s, const struct yaml_node *node,
    const struct schema_key *keys, size_t n)
{
	struct names names;
	bool required = false;

	for (size_t i = 0; i < n; i++)
		required = required || keys[i].required;
	names_init(&names);
	for (size_t i = 0; i < n; i++)
		if (keys[i].required || (!required && i == 0)) {
			names_add(&names, keys[i].name);
			text_add(&names.text, ": ...");
		}
	if (names.text.failed || names.n == 0)
		schema_expected(s, node, "a mapping (key: value)");
	else
		schema_expected(s, node, "a mapping {%s}", names.text.data);
	text_finish(&names.text);
}

/* The place of ${name}, which may be NULL, among ${keys}; ${n} for none. */
static size_t
find_key(const struct schema_key *keys, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && (name == NULL || strcmp(name, keys[i].name) != 0))
		i++;
	return i;
}

void
schema_map(struct schema *s, const struct yaml_node *node,
    const struct schema_key *keys, size_t n, void *out)
{
	const struct yaml_node *values[MAX_KEYS] = {NULL}, *before = NULL;
	uint64_t meant = 0; /* bits: keys that an unknown one seems to be */

	if (node->kind != YAML_MAP && !yaml_empty(node)) {
		no_map(s, node, keys, n);
		return;
	}
	if (n > MAX_KEYS)
		n = MAX_KEYS;
	for (const struct yaml_node *value = node->first;
	     value != NULL && !schema_stop(s, &value->key_at);
	     value = value->next) {
		size_t i = find_key(keys, n, value->key);

		if (i < n)
			values[i] = value;
		else
			meant |= UINT64_C(1) << find_key(keys, n,
				     unknown_key(s, value, before, keys, n));
		before = value;
	}
	for (size_t i = 0; i < n; i++) {
		if (meant >> i & 1)
			continue; /* what is wrong with it was said */
		if (values[i] != NULL)
			keys[i].read(s, values[i], &keys[i],
			    (unsigned char *)out + keys[i].offset);
		else if (keys[i].required && !s->stopped &&
		    (keys[i].instead == NULL ||
			yaml_find(node, keys[i].instead) == NULL))
			missing_key(s, node, &keys[i]);
	}
}

const struct yaml_node *
schema_list(
    struct schema *s, const struct yaml_node *node, size_t max, size_t *n)
{
	if (node->kind == YAML_SCALAR && !yaml_empty(node)) {
		*n = 1;
		return node;
	}
	if (node->kind == YAML_MAP) {
		schema_expected(s, node, "a list [a, b]");
		return NULL;
	}
	if (node->n == 0) {
		schema_error(s, node, "the list is empty, expected at least 1");
		return NULL;
	}
	if (node->n > max) {
		schema_error(s, node,
		    "the list has %zu items, at most %zu "
		    "are accepted",
		    node->n, max);
		return NULL;
	}
	*n = node->n;
	return node->first;
}

const struct yaml_node *
schema_next(const struct yaml_node *node, const struct yaml_node *item)
{
	return node->kind == YAML_LIST ? item->next : NULL;
}

void *
schema_values(struct schema *s, const struct yaml_node *node, size_t max,
    size_t size, const struct schema_key *key, size_t *n)
{
	const struct yaml_node *item = schema_list(s, node, max, n);
	unsigned char *values;

	if (item == NULL)
		return NULL;
	values = schema_array(s, *n, size);
	for (size_t i = 0;
	     values != NULL && i < *n && !schema_stop(s, &item->at); i++) {
		key->read(s, item, key, values + i * size);
		item = schema_next(node, item);
	}
	return values;
}

void
schema_read_map(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *struct_)
{
	if (key->form != NULL && value->kind != YAML_MAP && !yaml_empty(value))
		schema_expected(s, value, "%s", key->form);
	else
		schema_map(s, value, key->keys, key->n_keys, struct_);
}

const struct mark *
schema_marks(struct schema *s, const struct yaml_node *node, size_t n)
{
	const struct yaml_node *item =
	    node->kind == YAML_LIST ? node->first : node;
	struct mark *at = schema_array(s, n, sizeof(*at));

	for (size_t i = 0; at != NULL && i < n; i++) {
		at[i] = item->at;
		item = schema_next(node, item);
	}
	return at;
}

void
schema_read_list(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *pointer)
{
	size_t n = 0;
	void *values =
	    schema_values(s, value, (size_t)key->max, key->size, key->item, &n);

	if (values == NULL)
		return;
	/* Pointers to any type of item look alike. */
	memcpy(pointer, &values, sizeof(values));
	memcpy(
	    (unsigned char *)pointer - key->offset + key->count, &n, sizeof(n));
}

/* By name, then as in the file. */
static int
compare_entries(const void *left, const void *right, void *compare)
{
	const struct schema_entry *a = left, *b = right;
	int order =
	    (*(int (**)(const char *, const char *))compare)(a->name, b->name);

	if (order != 0)
		return order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return a->at.column < b->at.column ? -1 : 1;
}

void
schema_distinct(struct schema *s, struct schema_entry *entries, size_t n,
    int (*compare)(const char *a, const char *b), const char *kind,
    const char *where)
{
	if (n > 1)
		qsort_r(
		    entries, n, sizeof(entries[0]), compare_entries, &compare);
	for (size_t i = 1; i < n; i++)
		if (compare(entries[i - 1].name, entries[i].name) == 0)
			errbuf_error(s->eb, &entries[i].at,
			    "%s \"%s\" is given twice%s: it is in line %u "
			    "already",
			    kind, entries[i].name, where,
			    entries[i - 1].at.line);
}

bool
schema_named(struct schema *s, const struct yaml_node *node, size_t max)
{
	if (node->kind != YAML_MAP && !yaml_empty(node)) {
		schema_expected(s, node, "a mapping (name: ...)");
		return false;
	}
	if (node->n > max) {
		schema_error(s, node,
		    "%zu are defined, at most %zu are "
		    "accepted",
		    node->n, max);
		return false;
	}
	return true;
}

bool
schema_name(struct schema *s, const struct mark *at, const char *text)
{
	static const char accepted[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789-_.";
	char shown[SHOWN_SIZE];
	size_t len = strlen(text);

	if (len >= 1 && len <= SCHEMA_NAME_MAX && strspn(text, accepted) == len)
		return true;
	errbuf_error(s->eb, at,
	    "expected a name of 1 to %d letters, digits, \"-\", \"_\" or "
	    "\".\", found %s",
	    SCHEMA_NAME_MAX, shown_text(text, shown));
	return false;
}
