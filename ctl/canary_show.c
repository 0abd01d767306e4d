/* Where a ramp is, in words.  Called by the subcommand canary. */
#include "ctl/canary_show.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/override_say.h"
#include "ctl/override_text.h"
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

static void
tell_said(const struct shown *s, struct text *t)
{
	for (size_t i = 0; i < s->overrides.n; i++) {
		const struct overrides_item *item = &s->overrides.item[i];

		if (item->kind != TARGET_SERVICE ||
		    (item->what != OVERRIDE_CANARY &&
			item->what != OVERRIDE_FREEZE) ||
		    !overrides_in_force(item, clock_mono_ms()) ||
		    !override_target_service(item->row.target, s->service))
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

int
canary_show(const struct generation *g, const struct policy_service *service)
{
	const struct policy_zone *zone = g->policy->zones;
	struct shown s = {.service = service,
	    .ramp = service->config->services[service->config_index].ramp};
	struct text t;
	int status;

	while (service < zone->services ||
	    service >= zone->services + zone->n_services)
		zone++;
	snprintf(s.zone, sizeof(s.zone), "%s", zone->name);
	endpoint_key_fold(s.zone);
	overrides_init(&s.overrides);
	status = read_state(&s, g->config->state);
	text_init(&t, WORDS_MAX);
	if (status == 0 && s.ramp != NULL) {
		tell_state(&s, &t);
		print(&t);
	}
	tell_said(&s, &t);
	text_finish(&t);
	overrides_finish(&s.overrides);
	return status == 0 ? OVERRIDE_SAID : OVERRIDE_UNABLE;
}
