/*
 * What is judged, for those who control by load and walk ramps: all endpoints
 * of the files of a node, not theirs alone, as a vantage is blind by all that
 * it sees.  Built with the table of targets; only data after that.
 */
#ifndef PROBES_CONTROL_JUDGED_H
#define PROBES_CONTROL_JUDGED_H

#include "config/server.h"
#include "config/steering.h"
#include "steering/jury.h"

struct judged {
	struct policy *policy;
	/* As meridiand has them. */
	uint64_t stale_after_ms;
	enum stale_then then;
	uint32_t blind_ppm;
};

/* status = judged_build(judged, server, steering, eb): that of the zones of
 * ${server}, whose files are ${steering}, NULL for one that is not steered.
 * 0, or -1 with errors in ${eb}.  judged_finish(judged): free it. */
int judged_build(struct judged *judged, const struct server_config *server,
    struct steering_config *const *steering, struct errbuf *eb);
void judged_finish(struct judged *judged);

/* jury = judged_jury(judged, mono_ms): one that knows nothing yet.  NULL
 * without memory.  It is told of no node: cut off, nobody steps by it. */
struct jury *judged_jury(const struct judged *judged, int64_t mono_ms);

#endif
