/*
 * Domain names in wire form (RFC 1035, 3.1): measure, fold to lower case,
 * compare, print, parse.  A name here is uncompressed, ends with the root
 * label, and has at most 255 octets.  Used by dns/, steering/ and ctl/.
 */
#ifndef DNS_WIRE_NAME_H
#define DNS_WIRE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_MAX_WIRE 255
#define NAME_MAX_LABELS 128 /* the root label counted */
/* Each octet may need \DDD. */
#define NAME_TEXT (4 * NAME_MAX_WIRE + 2)

/* len = name_length(name): octets of ${name}, its root label counted. */
size_t name_length(const uint8_t *name);

/* size = name_measure(octets, len): octets of the whole name, without
 * compression, that begins the ${len} octets; 0 when there is none. */
size_t name_measure(const uint8_t *octets, size_t len);

/* n = name_labels(name): labels of ${name}, the root label not counted. */
unsigned name_labels(const uint8_t *name);

/* name_lower(out, name, len): copy with A-Z folded to a-z (RFC 4343). */
void name_lower(uint8_t *out, const uint8_t *name, size_t len);

/* name_equal(a, b): the same name, case folded. */
bool name_equal(const uint8_t *a, const uint8_t *b);

/* is = name_is_wildcard(name): its first label is "*" (RFC 4592, 2.1.1). */
static inline bool
name_is_wildcard(const uint8_t *name)
{
	return name[0] == 1 && name[1] == '*';
}

/* Octets that "*" below a name may take, which can be no name any more. */
#define NAME_MAX_WILDCARD (NAME_MAX_WIRE + 2)

/* len = name_wildcard(out, name, len): the name "*" below ${name} of ${len}
 * octets, to ${out}[NAME_MAX_WILDCARD]. */
size_t name_wildcard(uint8_t *out, const uint8_t *name, size_t len);

/* parent = name_parent(name): the name without its first label. */
const uint8_t *name_parent(const uint8_t *name);

/*
 * suffix = name_below(name, apex): the part of ${name} that equals ${apex}
 * (case folded) when ${name} is at or below it, else NULL.
 */
const uint8_t *name_below(const uint8_t *name, const uint8_t *apex);

/*
 * order = name_compare(a, b): the canonical order of ${a} and ${b} (RFC 4034,
 * 6.1): below 0 when ${a} comes first, 0 the same, above 0 when it comes last.
 * Both are in lower case.
 */
int name_compare(const uint8_t *a, const uint8_t *b);

/* len = name_shared(a, b): octets of the longest name that both are at or
 * below, 1 when that is the root.  Both are in lower case. */
size_t name_shared(const uint8_t *a, const uint8_t *b);

/*
 * len = name_parse(text, origin, out): read the presentation form ${text}
 * (\. and \DDD understood), relative to the wire name ${origin} unless it ends
 * in a dot; "@" is the origin itself; a NULL origin is the root.  Write the
 * wire form, case kept, to ${out}[NAME_MAX_WIRE].  Its length, or -1 when the
 * text is no name.
 */
int name_parse(const char *text, const uint8_t *origin, uint8_t *out);

/* name_format(name, out): presentation form with the last dot ("." the root),
 * to ${out}[NAME_TEXT].  Returns out. */
const char *name_format(const uint8_t *name, char *out);

/*
 * twice = name_repeats(name, origin, apex): ${name}, which was read relative to
 * ${origin}, ends in ${apex} already before that was added: most often a last
 * dot that was forgotten.  All in wire form; false for the root as ${apex}, and
 * for a name that is not below ${origin}.
 */
bool name_repeats(
    const uint8_t *name, const uint8_t *origin, const uint8_t *apex);

/* h = name_hash(lower, len): the hash of a name already in lower case. */
uint64_t name_hash(const uint8_t *lower, size_t len);

#endif
