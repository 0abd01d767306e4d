/*
 * UTF-8: is it (RFC 3629)?  Called by the readers of files, and by those who
 * quote texts they did not write.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * size = utf8_size(text, left): how many of the ${left} bytes at ${text}, at
 * least one, its first character takes: 1 to 4.  0 when it is none: overlong,
 * cut short, a surrogate, above U+10FFFF, or a byte that begins no character.
 */
size_t utf8_size(const void *text, size_t left);

/* valid = utf8_valid(text, len): all of ${text} is characters of UTF-8. */
bool utf8_valid(const void *text, size_t len);

#endif
