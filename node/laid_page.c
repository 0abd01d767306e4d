/*
 * Rows that are laid over health, as JSON: each column by its name.  Called by
 * the pages of status and of overrides.
 */
#include "node/laid_page.h"

#include <math.h>
#include <string.h>

#include "node/page_json.h"
#include "state/schema.h"

static json_t *
column_value(const struct column *c, const char *p)
{
	uint32_t count;
	int64_t number;
	double real;

	if (c->type == COLUMN_NAME || c->type == COLUMN_WORDS)
		return page_json_string(p);
	if (c->type == COLUMN_NUMBER) {
		memcpy(&real, p, sizeof(real));
		return isnan(real) ? json_null() : json_real(real);
	}
	if (c->type == COLUMN_COUNT) {
		memcpy(&count, p, sizeof(count));
		return json_integer(count);
	}
	memcpy(&number, p, sizeof(number));
	return number < 0 ? json_null() : json_integer(number);
}

json_t *
laid_page_object(enum state_table which, const void *row)
{
	const struct table *table = schema_table(which);
	json_t *o = json_object();

	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (c->size != 0 && strcmp(c->name, "sequence") != 0)
			json_object_set_new(o, c->name,
			    column_value(c, (const char *)row + c->offset));
	}
	return o;
}

static json_t *
override_object(const struct laid_override *override, const struct page *page)
{
	json_t *o = laid_page_object(TABLE_OVERRIDE, &override->row);
	int64_t left_ms = override->until_ms - page->now_ms;
	bool ends = override->until_ms != INT64_MAX;

	json_object_set_new(
	    o, "left_ms", ends ? json_integer(left_ms) : json_null());
	json_object_set_new(o, "until_ms",
	    ends ? json_integer(page->wall_ms + left_ms) : json_null());
	json_object_set_new(o, "listed", json_boolean(override->listed));
	return o;
}

static void
begin_list(struct text *out, size_t item, const char *name)
{
	if (item == 0)
		text_add(out, ",\n  \"%s\": [", name);
}

static void
add_item(struct text *out, bool first, json_t *object)
{
	text_add(out, first ? "\n    " : ",\n    ");
	page_json_add(out, object, JSON_COMPACT);
}

static size_t
end_list(struct text *out)
{
	text_add(out, "\n  ]");
	return PAGE_PART_ENDS;
}

/* All at once: no operator says as much as a piece holds. */
size_t
laid_page_overrides(struct page *page, size_t item, struct text *out)
{
	const struct laid *laid = page->view.health.laid;
	bool first = true;

	begin_list(out, item, "overrides");
	for (size_t i = 0; laid != NULL && i < laid->n_overrides; i++) {
		const struct laid_override *override = &laid->override[i];

		if (page->now_ms >= override->until_ms)
			continue;
		add_item(out, first, override_object(override, page));
		first = false;
	}
	return end_list(out);
}

/* The ${n} rows of ${table} from ${rows} on. */
static size_t
write_rows(struct text *out, size_t item, enum state_table table,
    const char *name, const void *rows, size_t n)
{
	size_t size = schema_table(table)->size;

	begin_list(out, item, name);
	for (; item < n && !page_full(out); item++)
		add_item(out, item == 0,
		    laid_page_object(table, (const char *)rows + item * size));
	return item < n ? item : end_list(out);
}

size_t
laid_page_keeps(struct page *page, size_t item, struct text *out)
{
	const struct laid *laid = page->view.health.laid;

	return write_rows(out, item, TABLE_KEEP, "keeps",
	    laid != NULL ? laid->keep : NULL, laid != NULL ? laid->n_keeps : 0);
}

size_t
laid_page_factors(struct page *page, size_t item, struct text *out)
{
	const struct laid *laid = page->view.health.laid;

	return write_rows(out, item, TABLE_FACTOR, "factors",
	    laid != NULL ? laid->factor : NULL,
	    laid != NULL ? laid->n_factors : 0);
}

size_t
laid_page_ramps(struct page *page, size_t item, struct text *out)
{
	const struct laid *laid = page->view.health.laid;

	return write_rows(out, item, TABLE_RAMP, "ramps",
	    laid != NULL ? laid->ramp : NULL, laid != NULL ? laid->n_ramps : 0);
}
