/*
 * The `zones` of meridian.yaml: their names and files.  Called by the reader of
 * the node's file; opens none of them.
 */
#include <stdlib.h>
#include <string.h>

#include "config/domain.h"
#include "config/scalar.h"
#include "config/server_parts.h"

/* Kept in its canonical form, by which it is shown and stored everywhere. */
static void
read_zone_name(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name)
{
	char canonical[DOMAIN_TEXT];

	(void)key;
	if (value->kind != YAML_SCALAR ||
	    !domain_canonical(value->text, canonical))
		schema_expected(s, value,
		    "the name of a zone (inference.example; a blank in it is "
		    "written \\032)");
	else
		*(const char **)name = schema_strdup(s, canonical);
}

/* Paths whose place is kept too: whether the file is there is known only when
 * it is read, and the error is shown here. */
static void
read_records(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct zone_config *zone = out;

	zone->records_at = value->at;
	scalar_path(s, value, key, &zone->records);
}

static void
read_steering(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct zone_config *zone = out;

	zone->steering_at = value->at;
	scalar_path(s, value, key, &zone->steering);
}

static const struct schema_key zone_keys[] = {
    {.name = "name",
	.read = read_zone_name,
	.offset = offsetof(struct zone_config, name),
	.required = true},
    {.name = "records", .read = read_records, .required = true},
    {.name = "steering", .read = read_steering},
};

/* Names are canonical: one that is written twice, in whatever form, is one
 * zone. */
static void
check_zones_differ(struct schema *s, const struct zone_config *zones, size_t n)
{
	struct schema_entry *entries = calloc(n + 1, sizeof(*entries));
	struct mark at = {s->path, 0, 0};
	size_t named = 0;

	if (entries == NULL) {
		errbuf_error(s->eb, &at, "memory is out");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (zones[i].name != NULL)
			entries[named++] =
			    (struct schema_entry){zones[i].name, zones[i].at};
	schema_distinct(s, entries, named, strcmp, "zone", "");
	free(entries);
}

/* What is stored of the endpoints of a zone goes by its name. */
static void
check_steered(struct schema *s, const struct zone_config *zone)
{
	if (zone->name != NULL && zone->steering != NULL &&
	    strlen(zone->name) > SERVER_MAX_STEERED)
		errbuf_error(s->eb, &zone->steering_at,
		    "steering: the state database holds names of zones of at "
		    "most %d characters, escapes included; this one has %zu",
		    SERVER_MAX_STEERED, strlen(zone->name));
}

/* The files of the zones are read later, by the program that needs them. */
void
server_read_zones(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;
	const struct yaml_node *item;
	struct zone_config *zones;
	size_t n;

	(void)key;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of zones (- {name: ..., records: ..., steering: "
		    "...})");
		return;
	}
	item = schema_list(s, value, YAML_MAX_NODES, &n);
	if (item == NULL)
		return;
	zones = schema_array(s, n, sizeof(*zones));
	if (zones == NULL)
		return;
	for (size_t i = 0; i < n && !schema_stop(s, &item->at); i++) {
		zones[i].at = item->at;
		schema_map(s, item, zone_keys,
		    sizeof(zone_keys) / sizeof(zone_keys[0]), &zones[i]);
		check_steered(s, &zones[i]);
		item = item->next;
	}
	check_zones_differ(s, zones, n);
	config->zones = zones;
	config->n_zones = n;
}
