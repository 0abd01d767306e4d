/*
 * The tables of unions.  A code of ISO 3166-1 is in one when the territory that
 * it stands for is, which is not always what is true of its state: both lists
 * are those of 2026.  Called when a steering file is read and compiled.
 */
#include "config/union.h"

#include <string.h>
#include <strings.h>

/*
 * The European Union: its states; Aland, which joined with Finland; and the
 * outermost regions that have codes of their own (Treaty on the Functioning of
 * the European Union, 349 and 355): Guadeloupe, French Guiana, Martinique,
 * Saint-Martin, Reunion and Mayotte.  The Canary Islands, Madeira and the
 * Azores are in ES and PT.  Overseas countries and territories are not in it:
 * AW, BL, BQ, CW, GL, NC, PF, PM, SX, TF, WF; nor are FO and those that only
 * use the euro: AD, MC, ME, SM, VA, XK.
 */
static const char *const eu[] = {"AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK",
    "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MF", "MQ", "MT", "NL", "PL", "PT", "RE", "RO", "SE", "SI",
    "SK", "YT", NULL};

/* What the European Economic Area has besides.  SJ is not in it: Svalbard is
 * left out (Protocol 40). */
static const char *const eea_beyond_eu[] = {"IS", "LI", "NO", NULL};

static const struct {
	const char *name;
	const char *const *members[2];
} unions[] = {
    {"EU", {eu, NULL}},
    {"EEA", {eu, eea_beyond_eu}},
};
#define UNIONS (sizeof(unions) / sizeof(unions[0]))

int
union_find(const char *text)
{
	for (unsigned i = 0; i < UNIONS; i++)
		if (strcasecmp(unions[i].name, text) == 0)
			return (int)i;
	return -1;
}

const char *
union_name(unsigned number)
{
	return number < UNIONS ? unions[number].name : NULL;
}

static bool
lists(const char *const *members, const char *country)
{
	for (size_t i = 0; members != NULL && members[i] != NULL; i++)
		if (strcmp(members[i], country) == 0)
			return true;
	return false;
}

bool
union_has(unsigned number, const char *country)
{
	return lists(unions[number].members[0], country) ||
	    lists(unions[number].members[1], country);
}
