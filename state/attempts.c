/*
 * Pauses between tries to open a database.  Called by the writing processes.
 */
#include "state/attempts.h"

#include "base/clock.h"

/*
 * Between tries to open the database.  The first is longer than a reader needs
 * to notice that the files were changed and to close them: SQLite makes a
 * damaged -shm anew when nobody else has it open.
 */
#define PAUSE_FIRST_MS 200
#define PAUSE_LAST_MS 2000

/*
 * A file is corrupt when it is found so this often in a row, each time opened
 * anew: what is only half there, while somebody copies it to its place or cuts
 * its log, is another at the next look.  It is set aside then; but if that was
 * done not long ago, something makes each file so, and only the first is worth
 * to be kept.
 */
#define SPOILED_SURE 3
#define ASIDE_PAUSE_MS 600000

void
attempts_init(struct attempts *a)
{
	*a = (struct attempts){.pause_ms = PAUSE_FIRST_MS};
}

bool
attempts_due(const struct attempts *a)
{
	return clock_mono_ms() >= a->retry_ms;
}

bool
attempts_failed(struct attempts *a, bool spoiled)
{
	int64_t now = clock_mono_ms();

	a->retry_ms = now + a->pause_ms;
	a->pause_ms *= 2;
	if (a->pause_ms > PAUSE_LAST_MS)
		a->pause_ms = PAUSE_LAST_MS;
	a->spoiled = spoiled ? a->spoiled + 1 : 0;
	if (a->spoiled < SPOILED_SURE || now < a->aside_ms)
		return false;
	a->spoiled = 0;
	return true;
}

void
attempts_well(struct attempts *a)
{
	a->spoiled = 0;
	a->pause_ms = PAUSE_FIRST_MS;
}

void
attempts_set_aside(struct attempts *a)
{
	int64_t now = clock_mono_ms();

	a->aside_ms = now + ASIDE_PAUSE_MS;
	a->retry_ms = now;
}
