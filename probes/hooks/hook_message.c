/* Writes the messages of hooks.  Called in their threads. */
#include "probes/hooks/hook_message.h"

#include <inttypes.h>
#include <string.h>

void
hook_batch_add(struct hook_batch *batch, const struct hook_change *change)
{
	if (batch->n < HOOK_TOLD)
		batch->told[batch->n] = *change;
	batch->n++;
	batch->after[change->event.after]++;
}

void
hook_batch_clear(struct hook_batch *batch)
{
	batch->n = 0;
	memset(batch->after, 0, sizeof(batch->after));
}

size_t
hook_batch_left_out(const struct hook_batch *batch)
{
	return batch->n > HOOK_TOLD ? batch->n - HOOK_TOLD : 0;
}

/* "KEY": "VALUE"; names and reasons are printable ASCII (meridian-state(5)),
 * and what is not is a question mark. */
static void
member(struct text *out, const char *key, const char *value)
{
	text_add(out, "\"%s\": \"", key);
	for (; *value != '\0'; value++)
		if (*value == '"' || *value == '\\')
			text_add(out, "\\%c", *value);
		else
			text_add(out, "%c",
			    *value < ' ' || *value > '~' ? '?' : *value);
	text_add(out, "\"");
}

static void
write_change(struct text *out, const struct hook_change *change)
{
	const struct state_event *e = &change->event;

	text_add(out, "    {\"at_ms\": %" PRId64 ", ", e->at_ms);
	member(out, "zone", e->zone);
	text_add(out, ", ");
	member(out, "pool", e->pool);
	text_add(out, ", ");
	member(out, "endpoint", e->endpoint);
	text_add(out, ", ");
	member(out, "region", change->region);
	text_add(out, ", ");
	member(out, "before", state_health_name(e->before));
	text_add(out, ", ");
	member(out, "after", state_health_name(e->after));
	text_add(out, ", ");
	member(out, "reason", e->reason);
	if (change->was_ms >= 0)
		text_add(
		    out, ", \"was_seconds\": %" PRId64, change->was_ms / 1000);
	text_add(out, "}");
}

void
hook_message(const struct hook_batch *batch, const char *vantage,
    const char *id, int64_t at_ms, struct text *out)
{
	text_add(out, "{\n  ");
	member(out, "id", id);
	text_add(out, ",\n  \"time_ms\": %" PRId64 ",\n  ", at_ms);
	member(out, "vantage", vantage);
	text_add(out, ",\n  ");
	member(out, "version", MERIDIAN_VERSION);
	text_add(out,
	    ",\n  \"count\": %zu,\n  \"left_out\": %zu,\n  \"after\": "
	    "{\"down\": %zu, \"up\": %zu, \"degraded\": %zu},\n  "
	    "\"changes\": [\n",
	    batch->n, hook_batch_left_out(batch), batch->after[HEALTH_DOWN],
	    batch->after[HEALTH_UP], batch->after[HEALTH_DEGRADED]);
	for (size_t i = 0; i < batch->n && i < HOOK_TOLD; i++) {
		if (i > 0)
			text_add(out, ",\n");
		write_change(out, &batch->told[i]);
	}
	text_add(out, "\n  ]\n}\n");
}
