/*
 * The third part of the table of the ladder (steps.c): what is laid over
 * health, each row with the words in which explain says what it did.
 */
#include "steering/ladder.h"

#include "tests/unit/steering_steps.h"

static const struct row rows[] = {
    {.what = "a region that is drained is passed over",
	.service = "{pool: v1}",
	.health = "n1 drained",
	.gets = "s1 /16 60 s",
	.step = STEP_USABLE,
	.says = "v1: north 0 of 1 up (1 drained), south 1 of 1 up, far 1 of 1 "
		"up"},
    {.what = "and what of it is not",
	.service = "{pool: big}",
	.health = "b2 drained, b3 drained, b4 drained",
	.client = BRANCH,
	.gets = "b1 /15 60 s",
	.step = STEP_USABLE,
	.says = "big: south 1 of 4 up (3 drained), north 1 of 1 up"},
    {.what = "what is drained is taken after all that is down",
	.service = "{pool: v1}",
	.health = "n1 drained, s1 down, f1 down",
	.gets = "s1 /16 5 s",
	.step = STEP_RESORT,
	.says = "all: every endpoint counts as up"},
    {.what = "only where nothing else is left",
	.service = "{pool: v1}",
	.health = "all drained",
	.gets = "n1 /16 5 s",
	.step = STEP_RESORT,
	.says = "all: nothing else is left: what is drained counts too"},
    {.what = "no last resort but all takes it",
	.service = "{pool: v1, last_resort: [servfail]}",
	.health = "all drained",
	.gets = "SERVFAIL /16 5 s",
	.step = STEP_RESORT,
	.says = "servfail: SERVFAIL"},
    {.what = "it is taken inside a hard fence",
	.service = "{pool: v1, fence: [{clients: all, regions: [north], hard: "
		   "true}]}",
	.health = "n1 drained",
	.gets = "n1 /0 5 s",
	.step = STEP_RESORT,
	.says = "all: nothing else is left: what is drained counts too"},
    {.what = "a soft one is lifted before",
	.service = "{pool: v1, fence: [{clients: all, regions: [north]}]}",
	.health = "n1 drained, s1 down, f1 down",
	.gets = "s1 /16 5 s",
	.step = STEP_RESORT,
	.says = "all: nothing is inside the fence, which is soft: it is "
		"lifted"},
    {.what = "pools without a weight go before it",
	.service = "{split: {v1: 1, spare: 0}}",
	.health = "s1 drained, n1 drained, f1 drained, f3 down",
	.gets = "f3 /16 5 s",
	.step = STEP_SPLIT,
	.says = "spare: the only pool without a weight"},
    {.what = "part of a weight",
	.service = "{pool: big}",
	.health = "b2 weighs 0, b3 weighs 0, b4 weighs 0, b1 weighs 512",
	.client = BRANCH,
	.gets = "b1 /15 60 s",
	.step = STEP_PICK,
	.says = "b1 (50 % of its weight): the only one that is usable"},
    {.what = "a keep that falls",
	.service = "{pool: v1}",
	.health = "n1 keeps 99 moves -1",
	.gets = "n1 /22 16 s",
	.step = STEP_SPILL,
	.says = "north keeps positions before 99 % now, and fewer by and by: "
		"position "
		"98.708165 % in the block 20.0.0.0/14: kept, for 17 s"},
    {.what = "a keep that rises",
	.service = "{pool: v1}",
	.health = "n1 keeps 98 moves 1",
	.gets = "s1 /22 38 s",
	.step = STEP_SPILL,
	.says = "north keeps positions before 98 % now, and more by and by: "
		"position "
		"98.708165 % in the block 20.0.0.0/14: goes on to the next, "
		"for 42 s"},
    {.what = "a border that moved, and will move on",
	.service = "{split: {v1: 95, v2: 5}}",
	.health = "s2 shifts 10 to 90 in 20",
	.gets = "n1 /16 16 s",
	.step = STEP_SPLIT,
	.says =
	    "position 50.856236 % in the block 20.0.0.0/14: v1 (v1 from 0 % to "
	    "90 %, v2 from 90 % to 100 %), v2 after the next step"},
    {.what = "all was shifted away",
	.service = "{split: {v1: 95, v2: 5}}",
	.health = "s2 shifts 100 to 100 in 20",
	.gets = "s2 /14 60 s",
	.step = STEP_SPLIT,
	.says = "position 50.856236 % in the block 20.0.0.0/14: v2 (v1 no "
		"positions, "
		"v2 from 0 % to 100 %)"},
};

START_TEST(each_step_comes_to_what_it_says)
{
	check_row(&rows[_i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: steps laid over health");
	TCase *tc = tcase_create("steps");

	tcase_add_loop_test(tc, each_step_comes_to_what_it_says, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
