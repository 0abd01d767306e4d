/*
 * What the pages have in common: a page is a row of parts, each written item by
 * item and handed out in pieces, all from the view that was taken when the
 * client asked.
 */
#ifndef NODE_PAGE_H
#define NODE_PAGE_H

#include <jansson.h>
#include <stddef.h>

#include "base/text.h"
#include "dns/answer/counters.h"
#include "node/board.h"
#include "node/loads.h"
#include "node/rates.h"
#include "node/traffic.h"
#include "web/http.h"
#include "steering/outcomes.h"

/* A piece ends with the item that makes it as long: about what a connection
 * takes at once. */
#define PAGE_PIECE 16384

/* The part has no more items. */
#define PAGE_PART_ENDS ((size_t)-1)

/* What pages are made from. */
struct page_source {
	struct board *board;
	struct outcomes *outcomes;
	struct loads *loads;
	struct counters *sum;    /* the room of page_sum() */
	struct rates *rates;     /* NULL: none are known */
	struct traffic *traffic; /* NULL: not counted */
	struct news *news;
	struct news_look *look;              /* that it is told from */
	const struct stream_counts *streams; /* or NULL */
};

/* The counter of an outcome. */
struct page_slot {
	struct outcome_name name;
	uint32_t slot;
};

/* A page that a client is being given. */
struct page {
	const struct page_source *source;
	const struct page_kind *kind;
	struct view view;
	int64_t now_ms;    /* monotonic clock, when it was opened */
	int64_t wall_ms;   /* the same on the wall */
	size_t part, item; /* that come next */
	/* The slots of all outcomes, in the order of the page. */
	struct page_slot *slots;
	uint32_t n_slots;
	/* The service that comes next in a list of all. */
	size_t zone, service;
	size_t offset;  /* in what is written in pieces of its own */
	json_t *answer; /* to the query of a page that takes one */
	bool refused;   /* which is an error, and all that is written */
	void *work;     /* what its kind keeps for itself */
	struct explain_countries *countries; /* while they are walked */
	/* Set by a part: the piece ends here, for what comes next takes time
	 * that other clients want too. */
	bool pauses;
};

struct page_kind {
	/* status = ask(page, query): answer ${query} into page->answer; the
	 * status of HTTP.  NULL for a page that takes no query. */
	unsigned (*ask)(struct page *page, const struct http_query *query);
	/*
	 * next = part(page, item, out): write the items from ${item} on, until
	 * the piece is full (page_full()).  The item that comes next, or
	 * PAGE_PART_ENDS.
	 */
	size_t (*const *parts)(
	    struct page *page, size_t item, struct text *out);
	size_t n_parts;
	/* finish(page): free page->work, which may be NULL; NULL: the kind has
	 * none. */
	void (*finish)(struct page *page);
};

/*
 * page = page_open(source, kind, query, status): a page of the node as it is
 * now, of a kind that takes a query: that answers ${query} and sets ${status},
 * of HTTP.  NULL without memory.
 */
struct page *page_open(const struct page_source *source,
    const struct page_kind *kind, const struct http_query *query,
    unsigned *status);

/* page_more(page, out): append the next piece; nothing after the last. */
void page_more(struct page *page, struct text *out);

/* page_close(page): free it. */
void page_close(struct page *page);

/* status = page_refuse(page, status, fmt, ...): what ask() returns of a query
 * that cannot be answered: {"error": "..."} is all that the page says.  Returns
 * ${status}, of HTTP. */
unsigned page_refuse(struct page *page, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* full = page_full(out): the piece is as long as it should be. */
bool page_full(const struct text *out);

/*
 * sum = page_sum(page): add up what the workers count now; all zero in a page
 * that was opened before they ran.  Without the tables of struct counters.
 * Valid until the next call, for any page.
 */
const struct counters *page_sum(struct page *page);

/* look = page_look(page): at what is known of endpoints beside their health. */
struct loads_look page_look(const struct page *page);

/* n = page_tcp_open(sum): connections that are open.  The counts are read one
 * after the other, so it may be out by some. */
uint64_t page_tcp_open(const struct counters *sum);

/* status = page_sort_slots(page): fill in the slots, by service, and by age
 * within each.  -1 without memory. */
int page_sort_slots(struct page *page);

/*
 * n = page_slot_count(page, i): answers of slot number ${i} of the page, which
 * are no last resort; where it is that of answers of no pool, all answers of
 * its service that are one.  Answers without data count in none.
 */
uint64_t page_slot_count(const struct page *page, uint32_t i);

/* page_count_slot(server, slot, out): what a slot counted, of whomever it is
 * and was: what rates are made from. */
void page_count_slot(
    const struct server *server, uint32_t slot, uint64_t out[RATE_KINDS]);

/* rate = page_slot_rate(page, slot, kind): answers of its outcome a second. */
double page_slot_rate(
    const struct page *page, const struct page_slot *slot, enum rate_kind kind);

/* rate = page_rate(source): of all outcomes, of every kind. */
double page_rate(const struct page_source *source);

/*
 * stale = page_is_stale(page), page_view_is_stale(view, mono_ms): there are
 * checks, and no vantage was heard of
 * for stale.after, nor is what was read of one when the database was opened
 * younger than that.  That none was heard of yet counts too, so that an
 * operator sees it; struct live calls that unchecked, as there are no rows to
 * distrust.
 */
bool page_is_stale(const struct page *page);
bool page_view_is_stale(const struct view *view, int64_t mono_ms);

#endif
