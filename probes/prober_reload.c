/*
 * Reload: the files read in the background, and the probes of the old table
 * made into those of the new one.  Called by the prober on its loop.
 */
#include <stdlib.h>
#include <string.h>

#include "base/daemon.h"
#include "base/log.h"
#include "probes/prober_parts.h"
#include "probes/checks/schedule.h"

/* A reload on its way through the thread pool. */
struct reload {
	uv_work_t work;
	struct prober *prober;
	struct server_config *config;
	struct target_table *table;
	struct errbuf messages;
};

/* The endpoint of ${p} is in no file any more: its row is deleted, now or when
 * rows can be written again. */
static void
forget(struct prober *pr, const struct probe *p)
{
	struct state_endpoint row;
	struct state_load load;

	probe_fill(p, &row);
	probe_fill_load(p, &load);
	if (pr->ready && p->load != NULL)
		state_recorder_forget_load(pr->recorder, &load);
	if (p->named != NULL)
		named_forget(p->named);
	if (pr->ready)
		state_recorder_forget(pr->recorder, &row);
}

/* Whether a probe can go on with ${now} in place of ${old}: the same endpoint,
 * with the same name, if it has one. */
static bool
is_same(const struct target *old, const struct target *now)
{
	if (endpoint_key_compare(&old->key, &now->key) != 0 ||
	    (old->name == NULL) != (now->name == NULL) ||
	    old->published != now->published)
		return false;
	return old->name == NULL || strcmp(old->name, now->name) == 0;
}

static void
load(uv_work_t *work)
{
	struct reload *r = work->data;

	r->table = target_table_load(r->prober->path, &r->config, &r->messages);
}

/* Probes for what is new in ${table}, NULL for what stays; -1 and none without
 * memory. */
static int
create_new(
    struct prober *pr, const struct target_table *table, struct probe **probes)
{
	const struct target_table *old = pr->table;
	size_t i, k = 0;

	for (i = 0; i < table->n; i++) {
		while (k < old->n &&
		    endpoint_key_compare(
			&old->targets[k].key, &table->targets[i].key) < 0)
			k++;
		if (k < old->n && is_same(&old->targets[k], &table->targets[i]))
			continue;
		probes[i] = probe_create(pr, &table->targets[i]);
		if (probes[i] == NULL)
			break;
	}
	if (i == table->n)
		return 0;
	while (i-- > 0)
		if (probes[i] != NULL)
			probe_close(probes[i]);
	return -1;
}

/* How long the first checks of what ${table} has and ${old} has not, or checks
 * in another way, are spread over. */
static uint64_t
window_of_new(const struct target_table *old, const struct target_table *table)
{
	uint64_t http = 0, https = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct target *t = &table->targets[i];
		size_t k = target_find(old, &t->key);

		if (k < old->n && target_same(&old->targets[k], t))
			continue;
		target_count(t, &http, &https);
	}
	return schedule_window(http, https);
}

/* ${old} has no probe in the new table, of which ${next} is the next one. */
static bool
is_left(const struct target *old, const struct target *next)
{
	int order = endpoint_key_compare(&old->key, &next->key);

	return order < 0 || (order == 0 && !is_same(old, next));
}

/* Replace the table by ${table}, which is taken; -1 without memory. */
static int
adopt(struct prober *pr, struct target_table *table)
{
	struct target_table *old = pr->table;
	struct probe **probes = calloc(table->n + 1, sizeof(struct probe *));
	struct prober_changes fresh = {0}, gone = {0}, other = {0};
	size_t k = 0;

	if (probes == NULL || create_new(pr, table, probes) != 0) {
		free(probes);
		return -1;
	}
	prober_flush(pr); /* so that probes that are closed are not dirty */
	http_checker_refresh(pr->checker);
	pr->window_ms = window_of_new(old, table);
	for (size_t i = 0; i <= table->n; i++) {
		while (k < old->n &&
		    (i == table->n ||
			is_left(&old->targets[k], &table->targets[i]))) {
			prober_note_change(&gone, &old->targets[k].key);
			forget(pr, pr->probes[k]);
			probe_close(pr->probes[k++]);
		}
		if (i == table->n)
			break;
		if (probes[i] == NULL) {
			probes[i] = pr->probes[k++];
			if (!probe_follow(probes[i], &table->targets[i]))
				prober_note_change(
				    &other, &table->targets[i].key);
		} else {
			probe_mark(probes[i]);
			if (pr->checking)
				probe_begin(probes[i]);
			prober_note_change(&fresh, &table->targets[i].key);
		}
	}
	free(pr->probes);
	pr->probes = probes;
	pr->table = table;
	control_follow(pr->control, &table->control, &table->judged);
	ramps_follow(pr->ramps, &table->ramps, &table->judged);
	target_table_destroy(old);
	prober_say_reload(pr, &fresh, &gone, &other);
	return 0;
}

void
prober_share(struct prober *pr, const struct server_config *config)
{
	const char *node = config->share.n_etcd > 0 ? config->node : NULL;

	/* After that others may hold its locks. */
	control_share(pr->control, node, config->share.lease_ms);
	ramps_share(pr->ramps, node, config->share.lease_ms);
}

struct resolver *
prober_resolver(struct prober *pr, const struct server_config *config)
{
	struct resolver_settings settings = resolver_settings_of(config);

	pr->keep_ms = config->resolve_keep_ms;
	return resolver_create(&pr->loop, &settings);
}

static void
follow_resolvers(struct prober *pr, const struct server_config *config)
{
	struct resolver_settings settings = resolver_settings_of(config);

	pr->keep_ms = config->resolve_keep_ms;
	if (resolver_set(pr->resolver, &settings) != 0)
		log_error("resolvers: no memory: names are looked up where "
			  "they were before");
}

static void begin_reload(struct prober *pr);

/* The files are read: go on with the new table, or with the old one if the
 * files have errors. */
static void
on_loaded(uv_work_t *work, int status)
{
	struct reload *r = work->data;
	struct prober *pr = r->prober;

	(void)status;
	pr->reloading = false;
	if (pr->stopping)
		goto out;
	daemon_log_messages(&r->messages);
	pr->not_reloaded = r->table == NULL;
	if (r->table == NULL) {
		log_error("not reloaded: the checks go on as they were");
	} else if (adopt(pr, r->table) != 0) {
		log_error("not reloaded: no memory");
	} else {
		r->table = NULL;
		state_recorder_forget_after(
		    pr->recorder, r->config->stale_forget_ms);
		prober_share(pr, r->config);
		follow_resolvers(pr, r->config);
		hooks_follow(pr->hooks, r->config->hooks, r->config->n_hooks);
		gate_limit(pr->gate, prober_places(r->config));
		state_recorder_place(pr->recorder, r->config->vantage_region);
		state_recorder_latency_age(
		    pr->recorder, r->config->latency_max_age_ms);
		if (strcmp(r->config->state, pr->state) != 0 ||
		    strcmp(r->config->vantage, pr->vantage) != 0)
			log_warn("another \"state\" or \"vantage\" takes a "
				 "restart");
	}
	if (pr->reload_again)
		begin_reload(pr);
out:
	target_table_destroy(r->table);
	server_config_destroy(r->config);
	free(r);
}

/* Read all files in a thread of the pool: with many endpoints that takes longer
 * than a check may be late. */
static void
begin_reload(struct prober *pr)
{
	struct reload *r = calloc(1, sizeof(*r));

	pr->reload_again = false;
	if (r == NULL) {
		log_error("not reloaded: no memory");
		return;
	}
	r->prober = pr;
	r->work.data = r;
	errbuf_init(&r->messages);
	uv_queue_work(&pr->loop, &r->work, load, on_loaded);
	pr->reloading = true;
}

void
prober_reload(struct prober *pr)
{
	if (pr->reloading)
		pr->reload_again = true;
	else
		begin_reload(pr);
}
