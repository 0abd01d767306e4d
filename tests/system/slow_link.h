/*
 * A link between two network namespaces that takes its time and loses frames,
 * made of two TAP devices and a thread that carries between them: what tc's
 * netem does, for kernels that have none.  Called by network.c.
 */
#ifndef TESTS_SYSTEM_SLOW_LINK_H
#define TESTS_SYSTEM_SLOW_LINK_H

#include <stdbool.h>

/* fd = slow_link_end(name): an end of a link, the network device ${name}, in
 * the namespace that the thread is in; -1: not here. */
int slow_link_end(const char *name);

/*
 * link = slow_link_start(ends, delay_ms, loss): what comes out of one end goes
 * into the other ${delay_ms} later, but for ${loss} of a thousand frames and
 * those that are too many to be kept.  It takes both ends over.
 * slow_link_stop(link) closes them; NULL is taken.
 */
struct slow_link *slow_link_start(
    const int ends[2], unsigned delay_ms, unsigned loss);
void slow_link_stop(struct slow_link *link);

#endif
