/*
 * Reads the rows of the state database for a status.  Called by
 * status_collect.c; writes nothing.
 */
#include "ctl/status_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "node/page_json.h"
#include "state/endpoint_key.h"
#include "state/reader.h"

/* Rows that are taken: 16 vantages of a million endpoints. */
#define ROWS_MAX ((size_t)1 << 24)

static void
ignore_begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
ignore_commit(void *context)
{
	(void)context;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	struct status_rows *rows = context;
	struct state_endpoint *grown = array_grow(
	    rows->endpoint, rows->n, &rows->size, sizeof(*grown), ROWS_MAX);

	rows->failed |= grown == NULL;
	if (grown == NULL)
		return;
	rows->endpoint = grown;
	grown[rows->n++] = *row;
}

static void
take_address(void *context, const struct state_address *row)
{
	struct status_rows *rows = context;
	struct state_address *grown = array_grow(rows->address,
	    rows->n_addresses, &rows->size_addresses, sizeof(*grown), ROWS_MAX);

	rows->failed |= grown == NULL;
	if (grown == NULL)
		return;
	rows->address = grown;
	grown[rows->n_addresses++] = *row;
}

/* The last changes, newest first. */
static void
take_event(void *context, const struct state_event *event)
{
	json_array_append_new(context,
	    json_pack("{so sI so so so so ss ss so}", "at",
		page_json_time(event->at_ms), "at_ms", (json_int_t)event->at_ms,
		"vantage", page_json_string(event->vantage), "zone",
		page_json_string(event->zone), "pool",
		page_json_string(event->pool), "endpoint",
		page_json_string(event->endpoint), "before",
		state_health_name(event->before), "after",
		state_health_name(event->after), "reason",
		page_json_string(event->reason)));
}

int
status_rows_read(const char *path, struct status_rows *rows, struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = ignore_begin,
	    .endpoint = take_endpoint,
	    .address = take_address,
	    .commit = ignore_commit,
	};
	struct state_reader *reader = state_reader_create(path);
	int status;

	rows->events = json_array();
	if (reader == NULL || rows->events == NULL) {
		state_reader_destroy(reader);
		return errbuf_error(eb, NULL, "no memory");
	}
	state_reader_follow(reader, TABLES_HEALTH);
	status = state_reader_poll(reader, &sink, rows, eb);
	if (status >= 0 &&
	    state_reader_events(
		reader, STATUS_EVENTS, take_event, rows->events, eb) < 0)
		status = -1;
	state_reader_destroy(reader);
	if (rows->failed)
		return errbuf_error(eb, NULL, "no memory");
	return status < 0 ? -1 : 0;
}

/* The rows of one endpoint next to each other, in the order of their vantages.
 */
static int
by_key_vantage(const void *a, const void *b)
{
	const struct state_endpoint *x = a, *y = b;
	struct endpoint_key one = endpoint_key_of(x), two = endpoint_key_of(y);
	int order = endpoint_key_compare(&one, &two);

	return order != 0 ? order : strcmp(x->vantage, y->vantage);
}

/* The order of row ${i} and ${key}. */
static int
order_of(
    const struct status_rows *rows, size_t i, const struct endpoint_key *key)
{
	struct endpoint_key row = endpoint_key_of(&rows->endpoint[i]);

	return endpoint_key_compare(&row, key);
}

/* The number of the first row that is not before ${key}. */
static size_t
first_row(const struct status_rows *rows, const struct endpoint_key *key)
{
	size_t low = 0, high = rows->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order_of(rows, mid, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The vantages that live, as an object by their names: of each its region where
 * it is blind, or true. */
static json_t *
living_vantages(const json_t *vantages)
{
	json_t *living = json_object();
	const json_t *v;
	size_t i;

	json_array_foreach(vantages, i, v)
	{
		const char *name =
		    json_string_value(json_object_get(v, "vantage"));
		const char *state =
		    json_string_value(json_object_get(v, "state"));
		json_t *region = json_object_get(v, "region");

		if (name == NULL || state == NULL ||
		    strcmp(state, "stale") == 0 ||
		    json_is_true(json_object_get(v, "ended")))
			continue;
		if (json_is_true(json_object_get(v, "blind")))
			json_object_set(living, name, region);
		else
			json_object_set_new(living, name, json_true());
	}
	return living;
}

/* The vantage of the view ${v} lives, and sees what is in ${region}. */
static bool
has_vote(const json_t *v, const json_t *living, const char *region)
{
	const json_t *vantage = json_object_get(
	    living, json_string_value(json_object_get(v, "vantage")));

	return json_is_true(vantage) ||
	    (json_is_string(vantage) && region != NULL &&
		strcmp(json_string_value(vantage), region) == 0);
}

/* As the ${votes} say that the node tells of an endpoint, by its quorum: of who
 * does not count, why; then true. */
static bool
mark_by_votes(json_t *views, const json_t *votes)
{
	const json_t *aside = json_object_get(votes, "aside");
	json_t *v;
	size_t i;

	/* Where nobody counts what was decided last stays, and all are shown.
	 */
	if (json_array_size(json_object_get(votes, "up")) +
		json_array_size(json_object_get(votes, "down")) ==
	    0)
		return false;
	json_array_foreach(views, i, v)
	{
		json_t *why = json_object_get(
		    aside, json_string_value(json_object_get(v, "vantage")));

		json_object_set_new(v, "counts", json_boolean(why == NULL));
		json_object_set(v, "aside", why != NULL ? why : json_null());
	}
	return true;
}

/* The opinion of a vantage that is gone, or blind there, counts where no other
 * one has any. */
static void
mark_counting(json_t *views, const json_t *living, const char *region)
{
	bool any = false;
	json_t *v;
	size_t i;

	json_array_foreach(views, i, v) any |= has_vote(v, living, region);
	json_array_foreach(views, i, v)
	{
		json_object_set_new(v, "counts",
		    json_boolean(!any || has_vote(v, living, region)));
	}
}

static json_t *
view_object(const struct state_endpoint *row)
{
	json_t *view = json_pack("{so ss so so sI so sI sI so so}", "vantage",
	    page_json_string(row->vantage), "health",
	    state_health_name(row->health), "reason",
	    page_json_string(row->reason), "since",
	    page_json_time(row->since_ms), "since_ms",
	    (json_int_t)row->since_ms, "checked",
	    page_json_time(row->checked_ms), "passes", (json_int_t)row->passes,
	    "fails", (json_int_t)row->fails, "connect_ms",
	    page_json_milliseconds(row->connect_us), "first_byte_ms",
	    page_json_milliseconds(row->first_byte_us));

	if (view == NULL)
		return NULL;
	json_object_set_new(view, "degraded", page_json_string(row->degraded));
	json_object_set_new(
	    view, "certificate_ends", page_json_time(row->certificate_ms));
	json_object_set_new(view, "certificate_ends_ms",
	    row->certificate_ms > 0 ? json_integer(row->certificate_ms)
				    : json_null());
	json_object_set_new(view, "first_token_ms",
	    page_json_milliseconds(row->first_token_us));
	json_object_set_new(
	    view, "maintenance_until", page_json_time(row->maintenance_ms));
	json_object_set_new(view, "maintenance_until_ms",
	    row->maintenance_ms > 0 ? json_integer(row->maintenance_ms)
				    : json_null());
	json_object_set_new(
	    view, "maintenance_reason", page_json_string(row->maintenance));
	return view;
}

/* The same of an address, whose row has the columns of that of an endpoint. */
static json_t *
address_view(const struct state_address *row)
{
	struct state_endpoint same = {.health = row->health,
	    .certificate_ms = -1,
	    .first_token_us = -1,
	    .maintenance_ms = -1,
	    .since_ms = row->since_ms,
	    .checked_ms = row->checked_ms,
	    .passes = row->passes,
	    .fails = row->fails,
	    .connect_us = row->connect_us,
	    .first_byte_us = row->first_byte_us};
	json_t *view;

	memcpy(same.vantage, row->vantage, sizeof(same.vantage));
	memcpy(same.reason, row->reason, sizeof(same.reason));
	view = view_object(&same);
	json_object_set_new(view, "resolved", page_json_time(row->resolved_ms));
	return view;
}

static struct endpoint_key
key_of_address(const struct state_address *row)
{
	return (struct endpoint_key){row->zone, row->pool, row->endpoint};
}

/* The rows of one endpoint next to each other, in the order of vantages. */
static int
by_address_key(const void *a, const void *b)
{
	const struct state_address *x = a, *y = b;
	struct endpoint_key one = key_of_address(x), two = key_of_address(y);
	int order = endpoint_key_compare(&one, &two);

	return order != 0 ? order : strcmp(x->vantage, y->vantage);
}

/* The number of the first row of an address that is not before ${key}. */
static size_t
first_address(const struct status_rows *rows, const struct endpoint_key *key)
{
	size_t low = 0, high = rows->n_addresses;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct endpoint_key row = key_of_address(&rows->address[mid]);

		if (endpoint_key_compare(&row, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* What each vantage says of ${address} of the endpoint ${key}. */
static json_t *
address_views(const struct status_rows *rows, const struct endpoint_key *key,
    const char *address)
{
	json_t *views = json_array();

	for (size_t i = first_address(rows, key); i < rows->n_addresses; i++) {
		const struct state_address *row = &rows->address[i];
		struct endpoint_key of = key_of_address(row);

		if (endpoint_key_compare(&of, key) != 0)
			break;
		if (address != NULL && strcmp(row->address, address) == 0)
			json_array_append_new(views, address_view(row));
	}
	return views;
}

static void
add_address_views(const struct status_rows *rows, json_t *endpoint,
    const struct endpoint_key *key, const json_t *living)
{
	json_t *address;
	size_t i;

	json_array_foreach(json_object_get(endpoint, "addresses"), i, address)
	{
		json_t *views = address_views(rows, key,
		    json_string_value(json_object_get(address, "address")));

		mark_counting(views, living,
		    json_string_value(json_object_get(endpoint, "region")));
		json_object_set_new(address, "views", views);
	}
}

void
status_rows_add(
    struct status_rows *rows, json_t *endpoints, const json_t *vantages)
{
	json_t *living = living_vantages(vantages);
	json_t *e;
	size_t i;

	if (rows->n > 0)
		qsort(rows->endpoint, rows->n, sizeof(rows->endpoint[0]),
		    by_key_vantage);
	if (rows->n_addresses > 0)
		qsort(rows->address, rows->n_addresses,
		    sizeof(rows->address[0]), by_address_key);
	json_array_foreach(endpoints, i, e)
	{
		struct endpoint_key key;
		json_t *views = json_array();

		json_object_set_new(e, "views", views);
		if (json_unpack(e, "{ss ss ss}", "zone", &key.zone, "pool",
			&key.pool, "endpoint", &key.endpoint) != 0)
			continue;
		for (size_t r = first_row(rows, &key);
		     r < rows->n && order_of(rows, r, &key) == 0; r++)
			json_array_append_new(
			    views, view_object(&rows->endpoint[r]));
		if (!mark_by_votes(views, json_object_get(e, "votes")))
			mark_counting(views, living,
			    json_string_value(json_object_get(e, "region")));
		add_address_views(rows, e, &key, living);
	}
	json_decref(living);
}

void
status_rows_finish(struct status_rows *rows)
{
	free(rows->endpoint);
	free(rows->address);
	json_decref(rows->events);
	*rows = (struct status_rows){0};
}
