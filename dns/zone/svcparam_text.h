/*
 * The parameters of SVCB and HTTPS records from their text (RFC 9460, 2.1).
 * Called by rdata_text.c.
 */
#ifndef DNS_ZONE_SVCPARAM_TEXT_H
#define DNS_ZONE_SVCPARAM_TEXT_H

#include "dns/zone/field.h"

/*
 * status = svcparam_text_put(r): all tokens that are left, as parameters in the
 * order of their keys.  0, or -1 with an error.  Whether they make sense beside
 * each other is for svcparam_check() to say.
 */
int svcparam_text_put(struct reading *r);

#endif
