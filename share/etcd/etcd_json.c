/*
 * Answers of etcd's JSON gateway; see etcd_json.h.
 */
#include "share/etcd/etcd_json.h"

#include <string.h>

#include "base/codec.h"
#include "base/json_text.h"
#include "base/number.h"

/* Room for words of etcd, of which the first are kept, and for a number. */
#define WORDS_TEXT 4096
#define NUMBER_TEXT 32

/* --- members of an object: one that is missing is zero --- */

static bool
is_kind(const struct json_text *value, char kind)
{
	return value->at != NULL && json_text_kind(value) == kind;
}

/* The member ${name} of ${object}; with a place of NULL when there is none, or
 * no object.  Of two of that name it is nothing that anybody takes. */
static struct json_text
member(struct json_text object, const char *name)
{
	static const char twice[] = "?";
	struct json_text found = {.at = NULL};

	if (!is_kind(&object, '{'))
		return found;
	for (bool more = json_text_enter(&object); more;
	     more = json_text_next(&object)) {
		if (!json_text_is(&object, name))
			json_text_pass(&object);
		else if (found.at != NULL)
			return json_text_begin(twice, sizeof(twice) - 1);
		else
			found = object;
		json_text_skip(&object);
	}
	return found;
}

static int
get_signed(struct json_text object, const char *name, int64_t *out)
{
	struct json_text v = member(object, name);
	char text[NUMBER_TEXT];
	uint64_t n;
	size_t len;
	bool less;

	*out = 0;
	if (v.at == NULL)
		return 0;
	if (!is_kind(&v, '"'))
		return json_text_integer(&v, out) ? 0 : -1;
	if (!json_text_string(&v, text, sizeof(text), &len))
		return -1;
	less = text[0] == '-';
	if (number_parse(text + less, len - less, 0, INT64_MAX, &n) != 0)
		return -1;
	*out = less ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int
get_unsigned(struct json_text object, const char *name, uint64_t *out)
{
	struct json_text v = member(object, name);
	char text[NUMBER_TEXT];
	int64_t number;
	size_t len;

	*out = 0;
	if (v.at == NULL)
		return 0;
	if (is_kind(&v, '"'))
		return json_text_string(&v, text, sizeof(text), &len)
		    ? number_parse(text, len, 0, UINT64_MAX, out)
		    : -1;
	if (!json_text_integer(&v, &number) || number < 0)
		return -1;
	*out = (uint64_t)number;
	return 0;
}

/* Revisions, counts and the like. */
static int
get_count(struct json_text object, const char *name, int64_t *out)
{
	return get_signed(object, name, out) == 0 && *out >= 0 ? 0 : -1;
}

static int
get_bool(struct json_text object, const char *name, bool *out)
{
	struct json_text v = member(object, name);

	*out = is_kind(&v, 't');
	return v.at == NULL || *out || is_kind(&v, 'f') ? 0 : -1;
}

static int
get_bytes(struct json_text object, const char *name, struct arena *arena,
    struct etcd_bytes *out)
{
	struct json_text v = member(object, name), end = v;
	size_t size, len, n;
	char *data;

	*out = (struct etcd_bytes){"", 0};
	if (v.at == NULL)
		return 0;
	json_text_skip(&end);
	size = (size_t)(end.at - v.at);
	data = arena_bytes(arena, size);
	/* What it stands for takes less room than it. */
	if (data == NULL || !json_text_string(&v, data, size, &len) ||
	    codec_decode(CODEC_BASE64, data, len, data, len, &n) != 0)
		return -1;
	*out = (struct etcd_bytes){data, n};
	return 0;
}

/* An object, or none: then the place of ${out} is NULL. */
static int
get_object(struct json_text object, const char *name, struct json_text *out)
{
	*out = member(object, name);
	return out->at == NULL || is_kind(out, '{') ? 0 : -1;
}

/* A list, or none: then ${n} is 0.  ${out} is at its first. */
static int
get_list(
    struct json_text object, const char *name, struct json_text *out, size_t *n)
{
	struct json_text at = *out = member(object, name);

	*n = 0;
	if (out->at == NULL)
		return 0;
	if (!is_kind(out, '['))
		return -1;
	for (bool more = json_text_enter(&at); more;
	     more = json_text_next(&at)) {
		json_text_skip(&at);
		++*n;
	}
	(void)json_text_enter(out);
	return 0;
}

/* The next one of a list. */
static struct json_text
take_next(struct json_text *list)
{
	struct json_text value = *list;

	json_text_skip(list);
	(void)json_text_next(list);
	return value;
}

/* Words of etcd, as one line that a terminal may be shown. */
static void
get_words(struct json_text object, const char *name, char out[ETCD_WORDS])
{
	struct json_text v = member(object, name);
	char text[WORDS_TEXT];
	size_t len = 0, n = 0;

	if (!is_kind(&v, '"') ||
	    !json_text_string(&v, text, sizeof(text), &len))
		len = 0;
	for (; n < len && n < ETCD_WORDS - 1; n++)
		out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
	out[n] = '\0';
}

/* --- parts of answers --- */

static int
get_header(struct json_text object, struct etcd_header *out)
{
	struct json_text header;

	*out = (struct etcd_header){.cluster = 0};
	if (get_object(object, "header", &header) != 0 || header.at == NULL)
		return -1;
	return get_unsigned(header, "cluster_id", &out->cluster) == 0 &&
		get_unsigned(header, "member_id", &out->member) == 0 &&
		get_count(header, "revision", &out->revision) == 0 &&
		get_unsigned(header, "raft_term", &out->term) == 0
	    ? 0
	    : -1;
}

static int
get_pair(struct json_text object, struct arena *arena, struct etcd_pair *out)
{
	return is_kind(&object, '{') &&
		get_bytes(object, "key", arena, &out->key) == 0 &&
		out->key.len > 0 &&
		get_bytes(object, "value", arena, &out->value) == 0 &&
		get_count(object, "create_revision", &out->create_revision) ==
		    0 &&
		get_count(object, "mod_revision", &out->mod_revision) == 0 &&
		get_count(object, "version", &out->version) == 0 &&
		get_signed(object, "lease", &out->lease) == 0
	    ? 0
	    : -1;
}

static int
get_found(struct json_text object, struct arena *arena, struct etcd_found *out)
{
	struct json_text list;
	struct etcd_pair *pairs;

	if (get_list(object, "kvs", &list, &out->n) != 0 ||
	    get_bool(object, "more", &out->more) != 0 ||
	    get_count(object, "count", &out->count) != 0)
		return -1;
	pairs = arena_array(arena, out->n, sizeof(*pairs));
	if (pairs == NULL && out->n > 0)
		return -1;
	for (size_t i = 0; i < out->n; i++)
		if (get_pair(take_next(&list), arena, &pairs[i]) != 0)
			return -1;
	out->pairs = pairs;
	return 0;
}

static int
get_op(struct json_text object, struct arena *arena, struct etcd_op *out)
{
	struct json_text put, deleted, range;

	if (!is_kind(&object, '{') ||
	    get_object(object, "response_put", &put) != 0 ||
	    get_object(object, "response_delete_range", &deleted) != 0 ||
	    get_object(object, "response_range", &range) != 0 ||
	    (put.at != NULL) + (deleted.at != NULL) + (range.at != NULL) != 1)
		return -1;
	if (range.at != NULL) {
		out->kind = ETCD_GET;
		return get_found(range, arena, &out->found);
	}
	if (deleted.at != NULL) {
		out->kind = ETCD_DELETE;
		return get_count(deleted, "deleted", &out->deleted);
	}
	out->kind = ETCD_PUT;
	return 0;
}

static int
get_txn(struct json_text object, struct arena *arena, struct etcd_answer *out)
{
	struct json_text list;
	struct etcd_op *ops;

	if (get_bool(object, "succeeded", &out->succeeded) != 0 ||
	    get_list(object, "responses", &list, &out->n_ops) != 0 ||
	    out->n_ops > ETCD_TXN_OPS)
		return -1;
	ops = arena_array(arena, out->n_ops, sizeof(*ops));
	if (ops == NULL && out->n_ops > 0)
		return -1;
	for (size_t i = 0; i < out->n_ops; i++)
		if (get_op(take_next(&list), arena, &ops[i]) != 0)
			return -1;
	out->ops = ops;
	return 0;
}

static int
get_status(
    struct json_text object, struct arena *arena, struct etcd_answer *out)
{
	char words[ETCD_WORDS];

	get_words(object, "version", words);
	out->version = arena_strdup(arena, words);
	return out->version != NULL &&
		get_unsigned(object, "leader", &out->leader) == 0 &&
		get_count(object, "dbSize", &out->size) == 0
	    ? 0
	    : -1;
}

static int
get_answer(enum etcd_kind kind, struct json_text object, struct arena *arena,
    struct etcd_answer *out)
{
	/* It is the answer of a stream, of which nothing else is wanted. */
	if (kind == ETCD_KIND_KEEP &&
	    (get_object(object, "result", &object) != 0 || object.at == NULL))
		return -1;
	if (get_header(object, &out->header) != 0)
		return -1;
	switch (kind) {
	case ETCD_KIND_RANGE:
		return get_found(object, arena, &out->found);
	case ETCD_KIND_TXN:
		return get_txn(object, arena, out);
	case ETCD_KIND_GRANT:
	case ETCD_KIND_KEEP:
		return get_signed(object, "ID", &out->lease) == 0 &&
			get_signed(object, "TTL", &out->ttl_s) == 0
		    ? 0
		    : -1;
	case ETCD_KIND_STATUS:
		return get_status(object, arena, out);
	case ETCD_KIND_REVOKE:
	case ETCD_KIND_LOGIN:
		break;
	}
	return 0;
}

/* --- whole answers --- */

/* The object that is all of ${text}; with a place of NULL when it is none. */
static struct json_text
load_object(const char *text, size_t len)
{
	struct json_text root = {.at = NULL};

	if (json_text_valid(text, len))
		root = json_text_begin(text, len);
	return is_kind(&root, '{') ? root : (struct json_text){.at = NULL};
}

int
etcd_json_answer(enum etcd_kind kind, const char *text, size_t len,
    struct arena *arena, struct etcd_answer *out)
{
	struct etcd_answer got = {.outcome = ETCD_OK, .words = ""};
	struct json_text root = load_object(text, len);

	if (root.at == NULL || get_answer(kind, root, arena, &got) != 0)
		return -1;
	*out = got;
	return 0;
}

int
etcd_json_token(const char *text, size_t len, char out[ETCD_TOKEN])
{
	struct json_text v = member(load_object(text, len), "token");
	char token[ETCD_TOKEN];
	size_t n = 0;
	bool usable = is_kind(&v, '"') &&
	    json_text_string(&v, token, sizeof(token), &n) && n > 0;

	/* It becomes a line of a header. */
	for (size_t i = 0; usable && i < n; i++)
		usable = token[i] > ' ' && token[i] <= '~';
	if (usable)
		memcpy(out, token, n + 1);
	return usable ? 0 : -1;
}

static int
get_error(struct json_text object, struct etcd_json_error *out)
{
	get_words(object, "message", out->message);
	/* Of the stream of a watch, and of a call. */
	if (member(object, "grpc_code").at != NULL)
		return get_count(object, "grpc_code", &out->code);
	return get_count(object, "code", &out->code);
}

int
etcd_json_error(const char *text, size_t len, struct etcd_json_error *out)
{
	struct json_text root = load_object(text, len);
	struct json_text inner = member(root, "error");

	if (root.at == NULL)
		return -1;
	/* A stream has its error in an object. */
	return get_error(is_kind(&inner, '{') ? inner : root, out) == 0 &&
		out->code > 0
	    ? 0
	    : -1;
}

static int
get_event(struct json_text object, struct arena *arena, struct etcd_event *out)
{
	struct json_text type = member(object, "type"), pair;
	char word[sizeof("DELETE")];
	size_t len;

	if (get_object(object, "kv", &pair) != 0 || pair.at == NULL ||
	    get_pair(pair, arena, &out->pair) != 0 ||
	    out->pair.mod_revision == 0)
		return -1;
	if (type.at == NULL)
		return 0;
	if (!json_text_string(&type, word, sizeof(word), &len))
		return -1;
	out->deleted = strcmp(word, "DELETE") == 0;
	return out->deleted || strcmp(word, "PUT") == 0 ? 0 : -1;
}

static int
get_watch(
    struct json_text object, struct arena *arena, struct etcd_json_watch *out)
{
	struct etcd_event *events;
	struct json_text list;

	get_words(object, "cancel_reason", out->reason);
	if (get_header(object, &out->header) != 0 ||
	    get_signed(object, "watch_id", &out->watch_id) != 0 ||
	    get_bool(object, "created", &out->created) != 0 ||
	    get_bool(object, "canceled", &out->cancelled) != 0 ||
	    get_bool(object, "fragment", &out->fragment) != 0 ||
	    get_count(object, "compact_revision", &out->compact_revision) !=
		0 ||
	    get_list(object, "events", &list, &out->n) != 0)
		return -1;
	events = arena_array(arena, out->n, sizeof(*events));
	if (events == NULL && out->n > 0)
		return -1;
	for (size_t i = 0; i < out->n; i++)
		if (get_event(take_next(&list), arena, &events[i]) != 0)
			return -1;
	out->events = events;
	return 0;
}

int
etcd_json_watch(const char *text, size_t len, struct arena *arena,
    struct etcd_json_watch *out)
{
	struct json_text root = load_object(text, len), inner;

	*out = (struct etcd_json_watch){.failed = false};
	if (get_object(root, "error", &inner) == 0 && inner.at != NULL) {
		out->failed = true;
		return get_error(inner, &out->error);
	}
	if (get_object(root, "result", &inner) == 0 && inner.at != NULL)
		return get_watch(inner, arena, out);
	return -1;
}
