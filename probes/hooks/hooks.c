/*
 * All hooks of the node: who there is, and who has left.  Called by the prober
 * on its loop; what each does is in hook_thread.c.
 */
#include "probes/hooks/hooks.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "probes/hooks/hook_send.h"
#include "probes/hooks/hook_thread.h"

/* Hooks that a reload took away and that still try what waits: more than this
 * takes one reload after the other, within HOOKS_GRACE_MS. */
#define LEAVING_MAX (4 * HOOK_MAX)

struct hooks {
	const char *vantage;
	struct hook *hook[HOOK_MAX];
	size_t n;
	struct hook *leaving[LEAVING_MAX];
	size_t n_leaving;
};

bool
hooks_any(const struct hooks *hooks)
{
	return hooks->n > 0;
}

void
hooks_change(struct hooks *hooks, const struct hook_change *change)
{
	for (size_t i = 0; i < hooks->n; i++)
		hook_change(hooks->hook[i], change);
}

/* Free those that have ended. */
static void
reap(struct hooks *hooks)
{
	size_t left = 0;

	for (size_t i = 0; i < hooks->n_leaving; i++)
		if (hook_is_done(hooks->leaving[i]))
			hook_join(hooks->leaving[i]);
		else
			hooks->leaving[left++] = hooks->leaving[i];
	hooks->n_leaving = left;
}

static void
leave(struct hooks *hooks, struct hook *hook)
{
	hook_leave(hook);
	/* The oldest has ended long since, or soon will. */
	if (hooks->n_leaving == LEAVING_MAX) {
		hook_join(hooks->leaving[0]);
		memmove(hooks->leaving, hooks->leaving + 1,
		    (LEAVING_MAX - 1) * sizeof(hooks->leaving[0]));
		hooks->n_leaving--;
	}
	hooks->leaving[hooks->n_leaving++] = hook;
}

/* The hook of the ${n} of ${list} with this name, taken out; NULL: none. */
static struct hook *
take(struct hook **list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] != NULL && strcmp(hook_name(list[i]), name) == 0) {
			struct hook *found = list[i];

			list[i] = NULL;
			return found;
		}
	return NULL;
}

void
hooks_follow(struct hooks *hooks, const struct hook_config *configs, size_t n)
{
	struct hook *old[HOOK_MAX], *hook;
	size_t n_old = hooks->n;

	reap(hooks);
	memcpy(old, hooks->hook, sizeof(old));
	hooks->n = 0;
	for (size_t i = 0; i < n; i++) {
		hook = take(old, n_old, configs[i].name);
		if (hook == NULL)
			hook = hook_start(&configs[i], hooks->vantage);
		else if (hook_follow(hook, &configs[i]) != 0)
			log_error("hook %s: no memory: it goes on as it was",
			    configs[i].name);
		if (hook == NULL)
			log_error("hook %s: no memory: it is told nothing",
			    configs[i].name);
		else
			hooks->hook[hooks->n++] = hook;
	}
	for (size_t i = 0; i < n_old; i++)
		if (old[i] != NULL)
			leave(hooks, old[i]);
}

struct hooks *
hooks_start(const struct hook_config *configs, size_t n, const char *vantage)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));

	if (hooks == NULL || !hook_send_init()) {
		free(hooks);
		return NULL;
	}
	hooks->vantage = vantage;
	hooks_follow(hooks, configs, n);
	if (hooks->n == n)
		return hooks;
	hooks_stop(hooks);
	return NULL;
}

void
hooks_stop(struct hooks *hooks)
{
	if (hooks == NULL)
		return;
	for (size_t i = 0; i < hooks->n; i++)
		hook_leave(hooks->hook[i]);
	for (size_t i = 0; i < hooks->n; i++)
		hook_join(hooks->hook[i]);
	for (size_t i = 0; i < hooks->n_leaving; i++)
		hook_join(hooks->leaving[i]);
	free(hooks);
}

size_t
hooks_figures(struct hooks *hooks, struct hook_figures out[HOOK_MAX])
{
	for (size_t i = 0; i < hooks->n; i++)
		hook_figures(hooks->hook[i], &out[i]);
	return hooks->n;
}
