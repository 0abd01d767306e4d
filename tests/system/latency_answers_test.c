/*
 * Round trips from a file to answers: each client gets the region that was
 * measured best for it, others the nearest; noise moves nobody; what is too old
 * counts no more; a start answers by the table from its first answer on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "config/country.h"
#include "tests/full.h"
#include "tests/system/node.h"

#define REGIONS 12
/* What a change takes: the reader looks once a second, maps are made at most
 * every two; the rest is for a sanitizer on a busy machine. */
#define FOLLOW_MS 30000

static struct node node;

static const char *const places[REGIONS] = {"39.0, -77.5", "45.8, -119.7",
    "53.3, -6.3", "50.1, 8.7", "19.1, 72.9", "35.6, 139.7", "1.3, 103.8",
    "-33.9, 151.2", "-23.5, -46.6", "-26.2, 28.0", "25.2, 55.3", "59.3, 18.1"};

/* All countries, FR and DE first; what is 30.0.0.0/16 is in the first of them,
 * 30.1.0.0/16 in the second, and so on.  Their number. */
static unsigned
countries(char out[256][3])
{
	unsigned n = 2;

	memcpy(out[0], "FR", 3);
	memcpy(out[1], "DE", 3);
	for (int a = 'A'; a <= 'Z'; a++)
		for (int b = 'A'; b <= 'Z'; b++) {
			const char code[3] = {(char)a, (char)b, '\0'};

			if (n < 256 && country_find(code) != NULL &&
			    strcmp(code, "FR") != 0 && strcmp(code, "DE") != 0)
				memcpy(out[n++], code, 3);
		}
	return n;
}

/* The region that was measured best for country number ${i}. */
static unsigned
best_of_country(unsigned i)
{
	return (REGIONS - 1 + i) % REGIONS;
}

/* Regions r0 to r11, whose endpoints are 192.0.2.1 to 12. */
static void
write_steering(void)
{
	char regions[1024] = "", endpoints[2048] = "", networks[16384] = "";
	char code[256][3];
	unsigned n = countries(code);

	for (unsigned i = 0; i < n; i++)
		snprintf(networks + strlen(networks),
		    sizeof(networks) - strlen(networks),
		    "  n%u: {prefixes: [30.%u.0.0/16], country: %s}\n", i, i,
		    code[i]);
	for (unsigned i = 0; i < REGIONS; i++) {
		snprintf(regions + strlen(regions),
		    sizeof(regions) - strlen(regions), "  r%u: {at: [%s]}\n", i,
		    places[i]);
		snprintf(endpoints + strlen(endpoints),
		    sizeof(endpoints) - strlen(endpoints),
		    "      - {name: e%u, region: r%u, address: 192.0.2.%u}\n",
		    i, i, i + 1);
	}
	node_steering(&node,
	    "networks:\n%sregions:\n%spools:\n  p:\n    "
	    "endpoints:\n%sservices:\n"
	    "  one: {pool: p, rank: latency}\n"
	    "  near: {pool: p}\n",
	    networks, regions, endpoints);
}

static void
start(struct harness *h)
{
	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	write_steering();
}

/* The round trip of prefix number ${i} to a region, in microseconds; no two of
 * a prefix are the same. */
static unsigned
trip(unsigned i, unsigned region)
{
	return 5000 +
	    (unsigned)(hash_mix((uint64_t)i * REGIONS + region, 7) % 15000) *
	    REGIONS +
	    region;
}

static const char *
prefix(unsigned i)
{
	static char text[32];

	snprintf(text, sizeof(text), "%u.%u.%u.0/24", 20 + (i >> 16),
	    i >> 8 & 255, i & 255);
	return text;
}

/* A file of ${n} prefixes and all countries but DE, each round trip off by at
 * most ${noise} per cent. */
static void
write_file(struct harness *h, unsigned n, unsigned noise, unsigned round)
{
	FILE *f = fopen(harness_path(h, "trips.csv"), "w");
	char code[256][3];
	unsigned all = countries(code);

	ck_assert_ptr_nonnull(f);
	for (unsigned i = 0; i < n; i++)
		for (unsigned r = 0; r < REGIONS; r++) {
			uint64_t draw = hash_mix(
			    ((uint64_t)round << 40) + i * REGIONS + r, 7);
			double off =
			    noise == 0 ? 0 : (double)(draw % 2001) / 1000 - 1;

			fprintf(f, "%s,r%u,%.3f,4\n", prefix(i), r,
			    trip(i, r) * (1 + off * noise / 100) / 1000);
		}
	for (unsigned i = 0; i < all; i++)
		for (unsigned r = 0; r < REGIONS && i != 1; r++)
			fprintf(f, "%s,r%u,%u,10\n", code[i],
			    (best_of_country(i) + 1 + r) % REGIONS,
			    200 - 10 * r);
	ck_assert_int_eq(fclose(f), 0);
}

static void
import(struct harness *h)
{
	pid_t pid = harness_start(h, "import.log", "meridianctl", "-c",
	    harness_path(h, "meridian.yaml"), "latency", "import",
	    harness_path(h, "trips.csv"), NULL);

	ck_assert_msg(harness_wait(h, pid, 600000) == 0, "%s",
	    harness_read(h, harness_path(h, "import.log")));
}

static double
rebuilds(void)
{
	return node_metric(&node, "meridian_latency_rebuilds_total");
}

/* The region of the answer to a client. */
static int
answer(const char *service, const char *client)
{
	const char *data = node_ask(&node, service, "A", client);

	ck_assert_msg(strncmp(data, "192.0.2.", 8) == 0, "%s for %s: '%s'",
	    service, client, data);
	return (int)strtol(data + 8, NULL, 10) - 1;
}

static int
best(unsigned i)
{
	unsigned region = 0;

	for (unsigned r = 1; r < REGIONS; r++)
		if (trip(i, r) < trip(i, region))
			region = r;
	return (int)region;
}

/* Ask for ${samples} of ${n} prefixes, or all: each gets the best that was
 * measured. */
static void
expect_best(unsigned n, unsigned samples)
{
	for (unsigned k = 0; k < samples; k++) {
		unsigned i =
		    samples < n ? (unsigned)(hash_mix(7777 + k, 7) % n) : k;

		ck_assert_msg(
		    answer("one.inference.example", prefix(i)) == best(i),
		    "%s is not sent to r%d", prefix(i), best(i));
	}
}

START_TEST(clients_get_the_region_that_was_measured_best)
{
	struct harness *h = harness_create();
	unsigned n = (unsigned)full_size(2000, 100000);
	unsigned samples = (unsigned)full_size(500, 100000), all;
	char code[256][3], client[32];
	int64_t began;

	start(h);
	write_file(h, n, 0, 0);
	began = harness_ms();
	import(h);
	all = countries(code);
	printf("measured: import of %u round trips: %lld ms\n",
	    (n + all - 1) * REGIONS, (long long)(harness_ms() - began));
	began = harness_ms();
	node_serve(&node);
	printf("measured: a start with them: %lld ms\n",
	    (long long)(harness_ms() - began));
	/* From the first answer on. */
	ck_assert_int_eq(answer("one.inference.example", prefix(0)), best(0));
	HARNESS_WAIT(FOLLOW_MS, (int)rebuilds() == 1);
	expect_best(n, samples);
	/* The country counts where no prefix does; distance where nothing. */
	ck_assert_uint_ge(all, 240);
	for (unsigned i = 0; i < all; i++) {
		snprintf(client, sizeof(client), "30.%u.7.0/24", i);
		ck_assert_msg(i == 1 ||
			answer("one.inference.example", client) ==
			    (int)best_of_country(i),
		    "%s is not sent to r%u", code[i], best_of_country(i));
	}
	ck_assert_int_eq(answer("one.inference.example", "30.1.7.0/24"),
	    answer("near.inference.example", "30.1.7.0/24"));
	harness_destroy(h);
}
END_TEST

START_TEST(noise_moves_nobody)
{
	struct harness *h = harness_create();
	unsigned n = (unsigned)full_size(300, 5000), rounds;

	start(h);
	write_file(h, n, 0, 0);
	import(h);
	node_serve(&node);
	rounds = (unsigned)full_size(20, 100);
	for (unsigned round = 1; round <= rounds; round++) {
		write_file(h, n, 5, round);
		ck_assert_int_eq(node_ctl(&node, NULL, "latency", "import",
				     harness_path(h, "trips.csv")),
		    0);
	}
	expect_best(n, 200);
	ck_assert_int_eq((int)rebuilds(), 1);
	/* And what does change is followed. */
	harness_write(h, "trips.csv", "FR,r3,1,1000000\n");
	import(h);
	HARNESS_WAIT(
	    FOLLOW_MS, answer("one.inference.example", "30.0.7.0/24") == 3);
	/* The page follows what is answered. */
	HARNESS_WAIT(FOLLOW_MS, (int)rebuilds() >= 2);
	ck_assert_int_eq((int)rebuilds(), 2);
	harness_destroy(h);
}
END_TEST

START_TEST(what_is_too_old_falls_back_to_distance)
{
	struct harness *h = harness_create();
	const char *out;
	int nearest;

	start(h);
	write_file(h, 10, 0, 0);
	import(h);
	node_serve(&node);
	nearest = answer("near.inference.example", prefix(3));
	/* Forty days pass for all of them; ten for the country. */
	(void)node_sql(&node,
	    "UPDATE latency SET measured_ms = measured_ms - "
	    "CASE client WHEN 'FR' THEN 864000000 ELSE 3456000000 END");
	harness_write(h, "trips.csv", "FR,r11,90,1\n");
	import(h);
	HARNESS_WAIT(
	    FOLLOW_MS, answer("one.inference.example", prefix(3)) == nearest);
	ck_assert_int_eq(answer("one.inference.example", "30.0.7.0/24"), 11);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "one.inference.example", "--client", "30.0.7.1"),
	    0);
	ck_assert_msg(
	    strstr(node_unwrap(out), "country FR") != NULL, "%s", out);
	/* A table that is lost is a warning: clients move. */
	(void)node_sql(&node,
	    "UPDATE latency SET rtt_us = NULL, "
	    "sequence = (SELECT max(sequence) + 1 FROM latency)");
	HARNESS_WAIT(FOLLOW_MS,
	    strstr(harness_read(h, harness_path(h, "meridiand.log")),
		"regions are ranked by distance") != NULL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"best", clients_get_the_region_that_was_measured_best, 300},
	    {"noise", noise_moves_nobody, 300},
	    {"old", what_is_too_old_falls_back_to_distance, 120},
	};

	return harness_main(
	    "latency_answers", cases, sizeof(cases) / sizeof(cases[0]));
}
