/*
 * The parameters of SVCB and HTTPS records (RFC 9460, 2.2): whether octets are
 * such a list.  Called by rdata.c while a zone is built; svcparam_text.c makes
 * the octets from text.
 */
#ifndef DNS_ZONE_SVCPARAM_H
#define DNS_ZONE_SVCPARAM_H

#include <stddef.h>
#include <stdint.h>

enum svcparam_key {
	SVCPARAM_MANDATORY = 0,
	SVCPARAM_ALPN = 1,
	SVCPARAM_NO_DEFAULT_ALPN = 2,
	SVCPARAM_PORT = 3,
	SVCPARAM_IPV4HINT = 4,
	SVCPARAM_ECH = 5,
	SVCPARAM_IPV6HINT = 6,
	SVCPARAM_DOHPATH = 7, /* RFC 9461, 5 */
	SVCPARAM_OHTTP = 8,   /* RFC 9540, 4 */
	SVCPARAM_INVALID = 65535,
};

/*
 * wrong = svcparam_check(params, len): NULL when the octets are parameters of
 * one record: keys in growing order, values of the form of their keys, all that
 * "mandatory" names there.  Else what is wrong, in words.
 */
const char *svcparam_check(const uint8_t *params, size_t len);

/*
 * hints = svcparam_hints(params, len): the names of the address hints (7.3)
 * among checked parameters, in words; NULL when there is none.
 * len = svcparam_drop_hints(params, len): take them out of the parameters, and
 * their keys out of "mandatory", which goes too when nothing is left of it; the
 * new length.
 */
const char *svcparam_hints(const uint8_t *params, size_t len);
size_t svcparam_drop_hints(uint8_t *params, size_t len);

#endif
