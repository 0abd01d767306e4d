/*
 * The `advise` of meridian.yaml.  Called by the reader of the node's file; what
 * is advised is not known here.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/number.h"
#include "config/advise.h"
#include "config/server_parts.h"

/* Thresholds have so many digits after the point. */
#define DIGITS 4
#define SCALE 10000

/* The rule that the ${len} characters of ${text} name; -1 with an error. */
static int
read_rule(struct schema *s, const struct yaml_node *value, const char *text,
    size_t len)
{
	struct nearest nearest;
	char name[64];
	int rule = -1;

	if (len < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)len, text);
		rule = advise_rule_find(name);
	}
	if (rule >= 0)
		return rule;
	nearest_init(&nearest, len < sizeof(name) ? name : "");
	for (size_t i = 0; i < ADVISE_RULES; i++)
		nearest_offer(&nearest, advise_rules[i].name);
	if (nearest.best != NULL)
		return errbuf_error(s->eb, &value->at,
		    "advise: there is no rule \"%.*s\"; did you mean \"%s\"?",
		    (int)len, text, nearest.best);
	return errbuf_error(s->eb, &value->at,
	    "advise: there is no rule \"%.*s\": meridian-advise(7) has them",
	    (int)len, text);
}

static void
read_silence(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct advise_silence *silence = out;
	size_t len;
	int rule;

	(void)key;
	if (value->kind != YAML_SCALAR) {
		schema_expected(
		    s, value, "RULE or RULE:PATTERN (far-clients:chat.*)");
		return;
	}
	len = strcspn(value->text, ":");
	rule = read_rule(s, value, value->text, len);
	if (rule < 0)
		return;
	silence->at = value->at;
	silence->rule = (enum advise_rule)rule;
	if (value->text[len] == ':')
		silence->pattern = schema_strdup(s, value->text + len + 1);
}

static const struct schema_key silence_item = {.read = read_silence};

/* A number in the place ${index} of ${numbers}. */
static void
read_number(struct schema *s, const struct yaml_node *value, double min,
    double max, double *number)
{
	int64_t scaled;

	if (value->kind != YAML_SCALAR ||
	    number_decimal(value->text, strlen(value->text), DIGITS, &scaled) !=
		0 ||
	    (double)scaled / SCALE < min || (double)scaled / SCALE > max)
		schema_expected(
		    s, value, "a number from %g to %.10g", min, max);
	else
		*number = (double)scaled / SCALE;
}

/* {RULE: NUMBER, ...} */
static void
read_thresholds(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	double *threshold = out;

	(void)key;
	if (!schema_named(s, value, ADVISE_RULES))
		return;
	for (const struct yaml_node *n = value->first; n != NULL; n = n->next) {
		int rule = read_rule(s, n, n->key, strlen(n->key));

		if (rule >= 0)
			read_number(s, n, advise_rules[rule].min,
			    advise_rules[rule].max, &threshold[rule]);
	}
}

static void
read_samples(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	double *samples = out;

	(void)key;
	if (!schema_named(s, value, ADVISE_RULES))
		return;
	for (const struct yaml_node *n = value->first; n != NULL; n = n->next) {
		int rule = read_rule(s, n, n->key, strlen(n->key));

		if (rule >= 0)
			read_number(
			    s, n, 0, ADVISE_MAX_SAMPLES, &samples[rule]);
	}
}

static const struct schema_key advise_keys[] = {
    {.name = "silence",
	SCHEMA_LIST(struct advise_config, silence, n_silence, &silence_item,
	    ADVISE_MAX_SILENCED)},
    {.name = "thresholds",
	.read = read_thresholds,
	.offset = offsetof(struct advise_config, threshold)},
    {.name = "samples",
	.read = read_samples,
	.offset = offsetof(struct advise_config, samples)},
};

void
server_read_advise(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	(void)key;
	if (value->kind != YAML_MAP) {
		schema_expected(s, value, "{silence: [single-vantage]}");
		return;
	}
	schema_map(s, value, advise_keys,
	    sizeof(advise_keys) / sizeof(advise_keys[0]), out);
}
