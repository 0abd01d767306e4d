/*
 * Makes the steps of a check.  Called by the reader of checks when it knows all
 * of one; reads no file.
 */
#include "config/check_plan.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A path, or a body, with all its places filled. */
#define FILLED_MAX ((size_t)1 << 20)

enum place { PLACE_PLAIN, PLACE_PATH, PLACE_BODY };

static void
add_encoded(struct text *out, const char *value)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._~";

	for (const char *p = value; *p != '\0'; p++)
		if (strchr(unreserved, *p) != NULL)
			text_add(out, "%c", *p);
		else
			text_add(out, "%%%02X", (unsigned)(unsigned char)*p);
}

static void
add_escaped(struct text *out, const char *value)
{
	for (const char *p = value; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			text_add(out, "\\%c", *p);
		else if ((unsigned char)*p < 0x20)
			text_add(out, "\\u%04x", (unsigned)(unsigned char)*p);
		else
			text_add(out, "%c", *p);
}

static void
add_model(struct text *out, enum place where, const char *model)
{
	if (where == PLACE_PATH)
		add_encoded(out, model);
	else if (where == PLACE_BODY)
		add_escaped(out, model);
	else
		text_add(out, "%s", model);
}

/* Add what the place at ${text} holds, and say how long that is in ${text}; 0:
 * it is none. */
static size_t
add_place(struct text *out, const char *text, enum place where,
    const struct plan_words *words)
{
	static const char path[] = "{path}", models[] = "{models_path}",
			  model[] = "{model}";

	if (words->path != NULL && strncmp(text, path, strlen(path)) == 0) {
		text_add(out, "%s", words->path);
		return strlen(path);
	}
	if (words->models_path != NULL &&
	    strncmp(text, models, strlen(models)) == 0) {
		text_add(out, "%s", words->models_path);
		return strlen(models);
	}
	if (words->model != NULL && strncmp(text, model, strlen(model)) == 0) {
		add_model(out, where, words->model);
		return strlen(model);
	}
	return 0;
}

static const char *
fill_places(struct schema *s, const char *from, enum place where,
    const struct plan_words *words)
{
	const char *filled = NULL;
	struct text out;
	size_t len;

	if (from == NULL)
		return NULL;
	text_init(&out, FILLED_MAX);
	while (*from != '\0') {
		len = *from == '{' ? add_place(&out, from, where, words) : 0;
		if (len == 0) {
			len = 1;
			text_add(&out, "%c", *from);
		}
		from += len;
	}
	if (out.data != NULL)
		filled = schema_strdup(s, out.data);
	text_finish(&out);
	return filled;
}

static const struct json_rule *
fill_rules(struct schema *s, const struct check_step *from,
    const struct plan_words *words)
{
	struct json_rule *rules = schema_array(s, from->n_json, sizeof(*rules));

	for (size_t i = 0; rules != NULL && i < from->n_json; i++) {
		/* One with an error has none. */
		if (from->json[i].path != NULL)
			rules[i].path = schema_strdup(s, from->json[i].path);
		rules[i].negated = from->json[i].negated;
		rules[i].is =
		    fill_places(s, from->json[i].is, PLACE_PLAIN, words);
		rules[i].words =
		    fill_places(s, from->json[i].words, PLACE_PLAIN, words);
	}
	return rules;
}

static const struct step_header *
fill_headers(struct schema *s, const struct check_step *from,
    const struct plan_words *words)
{
	struct step_header *headers =
	    schema_array(s, from->n_headers, sizeof(*headers));

	for (size_t i = 0; headers != NULL && i < from->n_headers; i++) {
		headers[i].name = schema_strdup(s, from->headers[i].name);
		headers[i].value =
		    fill_places(s, from->headers[i].value, PLACE_PLAIN, words);
	}
	return headers;
}

static const char *const *
fill_texts(struct schema *s, const char *const *from, size_t n,
    const struct plan_words *words)
{
	const char **texts = schema_array(s, n, sizeof(*texts));

	for (size_t i = 0; texts != NULL && i < n; i++)
		texts[i] = fill_places(s, from[i], PLACE_PLAIN, words);
	return texts;
}

static const struct code_range *
copy_codes(struct schema *s, const struct code_range *from, size_t n)
{
	struct code_range *codes = schema_array(s, n, sizeof(*codes));

	if (codes != NULL && n > 0)
		memcpy(codes, from, n * sizeof(*codes));
	return codes;
}

static void
fill_step(struct schema *s, const struct check_step *from,
    const struct plan_words *words, struct check_step *step)
{
	*step = *from;
	step->method =
	    schema_strdup(s, from->method != NULL ? from->method : "GET");
	step->path = fill_places(s, from->path, PLACE_PATH, words);
	step->name = step->path != NULL ? step->path : "connect";
	if (from->name != NULL)
		step->name = schema_strdup(s, from->name);
	step->headers = fill_headers(s, from, words);
	step->body = fill_places(s, from->body, PLACE_BODY, words);
	if (from->n_expect == 0) {
		step->expect = words->expect;
		step->n_expect = words->n_expect;
	} else {
		step->expect = copy_codes(s, from->expect, from->n_expect);
	}
	step->busy = copy_codes(s, from->busy, from->n_busy);
	if (from->kind == STEP_GRPC && from->service == NULL)
		step->service = "";
	step->has = fill_texts(s, from->has, from->n_has, words);
	step->lacks = fill_texts(s, from->lacks, from->n_lacks, words);
	step->loading = fill_texts(s, from->loading, from->n_loading, words);
	step->json = fill_rules(s, from, words);
}

const struct check_step *
check_plan_steps(struct schema *s, const struct preset_plan *plan,
    const struct plan_words *words, size_t *n)
{
	struct check_step *steps =
	    schema_array(s, plan->n_steps, sizeof(*steps));

	*n = 0;
	for (size_t i = 0; steps != NULL && i < plan->n_steps; i++)
		if (!plan->steps[i].with_model || words->model != NULL)
			fill_step(
			    s, &plan->steps[i].step, words, &steps[(*n)++]);
	return steps;
}
