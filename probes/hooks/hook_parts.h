/*
 * A hook from inside, for its files: hook_thread.c, which has the thread and
 * what waits, and hook_tell.c, which tells it.  No other file includes it.
 */
#ifndef PROBES_HOOKS_HOOK_PARTS_H
#define PROBES_HOOKS_HOOK_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "probes/hooks/hook_thread.h"
#include "base/reminder.h"
#include "probes/ask/secret.h"

/* A copy of a hook's config, and the memory that it is in. */
struct kept {
	struct arena *arena;
	struct hook_config *config;
};

struct hook {
	char name[STATE_NAME];
	const char *vantage;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	/* Under the lock: what is to be told next; how, from the next try on,
	 * where a reload said so. */
	struct hook_batch waits;
	int64_t since_ms; /* monotonic: its first change */
	struct kept next;
	_Atomic bool stopping, done;
	_Atomic int64_t ends_ms;
	_Atomic uint64_t sent, failed, dropped, held;
	/* Of the thread; the loop reads it under the lock. */
	struct kept now;
	/* Of the thread. */
	struct hook_batch batch; /* that it tells now */
	struct secret_store *secrets;
	double tokens;       /* messages that may go out now */
	int64_t refilled_ms; /* monotonic */
	struct reminder trouble;
	uint64_t run, number; /* what ids are made of */
};

/* hook_tell(hook): its batch. */
void hook_tell(struct hook *hook);

/* news = hook_pause(hook, at_ms): between two tries, until ${at_ms} of the
 * monotonic clock, or until all ends; or until a reload, which may have mended
 * what was wrong: then it is true, and the hook goes on so. */
bool hook_pause(struct hook *hook, int64_t at_ms);

#endif
