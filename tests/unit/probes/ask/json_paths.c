/* Tests of the reader of JSON: lists of models, good ones and odd ones, values
 * at all kinds of paths, and what is no JSON. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/json_paths.h"

#define MODEL "llama-3-70b"
#define LIST(element) "{\"data\":[" element ",{\"id\":\"" MODEL "\"}]}"

/* A list of models, as an example of what is looked for. */
enum model_list_verdict {
	MODEL_LIST_NAMED,
	MODEL_LIST_NOT_NAMED,
	MODEL_LIST_NONE, /* without the array */
	MODEL_LIST_NOT_JSON
};

struct looking {
	const char *model;
	bool named, listed;
};

static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	struct looking *looking = context;

	/* Path 0 is an item of the list, 1 the list, 2 a name. */
	if (path == 1)
		looking->listed = looking->listed || kind == JSON_NESTED;
	if (path == 2 && kind == JSON_TEXT && strcmp(text, looking->model) == 0)
		looking->named = true;
	if (path == 0)
		looking->listed = true;
}

static enum model_list_verdict
judge_in(const char *model, const char *body, size_t len, size_t piece)
{
	struct looking looking = {.model = model};
	struct json_path paths[3];
	struct json_paths j;

	ck_assert_ptr_null(json_path_parse("data[*]", &paths[0]));
	ck_assert_ptr_null(json_path_parse("data", &paths[1]));
	ck_assert_ptr_null(json_path_parse("data[*].id", &paths[2]));
	json_paths_init(&j, paths, 3, on_value, &looking);
	for (size_t at = 0; at < len; at += piece)
		json_paths_read(
		    &j, body + at, len - at < piece ? len - at : piece);
	if (!json_paths_end(&j))
		return MODEL_LIST_NOT_JSON;
	if (looking.named)
		return MODEL_LIST_NAMED;
	return looking.listed ? MODEL_LIST_NOT_NAMED : MODEL_LIST_NONE;
}

/* The same however it is cut to pieces. */
static enum model_list_verdict
judge(const char *model, const char *body, size_t len)
{
	enum model_list_verdict whole = judge_in(model, body, len, len + 1);

	ck_assert_int_eq(judge_in(model, body, len, 1), whole);
	ck_assert_int_eq(judge_in(model, body, len, 3), whole);
	return whole;
}

static const struct {
	const char *what, *body;
	enum model_list_verdict verdict;
} rows[] = {
    {"the only one", "{\"object\":\"list\",\"data\":[{\"id\":\"" MODEL "\"}]}",
	MODEL_LIST_NAMED},
    {"the last of some", LIST("{\"id\":\"a\"},{}"), MODEL_LIST_NAMED},
    {"blanks everywhere",
	" {\t\"data\" :\n[ {\r\"id\" : \"" MODEL "\" } ] } \n",
	MODEL_LIST_NAMED},
    {"id after things of all kinds",
	"{\"x\":{\"data\":[1]},\"data\":[{\"p\":[{\"id\":[]}],\"t\":true,"
	"\"f\":false,\"n\":null,\"d\":-0.5E+7,\"id\":\"" MODEL "\"}],"
	"\"y\":[]}",
	MODEL_LIST_NAMED},
    {"things of all kinds beside it",
	LIST("1,\"x\",null,[],[{\"id\":\"" MODEL "-x\"}],true"),
	MODEL_LIST_NAMED},
    {"a key written in escapes",
	"{\"d\\u0061ta\":[{\"\\u0069\\u0064\":\"" MODEL "\"}]}",
	MODEL_LIST_NAMED},
    {"a name written in escapes",
	"{\"data\":[{\"id\":\"\\u006C\\u006cama-3-70b\"}]}", MODEL_LIST_NAMED},

    {"a byte order mark before it", "\xef\xbb\xbf" LIST("{}"),
	MODEL_LIST_NAMED},
    {"a number beyond any range", LIST("{\"n\":1e400}"), MODEL_LIST_NAMED},
    {"a number with a huge exponent", LIST("{\"n\":-1E+99999999999999999999}"),
	MODEL_LIST_NAMED},
    {"a whole number beyond 64 bits",
	LIST("{\"n\":100000000000000000000000000000000000000000}"),
	MODEL_LIST_NAMED},
    {"many digits after the point",
	LIST("0.00000000000000000000000000000000000000000000000000000001"),
	MODEL_LIST_NAMED},
    {"a NUL that is escaped", LIST("{\"id\":\"a\\u0000b\"}"), MODEL_LIST_NAMED},
    {"a NUL in a key", LIST("{\"\\u0000\":1}"), MODEL_LIST_NAMED},
    {"the first half of a pair, alone", LIST("{\"id\":\"\\ud83d\"}"),
	MODEL_LIST_NAMED},
    {"the second half of a pair, alone", LIST("{\"id\":\"\\udca9x\"}"),
	MODEL_LIST_NAMED},
    {"a key that is there twice",
	"{\"data\":[{\"id\":\"a\",\"id\":\"" MODEL "\",\"id\":\"b\"}]}",
	MODEL_LIST_NAMED},
    {"data that is there twice",
	"{\"data\":null,\"data\":[{\"id\":\"" MODEL "\"}],\"data\":7}",
	MODEL_LIST_NAMED},

    {"another one", "{\"data\":[{\"id\":\"llama-3-8b\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"one whose name begins so", "{\"data\":[{\"id\":\"" MODEL "-x\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"one whose name is a part of it", "{\"data\":[{\"id\":\"llama-3\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"a NUL behind the name", "{\"data\":[{\"id\":\"" MODEL "\\u0000\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"half a pair behind the name",
	"{\"data\":[{\"id\":\"" MODEL "\\ud83d\"}]}", MODEL_LIST_NOT_NAMED},
    {"half a pair before the name",
	"{\"data\":[{\"id\":\"\\udca9" MODEL "\"}]}", MODEL_LIST_NOT_NAMED},
    {"half a pair twice before the name",
	"{\"data\":[{\"id\":\"\\ud83d\\ud83d" MODEL "\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"in another key", "{\"data\":[{\"root\":\"" MODEL "\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"as a key", "{\"data\":[{\"" MODEL "\":\"id\"}]}", MODEL_LIST_NOT_NAMED},
    {"as a text of the list", "{\"data\":[\"id\",\"" MODEL "\"]}",
	MODEL_LIST_NOT_NAMED},
    {"deeper than a model's name is",
	"{\"data\":[[{\"id\":\"" MODEL "\"}],{\"id\":[\"" MODEL "\"]},"
	"{\"x\":{\"id\":\"" MODEL "\"}},{\"id\":{\"id\":\"" MODEL "\"}}]}",
	MODEL_LIST_NOT_NAMED},
    {"in a list beside it", "{\"data\":[],\"more\":[{\"id\":\"" MODEL "\"}]}",
	MODEL_LIST_NOT_NAMED},
    {"in a list inside an object beside it",
	"{\"data\":[],\"x\":{\"data\":[{\"id\":\"" MODEL "\"}]}}",
	MODEL_LIST_NOT_NAMED},
    {"in a later value of the same object",
	"{\"data\":[{\"id\":1,\"root\":\"" MODEL "\"}]}", MODEL_LIST_NOT_NAMED},
    {"an empty list", "{\"data\":[]}", MODEL_LIST_NOT_NAMED},
    {"names that are no texts",
	"{\"data\":[{\"id\":1},{\"id\":null},{\"id\":[]},7,\"x\",null]}",
	MODEL_LIST_NOT_NAMED},

    {"data is an object", "{\"data\":{\"id\":\"" MODEL "\"}}",
	MODEL_LIST_NOT_NAMED},
    {"data is a text", "{\"data\":\"" MODEL "\"}", MODEL_LIST_NONE},
    {"no data", "{}", MODEL_LIST_NONE},
    {"data deeper down", "{\"x\":{\"data\":[{\"id\":\"" MODEL "\"}]}}",
	MODEL_LIST_NONE},
    {"an array at the top", "[{\"id\":\"" MODEL "\"}]", MODEL_LIST_NONE},
    {"an array in an array", "[[{\"id\":\"" MODEL "\"}]]", MODEL_LIST_NONE},
    {"a number at the top", "12", MODEL_LIST_NONE},
    {"a fraction at the top", "-0.25", MODEL_LIST_NONE},
    {"a text at the top", "\"data\"", MODEL_LIST_NONE},
    {"a word at the top", "null ", MODEL_LIST_NONE},

    {"nothing", "", MODEL_LIST_NOT_JSON},
    {"only blanks", "  \n", MODEL_LIST_NOT_JSON},
    {"only a byte order mark", "\xef\xbb\xbf", MODEL_LIST_NOT_JSON},
    {"half a byte order mark", "\xef\xbb{}", MODEL_LIST_NOT_JSON},
    {"two byte order marks", "\xef\xbb\xbf\xef\xbb\xbf{}", MODEL_LIST_NOT_JSON},
    {"a byte order mark behind blanks", " \xef\xbb\xbf{}", MODEL_LIST_NOT_JSON},
    {"a page", "<html>" MODEL "</html>", MODEL_LIST_NOT_JSON},
    {"cut short", "{\"data\":[{\"id\":\"" MODEL "\"", MODEL_LIST_NOT_JSON},
    {"cut short in a text", "{\"data\":[{\"id\":\"" MODEL, MODEL_LIST_NOT_JSON},
    {"something behind it", LIST("{}") " x", MODEL_LIST_NOT_JSON},
    {"a second value", "{} {}", MODEL_LIST_NOT_JSON},
    {"a comma behind it", "{},", MODEL_LIST_NOT_JSON},
    {"an end too many", "{}}", MODEL_LIST_NOT_JSON},
    {"an array that ends like an object", "{\"data\":[}}", MODEL_LIST_NOT_JSON},
    {"an object that ends like an array", "{\"data\":[{]]}",
	MODEL_LIST_NOT_JSON},
    {"a comma before an end", "[1,]", MODEL_LIST_NOT_JSON},
    {"a comma before an object's end", "{\"a\":1,}", MODEL_LIST_NOT_JSON},
    {"no comma", "[1 2]", MODEL_LIST_NOT_JSON},
    {"a key without a value", "{\"a\"}", MODEL_LIST_NOT_JSON},
    {"a key that is no text", "{1:2}", MODEL_LIST_NOT_JSON},
    {"no colon", "{\"a\" 1}", MODEL_LIST_NOT_JSON},
    {"not UTF-8", "[\"\xff\xfe\"]", MODEL_LIST_NOT_JSON},
    {"an overlong character", "[\"\xc0\xaf\"]", MODEL_LIST_NOT_JSON},
    {"an overlong character of three", "[\"\xe0\x80\xaf\"]",
	MODEL_LIST_NOT_JSON},
    {"a surrogate in UTF-8", "[\"\xed\xa0\x80\"]", MODEL_LIST_NOT_JSON},
    {"above all characters", "[\"\xf4\x90\x80\x80\"]", MODEL_LIST_NOT_JSON},
    {"a character cut short", "[\"\xe2\x82\"]", MODEL_LIST_NOT_JSON},
    {"a control character in a text", "[\"a\nb\"]", MODEL_LIST_NOT_JSON},
    {"an escape that is none", "[\"\\x41\"]", MODEL_LIST_NOT_JSON},
    {"an escape with bad digits", "[\"\\u00g0\"]", MODEL_LIST_NOT_JSON},
    {"a word that is none", "[nul]", MODEL_LIST_NOT_JSON},
    {"a word that goes on", "[nulll]", MODEL_LIST_NOT_JSON},
    {"no number of JSON", "[NaN]", MODEL_LIST_NOT_JSON},
    {"a zero before a number", "[01]", MODEL_LIST_NOT_JSON},
    {"a zero before a number below 0", "[-01]", MODEL_LIST_NOT_JSON},
    {"a plus before a number", "[+1]", MODEL_LIST_NOT_JSON},
    {"a minus alone", "[-]", MODEL_LIST_NOT_JSON},
    {"a point without digits", "[1.]", MODEL_LIST_NOT_JSON},
    {"an exponent without digits", "[1e+]", MODEL_LIST_NOT_JSON},
    {"a number cut short at the top", "1.", MODEL_LIST_NOT_JSON},
};

START_TEST(lists)
{
	ck_assert_msg(judge(MODEL, rows[_i].body, strlen(rows[_i].body)) ==
		rows[_i].verdict,
	    "%s", rows[_i].what);
}
END_TEST

/* As they are, and as an encoder that writes ASCII only spells them. */
START_TEST(names_beyond_ascii)
{
	static const char raw[] =
	    "{\"data\":[{\"id\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9\"}]}";
	static const char escaped[] =
	    "{\"data\":[{\"id\":\"\\u00e9\\u20AC\\ud83d\\udca9\"}]}";
	static const char name[] = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9";
	static const char other[] = "\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa8";

	ck_assert_int_eq(judge(name, raw, sizeof(raw) - 1), MODEL_LIST_NAMED);
	ck_assert_int_eq(
	    judge(name, escaped, sizeof(escaped) - 1), MODEL_LIST_NAMED);
	ck_assert_int_eq(
	    judge(other, raw, sizeof(raw) - 1), MODEL_LIST_NOT_NAMED);
	ck_assert_int_eq(
	    judge(other, escaped, sizeof(escaped) - 1), MODEL_LIST_NOT_NAMED);
}
END_TEST

START_TEST(names_with_escapes)
{
	static const char body[] =
	    "{\"data\":[{\"id\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\tb\"}]}";

	ck_assert_int_eq(judge("a\"\\/\b\f\n\r\tb", body, sizeof(body) - 1),
	    MODEL_LIST_NAMED);
}
END_TEST

/* The first and the last of each length in UTF-8, and the neighbours of the
 * surrogates. */
static const struct {
	const char *escaped, *name;
	enum model_list_verdict verdict;
} escapes[] = {
    {"\\u007f", "\x7f", MODEL_LIST_NAMED},
    {"\\u0080", "\xc2\x80", MODEL_LIST_NAMED},
    {"\\u07FF", "\xdf\xbf", MODEL_LIST_NAMED},
    {"\\u0800", "\xe0\xa0\x80", MODEL_LIST_NAMED},
    {"\\uAbCd", "\xea\xaf\x8d", MODEL_LIST_NAMED},
    {"\\ufEFf", "\xef\xbb\xbf", MODEL_LIST_NAMED},
    {"\\uffff", "\xef\xbf\xbf", MODEL_LIST_NAMED},
    {"\\ud7ff", "\xed\x9f\xbf", MODEL_LIST_NAMED},
    {"\\ue000", "\xee\x80\x80", MODEL_LIST_NAMED},
    {"\\ud800\\udc00", "\xf0\x90\x80\x80", MODEL_LIST_NAMED},
    {"\\udbff\\udfff", "\xf4\x8f\xbf\xbf", MODEL_LIST_NAMED},
    {"\\ud800", "\xed\xa0\x80", MODEL_LIST_NOT_NAMED},
    {"\\udbff", "\xed\xaf\xbf", MODEL_LIST_NOT_NAMED},
    {"\\udc00", "\xed\xb0\x80", MODEL_LIST_NOT_NAMED},
    {"\\udfff", "\xed\xbf\xbf", MODEL_LIST_NOT_NAMED},
    {"\\udc00\\ud800", "\xf0\x90\x80\x80", MODEL_LIST_NOT_NAMED},
    {"\\u00e9", "\xc3\xa8", MODEL_LIST_NOT_NAMED},
    {"\\ud83d\\ud83d\\udca9", "\xf0\x9f\x92\xa9", MODEL_LIST_NOT_NAMED},
    /* The same as they are. */
    {"\xc2\x80", "\xc2\x80", MODEL_LIST_NAMED},
    {"\xdf\xbf", "\xdf\xbf", MODEL_LIST_NAMED},
    {"\xe0\xa0\x80", "\xe0\xa0\x80", MODEL_LIST_NAMED},
    {"\xed\x9f\xbf", "\xed\x9f\xbf", MODEL_LIST_NAMED},
    {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80", MODEL_LIST_NAMED},
    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", MODEL_LIST_NAMED},
    {"\xc1\xbf", "\xc1\xbf", MODEL_LIST_NOT_JSON},
    {"\xf0\x8f\xbf\xbf", "\xf0\x8f\xbf\xbf", MODEL_LIST_NOT_JSON},
    {"\xf5\x80\x80\x80", "\xf5\x80\x80\x80", MODEL_LIST_NOT_JSON},
};

START_TEST(escaped_characters)
{
	char body[128];
	int len = snprintf(body, sizeof(body), "{\"data\":[{\"id\":\"%s\"}]}",
	    escapes[_i].escaped);

	ck_assert_msg(
	    judge(escapes[_i].name, body, (size_t)len) == escapes[_i].verdict,
	    "%s", escapes[_i].escaped);
}
END_TEST

START_TEST(octets_with_nul)
{
	static const char body[] = "{\"data\":[]}\0{\"data\":[]}";
	static const char in_text[] = "{\"data\":[{\"id\":\"a\0\"}]}";

	ck_assert_int_eq(
	    judge(MODEL, body, sizeof(body) - 1), MODEL_LIST_NOT_JSON);
	ck_assert_int_eq(
	    judge("a", in_text, sizeof(in_text) - 1), MODEL_LIST_NOT_JSON);
}
END_TEST

/* Add ${text} at ${len}, without a NUL; the new length. */
static size_t
put(char *body, size_t len, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		body[len++] = text[i];
	return len;
}

static enum model_list_verdict
judge_nested(size_t depth)
{
	/* {"data": and an array with so many in one another, less one. */
	size_t len = 8 + 2 * (depth - 1) + 1;
	char *body = malloc(len);
	enum model_list_verdict verdict;

	ck_assert_ptr_nonnull(body);
	(void)put(body, 0, "{\"data\":");
	memset(body + 8, '[', depth - 1);
	memset(body + 8 + depth - 1, ']', depth - 1);
	body[len - 1] = '}';
	verdict = judge(MODEL, body, len);
	free(body);
	return verdict;
}

START_TEST(deep_nesting)
{
	ck_assert_int_eq(judge_nested(JSON_PATHS_DEPTH), MODEL_LIST_NOT_NAMED);
	ck_assert_int_eq(
	    judge_nested(JSON_PATHS_DEPTH + 1), MODEL_LIST_NOT_JSON);
	ck_assert_int_eq(judge_nested(1 << 20), MODEL_LIST_NOT_JSON);
}
END_TEST

/* --- values at paths --- */

static char told[1024];

static void
on_any(void *context, size_t path, enum json_kind kind, const char *text)
{
	static const char *const kinds[] = {
	    "text", "number", "word", "nested", "odd"};
	size_t len = strlen(told);

	(void)context;
	snprintf(told + len, sizeof(told) - len, "%zu %s %s;", path,
	    kinds[kind], text);
}

static const struct {
	const char *path, *body, *told;
} values[] = {
    {"a", "{\"a\":1}", "0 number 1;"},
    {"a", "{\"a\":\"\"}", "0 text ;"},
    {"a", "{\"a\":-0.5e+7,\"b\":2}", "0 number -0.5e+7;"},
    {"a", "{\"a\":-12}", "0 number -12;"},
    {"a", "{\"a\":true,\"a\":null}", "0 word true;0 word null;"},
    {"a", "{\"a\":[1],\"b\":{\"a\":3}}", "0 nested ;"},
    {"a.b", "{\"a\":{\"b\":1,\"c\":2},\"b\":3}", "0 number 1;"},
    {"a.b.c", "{\"a\":{\"b\":{\"c\":{}}},\"c\":1}", "0 nested ;"},
    {"a[1]", "{\"a\":[4,5,6]}", "0 number 5;"},
    {"a[0]", "{\"a\":[[1],[2]]}", "0 nested ;"},
    {"a[*][1]", "{\"a\":[[1,2],[3],[4,5,6]]}", "0 number 2;0 number 5;"},
    {"a[*].b[*].c",
	"{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}]},{\"b\":[]},{\"b\":[{\"c\":3}]}]"
	"}",
	"0 number 1;0 number 2;0 number 3;"},
    {"[*].x", "[{\"x\":1},{\"y\":2},{\"x\":3}]", "0 number 1;0 number 3;"},
    {"[2]", "[1,[2,2,2],3]", "0 number 3;"},
    {"\"a.b\".c", "{\"a.b\":{\"c\":7},\"a\":{\"b\":{\"c\":8}}}", "0 number 7;"},
    {"a", "{\"a\":\"\\u0000\"}", "0 odd ;"},
    {"a", "{\"a\":\"\\ud800\"}", "0 odd ;"},
    {"a", "[{\"a\":1}]", ""},
    {"a[0]", "{\"a\":{\"0\":1}}", ""},
    {"a.b", "{\"a\":[{\"b\":1}]}", ""},
};

START_TEST(values_at_paths)
{
	struct json_path path;
	struct json_paths j;

	for (size_t piece = 1; piece < 3; piece++) {
		const char *body = values[_i].body;

		told[0] = '\0';
		ck_assert_ptr_null(json_path_parse(values[_i].path, &path));
		json_paths_init(&j, &path, 1, on_any, NULL);
		for (; *body != '\0'; body += strnlen(body, piece))
			json_paths_read(&j, body, strnlen(body, piece));
		ck_assert(json_paths_end(&j));
		ck_assert_str_eq(told, values[_i].told);
	}
}
END_TEST

/* --- paths --- */

static const struct {
	const char *path, *why;
} paths_refused[] = {
    {"", "a name is missing"},
    {".a", "a name is missing"},
    {"a.", "a name is missing"},
    {"a..b", "a name is missing"},
    {"a[", "a bracket is not closed"},
    {"a[x]", "brackets hold the number of an item or *"},
    {"a[]", "brackets hold the number of an item or *"},
    {"a[-1]", "brackets hold the number of an item or *"},
    {"a[0]b", "a dot is missing"},
    {"\"a", "a quote is not closed"},
    {"a.b.c.d.e.f.g.h.i", "it is too long"},
    {"0123456789012345678901234567890123456789"
     "01234567890123456789012345678901234567890123456789",
	"it is too long"},
};

START_TEST(what_is_no_path_is_refused)
{
	struct json_path path;
	const char *why = json_path_parse(paths_refused[_i].path, &path);

	ck_assert_ptr_nonnull(why);
	ck_assert_str_eq(why, paths_refused[_i].why);
}
END_TEST

/* --- beside another reader of JSON --- */

static uint64_t seed = 88172645463325252u;

static uint32_t
dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % n;
}

/* Mostly JSON: pieces of it, put together without a plan. */
static size_t
make_body(char *body, size_t room)
{
	static const char *const pieces[] = {"{", "}", "[", "]", ",", ":",
	    "\"data\"", "\"id\"", "\"m\"", "\"data\":[", "{\"id\":\"m\"}",
	    "{\"id\":", "]}", "},", "null", "true", "1", "-2.5e3",
	    "\"\\u006d\"", " ", "\"\\ud83d\\udca9\"", "\"\xc3\xa9\"", "\xff",
	    "\\", "\"", "0"};
	size_t len = 0;

	if (dice(4) > 0)
		len = put(body, len, "{\"data\":[");
	for (uint32_t n = dice(8); n > 0; n--)
		len = put(body, len,
		    pieces[dice(sizeof(pieces) / sizeof(pieces[0]))]);
	if (dice(3) > 0)
		len = put(body, len, "]}");
	ck_assert_uint_lt(len, room);
	return len;
}

/* What jansson says, or -1 where it refuses JSON: names that are there twice,
 * numbers beyond its range. */
static int
judge_by_jansson(const char *body, size_t len)
{
	json_error_t error;
	json_t *root = json_loadb(
	    body, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
	json_t *models = json_object_get(root, "data");
	int verdict = MODEL_LIST_NOT_NAMED;

	if (root == NULL)
		verdict = json_error_code(&error) == json_error_duplicate_key ||
			json_error_code(&error) == json_error_numeric_overflow
		    ? -1
		    : MODEL_LIST_NOT_JSON;
	else if (!json_is_array(models) && !json_is_object(models))
		verdict = MODEL_LIST_NONE;
	for (size_t i = 0; i < json_array_size(models); i++) {
		const char *id = json_string_value(
		    json_object_get(json_array_get(models, i), "id"));

		if (id != NULL && strcmp(id, "m") == 0)
			verdict = MODEL_LIST_NAMED;
	}
	json_decref(root);
	return verdict;
}

START_TEST(agrees_with_jansson)
{
	unsigned seen[4] = {0};
	char body[256];

	for (unsigned i = 0; i < 400000; i++) {
		size_t len = make_body(body, sizeof(body));
		int ours = (int)judge_in("m", body, len, len + 1);
		int theirs = judge_by_jansson(body, len);

		seen[ours]++;
		ck_assert_msg(theirs == -1 || ours == theirs,
		    "%.*s: %d, not %d", (int)len, body, ours, theirs);
	}
	/* It was no walk past the question. */
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_gt(seen[i], 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_json_paths");
	TCase *tcase = tcase_create("json_paths");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, lists, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, names_beyond_ascii);
	tcase_add_test(tcase, names_with_escapes);
	tcase_add_loop_test(tcase, escaped_characters, 0,
	    (int)(sizeof(escapes) / sizeof(escapes[0])));
	tcase_add_test(tcase, octets_with_nul);
	tcase_add_test(tcase, deep_nesting);
	tcase_add_loop_test(tcase, values_at_paths, 0,
	    (int)(sizeof(values) / sizeof(values[0])));
	tcase_add_loop_test(tcase, what_is_no_path_is_refused, 0,
	    (int)(sizeof(paths_refused) / sizeof(paths_refused[0])));
	tcase_add_test(tcase, agrees_with_jansson);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
