/* Answers by class.  Called at load, each few seconds, and by the simulator;
 * never by a worker. */
#include "steering/demand.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

void
demand_class_of(const struct client_class *class,
    const struct demand_pool *pool, struct demand_class *out)
{
	uint64_t tried = class->inside & pool->regions;
	size_t len = 0;

	*out = (struct demand_class){0};
	for (unsigned i = 0; i < class->n && out->n < pool->depth; i++) {
		uint8_t r = class->order[i];

		if (!(tried >> r & 1))
			continue;
		/* Its name, and a space or the NUL. */
		len += strlen(pool->config->regions[r].name) + 1;
		if (len > STATE_ZONE)
			return;
		out->region[out->n++] = r;
	}
}

void
demand_class_write(const struct demand_class *class,
    const struct steering_config *config, char text[STATE_ZONE])
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < class->n; i++)
		len += (size_t)snprintf(text + len, STATE_ZONE - len, "%s%s",
		    i > 0 ? " " : "", config->regions[class->region[i]].name);
}

/* The number of the region of this name, or ${n_regions}. */
static size_t
find_region(const struct steering_config *config, const char *name, size_t len)
{
	size_t r = 0;

	while (r < config->n_regions &&
	    (strlen(config->regions[r].name) != len ||
		memcmp(config->regions[r].name, name, len) != 0))
		r++;
	return r;
}

bool
demand_class_read(const struct steering_config *config, const char *text,
    struct demand_class *out)
{
	uint64_t before = 0;

	*out = (struct demand_class){0};
	while (*text != '\0' && out->n < DEMAND_DEPTH) {
		size_t len = strcspn(text, " ");
		size_t r = find_region(config, text, len);

		if (r < config->n_regions && !(before >> r & 1)) {
			out->region[out->n++] = (uint8_t)r;
			before |= UINT64_C(1) << r;
		}
		text += len;
		text += strspn(text, " ");
	}
	return out->n > 0;
}

/* --- the sum of one pool --- */

static uint64_t
hash_class(const void *member)
{
	return hash_bytes(member, sizeof(struct demand_class), 0);
}

static bool
equal_classes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct demand_class)) == 0;
}

static const struct intern_kind kind_class = {
    .size = sizeof(struct demand_class),
    .max = DEMAND_CLASSES,
    .hash = hash_class,
    .equal = equal_classes,
};

void
demand_init(struct demand *d)
{
	memset(d, 0, sizeof(*d));
	intern_init(&d->classes, &kind_class);
}

void
demand_finish(struct demand *d)
{
	intern_finish(&d->classes);
}

/* Whether so many places of their order are few enough classes. */
static bool
fits(const struct demand_pool *pool, const struct client_class *classes,
    size_t n)
{
	struct demand set;
	bool all = true;

	demand_init(&set);
	for (size_t i = 0; i < n && all; i++) {
		struct demand_class class;

		demand_class_of(&classes[i], pool, &class);
		all = demand_number(&set, &class) != INTERN_NONE;
	}
	demand_finish(&set);
	return all;
}

void
demand_pool_init(struct demand_pool *pool, const struct steering_config *config,
    uint64_t regions, const struct client_class *classes, size_t n)
{
	*pool = (struct demand_pool){config, regions, DEMAND_DEPTH};
	while (pool->depth > 1 && !fits(pool, classes, n))
		pool->depth--;
}

uint32_t
demand_number(struct demand *d, const struct demand_class *class)
{
	return intern_number(&d->classes, class);
}

void
demand_add(struct demand *d, const struct demand_class *class, double answers)
{
	uint32_t number = demand_number(d, class);

	if (number == INTERN_NONE)
		d->unknown = true;
	else
		d->answers[number] += answers;
}

bool
demand_take(struct demand *d, struct demand_row *rows, size_t *n)
{
	const struct demand_class *classes = d->classes.members;
	bool known = !d->unknown;

	for (size_t i = 0; i < d->classes.n; i++) {
		rows[i] = (struct demand_row){classes[i], d->answers[i]};
		d->answers[i] = 0;
	}
	*n = d->classes.n;
	d->unknown = false;
	if (!known)
		intern_finish(&d->classes);
	return known;
}
