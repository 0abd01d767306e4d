/*
 * meridianctl forget: has all nodes forget one that was taken out of service.
 * Asks meridian-share of this node by a row of the state database, and tells
 * what came of it; deletes nothing itself.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/nodes_read.h"
#include "ctl/override_share.h"
#include "ctl/override_text.h"
#include "ctl/override_words.h"
#include "node/page_json.h"
#include "state/editor.h"
#include "state/node_parts.h"
#include "state/reader.h"

#define FORM "forget node NAME"

#define WORDS_MAX 16384

/* Between two looks at the state database. */
#define LOOK_MS 50

enum { FORGOTTEN = 0, REFUSED = 1, UNABLE = 2 };

static const struct options_usage usage = {
    .program = "meridianctl forget",
    .synopsis = "meridianctl [-c FILE] forget node NAME [--reason TEXT]\n"
		"         [--author NAME] [--json]",
    .about = "Has all nodes that share forget the node NAME, which was stopped "
	     "for good, with\n"
	     "its vantages and all that it left in etcd.  One that lives is "
	     "refused; one that\n"
	     "comes back is a node like any other.\n"
	     "Status: 0 forgotten, 1 refused (it lives, no such node, cut "
	     "off), 2 it is not\n"
	     "known what came of it, or files or state database cannot be "
	     "used.\n",
    .rows =
	(const struct option_row[]){
	    {OVERRIDE_REASON, "reason", "TEXT",
		"why, for those who look later"},
	    {OVERRIDE_AUTHOR, "author", "NAME",
		"who says so (the user who calls it, at this host)"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct forget {
	const struct server_config *config;
	struct nodes_read known;
	struct state_forgotten row;
	/* Somebody else had it forgotten while this asked; "": nobody did. */
	struct state_forgotten other;
	bool json;
	struct errbuf eb;
};

/* What came of it, ${status}, for a person or a program. */
static int
tell(const struct forget *f, int status, struct text *t)
{
	const char *words = t->data != NULL ? t->data : "no memory";
	FILE *to = status == FORGOTTEN ? stdout : stderr;
	json_t *object;

	if (f->json) {
		object =
		    json_pack("{ss sb so}", "node", f->row.name, "forgotten",
			status == FORGOTTEN, "text", page_json_string(words));
		command_print_object(object);
		json_decref(object);
	} else {
		if (status != FORGOTTEN)
			fputs("meridianctl forget: ", to);
		columns_wrap(to,
		    status != FORGOTTEN ? strlen("meridianctl forget: ") : 0, 4,
		    words);
	}
	text_finish(t);
	return status;
}

/* --- what is known here --- */

static bool
is_known(const struct nodes_read *known, const char *name)
{
	for (size_t i = 0; i < known->n; i++)
		if (strcmp(known->node[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < known->n_vantages; i++)
		if (strcmp(known->vantage[i].node, name) == 0)
			return true;
	return false;
}

/* The names of all others. */
static void
add_names(struct text *t, const struct nodes_read *known)
{
	const char *between = "known are ";

	for (size_t i = 0; i < known->n; i++) {
		if (node_is_own(&known->node[i]))
			continue;
		text_add(t, "%s", between);
		override_text_add(t, known->node[i].name);
		between = ", ";
	}
	if (between[0] == 'k')
		text_add(t, "none but this one is known");
}

/* Why it is not even asked for, in ${t}; -1: nothing is in the way. */
static int
look(const struct forget *f, struct text *t)
{
	const struct state_node *own = nodes_read_own(&f->known);
	bool alone = f->config->share.n_etcd == 0;

	if (alone && f->known.carried)
		text_add(t,
		    "refused: the file of this node has no share, and its "
		    "meridian-share runs: stop it first");
	else if (strcmp(f->row.name, f->config->node) == 0)
		text_add(t,
		    "refused: it is this node itself: stop it, and say so at "
		    "another one");
	else if (!alone &&
	    (own == NULL || node_is_silent(own, clock_wall_ms())))
		text_add(t,
		    "refused: meridian-share of this node does not run: start "
		    "it, and try again");
	else if (!alone && own->cut_ms >= 0) {
		text_add(t, "refused: this node is cut off from the others: ");
		override_text_add(
		    t, own->link[0] != '\0' ? own->link : "nobody answers");
		text_add(t, "; try again when it is not, or at another node");
	} else if (!is_known(&f->known, f->row.name)) {
		text_add(t, "refused: no node ");
		override_text_add(t, f->row.name);
		text_add(t, " is known here: ");
		add_names(t, &f->known);
	} else
		return -1;
	return REFUSED;
}

/* --- asking for it --- */

static int
ask(struct forget *f, struct text *t)
{
	struct state_editor *editor = state_editor_create(f->config->state);
	bool alone = f->config->share.n_etcd == 0;
	int status = -1;

	if (editor != NULL)
		state_editor_share(editor, f->config->node);
	if (editor == NULL || state_editor_open(editor) != 0 ||
	    (alone ? state_editor_forget_here(editor, &f->row)
		   : state_editor_forget(editor, &f->row)) != 0) {
		text_add(t, "not said: state database %s: ", f->config->state);
		override_text_add(
		    t, editor != NULL ? state_editor_why(editor) : "no memory");
		status = UNABLE;
	}
	state_editor_destroy(editor);
	return status;
}

static void
take_begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
take_row(void *context, const struct state_forgotten *found)
{
	struct forget *f = context;

	if (strcmp(f->row.name, found->name) != 0)
		return;
	/* A node has one row: theirs is later than ours, and in its place. */
	if (strcmp(f->row.id, found->id) == 0)
		f->row = *found;
	else if (found->shared == STATE_SHARED_ACCEPTED)
		f->other = *found;
}

static void
take_commit(void *context)
{
	(void)context;
}

static void
wait_for_answer(struct forget *f)
{
	static const struct state_sink sink = {
	    .begin = take_begin, .forgotten = take_row, .commit = take_commit};
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t until_ms = clock_mono_ms() + OVERRIDE_SHARE_MS;
	struct state_reader *reader = state_reader_create(f->config->state);

	if (reader != NULL)
		state_reader_follow(reader, TABLES_FORGOTTEN);
	while (reader != NULL && f->row.shared == STATE_SHARED_OFFERED &&
	    f->other.name[0] == '\0' && clock_mono_ms() < until_ms) {
		nanosleep(&pause, NULL);
		(void)state_reader_poll(reader, &sink, f, &f->eb);
	}
	state_reader_destroy(reader);
}

static int
answer(const struct forget *f, struct text *t)
{
	if (f->other.name[0] != '\0') {
		text_add(t, "node ");
		override_text_add(t, f->row.name);
		text_add(t, " was forgotten by all nodes meanwhile, as ");
		override_text_add(t, f->other.author);
		text_add(t, " says at node ");
		override_text_add(t, f->other.node);
		return FORGOTTEN;
	}
	switch (f->row.shared) {
	case STATE_SHARED_ACCEPTED:
		text_add(t, "node ");
		override_text_add(t, f->row.name);
		text_add(t,
		    f->config->share.n_etcd == 0
			? " is forgotten here, with its vantages; this node "
			  "shares with nobody"
			: " is forgotten by all nodes, with its vantages; what "
			  "it left in etcd is deleted");
		return FORGOTTEN;
	case STATE_SHARED_REFUSED:
		text_add(t, "refused: node ");
		override_text_add(t, f->row.name);
		text_add(t, ": ");
		override_text_add(t, f->row.refused);
		return REFUSED;
	default:
		text_add(t,
		    "there is no answer yet from etcd: look at status --all, "
		    "and try again when the node is there still");
		return UNABLE;
	}
}

/* --- the command --- */

static int
forget(struct forget *f)
{
	struct text t;
	int status;

	text_init(&t, WORDS_MAX);
	status = look(f, &t);
	if (status < 0)
		status = ask(f, &t);
	if (status < 0) {
		wait_for_answer(f);
		status = answer(f, &t);
	}
	return tell(f, status, &t);
}

static int
read_words(struct forget *f, int argc, char **argv)
{
	struct override_wish wish;
	struct options o;
	int status =
	    override_words_read(&wish, &o, &usage, "forget", argc, argv);

	if (status >= 0)
		return status;
	if (o.n_words != 2 || strcmp(o.words[0], "node") != 0)
		return options_refuse(&o, "what is to be forgotten? " FORM);
	if (o.words[1][0] == '\0' || strlen(o.words[1]) >= STATE_NAME)
		return options_refuse(&o,
		    "the name of a node has 1 to %d characters",
		    STATE_NAME - 1);
	(void)snprintf(f->row.name, sizeof(f->row.name), "%s", o.words[1]);
	memcpy(f->row.author, wish.row.author, sizeof(f->row.author));
	memcpy(f->row.reason, wish.row.reason, sizeof(f->row.reason));
	f->json = wish.json;
	return -1;
}

static int
run(const char *path, int argc, char **argv)
{
	static struct forget f;
	struct server_config *config;
	int status = read_words(&f, argc, argv);

	if (status >= 0)
		return status;
	errbuf_init(&f.eb);
	config = server_config_glance(path, &f.eb);
	f.config = config;
	if (config == NULL || nodes_read(config->state, &f.known, &f.eb) != 0) {
		command_print_messages(&f.eb);
		status = UNABLE;
	} else {
		status = forget(&f);
	}
	nodes_read_finish(&f.known);
	server_config_destroy(config);
	return status;
}

const struct command command_forget = {
    .name = "forget",
    .summary = "have a node forgotten that was stopped for good",
    .run = run,
};
