/*
 * Octets of domain names and strings as text, with the escapes \DDD and \X (RFC
 * 1035, 5.1).  Used by dns/ for names and records, and by config/ for the names
 * of zones.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/*
 * n = escape_read(text, octet): read the octet that ${text} begins with, which
 * may be an escape, \DDD or \X, to ${octet}.  How many characters it took; 0
 * when an escape is none.
 */
size_t escape_read(const char *text, uint8_t *octet);

/* The most characters that escape_write() writes. */
#define ESCAPE_MAX 4

/* end = escape_write(octet, out): write ${octet} of a label to ${out}, escaped
 * where a master file would read it otherwise.  The end of what was written. */
char *escape_write(uint8_t octet, char *out);

#endif
