/*
 * The known name nearest to one that is not known, for "did you mean".  For
 * files and command lines that are refused; allocates nothing.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/* The longest name (SCHEMA_NAME_MAX of config/schema.h): a longer text is no
 * slip of one. */
#define NEAREST_MAX 63

/*
 * distance = nearest_distance(a, b): insertions, deletions, substitutions and
 * swaps of neighbours that turn ${a} into ${b}, case ignored (optimal string
 * alignment).  NEAREST_MAX + 1 when one is longer than NEAREST_MAX.
 */
unsigned nearest_distance(const char *a, const char *b);

struct nearest {
	const char *wanted;
	const char *best; /* NULL: nothing is near enough */
	unsigned distance;
};

/* nearest_init(n, wanted): nothing was offered yet. */
void nearest_init(struct nearest *n, const char *wanted);

/* nearest_offer(n, name): take ${name} if it is nearer than the best so far and
 * shares two thirds of its letters with what is wanted. */
void nearest_offer(struct nearest *n, const char *name);

#endif
