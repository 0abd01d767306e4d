/* Presets: those that ship are read without a word, and what is wrong with one
 * is said where it is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inputs.h"

#include "config/preset_folder.h"
#include "config/preset_store.h"
#include "config/steering.h"

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

/* --- of the operator's own --- */

static char folder[64];

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/meridian-preset-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	errbuf_init(&eb);
}

static void
remove_folder(void)
{
	static const char *const files[] = {
	    "vllm.yaml", "mine.yaml", "mine.yaml~", ".mine.yaml", "vllm.yml"};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

START_TEST(a_file_of_the_folder_is_a_preset)
{
	struct preset_store *store = preset_store_create();
	struct inputs inputs = {0};
	const struct preset *mine, *vllm;

	preset_store_extend(store, folder, &inputs);
	put("mine.yaml", "preset: mine\nabout: x\nsteps: [{path: /}]\n");
	put("vllm.yaml",
	    "preset: vllm\nabout: my own\nsteps: [{path: /mine}]\n");
	mine = preset_store_find(store, "mine", &eb);
	vllm = preset_store_find(store, "vllm", &eb);
	ck_assert_msg(mine != NULL && vllm != NULL, "%s", eb.text);
	ck_assert_str_eq(vllm->about, "my own");
	ck_assert_ptr_nonnull(preset_store_find(store, "http", &eb));
	/* A reload looks at them again, and at what is not there yet. */
	ck_assert_uint_eq(inputs.n, 3);
	preset_store_destroy(store);
	inputs_finish(&inputs);
}
END_TEST

START_TEST(an_error_of_it_is_said_once)
{
	struct preset_store *store = preset_store_create();

	preset_store_extend(store, folder, NULL);
	put("mine.yaml", "preset: mine\nsteps: [{path: /}]\n");
	ck_assert_ptr_null(preset_store_find(store, "mine", &eb));
	ck_assert_ptr_nonnull(strstr(
	    eb.text, "mine.yaml:1:1: error: the key \"about\" is missing"));
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_ptr_null(preset_store_find(store, "mine", &eb));
	ck_assert_uint_eq(eb.errors, 2);
	ck_assert_ptr_null(strstr(strchr(eb.text, '\n') + 1, "error"));
	preset_store_destroy(store);
}
END_TEST

/* Files as another process holds them: the disk is not looked at. */
START_TEST(a_preset_may_be_held_by_another_process)
{
	static const char text[] =
	    "preset: held\nabout: x\nsteps: [{path: /}]\n";
	static const char other[] =
	    "preset: other\nabout: x\nsteps: [{path: /}]\n";
	char paths[2][128];
	const struct input_text texts[] = {{paths[0], other, sizeof(other) - 1},
	    {paths[1], text, sizeof(text) - 1}};
	struct inputs inputs = {.texts = texts, .n_texts = 2};
	struct preset_store *store = preset_store_create();
	const struct preset *held;

	snprintf(paths[0], sizeof(paths[0]), "%s/other.yaml", folder);
	snprintf(paths[1], sizeof(paths[1]), "%s/held.yaml", folder);
	put("mine.yaml", "preset: mine\nabout: x\nsteps: [{path: /}]\n");
	preset_store_extend(store, folder, &inputs);
	held = preset_store_find(store, "held", &eb);
	ck_assert_msg(held != NULL, "%s", eb.text);
	ck_assert_str_eq(held->name, "held");
	ck_assert_ptr_null(preset_store_find(store, "mine", &eb));
	ck_assert_uint_eq(eb.errors, 0);
	ck_assert_ptr_nonnull(preset_store_find(store, "vllm", &eb));
	ck_assert_uint_eq(inputs.n, 0);
	preset_store_destroy(store);
}
END_TEST

/* What ships does not take the place of a file that is there, and cannot be
 * read. */
START_TEST(a_file_that_is_not_read_hides_what_ships)
{
	struct preset_store *store = preset_store_create();
	char path[128];

	preset_store_extend(store, folder, NULL);
	snprintf(path, sizeof(path), "%s/vllm.yaml", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_ptr_null(preset_store_find(store, "vllm", &eb));
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_int_eq(rmdir(path), 0);
	preset_store_destroy(store);
	ck_assert(preset_store_ships("vllm"));
	ck_assert(!preset_store_ships("mine"));
}
END_TEST

/* As long as a path may be, and longer. */
START_TEST(a_long_name_is_no_preset)
{
	static char name[5000];
	struct preset_store *store = preset_store_create();

	preset_store_extend(store, folder, NULL);
	for (size_t len = 4000; len < sizeof(name); len++) {
		memset(name, 'x', len);
		ck_assert_ptr_null(preset_store_find(store, name, &eb));
	}
	preset_store_destroy(store);
}
END_TEST

START_TEST(a_name_is_no_way_out_of_the_folder)
{
	struct preset_store *store = preset_store_create();

	preset_store_extend(store, folder, NULL);
	put("mine.yaml", "preset: mine\nabout: x\nsteps: [{path: /}]\n");
	ck_assert_ptr_null(preset_store_find(store, "./mine", &eb));
	ck_assert_uint_eq(eb.errors, 0);
	preset_store_destroy(store);
}
END_TEST

/* A steering file with the folder ${presets}, and a check of ${preset}. */
static struct steering_config *
steer(const char *presets, const char *check)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "presets: %s\nregions: {a: {at: [1, 2]}}\nchecks: {c: {%s}}\n"
	    "pools: {p: {check: c, endpoints: [{name: x, region: a, address: "
	    "192.0.2.1}]}}\nservices: {s: {pool: p}}\n",
	    presets, check);
	return steering_config_parse("f", text, strlen(text), &eb);
}

/* What a person looks for is in the folder, and is not read. */
START_TEST(a_name_that_nobody_has_is_answered_with_those_of_the_folder)
{
	char said[256];

	put("mine.yaml", "preset: mine\nabout: x\nsteps: [{path: /}]\n");
	ck_assert_ptr_null(steer(folder, "preset: mien"));
	ck_assert_ptr_nonnull(strstr(eb.text,
	    ": error: unknown preset \"mien\", did you mean \"mine\"?\n"));
	errbuf_init(&eb);
	ck_assert_ptr_null(steer(folder, "preset: nothing-like-it"));
	ck_assert_ptr_nonnull(strstr(eb.text, "known are: mine, epp, grpc, "));
	errbuf_init(&eb);
	put("vllm.yml", "preset: vllm\nabout: x\nsteps: [{path: /}]\n");
	ck_assert_ptr_null(steer(folder, "preset: vllm, load: true"));
	snprintf(said, sizeof(said),
	    "%s/vllm.yml: error: is not read: the file of a preset ends in "
	    ".yaml: call it %s/vllm.yaml\n",
	    folder, folder);
	/* And nothing of another preset in its place. */
	ck_assert_str_eq(eb.text, said);
}
END_TEST

/* 0 is a value of it, which is not the same as saying nothing. */
START_TEST(what_a_preset_says_of_smoothing_counts)
{
	static const struct {
		const char *preset, *check;
		unsigned ms;
	} rows[] = {
	    {"", "true", 20000},
	    {"smooth: off, ", "true", 0},
	    {"smooth: 5s, ", "true", 5000},
	    {"smooth: 5s, ", "{smooth: 7s}", 7000},
	    {"smooth: 5s, ", "{smooth: off}", 0},
	};
	struct steering_config *config;
	char text[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    "preset: mine\nabout: x\nsteps: [{path: /}]\n"
		    "load: {%spath: /m, metrics: {waiting: w}}\n",
		    rows[i].preset);
		put("mine.yaml", text);
		snprintf(text, sizeof(text), "preset: mine, load: %s",
		    rows[i].check);
		config = steer(folder, text);
		ck_assert_msg(config != NULL, "%s", eb.text);
		ck_assert_uint_eq(config->checks[0].load.smooth_ms, rows[i].ms);
		steering_config_destroy(config);
	}
}
END_TEST

START_TEST(a_folder_that_is_none_is_said)
{
	struct steering_config *config = steer("/nonexistent", "preset: vllm");
	char path[128];

	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text,
	    "f:1:10: warning: presets: /nonexistent: No such file or "
	    "directory: "
	    "write a folder with files NAME.yaml\n");
	steering_config_destroy(config);
	put("mine.yaml", "");
	snprintf(path, sizeof(path), "%s/mine.yaml", folder);
	errbuf_init(&eb);
	config = steer(path, "preset: vllm");
	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_ptr_nonnull(strstr(eb.text, "mine.yaml is no folder: "));
	steering_config_destroy(config);
}
END_TEST

START_TEST(files_of_the_folder_have_names)
{
	struct preset_names names;

	put("vllm.yaml", "");
	put("mine.yaml", "");
	put("mine.yaml~", "");
	put(".mine.yaml", "");
	ck_assert_int_eq(preset_folder_names(folder, &names, &eb), 0);
	ck_assert_uint_eq(names.n, 2);
	ck_assert_str_eq(names.names[0], "mine");
	ck_assert_str_eq(names.names[1], "vllm");
	preset_names_finish(&names);
	ck_assert_int_eq(preset_folder_names("/nonexistent", &names, &eb), -1);
	ck_assert_uint_eq(names.n, 0);
}
END_TEST

static const struct {
	const char *what, *text, *error;
} mistakes[] = {
    {"another name", "preset: b\nabout: x\nsteps: [{path: /}]\n",
	"f:1:9: error: preset: the name of the file makes it \"a\", and it "
	"says \"b\"\n"},
    {"no step", "preset: a\nabout: x\n",
	"f:1:1: error: the key \"steps\" is missing\n"},
    {"a step that is a path", "preset: a\nabout: x\nsteps: /health\n",
	"f:3:8: error: steps: expected a step ({path: /health}), found "
	"\"/health\"\n"},
    {"a place that is misspelt",
	"preset: a\nabout: x\nmodel: required\nsteps: [{path: "
	"\"/m/{modle}\"}]\n",
	"f:4:16: error: path: expected no other places than {path}, "
	"{models_path} and {model} (\"/v2/models/{model}/ready\"), found "
	"\"/m/{modle}\"\n"},
    {"a path that is a list", "preset: a\nabout: x\nsteps: [{path: [a]}]\n",
	"f:3:16: error: path: expected a path that starts with \"/\", in ASCII "
	"without blanks (/health); the name of the server goes to \"host\", "
	"found a list\n"},
    {"a path within a path",
	"preset: a\nabout: x\npath: /x\nsteps: [{path: \"/v1{path}\"}]\n",
	"f:4:16: error: path: {path} begins with a slash: it is nothing but "
	"the beginning of a path (\"{path}/ready\")\n"},
    {"a generation that is never over",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"deep: {every: 10s, timeout: 20s, steps: [{path: /}]}\n",
	"f:4:7: error: deep: its timeout is longer than its \"every\"\n"},
    {"load that is nowhere",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {metrics: {waiting: w}}\n",
	"f:4:7: error: load: needs the key \"path\" (path: /metrics)\n"},
    {"load of nothing",
	"preset: a\nabout: x\nsteps: [{path: /}]\nload: {path: /m}\n",
	"f:4:7: error: load: needs the key \"metrics\" ({waiting: "
	"queue_length})\n"},
    {"a range that nothing is in",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {path: /m, metrics: {kv_cache: {names: x, min: 5}}}\n",
	"f:4:38: error: kv_cache: no value is within 5 (\"min\") to 1 "
	"(\"max\")\n"},
    {"a histogram of what waits",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {path: /m, metrics: {waiting: {names: x, kind: histogram}}}\n",
	"f:4:37: error: waiting: only first_token, first_token_95 and "
	"token_time can be a histogram: write \"kind: gauge\" or \"kind: "
	"counter\"\n"},
    {"a histogram in JSON",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {path: /m, format: json, metrics: {first_token: t}}\n",
	"f:4:7: error: load: first_token: a histogram is nothing in JSON: "
	"write what its number is ({names: ..., kind: gauge})\n"},
    {"a unit that is no number",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"load: {path: /m, metrics: {first_token: {names: x, scale: ms}}}\n",
	"f:4:59: error: scale: expected a number above 0 (0.001), found "
	"\"ms\"\n"},
    {"a tab", "preset: a\nabout: x\nsteps:\n\t- path: /\n",
	"f:4:1: error: a tab indents this line: indent with blanks instead\n"},
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
    {"a place that nothing fills",
	"preset: a\nabout: x\nsteps: [{path: \"{path}\"}]\n",
	"f:3:9: error: steps: {path} needs the key \"path\" of the preset, "
	"for checks that name none (path: /health)\n"},
    {"a list of models that is nowhere",
	"preset: a\nabout: x\nsteps: [{path: \"{models_path}\"}]\n",
	"f:3:9: error: steps: {models_path} needs the key \"models_path\" of "
	"the preset (models_path: /v1/models)\n"},
    {"a model of checks that name none",
	"preset: a\nabout: x\nsteps: [{path: \"/m/{model}\"}]\n",
	"f:3:9: error: steps: checks of this preset name no model: write "
	"\"model: optional\" or \"model: required\" of the preset\n"},
    {"a model that a check need not name",
	"preset: a\nabout: x\nmodel: optional\n"
	"steps: [{path: /, body: {has: \"{model}\"}}]\n",
	"f:4:9: error: steps: {model} is not known of a check that names none: "
	"write \"only_with: model\", or \"model: required\" of the preset\n"},
    {"nothing that is asked without a model",
	"preset: a\nabout: x\nmodel: optional\n"
	"steps: [{path: /, only_with: model}]\n",
	"f:4:8: error: steps: a check without a model would ask nothing: write "
	"a step without \"only_with\", or \"model: required\"\n"},
    {"a model in a generation of none",
	"preset: a\nabout: x\nsteps: [{path: /}]\n"
	"deep: {steps: [{path: /, request_body: \"{model}\"}]}\n",
	"f:4:16: error: steps: checks of this preset name no model: write "
	"\"model: optional\" or \"model: required\" of the preset\n"},
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

/* What is just within its limits. */
static const char *const fine[] = {
    "deep: {every: 10s, timeout: 10s, steps: [{path: /}]}",
    "load: {path: /m, every: 5s, timeout: 5s, metrics: {waiting: w}}",
    "load: {path: /m, timeout: 5s, metrics: {waiting: w}}",
    "load: {path: /m, metrics: {waiting: {names: [w], min: 1, max: 1}}}",
    "load: {path: /m, format: json, metrics: {waiting: {names: [w]}}}",
};

START_TEST(a_preset_may_go_to_its_limits)
{
	struct preset *preset;
	char text[256];

	snprintf(text, sizeof(text),
	    "preset: a\nabout: x\nsteps: [{path: /}]\n%s\n", fine[_i]);
	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_msg(preset != NULL && eb.len == 0, "%s: %s", text, eb.text);
	preset_destroy(preset);
}
END_TEST

/* Wherever a model is named, a check must have one. */
static const char *const namings[] = {
    "{path: '/m/{model}'}",
    "{path: /, request_body: '{model}'}",
    "{path: /, headers: {X-Model: 'v/{model}'}}",
    "{path: /, headers: {X-Model: '{model}', X-Other: x}}",
    "{path: /, body: {has: ['{model}', x]}}",
    "{path: /, body: {lacks: [x, '{model}']}}",
    "{path: /, body: {lacks: ['{model}', x]}}",
    "{path: /, body: {loading: ['{model}', x]}}",
    "{path: /, body: {loading: [x, '{model}']}}",
    "{path: /, body: {json: [{path: a, is: '{model}'}, {path: b}]}}",
    "{path: /, body: {json: [{path: a}, {path: b, words: 'no {model}'}]}}",
    "{path: /, body: {json: [{path: b, words: 'no {model}'}, {path: a}]}}",
};

START_TEST(a_model_is_found_wherever_it_is_named)
{
	static const char error[] =
	    "steps: checks of this preset name no model: write \"model: "
	    "optional\" or \"model: required\" of the preset\n";
	char text[512];
	struct preset *preset;

	/* Behind a step that names none, and before one. */
	snprintf(text, sizeof(text),
	    "preset: a\nabout: x\nsteps:\n - {path: /}\n - %s\n - {path: /}\n",
	    namings[_i]);
	errbuf_init(&eb);
	ck_assert_ptr_null(preset_parse("a", "f", text, strlen(text), &eb));
	ck_assert_msg(strstr(eb.text, error) != NULL &&
		strncmp(eb.text, "f:5:", 4) == 0 && eb.errors == 1,
	    "%s: %s", namings[_i], eb.text);
	/* A check that names one may have it. */
	snprintf(text, sizeof(text),
	    "preset: a\nabout: x\nmodel: required\nsteps:\n - {path: /}\n - "
	    "%s\n - {path: /}\n",
	    namings[_i]);
	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_msg(preset != NULL, "%s: %s", namings[_i], eb.text);
	ck_assert(preset->plan.names_model && !preset->deep.names_model);
	preset_destroy(preset);
}
END_TEST

/* The number of a metric, as it is written; NULL: it is fine. */
#define NUMBER "a number (0.001)"
#define ABOVE_0 "a number above 0 (0.001)"

static const struct {
	const char *key, *value, *expected, *found;
} numbers[] = {
    {"scale", "0.001", NULL, NULL},
    {"scale", "1e12", NULL, NULL},
    {"scale", "0", ABOVE_0, "\"0\""},
    {"scale", "-1", ABOVE_0, "\"-1\""},
    {"scale", "''", ABOVE_0, "\"\""},
    {"scale", "", ABOVE_0, "nothing"},
    {"scale", "x", ABOVE_0, "\"x\""},
    {"scale", "1s", ABOVE_0, "\"1s\""},
    {"scale", "nan", ABOVE_0, "\"nan\""},
    {"scale", "inf", ABOVE_0, "\"inf\""},
    {"scale", "1.1e12", ABOVE_0, "\"1.1e12\""},
    {"scale", "[1]", ABOVE_0, "a list"},
    {"min", "-1e12", NULL, NULL},
    {"min", "-1.1e12", NUMBER, "\"-1.1e12\""},
    {"min", "''", NUMBER, "\"\""},
    {"max", "0", NULL, NULL},
    {"max", "1e12", NULL, NULL},
    {"max", "many", NUMBER, "\"many\""},
    {"max", "{a: 1}", NUMBER, "a mapping"},
};

START_TEST(numbers_of_a_metric_are_numbers)
{
	char text[256], error[256] = "";
	struct preset *preset;

	snprintf(text, sizeof(text),
	    "preset: a\nabout: x\nsteps: [{path: /}]\n"
	    "load: {path: /m, metrics: {waiting: {names: [w], %s: %s}}}\n",
	    numbers[_i].key, numbers[_i].value);
	if (numbers[_i].expected != NULL)
		snprintf(error, sizeof(error), "%s: expected %s, found %s\n",
		    numbers[_i].key, numbers[_i].expected, numbers[_i].found);
	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_msg(
	    (preset != NULL) == (numbers[_i].expected == NULL), "%s", text);
	ck_assert_msg(strstr(eb.text, error) != NULL, "%s: %s", text, eb.text);
	preset_destroy(preset);
}
END_TEST

#define EIGHT "a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8"
#define LABELS                                                      \
	"labels: expected 1 to 8 labels with their values ({type: " \
	"waiting})"

/* Labels of the name of a metric, and what is wrong with them; NULL: nothing.
 */
static const struct {
	const char *labels, *error;
	size_t n;
} labels[] = {
    {"{a: 1}", NULL, 1},
    {"{" EIGHT "}", NULL, 8},
    {"{" EIGHT ", i: 9}", LABELS, 0},
    {"{}", LABELS ", found a mapping", 0},
    {"[a]", LABELS ", found a list", 0},
    {"a", LABELS ", found \"a\"", 0},
    {"{a: [1], b: 2}", "a: expected the value of the label, found a list", 0},
};

START_TEST(a_name_of_a_metric_has_labels)
{
	const struct metric_name *name;
	struct preset *preset;
	char text[256];

	snprintf(text, sizeof(text),
	    "preset: a\nabout: x\nsteps: [{path: /}]\n"
	    "load: {path: /m, metrics: {waiting: {names: [{name: w, labels: "
	    "%s}]}}}\n",
	    labels[_i].labels);
	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_msg((preset != NULL) == (labels[_i].error == NULL), "%s: %s",
	    text, eb.text);
	if (labels[_i].error != NULL) {
		ck_assert_msg(strstr(eb.text, labels[_i].error) != NULL,
		    "%s: %s", text, eb.text);
		return;
	}
	name = &preset->load.metrics[0].names[0];
	ck_assert_uint_eq(name->n_labels, labels[_i].n);
	ck_assert_str_eq(name->labels[0].name, "a");
	ck_assert_str_eq(name->labels[0].value, "1");
	preset_destroy(preset);
}
END_TEST

/* In JSON names are paths, in the text format they are none. */
START_TEST(names_are_of_their_format)
{
	static const struct {
		const char *load, *error; /* NULL: it is fine */
	} rows[] = {
	    {"path: /m, metrics: {waiting: 'a['}", NULL},
	    {"path: /m, format: json, metrics: {waiting: 'a[0].b'}", NULL},
	    {"path: /m, format: json, metrics: {running: b, waiting: [a, "
	     "'a[']}",
		"load: a[ is no path of a value in JSON "
		"(loads[*].num_running_reqs)\n"},
	};
	char text[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct preset *preset;

		snprintf(text, sizeof(text),
		    "preset: a\nabout: x\nsteps: [{path: /}]\nload: {%s}\n",
		    rows[i].load);
		errbuf_init(&eb);
		preset = preset_parse("a", "f", text, strlen(text), &eb);
		ck_assert_msg((preset != NULL) == (rows[i].error == NULL),
		    "%s: %s", text, eb.text);
		ck_assert_msg(
		    strstr(eb.text,
			rows[i].error != NULL ? rows[i].error : "") != NULL,
		    "%s: %s", text, eb.text);
		preset_destroy(preset);
	}
}
END_TEST

/* ${n} names, 16 at most of each field. */
static size_t
many_names(char *text, size_t room, unsigned n)
{
	static const char *const fields[] = {
	    "waiting", "running", "kv_cache", "utilization", "requests"};
	size_t len = (size_t)snprintf(text, room,
	    "preset: a\nabout: x\nsteps: [{path: /}]\n"
	    "load:\n  path: /m\n  format: json\n  metrics:\n");

	for (unsigned i = 0; i < n; i++) {
		if (i % 16 == 0)
			len += (size_t)snprintf(text + len, room - len,
			    "    %s:\n", fields[i / 16]);
		len += (size_t)snprintf(
		    text + len, room - len, "      - n%u\n", i);
	}
	return len;
}

/* So many names are looked for in one document. */
START_TEST(names_in_json_are_bounded)
{
	static char text[8192];
	struct preset *preset;
	size_t len = many_names(text, sizeof(text), 64);

	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, len, &eb);
	ck_assert_msg(preset != NULL, "%s", eb.text);
	preset_destroy(preset);
	len = many_names(text, sizeof(text), 65);
	ck_assert_ptr_null(preset_parse("a", "f", text, len, &eb));
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "load: at most 64 names are looked for\n"));
}
END_TEST

START_TEST(a_preset_has_a_size)
{
	static char text[PRESET_MAX_BYTES + 1];
	struct preset *preset;
	int len = snprintf(text, sizeof(text), "%s",
	    "preset: a\nabout: x\nsteps: [{path: /}]\n#");

	memset(text + len, 'x', sizeof(text) - (size_t)len);
	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, sizeof(text) - 1, &eb);
	ck_assert_msg(preset != NULL, "%s", eb.text);
	preset_destroy(preset);
	ck_assert_ptr_null(preset_parse("a", "f", text, sizeof(text), &eb));
	ck_assert_str_eq(
	    eb.text, "f: error: a preset has at most 65536 octets\n");
}
END_TEST

/* A preset that names no code: 200 alone is well. */
START_TEST(an_answer_is_expected_where_nobody_says_which)
{
	static const char text[] = "preset: a\nabout: x\nsteps: [{path: /}]\n";
	struct preset *preset;

	errbuf_init(&eb);
	preset = preset_parse("a", "f", text, strlen(text), &eb);
	ck_assert_msg(preset != NULL, "%s", eb.text);
	ck_assert_uint_eq(preset->n_expect, 1);
	ck_assert_uint_eq(preset->expect[0].first, 200);
	ck_assert_uint_eq(preset->expect[0].last, 200);
	preset_destroy(preset);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_preset");
	TCase *tc = tcase_create("preset");
	TCase *own = tcase_create("own");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, every_preset_that_ships_is_whole);
	tcase_add_test(tc, an_answer_is_expected_where_nobody_says_which);
	tcase_add_checked_fixture(own, make_folder, remove_folder);
	tcase_add_test(own, a_file_of_the_folder_is_a_preset);
	tcase_add_test(own, an_error_of_it_is_said_once);
	tcase_add_test(own, a_preset_may_be_held_by_another_process);
	tcase_add_test(own, a_file_that_is_not_read_hides_what_ships);
	tcase_add_test(own, a_long_name_is_no_preset);
	tcase_add_test(own, a_name_is_no_way_out_of_the_folder);
	tcase_add_test(
	    own, a_name_that_nobody_has_is_answered_with_those_of_the_folder);
	tcase_add_test(own, what_a_preset_says_of_smoothing_counts);
	tcase_add_test(own, a_folder_that_is_none_is_said);
	tcase_add_test(own, files_of_the_folder_have_names);
	tcase_add_loop_test(tc, a_preset_may_go_to_its_limits, 0,
	    (int)(sizeof(fine) / sizeof(fine[0])));
	tcase_add_loop_test(tc, a_model_is_found_wherever_it_is_named, 0,
	    (int)(sizeof(namings) / sizeof(namings[0])));
	tcase_add_loop_test(tc, numbers_of_a_metric_are_numbers, 0,
	    (int)(sizeof(numbers) / sizeof(numbers[0])));
	tcase_add_loop_test(tc, a_name_of_a_metric_has_labels, 0,
	    (int)(sizeof(labels) / sizeof(labels[0])));
	tcase_add_test(tc, names_are_of_their_format);
	tcase_add_test(tc, names_in_json_are_bounded);
	tcase_add_test(tc, a_preset_has_a_size);
	tcase_add_loop_test(tc, a_mistake_is_said_where_it_is, 0,
	    (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, own);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
