/*
 * What the RFC of a type demands of its RDATA beyond the row of fields that
 * rdata.c has in its table.  Called by rdata.c, and for the parts that are read
 * from text too; allocates nothing.
 *
 * check_TYPE(rdata, len): NULL when the octets, whose fields are right, are
 * such a record; else what is wrong, in words.
 */
#ifndef DNS_ZONE_RDATA_CHECK_H
#define DNS_ZONE_RDATA_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* size = check_name(name, len): octets of the whole uncompressed name that
 * begins the ${len} octets; 0 when there is none. */
size_t check_name(const uint8_t *name, size_t len);

/* good = check_bitmap(bitmap, len): windows in order, none empty, no zero octet
 * at the end of one (RFC 4034, 4.1.2).  No window at all is good. */
bool check_bitmap(const uint8_t *bitmap, size_t len);

const char *check_soa(const uint8_t *rdata, size_t len);
const char *check_wks(const uint8_t *rdata, size_t len);
const char *check_x25(const uint8_t *rdata, size_t len);
const char *check_isdn(const uint8_t *rdata, size_t len);
const char *check_gpos(const uint8_t *rdata, size_t len);
const char *check_loc(const uint8_t *rdata, size_t len);
const char *check_nxt(const uint8_t *rdata, size_t len);
const char *check_atma(const uint8_t *rdata, size_t len);
const char *check_naptr(const uint8_t *rdata, size_t len);
const char *check_a6(const uint8_t *rdata, size_t len);
const char *check_apl(const uint8_t *rdata, size_t len);
const char *check_ds(const uint8_t *rdata, size_t len);
const char *check_cds(const uint8_t *rdata, size_t len);
const char *check_sshfp(const uint8_t *rdata, size_t len);
const char *check_ipseckey(const uint8_t *rdata, size_t len);
const char *check_rrsig(const uint8_t *rdata, size_t len);
const char *check_dnskey(const uint8_t *rdata, size_t len);
const char *check_cdnskey(const uint8_t *rdata, size_t len);
const char *check_dhcid(const uint8_t *rdata, size_t len);
const char *check_nsec3(const uint8_t *rdata, size_t len);
const char *check_tlsa(const uint8_t *rdata, size_t len);
const char *check_hip(const uint8_t *rdata, size_t len);
const char *check_zonemd(const uint8_t *rdata, size_t len);
const char *check_caa(const uint8_t *rdata, size_t len);
const char *check_svcb(const uint8_t *rdata, size_t len);

/* odd_naptr(rdata): as rdata_odd() has it, for a NAPTR record. */
const char *odd_naptr(const uint8_t *rdata);

#endif
