/* Where a ramp is, in words.  Called by the subcommand canary. */
#include "ctl/canary_show.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/override_object.h"
#include "ctl/override_say.h"
#include "ctl/override_text.h"
#include "ctl/service_named.h"
#include "node/page_json.h"
#include "state/endpoint_key.h"
#include "state/reader.h"
#include "steering/overrides.h"
#include "steering/ramp.h"

#define WORDS_MAX 16384

struct shown {
	const struct policy_service *service;
	const struct ramp_config *ramp; /* of the file; or NULL */
	char zone[STATE_ZONE];
	bool known; /* a row of this ramp is stored: */
	struct state_ramp row;
	struct overrides overrides;
};

/* --- the state database --- */

static void
on_begin(void *context, bool full)
{
	struct shown *s = context;

	overrides_begin(&s->overrides, full);
}

static void
on_override(void *context, const struct state_override *row)
{
	struct shown *s = context;

	overrides_take(&s->overrides, row, clock_mono_ms(), clock_wall_ms());
}

static void
on_ramp(void *context, const struct state_ramp *row)
{
	struct shown *s = context;
	const struct service_config *config =
	    &s->service->config->services[s->service->config_index];

	if (s->ramp == NULL || strcmp(row->zone, s->zone) != 0 ||
	    strcmp(row->service, config->name) != 0 ||
	    strcmp(row->made_for, s->ramp->made_for) != 0)
		return;
	s->row = *row;
	s->known = true;
}

static void
on_commit(void *context)
{
	struct shown *s = context;

	overrides_commit(&s->overrides);
}

static int
read_state(struct shown *s, const char *path)
{
	static const struct state_sink sink = {.begin = on_begin,
	    .override = on_override,
	    .ramp = on_ramp,
	    .commit = on_commit};
	struct state_reader *reader = state_reader_create(path);
	struct errbuf eb;
	int n = -1;

	errbuf_init(&eb);
	if (reader != NULL) {
		state_reader_follow(
		    reader, 1u << TABLE_OVERRIDE | 1u << TABLE_RAMP);
		n = state_reader_poll(reader, &sink, s, &eb);
	}
	command_print_messages(&eb);
	state_reader_destroy(reader);
	return n < 0 ? -1 : 0;
}

/* --- words --- */

static void
tell_next(const struct shown *s, enum ramp_state state, struct text *t)
{
	const struct state_ramp *row = &s->row;
	char when[CLOCK_TEXT];

	if (row->next_ms >= 0)
		clock_format(row->next_ms, when);
	if (row->reason[0] != '\0')
		text_add(t, "; %s", row->reason);
	else if (!isnan(row->next) && row->next_ms >= 0)
		text_add(t, "; %g%% at %s", row->next * 100, when);
	else if (state == RAMP_HOLDING && row->next_ms >= 0)
		text_add(t, "; watched until %s", when);
	if (state == RAMP_BACK)
		text_add(t,
		    "; it stays until \"meridianctl canary %.*s again\", or "
		    "another ramp",
		    (int)strlen(s->service->name) - 1, s->service->name);
	else if (state == RAMP_DONE)
		text_add(
		    t, "; write that to the split, and take the ramp away");
}

static void
tell_state(const struct shown *s, struct text *t)
{
	char since[CLOCK_TEXT];
	enum ramp_state state;

	if (!s->known) {
		text_add(t,
		    "not begun: meridian-probe has not written yet where it "
		    "is");
		return;
	}
	text_add(t, "%s: %g%% since %s", s->row.state, s->row.share * 100,
	    clock_format(s->row.since_ms, since));
	if (ramp_state_parse(s->row.state, &state) == 0)
		tell_next(s, state, t);
}

static void
print(struct text *t)
{
	if (t->data != NULL)
		columns_wrap(stdout, 0, 4, t->data);
	text_finish(t);
	text_init(t, WORDS_MAX);
}

static bool
is_meant(const struct shown *s, const struct overrides_item *item)
{
	return item->kind == TARGET_SERVICE &&
	    (item->what == OVERRIDE_CANARY || item->what == OVERRIDE_FREEZE) &&
	    overrides_in_force(item, clock_mono_ms()) &&
	    override_target_service(item->row.target, s->service);
}

static void
tell_said(const struct shown *s, struct text *t)
{
	for (size_t i = 0; i < s->overrides.n; i++) {
		const struct overrides_item *item = &s->overrides.item[i];

		if (!is_meant(s, item))
			continue;
		text_add(
		    t, "by hand (override %" PRIu64 "): ", item->row.number);
		override_text_what(t, &item->row);
		text_add(t, " ");
		override_text_when(t, &item->row, clock_wall_ms());
		text_add(t, " ");
		override_text_who(t, &item->row);
		print(t);
	}
}

/* --- JSON --- */

static json_t *
ramp_object(const struct shown *s)
{
	const struct state_ramp *row = &s->row;

	if (s->ramp == NULL || !s->known)
		return json_null();
	return json_pack("{so ss sf so so so so}", "pool",
	    page_json_string(row->pool), "state", row->state, "share",
	    row->share, "since", page_json_time(row->since_ms), "next",
	    isnan(row->next) ? json_null() : json_real(row->next), "next_at",
	    row->next_ms >= 0 ? page_json_time(row->next_ms) : json_null(),
	    "reason", page_json_string(row->reason));
}

static void
print_object(const struct shown *s)
{
	json_t *said = json_array();
	char name[SERVICE_NAMED_TEXT];

	service_named_text(s->service, name);
	for (size_t i = 0; i < s->overrides.n; i++)
		if (is_meant(s, &s->overrides.item[i]))
			json_array_append_new(said,
			    override_text_object(&s->overrides.item[i].row));
	override_object_print(json_pack("{so sb so so}", "service",
	    page_json_string(name), "planned", s->ramp != NULL, "ramp",
	    ramp_object(s), "overrides", said));
}

static void
print_words(const struct shown *s)
{
	struct text t;

	text_init(&t, WORDS_MAX);
	if (s->ramp != NULL) {
		tell_state(s, &t);
		print(&t);
	}
	tell_said(s, &t);
	text_finish(&t);
}

int
canary_show(
    const struct generation *g, const struct policy_service *service, bool json)
{
	const struct policy_zone *zone = g->policy->zones;
	struct shown s = {.service = service,
	    .ramp = service->config->services[service->config_index].ramp};
	int status;

	while (service < zone->services ||
	    service >= zone->services + zone->n_services)
		zone++;
	snprintf(s.zone, sizeof(s.zone), "%s", zone->name);
	endpoint_key_fold(s.zone);
	overrides_init(&s.overrides);
	status = read_state(&s, g->config->state);
	if (status == 0 && json)
		print_object(&s);
	else if (status == 0)
		print_words(&s);
	overrides_finish(&s.overrides);
	return status == 0 ? OVERRIDE_SAID : OVERRIDE_UNABLE;
}
