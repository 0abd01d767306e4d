/*
 * Reads master files into a zone builder: directives, owners, TTLs, classes,
 * types.  Called while a zone is loaded; bounded in depth, size and messages
 * whatever the files hold.
 */
#include "dns/zone/zonefile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inputs.h"
#include "base/folders.h"
#include "base/number.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/field.h"
#include "dns/zone/lexer.h"
#include "dns/zone/rdata_text.h"
#include "dns/zone/ttl.h"
#include "dns/zone/type.h"
#include "dns/zone/zone_builder.h"

#define NO_INPUT SIZE_MAX

/* A file being read.  All that it sets ends with it. */
struct level {
	struct lexer lexer;
	size_t input; /* its number, or NO_INPUT when it is in memory */
	uint8_t origin[NAME_MAX_WIRE];
	struct mark origin_at; /* of the $ORIGIN that gave it, if one did */
	bool origin_astray;    /* it is no name of the zone, which was said */
	uint8_t owner[NAME_MAX_WIRE];
	bool has_owner;
	bool lost_owner;            /* it could not be read, which was said */
	bool has_default, has_last; /* $TTL; the last TTL that was stated */
	uint32_t default_ttl, last_ttl;
};

struct reader {
	struct level levels[ZONEFILE_MAX_DEPTH + 1];
	unsigned depth; /* levels in use */
	uint64_t left;  /* octets that files may still have */
	/* Files that were opened; marks refer to their paths. */
	struct inputs *inputs, own_inputs;
	struct folders *folders; /* of included files; NULL: there are none */
	size_t includes;
	struct lexer_entry entry;
	char *scratch; /* ENTRY_MAX octets */
	uint8_t rdata[RDATA_MAX];
	bool has_minimum; /* the SOA's, for records without any TTL */
	uint32_t minimum;
	size_t records;
	bool other_zone; /* the SOA says so, and it is not read further */
	const uint8_t *apex;
	unsigned warnings; /* of names, up to ZONE_MAX_MESSAGES */
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
mark_of(struct reader *r, const struct token *token)
{
	return (struct mark){
	    current(r)->lexer.name, token->line, token->column};
}

static const char no_comment[] = "begins no comment; a comment begins with ;";

/* Report the token ${n} of the entry; returns -1. */
static int
fail(struct reader *r, size_t n, const char *words)
{
	const struct token *token = &r->entry.tokens[n];
	struct mark at = mark_of(r, token);
	char shown[TOKEN_SHOWN];

	return errbuf_error(r->eb, &at, "\"%s\" %s",
	    token_show(token->text, shown, sizeof(shown)), words);
}

/* The name that the token ${n} is, to ${out}; -1 with the error. */
static int
read_name(struct reader *r, size_t n, uint8_t *out)
{
	const struct token *token = &r->entry.tokens[n];
	struct mark at = mark_of(r, token);

	if (token->quoted || token->has_quotes ||
	    name_parse(token->text, current(r)->origin, out) < 0)
		return fail(r, n,
		    "is no domain name (labels of 1 to 63 octets, 255 in "
		    "all)");
	field_warn_repeats(
	    token, out, current(r)->origin, r->apex, &at, &r->warnings, r->eb);
	return 0;
}

/* Directives. */

/* -1 with an error unless the directive has ${least} to ${most} words. */
static int
check_words(struct reader *r, size_t least, size_t most)
{
	if (r->entry.n < 1 + least)
		return fail(r, 0, "needs a value after it");
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
	current(r)->origin_at = mark_of(r, &r->entry.tokens[1]);
	current(r)->origin_astray = false;
	return 0;
}

static int
read_default_ttl(struct reader *r)
{
	struct level *level = current(r);

	/* Also one that cannot be read: that records have no TTL then is no
	 * second mistake. */
	level->has_default = true;
	if (check_words(r, 1, 1) != 0)
		return -1;
	if (ttl_parse(r->entry.tokens[1].text, &level->default_ttl) != 0)
		return fail(
		    r, 1, "is no TTL up to 2147483647 s (300, 5m, 1h30m)");
	return 0;
}

/* Is the file that was opened last one of those that are being read? */
static bool
is_open(const struct reader *r)
{
	const struct input *files = r->inputs->files;
	const struct file_identity *last = &files[r->inputs->n - 1].identity;

	for (unsigned i = 0; i < r->depth; i++) {
		const struct file_identity *other;

		if (r->levels[i].input == NO_INPUT)
			continue;
		other = &files[r->levels[i].input].identity;
		if (other->device == last->device &&
		    other->inode == last->inode)
			return true;
	}
	return false;
}

/*
 * Open ${path} as ${level} and remember it.  0, or -1 with an error at ${at},
 * or at the file itself when that is NULL.
 */
static int
open_file(struct reader *r, struct level *level, const char *path,
    const struct mark *at)
{
	const char *from = inputs_source(r->inputs, path);
	struct mark self = {path, 0, 0};
	char start[2];
	ssize_t len;

	if (from == NULL)
		return errbuf_error(r->eb, at != NULL ? at : &self,
		    "cannot open \"%s\": %s", path, strerror(errno));
	if (lexer_open(&level->lexer, from, &r->left, at, r->eb) != 0)
		return -1;
	level->input = r->inputs->n;
	level->lexer.name = inputs_add(r->inputs, path, level->lexer.fd);
	if (level->lexer.name != NULL) {
		len = pread(level->lexer.fd, start, sizeof(start), 0);
		if (len < 0 || !file_is_utf16(start, (size_t)len))
			return 0;
		lexer_close(&level->lexer);
		self = (struct mark){level->lexer.name, 1, 1};
		return errbuf_error(
		    r->eb, &self, "the file is UTF-16 text: save it as UTF-8");
	}
	lexer_close(&level->lexer);
	return errbuf_error(
	    r->eb, at != NULL ? at : &self, "no memory for the zone");
}

/* Open the file that the directive names as the next level. */
static int
open_included(struct reader *r, const char *path)
{
	static const char outside[] =
	    "does not lie in the folder of the zone's file or below, nor in "
	    "one of include_from";
	struct mark at = mark_of(r, &r->entry.tokens[1]);
	struct level *level = &r->levels[r->depth];
	/* Copies are of files that did when they were made. */
	bool on_disk = inputs_on_disk(r->inputs);

	/* Before it is opened, which does something to some devices. */
	if (on_disk && !folders_hold(r->folders, path))
		return fail(r, 1, outside);
	*level = *current(r);
	if (open_file(r, level, path, &at) != 0)
		return -1;
	r->includes++;
	if (on_disk && !folders_hold_open(r->folders, path, level->lexer.fd))
		fail(r, 1, outside);
	else if (is_open(r))
		fail(r, 1, "includes itself");
	else
		return 0;
	lexer_close(&level->lexer);
	return -1;
}

/* $INCLUDE file [origin]: what the file sets ends with it (RFC 1035, 5.1). */
static int
read_include(struct reader *r)
{
	struct mark at = mark_of(r, &r->entry.tokens[0]);
	uint8_t origin[NAME_MAX_WIRE];
	char *path;
	int status;

	if (check_words(r, 1, 2) != 0)
		return -1;
	if (r->folders == NULL)
		return fail(r, 0, "is not allowed here");
	memcpy(origin, current(r)->origin, sizeof(origin));
	if (r->entry.n > 2 && read_name(r, 2, origin) != 0)
		return -1;
	if (r->depth == ZONEFILE_MAX_DEPTH + 1)
		return fail(r, 1, "is nested more than 8 deep");
	if (r->includes == ZONEFILE_MAX_INCLUDES)
		return fail(r, 1, "is more than 10000 files in one zone");
	path = file_beside(current(r)->lexer.name, r->entry.tokens[1].text);
	if (path == NULL)
		return errbuf_error(r->eb, &at, "no memory for the zone");
	status = open_included(r, path);
	free(path);
	if (status != 0)
		return -1;
	memcpy(r->levels[r->depth].origin, origin, sizeof(origin));
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

/* The owner: the first word, or the last one there was (RFC 1035, 5.1).
 * Records that take over a name which cannot be read are not put under the name
 * before it, and that is no mistake of theirs. */
static int
read_owner(struct reader *r, size_t *next)
{
	struct level *level = current(r);

	if (r->entry.blank && !level->has_owner && !level->lost_owner) {
		level->lost_owner = true;
		return fail(r, 0,
		    "follows a blank, but there is no owner before to take "
		    "over");
	}
	if (r->entry.blank)
		return 0;
	level->has_owner = read_name(r, 0, level->owner) == 0;
	level->lost_owner = !level->has_owner;
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
	/* ANY is read as the type, which is as wrong. */
	static const char *const others[] = {"CH", "HS", "CS", "NONE"};
	const char *text = r->entry.tokens[n].text;
	uint64_t number;

	if (strcasecmp(text, "IN") == 0)
		return 1;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcasecmp(text, others[i]) == 0)
			return fail(r, n, "is not the class IN");
	if (strncasecmp(text, "CLASS", 5) != 0)
		return 0;
	if (number_parse(text + 5, strlen(text + 5), 0, UINT16_MAX, &number) !=
	    0)
		return fail(r, n, "is no class");
	return number == CLASS_IN ? 1 : fail(r, n, "is not the class IN");
}

/* TTL and class, each or none, in either order, from the token ${next} on. */
static int
read_ttl_class(struct reader *r, struct line *line, size_t *next)
{
	for (; *next < r->entry.n; (*next)++) {
		const struct token *token = &r->entry.tokens[*next];
		int class = 0;

		if (!token->quoted && token->text[0] >= '0' &&
		    token->text[0] <= '9') {
			if (line->has_ttl)
				return fail(r, *next, "is a second TTL");
			if (ttl_parse(token->text, &line->ttl_s) != 0)
				return fail(r, *next,
				    strpbrk(token->text, ".:") != NULL
					? "is where the record type belongs"
					: "is no TTL up to 2147483647 s (300, "
					  "5m, 1h30m)");
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

/* The record ends with the token ${n}, before there was a type. */
static int
no_type(struct reader *r, size_t n)
{
	static const char *const directives[] = {"TTL", "ORIGIN", "INCLUDE"};
	const struct token *first = &r->entry.tokens[0];
	struct mark at = mark_of(r, &r->entry.tokens[n]);

	if (strcasecmp(first->text, "TTL") == 0)
		current(r)->has_default = true;
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
		if (strcasecmp(first->text, directives[i]) == 0)
			return fail(r, 0,
			    "begins no record; a directive begins with $ "
			    "($TTL, $ORIGIN, $INCLUDE)");
	return errbuf_error(r->eb, &at, "the record ends without a type");
}

/* What other servers choose answers by; here a service does. */
static bool
is_foreign(const char *type)
{
	static const char *const foreign[] = {"ALIAS", "ANAME", "LUA", "DYNA",
	    "DYNC", "GEO", "GEOIP", "POOL", "WEIGHTED", "FAILOVER", "LATENCY",
	    "FLATTEN"};

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (strcasecmp(type, foreign[i]) == 0)
			return true;
	return false;
}

/* The token ${n} is where a type should be. */
static int
unknown_type(struct reader *r, size_t n)
{
	const struct token *token = &r->entry.tokens[n];

	if (r->entry.tokens[0].text[0] == '#')
		return fail(r, 0, no_comment);
	if (is_foreign(token->text))
		return fail(r, n,
		    "is a type of other servers: what chooses addresses by "
		    "client and health is a service of the zone's steering "
		    "file here (meridian-steering(5))");
	return fail(
	    r, n, "is no record type that is known here; TYPE123 names any");
}

static int
read_type(struct reader *r, struct line *line, size_t *next)
{
	if (*next == r->entry.n)
		return no_type(r, *next - 1);
	if (r->entry.tokens[*next].quoted ||
	    type_parse(r->entry.tokens[*next].text, &line->type) != 0)
		return unknown_type(r, *next);
	if (!type_is_data(line->type))
		return fail(r, *next,
		    "is a type of questions and messages and cannot stand in "
		    "a zone (RFC 6895, 3.1)");
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

static bool
is_below(const uint8_t *name, const uint8_t *other)
{
	uint8_t a[NAME_MAX_WIRE], b[NAME_MAX_WIRE];

	name_lower(a, name, name_length(name));
	name_lower(b, other, name_length(other));
	return name_below(a, b) != NULL;
}

/*
 * A record outside of the zone whose reason is not its own: $ORIGIN or the
 * name of the whole zone is wrong.  That is said once, not of each record.
 */
static bool
is_astray(struct reader *r, const struct line *line)
{
	struct level *level = current(r);
	char name[NAME_TEXT], apex[NAME_TEXT];

	if (is_below(level->owner, r->apex))
		return false;
	name_format(r->apex, apex);
	if (level->origin_at.line > 0 &&
	    is_below(level->owner, level->origin) &&
	    !is_below(level->origin, r->apex) &&
	    !is_below(r->apex, level->origin)) {
		if (!level->origin_astray)
			errbuf_error(r->eb, &level->origin_at,
			    "$ORIGIN: %s is not in the zone %s; nor is any "
			    "name that follows it",
			    name_format(level->origin, name), apex);
		level->origin_astray = true;
		return true;
	}
	if (line->type != TYPE_SOA)
		return false;
	errbuf_error(r->eb, &line->at,
	    "this is the zone %s, not %s: the zone's name in the node's file "
	    "or its file of records is wrong",
	    name_format(level->owner, name), apex);
	r->other_zone = true;
	return true;
}

static int
read_record(struct reader *r)
{
	struct level *level = current(r);
	struct line line = {.at = mark_of(r, &r->entry.tokens[0])};
	struct field_text text = {.origin = level->origin,
	    .apex = r->apex,
	    .warnings = &r->warnings,
	    .scratch = r->scratch};
	size_t next = 0;
	int len;

	if (read_owner(r, &next) != 0 || read_ttl_class(r, &line, &next) != 0 ||
	    read_type(r, &line, &next) != 0)
		return -1;
	text.tokens = r->entry.tokens + next;
	text.n = r->entry.n - next;
	text.type = r->entry.tokens[next - 1].text;
	text.at = mark_of(r, &r->entry.tokens[next - 1]);
	len = rdata_text_read(line.type, &text, r->rdata, r->eb);
	if (len < 0 || find_ttl(r, &line, (size_t)len) != 0)
		return -1;
	r->records++;
	if (level->lost_owner || is_astray(r, &line))
		return -1;
	return zone_builder_add(r->builder, &line.at, level->owner, line.type,
	    line.ttl_s, r->rdata, (size_t)len, r->eb);
}

/* The whole. */

/* Files saved by some editors begin with one; other servers trip over it. */
static void
check_start(struct reader *r)
{
	struct mark at = {current(r)->lexer.name, 1, 1};
	const struct token *token = &r->entry.tokens[0];

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
	const struct token *first = &r->entry.tokens[0];

	if (!r->entry.bad && !r->entry.blank)
		check_start(r);
	if (r->entry.bad) {
		current(r)->lost_owner =
		    !r->entry.blank || current(r)->lost_owner;
		return;
	}
	if (!r->entry.blank && !first->quoted && first->text[0] == '$')
		read_directive(r);
	else if (!first->quoted && strcmp(first->text, "#") == 0)
		fail(r, 0, no_comment); /* a name of that form is \035 */
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
		if (r->other_zone)
			return;
		if (lexer_next(&level->lexer, &r->entry, r->eb) == LEX_ENTRY)
			read_entry(r);
		else {
			lexer_close(&level->lexer);
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
		lexer_close(&current(r)->lexer);
	folders_destroy(r->folders);
	inputs_finish(&r->own_inputs);
	free(r->scratch);
	lexer_entry_finish(&r->entry);
	zone_builder_destroy(r->builder);
	free(r);
}

/* A reader with its builder that knows the services; NULL with errors. */
static struct reader *
reader_create(const struct zonefile_request *request, struct errbuf *eb)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct mark at = {request->path, 0, 0};

	if (r != NULL) {
		r->eb = eb;
		r->errors = eb->errors;
		r->apex = request->apex;
		r->left = ZONEFILE_MAX_BYTES;
		r->inputs = &r->own_inputs;
		r->builder = zone_builder_create(request->apex);
		r->scratch = malloc(ENTRY_MAX);
	}
	if (r == NULL || r->builder == NULL || r->scratch == NULL ||
	    lexer_entry_init(&r->entry) != 0) {
		errbuf_error(eb, &at, "no memory for the zone");
		reader_destroy(r);
		return NULL;
	}
	memcpy(r->levels[0].origin, request->apex, name_length(request->apex));
	for (size_t i = 0; i < request->n_services && i < UINT32_MAX; i++)
		zone_builder_service(r->builder, &request->services[i].at,
		    request->services[i].owner, (uint32_t)i,
		    request->services[i].flags, eb);
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

/* Let the reader include files from the folders of ${request}. */
static int
allow_includes(struct reader *r, const struct zonefile_request *request)
{
	struct mark at = {request->path, 0, 0};

	r->folders =
	    folders_create(request->path, request->folders, request->n_folders);
	return r->folders != NULL
	    ? 0
	    : errbuf_error(r->eb, &at, "no memory for the zone");
}

struct zone *
zonefile_load(const struct zonefile_request *request, struct inputs *inputs,
    struct errbuf *eb)
{
	struct reader *r = reader_create(request, eb);

	if (r == NULL)
		return NULL;
	if (inputs != NULL)
		r->inputs = inputs;
	if (allow_includes(r, request) != 0 ||
	    open_file(r, &r->levels[0], request->path, request->at) != 0) {
		reader_destroy(r);
		return NULL;
	}
	return finish(r, request->path);
}

struct zone *
zonefile_parse(const char *name, const char *text, size_t len,
    const uint8_t *apex, const struct zone_service *services, size_t n,
    struct errbuf *eb)
{
	struct zonefile_request request = {
	    .path = name, .apex = apex, .services = services, .n_services = n};
	struct reader *r = reader_create(&request, eb);

	if (r == NULL)
		return NULL;
	r->levels[0].input = NO_INPUT;
	lexer_memory(&r->levels[0].lexer, name, text, len);
	return finish(r, name);
}
