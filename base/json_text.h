/*
 * JSON (RFC 8259) as it stands in a text: checked once as a whole, then read
 * value by value without making anything of what nobody asks for.  For large
 * texts that come often; jansson is for all others.
 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lists and objects in each other; what we read has no more than five. */
#define JSON_TEXT_DEPTH 32

/* valid = json_text_valid(text, len): it is one value, in UTF-8, without the
 * character U+0000, and not nested deeper than JSON_TEXT_DEPTH. */
bool json_text_valid(const char *text, size_t len);

/* A place in a text that is valid: at a value, or past the last. */
struct json_text {
	const char *at, *end;
};

/* at = json_text_begin(text, len): at the value that is all of ${text}. */
struct json_text json_text_begin(const char *text, size_t len);

/* c = json_text_kind(at): its first character, which tells what it is: one of
 * {["tfn, or any other: a number. */
char json_text_kind(const struct json_text *at);

/* json_text_skip(at): past the value. */
void json_text_skip(struct json_text *at);

/*
 * is = json_text_enter(at): ${at} is at a list or an object; go to the first of
 * it, in an object to its name.  False when it has none, with ${at} past it.
 * is = json_text_next(at): past one of them; go to the next one, or past the
 * list or object: false.
 * is = json_text_is(at, name): whether the name, which has no escapes, is that;
 * ${at} is at the value behind it then, or at the name as before.
 * json_text_pass(at): past a name, at its value.
 */
bool json_text_enter(struct json_text *at);
bool json_text_next(struct json_text *at);
bool json_text_is(struct json_text *at, const char *name);
void json_text_pass(struct json_text *at);

/*
 * The value at ${at}, and past it; false when it is something else or does not
 * fit, with ${at} past it all the same.
 * is = json_text_string(at, out, size, len): a text of ${len} bytes, and a NUL,
 * to ${out}, which has ${size}.
 * is = json_text_integer(at, out): a number without a point or an exponent.
 * is = json_text_number(at, out): any number.
 */
bool json_text_string(
    struct json_text *at, char *out, size_t size, size_t *len);
bool json_text_integer(struct json_text *at, int64_t *out);
bool json_text_number(struct json_text *at, double *out);

#endif
