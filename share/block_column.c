/* Columns as blocks have them.  Called by who writes and who reads one. */
#include "share/block_column.h"

#include <string.h>

#include "state/column.h"

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

enum block_place
block_column_place(const struct column *c)
{
	static const char *const of_key[] = {"vantage", "node", "name", NULL};
	static const char *const of_pool[] = {"zone", "pool", NULL};

	if (c->size == 0 || c->local)
		return BLOCK_NOWHERE;
	if (!c->key)
		return c->type == COLUMN_SEQUENCE ? BLOCK_NOWHERE
						  : BLOCK_IN_ROW;
	if (is_one_of(c->name, of_key))
		return BLOCK_IN_KEY;
	return is_one_of(c->name, of_pool) ? BLOCK_IN_POOL : BLOCK_IN_ROW;
}

bool
block_column_initial(const struct column *c, int64_t at_ms, void *p)
{
	if (c->key)
		return false;
	if (c->initial == NULL && c->type == COLUMN_TIME && !c->null &&
	    !c->steady)
		return column_set_number(c, p, at_ms);
	return column_set_initial(c, p);
}
