/*
 * A part of a generation that can outlive it: what was made from files, with
 * the files as they were and what was said of them.  A reload takes it over
 * while its files are the same.
 *
 * Threads: the count of holders is touched by the loader of a generation, in
 * the thread of a reload, and by generation_destroy().  The control thread
 * destroys a generation only when no reload is under way: the next one is
 * adopted after the work of the reload has ended, and libuv's queue orders
 * the two.  So there is never a second thread, and the count is no atomic.
 * Workers see what is inside, which is immutable, and never this.
 */
#ifndef NODE_KEPT_H
#define NODE_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "base/inputs.h"

struct kept;

/*
 * kept = kept_create(part, destroy, inputs, eb, since): hold ${part}, which was
 * made from ${inputs} (taken over, and made empty), and remember what was added
 * to ${eb} since ${since}.  One holder.  When the last one goes, ${destroy} gets
 * ${part}.  NULL without memory: then ${part} and ${inputs} are freed.
 */
struct kept *kept_create(void *part, void (*destroy)(void *part),
    struct inputs *inputs, const struct errbuf *eb, struct errbuf_mark since);

/* fresh = kept_fresh(kept): its files are as they were; false for NULL. */
bool kept_fresh(const struct kept *kept);

/* kept_share(kept, eb): one more holder, who is told in ${eb} what was said
 * when it was made.  Returns ${kept}. */
struct kept *kept_share(struct kept *kept, struct errbuf *eb);

/* kept_hold(kept): one more holder, who is told nothing.  Returns ${kept};
 * NULL for NULL. */
struct kept *kept_hold(struct kept *kept);

/* kept_release(kept): one holder less.  NULL is fine. */
void kept_release(struct kept *kept);

/* part = kept_part(kept): what it holds; NULL for NULL. */
void *kept_part(const struct kept *kept);

/* ms = kept_age_ms(kept): since it was made. */
int64_t kept_age_ms(const struct kept *kept);

#endif
