/* Packs rows.  Called by who keeps many of them. */
#include "share/packed_row.h"

#include <stdlib.h>
#include <string.h>

#include "state/schema.h"

struct packed_row *
packed_row_make(const struct table *table, const void *row)
{
	union schema_row copy;
	unsigned char data[FRAME_MAX];
	struct packed_row *packed;
	size_t len;

	memcpy(&copy, row, table->size);
	table_stamp(table, &copy, NULL, 0);
	len = table_pack(table, &copy, data);
	packed = malloc(sizeof(*packed) + len);
	if (packed == NULL)
		return NULL;
	packed->len = (uint32_t)len;
	memcpy(packed->data, data, len);
	return packed;
}

void
packed_row_take(
    const struct table *table, const struct packed_row *packed, void *row)
{
	const struct frame frame = {.data = packed->data, .len = packed->len};

	/* It is what table_pack() made. */
	(void)table_take(table, &frame, row);
}

bool
packed_row_same(const struct packed_row *a, const struct packed_row *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}
