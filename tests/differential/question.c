/*
 * Makes the questions about a family of zones, see question.h.  Called by the
 * differential test only.
 */
#include "tests/differential/question.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/random.h"

/* Names of one family that are asked about; more are left out by chance. */
#define NAMES_MAX 90
#define NAMES_ROOM 4096

#define EDNS_SIZE 4096
#define LONG_LABEL                          \
	"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq" \
	"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"

/* A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, DNAME, DS, RRSIG, NSEC, DNSKEY,
 * NSEC3, NSEC3PARAM, HTTPS, ANY, and two that no RFC gives a meaning to. */
static const uint16_t types[] = {1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43, 46, 47,
    48, 50, 51, 65, 255, 65280, 65281};
#define N_TYPES (sizeof(types) / sizeof(*types))

struct names {
	char list[NAMES_ROOM][NAME_TEXT];
	size_t n;
};

static void
add_name(struct names *names, const char *name)
{
	uint8_t wire[255];
	char full[NAME_TEXT];

	/* As long as the longest number makes it. */
	text_number(full, sizeof(full), name, 99999);
	if (names->n == NAMES_ROOM || text_to_wire(full, wire) == 0)
		return;
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i], name) == 0)
			return;
	snprintf(names->list[names->n++], NAME_TEXT, "%s", name);
}

static void
add_joined(struct names *names, const char *label, const char *name)
{
	char joined[NAME_TEXT];

	if (text_join(joined, label, name))
		add_name(names, joined);
}

/* The name, one beside it, some below, and those above up to the apex. */
static void
add_around(struct names *names, const char *name, const char *apex)
{
	while (text_at_or_below(name, apex)) {
		add_name(names, name);
		if (strcmp(name, apex) != 0)
			add_joined(names, "x", text_parent(name));
		add_joined(names, "a", name);
		add_joined(names, "x", name);
		add_joined(names, "*", name);
		if (strcmp(name, ".") == 0)
			return;
		name = text_parent(name);
	}
}

/* Long enough that a DNAME with a long target cannot be applied. */
static void
add_long(struct names *names, const char *name)
{
	char joined[NAME_TEXT];

	if (text_join(joined, LONG_LABEL, name) &&
	    text_join(joined, LONG_LABEL, joined))
		add_name(names, joined);
}

static void
collect(struct names *names, const struct family *f)
{
	char joined[NAME_TEXT];

	for (size_t i = 0; i < f->n_zones; i++) {
		const struct zone_text *z = &f->zones[i];

		add_name(names,
		    text_parent(z->apex) != NULL ? text_parent(z->apex) : ".");
		for (size_t k = 0; k < z->n_records; k++) {
			const struct record *r = &z->records[k];

			add_around(names, r->owner, z->apex);
			if (strcmp(r->type, "DNAME") != 0)
				continue;
			add_long(names, r->owner);
			if (text_join(joined, "b", r->owner))
				add_joined(names, "a", joined);
		}
	}
}

static void
add_question(struct questions *qs, const char *name, uint16_t type,
    bool dnssec_ok, struct random *random)
{
	struct question *q;

	if (qs->n == qs->room) {
		qs->room = qs->room == 0 ? 1024 : 2 * qs->room;
		qs->list = realloc(qs->list, qs->room * sizeof(*qs->list));
		if (qs->list == NULL)
			abort();
	}
	q = &qs->list[qs->n++];
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->type = type;
	q->dnssec_ok = dnssec_ok;
	q->recursion_desired = random_chance(random, 30);
	q->upper = random_chance(random, 15);
}

void
questions_make(struct questions *qs, const struct family *f)
{
	struct names *names = malloc(sizeof(*names));
	struct random random;
	bool is_signed = family_signed(f);

	if (names == NULL)
		abort();
	memset(qs, 0, sizeof(*qs));
	names->n = 0;
	random_seed(&random, f->seed, ~(uint64_t)f->index);
	collect(names, f);
	while (names->n > NAMES_MAX) {
		size_t i = random_below(&random, (unsigned)names->n);

		memcpy(names->list[i], names->list[--names->n], NAME_TEXT);
	}
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < N_TYPES; k++) {
			bool dnssec_ok = random_chance(&random, 25);

			add_question(
			    qs, names->list[i], types[k], dnssec_ok, &random);
			if (is_signed)
				add_question(qs, names->list[i], types[k],
				    !dnssec_ok, &random);
		}
	free(names);
}

void
questions_finish(struct questions *qs)
{
	free(qs->list);
	memset(qs, 0, sizeof(*qs));
}

size_t
text_to_wire(const char *name, uint8_t out[255])
{
	size_t at = 0;

	while (strcmp(name, ".") != 0 && *name != '\0') {
		size_t len = strcspn(name, ".");

		if (len == 0 || len > 63 || at + len + 2 > 255)
			return 0;
		out[at++] = (uint8_t)len;
		memcpy(out + at, name, len);
		at += len;
		name += len + 1;
	}
	out[at++] = 0;
	return at;
}

size_t
question_packet(const struct question *q, unsigned number, uint16_t id,
    uint8_t out[QUESTION_MAX])
{
	static const uint8_t opt[] = {
	    0, 0, 41, EDNS_SIZE >> 8, EDNS_SIZE & 0xff, 0, 0, 0, 0, 0, 0};
	char name[NAME_TEXT];
	size_t at = 12;

	memset(out, 0, 12);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	out[2] = q->recursion_desired ? 1 : 0;
	out[5] = 1;
	out[11] = 1;
	text_number(name, sizeof(name), q->name, number);
	for (char *c = name; q->upper && *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	at += text_to_wire(name, out + at);
	out[at++] = (uint8_t)(q->type >> 8);
	out[at++] = (uint8_t)q->type;
	out[at++] = 0;
	out[at++] = 1;
	memcpy(out + at, opt, sizeof(opt));
	out[at + 7] = q->dnssec_ok ? 0x80 : 0;
	return at + sizeof(opt);
}
