/*
 * Writes what the steps of the ladder decided.  Called by the metrics page.
 */
#include "node/metrics_decisions.h"

#include <string.h>

#include "node/labels.h"
#include "node/service_share.h"
#include "steering/reasons.h"
#include "web/metrics.h"

static void
label_service(struct text *out, const char *service)
{
	char text[NAME_TEXT];

	metrics_label(out, "service", labels_name(service, text));
}

/* Add what slot number ${i} of the page counted, by cell. */
static void
add_slot(const struct page *page, size_t i, uint64_t sum[COUNTER_CELLS])
{
	uint64_t cells[COUNTER_CELLS], base[COUNTER_CELLS];
	uint32_t slot = page->slots[i].slot;

	server_sum_outcome(page->view.server, slot, cells);
	outcomes_base(page->source->outcomes, slot, base);
	for (unsigned c = 0; c < COUNTER_CELLS; c++)
		sum[c] += cells[c] > base[c] ? cells[c] - base[c] : 0;
}

/* Is the pool of slot number ${i} that of one from ${first} on? */
static bool
is_seen(const struct page *page, size_t first, size_t i)
{
	for (size_t k = first; k < i; k++)
		if (strcmp(page->slots[k].name.pool,
			page->slots[i].name.pool) == 0)
			return true;
	return false;
}

/* All answers of the pool of slot number ${i}, whose service has those before
 * ${end}. */
static void
write_pool(const struct page *page, size_t i, size_t end, struct text *out)
{
	const struct outcome_name *name = &page->slots[i].name;
	uint64_t sum[COUNTER_CELLS] = {0};

	for (size_t k = i; k < end; k++)
		if (strcmp(page->slots[k].name.pool, name->pool) == 0)
			add_slot(page, k, sum);
	for (unsigned c = 0; c < 2 * REASONS; c++) {
		bool subnet = c % 2 != 0;

		if (sum[c] == 0)
			continue;
		text_add(out, "meridian_decisions_total{");
		label_service(out, name->service);
		text_add(out, ",");
		metrics_label(out, "pool", name->pool);
		text_add(out, ",reason=\"%s\",client_subnet=\"%s\"} %llu\n",
		    reason_name(c / 2), subnet ? "yes" : "no",
		    (unsigned long long)sum[c]);
	}
}

/* All answers of the service whose first slot is number ${i}; the first slot of
 * the next one.  It has as many as its pools have regions. */
static size_t
write_service(const struct page *page, size_t i, struct text *out)
{
	const char *service = page->slots[i].name.service;
	size_t end = i;

	while (end < page->n_slots &&
	    strcmp(page->slots[end].name.service, service) == 0)
		end++;
	for (size_t k = i; k < end; k++)
		if (!is_seen(page, i, k))
			write_pool(page, k, end, out);
	return end;
}

size_t
metrics_decisions(struct page *page, size_t i, struct text *out)
{
	if (i == 0)
		metrics_head(out, "decisions_total", "counter",
		    "Answers of services by pool, by why they name what they "
		    "name, and by whether the query had a client subnet; what "
		    "never happened is missing.");
	while (i < page->n_slots && !page_full(out))
		i = write_service(page, i, out);
	return i < page->n_slots ? i : PAGE_PART_ENDS;
}

static void
write_share(struct text *out, const struct policy_service *service, unsigned m,
    const char *kind, double value)
{
	text_add(out, "meridian_split_share{");
	label_service(out, service->name);
	text_add(out, ",");
	metrics_label(out, "pool", service->members[m].pool.name);
	text_add(out, ",kind=\"%s\"} %.15g\n", kind, value);
}

static void
write_split(const struct page *page, const struct policy_service *service,
    struct text *out)
{
	if (service->n_members < 2)
		return;
	for (unsigned m = 0; m < service->n_members; m++) {
		struct service_share share =
		    service_share(page->view.served->live, service, m);

		write_share(out, service, m, "set", share.set);
		write_share(out, service, m, "now", share.now);
	}
}

size_t
metrics_shares(struct page *page, size_t i, struct text *out)
{
	const struct policy *policy = page->view.served->generation->policy;

	if (i == 0) {
		metrics_head(out, "split_share", "gauge",
		    "The share of each pool in the split of its service: set "
		    "by the file, and now, by a ramp or by hand.");
		page->zone = page->service = 0;
	}
	for (; page->zone < policy->n_zones && !page_full(out); i++) {
		const struct policy_zone *z = &policy->zones[page->zone];

		if (page->service < z->n_services) {
			write_split(page, &z->services[page->service++], out);
		} else {
			page->zone++;
			page->service = 0;
		}
	}
	return page->zone < policy->n_zones ? i : PAGE_PART_ENDS;
}

/* Bounds of the histogram of each family, with the most last. */
static const unsigned bounds_ipv4[] = {0, 8, 12, 14, 16, 18, 20, 22, 24, 32};
static const unsigned bounds_ipv6[] = {
    0, 16, 24, 28, 32, 36, 40, 44, 48, 56, 64, 128};

/* ${counts} are by length, up to the last of the ${n} bounds. */
static void
write_histogram(struct text *out, const char *family, const uint64_t *counts,
    const unsigned *bounds, size_t n)
{
	uint64_t sum = 0, seen = 0;
	unsigned length = 0;

	for (size_t b = 0; b < n; b++) {
		for (; length <= bounds[b]; length++) {
			seen += counts[length];
			sum += length * counts[length];
		}
		text_add(
		    out, "meridian_scope_length_bucket{family=\"%s\",", family);
		metrics_bound(out, bounds[b]);
		text_add(out, "} %llu\n", (unsigned long long)seen);
	}
	text_add(out,
	    "meridian_scope_length_bucket{family=\"%s\",le=\"+Inf\"} %llu\n"
	    "meridian_scope_length_sum{family=\"%s\"} %llu\n"
	    "meridian_scope_length_count{family=\"%s\"} %llu\n",
	    family, (unsigned long long)seen, family, (unsigned long long)sum,
	    family, (unsigned long long)seen);
}

size_t
metrics_scopes(struct page *page, size_t i, struct text *out)
{
	uint64_t all[COUNTER_SCOPES] = {0}, one[COUNTER_SCOPES];

	(void)i;
	for (uint32_t slot = 0; slot <= COUNTER_SERVICES; slot++) {
		server_sum_scope(page->view.server, slot, one);
		for (size_t k = 0; k < COUNTER_SCOPES; k++)
			all[k] += one[k];
	}
	metrics_head(out, "scope_length", "histogram",
	    "Scopes of steered answers to queries with a client subnet, in "
	    "bits: the shorter they are, the better resolvers cache.");
	write_histogram(out, "4", all, bounds_ipv4,
	    sizeof(bounds_ipv4) / sizeof(bounds_ipv4[0]));
	write_histogram(out, "6", all + COUNTER_SCOPES_IPV4, bounds_ipv6,
	    sizeof(bounds_ipv6) / sizeof(bounds_ipv6[0]));
	return PAGE_PART_ENDS;
}
