/*
 * Feeds the health model from the state database.  Called by the control
 * thread; opens no file itself: a process of its own reads (state/watch.h).
 */
#include "node/follower.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/watch.h"
#include "steering/health_row.h"

/* Ticks come a few times a second: one that is later than this finds that this
 * program did not run. */
#define STOPPED_MS 2000

struct follower {
	uv_loop_t *loop;
	void (*changed)(void *context);
	void *context;
	struct health *health;
	struct keeper *keeper;
	char *path;   /* of the database; NULL: none is followed */
	bool checked; /* something is: a program makes the file */
	struct state_watch *watch;
	int64_t ran_ms;            /* monotonic clock, of a tick or news since;
				      0: no tick came yet */
	int64_t stopped_ms;        /* how long it did not run, in all */
	struct vantages *vantages; /* as in the report */
	struct laid *laid;         /* as in the report */
	struct node_rows node_rows;
	struct node_list *nodes; /* as in the report */
	bool cut;                /* as in the report */
	int64_t cut_ms;          /* as in the report */
	bool stale;              /* no vantage is fresh, and that was said */
	char trouble[448];       /* as in the report */
	char odd[256];           /* as in the report */
	bool looked;             /* as in the report */
	struct room room;        /* as in the report */
};

/* The clock of health: it stands while this program does, which hears nobody in
 * that time, and cannot say of anybody that he is silent. */
static int64_t
now_ms(const struct follower *f)
{
	return clock_mono_ms() - f->stopped_ms;
}

/* To be called before the clock of health is looked at for a change of it. */
static void
look_at_clock(struct follower *f, bool tick)
{
	int64_t mono = clock_mono_ms(), gap = mono - f->ran_ms;

	if (f->ran_ms != 0 && gap > STOPPED_MS) {
		f->stopped_ms += gap;
		/* What was said by hand is over when it was said to be. */
		overlay_pass(health_overlay(f->health), gap);
		log_warn("did not run for %lld s: stopped, or the machine had "
			 "no time for it; health goes on from where it was",
		    (long long)gap / 1000);
	}
	if (f->ran_ms != 0 || tick)
		f->ran_ms = mono;
}

static void
on_begin(void *context, bool full)
{
	struct follower *f = context;

	health_begin(f->health, full);
	node_rows_begin(&f->node_rows, full);
}

static void
on_row(void *context, enum state_table table, const union schema_row *row)
{
	struct follower *f = context;

	if (table == TABLE_VANTAGE)
		look_at_clock(f, false);
	if (table == TABLE_NODE)
		node_rows_take(&f->node_rows, &row->node);
	health_row(f->health, table, row, now_ms(f), clock_wall_ms());
}

/* Replace the list of vantages by ${next}, if there was memory for that.  Pages
 * take its times as those of the monotonic clock. */
static void
show_vantages(struct follower *f, struct vantages *next)
{
	if (next == NULL)
		return;
	for (size_t i = 0; i < next->n; i++)
		if (next->of[i].arrived_ms >= 0)
			next->of[i].arrived_ms += f->stopped_ms;
	vantages_release(f->vantages);
	f->vantages = next;
}

/* What is laid over health, if there was memory for it. */
static void
show_laid(struct follower *f)
{
	const struct overlay *overlay = health_overlay(f->health);
	struct laid *next;

	if (laid_same(f->laid, overlay))
		return;
	next = laid_create(overlay, f->stopped_ms);
	if (next == NULL)
		return;
	laid_release(f->laid);
	f->laid = next;
}

/* The nodes, if there was memory for them. */
static void
show_nodes(struct follower *f)
{
	struct node_list *next =
	    f->node_rows.changed ? node_list_create(&f->node_rows) : NULL;

	if (next == NULL)
		return;
	node_list_release(f->nodes);
	f->nodes = next;
}

/* Say once that this node is cut off, and once that it is not any more; that
 * its row stands still is news that nothing brings.  True when it is news. */
static bool
look_at_cut(struct follower *f)
{
	bool cut = f->path != NULL && health_cut(f->health, now_ms(f));

	if (cut == f->cut)
		return false;
	f->cut = cut;
	f->cut_ms = clock_wall_ms();
	if (cut)
		log_warn("this node is cut off from those that it shares with: "
			 "its vantages count in their own regions, elsewhere "
			 "the last verdicts stay; is meridian-share running, "
			 "and etcd reached?  (meridianctl status)");
	else
		log_info("this node is not cut off any more");
	return true;
}

static void
on_commit(void *context)
{
	struct follower *f = context;

	look_at_clock(f, false);
	health_commit(f->health, now_ms(f));
	(void)look_at_cut(f);
	show_vantages(f, vantages_create(f->health, now_ms(f)));
	keeper_commit(f->keeper);
	show_laid(f);
	show_nodes(f);
	f->changed(f->context);
}

/* ${why} says that the file is not there, and nobody has to have made it. */
static bool
is_not_wanted(const struct follower *f, const char *why)
{
	const struct overlay *overlay = health_overlay(f->health);

	return !f->checked && overlay_overrides(overlay)->n == 0 &&
	    why != NULL && strcmp(why, strerror(ENOENT)) == 0;
}

static void
on_trouble(void *context, const char *why)
{
	struct follower *f = context;
	const char *path = f->path != NULL ? f->path : "";

	if (is_not_wanted(f, why)) {
		f->changed(f->context);
		return;
	}
	if (why != NULL && strcmp(why, f->trouble) == 0)
		return;
	snprintf(f->trouble, sizeof(f->trouble), "%s", why != NULL ? why : "");
	if (why == NULL)
		log_info("state database %s: readable again", path);
	else
		log_warn("state database %s: %s; answering from what is known",
		    path, f->trouble);
	f->changed(f->context);
}

static void
on_odd(void *context, const char *what)
{
	struct follower *f = context;

	snprintf(f->odd, sizeof(f->odd), "%s", what != NULL ? what : "");
	f->changed(f->context);
}

/* The probe, which writes, cannot say what keeps it from that. */
static void
say_room(const struct follower *f)
{
	const char *path = f->path != NULL ? f->path : "";

	if (f->room.state == ROOM_ENOUGH)
		log_info("state database %s: its disk has room again", path);
	else if (room_writable(f->room.state))
		log_warn("state database %s: %s: %llu KiB are free", path,
		    room_words(f->room.state),
		    (unsigned long long)f->room.free_bytes / 1024);
	else
		log_warn("state database %s: %s: meridian-probe cannot write "
			 "what it finds; mend that, nothing needs a restart",
		    path, room_words(f->room.state));
}

static void
on_room(void *context, const struct room *room)
{
	struct follower *f = context;
	enum room_state before = f->room.state;

	f->looked = true;
	f->room = *room;
	/* A figure alone is shown with the next heartbeat. */
	if (room->state == before)
		return;
	say_room(f);
	/* Else nothing is known yet that was waited for. */
	if (f->vantages != NULL || f->trouble[0] != '\0')
		f->changed(f->context);
}

static const struct state_watch_calls watch_calls = {
    .sink =
	{
	    .begin = on_begin,
	    .row = on_row,
	    .commit = on_commit,
	},
    .trouble = on_trouble,
    .odd = on_odd,
    .room = on_room,
};

struct follower *
follower_create(uv_loop_t *loop, void (*changed)(void *context), void *context)
{
	struct follower *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->loop = loop;
	f->changed = changed;
	f->context = context;
	f->health = health_create();
	if (f->health != NULL)
		f->keeper = keeper_create(loop, health_overlay(f->health));
	if (f->keeper == NULL) {
		health_destroy(f->health);
		free(f);
		return NULL;
	}
	return f;
}

static void
end_watch(struct follower *f)
{
	state_watch_stop(f->watch);
	f->watch = NULL;
	free(f->path);
	f->path = NULL;
}

void
follower_stop(struct follower *f)
{
	end_watch(f);
	keeper_stop(f->keeper);
}

void
follower_destroy(struct follower *f)
{
	if (f == NULL)
		return;
	keeper_destroy(f->keeper);
	health_destroy(f->health);
	vantages_release(f->vantages);
	laid_release(f->laid);
	node_list_release(f->nodes);
	node_rows_finish(&f->node_rows);
	free(f->path);
	free(f);
}

void
follower_configure(struct follower *f, const struct server_config *config)
{
	health_configure(f->health, config->stale_after_ms, config->stale_then);
	health_allow_missed(f->health, config->blind_ppm);
	health_share(f->health, config->share.n_etcd > 0 ? config->node : NULL,
	    now_ms(f));
}

static void
start_watch(struct follower *f)
{
	f->watch =
	    state_watch_start(f->loop, f->path, TABLES_HEALTH, &watch_calls, f);
	if (f->watch == NULL)
		on_trouble(f, "cannot start the process that reads it");
}

void
follower_follow(struct follower *f, const char *path, bool checked)
{
	f->checked = checked;
	if (path != NULL && f->path != NULL && strcmp(path, f->path) == 0)
		return;
	end_watch(f);
	keeper_follow(f->keeper, path, now_ms(f));
	/* What was said of another file is no news of this one. */
	f->trouble[0] = f->odd[0] = '\0';
	f->looked = false;
	f->room = (struct room){0};
	if (path == NULL) {
		f->changed(f->context);
		return;
	}
	f->path = strdup(path);
	if (f->path == NULL)
		on_trouble(f, "no memory to follow it");
	else
		start_watch(f);
}

/* The vantage that was heard last. */
static const char *
freshest(const struct follower *f)
{
	const struct health_vantage *best = NULL;

	for (size_t i = 0; f->vantages != NULL && i < f->vantages->n; i++)
		if (best == NULL ||
		    f->vantages->of[i].arrived_ms > best->arrived_ms)
			best = &f->vantages->of[i];
	return best != NULL ? best->name : "none";
}

int
follower_adopt(struct follower *f, const struct policy *policy)
{
	if (health_adopt(f->health, policy, now_ms(f)) != 0)
		return -1;
	if (f->watch != NULL)
		state_watch_again(f->watch);
	return 0;
}

/* Say once that health got stale, and once that it is fresh again: as struct
 * live has it, so that a start is no news, with its age, and with or without
 * anything that is checked now. */
static void
say_stale(struct follower *f)
{
	int64_t now = now_ms(f), age = health_age_ms(f->health, now);
	bool stale = f->vantages != NULL && f->vantages->n > 0 &&
	    health_stale(f->health, now);

	if (stale == f->stale)
		return;
	f->stale = stale;
	if (stale && !room_writable(f->room.state))
		log_warn("health is stale: nothing can be written to the state "
			 "database, mend that first: %s",
		    room_words(f->room.state));
	else if (stale && f->trouble[0] != '\0')
		log_warn("health is stale: the state database cannot be read, "
			 "mend that first: %s",
		    f->trouble);
	else if (stale && age >= 0)
		log_warn(
		    "health is stale: no vantage has written for %lld s, "
		    "the last was %s; is meridian-probe running?  "
		    "(systemctl status meridian-probe; meridianctl status)",
		    (long long)age / 1000, freshest(f));
	else if (stale)
		log_warn(
		    "health is stale: no vantage has written since the "
		    "state database was opened; is meridian-probe running? "
		    " (systemctl status meridian-probe; meridianctl "
		    "status)");
	else
		log_info("health is fresh again");
}

/* A vantage that went silent is news that nothing brings. */
static void
look_at_vantages(struct follower *f)
{
	struct vantages *now = vantages_create(f->health, now_ms(f));

	if (now == NULL || vantages_same(f->vantages, now)) {
		vantages_release(now);
		return;
	}
	show_vantages(f, now);
	f->changed(f->context);
}

void
follower_tick(struct follower *f)
{
	look_at_clock(f, true);
	if (f->path != NULL && f->watch == NULL)
		start_watch(f);
	if (look_at_cut(f))
		f->changed(f->context);
	look_at_vantages(f);
	keeper_tick(f->keeper);
	say_stale(f);
}

struct live *
follower_live(const struct follower *f, const struct policy *policy)
{
	return health_live(f->health, policy, now_ms(f));
}

void
follower_report(const struct follower *f, struct health_report *out)
{
	int64_t age = health_age_ms(f->health, now_ms(f));

	out->heard = age >= 0;
	out->alive_ms = clock_mono_ms() - age;
	memcpy(out->trouble, f->trouble, sizeof(out->trouble));
	memcpy(out->odd, f->odd, sizeof(out->odd));
	out->said = overlay_overrides(health_overlay(f->health))->last;
	out->looked = f->looked;
	out->room = f->room;
	keeper_report(f->keeper, &out->kept);
	out->cut = f->cut;
	out->cut_ms = f->cut_ms;
	out->vantages = f->vantages;
	out->laid = f->laid;
	out->nodes = f->nodes;
}
