/*
 * What the RFC of a type demands of its RDATA beyond the row of fields that
 * type.c has in its table.  Called by rdata.c only.
 */
#ifndef DNS_ZONE_RDATA_RULES_H
#define DNS_ZONE_RDATA_RULES_H

#include <stddef.h>
#include <stdint.h>

/*
 * wrong = rdata_rules_fault(type, rdata, len): NULL when the octets, whose
 * fields are right, are such a record; else what is wrong, in words.
 */
const char *rdata_rules_fault(uint16_t type, const uint8_t *rdata, size_t len);

#endif
