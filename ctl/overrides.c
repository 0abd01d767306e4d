/*
 * meridianctl overrides: what operators said that is in force, or all that they
 * ever said, with who, why and until when.  Reads the state database and the
 * files; changes nothing.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/override_object.h"
#include "ctl/override_text.h"
#include "ctl/override_trail.h"
#include "node/page_json.h"

#define LINE_MAX_LEN 4096

enum { ALL = 256 };

static const struct options_usage usage = {
    .program = "meridianctl overrides",
    .synopsis = "meridianctl [-c FILE] overrides [--all] [--json]",
    .about = "Lists what was said by hand and is in force: who, why, until "
	     "when, and what it\n"
	     "reaches now.  Status: 0 done, 1 the state database cannot be "
	     "read.\n",
    .rows =
	(const struct option_row[]){
	    {ALL, "all", NULL,
		"all that was said, in its order, and how it ended"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct listing {
	const char *path;
	const struct policy *policy; /* NULL: the files have errors */
	struct override_trail trail;
	int64_t now_ms;
	bool all;
};

static const char *
word_of(enum override_how how)
{
	switch (how) {
	case OVERRIDE_IN_FORCE:
		return "in force";
	case OVERRIDE_OVER:
		return "over";
	case OVERRIDE_ENDED:
		return "ended";
	case OVERRIDE_REPLACED:
		return "replaced";
	case OVERRIDE_VOID:
		return "refused";
	case OVERRIDE_IS_END:
	default:
		return "end";
	}
}

/* What it reaches in the files as they are. */
static void
say_reach(
    struct text *t, const struct listing *l, const struct state_override *row)
{
	struct override_reach reach;

	if (l->policy == NULL ||
	    override_reach_find(l->policy, row, &reach) != 0)
		return;
	text_add(t, "reaches ");
	if (reach.endpoints == 0 && reach.services == 0)
		text_add(t, "nothing: no %s of that name is in the files",
		    row->kind);
	else
		override_reach_words(t, row, &reach);
	override_reach_zones(t, l->policy, &reach);
	override_reach_finish(&reach);
}

/* One in force: what, since and until when; by whom and why; what it reaches
 * and how it is ended. */
static void
print_in_force(const struct listing *l, const struct state_override *row)
{
	char number[24], when[CLOCK_TEXT], ago[32];
	struct text t;
	int used;

	used = snprintf(number, sizeof(number), "%-4" PRIu64 " ", row->number);
	fputs(number, stdout);
	text_init(&t, LINE_MAX_LEN);
	override_text_what(&t, row);
	text_add(&t, " since %s (%s), ", clock_format(row->at_ms, when),
	    columns_ago(
		l->now_ms > row->at_ms ? l->now_ms - row->at_ms : 0, ago));
	override_text_when(&t, row, l->now_ms);
	text_add(&t, ", ");
	override_text_who(&t, row);
	if (row->forced)
		text_add(&t, "; against the safety rule");
	if (row->shared == STATE_SHARED_OFFERED)
		text_add(&t, "; this node only, offered to the others");
	columns_wrap(stdout, (size_t)used, 5, t.data != NULL ? t.data : "");
	text_finish(&t);
	text_init(&t, LINE_MAX_LEN);
	say_reach(&t, l, row);
	if (t.len > 0) {
		fputs("     ", stdout);
		columns_wrap(stdout, 5, 5, t.data);
	}
	text_finish(&t);
	text_init(&t, LINE_MAX_LEN);
	override_text_undo(&t, l->path, row);
	printf("     undo: %s\n", t.data != NULL ? t.data : "");
	text_finish(&t);
}

/* One of the trail. */
static void
print_trail(const struct state_override *row, const struct override_end *end)
{
	char when[CLOCK_TEXT];
	struct text t;
	int used;

	used = printf(
	    "%-4" PRIu64 " %s  ", row->number, clock_format(row->at_ms, when));
	text_init(&t, LINE_MAX_LEN);
	override_text_what(&t, row);
	text_add(&t, " ");
	if (end->how != OVERRIDE_IS_END) {
		override_text_when(&t, row, row->at_ms);
		text_add(&t, " ");
	}
	override_text_who(&t, row);
	if (row->forced)
		text_add(&t, "; against the safety rule");
	if (end->how == OVERRIDE_IN_FORCE || end->how == OVERRIDE_OVER)
		text_add(&t, "; %s", word_of(end->how));
	else if (end->how == OVERRIDE_VOID)
		text_add(&t, "; refused by other nodes: %s", row->refused);
	else if (end->how != OVERRIDE_IS_END)
		text_add(
		    &t, "; %s by %" PRIu64, word_of(end->how), end->by->number);
	columns_wrap(stdout, (size_t)used, 5, t.data != NULL ? t.data : "");
	text_finish(&t);
}

static json_t *
reach_object(const struct listing *l, const struct state_override *row)
{
	struct override_reach reach;
	json_t *object;

	if (l->policy == NULL ||
	    override_reach_find(l->policy, row, &reach) != 0)
		return json_null();
	object = override_object_reach(&reach);
	override_reach_finish(&reach);
	return object;
}

static json_t *
object_of(const struct listing *l, const struct state_override *row,
    const struct override_end *end)
{
	json_t *object = override_text_object(row);

	override_object_share(object, row);
	json_object_set_new(object, "state", json_string(word_of(end->how)));
	json_object_set_new(object, "ended",
	    end->at_ms >= 0 ? page_json_time(end->at_ms) : json_null());
	json_object_set_new(object, "ended_by",
	    end->by != NULL ? json_integer((json_int_t)end->by->number)
			    : json_null());
	if (end->how != OVERRIDE_IN_FORCE)
		return object;
	json_object_set_new(object, "reaches", reach_object(l, row));
	json_object_set_new(object, "undo", override_object_undo(l->path, row));
	return object;
}

static void
print(const struct listing *l, bool json)
{
	json_t *list = json_array();
	size_t n = 0;

	for (size_t i = 0; i < l->trail.n; i++) {
		const struct state_override *row = &l->trail.row[i];
		struct override_end end;

		override_trail_end(&l->trail, i, l->now_ms, &end);
		if (!l->all && end.how != OVERRIDE_IN_FORCE)
			continue;
		n++;
		if (json)
			json_array_append_new(list, object_of(l, row, &end));
		else if (l->all)
			print_trail(row, &end);
		else
			print_in_force(l, row);
	}
	if (json) {
		override_object_print(json_pack("{sO}", "overrides", list));
	} else if (n == 0) {
		puts(l->all ? "nothing was said by hand"
			    : "nothing is in force by hand");
	}
	json_decref(list);
}

static int
list(const char *path, bool all, bool json)
{
	struct listing l = {
	    .path = path, .now_ms = clock_wall_ms(), .all = all};
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	struct generation *g = command_load_quietly(path);
	int status = CTL_FAILED;

	if (eb == NULL)
		goto out;
	errbuf_init(eb);
	l.policy = g != NULL ? g->policy : NULL;
	config = server_config_glance(path, eb);
	if (config == NULL)
		goto out;
	errbuf_init(eb);
	if (override_trail_read(config->state, &l.trail, eb) == 0) {
		print(&l, json);
		status = CTL_OK;
	}
	override_trail_finish(&l.trail);
out:
	if (eb != NULL && status != CTL_OK)
		command_print_messages(eb);
	server_config_destroy(config);
	generation_release(g);
	free(eb);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	bool all = false, json = false;
	struct options o;
	int key;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		all |= key == ALL;
		json |= key == 'j';
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words > 0)
		return options_refuse(
		    &o, "\"%s\" is a word too many", o.words[0]);
	return list(path, all, json);
}

const struct command command_overrides = {
    .name = "overrides",
    .summary = "what was said by hand: who, why, until when",
    .run = run,
};
