/*
 * Checks as values: copied whole, so that probes keep nothing of the files they
 * came from, and compared by what they ask.  Called by the table of targets;
 * reads no file.
 */
#include "config/check.h"

#include <string.h>

#include "base/arena.h"

/* --- copies --- */

struct copying {
	struct arena *arena;
	bool failed;
};

static const char *
copy_text(struct copying *c, const char *text)
{
	const char *copy;

	if (text == NULL)
		return NULL;
	copy = arena_strdup(c->arena, text);
	c->failed = c->failed || copy == NULL;
	return copy;
}

/* The ${n} members of ${size} bytes at ${from}, whose pointers are still those
 * of ${from}.  NULL where there are none. */
static void *
copy_array(struct copying *c, const void *from, size_t n, size_t size)
{
	void *copy;

	if (n == 0)
		return NULL;
	copy = arena_array(c->arena, n, size);
	if (copy == NULL)
		c->failed = true;
	else
		memcpy(copy, from, n * size);
	return copy;
}

static const char *const *
copy_texts(struct copying *c, const char *const *from, size_t n)
{
	const char **copy = copy_array(c, from, n, sizeof(*copy));

	for (size_t i = 0; copy != NULL && i < n; i++)
		copy[i] = copy_text(c, from[i]);
	return copy;
}

static const struct step_header *
copy_headers(struct copying *c, const struct step_header *from, size_t n)
{
	struct step_header *copy = copy_array(c, from, n, sizeof(*copy));

	for (size_t i = 0; copy != NULL && i < n; i++) {
		copy[i].name = copy_text(c, from[i].name);
		copy[i].value = copy_text(c, from[i].value);
	}
	return copy;
}

static const struct json_rule *
copy_rules(struct copying *c, const struct json_rule *from, size_t n)
{
	struct json_rule *copy = copy_array(c, from, n, sizeof(*copy));

	for (size_t i = 0; copy != NULL && i < n; i++) {
		copy[i].path = copy_text(c, from[i].path);
		copy[i].is = copy_text(c, from[i].is);
		copy[i].words = copy_text(c, from[i].words);
	}
	return copy;
}

/* The arguments of a program, and the NULL that ends them. */
static const char *const *
copy_program(struct copying *c, const char *const *argv)
{
	size_t n = 0;

	if (argv == NULL)
		return NULL;
	while (argv[n] != NULL)
		n++;
	return copy_texts(c, argv, n + 1);
}

static void
copy_step(struct copying *c, struct check_step *step)
{
	step->name = copy_text(c, step->name);
	step->method = copy_text(c, step->method);
	step->path = copy_text(c, step->path);
	step->headers = copy_headers(c, step->headers, step->n_headers);
	step->body = copy_text(c, step->body);
	step->expect = copy_array(
	    c, step->expect, step->n_expect, sizeof(step->expect[0]));
	step->busy =
	    copy_array(c, step->busy, step->n_busy, sizeof(step->busy[0]));
	step->has = copy_texts(c, step->has, step->n_has);
	step->lacks = copy_texts(c, step->lacks, step->n_lacks);
	step->loading = copy_texts(c, step->loading, step->n_loading);
	step->json = copy_rules(c, step->json, step->n_json);
	if (step->send != NULL)
		step->send = copy_array(c, step->send, step->send_len, 1);
	step->receive = copy_text(c, step->receive);
	step->service = copy_text(c, step->service);
	step->argv = copy_program(c, step->argv);
}

static void
copy_plan(struct copying *c, struct check_plan *plan)
{
	struct check_step *steps =
	    copy_array(c, plan->steps, plan->n_steps, sizeof(*steps));

	for (size_t i = 0; steps != NULL && i < plan->n_steps; i++)
		copy_step(c, &steps[i]);
	plan->steps = steps;
}

static const struct metric_name *
copy_names(struct copying *c, const struct metric_name *from, size_t n)
{
	struct metric_name *names = copy_array(c, from, n, sizeof(*names));
	struct metric_label *labels;

	for (size_t i = 0; names != NULL && i < n; i++) {
		names[i].name = copy_text(c, from[i].name);
		names[i].divide_by = copy_text(c, from[i].divide_by);
		labels = copy_array(
		    c, from[i].labels, from[i].n_labels, sizeof(*labels));
		for (size_t k = 0; labels != NULL && k < from[i].n_labels;
		     k++) {
			labels[k].name = copy_text(c, labels[k].name);
			labels[k].value = copy_text(c, labels[k].value);
		}
		names[i].labels = labels;
	}
	return names;
}

static void
copy_load(struct copying *c, struct load_config *load)
{
	struct load_metric *metrics =
	    copy_array(c, load->metrics, load->n_metrics, sizeof(*metrics));

	load->path = copy_text(c, load->path);
	for (size_t i = 0; metrics != NULL && i < load->n_metrics; i++)
		metrics[i].names =
		    copy_names(c, metrics[i].names, metrics[i].n_names);
	load->metrics = metrics;
}

static void
copy_client(struct copying *c, struct client_config *client)
{
	client->headers = copy_headers(c, client->headers, client->n_headers);
	client->token_file = copy_text(c, client->token_file);
	client->user = copy_text(c, client->user);
	client->password_file = copy_text(c, client->password_file);
	client->certificate = copy_text(c, client->certificate);
	client->key = copy_text(c, client->key);
}

int
check_keep_load(struct arena *arena, struct load_config *load)
{
	struct copying c = {.arena = arena};

	copy_load(&c, load);
	return c.failed ? -1 : 0;
}

struct check_config *
check_copy(struct arena *arena, const struct check_config *from)
{
	struct copying c = {.arena = arena};
	struct check_config *check = copy_array(&c, from, 1, sizeof(*check));

	if (check == NULL)
		return NULL;
	/* Its file may be gone before the copy is. */
	check->at.file = NULL;
	check->name = copy_text(&c, from->name);
	check->preset = copy_text(&c, from->preset);
	check->path = copy_text(&c, from->path);
	check->host = copy_text(&c, from->host);
	check->model = copy_text(&c, from->model);
	check->ca = copy_text(&c, from->ca);
	check->expect = copy_array(
	    &c, from->expect, from->n_expect, sizeof(from->expect[0]));
	copy_plan(&c, &check->plan);
	copy_plan(&c, &check->deep);
	copy_client(&c, &check->client);
	copy_load(&c, &check->load);
	return c.failed ? NULL : check;
}

/* --- comparison --- */

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_texts(
    const char *const *a, size_t n, const char *const *b, size_t n_others)
{
	if (n != n_others)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same_text(a[i], b[i]))
			return false;
	return true;
}

static bool
same_codes(const struct code_range *a, size_t n, const struct code_range *b,
    size_t n_others)
{
	if (n != n_others)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a[i].first != b[i].first || a[i].last != b[i].last)
			return false;
	return true;
}

static bool
same_headers(const struct step_header *a, size_t n, const struct step_header *b,
    size_t n_others)
{
	if (n != n_others)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same_text(a[i].name, b[i].name) ||
		    !same_text(a[i].value, b[i].value))
			return false;
	return true;
}

static bool
same_rules(const struct json_rule *a, size_t n, const struct json_rule *b,
    size_t n_others)
{
	if (n != n_others)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same_text(a[i].path, b[i].path) ||
		    !same_text(a[i].is, b[i].is) ||
		    a[i].negated != b[i].negated ||
		    !same_text(a[i].words, b[i].words))
			return false;
	return true;
}

static bool
same_program(const char *const *a, const char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != NULL && same_text(*a, *b)) {
		a++;
		b++;
	}
	return *a == *b;
}

static bool
same_sent(const struct check_step *a, const struct check_step *b)
{
	if (a->send == NULL || b->send == NULL)
		return a->send == b->send;
	return a->send_len == b->send_len &&
	    memcmp(a->send, b->send, a->send_len) == 0;
}

static bool
same_step(const struct check_step *a, const struct check_step *b)
{
	return a->kind == b->kind && same_text(a->name, b->name) &&
	    same_text(a->method, b->method) && same_text(a->path, b->path) &&
	    same_headers(a->headers, a->n_headers, b->headers, b->n_headers) &&
	    same_text(a->body, b->body) &&
	    same_codes(a->expect, a->n_expect, b->expect, b->n_expect) &&
	    same_codes(a->busy, a->n_busy, b->busy, b->n_busy) &&
	    a->busy_retry_after == b->busy_retry_after &&
	    same_texts(a->has, a->n_has, b->has, b->n_has) &&
	    same_texts(a->lacks, a->n_lacks, b->lacks, b->n_lacks) &&
	    same_texts(a->loading, a->n_loading, b->loading, b->n_loading) &&
	    same_rules(a->json, a->n_json, b->json, b->n_json) &&
	    same_sent(a, b) && same_text(a->receive, b->receive) &&
	    same_text(a->service, b->service) && same_program(a->argv, b->argv);
}

static bool
same_plan(const struct check_plan *a, const struct check_plan *b)
{
	if (a->n_steps != b->n_steps || a->every_ms != b->every_ms ||
	    a->timeout_ms != b->timeout_ms)
		return false;
	for (size_t i = 0; i < a->n_steps; i++)
		if (!same_step(&a->steps[i], &b->steps[i]))
			return false;
	return true;
}

static bool
same_client(const struct client_config *a, const struct client_config *b)
{
	return same_headers(
		   a->headers, a->n_headers, b->headers, b->n_headers) &&
	    same_text(a->token_file, b->token_file) &&
	    same_text(a->user, b->user) &&
	    same_text(a->password_file, b->password_file) &&
	    same_text(a->certificate, b->certificate) &&
	    same_text(a->key, b->key) && a->http2 == b->http2 &&
	    a->host_port == b->host_port && a->reuse == b->reuse;
}

bool
check_same(const struct check_config *a, const struct check_config *b)
{
	return a->https == b->https && a->verify == b->verify &&
	    a->port == b->port && a->ipv4 == b->ipv4 && a->ipv6 == b->ipv6 &&
	    same_text(a->host, b->host) && same_text(a->ca, b->ca) &&
	    same_plan(&a->plan, &b->plan) && same_plan(&a->deep, &b->deep) &&
	    same_client(&a->client, &b->client);
}
