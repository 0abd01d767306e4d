/* Pages of the meridiand that runs on this node. */
#ifndef CTL_FETCH_H
#define CTL_FETCH_H

#include <stddef.h>

#include "config/server.h"

/* Why meridiand could not be asked, in words. */
#define FETCH_WHY 640

/* "key=value" of a query; one whose value is NULL is left out. */
struct fetch_argument {
	const char *key, *value;
};

/*
 * body = fetch_page(config, path, why): GET ${path} from the node's own HTTP.
 * A NUL-terminated body that the caller frees, or NULL with the reason in
 * ${why}.
 */
char *fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY]);

/*
 * body = fetch_query(config, path, arguments, n, why): the same with ${n}
 * arguments, which are percent-encoded.  A page that refuses them says so in
 * JSON, and is a body too.
 */
char *fetch_query(const struct server_config *config, const char *path,
    const struct fetch_argument *arguments, size_t n, char why[FETCH_WHY]);

#endif
