/* Arenas, growing texts, error texts, whole files: what they hold, and that
 * they keep their bounds. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/errbuf.h"
#include "base/file.h"
#include "base/text.h"

START_TEST(test_arena)
{
	struct arena *arena = arena_create((size_t)1 << 20);
	size_t sum = 0;

	/* Aligned, zeroed, disjoint, and not one byte past the maximum. */
	for (size_t size = 1;; size = size * 3 % 4093 + 1) {
		unsigned char *p = arena_alloc(arena, size);

		if (p == NULL)
			break;
		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xa5, size);
		sum += size;
		ck_assert_uint_le(arena_used(arena), ((size_t)1 << 20) + 256);
	}
	ck_assert_uint_gt(sum, (size_t)900 << 10);
	ck_assert_ptr_null(arena_array(arena, SIZE_MAX / 2, 4));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	ck_assert_ptr_null(arena_strndup(arena, "", SIZE_MAX));
	arena_destroy(arena);
	arena_destroy(NULL);
	arena = arena_create(100);
	ck_assert_ptr_null(arena_alloc(arena, 100));
	arena_destroy(arena);
}
END_TEST

START_TEST(test_arena_strings)
{
	struct arena *arena = arena_create(100000);

	ck_assert_str_eq(arena_strdup(arena, "endpoint"), "endpoint");
	ck_assert_str_eq(arena_strndup(arena, "endpoint", 3), "end");
	ck_assert_str_eq(arena_strdup(arena, ""), "");
	arena_destroy(arena);
}
END_TEST

START_TEST(test_text)
{
	struct text t;

	text_init(&t, 10);
	text_add(&t, "%s", "12345");
	text_bytes(&t, "67890", 5);
	ck_assert_str_eq(t.data, "1234567890");
	ck_assert(!t.failed);
	text_bytes(&t, "x", 1);
	ck_assert(t.failed);
	ck_assert_str_eq(t.data, "1234567890");
	text_add(&t, "%d", 1);
	ck_assert_uint_eq(t.len, 10);
	text_finish(&t);
	text_init(&t, 1 << 20);
	for (int i = 0; i < 10000; i++)
		text_add(&t, "%04d", i);
	ck_assert_uint_eq(t.len, 40000);
	ck_assert(memcmp(t.data + 4 * 1234, "1234", 4) == 0);
	text_finish(&t);
}
END_TEST

START_TEST(test_errbuf)
{
	static struct errbuf eb;
	const struct mark whole = {"a.yaml", 0, 0}, line = {"a.zone", 3, 0},
			  column = {"a.yaml", 3, 14};
	size_t before = 0;

	errbuf_init(&eb);
	errbuf_warn(&eb, NULL, "odd");
	ck_assert(errbuf_ok(&eb));
	ck_assert_int_eq(errbuf_error(&eb, &whole, "gone"), -1);
	errbuf_error(&eb, &line, "bad %s", "record");
	errbuf_error(&eb, &column, "bad");
	ck_assert(!errbuf_ok(&eb));
	ck_assert_str_eq(eb.text,
	    "warning: odd\na.yaml: error: gone\na.zone:3: error: bad record\n"
	    "a.yaml:3:14: error: bad\n");
	/* What does not fit is counted, and no message is cut. */
	while (eb.lost == 0) {
		before = eb.len;
		errbuf_error(&eb, &column, "again");
	}
	ck_assert_uint_eq(eb.len, before);
	ck_assert(strcmp(eb.text + eb.len - 7, " again\n") == 0);
	ck_assert_int_eq(eb.text[eb.len], 0);
}
END_TEST

/* However many warnings came before, an error is told. */
/* What one report said, said again in another, whole lines as far as there is
 * room for warnings. */
START_TEST(messages_come_in_the_order_of_the_files)
{
	static struct errbuf eb;
	static const struct mark places[] = {{"b", 7, 2}, {"a:1", 0, 0},
	    {"b", 0, 0}, {"b", 7, 1}, {"b", 10, 0}, {"a", 3, 0}, {"b", 9, 5},
	    {"a", 2, 8}, {"12", 0, 0}, {"c9", 0, 0}, {"12", 3, 0}, {"a", 2, 1}};
	struct errbuf_mark since;

	errbuf_init(&eb);
	errbuf_order(&eb, &(struct errbuf_mark){0});
	ck_assert_str_eq(eb.text, "");
	errbuf_warn(&eb, &(struct mark){"z", 9, 9}, "before");
	since = errbuf_now(&eb);
	errbuf_error(&eb, NULL, "first");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		errbuf_warn(&eb, &places[i], "n%zu", i);
		if (i == 3)
			errbuf_error(&eb, NULL, "after n3");
		if (i == 3)
			errbuf_error(&eb, NULL, "and after");
	}
	errbuf_error(&eb, &places[3], "again: error: b:1:1: x");
	errbuf_order(&eb, &since);
	ck_assert_str_eq(eb.text,
	    "z:9:9: warning: before\n"
	    "error: first\n"
	    "b: warning: n2\n"
	    "b:7:1: warning: n3\n"
	    "error: after n3\n"
	    "error: and after\n"
	    "b:7:1: error: again: error: b:1:1: x\n"
	    "b:7:2: warning: n0\n"
	    "b:9:5: warning: n6\n"
	    "b:10: warning: n4\n"
	    "a:1: warning: n1\n"
	    "a:2:1: warning: n11\n"
	    "a:2:8: warning: n7\n"
	    "a:3: warning: n5\n"
	    "12: warning: n8\n"
	    "12:3: warning: n10\n"
	    "c9: warning: n9\n");
	ck_assert_uint_eq(eb.len, strlen(eb.text));
}
END_TEST

START_TEST(test_errbuf_repeat)
{
	static struct errbuf from, to;
	struct errbuf_mark since;

	errbuf_init(&from);
	errbuf_warn(&from, NULL, "before");
	since = errbuf_now(&from);
	errbuf_warn(&from, NULL, "one");
	errbuf_warn(&from, NULL, "two");
	errbuf_init(&to);
	errbuf_repeat(&to, from.text + since.len,
	    from.warnings - since.warnings, from.lost - since.lost);
	ck_assert_str_eq(to.text, "warning: one\nwarning: two\n");
	ck_assert_uint_eq(to.warnings, 2);
	ck_assert_uint_eq(to.lost, 0);
	while (to.lost == 0)
		errbuf_warn(&to, NULL, "full");
	since = errbuf_now(&to);
	errbuf_repeat(&to, from.text, from.warnings, 7);
	ck_assert_uint_eq(to.len, since.len);
	ck_assert_uint_eq(strlen(to.text), since.len);
	ck_assert_uint_eq(to.lost, since.lost + 3 + 7);
	ck_assert_int_eq(errbuf_error(&to, NULL, "bad"), -1);
	ck_assert_uint_eq(to.errors, 1);
	ck_assert_uint_gt(to.len, since.len);
}
END_TEST

START_TEST(test_errbuf_many_warnings)
{
	static struct errbuf eb;
	const struct mark at = {"a.zone", 3, 0};
	struct errbuf_line line;
	const char *text = eb.text;
	unsigned errors = 0;

	errbuf_init(&eb);
	while (eb.lost < 100)
		errbuf_warn(&eb, &at, "odd");
	errbuf_error(&eb, &at, "bad");
	errbuf_error(&eb, NULL, "gone");
	ck_assert_uint_eq(eb.lost, 100);
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "\na.zone:3: error: bad\nerror: gone\n"));
	while ((text = errbuf_line(text, &line)) != NULL) {
		const char *want = line.error ? "bad" : "odd";

		errors += line.error;
		if (errors == 2)
			break;
		ck_assert_int_eq(strncmp(line.mark, "a.zone:3: ", 10), 0);
		ck_assert_int_eq(line.mark_len, 10);
		ck_assert_int_eq(strncmp(line.text, want, 3), 0);
		ck_assert_int_eq(line.text_len, 3);
	}
	ck_assert_uint_eq(errors, 2);
	ck_assert_int_eq(line.mark_len, 0);
	ck_assert_int_eq(strncmp(line.text, "gone\n", 5), 0);
}
END_TEST

START_TEST(test_file)
{
	static struct errbuf eb;
	char dir[] = "/tmp/base_memory.XXXXXX", path[64], fifo[64], *data;
	size_t len;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	file = fopen(path, "w");
	fputs("hello", file);
	fclose(file);
	errbuf_init(&eb);
	ck_assert_int_eq(file_read(path, NULL, 5, &data, &len, NULL, &eb), 0);
	ck_assert_uint_eq(len, 5);
	ck_assert_str_eq(data, "hello");
	free(data);
	ck_assert_int_eq(file_read(path, NULL, 4, &data, &len, NULL, &eb), -1);
	ck_assert(strstr(eb.text, "is larger than 4 bytes") != NULL);
	errbuf_init(&eb);
	ck_assert_int_eq(file_read(dir, NULL, 99, &data, &len, NULL, &eb), -1);
	ck_assert(strstr(eb.text, "is not a regular file") != NULL);
	errbuf_init(&eb);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(file_read(fifo, NULL, 99, &data, &len, NULL, &eb), -1);
	unlink(path);
	unlink(fifo);
	errbuf_init(&eb);
	ck_assert_int_eq(file_read(path, NULL, 99, &data, &len, NULL, &eb), -1);
	ck_assert(strstr(eb.text, "No such file") != NULL);
	rmdir(dir);
	data = file_beside("/etc/meridian/meridian.yaml", "x.zone");
	ck_assert_str_eq(data, "/etc/meridian/x.zone");
	free(data);
	data = file_beside("/etc/a.yaml", "/srv/x.zone");
	ck_assert_str_eq(data, "/srv/x.zone");
	free(data);
	data = file_beside("a.yaml", "x.zone");
	ck_assert_str_eq(data, "x.zone");
	free(data);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_memory");
	TCase *tc = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_arena);
	tcase_add_test(tc, test_arena_strings);
	tcase_add_test(tc, test_text);
	tcase_add_test(tc, test_errbuf);
	tcase_add_test(tc, test_errbuf_many_warnings);
	tcase_add_test(tc, test_errbuf_repeat);
	tcase_add_test(tc, messages_come_in_the_order_of_the_files);
	tcase_add_test(tc, test_file);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
