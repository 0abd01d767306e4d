/* Presets: those that ship are read without a word, and what is wrong with one
 * is said where it is. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/preset_store.h"

static struct errbuf eb;

START_TEST(every_preset_that_ships_is_whole)
{
	struct preset_store *store = preset_store_create();
	size_t n = 0;

	ck_assert_ptr_nonnull(store);
	errbuf_init(&eb);
	for (const char *name; (name = preset_store_name(store, n)) != NULL;
	     n++) {
		const struct preset *p = preset_store_find(store, name, &eb);

		ck_assert_msg(p != NULL, "%s", eb.text);
		ck_assert_str_eq(p->name, name);
		ck_assert_uint_ge(p->plan.n_steps, 1);
		ck_assert_ptr_eq(preset_store_find(store, name, &eb), p);
	}
	ck_assert_str_eq(eb.text, "");
	ck_assert_uint_ge(n, 2);
	ck_assert_ptr_null(preset_store_find(store, "vll", &eb));
	ck_assert_ptr_null(preset_store_find(store, "", &eb));
	ck_assert_uint_eq(eb.errors, 0);
	preset_store_destroy(store);
}
END_TEST

static const struct {
	const char *what, *text, *error;
} mistakes[] = {
    {"another name", "preset: b\nabout: x\nsteps: [{path: /}]\n",
	"f:1:1: error: preset: the name of the file makes it \"a\", and it "
	"says \"b\"\n"},
    {"no step", "preset: a\nabout: x\n",
	"f:1:1: error: the key \"steps\" is missing\n"},
    {"a step of nothing", "preset: a\nabout: x\nsteps: [{method: GET}]\n",
	"f:3:9: error: steps: a step of http needs a path (path: /health)\n"},
    {"a path of a step of tcp",
	"preset: a\nabout: x\nsteps: [{kind: tcp, path: /}]\n",
	"f:3:27: error: path: only a step of http has it\n"},
    {"a field nobody knows",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {path: /m, metrics: {waitin: x}}\n",
	"f:4:28: error: unknown field of load \"waitin\", did you mean "
	"\"waiting\"?\n"},
    {"a path in JSON that is none",
	"preset: a\nabout: x\n"
	"steps: [{path: /, body: {json: [{path: \"a[\"}]}}]\n",
	"f:3:40: error: path: a[ is no path: a bracket is not closed "
	"(data[*].id)\n"},
    {"a header that is not the preset's to say",
	"preset: a\nabout: x\nsteps: [{path: /, headers: {host: x}}]\n",
	"f:3:29: error: the header Host is not said here: write \"host\"\n"},
};

START_TEST(a_mistake_is_said_where_it_is)
{
	const char *text = mistakes[_i].text;
	struct preset *preset;

	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_ptr_null(preset);
	ck_assert_msg(strcmp(eb.text, mistakes[_i].error) == 0, "%s: %s",
	    mistakes[_i].what, eb.text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_preset");
	TCase *tc = tcase_create("preset");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, every_preset_that_ships_is_whole);
	tcase_add_loop_test(tc, a_mistake_is_said_where_it_is, 0,
	    (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
