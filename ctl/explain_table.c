/*
 * Explanations of many clients as tables: of the countries, and of a list of
 * clients, one line each.  Called by meridianctl explain; reads nothing but the
 * objects it is given.
 */
#include "ctl/explain_table.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/explain_text.h"

/* Room for a number with its commas, a share, a range of scopes, a reason. */
#define CELL 48

/* "16,777,216"; returns out. */
static const char *
commas(long long n, char out[CELL])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%lld", n);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

/* A share that is not all is never shown as all, nor one that is something as
 * nothing; returns out. */
static const char *
percent(double share, char out[CELL])
{
	if (share >= 1)
		return "100 %";
	if (share > 0.9999)
		return ">99.99 %";
	if (share < 0.0001)
		return "<0.01 %";
	snprintf(out, CELL, "%.2f %%", 100 * share);
	return out;
}

/* In place of the endpoints: what the answer is. */
static const char *
kind_word(const json_t *row)
{
	const char *kind = command_text(row, "kind");

	if (strncmp(kind, "records", 7) == 0)
		return "records";
	return strncmp(kind, "servfail", 8) == 0 ? "servfail" : kind;
}

/* Why ${row} of a table is what it is, in ten columns; returns out. */
static const char *
reason(const json_t *row, char out[CELL])
{
	bool fence = json_is_integer(json_object_get(row, "rule"));
	bool rank = json_is_integer(json_object_get(row, "rank_rule"));

	if (command_is_true(row, "last_resort"))
		return "resort";
	if (command_is_true(row, "by_sender"))
		return "sender";
	if (fence && rank)
		snprintf(out, CELL, "%lld, rank %lld",
		    command_number(row, "rule"),
		    command_number(row, "rank_rule"));
	else if (fence)
		snprintf(out, CELL, "rule %lld", command_number(row, "rule"));
	else if (rank)
		snprintf(
		    out, CELL, "rank %lld", command_number(row, "rank_rule"));
	if (fence || rank)
		return out;
	/* A name that is not steered has no answer of its own for anybody. */
	return strcmp(kind_word(row), "endpoints") == 0 ? "no rule" : "-";
}

/* Countries. */

static void
print_outcome(const char *country, const json_t *o)
{
	const json_t *scope = json_object_get(o, "scope");
	long long least = json_integer_value(json_array_get(scope, 0));
	long long most = json_integer_value(json_array_get(scope, 1));
	char region[COLUMNS_CUT], pool[COLUMNS_CUT], scopes[CELL], all[CELL];
	char share[CELL], why[CELL], endpoints[CELL];
	bool chosen = strcmp(kind_word(o), "endpoints") == 0;

	snprintf(scopes, sizeof(scopes), "/%lld", least);
	if (most > least)
		snprintf(scopes, sizeof(scopes), "/%lld-%lld", least, most);
	snprintf(endpoints, sizeof(endpoints), "%lld",
	    command_number(o, "endpoints"));
	printf("%-4s %13s %8s  %-14s %-12s %4s  %-6s  %s\n", country,
	    commas(command_number(o, "addresses"), all),
	    percent(json_number_value(json_object_get(o, "share")), share),
	    columns_cut(command_text(o, "region"), 14, region),
	    columns_cut(
		chosen ? command_text(o, "pool") : kind_word(o), 12, pool),
	    chosen ? endpoints : "-", scopes, reason(o, why));
}

void
explain_table_countries(const json_t *root)
{
	const json_t *row, *o;
	size_t i, k;

	if (!explain_text_begin(root, "IPv4 clients of each country"))
		return;
	printf("\n%-4s %13s %8s  %-14s %-12s %4s  %-6s  %s\n", "", "addresses",
	    "share", "region", "pool", "ends", "scope", "reason");
	json_array_foreach(json_object_get(root, "rows"), i, row)
	{
		const char *country =
		    json_string_value(json_object_get(row, "country"));
		const char *continent =
		    json_string_value(json_object_get(row, "continent"));
		char name[CELL] = "-";

		if (country != NULL)
			snprintf(name, sizeof(name), "%s", country);
		else if (continent != NULL)
			snprintf(name, sizeof(name), "(%s)", continent);
		json_array_foreach(json_object_get(row, "outcomes"), k, o)
		    print_outcome(k == 0 ? name : "", o);
	}
}

/* A list of clients. */

static json_t *
names_of(const json_t *endpoints)
{
	json_t *names = json_array();
	const json_t *e;
	size_t i;

	json_array_foreach(endpoints, i, e)
	    json_array_append(names, json_object_get(e, "endpoint"));
	return names;
}

/* ${key} of ${object}, as it is; null when it is not there. */
static json_t *
copy(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return value != NULL ? json_incref(value) : json_null();
}

json_t *
explain_table_row(const json_t *root, unsigned long line, const char *client)
{
	const json_t *answer = json_object_get(root, "answer");
	const json_t *place = json_object_get(root, "place");
	const json_t *endpoints = json_object_get(answer, "endpoints");
	const json_t *first = json_array_get(endpoints, 0);

	return json_pack("{sI ss so so so so so so so so so so so so so}",
	    "line", (json_int_t)line, "client", client, "country",
	    copy(place, "country"), "continent", copy(place, "continent"),
	    "networks", copy(place, "networks"), "kind", copy(answer, "kind"),
	    "region", copy(first, "region"), "pool", copy(first, "pool"),
	    "endpoints", names_of(endpoints), "scope", copy(answer, "scope"),
	    "ttl", copy(answer, "ttl"), "rule", copy(root, "rule"), "rank_rule",
	    copy(root, "rank_rule"), "by_sender", copy(root, "by_sender"),
	    "last_resort", copy(answer, "last_resort"));
}

#define ROW "%-18s %-4s %-12s %-11s %-11s %5s %5s %s\n"

void
explain_table_head(void)
{
	printf("\n" ROW, "client", "", "region", "pool", "endpoints", "scope",
	    "ttl", "reason");
}

/* The names with commas, as many as there is room for; returns out. */
static const char *
join(const json_t *names, char out[COLUMNS_CUT])
{
	char all[1024] = "";
	const json_t *name;
	size_t i, used = 0;

	json_array_foreach(names, i, name) if (used < sizeof(all)) used +=
	    (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
		i > 0 ? "," : "", json_string_value(name));
	return columns_cut(all[0] != '\0' ? all : "-", 11, out);
}

/* ${prefix} and the number at ${key}, or "-"; returns out. */
static const char *
number(const json_t *row, const char *key, const char *prefix, char out[CELL])
{
	if (!json_is_integer(json_object_get(row, key)))
		return "-";
	snprintf(out, CELL, "%s%lld", prefix, command_number(row, key));
	return out;
}

void
explain_table_print(const json_t *row)
{
	char client[COLUMNS_CUT], region[COLUMNS_CUT], pool[COLUMNS_CUT];
	char names[COLUMNS_CUT], scope[CELL], ttl[CELL], why[CELL];
	const char *continent =
	    json_string_value(json_object_get(row, "continent"));
	char place[CELL] = "-";
	bool chosen = strcmp(kind_word(row), "endpoints") == 0;

	if (json_is_string(json_object_get(row, "country")))
		snprintf(
		    place, sizeof(place), "%s", command_text(row, "country"));
	else if (continent != NULL)
		snprintf(place, sizeof(place), "(%s)", continent);
	printf(ROW, columns_cut(command_text(row, "client"), 18, client), place,
	    columns_cut(command_text(row, "region"), 12, region),
	    columns_cut(
		chosen ? command_text(row, "pool") : kind_word(row), 11, pool),
	    join(json_object_get(row, "endpoints"), names),
	    number(row, "scope", "/", scope), number(row, "ttl", "", ttl),
	    reason(row, why));
}
