/*
 * Reads the header Accept.  Called by http.c; copies nothing, and reads each
 * range once a type, however long the header is.
 */
#include "web/accept.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A part of a header, without the space around it. */
struct span {
	const char *at;
	size_t len;
};

/* How much a type is wanted: ${quality} in thousandths, by a range that names
 * it as exactly as ${exactness} says. */
enum exactness { NOT_NAMED, ANY_TYPE, ANY_SUBTYPE, ITSELF };

struct wish {
	enum exactness exactness;
	unsigned quality;
};

/* The next part of ${rest}, which ends at ${separator} outside of quotes;
 * ${rest} goes on behind it. */
static struct span
next_part(struct span *rest, char separator)
{
	struct span part = {rest->at, 0};
	bool quoted = false;
	size_t used;

	for (; part.len < rest->len; part.len++) {
		char c = part.at[part.len];

		if (c == separator && !quoted)
			break;
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted && part.len + 1 < rest->len)
			part.len++;
	}
	used = part.len < rest->len ? part.len + 1 : part.len;
	rest->at += used;
	rest->len -= used;
	while (part.len > 0 && isspace((unsigned char)*part.at)) {
		part.at++;
		part.len--;
	}
	while (part.len > 0 && isspace((unsigned char)part.at[part.len - 1]))
		part.len--;
	return part;
}

static bool
is_same(struct span a, struct span b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static bool
is_text(struct span a, const char *text)
{
	return is_same(a, (struct span){text, strlen(text)});
}

/* In thousandths; 0 for what is no weight. */
static unsigned
read_quality(struct span text)
{
	unsigned quality = 0, unit = 1000;

	if (text.len == 0 || text.len > 5 ||
	    (text.len > 1 && text.at[1] != '.'))
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		if (i == 1)
			continue;
		if (!isdigit((unsigned char)text.at[i]))
			return 0;
		quality += (unsigned)(text.at[i] - '0') * unit;
		unit /= 10;
	}
	return quality <= 1000 ? quality : 0;
}

/* Has ${type} another value of this parameter? */
static bool
is_other(struct span parameter, struct span type)
{
	struct span name =
	    next_part(&(struct span){parameter.at, parameter.len}, '=');

	while (type.len > 0) {
		struct span own = next_part(&type, ';');
		struct span own_name =
		    next_part(&(struct span){own.at, own.len}, '=');

		if (is_same(name, own_name))
			return !is_same(parameter, own);
	}
	return false;
}

/* How exactly ${range}, without parameters, names ${media}. */
static enum exactness
compare(struct span range, struct span media)
{
	const char *slash = memchr(media.at, '/', media.len);
	size_t major = (size_t)(slash - media.at) + 1;

	if (is_same(range, media))
		return ITSELF;
	if (range.len == major + 1 && range.at[major] == '*' &&
	    strncasecmp(range.at, media.at, major) == 0)
		return ANY_SUBTYPE;
	return is_text(range, "*/*") ? ANY_TYPE : NOT_NAMED;
}

/* What one range says of ${type}. */
static struct wish
read_range(struct span range, struct span type)
{
	struct span media = next_part(&type, ';');
	struct wish wish = {.exactness = compare(next_part(&range, ';'), media),
	    .quality = 1000};

	while (range.len > 0) {
		struct span parameter = next_part(&range, ';');

		if (parameter.len >= 2 &&
		    strncasecmp(parameter.at, "q=", 2) == 0)
			wish.quality = read_quality(
			    (struct span){parameter.at + 2, parameter.len - 2});
		else if (is_other(parameter, type))
			return (struct wish){NOT_NAMED, 0};
	}
	return wish;
}

/* What the most exact range says; of several such, that which wants it most. */
static struct wish
read_wish(const char *accept, const char *type)
{
	struct span rest = {accept, strlen(accept)};
	struct wish best = {NOT_NAMED, 0};

	while (rest.len > 0) {
		struct wish wish = read_range(
		    next_part(&rest, ','), (struct span){type, strlen(type)});

		if (wish.exactness > best.exactness ||
		    (wish.exactness == best.exactness &&
			wish.quality > best.quality))
			best = wish;
	}
	return best;
}

bool
accept_prefers(const char *accept, const char *type, const char *usual)
{
	struct wish wish;

	if (accept == NULL)
		return false;
	wish = read_wish(accept, type);
	return wish.exactness == ITSELF && wish.quality > 0 &&
	    wish.quality >= read_wish(accept, usual).quality;
}
