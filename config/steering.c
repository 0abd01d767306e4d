/*
 * A steering file to a struct steering_config: the sections in the order in
 * which they refer to each other, regions, and what is defined but not used.
 * Called by the three programs when they start or reload.
 */
#include "config/steering.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/inputs.h"
#include "config/scalar.h"
#include "config/steering_parts.h"

static void
read_at(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct region_config *region = out;

	(void)key;
	scalar_position(s, value, &region->latitude, &region->longitude);
}

static const struct schema_key region_keys[] = {
    {.name = "at", .read = read_at, .required = true},
    /* At 100 every distance would be 0. */
    {.name = "bias",
	.read = scalar_int,
	.offset = offsetof(struct region_config, bias),
	.min = -99,
	.max = 99},
    {.name = "cost",
	.read = steering_read_cost,
	.offset = offsetof(struct region_config, cost)},
    {.name = "standby",
	.read = scalar_bool,
	.offset = offsetof(struct region_config, standby)},
    {.name = "drained",
	.read = scalar_bool,
	.offset = offsetof(struct region_config, drained)},
    {.name = "maintenance",
	.read = steering_read_maintenance,
	.offset = offsetof(struct region_config, maintenance)},
};

/* A region is known by its place in the file: sets of regions are bits. */
static void
read_regions(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct region_config *regions;

	(void)key;
	(void)out;
	if (!schema_named(s, value, STEERING_MAX_REGIONS)) {
		reader->regions = value->kind == YAML_LIST ? value : NULL;
		return;
	}
	regions = schema_array(s, value->n, sizeof(*regions));
	if (regions == NULL)
		return;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next) {
		struct region_config *region = &regions[child->index];

		region->at = child->key_at;
		region->name = schema_strdup(s, child->key);
		schema_name(s, &child->key_at, child->key);
		schema_map(s, child, region_keys,
		    sizeof(region_keys) / sizeof(region_keys[0]), region);
	}
	reader->config->regions = regions;
	reader->config->n_regions = value->n;
	reader->regions = value;
}

/* That the folder is not there stops nothing: the checks that need it say so.
 * Files may be texts that another process holds, or copies: then none is looked
 * at. */
static void
check_folder(
    struct schema *s, const struct yaml_node *value, const char *folder)
{
	struct stat st;

	if (!inputs_on_disk(s->inputs))
		return;
	if (stat(folder, &st) != 0)
		errbuf_warn(s->eb, &value->at,
		    "presets: %s: %s: write a folder with files NAME.yaml",
		    folder, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		errbuf_warn(s->eb, &value->at,
		    "presets: %s is no folder: write the one that the files "
		    "NAME.yaml are in",
		    folder);
}

/* The folder with presets of the operator's own. */
static void
read_presets(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	const char *folder = NULL;

	(void)out;
	scalar_path(s, value, key, &folder);
	if (folder == NULL)
		return;
	check_folder(s, value, folder);
	reader->config->presets = folder;
	preset_store_extend(reader->presets, folder, s->inputs);
}

/* In the order of reading: a section refers only to those above it. */
static const struct schema_key steering_keys[] = {
    {.name = "networks", .read = steering_read_networks},
    {.name = "regions", .read = read_regions, .required = true},
    {.name = "presets", .read = read_presets},
    {.name = "checks", .read = steering_read_checks},
    {.name = "pools", .read = steering_read_pools, .required = true},
    {.name = "services", .read = steering_read_services, .required = true},
    {.name = "safety",
	.read = steering_read_safety,
	.offset = offsetof(struct steering_config, safety)},
};

/* What is defined and never used is often a slip in a name elsewhere. */
static void
warn_unused(struct schema *s, const struct steering_reader *reader)
{
	const struct steering_config *config = reader->config;
	uint64_t regions = 0;

	for (size_t i = 0; i < config->n_networks; i++) {
		const struct network_config *network = &config->networks[i];

		/* One that says where it is moves its clients: that is a use.
		 */
		if (!reader->network_used[i] && !network->has_position &&
		    network->country[0] == '\0' && network->asn == 0)
			errbuf_warn(s->eb, &network->at,
			    "network \"%s\" is not used", network->name);
	}
	for (size_t i = 0; i < config->n_checks; i++)
		if (!reader->check_used[i])
			errbuf_warn(s->eb, &config->checks[i].at,
			    "check \"%s\" is not used by any pool",
			    config->checks[i].name);
	for (size_t i = 0; i < config->n_pools; i++) {
		regions |= reader->pool_regions[i];
		if (!reader->pool_used[i])
			errbuf_warn(s->eb, &config->pools[i].at,
			    "pool \"%s\" is not used by any service",
			    config->pools[i].name);
	}
	for (size_t i = 0; i < config->n_regions; i++)
		if ((regions >> i & 1) == 0)
			errbuf_warn(s->eb, &config->regions[i].at,
			    "region \"%s\" has no endpoint",
			    config->regions[i].name);
}

/* The reader is on the stack: nothing of it is needed once the config is made.
 */
/* It may be made again: with other files of networks, or by another process
 * that compares it. */
static void
keep_text(struct schema *s, struct steering_config *config)
{
	char *copy = schema_array(s, s->len + 1, 1);

	if (copy == NULL)
		return;
	memcpy(copy, s->text, s->len);
	config->text = copy;
	config->len = s->len;
}

static void *
fill(struct schema *s, const struct yaml_node *root)
{
	struct steering_config *config = schema_array(s, 1, sizeof(*config));
	struct steering_reader reader = {.config = config};

	if (config == NULL)
		return NULL;
	config->arena = s->arena;
	config->path = s->path;
	config->safety.least = SAFETY_LEAST;
	s->context = &reader;
	reader.presets = preset_store_create();
	if (reader.presets == NULL) {
		schema_error(s, root, "memory is out");
		return NULL;
	}
	schema_map(s, root, steering_keys,
	    sizeof(steering_keys) / sizeof(steering_keys[0]), config);
	config->presets_hash = preset_store_hash(reader.presets);
	preset_store_destroy(reader.presets);
	/* After an error a use may be among what was not understood. */
	if (schema_ok(s)) {
		warn_unused(s, &reader);
		steering_warn_secrecy(s, &reader);
		steering_warn_costs(s);
		keep_text(s, config);
		config->hash = steering_hash(config, root);
	}
	return config;
}

struct steering_config *
steering_config_make(const char *path, const char *text, size_t len,
    struct inputs *inputs, struct errbuf *eb)
{
	return schema_parse(path, text, len, inputs, eb, fill);
}

struct steering_config *
steering_config_parse(
    const char *path, const char *text, size_t len, struct errbuf *eb)
{
	return steering_config_make(path, text, len, NULL, eb);
}

struct steering_config *
steering_config_load(const char *path, const struct mark *at,
    struct inputs *inputs, struct errbuf *eb)
{
	return schema_load(path, at, inputs, eb, fill);
}

struct steering_config *
steering_config_again(const struct steering_config *before,
    struct inputs *inputs, struct errbuf *eb)
{
	return steering_config_make(
	    before->path, before->text, before->len, inputs, eb);
}

void
steering_config_destroy(struct steering_config *config)
{
	if (config != NULL)
		arena_destroy(config->arena);
}
