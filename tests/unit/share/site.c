/*
 * Tests of which site a node shares with: what it takes from etcd, what it
 * gives to one that has none, and that two sites are never taken for one.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/site.h"

#define HERE "0123456789abcdef0123456789abcdef"
#define ELSEWHERE "fedcba9876543210fedcba9876543210"

#define LEASE_MS 10000
#define NOW_MS 5000

static struct site
site_of(const char *held)
{
	struct site site = {.held = ""};

	(void)snprintf(site.held, sizeof(site.held), "%s", held);
	return site;
}

static enum site_step
hear(struct site *site, const char *value)
{
	const struct etcd_pair pair = {
	    .value = etcd_text(value), .mod_revision = 42};

	return site_hear(site, &pair);
}

/* What is at the key, and what this node holds. */
static const struct {
	const char *what, *held, *value;
	enum site_step step;
	int64_t expects;
} found[] = {
    {"the same", HERE, HERE, SITE_SHARE, 0},
    {"another one", HERE, ELSEWHERE, SITE_OTHER, 0},
    {"one, and the database holds none", "", HERE, SITE_SHARE, 0},
    {"no id", HERE, "none", SITE_WRITE, 42},
    {"nothing", HERE, "", SITE_WRITE, 42},
    {"one that is too long", HERE, HERE "0", SITE_WRITE, 42},
    {"large letters", HERE, "0123456789ABCDEF0123456789ABCDEF", SITE_WRITE, 42},
    {"what is no digit", "", "0123456789abcdeg0123456789abcdef", SITE_ODD, 42},
    {"what is none either", "", "/123456789abcdef0123456789abcdef", SITE_ODD,
	42},
    {"nor is this", "", ":123456789abcdef0123456789abcdef", SITE_ODD, 42},
    {"nor this", "", "`123456789abcdef0123456789abcdef", SITE_ODD, 42},
};

START_TEST(what_etcd_has_is_compared)
{
	struct site site = site_of(found[_i].held);

	ck_assert_msg(hear(&site, found[_i].value) == found[_i].step, "%s",
	    found[_i].what);
	ck_assert_int_eq(site.expects, found[_i].expects);
	ck_assert(!site.founded);
	if (found[_i].step != SITE_SHARE)
		return;
	site_take(&site);
	ck_assert_str_eq(site.held, HERE);
	ck_assert_str_eq(site_id(&site), HERE);
	/* From now on it is held. */
	ck_assert_int_eq(hear(&site, ELSEWHERE), SITE_OTHER);
}
END_TEST

START_TEST(who_holds_an_id_gives_it_back_at_once)
{
	struct site site = site_of(HERE);

	ck_assert_int_eq(site_lacks(&site, true, LEASE_MS, NOW_MS), SITE_WRITE);
	ck_assert_str_eq(site_id(&site), HERE);
	ck_assert_int_eq(site.expects, 0);
	site_wrote(&site);
	site_take(&site);
	ck_assert_str_eq(site.held, HERE);
	ck_assert(!site.founded);
	ck_assert_str_eq(site.made, "");
}
END_TEST

START_TEST(a_new_one_is_made_when_etcd_was_empty_for_a_lease)
{
	struct site site = site_of(""), other = site_of("");

	ck_assert_int_eq(site_lacks(&site, true, LEASE_MS, NOW_MS), SITE_WAIT);
	ck_assert_int_eq(
	    site_lacks(&site, true, LEASE_MS, NOW_MS + LEASE_MS - 1),
	    SITE_WAIT);
	ck_assert_str_eq(site.made, "");
	ck_assert_int_eq(
	    site_lacks(&site, true, LEASE_MS, NOW_MS + LEASE_MS), SITE_WRITE);
	ck_assert_uint_eq(strlen(site_id(&site)), 32);
	site_wrote(&site);
	ck_assert(site.founded);
	site_take(&site);
	ck_assert_str_eq(site.held, site.made);
	ck_assert_int_eq(hear(&site, site.made), SITE_SHARE);
	/* Nobody else makes the same. */
	ck_assert_int_eq(site_lacks(&other, false, LEASE_MS, 1), SITE_WRITE);
	ck_assert_str_ne(other.made, site.made);
}
END_TEST

/* Of a trail of a release that knew no sites. */
START_TEST(one_that_has_a_trail_is_not_waited_for)
{
	struct site site = site_of("");

	ck_assert_int_eq(site_lacks(&site, false, LEASE_MS, 1), SITE_WRITE);
	/* Somebody emptied it meanwhile. */
	ck_assert_int_eq(site_lacks(&site, true, LEASE_MS, 2), SITE_WAIT);
}
END_TEST

START_TEST(the_wait_begins_again_when_something_was_there)
{
	struct site site = site_of("");

	ck_assert_int_eq(site_lacks(&site, true, LEASE_MS, NOW_MS), SITE_WAIT);
	ck_assert_int_eq(hear(&site, "none"), SITE_ODD);
	ck_assert_int_eq(
	    site_lacks(&site, true, LEASE_MS, NOW_MS + LEASE_MS), SITE_WAIT);
}
END_TEST

START_TEST(what_was_written_without_an_answer_is_known)
{
	struct site site = site_of("");

	ck_assert_int_eq(site_lacks(&site, false, LEASE_MS, 1), SITE_WRITE);
	ck_assert_int_eq(hear(&site, site.made), SITE_SHARE);
	ck_assert(site.founded);
	/* And the same id is tried again, where it was not. */
	site = site_of("");
	ck_assert_int_eq(site_lacks(&site, false, LEASE_MS, 1), SITE_WRITE);
	memcpy(site.there, site.made, sizeof(site.there));
	ck_assert_int_eq(site_lacks(&site, false, LEASE_MS, 1), SITE_WRITE);
	ck_assert_str_eq(site_id(&site), site.made);
	/* Another node was faster. */
	ck_assert_int_eq(hear(&site, ELSEWHERE), SITE_SHARE);
	site_take(&site);
	ck_assert_str_eq(site_id(&site), ELSEWHERE);
	ck_assert(!site.founded);
}
END_TEST

START_TEST(words_say_what_to_do)
{
	char words[SITE_WORDS], path[1024];

	site_words(SITE_OTHER, "/var/lib/meridian/state.db", "/x/site", words);
	ck_assert_msg(strstr(words, "move /var/lib/meridian/state.db* away"),
	    "%s", words);
	ck_assert_ptr_nonnull(strstr(words, "`prefix` of its own"));
	site_words(SITE_ODD, "/var/lib/meridian/state.db", "/x/site", words);
	ck_assert_msg(strstr(words, "at /x/site is no id"), "%s", words);
	/* However long a path is, what to do is whole. */
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	site_words(SITE_OTHER, path, "/x/site", words);
	ck_assert_ptr_nonnull(strstr(words, "`prefix` of its own"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sites");
	Suite *suite = suite_create("site");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, what_etcd_has_is_compared, 0,
	    (int)(sizeof(found) / sizeof(found[0])));
	tcase_add_test(tc, who_holds_an_id_gives_it_back_at_once);
	tcase_add_test(tc, a_new_one_is_made_when_etcd_was_empty_for_a_lease);
	tcase_add_test(tc, one_that_has_a_trail_is_not_waited_for);
	tcase_add_test(tc, the_wait_begins_again_when_something_was_there);
	tcase_add_test(tc, what_was_written_without_an_answer_is_known);
	tcase_add_test(tc, words_say_what_to_do);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
