/* All endpoints of the files, for the jury.  Called when the files are read. */
#include "probes/control/judged.h"

#include <stdlib.h>

int
judged_build(struct judged *judged, const struct server_config *server,
    struct steering_config *const *steering, struct errbuf *eb)
{
	struct policy_input *zones =
	    calloc(server->n_zones + 1, sizeof(*zones));

	if (zones == NULL)
		return errbuf_error(eb, NULL, "no memory for the zones");
	for (size_t i = 0; i < server->n_zones; i++)
		zones[i] =
		    (struct policy_input){server->zones[i].name, steering[i]};
	*judged = (struct judged){
	    .policy = policy_build_judged(zones, server->n_zones, eb),
	    .stale_after_ms = server->stale_after_ms,
	    .then = server->stale_then,
	    .blind_ppm = server->blind_ppm};
	free(zones);
	return judged->policy != NULL ? 0 : -1;
}

void
judged_finish(struct judged *judged)
{
	policy_destroy(judged->policy);
	judged->policy = NULL;
}

struct jury *
judged_jury(const struct judged *judged, int64_t mono_ms)
{
	struct jury *jury = jury_create();

	if (jury == NULL)
		return NULL;
	jury_configure(jury, judged->stale_after_ms, judged->then);
	jury_allow_missed(jury, judged->blind_ppm);
	if (jury_adopt(jury, judged->policy, mono_ms) == 0)
		return jury;
	jury_destroy(jury);
	return NULL;
}
