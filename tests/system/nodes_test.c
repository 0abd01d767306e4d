/*
 * What each of two nodes tells of the other: whether its files are the same.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/share_pair.h"

/* How many differ in what they serve; and that all say what, and where they are
 * asked. */
#define PRINTS                                                               \
	"select count(distinct zones || steering), min(length(geography)), " \
	"min(address) like '127.%:%' from node"

/* Node "b" has a record more. */
static void
change_b(struct pair *p)
{
	char members[256];

	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	harness_write(p->h, "b.zone",
	    "$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\n"
	    "ns A 127.0.0.1\nmore A 127.0.0.2\n");
	harness_write(p->h, "b.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: b.db\n"
	    "vantage: other\nnode: b\nshare: {etcd: [%s], lease: 2s}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: b.zone, "
	    "steering: inference.yaml}\n",
	    p->b_port, p->b_http, members);
}

START_TEST(each_node_knows_what_the_other_serves)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	HARNESS_WAIT(30000, pair_same(&p, "a", PRINTS, "1|16|1\n"));
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint"), 0);
	change_b(&p);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint"), 1);
	ck_assert_msg(strstr(out, "meridianctl reload") != NULL, "%s", out);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "reload"), 0);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint", "--json"), 0);
	ck_assert_msg(strstr(out, "\"differs\": false") != NULL, "%s", out);
	HARNESS_WAIT(30000, pair_same(&p, "a", PRINTS, "2|16|1\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nodes");
	Suite *suite = suite_create("nodes");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_node_knows_what_the_other_serves);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
