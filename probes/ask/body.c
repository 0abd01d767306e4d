/*
 * Judges the body of an answer by the rules of its step.  Called by an attempt;
 * keeps the end of what was read and no more.
 */
#include "probes/ask/body.h"

#include <stdio.h>
#include <string.h>

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
has_texts(const struct check_step *step)
{
	return step->n_has > 0 || step->n_lacks > 0 || step->n_loading > 0;
}

bool
body_matters(const struct check_step *step)
{
	return has_texts(step) || step->n_json > 0;
}

/* A value at the path of a rule. */
static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	struct body *body = context;
	const struct json_rule *rule = &body->step->json[path];
	bool scalar =
	    kind == JSON_TEXT || kind == JSON_NUMBER || kind == JSON_WORD;

	if (rule->is == NULL ? kind != JSON_WORD || strcmp(text, "null") != 0
			     : scalar && strcmp(text, rule->is) == 0)
		body->was |= UINT32_C(1) << path;
}

void
body_init(struct body *body, const struct check_step *step)
{
	size_t n = least(step->n_json, BODY_MAX_RULES);

	body->step = step;
	body->has = body->lacks = body->loading = body->was = 0;
	body->tail_len = 0;
	/* Paths were read when the file was: none has an error. */
	for (size_t i = 0; i < n; i++)
		(void)json_path_parse(step->json[i].path, &body->path[i]);
	json_paths_init(&body->json, body->path, n, on_value, body);
}

void
body_follow(struct body *body, const struct check_step *step)
{
	body->step = step;
}

/* --- texts --- */

static bool
holds(const char *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text)) != NULL;
}

static void
look(const char *data, size_t len, const char *const *texts, size_t n,
    uint32_t *seen)
{
	for (size_t i = 0; i < least(n, BODY_MAX_RULES); i++)
		if ((*seen >> i & 1) == 0 && holds(data, len, texts[i]))
			*seen |= UINT32_C(1) << i;
}

static void
look_at_all(struct body *body, const char *data, size_t len)
{
	look(data, len, body->step->has, body->step->n_has, &body->has);
	look(data, len, body->step->lacks, body->step->n_lacks, &body->lacks);
	look(data, len, body->step->loading, body->step->n_loading,
	    &body->loading);
}

/* A text may lie across two pieces: the end of what came before is kept, and
 * looked at again with the beginning of what comes. */
static void
read_texts(struct body *body, const char *data, size_t len)
{
	size_t n = least(len, BODY_MAX_TEXT);

	memcpy(body->tail + body->tail_len, data, n);
	look_at_all(body, body->tail, body->tail_len + n);
	look_at_all(body, data, len);
	if (len >= BODY_MAX_TEXT) {
		memcpy(body->tail, data + len - BODY_MAX_TEXT, BODY_MAX_TEXT);
		body->tail_len = BODY_MAX_TEXT;
		return;
	}
	body->tail_len += n;
	if (body->tail_len <= BODY_MAX_TEXT)
		return;
	memmove(body->tail, body->tail + body->tail_len - BODY_MAX_TEXT,
	    BODY_MAX_TEXT);
	body->tail_len = BODY_MAX_TEXT;
}

void
body_read(struct body *body, const char *data, size_t len)
{
	if (has_texts(body->step))
		read_texts(body, data, len);
	if (body->step->n_json > 0)
		json_paths_read(&body->json, data, len);
}

/* --- the verdict --- */

bool
body_is_loading(const struct body *body)
{
	return body->loading != 0;
}

/* "body: " and ${text} as operators wrote it, in printable ASCII. */
static void
give(char reason[STATE_REASON], const char *words, const char *text)
{
	snprintf(reason, STATE_REASON, "body: %s%s", words, text);
	for (char *p = reason; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

static bool
judge_texts(const struct body *body, char reason[STATE_REASON])
{
	const struct check_step *step = body->step;

	for (size_t i = 0; i < step->n_has; i++)
		if ((body->has >> i & 1) == 0) {
			give(reason, "it lacks: ", step->has[i]);
			return false;
		}
	for (size_t i = 0; i < step->n_lacks; i++)
		if ((body->lacks >> i & 1) != 0) {
			give(reason, "it has: ", step->lacks[i]);
			return false;
		}
	return true;
}

static void
give_rule(const struct body *body, size_t i, char reason[STATE_REASON])
{
	const struct json_rule *rule = &body->step->json[i];
	bool far = body->path[i].n > 1 && !json_paths_near(&body->json, i);
	char words[64];

	if (!rule->negated && far) {
		give(reason, "no ", rule->path);
	} else if (rule->words != NULL) {
		give(reason, "", rule->words);
	} else if (rule->is == NULL) {
		give(reason, rule->negated ? "there is " : "no ", rule->path);
	} else {
		snprintf(words, sizeof(words), "%.40s is %s", rule->path,
		    rule->negated ? "" : "not ");
		give(reason, words, rule->is);
	}
}

static bool
judge_rules(struct body *body, char reason[STATE_REASON])
{
	const struct check_step *step = body->step;

	if (step->n_json == 0)
		return true;
	if (!json_paths_end(&body->json)) {
		give(reason, "not JSON", "");
		return false;
	}
	for (size_t i = 0; i < step->n_json; i++)
		if (((body->was >> i & 1) != 0) == step->json[i].negated) {
			give_rule(body, i, reason);
			return false;
		}
	return true;
}

bool
body_judge(struct body *body, char reason[STATE_REASON])
{
	return judge_texts(body, reason) && judge_rules(body, reason);
}
