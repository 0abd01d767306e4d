/*
 * Cuts the address space by countries: the covers of geography, with places
 * reduced to their country.  Called by meridianctl diff.
 */
#include "steering/diff_space.h"

#include <stdio.h>
#include <string.h>

#include "base/private.h"

/* Private blocks of one family, and two more. */
#define SPECIALS 16

static uint32_t
code_number(const char code[3])
{
	return (uint32_t)(code[0] - 'A') * 26 + (uint32_t)(code[1] - 'A');
}

static uint32_t
country_number(const struct place *place)
{
	if (place->country[0] != '\0')
		return 1 + code_number(place->country);
	if (place->continent[0] != '\0')
		return DIFF_SPACE_CONTINENT + code_number(place->continent);
	return DIFF_SPACE_UNKNOWN;
}

static uint32_t
join(void *context, uint32_t place, uint32_t special)
{
	return special != DIFF_SPACE_UNKNOWN
	    ? special
	    : country_number(geography_place(context, place));
}

static uint32_t
enter(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	(void)around;
	return value;
}

static size_t
specials_ipv4(struct cover_leaf *out)
{
	const struct prefix *block;
	size_t n = 0;

	for (size_t i = 0; (block = private_block(i)) != NULL; i++) {
		if (block->address.family != 4)
			continue;
		out[n] = (struct cover_leaf){
		    .value = DIFF_SPACE_PRIVATE, .depth = block->length};
		cover_key(&block->address, &out[n].hi, &out[n].lo);
		n++;
	}
	return n;
}

/* Private addresses are outside anyway. */
static size_t
specials_ipv6(struct cover_leaf *out)
{
	out[0] = (struct cover_leaf){
	    .hi = UINT64_C(2) << 60, .depth = 3, .value = DIFF_SPACE_UNKNOWN};
	out[1] = (struct cover_leaf){.hi = UINT64_C(0x2002) << 48,
	    .depth = 16,
	    .value = DIFF_SPACE_OUTSIDE};
	return 2;
}

static int
cut(const struct geography *geo, int family, struct cover *out)
{
	struct cover_leaf prefixes[SPECIALS];
	struct cover special;
	size_t n =
	    family == 4 ? specials_ipv4(prefixes) : specials_ipv6(prefixes);
	uint32_t outside =
	    family == 4 ? DIFF_SPACE_UNKNOWN : DIFF_SPACE_OUTSIDE;
	int status;

	cover_init(&special, GEOGRAPHY_MAX_LEAVES);
	status = cover_nest(prefixes, n, outside, enter, NULL, &special);
	if (status == 0)
		status = cover_overlay(geography_cover(geo, family), &special,
		    join, (void *)(uintptr_t)geo, out);
	cover_finish(&special);
	return status;
}

int
diff_space_init(struct diff_space *space, const struct geography *geo)
{
	cover_init(&space->ipv4, GEOGRAPHY_MAX_LEAVES);
	cover_init(&space->ipv6, GEOGRAPHY_MAX_LEAVES);
	if (cut(geo, 4, &space->ipv4) != 0)
		return -1;
	return cut(geo, 6, &space->ipv6);
}

void
diff_space_finish(struct diff_space *space)
{
	cover_finish(&space->ipv4);
	cover_finish(&space->ipv6);
}

const char *
diff_space_name(uint32_t country, char out[16])
{
	bool continent = country >= DIFF_SPACE_CONTINENT;
	uint32_t code = country - (continent ? DIFF_SPACE_CONTINENT : 1);

	if (country == DIFF_SPACE_UNKNOWN)
		snprintf(out, 16, "unknown");
	else
		snprintf(out, 16, "%s%c%c", continent ? "continent " : "",
		    (char)('A' + code / 26), (char)('A' + code % 26));
	return out;
}
