/*
 * Overrides in words: what is done, until when, the command that ends it, and
 * nothing that a terminal obeys.
 */
#include "ctl/override_text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* 2026-11-29T14:05:10Z */
#define NOON_MS INT64_C(1795961110000)

static struct state_override
row_of(
    const char *action, const char *kind, const char *target, const char *value)
{
	struct state_override row = {
	    .number = 7, .at_ms = NOON_MS, .length_ms = -1};

	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "%s", kind);
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	(void)snprintf(row.value, sizeof(row.value), "%s", value);
	(void)snprintf(row.author, sizeof(row.author), "ann@host");
	return row;
}

static void
is(struct text *t, const char *want)
{
	ck_assert_str_eq(t->data != NULL ? t->data : "", want);
	text_finish(t);
	text_init(t, 4096);
}

static const struct {
	const char *action, *kind, *target, *value;
	const char *what, *undo;
	bool ends;
} rows[] = {
    {"drain", "region", "eu-west", "", "region eu-west drained",
	"meridianctl undrain region eu-west", false},
    {"drain", "pool", "chat-*", "", "pool chat-* drained",
	"meridianctl undrain pool 'chat-*'", false},
    {"undrain", "region", "eu-west", "", "region eu-west no longer drained",
	NULL, true},
    {"force", "endpoint", "p/e", "down", "endpoint p/e forced down",
	"meridianctl force endpoint p/e off", false},
    {"force", "endpoint", "e", "off", "endpoint e no longer forced", NULL,
	true},
    {"weight", "pool", "p", "50%", "pool p at weight 50%",
	"meridianctl weight pool p off", false},
    {"weight", "pool", "p", "off", "pool p at its own weight again", NULL,
	true},
    {"freeze", "service", "c.example", "on", "service c.example frozen",
	"meridianctl freeze service c.example off", false},
    {"freeze", "service", "c.example", "off",
	"service c.example no longer frozen", NULL, true},
    {"canary", "service", "c.example", "v2 10%",
	"service c.example with the canary v2 10%",
	"meridianctl canary c.example off", false},
    {"drain", "region", "it's", "", "region it's drained",
	"meridianctl undrain region 'it'\\''s'", false},
    {"drain", "region", "\x1b[2J\xc2\x9b\t", "", "region ?[2J?? drained",
	"meridianctl undrain region '?[2J?"
	"?'",
	false},
    {"mend", "region", "eu", "all", "region eu mend all", NULL, false},
};

START_TEST(what_it_does_and_what_ends_it)
{
	struct text t;

	text_init(&t, 4096);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct state_override row = row_of(rows[i].action, rows[i].kind,
		    rows[i].target, rows[i].value);

		override_text_what(&t, &row);
		is(&t, rows[i].what);
		ck_assert_int_eq(override_text_ends(&row), rows[i].ends);
		if (rows[i].undo == NULL)
			continue;
		override_text_undo(&t, NULL, &row);
		is(&t, rows[i].undo);
	}
	text_finish(&t);
}
END_TEST

START_TEST(the_file_is_named_where_it_is_not_the_usual_one)
{
	struct state_override row = row_of("drain", "region", "eu", "");
	struct text t;

	text_init(&t, 4096);
	override_text_undo(&t, SERVER_DEFAULT_PATH, &row);
	is(&t, "meridianctl undrain region eu");
	override_text_undo(&t, "my node.yaml", &row);
	is(&t, "meridianctl -c 'my node.yaml' undrain region eu");
	text_finish(&t);
}
END_TEST

START_TEST(until_when)
{
	struct state_override row = row_of("drain", "region", "eu", "");
	struct text t;

	text_init(&t, 4096);
	override_text_when(&t, &row, NOON_MS);
	is(&t, "until somebody ends it");
	ck_assert_int_eq(override_text_until(&row), -1);
	row.length_ms = 600000;
	ck_assert_int_eq(override_text_until(&row), NOON_MS + 600000);
	override_text_when(&t, &row, NOON_MS);
	is(&t, "until 14:15:10Z");
	row.length_ms = INT64_C(12) * 3600 * 1000;
	override_text_when(&t, &row, NOON_MS);
	is(&t, "until 2026-11-30T02:05:10Z");
	row.length_ms = 0;
	ck_assert_int_eq(override_text_until(&row), NOON_MS);
	text_finish(&t);
}
END_TEST

START_TEST(who_and_why)
{
	struct state_override row = row_of("drain", "region", "eu", "");
	struct text t;

	text_init(&t, 4096);
	override_text_who(&t, &row);
	is(&t, "by ann@host");
	(void)snprintf(row.reason, sizeof(row.reason), "new\nswitches\x7f");
	override_text_who(&t, &row);
	is(&t, "by ann@host: new?switches?");
	row.author[0] = '\0';
	override_text_who(&t, &row);
	is(&t, "by nobody: new?switches?");
	text_finish(&t);
}
END_TEST

START_TEST(scripts_get_all_of_it)
{
	struct state_override row = row_of("drain", "region", "eu", "");
	json_t *object;
	char *text;

	row.length_ms = 1000;
	row.ramp_ms = 500;
	row.forced = 1;
	object = override_text_object(&row);
	text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
	ck_assert_str_eq(text,
	    "{\"number\":7,\"at\":\"2026-11-29T14:05:10Z\",\"action\":"
	    "\"drain\",\"kind\":\"region\",\"target\":\"eu\",\"value\":\"\","
	    "\"until\":\"2026-11-29T14:05:11Z\",\"length_ms\":1000,"
	    "\"ramp_ms\":500,\"author\":\"ann@host\",\"reason\":\"\","
	    "\"forced\":true}");
	free(text);
	json_decref(object);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_override_text");
	TCase *tc = tcase_create("override_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, what_it_does_and_what_ends_it);
	tcase_add_test(tc, the_file_is_named_where_it_is_not_the_usual_one);
	tcase_add_test(tc, until_when);
	tcase_add_test(tc, who_and_why);
	tcase_add_test(tc, scripts_get_all_of_it);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
