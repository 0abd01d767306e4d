/*
 * Asks the server whether it has taken an override.  Called by override_say.c;
 * changes nothing.
 */
#include "ctl/override_confirm.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/fetch.h"

/* In a small page: a server needs 250 ms to read the state database, and nobody
 * who is in a hurry waits longer than that. */
#define PAGE "/api/v1/reload"
#define PATIENCE_MS 1000
#define PAUSE_MS 25

/* The last override that the server has taken; -1 with ${why} it does not say.
 */
static long long
ask(struct fetch *fetch, char why[FETCH_WHY])
{
	char *body = fetch_get(fetch, PAGE, NULL, 0, why);
	json_t *page;
	long long last = -1;

	if (body == NULL)
		return -1;
	page = json_loads(body, 0, NULL);
	free(body);
	if (json_is_integer(json_object_get(page, "override")))
		last = command_number(page, "override");
	else
		(void)snprintf(why, FETCH_WHY,
		    "meridiand is older than this meridianctl: restart it to "
		    "upgrade it");
	json_decref(page);
	return last;
}

/* Whether it has taken number ${number}; false with ${why} it does not say, or
 * "". */
static bool
wait_for(struct fetch *fetch, uint64_t number, char why[FETCH_WHY])
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	long long last = 0;

	while (last >= 0 && clock_mono_ms() < end) {
		fetch_hurry(fetch, (long)(end - clock_mono_ms()) + 1);
		why[0] = '\0';
		last = ask(fetch, why);
		if (last >= 0 && (uint64_t)last >= number)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

bool
override_confirm(const struct server_config *config,
    const struct state_override *row, bool quiet)
{
	char why[FETCH_WHY] = "it has no pages (key \"http\")";
	struct fetch *fetch =
	    config->http.port != 0 ? fetch_open(config) : NULL;
	bool taken = fetch != NULL && wait_for(fetch, row->number, why);

	fetch_close(fetch);
	if (quiet)
		return taken;
	if (taken)
		puts("meridiand answers by it");
	else if (why[0] == '\0')
		puts("meridiand has not taken it within a second: it does on "
		     "its next look; meridianctl status says whether it reads "
		     "the state database");
	else
		printf("meridiand, if it runs, answers by it within a second: "
		       "it was not asked (%s)\n",
		    why);
	return taken;
}
