/*
 * Writes record sets with pointers in the place of names that are in the
 * message before them: the owner's, and those of the set itself (RFC 1035,
 * 4.1.4). Called while a zone is built, never by a worker.
 */
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/zone_builder_private_check.h"

/* Names that later ones may point to, and pointers of one set: more than any
 * set in use has. */
#define MAX_ANCHORS 64
#define MAX_POINTERS 1024
/* Lengths and octets that are compared for one set, a millisecond's worth: of
 * the worst sets the rest stays as it is. */
#define MAX_COMPARED (1 << 20)

/* A name in the image so far, and its offset there. */
struct anchor {
	const uint8_t *name; /* in the image without compression */
	uint16_t at;
	uint8_t len;
};

struct compressor {
	const uint8_t *owner;
	size_t owner_len;
	bool owner_has[NAME_MAX_WIRE + 1]; /* a name above it of such length */
	uint8_t *image;
	size_t len, compared;
	unsigned n_anchors, n_pointers;
	struct anchor anchors[MAX_ANCHORS];
	struct name_pointer pointers[MAX_POINTERS];
};

/* Where the names are in the RDATA of a type. */
struct layout {
	uint8_t before; /* octets in front of them */
	uint8_t names;
};

static struct layout
layout_of(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
	case TYPE_PTR:
		return (struct layout){0, 1};
	case TYPE_SOA:
		return (struct layout){0, 2};
	case TYPE_MX:
		return (struct layout){2, 1};
	default:
		return (struct layout){0, 0};
	}
}

static void
put(struct compressor *c, const uint8_t *bytes, size_t n)
{
	memcpy(c->image + c->len, bytes, n);
	c->len += n;
}

/*
 * Find what the name of ${len} octets can be replaced by.  In the case of the
 * owner it is the question's that is seen; within the set all keep their own.
 */
static bool
find_anchor(struct compressor *c, const uint8_t *name, size_t len, uint16_t *to)
{
	if (c->owner_has[len]) {
		c->compared += len;
		*to = (uint16_t)(POINTER_OWNER | len);
		if (name_equal(c->owner + c->owner_len - len, name))
			return true;
	}
	c->compared += c->n_anchors;
	for (unsigned i = 0; i < c->n_anchors; i++) {
		if (c->anchors[i].len != len)
			continue;
		c->compared += len;
		*to = c->anchors[i].at;
		if (memcmp(c->anchors[i].name, name, len) == 0)
			return true;
	}
	return false;
}

static void
remember(struct compressor *c, const uint8_t *name, size_t len)
{
	if (c->n_anchors < MAX_ANCHORS && c->len < POINTER_REACH)
		c->anchors[c->n_anchors++] =
		    (struct anchor){name, (uint16_t)c->len, (uint8_t)len};
}

/* After the last label comes the root, or a pointer to the rest. */
static void
put_name(struct compressor *c, const uint8_t *name)
{
	size_t len = name_length(name);
	uint16_t to;

	while (len > 1 && c->n_pointers < MAX_POINTERS &&
	    c->compared < MAX_COMPARED) {
		if (find_anchor(c, name, len, &to)) {
			c->pointers[c->n_pointers++] =
			    (struct name_pointer){(uint16_t)c->len, to};
			c->len += 2;
			return;
		}
		remember(c, name, len);
		put(c, name, *name + 1u);
		len -= *name + 1u;
		name = name_parent(name);
	}
	put(c, name, len);
}

/* One record of an image; its octets there. */
static size_t
put_record(
    struct compressor *c, const uint8_t *record, const struct layout *layout)
{
	size_t size = RECORD_FIXED + wire_get16(record + 10);
	size_t start = c->len, read = RECORD_FIXED + layout->before;

	put(c, record, read);
	for (unsigned i = 0; i < layout->names; i++) {
		put_name(c, record + read);
		read += name_length(record + read);
	}
	put(c, record + read, size - read);
	wire_put16(
	    c->image + start + 10, (uint16_t)(c->len - start - RECORD_FIXED));
	return size;
}

/* What was made; NULL without memory. */
static const struct compressed *
keep(struct arena *arena, const struct compressor *c)
{
	size_t pointers = c->n_pointers * sizeof(c->pointers[0]);
	struct compressed *kept = arena_alloc(arena, sizeof(*kept) + pointers);
	uint8_t *image = arena_bytes(arena, c->len);

	if (kept == NULL || image == NULL)
		return NULL;
	memcpy(image, c->image, c->len);
	memcpy(kept->pointers, c->pointers, pointers);
	kept->image = image;
	kept->size = (uint16_t)c->len;
	kept->n_pointers = (uint16_t)c->n_pointers;
	return kept;
}

static void
start(struct compressor *c, const uint8_t *owner)
{
	size_t len;

	/* Under the names that a wildcard answers for, "*" is not in the
	 * message. */
	if (name_is_wildcard(owner))
		owner = name_parent(owner);
	c->owner = owner;
	c->owner_len = len = name_length(owner);
	memset(c->owner_has, 0, sizeof(c->owner_has));
	for (; len > 1; owner = name_parent(owner)) {
		c->owner_has[len] = true;
		len -= *owner + 1u;
	}
	c->len = c->compared = c->n_anchors = c->n_pointers = 0;
}

void
zone_builder_compress(
    struct zone_builder *b, const uint8_t *owner, struct rrset *set)
{
	struct layout layout = layout_of(set->type);
	struct compressor c;

	set->compressed = NULL;
	if (layout.names == 0)
		return;
	start(&c, owner);
	c.image = b->folded[0];
	for (size_t at = 0; at < set->size;)
		at += put_record(&c, set->image + at, &layout);
	if (c.n_pointers == 0)
		return;
	set->compressed = keep(b->zone->arena, &c);
	if (set->compressed == NULL)
		check_no_memory(b);
}
