/* From the hashes of parts to those of all.  Called where a generation is
 * compiled; reads no file. */
#include "node/generation.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "dns/wire/name.h"
#include "state/endpoint_key.h"
#include "steering/geo/latency.h"

static void
print(uint64_t hash, char out[FINGERPRINT_TEXT])
{
	(void)snprintf(
	    out, FINGERPRINT_TEXT, "%016llx", (unsigned long long)hash);
}

/* Of what a node may well be without. */
static void
print_some(uint64_t hash, char out[FINGERPRINT_TEXT])
{
	if (hash != 0)
		print(hash, out);
	else
		(void)snprintf(out, FINGERPRINT_TEXT, "none");
}

/* Of a name as the node's file writes it. */
static uint64_t
name_of(const char *name)
{
	char folded[NAME_TEXT];

	(void)snprintf(folded, sizeof(folded), "%s", name);
	endpoint_key_fold(folded);
	return hash_bytes(folded, strlen(folded), 0);
}

void
generation_fingerprint(struct generation *g)
{
	struct fingerprint *out = &g->fingerprint;
	const struct geography_database *databases;
	uint64_t zones = 0, steering = 0, presets = 0, geography = 0;
	size_t n;

	for (size_t i = 0; i < g->n_zones; i++) {
		uint64_t name = name_of(g->config->zones[i].name);

		zones += hash_mix(name, zone_hash(g->zone[i]));
		if (g->steering[i] == NULL)
			continue;
		steering += hash_mix(name, g->steering[i]->hash);
		if (g->steering[i]->presets_hash != 0)
			presets += hash_mix(name, g->steering[i]->presets_hash);
	}
	databases = geography_databases(g->geography, &n);
	for (size_t i = 0; i < n; i++)
		geography = hash_mix(geography, databases[i].hash);
	print(zones, out->zones);
	print(steering, out->steering);
	print_some(presets, out->presets);
	print(geography, out->geography);
	/* Made where the table was sorted: millions of rows are not gone
	 * through here. */
	print_some(
	    generation_ranks_by_latency(g) ? latency_hash(g->latency) : 0,
	    out->latency);
}
