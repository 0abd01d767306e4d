/*
 * Domain names in the one form in which names of zones are shown, compared and
 * stored.  For the reader of meridian.yaml; what a name means is dns/'s.
 */
#ifndef CONFIG_DOMAIN_H
#define CONFIG_DOMAIN_H

#include <stdbool.h>

/* Room for the longest name: 254 octets, each as \DDD, and the NUL. */
#define DOMAIN_TEXT (4 * 254 + 1)

/*
 * ok = domain_canonical(text, out): the domain name ${text}, with or without a
 * last dot, in lower case, without a last dot unless it is the root, escaped
 * where it must be and nowhere else, to ${out}.  False when it is none: a label
 * of no octets or of more than 63, more than 255 octets in all (RFC 1035,
 * 2.3.4), an escape that is none, or what must be escaped and is not.
 */
bool domain_canonical(const char *text, char out[DOMAIN_TEXT]);

/*
 * inside = domain_inside(name, zone): is ${name} that of ${zone} or below it?
 * Both are canonical.
 */
bool domain_inside(const char *name, const char *zone);

#endif
