/*
 * Time spans of master files.  Called by the reader of zone files, for TTLs and
 * the times of a SOA.
 */
#ifndef DNS_ZONE_TTL_H
#define DNS_ZONE_TTL_H

#include <stdint.h>

/* ttl_parse(text, seconds): "300", "5m", "1h30m", in any case; w d h m s.  0,
 * or -1 when it is none or above 2^31-1 (RFC 2181, 8). */
int ttl_parse(const char *text, uint32_t *seconds);

#endif
