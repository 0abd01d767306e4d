/*
 * Walks the parts of a page and fills pieces.  Called in the thread of the
 * pages, by site.c and by each page; takes no lock but those of the board and
 * of the outcomes, each for as long as a copy takes.
 */
#include "node/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "node/explain_countries.h"
#include "node/page_json.h"
#include "steering/reasons.h"

/* Of what is wrong with a query: a sentence and a value of it. */
#define REFUSAL_MAX 512

/* The head of a part, and some of its first item. */
#define HEAD_ROOM 1024

struct page *
page_open(const struct page_source *source, const struct page_kind *kind,
    const struct http_query *query, unsigned *status)
{
	struct page *page = calloc(1, sizeof(*page));

	if (page == NULL)
		return NULL;
	page->source = source;
	page->kind = kind;
	page->now_ms = clock_mono_ms();
	page->wall_ms = clock_wall_ms();
	board_look(source->board, &page->view);
	if (kind->ask != NULL)
		*status = kind->ask(page, query);
	return page;
}

void
page_close(struct page *page)
{
	board_release(&page->view);
	if (page->kind->finish != NULL)
		page->kind->finish(page);
	free(page->slots);
	json_decref(page->answer);
	explain_countries_destroy(page->countries);
	free(page);
}

unsigned
page_refuse(struct page *page, unsigned status, const char *fmt, ...)
{
	char words[REFUSAL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	page->refused = true;
	page->answer = json_pack("{so}", "error", page_json_string(words));
	return status;
}

/* All of a page that was refused. */
static void
write_refusal(struct page *page, struct text *out)
{
	if (page->part > 0)
		return;
	page->part = 1;
	page_json_add(out, json_incref(page->answer), 0);
	text_add(out, "\n");
}

bool
page_full(const struct text *out)
{
	return out->len >= PAGE_PIECE || out->failed;
}

/* Another part, or item, has its place in this piece: a part only with room for
 * its head and an item, for it would begin with its head again. */
static bool
has_room(const struct page *page, const struct text *out)
{
	return !page_full(out) &&
	    (page->item > 0 || out->len + HEAD_ROOM <= PAGE_PIECE);
}

void
page_more(struct page *page, struct text *out)
{
	page->pauses = false;
	if (page->refused) {
		write_refusal(page, out);
		return;
	}
	while (page->part < page->kind->n_parts && has_room(page, out) &&
	    !page->pauses) {
		page->item =
		    page->kind->parts[page->part](page, page->item, out);
		if (page->item == PAGE_PART_ENDS) {
			page->part++;
			page->item = 0;
		}
	}
}

const struct counters *
page_sum(struct page *page)
{
	struct counters *sum = page->source->sum;

	if (page->view.server != NULL)
		server_sum(page->view.server, sum);
	else
		memset((void *)sum, 0, sizeof(*sum));
	return sum;
}

struct loads_look
page_look(const struct page *page)
{
	return (struct loads_look){.loads = page->source->loads,
	    .vantages = page->view.health.vantages,
	    .mono_ms = page->now_ms,
	    .cut = page->view.health.cut};
}

uint64_t
page_tcp_open(const struct counters *sum)
{
	uint64_t ended = 0, accepted;

	for (size_t i = 0; i < TCP_ENDS; i++)
		ended += counter_read(&sum->tcp_ended[i]);
	accepted = counter_read(&sum->tcp_accepted);
	return accepted > ended ? accepted - ended : 0;
}

static int
by_service(const void *a, const void *b)
{
	const struct page_slot *x = a, *y = b;
	int order = strcmp(x->name.service, y->name.service);

	if (order != 0)
		return order;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

int
page_sort_slots(struct page *page)
{
	struct outcomes *outcomes = page->source->outcomes;
	uint32_t n = outcomes_count(outcomes);

	page->slots = calloc(n + 1, sizeof(*page->slots));
	if (page->slots == NULL)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		struct page_slot *slot = &page->slots[page->n_slots];

		slot->slot = i;
		page->n_slots += outcomes_name(outcomes, i, &slot->name);
	}
	qsort(page->slots, page->n_slots, sizeof(*page->slots), by_service);
	return 0;
}

/* Answers of ${cells}, of last resorts or of others; not those without data. */
static uint64_t
add_cells(const uint64_t cells[COUNTER_CELLS], bool resorts)
{
	uint64_t n = 0;

	for (unsigned reason = 0; reason < REASONS; reason++)
		if (reason != REASON_NODATA &&
		    reason_is_resort(reason) == resorts)
			n += cells[counter_cell(reason, false)] +
			    cells[counter_cell(reason, true)];
	return n;
}

/* What slot number ${i} of the page counted of last resorts, or of others. */
static uint64_t
count_cells(const struct page *page, uint32_t i, bool resorts)
{
	uint32_t slot = page->slots[i].slot;
	uint64_t cells[COUNTER_CELLS], base[COUNTER_CELLS], n, before;

	server_sum_outcome(page->view.server, slot, cells);
	outcomes_base(page->source->outcomes, slot, base);
	n = add_cells(cells, resorts);
	before = add_cells(base, resorts);
	return n > before ? n - before : 0;
}

uint64_t
page_slot_count(const struct page *page, uint32_t i)
{
	const char *service = page->slots[i].name.service;
	uint64_t n = 0;

	if (page->slots[i].name.pool[0] != '\0')
		return count_cells(page, i, false);
	/* Those of a service follow each other. */
	while (i > 0 && strcmp(page->slots[i - 1].name.service, service) == 0)
		i--;
	for (; i < page->n_slots &&
	     strcmp(page->slots[i].name.service, service) == 0;
	     i++)
		n += count_cells(page, i, true);
	return n;
}

/* The rate of ${kind} of an outcome. */
static double
slot_rate(const struct page_source *source, uint32_t slot, enum rate_kind kind)
{
	uint64_t base[COUNTER_CELLS];

	outcomes_base(source->outcomes, slot, base);
	return rates_slot(
	    source->rates, slot, kind, add_cells(base, kind == RATE_RESORT));
}

double
page_slot_rate(
    const struct page *page, const struct page_slot *slot, enum rate_kind kind)
{
	return slot_rate(page->source, slot->slot, kind);
}

double
page_rate(const struct page_source *source)
{
	uint32_t n = outcomes_count(source->outcomes);
	struct outcome_name name;
	double rate = 0;

	for (uint32_t i = 0; i < n; i++)
		if (outcomes_name(source->outcomes, i, &name))
			rate += slot_rate(source, i, RATE_SHARE) +
			    slot_rate(source, i, RATE_RESORT);
	return rate;
}

void
page_count_slot(
    const struct server *server, uint32_t slot, uint64_t out[RATE_KINDS])
{
	uint64_t cells[COUNTER_CELLS];

	server_sum_outcome(server, slot, cells);
	out[RATE_SHARE] = add_cells(cells, false);
	out[RATE_RESORT] = add_cells(cells, true);
}

bool
page_is_stale(const struct page *page)
{
	return page_view_is_stale(&page->view, page->now_ms);
}

bool
page_view_is_stale(const struct view *view, int64_t mono_ms)
{
	const struct generation *g = view->served->generation;
	const struct health_report *health = &view->health;
	const struct vantages *v = health->vantages;

	if (!generation_is_checked(g))
		return false;
	if (health->heard)
		return mono_ms - health->alive_ms >
		    (int64_t)g->config->stale_after_ms;
	for (size_t i = 0; v != NULL && i < v->n; i++)
		if (v->of[i].state == VANTAGE_KNOWN)
			return false;
	return true;
}
