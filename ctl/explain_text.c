/*
 * An explanation as text for a person.  Called by meridianctl explain, wherever
 * the explanation comes from; reads nothing but the object it is given.
 */
#include "ctl/explain_text.h"

#include <stdio.h>
#include <string.h>

#include "ctl/command.h"

/* What it was decided from. */
static void
print_source(const json_t *root)
{
	const char *changed =
	    json_string_value(json_object_get(root, "changed"));
	const char *why = json_string_value(json_object_get(root, "why"));

	if (strcmp(command_text(root, "source"), "server") != 0) {
		printf("decided by  the files and the state database as they "
		       "are now\n");
		if (why != NULL)
			printf("            because %s\n", why);
		return;
	}
	printf("decided by  meridiand (process %lld) with what it loaded at "
	       "%s\n",
	    command_number(root, "pid"), command_text(root, "loaded"));
	if (changed != NULL)
		printf("            %s has changed since: explain --files "
		       "says what a reload would make of it\n",
		    changed);
}

static void
print_question(const json_t *root)
{
	const char *client = json_string_value(json_object_get(root, "client"));
	const char *resolver =
	    json_string_value(json_object_get(root, "resolver"));

	printf("question    %s %s", command_text(root, "name"),
	    command_text(root, "type"));
	if (client != NULL)
		printf(" for %s", client);
	if (resolver != NULL)
		printf(" from the resolver %s%s", resolver,
		    client != NULL ? "" : ", which names no client subnet");
	printf("\n");
}

static void
print_aliases(const json_t *list)
{
	const json_t *alias;
	size_t i;

	json_array_foreach(list, i, alias)
	    printf("alias       of %s, which resolvers ask for next\n",
		json_string_value(alias));
}

static void
print_place(const json_t *root)
{
	const json_t *place = json_object_get(root, "place");
	const json_t *networks = json_object_get(place, "networks"), *n;
	const char *sign = "";
	size_t i;

	printf("place       ");
	if (json_is_string(json_object_get(place, "country")) ||
	    json_is_string(json_object_get(place, "continent"))) {
		printf("country %s, continent %s",
		    command_text(place, "country"),
		    command_text(place, "continent"));
		sign = ", ";
	}
	if (json_is_real(json_object_get(place, "latitude"))) {
		printf("%sat %.1f %.1f", sign,
		    json_real_value(json_object_get(place, "latitude")),
		    json_real_value(json_object_get(place, "longitude")));
		sign = ", ";
	}
	if (json_is_integer(json_object_get(place, "asn"))) {
		printf("%sAS%lld", sign, command_number(place, "asn"));
		sign = ", ";
	}
	if (sign[0] == '\0' && json_array_size(networks) == 0)
		printf("not known");
	json_array_foreach(networks, i, n) printf("%s%s%s", i == 0 ? sign : "",
	    i == 0 ? "networks " : ", ", json_string_value(n));
	printf("\n");
	if (json_is_true(json_object_get(root, "by_sender")) &&
	    json_is_null(json_object_get(root, "resolver")))
		printf("            a private client is where its resolver is: "
		       "name that with --resolver ADDRESS\n");
}

static void
print_health(const json_t *health)
{
	const char *trouble =
	    json_string_value(json_object_get(health, "trouble"));
	const json_t *age = json_object_get(health, "age_ms");

	if (json_is_integer(age))
		printf("health      %.1f s old%s\n",
		    (double)json_integer_value(age) / 1000,
		    json_is_true(json_object_get(health, "stale")) ? ", STALE"
								   : "");
	else
		printf("health      no vantage was heard yet%s\n",
		    json_is_true(json_object_get(health, "stale")) ? ", STALE"
								   : "");
	if (trouble != NULL)
		printf(
		    "            %.*s\n", (int)strcspn(trouble, "\n"), trouble);
}

static void
print_steps(const json_t *steps)
{
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) printf("%2zu %-8s %s\n", i + 1,
	    strcmp(command_text(step, "step"), "last resort") == 0
		? "resort"
		: command_text(step, "step"),
	    command_text(step, "text"));
}

static void
print_answer(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "endpoints"), *e, *a;
	const json_t *ttl = json_object_get(answer, "ttl");
	const json_t *scope = json_object_get(answer, "scope");
	size_t i, k;

	printf("answer      ");
	json_array_foreach(list, i, e)
	{
		json_array_foreach(json_object_get(e, "addresses"), k, a)
		    printf("%s ", json_string_value(a));
		printf("(%s of %s in %s) ", command_text(e, "endpoint"),
		    command_text(e, "pool"), command_text(e, "region"));
	}
	if (list == NULL)
		printf("%s ", command_text(answer, "kind"));
	if (json_is_integer(ttl))
		printf("TTL %lld ", command_number(answer, "ttl"));
	if (json_is_integer(scope))
		printf("scope /%lld\n", command_number(answer, "scope"));
	else
		printf("without a scope\n");
	if (json_is_true(json_object_get(answer, "stale")))
		printf("            said with it: health is stale\n");
	if (json_is_true(json_object_get(answer, "last_resort")))
		printf("            said with it: last resort in use\n");
}

static void
print_suggestion(FILE *to, const json_t *root)
{
	const char *name =
	    json_string_value(json_object_get(root, "suggestion"));

	if (name != NULL)
		fprintf(to, "did you mean %s?\n", name);
}

void
explain_text_print(const json_t *root)
{
	if (json_object_get(root, "error") != NULL) {
		fprintf(stderr, "%s\n", command_text(root, "error"));
		print_suggestion(stderr, root);
		return;
	}
	print_source(root);
	print_question(root);
	print_aliases(json_object_get(root, "aliases"));
	printf("zone        %s serial %lld\n", command_text(root, "zone"),
	    command_number(root, "serial"));
	printf("owner       %s (%s%s)\n", command_text(root, "owner"),
	    command_text(root, "match"),
	    json_object_get(root, "service") ? ", a service" : "");
	if (json_object_get(root, "service") != NULL) {
		print_place(root);
		print_health(json_object_get(root, "health"));
		print_steps(json_object_get(root, "steps"));
	}
	print_answer(json_object_get(root, "answer"));
	print_suggestion(stdout, root);
}
