/*
 * Looks a name up with the resolvers of the node, and waits for that.  Called
 * by probe_target.c; judges no address.
 */
#include "ctl/probe_name.h"

#include <stdio.h>
#include <uv.h>

#include "probes/names/resolver.h"

struct asking {
	const struct target *target;
	struct address *out;
	size_t size, n;
	bool done, failed;
};

static bool
has(const struct asking *a, const struct address *address)
{
	for (size_t i = 0; i < a->n; i++)
		if (address_equal(&a->out[i], address))
			return true;
	return false;
}

static void
on_answer(void *context, const struct resolver_answer *answer)
{
	struct asking *a = context;
	const char *why =
	    answer->failed[0] != NULL ? answer->failed[0] : answer->failed[1];

	a->done = true;
	for (size_t i = 0; i < answer->n && a->n < a->size; i++)
		if (!has(a, &answer->addresses[i]))
			a->out[a->n++] = answer->addresses[i];
	a->failed = a->n == 0 && why != NULL;
	if (a->failed)
		fprintf(stderr, "%s: %s\n", a->target->name, why);
}

int
probe_name_ask(const struct server_config *config, const struct target *target,
    struct address *out, size_t size, size_t *n)
{
	const struct resolver_settings settings = resolver_settings_of(config);
	struct asking a = {.target = target, .out = out, .size = size};
	struct resolver *resolver;
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0) {
		fprintf(stderr, "no memory\n");
		return -1;
	}
	resolver = resolver_create(&loop, &settings);
	if (resolver == NULL ||
	    resolver_ask(resolver, target->name, target->ipv4, target->ipv6,
		on_answer, &a) == NULL) {
		fprintf(stderr, "no memory\n");
		a.failed = true;
	} else {
		while (!a.done)
			uv_run(&loop, UV_RUN_ONCE);
	}
	resolver_close(resolver);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	*n = a.n;
	return a.failed ? -1 : 0;
}
