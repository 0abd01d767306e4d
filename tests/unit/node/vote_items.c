/* Who counts of the vantages that judged an endpoint, and why the others do
 * not, as people are told. */
#include "node/vote_items.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What each says of an endpoint in eu: two vantages in eu, one in us, one in
 * ap, one in no region. */
static const struct {
	const char *name, *region;
} seen_from[] = {{"a", "eu"}, {"b", "eu"}, {"c", "us"}, {"d", "ap"}, {"e", ""}};
#define N (sizeof(seen_from) / sizeof(seen_from[0]))

/* By vantage: U up, D down, - no opinion; and s stale, e ended, b blind, n of
 * another node. */
static const struct {
	const char *says, *state;
	bool regions, cut;
	unsigned near;
	const char *votes;
} rows[] = {
    {"UUUUU", ".....", false, false, 0, "+a+b+c+d+e"},
    {"UDUDU", ".....", false, false, 0, "+a+c+e-b-d"},
    {"U-UUU", ".....", false, false, 0, "+a+c+d+e b(no opinion)"},
    {"UUUUU", ".seb.", false, false, 0, "+a+e b(stale) c(ended) d(blind)"},
    {"DUUUU", "b....", false, false, 0, "+b+c+d+e-a"},
    {"UUUDU", ".....", false, false, 3, "+a+b+c d(farther) e(farther)"},
    {"UUUDU", "..s..", false, false, 3, "+a+b-d c(stale) e(farther)"},
    {"UDUDU", ".....", true, false, 2, "+a+c-b d(farther) e(farther)"},
    {"UDUUU", ".n...", false, true, 0,
	"+a b(cut off) c(cut off) d(cut off) e(cut off)"},
};

static struct policy_region regions[] = {
    {.name = "eu"}, {.name = "us"}, {.name = "ap"}};
static struct policy_check check;
static struct policy_endpoint endpoint = {.check = 0, .region = 0};
static const struct policy policy = {.regions = regions,
    .n_regions = 3,
    .checks = &check,
    .n_checks = 1,
    .endpoints = &endpoint,
    .n_endpoints = 1};

static void
add_list(struct text *out, const json_t *list, char sign)
{
	const json_t *name;
	size_t i;

	json_array_foreach(list, i, name)
	{
		text_add(out, "%c%s", sign, json_string_value(name));
	}
}

static void
fill(struct vantages *all, struct load_opinion *opinions, const char *says,
    const char *state)
{
	all->n = N;
	for (size_t i = 0; i < N; i++) {
		struct health_vantage *v = &all->of[i];

		*v = (struct health_vantage){.state = VANTAGE_FRESH};
		snprintf(v->name, sizeof(v->name), "%s", seen_from[i].name);
		snprintf(
		    v->region, sizeof(v->region), "%s", seen_from[i].region);
		if (state[i] == 's')
			v->state = VANTAGE_STALE;
		v->ended = state[i] == 'e';
		v->blind = state[i] == 'b';
		if (state[i] == 'n')
			snprintf(v->node, sizeof(v->node), "other");
		memcpy(opinions[i].vantage, v->name, sizeof(v->name));
		opinions[i].health = says[i] == 'U' ? HEALTH_UP
		    : says[i] == 'D'                ? HEALTH_DOWN
						    : HEALTH_UNKNOWN;
	}
}

START_TEST(who_counts_is_told)
{
	struct vantages *all = calloc(1, sizeof(*all) + N * sizeof(all->of[0]));
	struct loads_look look = {.vantages = all, .cut = rows[_i].cut};
	struct load_opinion opinions[N];
	const char *name;
	json_t *votes, *why;
	struct text text;

	ck_assert_ptr_nonnull(all);
	regions[0].at = place_point(53, -6);
	regions[1].at = place_point(39, -77);
	regions[2].at = place_point(35, 139);
	check.quorum_regions = rows[_i].regions;
	check.quorum_near = rows[_i].near;
	fill(all, opinions, rows[_i].says, rows[_i].state);
	votes = vote_items_of(&look, &policy, 0, opinions, N);
	text_init(&text, 4096);
	add_list(&text, json_object_get(votes, "up"), '+');
	add_list(&text, json_object_get(votes, "down"), '-');
	json_object_foreach(json_object_get(votes, "aside"), name, why)
	{
		text_add(&text, " %s(%s)", name, json_string_value(why));
	}
	ck_assert_str_eq(text.data, rows[_i].votes);
	text_finish(&text);
	json_decref(votes);
	free(all);
}
END_TEST

START_TEST(without_a_check_nobody_votes)
{
	struct loads_look look = {.vantages = NULL};
	json_t *votes;

	endpoint.check = STEERING_NONE;
	votes = vote_items_of(&look, &policy, 0, NULL, 0);
	ck_assert(json_is_null(votes));
	endpoint.check = 0;
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_vote_items");
	TCase *tcase = tcase_create("votes");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, who_counts_is_told, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, without_a_check_nobody_votes);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
