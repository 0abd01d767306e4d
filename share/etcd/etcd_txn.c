/*
 * Transactions as etcd's JSON; see etcd_txn.h.
 */
#include "share/etcd/etcd_txn.h"

#include <inttypes.h>
#include <stdlib.h>

#include "share/etcd/etcd_private.h"

struct etcd_txn {
	struct text compares;
	struct text lists[2]; /* when all hold, when one does not */
	enum etcd_op_kind kinds[2][ETCD_TXN_OPS];
	size_t n[2], n_compares;
	unsigned at; /* the list that is being filled */
	size_t bytes;
	bool too_large;
};

/* --- building --- */

struct etcd_txn *
etcd_txn_create(void)
{
	struct etcd_txn *txn = calloc(1, sizeof(*txn));

	if (txn == NULL)
		return NULL;
	text_init(&txn->compares, 2 * ETCD_TXN_BYTES);
	text_init(&txn->lists[0], 2 * ETCD_TXN_BYTES);
	text_init(&txn->lists[1], 2 * ETCD_TXN_BYTES);
	return txn;
}

void
etcd_txn_destroy(struct etcd_txn *txn)
{
	if (txn == NULL)
		return;
	text_finish(&txn->compares);
	text_finish(&txn->lists[0]);
	text_finish(&txn->lists[1]);
	free(txn);
}

/* There is room for ${bytes} more, which are taken. */
static bool
take(struct etcd_txn *txn, size_t bytes)
{
	if (bytes > ETCD_TXN_BYTES - txn->bytes)
		txn->too_large = true;
	else
		txn->bytes += bytes;
	return !txn->too_large;
}

/* Begin a compare; NULL when there is no room. */
static struct text *
compare(struct etcd_txn *txn, struct etcd_bytes key, enum etcd_is is,
    const char *target, size_t more)
{
	static const char *const results[] = {[ETCD_EQUAL] = "EQUAL",
	    [ETCD_NOT_EQUAL] = "NOT_EQUAL",
	    [ETCD_GREATER] = "GREATER",
	    [ETCD_LESS] = "LESS"};
	struct text *t = &txn->compares;

	if (txn->n_compares == ETCD_TXN_OPS)
		txn->too_large = true;
	if (txn->too_large || !take(txn, key.len + more))
		return NULL;
	text_add(t, "%s{\"target\":\"%s\",\"result\":\"%s\",",
	    txn->n_compares++ > 0 ? "," : "", target, results[is]);
	etcd_add_bytes(t, "key", key);
	return t;
}

void
etcd_txn_if_created(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, int64_t revision)
{
	struct text *t = compare(txn, key, is, "CREATE", 0);

	if (t != NULL)
		text_add(t, ",\"create_revision\":\"%" PRId64 "\"}", revision);
}

void
etcd_txn_if_modified(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, int64_t revision)
{
	struct text *t = compare(txn, key, is, "MOD", 0);

	if (t != NULL)
		text_add(t, ",\"mod_revision\":\"%" PRId64 "\"}", revision);
}

void
etcd_txn_if_leased(
    struct etcd_txn *txn, struct etcd_bytes key, enum etcd_is is, int64_t lease)
{
	struct text *t = compare(txn, key, is, "LEASE", 0);

	if (t != NULL)
		text_add(t, ",\"lease\":\"%" PRId64 "\"}", lease);
}

void
etcd_txn_if_value(struct etcd_txn *txn, struct etcd_bytes key, enum etcd_is is,
    struct etcd_bytes value)
{
	struct text *t = compare(txn, key, is, "VALUE", value.len);

	if (t == NULL)
		return;
	text_bytes(t, ",", 1);
	etcd_add_bytes(t, "value", value);
	text_bytes(t, "}", 1);
}

/* Begin an operation; NULL when there is no room. */
static struct text *
operation(struct etcd_txn *txn, enum etcd_op_kind kind, size_t bytes)
{
	static const char *const names[] = {[ETCD_PUT] = "request_put",
	    [ETCD_DELETE] = "request_delete_range",
	    [ETCD_GET] = "request_range"};
	struct text *t = &txn->lists[txn->at];
	size_t *n = &txn->n[txn->at];

	if (*n == ETCD_TXN_OPS)
		txn->too_large = true;
	if (txn->too_large || !take(txn, bytes))
		return NULL;
	text_add(t, "%s{\"%s\":{", *n > 0 ? "," : "", names[kind]);
	txn->kinds[txn->at][(*n)++] = kind;
	return t;
}

void
etcd_txn_put(struct etcd_txn *txn, struct etcd_bytes key,
    struct etcd_bytes value, int64_t lease)
{
	struct text *t = operation(txn, ETCD_PUT, key.len + value.len);

	if (t == NULL)
		return;
	etcd_add_bytes(t, "key", key);
	text_bytes(t, ",", 1);
	etcd_add_bytes(t, "value", value);
	if (lease != 0)
		text_add(t, ",\"lease\":\"%" PRId64 "\"", lease);
	text_bytes(t, "}}", 2);
}

void
etcd_txn_delete(
    struct etcd_txn *txn, struct etcd_bytes key, struct etcd_bytes end)
{
	const struct etcd_range range = {.key = key, .end = end};
	struct text *t = operation(txn, ETCD_DELETE, key.len + end.len);

	if (t == NULL)
		return;
	etcd_add_range(t, &range);
	text_bytes(t, "}}", 2);
}

void
etcd_txn_get(struct etcd_txn *txn, const struct etcd_range *range)
{
	struct text *t =
	    operation(txn, ETCD_GET, range->key.len + range->end.len);

	if (t == NULL)
		return;
	etcd_add_range(t, range);
	text_bytes(t, "}}", 2);
}

void
etcd_txn_else(struct etcd_txn *txn)
{
	txn->at = 1;
}

size_t
etcd_txn_ops(const struct etcd_txn *txn)
{
	return txn->n[txn->at];
}

size_t
etcd_txn_bytes(const struct etcd_txn *txn)
{
	return txn->bytes;
}

/* --- sending --- */

/* It has an answer for each operation that was to be carried out. */
static bool
fits(const void *made_from, const struct etcd_answer *answer)
{
	const struct etcd_txn *txn = made_from;
	unsigned list = answer->succeeded ? 0 : 1;

	if (answer->n_ops != txn->n[list])
		return false;
	for (size_t i = 0; i < answer->n_ops; i++)
		if (answer->ops[i].kind != txn->kinds[list][i])
			return false;
	return true;
}

static void
destroy(void *made_from)
{
	etcd_txn_destroy(made_from);
}

static void
add_list(struct text *body, const char *name, const struct text *list)
{
	text_add(body, "\"%s\":[", name);
	text_bytes(body, list->data != NULL ? list->data : "", list->len);
	text_bytes(body, "]", 1);
}

struct etcd_call *
etcd_txn_send(
    struct etcd *etcd, struct etcd_txn *txn, etcd_done done, void *context)
{
	struct etcd_call *call =
	    etcd_call_create(etcd, ETCD_KIND_TXN, "/v3/kv/txn");
	struct text *body;

	if (call == NULL) {
		etcd_txn_destroy(txn);
		return NULL;
	}
	call->made_from = txn;
	call->fits = fits;
	call->free = destroy;
	call->agreed = true;
	call->too_large = txn->too_large;
	body = &call->body;
	text_bytes(body, "{", 1);
	add_list(body, "compare", &txn->compares);
	text_bytes(body, ",", 1);
	add_list(body, "success", &txn->lists[0]);
	text_bytes(body, ",", 1);
	add_list(body, "failure", &txn->lists[1]);
	text_bytes(body, "}", 1);
	body->failed |=
	    txn->compares.failed | txn->lists[0].failed | txn->lists[1].failed;
	return etcd_call_begin(call, done, context);
}
