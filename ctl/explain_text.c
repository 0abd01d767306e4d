/*
 * An explanation as text for a person.  Called by meridianctl explain, wherever
 * the explanation comes from; reads nothing but the object it is given.
 */
#include "ctl/explain_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/load_text.h"

/* Where the words of a line begin. */
#define INDENT 12
/* Endpoints whose load is shown. */
#define LOADS 8
/* More than the endpoints of one answer with their addresses need. */
#define WORDS_MAX 65536

/* A label and words; without a label they go on below those before. */
__attribute__((format(printf, 2, 3))) static void
print_line(const char *label, const char *fmt, ...)
{
	char *words = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&words, fmt, args) < 0)
		words = NULL;
	va_end(args);
	printf("%-*s", INDENT, label);
	columns_wrap(
	    stdout, INDENT, INDENT, words != NULL ? words : "(no memory)");
	free(words);
}

/* The same with the words of ${t}, which is given up. */
static void
print_text(const char *label, struct text *t)
{
	print_line(label, "%s", t->data != NULL ? t->data : "(no memory)");
	text_finish(t);
}

/* What it was decided from. */
static void
print_source(const json_t *root)
{
	const char *changed =
	    json_string_value(json_object_get(root, "changed"));
	const char *why = json_string_value(json_object_get(root, "why"));

	if (strcmp(command_text(root, "source"), "server") != 0) {
		print_line("decided by",
		    "the files and the state database as they are now");
		if (why != NULL)
			print_line("", "because %s", why);
		return;
	}
	print_line("decided by",
	    "meridiand (process %lld) with what it loaded at %s",
	    command_number(root, "pid"), command_text(root, "loaded"));
	if (changed != NULL)
		print_line("",
		    "%s has changed since: explain --files says what a reload "
		    "would make of it",
		    changed);
}

static void
print_question(const json_t *root)
{
	const char *client = json_string_value(json_object_get(root, "client"));
	const char *resolver =
	    json_string_value(json_object_get(root, "resolver"));

	print_line("question", "%s %s%s%s%s%s%s", command_text(root, "name"),
	    command_text(root, "type"), client != NULL ? " for " : "",
	    client != NULL ? client : "",
	    resolver != NULL ? " from the resolver " : "",
	    resolver != NULL ? resolver : "",
	    resolver != NULL && client == NULL
		? ", which names no client subnet"
		: "");
}

static void
print_aliases(const json_t *list)
{
	const json_t *alias;
	size_t i;

	json_array_foreach(list, i, alias) print_line("alias",
	    "of %s, which resolvers ask for next", json_string_value(alias));
}

/* The country and what lies in it or around it. */
static void
add_country(struct text *t, const json_t *place)
{
	const json_t *subdivision;
	size_t i;

	if (json_is_string(json_object_get(place, "city")))
		text_add(t, "%s, ", command_text(place, "city"));
	json_array_foreach(json_object_get(place, "subdivisions"), i,
	    subdivision) text_add(t, "%s, ", json_string_value(subdivision));
	if (json_is_string(json_object_get(place, "country")) ||
	    json_is_string(json_object_get(place, "continent")))
		text_add(t, "country %s, continent %s, ",
		    command_text(place, "country"),
		    command_text(place, "continent"));
}

/* The position; that of a country alone is where most of its people live. */
static void
add_position(struct text *t, const json_t *place)
{
	if (!json_is_real(json_object_get(place, "latitude")))
		return;
	text_add(t, "at" COLUMNS_JOIN "%.1f" COLUMNS_JOIN "%.1f",
	    json_real_value(json_object_get(place, "latitude")),
	    json_real_value(json_object_get(place, "longitude")));
	if (json_is_integer(json_object_get(place, "accuracy_km")))
		text_add(t,
		    " give or take" COLUMNS_JOIN "%lld" COLUMNS_JOIN "km",
		    command_number(place, "accuracy_km"));
	text_add(t, ", ");
}

static void
print_place(const json_t *root)
{
	const json_t *place = json_object_get(root, "place");
	const json_t *networks = json_object_get(place, "networks"), *n;
	struct text t;
	size_t i;

	text_init(&t, WORDS_MAX);
	add_country(&t, place);
	add_position(&t, place);
	if (json_is_integer(json_object_get(place, "asn")))
		text_add(&t, "AS%lld, ", command_number(place, "asn"));
	json_array_foreach(networks, i, n) text_add(
	    &t, "%s%s, ", i == 0 ? "networks " : "", json_string_value(n));
	if (t.len == 0)
		text_add(&t, "not known, ");
	if (t.data != NULL)
		t.data[t.len - 2] = '\0';
	print_text("place", &t);
	if (json_is_true(json_object_get(root, "by_sender")) &&
	    json_is_null(json_object_get(root, "resolver")))
		print_line("",
		    "the resolver's address decides: name it with "
		    "--resolver ADDRESS");
}

static void
print_health(const json_t *health)
{
	const char *trouble =
	    json_string_value(json_object_get(health, "trouble"));
	const char *stale = command_is_true(health, "stale") ? ", STALE" : "";
	const json_t *age = json_object_get(health, "age_ms"), *blind;
	size_t i;

	if (json_is_integer(age))
		print_line("health", "%.1f s old%s",
		    (double)json_integer_value(age) / 1000, stale);
	else
		print_line("health", "no vantage was heard yet%s", stale);
	if (trouble != NULL)
		print_line("", "%.*s", (int)strcspn(trouble, "\n"), trouble);
	json_array_foreach(json_object_get(health, "blind"), i, blind)
	{
		print_line("",
		    "vantage %s is blind, and counts in its own "
		    "region alone",
		    json_string_value(blind));
	}
}

/* Whether ${at}, a blank, is before the unit of a number. */
static bool
is_before_unit(const char *at)
{
	return strncmp(at, " %", 2) == 0 || strncmp(at, " km", 3) == 0 ||
	    strncmp(at, " ms", 3) == 0;
}

/* The words of a step, after the services it is inside of ("chat-eu > chat-fr:
 * rank"); a number stays in one line with its unit. */
static void
print_step(const json_t *inside, const char *words)
{
	const char *before = "";
	const json_t *name;
	struct text t;
	size_t i;

	text_init(&t, 2 * WORDS_MAX);
	json_array_foreach(inside, i, name)
	{
		text_add(&t, "%s%s", before, json_string_value(name));
		before = " > ";
	}
	if (before[0] != '\0')
		text_add(&t, ": ");
	for (; *words != '\0'; words++)
		if (is_before_unit(words))
			text_add(&t, COLUMNS_JOIN);
		else
			text_bytes(&t, words, 1);
	columns_wrap(
	    stdout, INDENT, INDENT, t.data != NULL ? t.data : "(no memory)");
	text_finish(&t);
}

static void
print_steps(const json_t *steps)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		printf("%2zu %-8s ", i + 1,
		    strcmp(command_text(step, "step"), "last resort") == 0
			? "resort"
			: command_text(step, "step"));
		print_step(json_object_get(step, "inside"),
		    command_text(step, "text"));
	}
}

/* The endpoints of an answer. */
static void
add_endpoints(struct text *t, const json_t *list)
{
	const json_t *e, *a;
	size_t i, k;

	json_array_foreach(list, i, e)
	{
		json_array_foreach(json_object_get(e, "addresses"), k, a)
		    text_add(t, "%s ", json_string_value(a));
		if (json_object_get(e, "cname") != NULL)
			text_add(t, "CNAME" COLUMNS_JOIN "%s ",
			    command_text(e, "cname"));
		json_array_foreach(json_object_get(e, "hints"), k, a) text_add(
		    t, "hint" COLUMNS_JOIN "%s ", json_string_value(a));
		text_add(t, "(%s of %s in %s) ", command_text(e, "endpoint"),
		    command_text(e, "pool"), command_text(e, "region"));
	}
}

static void
print_answer(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "endpoints");
	struct text t;

	text_init(&t, WORDS_MAX);
	add_endpoints(&t, list);
	if (list == NULL)
		text_add(&t, "%s ", command_text(answer, "kind"));
	if (json_is_integer(json_object_get(answer, "ttl")))
		text_add(&t, "TTL" COLUMNS_JOIN "%lld ",
		    command_number(answer, "ttl"));
	if (json_is_integer(json_object_get(answer, "scope")))
		text_add(&t, "scope" COLUMNS_JOIN "/%lld",
		    command_number(answer, "scope"));
	else
		text_add(&t, "without a" COLUMNS_JOIN "scope");
	print_text("answer", &t);
	if (command_is_true(answer, "stale"))
		print_line("", "said with it: health is stale");
	if (command_is_true(answer, "last_resort"))
		print_line("", "said with it: last resort in use");
	if (strcmp(command_text(answer, "reason"), "first") != 0)
		print_line("reason", "%s", command_text(answer, "why"));
}

/* Why an endpoint of ${list} has a line: its load is looked at, or it is not as
 * it should be. */
static bool
has_words(const json_t *e)
{
	return json_is_object(json_object_get(e, "load")) ||
	    json_is_string(json_object_get(e, "degraded"));
}

static void
add_names(struct text *t, const json_t *list, const char *word)
{
	const json_t *name;
	size_t i;

	json_array_foreach(list, i, name) text_add(t, "%s%s",
	    i > 0             ? " "
		: t->len == 0 ? ""
			      : ", ",
	    json_string_value(name));
	if (json_array_size(list) > 0)
		text_add(t, ": %s", word);
}

/* Who counts of the vantages that judged ${e}, what they say, and who does not.
 * Nothing of what has no check. */
static bool
add_votes(struct text *t, const json_t *e)
{
	const json_t *votes = json_object_get(e, "votes");
	json_t *aside = json_object_get(votes, "aside"), *why;
	const char *vantage;

	if (!json_is_object(votes))
		return false;
	add_names(t, json_object_get(votes, "up"), "up");
	add_names(t, json_object_get(votes, "down"), "down");
	if (t->len == 0)
		text_add(t, "no vantage counts");
	json_object_foreach(aside, vantage, why)
	{
		text_add(t, ", %s does not count (%s)", vantage,
		    json_string_value(why));
	}
	return true;
}

/* Of the endpoints that were chosen among, by whom each is judged: told where
 * it is not by one vantage that finds it up. */
static void
print_votes(const json_t *list)
{
	size_t i, shown = 0;
	const json_t *e;

	json_array_foreach(list, i, e)
	{
		const json_t *votes = json_object_get(e, "votes");
		struct text t, words;

		if (json_array_size(json_object_get(votes, "up")) == 1 &&
		    json_array_size(json_object_get(votes, "down")) == 0 &&
		    json_object_size(json_object_get(votes, "aside")) == 0)
			continue;
		text_init(&words, WORDS_MAX);
		if (shown == LOADS || !add_votes(&words, e)) {
			text_finish(&words);
			continue;
		}
		text_init(&t, WORDS_MAX);
		text_add(&t, "%s of %s: %s", command_text(e, "endpoint"),
		    command_text(e, "pool"),
		    words.data != NULL ? words.data : "");
		text_finish(&words);
		print_text(shown++ == 0 ? "votes" : "", &t);
	}
}

/* What else is known of the endpoints that were chosen among. */
static void
print_load(const json_t *list)
{
	size_t i, all = 0, shown = 0;
	const json_t *e;

	json_array_foreach(list, i, e) all += has_words(e);
	json_array_foreach(list, i, e)
	{
		struct text t;

		if (!has_words(e))
			continue;
		if (shown == LOADS) {
			print_line("", "and %zu more endpoints, see --json",
			    all - LOADS);
			return;
		}
		text_init(&t, WORDS_MAX);
		text_add(&t, "%s of %s", command_text(e, "endpoint"),
		    command_text(e, "pool"));
		if (json_is_object(json_object_get(e, "load"))) {
			text_add(&t, ": ");
			load_text_say(&t, json_object_get(e, "load"));
		}
		if (json_is_string(json_object_get(e, "degraded")))
			text_add(
			    &t, "; degraded: %s", command_text(e, "degraded"));
		print_text(shown++ == 0 ? "endpoints" : "", &t);
	}
}

/* Who said, why and until when, what the answer goes by. */
static void
print_hand(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct text t;

		text_init(&t, WORDS_MAX);
		text_add(&t, "%s", command_text(one, "words"));
		print_text(i == 0 ? "by hand" : "", &t);
	}
}

static void
print_suggestion(FILE *to, const json_t *root)
{
	const char *name =
	    json_string_value(json_object_get(root, "suggestion"));

	if (name != NULL)
		fprintf(to, "did you mean %s?\n", name);
}

bool
explain_text_begin(const json_t *root, const char *whom)
{
	if (json_object_get(root, "error") != NULL) {
		fprintf(stderr, "%s\n", command_text(root, "error"));
		print_suggestion(stderr, root);
		return false;
	}
	print_source(root);
	if (whom != NULL)
		print_line("question", "%s %s for %s",
		    command_text(root, "name"), command_text(root, "type"),
		    whom);
	else
		print_question(root);
	print_aliases(json_object_get(root, "aliases"));
	return true;
}

void
explain_text_print(const json_t *root)
{
	if (!explain_text_begin(root, NULL))
		return;
	print_line("zone", "%s serial %lld", command_text(root, "zone"),
	    command_number(root, "serial"));
	print_line("owner", "%s (%s%s)", command_text(root, "owner"),
	    command_text(root, "match"),
	    json_object_get(root, "service") ? ", a service" : "");
	if (json_object_get(root, "service") != NULL) {
		print_place(root);
		print_health(json_object_get(root, "health"));
		print_steps(json_object_get(root, "steps"));
	}
	print_hand(json_object_get(root, "by_hand"));
	print_answer(json_object_get(root, "answer"));
	print_votes(json_object_get(root, "load"));
	print_load(json_object_get(root, "load"));
	print_suggestion(stdout, root);
}
