/*
 * Makes a family smaller, see shrink.h.  Called by the differential test only.
 * Variants of the family, each with other records left out, are loaded side by
 * side, each under its own number.
 */
#include "tests/differential/shrink.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 512
#define VARIANTS_MAX 600
#define ROUNDS_MAX 12
#define TIMEOUT_MS 3000

struct variant {
	bool gone[RECORDS_MAX]; /* by number, through all zones */
	bool same;              /* it still differs in the same way */
};

struct shrinker {
	struct peers *peers;
	struct comparison *comparison;
	const struct question *question;
	const char *difference;
	struct variant *variants;
	size_t n;
};

static size_t
size_of(const struct family *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_zones; i++)
		n += f->zones[i].n_records;
	return n;
}

static size_t
gone_in(const struct variant *v)
{
	size_t n = 0;

	for (size_t i = 0; i < RECORDS_MAX; i++)
		n += v->gone[i];
	return n;
}

/* Leave out the records; a zone without any is left out whole. */
static void
apply(struct family *f, const struct variant *v)
{
	size_t at = size_of(f);

	for (size_t i = f->n_zones; i-- > 0;) {
		struct zone_text *z = &f->zones[i];

		for (size_t k = z->n_records; k-- > 0;)
			if (v->gone[--at])
				zone_text_remove(z, k, 1);
		if (z->n_records > 0)
			continue;
		free(z->records);
		memmove(z, z + 1, (f->n_zones - i - 1) * sizeof(*z));
		f->n_zones--;
	}
}

static struct variant *
add_variant(struct shrinker *s)
{
	struct variant *v;

	if (s->n == VARIANTS_MAX)
		return NULL;
	v = &s->variants[s->n++];
	memset(v, 0, sizeof(*v));
	return v;
}

/* A zone keeps its SOA, and its NS at the apex, to the last. */
static void
leave_apex(struct variant *v, const struct family *f)
{
	size_t at = 0;

	for (size_t i = 0; i < f->n_zones; i++) {
		const struct zone_text *z = &f->zones[i];

		for (size_t k = 0; k < z->n_records; k++, at++) {
			const char *type = z->records[k].type;

			if (strcmp(z->records[k].owner, z->apex) == 0 &&
			    (strcmp(type, "SOA") == 0 ||
				strcmp(type, "NS") == 0))
				v->gone[at] = false;
		}
	}
}

/* Each zone, then runs of records of half the size, a quarter... one. */
static void
propose(struct shrinker *s, const struct family *f)
{
	size_t all = size_of(f), at = 0;
	struct variant *v;

	s->n = 0;
	for (size_t i = 0; i < f->n_zones; i++) {
		if ((v = add_variant(s)) != NULL)
			memset(v->gone + at, 1, f->zones[i].n_records);
		at += f->zones[i].n_records;
	}
	for (size_t run = all / 2; run > 0; run /= 2)
		for (size_t from = 0; from < all; from += run) {
			size_t n = from + run < all ? run : all - from;

			if ((v = add_variant(s)) == NULL)
				return;
			memset(v->gone + from, 1, n);
			leave_apex(v, f);
		}
}

/* All that could go alone, together; and halves of that. */
static void
propose_unions(struct shrinker *s, struct variant out[3])
{
	size_t good = 0, seen = 0;

	memset(out, 0, 3 * sizeof(*out));
	for (size_t i = 0; i < s->n; i++)
		good += s->variants[i].same;
	for (size_t i = 0; i < s->n; i++) {
		if (!s->variants[i].same)
			continue;
		for (size_t k = 0; k < RECORDS_MAX; k++) {
			bool gone = s->variants[i].gone[k];

			out[0].gone[k] |= gone;
			out[seen < good / 2 ? 1 : 2].gone[k] |= gone;
		}
		seen++;
	}
}

static void
try_variants(struct shrinker *s, const struct family *f)
{
	struct family *instances = calloc(VARIANTS_MAX, sizeof(*instances));
	struct load *loads =
	    calloc(VARIANTS_MAX * FAMILY_ZONES, sizeof(*loads));
	struct asker *a = &s->peers->asker;
	size_t n_loads = 0, at = 0;

	if (instances == NULL || loads == NULL)
		abort();
	for (size_t i = 0; i < s->n; i++) {
		family_instance(&instances[i], f, (unsigned)i);
		apply(&instances[i], &s->variants[i]);
		peers_write(s->peers, &instances[i], loads, &n_loads);
	}
	peers_start(s->peers, loads, n_loads);
	for (size_t i = 0; i < s->n; i++) {
		struct variant *v = &s->variants[i];
		bool served = instances[i].n_zones > 0;

		for (size_t k = 0; k < instances[i].n_zones; k++, at++)
			for (unsigned server = 0; server < SERVERS; server++)
				served &= !loads[at].refused[server];
		v->same = false;
		if (!served)
			continue;
		asker_clear(a);
		asker_add(a, s->question, (unsigned)i);
		asker_ask(a, TIMEOUT_MS);
		v->same = !compare(s->comparison, a, 0, s->question,
			      &instances[i], (unsigned)i) &&
		    strcmp(s->comparison->difference, s->difference) == 0;
	}
	peers_stop(s->peers);
	for (size_t i = 0; i < s->n; i++)
		family_finish(&instances[i]);
	free(instances);
	free(loads);
}

static void
keep_best(const struct shrinker *s, struct variant *best)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->variants[i].same &&
		    gone_in(&s->variants[i]) > gone_in(best))
			*best = s->variants[i];
}

void
shrink(struct peers *p, struct comparison *c, struct family *f,
    const struct question *q, const char *difference)
{
	struct shrinker s = {.peers = p,
	    .comparison = c,
	    .question = q,
	    .difference = difference,
	    .variants = calloc(VARIANTS_MAX, sizeof(*s.variants))};
	struct variant unions[3], best;

	if (s.variants == NULL)
		abort();
	for (int round = 0; round < ROUNDS_MAX; round++) {
		memset(&best, 0, sizeof(best));
		if (size_of(f) > RECORDS_MAX)
			break;
		propose(&s, f);
		try_variants(&s, f);
		keep_best(&s, &best);
		if (gone_in(&best) == 0)
			break;
		propose_unions(&s, unions);
		memcpy(s.variants, unions, sizeof(unions));
		s.n = 3;
		try_variants(&s, f);
		keep_best(&s, &best);
		apply(f, &best);
	}
	free(s.variants);
}
