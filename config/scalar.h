/*
 * Scalars by type: the readers of single values for the tables of schema.h.
 * Each takes a key's range or words and fills a field of the type it names;
 * after an error the field is as it was.  Texts are copied to the arena.
 */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "config/schema.h"

/* Durations, "200ms", "5s", "1m", "2h", never a bare number. */
void scalar_ms(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64);
/* The same, or "off", which is 0. */
void scalar_ms_or_off(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64);
/* The same for whole seconds; here too the key's range is in milliseconds. */
void scalar_seconds(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32);

/* Sizes in bytes, "512MiB", "1GiB", never a bare number. */
void scalar_bytes(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64);

/* Whole numbers, decimal. */
void scalar_u8(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint8);
void scalar_u16(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint16);
void scalar_u32(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32);
void scalar_unsigned(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *unsigned_);
void scalar_int(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *int_);

/* A share, "5%", "0.05" or "1", in millionths of a whole. */
void scalar_share(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32);

/* "true" or "false". */
void scalar_bool(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *bool_);

/* One of the key's words, as an enum (or any unsigned). */
void scalar_word(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *enum_);

/* One or more of the key's words, each a bit of an unsigned, as a list or one
 * of them alone. */
void scalar_words(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *bits);

/* A text of printable characters, at least one, at most the key's max (0: 255);
 * a name; a path, taken from the folder of the file when it is relative. */
void scalar_text(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);
void scalar_name(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);
void scalar_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);

/* An ISO 3166-1 code, in either case, to char[3] in upper case. */
void scalar_country(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *char3);
/* AF AN AS EU NA OC SA in the same way. */
void scalar_continent(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *char3);
/* "64500" or "AS64500", at least 1. */
void scalar_asn(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32);

/*
 * scalar_position(s, value, latitude, longitude): read [latitude, longitude] in
 * degrees.  0, or -1 with an error.
 */
int scalar_position(struct schema *s, const struct yaml_node *value,
    double *latitude, double *longitude);

/*
 * The same forms on a command line.
 *
 * scalar_parse_ms(text, ms): digits and a unit, "10m", as milliseconds.
 * scalar_parse_share(text, max_ppm, ppm): "5%" or "0.05", in millionths, at
 * most ${max_ppm}.  0, or -1 when it is anything else, with the result as it
 * was.
 */
int scalar_parse_ms(const char *text, int64_t *ms);
int scalar_parse_share(const char *text, uint32_t max_ppm, uint32_t *ppm);

/* scalar_show_ms(ms, out): a duration in the greatest unit that leaves a whole
 * number: "90s", not "1m30s".  Returns out. */
#define SCALAR_MS_TEXT 32
const char *scalar_show_ms(uint64_t ms, char out[SCALAR_MS_TEXT]);

/*
 * scalar_integer(s, value, min, max, out): the same for readers of their own.
 * 0, or -1 with an error.
 */
int scalar_integer(struct schema *s, const struct yaml_node *value, int64_t min,
    int64_t max, int64_t *out);

#endif
