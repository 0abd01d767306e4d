/*
 * An etcd that answers and renews leases, but takes nothing: nodes do not take
 * what was said before for fresh.
 */
#include <check.h>
#include <string.h>

#include "tests/system/share_pair.h"

#define CUT(node) "select cut_ms > 0 from node where name = '" node "'"

#define LIVE "select lease_until_ms > 0 from vantage where name = 'other'"

/* With no space left etcd has an alarm, and refuses all that is written. */
static void
alarm_space(struct pair *p, const char *action)
{
	const char *out = etcd_post(&p->etcd, 0, "/v3/maintenance/alarm",
	    "{\"action\":\"%s\",\"alarm\":\"NOSPACE\"}", action);

	ck_assert_msg(strstr(out, "NOSPACE") != NULL, "%s", out);
}

/* The finding has the word, not only what is listed below. */
static bool
cut_says(const char *out, const char *word)
{
	const char *finding = strstr(out, "NODE CUT OFF: ");
	const char *end = finding != NULL ? strstr(finding, "\n\n") : NULL;
	const char *at = finding != NULL ? strstr(finding, word) : NULL;

	return at != NULL && end != NULL && at < end;
}

START_TEST(etcd_without_space_cuts_nodes_off)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	alarm_space(&p, "ACTIVATE");
	HARNESS_WAIT(60000,
	    pair_same(&p, "a", CUT("a"), "1\n") &&
		pair_same(&p, "b", CUT("b"), "1\n"));
	ck_assert_int_eq(node_ctl(&p.a, &out, "status", "--all"), 1);
	ck_assert_msg(
	    strstr(node_unwrap(out), "space exceeded") != NULL, "%s", out);
	/* And at first sight. */
	ck_assert_int_eq(node_ctl(&p.a, &out, "status"), 1);
	ck_assert_msg(cut_says(out, "exceeded"), "%s", out);
	/* Nobody hears what b finds. */
	HARNESS_WAIT(20000, pair_same(&p, "a", LIVE, "0\n"));
	HARNESS_WAIT(20000,
	    (node_ctl(&p.a, &out, "status"),
		strstr(node_unwrap(out),
		    "other, the lease of its node b has ended") != NULL));
	alarm_space(&p, "DEACTIVATE");
	HARNESS_WAIT(60000,
	    pair_same(&p, "a", CUT("a"), "\n") &&
		pair_same(&p, "b", CUT("b"), "\n"));
	HARNESS_WAIT(20000, pair_same(&p, "a", LIVE, "1\n"));
	/* The trouble is over for those who heard of it, too. */
	HARNESS_WAIT(20000,
	    pair_same(
		&p, "a", "select count(*) from node where link <> ''", "0\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"etcd_without_space_cuts_nodes_off",
		etcd_without_space_cuts_nodes_off, 240},
	};

	return harness_main(
	    "share_refused", cases, sizeof(cases) / sizeof(cases[0]));
}
