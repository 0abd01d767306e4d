/*
 * From the table of a row to who takes it.  Called by the follower and by
 * meridianctl.
 */
#include "steering/health_row.h"

void
health_row(struct health *health, enum state_table table,
    const union schema_row *row, int64_t mono_ms, int64_t wall_ms)
{
	struct overlay *overlay = health_overlay(health);

	switch (table) {
	case TABLE_VANTAGE:
		health_vantage(health, &row->vantage, mono_ms, wall_ms);
		break;
	case TABLE_ENDPOINT:
		health_endpoint(health, &row->endpoint);
		break;
	case TABLE_ADDRESS:
		health_address(health, &row->address);
		break;
	case TABLE_OVERRIDE:
		overlay_override(overlay, &row->override, mono_ms, wall_ms);
		break;
	case TABLE_KEEP:
		overlay_keep(overlay, &row->keep);
		break;
	case TABLE_FACTOR:
		overlay_factor(overlay, &row->factor);
		break;
	case TABLE_RAMP:
		overlay_ramp(overlay, &row->ramp, mono_ms, wall_ms);
		break;
	case TABLE_NODE:
		health_node(health, &row->node, mono_ms);
		break;
	case TABLE_EVENT:
	case TABLE_LATENCY:
	case TABLE_LOAD:
	case TABLE_DEMAND:
	case TABLE_LOCK:
	case TABLE_SERVED:
	case TABLE_FORGOTTEN:
	case STATE_TABLES:
		break;
	}
}
