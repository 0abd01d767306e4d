/* Counts in objects of jansson, by their names.  Called by meridianctl replay.
 */
#include "ctl/replay_tally.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"

/* A move as a key: region and pool before, region and pool after. */
#define MOVE_TEXT 256

/* Countries of a service that are printed for people. */
#define SHOWN 10

json_t *
replay_tally_create(void)
{
	return json_pack("{sI sI sI s{}}", "steered", (json_int_t)0, "others",
	    (json_int_t)0, "moved", (json_int_t)0, "services");
}

static void
count(json_t *object, const char *key, uint64_t more)
{
	json_t *n = json_object_get(object, key);

	if (n == NULL)
		json_object_set_new(
		    object, key, json_integer((json_int_t)more));
	else
		json_integer_set(n, json_integer_value(n) + (json_int_t)more);
}

/* The object at ${key}, made at the first call. */
static json_t *
object_at(json_t *parent, const char *key)
{
	json_t *o = json_object_get(parent, key);

	if (o == NULL) {
		o = json_object();
		json_object_set_new(parent, key, o);
	}
	return o;
}

static void
count_pair(json_t *service, const char *axis, const char *before,
    const char *after, uint64_t n)
{
	json_t *rows = object_at(service, axis);

	count(object_at(rows, before), "before", n);
	count(object_at(rows, after), "after", n);
}

void
replay_tally_add(json_t *tally, const struct replay_side *before,
    const struct replay_side *after, const char *country, uint64_t n)
{
	const char *name =
	    before->service[0] != '\0' ? before->service : after->service;
	bool moved = strcmp(before->region, after->region) != 0 ||
	    strcmp(before->pool, after->pool) != 0;
	char move[MOVE_TEXT];
	json_t *service, *rows;

	if (name[0] == '\0') {
		count(tally, "others", n);
		return;
	}
	count(tally, "steered", n);
	service = object_at(json_object_get(tally, "services"), name);
	count(service, "queries", n);
	count_pair(service, "regions", before->region, after->region, n);
	count_pair(service, "pools", before->pool, after->pool, n);
	rows = object_at(service, "countries");
	rows = object_at(rows, country[0] != '\0' ? country : "unknown");
	count(rows, "queries", n);
	if (!moved)
		return;
	count(tally, "moved", n);
	count(service, "moved", n);
	count(rows, "moved", n);
	snprintf(move, sizeof(move), "%s/%s -> %s/%s", before->region,
	    before->pool, after->region, after->pool);
	count(object_at(rows, "to"), move, n);
}

static double
percent(long long n, long long of)
{
	return of > 0 ? 100.0 * (double)n / (double)of : 0;
}

static void
print_rows(const json_t *service, const char *axis, const char *title)
{
	long long all = command_number(service, "queries");
	const char *name;
	json_t *row;

	printf("  %-28s %12s %18s %10s\n", title, "before", "after", "change");
	json_object_foreach(json_object_get(service, axis), name, row)
	{
		long long b = command_number(row, "before");
		long long a = command_number(row, "after");

		printf("  %-28.28s %10lld %5.1f%% %10lld %5.1f%% %+9.1f%%\n",
		    name, b, percent(b, all), a, percent(a, all),
		    percent(a - b, all));
	}
}

static void
print_country(const char *name, const json_t *row)
{
	json_t *n;
	const char *move;

	printf("  %s: %lld of %lld move\n", name, command_number(row, "moved"),
	    command_number(row, "queries"));
	json_object_foreach(json_object_get(row, "to"), move, n)
	    printf("    %s: %lld\n", move, (long long)json_integer_value(n));
}

/* A country, and how many of it move. */
struct country {
	const char *name;
	const json_t *row;
	long long moved;
};

static int
compare_countries(const void *a, const void *b)
{
	const struct country *x = a, *y = b;

	if (x->moved != y->moved)
		return x->moved < y->moved ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Those from which most move; the others are in CSV and JSON. */
static void
print_countries(const json_t *service)
{
	json_t *countries = json_object_get(service, "countries");
	size_t n = 0, size = json_object_size(countries);
	struct country *list = calloc(size + 1, sizeof(*list));
	long long rest = 0;
	const char *name;
	json_t *row;

	if (list == NULL)
		return;
	json_object_foreach(countries, name, row)
	{
		long long moved = command_number(row, "moved");

		if (moved > 0)
			list[n++] = (struct country){name, row, moved};
	}
	qsort(list, n, sizeof(*list), compare_countries);
	for (size_t i = 0; i < n; i++) {
		if (i < SHOWN)
			print_country(list[i].name, list[i].row);
		else
			rest += list[i].moved;
	}
	if (n > SHOWN)
		printf("  %zu more: %lld move\n", n - SHOWN, rest);
	free(list);
}

void
replay_tally_text(const json_t *tally)
{
	const char *name;
	json_t *service;

	printf("%lld queries of services, of which %lld move; %lld others\n",
	    command_number(tally, "steered"), command_number(tally, "moved"),
	    command_number(tally, "others"));
	json_object_foreach(json_object_get(tally, "services"), name, service)
	{
		printf("\n%s: %lld queries, %lld (%.1f %%) move\n", name,
		    command_number(service, "queries"),
		    command_number(service, "moved"),
		    percent(command_number(service, "moved"),
			command_number(service, "queries")));
		print_rows(service, "regions", "region");
		print_rows(service, "pools", "pool");
		print_countries(service);
	}
}

static void
print_csv_rows(const char *name, const json_t *service, const char *axis,
    const char *word, const char *before, const char *after)
{
	const char *key;
	json_t *row;

	json_object_foreach(json_object_get(service, axis), key, row)
	    printf("%s,%s,%s,%lld,%lld\n", name, word, key,
		command_number(row, before), command_number(row, after));
}

void
replay_tally_csv(const json_t *tally)
{
	const char *name;
	json_t *service;

	puts("service,what,name,before,after");
	json_object_foreach(json_object_get(tally, "services"), name, service)
	{
		print_csv_rows(
		    name, service, "regions", "region", "before", "after");
		print_csv_rows(
		    name, service, "pools", "pool", "before", "after");
		/* Of a country: its queries, and those that move. */
		print_csv_rows(
		    name, service, "countries", "country", "queries", "moved");
	}
}
