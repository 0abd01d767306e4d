/*
 * A node that needs no advice, for tests of the rules: three regions, a service
 * with a canary, one of caches, a month of even traffic.  Tests change what
 * they are about.
 */
#ifndef TESTS_UNIT_ADVICE_FIXTURE_H
#define TESTS_UNIT_ADVICE_FIXTURE_H

#include <check.h>
#include <math.h>
#include <string.h>

#include "advice/advice.h"

#define FIXTURE_ANSWERS 1000000.0
#define FIXTURE_HOURS 720

enum { US, EU, AP, FIXTURE_REGIONS };
enum { STABLE, CANARY, CACHES, FIXTURE_POOLS };
enum { CHAT, IMG, FIXTURE_SERVICES };
enum { IN_US, IN_IE, IN_IN, UNKNOWN, FIXTURE_COUNTRIES };

static const char fixture_text[] =
    "regions:\n"
    "  us: {at: [39, -77]}\n"
    "  eu: {at: [53, -6]}\n"
    "  ap: {at: [19, 73]}\n"
    "checks:\n"
    "  alive: {path: /health, every: 5s, timeout: 2s, fall: 3, rise: 2}\n"
    "pools:\n"
    "  stable:\n"
    "    check: alive\n"
    "    endpoints:\n"
    "      - {name: us-a, region: us, weight: 1}\n"
    "      - {name: us-b, region: us}\n"
    "      - {name: eu-a, region: eu}\n"
    "      - {name: eu-b, region: eu}\n"
    "      - {name: ap-a, region: ap}\n"
    "      - {name: ap-b, region: ap}\n"
    "  canary: {check: alive}\n"
    "  caches: {kind: edge, spread: 1}\n"
    "services:\n"
    "  chat:\n"
    "    split: {stable: 95, canary: 5}\n"
    "    ttl: {max: 60s, min: 5s}\n"
    "  img:\n"
    "    pool: caches\n";

/* Lines of that. */
enum {
	LINE_REGIONS = 1,
	LINE_CHECK = 6,
	LINE_STABLE = 8,
	LINE_ENDPOINT = 11,
	LINE_CANARY = 17,
	LINE_CACHES = 18,
	LINE_CHAT = 20,
	LINE_IMG = 23
};

struct fixture {
	struct advice_facts facts;
	struct advise_config config;
	struct advice advice;
	struct advice_region regions[FIXTURE_REGIONS];
	struct advice_zone zone;
	struct advice_check check;
	struct advice_endpoint stable[6], canary[3], caches[6];
	struct advice_pool pools[FIXTURE_POOLS];
	struct advice_member chat[2], img[1];
	struct advice_service services[FIXTURE_SERVICES];
	struct advice_country countries[FIXTURE_SERVICES][FIXTURE_COUNTRIES];
	double answered[FIXTURE_SERVICES][FIXTURE_REGIONS];
	double from[FIXTURE_SERVICES][FIXTURE_COUNTRIES][FIXTURE_REGIONS];
	struct advice_override override;
};

static inline struct mark
fixture_mark(unsigned line)
{
	return (struct mark){"example.yaml", line, 3};
}

static inline void
fixture_endpoints(struct advice_endpoint *e, size_t n, size_t each,
    const char *const *names, unsigned line)
{
	for (size_t i = 0; i < n; i++)
		e[i] = (struct advice_endpoint){
		    .at = fixture_mark(line + (unsigned)i),
		    .name = names[i],
		    .region = (uint32_t)(i / each),
		    .weight = 1,
		    .capacity = 100,
		    .checked = true,
		    .max_running = 100,
		    .saturation = 0.3,
		    .latency_ms = 50,
		    .certificate_ms = -1,
		    .watched_ms = (int64_t)FIXTURE_HOURS * 3600000};
}

static inline void
fixture_country(struct advice_country *c, const char *code, double latitude,
    double longitude, double share, uint32_t region, double *from)
{
	*c = (struct advice_country){.has_position = code[0] != '\0',
	    .latitude = latitude,
	    .longitude = longitude,
	    .answers = share * FIXTURE_ANSWERS,
	    .region = from,
	    .n_spots = 1};
	memcpy(c->code, code, strlen(code) + 1);
	from[region] = c->answers;
	c->spots[0].inside = 7;
	c->spots[0].n = FIXTURE_REGIONS;
	for (uint8_t i = 0; i < FIXTURE_REGIONS; i++)
		c->spots[0].order[i] =
		    (uint8_t)((region + i) % FIXTURE_REGIONS);
}

static inline void
fixture_service(struct fixture *f, size_t i, const char *name, unsigned line,
    struct advice_member *members, size_t n)
{
	struct advice_country *c = f->countries[i];

	fixture_country(&c[IN_US], "US", 39, -95, 0.4, US, f->from[i][IN_US]);
	fixture_country(&c[IN_IE], "IE", 53, -8, 0.3, EU, f->from[i][IN_IE]);
	fixture_country(&c[IN_IN], "IN", 22, 79, 0.3, AP, f->from[i][IN_IN]);
	fixture_country(&c[UNKNOWN], "", 0, 0, 0, US, f->from[i][UNKNOWN]);
	f->answered[i][US] = 0.4 * FIXTURE_ANSWERS;
	f->answered[i][EU] = f->answered[i][AP] = 0.3 * FIXTURE_ANSWERS;
	f->services[i] = (struct advice_service){.at = fixture_mark(line),
	    .name = name,
	    .members = members,
	    .n_members = n,
	    .weights = 100,
	    .canary = ADVICE_NONE,
	    .regions = 7,
	    .ttl_max_s = 60,
	    .ttl_min_s = 5,
	    .ranks_by_place = true,
	    .sticky_ipv4 = 20,
	    .answers = FIXTURE_ANSWERS,
	    .subnet = FIXTURE_ANSWERS / 2,
	    .first = FIXTURE_ANSWERS,
	    .region = f->answered[i],
	    .peak = 1,
	    .countries = c,
	    .n_countries = FIXTURE_COUNTRIES,
	    .sampled = FIXTURE_ANSWERS / 64};
	f->services[i].scopes[16] = FIXTURE_ANSWERS / 2;
}

static inline void
fixture_begin(struct fixture *f)
{
	static const char *const stable[] = {
	    "us-a", "us-b", "eu-a", "eu-b", "ap-a", "ap-b"};
	static const char *const canary[] = {"us-c", "eu-c", "ap-c"};
	static const char *const caches[] = {
	    "us-1", "us-2", "us-3", "eu-1", "eu-2", "ap-1"};

	memset(f, 0, sizeof(*f));
	advise_defaults(&f->config);
	f->regions[US] = (struct advice_region){.at = fixture_mark(2),
	    .name = "us",
	    .latitude = 39,
	    .longitude = -77};
	f->regions[EU] = (struct advice_region){.at = fixture_mark(3),
	    .name = "eu",
	    .latitude = 53,
	    .longitude = -6};
	f->regions[AP] = (struct advice_region){.at = fixture_mark(4),
	    .name = "ap",
	    .latitude = 19,
	    .longitude = 73};
	f->zone = (struct advice_zone){"example", "example.yaml", fixture_text,
	    sizeof(fixture_text) - 1, f->regions, FIXTURE_REGIONS};
	f->check = (struct advice_check){
	    fixture_mark(LINE_CHECK), "alive", 5000, 2000, 5000, 3, 2};
	fixture_endpoints(f->stable, 6, 2, stable, LINE_ENDPOINT);
	fixture_endpoints(f->canary, 3, 1, canary, LINE_CANARY);
	fixture_endpoints(f->caches, 6, 3, caches, LINE_CACHES);
	f->caches[5].region = AP;
	f->pools[STABLE] = (struct advice_pool){fixture_mark(LINE_STABLE),
	    "stable", 0, f->stable, 6, &f->check, false, 1};
	f->pools[CANARY] = (struct advice_pool){fixture_mark(LINE_CANARY),
	    "canary", 0, f->canary, 3, &f->check, false, 1};
	f->pools[CACHES] = (struct advice_pool){fixture_mark(LINE_CACHES),
	    "caches", 0, f->caches, 6, &f->check, true, 1};
	f->chat[0] =
	    (struct advice_member){STABLE, 0.95, 0.95 * FIXTURE_ANSWERS};
	f->chat[1] =
	    (struct advice_member){CANARY, 0.05, 0.05 * FIXTURE_ANSWERS};
	f->img[0] = (struct advice_member){CACHES, 1, FIXTURE_ANSWERS};
	fixture_service(f, CHAT, "chat.example", LINE_CHAT, f->chat, 2);
	fixture_service(f, IMG, "img.example", LINE_IMG, f->img, 1);
	f->services[CHAT].canary = 1;
	f->override = (struct advice_override){
	    .action = "drain",
	    .kind = "region",
	    .target = "us",
	    .value = "",
	    .author = "ops",
	};
	f->facts = (struct advice_facts){.path = "meridian.yaml",
	    .vantage_at = {"meridian.yaml", 4, 1},
	    .now_ms = (int64_t)FIXTURE_HOURS * 3600000,
	    .to_ms = (int64_t)FIXTURE_HOURS * 3600000,
	    .zones = &f->zone,
	    .n_zones = 1,
	    .pools = f->pools,
	    .n_pools = FIXTURE_POOLS,
	    .services = f->services,
	    .n_services = FIXTURE_SERVICES,
	    .overrides = &f->override,
	    .n_overrides = 1,
	    .knows_state = true,
	    .vantages = 2};
}

static inline void
fixture_end(struct fixture *f)
{
	advice_finish(&f->advice);
}

/* What is found of ${rule}; NULL: nothing.  More than one is a failure. */
static inline const struct advice_finding *
fixture_found(const struct fixture *f, enum advise_rule rule)
{
	const struct advice_finding *found = NULL;

	for (size_t i = 0; i < f->advice.n; i++) {
		if (f->advice.findings[i].rule != rule)
			continue;
		ck_assert_ptr_null(found);
		found = &f->advice.findings[i];
	}
	return found;
}

#endif
