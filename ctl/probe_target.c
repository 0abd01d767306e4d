/*
 * Finds the endpoint of a check by hand.  Called by meridianctl probe; sends
 * nothing but the look-up of a name (probe_name.h).
 */
#include "ctl/probe_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/nearest.h"
#include "ctl/command.h"
#include "ctl/probe_name.h"
#include "probes/names/refusal.h"

/* Endpoints that are listed where a name is that of several. */
#define LISTED 8

/* As many of the parts of ${key} as ${name} has: "zone/pool/endpoint". */
static void
format_key(
    const struct endpoint_key *key, unsigned slashes, char *out, size_t size)
{
	if (slashes == 0)
		snprintf(out, size, "%s", key->endpoint);
	else if (slashes == 1)
		snprintf(out, size, "%s/%s", key->pool, key->endpoint);
	else
		snprintf(
		    out, size, "%s/%s/%s", key->zone, key->pool, key->endpoint);
}

static unsigned
count_slashes(const char *name)
{
	unsigned n = 0;

	for (; *name != '\0'; name++)
		n += *name == '/';
	return n;
}

static void
say_several(const struct target_table *table, const char *name)
{
	char text[STATE_ZONE + 2 * STATE_NAME + 2];
	unsigned slashes = count_slashes(name), n = 0;

	fprintf(stderr, "%s is the name of several endpoints:", name);
	for (size_t i = 0; i < table->n; i++) {
		format_key(&table->targets[i].key, slashes, text, sizeof(text));
		if (strcmp(text, name) != 0 || n++ >= LISTED)
			continue;
		format_key(&table->targets[i].key, 2, text, sizeof(text));
		fprintf(stderr, "%s %s", n > 1 ? "," : "", text);
	}
	fprintf(stderr, "%s: name one of them in full\n",
	    n > LISTED ? ", and others" : "");
}

static void
say_none(const struct target_table *table, const char *name)
{
	char text[STATE_ZONE + 2 * STATE_NAME + 2], best[sizeof(text)] = "";
	unsigned slashes = count_slashes(name);
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < table->n; i++) {
		const char *before = nearest.best;

		format_key(&table->targets[i].key, slashes, text, sizeof(text));
		nearest_offer(&nearest, text);
		if (nearest.best == before)
			continue;
		memcpy(best, text, sizeof(best));
		nearest.best = best;
	}
	fprintf(stderr, "no endpoint that is checked is called %s", name);
	if (best[0] != '\0')
		fprintf(stderr, ", did you mean %s?\n", best);
	else
		fprintf(stderr,
		    ": write ENDPOINT, POOL/ENDPOINT or ZONE/POOL/ENDPOINT\n");
}

static const struct target *
find(const struct target_table *table, const char *name)
{
	char text[STATE_ZONE + 2 * STATE_NAME + 2];
	const struct target *found = NULL;
	unsigned slashes = count_slashes(name), n = 0;

	for (size_t i = 0; i < table->n; i++) {
		format_key(&table->targets[i].key, slashes, text, sizeof(text));
		if (strcmp(text, name) != 0)
			continue;
		found = &table->targets[i];
		n++;
	}
	if (n == 0)
		say_none(table, name);
	else if (n > 1)
		say_several(table, name);
	return n == 1 ? found : NULL;
}

static const struct check_config *
find_check(const struct target_table *table, const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; i < table->n_checks; i++) {
		if (strcmp(table->checks[i]->name, name) == 0)
			return table->checks[i];
		nearest_offer(&nearest, table->checks[i]->name);
	}
	fprintf(stderr, "no pool has a check called %s%s%s%s\n", name,
	    nearest.best != NULL ? ", did you mean " : "",
	    nearest.best != NULL ? nearest.best : "",
	    nearest.best != NULL ? "?" : "");
	return NULL;
}

/* --- addresses --- */

/* Those of an endpoint that is no name.  Of a check that is none of its own
 * they are those of its first, with the port of the other where theirs is only
 * that of the check. */
static size_t
take_addresses(const struct target *target, const struct check_config *check,
    struct endpoint_address *to)
{
	const struct target_check *own = &target->checks[0];
	size_t n = 0;

	for (size_t i = 0; i < target->n_checks; i++)
		if (target->checks[i].check == check)
			own = &target->checks[i];
	for (; n < own->n_addresses && n < PROBE_TARGET_MAX; n++) {
		to[n] = own->addresses[n];
		if (to[n].port == own->check->port)
			to[n].port = check->port;
	}
	return n;
}

/* Those of a name now, as far as a daemon would use them. */
static size_t
take_named(const struct target *target, const struct check_config *check,
    const struct address *list, size_t n, struct endpoint_address *to)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		if (refusal_of(&list[i], target->allow_private) == NULL)
			to[used++] = (struct endpoint_address){
			    .address = list[i], .port = check->port};
	return used;
}

/* 0, or -1 when one of its checks has none to ask. */
static int
find_addresses(struct probe_target *t)
{
	const struct target *target = t->target;
	struct address list[PROBE_TARGET_MAX];
	size_t least = PROBE_TARGET_MAX, n = 0;

	t->to = calloc(t->n_checks * PROBE_TARGET_MAX, sizeof(*t->to));
	if (t->to == NULL) {
		fprintf(stderr, "no memory\n");
		return -1;
	}
	if (target->name != NULL &&
	    probe_name_ask(t->config, target, list, PROBE_TARGET_MAX, &n) != 0)
		return -1;
	for (size_t i = 0; i < t->n_checks; i++) {
		struct endpoint_address *to = &t->to[i * PROBE_TARGET_MAX];
		struct target_check *c = &t->checks[i];

		c->addresses = to;
		c->n_addresses = target->name != NULL
		    ? take_named(target, c->check, list, n, to)
		    : take_addresses(target, c->check, to);
		if (c->n_addresses < least)
			least = c->n_addresses;
	}
	if (least > 0)
		return 0;
	fprintf(stderr, "%s: it has no address that would be checked\n",
	    target->name != NULL ? target->name : target->key.endpoint);
	return -1;
}

/* --- files --- */

/* The probes run as the user of the node's file, and so does this. */
static int
become_user(const char *path, struct errbuf *eb)
{
	struct server_config *config = server_config_load(path, eb);
	int status = 0;

	if (config != NULL && config->user != NULL && geteuid() == 0)
		status = daemon_become(config->user);
	if (config == NULL)
		status = -1;
	server_config_destroy(config);
	return status;
}

static int
load(const char *path, struct probe_target *out)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	int status;

	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	status = become_user(path, eb);
	if (status == 0) {
		errbuf_init(eb);
		out->table = target_table_load(path, &out->config, eb);
		status = out->table != NULL ? 0 : -1;
	}
	if (status != 0)
		command_print_messages(eb);
	free(eb);
	return status;
}

/* The checks of its target, or the one called ${check}. */
static int
take_checks(struct probe_target *t, const char *check)
{
	const struct target *target = t->target;

	if (check != NULL) {
		t->checks[0].check = find_check(t->table, check);
		t->n_checks = t->need = 1;
		return t->checks[0].check != NULL ? 0 : -1;
	}
	for (size_t i = 0; i < target->n_checks; i++)
		t->checks[i].check = target->checks[i].check;
	t->n_checks = target->n_checks;
	t->need = target->need;
	if (t->n_checks > 0)
		return 0;
	fprintf(stderr, "%s has no check\n", target->key.endpoint);
	return -1;
}

int
probe_target_open(const char *path, const char *name, const char *check,
    struct probe_target *out)
{
	memset(out, 0, sizeof(*out));
	if (load(path, out) != 0)
		return -1;
	out->target = find(out->table, name);
	if (out->target == NULL || take_checks(out, check) != 0)
		return -1;
	return find_addresses(out);
}

const struct target_check *
probe_target_load(const struct probe_target *t)
{
	for (size_t i = 0; i < t->n_checks; i++)
		if (t->checks[i].check->load.wanted)
			return &t->checks[i];
	return NULL;
}

void
probe_target_close(struct probe_target *t)
{
	free(t->to);
	target_table_destroy(t->table);
	server_config_destroy(t->config);
}
