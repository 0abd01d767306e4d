/* Waiting for other nodes, by the row in the state database.  Called when an
 * override was said. */
#include "ctl/override_share.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "ctl/nodes_read.h"
#include "ctl/override_text.h"
#include "state/node_parts.h"
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

/* Why nobody answers, as far as this node knows. */
static void
add_why(struct text *t, const struct state_node *own, bool carried)
{
	if (own == NULL || (!carried && node_is_silent(own, clock_wall_ms())))
		text_add(t,
		    "this node only: meridian-share does not run here; it is "
		    "offered to the others when it does");
	else if (own->cut_ms >= 0) {
		text_add(t, "this node only: it is cut off from the others");
		if (own->link[0] != '\0')
			text_add(t, ": ");
		override_text_add(t, own->link);
		/* It goes away with the state database of another site. */
		text_add(t, "%s",
		    node_link_stuck(own->link)
			? "; the others do not get it: say it again when that "
			  "is done"
			: "; it is offered to them when the link is back");
	} else if (strncmp(own->link, STATE_LINK_READS,
		       strlen(STATE_LINK_READS)) == 0) {
		text_add(t, "this node only so far: the node ");
		override_text_add(t, own->link);
		text_add(t, "; then it is offered to the others");
	} else {
		text_add(
		    t, "this node only so far: the others do not answer yet");
		if (own->link[0] != '\0')
			text_add(t, ": ");
		override_text_add(t, own->link);
		text_add(t, "; it is offered to them when they do");
	}
}

static void
add_offered(struct text *t, const struct server_config *config)
{
	struct nodes_read known = {0};
	struct errbuf eb;

	errbuf_init(&eb);
	(void)nodes_read(config->state, &known, &eb);
	add_why(t, nodes_read_own(&known), known.carried);
	nodes_read_finish(&known);
}

void
override_share_words(struct text *t, const struct server_config *config,
    const struct state_override *row)
{
	if (row->shared == STATE_SHARED_ACCEPTED)
		text_add(t, "accepted by all nodes");
	else if (row->shared == STATE_SHARED_OFFERED)
		add_offered(t, config);
	else if (row->shared == STATE_SHARED_REFUSED)
		text_add(t, "refused, not in force: %s", row->refused);
}
