/*
 * From the number of a table to its callback.  Called by the reader and by the
 * daemon's end of the reading process.
 */
#include "state/sink.h"

void
sink_row(const struct state_sink *sink, void *context, enum state_table table,
    const union schema_row *row)
{
	switch (table) {
	case TABLE_VANTAGE:
		sink->vantage(context, &row->vantage);
		break;
	case TABLE_ENDPOINT:
		sink->endpoint(context, &row->endpoint);
		break;
	case TABLE_EVENT: /* asked for when somebody wants to see it */
	case STATE_TABLES:
		break;
	}
}
