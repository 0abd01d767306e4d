/* Keeps events by when they are due.  Called by the simulated world. */
#include "steering/simulate/wheel.h"

#include <stdlib.h>
#include <string.h>

/* Nine minutes: longer than most answers are kept.  What is due later waits for
 * a further turn. */
#define SLOTS 16384

int
wheel_init(struct wheel *wheel, size_t n)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->open = WHEEL_NONE;
	wheel->slot = -1;
	wheel->first = malloc(SLOTS * sizeof(*wheel->first));
	wheel->last = malloc(SLOTS * sizeof(*wheel->last));
	wheel->events = calloc(n + 1, sizeof(*wheel->events));
	if (wheel->first == NULL || wheel->last == NULL ||
	    wheel->events == NULL)
		return -1;
	memset(wheel->first, 0xff, SLOTS * sizeof(*wheel->first));
	return 0;
}

void
wheel_finish(struct wheel *wheel)
{
	free(wheel->first);
	free(wheel->last);
	free(wheel->events);
}

void
wheel_add(struct wheel *wheel, uint32_t event, int64_t due_ms)
{
	int64_t slot = due_ms / WHEEL_SLOT_MS;
	size_t at;

	/* Slots up to this one were taken out. */
	if (slot <= wheel->slot)
		slot = wheel->slot + 1;
	at = (size_t)slot % SLOTS;
	wheel->events[event].due_ms = due_ms;
	wheel->events[event].next = WHEEL_NONE;
	if (wheel->first[at] == WHEEL_NONE)
		wheel->first[at] = event;
	else
		wheel->events[wheel->last[at]].next = event;
	wheel->last[at] = event;
}

uint32_t
wheel_next(struct wheel *wheel, int64_t before_ms, int64_t *due_ms)
{
	for (;;) {
		uint32_t event = wheel->open;
		size_t at;

		if (event == WHEEL_NONE) {
			if ((wheel->slot + 1) * WHEEL_SLOT_MS >= before_ms)
				return WHEEL_NONE;
			at = (size_t)++wheel->slot % SLOTS;
			wheel->open = wheel->first[at];
			wheel->first[at] = WHEEL_NONE;
			continue;
		}
		wheel->open = wheel->events[event].next;
		*due_ms = wheel->events[event].due_ms;
		if (*due_ms / WHEEL_SLOT_MS <= wheel->slot)
			return event;
		wheel_add(wheel, event, *due_ms);
	}
}
