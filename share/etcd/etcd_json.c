/*
 * Answers of etcd's JSON gateway; see etcd_json.h.
 */
#include "share/etcd/etcd_json.h"

#include <jansson.h>

#include "base/codec.h"
#include "base/number.h"

/* --- members of an object: one that is missing is zero --- */

static int
get_unsigned(const json_t *object, const char *name, uint64_t *out)
{
	const json_t *v = json_object_get(object, name);

	*out = 0;
	if (v == NULL)
		return 0;
	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*out = (uint64_t)json_integer_value(v);
		return 0;
	}
	return json_is_string(v)
	    ? number_parse(json_string_value(v), json_string_length(v), 0,
		  UINT64_MAX, out)
	    : -1;
}

static int
get_signed(const json_t *object, const char *name, int64_t *out)
{
	const json_t *v = json_object_get(object, name);
	const char *text = json_string_value(v);
	uint64_t n;

	*out = 0;
	if (text != NULL && text[0] == '-') {
		if (number_parse(text + 1, json_string_length(v) - 1, 0,
			INT64_MAX, &n) != 0)
			return -1;
		*out = -(int64_t)n;
		return 0;
	}
	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return 0;
	}
	if (get_unsigned(object, name, &n) != 0 || n > INT64_MAX)
		return -1;
	*out = (int64_t)n;
	return 0;
}

/* Revisions, counts and the like. */
static int
get_count(const json_t *object, const char *name, int64_t *out)
{
	return get_signed(object, name, out) == 0 && *out >= 0 ? 0 : -1;
}

static int
get_bool(const json_t *object, const char *name, bool *out)
{
	const json_t *v = json_object_get(object, name);

	*out = json_is_true(v);
	return v == NULL || json_is_boolean(v) ? 0 : -1;
}

static int
get_bytes(const json_t *object, const char *name, struct arena *arena,
    struct etcd_bytes *out)
{
	const json_t *v = json_object_get(object, name);
	size_t len, n;
	char *data;

	*out = (struct etcd_bytes){"", 0};
	if (v == NULL)
		return 0;
	if (!json_is_string(v))
		return -1;
	len = json_string_length(v);
	data = arena_bytes(arena, len / 4 * 3 + 1);
	if (data == NULL ||
	    codec_decode(CODEC_BASE64, json_string_value(v), len, data,
		len / 4 * 3, &n) != 0)
		return -1;
	*out = (struct etcd_bytes){data, n};
	return 0;
}

/* An object, or none: then ${out} is NULL. */
static int
get_object(const json_t *object, const char *name, const json_t **out)
{
	*out = json_object_get(object, name);
	return *out == NULL || json_is_object(*out) ? 0 : -1;
}

/* A list, or none: then ${n} is 0. */
static int
get_list(const json_t *object, const char *name, const json_t **out, size_t *n)
{
	*out = json_object_get(object, name);
	*n = json_array_size(*out);
	return *out == NULL || json_is_array(*out) ? 0 : -1;
}

/* Words of etcd, as one line that a terminal may be shown. */
static void
get_words(const json_t *object, const char *name, char out[ETCD_WORDS])
{
	const char *text = json_string_value(json_object_get(object, name));
	size_t n = 0;

	for (; text != NULL && *text != '\0' && n < ETCD_WORDS - 1; text++)
		out[n++] = *text >= ' ' && *text <= '~' ? *text : '?';
	out[n] = '\0';
}

/* --- parts of answers --- */

static int
get_header(const json_t *object, struct etcd_header *out)
{
	const json_t *header;

	*out = (struct etcd_header){.cluster = 0};
	if (get_object(object, "header", &header) != 0 || header == NULL)
		return -1;
	return get_unsigned(header, "cluster_id", &out->cluster) == 0 &&
		get_unsigned(header, "member_id", &out->member) == 0 &&
		get_count(header, "revision", &out->revision) == 0 &&
		get_unsigned(header, "raft_term", &out->term) == 0
	    ? 0
	    : -1;
}

static int
get_pair(const json_t *object, struct arena *arena, struct etcd_pair *out)
{
	return json_is_object(object) &&
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
get_found(const json_t *object, struct arena *arena, struct etcd_found *out)
{
	const json_t *list;
	struct etcd_pair *pairs;

	if (get_list(object, "kvs", &list, &out->n) != 0 ||
	    get_bool(object, "more", &out->more) != 0 ||
	    get_count(object, "count", &out->count) != 0)
		return -1;
	pairs = arena_array(arena, out->n, sizeof(*pairs));
	if (pairs == NULL && out->n > 0)
		return -1;
	for (size_t i = 0; i < out->n; i++)
		if (get_pair(json_array_get(list, i), arena, &pairs[i]) != 0)
			return -1;
	out->pairs = pairs;
	return 0;
}

static int
get_op(const json_t *object, struct arena *arena, struct etcd_op *out)
{
	const json_t *put, *deleted, *range;

	if (!json_is_object(object) ||
	    get_object(object, "response_put", &put) != 0 ||
	    get_object(object, "response_delete_range", &deleted) != 0 ||
	    get_object(object, "response_range", &range) != 0 ||
	    (put != NULL) + (deleted != NULL) + (range != NULL) != 1)
		return -1;
	if (range != NULL) {
		out->kind = ETCD_GET;
		return get_found(range, arena, &out->found);
	}
	if (deleted != NULL) {
		out->kind = ETCD_DELETE;
		return get_count(deleted, "deleted", &out->deleted);
	}
	out->kind = ETCD_PUT;
	return 0;
}

static int
get_txn(const json_t *object, struct arena *arena, struct etcd_answer *out)
{
	const json_t *list;
	struct etcd_op *ops;

	if (get_bool(object, "succeeded", &out->succeeded) != 0 ||
	    get_list(object, "responses", &list, &out->n_ops) != 0 ||
	    out->n_ops > ETCD_TXN_OPS)
		return -1;
	ops = arena_array(arena, out->n_ops, sizeof(*ops));
	if (ops == NULL && out->n_ops > 0)
		return -1;
	for (size_t i = 0; i < out->n_ops; i++)
		if (get_op(json_array_get(list, i), arena, &ops[i]) != 0)
			return -1;
	out->ops = ops;
	return 0;
}

static int
get_status(const json_t *object, struct arena *arena, struct etcd_answer *out)
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
get_answer(enum etcd_kind kind, const json_t *object, struct arena *arena,
    struct etcd_answer *out)
{
	/* It is the answer of a stream, of which nothing else is wanted. */
	if (kind == ETCD_KIND_KEEP &&
	    (get_object(object, "result", &object) != 0 || object == NULL))
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

static json_t *
load_object(const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

int
etcd_json_answer(enum etcd_kind kind, const char *text, size_t len,
    struct arena *arena, struct etcd_answer *out)
{
	struct etcd_answer got = {.outcome = ETCD_OK, .words = ""};
	json_t *root = load_object(text, len);
	int status = -1;

	if (root != NULL && get_answer(kind, root, arena, &got) == 0) {
		*out = got;
		status = 0;
	}
	json_decref(root);
	return status;
}

int
etcd_json_token(const char *text, size_t len, char out[ETCD_TOKEN])
{
	json_t *root = load_object(text, len);
	const json_t *v = json_object_get(root, "token");
	const char *token = json_string_value(v);
	size_t n = json_string_length(v);
	bool usable = n > 0 && n < ETCD_TOKEN;

	/* It becomes a line of a header. */
	for (size_t i = 0; usable && i < n; i++)
		usable = token[i] > ' ' && token[i] <= '~';
	if (usable)
		memcpy(out, token, n + 1);
	json_decref(root);
	return usable ? 0 : -1;
}

static int
get_error(const json_t *object, struct etcd_json_error *out)
{
	get_words(object, "message", out->message);
	/* Of the stream of a watch, and of a call. */
	if (json_object_get(object, "grpc_code") != NULL)
		return get_count(object, "grpc_code", &out->code);
	return get_count(object, "code", &out->code);
}

int
etcd_json_error(const char *text, size_t len, struct etcd_json_error *out)
{
	json_t *root = load_object(text, len);
	const json_t *inner;
	int status = -1;

	/* A stream has its error in an object. */
	if (root != NULL && json_is_object(json_object_get(root, "error")) &&
	    get_object(root, "error", &inner) == 0)
		status = get_error(inner, out);
	else if (root != NULL)
		status = get_error(root, out);
	json_decref(root);
	return status == 0 && out->code > 0 ? 0 : -1;
}

static int
get_event(const json_t *object, struct arena *arena, struct etcd_event *out)
{
	const json_t *type = json_object_get(object, "type"), *pair;

	if (!json_is_object(object) || get_object(object, "kv", &pair) != 0 ||
	    pair == NULL || get_pair(pair, arena, &out->pair) != 0 ||
	    out->pair.mod_revision == 0)
		return -1;
	if (type == NULL)
		return 0;
	if (!json_is_string(type))
		return -1;
	out->deleted = strcmp(json_string_value(type), "DELETE") == 0;
	return out->deleted || strcmp(json_string_value(type), "PUT") == 0 ? 0
									   : -1;
}

static int
get_watch(
    const json_t *object, struct arena *arena, struct etcd_json_watch *out)
{
	struct etcd_event *events;
	const json_t *list;

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
		if (get_event(json_array_get(list, i), arena, &events[i]) != 0)
			return -1;
	out->events = events;
	return 0;
}

int
etcd_json_watch(const char *text, size_t len, struct arena *arena,
    struct etcd_json_watch *out)
{
	json_t *root = load_object(text, len);
	const json_t *inner;
	int status = -1;

	*out = (struct etcd_json_watch){.failed = false};
	if (root == NULL)
		return -1;
	if (get_object(root, "error", &inner) == 0 && inner != NULL) {
		out->failed = true;
		status = get_error(inner, &out->error);
	} else if (get_object(root, "result", &inner) == 0 && inner != NULL) {
		status = get_watch(inner, arena, out);
	}
	json_decref(root);
	return status;
}
