/*
 * Loads generated zones into Meridian, NSD and Knot DNS, asks all three every
 * question about them and fails on a difference that no rule accepts.  Called
 * by `make differential` and `make check`; differences.md lists the rules.
 *
 * Usage: differential [-s SEED] [-n ZONES] [-f FAMILY] [-m TEXT] [-c SHOWN]
 *   SEED    of everything that is generated (1)
 *   ZONES   stop after the family with which there are that many (200)
 *   FAMILY  only this one of the seed's families
 *   TEXT    show only differences whose description has it in it
 *   SHOWN   of how many to show the smallest zones that have them (10)
 *
 * B in the environment is the folder in which meridiand was built.
 */
#include <getopt.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/differential/compare.h"
#include "tests/differential/family.h"
#include "tests/differential/peers.h"
#include "tests/differential/question.h"
#include "tests/differential/rules.h"
#include "tests/differential/shrink.h"

/* Zones loaded at once: a start of the servers takes about a second. */
#define BATCH_FAMILIES 100
#define TIMEOUT_MS 6000
#define CLASSES_MAX 200

/* Differences that look alike, and the first of them. */
struct class
{
	char text[DIFFERENCE_TEXT];
	unsigned long count;
	struct family family;
	struct question question;
};

struct options {
	uint64_t seed;
	unsigned long zones, shown;
	long only; /* a family; none: below 0 */
	const char *match;
};

struct run {
	struct peers peers;
	unsigned long families, zones, refused, questions, differing;
	struct class classes[CLASSES_MAX];
	size_t n_classes;
	struct comparison comparison;
};

static void
note(struct run *run, const struct family *f, const struct question *q)
{
	const char *difference = run->comparison.difference;
	struct class *c = NULL;

	run->differing++;
	for (size_t i = 0; i < run->n_classes && c == NULL; i++)
		if (strcmp(run->classes[i].text, difference) == 0)
			c = &run->classes[i];
	if (c == NULL) {
		if (run->n_classes == CLASSES_MAX)
			return;
		c = &run->classes[run->n_classes++];
		memcpy(c->text, difference, sizeof(c->text));
		family_copy(&c->family, f);
		c->question = *q;
	}
	c->count++;
}

static void
ask_family(struct run *run, const struct family *f)
{
	struct asker *a = &run->peers.asker;
	struct questions qs;
	struct family instance;

	family_instance(&instance, f, f->index);
	questions_make(&qs, f);
	for (size_t from = 0; from < qs.n; from += WINDOW) {
		asker_clear(a);
		for (size_t i = from; i < qs.n && i < from + WINDOW; i++)
			asker_add(a, &qs.list[i], f->index);
		asker_ask(a, TIMEOUT_MS);
		for (size_t i = 0; i < a->n; i++)
			if (!compare(&run->comparison, a, i, &qs.list[from + i],
				&instance, f->index))
				note(run, f, &qs.list[from + i]);
	}
	run->questions += qs.n;
	questions_finish(&qs);
	family_finish(&instance);
}

/* Whether all three serve all zones of the family; ${at} is its first. */
static bool
is_served(const struct family *f, const struct load *at)
{
	bool served = true;

	for (size_t i = 0; i < f->n_zones; i++) {
		const struct load *load = &at[i];

		if (!load->refused[0] && !load->refused[1] && !load->refused[2])
			continue;
		served = false;
		printf("family %u zone %s refused by%s%s%s: %s\n", f->index,
		    load->apex, load->refused[0] ? " meridian" : "",
		    load->refused[1] ? " nsd" : "",
		    load->refused[2] ? " knot" : "", load->why);
	}
	return served;
}

static void
run_batch(struct run *run, struct family *families, size_t n)
{
	struct load *loads = calloc(n * FAMILY_ZONES, sizeof(*loads));
	size_t n_loads = 0, at = 0;

	if (loads == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		struct family instance;

		family_instance(&instance, &families[i], families[i].index);
		peers_write(&run->peers, &instance, loads, &n_loads);
		family_finish(&instance);
	}
	peers_start(&run->peers, loads, n_loads);
	for (size_t i = 0; i < n; i++) {
		run->families++;
		run->zones += families[i].n_zones;
		if (is_served(&families[i], loads + at))
			ask_family(run, &families[i]);
		else
			run->refused++;
		at += families[i].n_zones;
	}
	peers_stop(&run->peers);
	free(loads);
}

static void
print_answers(struct run *run, const struct question *q, const struct family *f)
{
	struct asker *a = &run->peers.asker;

	asker_clear(a);
	asker_add(a, q, f->index);
	asker_ask(a, TIMEOUT_MS);
	for (unsigned s = 0; s < SERVERS; s++) {
		ldns_pkt *pkt = NULL;

		printf("---- %s\n", server_names[s]);
		if (ldns_wire2pkt(&pkt, a->answers[s][0], a->lens[s][0]) ==
		    LDNS_STATUS_OK)
			ldns_pkt_print(stdout, pkt);
		ldns_pkt_free(pkt);
	}
}

static void
print_class(struct run *run, struct class *c)
{
	struct load loads[FAMILY_ZONES];
	struct family instance;
	size_t n = 0;

	shrink(
	    &run->peers, &run->comparison, &c->family, &c->question, c->text);
	printf("==== %lu times: %s\nfamily %u, question %s type %u%s\n",
	    c->count, c->text, c->family.index, c->question.name,
	    c->question.type, c->question.dnssec_ok ? " DO" : "");
	family_instance(&instance, &c->family, c->family.index);
	for (size_t i = 0; i < instance.n_zones; i++) {
		static const char *const ways[] = {
		    "", ", NSEC", ", NSEC3", ", NSEC3 with opt-out"};

		printf("---- zone %s%s\n", instance.zones[i].apex,
		    ways[instance.zones[i].denial]);
		zone_text_print(&instance.zones[i], stdout);
	}
	peers_write(&run->peers, &instance, loads, &n);
	family_finish(&instance);
	peers_start(&run->peers, loads, n);
	print_answers(run, &c->question, &c->family);
	peers_stop(&run->peers);
}

static int
by_count(const void *a, const void *b)
{
	const struct class *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : 0;
}

static void
ask_all(struct run *run, const struct options *o)
{
	unsigned long planned = 0;
	unsigned index = o->only >= 0 ? (unsigned)o->only : 0;

	while (planned < o->zones) {
		struct family batch[BATCH_FAMILIES];
		size_t n = 0;

		while (planned < o->zones && n < BATCH_FAMILIES) {
			family_make(&batch[n], o->seed, index++);
			planned += o->only >= 0 ? o->zones : batch[n].n_zones;
			n++;
		}
		run_batch(run, batch, n);
		for (size_t i = 0; i < n; i++)
			family_finish(&batch[i]);
	}
}

static void
report(struct run *run, const struct options *o)
{
	unsigned long shown = 0;

	qsort(run->classes, run->n_classes, sizeof(*run->classes), by_count);
	for (size_t i = 0; i < run->n_classes; i++) {
		struct class *c = &run->classes[i];

		if (shown < o->shown && strstr(c->text, o->match) != NULL) {
			shown++;
			print_class(run, c);
		} else {
			printf("==== %lu times: %s\n", c->count, c->text);
		}
		family_finish(&c->family);
	}
	for (size_t i = 0; i < n_rules; i++)
		printf("rule %-24s %8lu\n", rules[i].name, rules[i].uses);
	printf("seed %llu: %lu zones in %lu families (%lu refused), %lu "
	       "questions, %lu truncated, %lu unjudged, %lu differ in %zu "
	       "ways\n",
	    (unsigned long long)o->seed, run->zones, run->families,
	    run->refused, run->questions, run->comparison.truncated,
	    run->comparison.unjudged, run->differing, run->n_classes);
}

static bool
read_options(int argc, char *argv[], struct options *o)
{
	int option;

	while ((option = getopt(argc, argv, "s:n:f:c:m:")) != -1) {
		if (option == 's')
			o->seed = strtoull(optarg, NULL, 0);
		else if (option == 'n')
			o->zones = strtoul(optarg, NULL, 0);
		else if (option == 'f')
			o->only = strtol(optarg, NULL, 0);
		else if (option == 'm')
			o->match = optarg;
		else if (option == 'c')
			o->shown = strtoul(optarg, NULL, 0);
		else
			return false;
	}
	return optind == argc;
}

int
main(int argc, char *argv[])
{
	struct options o = {
	    .seed = 1, .zones = 200, .shown = 10, .only = -1, .match = ""};
	struct run *run = calloc(1, sizeof(*run));
	bool failed;

	if (run == NULL)
		abort();
	if (!read_options(argc, argv, &o) ||
	    !peers_init(&run->peers, getenv("B"))) {
		free(run);
		return 2;
	}
	ask_all(run, &o);
	report(run, &o);
	failed = run->differing > 0 || run->refused > 0;
	free(run);
	return failed;
}
