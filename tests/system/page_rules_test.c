/*
 * The rules of axe-core, for people who read the status page in other ways than
 * by eye and pointer, hold at each of its sizes, in light and dark.  Skipped
 * where axe-core could not be had: see tests/browser/axe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/system/page.h"

START_TEST(test_rules)
{
	struct harness *h = harness_create();
	struct node node;

	page_start(&node, h, true);
	node_order(&node, PAGE_EU, "health=down");
	page_end(&node,
	    page_begin(&node, "rules", harness_built(h, "axe.min.js"), NULL));
	page_stop(&node);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"rules", test_rules, 180},
	};
	const char *build = getenv("B");
	char path[4096];

	snprintf(path, sizeof(path), "%s/axe.min.js",
	    build != NULL ? build : "build");
	if (!page_browser())
		return 77;
	if (access(path, R_OK) != 0) {
		printf("axe-core is not here: no package registry was in "
		       "reach when it was built\n");
		return 77;
	}
	return harness_main(
	    "page_rules", cases, sizeof(cases) / sizeof(cases[0]));
}
