/*
 * Signs the zones of a family, always in the same way.  Called by the
 * differential test when it writes zone files.
 */
#ifndef TESTS_DIFFERENTIAL_SIGN_H
#define TESTS_DIFFERENTIAL_SIGN_H

#include "tests/differential/family.h"

/* text = sign_zone(z): the zone as a master file, signed as z->denial says, by
 * a key and for a time that are the same in every run; free() it.  ${z} is of
 * an instance. */
char *sign_zone(const struct zone_text *z);

/* rr = sign_dnskey(apex): the DNSKEY of a zone; ldns_rr_free() it. */
struct ldns_struct_rr *sign_dnskey(const char *apex);

#endif
