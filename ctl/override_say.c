/*
 * Says an override: files, trail and health are read, what it would do is
 * checked against all that was said so far, and it is written only if nothing
 * else was said meanwhile.  Called by the subcommands; keeps nothing.
 */
#include "ctl/override_say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/scalar.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/override_check.h"
#include "ctl/override_confirm.h"
#include "ctl/override_object.h"
#include "ctl/override_share.h"
#include "ctl/override_text.h"
#include "node/page_json.h"
#include "state/editor.h"

#define WORDS_MAX 16384

/* So often it is checked again as others were faster; by then it is said in any
 * case. */
#define TRIES 5

struct say {
	const char *path;
	struct override_wish *wish;
	struct state_override *row;   /* of the wish */
	struct generation *g;         /* NULL: the files have errors */
	struct server_config *glance; /* then: what can be read of them */
	const struct server_config *config;
	struct health *health;
	struct override_trail trail;
	struct override_reach reach;
	struct errbuf eb;
	int64_t now_ms;
	bool replaces; /* and then: */
	struct state_override replaced;
};

static const char *
command_of(const struct say *s)
{
	return s->row->action;
}

/* "meridianctl drain: " and ${t}, which is emptied, to standard error. */
static void
complain(const struct say *s, struct text *t)
{
	char *line = NULL;

	if (t->data == NULL ||
	    asprintf(&line, "meridianctl %s: %s", command_of(s), t->data) < 0)
		line = NULL;
	if (line != NULL)
		columns_wrap(stderr, 0, 0, line);
	else
		fputs("meridianctl: no memory\n", stderr);
	free(line);
	text_finish(t);
}

/* --- what is there --- */

/* Without files that are good nothing can be checked. */
static int
open_damaged(struct say *s)
{
	struct text t;

	s->glance =
	    s->wish->anyway ? server_config_glance(s->path, &s->eb) : NULL;
	s->config = s->glance;
	if (s->config != NULL)
		return -1;
	text_init(&t, WORDS_MAX);
	text_add(&t,
	    "not said: the files have errors, so that neither the "
	    "target nor what would be left can be looked at; "
	    "--force-anyway says it all the same");
	complain(s, &t);
	return OVERRIDE_UNABLE;
}

static int
open_files(struct say *s)
{
	s->g = command_load_quietly(s->path);
	if (s->g == NULL)
		return open_damaged(s);
	s->config = s->g->config;
	s->health = command_health_found(s->g, &s->eb);
	if (s->health == NULL ||
	    override_reach_find(s->g->policy, s->row, &s->reach) != 0) {
		fputs("meridianctl: no memory\n", stderr);
		return OVERRIDE_UNABLE;
	}
	return -1;
}

/* Why the state database cannot be used. */
static int
unable(const struct say *s, const char *why)
{
	struct text t;

	text_init(&t, WORDS_MAX);
	text_add(&t, "not said: state database %s: ", s->config->state);
	override_text_add(&t, why);
	if (access(s->config->state, W_OK) != 0 && errno == EACCES)
		text_add(&t,
		    "; run it as root, or as the user that the "
		    "daemons run as");
	if (s->config->state_at.line == 0)
		text_add(&t,
		    "; the files name none (key \"state\"), this is "
		    "the default");
	complain(s, &t);
	return OVERRIDE_UNABLE;
}

/* All that was said so far.  A database that is not there yet has nothing. */
static int
read_trail(struct say *s)
{
	const struct state_override *before;
	struct errbuf eb;

	override_trail_finish(&s->trail);
	errbuf_init(&eb);
	if (override_trail_read(s->config->state, &s->trail, &eb) != 0 &&
	    (access(s->config->state, F_OK) == 0 || errno != ENOENT)) {
		command_print_messages(&eb);
		return unable(s,
		    "it cannot be read, so that nobody knows "
		    "what is in force");
	}
	s->now_ms = clock_wall_ms();
	/* For what is told; one that is written gets the time of that. */
	s->row->at_ms = s->now_ms;
	before = override_trail_in_force(&s->trail, s->row, s->now_ms);
	s->replaces = before != NULL;
	if (before != NULL)
		s->replaced = *before;
	return -1;
}

/* --- may it be said --- */

static int
refuse(const struct say *s, struct text *why, bool anyway)
{
	struct text t;

	text_init(&t, WORDS_MAX);
	text_add(&t, "refused: ");
	text_bytes(&t, why->data, why->len);
	if (anyway)
		text_add(&t, " (--force-anyway does it nevertheless)");
	complain(s, &t);
	return OVERRIDE_REFUSED;
}

static int
check_safety(struct say *s, const struct override_look *look, struct text *why)
{
	int status = override_check_safety(look, s->health, s->row, why);

	if (status < 0) {
		fputs("meridianctl: no memory\n", stderr);
		return OVERRIDE_UNABLE;
	}
	s->row->forced = status == 1;
	if (status == 1 && !s->wish->anyway)
		return refuse(s, why, true);
	return -1;
}

/* -1 to go on; what it breaks is then in ${why}. */
static int
check(struct say *s, struct text *why)
{
	const struct override_look look = {.path = s->path,
	    .g = s->g,
	    .trail = &s->trail,
	    .reach = &s->reach,
	    .now_ms = s->now_ms};

	if (s->g == NULL)
		return -1;
	if (!override_check_target(&look, s->row, why))
		return refuse(s, why, false);
	if (!s->wish->anyway && !override_check_wait(&look, s->row, why))
		return refuse(s, why, true);
	return check_safety(s, &look, why);
}

/* --- saying it --- */

/* 1: somebody was faster. */
static int
write_row(struct say *s, struct state_editor *editor, bool in_any_case)
{
	uint64_t last =
	    s->trail.n > 0 ? s->trail.row[s->trail.n - 1].number : 0;

	s->row->at_ms = 0;
	return in_any_case ? state_editor_say(editor, s->row)
			   : state_editor_say_after(editor, s->row, last);
}

/* Check and write, again while others are faster.  -1: said, or would be. */
static int
check_and_write(struct say *s, struct text *why)
{
	struct state_editor *editor = state_editor_create(s->config->state);
	int status = -1, said = 1;

	if (editor != NULL && s->config->share.n_etcd > 0)
		state_editor_share(editor, s->config->node);
	if (editor == NULL ||
	    (!s->wish->dry_run && state_editor_open(editor) != 0))
		status = unable(
		    s, editor != NULL ? state_editor_why(editor) : "no memory");
	for (int i = 1; i <= TRIES && said == 1 && status < 0; i++) {
		text_finish(why);
		text_init(why, WORDS_MAX);
		status = read_trail(s);
		if (status < 0)
			status = check(s, why);
		if (status >= 0 || s->wish->dry_run)
			break;
		said = write_row(s, editor, i == TRIES);
		if (said < 0)
			status = unable(s, state_editor_why(editor));
	}
	state_editor_destroy(editor);
	return status;
}

/* --- telling it --- */

/* "region eu-west drained (override 12): 4 endpoints of 2 pools in 1 zone". */
static void
tell_what(const struct say *s, struct text *t)
{
	override_text_what(t, s->row);
	if (s->wish->dry_run)
		text_add(t, " (it would be)");
	else
		text_add(t, " (override %" PRIu64 ")", s->row->number);
	if (s->g == NULL)
		return;
	text_add(t, ": ");
	override_reach_words(t, s->row, &s->reach);
	override_reach_zones(t, s->g->policy, &s->reach);
}

/* Until when, and how it is ended; or what was ended. */
static void
tell_end(const struct say *s, struct text *t)
{
	char length[SCALAR_MS_TEXT];

	if (override_text_ends(s->row)) {
		if (!s->replaces)
			return;
		text_add(
		    t, "; it was override %" PRIu64 ", ", s->replaced.number);
		override_text_who(t, &s->replaced);
		return;
	}
	if (s->row->ramp_ms > 0)
		text_add(t, "; it comes in over %s",
		    scalar_show_ms((uint64_t)s->row->ramp_ms, length));
	text_add(t, "; ");
	override_text_when(t, s->row, s->now_ms);
}

static void
print(struct text *t)
{
	if (t->data != NULL)
		columns_wrap(stdout, 0, 4, t->data);
	text_finish(t);
	text_init(t, WORDS_MAX);
}

static void
tell(const struct say *s, const struct text *broken)
{
	const struct override_look look = {.path = s->path,
	    .g = s->g,
	    .trail = &s->trail,
	    .reach = &s->reach,
	    .now_ms = s->now_ms};
	struct text t;

	text_init(&t, WORDS_MAX);
	tell_what(s, &t);
	tell_end(s, &t);
	if (s->g != NULL && override_text_ends(s->row))
		override_check_rest(&t, &look, s->row);
	else if (s->g != NULL && strcmp(s->row->action, "force") == 0 &&
	    strcmp(s->row->value, "up") == 0)
		override_check_drained(&t, &look, s->row);
	print(&t);
	if (s->replaces && !override_text_ends(s->row)) {
		text_add(&t, "it takes the place of override %" PRIu64 ": ",
		    s->replaced.number);
		override_text_what(&t, &s->replaced);
		text_add(&t, " ");
		override_text_when(&t, &s->replaced, s->now_ms);
		text_add(&t, " ");
		override_text_who(&t, &s->replaced);
		print(&t);
	}
	if (s->row->forced) {
		text_add(&t, "against the safety rule: ");
		text_bytes(&t, broken->data, broken->len);
		print(&t);
	}
	if (s->g == NULL)
		text_add(&t, "nothing was checked: the files have errors");
	else if (strcmp(s->row->action, "weight") == 0 &&
	    !override_text_ends(s->row) &&
	    override_reach_all(s->g->policy, &s->reach))
		text_add(&t,
		    "all endpoints of each region have that weight, "
		    "so that their shares stay what they are");
	print(&t);
	if (!s->wish->dry_run)
		override_share_words(&t, s->config, s->row);
	print(&t);
	if (!override_text_ends(s->row) && !s->wish->dry_run) {
		/* In one line, to be copied. */
		text_add(&t, "undo: ");
		override_text_undo(&t, s->path, s->row);
		puts(t.data != NULL ? t.data : "");
	}
	text_finish(&t);
}

/* The same for scripts, with whether meridiand has taken it. */
static void
tell_object(const struct say *s, const struct text *broken)
{
	bool said = !s->wish->dry_run;
	bool undone = said && !override_text_ends(s->row);
	json_t *object = override_text_object(s->row);

	json_object_set_new(object, "dry_run", json_boolean(!said));
	json_object_set_new(object, "against",
	    s->row->forced ? page_json_string(broken->data) : json_null());
	json_object_set_new(object, "replaces",
	    s->replaces ? json_integer((json_int_t)s->replaced.number)
			: json_null());
	json_object_set_new(object, "reaches",
	    override_object_reach(s->g != NULL ? &s->reach : NULL));
	json_object_set_new(object, "undo",
	    undone ? override_object_undo(s->path, s->row) : json_null());
	override_object_share(object, s->row);
	json_object_set_new(object, "taken",
	    said ? json_boolean(override_confirm(s->config, s->row, true))
		 : json_false());
	override_object_print(object);
}

int
override_say(const char *path, struct override_wish *wish)
{
	struct say *s = calloc(1, sizeof(*s));
	struct text why;
	int status;

	if (s == NULL) {
		fputs("meridianctl: no memory\n", stderr);
		return OVERRIDE_UNABLE;
	}
	s->wish = wish;
	s->row = &wish->row;
	errbuf_init(&s->eb);
	text_init(&why, WORDS_MAX);
	s->path = path;
	status = open_files(s);
	if (status < 0)
		status = check_and_write(s, &why);
	if (status < 0 && !wish->dry_run)
		override_share_wait(s->config, s->row);
	if (status < 0 && wish->json)
		tell_object(s, &why);
	else if (status < 0)
		tell(s, &why);
	if (status < 0 && !wish->json && !wish->dry_run)
		(void)override_confirm(s->config, s->row, false);
	if (status < 0 && !wish->dry_run &&
	    s->row->shared == STATE_SHARED_REFUSED)
		status = OVERRIDE_REFUSED;
	status = status < 0 ? OVERRIDE_SAID : status;
	text_finish(&why);
	override_trail_finish(&s->trail);
	override_reach_finish(&s->reach);
	health_destroy(s->health);
	server_config_destroy(s->glance);
	generation_release(s->g);
	free(s);
	return status;
}
