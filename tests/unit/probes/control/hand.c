/* What operators said of a pool that is controlled, as its controllers see it.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "probes/control/hand.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define NOW INT64_C(1000000)
#define WALL INT64_C(1700000000000)

static struct region_config regions[] = {{.name = "east"}, {.name = "west"}};
static const char *const services[] = {"chat.test.example"};
static const struct control_endpoint endpoint = {.name = "e1", .region = 1};
static const struct control_pool pool = {.zone = "test.example",
    .name = "v1",
    .file = {.regions = regions, .n_regions = 2},
    .endpoints = &endpoint,
    .n = 1,
    .services = services,
    .n_services = 1};

/* One override; which regions it freezes, what it says of the endpoint and
 * whether that keeps its factor. */
static const struct {
	const char *action, *kind, *target, *value;
	int64_t ramp_ms;
	uint64_t frozen;
	enum hand_state state;
	bool holds;
} rows[] = {
    {"drain", "region", "west", "", 0, 0, HAND_DOWN, true},
    {"drain", "region", "east", "", 0, 0, HAND_NOTHING, false},
    {"drain", "endpoint", "v1/e1", "", 0, 0, HAND_DOWN, true},
    {"drain", "endpoint", "e1", "", 60000, 0, HAND_NOTHING, true},
    {"drain", "service", "chat.test.example", "", 0, 0, HAND_DOWN, true},
    {"force", "pool", "v1", "up", 0, 0, HAND_UP, true},
    {"force", "pool", "v*", "down", 0, 0, HAND_DOWN, true},
    {"force", "pool", "v2", "down", 0, 0, HAND_NOTHING, false},
    {"weight", "endpoint", "e1", "10%", 0, 0, HAND_NOTHING, true},
    {"weight", "endpoint", "e2", "10%", 0, 0, HAND_NOTHING, false},
    {"weight", "endpoint", "e1", "off", 0, 0, HAND_NOTHING, false},
    {"freeze", "region", "west", "on", 0, 2, HAND_NOTHING, false},
    {"freeze", "pool", "test.example/v1", "on", 0, UINT64_MAX, HAND_NOTHING,
	false},
    {"freeze", "pool", "v1", "off", 0, 0, HAND_NOTHING, false},
};

START_TEST(one_override)
{
	struct state_override row = {.number = 1,
	    .at_ms = WALL,
	    .length_ms = -1,
	    .ramp_ms = rows[_i].ramp_ms,
	    .sequence = 1};
	struct overrides o;

	snprintf(row.action, sizeof(row.action), "%s", rows[_i].action);
	snprintf(row.kind, sizeof(row.kind), "%s", rows[_i].kind);
	snprintf(row.target, sizeof(row.target), "%s", rows[_i].target);
	snprintf(row.value, sizeof(row.value), "%s", rows[_i].value);
	overrides_init(&o);
	overrides_begin(&o, true);
	overrides_take(&o, &row, NOW, WALL);
	overrides_commit(&o);
	ck_assert_uint_eq(hand_frozen(&o, &pool, NOW + 1), rows[_i].frozen);
	ck_assert_int_eq(
	    hand_endpoint(&o, &pool, &endpoint, NOW + 1), rows[_i].state);
	ck_assert(hand_holds(&o, &pool, &endpoint, NOW + 1) == rows[_i].holds);
	overrides_finish(&o);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_control_hand");
	TCase *tcase = tcase_create("hand");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, one_override, 0, (int)N(rows));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
