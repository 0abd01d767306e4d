/*
 * Control bytes, pointers and payloads of the MaxMind DB file format 2.0.  Each
 * step moves forward and stays inside of the section, so that no file makes it
 * read elsewhere, or for ever.  Called by record.c.
 */
#include "steering/geo/mmdb.h"

#include <string.h>

/* Types above 7 are written as 0, and in the next byte less 7. */
#define EXTENDED 7
/* Sizes from 29 on are in the next one to three bytes. */
#define SIZE_8 29
#define SIZE_16 (SIZE_8 + 256)
#define SIZE_24 (SIZE_16 + 65536)
/* What pointers of 19 and 27 bits begin at: shorter ones reach that far. */
#define POINTER_19 2048
#define POINTER_27 526336

/* ${n} bytes at ${at} as a number, most significant first; at most 8. */
static uint64_t
big_endian(const struct mmdb_section *s, size_t at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | s->bytes[at + i];
	return value;
}

/* Whether ${n} bytes from ${at} on are in the section. */
static bool
holds(const struct mmdb_section *s, size_t at, size_t n)
{
	return at <= s->size && n <= s->size - at;
}

/* Where the pointer with the control byte before ${at} leads to. */
static int
read_pointer(
    const struct mmdb_section *s, uint8_t control, size_t *at, size_t *target)
{
	static const uint32_t base[] = {0, POINTER_19, POINTER_27, 0};
	size_t n = (control >> 3 & 3U) + 1U;
	uint64_t high = n < 4 ? control & 7U : 0;

	if (!holds(s, *at, n))
		return -1;
	*target =
	    (size_t)((high << 8 * n | big_endian(s, *at, n)) + base[n - 1]);
	*at += n;
	return 0;
}

/* Control byte, type and size at ${at}, which moves to the payload. */
static int
read_control(const struct mmdb_section *s, size_t *at, uint8_t *control,
    struct mmdb_value *value)
{
	static const uint32_t base[] = {SIZE_8, SIZE_16, SIZE_24};
	unsigned type, more;

	if (!holds(s, *at, 1))
		return -1;
	value->start = *at;
	*control = s->bytes[(*at)++];
	type = *control >> 5;
	if (type == 0) {
		if (!holds(s, *at, 1))
			return -1;
		type = s->bytes[(*at)++] + EXTENDED;
		/* 12 and 13 are no values of records. */
		if (type <= EXTENDED || type > MMDB_FLOAT ||
		    (type > MMDB_ARRAY && type < MMDB_BOOLEAN))
			return -1;
	}
	value->type = (enum mmdb_type)type;
	value->size = *control & 31U;
	more = value->size < SIZE_8 ? 0 : value->size - SIZE_8 + 1;
	if (type == MMDB_POINTER || more == 0)
		return 0;
	if (!holds(s, *at, more))
		return -1;
	value->size = base[more - 1] + (uint32_t)big_endian(s, *at, more);
	*at += more;
	return 0;
}

static bool
has_members(const struct mmdb_value *value)
{
	return value->type == MMDB_MAP || value->type == MMDB_ARRAY;
}

/* Move ${at}, the payload of ${value}, past it. */
static int
pass(const struct mmdb_section *s, const struct mmdb_value *value, size_t *at)
{
	/* A boolean has its value for a size. */
	size_t n = value->type == MMDB_BOOLEAN ? 0 : value->size;

	if (!holds(s, *at, n))
		return -1;
	*at += n;
	return 0;
}

/* Move ${at}, the first member of ${value}, past all of them.  Each member
 * takes a byte at least, so that a wrong number of them ends. */
static int
pass_members(
    const struct mmdb_section *s, const struct mmdb_value *value, size_t *at)
{
	uint64_t left =
	    value->type == MMDB_MAP ? UINT64_C(2) * value->size : value->size;

	for (; left > 0; left--) {
		struct mmdb_value member;
		uint8_t control;
		size_t target;
		int status;

		if (read_control(s, at, &control, &member) != 0)
			return -1;
		if (has_members(&member)) {
			left += member.type == MMDB_MAP
			    ? UINT64_C(2) * member.size
			    : member.size;
			continue;
		}
		status = member.type == MMDB_POINTER
		    ? read_pointer(s, control, at, &target)
		    : pass(s, &member, at);
		if (status != 0)
			return -1;
	}
	return 0;
}

int
mmdb_read(const struct mmdb_section *s, size_t *at, struct mmdb_value *value)
{
	uint8_t control;

	if (read_control(s, at, &control, value) != 0)
		return -1;
	if (value->type == MMDB_POINTER) {
		size_t target;

		if (read_pointer(s, control, at, &target) != 0 ||
		    read_control(s, &target, &control, value) != 0)
			return -1;
		value->payload = target;
		/* A pointer to a pointer is not allowed. */
		if (value->type == MMDB_POINTER)
			return -1;
		return has_members(value) ? 0 : pass(s, value, &target);
	}
	value->payload = *at;
	return has_members(value) ? pass_members(s, value, at)
				  : pass(s, value, at);
}

int
mmdb_find(const struct mmdb_section *s, const struct mmdb_value *map,
    const char *key, struct mmdb_value *value)
{
	size_t at = map->payload, len = strlen(key);
	struct mmdb_value name;

	for (uint32_t i = 0; map->type == MMDB_MAP && i < map->size; i++) {
		if (mmdb_read(s, &at, &name) != 0 || name.type != MMDB_TEXT ||
		    mmdb_read(s, &at, value) != 0)
			return -1;
		if (name.size == len &&
		    memcmp(s->bytes + name.payload, key, len) == 0)
			return 0;
	}
	value->type = MMDB_NONE;
	return 0;
}

const char *
mmdb_text(const struct mmdb_section *s, const struct mmdb_value *value)
{
	return value->type == MMDB_TEXT
	    ? (const char *)s->bytes + value->payload
	    : NULL;
}

bool
mmdb_unsigned(
    const struct mmdb_section *s, const struct mmdb_value *value, uint64_t *n)
{
	if ((value->type != MMDB_UINT16 && value->type != MMDB_UINT32 &&
		value->type != MMDB_UINT64) ||
	    value->size > sizeof(*n))
		return false;
	*n = big_endian(s, value->payload, value->size);
	return true;
}

bool
mmdb_real(
    const struct mmdb_section *s, const struct mmdb_value *value, double *x)
{
	uint64_t bits;
	uint32_t half;
	float single;

	if (value->type == MMDB_DOUBLE && value->size == sizeof(bits)) {
		bits = big_endian(s, value->payload, sizeof(bits));
		memcpy(x, &bits, sizeof(bits));
		return true;
	}
	if (value->type == MMDB_FLOAT && value->size == sizeof(half)) {
		half = (uint32_t)big_endian(s, value->payload, sizeof(half));
		memcpy(&single, &half, sizeof(half));
		*x = (double)single;
		return true;
	}
	return false;
}
