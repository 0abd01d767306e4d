/*
 * Endpoints whose addresses are those of a name: which addresses they have, by
 * what vantages wrote, and which of them are in answers.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/health_fixture.h"

static struct plan plan;

/* A pool of two endpoints with a name each, and one that has addresses. */
static struct model
two_names(void)
{
	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "abc");
	plan.endpoints[0].resolved = 0;
	plan.endpoints[1].resolved = 1;
	plan.policy.n_resolved = 2;
	return model_create(&plan.policy);
}

/* In a change that is open: ${vantage} says of addresses of endpoint ${name}:
 * "192.0.2.1+ 192.0.2.2-", with ? for unknown and f for up and failed once. */
static void
give_addresses(
    struct model *m, const char *vantage, const char *name, const char *words)
{
	const struct state_endpoint e =
	    row_of(m, vantage, "v1", name, HEALTH_UP);
	struct state_address row = {.checked_ms = m->wall};
	size_t len;

	memcpy(row.vantage, e.vantage, sizeof(row.vantage));
	memcpy(row.zone, e.zone, sizeof(row.zone));
	memcpy(row.pool, e.pool, sizeof(row.pool));
	memcpy(row.endpoint, e.endpoint, sizeof(row.endpoint));
	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		char sign;

		len = strcspn(words, " ");
		sign = words[len - 1];
		snprintf(row.address, sizeof(row.address), "%.*s", (int)len - 1,
		    words);
		row.health = strchr("+f", sign) != NULL ? HEALTH_UP
		    : sign == '-'                       ? HEALTH_DOWN
							: HEALTH_UNKNOWN;
		row.fails = sign == 'f';
		health_address(m->health, &row);
	}
}

/* ${vantage} says what it has of endpoint a; ${full}: that is all there is, but
 * for its own word on the endpoint. */
static void
tell(struct model *m, bool full, const char *vantage, const char *words)
{
	health_begin(m->health, full);
	give_vantage(m, vantage, m->wall, false);
	give(m, vantage, "v1", "a+");
	give_addresses(m, vantage, "a", words);
	health_commit(m->health, m->mono);
}

/* How endpoint ${e} is, and what is answered of it: "+ 192.0.2.1". */
static const char *
answered(const struct model *m, size_t e)
{
	static char text[LIVE_MAX_ADDRESSES * (ADDRESS_TEXT + 1) + 2];
	struct live *live = live_of(m);
	size_t len = 1;

	text[0] = "0x-?+"[live->endpoint[e] - USABLE_EMPTY];
	if (live->presumed[e])
		text[0] = '!';
	text[1] = '\0';
	for (unsigned form = FORM_IPV4; form <= FORM_IPV6; form++) {
		const struct answer_set *set =
		    live_set(live, m->policy, e, (enum answer_form)form);
		const uint8_t *at = set->image;

		for (unsigned i = 0; i < set->count; i++) {
			struct address a = {.family = at[11] == 4 ? 4 : 6};
			char one[ADDRESS_TEXT];

			memcpy(a.bytes, at + 12, at[11]);
			at += 12 + at[11];
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    " %s", address_format(&a, one));
		}
	}
	live_destroy(live);
	return text;
}

START_TEST(votes_are_by_address)
{
	static const struct {
		const char *what, *x, *y, *answered;
	} rows[] = {
	    {"nobody knows one", NULL, NULL, "0"},
	    {"up", "192.0.2.1+", NULL, "+ 192.0.2.1"},
	    {"down: kept for the last resort", "192.0.2.1-", NULL,
		"- 192.0.2.1"},
	    {"what is down is left out", "192.0.2.1- 192.0.2.2+", NULL,
		"+ 192.0.2.2"},
	    {"both families, IPv4 in order first",
		"2001:db8::1+ 192.0.2.9+ 192.0.2.10+", NULL,
		"+ 192.0.2.9 192.0.2.10 2001:db8::1"},
	    {"each that a vantage has", "192.0.2.1+", "192.0.2.2+",
		"+ 192.0.2.1 192.0.2.2"},
	    {"a tie is up", "192.0.2.1+ 192.0.2.2-", "192.0.2.1- 192.0.2.2-",
		"+ 192.0.2.1"},
	    {"who has not got it has no vote", "192.0.2.1-", "192.0.2.2+",
		"+ 192.0.2.2"},
	    {"what is not checked is for when nothing is up",
		"192.0.2.1? 192.0.2.2-", NULL, "? 192.0.2.1"},
	    {"or nothing at all", "192.0.2.1? 192.0.2.2+", NULL, "+ 192.0.2.2"},
	    {"what is no address is nobody's word", "192.0.2.1+ x+ 1.2.3+",
		NULL, "+ 192.0.2.1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_names();

		pass(&m, ROUND);
		if (rows[i].x != NULL)
			tell(&m, false, "x", rows[i].x);
		if (rows[i].y != NULL)
			tell(&m, false, "y", rows[i].y);
		pass(&m, ROUND);
		ck_assert_msg(strcmp(answered(&m, 0), rows[i].answered) == 0,
		    "%s: %s", rows[i].what, answered(&m, 0));
		ck_assert_str_eq(answered(&m, 1), "0");
		health_destroy(m.health);
	}
}
END_TEST

/* An address that nobody knows cannot be answered, whatever is said of the
 * endpoint; one that is known and not judged is up until the first round is
 * over. */
START_TEST(first_rounds_are_as_those_of_endpoints)
{
	struct model m = two_names();

	ck_assert_str_eq(answered(&m, 0), "0");
	ck_assert_str_eq(answered(&m, 2), "!");
	report(&m, "x", "v1", "a+ c?");
	ck_assert_str_eq(answered(&m, 0), "0");
	tell(&m, false, "x", "192.0.2.1? 192.0.2.2?");
	ck_assert_str_eq(answered(&m, 0), "! 192.0.2.1 192.0.2.2");
	pass(&m, ROUND);
	ck_assert_str_eq(answered(&m, 0), "? 192.0.2.1 192.0.2.2");
	tell(&m, false, "x", "192.0.2.1+ 192.0.2.2?");
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1");
	health_destroy(m.health);
}
END_TEST

START_TEST(an_address_goes_when_no_vantage_has_it_any_more)
{
	struct model m = two_names();

	tell(&m, false, "x", "192.0.2.1+ 192.0.2.2+");
	tell(&m, false, "y", "192.0.2.2+ 192.0.2.3+");
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1 192.0.2.2 192.0.2.3");
	/* x has taken .2 away, as a full reading shows. */
	health_begin(m.health, true);
	give_vantage(&m, "x", m.wall, false);
	give_vantage(&m, "y", m.wall, false);
	give(&m, "x", "v1", "a+");
	give_addresses(&m, "x", "a", "192.0.2.1+");
	give(&m, "y", "v1", "a+");
	give_addresses(&m, "y", "a", "192.0.2.2+ 192.0.2.3+");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1 192.0.2.2 192.0.2.3");
	/* And x .1 too. */
	health_begin(m.health, true);
	give_vantage(&m, "x", m.wall, false);
	give_vantage(&m, "y", m.wall, false);
	give(&m, "x", "v1", "a+");
	give(&m, "y", "v1", "a+");
	give_addresses(&m, "y", "a", "192.0.2.2+ 192.0.2.3+");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.2 192.0.2.3");
	health_destroy(m.health);
}
END_TEST

/* Those of vantages that are heard; where none is, what was known. */
START_TEST(the_addresses_of_the_silent_go_while_others_are_heard)
{
	static const struct {
		enum stale_then then;
		const char *after;
	} rows[] = {{STALE_KEEP, "+ 192.0.2.1 192.0.2.2"},
	    {STALE_UP, "+ 192.0.2.1 192.0.2.2"},
	    {STALE_DOWN, "- 192.0.2.1 192.0.2.2"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_names();

		health_configure(m.health, STALE, rows[i].then);
		tell(&m, false, "x", "192.0.2.1+");
		tell(&m, false, "y", "192.0.2.2+");
		pass(&m, STALE - 1000);
		tell(&m, false, "y", "192.0.2.2+");
		ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1 192.0.2.2");
		pass(&m, 2000);
		ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.2");
		pass(&m, STALE);
		ck_assert_str_eq(answered(&m, 0), rows[i].after);
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(the_addresses_of_the_blind_are_for_when_there_are_no_others)
{
	struct model m;

	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "abcd");
	plan.endpoints[0].resolved = 0;
	plan.endpoints[1].resolved = 1;
	plan.policy.n_resolved = 2;
	m = model_create(&plan.policy);
	for (unsigned i = 0; i < 20; i++) {
		health_begin(m.health, false);
		give_vantage(&m, "x", m.wall, false);
		give_vantage(&m, "y", m.wall, false);
		give(&m, "x", "v1", "a- b- c- d-");
		give_addresses(&m, "x", "a", "192.0.2.1+");
		give_addresses(&m, "x", "b", "192.0.2.7+");
		give(&m, "y", "v1", "a+ b+ c+ d+");
		give_addresses(&m, "y", "a", "192.0.2.2+");
		health_commit(m.health, m.mono);
		pass(&m, 1000);
	}
	ck_assert(vantage_of(&m, "x").blind);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.2");
	ck_assert_str_eq(answered(&m, 1), "+ 192.0.2.7");
	health_destroy(m.health);
}
END_TEST

START_TEST(without_a_check_each_address_is_up)
{
	struct model m;

	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "ab");
	plan.endpoints[0].check = plan.endpoints[1].check = STEERING_NONE;
	plan.endpoints[0].resolved = 0;
	plan.policy.n_resolved = 1;
	m = model_create(&plan.policy);
	ck_assert_str_eq(answered(&m, 0), "0");
	ck_assert_str_eq(answered(&m, 1), "+");
	health_begin(m.health, false);
	give_vantage(&m, "x", m.wall, false);
	give_addresses(&m, "x", "a", "192.0.2.1? 192.0.2.2?");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1 192.0.2.2");
	/* Nobody looks at them again, and nothing is overdue. */
	for (unsigned i = 0; i < 60; i++) {
		pass(&m, STALE / 2);
		beat(&m, "x");
	}
	health_begin(m.health, false);
	give_vantage(&m, "y", m.wall, false);
	give_addresses(&m, "y", "a", "192.0.2.3?");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1 192.0.2.2 192.0.2.3");
	health_destroy(m.health);
}
END_TEST

/* An address that has begun to fail is to leave the answers soon. */
START_TEST(a_change_of_an_address_is_pending)
{
	struct model m = two_names();

	tell(&m, false, "x", "192.0.2.1+ 192.0.2.2+");
	ck_assert_uint_eq(pending_of(&m), LIVE_NOT_PENDING);
	tell(&m, false, "x", "192.0.2.1+ 192.0.2.2f");
	ck_assert_uint_eq(pending_of(&m), 10);
	health_destroy(m.health);
}
END_TEST

/* Whatever the database holds, there is an end to it. */
START_TEST(there_are_no_more_than_are_kept)
{
	struct model m = two_names();
	struct live *live;

	health_begin(m.health, false);
	give_vantage(&m, "x", m.wall, false);
	for (unsigned i = 0; i < 2 * LIVE_MAX_KNOWN; i++) {
		char word[32];

		snprintf(word, sizeof(word), "192.0.2.%u+", i % 256);
		give_addresses(&m, "x", "a", word);
	}
	health_commit(m.health, m.mono);
	live = live_of(&m);
	ck_assert_uint_eq(live->resolved[0].n, LIVE_MAX_KNOWN);
	ck_assert_uint_eq(
	    live_set(live, m.policy, 0, FORM_IPV4)->count, LIVE_MAX_ADDRESSES);
	live_destroy(live);
	health_destroy(m.health);
}
END_TEST

/* A name whose address is another one each day for a year is followed. */
START_TEST(addresses_that_are_gone_take_no_room)
{
	struct model m = two_names();

	for (unsigned i = 0; i < 3 * LIVE_MAX_KNOWN; i++) {
		char word[32], answer[32];

		snprintf(
		    word, sizeof(word), "192.0.%u.%u+", i / 200, 1 + i % 200);
		snprintf(answer, sizeof(answer), "+ 192.0.%u.%u", i / 200,
		    1 + i % 200);
		tell(&m, true, "x", word);
		ck_assert_str_eq(answered(&m, 0), answer);
	}
	health_destroy(m.health);
}
END_TEST

/* A pool that gets a name by a reload has it as any new endpoint. */
START_TEST(a_reload_takes_addresses_along)
{
	struct model m = two_names();

	tell(&m, false, "x", "192.0.2.1+");
	model_adopt(&m, &plan.policy);
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1");
	tell(&m, true, "x", "192.0.2.1+");
	ck_assert_str_eq(answered(&m, 0), "+ 192.0.2.1");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: addresses");
	TCase *tc = tcase_create("addresses");

	tcase_add_test(tc, votes_are_by_address);
	tcase_add_test(tc, first_rounds_are_as_those_of_endpoints);
	tcase_add_test(tc, an_address_goes_when_no_vantage_has_it_any_more);
	tcase_add_test(
	    tc, the_addresses_of_the_silent_go_while_others_are_heard);
	tcase_add_test(
	    tc, the_addresses_of_the_blind_are_for_when_there_are_no_others);
	tcase_add_test(tc, without_a_check_each_address_is_up);
	tcase_add_test(tc, a_change_of_an_address_is_pending);
	tcase_add_test(tc, there_are_no_more_than_are_kept);
	tcase_add_test(tc, addresses_that_are_gone_take_no_room);
	tcase_add_test(tc, a_reload_takes_addresses_along);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
