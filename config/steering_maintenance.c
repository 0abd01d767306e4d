/*
 * The `maintenance` of regions, pools and endpoints.  Called by their readers;
 * warns of a window that is over for good, and asks the clock for that alone.
 */
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "config/scalar.h"
#include "config/steering_parts.h"

#define ALL_DAYS 0x7f

static const struct schema_word day_words[] = {{"mon", 1}, {"tue", 2},
    {"wed", 4}, {"thu", 8}, {"fri", 16}, {"sat", 32}, {"sun", 64}, {NULL, 0}};

static void
read_time(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *wall_s)
{
	(void)key;
	if (value->kind != YAML_SCALAR || clock_parse(value->text, wall_s) != 0)
		schema_expected(s, value, "a time in UTC (2026-12-01T02:00Z)");
}

/* "02:00" */
static void
read_at(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *at_s)
{
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	uint64_t hour, minute;

	(void)key;
	if (strlen(text) != 5 || text[2] != ':' ||
	    number_parse(text, 2, 0, 23, &hour) != 0 ||
	    number_parse(text + 3, 2, 0, 59, &minute) != 0)
		schema_expected(
		    s, value, "a time of the day in UTC (\"02:00\")");
	else
		*(uint32_t *)at_s = (uint32_t)(hour * 3600 + minute * 60);
}

static const struct schema_key maintenance_keys[] = {
    {.name = "from",
	.read = read_time,
	.offset = offsetof(struct maintenance_window, from_s)},
    {.name = "until",
	.read = read_time,
	.offset = offsetof(struct maintenance_window, until_s)},
    {.name = "days",
	.read = scalar_words,
	.words = day_words,
	.offset = offsetof(struct maintenance_window, days)},
    {.name = "at",
	.read = read_at,
	.offset = offsetof(struct maintenance_window, at_s)},
    {.name = "for",
	.read = scalar_seconds,
	.offset = offsetof(struct maintenance_window, for_s),
	.min = 60 * 1000,
	.max = INT64_C(1000) * MAINTENANCE_WEEK_S},
    {.name = "reason",
	.read = scalar_text,
	.offset = offsetof(struct maintenance_window, reason),
	.max = MAINTENANCE_REASON_MAX},
};

/* Whether it is once, or comes again, and not both. */
static void
check_form(struct schema *s, const struct yaml_node *value)
{
	bool from = yaml_find(value, "from") != NULL;
	bool until = yaml_find(value, "until") != NULL;
	bool at = yaml_find(value, "at") != NULL;
	bool length = yaml_find(value, "for") != NULL;
	bool days = yaml_find(value, "days") != NULL;

	if (from && until && !at && !length && !days)
		return;
	if (at && length && !from && !until)
		return;
	schema_error(s, value,
	    "a window is either once ({from: 2026-12-01T02:00Z, until: "
	    "2026-12-01T04:00Z}) or comes again ({days: [sun], at: \"02:00\", "
	    "for: 2h}, each day without \"days\")");
}

/* What each key says alone was right. */
static void
check_window(struct schema *s, const struct yaml_node *value,
    const struct maintenance_window *w)
{
	const struct yaml_node *until = yaml_find(value, "until");

	if (until != NULL && w->until_s <= w->from_s)
		schema_expected(s, until, "a time after \"from\", %s",
		    yaml_find(value, "from")->text);
	else if (until != NULL && w->until_s * 1000 <= clock_wall_ms())
		errbuf_warn(s->eb, &until->at,
		    "until: %s is over: the window has no effect any more, "
		    "and can be taken out",
		    until->text);
	else if (until == NULL && maintenance_is_always(w))
		schema_error(s, yaml_find(value, "for"),
		    "it lasts until it begins again, and would never end: "
		    "nobody would ever be called");
}

static void
read_window(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct maintenance_window window = {.days = ALL_DAYS};
	unsigned before = s->eb->errors;

	(void)key;
	schema_map(s, value, maintenance_keys,
	    sizeof(maintenance_keys) / sizeof(maintenance_keys[0]), &window);
	if (s->eb->errors == before)
		check_form(s, value);
	if (s->eb->errors == before)
		check_window(s, value, &window);
	*(struct maintenance_window *)out = window;
}

void
steering_read_maintenance(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key window = {.read = read_window};
	struct maintenance *maintenance = out;

	(void)key;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of windows (- {from: 2026-12-01T02:00Z, until: "
		    "2026-12-01T04:00Z, reason: new drivers})");
		return;
	}
	maintenance->windows = schema_values(s, value, MAINTENANCE_MAX,
	    sizeof(maintenance->windows[0]), &window, &maintenance->n);
	if (maintenance->windows == NULL)
		maintenance->n = 0;
}

void
steering_check_maintenance(struct schema *s, const struct pool_config *pool)
{
	size_t any = 0, checked = 0;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];

		if (pool->maintenance.n == 0 && e->maintenance.n == 0)
			continue;
		any++;
		checked += steering_checks_of(pool, e)->n > 0;
	}
	if (any > 0 && checked == 0)
		errbuf_warn(s->eb, &pool->at,
		    "pool \"%s\" has no check: nothing of it is ever down, "
		    "and its \"maintenance\" has no effect",
		    pool->name);
}
