/*
 * Makes and verifies server cookies.  Called for each query that brings one; no
 * state is kept of any client.
 */
#include "dns/wire/cookie.h"

#include <sodium.h>
#include <string.h>

#include "dns/wire/wire.h"

/* The server's part: version, 3 reserved octets, time, hash (RFC 9018, 4). */
#define VERSION 1
#define AT_VERSION COOKIE_CLIENT
#define AT_TIME (COOKIE_CLIENT + 4)
#define AT_HASH (COOKIE_CLIENT + 8)
#define HASH (COOKIE_LEN - AT_HASH)
_Static_assert(HASH == crypto_shorthash_siphash24_BYTES, "SipHash-2-4");
_Static_assert(
    COOKIE_SECRET == crypto_shorthash_siphash24_KEYBYTES, "SipHash-2-4");

/* RFC 9018, 4.3: how long a cookie is good, how far clocks of servers that
 * share a secret may differ, when it is made anew. */
#define MAX_AGE_S 3600
#define MAX_AHEAD_S 300
#define RENEW_S 1800

/* The hash of ${cookie} up to its own hash, and of the client (RFC 9018, 4.4);
 * the reserved octets count as they stand. */
static void
hash(const uint8_t secret[COOKIE_SECRET], const uint8_t *cookie,
    const struct address *client, uint8_t out[HASH])
{
	uint8_t input[AT_HASH + sizeof(client->bytes)];
	size_t octets = address_bits(client) / 8;

	memcpy(input, cookie, AT_HASH);
	memcpy(input + AT_HASH, client->bytes, octets);
	crypto_shorthash_siphash24(out, input, AT_HASH + octets, secret);
}

/* Of those that may verify; of the secret, to ${which}. */
static enum cookie_state
judge(const struct cookie_secrets *secrets, const uint8_t *cookie, size_t len,
    const struct address *client, uint32_t now_s, unsigned *which)
{
	uint8_t expected[HASH];
	int32_t age;

	if (len == COOKIE_CLIENT)
		return COOKIE_FIRST;
	if (len != COOKIE_LEN || cookie[AT_VERSION] != VERSION)
		return COOKIE_BAD;
	age = (int32_t)(now_s - wire_get32(cookie + AT_TIME));
	if (age > MAX_AGE_S || age < -MAX_AHEAD_S)
		return COOKIE_EXPIRED;
	for (unsigned i = 0; i < secrets->n; i++) {
		hash(secrets->secret[i], cookie, client, expected);
		if (sodium_memcmp(expected, cookie + AT_HASH, HASH) != 0)
			continue;
		*which = i;
		return COOKIE_VALID;
	}
	return COOKIE_BAD;
}

enum cookie_state
cookie_answer(const struct cookie_secrets *secrets, const uint8_t *cookie,
    size_t len, const struct address *client, uint32_t now_s,
    uint8_t out[COOKIE_LEN])
{
	unsigned which = 0;
	enum cookie_state state =
	    judge(secrets, cookie, len, client, now_s, &which);

	if (state == COOKIE_VALID && which == 0 &&
	    (int32_t)(now_s - wire_get32(cookie + AT_TIME)) <= RENEW_S) {
		memcpy(out, cookie, COOKIE_LEN);
		return state;
	}
	memcpy(out, cookie, COOKIE_CLIENT);
	wire_put32(out + AT_VERSION, (uint32_t)VERSION << 24);
	wire_put32(out + AT_TIME, now_s);
	hash(secrets->secret[0], out, client, out + AT_HASH);
	return state;
}

void
cookie_roll(struct cookie_secrets *secrets)
{
	memcpy(secrets->secret[1], secrets->secret[0], COOKIE_SECRET);
	randombytes_buf(secrets->secret[0], COOKIE_SECRET);
	secrets->n = secrets->n == 0 ? 1 : 2;
}

void
cookie_forget(struct cookie_secrets *secrets)
{
	sodium_memzero(secrets->secret, sizeof(secrets->secret));
}
