/* What the kernel knows of this process, as metrics. */
#ifndef PROBES_PAGES_PAGES_PROCESS_H
#define PROBES_PAGES_PAGES_PROCESS_H

#include "base/text.h"

/* pages_process(out): its descriptors, their limit, its memory, under the names
 * that all programs with such a page use.  What cannot be read is left out. */
void pages_process(struct text *out);

#endif
