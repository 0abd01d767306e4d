/*
 * Domain names in wire form: measured, folded, compared, read and printed.
 * Called wherever names are handled, workers included; allocates nothing.
 */
#include "dns/wire/name.h"

#include <string.h>

#include "base/escape.h"
#include "base/hash.h"

#define LABEL_MAX 63

/* The eight octets of a word, each ${n}. */
#define EACH(n) (UINT64_C(0x0101010101010101) * (n))

size_t
name_length(const uint8_t *name)
{
	size_t len = 0;

	while (name[len] != 0)
		len += name[len] + 1u;
	return len + 1;
}

size_t
name_measure(const uint8_t *octets, size_t len)
{
	size_t most = len < NAME_MAX_WIRE ? len : NAME_MAX_WIRE, used = 0;

	while (used < most && octets[used] <= LABEL_MAX) {
		if (octets[used] == 0)
			return used + 1;
		used += octets[used] + 1u;
	}
	return 0;
}

unsigned
name_labels(const uint8_t *name)
{
	unsigned n = 0;

	for (; *name != 0; name += *name + 1)
		n++;
	return n;
}

static uint8_t
fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* Fold eight octets at once: additions that carry into the top bit of an octet
 * tell whether its low seven bits are at least 'A', and more than 'Z'. */
static uint64_t
fold_word(uint64_t word)
{
	uint64_t low = word & EACH(0x7f);
	uint64_t from_a = low + EACH(0x80 - 'A');
	uint64_t past_z = low + EACH(0x7f - 'Z');
	uint64_t upper = (from_a ^ past_z) & ~word & EACH(0x80);

	return word | upper >> 2;
}

static void
lower_word(uint8_t *out, const uint8_t *octets)
{
	uint64_t word;

	memcpy(&word, octets, 8);
	word = fold_word(word);
	memcpy(out, &word, 8);
}

/* Length octets are below 'A' and pass through like any other.  The last word
 * may overlap the one before it: what is folded twice is the same. */
void
name_lower(uint8_t *out, const uint8_t *name, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		lower_word(out + i, name + i);
	if (i > 0 && i < len)
		lower_word(out + len - 8, name + len - 8);
	else
		for (; i < len; i++)
			out[i] = fold(name[i]);
}

/* The same ${len} octets of wire form, case folded. */
static bool
equal_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool
name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t len = name_length(a);

	return name_length(b) == len && equal_octets(a, b, len);
}

size_t
name_wildcard(uint8_t *out, const uint8_t *name, size_t len)
{
	out[0] = 1;
	out[1] = '*';
	memcpy(out + 2, name, len);
	return len + 2;
}

const uint8_t *
name_parent(const uint8_t *name)
{
	return *name == 0 ? name : name + *name + 1;
}

const uint8_t *
name_below(const uint8_t *name, const uint8_t *apex)
{
	size_t len = name_length(name), want = name_length(apex);

	while (len > want) {
		len -= *name + 1u;
		name += *name + 1;
	}
	return len == want && equal_octets(name, apex, len) ? name : NULL;
}

/* Where each label of ${name} begins; how many there are. */
static unsigned
label_starts(const uint8_t *name, uint8_t at[NAME_MAX_LABELS])
{
	unsigned n = 0;

	for (size_t i = 0; name[i] != 0; i += name[i] + 1u)
		at[n++] = (uint8_t)i;
	return n;
}

int
name_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t a_at[NAME_MAX_LABELS], b_at[NAME_MAX_LABELS];
	unsigned i = label_starts(a, a_at), k = label_starts(b, b_at);

	while (i > 0 && k > 0) {
		const uint8_t *x = a + a_at[--i], *y = b + b_at[--k];
		int order = memcmp(x + 1, y + 1, *x < *y ? *x : *y);

		if (order != 0)
			return order;
		if (*x != *y)
			return *x - *y;
	}
	return (i > 0) - (k > 0);
}

size_t
name_shared(const uint8_t *a, const uint8_t *b)
{
	uint8_t a_at[NAME_MAX_LABELS], b_at[NAME_MAX_LABELS];
	unsigned i = label_starts(a, a_at), k = label_starts(b, b_at);
	size_t shared = 1;

	while (i > 0 && k > 0) {
		const uint8_t *x = a + a_at[--i], *y = b + b_at[--k];

		if (*x != *y || memcmp(x, y, *x + 1u) != 0)
			break;
		shared += *x + 1u;
	}
	return shared;
}

/* Read one label, up to its dot or the end, to ${out} with ${room} octets.
 * How many characters it took, or 0. */
static size_t
parse_label(const char *text, uint8_t *out, size_t room)
{
	size_t used = 0, len = 0;

	while (text[used] != '\0' && text[used] != '.') {
		uint8_t octet;
		size_t n = escape_read(text + used, &octet);

		if (n == 0 || len == LABEL_MAX || len + 1 >= room)
			return 0;
		out[++len] = octet;
		used += n;
	}
	out[0] = (uint8_t)len;
	return used;
}

int
name_parse(const char *text, const uint8_t *origin, uint8_t *out)
{
	static const uint8_t root[] = {0};
	const uint8_t *tail = origin != NULL ? origin : root;
	uint8_t wire[NAME_MAX_WIRE];
	size_t len = 0, tail_len;

	if (strcmp(text, ".") == 0) {
		tail = root;
		text = "";
	} else if (strcmp(text, "@") == 0)
		text = "";
	else if (*text == '\0')
		return -1;
	while (*text != '\0') {
		size_t used = len < sizeof(wire)
		    ? parse_label(text, wire + len, sizeof(wire) - len)
		    : 0;

		if (used == 0)
			return -1;
		len += wire[len] + 1u;
		text += used;
		if (*text == '.' && *++text == '\0')
			tail = root;
	}
	tail_len = name_length(tail);
	if (len + tail_len > NAME_MAX_WIRE)
		return -1;
	memcpy(wire + len, tail, tail_len);
	memcpy(out, wire, len + tail_len);
	return (int)(len + tail_len);
}

const char *
name_format(const uint8_t *name, char *out)
{
	char *p = out;

	if (*name == 0)
		*p++ = '.';
	for (; *name != 0; name += *name + 1) {
		for (unsigned i = 1; i <= *name; i++)
			p = escape_write(name[i], p);
		*p++ = '.';
	}
	*p = '\0';
	return out;
}

bool
name_repeats(const uint8_t *name, const uint8_t *origin, const uint8_t *apex)
{
	uint8_t relative[NAME_MAX_WIRE];
	size_t len = name_length(name), origin_len = name_length(origin);

	/* One that is not below it would be cut inside a label. */
	if (apex[0] == 0 || len == origin_len ||
	    name_below(name, origin) == NULL)
		return false;
	memcpy(relative, name, len - origin_len);
	relative[len - origin_len] = 0;
	return name_below(relative, apex) != NULL;
}

uint64_t
name_hash(const uint8_t *lower, size_t len)
{
	return hash_bytes(lower, len, 0);
}
