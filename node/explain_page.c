/*
 * Answers queries for explanations, of one client or of all countries, from
 * what is served.  Called in the thread of the pages.
 */
#include "node/explain_page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/country.h"
#include "node/explain.h"
#include "node/explain_countries.h"
#include "node/page_json.h"
#include "node/status_page.h"

/* Prefixes that are walked before other clients have their turn: some
 * milliseconds. */
#define TURN 20000

static const char *
value_of(const struct http_query *query, const char *key)
{
	return query->value(query->context, key);
}

/* Where the answer comes from. */
static json_t *
source_object(const struct page *page)
{
	const struct generation *g = page->view.served->generation;
	char when[CLOCK_TEXT];

	return json_pack("{ss si so so}", "source", "server", "pid",
	    (int)getpid(), "loaded",
	    page_json_string(clock_format(g->loaded_ms, when)), "health",
	    status_page_health(page));
}

/* The question of ${query}; false with "error" in the answer. */
static bool
read_question(struct page *page, const struct http_query *query, bool everyone,
    struct explain_question *out)
{
	const struct explain_words words = {.name = value_of(query, "name"),
	    .type = value_of(query, "type"),
	    .client = value_of(query, "client"),
	    .resolver = value_of(query, "resolver"),
	    .everyone = everyone};
	char why[EXPLAIN_WHY];

	if (explain_question_read(&words, out, why) == 0) {
		page->answer = source_object(page);
		return true;
	}
	page->answer = json_pack("{so}", "error", page_json_string(why));
	return false;
}

/* A question about most clients of a country, which it takes a while to find.
 */
struct asked {
	char country[3];
	struct explain_question question;
};

static unsigned
ask_countries(struct page *page, const struct http_query *query)
{
	const struct served *served = page->view.served;
	struct explain_question question;

	if (!read_question(page, query, true, &question))
		return HTTP_BAD_REQUEST;
	page->countries = explain_countries_begin(
	    served->generation, served->live, &question, page->answer);
	return page->countries != NULL ? HTTP_OK : HTTP_NOT_FOUND;
}

static unsigned
ask_country(
    struct page *page, const struct http_query *query, const char *country)
{
	const struct served *served = page->view.served;
	struct asked *asked = calloc(1, sizeof(*asked));
	unsigned status = HTTP_OK;

	page->work = asked;
	if (asked == NULL)
		return page_refuse(page, HTTP_ERROR, "no memory");
	if (!country_code(country, strlen(country), asked->country) ||
	    country_find(asked->country) == NULL)
		return page_refuse(page, HTTP_BAD_REQUEST,
		    "country is \"%.64s\": it has to be the two letters of a "
		    "country, such as DE",
		    country);
	if (!read_question(page, query, true, &asked->question))
		return HTTP_BAD_REQUEST;
	page->countries = explain_countries_begin(
	    served->generation, served->live, &asked->question, page->answer);
	if (page->countries == NULL)
		status = HTTP_NOT_FOUND;
	return status;
}

static unsigned
ask(struct page *page, const struct http_query *query)
{
	const char *country = value_of(query, "country");
	const struct served *served = page->view.served;
	const struct loads_look look = page_look(page);
	struct explain_question question;

	if (country != NULL)
		return ask_country(page, query, country);
	if (!read_question(page, query, false, &question))
		return HTTP_BAD_REQUEST;
	return explain_answer(served->generation, served->live, &look,
		   &question, page->answer)
	    ? HTTP_OK
	    : HTTP_NOT_FOUND;
}

static void
finish(struct page *page)
{
	free(page->work);
}

/* The row of the country of the question; NULL when it has no address. */
static json_t *
find_row(const struct asked *asked, json_t *rows)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		const char *country =
		    json_string_value(json_object_get(row, "country"));

		if (country != NULL && strcmp(country, asked->country) == 0)
			return row;
	}
	return NULL;
}

/* Explain what most clients of the country get, after all were looked at. */
static size_t
explain_country(struct page *page, size_t item, struct text *out)
{
	const struct served *served = page->view.served;
	const struct loads_look look = page_look(page);
	struct asked *asked = page->work;
	struct explain_words words = {0};
	char why[EXPLAIN_WHY], name[NAME_TEXT];
	json_t *row, *outcomes;

	(void)item;
	(void)out;
	/* A question about one client, or one that has no answer. */
	if (page->countries == NULL || asked == NULL)
		return PAGE_PART_ENDS;
	row = find_row(asked, json_object_get(page->answer, "rows"));
	if (row == NULL) {
		json_decref(page->answer);
		page->answer = json_pack("{so}", "error",
		    json_sprintf(
			"geography knows no address of %s", asked->country));
		return PAGE_PART_ENDS;
	}
	outcomes = json_incref(json_object_get(row, "outcomes"));
	words.name = name_format(asked->question.name, name);
	words.type = asked->question.type_text;
	words.client = json_string_value(
	    json_object_get(json_array_get(outcomes, 0), "client"));
	if (explain_question_read(&words, &asked->question, why) == 0) {
		json_decref(page->answer);
		page->answer = source_object(page);
		(void)explain_answer(served->generation, served->live, &look,
		    &asked->question, page->answer);
	}
	json_object_set_new(
	    page->answer, "country", json_string(asked->country));
	json_object_set_new(page->answer, "outcomes", outcomes);
	return PAGE_PART_ENDS;
}

/* Blanks before the object, one each turn: JSON may begin with them. */
static size_t
walk(struct page *page, size_t item, struct text *out)
{
	int status;

	if (page->countries == NULL)
		return PAGE_PART_ENDS;
	page->pauses = true;
	status = explain_countries_go(page->countries, TURN);
	text_add(out, "\n");
	if (status == 0)
		return item;
	explain_countries_end(page->countries, status, page->answer);
	return PAGE_PART_ENDS;
}

static size_t
write_all(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_json_add(out, json_incref(page->answer),
	    JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	text_add(out, "\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    walk,
    explain_country,
    write_all,
};

const struct page_kind explain_page = {
    .ask = ask,
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
    .finish = finish,
};

/* The object up to its rows, which are taken out of it, or all of it when it
 * says an error. */
static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	json_t *rows = json_incref(json_object_get(page->answer, "rows"));

	(void)item;
	json_object_del(page->answer, "rows");
	write_all(page, 0, out);
	json_decref(page->answer);
	page->answer = rows;
	/* The "\n}\n" that it ends with. */
	if (rows != NULL && !out->failed) {
		out->len -= 3;
		text_add(out, ",\n  \"rows\": [");
	}
	return PAGE_PART_ENDS;
}

static size_t
write_rows(struct page *page, size_t item, struct text *out)
{
	size_t n = json_array_size(page->answer);

	if (page->answer == NULL)
		return PAGE_PART_ENDS;
	for (; item < n && !page_full(out); item++) {
		text_add(out, "%s\n    ", item > 0 ? "," : "");
		page_json_add(out,
		    json_incref(json_array_get(page->answer, item)),
		    JSON_PRESERVE_ORDER);
	}
	if (item < n)
		return item;
	text_add(out, "\n  ]\n}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const countries_parts[])(
    struct page *, size_t, struct text *) = {
    walk,
    write_head,
    write_rows,
};

const struct page_kind explain_countries_page = {
    .ask = ask_countries,
    .parts = countries_parts,
    .n_parts = sizeof(countries_parts) / sizeof(countries_parts[0]),
};
