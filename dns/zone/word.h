/*
 * Numbers, times and types as words of a master file.  Used by the readers of
 * zone files and by meridianctl; knows nothing of where a word stands.
 */
#ifndef DNS_ZONE_WORD_H
#define DNS_ZONE_WORD_H

#include <stdint.h>

/* type_from_text(text, out): a mnemonic or TYPE123 (RFC 3597, 5).  0, or -1. */
int type_from_text(const char *text, uint16_t *out);

/* number_from_text(text, max, out): decimal digits only.  0, or -1 when it is
 * no number or above ${max}. */
int number_from_text(const char *text, uint32_t max, uint32_t *out);

/* seconds_from_text(text, out): "300", "5m", "1h30m", in any case; w d h m s.
 * 0, or -1 when it is none or above 2^31-1 (RFC 2181, 8). */
int seconds_from_text(const char *text, uint32_t *out);

#endif
