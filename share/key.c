/*
 * Keys in etcd as text and back.  Called by whatever writes or reads one;
 * allocates nothing, trusts no text.
 */
#include "share/key.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* What follows the names of a key. */
enum tail { TAIL_NONE, TAIL_BLOCK, TAIL_NUMBER };

static const struct form {
	const char *word;
	size_t n_names;
	enum tail tail;
} forms[KEY_KINDS] = {
    [KEY_GENERATION] = {"generation", 0, TAIL_NONE},
    [KEY_NODE] = {"node", 1, TAIL_NONE},
    [KEY_LIVE] = {"live", 1, TAIL_NONE},
    [KEY_VANTAGE] = {"vantage", 1, TAIL_NONE},
    [KEY_VERDICT] = {"verdict", 1, TAIL_BLOCK},
    [KEY_ADDRESS] = {"address", 1, TAIL_BLOCK},
    [KEY_LOAD] = {"load", 1, TAIL_BLOCK},
    [KEY_OVERRIDE] = {"override", 0, TAIL_NUMBER},
    [KEY_RAMP] = {"ramp", 2, TAIL_NONE},
    [KEY_KEEP] = {"keep", 2, TAIL_NONE},
    [KEY_FACTOR] = {"factor", 2, TAIL_BLOCK},
    [KEY_DEMAND] = {"demand", 3, TAIL_NONE},
    [KEY_LOCK] = {"lock", 2, TAIL_NONE},
    [KEY_PRUNED] = {"pruned", 0, TAIL_NONE},
    [KEY_CALENDAR] = {"calendar", 0, TAIL_NONE},
    [KEY_FORGOTTEN] = {"forgotten", 1, TAIL_NONE},
    [KEY_SITE] = {"site", 0, TAIL_NONE},
};

/* Digits of a number by which keys are in its order, and of a block, which has
 * as many as it needs, but not less. */
#define NUMBER_DIGITS 20
#define BLOCK_DIGITS 2

static bool
is_plain(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool
is_printable(int c)
{
	return c >= ' ' && c <= '~';
}

/* The end of what was written; NULL when ${name} is none. */
static char *
add_name(char *at, const char *name)
{
	static const char hex[] = "0123456789ABCDEF";

	if (*name == '\0')
		return NULL;
	*at++ = '/';
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (!is_printable(c))
			return NULL;
		if (is_plain(*name)) {
			*at++ = *name;
			continue;
		}
		*at++ = '%';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	return at;
}

size_t
key_build(const char *prefix, const struct key *key, char out[KEY_TEXT])
{
	const struct form *form = &forms[key->kind];
	size_t len = strlen(prefix);
	char *at = out;

	if (len > KEY_PREFIX_MAX ||
	    (form->tail == TAIL_BLOCK && key->number >= KEY_BLOCKS))
		return 0;
	memcpy(at, prefix, len);
	at += len;
	len = strlen(form->word);
	memcpy(at, form->word, len);
	at += len;
	for (size_t i = 0; i < form->n_names; i++)
		if ((at = add_name(at, key->name[i])) == NULL)
			return 0;
	*at = '\0';
	if (form->tail != TAIL_NONE)
		at += snprintf(at, (size_t)(out + KEY_TEXT - at), "/%0*" PRIu64,
		    form->tail == TAIL_BLOCK ? BLOCK_DIGITS : NUMBER_DIGITS,
		    key->number);
	return (size_t)(at - out);
}

/* What is left of a key. */
struct rest {
	const char *at, *end;
};

/* The part that ${rest} begins with, up to a slash or the end, is taken off. */
static struct rest
take_part(struct rest *rest)
{
	const char *slash =
	    memchr(rest->at, '/', (size_t)(rest->end - rest->at));
	struct rest part = {rest->at, slash != NULL ? slash : rest->end};

	rest->at = slash != NULL ? slash + 1 : NULL;
	return part;
}

/* The value of a digit as key_build() writes it; -1: it is none. */
static int
from_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The character that ${part} begins with is taken off; -1: it is written in
 * another way, or may be in no name. */
static int
take_character(struct rest *part)
{
	char c = *part->at++;
	int high, low;

	if (c != '%')
		return is_plain(c) ? c : -1;
	if (part->end - part->at < 2)
		return -1;
	high = from_hex(*part->at++);
	low = from_hex(*part->at++);
	if (high < 0 || low < 0 || !is_printable(16 * high + low) ||
	    is_plain((char)(16 * high + low)))
		return -1;
	return 16 * high + low;
}

static int
parse_name(struct rest part, char out[STATE_ZONE])
{
	size_t n = 0;
	int c;

	while (part.at < part.end) {
		if (n + 1 >= STATE_ZONE || (c = take_character(&part)) < 0)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n > 0 ? 0 : -1;
}

static int
parse_number(struct rest part, enum tail tail, uint64_t *out)
{
	size_t len = (size_t)(part.end - part.at);
	bool block = tail == TAIL_BLOCK;

	if (block
		? len < BLOCK_DIGITS || (len > BLOCK_DIGITS && *part.at == '0')
		: len != NUMBER_DIGITS)
		return -1;
	return number_parse(
	    part.at, len, 0, block ? KEY_BLOCKS - 1 : UINT64_MAX, out);
}

static const struct form *
find_form(struct rest word)
{
	size_t len = (size_t)(word.end - word.at);

	for (size_t i = 0; i < KEY_KINDS; i++)
		if (strlen(forms[i].word) == len &&
		    memcmp(forms[i].word, word.at, len) == 0)
			return &forms[i];
	return NULL;
}

int
key_parse(const char *prefix, const char *text, size_t len, struct key *out)
{
	size_t skip = strlen(prefix);
	struct rest rest = {text + skip, text + len};
	struct key key = {.number = 0};
	const struct form *form;

	if (len < skip || memcmp(text, prefix, skip) != 0)
		return -1;
	form = find_form(take_part(&rest));
	if (form == NULL)
		return -1;
	key.kind = (enum key_kind)(form - forms);
	for (size_t i = 0; i < form->n_names; i++)
		if (rest.at == NULL ||
		    parse_name(take_part(&rest), key.name[i]) != 0)
			return -1;
	if (form->tail != TAIL_NONE &&
	    (rest.at == NULL ||
		parse_number(take_part(&rest), form->tail, &key.number) != 0))
		return -1;
	if (rest.at != NULL)
		return -1;
	*out = key;
	return 0;
}
