/*
 * Readers of keys that checks of a steering file and the steps of a preset have
 * in common.  For the readers of both.
 */
#ifndef CONFIG_CHECK_KEYS_H
#define CONFIG_CHECK_KEYS_H

#include "config/check.h"
#include "config/schema.h"

/* Of one check or step. */
#define CHECK_MAX_CODES 32
#define CHECK_MAX_HEADERS 32
#define CHECK_MAX_RULES 32
#define CHECK_MAX_BODY 65536

/* "200", "200-299", to a struct code_range; as the item of a list. */
extern const struct schema_key check_code;

/* status = check_read_wanted(s, value, form, wanted): what may be a mapping, as
 * ${form}, and is a word: "true" or "false".  0, or -1 with an error. */
int check_read_wanted(struct schema *s, const struct yaml_node *value,
    const char *form, bool *wanted);

/* The path of a request, which is sent as it is (RFC 9112, 3.2). */
void check_read_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);

/* GET, POST... (RFC 9110, 9.1). */
void check_read_method(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);

/* A text of more than one line, as it is sent. */
void check_read_body_text(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr);

/*
 * headers = check_read_headers(s, value, n): {Name: value, ...}, without what
 * is not the operator's to say (Host, Content-Length...).  NULL after an error.
 */
const struct step_header *check_read_headers(
    struct schema *s, const struct yaml_node *value, size_t *n);

/* What of a body is looked at, {has: ..., lacks: ..., json: [...]}, to a struct
 * check_step. */
void check_read_body(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *step);

#endif
