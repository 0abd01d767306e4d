/*
 * What every daemon does before it serves: read its command line, take the
 * descriptors it may have, become another user.  Called by the main() of
 * meridiand, meridian-probe and meridian-share.
 */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/errbuf.h"

/*
 * status = daemon_options(name, about, argc, argv, path, strict): read the
 * options that the daemons share: -c FILE to ${path}, -v (log more), --strict
 * to ${strict}, which is no option of a daemon that gives NULL, --help, which
 * prints the lines of ${about}, and --version; and open the log.  -1 to go on;
 * else the exit status to end with.
 */
int daemon_options(const char *name, const char *about, int argc, char **argv,
    const char **path, bool *strict);

/*
 * daemon_take_reloads(): from now on SIGHUP is delivered.  daemon_options()
 * blocked it: one that comes before there is a handler must not end the daemon,
 * and is delivered by this call.
 */
void daemon_take_reloads(void);

/* daemon_raise_file_limit(): each connection and each check is a descriptor:
 * take as many as the hard limit allows. */
void daemon_raise_file_limit(void);

/* n = daemon_file_limit(): how many descriptors the process may have. */
uint64_t daemon_file_limit(void);

/*
 * daemon_become(user): become ${user} for good, with its groups, and never gain
 * rights again by exec.  With a NULL ${user} the daemon stays the user it is.
 * Who is not root then has no capabilities any more, whatever it was started
 * with.
 * 0, or -1 with a line in the log.
 */
int daemon_become(const char *user);

/* is = daemon_is_user(user): there is a user of that name, or nobody can tell.
 * It may ask the network. */
bool daemon_is_user(const char *user);

/* daemon_log_messages(eb): what a loader found, as lines of the log: errors as
 * errors, warnings as warnings. */
void daemon_log_messages(const struct errbuf *eb);

#endif
