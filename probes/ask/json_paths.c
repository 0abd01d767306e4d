/*
 * A reader of JSON that keeps next to nothing of it: one state, one bit for
 * each array or object that is open, how far they agree with each path, and the
 * text that is being read.  Called by checks; judges nothing.
 */
#include "probes/ask/json_paths.h"

#include <string.h>

enum state {
	START, /* of the input: a byte order mark may come */
	MARK,  /* inside it */
	VALUE,
	VALUE_OR_END, /* of an array that is empty so far */
	KEY,
	KEY_OR_END, /* of an object that is empty so far */
	COLON,
	NEXT, /* a comma, or the end of what is open */
	TEXT,
	ESCAPE,
	HEX,
	CHARACTER, /* of UTF-8, beyond its first octet */
	WORD,
	/* Parts of a number (RFC 8259, 6). */
	MINUS,
	ZERO,
	DIGITS,
	POINT,
	FRACTION,
	EXPONENT,
	EXPONENT_SIGN,
	EXPONENT_DIGITS,
	BROKEN
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

void
json_paths_init(struct json_paths *j, const struct json_path *path, size_t n,
    json_found found, void *context)
{
	memset(j, 0, sizeof(*j));
	j->path = path;
	j->n = n < JSON_PATHS_MAX ? n : JSON_PATHS_MAX;
	j->found = found;
	j->context = context;
	j->state = START;
}

/* --- paths --- */

/* The segment that leads to a value in what is open. */
static const struct json_segment *
next_segment(const struct json_paths *j, size_t i)
{
	unsigned at = j->depth - 1;

	return j->agreed[i] == at && at < j->path[i].n ? &j->path[i].segment[at]
						       : NULL;
}

/* A key was read: which paths go on with it? */
static void
match_key(struct json_paths *j)
{
	const struct json_segment *next;

	j->fits = 0;
	for (size_t i = 0; i < j->n && !j->odd; i++) {
		next = next_segment(j, i);
		if (next != NULL && next->name != NULL &&
		    strcmp(next->name, j->text) == 0)
			j->fits |= (uint64_t)1 << i;
	}
}

/* An item of an array comes: which paths go on with it? */
static void
match_item(struct json_paths *j)
{
	unsigned at = j->depth - 1;
	const struct json_segment *next;
	uint32_t item;

	j->fits = 0;
	if (at >= JSON_PATH_MAX)
		return;
	item = j->item[at]++;
	for (size_t i = 0; i < j->n; i++) {
		next = next_segment(j, i);
		if (next != NULL && next->name == NULL &&
		    (next->item == JSON_PATH_ANY || next->item == item))
			j->fits |= (uint64_t)1 << i;
	}
}

/* A value has been read, or begins to nest. */
static void
tell(struct json_paths *j, enum json_kind kind)
{
	const char *text =
	    kind == JSON_NESTED || kind == JSON_ODD ? "" : j->text;

	for (size_t i = 0; j->fits != 0 && i < j->n; i++)
		if ((j->fits >> i & 1) != 0 && j->path[i].n == j->depth) {
			j->deepest[i] = (uint8_t)j->depth;
			j->found(j->context, i, kind, text);
		}
}

/* Paths whose next segment leads to what is opened. */
static void
go_in(struct json_paths *j)
{
	for (size_t i = 0; j->fits != 0 && i < j->n; i++) {
		if ((j->fits >> i & 1) == 0)
			continue;
		j->agreed[i] = (uint8_t)j->depth;
		if (j->deepest[i] < j->agreed[i])
			j->deepest[i] = j->agreed[i];
	}
}

/* Those that led to what was shut. */
static void
go_out(struct json_paths *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->depth > 0 && j->agreed[i] > j->depth - 1)
			j->agreed[i] = (uint8_t)(j->depth - 1);
}

/* --- texts --- */

static void
begin_scalar(struct json_paths *j)
{
	j->len = 0;
	j->odd = false;
	j->high = 0;
}

static void
end_scalar(struct json_paths *j, enum json_kind kind)
{
	j->text[j->len] = '\0';
	tell(j, j->odd ? JSON_ODD : kind);
	j->fits = 0;
}

static void
begin_text(struct json_paths *j, bool is_key)
{
	begin_scalar(j);
	j->is_key = is_key;
	j->state = TEXT;
}

static void
end_text(struct json_paths *j)
{
	j->odd = j->odd || j->high != 0;
	j->text[j->len] = '\0';
	if (j->is_key)
		match_key(j);
	else
		end_scalar(j, JSON_TEXT);
	j->state = j->is_key ? COLON : NEXT;
}

static void
add_octet(struct json_paths *j, unsigned char c)
{
	/* Half a pair without the other is no character of any text. */
	j->odd = j->odd || j->high != 0 || c == '\0' ||
	    j->len == sizeof(j->text) - 1;
	j->high = 0;
	if (!j->odd)
		j->text[j->len++] = (char)c;
}

static void
add_code(struct json_paths *j, uint32_t code)
{
	if (code < 0x80) {
		add_octet(j, (unsigned char)code);
		return;
	}
	if (code < 0x800) {
		add_octet(j, (unsigned char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		add_octet(j, (unsigned char)(0xe0 | code >> 12));
		add_octet(j, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		add_octet(j, (unsigned char)(0xf0 | code >> 18));
		add_octet(j, (unsigned char)(0x80 | (code >> 12 & 0x3f)));
		add_octet(j, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	}
	add_octet(j, (unsigned char)(0x80 | (code & 0x3f)));
}

/* "\uXXXX" was read; a pair of them may be one character. */
static void
add_escaped(struct json_paths *j)
{
	uint32_t code = j->code, high = j->high;

	j->state = TEXT;
	if (code >= 0xd800 && code < 0xdc00) {
		j->odd = j->odd || high != 0;
		j->high = code;
	} else if (code >= 0xdc00 && code < 0xe000) {
		j->high = 0;
		if (high == 0)
			j->odd = true;
		else
			add_code(j,
			    0x10000 + ((high - 0xd800) << 10) +
				(code - 0xdc00));
	} else {
		add_code(j, code);
	}
}

static void
read_escape(struct json_paths *j, unsigned char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	j->state = TEXT;
	if (at != NULL) {
		add_octet(j, (unsigned char)to[at - from]);
	} else if (c == 'u') {
		j->code = 0;
		j->left = 4;
		j->state = HEX;
	} else {
		j->state = BROKEN;
	}
}

static void
read_hex(struct json_paths *j, unsigned char c)
{
	uint32_t digit;

	if (c >= '0' && c <= '9') {
		digit = (uint32_t)c - '0';
	} else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
		digit = (uint32_t)(c | 0x20) - 'a' + 10;
	} else {
		j->state = BROKEN;
		return;
	}
	j->code = j->code << 4 | digit;
	if (--j->left == 0)
		add_escaped(j);
}

/* The first octet of a character of two to four: RFC 3629, 4, whose bounds of
 * the second keep out what is overlong, a surrogate, or above U+10FFFF. */
static void
begin_character(struct json_paths *j, unsigned char c)
{
	if (c < 0xc2 || c > 0xf4) {
		j->state = BROKEN;
		return;
	}
	j->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	j->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	j->top = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	j->state = CHARACTER;
	add_octet(j, c);
}

static void
read_character(struct json_paths *j, unsigned char c)
{
	if (c < j->low || c > j->top) {
		j->state = BROKEN;
		return;
	}
	add_octet(j, c);
	j->low = 0x80;
	j->top = 0xbf;
	if (--j->left == 0)
		j->state = TEXT;
}

static void
read_text(struct json_paths *j, unsigned char c)
{
	if (c == '"')
		end_text(j);
	else if (c == '\\')
		j->state = ESCAPE;
	else if (c < 0x20)
		j->state = BROKEN;
	else if (c < 0x80)
		add_octet(j, c);
	else
		begin_character(j, c);
}

/* --- values --- */

static bool
in_object(const struct json_paths *j)
{
	unsigned at = j->depth - 1;

	return (j->objects[at / 64] >> at % 64 & 1) != 0;
}

static void
open(struct json_paths *j, bool is_object)
{
	unsigned at = j->depth;
	uint64_t bit = (uint64_t)1 << at % 64;

	if (at == JSON_PATHS_DEPTH) {
		j->state = BROKEN;
		return;
	}
	tell(j, JSON_NESTED);
	go_in(j);
	j->objects[at / 64] &= ~bit;
	if (is_object)
		j->objects[at / 64] |= bit;
	j->depth++;
	j->fits = 0;
	if (at < JSON_PATH_MAX)
		j->item[at] = 0;
	j->state = is_object ? KEY_OR_END : VALUE_OR_END;
}

static void
shut(struct json_paths *j, bool is_object)
{
	if (j->depth == 0 || in_object(j) != is_object) {
		j->state = BROKEN;
		return;
	}
	j->depth--;
	go_out(j);
	j->fits = 0;
	j->state = NEXT;
}

static void
begin_word(struct json_paths *j, const char *word)
{
	begin_scalar(j);
	add_octet(j, (unsigned char)word[0]);
	j->word = word + 1;
	j->state = WORD;
}

static void
begin_number(struct json_paths *j, unsigned char c)
{
	begin_scalar(j);
	add_octet(j, c);
	j->state = c == '-'       ? MINUS
	    : c == '0'            ? ZERO
	    : c > '0' && c <= '9' ? DIGITS
				  : BROKEN;
}

static void
begin_value(struct json_paths *j, unsigned char c)
{
	if (j->depth > 0 && !in_object(j))
		match_item(j);
	switch (c) {
	case '"':
		begin_text(j, false);
		break;
	case '{':
	case '[':
		open(j, c == '{');
		break;
	case 't':
		begin_word(j, "true");
		break;
	case 'f':
		begin_word(j, "false");
		break;
	case 'n':
		begin_word(j, "null");
		break;
	default:
		begin_number(j, c);
		break;
	}
}

static void
read_next(struct json_paths *j, unsigned char c)
{
	if (c == '}' || c == ']')
		shut(j, c == '}');
	else if (c == ',' && j->depth > 0)
		j->state = in_object(j) ? KEY : VALUE;
	else
		j->state = BROKEN;
}

/* A number ends with the first octet that is none of its own. */
static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* used = read_number(j, c): false when the number is over before ${c}. */
static bool
read_number(struct json_paths *j, unsigned char c)
{
	unsigned state = j->state, next = BROKEN;
	bool digit = is_digit(c), e = c == 'e' || c == 'E';

	switch (state) {
	case MINUS:
		next = c == '0' ? ZERO : digit ? DIGITS : BROKEN;
		break;
	case ZERO:
	case DIGITS:
		next = c == '.' ? POINT : e ? EXPONENT : NEXT;
		if (digit)
			next = state == DIGITS ? DIGITS : BROKEN;
		break;
	case POINT:
		next = digit ? FRACTION : BROKEN;
		break;
	case FRACTION:
		next = digit ? FRACTION : e ? EXPONENT : NEXT;
		break;
	case EXPONENT:
		next = c == '+' || c == '-' ? EXPONENT_SIGN
		    : digit                 ? EXPONENT_DIGITS
					    : BROKEN;
		break;
	case EXPONENT_SIGN:
		next = digit ? EXPONENT_DIGITS : BROKEN;
		break;
	default: /* EXPONENT_DIGITS */
		next = digit ? EXPONENT_DIGITS : NEXT;
		break;
	}
	j->state = next;
	if (next == NEXT) {
		end_scalar(j, JSON_NUMBER);
		return false;
	}
	add_octet(j, c);
	return true;
}

static void
read_word(struct json_paths *j, unsigned char c)
{
	if ((unsigned char)*j->word != c) {
		j->state = BROKEN;
		return;
	}
	add_octet(j, c);
	if (*++j->word == '\0') {
		end_scalar(j, JSON_WORD);
		j->state = NEXT;
	}
}

static void
read_mark(struct json_paths *j, unsigned char c)
{
	if ((unsigned char)byte_order_mark[3 - j->left] != c)
		j->state = BROKEN;
	else if (--j->left == 0)
		j->state = VALUE;
}

/* Between two values or their parts, blanks aside. */
static void
read_between(struct json_paths *j, unsigned char c)
{
	switch (j->state) {
	case VALUE_OR_END:
		if (c == ']')
			shut(j, false);
		else
			begin_value(j, c);
		break;
	case KEY_OR_END:
	case KEY:
		if (c == '"')
			begin_text(j, true);
		else if (c == '}' && j->state == KEY_OR_END)
			shut(j, true);
		else
			j->state = BROKEN;
		break;
	case COLON:
		j->state = c == ':' ? VALUE : BROKEN;
		break;
	case NEXT:
		read_next(j, c);
		break;
	default: /* VALUE */
		begin_value(j, c);
		break;
	}
}

static void
read_octet(struct json_paths *j, unsigned char c)
{
	if (j->state >= MINUS && j->state <= EXPONENT_DIGITS &&
	    read_number(j, c))
		return;
	if (j->state == START) {
		j->left = 3;
		j->state = c == 0xef ? MARK : VALUE;
	}
	switch (j->state) {
	case MARK:
		read_mark(j, c);
		break;
	case TEXT:
		read_text(j, c);
		break;
	case ESCAPE:
		read_escape(j, c);
		break;
	case HEX:
		read_hex(j, c);
		break;
	case CHARACTER:
		read_character(j, c);
		break;
	case WORD:
		read_word(j, c);
		break;
	default:
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			read_between(j, c);
		break;
	}
}

void
json_paths_read(struct json_paths *j, const char *data, size_t len)
{
	for (size_t i = 0; i < len && j->state != BROKEN; i++)
		read_octet(j, (unsigned char)data[i]);
}

bool
json_paths_end(struct json_paths *j)
{
	/* A number at the top may end here. */
	if (j->state >= MINUS && j->state <= EXPONENT_DIGITS)
		(void)read_number(j, ' ');
	return j->state == NEXT && j->depth == 0;
}

bool
json_paths_near(const struct json_paths *j, size_t path)
{
	return j->deepest[path] > 0;
}
