/*
 * Says an override: looks whether it has a target, breaks the safety rule or
 * comes too soon, writes it to the state database, and tells what it did.  For
 * the subcommands drain, undrain, force, weight, freeze and canary.
 */
#ifndef CTL_OVERRIDE_SAY_H
#define CTL_OVERRIDE_SAY_H

#include "ctl/override_words.h"

/* Exit statuses: said; refused, by the safety rule, by the wait or as it means
 * nothing; not said, as files or database cannot be used. */
enum { OVERRIDE_SAID = 0, OVERRIDE_REFUSED = 1, OVERRIDE_UNABLE = 2 };

#define OVERRIDE_STATUS                                               \
	"Status: 0 said, 1 refused (safety, wait, no such target),\n" \
	"2 files or state database cannot be used.\n"

/*
 * status = override_say(path, wish): say what ${wish} wants, of the node whose
 * file is ${path}.  Fills in its number and time.  An exit status.
 */
int override_say(const char *path, struct override_wish *wish);

#endif
