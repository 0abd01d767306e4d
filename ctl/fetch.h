/* Pages of the meridiand that runs on this node. */
#ifndef CTL_FETCH_H
#define CTL_FETCH_H

#include "config/server.h"

/* Why meridiand could not be asked, in words. */
#define FETCH_WHY 640

/*
 * body = fetch_page(config, path, why): GET ${path} from the node's own HTTP.
 * A NUL-terminated body that the caller frees, or NULL with the reason in
 * ${why}.
 */
char *fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY]);

#endif
