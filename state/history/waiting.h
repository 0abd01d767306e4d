/*
 * Batches that wait to be written, as they came row by row.  For the process
 * that writes a history: while its file is away or its disk full, the newest
 * are kept.
 */
#ifndef STATE_HISTORY_WAITING_H
#define STATE_HISTORY_WAITING_H

#include <stddef.h>

#include "state/history/batch.h"
#include "state/history/recorder_frame.h"

/* What may wait: 10 minutes of a large node (1,000 services by 12 regions have
 * some 30,000 rows a minute), a day of a small one. */
#define WAITING_BYTES ((size_t)64 << 20)
#define WAITING_BATCHES 1440

struct waiting;

/* waiting = waiting_create(): nothing waits.  NULL without memory.
 * waiting_destroy(waiting): free all; NULL is fine. */
struct waiting *waiting_create(void);
void waiting_destroy(struct waiting *waiting);

/*
 * lost = waiting_take(waiting, frame): take one frame of a batch.  The number
 * of batches, the oldest, that were dropped for it; -1 when it makes no sense.
 * A batch that is cut off by the beginning of another never was.
 */
int waiting_take(struct waiting *waiting, const struct frame *frame);

/* batch = waiting_first(waiting): the oldest that is whole, or NULL; valid
 * until waiting_drop(waiting), which drops it. */
const struct history_batch *waiting_first(const struct waiting *waiting);
void waiting_drop(struct waiting *waiting);

#endif
