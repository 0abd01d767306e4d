/*
 * Asks a server for its metrics and reads them as they come in.  Called by
 * probes.
 */
#include "probes/load/scrape.h"

#include <stdio.h>
#include <stdlib.h>

struct scrape {
	scrape_done done;
	void *context;
	struct http_check *request;
	struct sample *sample;
	/* By its format, one of these. */
	struct exposition *text;
	struct json_paths *json;
	struct json_path *paths; /* of the names of ${sample} */
};

static void
scrape_free(struct scrape *scrape)
{
	sample_destroy(scrape->sample);
	free(scrape->text);
	free(scrape->json);
	free(scrape->paths);
	free(scrape);
}

static void
on_series(void *context, const struct exposition_series *series)
{
	sample_series(((struct scrape *)context)->sample, series);
}

static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	struct scrape *scrape = context;

	if (kind == JSON_NUMBER)
		sample_number(scrape->sample, path, strtod(text, NULL));
}

static void
on_body(void *context, const char *data, size_t len)
{
	struct scrape *scrape = context;

	if (scrape->text != NULL)
		exposition_read(scrape->text, data, len);
	else
		json_paths_read(scrape->json, data, len);
}

/* Half of the metrics are none. */
static void
judge(struct scrape *scrape, const struct http_answer *answer)
{
	char reason[STATE_REASON];
	bool whole = true;

	if (answer->outcome != HTTP_ANSWERED)
		snprintf(
		    reason, sizeof(reason), "metrics: %.80s", answer->reason);
	else if (answer->status != 200)
		snprintf(reason, sizeof(reason), "metrics: status %u",
		    answer->status);
	if (answer->outcome != HTTP_ANSWERED || answer->status != 200) {
		scrape->done(scrape->context, NULL, reason);
		return;
	}
	if (scrape->text != NULL)
		exposition_end(scrape->text);
	else
		whole = json_paths_end(scrape->json);
	scrape->done(scrape->context, whole ? scrape->sample : NULL,
	    whole ? "" : "metrics: not JSON");
}

static void
on_answer(void *context, const struct http_answer *answer)
{
	struct scrape *scrape = context;

	judge(scrape, answer);
	scrape_free(scrape);
}

static int
make_reader(struct scrape *scrape, const struct load_config *load)
{
	size_t n = scrape->sample->n;

	if (load->format == LOAD_PROMETHEUS) {
		scrape->text = malloc(sizeof(*scrape->text));
		if (scrape->text == NULL)
			return -1;
		exposition_init(scrape->text, on_series, scrape);
		return 0;
	}
	scrape->json = malloc(sizeof(*scrape->json));
	scrape->paths = calloc(n + 1, sizeof(*scrape->paths));
	if (scrape->json == NULL || scrape->paths == NULL)
		return -1;
	/* Paths were read when the file was: none has an error. */
	for (size_t i = 0; i < n; i++)
		(void)json_path_parse(
		    scrape->sample->names[i].name->name, &scrape->paths[i]);
	json_paths_init(scrape->json, scrape->paths, n, on_value, scrape);
	return 0;
}

struct scrape *
scrape_start(struct http_checker *checker, const struct check_config *check,
    const struct endpoint_address *to, scrape_done done, void *context)
{
	const struct load_config *load = &check->load;
	const struct http_request request = {.to = to,
	    .https = load->https,
	    .verify = check->verify,
	    .host = check->host,
	    .ca = check->ca,
	    .path = load->path,
	    .client = &check->client,
	    .take = on_body,
	    .timeout_ms = load->timeout_ms};
	struct scrape *scrape = calloc(1, sizeof(*scrape));

	if (scrape == NULL)
		return NULL;
	scrape->done = done;
	scrape->context = context;
	scrape->sample = sample_create(load);
	if (scrape->sample == NULL || make_reader(scrape, load) != 0)
		goto fail;
	scrape->request =
	    http_check_start(checker, &request, on_answer, scrape);
	if (scrape->request == NULL)
		goto fail;
	return scrape;
fail:
	scrape_free(scrape);
	return NULL;
}

void
scrape_cancel(struct scrape *scrape)
{
	http_check_cancel(scrape->request);
	scrape_free(scrape);
}
