/*
 * Families of zones: a parent, its children and siblings, as text, made from a
 * seed and an index.  Called by the differential test; knows no server.
 *
 * A '%' in any name stands for the number of the family, so that variants of
 * one can be loaded side by side.
 */
#ifndef TESTS_DIFFERENTIAL_FAMILY_H
#define TESTS_DIFFERENTIAL_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FAMILY_ZONES 3
#define NAME_TEXT 256 /* a name with its last dot, and the NUL */
#define DATA_TEXT 640 /* the longest data: a signature with a long name */

struct record {
	char owner[NAME_TEXT];
	char type[16];
	uint32_t ttl_s;
	char data[DATA_TEXT];
};

enum denial { DENIAL_NONE, DENIAL_NSEC, DENIAL_NSEC3, DENIAL_OPTOUT };

struct zone_text {
	char apex[NAME_TEXT];
	enum denial denial; /* how it is signed, if at all */
	bool salted;        /* NSEC3 with a salt and more than one iteration */
	struct record *records;
	size_t n_records, room;
};

struct family {
	uint64_t seed;
	unsigned index;
	struct zone_text zones[FAMILY_ZONES];
	size_t n_zones;
};

/* family_make(f, seed, index): the same family for the same arguments. */
void family_make(struct family *f, uint64_t seed, unsigned index);

/* true when one of its zones is signed. */
bool family_signed(const struct family *f);

/* family_instance(to, from, number): with ${number} in place of each '%'. */
void family_instance(
    struct family *to, const struct family *from, unsigned number);

/* text_number(out, size, text, number): the same for one text. */
void text_number(char *out, size_t size, const char *text, unsigned number);

/* family_copy(to, from), family_finish(f): with all records. */
void family_copy(struct family *to, const struct family *from);
void family_finish(struct family *f);

/* r = zone_text_add(z, owner, type, ttl_s): a record without data yet. */
struct record *zone_text_add(
    struct zone_text *z, const char *owner, const char *type, uint32_t ttl_s);

/* zone_text_remove(z, first, n): ${n} records from number ${first} on. */
void zone_text_remove(struct zone_text *z, size_t first, size_t n);

/* zone_text_has(z, owner, type): ${type} may be NULL for any. */
bool zone_text_has(
    const struct zone_text *z, const char *owner, const char *type);

/* zone_text_behind_cut(z, name): whether ${name} or one above it, but not the
 * apex, has an NS set. */
bool zone_text_behind_cut(const struct zone_text *z, const char *name);

/* zone_text_print(z, f): as a master file. */
void zone_text_print(const struct zone_text *z, FILE *f);

/* text_at_or_below(name, top), text_parent(name): names as text; "." is the
 * root, and its parent NULL. */
bool text_at_or_below(const char *name, const char *top);
const char *text_parent(const char *name);

/* text_join(out, label, name): ${label}.${name}; false, and nothing written,
 * when that is too long for a name. */
bool text_join(char out[NAME_TEXT], const char *label, const char *name);

#endif
