/*
 * YAML text to a tree: marks, kinds, what is refused, and the wording of each
 * refusal.
 */
#include "config/yaml.h"

#include <stdio.h>

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct errbuf eb;

static const struct yaml_node *
parse(struct arena *arena, const char *text, size_t len)
{
	errbuf_init(&eb);
	return yaml_parse(arena, "f", text, len, &eb);
}

/* Deep by 16 and by 17. */
#define D16 "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"

static const struct config_row refused[] = {
    {"an empty file", "", "f: error: is empty\n"},
    {"a comment alone is an empty file", "# nothing\n", "f: error: is empty\n"},
    {"a document with nothing in it", "---\n", "f: error: is empty\n"},
    {"a list that is not closed", "a: [1, 2\n",
	"f:1:4: error: this \"[\" is never closed: \"]\" is missing\n"},
    {"tabs do not indent", "a:\n\t- b\n",
	"f:2:1: error: a tab indents this line: indent with blanks "
	"instead\n"},
    {"an @ must be quoted", "a: @x\n",
	"f:1:4: error: a text that begins with \"@\" is quoted: write "
	"\"@x\", quotes included\n"},
    {"a key over two lines", "a: b\n c: d\n",
	"f:2:2: error: \"c: d\" is indented by 1 blanks, more than line 1, "
	"which has its value already: indent it by 0\n"},
    {"an anchor", "a: &x 1\n",
	"f:1:7: error: anchors (&name) are not accepted: quote a text that "
	"starts with &\n"},
    {"an anchor of a mapping", "a: &x {b: c}\n",
	"f:1:7: error: anchors (&name) are not accepted: quote a text that "
	"starts with &\n"},
    {"an alias", "a: 1\nb: *x\n",
	"f:2:5: error: aliases (*name) are not accepted: write it out, or "
	"quote a text that starts with *\n"},
    {"a wildcard without quotes is an alias", "*.img: 1\n",
	"f:1:2: error: aliases (*name) are not accepted: write it out, or "
	"quote a text that starts with *\n"},
    {"a merge key", "a:\n  <<: {b: 1}\n",
	"f:2:3: error: merge keys (<<) are not accepted: write the keys "
	"out\n"},
    {"a tag", "a: !!str 5\n",
	"f:1:10: error: tags (!name) are not accepted: quote a text that "
	"starts with !\n"},
    {"a second document", "a: 1\n---\nb: 2\n",
	"f:2:1: error: a second document (---) is not accepted\n"},
    {"a list as a key", "? [a]\n: b\n",
	"f:1:3: error: expected a key, found a list: nothing may follow its "
	"\"]\" in the line\n"},
    {"a mapping as a key", "{{a: b}: c}\n",
	"f:1:2: error: expected a key, found a mapping: nothing may follow its "
	"\"}\" in the line\n"},
    {"a key with a line break", "\"a\\nb\": 1\n",
	"f:1:1: error: a key must not hold control characters\n"},
    {"a NUL by escape", "a: \"x\\0y\"\n",
	"f:1:4: error: control character 0x00 is not accepted\n"},
    {"a control character", "a: 1\nbc: \x01\n",
	"f:2:5: error: control character 0x01 is not accepted\n"},
    {"delete is a control character", "a: \x7f\n",
	"f:1:4: error: control character 0x7f is not accepted\n"},
    {"bytes that are no UTF-8", "a: \xc3\xa9\xff\n",
	"f:1:5: error: byte 0xff is not UTF-8 text\n"},
    {"a UTF-8 character cut short", "a: \xe2\x82",
	"f:1:4: error: byte 0xe2 is not UTF-8 text\n"},
    {"an overlong form", "a: \xc0\xaf",
	"f:1:4: error: byte 0xc0 is not UTF-8 text\n"},
    {"an overlong form of three bytes", "a: \xe0\x80\xaf",
	"f:1:4: error: byte 0xe0 is not UTF-8 text\n"},
    {"a surrogate", "a: \xed\xa0\x80",
	"f:1:4: error: byte 0xed is not UTF-8 text\n"},
    {"a character above U+10FFFF", "a: \xf4\x90\x80\x80",
	"f:1:4: error: byte 0xf4 is not UTF-8 text\n"},
    {"more levels than anybody writes", "[" D16 "]",
	"f:1:17: error: is nested deeper than 16 levels\n"},
    {"a colon that is missing", "a:\n  b 5\n  c: d\n",
	"f:2:3: error: expected \"key: value\", found \"b 5\": a colon and "
	"a blank belong after the key\n"},
    {"a colon that is missing in the last line", "a: 1\nb 5\n",
	"f:2:1: error: expected \"key: value\", found \"b 5\": a colon and "
	"a blank belong after the key\n"},
    {"a colon without a blank after it", "a:\n  b:5\n  c: d\n",
	"f:2:3: error: expected \"key: value\", found \"b:5\": a colon and "
	"a blank belong after the key\n"},
    {"a colon that is missing before braces", "a:\n  b {c: [1]}\n",
	"f:2:3: error: expected \"key: value\", found \"b {c: [1]}\": a "
	"colon and a blank belong after the key\n"},
    {"a colon that is missing in an item", "a:\n  - b 5\n    c: d\n",
	"f:2:5: error: expected \"key: value\", found \"b 5\": a colon and "
	"a blank belong after the key\n"},
    {"a line that is deeper than its neighbours", "a:\n  b: 1\n   c: 2\n",
	"f:3:4: error: \"c: 2\" is indented by 3 blanks, more than line 2, "
	"which has its value already: indent it by 2\n"},
    {"a line that is between two levels", "a:\n    b: 1\n  c: 2\n",
	"f:3:3: error: \"c: 2\" is indented by 2 blanks, but line 2 by 4 "
	"and line 1 by 0: indent it like one of them\n"},
    {"the rest of an item at its dash", "a:\n  - b: 1\n  c: 2\n",
	"f:3:3: error: \"c: 2\" is no part of the item of line 2: indent "
	"it by 4 blanks, as the text after \"-\", or begin it with \"- \"\n"},
    {"the rest of an item too deep", "a:\n  - b: 1\n     c: 2\n",
	"f:3:6: error: \"c: 2\" is indented by 5 blanks, more than line 2, "
	"which has its value already: indent it by 4\n"},
    {"a dash without its blank", "a:\n  -b: 1\n   c: 2\n",
	"f:2:3: error: a blank is missing after \"-\": write \"- b\", "
	"found \"-b: 1\"\n"},
    {"a tab in the middle of an indent", "a:\n  b: 1\n \tc: 2\n",
	"f:3:1: error: a tab indents this line: indent with blanks "
	"instead\n"},
    {"an IPv6 address in brackets", "a: [::]:53\n",
	"f:1:4: error: an IPv6 address in brackets is quoted: write "
	"\"[::]:53\", quotes included\n"},
    {"the same in a list", "a: [x, [::1]:5300]\n",
	"f:1:8: error: an IPv6 address in brackets is quoted: write "
	"\"[::1]:5300\", quotes included\n"},
    {"the same as an item", "a:\n  - [2001:db8::1]:53\n",
	"f:2:5: error: an IPv6 address in brackets is quoted: write "
	"\"[2001:db8::1]:53\", quotes included\n"},
    {"a brace that is never closed", "a: {b: 1\nc: {d: 2}\n",
	"f:1:4: error: this \"{\" is never closed: \"}\" is missing\n"},
    {"a bracket that a brace closes", "a: {b: [1, 2}\n",
	"f:1:13: error: \"[\" is closed by \"}\": the \"[\" of line 1, "
	"column 8 needs its \"]\" first\n"},
    {"a brace that a bracket closes", "a: [{b: 1], c]\n",
	"f:1:10: error: \"{\" is closed by \"]\": the \"{\" of line 1, "
	"column 5 needs its \"}\" first\n"},
    {"a comma that is missing", "{a: b c: d}\n",
	"f:1:8: error: a comma is missing in \"b c\": write {a: 1, b: 2}, "
	"[a, b]\n"},
    {"a comma that is missing between braces", "a: [{b: 1} {c: 2}]\n",
	"f:1:12: error: a comma is missing in \"1} \": write {a: 1, b: 2}, "
	"[a, b]\n"},
    {"a double quote that is never closed", "a: \"b\nc: d\n",
	"f:1:4: error: the quote that begins here is never closed, found "
	"\"a: \"b\"\n"},
    {"a single quote that is never closed", "a: 'b\nc: d\n",
	"f:1:4: error: the quote that begins here is never closed, found "
	"\"a: 'b\"\n"},
    {"a text after its quotes", "a: \"b\" c\n",
	"f:1:8: error: the text goes on after its closing quote, found "
	"\"a: \"b\" c\": quote all of it or nothing\n"},
    {"brackets in a comment and in quotes do not count",
	"# {\na: \"[\"  # {\nb 5\n",
	"f:3:1: error: expected \"key: value\", found \"b 5\": a colon and "
	"a blank belong after the key\n"},
    {"a mapping and a list at one level", "a: 1\n- b\n",
	"f:2:1: error: \"- b\" cannot be read as YAML: look at the "
	"indents, colons and quotes of this line and of line 1\n"},
    {"a value with a colon and a blank", "a: b: c\n",
	"f:1:5: error: a value with a colon and a blank in it is quoted: "
	"write \"b: c\", or begin a new line after \"a:\"\n"},
    {"a per cent sign first", "a: %b\n",
	"f:1:4: error: a text that begins with \"%\" is quoted: write "
	"\"%b\", quotes included\n"},
    {"a backquote first", "a: `b`\n",
	"f:1:4: error: a text that begins with \"`\" is quoted: write "
	"\"`b`\", quotes included\n"},
    {"an escape that is none", "a: \"\\q\"\n",
	"f:1:5: error: this backslash is not followed by what YAML knows "
	"(\\\\, \\\", \\n): write it in single quotes, found \"a: "
	"\"\\q\"\"\n"},
    {"a quoted key with a colon in it", "\"a: b\": 1\n  c: 2\n",
	"f:2:3: error: \"c: 2\" is indented by 2 blanks, more than line 1, "
	"which has its value already: indent it by 0\n"},
    {"brackets in quotes, and a wrong one after them",
	"a: [\"x]\\\"]\", {b: 1]\n",
	"f:1:19: error: \"{\" is closed by \"]\": the \"{\" of line 1, "
	"column 14 needs its \"}\" first\n"},
    {"a key without a value, and a line between levels", "a:\n    b:\n  c: 1\n",
	"f:3:3: error: \"c: 1\" is indented by 2 blanks, but line 2 by 4 "
	"and line 1 by 0: indent it like one of them\n"},
    {"lines that end in carriage returns", "# a\rb: [\r",
	"f:3:1: error: is not YAML: end each line with a line feed\n"},
    {"a list in a key at the end of the text", "a: {b:",
	"f:1:4: error: this \"{\" is never closed: \"}\" is missing\n"},
};

START_TEST(refuses)
{
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct arena *arena = arena_create(1 << 20);
		const char *text = refused[i].text;

		ck_assert_msg(parse(arena, text, strlen(text)) == NULL, "%s",
		    refused[i].says);
		config_row_check(&refused[i], &eb);
		arena_destroy(arena);
	}
}
END_TEST

static const struct config_row twice[] = {
    {"a key that stands twice", "a: 1\nb: 2\na: 3\n",
	"f:3:1: error: key \"a\" is given twice: it is in line 1 "
	"already\n"},
    {"three times are two errors", "{b: {a: 1, a: 2, \"a\": 3}}",
	"f:1:12: error: key \"a\" is given twice: it is in line 1 "
	"already\n"
	"f:1:18: error: key \"a\" is given twice: it is in line 1 "
	"already\n"},
    {"in two mappings it may stand", "{b: {a: 1}, c: {a: 1}}", ""},
    {"case makes a difference", "{a: 1, A: 1}", ""},
};

START_TEST(reports_keys_that_stand_twice_and_goes_on)
{
	for (size_t i = 0; i < COUNT(twice); i++) {
		struct arena *arena = arena_create(1 << 20);
		const char *text = twice[i].text;

		ck_assert_msg(parse(arena, text, strlen(text)) != NULL, "%s",
		    twice[i].says);
		config_row_check(&twice[i], &eb);
		arena_destroy(arena);
	}
}
END_TEST

/* Scalars are text: what YAML makes of them elsewhere does not matter. */
static const struct {
	const char *says, *text, *value;
	bool quoted;
	unsigned line, column;
} scalars[] = {
    {"Norway is not false", "k: NO\n", "NO", false, 1, 4},
    {"a number stays as it is written", "k: 010\n", "010", false, 1, 4},
    {"a tilde is a tilde", "k: ~\n", "~", false, 1, 4},
    {"no value has the mark of its key", "\n  k:\n", "", false, 2, 3},
    {"single quotes", "k: 'it''s'\n", "it's", true, 1, 4},
    {"double quotes", "k: \"a\\tb\"\n", "a\tb", true, 1, 4},
    {"columns count characters", "{\"\xc3\xa9\": x, k: y}", "y", false, 1, 13},
    {"a plain text over two lines", "k: a\n  b\n", "a b", false, 1, 4},
    {"a literal block", "k: |\n  a\n  b\n", "a\nb\n", true, 2, 1},
    {"a comment is no part of it", "k: a#b # c\n", "a#b", false, 1, 4},
    {"DOS line ends", "k: a\r\nl: b\r\n", "a", false, 1, 4},
    {"a byte order mark", "\xef\xbb\xbfk: a\n", "a", false, 1, 4},
    {"JSON is YAML", "{\"k\":\"a\"}", "a", true, 1, 6},
};

START_TEST(reads_scalars_as_text)
{
	for (size_t i = 0; i < COUNT(scalars); i++) {
		struct arena *arena = arena_create(1 << 20);
		const char *text = scalars[i].text;
		const struct yaml_node *root, *node;

		root = parse(arena, text, strlen(text));
		ck_assert_msg(root != NULL, "%s: %s", scalars[i].says, eb.text);
		node = yaml_find(root, "k");
		ck_assert_msg(node != NULL, "%s", scalars[i].says);
		ck_assert_msg(node->kind == YAML_SCALAR &&
			strcmp(node->text, scalars[i].value) == 0 &&
			node->quoted == scalars[i].quoted,
		    "%s: %s", scalars[i].says, node->text);
		ck_assert_msg(node->at.line == scalars[i].line &&
			node->at.column == scalars[i].column,
		    "%s: %u:%u", scalars[i].says, node->at.line,
		    node->at.column);
		arena_destroy(arena);
	}
}
END_TEST

START_TEST(builds_a_tree)
{
	static const char text[] =
	    "b: [x, {y: z}]\na:\n  - 1\n\"\": q\nc: {}\n";
	struct arena *arena = arena_create(1 << 20);
	const struct yaml_node *root, *b, *y;

	root = parse(arena, text, strlen(text));
	ck_assert_ptr_nonnull(root);
	ck_assert(root->kind == YAML_MAP);
	ck_assert_uint_eq(root->n, 4);
	ck_assert_ptr_null(root->key);
	b = root->first;
	ck_assert_str_eq(b->key, "b");
	ck_assert_uint_eq(b->key_at.line, 1);
	ck_assert_uint_eq(b->key_at.column, 1);
	ck_assert_uint_eq(b->at.column, 4);
	ck_assert(b->kind == YAML_LIST && b->n == 2);
	ck_assert_str_eq(b->first->text, "x");
	/* An item has the key of its list, for messages. */
	ck_assert_str_eq(b->first->key, "b");
	y = yaml_find(b->first->next, "y");
	ck_assert_str_eq(y->text, "z");
	ck_assert_ptr_null(b->first->next->next);
	ck_assert_uint_eq(b->next->index, 1);
	ck_assert_str_eq(yaml_find(root, "")->text, "q");
	ck_assert_uint_eq(yaml_find(root, "c")->n, 0);
	ck_assert_ptr_null(yaml_find(root, "d"));
	ck_assert_ptr_null(yaml_find(b, "x"));
	arena_destroy(arena);
}
END_TEST

START_TEST(finds_every_key_of_a_large_mapping)
{
	struct arena *arena = arena_create((size_t)64 << 20);
	char *text = malloc(20000 * 16);
	const struct yaml_node *root;
	size_t len = 0;

	ck_assert_ptr_nonnull(text);
	for (unsigned i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, 16, "k%u: %u\n",
		    i * 7919 % 20000, i * 7919 % 20000);
	root = parse(arena, text, len);
	ck_assert_ptr_nonnull(root);
	for (unsigned i = 0; i < 20000; i++) {
		const struct yaml_node *node;
		char key[16];

		snprintf(key, sizeof(key), "k%u", i);
		node = yaml_find(root, key);
		ck_assert_ptr_nonnull(node);
		ck_assert_str_eq(node->text, key + 1);
	}
	free(text);
	arena_destroy(arena);
}
END_TEST

START_TEST(stops_at_its_limits)
{
	struct arena *arena = arena_create(16384);
	char *text = malloc(YAML_MAX_FILE + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, '#', YAML_MAX_FILE + 1);
	ck_assert_ptr_null(parse(arena, text, YAML_MAX_FILE + 1));
	ck_assert_str_eq(eb.text, "f: error: is larger than 134217728 bytes\n");
	/* 1000 nodes do not fit into 16 KB. */
	text[0] = '[';
	for (size_t i = 1; i < 2001; i++)
		text[i] = i % 2 == 1 ? 'a' : ',';
	text[2001] = ']';
	ck_assert_ptr_null(parse(arena, text, 2002));
	ck_assert_str_eq(eb.text, "f: error: is too large: memory is out\n");
	free(text);
	arena_destroy(arena);
	/* As deep as is accepted. */
	arena = arena_create(1 << 20);
	ck_assert_ptr_nonnull(parse(arena, D16, strlen(D16)));
	arena_destroy(arena);
}
END_TEST

/* What separates ${n} values, after a "[": a text to be freed. */
static char *
list_of(size_t n, const char *separator, size_t *len)
{
	size_t size = strlen(separator);
	char *text = malloc(n * size + 2), *at = text;

	ck_assert_ptr_nonnull(text);
	*at++ = '[';
	for (size_t i = 0; i < n; i++)
		at = mempcpy(at, separator, size);
	*at = ']';
	*len = n * size + 2;
	return text;
}

START_TEST(bounds_what_one_line_and_one_file_may_have)
{
	struct arena *arena = arena_create((size_t)1 << 30);
	size_t len;
	char *text = list_of(YAML_MAX_IN_LINE + 1, "x,", &len);

	ck_assert_ptr_null(parse(arena, text, len));
	ck_assert_str_eq(eb.text,
	    "f:1: error: this line has more than 1000000 keys and items: write "
	    "each endpoint, or each zone, in a line of its own\n");
	/* The same in two lines. */
	text[2 + 500000 * 2] = '\n';
	ck_assert_ptr_nonnull(parse(arena, text, len));
	free(text);
	text = list_of(YAML_MAX_NODES, "x,\n", &len);
	ck_assert_ptr_null(parse(arena, text, len));
	ck_assert_str_eq(eb.text,
	    "f:5000000:1: error: the file has more than 5000000 values and "
	    "items: divide it into zones with a file each, or move prefixes to "
	    "files of their own\n");
	free(text);
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_yaml");
	TCase *tcase = tcase_create("yaml");

	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, reports_keys_that_stand_twice_and_goes_on);
	tcase_add_test(tcase, reads_scalars_as_text);
	tcase_add_test(tcase, builds_a_tree);
	tcase_add_test(tcase, finds_every_key_of_a_large_mapping);
	/* A file at the limits takes seconds where memory is watched. */
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, stops_at_its_limits);
	tcase_add_test(tcase, bounds_what_one_line_and_one_file_may_have);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
