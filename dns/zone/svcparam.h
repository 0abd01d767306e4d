/*
 * The parameters of SVCB and HTTPS records (RFC 9460, 2.1 and 2.2): from their
 * text, and whether octets are such a list.  Called by rdata_text.c and
 * rdata_check.c while a zone is built.
 */
#ifndef DNS_ZONE_SVCPARAM_H
#define DNS_ZONE_SVCPARAM_H

#include <stddef.h>
#include <stdint.h>

struct reading;

/*
 * wrong = svcparam_check(params, len): NULL when the octets are parameters of
 * one record: keys in growing order, values of the form of their keys, all that
 * "mandatory" names there.  Else what is wrong, in words.
 */
const char *svcparam_check(const uint8_t *params, size_t len);

/*
 * status = svcparam_put(r): all tokens that are left, as parameters in the
 * order of their keys.  0, or -1 with an error.
 */
int svcparam_put(struct reading *r);

#endif
