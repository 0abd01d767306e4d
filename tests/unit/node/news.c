/*
 * News: each reader gets what it has not seen, in order and once; who comes
 * back gets what it missed, and who was away for too long begins anew.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/news.h"
#include "node/page.h"

#define EPOCH 1796000000000

static struct news *news;
static struct text out;

static void
begin(void)
{
	news = news_create(EPOCH);
	ck_assert_ptr_nonnull(news);
	text_init(&out, (size_t)1 << 20);
}

static void
end(void)
{
	text_finish(&out);
	news_destroy(news);
}

static void
say(int n)
{
	news_say(news, "change", json_pack("{si}", "n", n));
}

/* What there is for ${r} now, "" when it is nothing. */
static const char *
more(struct news_reader *r)
{
	out.len = 0;
	if (out.data != NULL)
		out.data[0] = '\0';
	news_more(r, &out);
	return out.data != NULL && out.len > 0 ? out.data : "";
}

#define ALL(n)                                      \
	"retry: 2000\n\nid: 1796000000000." #n      \
	"\nevent: change\ndata: {\"what\":\"all\"}" \
	"\n\n"
#define ONE(id, n) \
	"id: 1796000000000." #id "\nevent: change\ndata: {\"n\":" #n "}\n\n"

START_TEST(each_gets_each_once)
{
	struct news_reader *a, *b;

	begin();
	a = news_open(news, NULL);
	ck_assert_str_eq(more(a), ALL(0));
	ck_assert_str_eq(more(a), "");
	say(7);
	b = news_open(news, NULL);
	ck_assert_str_eq(more(a), ONE(1, 7));
	ck_assert_str_eq(more(b), ALL(1));
	say(8);
	say(9);
	ck_assert_str_eq(more(b), ONE(2, 8) ONE(3, 9));
	ck_assert_str_eq(more(a), ONE(2, 8) ONE(3, 9));
	ck_assert_str_eq(more(a), "");
	news_close(a);
	news_close(b);
	end();
}
END_TEST

/* The id that a client says, and what it gets of five messages. */
static const struct {
	const char *id, *gets;
} ids[] = {
    {"1796000000000.5", "retry: 2000\n\n"},
    {"1796000000000.3", "retry: 2000\n\n" ONE(4, 4) ONE(5, 5)},
    {"1796000000000.0",
	"retry: 2000\n\n" ONE(1, 1) ONE(2, 2) ONE(3, 3) ONE(4, 4) ONE(5, 5)},
    {"1796000000000.6", ALL(5)},
    {"1795000000000.3", ALL(5)},
    {"1796000000000", ALL(5)},
    {"1796000000000.", ALL(5)},
    {"1796000000000.-1", ALL(5)},
    {"1796000000000.99999999999999999999", ALL(5)},
    {".3", ALL(5)},
    {"", ALL(5)},
    {"nonsense\t", ALL(5)},
};

START_TEST(who_comes_back_gets_what_it_missed)
{
	begin();
	for (int i = 1; i <= 5; i++)
		say(i);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct news_reader *r = news_open(news, ids[i].id);

		ck_assert_msg(strcmp(more(r), ids[i].gets) == 0, "%s: %s",
		    ids[i].id, out.data);
		news_close(r);
	}
	end();
}
END_TEST

START_TEST(who_was_away_for_too_long_begins_anew)
{
	struct news_reader *slow, *back;
	char id[64];

	begin();
	slow = news_open(news, NULL);
	(void)more(slow);
	for (int i = 1; i <= NEWS_KEPT; i++)
		say(i);
	back = news_open(news, "1796000000000.0");
	ck_assert_ptr_nonnull(strstr(more(back), "{\"n\":1}"));
	news_close(back);
	say(NEWS_KEPT + 1);
	back = news_open(news, "1796000000000.0");
	snprintf(id, sizeof(id), "id: 1796000000000.%d\n", NEWS_KEPT + 1);
	ck_assert_ptr_nonnull(strstr(more(back), id));
	ck_assert_ptr_nonnull(strstr(out.data, "\"all\""));
	news_close(back);
	/* One that reads all the time loses its place. */
	(void)more(slow);
	ck_assert(out.failed);
	news_close(slow);
	end();
}
END_TEST

START_TEST(a_piece_is_no_longer_than_it_should_be)
{
	struct news_reader *r;
	size_t got = 0;

	begin();
	r = news_open(news, NULL);
	for (int i = 0; i < NEWS_KEPT; i++)
		say(i);
	for (int i = 0; i < 100 && *more(r) != '\0'; i++) {
		ck_assert_uint_le(out.len, PAGE_PIECE + 256);
		for (const char *c = out.data;
		     (c = strstr(c, "{\"n\"")) != NULL; c++)
			got++;
	}
	ck_assert_uint_eq(got, NEWS_KEPT);
	news_close(r);
	end();
}
END_TEST

START_TEST(only_the_last_tick_is_told)
{
	struct news_reader *r;

	begin();
	r = news_open(news, NULL);
	(void)more(r);
	news_tick(news, json_pack("{si}", "t", 1));
	news_tick(news, json_pack("{si}", "t", 2));
	ck_assert_str_eq(more(r), "event: tick\ndata: {\"t\":2}\n\n");
	ck_assert_str_eq(more(r), "");
	/* One without memory for it is not told, and goes on. */
	news_tick(news, NULL);
	ck_assert_str_eq(more(r), "");
	news_say(news, "change", NULL);
	ck_assert_ptr_nonnull(strstr(more(r), "\"all\""));
	news_close(r);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: news");
	TCase *tcase = tcase_create("news");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, each_gets_each_once);
	tcase_add_test(tcase, who_comes_back_gets_what_it_missed);
	tcase_add_test(tcase, who_was_away_for_too_long_begins_anew);
	tcase_add_test(tcase, a_piece_is_no_longer_than_it_should_be);
	tcase_add_test(tcase, only_the_last_tick_is_told);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
