/*
 * Values in the data section of a MaxMind DB file (format 2.0): read in place,
 * without recursion, and never outside of the section, whatever is in it.
 * Called by the reader of records at load time; allocates nothing.
 */
#ifndef STEERING_GEO_MMDB_H
#define STEERING_GEO_MMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As the format numbers them; 0 here is no value. */
enum mmdb_type {
	MMDB_NONE,
	MMDB_POINTER,
	MMDB_TEXT,
	MMDB_DOUBLE,
	MMDB_OCTETS,
	MMDB_UINT16,
	MMDB_UINT32,
	MMDB_MAP,
	MMDB_INT32,
	MMDB_UINT64,
	MMDB_UINT128,
	MMDB_ARRAY,
	MMDB_BOOLEAN = 14,
	MMDB_FLOAT = 15
};

struct mmdb_section {
	const uint8_t *bytes;
	size_t size;
};

struct mmdb_value {
	enum mmdb_type type; /* never MMDB_POINTER: these are followed */
	uint32_t size;       /* bytes, or members of a map or an array */
	size_t start;        /* of it all: the same for all pointers to it */
	size_t payload;      /* where its bytes or its first member are */
};

/*
 * mmdb_read(section, at, value): the value at ${at}, or where a pointer there
 * leads to; ${at} moves past it, all members of a map or an array included.  0,
 * or -1 when the section does not hold it.
 */
int mmdb_read(
    const struct mmdb_section *section, size_t *at, struct mmdb_value *value);

/*
 * mmdb_find(section, map, key, value): the value of ${key} in ${map}, if that
 * is one; its type is MMDB_NONE when it is not there.  0, or -1 when something
 * before it is broken.
 */
int mmdb_find(const struct mmdb_section *section, const struct mmdb_value *map,
    const char *key, struct mmdb_value *value);

/* text = mmdb_text(section, value): its first byte, value->size of them and no
 * NUL; NULL when it is no text. */
const char *mmdb_text(
    const struct mmdb_section *section, const struct mmdb_value *value);

/* is = mmdb_unsigned(section, value, n): it is a number without a sign of at
 * most 64 bits. */
bool mmdb_unsigned(const struct mmdb_section *section,
    const struct mmdb_value *value, uint64_t *n);

/* is = mmdb_real(section, value, x): it is a double or a float. */
bool mmdb_real(const struct mmdb_section *section,
    const struct mmdb_value *value, double *x);

#endif
