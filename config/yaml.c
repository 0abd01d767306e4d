/*
 * YAML text to a tree in an arena, by the events of libfyaml.  Called by the
 * readers of configuration files; never by a worker.
 */
#include "config/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "config/yaml_mistake.h"

/* A list or mapping that is being filled. */
struct level {
	struct yaml_node *node;
	struct yaml_node *last; /* child */
	const char *key;        /* read, and its value comes next */
	struct mark key_at;
};

struct builder {
	struct arena *arena;
	struct errbuf *eb;
	const char *path;
	const char *text; /* all of it */
	size_t len;
	struct level levels[YAML_MAX_DEPTH];
	size_t depth;
	size_t nodes;
	unsigned documents;
	struct yaml_node *root;
};

static int
fail_memory(struct builder *b)
{
	struct mark at = {b->path, 0, 0};

	return errbuf_error(b->eb, &at, "is too large: memory is out");
}

/* libfyaml reads a scalar with a broken character as an empty one, so such a
 * text never reaches it. */
static int
check_characters(struct builder *b, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	struct mark at = {b->path, 1, 1};
	size_t size;

	if (file_is_utf16(text, len))
		return errbuf_error(
		    b->eb, &at, "the file is UTF-16 text: save it as UTF-8");
	for (size_t i = 0; i < len; i += size) {
		size = utf8_size(s + i, len - i);
		if (size == 0)
			return errbuf_error(
			    b->eb, &at, "byte 0x%02x is not UTF-8 text", s[i]);
		if ((s[i] < 0x20 && strchr("\t\n\r", s[i]) == NULL) ||
		    s[i] == 0 || s[i] == 0x7f)
			return errbuf_error(b->eb, &at,
			    "control character 0x%02x is not accepted", s[i]);
		at.column++;
		if (s[i] == '\n') {
			at.line++;
			at.column = 1;
		}
	}
	return 0;
}

/* The colon after a key, not one in an IPv6 address. */
static bool
is_colon(const char *text, size_t len, size_t i)
{
	return text[i] == ':' &&
	    ((i > 0 && text[i - 1] == '"') || i + 1 == len ||
		text[i + 1] == ' ' || text[i + 1] == '\n');
}

/* What could separate values is counted for each line, before libfyaml reads
 * it: libfyaml keeps all of a line in memory until it knows whether that is a
 * key. */
static int
check_lines(struct builder *b, const char *text, size_t len)
{
	struct mark at = {b->path, 1, 0};
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		n += text[i] == ',' || is_colon(text, len, i);
		if (n > YAML_MAX_IN_LINE)
			return errbuf_error(b->eb, &at,
			    "this line has more than %d keys and items: write "
			    "each endpoint, or each zone, in a line of its own",
			    YAML_MAX_IN_LINE);
		if (text[i] == '\n') {
			at.line++;
			n = 0;
		}
	}
	return 0;
}

/* Where an event is in the file.  libfyaml has no place for an empty value: it
 * gets that of its key. */
static struct mark
event_mark(const struct builder *b, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);
	struct mark at = {b->path, 1, 1};

	if (mark != NULL && mark->line >= 0 && mark->column >= 0) {
		at.line = (unsigned)mark->line + 1;
		at.column = (unsigned)mark->column + 1;
	} else if (b->depth > 0 && b->levels[b->depth - 1].key != NULL) {
		at = b->levels[b->depth - 1].key_at;
	} else if (b->depth > 0) {
		at = b->levels[b->depth - 1].node->at;
	}
	return at;
}

/* A new node below the innermost level, or at the root. */
static struct yaml_node *
add_node(struct builder *b, enum yaml_kind kind, const struct mark *at)
{
	struct yaml_node *node;
	struct level *level;

	if (b->nodes++ == YAML_MAX_NODES) {
		errbuf_error(b->eb, at,
		    "the file has more than %d values and items: divide it "
		    "into zones with a file each, or move prefixes to files of "
		    "their own",
		    YAML_MAX_NODES);
		return NULL;
	}
	node = arena_alloc(b->arena, sizeof(*node));
	if (node == NULL) {
		fail_memory(b);
		return NULL;
	}
	node->at = *at;
	node->kind = kind;
	node->text = "";
	if (b->depth == 0) {
		b->root = node;
		return node;
	}
	level = &b->levels[b->depth - 1];
	node->key = level->node->key;
	if (level->node->kind == YAML_MAP) {
		node->key = level->key;
		node->key_at = level->key_at;
		level->key = NULL;
	}
	node->index = level->node->n++;
	if (level->last == NULL)
		level->node->first = node;
	else
		level->last->next = node;
	level->last = node;
	return node;
}

static bool
awaits_key(const struct builder *b)
{
	const struct level *level;

	if (b->depth == 0)
		return false;
	level = &b->levels[b->depth - 1];
	return level->node->kind == YAML_MAP && level->key == NULL;
}

/* A list or mapping begins; what comes next is in it. */
static int
begin(struct builder *b, enum yaml_kind kind, const struct mark *at)
{
	struct yaml_node *node;

	if (awaits_key(b) && kind == YAML_LIST &&
	    yaml_mistake_brackets(b->text, b->len, at, b->eb))
		return -1;
	if (awaits_key(b))
		return errbuf_error(b->eb, at,
		    "expected a key, found %s: nothing may follow its \"%c\" "
		    "in the line",
		    kind == YAML_MAP ? "a mapping" : "a list",
		    kind == YAML_MAP ? '}' : ']');
	if (b->depth == YAML_MAX_DEPTH)
		return errbuf_error(b->eb, at,
		    "is nested deeper than %d levels", YAML_MAX_DEPTH);
	node = add_node(b, kind, at);
	if (node == NULL)
		return -1;
	b->levels[b->depth++] = (struct level){.node = node};
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct yaml_node *x = *(const struct yaml_node *const *)a;
	const struct yaml_node *y = *(const struct yaml_node *const *)b;
	int order = strcmp(x->key, y->key);

	if (order != 0)
		return order;
	return x->index < y->index ? -1 : 1;
}

/* A key with a line break in it would break the lines of messages. */
static bool
has_control(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s >= 0x20 && *s != 0x7f)
		s++;
	return *s != 0;
}

/* Sort the children of a mapping for yaml_find() and report keys that are there
 * twice; reading goes on, so that all such keys are reported. */
static int
end_map(struct builder *b, struct yaml_node *map)
{
	const struct yaml_node **sorted =
	    arena_array(b->arena, map->n, sizeof(*sorted));

	if (sorted == NULL)
		return fail_memory(b);
	for (const struct yaml_node *child = map->first; child != NULL;
	     child = child->next)
		sorted[child->index] = child;
	if (map->n > 1)
		qsort(sorted, map->n, sizeof(sorted[0]), by_key);
	for (size_t i = 1; i < map->n; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			errbuf_error(b->eb, &sorted[i]->key_at,
			    "key \"%.64s\" is given twice: it is in line %u "
			    "already",
			    sorted[i]->key, sorted[i - 1]->key_at.line);
	map->sorted = sorted;
	return 0;
}

/* The innermost list or mapping ends. */
static int
end(struct builder *b)
{
	struct mark at = {b->path, 0, 0};
	struct yaml_node *node;

	/* libfyaml keeps begin and end in pairs; a mistake in that must not
	 * become ours. */
	if (b->depth == 0 || b->levels[b->depth - 1].node == NULL)
		return errbuf_error(b->eb, &at, "is not YAML");
	node = b->levels[--b->depth].node;
	return node->kind == YAML_MAP ? end_map(b, node) : 0;
}

/* Keep ${key} until its value comes.  "<<" would merge another mapping in. */
static int
take_key(struct builder *b, const char *key, bool quoted, const struct mark *at)
{
	struct level *level = &b->levels[b->depth - 1];

	if (!quoted && strcmp(key, "<<") == 0)
		return errbuf_error(b->eb, at,
		    "merge keys (<<) are not accepted: write the keys out");
	if (has_control(key))
		return errbuf_error(
		    b->eb, at, "a key must not hold control characters");
	level->key = key;
	level->key_at = *at;
	return 0;
}

/* A key or a value, by what the innermost level waits for. */
static int
scalar(struct builder *b, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	enum fy_scalar_style style = fy_token_scalar_style(token);
	bool quoted =
	    style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
	struct mark at = event_mark(b, event);
	struct yaml_node *node;
	const char *text;
	char *copy;
	size_t len = 0;

	/* libfyaml's mark is after the opening quote. */
	if (quoted && at.column > 1)
		at.column--;
	text = token == NULL ? "" : fy_token_get_text(token, &len);
	if (text == NULL)
		return fail_memory(b);
	if (memchr(text, '\0', len) != NULL)
		return errbuf_error(
		    b->eb, &at, "control character 0x00 is not accepted");
	copy = arena_strndup(b->arena, text, len);
	if (copy == NULL)
		return fail_memory(b);
	if (awaits_key(b))
		return take_key(b, copy, quoted, &at);
	node = add_node(b, YAML_SCALAR, &at);
	if (node == NULL)
		return -1;
	node->text = copy;
	node->quoted = style != FYSS_PLAIN;
	return 0;
}

/* Refuse what YAML has and these files do without: a reader must see what a
 * line says without looking for its definition elsewhere. */
static int
check_plain(struct builder *b, struct fy_event *event)
{
	struct mark at = event_mark(b, event);

	if (event->type == FYET_ALIAS)
		return errbuf_error(b->eb, &at,
		    "aliases (*name) are not accepted: write it out, or quote "
		    "a text that starts with *");
	if (fy_event_get_anchor_token(event) != NULL)
		return errbuf_error(b->eb, &at,
		    "anchors (&name) are not accepted: quote a text that "
		    "starts with &");
	if (fy_event_get_tag_token(event) != NULL)
		return errbuf_error(b->eb, &at,
		    "tags (!name) are not accepted: quote a text that starts "
		    "with !");
	return 0;
}

/* One event of libfyaml: the tree grows, or an error ends the reading. */
static int
handle(struct builder *b, struct fy_event *event)
{
	struct mark at;

	if (check_plain(b, event) != 0)
		return -1;
	at = event_mark(b, event);
	switch (event->type) {
	case FYET_DOCUMENT_START:
		if (b->documents++ > 0)
			return errbuf_error(b->eb, &at,
			    "a second document (---) is not accepted");
		return 0;
	case FYET_MAPPING_START:
		return begin(b, YAML_MAP, &at);
	case FYET_SEQUENCE_START:
		return begin(b, YAML_LIST, &at);
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		return end(b);
	case FYET_SCALAR:
		return scalar(b, event);
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
	case FYET_ALIAS:
		return 0;
	}
	return 0;
}

/* The first complaint of libfyaml as an error of ours, with its place. */
static int
syntax_error(struct builder *b, struct fy_diag *diag)
{
	struct mark at = {b->path, 0, 0};
	struct fy_diag_error *error;
	void *position = NULL;

	error = fy_diag_errors_iterate(diag, &position);
	if (error == NULL || error->msg == NULL || error->line <= 0 ||
	    error->column <= 0)
		return errbuf_error(b->eb, &at, "is not YAML");
	at.line = (unsigned)error->line;
	at.column = (unsigned)error->column;
	return yaml_mistake(b->text, b->len, &at, error->msg, b->eb);
}

static int
parse_events(struct builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;
	int status = 0;

	while (status == 0 && (event = fy_parser_parse(parser)) != NULL) {
		status = handle(b, event);
		fy_parser_event_free(parser, event);
	}
	if (status == 0 && fy_parser_get_stream_error(parser))
		status = syntax_error(b, diag);
	return status;
}

/* libfyaml collects its complaints instead of printing them, and includes no
 * other file. */
static int
parse_text(struct builder *b, const char *text, size_t len)
{
	struct fy_diag_cfg diag_config;
	struct fy_parse_cfg config = {.search_path = ""};
	struct fy_diag *diag;
	struct fy_parser *parser;
	int status = -1;

	fy_diag_cfg_default(&diag_config);
	diag_config.fp = NULL;
	diag = fy_diag_create(&diag_config);
	if (diag == NULL)
		return fail_memory(b);
	fy_diag_set_collect_errors(diag, true);
	config.flags = FYPCF_QUIET | FYPCF_JSON_NONE;
	config.diag = diag;
	parser = fy_parser_create(&config);
	if (parser == NULL || fy_parser_set_string(parser, text, len) != 0)
		fail_memory(b);
	else
		status = parse_events(b, parser, diag);
	if (parser != NULL)
		fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	return status;
}

const struct yaml_node *
yaml_parse(struct arena *arena, const char *path, const char *text, size_t len,
    struct errbuf *eb)
{
	struct builder b = {
	    .arena = arena, .eb = eb, .path = path, .text = text, .len = len};
	struct mark at = {path, 0, 0};

	if (len > YAML_MAX_FILE) {
		errbuf_error(
		    eb, &at, "is larger than %zu bytes", YAML_MAX_FILE);
		return NULL;
	}
	if (check_characters(&b, text, len) != 0 ||
	    check_lines(&b, text, len) != 0 || parse_text(&b, text, len) != 0)
		return NULL;
	if (b.root == NULL || yaml_empty(b.root)) {
		errbuf_error(eb, &at, "is empty");
		return NULL;
	}
	return b.root;
}

const struct yaml_node *
yaml_find(const struct yaml_node *map, const char *key)
{
	size_t low = 0, high = map->kind == YAML_MAP ? map->n : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, map->sorted[middle]->key);

		if (order == 0)
			return map->sorted[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
yaml_empty(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && !node->quoted &&
	    node->text[0] == '\0';
}
