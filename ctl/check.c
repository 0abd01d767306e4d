/*
 * meridianctl check: everything a reload would do, with the same messages, and
 * nothing published.
 */
#include "ctl/command.h"

#include "steering/map.h"

static void
print_summary(const struct generation *g)
{
	size_t records = 0, services = 0;

	for (size_t i = 0; i < g->n_zones; i++) {
		records += zone_records(g->zone[i]);
		services += g->policy->zones[i].n_services;
	}
	printf("ok: %zu zones, %zu records, %zu services, %zu endpoints, "
	       "%zu maps\n",
	    g->n_zones, records, services, g->policy->n_endpoints,
	    map_set_count(g->maps));
}

int
command_check(const char *path, int argc, char **argv)
{
	struct generation *g;

	(void)argv;
	if (argc != 1) {
		fputs("usage: meridianctl -c FILE check\n", stderr);
		return CTL_USAGE;
	}
	g = command_load(path, false);
	if (g == NULL)
		return CTL_FAILED;
	print_summary(g);
	generation_destroy(g);
	return CTL_OK;
}
