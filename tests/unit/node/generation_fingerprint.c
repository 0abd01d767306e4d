/* The fingerprint of files: what changes it, and what does not. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/generation.h"

static char folder[64];

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

#define NODE                                                         \
	"listen: 127.0.0.1:5300\nzones:\n"                           \
	"  - {name: a.example, records: a.zone, steering: a.yaml}\n" \
	"  - {name: b.example, records: b.zone}\n"
#define A_ZONE                                         \
	"$TTL 60\n@ SOA ns h 1 60 60 60 60\n@ NS ns\n" \
	"ns A 192.0.2.1\nwww A 192.0.2.2\n"
#define B_ZONE "$TTL 60\n@ SOA ns h 1 60 60 60 60\n@ NS ns\nns A 192.0.2.1\n"
#define STEERING                                             \
	"networks:\n  office: {file: office.txt}\n"          \
	"regions:\n  r: {at: [1, 2]}\n"                      \
	"presets: .\nchecks:\n  c: {preset: own}\n"          \
	"pools:\n  p:\n    check: c\n    endpoints:\n"       \
	"      - {name: e, region: r, address: 192.0.2.9}\n" \
	"services:\n  s:\n    split: {p: 1}\n"               \
	"    fence: [{clients: {networks: [office]}, regions: [r]}]\n"

#define PRESET \
	"preset: own\nabout: own\nport: 8000\nsteps:\n  - {path: /health}\n"

static void
begin(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/meridian-print-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	put("meridian.yaml", NODE);
	put("a.zone", A_ZONE);
	put("b.zone", B_ZONE);
	put("a.yaml", STEERING);
	put("office.txt", "10.0.0.0/8\n");
	put("own.yaml", PRESET);
}

static void
end(void)
{
	static const char *const names[] = {"meridian.yaml", "a.zone", "b.zone",
	    "a.yaml", "office.txt", "own.yaml"};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return UINT32_MAX;
}

static struct fingerprint
take(void)
{
	static const struct policy_outcomes outcomes = {.slot = no_slot};
	static struct errbuf eb;
	struct generation *g;
	struct fingerprint out;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/meridian.yaml", folder);
	errbuf_init(&eb);
	g = generation_load(path, &outcomes, NULL, &eb);
	ck_assert_msg(g != NULL, "%s", eb.text);
	out = g->fingerprint;
	generation_release(g);
	return out;
}

/* A file, what is in it now, and which hashes that changes. */
static const struct {
	const char *name, *text, *why;
	bool zones, steering, presets;
} rows[] = {
    {"a.zone", A_ZONE "\n; a comment\n", "a comment in a zone", false, false,
	false},
    {"a.zone",
	"$TTL 60\n@ SOA ns h 1 60 60 60 60\n@ NS ns\n"
	"www  60 IN A 192.0.2.2\nns A 192.0.2.1\n",
	"names in another order", false, false, false},
    {"a.zone", A_ZONE "more A 192.0.2.3\n", "a name more", true, false, false},
    {"b.zone", "$TTL 61\n@ SOA ns h 1 60 60 60 60\n@ NS ns\nns A 192.0.2.1\n",
	"another TTL", true, false, false},
    {"meridian.yaml",
	"listen: 127.0.0.1:5301\nzones:\n"
	"  - {name: B.example., records: b.zone}\n"
	"  - {name: a.example, records: a.zone, steering: a.yaml}\n",
	"zones in another order, and another port", false, false, false},
    {"a.yaml", "# a comment\n" STEERING "\n", "a comment", false, false, false},
    {"a.yaml",
	"networks: {office: {file: \"office.txt\"}}\n"
	"regions: {r: {at: [1, 2]}}\n"
	"presets: .\nchecks: {c: {preset: own}}\n"
	"pools: {p: {check: c, endpoints: [{name: e, region: r, address: "
	"192.0.2.9}]}}\n"
	"services:\n  s:\n    split: {p: 1}\n"
	"    fence: [{clients: {networks: [office]}, regions: [r]}]\n",
	"another layout, and quotes", false, false, false},
    {"a.yaml", STEERING "    ttl: {max: 30s}\n", "a key more", false, true,
	false},
    {"office.txt", "10.0.0.0/9\n", "a network's file", false, true, false},
    {"office.txt", "# all\n10.0.0.0/8\n", "a comment in it", false, false,
	false},
    {"own.yaml", "# own\n" PRESET, "a comment in a preset", false, false,
	false},
    {"own.yaml", PRESET "path: /other\n", "a preset of the operator's own",
	false, false, true},
};

START_TEST(hashes_are_of_what_decides)
{
	struct fingerprint before, after;

	begin();
	before = take();
	put(rows[_i].name, rows[_i].text);
	after = take();
	end();
	ck_assert_msg(
	    (strcmp(before.zones, after.zones) != 0) == rows[_i].zones,
	    "zones: %s", rows[_i].why);
	ck_assert_msg(
	    (strcmp(before.steering, after.steering) != 0) == rows[_i].steering,
	    "steering: %s", rows[_i].why);
	ck_assert_msg(
	    (strcmp(before.presets, after.presets) != 0) == rows[_i].presets,
	    "presets: %s", rows[_i].why);
	ck_assert_str_eq(before.geography, after.geography);
	/* Nobody ranks by round trips. */
	ck_assert_str_eq(after.latency, "none");
	ck_assert_uint_eq(strlen(after.zones), 16);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: fingerprint");
	TCase *tcase = tcase_create("fingerprint");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, hashes_are_of_what_decides, 0,
	    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
