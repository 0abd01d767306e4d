/*
 * Reads files of round trips line by line, and says of each mistake where it is
 * and what would be right.  Called by meridianctl; opens nothing.
 */
#include "config/latency_file.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/number.h"
#include "config/country.h"

/* Client, region, milliseconds, samples; one more shows that there are too
 * many. */
enum { CLIENT, REGION, TIME, SAMPLES, FIELDS };

/* No field that makes sense is longer. */
#define FIELD_MAX 127

struct field {
	char text[FIELD_MAX + 1]; /* cut where it is longer */
	unsigned column;
};

struct line {
	struct field field[FIELDS];
	size_t n;       /* fields, those that are too many counted */
	unsigned more;  /* column of the first that is too many */
	struct mark at; /* of the line */
};

struct reading {
	const struct latency_regions *regions;
	struct latency_file *out;
	struct errbuf *eb;
	uint16_t last_region; /* files often have the same for many lines */
	bool begun;           /* there was a line with something in it */
};

/* Clients. */

static int
read_asn(const char *digits, struct latency_measure *out, char *why)
{
	uint64_t asn;

	if (number_parse(digits, strlen(digits), 1, UINT32_MAX, &asn) != 0) {
		snprintf(why, LATENCY_WHY, "an AS number is AS1 to AS%" PRIu32,
		    UINT32_MAX);
		return -1;
	}
	out->client = LATENCY_OF_ASN;
	out->asn = (uint32_t)asn;
	return 0;
}

static int
read_country(const char *text, struct latency_measure *out, char *why)
{
	char code[3];

	if (!country_code(text, 2, code) || country_find(code) == NULL) {
		snprintf(why, LATENCY_WHY,
		    "there is no such country in ISO 3166-1%s",
		    strcasecmp(text, "UK") == 0 ? ", which has GB" : "");
		return -1;
	}
	out->client = LATENCY_OF_COUNTRY;
	memcpy(out->country, code, sizeof(code));
	return 0;
}

static int
read_prefix(const char *text, struct latency_measure *out, char *why)
{
	char whole[ADDRESS_TEXT];
	struct prefix prefix;
	int status = prefix_parse(text, &prefix);
	uint8_t finest;

	if (status == -2) {
		snprintf(why, LATENCY_WHY,
		    "it has bits after its length: %s holds it",
		    prefix_format(&prefix, whole));
		return -1;
	}
	if (status != 0) {
		snprintf(why, LATENCY_WHY,
		    "expected a prefix (192.0.2.0/24, 2001:db8::/48), an AS "
		    "number (AS64500) or a country (DE)");
		return -1;
	}
	if (address_is_mapped(&prefix.address)) {
		snprintf(why, LATENCY_WHY,
		    "clients with IPv4 are written as IPv4: 192.0.2.0/24");
		return -1;
	}
	finest = prefix.address.family == 4 ? LATENCY_FINEST_IPV4
					    : LATENCY_FINEST_IPV6;
	if (prefix.length > finest) {
		prefix.length = finest;
		address_mask(&prefix.address, finest);
	}
	out->client = LATENCY_OF_PREFIX;
	out->prefix = prefix;
	return 0;
}

int
latency_file_client(
    const char *text, struct latency_measure *out, char why[LATENCY_WHY])
{
	size_t len = strlen(text);

	if (strncasecmp(text, "AS", 2) == 0 && isdigit((unsigned char)text[2]))
		return read_asn(text + 2, out, why);
	if (len > 0 && strspn(text, "0123456789") == len)
		return read_asn(text, out, why);
	if (len == 2 && isalpha((unsigned char)text[0]) &&
	    isalpha((unsigned char)text[1]))
		return read_country(text, out, why);
	return read_prefix(text, out, why);
}

const char *
latency_file_show(const struct latency_measure *measure, char out[ADDRESS_TEXT])
{
	if (measure->client == LATENCY_OF_PREFIX)
		return prefix_format(&measure->prefix, out);
	if (measure->client == LATENCY_OF_ASN)
		snprintf(out, ADDRESS_TEXT, "AS%" PRIu32, measure->asn);
	else
		snprintf(out, ADDRESS_TEXT, "%s", measure->country);
	return out;
}

/* Fields. */

/* An error at field ${which} of ${line}. */
static void
refuse(const struct reading *r, const struct line *line, int which,
    const char *what)
{
	struct mark at = line->at;

	at.column = line->field[which].column;
	errbuf_error(
	    r->eb, &at, "\"%.40s\": %s", line->field[which].text, what);
}

static bool
take_client(const struct reading *r, const struct line *line,
    struct latency_measure *out)
{
	char why[LATENCY_WHY];

	if (latency_file_client(line->field[CLIENT].text, out, why) == 0)
		return true;
	refuse(r, line, CLIENT, why);
	return false;
}

static int
by_name(const void *name, const void *region)
{
	return strcmp(name, *(const char *const *)region);
}

static void
refuse_region(const struct reading *r, const struct line *line)
{
	struct nearest nearest;
	char why[160];

	nearest_init(&nearest, line->field[REGION].text);
	for (size_t i = 0; i < r->regions->n; i++)
		nearest_offer(&nearest, r->regions->names[i]);
	if (nearest.best != NULL)
		snprintf(why, sizeof(why),
		    "no steering file of this node has such a region; did you "
		    "mean %s?",
		    nearest.best);
	else
		snprintf(why, sizeof(why),
		    "no steering file of this node has such a region");
	refuse(r, line, REGION, why);
}

static bool
take_region(
    struct reading *r, const struct line *line, struct latency_measure *out)
{
	const char *const *names = r->regions->names, *const * found;
	const char *text = line->field[REGION].text;

	if (r->regions->n > 0 && strcmp(names[r->last_region], text) == 0) {
		out->region = r->last_region;
		return true;
	}
	found = r->regions->n == 0
	    ? NULL
	    : bsearch(text, names, r->regions->n, sizeof(*names), by_name);
	if (found == NULL) {
		refuse_region(r, line);
		return false;
	}
	out->region = r->last_region = (uint16_t)(found - names);
	return true;
}

/* Digits of less than a microsecond are left out. */
static size_t
length_that_counts(const char *text)
{
	const char *point = strchr(text, '.');
	size_t len = strlen(text);

	if (point != NULL &&
	    strspn(point + 1, "0123456789") == strlen(point + 1) &&
	    len > (size_t)(point - text) + 4)
		len = (size_t)(point - text) + 4;
	return len;
}

static bool
take_time(const struct reading *r, const struct line *line,
    struct latency_measure *out)
{
	const char *text = line->field[TIME].text;
	int64_t us;

	if (number_decimal(text, length_that_counts(text), 3, &us) != 0) {
		refuse(r, line, TIME,
		    "expected milliseconds, a number without a unit (12.5)");
		return false;
	}
	if (us <= 0 || us > LATENCY_MAX_US) {
		refuse(r, line, TIME,
		    "a round trip takes more than 0 and at most 60000 "
		    "milliseconds");
		return false;
	}
	out->us = (uint32_t)us;
	return true;
}

static bool
take_samples(const struct reading *r, const struct line *line,
    struct latency_measure *out)
{
	const char *text = line->field[SAMPLES].text;
	uint64_t n;

	out->samples = 1;
	if (line->n <= SAMPLES || text[0] == '\0')
		return true;
	if (number_parse(text, strlen(text), 1, INT32_MAX, &n) != 0) {
		refuse(r, line, SAMPLES,
		    "expected how many samples the milliseconds were made "
		    "from, 1 to 2147483647");
		return false;
	}
	out->samples = (uint32_t)n;
	return true;
}

/* Lines. */

/* Cut blanks and one pair of quotes off ${len} bytes at ${text}, which begin in
 * column ${column}. */
static void
cut_field(const char *text, size_t len, unsigned column, struct field *out)
{
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
		column++;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
		column++;
	}
	out->column = column;
	if (len > FIELD_MAX)
		len = FIELD_MAX;
	/* What nobody can print is no part of a field that makes sense. */
	for (size_t i = 0; i < len; i++)
		out->text[i] =
		    (char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
	out->text[len] = '\0';
}

static void
cut_line(const char *text, size_t len, struct line *out)
{
	size_t begin = 0;

	out->n = 0;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != ',')
			continue;
		if (out->n < FIELDS)
			cut_field(text + begin, i - begin, (unsigned)begin + 1,
			    &out->field[out->n]);
		else if (out->n == FIELDS)
			out->more = (unsigned)begin + 1;
		out->n++;
		begin = i + 1;
	}
}

/* A title is no number and has no digit; the first no client. */
static bool
is_title(const struct line *line)
{
	struct latency_measure measure;
	char why[LATENCY_WHY];

	return line->n > TIME && line->field[TIME].text[0] != '\0' &&
	    strpbrk(line->field[TIME].text, "0123456789") == NULL &&
	    strpbrk(line->field[CLIENT].text, "0123456789") == NULL &&
	    latency_file_client(line->field[CLIENT].text, &measure, why) != 0;
}

/* Titles say which column is which: ours have one order. */
static void
check_title(const struct reading *r, const struct line *line)
{
	for (int i = 0; i < FIELDS && (size_t)i < line->n; i++)
		if (i != REGION &&
		    strcasecmp(line->field[i].text, "region") == 0)
			refuse(r, line, i,
			    "the columns are prefix or country or asn, region, "
			    "milliseconds, samples");
}

static void
refuse_count(const struct reading *r, const struct line *line)
{
	static const char form[] =
	    "prefix or country or AS number, region, milliseconds and perhaps "
	    "samples, with commas";
	struct mark at = line->at;

	at.column = line->n > FIELDS ? line->more : line->field[0].column;
	if (line->n == 1 && strpbrk(line->field[0].text, ";\t") != NULL)
		errbuf_error(
		    r->eb, &at, "fields are separated by commas: %s", form);
	else
		errbuf_error(r->eb, &at, "expected %s; found %zu field%s", form,
		    line->n, line->n == 1 ? "" : "s");
}

static void
add(const struct reading *r, const struct latency_measure *measure,
    const struct line *line)
{
	struct latency_file *out = r->out;
	struct latency_measure *grown = array_grow(out->measures, out->n,
	    &out->size, sizeof(*grown), LATENCY_FILE_LINES);

	if (grown == NULL) {
		errbuf_error(r->eb, &line->at,
		    "no memory for more, or more than %d lines: import the "
		    "file in parts",
		    LATENCY_FILE_LINES);
		return;
	}
	out->measures = grown;
	out->measures[out->n++] = *measure;
}

static void
read_line(struct reading *r, struct line *line)
{
	struct latency_measure measure;
	bool good, first = !r->begun;

	memset(&measure, 0, sizeof(measure));
	if (line->n == 1 && line->field[0].text[0] == '\0')
		return;
	r->begun = true;
	if (first && is_title(line)) {
		check_title(r, line);
		return;
	}
	if (line->n <= TIME || line->n > FIELDS) {
		refuse_count(r, line);
		return;
	}
	/* All that is wrong with a line is said at once. */
	good = take_client(r, line, &measure);
	good &= take_region(r, line, &measure);
	good &= take_time(r, line, &measure);
	good &= take_samples(r, line, &measure);
	if (good)
		add(r, &measure, line);
}

/* The whole. */

static int
compare(const void *left, const void *right)
{
	const struct latency_measure *a = left, *b = right;
	int order = (a->client > b->client) - (a->client < b->client);

	if (order == 0 && a->client == LATENCY_OF_PREFIX) {
		order = a->prefix.address.family - b->prefix.address.family;
		if (order == 0)
			order = memcmp(a->prefix.address.bytes,
			    b->prefix.address.bytes,
			    sizeof(a->prefix.address.bytes));
		if (order == 0)
			order = a->prefix.length - b->prefix.length;
	} else if (order == 0 && a->client == LATENCY_OF_ASN) {
		order = (a->asn > b->asn) - (a->asn < b->asn);
	} else if (order == 0) {
		order = strcmp(a->country, b->country);
	}
	return order != 0 ? order
			  : (a->region > b->region) - (a->region < b->region);
}

/* Both are of one client and region: their mean by samples. */
static void
join(struct latency_measure *into, const struct latency_measure *other)
{
	uint64_t all = (uint64_t)into->samples + other->samples;

	/* 26 bits of a time and 32 of samples, twice. */
	into->us =
	    (uint32_t)(((uint64_t)into->us * into->samples +
			   (uint64_t)other->us * other->samples + all / 2) /
		all);
	into->samples = all < INT32_MAX ? (uint32_t)all : INT32_MAX;
}

static void
sort_and_join(struct latency_file *f)
{
	size_t kept = 0;

	if (f->n > 1)
		qsort(f->measures, f->n, sizeof(*f->measures), compare);
	for (size_t i = 0; i < f->n; i++) {
		if (kept > 0 &&
		    compare(&f->measures[kept - 1], &f->measures[i]) == 0)
			join(&f->measures[kept - 1], &f->measures[i]);
		else
			f->measures[kept++] = f->measures[i];
	}
	f->joined = f->n - kept;
	f->n = kept;
}

void
latency_file_finish(struct latency_file *f)
{
	free(f->measures);
	memset(f, 0, sizeof(*f));
}

int
latency_file_read(const char *name, const char *text, size_t len,
    const struct latency_regions *regions, struct latency_file *out,
    struct errbuf *eb)
{
	struct reading r = {.regions = regions, .out = out, .eb = eb};
	struct line line = {.at = {.file = name, .line = 0, .column = 0}};
	const char *at = text, *end = text + len;
	unsigned errors = eb->errors;

	memset(out, 0, sizeof(*out));
	if (file_is_utf16(text, len))
		return errbuf_error(eb, &line.at,
		    "is UTF-16: save it as UTF-8 or as plain text");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end, *comment;

		line.at.line++;
		comment = memchr(at, '#', (size_t)(stop - at));
		if (comment != NULL)
			stop = comment;
		else if (stop > at && stop[-1] == '\r')
			stop--;
		cut_line(at, (size_t)(stop - at), &line);
		read_line(&r, &line);
		at = newline != NULL ? newline + 1 : end;
	}
	if (eb->errors > errors) {
		latency_file_finish(out);
		return -1;
	}
	sort_and_join(out);
	return 0;
}
