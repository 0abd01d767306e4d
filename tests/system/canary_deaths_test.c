/*
 * A canary that walks by itself while the real programs are killed at random
 * points: the outcome is the same as without.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/full.h"
#include "tests/system/canary.h"

START_TEST(death_changes_nothing)
{
	unsigned seed = 1;

	for (uint64_t i = 0; i < full_size(1, 12); i++) {
		bool well = i % 2 == 0;
		struct harness *h = harness_create();
		struct node node;
		int64_t end = harness_ms() + 150000;
		double share = 0;

		canary_start(&node, h, CANARY_RAMP);
		while (!canary_is_at(&node, "done", "0.2") &&
		    !canary_is_at(&node, "back", "0.0")) {
			int64_t until =
			    harness_ms() + 4000 + rand_r(&seed) % 5000;

			ck_assert_int_lt(harness_ms(), end);
			while (harness_ms() < until) {
				double now = strtod(
				    node_sql(&node, "SELECT share FROM ramp"),
				    NULL);

				/* Never back and forth. */
				ck_assert(now >= share || (!well && now == 0));
				share = now;
				if (!well && share > 0.09)
					node_order(&node, 1, "errors=0.3");
				harness_pause();
			}
			if (rand_r(&seed) % 3 > 0) {
				harness_kill(h, node.probe);
				node_check(&node);
			}
			if (rand_r(&seed) % 3 > 0) {
				harness_kill(h, node.server);
				node_serve(&node);
			}
		}
		ck_assert(canary_is_at(
		    &node, well ? "done" : "back", well ? "0.2" : "0.0"));
		if (well)
			HARNESS_WAIT(10000, canary_count(&node) > 22);
		else
			HARNESS_WAIT(10000, canary_count(&node) == 0);
		canary_stop(&node);
	}
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"death", death_changes_nothing, 180},
	};

	return harness_main(
	    "canary deaths", cases, sizeof(cases) / sizeof(cases[0]));
}
