/*
 * From the number of a table to its callback.  Called by the reader and by the
 * daemon's end of the reading process.
 */
#include "state/sink.h"

void
sink_row(const struct state_sink *sink, void *context, enum state_table table,
    const union schema_row *row)
{
	if (sink->row != NULL) {
		sink->row(context, table, row);
		return;
	}
	switch (table) {
	case TABLE_VANTAGE:
		if (sink->vantage != NULL)
			sink->vantage(context, &row->vantage);
		break;
	case TABLE_ENDPOINT:
		if (sink->endpoint != NULL)
			sink->endpoint(context, &row->endpoint);
		break;
	case TABLE_LATENCY:
		if (sink->latency != NULL)
			sink->latency(context, &row->latency);
		break;
	case TABLE_ADDRESS:
		if (sink->address != NULL)
			sink->address(context, &row->address);
		break;
	case TABLE_LOAD:
		if (sink->load != NULL)
			sink->load(context, &row->load);
		break;
	case TABLE_OVERRIDE:
		if (sink->override != NULL)
			sink->override(context, &row->override);
		break;
	case TABLE_KEEP:
		if (sink->keep != NULL)
			sink->keep(context, &row->keep);
		break;
	case TABLE_FACTOR:
		if (sink->factor != NULL)
			sink->factor(context, &row->factor);
		break;
	case TABLE_RAMP:
		if (sink->ramp != NULL)
			sink->ramp(context, &row->ramp);
		break;
	case TABLE_DEMAND:
		if (sink->demand != NULL)
			sink->demand(context, &row->demand);
		break;
	case TABLE_NODE:
		if (sink->node != NULL)
			sink->node(context, &row->node);
		break;
	case TABLE_LOCK:
		if (sink->lock != NULL)
			sink->lock(context, &row->lock);
		break;
	case TABLE_SERVED:
		if (sink->served != NULL)
			sink->served(context, &row->served);
		break;
	case TABLE_FORGOTTEN:
		if (sink->forgotten != NULL)
			sink->forgotten(context, &row->forgotten);
		break;
	case TABLE_EVENT:
		if (sink->event != NULL)
			sink->event(context, &row->event);
		break;
	case STATE_TABLES:
		break;
	}
}
