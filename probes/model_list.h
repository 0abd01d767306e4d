/*
 * Reads a list of models, {"data": [{"id": "..."}, ...]} for one, piece by
 * piece as it comes in, and says whether it names one model.  Pure, without
 * allocation; fed by an attempt with answers from servers that are not trusted.
 *
 * All JSON (RFC 8259) is read, however long its numbers and texts are and
 * whatever they hold: "\u0000", half a surrogate pair, a byte order mark
 * before it.  Only the array at the top and one member of its objects are
 * looked at; of names that stand twice each counts.
 */
#ifndef PROBES_MODEL_LIST_H
#define PROBES_MODEL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays and objects in one another.  The lists of all servers that we know
 * have four; a bound, for each level takes a bit of memory. */
#define MODEL_LIST_DEPTH 512

enum model_list_verdict {
	MODEL_LIST_NAMED,
	MODEL_LIST_NOT_NAMED,
	MODEL_LIST_NONE,    /* JSON, without the array */
	MODEL_LIST_NOT_JSON /* or deeper than MODEL_LIST_DEPTH */
};

/* For model_list.c only; here, so that it can be part of another struct. */
struct model_list {
	const char *array, *member, *model;
	unsigned state;
	unsigned depth;                          /* open arrays and objects */
	uint64_t objects[MODEL_LIST_DEPTH / 64]; /* a bit: it is an object */
	const char *word; /* what must still come of true, false or null */
	/* The text that is read: */
	const char *wanted;    /* it is this so far, or NULL: it is not */
	size_t same;           /* octets of ${wanted} that came */
	uint32_t code, high;   /* of an escape; half of a surrogate pair or 0 */
	unsigned left;         /* octets or digits of a character to come */
	uint8_t low, top;      /* bounds of its next octet */
	bool is_key, key_fits; /* the last key is the one that is looked at */
	bool in_data, listed, named;
};

/*
 * model_list_init(list, array, member, model): begin to look for an object in
 * ${array} at the top that has ${model} as its ${member}; all three must live
 * as long.
 */
void model_list_init(struct model_list *list, const char *array,
    const char *member, const char *model);

/* model_list_read(list, data, len): read on. */
void model_list_read(struct model_list *list, const char *data, size_t len);

/* model_list_follow(list, model): ${model} is the same text at another place,
 * which will live on. */
void model_list_follow(struct model_list *list, const char *model);

/* verdict = model_list_end(list): that was all of it. */
enum model_list_verdict model_list_end(struct model_list *list);

#endif
