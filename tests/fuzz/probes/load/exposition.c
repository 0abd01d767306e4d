/*
 * Fuzz target: any octets as metrics in the text format.  However they are cut
 * to pieces, the same series are told; and a series written as it was told is
 * read as the same one.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/load/exposition.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was told, by a hash. */
struct told {
	uint64_t hash, series, odd;
	bool again; /* write each and read it */
};

static void
hash_text(uint64_t *hash, const char *text)
{
	for (; *text != '\0'; text++)
		*hash = (*hash ^ (uint8_t)*text) * 1099511628211u;
	*hash = (*hash ^ 0x100) * 1099511628211u;
}

static uint64_t
hash_of(const struct exposition_series *series)
{
	uint64_t hash = 0, bits;

	hash_text(&hash, series->name);
	for (size_t i = 0; i < series->n; i++) {
		hash_text(&hash, series->label[i].name);
		hash_text(&hash, series->label[i].value);
	}
	memcpy(&bits, &series->value, sizeof(bits));
	return isnan(series->value) ? hash : hash * 31 + bits;
}

/* Escapes make it longer than it was, as braces and the number do. */
static char line[4 * EXPOSITION_LINE];

static size_t
write_value(size_t len, const char *value)
{
	line[len++] = '"';
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\' || *value == '\n')
			line[len++] = '\\';
		line[len++] = *value == '\n' ? 'n' : *value;
	}
	line[len++] = '"';
	return len;
}

static size_t
write_series(const struct exposition_series *series)
{
	size_t len = strlen(series->name);

	memcpy(line, series->name, len);
	line[len++] = '{';
	for (size_t i = 0; i < series->n; i++) {
		size_t name = strlen(series->label[i].name);

		memcpy(line + len, series->label[i].name, name);
		len += name;
		line[len++] = '=';
		len = write_value(len, series->label[i].value);
		line[len++] = ',';
	}
	len += (size_t)snprintf(
	    line + len, sizeof(line) - len, "} %.17g\n", series->value);
	return len;
}

static void
on_same(void *context, const struct exposition_series *series)
{
	*(uint64_t *)context = hash_of(series);
}

static void
read_again(const struct exposition_series *series)
{
	static struct exposition again;
	uint64_t hash = 0;
	size_t len = write_series(series);

	if (len > EXPOSITION_LINE)
		return;
	exposition_init(&again, on_same, &hash);
	exposition_read(&again, line, len);
	exposition_end(&again);
	require(again.series == 1 && again.odd == 0);
	require(hash == hash_of(series));
}

static void
on_series(void *context, const struct exposition_series *series)
{
	struct told *told = context;

	require(series->name[0] != '\0' && series->n <= EXPOSITION_LABELS);
	told->hash = told->hash * 31 + hash_of(series);
	if (told->again)
		read_again(series);
}

static struct told
read_all(const uint8_t *data, size_t size, bool cut)
{
	static struct exposition e;
	struct told told = {.again = !cut};
	struct pieces pieces;
	const char *piece;
	size_t len;

	exposition_init(&e, on_series, &told);
	pieces_begin(&pieces, data, size, cut);
	while ((len = pieces_next(&pieces, &piece)) > 0)
		exposition_read(&e, piece, len);
	exposition_end(&e);
	told.series = e.series;
	told.odd = e.odd;
	return told;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told whole = read_all(data, size, false);
	struct told cut = read_all(data, size, true);

	require(whole.hash == cut.hash && whole.series == cut.series);
	require(whole.odd == cut.odd && whole.series + whole.odd <= size + 1);
	return 0;
}
