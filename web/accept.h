/*
 * What a client says in its header Accept (RFC 9110, 12.5.1) of two forms that
 * a page may have.
 */
#ifndef WEB_ACCEPT_H
#define WEB_ACCEPT_H

#include <stdbool.h>

/*
 * yes = accept_prefers(accept, type, usual): does "Accept: ${accept}" name
 * ${type} itself, no wildcard, and want it no less than ${usual}?  Both
 * are as Content-Type has them.  A range whose parameters have other values
 * than those of a type is of another type; parameters that a type lacks count
 * for nothing.  The order of ranges says nothing.  What is no Accept names
 * nothing; ${accept} may be NULL.
 */
bool accept_prefers(const char *accept, const char *type, const char *usual);

#endif
