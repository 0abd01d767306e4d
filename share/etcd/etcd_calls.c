/*
 * The calls that are no transactions, as etcd's JSON; see etcd.h.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/codec.h"
#include "share/etcd/etcd_private.h"

void
etcd_add_bytes(struct text *t, const char *name, struct etcd_bytes bytes)
{
	char *digits = malloc(CODEC_TEXT(bytes.len));

	if (digits == NULL) {
		t->failed = true;
		return;
	}
	text_add(t, "\"%s\":\"", name);
	codec_encode(CODEC_BASE64, bytes.data, bytes.len, digits);
	text_bytes(t, digits, strlen(digits));
	text_bytes(t, "\"", 1);
	free(digits);
}

void
etcd_add_range(struct text *t, const struct etcd_range *range)
{
	etcd_add_bytes(t, "key", range->key);
	if (range->end.len > 0) {
		text_bytes(t, ",", 1);
		etcd_add_bytes(t, "range_end", range->end);
	}
	if (range->revision > 0)
		text_add(t, ",\"revision\":\"%" PRId64 "\"", range->revision);
	if (range->limit > 0)
		text_add(t, ",\"limit\":\"%" PRId64 "\"", range->limit);
	if (range->keys_only)
		text_add(t, ",\"keys_only\":true");
	if (range->count_only)
		text_add(t, ",\"count_only\":true");
	if (range->serializable)
		text_add(t, ",\"serializable\":true");
}

/* --- calls --- */

struct etcd_call *
etcd_range(struct etcd *etcd, const struct etcd_range *range, etcd_done done,
    void *context)
{
	struct etcd_call *call =
	    etcd_call_create(etcd, ETCD_KIND_RANGE, "/v3/kv/range");

	if (call == NULL)
		return NULL;
	call->again = true;
	call->agreed = !range->serializable;
	call->local = range->serializable;
	text_bytes(&call->body, "{", 1);
	etcd_add_range(&call->body, range);
	text_bytes(&call->body, "}", 1);
	return etcd_call_begin(call, done, context);
}

/* A lease that was granted twice ends by itself. */
struct etcd_call *
etcd_lease_grant(
    struct etcd *etcd, int64_t ttl_s, etcd_done done, void *context)
{
	struct etcd_call *call =
	    etcd_call_create(etcd, ETCD_KIND_GRANT, "/v3/lease/grant");

	if (call == NULL)
		return NULL;
	call->again = true;
	call->agreed = true;
	text_add(&call->body, "{\"TTL\":\"%" PRId64 "\"}", ttl_s);
	return etcd_call_begin(call, done, context);
}

static struct etcd_call *
of_lease(struct etcd *etcd, enum etcd_kind kind, const char *path,
    int64_t lease, etcd_done done, void *context)
{
	struct etcd_call *call = etcd_call_create(etcd, kind, path);

	if (call == NULL)
		return NULL;
	call->again = true;
	text_add(&call->body, "{\"ID\":\"%" PRId64 "\"}", lease);
	return etcd_call_begin(call, done, context);
}

struct etcd_call *
etcd_lease_keep(struct etcd *etcd, int64_t lease, etcd_done done, void *context)
{
	return of_lease(
	    etcd, ETCD_KIND_KEEP, "/v3/lease/keepalive", lease, done, context);
}

struct etcd_call *
etcd_lease_revoke(
    struct etcd *etcd, int64_t lease, etcd_done done, void *context)
{
	return of_lease(
	    etcd, ETCD_KIND_REVOKE, "/v3/lease/revoke", lease, done, context);
}

struct etcd_call *
etcd_status(struct etcd *etcd, size_t i, etcd_done done, void *context)
{
	struct etcd_call *call =
	    etcd_call_create(etcd, ETCD_KIND_STATUS, "/v3/maintenance/status");

	if (call == NULL)
		return NULL;
	call->again = true;
	call->local = true;
	call->alone = true;
	call->endpoint = i;
	text_bytes(&call->body, "{}", 2);
	return etcd_call_begin(call, done, context);
}
