/*
 * Reads JSON where it stands.  Called by who reads blocks of rows; takes no
 * memory, and believes nothing before json_text_valid() has looked at it.
 */
#include "base/json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/number.h"
#include "base/utf8.h"

/* The longest number that anybody writes has 25 characters. */
#define NUMBER_TEXT 64

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
pass_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* --- the check --- */

/* The character of the four digits at ${p}, or -1. */
static int
unit_at(const char *p, const char *end)
{
	int unit = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = codec_value(CODEC_HEX, p[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

static bool
is_high(int unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool
is_low(int unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Past the escape whose backslash is before ${p}; NULL: it is none. */
static const char *
check_escape(const char *p, const char *end)
{
	int unit;

	if (p == end)
		return NULL;
	if (*p != 'u')
		return strchr("\"\\/bfnrt", *p) != NULL && *p != '\0' ? p + 1
								      : NULL;
	unit = unit_at(p + 1, end);
	if (unit <= 0 || is_low(unit))
		return NULL;
	p += 5;
	if (!is_high(unit))
		return p;
	return end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
		is_low(unit_at(p + 2, end))
	    ? p + 6
	    : NULL;
}

/* Past the string at ${p}; NULL: it is none. */
static const char *
check_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	while (p != NULL && p < end && *p != '"') {
		unsigned char c = (unsigned char)*p;

		if (c == '\\') {
			p = check_escape(p + 1, end);
		} else if (c < 0x20) {
			return NULL;
		} else if (c < 0x80) {
			p++;
		} else {
			size_t size = utf8_size(p, (size_t)(end - p));

			if (size == 0)
				return NULL;
			p += size;
		}
	}
	return p != NULL && p < end ? p + 1 : NULL;
}

static const char *
check_digits(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && is_digit(*p))
		p++;
	return p > from ? p : NULL;
}

static const char *
check_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	/* No zero goes before. */
	p = p < end && *p == '0' ? p + 1 : check_digits(p, end);
	if (p != NULL && p < end && *p == '.')
		p = check_digits(p + 1, end);
	if (p == NULL || p == end || (*p != 'e' && *p != 'E'))
		return p;
	p++;
	if (p < end && (*p == '+' || *p == '-'))
		p++;
	return check_digits(p, end);
}

/* Past a value that is no list and no object. */
static const char *
check_plain(const char *p, const char *end)
{
	static const char *const words[] = {"true", "false", "null"};

	if (p == end)
		return NULL;
	if (*p == '"')
		return check_string(p, end);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(end - p) >= len && memcmp(p, words[i], len) == 0)
			return p + len;
	}
	return check_number(p, end);
}

/* Past the name at ${p} and its colon. */
static const char *
check_name(const char *p, const char *end)
{
	p = check_string(pass_blanks(p, end), end);
	if (p != NULL)
		p = pass_blanks(p, end);
	return p != NULL && p < end && *p == ':' ? p + 1 : NULL;
}

/* What is around the value that is looked at: a bit each, the innermost last;
 * 1: an object. */
struct around {
	uint32_t objects;
	unsigned depth;
};

static bool
in_object(const struct around *around)
{
	return (around->objects & 1) != 0;
}

/* Past the ends of all lists and objects that end at ${p}, and the comma and
 * the name before the next value, if there is one. */
static const char *
check_ends(const char *p, const char *end, struct around *around)
{
	while (p != NULL && around->depth > 0) {
		p = pass_blanks(p, end);
		if (p < end && *p == ',')
			return in_object(around) ? check_name(p + 1, end)
						 : p + 1;
		if (p == end || *p != (in_object(around) ? '}' : ']'))
			return NULL;
		around->objects >>= 1;
		around->depth--;
		p++;
	}
	return p;
}

bool
json_text_valid(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct around around = {.depth = 0};

	do {
		p = pass_blanks(p, end);
		if (p == end || (*p != '{' && *p != '[')) {
			p = check_plain(p, end);
		} else if (around.depth == JSON_TEXT_DEPTH) {
			return false;
		} else {
			char close = *p == '{' ? '}' : ']';

			around.objects = around.objects << 1 | (*p == '{');
			around.depth++;
			p = pass_blanks(p + 1, end);
			if (p == end || *p != close) {
				if (in_object(&around))
					p = check_name(p, end);
				continue;
			}
		}
		if (p != NULL)
			p = check_ends(p, end, &around);
	} while (p != NULL && around.depth > 0);
	return p != NULL && pass_blanks(p, end) == end;
}

/* --- reading --- */

struct json_text
json_text_begin(const char *text, size_t len)
{
	return (struct json_text){pass_blanks(text, text + len), text + len};
}

char
json_text_kind(const struct json_text *at)
{
	return *at->at;
}

/* The quote behind an odd number of backslashes is one of the string. */
static bool
is_escaped(const char *quote)
{
	size_t n = 0;

	while (quote[-1 - (ptrdiff_t)n] == '\\')
		n++;
	return n % 2 == 1;
}

static void
pass_string(struct json_text *at)
{
	const char *quote = at->at;

	do {
		quote++;
		quote = memchr(quote, '"', (size_t)(at->end - quote));
	} while (is_escaped(quote));
	at->at = quote + 1;
}

static void
pass_plain(struct json_text *at)
{
	if (*at->at == '"') {
		pass_string(at);
		return;
	}
	/* All blanks are less than signs and digits. */
	while (at->at<at->end && * at->at> ' ' && *at->at != ',' &&
	    *at->at != ']' && *at->at != '}')
		at->at++;
}

void
json_text_skip(struct json_text *at)
{
	unsigned depth = 0;

	do {
		char c = *at->at;

		if (c == '"' || (depth == 0 && c != '{' && c != '[')) {
			pass_plain(at);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		at->at++;
	} while (depth > 0);
}

bool
json_text_enter(struct json_text *at)
{
	at->at = pass_blanks(at->at + 1, at->end);
	if (*at->at != '}' && *at->at != ']')
		return true;
	at->at++;
	return false;
}

bool
json_text_next(struct json_text *at)
{
	bool more;

	at->at = pass_blanks(at->at, at->end);
	more = *at->at++ == ',';
	if (more)
		at->at = pass_blanks(at->at, at->end);
	return more;
}

void
json_text_pass(struct json_text *at)
{
	pass_string(at);
	at->at = pass_blanks(at->at, at->end);
	at->at = pass_blanks(at->at + 1, at->end);
}

bool
json_text_is(struct json_text *at, const char *name)
{
	size_t len = strlen(name);

	if ((size_t)(at->end - at->at) < len + 2 ||
	    memcmp(at->at + 1, name, len) != 0 || at->at[len + 1] != '"')
		return false;
	json_text_pass(at);
	return true;
}

/* ${c} in UTF-8 to ${out}; its length. */
static size_t
put_character(uint32_t c, char out[4])
{
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = size - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(size == 1 ? c : ((0xf00u >> size) & 0xff) | c);
	return size;
}

/* The character of the escape whose backslash is before ${*p}, to ${out}; its
 * length.  ${*p} goes past it. */
static size_t
take_escape(const char **p, char out[4])
{
	static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
	const char *letter = strchr(letters, **p);
	uint32_t c;

	if (**p != 'u') {
		out[0] = letter != NULL ? means[letter - letters] : **p;
		++*p;
		return 1;
	}
	c = (uint32_t)unit_at(*p + 1, *p + 5);
	*p += 5;
	if (is_high((int)c)) {
		c = 0x10000 + ((c - 0xd800) << 10) +
		    ((uint32_t)unit_at(*p + 2, *p + 6) - 0xdc00);
		*p += 6;
	}
	return put_character(c, out);
}

/* What is between ${p} and ${end}, with escapes, as json_text_string(). */
static bool
take_escaped(
    const char *p, const char *end, char *out, size_t size, size_t *len)
{
	size_t n = 0;

	while (p < end) {
		char piece[4] = {*p};
		size_t take = 1;

		if (*p++ == '\\')
			take = take_escape(&p, piece);
		if (size - n <= take)
			return false;
		memcpy(out + n, piece, take);
		n += take;
	}
	out[n] = '\0';
	*len = n;
	return true;
}

bool
json_text_string(struct json_text *at, char *out, size_t size, size_t *len)
{
	const char *from = at->at + 1;
	bool is = *at->at == '"';
	size_t n;

	json_text_skip(at);
	if (!is)
		return false;
	n = (size_t)(at->at - 1 - from);
	if (memchr(from, '\\', n) != NULL)
		return take_escaped(from, from + n, out, size, len);
	if (n >= size)
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	*len = n;
	return true;
}

bool
json_text_integer(struct json_text *at, int64_t *out)
{
	const char *from = at->at;
	bool less = *from == '-';
	uint64_t n;

	json_text_skip(at);
	from += less;
	if (number_parse(from, (size_t)(at->at - from), 0, INT64_MAX, &n) != 0)
		return false;
	*out = less ? -(int64_t)n : (int64_t)n;
	return true;
}

bool
json_text_number(struct json_text *at, double *out)
{
	const char *from = at->at;
	char text[NUMBER_TEXT];
	double number;
	size_t n;

	json_text_skip(at);
	n = (size_t)(at->at - from);
	if ((*from != '-' && !is_digit(*from)) || n >= sizeof(text))
		return false;
	memcpy(text, from, n);
	text[n] = '\0';
	number = strtod(text, NULL);
	if (!isfinite(number))
		return false;
	*out = number;
	return true;
}
