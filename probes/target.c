/*
 * Builds the table of targets from the files of an operator.  Called by the
 * daemon when it starts and, in a thread of its own, when it reloads.
 */
#include "probes/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/daemon.h"
#include "config/last_good.h"
#include "config/steering_resolve.h"

/* A million targets with their texts and addresses take less. */
#define TABLE_MAX_BYTES ((size_t)1 << 30)

/* Descriptors for other things than requests: the log, the loop, the process
 * that writes the state, files of authorities. */
#define OTHER_FILES 64

struct building {
	struct arena *arena;
	struct target *targets;
	size_t n;
	const struct check_config **checks; /* that targets have */
	size_t n_checks, n_zones;
	bool failed; /* memory is out */
};

static const char *
copy_text(struct building *b, const char *text)
{
	char *copy;

	if (text == NULL)
		return NULL;
	copy = arena_strdup(b->arena, text);
	if (copy == NULL)
		b->failed = true;
	return copy;
}

/* An address to send requests to, if the check looks at its family. */
static void
add_address(const struct check_config *check, const struct address *a,
    uint16_t port, struct endpoint_address *list, size_t *n)
{
	if (a->family == 4 ? !check->ipv4 : !check->ipv6)
		return;
	list[*n].address = *a;
	list[*n].port = port != 0 ? port : check->port;
	(*n)++;
}

/* The addresses to ask: those of check_at, or else the endpoint's own. */
static void
read_addresses(struct building *b, struct target_check *checked,
    const struct endpoint_config *from)
{
	const struct check_config *check = checked->check;
	size_t most = from->n_check_at > 0 ? from->n_check_at
					   : from->n_ipv4 + from->n_ipv6;
	struct endpoint_address *list =
	    arena_array(b->arena, most, sizeof(*list));
	size_t n = 0;

	if (list == NULL) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < from->n_check_at; i++)
		add_address(check, &from->check_at[i].address,
		    from->check_at[i].port, list, &n);
	if (from->n_check_at == 0) {
		for (size_t i = 0; i < from->n_ipv4; i++)
			add_address(check, &from->ipv4[i], 0, list, &n);
		for (size_t i = 0; i < from->n_ipv6; i++)
			add_address(check, &from->ipv6[i], 0, list, &n);
	}
	checked->addresses = list;
	checked->n_addresses = n;
}

/* Its checks, without those that look at none of its addresses. */
static void
read_checks(struct building *b, struct target *target,
    const struct endpoint_config *from, const struct check_set *set,
    const struct check_config *const *all)
{
	struct target_check *checks =
	    arena_array(b->arena, set->n, sizeof(*checks));

	if (checks == NULL) {
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < set->n && !b->failed; i++) {
		struct target_check *c = &checks[target->n_checks];

		c->check = all[set->checks[i]];
		if (target->name == NULL)
			read_addresses(b, c, from);
		if (target->name != NULL || c->n_addresses > 0)
			target->n_checks++;
	}
	target->checks = checks;
	target->need = set->need;
}

/* The name whose addresses are those of the endpoint, or that clients are led
 * to by a CNAME and that nothing is checked in place of. */
static void
read_name(struct building *b, struct target *target,
    const struct endpoint_config *from, const struct check_config *check)
{
	if (from->resolve != NULL)
		target->name = copy_text(b, from->resolve);
	else if (from->cname != NULL && from->n_check_at == 0 && check != NULL)
		target->name = copy_text(b, from->cname);
	target->published = from->resolve != NULL;
	/* Clients look the target of a CNAME up themselves. */
	target->allow_private = from->allow_private || from->resolve == NULL;
	target->ipv4 = check == NULL || check->ipv4;
	target->ipv6 = check == NULL || check->ipv6;
}

/* Its check that knows how load is read, or NULL. */
static const struct target_check *
find_load(const struct target *target)
{
	for (size_t i = 0; i < target->n_checks; i++)
		if (target->checks[i].check->load.wanted)
			return &target->checks[i];
	return NULL;
}

/* Where the file says, or else at the first address that is asked. */
static void
read_load_address(struct building *b, struct target *target,
    const struct endpoint_config *from)
{
	const struct target_check *check = find_load(target);
	struct endpoint_address *at;

	if (check == NULL)
		return;
	target->load = check->check;
	if (from->load_at.address.family == 0 && check->n_addresses == 0)
		return;
	at = arena_array(b->arena, 1, sizeof(*at));
	if (at == NULL) {
		b->failed = true;
		return;
	}
	*at = from->load_at;
	if (at->address.family == 0) {
		at->address = check->addresses[0].address;
		at->port = 0;
	}
	if (at->port == 0)
		at->port = check->check->load.port;
	target->load_at = at;
}

static const struct maintenance *
copy_windows(struct building *b, const struct maintenance *from)
{
	const struct maintenance *copy;

	if (from->n == 0)
		return NULL;
	copy = maintenance_copy(b->arena, from);
	if (copy == NULL)
		b->failed = true;
	return copy;
}

static void
add_windows(struct target *target, const struct maintenance *windows)
{
	if (windows != NULL)
		target->maintenance[target->n_maintenance++] = windows;
}

/* Note that targets have the checks of ${t}; those of its zone begin at
 * ${first}. */
static void
note_checks(struct building *b, const struct target *t, size_t first)
{
	for (size_t i = 0; i < t->n_checks; i++) {
		size_t k = first;

		while (k < b->n_checks && b->checks[k] != t->checks[i].check)
			k++;
		if (k == b->n_checks)
			b->checks[b->n_checks++] = t->checks[i].check;
	}
}

/* What the endpoints of a zone share. */
struct zone_building {
	const char *name; /* as it is stored */
	const struct steering_config *steering;
	const struct check_config **checks; /* copies of all of them */
	size_t first; /* where those begin that its targets have */
	/* Of each region its windows, or NULL. */
	const struct maintenance **regions;
};

/* An endpoint without a name and without an address that its checks look at is
 * not probed. */
static void
add_pool(struct building *b, const struct zone_building *zone,
    const struct pool_config *pool)
{
	const char *name = copy_text(b, pool->name);
	const struct maintenance *windows = copy_windows(b, &pool->maintenance);

	for (size_t i = 0; i < pool->n_endpoints && !b->failed; i++) {
		const struct endpoint_config *from = &pool->endpoints[i];
		const struct check_set *set = steering_checks_of(pool, from);
		struct target *t = &b->targets[b->n];

		memset(t, 0, sizeof(*t));
		t->key.zone = zone->name;
		t->key.pool = name;
		t->key.endpoint = copy_text(b, from->name);
		t->region =
		    copy_text(b, zone->steering->regions[from->region].name);
		add_windows(t, zone->regions[from->region]);
		add_windows(t, windows);
		add_windows(t, copy_windows(b, &from->maintenance));
		read_name(b, t, from,
		    set->n > 0 ? zone->checks[set->checks[0]] : NULL);
		read_checks(b, t, from, set, zone->checks);
		read_load_address(b, t, from);
		if (b->failed || (t->name == NULL && t->n_checks == 0))
			continue;
		t->hash = endpoint_key_hash(&t->key);
		note_checks(b, t, zone->first);
		b->n++;
	}
}

static const char *
copy_zone(struct building *b, const char *name)
{
	char *copy = arena_strdup(b->arena, name);

	if (copy == NULL)
		b->failed = true;
	else
		endpoint_key_fold(copy);
	return copy;
}

/* Pools without a check are always up and have no targets but the endpoints
 * with a name, whose addresses have to be found. */
static void
add_zone(struct building *b, const struct zone_config *zone,
    const struct steering_config *steering)
{
	struct zone_building z = {.name = copy_zone(b, zone->name),
	    .steering = steering,
	    .checks =
		arena_array(b->arena, steering->n_checks, sizeof(*z.checks)),
	    .first = b->n_checks,
	    .regions =
		arena_array(b->arena, steering->n_regions, sizeof(*z.regions))};
	size_t targets = b->n;

	if (z.checks == NULL || z.regions == NULL)
		b->failed = true;
	for (size_t i = 0; i < steering->n_checks && !b->failed; i++) {
		z.checks[i] = check_copy(b->arena, &steering->checks[i]);
		b->failed = b->failed || z.checks[i] == NULL;
	}
	for (size_t i = 0; i < steering->n_regions && !b->failed; i++)
		z.regions[i] =
		    copy_windows(b, &steering->regions[i].maintenance);
	for (size_t i = 0; i < steering->n_pools && !b->failed; i++)
		add_pool(b, &z, &steering->pools[i]);
	b->n_zones += b->n > targets;
}

/* Names that a row of the state database cannot hold, and keys that two targets
 * have.  The reader of the files refuses both; this table must not rely on it,
 * since two targets with one key would overwrite each other's row. */
static int
check_keys(const struct building *b, struct errbuf *eb)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct target *t = &b->targets[i];

		if (!endpoint_key_fits(&t->key))
			return errbuf_error(eb, NULL,
			    "the name of endpoint %s, pool %s, zone %s is too "
			    "long",
			    t->key.endpoint, t->key.pool, t->key.zone);
		if (i > 0 &&
		    endpoint_key_equal(&b->targets[i - 1].key, &t->key))
			return errbuf_error(eb, NULL,
			    "endpoint %s, pool %s, zone %s stands twice",
			    t->key.endpoint, t->key.pool, t->key.zone);
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct target *one = a, *two = b;

	return endpoint_key_compare(&one->key, &two->key);
}

static size_t
count_checks(
    const struct server_config *server, struct steering_config *const *steering)
{
	size_t n = 0;

	for (size_t i = 0; i < server->n_zones; i++)
		if (steering[i] != NULL)
			n += steering[i]->n_checks;
	return n;
}

static size_t
count_endpoints(
    const struct server_config *server, struct steering_config *const *steering)
{
	size_t n = 0;

	for (size_t i = 0; i < server->n_zones; i++)
		for (size_t j = 0;
		     steering[i] != NULL && j < steering[i]->n_pools; j++)
			n += steering[i]->pools[j].n_endpoints;
	return n;
}

void
target_count(const struct target *target, uint64_t *http, uint64_t *https)
{
	for (size_t i = 0; i < target->n_checks; i++) {
		const struct target_check *c = &target->checks[i];

		*(c->check->https ? https : http) +=
		    target->name != NULL ? 2 : c->n_addresses;
	}
}

static void
count(struct target_table *table)
{
	table->http = table->https = 0;
	table->n_names = 0;
	for (size_t i = 0; i < table->n; i++) {
		table->n_names += table->targets[i].name != NULL;
		target_count(&table->targets[i], &table->http, &table->https);
	}
}

static int
copy_zones(struct building *b, struct target_table *table,
    const struct server_config *server)
{
	const char **zones =
	    arena_array(b->arena, server->n_zones, sizeof(*zones));

	if (zones == NULL)
		return -1;
	for (size_t i = 0; i < server->n_zones; i++)
		zones[i] = copy_text(b, server->zones[i].name);
	table->zones = zones;
	table->n_all_zones = server->n_zones;
	return b->failed ? -1 : 0;
}

struct target_table *
target_table_build(const struct server_config *server,
    struct steering_config *const *steering, struct errbuf *eb)
{
	struct building b = {.arena = arena_create(TABLE_MAX_BYTES)};
	size_t most = count_endpoints(server, steering);
	struct target_table *table;

	if (b.arena == NULL)
		goto no_memory;
	table = arena_alloc(b.arena, sizeof(*table));
	b.targets = arena_array(b.arena, most, sizeof(*b.targets));
	b.checks = arena_array(
	    b.arena, count_checks(server, steering), sizeof(*b.checks));
	if (table == NULL || b.targets == NULL || b.checks == NULL)
		goto no_memory;
	for (size_t i = 0; i < server->n_zones; i++)
		if (steering[i] != NULL)
			add_zone(&b, &server->zones[i], steering[i]);
	if (b.failed)
		goto no_memory;
	if (b.n > 1)
		qsort(b.targets, b.n, sizeof(*b.targets), compare);
	if (check_keys(&b, eb) != 0)
		goto fail;
	table->targets = b.targets;
	table->n = b.n;
	table->checks = b.checks;
	table->n_checks = b.n_checks;
	table->n_zones = b.n_zones;
	count(table);
	table->arena = b.arena;
	if (copy_zones(&b, table, server) != 0 ||
	    control_plan_build(b.arena, server, steering, &table->control) !=
		0 ||
	    ramp_plans_build(b.arena, server, steering, &table->ramps) != 0)
		goto no_memory;
	if ((table->control.n > 0 || table->ramps.n > 0) &&
	    judged_build(&table->judged, server, steering, eb) != 0)
		goto fail;
	return table;
no_memory:
	errbuf_error(eb, NULL, "no memory for the table of endpoints");
fail:
	arena_destroy(b.arena);
	return NULL;
}

void
target_table_warn(
    const struct target_table *table, uint64_t files, struct errbuf *eb)
{
	uint64_t addresses = table->http + table->https;

	if (addresses + OTHER_FILES > files)
		errbuf_warn(eb, NULL,
		    "%" PRIu64 " addresses are checked, but only %" PRIu64
		    " files may be open at once: when many do not answer, "
		    "checks are late (raise the limit: LimitNOFILE of "
		    "systemd, ulimit -n)",
		    addresses, files);
	for (size_t i = 0; i < table->n_checks; i++) {
		const struct check_config *check = table->checks[i];

		if (check->ca != NULL && access(check->ca, R_OK) != 0)
			errbuf_warn(eb, NULL,
			    "ca: %s: %s: check \"%s\" cannot be made until it "
			    "can be read",
			    check->ca, strerror(errno), check->name);
	}
}

uint64_t
target_table_rate(const struct target_table *table)
{
	uint64_t rate = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct target *t = &table->targets[i];

		for (size_t k = 0; k < t->n_checks; k++)
			rate += 1000000 / t->checks[k].check->every_ms;
	}
	return rate;
}

/* A steering file of ${config}, added to no list. */
static struct steering_config *
load_steering(const struct zone_config *zone, const struct last_good *from,
    struct errbuf *eb)
{
	struct inputs inputs = last_good_inputs(from);
	struct steering_config *steering = steering_config_load(
	    zone->steering, &zone->steering_at, &inputs, eb);

	inputs_finish(&inputs);
	return steering;
}

/* All of it at the paths, or of copies unless ${from} is NULL. */
static struct target_table *
load(const char *path, const struct last_good *from,
    struct server_config **server, struct errbuf *eb)
{
	struct inputs inputs = last_good_inputs(from);
	struct server_config *config = server_config_read(path, &inputs, eb);
	struct steering_config **steering = NULL;
	struct target_table *table = NULL;

	inputs_finish(&inputs);
	if (config == NULL)
		return NULL;
	steering = calloc(config->n_zones + 1, sizeof(*steering));
	if (steering == NULL) {
		errbuf_error(eb, NULL, "no memory for the steering files");
		goto out;
	}
	/* All of them, also after a broken one, so that every error is shown.
	 */
	for (size_t i = 0; i < config->n_zones; i++)
		if (config->zones[i].steering != NULL)
			steering[i] =
			    load_steering(&config->zones[i], from, eb);
	for (size_t i = 0; i < config->n_zones; i++)
		if (steering[i] != NULL)
			steering_resolve_check(config, steering[i], eb);
	if (errbuf_ok(eb))
		table = target_table_build(config, steering, eb);
	if (table != NULL)
		target_table_warn(table, daemon_file_limit(), eb);
	for (size_t i = 0; i < config->n_zones; i++)
		steering_config_destroy(steering[i]);
out:
	free(steering);
	if (table != NULL)
		*server = config;
	else
		server_config_destroy(config);
	return table;
}

struct target_table *
target_table_load(
    const char *path, struct server_config **server, struct errbuf *eb)
{
	return load(path, NULL, server, eb);
}

struct target_table *
target_table_load_last_good(
    const char *path, struct server_config **server, struct errbuf *eb)
{
	struct last_good lg = {0};
	struct target_table *table = NULL;

	if (last_good_find(path, &lg, eb) == 1)
		table = load(path, &lg, server, eb);
	if (table != NULL)
		table->last_good = true;
	last_good_finish(&lg);
	return table;
}

void
target_table_destroy(struct target_table *table)
{
	if (table == NULL)
		return;
	judged_finish(&table->judged);
	arena_destroy(table->arena);
}

size_t
target_find(const struct target_table *table, const struct endpoint_key *key)
{
	struct target sought = {.key = *key};
	const struct target *found = NULL;

	if (table->n > 0)
		found = bsearch(&sought, table->targets, table->n,
		    sizeof(*table->targets), compare);
	return found != NULL ? (size_t)(found - table->targets) : table->n;
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
target_check_same(const struct target_check *a, const struct target_check *b)
{
	if (a->n_addresses != b->n_addresses)
		return false;
	for (size_t i = 0; i < a->n_addresses; i++)
		if (!address_equal(
			&a->addresses[i].address, &b->addresses[i].address) ||
		    a->addresses[i].port != b->addresses[i].port)
			return false;
	return check_same(a->check, b->check);
}

bool
target_same(const struct target *a, const struct target *b)
{
	if (!same_text(a->name, b->name) || a->published != b->published ||
	    a->allow_private != b->allow_private || a->ipv4 != b->ipv4 ||
	    a->ipv6 != b->ipv6 || a->n_checks != b->n_checks ||
	    a->need != b->need)
		return false;
	for (size_t i = 0; i < a->n_checks; i++)
		if (!target_check_same(&a->checks[i], &b->checks[i]))
			return false;
	return true;
}
