/*
 * The mirror, and writing back.  Called by the follower; waits for no disk and
 * no lock.
 */
#include "node/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "state/mirror.h"
#include "state/recorder.h"

/* What a database lacks is written back when it has lacked it for so long: one
 * that is just being copied to its place is read again in less. */
#define LACKING_MS 1000

/* And given again after so long, while it lacks it still; so is a mirror that
 * could not be written. */
#define AGAIN_MS 5000

/* So often the mirror is looked at: somebody may have removed it with the rest
 * of the database, or changed it. */
#define LOOK_MS 2000

struct keeper {
	uv_loop_t *loop;
	struct overlay *overlay;
	char *path;
	bool stopping;
	bool read;      /* the database was, since it is followed */
	bool halted;    /* no room for a text, which was said */
	int64_t now_ms; /* the clock of the overlay, as the mirror is read */

	/* The mirror. */
	struct text mirrored; /* as it is, or is being written */
	uint64_t version;     /* of the overlay, that it is of */
	uv_work_t work;
	bool saving;
	bool looking;      /* it is only written if it is not as it should be */
	int64_t looked_ms; /* monotonic clock: when that was done last */
	char *saving_path;
	int saved;         /* errno of the last time; 0: it was written */
	int64_t failed_ms; /* monotonic clock: when it was not */
	char trouble[160];

	/* Writing back. */
	struct state_recorder *recorder;
	bool ready;
	size_t lacking;
	int64_t lacking_ms; /* monotonic clock: since when */
	int64_t given_ms;   /* when it was given last; 0: not yet */
	uint64_t said;      /* the last number that the log has */
};

struct keeper *
keeper_create(uv_loop_t *loop, struct overlay *overlay)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->loop = loop;
	k->overlay = overlay;
	text_init(&k->mirrored, MIRROR_MAX);
	return k;
}

void
keeper_destroy(struct keeper *k)
{
	if (k == NULL)
		return;
	text_finish(&k->mirrored);
	free(k->saving_path);
	free(k->path);
	free(k);
}

void
keeper_report(const struct keeper *k, struct keeper_report *out)
{
	out->lacking = k->lacking;
	memcpy(out->trouble, k->trouble, sizeof(out->trouble));
}

/* --- reading the mirror --- */

static void
take_override(void *context, const struct state_override *row)
{
	const struct keeper *k = context;

	overlay_override(k->overlay, row, k->now_ms, clock_wall_ms());
}

static void
take_ramp(void *context, const struct state_ramp *row)
{
	const struct keeper *k = context;

	overlay_ramp(k->overlay, row, k->now_ms, clock_wall_ms());
}

static void
load(struct keeper *k)
{
	struct mirror_reader reader = {
	    .override = take_override, .ramp = take_ramp, .context = k};

	k->trouble[0] = '\0';
	if (mirror_load(k->path, &reader) < 0) {
		snprintf(k->trouble, sizeof(k->trouble), "cannot be read: %s",
		    strerror(errno));
		log_warn("%s" MIRROR_SUFFIX ": %s: what operators said is as "
			 "the state database has it",
		    k->path, k->trouble);
	}
	if (reader.n_bad == 0)
		return;
	/* Until it is written again, by what else is known. */
	snprintf(k->trouble, sizeof(k->trouble),
	    "line %u makes no sense, or is cut off: it is left out, of %u "
	    "lines like it the first",
	    reader.bad_line, reader.n_bad);
	log_warn("%s" MIRROR_SUFFIX ": %s", k->path, k->trouble);
}

/* --- writing it --- */

static void
save_in_background(uv_work_t *work)
{
	struct keeper *k = work->data;

	const struct text *t = &k->mirrored;

	if (k->looking && mirror_is(k->saving_path, t->data, t->len))
		return;
	k->saved =
	    mirror_save(k->saving_path, t->data, t->len) == 0 ? 0 : errno;
}

static void
on_saved(uv_work_t *work, int status)
{
	struct keeper *k = work->data;
	char words[sizeof(k->trouble)] = "";

	(void)status;
	k->saving = false;
	if (k->saved != 0)
		snprintf(words, sizeof(words), "cannot be written: %s",
		    strerror(k->saved));
	if (strcmp(words, k->trouble) != 0) {
		memcpy(k->trouble, words, sizeof(words));
		if (words[0] != '\0')
			log_warn("%s" MIRROR_SUFFIX ": %s: what operators said "
				 "is kept by the state database alone",
			    k->saving_path, words);
		else
			log_info("%s" MIRROR_SUFFIX ": written again",
			    k->saving_path);
	}
	if (k->saved == 0)
		return;
	text_finish(&k->mirrored);
	k->failed_ms = clock_mono_ms();
}

static void
make_text(const struct keeper *k, struct text *out)
{
	const struct overrides *o = overlay_overrides(k->overlay);
	const struct state_ramp *ramp;
	bool lacking;

	text_init(out, MIRROR_MAX);
	mirror_begin(out, o->last);
	for (size_t i = 0; i < o->n; i++)
		mirror_override(out, &o->item[i].row);
	for (size_t i = 0;
	     (ramp = overlay_ramp_row(k->overlay, i, &lacking)) != NULL; i++)
		mirror_ramp(out, ramp);
	mirror_end(out);
}

static bool
is_empty(const struct keeper *k)
{
	bool lacking;

	return overlay_overrides(k->overlay)->n == 0 &&
	    overlay_ramp_row(k->overlay, 0, &lacking) == NULL;
}

/* Write ${k}->mirrored, with ${looking} only where it is not there. */
static void
begin_saving(struct keeper *k, bool looking)
{
	free(k->saving_path);
	k->saving_path = strdup(k->path);
	k->looking = looking;
	k->looked_ms = clock_mono_ms();
	k->work.data = k;
	k->saving = k->saving_path != NULL &&
	    uv_queue_work(k->loop, &k->work, save_in_background, on_saved) == 0;
}

/* Nothing changed: is the mirror what it was? */
static void
look(struct keeper *k)
{
	if (!k->saving && !k->stopping && k->path != NULL && k->read &&
	    k->saved == 0 && k->mirrored.data != NULL &&
	    clock_mono_ms() - k->looked_ms >= LOOK_MS)
		begin_saving(k, true);
}

/* Write what is known, if the mirror has it not. */
static void
save(struct keeper *k)
{
	uint64_t version = overlay_version(k->overlay);
	struct text text;

	if (k->saved != 0 && clock_mono_ms() - k->failed_ms < AGAIN_MS)
		return;
	if (k->saving || k->stopping || k->path == NULL || !k->read ||
	    (version == k->version && k->mirrored.data != NULL) ||
	    (is_empty(k) && k->mirrored.data == NULL))
		return;
	make_text(k, &text);
	if (text.failed ||
	    (k->mirrored.data != NULL &&
		strcmp(text.data, k->mirrored.data) == 0)) {
		if (text.failed && !k->halted)
			log_warn("%s" MIRROR_SUFFIX ": no room for all that "
				 "operators said",
			    k->path);
		k->halted = text.failed;
		k->version = version;
		text_finish(&text);
		return;
	}
	text_finish(&k->mirrored);
	k->mirrored = text;
	k->version = version;
	begin_saving(k, false);
}

/* --- writing back --- */

/* Give what the database lacks: where it has a row of the same key by now, that
 * one stays. */
static void
give(struct keeper *k)
{
	const struct overrides *o = overlay_overrides(k->overlay);
	const struct state_ramp *ramp;
	bool lacking;

	for (size_t i = 0; i < o->n; i++)
		if (!o->item[i].listed)
			state_recorder_add(
			    k->recorder, TABLE_OVERRIDE, &o->item[i].row);
	for (size_t i = 0;
	     (ramp = overlay_ramp_row(k->overlay, i, &lacking)) != NULL; i++)
		if (lacking)
			state_recorder_add(k->recorder, TABLE_RAMP, ramp);
	state_recorder_commit(k->recorder);
	k->given_ms = clock_mono_ms();
}

static void
on_ready(void *context)
{
	struct keeper *k = context;

	k->ready = true;
	give(k);
}

static void
on_trouble(void *context, const char *why)
{
	struct keeper *k = context;

	k->ready &= why == NULL;
	if (why != NULL)
		log_warn("state database %s: what operators said cannot be "
			 "written back: %s",
		    k->path, why);
}

static const struct state_recorder_calls calls = {
    .ready = on_ready, .trouble = on_trouble};

static size_t
count_lacking(const struct keeper *k)
{
	const struct overrides *o = overlay_overrides(k->overlay);
	size_t n = 0;
	bool lacking;

	for (size_t i = 0; i < o->n; i++)
		n += !o->item[i].listed;
	for (size_t i = 0; overlay_ramp_row(k->overlay, i, &lacking) != NULL;
	     i++)
		n += lacking;
	return n;
}

static void
end_recorder(struct keeper *k)
{
	state_recorder_stop(k->recorder);
	k->recorder = NULL;
	k->ready = false;
	k->given_ms = 0;
}

/* To be called when no callback of the recorder is under way. */
static void
write_back(struct keeper *k)
{
	int64_t now = clock_mono_ms();

	if (k->path == NULL || !k->read || k->lacking == 0) {
		end_recorder(k);
		return;
	}
	if (now - k->lacking_ms < LACKING_MS)
		return;
	if (k->recorder == NULL) {
		log_warn("state database %s: lacks %zu of what operators said "
			 "and of ramps: these stay in force, and are written "
			 "back",
		    k->path, k->lacking);
		k->recorder =
		    state_recorder_start(k->loop, k->path, "", &calls, k);
	} else if (k->ready && now - k->given_ms >= AGAIN_MS) {
		give(k);
	}
}

/* --- */

/* What was said since the log said it last. */
static void
say_news(struct keeper *k)
{
	const struct overrides *o = overlay_overrides(k->overlay);

	for (size_t i = 0; i < o->n; i++) {
		const struct state_override *row = &o->item[i].row;

		if (row->number <= k->said)
			continue;
		log_info("override %" PRIu64 ": %s %s %s%s%s, by %s: %s",
		    row->number, row->action, row->kind, row->target,
		    row->value[0] != '\0' ? " " : "", row->value, row->author,
		    row->reason);
	}
	if (o->last > k->said)
		k->said = o->last;
}

void
keeper_follow(struct keeper *k, const char *path, int64_t mono_ms)
{
	end_recorder(k);
	free(k->path);
	k->path = path != NULL ? strdup(path) : NULL;
	k->read = false;
	k->lacking = 0;
	if (!k->saving)
		text_finish(&k->mirrored);
	k->version = 0;
	if (k->path == NULL)
		return;
	k->now_ms = mono_ms;
	load(k);
	say_news(k);
}

static void
look_for_lacking(struct keeper *k)
{
	size_t lacking = count_lacking(k);

	if (lacking > 0 && k->lacking == 0)
		k->lacking_ms = clock_mono_ms();
	if (lacking == 0 && k->lacking > 0 && k->given_ms != 0)
		log_info("state database %s: what it lacked is written back",
		    k->path);
	k->lacking = lacking;
}

void
keeper_commit(struct keeper *k)
{
	k->read = true;
	say_news(k);
	save(k);
	look_for_lacking(k);
}

void
keeper_tick(struct keeper *k)
{
	save(k);
	look(k);
	if (k->read)
		look_for_lacking(k);
	write_back(k);
}

void
keeper_stop(struct keeper *k)
{
	k->stopping = true;
	end_recorder(k);
}
