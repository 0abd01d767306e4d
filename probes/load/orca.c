/*
 * Reads headers that tell load.  Called by probes for each answer; keeps
 * nothing.
 */
#include "probes/load/orca.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probes/ask/json_paths.h"

/* What we know the meaning of, and where it is in JSON. */
static const struct {
	const char *name, *path;
	enum load_field field;
} fields[] = {
    {"application_utilization", "application_utilization", LOAD_UTILIZATION},
    {"rps_fractional", "rps_fractional", LOAD_REQUESTS},
    {"eps", "eps", LOAD_ERRORS},
    {"named_metrics.kv_cache_usage_perc", "named_metrics.kv_cache_usage_perc",
	LOAD_KV_CACHE},
    {"named_metrics.kv_cache_utilization", "named_metrics.kv_cache_utilization",
	LOAD_KV_CACHE},
    {"named_metrics.num_requests_waiting", "named_metrics.num_requests_waiting",
	LOAD_WAITING},
    {"named_metrics.num_requests_running", "named_metrics.num_requests_running",
	LOAD_RUNNING},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

struct reading {
	double value[FIELDS];
	bool said[FIELDS], wrong;
};

static void
take(struct reading *r, size_t i, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end != '\0' || !isfinite(value) || value < 0 ||
	    r->said[i] || strpbrk(text, "xX") != NULL)
		r->wrong = true;
	r->value[i] = value;
	r->said[i] = true;
}

/* "name=1, other: 2" */
static void
read_text(struct reading *r, const char *value)
{
	char pair[128];

	while (*value != '\0' && !r->wrong) {
		size_t len, name;
		char *at;

		value += strspn(value, " ");
		len = strcspn(value, ",");
		if (len >= sizeof(pair)) {
			r->wrong = true;
			return;
		}
		memcpy(pair, value, len);
		while (len > 0 && pair[len - 1] == ' ')
			len--;
		pair[len] = '\0';
		value += strcspn(value, ",");
		value += *value == ',';
		name = strcspn(pair, "=: ");
		at = pair + name + strspn(pair + name, " ");
		if (name == 0 || (*at != '=' && *at != ':')) {
			r->wrong = true;
			return;
		}
		at++;
		at += strspn(at, " ");
		pair[name] = '\0';
		for (size_t i = 0; i < FIELDS; i++)
			if (strcmp(fields[i].name, pair) == 0)
				take(r, i, at);
	}
}

static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	struct reading *r = context;

	if (kind == JSON_NUMBER)
		take(r, path, text);
	else
		r->wrong = true;
}

static void
read_json(struct reading *r, const char *value)
{
	struct json_path paths[FIELDS];
	struct json_paths json;

	for (size_t i = 0; i < FIELDS; i++)
		(void)json_path_parse(fields[i].path, &paths[i]);
	json_paths_init(&json, paths, FIELDS, on_value, r);
	json_paths_read(&json, value, strlen(value));
	if (!json_paths_end(&json))
		r->wrong = true;
}

bool
orca_is_header(const char *name)
{
	return strcasecmp(name, "endpoint-load-metrics") == 0 ||
	    strcasecmp(name, "endpoint-load-metrics-json") == 0;
}

int
orca_read(const char *name, const char *value, double told[LOAD_FIELDS])
{
	struct reading r = {.wrong = false};

	if (strcasecmp(name, "endpoint-load-metrics-json") == 0)
		read_json(&r, value);
	else if (strncmp(value, "JSON ", 5) == 0)
		read_json(&r, value + 5);
	else if (strncmp(value, "BIN ", 4) == 0)
		return -1;
	else
		read_text(
		    &r, strncmp(value, "TEXT ", 5) == 0 ? value + 5 : value);
	if (r.wrong)
		return -1;
	for (size_t i = 0; i < LOAD_FIELDS; i++)
		told[i] = (double)NAN;
	for (size_t i = 0; i < FIELDS; i++)
		if (r.said[i])
			told[fields[i].field] = r.value[i];
	return 0;
}
