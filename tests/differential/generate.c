/*
 * Makes families of zones from a seed: many kinds of data close together, at
 * names over a small alphabet of labels.  Called by the differential test;
 * what it makes loads in every server.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/family.h"
#include "tests/differential/random.h"

/* A label of the greatest length: DNAMEs onto such names overflow. */
#define LONG_LABEL                          \
	"lllllllllllllllllllllllllllllllll" \
	"llllllllllllllllllllllllllllll"

struct maker {
	struct random random;
	struct family *family;
	struct zone_text *zone;
};

static const char *const letters[] = {"a", "b", "c"};

static unsigned
below(struct maker *m, unsigned n)
{
	return random_below(&m->random, n);
}

static bool
chance(struct maker *m, unsigned percent)
{
	return random_chance(&m->random, percent);
}

/* Records of a set have one TTL. */
static uint32_t
ttl_of(struct maker *m, const char *owner, const char *type)
{
	static const uint32_t ttls[] = {0, 60, 300, 300, 600, 3600};

	for (size_t i = 0; i < m->zone->n_records; i++) {
		const struct record *r = &m->zone->records[i];

		if (strcmp(r->owner, owner) == 0 && strcmp(r->type, type) == 0)
			return r->ttl_s;
	}
	return ttls[below(m, sizeof(ttls) / sizeof(*ttls))];
}

static void add(struct maker *m, const char *owner, const char *type,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
add(struct maker *m, const char *owner, const char *type, const char *fmt, ...)
{
	struct record *r =
	    zone_text_add(m->zone, owner, type, ttl_of(m, owner, type));
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->data, sizeof(r->data), fmt, args);
	va_end(args);
}

/* A name at or below ${top}: one to three labels, sometimes a wildcard. */
static void
name_below(struct maker *m, const char *top, char out[NAME_TEXT])
{
	unsigned depth = 1 + below(m, 3);

	snprintf(out, NAME_TEXT, "%s", top);
	for (unsigned i = 0; i < depth; i++) {
		bool last = i + 1 == depth;
		const char *label = letters[below(m, 3)];

		if (chance(m, last ? 15 : 2))
			label = "*";
		if (!text_join(out, label, out))
			return;
	}
}

/* An owner for data in the zone; half of them close to others. */
static void
pick_owner(struct maker *m, char out[NAME_TEXT])
{
	const struct zone_text *z = m->zone;
	unsigned near = below(m, 10);
	const char *other = z->records[below(m, (unsigned)z->n_records)].owner;

	if (near < 2 && strcmp(other, z->apex) != 0)
		snprintf(out, NAME_TEXT, "%s", other);
	else if (near < 4)
		(void)(text_join(out,
			   chance(m, 25) ? "*" : letters[below(m, 3)], other) ||
		    snprintf(out, NAME_TEXT, "%s", other));
	else
		name_below(m, z->apex, out);
}

/* A name to point to: in this zone, another of the family, or in none. */
static void
pick_target(struct maker *m, char out[NAME_TEXT])
{
	const struct zone_text *z = m->zone;
	unsigned where = below(m, 20);

	if (where < 5)
		pick_owner(m, out);
	else if (where < 8)
		snprintf(out, NAME_TEXT, "%s",
		    z->records[below(m, (unsigned)z->n_records)].owner);
	else if (where == 8)
		snprintf(out, NAME_TEXT, "%s", z->apex);
	else if (where == 9)
		snprintf(out, NAME_TEXT, "host.outside.");
	else if (where < 15 && m->family->n_zones > 1)
		name_below(m,
		    m->family->zones[below(m, (unsigned)m->family->n_zones)]
			.apex,
		    out);
	else
		name_below(m, z->apex, out);
	/* A wildcard as a target is the name with an asterisk: keep few. */
	if (out[0] == '*' && chance(m, 70))
		out[0] = 'a';
}

static void
add_one(struct maker *m, const char *owner, unsigned kind)
{
	char target[NAME_TEXT];

	pick_target(m, target);
	switch (kind) {
	case 0:
	case 1:
		add(m, owner, "A", "192.0.2.%u", below(m, 250));
		break;
	case 2:
		add(m, owner, "AAAA", "2001:db8::%x", below(m, 999));
		break;
	case 3:
		add(m, owner, "MX", "%u %s", below(m, 30),
		    chance(m, 5) ? "." : target);
		break;
	case 4:
		add(m, owner, "SRV", "0 %u 5060 %s", below(m, 9),
		    chance(m, 5) ? "." : target);
		break;
	case 5:
		add(m, owner, "TXT", "\"t%u\"", below(m, 99));
		break;
	case 6:
		if (chance(m, 30))
			add(m, owner, "HTTPS", "0 %s", target);
		else
			add(m, owner, "HTTPS", "%u %s alpn=h2", 1 + below(m, 3),
			    chance(m, 50) ? "." : target);
		break;
	case 7:
		add(m, owner, "TYPE65280", "\\# 2 %04x", below(m, 0xffff));
		break;
	default:
		add(m, owner, "PTR", "%s", target);
		break;
	}
}

static void
add_data(struct maker *m, const char *owner)
{
	unsigned sets = 1 + below(m, 3);

	while (sets-- > 0) {
		unsigned kind = below(m, 9);

		add_one(m, owner, kind);
		if (chance(m, 30))
			add_one(m, owner, kind);
	}
}

static void
add_addresses(struct maker *m, const char *owner)
{
	add_one(m, owner, 0);
	if (chance(m, 40))
		add_one(m, owner, 2);
}

/* Where a name server of the cut has its name; its glue, mostly. */
static void
add_server(struct maker *m, const char *cut)
{
	char server[NAME_TEXT];
	const struct record *other =
	    &m->zone->records[below(m, (unsigned)m->zone->n_records)];
	unsigned where = below(m, 20);

	if (where < 8) {
		if (!text_join(server, "ns", cut))
			return;
	} else if (where < 10) {
		snprintf(server, NAME_TEXT, "%s", cut);
	} else if (where < 14 && strcmp(other->type, "NS") == 0) {
		/* Below another cut: sibling glue. */
		memcpy(server, other->data, NAME_TEXT);
	} else if (where < 17) {
		pick_target(m, server);
		add(m, cut, "NS", "%s", server);
		return;
	} else {
		add(m, cut, "NS", "ns.outside.");
		return;
	}
	add(m, cut, "NS", "%s", server);
	if (chance(m, 80) && text_at_or_below(server, m->zone->apex))
		add_addresses(m, server);
}

static void
add_cut(struct maker *m, const char *cut)
{
	char inside[NAME_TEXT];

	if (strcmp(cut, m->zone->apex) == 0 || cut[0] == '*')
		return;
	add_server(m, cut);
	if (chance(m, 40))
		add_server(m, cut);
	if (chance(m, 50))
		add(m, cut, "DS", "%u 13 2 %032x%032x", below(m, 65536),
		    below(m, 9999), below(m, 9999));
	if (chance(m, 20))
		add_data(m, cut);
	for (unsigned n = chance(m, 35) ? 1 + below(m, 2) : 0; n > 0; n--) {
		name_below(m, cut, inside);
		add_data(m, inside);
	}
	if (chance(m, 10) && text_join(inside, letters[below(m, 3)], cut))
		add(m, inside, "NS", "ns.%s", inside);
}

static void
add_dname(struct maker *m, const char *owner)
{
	char target[NAME_TEXT];

	if (owner[0] == '*' && !chance(m, 10))
		return;
	pick_target(m, target);
	if (chance(m, 15)) {
		(void)text_join(target, LONG_LABEL, target);
		(void)text_join(target, LONG_LABEL, target);
	}
	add(m, owner, "DNAME", "%s", target);
	if (chance(m, 40))
		add_data(m, owner);
}

static void
add_node(struct maker *m)
{
	char owner[NAME_TEXT], target[NAME_TEXT];
	unsigned kind = below(m, 100);

	pick_owner(m, owner);
	if (kind < 45) {
		add_data(m, owner);
	} else if (kind < 70) {
		pick_target(m, target);
		add(m, owner, "CNAME", "%s", target);
	} else if (kind < 80) {
		add_dname(m, owner);
	} else {
		add_cut(m, owner);
	}
}

static void
add_apex(struct maker *m)
{
	const char *apex = m->zone->apex;
	char name[NAME_TEXT], target[NAME_TEXT];
	static const unsigned times[] = {0, 60, 300, 900, 3600};

	if (!text_join(name, "ns", apex) ||
	    !text_join(target, "hostmaster", apex))
		abort();
	add(m, apex, "SOA", "%s %s 1 3600 600 86400 %u", name, target,
	    times[below(m, 5)]);
	if (chance(m, 70)) {
		add(m, apex, "NS", "%s", name);
		add_addresses(m, name);
	} else if (chance(m, 50)) {
		pick_target(m, target);
		add(m, apex, "NS", "%s", target);
	}
	if (!zone_text_has(m->zone, apex, "NS") || chance(m, 30))
		add(m, apex, "NS", "ns.outside.");
	if (chance(m, 40))
		add_data(m, apex);
	if (chance(m, 3))
		add_dname(m, apex);
}

/* Whether a zone of the family has data below ${owner}: NSD refuses a DNAME
 * there, be it in another zone. */
static bool
has_below(const struct family *f, const char *owner)
{
	for (size_t i = 0; i < f->n_zones; i++)
		for (size_t k = 0; k < f->zones[i].n_records; k++) {
			const char *other = f->zones[i].records[k].owner;

			if (strcmp(other, owner) != 0 &&
			    text_at_or_below(other, owner))
				return true;
		}
	return false;
}

/* Whether the record may not stand in a zone with those before it. */
static bool
is_wrong(const struct maker *m, size_t i)
{
	const struct zone_text *z = m->zone;
	const struct record *r = &z->records[i];
	bool cname = strcmp(r->type, "CNAME") == 0;
	bool dname = strcmp(r->type, "DNAME") == 0;
	bool apex = strcmp(r->owner, z->apex) == 0;

	if (cname && apex)
		return true;
	for (size_t k = 0; k < z->n_records; k++) {
		const struct record *o = &z->records[k];
		bool same = strcmp(o->owner, r->owner) == 0;
		bool other_dname = strcmp(o->type, "DNAME") == 0;

		if (!same && other_dname &&
		    text_at_or_below(r->owner, o->owner))
			return true;
		if (!same || k >= i)
			continue;
		if (cname || strcmp(o->type, "CNAME") == 0)
			return true;
		if (dname && other_dname)
			return true;
		if (!apex && dname && strcmp(o->type, "NS") == 0)
			return true;
		if (!apex && other_dname && strcmp(r->type, "NS") == 0)
			return true;
		if (strcmp(o->type, r->type) == 0 &&
		    strcmp(o->data, r->data) == 0)
			return true;
	}
	return false;
}

/* Remove what no server loads. */
static void
tidy(struct maker *m)
{
	bool again;

	do {
		again = false;
		for (size_t i = m->zone->n_records; i-- > 0;)
			if (is_wrong(m, i)) {
				zone_text_remove(m->zone, i, 1);
				again = true;
				break;
			}
	} while (again);
}

/* In the zone itself nothing is below a DNAME by now. */
static void
drop_shared_dnames(const struct family *f, struct zone_text *zone)
{
	for (size_t i = zone->n_records; i-- > 0;)
		if (strcmp(zone->records[i].type, "DNAME") == 0 &&
		    has_below(f, zone->records[i].owner))
			zone_text_remove(zone, i, 1);
}

static void
fill(struct maker *m, struct zone_text *zone)
{
	unsigned nodes = 2 + below(m, 11);

	m->zone = zone;
	add_apex(m);
	while (nodes-- > 0)
		add_node(m);
}

static void
zone_named(struct family *f, const char *apex)
{
	snprintf(f->zones[f->n_zones++].apex, NAME_TEXT, "%s", apex);
}

/* The apexes: a zone alone, parent and child, two beside each other. */
static void
choose_shape(struct maker *m)
{
	struct family *f = m->family;
	char apex[NAME_TEXT] = "z%.test.", child[NAME_TEXT];
	unsigned shape = below(m, 10);

	zone_named(f, apex);
	if (shape >= 5 && shape < 9) {
		text_join(child, letters[below(m, 3)], apex);
		if (chance(m, 30))
			text_join(child, letters[below(m, 3)], child);
		zone_named(f, child);
		/* A child of the child, or of the parent. */
		if (chance(m, 20) &&
		    text_join(child, "b", chance(m, 50) ? child : apex) &&
		    strcmp(child, f->zones[1].apex) != 0)
			zone_named(f, child);
	}
	if (shape >= 8 && f->n_zones < FAMILY_ZONES)
		zone_named(f, "y%.test.");
}

/* In half of the families each zone is signed in some way or not at all. */
static void
choose_denials(struct family *f)
{
	struct random random;

	/* Numbers of their own: the data are the same with and without. */
	random_seed(&random, ~f->seed, f->index);
	if (random_chance(&random, 50))
		return;
	for (size_t i = 0; i < f->n_zones; i++) {
		f->zones[i].denial =
		    (enum denial)random_below(&random, DENIAL_OPTOUT + 1);
		f->zones[i].salted = random_chance(&random, 30);
	}
}

void
family_make(struct family *f, uint64_t seed, unsigned index)
{
	struct maker m = {.family = f};

	memset(f, 0, sizeof(*f));
	f->seed = seed;
	f->index = index;
	random_seed(&m.random, seed, index);
	choose_shape(&m);
	choose_denials(f);
	for (size_t i = 0; i < f->n_zones; i++)
		fill(&m, &f->zones[i]);
	/* The delegations that there should be, mostly. */
	for (size_t i = 1; i < f->n_zones; i++) {
		m.zone = &f->zones[0];
		if (text_at_or_below(f->zones[i].apex, m.zone->apex) &&
		    chance(&m, 80))
			add_cut(&m, f->zones[i].apex);
	}
	for (size_t i = 0; i < f->n_zones; i++) {
		m.zone = &f->zones[i];
		tidy(&m);
	}
	for (size_t i = 0; i < f->n_zones; i++)
		drop_shared_dnames(f, &f->zones[i]);
}
