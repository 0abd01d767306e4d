/*
 * Slots for counters, by service, pool and region.  Called at load, when a load
 * is adopted, and by the pages, under a lock that no worker takes.
 */
#include "steering/outcomes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/u64map.h"

/*
 * Room for names, each kept once for good, as pages may still show one whose
 * slot is somebody else's: 2 KiB a slot, taken only as names come, so that
 * reloads may bring new ones for a hundred times as many services as there are
 * slots.  Past it new names are not counted.
 */
#define OUTCOME_BYTES 2048

struct slot {
	struct outcome_name name;
	uint64_t hash;
	uint32_t load; /* the last one that asked for it */
	bool free;     /* given to whoever comes */
};

struct outcomes {
	pthread_mutex_t lock;
	struct arena *texts;
	struct intern_kind text_kind;
	struct intern names; /* const char *: texts, each once */
	struct slot *slots;
	uint32_t n, max;
	unsigned cells;
	/* What others counted in each slot before: only slots that were given
	 * away take memory. */
	uint64_t *bases;
	struct u64map index; /* slots by hash; some have other names by now */
	uint32_t load;
	uint32_t next_free; /* no slot below it is free */
	size_t missing;     /* outcomes of this load that got no slot */
	size_t uncounted;   /* the same of the one that was adopted */
};

static uint64_t
hash_text(const void *member)
{
	const char *const *text = member;

	return hash_bytes(*text, strlen(*text), 0);
}

static bool
same_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right) == 0;
}

struct outcomes *
outcomes_create(uint32_t max, unsigned cells)
{
	struct outcomes *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->max = max;
	o->cells = cells;
	o->bases = calloc((size_t)max + 1, cells * sizeof(*o->bases));
	o->texts = arena_create((size_t)max * OUTCOME_BYTES);
	o->slots = calloc((size_t)max + 1, sizeof(*o->slots));
	o->text_kind = (struct intern_kind){
	    .size = sizeof(const char *),
	    .max = INTERN_NONE,
	    .hash = hash_text,
	    .equal = same_text,
	};
	intern_init(&o->names, &o->text_kind);
	u64map_init(&o->index);
	pthread_mutex_init(&o->lock, NULL);
	if (o->texts != NULL && o->slots != NULL && o->bases != NULL)
		return o;
	outcomes_destroy(o);
	return NULL;
}

void
outcomes_destroy(struct outcomes *o)
{
	if (o == NULL)
		return;
	pthread_mutex_destroy(&o->lock);
	intern_finish(&o->names);
	u64map_finish(&o->index);
	arena_destroy(o->texts);
	free(o->slots);
	free(o->bases);
	free(o);
}

void
outcomes_begin(void *context)
{
	struct outcomes *o = context;

	pthread_mutex_lock(&o->lock);
	o->load++;
	o->missing = 0;
	pthread_mutex_unlock(&o->lock);
}

static uint64_t
hash_outcome(const struct outcome_name *o)
{
	uint64_t h = hash_bytes(o->service, strlen(o->service), 0);

	h = hash_bytes(o->pool, strlen(o->pool), h);
	return hash_bytes(o->region, strlen(o->region), h);
}

static bool
same_outcome(const struct outcome_name *a, const struct outcome_name *b)
{
	return strcmp(a->service, b->service) == 0 &&
	    strcmp(a->pool, b->pool) == 0 && strcmp(a->region, b->region) == 0;
}

static struct slot *
find(const struct outcomes *o, uint64_t hash, const struct outcome_name *given)
{
	size_t at;
	uint32_t slot = u64map_first(&o->index, hash, &at);

	while (slot != U64MAP_NONE &&
	    (o->slots[slot].hash != hash ||
		!same_outcome(&o->slots[slot].name, given)))
		slot = u64map_next(&o->index, hash, &at);
	return slot != U64MAP_NONE ? &o->slots[slot] : NULL;
}

/* The text as it is kept; NULL without memory. */
static const char *
keep_text(struct outcomes *o, const char *text)
{
	uint32_t number = intern_find(&o->names, &text);

	if (number == INTERN_NONE) {
		text = arena_strdup(o->texts, text);
		if (text == NULL)
			return NULL;
		number = intern_number(&o->names, &text);
	}
	return number != INTERN_NONE
	    ? ((const char *const *)o->names.members)[number]
	    : NULL;
}

/* A slot that is free, or one that never had an owner; NULL when there is none.
 * Nothing is marked yet. */
static struct slot *
find_free(struct outcomes *o)
{
	while (o->next_free < o->n && !o->slots[o->next_free].free)
		o->next_free++;
	return o->next_free < o->max ? &o->slots[o->next_free] : NULL;
}

/* Slots that changed hands leave what nobody finds in the index: make it anew
 * when that is most of it.  Without memory it stays as it is. */
static void
tidy_index(struct outcomes *o)
{
	struct u64map fresh;

	if (o->index.n < 2 * (size_t)o->max)
		return;
	u64map_init(&fresh);
	for (uint32_t i = 0; i < o->n; i++)
		if (u64map_add(&fresh, o->slots[i].hash, i) != 0) {
			u64map_finish(&fresh);
			return;
		}
	u64map_finish(&o->index);
	o->index = fresh;
}

/* A slot for the names of ${given}, which are kept; NULL when there is none. */
static struct slot *
add(struct outcomes *o, uint64_t hash, const struct outcome_name *given)
{
	struct slot *slot = find_free(o);
	struct outcome_name name;

	if (slot == NULL)
		return NULL;
	name.service = keep_text(o, given->service);
	name.pool = keep_text(o, given->pool);
	name.region = keep_text(o, given->region);
	tidy_index(o);
	if (name.service == NULL || name.pool == NULL || name.region == NULL ||
	    u64map_add(&o->index, hash, (uint32_t)(slot - o->slots)) != 0)
		return NULL;
	if (slot == &o->slots[o->n])
		o->n++;
	slot->name = name;
	slot->hash = hash;
	return slot;
}

uint32_t
outcomes_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	const struct outcome_name given = {
	    service, pool != NULL ? pool : "", region != NULL ? region : ""};
	uint64_t hash = hash_outcome(&given);
	struct outcomes *o = context;
	uint32_t number = o->max;
	struct slot *slot;

	pthread_mutex_lock(&o->lock);
	slot = find(o, hash, &given);
	if (slot == NULL)
		slot = add(o, hash, &given);
	if (slot != NULL) {
		slot->free = false;
		slot->load = o->load;
		number = (uint32_t)(slot - o->slots);
	} else {
		o->missing++;
	}
	pthread_mutex_unlock(&o->lock);
	return number;
}

/* The last load did not ask for it. */
static bool
leaves(const struct outcomes *o, const struct slot *slot)
{
	return slot->load != o->load && !slot->free;
}

size_t
outcomes_adopt(struct outcomes *o,
    void (*count)(void *context, uint32_t slot, uint64_t *cells), void *context)
{
	size_t uncounted;

	pthread_mutex_lock(&o->lock);
	for (uint32_t i = 0; i < o->n; i++) {
		struct slot *slot = &o->slots[i];

		if (!leaves(o, slot))
			continue;
		slot->free = true;
		count(context, i, o->bases + (size_t)i * o->cells);
	}
	o->next_free = 0;
	uncounted = o->uncounted = o->missing;
	pthread_mutex_unlock(&o->lock);
	return uncounted;
}

uint32_t
outcomes_leaving(struct outcomes *o, uint32_t from, struct outcome_name *out)
{
	uint32_t slot = OUTCOMES_NONE;

	pthread_mutex_lock(&o->lock);
	for (uint32_t i = from; i < o->n && slot == OUTCOMES_NONE; i++)
		if (leaves(o, &o->slots[i])) {
			*out = o->slots[i].name;
			slot = i;
		}
	pthread_mutex_unlock(&o->lock);
	return slot;
}

void
outcomes_base(struct outcomes *o, uint32_t slot, uint64_t *cells)
{
	pthread_mutex_lock(&o->lock);
	memcpy(cells, o->bases + (size_t)slot * o->cells,
	    o->cells * sizeof(*cells));
	pthread_mutex_unlock(&o->lock);
}

size_t
outcomes_uncounted(struct outcomes *o)
{
	size_t n;

	pthread_mutex_lock(&o->lock);
	n = o->uncounted;
	pthread_mutex_unlock(&o->lock);
	return n;
}

uint32_t
outcomes_count(struct outcomes *o)
{
	uint32_t n;

	pthread_mutex_lock(&o->lock);
	n = o->n;
	pthread_mutex_unlock(&o->lock);
	return n;
}

bool
outcomes_name(struct outcomes *o, uint32_t slot, struct outcome_name *out)
{
	bool used;

	pthread_mutex_lock(&o->lock);
	used = !o->slots[slot].free;
	if (used)
		*out = o->slots[slot].name;
	pthread_mutex_unlock(&o->lock);
	return used;
}
