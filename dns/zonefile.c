/*
 * Reads master files into a zone builder: directives, owners, TTLs, classes,
 * types.  Called while a zone is loaded; bounded in depth, size and messages
 * whatever the files hold.
 */
#include "dns/zonefile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/rdata_text.h"
#include "dns/wire.h"
#include "dns/zonefile_lex.h"

/* A file being read.  All that it sets ends with it. */
struct level {
	struct zone_lexer lexer;
	struct file_identity identity;
	uint8_t origin[NAME_MAX_WIRE];
	uint8_t owner[NAME_MAX_WIRE];
	bool has_owner;
	bool has_default, has_last; /* $TTL; the last TTL that was stated */
	uint32_t default_ttl, last_ttl;
};

struct reader {
	struct level levels[ZONEFILE_MAX_DEPTH + 1];
	unsigned depth; /* levels in use */
	bool include;   /* $INCLUDE is allowed */
	uint64_t left;  /* octets that files may still have */
	char **paths;   /* of included files, for marks */
	size_t n_paths;
	struct zone_entry entry;
	char *scratch; /* ENTRY_MAX octets */
	uint8_t rdata[RDATA_MAX];
	bool has_minimum; /* the SOA's, for records without any TTL */
	uint32_t minimum;
	size_t records;
	struct zone_builder *builder;
	struct errbuf *eb;
	unsigned errors; /* that were in eb before */
};

/* A record while its entry is read. */
struct line {
	struct mark at; /* of the owner, or of the first word */
	uint16_t type;
	bool has_ttl, has_class;
	uint32_t ttl_s;
};

static struct level *
current(struct reader *r)
{
	return &r->levels[r->depth - 1];
}

static struct mark
mark_of(struct reader *r, const struct zone_token *token)
{
	return (struct mark){
	    current(r)->lexer.name, token->line, token->column};
}

/* Report the token ${n} of the entry; returns -1. */
static int
fail(struct reader *r, size_t n, const char *words)
{
	const struct zone_token *token = &r->entry.tokens[n];
	struct mark at = mark_of(r, token);
	char shown[TOKEN_SHOWN];

	return errbuf_error(
	    r->eb, &at, "\"%s\" %s", token_show(token->text, shown), words);
}

/* The name that the token ${n} is, to ${out}; -1 with the error. */
static int
read_name(struct reader *r, size_t n, uint8_t *out)
{
	const struct zone_token *token = &r->entry.tokens[n];

	if (token->quoted || token->has_quotes ||
	    name_parse(token->text, current(r)->origin, out) < 0)
		return fail(r, n,
		    "is no domain name (labels of 1 to 63 octets, 255 in "
		    "all)");
	return 0;
}

/* Directives. */

/* -1 with an error unless the directive has ${least} to ${most} words. */
static int
check_words(struct reader *r, size_t least, size_t most)
{
	if (r->entry.n < 1 + least)
		return fail(r, 0, "needs a value behind it");
	if (r->entry.n > 1 + most)
		return fail(r, 1 + most, "is one word too many");
	return 0;
}

static int
read_origin(struct reader *r)
{
	uint8_t origin[NAME_MAX_WIRE];

	if (check_words(r, 1, 1) != 0 || read_name(r, 1, origin) != 0)
		return -1;
	memcpy(current(r)->origin, origin, name_length(origin));
	return 0;
}

static int
read_default_ttl(struct reader *r)
{
	struct level *level = current(r);

	if (check_words(r, 1, 1) != 0)
		return -1;
	if (seconds_from_text(r->entry.tokens[1].text, &level->default_ttl) !=
	    0)
		return fail(
		    r, 1, "is no TTL up to 2147483647 s (300, 5m, 1h30m)");
	level->has_default = true;
	return 0;
}

/* Keep a path for the marks of what it holds; NULL without memory.  Room for
 * all of them was made at the start. */
static const char *
keep_path(struct reader *r, const char *name)
{
	char *path = file_beside(current(r)->lexer.name, name);

	if (path != NULL)
		r->paths[r->n_paths++] = path;
	return path;
}

static bool
is_open(const struct reader *r, const struct file_identity *identity)
{
	for (unsigned i = 0; i < r->depth; i++)
		if (memcmp(&r->levels[i].identity, identity,
			sizeof(*identity)) == 0)
			return true;
	return false;
}

/* $INCLUDE file [origin]: what the file sets ends with it (RFC 1035, 5.1). */
static int
read_include(struct reader *r)
{
	struct mark at = mark_of(r, &r->entry.tokens[0]);
	uint8_t origin[NAME_MAX_WIRE];
	struct level *level = &r->levels[r->depth];
	const char *path;

	if (check_words(r, 1, 2) != 0)
		return -1;
	if (!r->include)
		return fail(r, 0, "is not allowed here");
	memcpy(origin, current(r)->origin, sizeof(origin));
	if (r->entry.n > 2 && read_name(r, 2, origin) != 0)
		return -1;
	if (r->depth == ZONEFILE_MAX_DEPTH + 1)
		return fail(r, 1, "is nested more than 8 deep");
	if (r->n_paths == ZONEFILE_MAX_INCLUDES)
		return fail(r, 1, "is more than 10000 files in one zone");
	path = keep_path(r, r->entry.tokens[1].text);
	if (path == NULL)
		return errbuf_error(r->eb, &at, "no memory for the zone");
	*level = *current(r);
	if (file_identify(path, &level->identity) == 0 &&
	    is_open(r, &level->identity))
		return fail(r, 1, "includes itself");
	if (zone_lexer_open(&level->lexer, path, &r->left, &at, r->eb) != 0)
		return -1;
	memcpy(level->origin, origin, sizeof(origin));
	r->depth++;
	return 0;
}

static int
read_directive(struct reader *r)
{
	const char *text = r->entry.tokens[0].text;

	if (strcasecmp(text, "$ORIGIN") == 0)
		return read_origin(r);
	if (strcasecmp(text, "$TTL") == 0)
		return read_default_ttl(r);
	if (strcasecmp(text, "$INCLUDE") == 0)
		return read_include(r);
	return fail(r, 0, "is no directive; $ORIGIN, $TTL and $INCLUDE are");
}

/* Records. */

/* The owner: the first word, or the last one there was (RFC 1035, 5.1). */
static int
read_owner(struct reader *r, size_t *next)
{
	struct level *level = current(r);

	if (r->entry.blank && !level->has_owner)
		return fail(r, 0,
		    "follows a blank, but there is no owner before to take "
		    "over");
	if (r->entry.blank)
		return 0;
	/* Whatever follows under a name that cannot be read is not put under
	 * the one before. */
	level->has_owner = read_name(r, 0, level->owner) == 0;
	*next = 1;
	return level->has_owner ? 0 : -1;
}

/*
 * Is the token ${n} a class?  1 for IN, 0 when it is none, -1 with an error for
 * other ones.
 */
static int
read_class(struct reader *r, size_t n)
{
	static const char *const others[] = {"CH", "HS", "CS", "NONE", "ANY"};
	const char *text = r->entry.tokens[n].text;
	uint32_t number;

	if (strcasecmp(text, "IN") == 0)
		return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcasecmp(text, others[i]) == 0)
			return fail(r, n, "is not the class IN");
	if (strncasecmp(text, "CLASS", 5) != 0)
		return 0;
	if (number_from_text(text + 5, UINT16_MAX, &number) != 0)
		return fail(r, n, "is no class");
	return number == CLASS_IN ? 1 : fail(r, n, "is not the class IN");
}

/* TTL and class, each or none, in either order, from the token ${next} on. */
static int
read_ttl_class(struct reader *r, struct line *line, size_t *next)
{
	for (; *next < r->entry.n; (*next)++) {
		const struct zone_token *token = &r->entry.tokens[*next];
		int class = 0;

		if (token->text[0] >= '0' && token->text[0] <= '9') {
			if (line->has_ttl)
				return fail(r, *next, "is a second TTL");
			if (seconds_from_text(token->text, &line->ttl_s) != 0)
				return fail(r, *next,
				    "is no TTL up to 2147483647 s (300, 5m, "
				    "1h30m)");
			line->has_ttl = true;
			continue;
		}
		if (!token->quoted)
			class = read_class(r, *next);
		if (class < 0)
			return -1;
		if (class == 0)
			return 0;
		if (line->has_class)
			return fail(r, *next, "is a second class");
		line->has_class = true;
	}
	return 0;
}

static int
read_type(struct reader *r, struct line *line, size_t *next)
{
	if (*next == r->entry.n) {
		struct mark at = mark_of(r, &r->entry.tokens[*next - 1]);

		return errbuf_error(
		    r->eb, &at, "the record ends without a type");
	}
	if (r->entry.tokens[*next].quoted ||
	    type_from_text(r->entry.tokens[*next].text, &line->type) != 0)
		return fail(r, *next, "is no record type");
	(*next)++;
	return 0;
}

/*
 * The TTL of a record that states none: $TTL, else the last stated (RFC 1035,
 * 5.1), else the SOA's minimum, as zones from before RFC 2308 mean it.
 */
static int
find_ttl(struct reader *r, struct line *line, size_t len)
{
	struct level *level = current(r);

	if (line->has_ttl) {
		level->has_last = true;
		level->last_ttl = line->ttl_s;
	} else if (level->has_default)
		line->ttl_s = level->default_ttl;
	else if (level->has_last)
		line->ttl_s = level->last_ttl;
	else if (r->has_minimum)
		line->ttl_s = r->minimum;
	else if (line->type != TYPE_SOA || len < 4 || len > RDATA_MAX)
		return errbuf_error(r->eb, &line->at,
		    "no TTL: the record states none, and neither $TTL nor a "
		    "TTL stands before it (RFC 2308, 4)");
	else {
		r->has_minimum = true;
		r->minimum = line->ttl_s = wire_get32(r->rdata + len - 4);
		errbuf_warn(r->eb, &line->at,
		    "no TTL: records without one get the SOA's minimum, %lu "
		    "(RFC 2308, 4)",
		    (unsigned long)r->minimum);
	}
	return 0;
}

static int
read_record(struct reader *r)
{
	struct level *level = current(r);
	struct line line = {.at = mark_of(r, &r->entry.tokens[0])};
	struct rdata_text text = {
	    .origin = level->origin, .scratch = r->scratch};
	size_t next = 0;
	int len;

	if (read_owner(r, &next) != 0 || read_ttl_class(r, &line, &next) != 0 ||
	    read_type(r, &line, &next) != 0)
		return -1;
	text.tokens = r->entry.tokens + next;
	text.n = r->entry.n - next;
	text.type = r->entry.tokens[next - 1].text;
	text.at = mark_of(r, &r->entry.tokens[next - 1]);
	len = rdata_from_text(line.type, &text, r->rdata, r->eb);
	if (len < 0 || find_ttl(r, &line, (size_t)len) != 0)
		return -1;
	r->records++;
	return zone_builder_add(r->builder, &line.at, level->owner, line.type,
	    line.ttl_s, r->rdata, (size_t)len, r->eb);
}

/* The whole. */

/* Files saved by some editors begin with one; other servers trip over it. */
static void
check_start(struct reader *r)
{
	struct mark at = {current(r)->lexer.name, 1, 1};
	const struct zone_token *token = &r->entry.tokens[0];

	if (token->line == 1 && token->column == 1 &&
	    strncmp(token->text, "\xef\xbb\xbf", 3) == 0) {
		errbuf_error(r->eb, &at,
		    "the file begins with a byte order mark; save it without");
		r->entry.bad = true;
	}
}

static void
read_entry(struct reader *r)
{
	const struct zone_token *first = &r->entry.tokens[0];

	if (!r->entry.bad && !r->entry.blank)
		check_start(r);
	if (r->entry.bad)
		return;
	if (!r->entry.blank && !first->quoted && first->text[0] == '$')
		read_directive(r);
	else
		read_record(r);
}

static void
read_all(struct reader *r)
{
	while (r->depth > 0) {
		struct level *level = current(r);
		struct mark at = {level->lexer.name, level->lexer.line, 0};

		if (r->eb->errors - r->errors >= ZONE_MAX_MESSAGES) {
			errbuf_error(r->eb, &at,
			    "too many errors: the zone is not read further");
			return;
		}
		if (zone_lexer_next(&level->lexer, &r->entry, r->eb) ==
		    LEX_ENTRY)
			read_entry(r);
		else {
			zone_lexer_close(&level->lexer);
			r->depth--;
		}
	}
}

static void
reader_destroy(struct reader *r)
{
	if (r == NULL)
		return;
	for (; r->depth > 0; r->depth--)
		zone_lexer_close(&current(r)->lexer);
	for (size_t i = 0; i < r->n_paths; i++)
		free(r->paths[i]);
	free(r->paths);
	free(r->scratch);
	zone_entry_finish(&r->entry);
	zone_builder_destroy(r->builder);
	free(r);
}

/* A reader with its builder that knows the services; NULL with errors. */
static struct reader *
reader_create(const char *name, const uint8_t *apex,
    const struct zone_service *services, size_t n, struct errbuf *eb)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct mark at = {name, 0, 0};

	if (r != NULL) {
		r->eb = eb;
		r->errors = eb->errors;
		r->left = ZONEFILE_MAX_BYTES;
		r->builder = zone_builder_create(apex);
		r->scratch = malloc(ENTRY_MAX);
		r->paths = calloc(ZONEFILE_MAX_INCLUDES, sizeof(*r->paths));
	}
	if (r == NULL || r->builder == NULL || r->scratch == NULL ||
	    r->paths == NULL || zone_entry_init(&r->entry) != 0) {
		errbuf_error(eb, &at, "no memory for the zone");
		reader_destroy(r);
		return NULL;
	}
	memcpy(r->levels[0].origin, apex, name_length(apex));
	for (size_t i = 0; i < n && i < UINT32_MAX; i++)
		zone_builder_service(r->builder, &services[i].at,
		    services[i].owner, (uint32_t)i, eb);
	return r;
}

/* Read what is open at the first level and build the zone. */
static struct zone *
finish(struct reader *r, const char *name)
{
	struct mark at = {name, 0, 0};
	struct zone *zone = NULL;

	r->depth = 1;
	read_all(r);
	if (r->eb->errors == r->errors && r->records == 0)
		errbuf_error(r->eb, &at, "holds no records");
	if (r->eb->errors == r->errors) {
		zone = zone_builder_finish(r->builder, r->eb);
		r->builder = NULL;
	}
	reader_destroy(r);
	return zone;
}

struct zone *
zonefile_load(const char *path, const uint8_t *apex,
    const struct zone_service *services, size_t n, struct errbuf *eb)
{
	struct reader *r = reader_create(path, apex, services, n, eb);
	struct level *level;

	if (r == NULL)
		return NULL;
	level = &r->levels[0];
	r->include = true;
	if (zone_lexer_open(&level->lexer, path, &r->left, NULL, eb) != 0) {
		reader_destroy(r);
		return NULL;
	}
	/* Not there any more: then it cannot include itself either. */
	(void)file_identify(path, &level->identity);
	return finish(r, path);
}

struct zone *
zonefile_parse(const char *name, const char *text, size_t len, bool include,
    const uint8_t *apex, const struct zone_service *services, size_t n,
    struct errbuf *eb)
{
	struct reader *r = reader_create(name, apex, services, n, eb);

	if (r == NULL)
		return NULL;
	r->include = include;
	zone_lexer_memory(&r->levels[0].lexer, name, text, len);
	return finish(r, name);
}
