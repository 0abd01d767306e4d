/*
 * What each name server would control for itself is said where a zone has
 * several of them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/generation.h"

static char folder[] = "/tmp/meridian-alone-XXXXXX";

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
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

#define ENDPOINT "endpoints: [{name: x, region: a, capacity: 1, address: "
#define STEERING(pool, service)                                 \
	"regions: {a: {at: [1, 2]}}\n"                          \
	"checks: {c: {preset: vllm, load: {max_running: 9}}}\n" \
	"pools:\n"                                              \
	"  p: {check: c, " pool ENDPOINT "192.0.2.1}]}\n"       \
	"  q: {check: c, " ENDPOINT "192.0.2.2}]}\n"            \
	"services:\n"                                           \
	"  chat: {split: {p: 1, q: 0}" service "}\n"
#define ZONE "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns1.else.\n"
#define TWO ZONE "@ NS ns2.else.\n"
#define RAMP ", ramp: {to: 20%}"

static const struct {
	const char *says, *node, *zone, *steering;
	bool ramp, spill;
} rows[] = {
    {"nothing is controlled", "", TWO, STEERING("", ""), false, false},
    {"a ramp", "", TWO, STEERING("", RAMP), true, false},
    {"spill", "", TWO, STEERING("spill: {}, ", ""), false, true},
    {"both", "alone: false\n", TWO, STEERING("spill: {}, ", RAMP), true, true},
    {"it is meant", "alone: true\n", TWO, STEERING("spill: {}, ", RAMP), false,
	false},
    {"one name server is alone", "", ZONE, STEERING("spill: {}, ", RAMP), false,
	false},
};

START_TEST(what_several_control_is_said)
{
	static const struct policy_outcomes outcomes = {.slot = no_slot};
	static const char *const files[] = {
	    "meridian.yaml", "zone", "steering"};
	static struct errbuf eb;
	char path[256], text[1024];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/meridian.yaml", folder);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct generation *g;

		snprintf(text, sizeof(text),
		    "listen: 127.0.0.1:5300\ngeo: none\n%szones: [{name: "
		    "z.test, records: zone, steering: steering}]\n",
		    rows[i].node);
		write_file("meridian.yaml", text);
		write_file("zone", rows[i].zone);
		write_file("steering", rows[i].steering);
		errbuf_init(&eb);
		g = generation_load(path, &outcomes, NULL, &eb);
		ck_assert_msg(g != NULL, "%s: %s", rows[i].says, eb.text);
		generation_release(g);
		ck_assert_msg(
		    (strstr(eb.text,
			 "service \"chat\": its ramp is controlled by "
			 "each name server for itself, and z.test. "
			 "has 2: they drift apart.  Say \"alone: "
			 "true\" in /tmp/") != NULL) == rows[i].ramp,
		    "%s: %s", rows[i].says, eb.text);
		ck_assert_msg((strstr(eb.text,
				   "pool \"p\": its spill is controlled by") !=
				  NULL) == rows[i].spill,
		    "%s: %s", rows[i].says, eb.text);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		ck_assert_int_eq(unlink(path), 0);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_alone");
	TCase *tcase = tcase_create("alone");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, what_several_control_is_said);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
