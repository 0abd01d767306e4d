/*
 * Fuzz target: any octets as what a server says of its load over some minutes:
 * an octet for the preset, then one reading after the other, with an octet 0x1e
 * between two.  However readings are cut to pieces, the load is the same; it is
 * not known or makes sense.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "config/preset.h"
#include "probes/load/meter.h"
#include "tests/fuzz/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* What was read of presets is kept until the end. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

#define EVERY_MS 15000

/* Load in JSON, as no preset that ships has it. */
static const char json[] =
    "preset: json\nabout: x\nsteps: [{path: /}]\nload:\n"
    "  path: /\n  format: json\n  max_running: 8\n  metrics:\n"
    "    waiting: {names: ['q[*].n', queue], over: max}\n"
    "    running: running\n    requests: done\n"
    "    kv_cache: {names: [kv], scale: 0.01}\n"
    "    first_token: {names: [ttft], kind: gauge}\n";

static const char *const names[] = {"vllm", "tgi", "triton", "epp", "json"};

#define PRESETS (sizeof(names) / sizeof(names[0]))

static const struct load_config *
find_load(size_t i)
{
	static struct load_config loads[PRESETS];
	static struct preset *presets[PRESETS];
	static struct errbuf eb;
	const struct preset_text *text;
	const struct preset_text own = {
	    "json", (const unsigned char *)json, sizeof(json) - 1};

	if (presets[i] != NULL)
		return &loads[i];
	for (size_t k = 0; (text = preset_shipped(k)) != NULL; k++)
		if (strcmp(text->name, names[i]) == 0)
			break;
	text = text != NULL ? text : &own;
	errbuf_init(&eb);
	presets[i] = preset_parse(
	    names[i], names[i], (const char *)text->text, text->len, &eb);
	require(presets[i] != NULL);
	loads[i] = presets[i]->load;
	loads[i].stale_ms = 60000;
	loads[i].smooth_ms = 20000;
	loads[i].queue_limit = 10;
	return &loads[i];
}

static void
on_series(void *context, const struct exposition_series *series)
{
	sample_series(context, series);
}

static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	if (kind == JSON_NUMBER)
		sample_number(context, path, strtod(text, NULL));
}

static void
read_text(struct sample *sample, struct pieces *pieces)
{
	static struct exposition e;
	const char *piece;
	size_t len;

	exposition_init(&e, on_series, sample);
	while ((len = pieces_next(pieces, &piece)) > 0)
		exposition_read(&e, piece, len);
	exposition_end(&e);
}

/* False: it is no JSON. */
static bool
read_json(struct sample *sample, struct pieces *pieces)
{
	struct json_path paths[JSON_PATHS_MAX];
	struct json_paths j;
	const char *piece;
	size_t len;

	for (size_t i = 0; i < sample->n; i++)
		require(json_path_parse(
			    sample->names[i].name->name, &paths[i]) == NULL);
	json_paths_init(&j, paths, sample->n, on_value, sample);
	while ((len = pieces_next(pieces, &piece)) > 0)
		json_paths_read(&j, piece, len);
	return json_paths_end(&j);
}

static void
read_one(struct meter *meter, const struct load_config *load,
    const uint8_t *data, size_t size, bool cut, int64_t now)
{
	struct sample *sample = sample_create(load);
	struct pieces pieces;
	bool whole = true;

	require(sample != NULL);
	pieces_begin(&pieces, data, size, cut);
	if (load->format == LOAD_JSON)
		whole = read_json(sample, &pieces);
	else
		read_text(sample, &pieces);
	if (whole)
		meter_take(meter, load, sample, now, now);
	else
		meter_miss(meter, "metrics: not JSON");
	sample_destroy(sample);
}

/* Not known, or 0 to ${max}. */
static void
check(double value, double max)
{
	require(isnan(value) || (value >= 0 && value <= max));
}

/* Not known, or up to a day. */
static void
check_us(int64_t us)
{
	require(us >= -1 && us <= INT64_C(86400000000));
}

static void
check_row(const struct state_load *row)
{
	/* So many requests wait and run at most, and 8 or 10 are full. */
	check(row->saturation, 1e9);
	check(row->waiting, 1e9);
	check(row->running, 1e9);
	check(row->max_running, 1e9);
	check(row->kv_cache, 1);
	check(row->utilization, 1000);
	check(row->preemptions, 1e12);
	check(row->requests, 1e12);
	check(row->errors, 1e12);
	check(row->tokens, 1e12);
	check_us(row->first_token_us);
	check_us(row->first_token_95_us);
	check_us(row->token_us);
}

static bool
same(double a, double b)
{
	return isnan(a) == isnan(b) && !(a < b) && !(a > b);
}

static void
check_rows(const struct state_load *a, const struct state_load *b)
{
	require(same(a->saturation, b->saturation));
	require(same(a->waiting, b->waiting));
	require(same(a->running, b->running));
	require(same(a->kv_cache, b->kv_cache));
	require(same(a->utilization, b->utilization));
	require(same(a->requests, b->requests));
	require(same(a->tokens, b->tokens));
	require(a->first_token_us == b->first_token_us);
	require(a->first_token_95_us == b->first_token_95_us);
	require(a->token_us == b->token_us);
	require(a->measured_ms == b->measured_ms);
	require(strcmp(a->source, b->source) == 0);
	require(strcmp(a->reason, b->reason) == 0);
}

static void
read_all(const struct load_config *load, const uint8_t *data, size_t size,
    bool cut, struct state_load *row)
{
	struct meter meter;
	int64_t now = 1000000;

	meter_init(&meter);
	for (;;) {
		const uint8_t *end = memchr(data, 0x1e, size);
		size_t len = end != NULL ? (size_t)(end - data) : size;

		read_one(&meter, load, data, len, cut, now);
		memset(row, 0, sizeof(*row));
		meter_row(&meter, load, now, row);
		check_row(row);
		if (end == NULL)
			return;
		data += len + 1;
		size -= len + 1;
		now += EVERY_MS;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state_load whole, cut;
	const struct load_config *load;

	if (size == 0)
		return 0;
	load = find_load(data[0] % PRESETS);
	read_all(load, data + 1, size - 1, false, &whole);
	read_all(load, data + 1, size - 1, true, &cut);
	check_rows(&whole, &cut);
	return 0;
}
