/*
 * A part of a generation that can outlive it: what was made from files, with
 * the files as they were and what was said of them.  A reload takes it over
 * while its files are the same.
 *
 * Threads: any thread may share and release; the last to release frees.
 * What is inside is immutable, and the only thing that workers see of it.
 */
#ifndef NODE_KEPT_H
#define NODE_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "base/inputs.h"

struct kept;

/*
 * kept = kept_create(part, destroy, inputs, eb, since): keep ${part}, which was
 * made from ${inputs} (taken over, and made empty), and remember what was added
 * to ${eb} since ${since}.  It has one owner; when the last one releases it,
 * ${destroy} gets ${part}.  NULL without memory: then ${part} and ${inputs} are
 * freed.
 */
struct kept *kept_create(void *part, void (*destroy)(void *part),
    struct inputs *inputs, const struct errbuf *eb, struct errbuf_mark since);

/* fresh = kept_fresh(kept): its files are as they were; false for NULL. */
bool kept_fresh(const struct kept *kept);

/* path = kept_changed(kept): the first of its files that has changed; NULL when
 * none has. */
const char *kept_changed(const struct kept *kept);

/* kept_share(kept): one owner more.  Returns ${kept}; NULL for NULL. */
struct kept *kept_share(struct kept *kept);

/* kept_repeat(kept, eb): say again in ${eb} what was said when it was made. */
void kept_repeat(const struct kept *kept, struct errbuf *eb);

/* kept_release(kept): one owner less.  NULL is fine. */
void kept_release(struct kept *kept);

/* part = kept_part(kept): what it holds; NULL for NULL. */
void *kept_part(const struct kept *kept);

/* inputs = kept_inputs(kept): the files it was made from, as they were; lives
 * as long as ${kept}. */
const struct inputs *kept_inputs(const struct kept *kept);

/* ms = kept_age_ms(kept): since it was made; kept_at_ms(kept): when that was,
 * of the wall clock. */
int64_t kept_age_ms(const struct kept *kept);
int64_t kept_at_ms(const struct kept *kept);

#endif
