/*
 * Scalars by type: durations, numbers, shares, words, texts, places.  Called
 * through the tables of the readers; never by a worker.
 */
#include "config/scalar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "config/country.h"

/* The longest texts that are accepted: a path may be as long as the kernel
 * takes it (PATH_MAX, which counts the NUL); for others a line of text is
 * enough. */
#define TEXT_MAX 255
#define PATH_TEXT_MAX 4095

struct unit {
	const char *text;
	int64_t ms;
};

/* The greatest first, for scalar_show_ms(). */
static const struct unit units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* A value as number_decimal() reads it; -1 for anything but a scalar, too. */
static int
decimal(const struct yaml_node *value, unsigned scale, int64_t *out)
{
	if (value->kind != YAML_SCALAR)
		return -1;
	return number_decimal(value->text, strlen(value->text), scale, out);
}

int
scalar_integer(struct schema *s, const struct yaml_node *value, int64_t min,
    int64_t max, int64_t *out)
{
	int64_t n;

	if (decimal(value, 0, &n) != 0 || n < min || n > max) {
		schema_expected(s, value,
		    "a whole number from %" PRId64 " to %" PRId64, min, max);
		return -1;
	}
	*out = n;
	return 0;
}

void
scalar_u8(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint8)
{
	int64_t n;

	if (scalar_integer(s, value, key->min, key->max, &n) == 0)
		*(uint8_t *)uint8 = (uint8_t)n;
}

void
scalar_u16(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint16)
{
	int64_t n;

	if (scalar_integer(s, value, key->min, key->max, &n) == 0)
		*(uint16_t *)uint16 = (uint16_t)n;
}

void
scalar_u32(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32)
{
	int64_t n;

	if (scalar_integer(s, value, key->min, key->max, &n) == 0)
		*(uint32_t *)uint32 = (uint32_t)n;
}

void
scalar_unsigned(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *unsigned_)
{
	int64_t n;

	if (scalar_integer(s, value, key->min, key->max, &n) == 0)
		*(unsigned *)unsigned_ = (unsigned)n;
}

void
scalar_int(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *int_)
{
	int64_t n;

	if (scalar_integer(s, value, key->min, key->max, &n) == 0)
		*(int *)int_ = (int)n;
}

const char *
scalar_show_ms(uint64_t ms, char out[SCALAR_MS_TEXT])
{
	/* 0s; a day is 24h. */
	size_t i = ms == 0 ? 3 : ms <= (uint64_t)units[0].ms;

	while (ms % (uint64_t)units[i].ms != 0)
		i++;
	snprintf(out, SCALAR_MS_TEXT, "%" PRIu64 "%s",
	    ms / (uint64_t)units[i].ms, units[i].text);
	return out;
}

int
scalar_parse_ms(const char *text, int64_t *ms)
{
	size_t digits = strspn(text, "0123456789"), i = 0;
	uint64_t n;

	while (i < N_UNITS && strcmp(text + digits, units[i].text) != 0)
		i++;
	if (i == N_UNITS ||
	    number_parse(text, digits, 0,
		NUMBER_DECIMAL_MAX / (uint64_t)units[i].ms, &n) != 0)
		return -1;
	*ms = (int64_t)n * units[i].ms;
	return 0;
}

/* A bare number most often lacks its unit, one of ${accepted}, so the error
 * says that first. */
static int
duration_error(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, const char *what, const char *accepted)
{
	char min[SCALAR_MS_TEXT], max[SCALAR_MS_TEXT];
	int64_t n;

	if (decimal(value, 9, &n) == 0)
		what = "a duration with its unit";
	else
		accepted = "";
	return schema_expected(s, value, "%s%s from %s to %s", what, accepted,
	    scalar_show_ms((uint64_t)key->min, min),
	    scalar_show_ms((uint64_t)key->max, max));
}

void
scalar_ms(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64)
{
	int64_t ms;

	if (value->kind != YAML_SCALAR ||
	    scalar_parse_ms(value->text, &ms) != 0 || ms < key->min ||
	    ms > key->max)
		duration_error(s, value, key, "a duration (200ms, 5s, 1m, 2h)",
		    " (ms, s, m, h, d)");
	else
		*(uint64_t *)uint64 = (uint64_t)ms;
}

void
scalar_ms_or_off(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64)
{
	int64_t ms;

	if (value->kind == YAML_SCALAR && strcmp(value->text, "off") == 0)
		*(uint64_t *)uint64 = 0;
	else if (value->kind != YAML_SCALAR ||
	    scalar_parse_ms(value->text, &ms) != 0 || ms < key->min ||
	    ms > key->max)
		duration_error(s, value, key,
		    "off, or a duration (10s, 1m, 2h, 30d)",
		    " (ms, s, m, h, d)");
	else
		*(uint64_t *)uint64 = (uint64_t)ms;
}

void
scalar_seconds(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32)
{
	int64_t ms;

	if (value->kind != YAML_SCALAR ||
	    scalar_parse_ms(value->text, &ms) != 0 || ms < key->min ||
	    ms > key->max || ms % 1000 != 0)
		duration_error(s, value, key,
		    "a duration of whole seconds (5s, 1m, 2h)",
		    " (s, m, h, d)");
	else
		*(uint32_t *)uint32 = (uint32_t)(ms / 1000);
}

void
scalar_bytes(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint64)
{
	static const char *const suffixes[] = {"KiB", "MiB", "GiB", "TiB"};
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	size_t digits = strspn(text, "0123456789");
	uint64_t n;

	for (unsigned i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		unsigned shift = 10 * (i + 1);

		if (strcmp(text + digits, suffixes[i]) != 0 ||
		    number_parse(text, digits, 0, (uint64_t)key->max >> shift,
			&n) != 0 ||
		    n << shift < (uint64_t)key->min)
			continue;
		*(uint64_t *)uint64 = n << shift;
		return;
	}
	schema_expected(s, value, "a size from %lldMiB to %lldTiB (512MiB)",
	    (long long)(key->min >> 20), (long long)(key->max >> 40));
}

/* In per cents four digits after the point are a millionth, else six. */
int
scalar_parse_share(const char *text, uint32_t max_ppm, uint32_t *ppm)
{
	size_t len = strlen(text);
	bool cent = len > 0 && text[len - 1] == '%';
	int64_t n;

	if (number_decimal(text, len - cent, cent ? 4 : 6, &n) != 0 || n < 0 ||
	    n > max_ppm)
		return -1;
	*ppm = (uint32_t)n;
	return 0;
}

void
scalar_share(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32)
{
	(void)key;
	if (value->kind != YAML_SCALAR ||
	    scalar_parse_share(value->text, 1000000, uint32) != 0)
		schema_expected(
		    s, value, "a share, from 0 to 1 or from 0%% to 100%%");
}

void
scalar_bool(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *bool_)
{
	(void)key;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "true") == 0)
		*(bool *)bool_ = true;
	else if (value->kind == YAML_SCALAR &&
	    strcmp(value->text, "false") == 0)
		*(bool *)bool_ = false;
	else
		schema_expected(s, value, "true or false");
}

void
scalar_word(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *enum_)
{
	char list[256] = "";
	size_t used = 0;

	for (const struct schema_word *word = key->words; word->text != NULL;
	     word++) {
		const char *before = word == key->words ? ""
		    : word[1].text == NULL              ? " or "
							: ", ";

		if (value->kind == YAML_SCALAR &&
		    strcmp(word->text, value->text) == 0) {
			/* gcc and clang give enums without a negative member
			 * the type unsigned. */
			memcpy(enum_, &word->value, sizeof(word->value));
			return;
		}
		if (used < sizeof(list))
			used += (size_t)snprintf(list + used,
			    sizeof(list) - used, "%s%s", before, word->text);
	}
	schema_expected(s, value, "%s", list);
}

void
scalar_words(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *bits)
{
	const struct yaml_node *item;
	unsigned all = 0;
	size_t words = 0, n;

	while (key->words[words].text != NULL)
		words++;
	item = schema_list(s, value, words, &n);
	for (size_t i = 0; item != NULL && i < n; i++) {
		unsigned bit = 0;

		scalar_word(s, item, key, &bit);
		all |= bit;
		item = schema_next(value, item);
	}
	*(unsigned *)bits = all;
}

/* Control characters would break the lines of logs and pages. */
static bool
printable(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p >= 0x20 && *p != 0x7f)
		p++;
	return *p == '\0';
}

static int
check_text(struct schema *s, const struct yaml_node *value, size_t max)
{
	size_t len = value->kind == YAML_SCALAR ? strlen(value->text) : 0;

	if (len == 0 || len > max || !printable(value->text))
		return schema_expected(
		    s, value, "a text of 1 to %zu printable characters", max);
	return 0;
}

void
scalar_text(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	size_t max = key->max > 0 ? (size_t)key->max : TEXT_MAX;

	if (check_text(s, value, max) == 0)
		*(const char **)const_char_ptr = schema_strdup(s, value->text);
}

void
scalar_name(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	(void)key;
	if (value->kind != YAML_SCALAR)
		schema_expected(s, value, "a name");
	else if (schema_name(s, &value->at, value->text))
		*(const char **)const_char_ptr = schema_strdup(s, value->text);
}

/* Relative paths are taken from the folder of the file, so that it means the
 * same wherever a program is started. */
void
scalar_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *const_char_ptr)
{
	char *path;

	(void)key;
	if (check_text(s, value, PATH_TEXT_MAX) != 0)
		return;
	path = file_beside(s->path, value->text);
	if (path == NULL) {
		schema_error(s, value, "memory is out");
		return;
	}
	*(const char **)const_char_ptr = schema_strdup(s, path);
	free(path);
}

/* Two letters, in upper case; false when ${value} is none. */
static bool
two_letters(const struct yaml_node *value, char out[3])
{
	return value->kind == YAML_SCALAR &&
	    country_code(value->text, strlen(value->text), out);
}

void
scalar_country(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *char3)
{
	char code[3];

	(void)key;
	if (!two_letters(value, code))
		schema_expected(s, value,
		    "a country as two letters of ISO 3166-1 (DE, GB)");
	else if (country_find(code) != NULL)
		memcpy(char3, code, sizeof(code));
	/* Codes that people and the European Union use, and ISO does not. */
	else if (strcmp(code, "UK") == 0)
		schema_expected(s, value, "GB for the United Kingdom");
	else if (strcmp(code, "EL") == 0)
		schema_expected(s, value, "GR for Greece");
	else
		schema_expected(
		    s, value, "a country code of ISO 3166-1 (DE, GB)");
}

void
scalar_continent(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *char3)
{
	char code[3];

	(void)key;
	if (two_letters(value, code) && country_continent(code) != NULL)
		memcpy(char3, code, sizeof(code));
	else
		schema_expected(s, value, "AF, AN, AS, EU, NA, OC or SA");
}

void
scalar_asn(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *uint32)
{
	const char *digits = value->text;
	uint64_t n;

	(void)key;
	if (strncmp(digits, "AS", 2) == 0 || strncmp(digits, "as", 2) == 0)
		digits += 2;
	if (value->kind != YAML_SCALAR ||
	    number_parse(digits, strlen(digits), 1, UINT32_MAX, &n) != 0)
		schema_expected(s, value,
		    "an AS number from 1 to 4294967295 (64500, AS64500)");
	else
		*(uint32_t *)uint32 = (uint32_t)n;
}

/* Degrees with at most nine digits after the point, which is a tenth of a
 * millimetre on the ground. */
static int
degrees(const struct yaml_node *value, int64_t limit, double *out)
{
	const int64_t scale = 1000000000;
	int64_t n;

	if (decimal(value, 9, &n) != 0 || n < -limit * scale ||
	    n > limit * scale)
		return -1;
	*out = (double)n / (double)scale;
	return 0;
}

/* No town and no data centre is further south, Antarctica's stations aside
 * (Puerto Toro, 55.1 degrees): a "latitude" beyond is mostly a longitude of the
 * Americas. */
#define SOUTHERNMOST (-56)

/* A latitude that is none, ${first}, and what comes after it. */
static int
refuse_latitude(struct schema *s, const struct yaml_node *first)
{
	const struct yaml_node *second = first->next;
	double other;

	if (degrees(first, 180, &other) == 0 &&
	    degrees(second, 90, &other) == 0)
		return schema_error(s, first,
		    "%s is no latitude, which is from -90 to 90 and comes "
		    "first: is [%s, %s] meant?",
		    first->text, second->text, first->text);
	return schema_expected(s, first, "a latitude from -90 to 90");
}

/* The latitude comes first.  Where they are swapped, a longitude over 90 is
 * refused as a latitude, and one that makes a latitude of Antarctica brings a
 * warning; between those both orders may be meant. */
int
scalar_position(struct schema *s, const struct yaml_node *value,
    double *latitude, double *longitude)
{
	double y, x;

	if (value->kind == YAML_LIST && value->n > 2)
		return schema_error(s, value,
		    "expected [latitude, longitude] in degrees, found %zu "
		    "items: decimals follow a point ([53.3, -6.3])",
		    (size_t)value->n);
	if (value->kind != YAML_LIST || value->n != 2)
		return schema_expected(
		    s, value, "[latitude, longitude] in degrees");
	if (degrees(value->first, 90, &y) != 0)
		return refuse_latitude(s, value->first);
	if (degrees(value->first->next, 180, &x) != 0)
		return schema_expected(
		    s, value->first->next, "a longitude from -180 to 180");
	if (y < SOUTHERNMOST && x >= -90 && x <= 90)
		errbuf_warn(s->eb, &value->first->at,
		    "at: the latitude comes first, and %s is one of "
		    "Antarctica: is [%s, %s] meant?",
		    value->first->text, value->first->next->text,
		    value->first->text);
	*latitude = y;
	*longitude = x;
	return 0;
}
