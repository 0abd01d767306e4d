/*
 * IPv4 and IPv6 addresses and prefixes as values: parse, print, mask, compare.
 * Used by every room; allocates nothing and touches no socket.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Bytes are in network order; an IPv4 address is in the first four. */
struct address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
};

/* An address whose bits after the first ${length} are all zero. */
struct prefix {
	struct address address;
	uint8_t length; /* bits: 0..32 or 0..128 */
};

/* An address and a port to listen on or to connect to. */
struct endpoint_address {
	struct address address;
	uint16_t port; /* host order */
};

/* Longest text of an address, a prefix, "[address]:port", with the NUL. */
#define ADDRESS_TEXT 64

/* address_bits(a): 32 or 128. */
unsigned address_bits(const struct address *a);

/* address_parse(text, out): 0, or -1 when ${text} is not a numeric address. */
int address_parse(const char *text, struct address *out);

/* address_format(a, out): ${a} as text, IPv6 as RFC 5952 says.  Returns out. */
const char *address_format(const struct address *a, char out[ADDRESS_TEXT]);

/* address_equal(a, b): true when family and bytes are the same. */
bool address_equal(const struct address *a, const struct address *b);

/* is = address_is_any(a): 0.0.0.0 or ::, which nobody can send to. */
bool address_is_any(const struct address *a);

/* is = address_is_mapped(a): an IPv6 address in ::ffff:0:0/96, that is an IPv4
 * address in the last four bytes (RFC 4291, 2.5.5.2). */
bool address_is_mapped(const struct address *a);

/* address_mask(a, length): clear every bit of ${a} after the first ${length}.
 */
void address_mask(struct address *a, unsigned length);

/*
 * prefix_parse(text, out): read "192.0.2.0/24" or a bare address (all bits).
 * 0; -1, and ${out} is as it was, when it is no prefix; -2 when bits after the
 * length are set, and ${out} is the prefix without them.
 */
int prefix_parse(const char *text, struct prefix *out);

/* prefix_format(p, out): ${p} as "address/length".  Returns out. */
const char *prefix_format(const struct prefix *p, char out[ADDRESS_TEXT]);

/* prefix_contains(p, a): true when ${a} lies inside ${p}, of one family. */
bool prefix_contains(const struct prefix *p, const struct address *a);

/*
 * endpoint_address_parse(text, port, out): read "192.0.2.1:53", "[::1]:53" or
 * a bare address, which takes ${port}; a ${port} of 0 makes it compulsory.
 * 0, or -1.
 */
int endpoint_address_parse(
    const char *text, uint16_t port, struct endpoint_address *out);

/* endpoint_address_format(e, out): "192.0.2.1:53" or "[::1]:53". */
const char *endpoint_address_format(
    const struct endpoint_address *e, char out[ADDRESS_TEXT]);

/* Between socket addresses and ours.  The first returns the length used. */
socklen_t address_to_sockaddr(
    const struct address *a, uint16_t port, struct sockaddr_storage *out);
int address_from_sockaddr(const struct sockaddr *sa, struct address *out);

#endif
