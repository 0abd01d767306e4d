/*
 * Prints what a change moves: what was added and removed, and a table for each
 * service that differs; those with the same table share one.  Called by
 * meridianctl diff; reads nothing but the object it is given.
 */
#include "ctl/diff_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"

/* Countries, and names of services with the same table, that are named. */
#define NAMED 6
#define NAMES_MAX ((size_t)1 << 16)
/* Room of a name in a table. */
#define NAME_WIDTH 26

static uint64_t
number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static uint64_t
nested(const json_t *object, const char *key, const char *family)
{
	return number(json_object_get(object, key), family);
}

/* "12.34 %" of a whole, and nothing is 0 that is not; returns out. */
static const char *
share(uint64_t part, uint64_t whole, char out[16])
{
	double percent = whole == 0 ? 0 : 100 * (double)part / (double)whole;

	if (part > 0 && percent < 0.005)
		snprintf(out, 16, "<0.01 %%");
	else if (part < whole && percent >= 99.995)
		snprintf(out, 16, ">99.99 %%");
	else
		snprintf(out, 16, "%.2f %%", percent);
	return out;
}

/* "zone: name" of each object of a list, a line each. */
static void
print_names(const json_t *root, const char *list, const char *key)
{
	static const char *const ways[] = {"added", "removed"};
	const json_t *changes = json_object_get(root, list), *item;
	size_t i;

	for (size_t way = 0; way < 2; way++)
		json_array_foreach(json_object_get(changes, ways[way]), i, item)
		{
			if (json_is_string(item))
				printf("%-8s %s %s\n", ways[way], key,
				    json_string_value(item));
			else
				printf("%-8s %s %s of %s\n", ways[way], key,
				    command_text(item, key),
				    command_text(item, "zone"));
		}
}

struct part {
	const char *country;
	uint64_t n;
};

static int
by_size(const void *a, const void *b)
{
	const struct part *left = a, *right = b;

	if (left->n != right->n)
		return left->n < right->n ? 1 : -1;
	return strcmp(left->country, right->country);
}

/* "DE 1.20 %, FR 0.80 %, 12 more" of ${whole}, of a ${family}. */
static void
add_countries(
    struct text *t, const json_t *countries, const char *family, uint64_t whole)
{
	size_t n = json_object_size(countries), used = 0;
	struct part *parts = calloc(n + 1, sizeof(*parts));
	const char *name, *before = "";
	const json_t *o;

	if (parts == NULL)
		return;
	json_object_foreach((json_t *)(uintptr_t)countries, name, o)
	{
		parts[used] = (struct part){name, number(o, family)};
		used += parts[used].n > 0;
	}
	qsort(parts, used, sizeof(*parts), by_size);
	for (size_t i = 0; i < used && i < NAMED; i++, before = ", ") {
		char text[16];

		share(parts[i].n, whole, text);
		*strchr(text, ' ') = '\0';
		text_add(t, "%s%s" COLUMNS_JOIN "%s" COLUMNS_JOIN "%%", before,
		    parts[i].country, text);
	}
	if (used > NAMED)
		text_add(t, ", %zu" COLUMNS_JOIN "more", used - NAMED);
	free(parts);
}

static void
print_shifts(const json_t *counts, const char *list, const char *family,
    uint64_t whole, const char *unit)
{
	const json_t *shift;
	size_t i;

	json_array_foreach(json_object_get(counts, list), i, shift)
	{
		uint64_t n = number(shift, family);
		struct text t;
		char text[16];

		if (n == 0)
			continue;
		text_init(&t, NAMES_MAX);
		text_add(&t, "%s -> %s: %s, %" PRIu64 " %s",
		    command_text(shift, "from"), command_text(shift, "to"),
		    share(n, whole, text), n, unit);
		if (strcmp(list, "region_moves") == 0) {
			text_add(&t, ": ");
			add_countries(&t, json_object_get(shift, "countries"),
			    family, whole);
		}
		fputs("  ", stdout);
		columns_wrap(
		    stdout, 2, 6, t.data != NULL ? t.data : "(no memory)");
		text_finish(&t);
	}
}

/* A line for each region or pool. */
static void
print_rows(const json_t *counts, const char *list, const char *head,
    const char *family, uint64_t whole)
{
	static const char *const columns[] = {
	    "before", "after", "stay", "leave", "arrive"};
	const json_t *row;
	size_t i;

	printf("  %-*s", NAME_WIDTH, head);
	for (size_t k = 0; k < 5; k++)
		printf(" %9s", columns[k]);
	printf("\n");
	json_array_foreach(json_object_get(counts, list), i, row)
	{
		const json_t *numbers = json_object_get(row, family);
		char name[COLUMNS_CUT], text[16];

		if (number(numbers, "before") + number(numbers, "after") == 0)
			continue;
		printf("  %-*s", NAME_WIDTH,
		    columns_cut(command_text(row, "name"), NAME_WIDTH, name));
		for (size_t k = 0; k < 5; k++)
			printf(" %9s",
			    share(number(numbers, columns[k]), whole, text));
		printf("\n");
	}
}

/* What of a family gets another region, pool or endpoint. */
static void
print_family(const json_t *counts, const char *family, const char *name,
    const char *unit)
{
	uint64_t whole = nested(counts, "counted", family);
	uint64_t region = nested(counts, "other_region", family);
	uint64_t pool = nested(counts, "other_pool", family);
	uint64_t other = nested(counts, "other_endpoint", family);
	char a[16], b[16], c[16];
	bool ipv4 = strcmp(family, "ipv4") == 0;

	if (region + pool + other == 0) {
		printf(" %s: nothing moves\n", name);
		return;
	}
	printf(" %s: another region for %s, only another pool for %s", name,
	    share(region, whole, a), share(pool, whole, b));
	if (ipv4)
		printf(",\n       only another endpoint for %s",
		    share(other, whole, c));
	printf("\n");
	if (region > 0) {
		print_rows(counts, "regions", "region", family, whole);
		print_shifts(counts, "region_moves", family, whole, unit);
	}
	if (json_array_size(json_object_get(counts, "pool_moves")) > 0) {
		print_rows(counts, "pools", "pool", family, whole);
		print_shifts(counts, "pool_moves", family, whole, unit);
	}
}

/* A service that is there in one policy only: what it gives, or gave. */
static void
print_single(const json_t *counts, const char *column)
{
	static const char *const lists[] = {"regions", "pools"};
	static const char *const heads[] = {"region", "pool"};
	uint64_t whole = nested(counts, "counted", "ipv4");
	const json_t *row;
	size_t i;

	for (size_t k = 0; k < 2; k++) {
		printf("  %-*s %9s\n", NAME_WIDTH, heads[k], column);
		json_array_foreach(json_object_get(counts, lists[k]), i, row)
		{
			uint64_t n = nested(row, "ipv4", column);
			char name[COLUMNS_CUT], text[16];

			if (n > 0)
				printf("  %-*s %9s\n", NAME_WIDTH,
				    columns_cut(command_text(row, "name"),
					NAME_WIDTH, name),
				    share(n, whole, text));
		}
	}
}

/* Do both services have the same table? */
static bool
alike(const json_t *a, const json_t *b)
{
	const json_t *left = json_object_get(a, "counts");
	const json_t *right = json_object_get(b, "counts");

	return strcmp(command_text(a, "change"), command_text(b, "change")) ==
	    0 &&
	    (left == right || json_equal(left, right));
}

/* The services from number ${first} on that have one table; the number of the
 * next. */
static size_t
print_group(const json_t *services, size_t first)
{
	const json_t *service = json_array_get(services, first);
	const json_t *counts = json_object_get(service, "counts");
	const char *change = command_text(service, "change");
	size_t next = first + 1;

	while (next < json_array_size(services) &&
	    alike(service, json_array_get(services, next)))
		next++;
	printf("\n");
	for (size_t i = first; i < next && i < first + NAMED; i++)
		printf("%s%s\n",
		    command_text(json_array_get(services, i), "service"),
		    strcmp(change, "moves") == 0       ? ""
			: strcmp(change, "added") == 0 ? ": is added"
						       : ": is removed");
	if (next - first > NAMED)
		printf("and %zu more in the same way\n", next - first - NAMED);
	if (strcmp(change, "moves") != 0) {
		print_single(
		    counts, strcmp(change, "added") == 0 ? "after" : "before");
		return next;
	}
	print_family(counts, "ipv4", "IPv4", "addresses");
	print_family(counts, "ipv6", "IPv6", "networks of /48");
	return next;
}

/* What is compared, where one side is a server. */
static void
print_sources(const json_t *root)
{
	const json_t *old = json_object_get(root, "old");
	const json_t *new = json_object_get(root, "new");

	if (json_object_get(old, "pid") != NULL)
		printf("meridiand (process %lld) with what it loaded at %s, "
		       "and %s now\n",
		    command_number(old, "pid"), command_text(old, "loaded"),
		    command_text(new, "path"));
}

/* Services of which other client subnets count; false when there is none. */
static bool
print_ecs(const json_t *root)
{
	const json_t *list = json_object_get(root, "ecs"), *name;
	size_t i;

	json_array_foreach(list, i, name)
	    printf("%s: ecs differs: other client subnets count; whom that "
		   "moves\n    depends on their resolvers, and is not "
		   "counted\n",
		json_string_value(name));
	return json_array_size(list) > 0;
}

void
diff_text_print(const json_t *root)
{
	const json_t *services = json_object_get(root, "services");
	size_t n = json_array_size(services);
	long long compared = command_number(root, "compared");

	print_sources(root);
	if (!command_is_true(root, "differs")) {
		printf("no difference: %lld service%s, and every client gets "
		       "what it got\n",
		    compared, compared == 1 ? "" : "s");
		return;
	}
	if (n > 0 || !print_ecs(root))
		printf("%zu of %lld service%s differ%s\n", n, compared,
		    compared == 1 ? "" : "s", n == 1 ? "s" : "");
	if (n > 0)
		print_ecs(root);
	print_names(root, "zones", "zone");
	print_names(root, "regions", "region");
	print_names(root, "pools", "pool");
	for (size_t i = 0; i < n;)
		i = print_group(services, i);
}
