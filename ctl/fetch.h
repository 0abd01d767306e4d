/* Pages of the meridiand that runs on this node. */
#ifndef CTL_FETCH_H
#define CTL_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "config/server.h"

/* Why meridiand could not be asked, in words. */
#define FETCH_WHY 640

/* "key=value" of a query; one whose value is NULL is left out. */
struct fetch_argument {
	const char *key, *value;
};

struct fetch;

/*
 * fetch = fetch_open(config): to get pages from the node's own HTTP, all over
 * one connection as long as the server keeps it.  NULL without memory;
 * ${config} must live as long.  fetch_close(fetch): end it; NULL is fine.
 */
struct fetch *fetch_open(const struct server_config *config);
void fetch_close(struct fetch *fetch);

/* fetch_hurry(fetch, ms): from now on a page takes at most ${ms}, or there is
 * none. */
void fetch_hurry(struct fetch *fetch, long ms);

/*
 * body = fetch_get(fetch, path, arguments, n, why): GET ${path} with ${n}
 * arguments, which are percent-encoded.  A page that refuses them says so in
 * JSON, and is a body too.  A NUL-terminated body that the caller frees, or
 * NULL with the reason in ${why}.
 */
char *fetch_get(struct fetch *fetch, const char *path,
    const struct fetch_argument *arguments, size_t n, char why[FETCH_WHY]);

/* body = fetch_page(config, path, why): the same of a page without arguments,
 * over a connection of its own. */
char *fetch_page(
    const struct server_config *config, const char *path, char why[FETCH_WHY]);

/*
 * words = fetch_health(at, well): the line of /healthz of the meridian-probe
 * whose pages are at ${at}, or why there is none; ${well} says whether it is
 * well.  The caller frees it; NULL without memory.
 */
char *fetch_health(const struct endpoint_address *at, bool *well);

#endif
