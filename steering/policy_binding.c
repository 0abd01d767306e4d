/*
 * Compiles the HTTPS and SVCB records of services (RFC 9460, 2.2), without the
 * address hints, which each answer gets its own of.  Called by
 * policy_service.c; knows no endpoint.
 */
#include "steering/policy_build.h"

#include <string.h>

#include "base/arena.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* Parameters by number (RFC 9460, 14.3.2; RFC 9461; RFC 9540). */
enum param {
	PARAM_MANDATORY = 0,
	PARAM_ALPN = 1,
	PARAM_NO_DEFAULT_ALPN = 2,
	PARAM_PORT = 3,
	PARAM_ECH = 5,
	PARAM_DOHPATH = 7,
	PARAM_OHTTP = 8,
};
#define PARAM_FIXED 4 /* a key, and the length of its value */
#define ALPN_TEXT 255 /* octets of a protocol's name */
#define PARAMS 9

/* Octets of a record: the longest name, and the values that the reader of the
 * file lets through: 32 protocols, a list of keys for ECH, a path. */
#define BINDING_MAX                                                \
	(RECORD_FIXED + 2 + NAME_MAX_WIRE + PARAMS * PARAM_FIXED + \
	    2 * PARAMS + 32 * (1 + ALPN_TEXT) + 2 + 4096 + 255)

/* Write a parameter of ${len} octets; false where the record is longer than
 * the reader of the file lets one be. */
static bool
put_param(struct writer *w, enum param key, const void *value, size_t len)
{
	uint8_t *p = writer_take(w, PARAM_FIXED);

	if (p == NULL)
		return false;
	wire_put16(p, (uint16_t)key);
	wire_put16(p + 2, (uint16_t)len);
	if (len > 0)
		writer_bytes(w, value, len);
	return !w->full;
}

static bool
put_mandatory(struct writer *w, uint16_t set)
{
	uint8_t keys[2 * 16];
	size_t len = 0;

	for (unsigned key = 0; key < 16; key++) {
		if (!(set >> key & 1))
			continue;
		wire_put16(keys + len, (uint16_t)key);
		len += 2;
	}
	return len == 0 || put_param(w, PARAM_MANDATORY, keys, len);
}

static bool
put_alpn(struct writer *w, const struct binding_config *config)
{
	size_t at = w->len;

	if (config->n_alpn == 0)
		return true;
	if (!put_param(w, PARAM_ALPN, NULL, 0))
		return false;
	for (size_t i = 0; i < config->n_alpn; i++) {
		uint8_t len = (uint8_t)strlen(config->alpn[i]);

		writer_bytes(w, &len, 1);
		writer_bytes(w, config->alpn[i], len);
	}
	if (!w->full)
		wire_put16(
		    w->data + at + 2, (uint16_t)(w->len - at - PARAM_FIXED));
	return !w->full;
}

/* The parameters in the order of their keys, and where hints are to go. */
static bool
put_params(struct writer *w, const struct binding_config *config,
    struct answer_binding *record)
{
	uint8_t port[2];

	wire_put16(port, config->port);
	if (!put_mandatory(w, config->mandatory) || !put_alpn(w, config))
		return false;
	if (config->no_default_alpn &&
	    !put_param(w, PARAM_NO_DEFAULT_ALPN, NULL, 0))
		return false;
	if (config->port != 0 && !put_param(w, PARAM_PORT, port, sizeof(port)))
		return false;
	record->ipv4_at = (uint16_t)w->len;
	if (config->ech != NULL &&
	    !put_param(w, PARAM_ECH, config->ech, config->n_ech))
		return false;
	record->ipv6_at = (uint16_t)w->len;
	if (config->dohpath != NULL &&
	    !put_param(
		w, PARAM_DOHPATH, config->dohpath, strlen(config->dohpath)))
		return false;
	return !config->ohttp || put_param(w, PARAM_OHTTP, NULL, 0);
}

/* The whole record; its owner and TTL are put in at the answer. */
static bool
put_record(struct writer *w, const struct binding_config *config, uint16_t type,
    struct answer_binding *record)
{
	uint8_t name[NAME_MAX_WIRE];
	int len = name_parse(config->target, NULL, name);
	uint8_t *p = writer_take(w, RECORD_FIXED + 2);

	if (len < 0 || p == NULL)
		return false;
	wire_put16(p, POINTER_QNAME);
	wire_put16(p + 2, type);
	wire_put16(p + 4, CLASS_IN);
	wire_put32(p + 6, 0);
	wire_put16(p + RECORD_FIXED, config->priority);
	writer_bytes(w, name, (size_t)len);
	if (w->full || !put_params(w, config, record))
		return false;
	wire_put16(p + 10, (uint16_t)(w->len - RECORD_FIXED));
	return true;
}

const struct policy_binding *
policy_binding_build(
    struct policy_build *b, const struct binding_config *config, uint16_t type)
{
	struct policy_binding *out = arena_alloc(b->arena, sizeof(*out));
	uint8_t record[BINDING_MAX], *image;
	struct writer w = {.data = record, .room = sizeof(record)};

	if (out == NULL) {
		policy_out_of_memory(b);
		return NULL;
	}
	if (!put_record(&w, config, type, &out->record)) {
		errbuf_error(
		    b->eb, NULL, "an HTTPS or SVCB record is too long");
		return NULL;
	}
	image = arena_bytes(b->arena, w.len);
	if (image == NULL) {
		policy_out_of_memory(b);
		return NULL;
	}
	memcpy(image, record, w.len);
	out->record.image = image;
	out->record.size = (uint16_t)w.len;
	out->hinted = strcmp(config->target, ".") == 0;
	return out;
}
