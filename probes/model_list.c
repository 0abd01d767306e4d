/*
 * A reader of JSON that keeps nothing of it: one state, one bit for each array
 * or object that is open, and how far a text agrees with the one looked for.
 * Called by an attempt; does not judge health.
 */
#include "probes/model_list.h"

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

/* Where the path to a model goes: {"data": [{"id": text}]}. */
enum { TOP = 1, LIST = 2, ENTRY = 3 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

void
model_list_init(struct model_list *list, const char *array, const char *member,
    const char *model)
{
	memset(list, 0, sizeof(*list));
	list->array = array;
	list->member = member;
	list->model = model;
	list->state = START;
}

/* --- texts --- */

static void
begin_text(struct model_list *list, bool is_key)
{
	list->is_key = is_key;
	list->wanted = NULL;
	list->same = 0;
	list->high = 0;
	list->state = TEXT;
	if (is_key && list->depth == TOP)
		list->wanted = list->array;
	else if (is_key && list->depth == ENTRY && list->in_data)
		list->wanted = list->member;
	else if (!is_key && list->depth == ENTRY && list->in_data &&
	    list->key_fits)
		list->wanted = list->model;
}

static void
end_text(struct model_list *list)
{
	bool fits = list->wanted != NULL && list->high == 0 &&
	    list->wanted[list->same] == '\0';

	if (list->is_key)
		list->key_fits = fits;
	else if (fits)
		list->named = true;
	list->state = list->is_key ? COLON : NEXT;
}

static void
add_octet(struct model_list *list, unsigned char c)
{
	/* Half a pair without the other is no character of any model. */
	if (list->high != 0)
		list->wanted = NULL;
	list->high = 0;
	if (list->wanted == NULL)
		return;
	if (c != '\0' && (unsigned char)list->wanted[list->same] == c)
		list->same++;
	else
		list->wanted = NULL;
}

static void
add_code(struct model_list *list, uint32_t code)
{
	if (code < 0x80) {
		add_octet(list, (unsigned char)code);
		return;
	}
	if (code < 0x800) {
		add_octet(list, (unsigned char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		add_octet(list, (unsigned char)(0xe0 | code >> 12));
		add_octet(list, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		add_octet(list, (unsigned char)(0xf0 | code >> 18));
		add_octet(list, (unsigned char)(0x80 | (code >> 12 & 0x3f)));
		add_octet(list, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
	}
	add_octet(list, (unsigned char)(0x80 | (code & 0x3f)));
}

/* "\uXXXX" was read; a pair of them may be one character. */
static void
add_escaped(struct model_list *list)
{
	uint32_t code = list->code, high = list->high;

	list->state = TEXT;
	if (code >= 0xd800 && code < 0xdc00) {
		if (high != 0)
			list->wanted = NULL;
		list->high = code;
	} else if (code >= 0xdc00 && code < 0xe000) {
		list->high = 0;
		if (high == 0)
			list->wanted = NULL;
		else
			add_code(list,
			    0x10000 + ((high - 0xd800) << 10) +
				(code - 0xdc00));
	} else {
		add_code(list, code);
	}
}

static void
read_escape(struct model_list *list, unsigned char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	list->state = TEXT;
	if (at != NULL) {
		add_octet(list, (unsigned char)to[at - from]);
	} else if (c == 'u') {
		list->code = 0;
		list->left = 4;
		list->state = HEX;
	} else {
		list->state = BROKEN;
	}
}

static void
read_hex(struct model_list *list, unsigned char c)
{
	uint32_t digit;

	if (c >= '0' && c <= '9') {
		digit = (uint32_t)c - '0';
	} else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
		digit = (uint32_t)(c | 0x20) - 'a' + 10;
	} else {
		list->state = BROKEN;
		return;
	}
	list->code = list->code << 4 | digit;
	if (--list->left == 0)
		add_escaped(list);
}

/* The first octet of a character of two to four: RFC 3629, 4, whose bounds of
 * the second keep out what is overlong, a surrogate, or above U+10FFFF. */
static void
begin_character(struct model_list *list, unsigned char c)
{
	if (c < 0xc2 || c > 0xf4) {
		list->state = BROKEN;
		return;
	}
	list->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	list->low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	list->top = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	list->state = CHARACTER;
	add_octet(list, c);
}

static void
read_character(struct model_list *list, unsigned char c)
{
	if (c < list->low || c > list->top) {
		list->state = BROKEN;
		return;
	}
	add_octet(list, c);
	list->low = 0x80;
	list->top = 0xbf;
	if (--list->left == 0)
		list->state = TEXT;
}

static void
read_text(struct model_list *list, unsigned char c)
{
	if (c == '"')
		end_text(list);
	else if (c == '\\')
		list->state = ESCAPE;
	else if (c < 0x20)
		list->state = BROKEN;
	else if (c < 0x80)
		add_octet(list, c);
	else
		begin_character(list, c);
}

/* --- values --- */

static bool
in_object(const struct model_list *list)
{
	unsigned at = list->depth - 1;

	return (list->objects[at / 64] >> at % 64 & 1) != 0;
}

static void
open(struct model_list *list, bool is_object)
{
	unsigned at = list->depth;
	uint64_t bit = (uint64_t)1 << at % 64;

	if (at == MODEL_LIST_DEPTH) {
		list->state = BROKEN;
		return;
	}
	if (!is_object && at == TOP && in_object(list) && list->key_fits)
		list->in_data = list->listed = true;
	list->objects[at / 64] &= ~bit;
	if (is_object)
		list->objects[at / 64] |= bit;
	list->depth++;
	/* The keys outside are none of its own. */
	list->key_fits = false;
	list->state = is_object ? KEY_OR_END : VALUE_OR_END;
}

static void
shut(struct model_list *list, bool is_object)
{
	if (list->depth == 0 || in_object(list) != is_object) {
		list->state = BROKEN;
		return;
	}
	list->depth--;
	if (list->depth == TOP)
		list->in_data = false;
	list->key_fits = false;
	list->state = NEXT;
}

static void
begin_word(struct model_list *list, const char *rest)
{
	list->word = rest;
	list->state = WORD;
}

static void
begin_value(struct model_list *list, unsigned char c)
{
	switch (c) {
	case '"':
		begin_text(list, false);
		break;
	case '{':
	case '[':
		open(list, c == '{');
		break;
	case 't':
		begin_word(list, "rue");
		break;
	case 'f':
		begin_word(list, "alse");
		break;
	case 'n':
		begin_word(list, "ull");
		break;
	case '-':
		list->state = MINUS;
		break;
	default:
		list->state = c == '0'    ? ZERO
		    : c > '0' && c <= '9' ? DIGITS
					  : BROKEN;
		break;
	}
}

static void
read_next(struct model_list *list, unsigned char c)
{
	if (c == '}' || c == ']')
		shut(list, c == '}');
	else if (c == ',' && list->depth > 0)
		list->state = in_object(list) ? KEY : VALUE;
	else
		list->state = BROKEN;
}

/* A number ends with the first octet that is none of its own. */
static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* used = read_number(list, c): false when the number is over before ${c}. */
static bool
read_number(struct model_list *list, unsigned char c)
{
	unsigned state = list->state, next = BROKEN;
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
	list->state = next;
	return next != NEXT;
}

static void
read_word(struct model_list *list, unsigned char c)
{
	if ((unsigned char)*list->word != c)
		list->state = BROKEN;
	else if (*++list->word == '\0')
		list->state = NEXT;
}

static void
read_mark(struct model_list *list, unsigned char c)
{
	if ((unsigned char)byte_order_mark[3 - list->left] != c)
		list->state = BROKEN;
	else if (--list->left == 0)
		list->state = VALUE;
}

/* Between two values or their parts, blanks aside. */
static void
read_between(struct model_list *list, unsigned char c)
{
	switch (list->state) {
	case VALUE_OR_END:
		if (c == ']')
			shut(list, false);
		else
			begin_value(list, c);
		break;
	case KEY_OR_END:
	case KEY:
		if (c == '"')
			begin_text(list, true);
		else if (c == '}' && list->state == KEY_OR_END)
			shut(list, true);
		else
			list->state = BROKEN;
		break;
	case COLON:
		list->state = c == ':' ? VALUE : BROKEN;
		break;
	case NEXT:
		read_next(list, c);
		break;
	default: /* VALUE */
		begin_value(list, c);
		break;
	}
}

static void
read_octet(struct model_list *list, unsigned char c)
{
	if (list->state >= MINUS && list->state <= EXPONENT_DIGITS &&
	    read_number(list, c))
		return;
	if (list->state == START) {
		list->left = 3;
		list->state = c == 0xef ? MARK : VALUE;
	}
	switch (list->state) {
	case MARK:
		read_mark(list, c);
		break;
	case TEXT:
		read_text(list, c);
		break;
	case ESCAPE:
		read_escape(list, c);
		break;
	case HEX:
		read_hex(list, c);
		break;
	case CHARACTER:
		read_character(list, c);
		break;
	case WORD:
		read_word(list, c);
		break;
	default:
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			read_between(list, c);
		break;
	}
}

void
model_list_read(struct model_list *list, const char *data, size_t len)
{
	for (size_t i = 0; i < len && list->state != BROKEN; i++)
		read_octet(list, (unsigned char)data[i]);
}

void
model_list_follow(struct model_list *list, const char *model)
{
	if (list->wanted == list->model)
		list->wanted = model;
	list->model = model;
}

enum model_list_verdict
model_list_end(struct model_list *list)
{
	/* A number at the top may end here. */
	if (list->state >= MINUS && list->state <= EXPONENT_DIGITS)
		(void)read_number(list, ' ');
	if (list->state != NEXT || list->depth > 0)
		return MODEL_LIST_NOT_JSON;
	if (!list->listed)
		return MODEL_LIST_NONE;
	return list->named ? MODEL_LIST_NAMED : MODEL_LIST_NOT_NAMED;
}
