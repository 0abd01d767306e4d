/*
 * Records of a zone that is being built.  Included by the files that build it.
 */
#ifndef DNS_ZONE_ZONE_BUILDER_PRIVATE_RECORD_H
#define DNS_ZONE_ZONE_BUILDER_PRIVATE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/errbuf.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* A record on its way into a set. */
struct zone_record {
	uint8_t *image;
	const char *file;
	uint32_t line, column;
	uint32_t next; /* of the same owner: number + 1, or 0 */
};

/* Parts of a record's image. */

static inline uint16_t
record_type(const struct zone_record *r)
{
	return wire_get16(r->image + 2);
}

static inline uint32_t
record_ttl(const struct zone_record *r)
{
	return wire_get32(r->image + 6);
}

static inline const uint8_t *
record_rdata(const struct zone_record *r)
{
	return r->image + RECORD_FIXED;
}

static inline size_t
record_rdata_size(const struct zone_record *r)
{
	return wire_get16(r->image + 10);
}

/* The type that an RRSIG record signs; 0 for others. */
static inline uint16_t
record_covers(const struct zone_record *r)
{
	return record_type(r) == TYPE_RRSIG ? wire_get16(record_rdata(r)) : 0;
}

static inline struct mark
record_mark(const struct zone_record *r)
{
	return (struct mark){r->file, r->line, r->column};
}

/* Where a record at ${other} stands, for a message at ${at}: "line 7", or with
 * its file when that is another one.  Returns ${out}. */
#define PLACE_TEXT 512
static inline const char *
mark_place(struct mark other, const struct mark *at, char out[PLACE_TEXT])
{
	if (at->file == other.file)
		snprintf(out, PLACE_TEXT, "line %u", other.line);
	else
		snprintf(out, PLACE_TEXT, "%s:%u", other.file, other.line);
	return out;
}

#endif
