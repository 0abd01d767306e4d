/*
 * What other programs call the keys of our files, for "did you mean".  Asked by
 * the schema when a key is unknown; no such word is ever accepted.
 */
#ifndef CONFIG_SYNONYM_H
#define CONFIG_SYNONYM_H

#include <stdbool.h>

/* is = synonym_of(text, key): ${text}, in any case, is what an operator may
 * call the ${key} of ours. */
bool synonym_of(const char *text, const char *key);

#endif
