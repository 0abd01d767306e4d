/* All that is known of a node, from the server, the state database, the files.
 */
#ifndef CTL_STATUS_COLLECT_H
#define CTL_STATUS_COLLECT_H

#include <jansson.h>

/*
 * root = status_collect(path): the status of the node whose file is ${path}, as
 * an object with "server", "health", "zones", "outlook", "vantages",
 * "endpoints", "events" and "state".  The running server says how things are;
 * the state database adds reasons, since when, and events; without a server all
 * is as one that started now would have it, and server.running is false.  What
 * cannot be had is left empty, and why is said in it.  NULL without memory.
 */
json_t *status_collect(const char *path);

#endif
