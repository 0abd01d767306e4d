/* Zones and names as text; see family.h.  Called by the differential test. */
#include "tests/differential/family.h"

#include <stdlib.h>
#include <string.h>

/* A name of 255 octets has at most 253 characters and its last dot. */
#define NAME_CHARACTERS 254

struct record *
zone_text_add(
    struct zone_text *z, const char *owner, const char *type, uint32_t ttl_s)
{
	struct record *r;

	if (z->n_records == z->room) {
		z->room = z->room == 0 ? 32 : 2 * z->room;
		z->records = realloc(z->records, z->room * sizeof(*z->records));
		if (z->records == NULL)
			abort();
	}
	r = &z->records[z->n_records++];
	memset(r, 0, sizeof(*r));
	snprintf(r->owner, sizeof(r->owner), "%s", owner);
	snprintf(r->type, sizeof(r->type), "%s", type);
	r->ttl_s = ttl_s;
	return r;
}

void
zone_text_remove(struct zone_text *z, size_t first, size_t n)
{
	memmove(&z->records[first], &z->records[first + n],
	    (z->n_records - first - n) * sizeof(*z->records));
	z->n_records -= n;
}

bool
zone_text_has(const struct zone_text *z, const char *owner, const char *type)
{
	for (size_t i = 0; i < z->n_records; i++)
		if (strcmp(z->records[i].owner, owner) == 0 &&
		    (type == NULL || strcmp(z->records[i].type, type) == 0))
			return true;
	return false;
}

bool
zone_text_behind_cut(const struct zone_text *z, const char *name)
{
	for (; strcmp(name, z->apex) != 0; name = text_parent(name))
		if (zone_text_has(z, name, "NS"))
			return true;
	return false;
}

void
zone_text_print(const struct zone_text *z, FILE *f)
{
	for (size_t i = 0; i < z->n_records; i++)
		fprintf(f, "%s %u IN %s %s\n", z->records[i].owner,
		    z->records[i].ttl_s, z->records[i].type,
		    z->records[i].data);
}

void
family_copy(struct family *to, const struct family *from)
{
	*to = *from;
	for (size_t i = 0; i < to->n_zones; i++) {
		struct zone_text *z = &to->zones[i];
		size_t size = z->n_records * sizeof(*z->records);

		z->room = z->n_records;
		z->records = malloc(size + 1);
		if (z->records == NULL)
			abort();
		memcpy(z->records, from->zones[i].records, size);
	}
}

bool
family_signed(const struct family *f)
{
	for (size_t i = 0; i < f->n_zones; i++)
		if (f->zones[i].denial != DENIAL_NONE)
			return true;
	return false;
}

void
text_number(char *out, size_t size, const char *text, unsigned number)
{
	const char *mark = strchr(text, '%');
	size_t at = 0;

	while (mark != NULL && at < size) {
		at += (size_t)snprintf(out + at, size - at, "%.*s%u",
		    (int)(mark - text), text, number);
		text = mark + 1;
		mark = strchr(text, '%');
	}
	if (at < size)
		snprintf(out + at, size - at, "%s", text);
}

void
family_instance(struct family *to, const struct family *from, unsigned number)
{
	char text[DATA_TEXT];

	family_copy(to, from);
	for (size_t i = 0; i < to->n_zones; i++) {
		struct zone_text *z = &to->zones[i];

		text_number(
		    z->apex, sizeof(z->apex), from->zones[i].apex, number);
		for (size_t k = 0; k < z->n_records; k++) {
			struct record *r = &z->records[k];

			memcpy(text, r->owner, sizeof(r->owner));
			text_number(r->owner, sizeof(r->owner), text, number);
			memcpy(text, r->data, sizeof(r->data));
			text_number(r->data, sizeof(r->data), text, number);
		}
	}
}

void
family_finish(struct family *f)
{
	for (size_t i = 0; i < f->n_zones; i++)
		free(f->zones[i].records);
	memset(f, 0, sizeof(*f));
}

bool
text_at_or_below(const char *name, const char *top)
{
	size_t n = strlen(name), t = strlen(top);

	if (strcmp(top, ".") == 0)
		return true;
	return n >= t && strcmp(name + n - t, top) == 0 &&
	    (n == t || name[n - t - 1] == '.');
}

const char *
text_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	if (strcmp(name, ".") == 0)
		return NULL;
	return dot[1] == '\0' ? dot : dot + 1;
}

bool
text_join(char out[NAME_TEXT], const char *label, const char *name)
{
	char joined[2 * NAME_TEXT];

	snprintf(joined, sizeof(joined), "%s.%s", label,
	    strcmp(name, ".") == 0 ? "" : name);
	/* '%' becomes a number of up to five digits. */
	if (strlen(joined) + (strchr(joined, '%') != NULL ? 4 : 0) >
	    NAME_CHARACTERS)
		return false;
	memcpy(out, joined, strlen(joined) + 1);
	return true;
}
