/*
 * The names that the HTTP server answers to.  A page of a stranger makes the
 * browser of somebody inside ask a name of the stranger's that leads to this
 * server (DNS rebinding); the Host of such a request is that name.
 */
#ifndef WEB_HTTP_HOST_H
#define WEB_HTTP_HOST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * ok = http_host_ok(host, names, n): may a request with the header "Host:
 * ${host}" be answered?  It may when ${host}, its port aside, is an address,
 * localhost, or one of the ${n} ${names}; NULL, of a client that is no browser,
 * may too.
 */
bool http_host_ok(const char *host, const char *const *names, size_t n);

#endif
