/* What was said by hand that an explained answer goes by. */
#ifndef CTL_EXPLAIN_HAND_H
#define CTL_EXPLAIN_HAND_H

#include <jansson.h>

/*
 * explain_hand_add(root, path): add to the explanation ${root} "by_hand", the
 * overrides in force that its answer goes by, as override_text_object() has
 * them, with "words": of what "said" lists as drained, forced or weighed, and
 * of the service itself.  Read from the state database ${path}; one that cannot
 * be read adds none.
 */
void explain_hand_add(json_t *root, const char *path);

#endif
