/* Waiting for other nodes, by the row in the state database.  Called when an
 * override was said. */
#include "ctl/override_share.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "state/reader.h"

/* Between two looks. */
#define LOOK_MS 50

/* More are not said while it is waited. */
#define ROWS 64

/* The row that is waited for. */
static void
take(void *context, const struct state_override *found)
{
	struct state_override *row = context;

	if (strcmp(row->id, found->id) == 0)
		*row = *found;
}

void
override_share_wait(
    const struct server_config *config, struct state_override *row)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t until_ms = clock_mono_ms() + OVERRIDE_SHARE_MS;
	struct state_reader *reader;
	struct errbuf eb;

	if (config->share.n_etcd == 0 || row->id[0] == '\0')
		return;
	reader = state_reader_create(config->state);
	errbuf_init(&eb);
	while (reader != NULL && row->shared == STATE_SHARED_OFFERED &&
	    clock_mono_ms() < until_ms) {
		nanosleep(&pause, NULL);
		(void)state_reader_overrides(reader, ROWS, take, row, &eb);
	}
	state_reader_destroy(reader);
}

void
override_share_words(struct text *t, const struct state_override *row)
{
	if (row->shared == STATE_SHARED_ACCEPTED)
		text_add(t, "accepted by all nodes");
	else if (row->shared == STATE_SHARED_OFFERED)
		text_add(t,
		    "this node only: the others do not answer; it is offered "
		    "to them when they do");
	else if (row->shared == STATE_SHARED_REFUSED)
		text_add(t, "refused, not in force: %s", row->refused);
}
